"""Values without children, and the text of their slots."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any, Final

from devalue._pure.refusals import BIGINT_TOO_LONG, INTEGER_TOO_LARGE, NAIVE_DATETIME, Refusal
from devalue._rules import (
    MAX_BIGINT_DIGITS,
    MAX_SAFE_INTEGER,
    decimal_text,
    integer_of_digits,
    number_text,
    quote,
    too_many_digits,
)
from devalue.types import URL, ArrayBuffer, BigInt, Date, RegExp, Temporal, URLSearchParams
from devalue.types.date import milliseconds_of
from devalue.types.temporal_value import TEMPORAL_KINDS

__all__ = ["LEAF_READERS", "LEAF_WRITERS", "datetime_text", "literal"]


# --- writing: value -> slot text, or why not -----------------------------------------------------------------------


def datetime_text(moment: datetime, naive_tz: tzinfo | None) -> str | Refusal:
    """The slot of a datetime: the moment in UTC, microseconds floored to milliseconds."""
    if moment.utcoffset() is None:
        if naive_tz is None:
            return NAIVE_DATETIME
        moment = moment.replace(tzinfo=naive_tz)
        if moment.utcoffset() is None:
            return NAIVE_DATETIME
    return _date_text(Date(milliseconds_of(moment)))


def _date_text(date: Date) -> str:
    return f'["Date","{date.isoformat()}"]'


def _integer_text(value: int) -> str | Refusal:
    if not -MAX_SAFE_INTEGER <= int.__int__(value) <= MAX_SAFE_INTEGER:
        return INTEGER_TOO_LARGE
    return number_text(value)


def _bigint_text(value: BigInt) -> str | Refusal:
    return BIGINT_TOO_LONG if too_many_digits(value) else f'["BigInt","{decimal_text(value)}"]'


def _regexp_text(regexp: RegExp) -> str:
    flags = f',"{regexp.flags}"' if regexp.flags else ""
    return f'["RegExp",{quote(regexp.source)}{flags}]'


def _buffer_text(buffer: ArrayBuffer) -> str:
    return f'["ArrayBuffer","{binascii.b2a_base64(buffer._data, newline=False).decode()}"]'


# By type; a subclass is written as the nearest of its bases that is here.
LEAF_WRITERS: Final[dict[type, Callable[[Any], str | Refusal]]] = {
    type(None): lambda value: "null",
    bool: lambda value: "true" if value else "false",
    int: _integer_text,
    float: number_text,
    str: quote,
    BigInt: _bigint_text,
    Date: _date_text,
    RegExp: _regexp_text,
    URL: lambda url: f'["URL",{quote(url)}]',
    URLSearchParams: lambda params: f'["URLSearchParams",{quote(str(params))}]',
    Temporal: lambda value: f'["Temporal.{value.kind}",{quote(value.text)}]',
    ArrayBuffer: _buffer_text,
}


# --- reading: what follows the tag -> value; a ValueError says what is wrong ----------------------------------------


def literal(value: Any) -> Any:
    """A slot that JSON alone describes; an integer that is no safe one is the double that JavaScript reads."""
    if isinstance(value, int) and not isinstance(value, bool) and not -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    return value


def _text(payload: list[Any], what: str) -> str:
    """The text after the tag; whatever comes after it is ignored, as JavaScript does."""
    if payload and isinstance(payload[0], str):
        return payload[0]
    raise ValueError(f"a {what} needs a string after its tag")


def _read_date(payload: list[Any]) -> datetime | Date:
    date = Date.from_iso(_text(payload, "Date"))
    try:
        return date.to_datetime()
    except ValueError:
        return date  # invalid, or of a year that a datetime does not have


_DECIMAL: Final = re.compile(r"[+-]?([0-9]+)")


def _read_bigint(payload: list[Any]) -> BigInt:
    text = _text(payload, "BigInt")
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise ValueError("a BigInt needs decimal digits")
    if len(match[1]) > MAX_BIGINT_DIGITS:
        raise ValueError(f"a BigInt of {len(match[1]):,} digits; the limit is {MAX_BIGINT_DIGITS:,}")
    return BigInt(integer_of_digits(text))


def _read_regexp(payload: list[Any]) -> RegExp:
    flags = payload[1] if len(payload) > 1 else ""
    if not isinstance(flags, str):
        raise ValueError("the flags of a RegExp are a string")
    return RegExp(_text(payload, "RegExp"), flags)


_SPACE: Final = re.compile(r"[ \t\n\f\r]+")
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?")


def _read_buffer(payload: list[Any]) -> ArrayBuffer:
    """As ``Uint8Array.fromBase64`` reads: spaces anywhere and missing padding are fine, nothing else is."""
    packed = _SPACE.sub("", _text(payload, "ArrayBuffer"))
    if not _BASE64.fullmatch(packed):
        raise ValueError("no base64")
    return ArrayBuffer(binascii.a2b_base64(packed + "=" * (-len(packed) % 4)))


def _temporal_reader(kind: str) -> Callable[[list[Any]], Temporal]:
    return lambda payload: Temporal(kind, _text(payload, f"Temporal.{kind}"))


LEAF_READERS: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "Date": _read_date,
    "BigInt": _read_bigint,
    "RegExp": _read_regexp,
    "URL": lambda payload: URL(_text(payload, "URL")),
    "URLSearchParams": lambda payload: URLSearchParams(_text(payload, "URLSearchParams")),
    "ArrayBuffer": _read_buffer,
    **{f"Temporal.{kind}": _temporal_reader(kind) for kind in TEMPORAL_KINDS},
}
