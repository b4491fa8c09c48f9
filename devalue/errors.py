"""The errors of the codec.

::

    DevalueError
     ├── EncodeError (TypeError)    a value that JavaScript could not read
     └── DecodeError (ValueError)   a text that is no devalue text

Exceptions that a caller's own hook raises (reducer, reviver, ``default``) are never wrapped.
"""

from __future__ import annotations

from typing import Any

__all__ = ["DecodeError", "DevalueError", "EncodeError"]


class DevalueError(Exception):
    """Base of all errors that this package raises for bad values and bad texts."""


class EncodeError(DevalueError, TypeError):
    """A value cannot be written.

    Attributes:
        message: what failed; JavaScript's own text where JavaScript has one.
        path: where, as JavaScript writes it: ``.cart.items[1].get("price")``; empty for the root.
        value: the value that failed.
        root: the value that was to be written.
        hint: what would work instead; may be empty.
    """

    def __init__(self, message: str, *, path: str = "", value: Any = None, root: Any = None, hint: str = "") -> None:
        self.message = message
        self.path = path
        self.value = value
        self.root = root
        self.hint = hint
        super().__init__(message)

    def __str__(self) -> str:
        text = self.message
        if self.path:
            text += f" (at {_shortened(self.path)})"
        if self.hint:
            text += f": {self.hint}"
        return text

    def __reduce__(self) -> tuple[Any, ...]:
        # value and root may be anything, and are rarely picklable: what failed here.
        return _encode_error, (self.message, self.path, self.hint)


class DecodeError(DevalueError, ValueError):
    """A text cannot be read.

    Attributes:
        msg: what failed; JavaScript's own text where JavaScript has one.
        doc: the text, or None where there is none (``unflatten``).
        pos: the index in ``doc`` (characters, from 0) where it failed, or None.
        lineno, colno: the same as line and column (from 1), or None.
        slot: the index of the slot that failed, or None where the text is no JSON.
    """

    def __init__(self, msg: str, doc: str | None = None, pos: int | None = None, slot: int | None = None) -> None:
        self.msg = msg
        self.doc = doc
        self.pos = pos
        self.slot = slot
        self.lineno: int | None = None
        self.colno: int | None = None
        if doc is not None and pos is not None:
            self.lineno = doc.count("\n", 0, pos) + 1
            self.colno = pos - doc.rfind("\n", 0, pos)
        super().__init__(msg)

    def __str__(self) -> str:
        where = []
        if self.slot is not None:
            where.append(f"slot {self.slot}")
        if self.lineno is not None:
            where.append(f"line {self.lineno} column {self.colno} (char {self.pos})")
        return f"{self.msg}: {', '.join(where)}" if where else self.msg

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.msg, self.doc, self.pos, self.slot)


def _shortened(path: str) -> str:
    return path if len(path) <= 300 else f"{path[:150]} … {path[-150:]}"


def _encode_error(message: str, path: str, hint: str) -> EncodeError:
    return EncodeError(message, path=path, hint=hint)
