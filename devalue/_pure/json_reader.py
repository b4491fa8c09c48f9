"""JSON (RFC 8259) as ``JSON.parse`` takes it, at any depth, with the exact place of an error.

The standard library reads first, since it is fast. What it cannot read, or not as JavaScript does, is read here:
without recursion, and with errors that do not change with the version of Python.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from devalue._rules import MAX_SAFE_INTEGER
from devalue.errors import DecodeError

__all__ = ["read_json", "slot_position"]

_SPACE: Final = re.compile(r"[ \t\n\r]*+")
_NUMBER: Final = re.compile(r"(-?(?:0|[1-9][0-9]*+))(\.[0-9]++)?([eE][+-]?[0-9]++)?")
_WORD: Final = re.compile(r"true|false|null")
_WORDS: Final = {"true": True, "false": False, "null": None}
_STRING_BODY: Final = re.compile(r'"((?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+)')
_ESCAPE: Final = re.compile(r"\\u([dD][89abAB]..)\\u([dD][c-fC-F]..)|\\u(....)|\\(.)")
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def read_json(text: str) -> Any:
    """The value of a JSON text. Numbers are as JavaScript has them; of a repeated key the last value stays.

    Raises:
        DecodeError: the text is no JSON; ``pos`` says where.
    """
    try:
        return json.loads(text, parse_int=_integer, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return _Reader(text).read()


def _integer(digits: str) -> int | float:
    """An integer literal: an int if every double holds it exactly, -0 and what is larger as a float."""
    if digits == "-0":
        return -0.0
    if len(digits) <= 17:
        value = int(digits)
        if -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
            return value
    return float(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


class _Reader:
    """One pass over the text, with a stack of the arrays and objects that are open."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._pos = 0
        self._open: list[list[Any] | dict[str, Any]] = []

    def read(self) -> Any:
        root: list[Any] = []
        self._value_into(root)
        while self._open:
            container = self._open[-1]
            if isinstance(container, list):
                self._continue_array(container)
            else:
                self._continue_object(container)
        if self._next_char():
            raise self._error("Invalid JSON: there is more after the end of the value")
        return root[0]

    def _continue_array(self, array: list[Any]) -> None:
        """One step in an open array: its end, or one element."""
        char = self._next_char()
        if char == "]":
            self._close()
        elif not array:
            self._value_into(array)
        elif char == ",":
            self._pos += 1
            self._value_into(array)
        else:
            raise self._error("Invalid JSON: expected ',' or ']'")

    def _continue_object(self, members: dict[str, Any]) -> None:
        """One step in an open object: its end, or one member."""
        char = self._next_char()
        if char == "}":
            self._close()
            return
        if members:
            if char != ",":
                raise self._error("Invalid JSON: expected ',' or '}'")
            self._pos += 1
            char = self._next_char()
        if char != '"':
            raise self._error("Invalid JSON: expected a key in double quotes")
        key = self._string()
        if self._next_char() != ":":
            raise self._error("Invalid JSON: expected ':' after the key")
        self._pos += 1
        self._value_into(members, key)

    def _close(self) -> None:
        self._pos += 1
        self._open.pop()

    def _value_into(self, container: list[Any] | dict[str, Any], key: str = "") -> None:
        """Read a value, or the opening of one, and store it in the container that it belongs to."""
        char = self._next_char()
        value: Any
        if char in ("[", "{"):
            value = [] if char == "[" else {}
            self._pos += 1
            self._open.append(value)
        else:
            value = self._string() if char == '"' else self._number_or_word()
        if isinstance(container, list):
            container.append(value)
        else:
            container[key] = value

    def _number_or_word(self) -> Any:
        if match := _NUMBER.match(self._text, self._pos):
            self._pos = match.end()
            return _integer(match[1]) if match.end() == match.end(1) else float(match[0])
        if match := _WORD.match(self._text, self._pos):
            self._pos = match.end()
            return _WORDS[match[0]]
        raise self._error(self._why_no_value())

    def _string(self) -> str:
        match = _STRING_BODY.match(self._text, self._pos)
        assert match is not None  # the caller saw the quote
        end = match.end()
        if self._text[end : end + 1] != '"':
            raise self._string_error(end)
        self._pos = end + 1
        return _ESCAPE.sub(_unescape, match[1]) if "\\" in match[1] else match[1]

    def _next_char(self) -> str:
        """The next character that is no white space; empty at the end."""
        match = _SPACE.match(self._text, self._pos)
        assert match is not None  # it matches nothing, too
        self._pos = match.end()
        return self._text[self._pos : self._pos + 1]

    def _error(self, message: str, pos: int | None = None) -> DecodeError:
        return DecodeError(message, self._text, self._pos if pos is None else pos)

    def _why_no_value(self) -> str:
        rest = self._text[self._pos : self._pos + 9]
        if not rest:
            return "Invalid JSON: the text ends where a value should be"
        if rest[0] == "\ufeff":
            return "Invalid JSON: a byte order mark; read the file as 'utf-8-sig'"
        if rest.startswith(("NaN", "Infinity", "-Infinity")):
            return "Invalid JSON: NaN and Infinity are no JSON (devalue writes -3, -4 and -5 in their place)"
        return "Invalid JSON: expected a value"

    def _string_error(self, end: int) -> DecodeError:
        """Why the string that starts at the current position cannot go on at ``end``."""
        char = self._text[end : end + 1]
        if not char:
            return self._error("Invalid JSON: a string that does not end")
        if char == "\\":
            return self._error("Invalid JSON: no such escape in a string", end)
        return self._error("Invalid JSON: a control character in a string must be escaped", end)


def _unescape(match: re.Match[str]) -> str:
    high, low, single, char = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    if single:
        return chr(int(single, 16))
    return _ESCAPES.get(char, char)


_STRUCTURE: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},]')


def slot_position(text: str, slot: int) -> int | None:
    """Where in a JSON array that was read before an element starts; None if the text is no array."""
    start = _after_space(text, 0)
    if text[start : start + 1] != "[":
        return None
    if slot == 0:
        return _after_space(text, start + 1)
    depth = 0
    for match in _STRUCTURE.finditer(text, start):
        char = match[0][0]
        if char in "[{":
            depth += 1
        elif char in "]}":
            depth -= 1
        elif char == "," and depth == 1:
            slot -= 1
            if slot == 0:
                return _after_space(text, match.end())
    return None


def _after_space(text: str, pos: int) -> int:
    match = _SPACE.match(text, pos)
    return match.end() if match else pos
