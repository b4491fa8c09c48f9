"""Open, load, commit and collect, written once: generators of store commands, without I/O.

A driver (``manager``) sends back what each command gave::

    command = next(steps)
    while True:
        command = steps.send(perform(command))      # until StopIteration, whose value is the result

The rules, each of which Astro lacks:

- A commit is a compare-and-set on the text that was loaded. If others wrote first, the session is read again and only
  what this request set and deleted is applied to it, key by key, and tried again.
- A session that vanished since it was loaded (logout or regenerate elsewhere) is not brought back.
- Data that cannot be read are neither destroyed nor overwritten.
- Regenerate writes the new entry, then takes the old one away by compare-and-set: of several at once one wins.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, TypeAlias, TypeVar

from devalue.sessions.changes import Changes
from devalue.sessions.errors import SessionConflict, SessionDataError, SessionError, StoreError
from devalue.sessions.ids import is_session_id, new_session_id, short_id
from devalue.sessions.session import Session, epoch_milliseconds
from devalue.sessions.text import Entries, decode, expiry, live

__all__ = [
    "Collected",
    "Command",
    "CompareAndSet",
    "Delete",
    "Get",
    "Pause",
    "Steps",
    "collect",
    "commit",
    "create",
    "load",
    "open_session",
    "switch",
]

logger = logging.getLogger("devalue.sessions")

T = TypeVar("T")

MAX_ATTEMPTS = 100
"""Writes that one commit tries before it gives up with a SessionConflict."""

MAX_SECONDS = 10.0
"""Seconds after which it tries no more, however few attempts a slow store allowed."""

MAX_PAUSE = 0.05
"""Longest pause between two attempts, in seconds."""

MAX_READS = 40
"""Reads that one load tries while what it gets cannot be read: another program may be in the middle of a write."""

STABLE_AFTER = 8
"""Reads in a row with the same unreadable bytes after which they count as what is really stored."""

REREAD_PAUSE = (0.005, 0.03)
"""Seconds between two such reads: at random, so as not to keep step with the writer."""

STORE_GRACE = 3600.0
"""Seconds that a store keeps a session beyond the expiry of its last key, for requests that are under way."""


@dataclass(slots=True)
class Get:
    """Gives the stored bytes or None."""

    key: str


@dataclass(slots=True)
class CompareAndSet:
    """Gives whether ``expected`` was stored, and ``new`` is now."""

    key: str
    expected: bytes | None
    new: bytes | None
    ttl: float | None = None


@dataclass(slots=True)
class Delete:
    """Gives None."""

    key: str


@dataclass(slots=True)
class Pause:
    """Wait so many seconds. Gives None."""

    seconds: float


Command: TypeAlias = Get | CompareAndSet | Delete | Pause
Steps: TypeAlias = Generator[Command, Any, T]


class Collected(Enum):
    """What became of a session that ``collect`` looked at."""

    KEPT = "kept"
    DELETED = "deleted"
    UNREADABLE = "unreadable"


def open_session(session: Session, session_id: str | None) -> Steps[None]:
    """``load`` for a framework: it never fails, but every access to the session raises the error."""
    try:
        yield from load(session, session_id)
    except SessionError as error:
        session._attach(session_id, None, {})
        session._failure = error


def switch(session: Session, session_id: str) -> Steps[None]:
    """Make a session that is in use that of another id; ``load`` with what it means for the cookie.

    Raises:
        StoreError, SessionDataError: see ``load``.
    """
    session._attach(None, None, {})
    yield from load(session, session_id)
    session._cookie = None if session.is_new else "set"


def load(session: Session, session_id: str | None) -> Steps[None]:
    """Read the session of an id into ``session``. No id, or none of ours, costs no I/O and leaves it empty.

    Raises:
        StoreError: the store failed.
        SessionDataError: the stored data cannot be read.
    """
    if session_id is None or not is_session_id(session_id):
        return
    data, entries = yield from _read(session_id)
    if data is not None:
        session._attach(session_id, data, live(entries, epoch_milliseconds()))


def commit(session: Session) -> Steps[None]:
    """Bring the store to what the request made of the session; no I/O where nothing changed.

    Raises:
        EncodeError: a value was changed in place to one that JavaScript cannot read; nothing is written.
        StoreError: the store failed; whether it wrote is unknown.
        SessionConflict: others kept writing first; nothing was written.
        SessionDataError: what another program wrote meanwhile cannot be read; it is left as it is.
    """
    while session._doomed:
        yield Delete(session._doomed[-1])
        session._doomed.pop()
    changes = session._begin()
    try:
        text = changes.text()
        if text is None:
            return
        if changes.assigned or not changes.deleted:
            session._cookie = "set"
        if session._stored_id is None:
            yield from _create(session, changes, text)
        elif session._moved:
            yield from _move(session, changes, text)
        else:
            yield from _update(session, changes, text)
    except BaseException:
        session._not_saved(changes)
        raise


def create(session: Session) -> Steps[None]:
    """Store a new session, even one without keys.

    Raises:
        EncodeError, StoreError: see ``commit``.
    """
    changes = session._begin()
    try:
        yield from _create(session, changes, changes.encoded(changes.entries))
    except BaseException:
        session._not_saved(changes)
        raise


def collect(session_id: str) -> Steps[Collected]:
    """Delete a stored session if nothing in it is alive; one that changes meanwhile is kept."""
    try:
        data, entries = yield from _read(session_id, empty=b"")
    except SessionDataError:
        return Collected.UNREADABLE
    if data is None or live(entries, epoch_milliseconds()):
        return Collected.KEPT
    deleted = yield CompareAndSet(session_id, data, None)
    return Collected.DELETED if deleted else Collected.KEPT


def _create(session: Session, changes: Changes, text: bytes) -> Steps[None]:
    session_id = session._id or new_session_id()
    while not (yield CompareAndSet(session_id, None, text, _store_ttl(changes.entries))):
        session_id = new_session_id()  # someone has this id: a fault of the random source, if it ever happens
    session._cookie = "set"
    session._saved(changes, session_id, text, changes.entries)


def _update(session: Session, changes: Changes, text: bytes) -> Steps[None]:
    session_id, entries = _stored_id(session), changes.entries
    expected = changes.base
    for attempt in _attempts():
        if (yield CompareAndSet(session_id, expected, text, _store_ttl(entries))):
            session._saved(changes, session_id, text, entries)
            return
        if attempt > 1:
            yield _backoff(attempt)
        expected, stored = yield from _read(session_id)
        if expected is None:
            yield from _vanished(session, changes)
            return
        entries, text = _merged(changes, stored)
    raise _conflict(session_id)


def _move(session: Session, changes: Changes, text: bytes) -> Steps[None]:
    """Regenerate: the data under the new id first, then the old id away, so that a crash between loses nothing."""
    old_id, new_id, entries = _stored_id(session), session._id or new_session_id(), changes.entries
    expected = changes.base
    yield CompareAndSet(new_id, None, text, _store_ttl(entries))
    try:
        for attempt in _attempts():
            if (yield CompareAndSet(old_id, expected, None)):
                session._saved(changes, new_id, text, entries)
                return
            if attempt > 1:
                yield _backoff(attempt)
            expected, stored = yield from _read(old_id)
            if expected is None:
                yield Delete(new_id)
                yield from _vanished(session, changes)
                return
            written = text
            entries, text = _merged(changes, stored)
            yield CompareAndSet(new_id, written, text, _store_ttl(entries))
        raise _conflict(old_id)
    except StoreError:
        # Whether the old entry is gone is unknown: the new one may be the only copy of the data, so it stays.
        raise
    except SessionError:
        yield Delete(new_id)
        raise


def _vanished(session: Session, changes: Changes) -> Steps[None]:
    if session._loaded:
        logger.info(
            "session %s ended elsewhere (logout or a new id) while a request changed it: not brought back",
            short_id(_stored_id(session)),
        )
        session._cookie = None
        session._gone = True
        session._close("the session ended elsewhere (logout or a new id); it is not brought back")
        return
    # Nothing was alive in it when it was loaded: it was collected, nobody logged out. The visitor begins anew.
    session._stored_id = session._text = None
    session._id = new_session_id()
    text = replace(changes, base=None).text()
    if text is not None:
        yield from _create(session, changes, text)


def _read(session_id: str, empty: bytes | None = None) -> Steps[tuple[bytes | None, Entries]]:
    """The stored bytes and what they mean; None for no session.

    An entry without a byte is what a writer that was killed leaves. There is nothing in it to lose, and Astro takes it
    for no session too: then ``empty`` stands for the bytes.
    """
    data = yield Get(session_id)
    problem, repeats = "it changes all the time", 1
    for _ in range(MAX_READS):
        if data is None:
            return None, {}
        if data:
            try:
                return data, decode(data)
            except ValueError as error:
                reason = _reason(error)
        if repeats == STABLE_AFTER:
            if not data:
                return empty, {}
            problem = reason
            break
        yield Pause(random.uniform(*REREAD_PAUSE))
        again = yield Get(session_id)
        repeats = repeats + 1 if again == data else 1
        data = again
    raise SessionDataError(
        f"the stored data of session {short_id(session_id)} cannot be read and are left untouched: {problem}"
    )


def _reason(error: ValueError) -> str:
    # The message of a decoding error, never the text that it carries.
    return str(getattr(error, "msg", None) or type(error).__name__)


def _merged(changes: Changes, stored: Entries) -> tuple[Entries, bytes]:
    entries = changes.applied_to(live(stored, epoch_milliseconds()))
    return entries, changes.encoded(entries)


def _attempts() -> Iterator[int]:
    deadline = time.monotonic() + MAX_SECONDS
    for attempt in range(MAX_ATTEMPTS):
        yield attempt
        if time.monotonic() > deadline:
            return


def _backoff(attempt: int) -> Pause:
    return Pause(random.uniform(0, min(MAX_PAUSE, 0.001 * 2 ** min(attempt, 10))))


def _store_ttl(entries: Entries) -> float | None:
    last = expiry(entries)
    return None if last is None else max(0.0, last - epoch_milliseconds()) / 1000 + STORE_GRACE


def _stored_id(session: Session) -> str:
    assert session._stored_id is not None
    return session._stored_id


def _conflict(session_id: str) -> SessionConflict:
    return SessionConflict(
        f"session {short_id(session_id)} was changed by others again and again before this request could write; "
        "nothing was written: let the visitor try again"
    )
