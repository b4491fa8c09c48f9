"""Whether two graphs of values are the same, in all that devalue promises to keep."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from devalue.types import (
    URL,
    ArrayBuffer,
    Boxed,
    DataView,
    Date,
    Map,
    RegExp,
    Set,
    SparseArray,
    Temporal,
    TypedArray,
    URLSearchParams,
    hole,
)
from devalue.types.keys import is_primitive

__all__ = ["difference", "same"]

# The way to a value: the way to its holder, and one step more. Rendered only when there is something to tell.
_Path = tuple[Any, str] | None
_Member = tuple[str, Any]


def same(left: Any, right: Any) -> bool:
    """True if two values are the same graph.

    Compared are exact types (``True`` is not ``1``, ``1`` is not ``1.0``), values (NaN is NaN, ``-0.0`` is not
    ``0.0``), the order of dicts, Maps and Sets, and sharing: an object that occurs twice on one side is one object
    on the other, cycles included. Objects of other classes are compared by ``==`` where their class defines it,
    else by their attributes. No recursion: any nesting depth.
    """
    return difference(left, right) is None


def difference(left: Any, right: Any) -> str | None:
    """Where and how two values differ in the sense of :func:`same`; None if they are the same."""
    partner: dict[int, int] = {}  # id on the left -> id on the right, one to one
    taken: set[int] = set()
    kept: list[Any] = []  # what `_parts` made must not give its id to another object
    todo: list[tuple[Any, Any, _Path]] = [(left, right, None)]
    while todo:
        one, other, path = todo.pop()
        if type(one) is not type(other):
            return f"{_render(path)}: {_name(one)} is not {_name(other)}"
        if is_primitive(one) or one is hole:
            if not _same_primitive(one, other):
                return f"{_render(path)}: {_short(one)} is not {_short(other)}"
            continue
        if _has_identity(one):
            if id(one) in partner or id(other) in taken:
                if partner.get(id(one)) != id(other):
                    return f"{_render(path)}: shared on one side only, or with another"
                continue
            partner[id(one)] = id(other)
            taken.add(id(other))
            kept.append((one, other))
        facts, members = _parts(one)
        other_facts, other_members = _parts(other)
        if facts != other_facts or len(members) != len(other_members):
            return f"{_render(path)}: {_short(one)} is not {_short(other)}"
        for (step, item), (_, other_item) in reversed(list(zip(members, other_members, strict=True))):
            todo.append((item, other_item, (path, step)))
    return None


def _same_primitive(one: Any, other: Any) -> bool:
    if isinstance(one, float):
        return (one != one and other != other) or struct.pack("<d", one) == struct.pack("<d", other)
    return bool(one == other)


def _has_identity(value: Any) -> bool:
    """False for what the interpreter itself shares as it likes."""
    return not (isinstance(value, (tuple, frozenset, bytes)) and len(value) <= isinstance(value, bytes))


def _parts(value: Any) -> tuple[Any, list[_Member]]:
    """What of a value can be compared with ``==``, and its members, which cannot."""
    match value:
        case list() | tuple():
            return None, _numbered(value)
        case dict():
            return None, _pairs(value.items())
        case Map():
            return None, _pairs(value.items())
        case Set():
            return None, _numbered(value)
        case SparseArray():
            return (len(value), [index for index, _ in value.items()]), [
                (f"[{index}]", item) for index, item in value.items()
            ]
        case set() | frozenset():
            return None, _numbered(sorted(value, key=_set_order))
        case Date():
            return None, [(".milliseconds", value.milliseconds)]
        case Boxed():
            return None, [(".value", value.value)]
        case TypedArray():
            return (value.kind, value.byte_offset, value.length), [(".buffer", value.buffer)]
        case DataView():
            return (value.byte_offset, value.byte_length), [(".buffer", value.buffer)]
        case _:
            return _whole(value)


def _whole(value: Any) -> tuple[Any, list[_Member]]:
    match value:
        case URL():
            return str(value), []
        case URLSearchParams():
            return list(value), []
        case ArrayBuffer() | bytes() | bytearray():
            return bytes(value), []
        case memoryview():
            return (value.format, value.tobytes()), []
        case datetime():
            return (value, value.utcoffset()), []
        case RegExp() | Temporal():
            return value, []
    if any("__eq__" in vars(base) for base in type(value).__mro__ if base is not object):
        return value, []
    attributes = getattr(value, "__dict__", {})
    return list(attributes), [(f".{name}", item) for name, item in attributes.items()]


def _numbered(items: Iterable[Any]) -> list[_Member]:
    return [(f"[{index}]", item) for index, item in enumerate(items)]


def _pairs(pairs: Iterable[tuple[Any, Any]]) -> list[_Member]:
    return [member for index, pair in enumerate(pairs) for member in _pair(index, *pair)]


def _pair(index: int, key: Any, value: Any) -> Iterator[_Member]:
    yield f".keys()[{index}]", key
    yield (f"[{_short(key)}]" if isinstance(key, str) else f".values()[{index}]"), value


def _set_order(item: Any) -> tuple[bool, int, str]:
    nan = item != item  # hashed by identity
    return nan, 0 if nan else hash(item), type(item).__qualname__


def _render(path: _Path) -> str:
    steps = []
    while path is not None:
        path, step = path
        steps.append(step)
    return "value" + "".join(reversed(steps))


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except RecursionError:
        text = f"a deep {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _name(value: Any) -> str:
    return f"{type(value).__name__} {_short(value)}"
