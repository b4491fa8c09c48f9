"""Sessions shared with Astro: same cookie, same store, same bytes."""

from devalue.sessions.errors import (
    SessionClosed,
    SessionConflict,
    SessionDataError,
    SessionError,
    SessionKeyError,
    StoreError,
    StoreTimeout,
)

__all__ = [
    "SessionClosed",
    "SessionConflict",
    "SessionDataError",
    "SessionError",
    "SessionKeyError",
    "StoreError",
    "StoreTimeout",
]
