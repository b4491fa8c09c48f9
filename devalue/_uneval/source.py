"""What a replacer returns: JavaScript source with holes for values that ``uneval`` writes."""

from __future__ import annotations

import re
import secrets
from typing import Any, Final

from devalue.errors import EncodeError

__all__ = ["Holes", "Source"]

_IDENTIFIER: Final = re.compile(r"[a-zA-Z_$][\w$]*", re.ASCII)
_UNICODE_ESCAPE: Final = re.compile(r"\\u(?:([0-9a-fA-F]{4})|\{([0-9a-fA-F]+)\})")


class Source:
    """JavaScript source: ``texts[0] values[0] texts[1] values[1] … texts[-1]``."""

    __slots__ = ("texts", "values")

    def __init__(self, texts: list[str], values: list[Any]) -> None:
        self.texts = texts
        self.values = values

    def words(self) -> set[str]:
        """Every word that could be an identifier, also in strings and comments: no generated name may hide one."""
        return {word for text in self.texts for word in _IDENTIFIER.findall(_UNICODE_ESCAPE.sub(_decoded, text))}


class Holes:
    """Stands in a replacer's source for the values that are not written yet.

    A replacer is given ``hole`` as its function ``uneval``. What that returns is an opaque text, which ``source``
    finds again in what the replacer made of it. The token is random, so no text from outside can pass for a hole.
    """

    def __init__(self) -> None:
        self._token = f"\0{secrets.token_hex(8)}:"
        self._hole = re.compile(f"{self._token}([0-9]+)\0")
        self._values: list[Any] = []

    def hole(self, value: Any, /) -> str:
        """A text that stands for the value in the source that a replacer returns."""
        self._values.append(value)
        return f"{self._token}{len(self._values) - 1}\0"

    def source(self, text: str) -> Source:
        """The source that a replacer returned, split at its holes.

        Raises:
            EncodeError: a hole was cut or changed.
        """
        parts = self._hole.split(text)
        if any(self._token in part for part in parts):
            raise EncodeError(
                "Invalid uneval replacer result",
                value=text,
                hint="what uneval() returns inside a replacer must stand in its source as it is",
            )
        return Source(parts[::2], [self._values[int(number)] for number in parts[1::2]])


def _decoded(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code < 128 else escape[0]
