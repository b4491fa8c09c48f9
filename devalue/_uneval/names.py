"""The names that hoisted values get: ``a``, ``b``, …, ``$``, ``aa``, … less what JavaScript or a replacer uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

__all__ = ["RESERVED", "fresh_names"]

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$"

# Reserved words of every edition (ECMAScript 12.7.2), also those that only ECMAScript 3 reserved.
_WORDS: Final = (
    "do if in for int let new try var byte case char else enum goto long this void with await break catch "
    "class const final float short super throw while yield delete double export import native return "
    "switch throws typeof boolean default extends finally package private abstract continue debugger "
    "function volatile interface protected transient implements instanceof synchronized "
)
RESERVED: Final = frozenset(_WORDS.split())


def fresh_names(taken: set[str]) -> Iterator[str]:
    """Every name in order, shortest first, but none of ``taken``."""
    index = 0
    while True:
        name = _name(index)
        index += 1
        if name not in taken:
            yield name


def _name(index: int) -> str:
    """The index-th name, counting in bijective base 54."""
    name = ""
    while index >= 0:
        index, digit = divmod(index, len(_LETTERS))
        name = _LETTERS[digit] + name
        index -= 1
    return f"{name}0" if name in RESERVED else name
