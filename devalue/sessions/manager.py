"""Sessions and AsyncSessions: they run the commit algorithm of ``protocol`` on a store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable
from typing import Any, NamedTuple, TypeVar

from devalue.sessions.cookies import CookieOptions
from devalue.sessions.errors import SessionError
from devalue.sessions.protocol import (
    Collected,
    CompareAndSet,
    Delete,
    Get,
    Pause,
    Steps,
    collect,
    commit,
    load,
)
from devalue.sessions.session import Session
from devalue.sessions.stores.base import AsyncStore, Store

__all__ = ["AsyncSessions", "Collection", "Sessions", "run", "run_async"]

T = TypeVar("T")


class Collection(NamedTuple):
    """How many sessions ``gc`` kept, deleted, and could not read (those are kept too)."""

    kept: int
    deleted: int
    unreadable: int


class _Manager:
    """What both managers share: the options, and what needs no store.

    Args:
        cookie: the session cookie; the same options as Astro's ``session.cookie``.
        ttl: seconds that a key lives where ``set`` names no other; the same as Astro's ``session.ttl``.
        temporal: whether Astro runs where Temporal exists (not in Node 24, unless with ``--harmony-temporal``); it
            destroys a session with a Temporal value otherwise, so ``set`` refuses these unless told.
    """

    def __init__(
        self, *, cookie: CookieOptions | None = None, ttl: float | None = None, temporal: bool = False
    ) -> None:
        self.cookie = CookieOptions() if cookie is None else cookie
        self.ttl = ttl
        self.temporal = temporal

    def set_cookie(self, session: Session) -> str | None:
        """The Set-Cookie header that the answer needs after a commit, or None."""
        if session._cookie == "set" and session._stored_id is not None:
            return self.cookie.set_cookie(session._stored_id)
        return self.cookie.delete_cookie() if session._cookie == "delete" else None

    def _prepared(self, session: Session | None, headers: Iterable[str]) -> tuple[Session, str | None]:
        prepared = Session(ttl=self.ttl) if session is None else session
        prepared._temporal = self.temporal
        cookie = self.cookie.read(headers)
        prepared._had_cookie = cookie is not None
        return prepared, cookie


class Sessions(_Manager):
    """The sessions of a synchronous store. Safe to share between threads; each Session belongs to one.

    Args:
        store: where they are; the same entries that Astro uses.
        cookie, ttl: as in Astro's ``session`` configuration.
        temporal: whether Astro runs where Temporal exists; ``set`` refuses Temporal values otherwise.
    """

    def __init__(
        self,
        store: Store,
        *,
        cookie: CookieOptions | None = None,
        ttl: float | None = None,
        temporal: bool = False,
    ) -> None:
        super().__init__(cookie=cookie, ttl=ttl, temporal=temporal)
        self.store = store

    def open(self, cookie_headers: Iterable[str], session: Session | None = None) -> Session:
        """The session of a request, by its Cookie headers, for a framework: it never fails.

        ``session`` is the one to fill, for a framework that has a class of its own; by default a Session is made.
        Where the store fails or the data cannot be read, every access to the session raises that error, so that
        pages which do not use it are served all the same.
        """
        opened, session_id = self._prepared(session, cookie_headers)
        opened._loader = self._switch
        try:
            run(self.store, load(opened, session_id))
        except SessionError as error:
            _fail(opened, session_id, error)
        return opened

    def load(self, session_id: str) -> Session:
        """The session of an id; an empty one where the store has none of this id.

        Raises:
            StoreError: the store failed.
            SessionDataError: the stored data cannot be read.
        """
        session = Session(ttl=self.ttl)
        session._temporal = self.temporal
        session._loader = self._switch
        run(self.store, load(session, session_id))
        return session

    def commit(self, session: Session) -> str | None:
        """Save what the request changed, and give the Set-Cookie header that the answer needs, or None.

        Raises:
            EncodeError, SessionConflict, SessionDataError, StoreError: see ``protocol.commit``.
        """
        run(self.store, commit(session))
        return self.set_cookie(session)

    def delete(self, session_id: str) -> None:
        """Delete a session, whoever has it: a logout from outside.

        Raises:
            StoreError: the store failed.
        """
        self.store.delete(session_id)

    def gc(self) -> Collection:
        """Delete the stored sessions in which nothing is alive any more: every key expired, or none left.

        Raises:
            StoreError: the store failed.
        """
        counts = dict.fromkeys(Collected, 0)
        for session_id in self.store.keys():  # noqa: SIM118
            counts[run(self.store, collect(session_id))] += 1
        return Collection(counts[Collected.KEPT], counts[Collected.DELETED], counts[Collected.UNREADABLE])

    def _switch(self, session: Session, session_id: str) -> None:
        session._attach(None, None, {})
        run(self.store, load(session, session_id))
        session._cookie = None if session.is_new else "set"


class AsyncSessions(_Manager):
    """The sessions of an asynchronous store (asyncio): ``Sessions`` with coroutines."""

    def __init__(
        self,
        store: AsyncStore,
        *,
        cookie: CookieOptions | None = None,
        ttl: float | None = None,
        temporal: bool = False,
    ) -> None:
        super().__init__(cookie=cookie, ttl=ttl, temporal=temporal)
        self.store = store
        self._unfinished: set[asyncio.Task[None]] = set()

    async def open(self, cookie_headers: Iterable[str], session: Session | None = None) -> Session:
        """See ``Sessions.open``."""
        opened, session_id = self._prepared(session, cookie_headers)
        opened._loader = self._switch
        try:
            await run_async(self.store, load(opened, session_id))
        except SessionError as error:
            _fail(opened, session_id, error)
        return opened

    async def load(self, session_id: str) -> Session:
        """See ``Sessions.load``."""
        session = Session(ttl=self.ttl)
        session._temporal = self.temporal
        session._loader = self._switch
        await run_async(self.store, load(session, session_id))
        return session

    async def commit(self, session: Session) -> str | None:
        """See ``Sessions.commit``. A cancelled regenerate still ends, so that no second copy of a session stays."""
        steps = run_async(self.store, commit(session))
        await (self._unbroken(steps) if session._moved else steps)
        return self.set_cookie(session)

    async def delete(self, session_id: str) -> None:
        """See ``Sessions.delete``."""
        await self.store.delete(session_id)

    async def gc(self) -> Collection:
        """See ``Sessions.gc``."""
        counts = dict.fromkeys(Collected, 0)
        async for session_id in self.store.keys():
            counts[await run_async(self.store, collect(session_id))] += 1
        return Collection(counts[Collected.KEPT], counts[Collected.DELETED], counts[Collected.UNREADABLE])

    async def _switch(self, session: Session, session_id: str) -> None:
        session._attach(None, None, {})
        await run_async(self.store, load(session, session_id))
        session._cookie = None if session.is_new else "set"

    async def _unbroken(self, steps: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(steps)
        self._unfinished.add(task)
        task.add_done_callback(self._unfinished.discard)
        await asyncio.shield(task)


def run(store: Store, steps: Steps[T]) -> T:
    """Drive a generator of the protocol on a synchronous store."""
    result: Any = None
    error: SessionError | None = None
    while True:
        try:
            command = steps.send(result) if error is None else steps.throw(error)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        result, error = None, None
        try:
            match command:
                case Get(key):
                    result = store.get(key)
                case CompareAndSet(key, expected, new, ttl):
                    result = store.compare_and_set(key, expected, new, ttl)
                case Delete(key):
                    store.delete(key)
                case Pause(seconds):
                    time.sleep(seconds)
        except SessionError as failure:
            error = failure


async def run_async(store: AsyncStore, steps: Steps[T]) -> T:
    """Drive a generator of the protocol on an asynchronous store."""
    result: Any = None
    error: SessionError | None = None
    while True:
        try:
            command = steps.send(result) if error is None else steps.throw(error)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        result, error = None, None
        try:
            match command:
                case Get(key):
                    result = await store.get(key)
                case CompareAndSet(key, expected, new, ttl):
                    result = await store.compare_and_set(key, expected, new, ttl)
                case Delete(key):
                    await store.delete(key)
                case Pause(seconds):
                    await asyncio.sleep(seconds)
        except SessionError as failure:
            error = failure


def _fail(session: Session, session_id: str | None, error: SessionError) -> None:
    session._attach(session_id, None, {})
    session._failure = error
