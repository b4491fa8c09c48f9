"""Typed keys: ``session[CART]`` is a ``list[str]`` to the type checker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from devalue.sessions.errors import SessionKeyError

__all__ = ["SessionKey", "key_name"]

T = TypeVar("T")


# Not frozen: Python 3.11 cannot make a frozen generic class with slots.
@dataclass(slots=True, unsafe_hash=True)
class SessionKey(Generic[T]):
    """A key and the type of its value: ``CART = SessionKey[list[str]]("cart")``.

    The type is for the type checker alone: nothing is checked or converted at run time.
    """

    name: str


def key_name(key: object) -> str:
    """The text of a key that is to be written.

    Raises:
        SessionKeyError: the key is empty, or no str and no SessionKey.
    """
    name = key.name if isinstance(key, SessionKey) else key
    if not isinstance(name, str):
        raise SessionKeyError(f"a session key is a str or a SessionKey, not {type(name).__name__}")
    if not name:
        raise SessionKeyError("a session key must not be empty")
    return str.__str__(name)
