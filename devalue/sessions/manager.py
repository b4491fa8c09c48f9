"""Sessions and AsyncSessions: they run the commit algorithm of ``protocol`` on a store."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, Generic, NamedTuple, TypeVar

from devalue.sessions.cookies import CookieOptions
from devalue.sessions.errors import SessionError
from devalue.sessions.protocol import (
    Collected,
    Command,
    CompareAndSet,
    Delete,
    Get,
    Pause,
    Steps,
    collect,
    commit,
    load,
    open_session,
    switch,
)
from devalue.sessions.session import Session
from devalue.sessions.stores.base import AsyncStore, Store

__all__ = ["AsyncSessions", "Collection", "Sessions", "perform", "run", "run_async"]

T = TypeVar("T")
S = TypeVar("S", bound=Store | AsyncStore)

_UNFINISHED: Final[set[asyncio.Task[None]]] = set()
"""Commits whose caller may be gone: an event loop alone does not keep its tasks alive."""


class Collection(NamedTuple):
    """How many sessions ``gc`` kept, deleted, and could not read (those are kept too)."""

    kept: int
    deleted: int
    unreadable: int


class _Manager(ABC, Generic[S]):
    """What both managers share: the store, the options, and what needs no I/O."""

    def __init__(
        self,
        store: S,
        *,
        cookie: CookieOptions | None = None,
        ttl: float | None = None,
        temporal: bool = False,
    ) -> None:
        self.store = store
        self.cookie = CookieOptions() if cookie is None else cookie
        self.ttl = ttl
        self.temporal = temporal

    def set_cookie(self, session: Session) -> str | None:
        """The Set-Cookie header that the answer needs after a commit, or None."""
        if session._cookie == "set" and session._stored_id is not None:
            return self.cookie.set_cookie(session._stored_id)
        return self.cookie.delete_cookie() if session._cookie == "delete" else None

    def _begun(self, session: Session | None = None) -> Session:
        """A session of this manager: the given one, or a new one."""
        begun = Session(ttl=self.ttl) if session is None else session
        begun._temporal = self.temporal
        begun._loader = self._switch
        return begun

    def _opening(self, cookie_headers: Iterable[str], session: Session | None) -> tuple[Session, Steps[None]]:
        """The session of a request, and the steps that fill it."""
        opened = self._begun(session)
        session_id = self.cookie.read(cookie_headers)
        opened._had_cookie = session_id is not None
        return opened, open_session(opened, session_id)

    @abstractmethod
    def _switch(self, session: Session, session_id: str) -> Any:
        """What ``Session.load`` does on the store."""


class Sessions(_Manager[Store]):
    """The sessions of a synchronous store. Safe to share between threads; each Session belongs to one.

    Args:
        store: where they are; the same entries that Astro uses.
        cookie: the session cookie; the same options as Astro's ``session.cookie``.
        ttl: seconds that a key lives where ``set`` names no other; the same as Astro's ``session.ttl``.
        temporal: whether Astro runs where Temporal exists (not in Node 24, unless with ``--harmony-temporal``); it
            destroys a session with a Temporal value otherwise, so ``set`` refuses these unless told.
    """

    def open(self, cookie_headers: Iterable[str], session: Session | None = None) -> Session:
        """The session of a request, by its Cookie headers, for a framework: it never fails.

        ``session`` is the one to fill, for a framework that has a class of its own; by default a Session is made.
        Where the store fails or the data cannot be read, every access to the session raises that error, so that
        pages which do not use it are served all the same.
        """
        opened, steps = self._opening(cookie_headers, session)
        run(self.store, steps)
        return opened

    def load(self, session_id: str) -> Session:
        """The session of an id; an empty one where the store has none of this id.

        Raises:
            StoreError: the store failed.
            SessionDataError: the stored data cannot be read.
        """
        session = self._begun()
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
        session_ids = self.store.keys()
        return _collection(Counter(run(self.store, collect(session_id)) for session_id in session_ids))

    def _switch(self, session: Session, session_id: str) -> None:
        run(self.store, switch(session, session_id))


class AsyncSessions(_Manager[AsyncStore]):
    """The sessions of an asynchronous store (asyncio): ``Sessions`` with coroutines."""

    async def open(self, cookie_headers: Iterable[str], session: Session | None = None) -> Session:
        """See ``Sessions.open``."""
        opened, steps = self._opening(cookie_headers, session)
        await run_async(self.store, steps)
        return opened

    async def load(self, session_id: str) -> Session:
        """See ``Sessions.load``."""
        session = self._begun()
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
        counts: Counter[Collected] = Counter()
        async for session_id in self.store.keys():
            counts[await run_async(self.store, collect(session_id))] += 1
        return _collection(counts)

    async def _switch(self, session: Session, session_id: str) -> None:
        await run_async(self.store, switch(session, session_id))

    async def _unbroken(self, steps: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(steps)
        _UNFINISHED.add(task)
        task.add_done_callback(_UNFINISHED.discard)
        await asyncio.shield(task)


def run(store: Store, steps: Steps[T]) -> T:
    """Drive a generator of the protocol on a synchronous store."""
    answer: Any = None
    while True:
        try:
            command = _resume(steps, answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        try:
            answer = perform(command, store, time.sleep)
        except SessionError as error:
            answer = error


async def run_async(store: AsyncStore, steps: Steps[T]) -> T:
    """Drive a generator of the protocol on an asynchronous store."""
    answer: Any = None
    while True:
        try:
            command = _resume(steps, answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        try:
            answer = await perform(command, store, asyncio.sleep)
        except SessionError as error:
            answer = error


def _resume(steps: Steps[Any], answer: Any) -> Command:
    """Tell the steps what their command gave, an error of the store too, for the next one."""
    return steps.throw(answer) if isinstance(answer, SessionError) else steps.send(answer)


def perform(command: Command, store: Store | AsyncStore, sleep: Callable[[float], Any]) -> Any:
    """Carry out a command; on an asynchronous store what is to be awaited."""
    match command:
        case Get(key):
            return store.get(key)
        case CompareAndSet(key, expected, new, ttl):
            return store.compare_and_set(key, expected, new, ttl)
        case Delete(key):
            return store.delete(key)
        case Pause(seconds):
            return sleep(seconds)


def _collection(counts: Counter[Collected]) -> Collection:
    return Collection(counts[Collected.KEPT], counts[Collected.DELETED], counts[Collected.UNREADABLE])
