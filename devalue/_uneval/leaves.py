"""Values without children as JavaScript source."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from struct import iter_unpack
from typing import Any

from devalue._rules import number_text, quote
from devalue._uneval.kinds import Kind
from devalue.types.binary import TYPED_ARRAYS
from devalue.types.date import milliseconds_of

__all__ = ["leaf_text", "typed_array_elements"]


def leaf_text(kind: Kind, value: Any, naive_tz: tzinfo | None) -> str:
    """The expression for a value that holds no others."""
    match kind:
        case Kind.DATE:
            return f"new Date({_time_value(value, naive_tz)})"
        case Kind.REGEXP:
            flags = f',"{value.flags}"' if value.flags else ""
            return f"new RegExp({quote(value.source)}{flags})"
        case Kind.URL:
            return f"new URL({quote(value)})"
        case Kind.URL_SEARCH_PARAMS:
            return f"new URLSearchParams({quote(str(value))})"
        case Kind.TEMPORAL:
            return f"Temporal.{value.kind}.from({quote(value.text)})"
        case _:
            return f"new Uint8Array([{typed_array_elements('Uint8Array', value.view)}]).buffer"


def typed_array_elements(kind: str, data: memoryview) -> str:
    """All elements in a buffer, with commas between; the number of bytes is a multiple of the element's."""
    code, _ = TYPED_ARRAYS[kind]
    if code == "B":
        return ",".join(map(str, data))
    values: Iterable[Any] = (value for (value,) in iter_unpack(f"={code}", data))
    if code in "efd":
        return ",".join(map(_element_text, values))
    suffix = "n" if code in "qQ" else ""
    return ",".join(f"{value}{suffix}" for value in values)


def _element_text(value: float) -> str:
    return "-0" if value == 0 and str(value)[0] == "-" else number_text(value)


def _time_value(value: Any, naive_tz: tzinfo | None) -> str:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            value = value.replace(tzinfo=naive_tz)
        return str(milliseconds_of(value))
    return number_text(value.milliseconds)
