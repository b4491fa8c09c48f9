"""SparseArray: an array most of which is not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableSequence
from reprlib import recursive_repr
from typing import Any, SupportsIndex, overload

from devalue.types.singletons import hole

__all__ = ["MAX_LENGTH", "SparseArray"]

MAX_LENGTH = 2**32 - 1  # ECMAScript 10.4.2, array exotic objects


class SparseArray(MutableSequence[Any]):
    """A JavaScript array with holes that allocates only what is there.

    An index at which there is nothing reads as ``hole``; storing ``hole`` empties an index. Iteration gives the
    holes too; ``items()`` only what is there. Equal to a SparseArray or list of the same content.

    Args:
        length: 0 to 2**32 - 1.
        items: a mapping of index to value, or pairs.

    Raises:
        ValueError: a length beyond the limit.
        IndexError: an index outside the length.
    """

    __slots__ = ("__weakref__", "_items", "_length")
    _items: dict[int, Any]
    _length: int

    def __init__(self, length: int = 0, items: Mapping[int, Any] | Iterable[tuple[int, Any]] = (), /) -> None:
        self._length = _checked_length(length)
        self._items = {}
        for index, value in items.items() if isinstance(items, Mapping) else items:
            self[index] = value

    @property
    def length(self) -> int:
        """The length; setting a smaller one drops what lies beyond, as in JavaScript."""
        return self._length

    @length.setter
    def length(self, length: int) -> None:
        length = _checked_length(length)
        if length < self._length:
            self._items = {index: value for index, value in self._items.items() if index < length}
        self._length = length

    def items(self) -> list[tuple[int, Any]]:
        """What is there: ``(index, value)``, ascending."""
        return sorted(self._items.items(), key=lambda item: item[0])

    def _position(self, index: SupportsIndex) -> int:
        position = index.__index__()
        if position < 0:
            position += self._length
        if not 0 <= position < self._length:
            raise IndexError(f"index {index} is outside this array of length {self._length}")
        return position

    @overload
    def __getitem__(self, index: SupportsIndex) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> SparseArray: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        if not isinstance(index, slice):
            return self._items.get(self._position(index), hole)
        positions = range(self._length)[index]
        found = ((positions.index(at), value) for at, value in self._items.items() if at in positions)
        return SparseArray(len(positions), found)

    def __setitem__(self, index: SupportsIndex | slice, value: Any) -> None:
        position = self._position(_no_slice(index))
        if value is hole:
            self._items.pop(position, None)
        else:
            self._items[position] = value

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        self._shift(self._position(_no_slice(index)), -1)

    def insert(self, index: SupportsIndex, value: Any) -> None:
        position = min(max(index.__index__() + (self._length if index.__index__() < 0 else 0), 0), self._length)
        self._shift(position, 1)
        self[position] = value

    def _shift(self, position: int, by: int) -> None:
        """Make room for one item at a position (by 1), or take the one there out (by -1)."""
        length = _checked_length(self._length + by)
        if by < 0:
            self._items.pop(position, None)
        self._items = {at + by if at >= position else at: value for at, value in self._items.items()}
        self._length = length

    def append(self, value: Any) -> None:
        self.length += 1
        self[-1] = value

    def clear(self) -> None:
        self._items = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        index = 0
        while index < self._length:
            yield self._items.get(index, hole)
            index += 1

    def __contains__(self, value: object) -> bool:
        if value is hole:
            return len(self._items) < self._length
        return any(item is value or item == value for item in self._items.values())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, SparseArray):
            return self._length == other._length and self._items == other._items
        if isinstance(other, list):
            there = {index: value for index, value in enumerate(other) if value is not hole}
            return self._length == len(other) and self._items == there
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    @recursive_repr("SparseArray(...)")
    def __repr__(self) -> str:
        return f"SparseArray({self._length}, {dict(self.items())!r})"

    def __copy__(self) -> SparseArray:
        return SparseArray(self._length, self._items)

    copy = __copy__

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._length,), self.items()

    def __setstate__(self, items: list[tuple[int, Any]]) -> None:
        self._items = dict(items)


def _checked_length(length: int) -> int:
    if not 0 <= length <= MAX_LENGTH:
        raise ValueError(f"the length of an array is 0 to {MAX_LENGTH}, not {length}")
    return length


def _no_slice(index: SupportsIndex | slice) -> SupportsIndex:
    if isinstance(index, slice):
        raise TypeError("a slice of a SparseArray can only be read")
    return index
