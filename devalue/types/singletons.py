"""``undefined`` and ``hole``: the two absences that Python's None does not cover."""

from __future__ import annotations

from typing import ClassVar, Final, Self, final

__all__ = ["Hole", "Undefined", "hole", "undefined"]


class _Singleton:
    """One falsy instance per class, which copying and pickling give back."""

    __slots__ = ()
    _instance: ClassVar[Self | None] = None
    _name: ClassVar[str]

    def __new__(cls) -> Self:
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return self._name

    def __reduce__(self) -> str:
        return self._name


@final
class Undefined(_Singleton):
    """The type of ``undefined``, JavaScript's second nothing (ECMAScript 6.1.1)."""

    __slots__ = ()
    _name = "undefined"


@final
class Hole(_Singleton):
    """The type of ``hole``: an index of an array at which there is nothing, not even ``undefined``."""

    __slots__ = ()
    _name = "hole"


undefined: Final = Undefined()
hole: Final = Hole()
