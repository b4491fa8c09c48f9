"""The first pass of ``uneval``: visit every value once, refuse what cannot be written, find what must be hoisted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from typing import Any, Final, TypeAlias

from devalue._pure.contents import elements, items, members
from devalue._pure.paths import MapKey, Segment, format_path
from devalue._pure.refusals import (
    BIGINT_TOO_LONG,
    INTEGER_TOO_LARGE,
    NAIVE_DATETIME,
    PROTO_KEY,
    Refusal,
    key_is_no_string,
    refusal_of,
    too_deep,
)
from devalue._pure.stand_ins import stand_in
from devalue._rules import MAX_SAFE_INTEGER, too_many_digits
from devalue._uneval.kinds import Kind, kind_of
from devalue._uneval.literals import literal, utf16_length
from devalue._uneval.source import Holes, Source
from devalue.errors import EncodeError
from devalue.types import BigInt, Map, Set, Temporal, TypedArray, Undefined, hole, undefined
from devalue.types.keys import NormalKeys, is_interned

__all__ = ["Replacer", "Survey", "array_items", "set_items"]

Replacer: TypeAlias = Callable[[Any, Callable[[Any], str]], str | None]

_NO_SOURCE: Final = Refusal(
    "Invalid uneval replacer result", "a replacer returns JavaScript source (a str), or None to decline"
)

# Shorter strings cost little where they repeat (devalue 6.0.3, uneval.js).
_LONG_STRING: Final = 128

# Primitives that are neither refused nor hoisted.
_ALWAYS_TAKEN: Final = frozenset([float, bool, type(None), Undefined])


class _Refused(Exception):
    """Ends the walk. ``owner`` is the object whose key is at fault; otherwise it is the value being visited."""

    def __init__(self, refusal: Refusal, owner: Any = None) -> None:
        self.refusal = refusal
        self.owner = owner


class Survey:
    """What the first pass finds.

    Attributes:
        repeated: the objects that occur more than once, by id, in the order of their second occurrence.
        primitives: the long strings and bigints by their SameValueZero key, each with its number of occurrences.
        normal_key: gives that key.
        custom: the source that the replacer gave, by the id of the object it stands for.
        words: every word in those sources.
        stand_ins: what is written for bytes, other objects that show memory, and types of ``whenever``, by their id.
    """

    def __init__(self, root: Any, replacer: Replacer | None, naive_tz: tzinfo | None, max_depth: int | None) -> None:
        self.repeated: dict[int, Any] = {}
        self.primitives: dict[Any, tuple[Any, int]] = {}
        self.normal_key = NormalKeys()
        self.custom: dict[int, Source] = {}
        self.words: set[str] = set()
        self.stand_ins: dict[int, TypedArray | Temporal] = {}
        self._root = root
        self._replacer = replacer
        self._holes = Holes()
        self._naive_tz = naive_tz
        self._max_depth = max_depth
        self._seen: dict[int, Any] = {}  # holds the values, so that no id is used twice
        self._walk()

    def _walk(self) -> None:
        """Depth first, with a stack of its own: one iterator and one step of the path per level."""
        stack: list[Iterator[tuple[Segment, Any]]] = [iter([(None, self._root)])]
        path: list[Segment] = [None]
        value = self._root
        try:
            while stack:
                for path[-1], value in stack[-1]:
                    children = self._visit(value)
                    if children is not None:
                        if self._max_depth is not None and len(stack) > self._max_depth:
                            raise _Refused(too_deep(self._max_depth))
                        stack.append(children)
                        path.append(None)
                        break
                else:
                    stack.pop()
                    path.pop()
        except _Refused as refused:
            if refused.owner is not None:
                path[-1], value = None, refused.owner
            refusal, where = refused.refusal, format_path(path, literal)
            raise EncodeError(refusal.message, path=where, value=value, root=self._root, hint=refusal.hint) from None

    def _visit(self, value: Any) -> Iterator[tuple[Segment, Any]] | None:
        """Look at one value; its children where there are any to look at."""
        exact = type(value)
        if exact in _ALWAYS_TAKEN or (exact is str and len(value) * 2 < _LONG_STRING):
            return None
        kind = kind_of(value)
        if kind is Kind.PRIMITIVE:
            self._visit_primitive(value)
            return None
        if not is_interned(value):
            if id(value) in self._seen:
                self.repeated.setdefault(id(value), value)
                return None
            self._seen[id(value)] = value
        source = self._replaced(value)
        if source is None:
            return self._children(kind, value)
        self.custom[id(value)] = source
        self.words |= source.words()
        return ((None, child) for child in source.values)

    def _visit_primitive(self, value: Any) -> None:
        if isinstance(value, str):
            if len(value) >= _LONG_STRING or utf16_length(value) >= _LONG_STRING:
                self._count(value)
        elif isinstance(value, BigInt):
            if too_many_digits(value):
                raise _Refused(BIGINT_TOO_LONG)
            self._count(value)
        elif isinstance(value, int):
            if not -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
                raise _Refused(INTEGER_TOO_LARGE)
        elif value is hole:
            raise _Refused(refusal_of(value))

    def _count(self, value: Any) -> None:
        key = self.normal_key(value)
        self.primitives[key] = (value, self.primitives[key][1] + 1 if key in self.primitives else 1)

    def _replaced(self, value: Any) -> Source | None:
        """The source that the replacer gives for a value; None where it declines."""
        if self._replacer is None:
            return None
        result: object = self._replacer(value, self._holes.hole)
        if result is None or result is False or result is undefined:
            return None
        if not isinstance(result, str) or not result:
            raise _Refused(_NO_SOURCE)
        return self._holes.source(result)

    def _children(self, kind: Kind, value: Any) -> Iterator[tuple[Segment, Any]] | None:
        if kind is Kind.OBJECT or kind is Kind.NULL_OBJECT:
            return _properties(value)
        if kind is Kind.ARRAY or kind is Kind.SPARSE_ARRAY:
            return iter(array_items(value)[1])
        if kind is Kind.SET:
            return ((None, item) for item in set_items(value))
        if kind is Kind.MAP:
            return _entries(value)
        if kind is Kind.BOXED:
            return iter([(None, value.value)])
        if kind is Kind.TYPED_ARRAY or kind is Kind.DATA_VIEW:
            return iter([(None, value.buffer)])
        if kind is Kind.DATE:
            if isinstance(value, datetime) and value.utcoffset() is None and self._naive_tz is None:
                raise _Refused(NAIVE_DATETIME)
        elif kind is Kind.OTHER:
            written = stand_in(value)
            if isinstance(written, Refusal):
                raise _Refused(written)
            self.stand_ins[id(value)] = written
        return None


def array_items(array: Any) -> tuple[int, list[tuple[int, Any]]]:
    """The length of an array, and what is in it: ``(index, value)`` ascending."""
    if isinstance(array, (list, tuple)):
        every = elements(array)
        return len(every), [(index, value) for index, value in enumerate(every) if value is not hole]
    return array._length, sorted(array._items.items())


def set_items(value: Any) -> list[Any]:
    """The items of a set; what was parsed may hold one twice, of which JavaScript keeps the first."""
    return list(value._indexed().values()) if isinstance(value, Set) else members(value)


def _properties(value: dict[Any, Any]) -> Iterator[tuple[Segment, Any]]:
    for key, child in items(value):
        if not isinstance(key, str):
            raise _Refused(key_is_no_string(key), value)
        if key == "__proto__":
            raise _Refused(PROTO_KEY, value)
        yield key, child


def _entries(value: Map[Any, Any]) -> Iterator[tuple[Segment, Any]]:
    for key, child in list(value._indexed().values()):
        step = MapKey(key)
        yield step, key
        yield step, child
