"""Primitives that need a type of their own: BigInt, and primitives boxed in an object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, SupportsIndex, SupportsInt

__all__ = ["BigInt", "Boxed"]


class BigInt(int):
    """A JavaScript bigint: an int that is written as ``10n``, never as a number.

    It compares, hashes and computes as the int that it is; the result of arithmetic is a plain int.

    Raises:
        ValueError: a float that is no integer, or a text that is none (ECMAScript 21.2.1.1).
    """

    __slots__ = ()

    def __new__(cls, value: str | SupportsInt | SupportsIndex = 0, /) -> Self:
        if isinstance(value, float) and not value.is_integer():
            raise ValueError(f"BigInt takes an integer, not {value!r}")
        return super().__new__(cls, value)

    def __repr__(self) -> str:
        try:
            return f"BigInt({int.__repr__(self)})"
        except ValueError:  # more decimal digits than Python converts (sys.set_int_max_str_digits)
            return f"BigInt({hex(self)})"

    def __str__(self) -> str:
        return int.__repr__(self)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Boxed:
    """A primitive in an object: ``new String("a")``, ``Object(1n)``.

    JavaScript keeps it apart from the bare primitive, and two boxes of the same value apart from each other;
    here two boxes are equal when their values are of one kind and equal.

    Raises:
        TypeError: the value is no string, boolean, number or BigInt.
    """

    value: str | bool | int | float | BigInt

    def __post_init__(self) -> None:
        if not isinstance(self.value, (str, int, float)):
            raise TypeError(f"only a str, bool, int, float or BigInt can be boxed, not {type(self.value).__name__}")

    def _kind(self) -> type:
        for kind in (bool, BigInt, str):
            if isinstance(self.value, kind):
                return kind
        return float

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Boxed):
            return NotImplemented
        return self._kind() is other._kind() and self.value == other.value

    def __hash__(self) -> int:
        return hash((self._kind(), self.value))

    def __repr__(self) -> str:
        return f"Boxed({self.value!r})"
