"""The description of a Python value, to be compared with JavaScript's of the same (describe.mjs says how it reads).

Python tells more apart than JavaScript does; here a list and a SparseArray are both an ``Array``, an int and a
float of the same value are one number, and the types that are only written (tuple, set, bytes) have no place.
"""

from __future__ import annotations

import math
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import devalue
from devalue import (
    URL,
    ArrayBuffer,
    BigInt,
    Boxed,
    DataView,
    Date,
    Map,
    NullObject,
    RegExp,
    Set,
    SparseArray,
    Temporal,
    TypedArray,
    URLSearchParams,
)

__all__ = ["Custom", "describe", "reducers", "revivers"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Custom:
    """What the tests' revivers make: an object of a class, holding its payload."""

    def __init__(self, name: str, payload: Any) -> None:
        self.name = name
        self.payload = payload


def revivers(*names: str) -> dict[str, Any]:
    """Revivers that make a `Custom` for each name."""
    return {name: lambda payload, name=name: Custom(name, payload) for name in names}


def reducers(*names: str) -> dict[str, Any]:
    """Reducers that undo them."""
    return {
        name: (lambda value, name=name: isinstance(value, Custom) and value.name == name and value.payload)
        for name in names
    }


def bits(number: float) -> str:
    return "nan" if math.isnan(number) else struct.pack(">d", number).hex()


def describe(root: Any) -> list[Any]:
    seen: dict[int, int] = {}
    found: list[Any] = []

    def refer(value: Any) -> str | int:
        if value is devalue.undefined:
            return "u"
        if value is None:
            return "z"
        if isinstance(value, bool):
            return "t" if value else "f"
        if isinstance(value, BigInt):
            return f"b{int(value):x}"  # hexadecimal: Python limits the decimal digits that it turns into text
        if isinstance(value, (int, float)):
            return "n" + bits(value)
        if isinstance(value, str) and not isinstance(value, URL):
            return "s" + value
        if id(value) not in seen:
            seen[id(value)] = len(found)
            found.append(value)
        return seen[id(value)]

    start = refer(root)
    nodes = []
    for value in found:  # grows while it is walked
        nodes.append(_describe_node(value, refer))
    return [start, nodes]


def _describe_node(value: Any, refer: Any) -> list[Any]:
    match value:
        case Custom():
            return ["Custom", value.name, refer(value.payload)]
        case SparseArray():
            return ["Array", len(value), [[index, refer(item)] for index, item in sorted(value._items.items())]]
        case list():
            items = [[index, refer(item)] for index, item in enumerate(value) if item is not devalue.hole]
            return ["Array", len(value), items]
        case Map():
            return ["Map", [[refer(key), refer(item)] for key, item in value.items()]]
        case Set():
            return ["Set", [refer(item) for item in value]]
        case NullObject():
            return ["NullObject", [[key, refer(item)] for key, item in value.items()]]
        case dict():
            return ["Object", [[key, refer(item)] for key, item in value.items()]]
        case datetime():
            return ["Date", bits((value - EPOCH) // timedelta(milliseconds=1))]
        case Date():
            return ["Date", bits(value.milliseconds)]
        case RegExp():
            return ["RegExp", value.source, value.flags]
        case Boxed():
            return ["Boxed", refer(value.value)]
        case URL():
            return ["URL", str(value)]
        case URLSearchParams():
            return ["URLSearchParams", [list(pair) for pair in value._pairs]]
        case ArrayBuffer():
            return ["ArrayBuffer", bytes(value._data).hex()]
        case TypedArray():
            return [value.kind, refer(value.buffer), value.byte_offset, value.length]
        case DataView():
            return ["DataView", refer(value.buffer), value.byte_offset, value.byte_length]
        case Temporal():
            return ["Temporal." + value.kind, value.text]
    raise TypeError(f"cannot describe {value!r}")
