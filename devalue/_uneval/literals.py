"""Primitive values and property names as JavaScript source."""

from __future__ import annotations

import re
from typing import Any, Final

from devalue._rules import MAX_ARRAY_LENGTH, decimal_text, number_text, quote
from devalue.types import BigInt, undefined

__all__ = ["key_text", "literal", "property_text", "sparse_array_text", "utf16_length"]

_IDENTIFIER: Final = re.compile(r"[_$a-zA-Z][_$a-zA-Z0-9]*")
_LAST_INDEX: Final = MAX_ARRAY_LENGTH - 1


def literal(value: Any) -> str:
    """A primitive as a literal: ``"a"``, ``.5``, ``-0``, ``5n``, ``void 0``."""
    if isinstance(value, str):
        return quote(value)
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if value is undefined:
        return "void 0"
    if isinstance(value, BigInt):
        return f"{decimal_text(value)}n"
    if value == 0:
        return "-0" if isinstance(value, float) and float.__repr__(value) == "-0.0" else "0"
    text = number_text(value)
    if text.startswith("0."):
        return text[1:]
    return f"-{text[2:]}" if text.startswith("-0.") else text


def key_text(key: str) -> str:
    """A property name in an object literal: ``a`` or ``"a-b"``."""
    return str.__str__(key) if _IDENTIFIER.fullmatch(key) else quote(key)


def property_text(key: str) -> str:
    """A property name after an object: ``.a`` or ``["a-b"]``."""
    return f".{key_text(key)}" if _IDENTIFIER.fullmatch(key) else f"[{quote(key)}]"


def sparse_array_text(length: int) -> str:
    """An array that allocates nothing for its length: setting the last index first makes it a dictionary."""
    return f"(function(a){{a[{_LAST_INDEX}]=0;delete a[{_LAST_INDEX}];a.length={length};return a}}([]))"


def utf16_length(text: str) -> int:
    """The length as JavaScript counts it: characters beyond U+FFFF are two."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
