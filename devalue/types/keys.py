"""SameValueZero (ECMAScript 7.2.10): when JavaScript takes two keys of a Map, or items of a Set, for the same."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Any

from devalue.types.boxed import BigInt
from devalue.types.singletons import undefined
from devalue.types.url import URL

__all__ = ["NormalKeys", "canonical", "is_interned", "is_primitive", "normal_key", "normal_keys"]

_DOUBLE = Struct("<d")
_NAN = _DOUBLE.pack(math.nan)
_SAFE_INTEGER = 2**53 - 1
_FEW = 1000  # keys that may be compared with one another, however long they are
_LONG = 512  # bytes or characters


def normal_key(value: Any) -> Any:
    """A dict key that is equal for two values exactly if JavaScript takes them for the same key.

    Numbers become bytes, whose hash Python seeds per process: the hashes of ints and floats are public, so keys
    that a stranger chose could make a dict of them quadratic. Everything that JavaScript compares by identity
    becomes its id, so the caller must keep the value alive as long as the key.
    """
    kind = type(value)
    if kind is str or kind is bool or value is None or value is undefined:
        return value
    if kind is int or kind is float:
        return _number_key(value)
    return _subclass_key(value)


class NormalKeys:
    """:func:`normal_key` of many values, of which some may come many times: long ones are looked at only once.

    The keys of equal long values are one object, so that a dict need not compare them. Keeps long values alive.
    """

    def __init__(self) -> None:
        self._of_object: dict[int, tuple[Any, Any]] = {}
        self._first_equal: dict[Any, Any] = {}

    def __call__(self, value: Any) -> Any:
        if not _is_long(value):
            return normal_key(value)
        known = self._of_object.get(id(value))
        if known is not None:
            return known[0]
        key = normal_key(value)
        key = self._first_equal.setdefault(key, key)
        self._of_object[id(value)] = key, value
        return key


def _is_long(value: Any) -> bool:
    kind = type(value)
    if issubclass(kind, str):
        return str.__len__(value) >= _LONG
    return issubclass(kind, BigInt) and int.bit_length(value) >= 8 * _LONG


def normal_keys(values: Sequence[Any]) -> Iterable[Any]:
    """The :func:`normal_key` of each value.

    JavaScript writes each key of a Map once, and then the plain function is the faster one. A stranger may write a
    text whose Map has a long key a million times.
    """
    repeated = len(values) > _FEW and len(set(map(id, values))) < len(values)
    return map(NormalKeys() if repeated else normal_key, values)


def _number_key(value: int | float) -> bytes:
    if isinstance(value, int):
        if not -_SAFE_INTEGER <= value <= _SAFE_INTEGER:
            return b"i" + _int_bytes(value)  # no JavaScript number; refused when written, but never merged here
    elif value != value:
        return _NAN
    return _DOUBLE.pack(value or 0)


def _subclass_key(value: Any) -> Any:
    kind = type(value)  # not isinstance: a proxy (of Werkzeug, say) claims the class of what it stands for
    if issubclass(kind, BigInt):
        return b"n" + _int_bytes(value)
    if issubclass(kind, URL):
        return id(value)
    if issubclass(kind, str):
        return str.__str__(value)
    if issubclass(kind, int):
        return _number_key(int.__int__(value))
    if issubclass(kind, float):
        return _number_key(float.__float__(value))
    return id(value)


def _int_bytes(value: int) -> bytes:
    # At least 8 bytes, so that with its prefix no integer has the 8 bytes of a double.
    return int(value).to_bytes(max(value.bit_length() // 8 + 1, 8), "little", signed=True)


def is_primitive(value: Any) -> bool:
    """True for what JavaScript compares by value, False for what it compares by identity."""
    if value is None or value is undefined:
        return True
    return issubclass(type(value), (str, int, float)) and not issubclass(type(value), URL)


def canonical(value: Any) -> Any:
    """The key as a Map stores it: -0 becomes 0 (ECMAScript 24.1.3.9)."""
    return 0 if issubclass(type(value), float) and value == 0 else value


def is_interned(value: Any) -> bool:
    """True for the objects that CPython has once for all who make them: that two of them are one says nothing."""
    kind = type(value)
    return (kind in (tuple, frozenset) and not value) or (kind is bytes and len(value) <= 1)
