"""A value as JSON, and the list of what JSON could not keep."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from devalue._cli.layout import Branch, Drawn, layout, quoted
from devalue._cli.slots import Custom
from devalue._rules import decimal_text, number_text
from devalue.errors import DecodeError
from devalue.types import (
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
from devalue.types.url import URL

__all__ = ["Plain"]

_MAX_HOLES: Final = 1000  # a sparse array with more becomes an object
# Shared values are repeated, so thirty lines of text could unfold to gigabytes.
_MAX_VALUES_PER_SLOT: Final = 1000


class Plain:
    """One conversion to JSON.

    Attributes:
        losses: what JSON could not keep, and how many times.
    """

    def __init__(self, value: Any, slots: int) -> None:
        self.losses: Counter[str] = Counter()
        self._value = value
        self._budget = 100_000 + slots * _MAX_VALUES_PER_SLOT
        self._branches = _unrolled(value)  # by id
        self._drawn: set[int] = set()

    def pieces(self) -> Iterator[str]:
        """The JSON text in pieces.

        Raises:
            DecodeError: what is shared, written out each time, would be too much.
        """
        return layout(self._value, self._draw)

    def _draw(self, value: Any) -> Drawn:
        branch = self._branches.get(id(value))
        while branch is not None and isinstance(value, Custom):
            self.losses[f"the custom type {value.name}"] += 1
            [(_, value)] = branch.children
            branch = self._branches.get(id(value))
        if branch is None:
            text, loss = _leaf(value)
            if loss:
                self.losses[loss] += 1
            return text
        self._budget -= 1 + len(branch.children)
        if self._budget < 0:
            raise DecodeError("JSON has no references, and what this text shares is too much to write out each time")
        if id(value) in self._drawn:
            self.losses["shared value, repeated"] += 1
        self._drawn.add(id(value))
        for kind, loss in _BRANCH_LOSSES.items():
            if isinstance(value, kind):
                self.losses[loss] += 1
        return branch


class _Cut:
    """Stands where a container would hold one that holds it."""


_CUT: Final = _Cut()


def _unrolled(root: Any) -> dict[int, Branch]:
    """Every container by its id; no longer in each other, since the references that close a cycle are cut."""
    branches: dict[int, Branch] = {}
    kept: list[Any] = [root]  # so that no id is used twice
    open_ids: set[int] = set()
    stack: list[tuple[Any, list[tuple[str, Any]], int]] = []

    def enter(value: Any) -> None:
        branch = _branch(value)
        if branch is not None:
            branches[id(value)] = branch
            kept.append(value)
            open_ids.add(id(value))
            stack.append((value, branch.children, 0))

    enter(root)
    while stack:
        value, children, at = stack.pop()
        if at == len(children):
            open_ids.remove(id(value))
            continue
        stack.append((value, children, at + 1))
        label, child = children[at]
        if id(child) in open_ids:
            children[at] = label, _CUT
        elif id(child) not in branches:
            enter(child)
    return branches


def _branch(value: Any) -> Branch | None:
    match value:
        case dict():
            return Branch("{", "}", [(f"{quoted(key)}: ", child) for key, child in value.items()])
        case list() | tuple():
            return Branch("[", "]", [("", child) for child in value])
        case SparseArray() if len(value) - len(value.items()) > _MAX_HOLES:
            return Branch("{", "}", [(f'"{index}": ', child) for index, child in value.items()])
        case SparseArray():
            return Branch("[", "]", [("", child) for child in value])
        case Map():
            return Branch("[", "]", [("", entry) for entry in value.items()])
        case Set():
            return Branch("[", "]", [("", child) for child in value])
        case TypedArray():
            return Branch("[", "]", [("", element) for element in value])
        case Custom():
            return Branch("", "", [("", value.payload)])
        case _:
            return None


_BRANCH_LOSSES: Final[dict[type, str]] = {
    Map: "Map, as an array of pairs",
    Set: "Set, as an array",
    NullObject: "null-prototype object, as an object",
    SparseArray: f"sparse array, as an array with null for holes, or an object beyond {_MAX_HOLES:,} of them",
    TypedArray: "typed array, as an array",
}


def _leaf(value: Any) -> tuple[str, str]:
    """The text of a leaf, and what it loses."""
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value], ""
        case URL():
            return quoted(value), "URL, as a string"
        case str():
            return quoted(value), ""
        case BigInt():
            return f'"{decimal_text(value)}"', "BigInt, as a string"
        case int():
            return number_text(value), ""
        case float():
            if value != value or value in (float("inf"), float("-inf")):
                return "null", f"{number_text(value)}, as null"
            return ("-0" if value == 0 else number_text(value)), ""
        case datetime():
            return f'"{Date(milliseconds_of(value)).isoformat()}"', "Date, as a string"
        case Date():
            return (f'"{value.isoformat()}"', "Date, as a string") if value.valid else ("null", "invalid Date, as null")
        case Boxed():
            return _leaf(value.value)[0], "boxed primitive, as the primitive"
        case RegExp():
            return quoted(f"/{value.source}/{value.flags}"), "RegExp, as a string"
        case URLSearchParams():
            return quoted(str(value)), "URLSearchParams, as a string"
        case Temporal():
            return quoted(value.text), f"Temporal.{value.kind}, as a string"
        case ArrayBuffer() | DataView():
            return f'"{base64.b64encode(value.view).decode()}"', f"{type(value).__name__}, as base64"
        case _Cut():
            return "null", "reference that closes a cycle, as null"
        case _:
            return "null", f"{value!r}, as null"  # undefined, hole
