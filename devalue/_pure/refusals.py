"""What cannot be written, in whose words, and what would work instead: one table for both codecs."""

from __future__ import annotations

import array
import datetime
import decimal
import enum
import fractions
import re
import types
import uuid
from collections import abc, deque
from dataclasses import dataclass, is_dataclass
from pathlib import PurePath
from typing import Any, Final

from devalue._rules import MAX_BIGINT_DIGITS
from devalue.types import Hole

__all__ = [
    "BIGINT_TOO_LONG",
    "CLAIMED_BUFFER",
    "CLAIMED_PRIMITIVE",
    "INTEGER_TOO_LARGE",
    "NAIVE_DATETIME",
    "PROTO_KEY",
    "Refusal",
    "key_is_no_string",
    "refusal_of",
    "too_deep",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a value cannot be written by itself; an EncodeError adds where it is."""

    message: str
    hint: str


# JavaScript's texts (devalue/src/stringify.js)
_FUNCTION: Final = "Cannot stringify a function"
_THENABLE: Final = "Cannot stringify a Promise or thenable — use stringifyAsync instead"
_ARBITRARY: Final = "Cannot stringify arbitrary non-POJOs"
_PROTO: Final = "Cannot stringify objects with __proto__ keys"

PROTO_KEY: Final = Refusal(_PROTO, "JavaScript refuses to read this key; use a Map, or another key")
INTEGER_TOO_LARGE: Final = Refusal(
    "Cannot stringify an integer beyond 2**53 - 1 as a number",
    "JavaScript would round it; use BigInt(value), or float(value) to round it here",
)
NAIVE_DATETIME: Final = Refusal(
    "Cannot stringify a naive datetime",
    "a Date is a moment; give the datetime a tzinfo, or say with naive_tz= what naive ones mean",
)
BIGINT_TOO_LONG: Final = Refusal(
    f"Cannot stringify a BigInt of more than {MAX_BIGINT_DIGITS:,} digits",
    "the limit keeps reading and writing fast; send such a number as a string or as bytes",
)
CLAIMED_BUFFER: Final = Refusal(
    "Cannot stringify a view whose ArrayBuffer a reducer has claimed",
    "JavaScript reads a view only over a plain ArrayBuffer; let the reducer decline it, or claim the view",
)
CLAIMED_PRIMITIVE: Final = Refusal(
    "Cannot stringify a boxed primitive whose value a reducer or `default` has replaced",
    "JavaScript unboxes only a plain primitive; let the reducer decline it, or claim the Boxed",
)


def key_is_no_string(key: Any) -> Refusal:
    """A dict whose keys a JavaScript object cannot have."""
    return Refusal(
        f"Cannot stringify an object with a key that is not a string ({_name(type(key))})",
        "use devalue.Map(value), whose keys may be anything, or make the keys str",
    )


def too_deep(max_depth: int) -> Refusal:
    """Containers nested deeper than the caller allows."""
    return Refusal(
        f"Cannot stringify values nested deeper than {max_depth} levels",
        "JavaScript recurses and cannot read much deeper ones; flatten the value, or raise max_depth=",
    )


_STRING: Final = "use str(value)"
_LIST: Final = "make it a list"
_SHAPE: Final = "convert it to a dict, or pass reducers={name: (type, function)} or default="

# The first kind that fits says what to do instead.
_HINTS: Final[list[tuple[type | tuple[type, ...], str]]] = [
    (Hole, "a hole stands in a list only; undefined stands anywhere"),
    (re.Pattern, "use devalue.RegExp(source, flags): the two languages' expressions differ"),
    (decimal.Decimal, "use str(value), float(value), or a reducer that keeps the digits"),
    (fractions.Fraction, "use str(value) or float(value)"),
    (complex, "use [value.real, value.imag], or a reducer"),
    (uuid.UUID, _STRING),
    (PurePath, _STRING),
    (enum.Enum, "use its .value (IntEnum and StrEnum are written as what they are)"),
    (datetime.date, "use devalue.Temporal('PlainDate', date.isoformat()), a datetime, or a string"),
    (datetime.time, "use devalue.Temporal('PlainTime', time.isoformat()), or a string"),
    (datetime.timedelta, "use total_seconds(), or devalue.Temporal('Duration', text)"),
    (types.GeneratorType, _LIST),
    ((range, deque, abc.KeysView, abc.ValuesView, abc.ItemsView), _LIST),
    (types.ModuleType, "a module is no data"),
    (memoryview, "only one contiguous row of a typed array's element type is taken; bytes(view) copies it"),
    (array.array, "no typed array has this element type: use another type code, or a list"),
    (abc.Iterator, _LIST),
    (abc.Mapping, "use dict(value) or devalue.Map(value)"),
    (abc.Set, "use set(value) or devalue.Set(value)"),
    (abc.Sequence, "use list(value)"),
]  # fmt: skip

_FUNCTIONS: Final = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodWrapperType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    type,
)


def refusal_of(value: Any) -> Refusal:
    """Why a value of a kind that the format does not know cannot be written."""
    if isinstance(value, _FUNCTIONS):
        kind = "a class" if isinstance(value, type) else "a function"
        return Refusal(_FUNCTION, f"{kind} is no data; leave it out, or claim it with a reducer")
    if isinstance(value, (abc.Awaitable, abc.AsyncIterator)):
        return Refusal(_THENABLE, _awaitable_hint(value))
    return Refusal(_ARBITRARY, f"{_name(type(value))}: {_hint(value)}")


def _awaitable_hint(value: Any) -> str:
    if isinstance(value, abc.Awaitable):
        return "await it first, or use devalue.stringify_async"
    return "make it a list with [item async for item in value]"


def _hint(value: Any) -> str:
    for kinds, hint in _HINTS:
        if isinstance(value, kinds):
            return hint
    if is_dataclass(value):
        return "use dataclasses.asdict(value), or pass reducers={name: (type, function)}"
    if str(type(value).__module__).partition(".")[0] == "numpy":
        return "use value.item() or value.tolist()"
    return _SHAPE


def _name(kind: type) -> str:
    """``datetime.date``, ``complex``: as a reader would write the type."""
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
