"""Session ids: version 4 UUIDs, as Astro makes and checks them."""

from __future__ import annotations

import re
import uuid

__all__ = ["is_session_id", "new_session_id", "short_id"]

# Astro's own expression. ASCII digits only, and fullmatch: "$" would let a trailing newline through.
_UUID_V4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


def is_session_id(text: str) -> bool:
    """Whether ``text`` has the form of a session id: a version 4 UUID, nothing before or behind it."""
    return _UUID_V4.fullmatch(text) is not None


def new_session_id() -> str:
    """A new id: 122 random bits from the operating system."""
    return str(uuid.uuid4())


def short_id(session_id: str) -> str:
    """The first eight characters, for logs and messages: they find a session, and open none."""
    return session_id[:8] + "…"
