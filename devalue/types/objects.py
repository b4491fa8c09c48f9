"""Objects without a prototype."""

from __future__ import annotations

from typing import Any

__all__ = ["NullObject"]


class NullObject(dict[str, Any]):
    """``Object.create(null)``: a dict that stays apart from a plain object on the wire."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"NullObject({super().__repr__()})"

    def copy(self) -> NullObject:
        return NullObject(self)

    __copy__ = copy
