"""A value as a person reads it: JavaScript's literals, with the types spelled out and what is shared marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from devalue._cli.layout import Branch, Drawn, layout, quoted
from devalue._cli.slots import Custom
from devalue._rules import decimal_text, number_text
from devalue.types import (
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
from devalue.types.date import milliseconds_of

__all__ = ["show"]

_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z_$0-9]*")
_SHOWN_ELEMENTS: Final = 100  # of typed arrays and buffers


def show(value: Any) -> Iterator[str]:
    """The text in pieces. A container that occurs again is ``&1 …`` the first time and ``*1`` from then on."""
    return layout(value, _Drawer(value).draw)


class _Drawer:
    def __init__(self, root: Any) -> None:
        self._repeated = _repeated(root)
        self._labels: dict[int, str] = {}

    def draw(self, value: Any) -> Drawn:
        branch = _branch(value)
        if branch is None:
            return _leaf(value)
        if id(value) not in self._repeated:
            return branch
        if id(value) in self._labels:
            return f"*{self._labels[id(value)]}"
        self._labels[id(value)] = str(len(self._labels) + 1)
        branch.opening = f"&{self._labels[id(value)]} {branch.opening}"
        return branch


def _repeated(root: Any) -> set[int]:
    """The ids of the containers that occur more than once."""
    seen: dict[int, Any] = {}  # holds the values, so that no id is used twice
    repeated: set[int] = set()
    stack = [root]
    while stack:
        value = stack.pop()
        if id(value) in seen:
            repeated.add(id(value))
        elif (branch := _branch(value)) is not None:
            seen[id(value)] = value
            stack.extend(child for _, child in branch.children)
    return repeated


class _Entry:
    """An entry of a Map whose key is a container."""

    __slots__ = ("key", "value")

    def __init__(self, key: Any, value: Any) -> None:
        self.key = key
        self.value = value


def _branch(value: Any) -> Branch | None:
    """The value as a container; None for a leaf."""
    match value:
        case dict():
            opening = "Object.create(null) {" if isinstance(value, NullObject) else "{"
            return Branch(opening, "}", [(f"{_key(key)}: ", child) for key, child in value.items()])
        case list():
            return Branch("[", "]", [("", child) for child in value])
        case SparseArray():
            return Branch(f"Array({len(value)}) [", "]", [(f"{index}: ", child) for index, child in value.items()])
        case Map():
            return Branch("Map {", "}", [_entry(key, child) for key, child in value.items()])
        case Set():
            return Branch("Set {", "}", [("", child) for child in value])
        case Custom():
            return Branch(f"{value.name}(", ")", [("", value.payload)])
        case _Entry():
            return Branch("[", "]", [("", value.key), ("", value.value)])
        case _:
            return None


def _entry(key: Any, value: Any) -> tuple[str, Any]:
    if _branch(key) is None:
        return f"{_leaf(key)} => ", value
    return "", _Entry(key, value)


def _key(key: str) -> str:
    return key if _IDENTIFIER.fullmatch(key) else quoted(key)


def _leaf(value: Any) -> str:
    for kind, text in _LEAVES.items():
        if isinstance(value, kind):
            return text(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return number_text(value) if isinstance(value, int) else repr(value)  # undefined, hole


def _view(value: TypedArray | DataView) -> str:
    if isinstance(value, DataView):
        return f"DataView({value.byte_length}) <{_hex(value.view)}>"
    elements = ", ".join(_leaf(element) for element in value[:_SHOWN_ELEMENTS])
    return f"{value.kind}({value.length}) [{elements}{_more(value.length)}]"


def _hex(data: memoryview) -> str:
    return data[:_SHOWN_ELEMENTS].hex(" ") + _more(len(data))


def _more(length: int) -> str:
    return f" … {length - _SHOWN_ELEMENTS:,} more" if length > _SHOWN_ELEMENTS else ""


def _date(value: datetime | Date) -> str:
    date = Date(milliseconds_of(value)) if isinstance(value, datetime) else value
    return f"Date {date.isoformat()}" if date.valid else "Date invalid"


def _number(value: float) -> str:
    return "-0" if value == 0 and str(value)[0] == "-" else number_text(value)


# A subclass stands before its base.
_LEAVES: Final[dict[type | tuple[type, ...], Callable[[Any], str]]] = {
    URL: lambda url: f"URL {quoted(url)}",
    str: quoted,
    BigInt: lambda number: f"{decimal_text(number)}n",
    float: _number,
    (datetime, Date): _date,
    RegExp: lambda regexp: f"/{quoted(regexp.source)[1:-1]}/{regexp.flags}",
    URLSearchParams: lambda params: f"URLSearchParams {quoted(str(params))}",
    Boxed: lambda boxed: f"Object({_leaf(boxed.value)})",
    Temporal: lambda temporal: f"Temporal.{temporal.kind} {temporal.text}",
    ArrayBuffer: lambda buffer: f"ArrayBuffer({len(buffer)}) <{_hex(buffer.view)}>",
    (TypedArray, DataView): _view,
}
