"""Primitive values and property names as JavaScript source."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from devalue._rules import MAX_ARRAY_LENGTH, decimal_text, number_text, quote
from devalue.types import BigInt, Undefined

__all__ = ["key_text", "literal", "property_text", "sparse_array_text", "utf16_length"]

_IDENTIFIER: Final = re.compile(r"[_$a-zA-Z][_$a-zA-Z0-9]*")
_LAST_INDEX: Final = MAX_ARRAY_LENGTH - 1


def literal(value: Any) -> str:
    """A primitive as a literal: ``"a"``, ``.5``, ``-0``, ``5n``, ``void 0``."""
    write = _BY_TYPE.get(type(value))
    if write is None:
        write = next(_BY_TYPE[base] for base in type(value).__mro__ if base in _BY_TYPE)
    return write(value)


def _number(value: float) -> str:
    text = float.__repr__(value)
    # Python's text differs from JavaScript's in the exponent only, in NaN and Infinity, and in the end ".0".
    if "e" in text or "n" in text:
        text = number_text(value)
    elif text.endswith(".0"):
        return text[:-2]
    if text.startswith("0."):
        return text[1:]
    return f"-{text[2:]}" if text.startswith("-0.") else text


_BY_TYPE: Final[dict[type, Callable[[Any], str]]] = {
    str: quote,
    bool: lambda value: "true" if value else "false",
    int: int.__repr__,
    float: _number,
    BigInt: lambda value: f"{decimal_text(value)}n",
    type(None): lambda value: "null",
    Undefined: lambda value: "void 0",
}


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
