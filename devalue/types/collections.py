"""Map and Set: insertion order, keys of any kind, told apart as JavaScript does.

Both have two states. As parsed, the content is a flat list, which costs nothing to make and to write again; the
first look-up turns it into an index, a dict under SameValueZero keys. Never both for longer than that turn.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, Mapping, MutableMapping, MutableSet
from itertools import chain
from reprlib import recursive_repr
from typing import Any, TypeVar, overload

from devalue.types.keys import canonical, is_primitive, normal_key, normal_keys

__all__ = ["Map", "Set"]

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class Map(MutableMapping[K, V]):
    """A JavaScript Map: a mutable mapping whose keys may be anything.

    Keys are told apart by SameValueZero (ECMAScript 7.2.10): ``1``, ``True``, ``"1"`` and ``BigInt(1)`` are four
    keys, NaN is one key, and lists, dicts, dates, tuples and other objects are keys by identity. Equal to another
    Map, or a dict, of the same content; keys that go by identity are then compared by ``==``, in order.

    Args:
        source: a mapping, or an iterable of ``(key, value)``.
    """

    __slots__ = ("__weakref__", "_flat", "_index")
    _flat: list[Any] | None
    _index: dict[Any, tuple[K, V]] | None

    def __init__(self, source: Mapping[K, V] | Iterable[tuple[K, V]] = (), /) -> None:
        pairs = source.items() if isinstance(source, Mapping) else source
        index = {normal_key(key): (canonical(key), value) for key, value in pairs}
        self._index = index
        self._flat = None

    def _indexed(self) -> dict[Any, tuple[K, V]]:
        index = self._index
        if index is None:
            flat = self._flat or []
            keys = flat[::2]
            entries = zip(normal_keys(keys), keys, flat[1::2], strict=True)
            index = {normal: (canonical(key), value) for normal, key, value in entries}
            self._index = index
            self._flat = None
        return index

    def _flat_items(self) -> list[Any]:
        """``[key, value, key, value, …]``; not to be changed."""
        flat = self._flat
        return list(chain.from_iterable(self._indexed().values())) if flat is None else flat

    def __getitem__(self, key: K) -> V:
        try:
            return self._indexed()[normal_key(key)][1]
        except KeyError:
            raise KeyError(key) from None

    def __setitem__(self, key: K, value: V) -> None:
        index = self._indexed()
        normal = normal_key(key)
        old = index.get(normal)
        index[normal] = (canonical(key) if old is None else old[0], value)

    def __delitem__(self, key: K) -> None:
        try:
            del self._indexed()[normal_key(key)]
        except KeyError:
            raise KeyError(key) from None

    def __contains__(self, key: object) -> bool:
        return normal_key(key) in self._indexed()

    def __iter__(self) -> Iterator[K]:
        return (pair[0] for pair in self._indexed().values())

    def __reversed__(self) -> Iterator[K]:
        return (pair[0] for pair in reversed(self._indexed().values()))

    def __len__(self) -> int:
        return len(self._indexed())

    @overload
    def get(self, key: K, /) -> V | None: ...
    @overload
    def get(self, key: K, /, default: V | D) -> V | D: ...
    def get(self, key: K, /, default: Any = None) -> Any:
        pair = self._indexed().get(normal_key(key))
        return default if pair is None else pair[1]

    def items(self) -> ItemsView[K, V]:
        return _MapItems(self)

    def clear(self) -> None:
        self._index = {}
        self._flat = None

    def copy(self) -> Map[K, V]:
        """A shallow copy."""
        return Map(self.items())

    __copy__ = copy

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Map, dict)):
            return NotImplemented
        return self is other or _content(self.items()) == _content(other.items())

    __hash__ = None  # type: ignore[assignment]

    @recursive_repr("Map(...)")
    def __repr__(self) -> str:
        return f"Map({list(self.items())!r})" if self else "Map()"

    def __reduce__(self) -> tuple[Any, ...]:
        # The content is state, not an argument: then a Map that holds itself can be copied and pickled.
        return type(self), (), list(chain.from_iterable(self._indexed().values()))

    def __setstate__(self, flat: list[Any]) -> None:
        self._flat = flat
        self._index = None


class _MapItems(ItemsView[K, V]):
    """The items of a Map without a look-up for each."""

    __slots__ = ()
    _mapping: Map[K, V]

    def __iter__(self) -> Iterator[tuple[K, V]]:
        return iter(self._mapping._indexed().values())


T = TypeVar("T")


class Set(MutableSet[T]):
    """A JavaScript Set: insertion order, items of any kind, told apart as the keys of a Map are.

    Equal to another Set, a set or a frozenset of the same content; items that go by identity are then compared by
    ``==``, in order.

    Args:
        source: an iterable of items.
    """

    __slots__ = ("__weakref__", "_flat", "_index")
    _flat: list[T] | None
    _index: dict[Any, T] | None

    def __init__(self, source: Iterable[T] = (), /) -> None:
        self._index = {}
        self._flat = None
        self.update(source)

    def _indexed(self) -> dict[Any, T]:
        index = self._index
        if index is None:
            index = {}
            flat = self._flat or []
            for normal, item in zip(normal_keys(flat), flat, strict=True):
                index.setdefault(normal, canonical(item))
            self._index = index
            self._flat = None
        return index

    def _flat_items(self) -> list[T]:
        """``[item, item, …]``; not to be changed."""
        flat = self._flat
        return list(self._indexed().values()) if flat is None else flat

    def __contains__(self, item: object) -> bool:
        return normal_key(item) in self._indexed()

    def __iter__(self) -> Iterator[T]:
        return iter(self._indexed().values())

    def __reversed__(self) -> Iterator[T]:
        return reversed(self._indexed().values())

    def __len__(self) -> int:
        return len(self._indexed())

    def add(self, value: T) -> None:
        self._indexed().setdefault(normal_key(value), canonical(value))

    def discard(self, value: T) -> None:
        self._indexed().pop(normal_key(value), None)

    def update(self, items: Iterable[T]) -> None:
        """Add every item."""
        index = self._indexed()
        for item in items:
            index.setdefault(normal_key(item), canonical(item))

    def clear(self) -> None:
        self._index = {}
        self._flat = None

    def copy(self) -> Set[T]:
        """A shallow copy."""
        return Set(self)

    __copy__ = copy

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Set, set, frozenset)):
            return NotImplemented
        return self is other or _content((item, None) for item in self) == _content((item, None) for item in other)

    __hash__ = None  # type: ignore[assignment]

    @recursive_repr("Set(...)")
    def __repr__(self) -> str:
        return f"Set({list(self)!r})" if self else "Set()"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (), list(self)

    def __setstate__(self, flat: list[T]) -> None:
        self._flat = flat
        self._index = None


def _content(pairs: Iterable[tuple[Any, Any]]) -> tuple[dict[Any, Any], list[tuple[Any, Any]]]:
    """What equality compares: primitive keys as a dict, the others in order."""
    primitives: dict[Any, Any] = {}
    objects: list[tuple[Any, Any]] = []
    for key, value in pairs:
        if is_primitive(key):
            primitives[normal_key(key)] = value
        else:
            objects.append((key, value))
    return primitives, objects
