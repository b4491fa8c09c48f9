"""The errors of the session layer.

::

    SessionError
     ├── SessionKeyError (ValueError)   a key that Astro would refuse: empty, or no str
     ├── SessionDataError               the stored text is no session; it is left untouched
     ├── SessionConflict                others kept writing first; nothing of ours was written
     ├── SessionClosed                  a change after the answer began, when no cookie can go out any more
     └── StoreError                     the store failed, refused or cannot be reached
          └── StoreTimeout (TimeoutError)

A value that JavaScript could not read raises the codec's ``EncodeError``. No message holds a whole
session id: whoever has it is logged in, and messages end up in logs.
"""

from __future__ import annotations

__all__ = [
    "SessionClosed",
    "SessionConflict",
    "SessionDataError",
    "SessionError",
    "SessionKeyError",
    "StoreError",
    "StoreTimeout",
]


class SessionError(Exception):
    """Base of all errors of the session layer."""


class SessionKeyError(SessionError, ValueError):
    """A key that Astro would refuse: empty, or no str."""


class SessionDataError(SessionError):
    """The stored text is no session. It is neither destroyed nor overwritten: look at it, then delete it."""


class SessionConflict(SessionError):
    """Others changed the session first, again and again; nothing of this request's changes was written."""


class SessionClosed(SessionError):
    """The session was changed after it had been saved, when the answer had begun."""


class StoreError(SessionError):
    """The store failed, refused, or cannot be reached. Whether a write in progress took effect is unknown."""


class StoreTimeout(StoreError, TimeoutError):
    """The store did not answer in time."""
