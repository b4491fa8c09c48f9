"""The small rules of the devalue format that both codecs share: constants, and the text of primitives.

The forms are those of npm devalue 6.0.3; where ECMAScript rules, its section is named.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

from devalue.types import hole, undefined

__all__ = [
    "HOLE",
    "MAX_ARRAY_LENGTH",
    "MAX_BIGINT_DIGITS",
    "MAX_DEPTH",
    "MAX_SAFE_INTEGER",
    "NAN",
    "NEGATIVE_INFINITY",
    "NEGATIVE_ZERO",
    "POSITIVE_INFINITY",
    "SPARSE",
    "UNDEFINED",
    "decimal_text",
    "integer_of_digits",
    "is_falsy",
    "number_text",
    "quote",
    "sentinel",
    "sparse_is_shorter",
    "too_many_digits",
]

# What stands in the place of an index, and of the whole text for such a root.
UNDEFINED: Final = -1
HOLE: Final = -2  # in arrays only
NAN: Final = -3
POSITIVE_INFINITY: Final = -4
NEGATIVE_INFINITY: Final = -5
NEGATIVE_ZERO: Final = -6
SPARSE: Final = -7  # opens the slot of a sparse array

MAX_SAFE_INTEGER: Final = 2**53 - 1  # ECMAScript 21.1.2.8
MAX_ARRAY_LENGTH: Final = 2**32 - 1  # ECMAScript 10.4.2
MAX_BIGINT_DIGITS: Final = 10_000  # ours: reading and writing decimal digits takes quadratic time

# Ours: how deep stringify goes by default. JavaScript recurses: before its stack ends, Node 24 writes at most 1,667
# levels and reads 2,102 (devalue 6.0.3): deeper text would be lost on it. Each slot that refers to others is a level.
MAX_DEPTH: Final = 1800


# --- numbers -------------------------------------------------------------------------------------------------------


def number_text(value: int | float) -> str:
    """ECMAScript 6.1.6.1.20, Number::toString with radix 10.

    Python's ``repr`` finds the same shortest digits, but sets them differently: ``1e-05``, ``1e+16``, ``1.0``.
    """
    if isinstance(value, int):
        return int.__repr__(value)
    number = float.__float__(value)
    sign = "-" if number < 0 else ""
    if number != number or abs(number) == math.inf:
        return "NaN" if number != number else f"{sign}Infinity"
    return sign + _place_point(*_shortest_digits(abs(number)))


def _shortest_digits(number: float) -> tuple[str, int]:
    """Digits without zeros at either end, and how many of them stand before the decimal point."""
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading_zeros = len(whole + fraction) - len(digits)
    return digits.rstrip("0"), len(whole) + int(exponent or "0") - leading_zeros


def _place_point(digits: str, point: int) -> str:
    count = len(digits)
    if count == 0:
        return "0"
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{mantissa}e{point - 1:+d}"


def sentinel(value: Any) -> int | None:
    """The negative number that stands for a value which never takes a slot; None for every other value."""
    if value is undefined:
        return UNDEFINED
    if not issubclass(type(value), float):
        return None
    number = float.__float__(value)
    if number != number:
        return NAN
    if number == 0:
        return NEGATIVE_ZERO if math.copysign(1, number) < 0 else None
    if abs(number) == math.inf:
        return POSITIVE_INFINITY if number > 0 else NEGATIVE_INFINITY
    return None


# Python limits int <-> str to a number of digits that a program may lower to 640, so conversions go in chunks.
_CHUNK: Final = 600
_CHUNK_BASE: Final = 10**_CHUNK
_BIGINT_BOUND: Final = 10**MAX_BIGINT_DIGITS


def too_many_digits(value: int) -> bool:
    """True if an integer has more than ``MAX_BIGINT_DIGITS`` decimal digits."""
    return not -_BIGINT_BOUND < value < _BIGINT_BOUND


def decimal_text(value: int) -> str:
    """The decimal digits of an integer, of any size."""
    rest = abs(int(value))
    chunks: list[str] = []
    while rest >= _CHUNK_BASE:
        rest, chunk = divmod(rest, _CHUNK_BASE)
        chunks.append(int.__repr__(chunk).zfill(_CHUNK))
    chunks.append(int.__repr__(rest))
    return ("-" if value < 0 else "") + "".join(reversed(chunks))


def integer_of_digits(text: str) -> int:
    """The integer of decimal digits, with or without a sign: the inverse of :func:`decimal_text`."""
    digits = text.lstrip("+-")
    head = len(digits) % _CHUNK
    value = int(digits[:head] or "0")
    for start in range(head, len(digits), _CHUNK):
        value = value * _CHUNK_BASE + int(digits[start : start + _CHUNK])
    return -value if text.startswith("-") else value


# --- strings -------------------------------------------------------------------------------------------------------

_UNSAFE: Final = re.compile('["\\\\<\x00-\x1f\u2028\u2029\ud800-\udfff]')
_SHORT_ESCAPES: Final = {
    '"': '\\"',
    "\\": "\\\\",
    "<": "\\u003C",  # so that the text can stand inside <script>; upper case as JavaScript's devalue has it
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
}


def quote(text: str) -> str:
    """A string as devalue 6 writes it: also ``<``, U+2028, U+2029 and unpaired surrogates are escaped."""
    return f'"{_UNSAFE.sub(_escape, str.__str__(text))}"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return _SHORT_ESCAPES.get(char) or f"\\u{ord(char):04x}"


# --- arrays, reducers ----------------------------------------------------------------------------------------------


def sparse_is_shorter(length: int, populated: int) -> bool:
    """Whether an array that has holes is written as ``[-7,length,index,…]`` and not with a ``-2`` for each hole.

    The characters that either form adds: ``,-2`` per hole, against ``-7,length,`` and ``index,`` per element.
    """
    digits = len(str(length))
    return (length - populated) * 3 > 4 + digits + populated * (digits + 1)


def is_falsy(result: Any) -> bool:
    """Whether a reducer's result declines: false in JavaScript (ECMAScript 7.1.2), whatever its ``__bool__`` says."""
    if result is None or result is undefined or result is hole:
        return True
    if isinstance(result, str):
        return len(result) == 0
    if isinstance(result, (int, float)):
        return result == 0 or result != result
    return False
