"""Sessions shared with Astro: same cookie, same store, same bytes.

``Sessions`` (or ``AsyncSessions``) on a store is all that a framework needs; ``asgi``, ``flask`` and ``django`` are
the ready-made connections to one.
"""

from devalue.sessions.cookies import CookieOptions
from devalue.sessions.errors import (
    SessionClosed,
    SessionConflict,
    SessionDataError,
    SessionError,
    SessionKeyError,
    StoreError,
    StoreTimeout,
)
from devalue.sessions.keys import SessionKey
from devalue.sessions.manager import AsyncSessions, Collection, Sessions
from devalue.sessions.session import Session

__all__ = [
    "AsyncSessions",
    "Collection",
    "CookieOptions",
    "Session",
    "SessionClosed",
    "SessionConflict",
    "SessionDataError",
    "SessionError",
    "SessionKey",
    "SessionKeyError",
    "Sessions",
    "StoreError",
    "StoreTimeout",
]
