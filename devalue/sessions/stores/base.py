"""What a session store is: five operations on bytes, once synchronous and once asynchronous.

A store knows nothing of sessions. Its keys are session ids and its values are the UTF-8 bytes of
devalue texts, laid out in the engine exactly as JavaScript's unstorage lays them, so that Astro and
Python use the same entries.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar

from devalue.sessions.errors import StoreTimeout

__all__ = ["DEFAULT_TIMEOUT", "AsyncStore", "Store", "ThreadedStore"]

DEFAULT_TIMEOUT = 5.0
"""Seconds that one operation of a store may take before it fails with StoreTimeout."""

_KEYS_PER_HOP = 500

T = TypeVar("T")


class Store(ABC):
    """A synchronous store, safe to use from many threads at once.

    Every operation raises StoreError when the engine fails or cannot be reached, and StoreTimeout (a
    StoreError) when it does not answer in time; no other exception leaves for a reason that lies in
    the engine.
    """

    @abstractmethod
    def get(self, key: str) -> bytes | None:
        """The stored bytes, or None where there are none."""

    @abstractmethod
    def compare_and_set(self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None) -> bool:
        """Atomically: where the stored bytes are ``expected``, write ``new`` and say True; else False.

        ``expected`` None means that nothing may be stored, ``new`` None deletes. ``ttl`` in seconds:
        after this time nothing in ``new`` is alive any more, and an engine that can expire entries may
        drop it (a store with a time of its own takes the sooner of the two); None: no such time is
        known. Any expiry that the entry had before is replaced.
        """

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove the entry; nothing happens where there is none."""

    @abstractmethod
    def keys(self) -> Iterator[str]:
        """Every session id in this store, in any order, each at most once; other names are skipped.

        Ids that come or go meanwhile may or may not be among them.
        """

    def close(self) -> None:  # noqa: B027 (a store without connections has nothing to close)
        """Close what this store opened itself; a client that the caller supplied stays open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncStore(ABC):
    """An asynchronous store (asyncio): the operations of ``Store`` as coroutines."""

    @abstractmethod
    async def get(self, key: str) -> bytes | None:
        """See ``Store.get``."""

    @abstractmethod
    async def compare_and_set(
        self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None
    ) -> bool:
        """See ``Store.compare_and_set``."""

    @abstractmethod
    async def delete(self, key: str) -> None:
        """See ``Store.delete``."""

    @abstractmethod
    def keys(self) -> AsyncIterator[str]:
        """See ``Store.keys``; implementations are asynchronous generators."""

    async def close(self) -> None:  # noqa: B027
        """See ``Store.close``."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class ThreadedStore(AsyncStore):
    """A blocking store for asyncio: each operation runs in a worker thread, at most ``timeout`` seconds.

    An operation that is given up (cancelled, timed out) still ends in its thread: whether a write took
    effect is then unknown to the caller, as with any store across a network; it is never half done.
    """

    def __init__(self, store: Store, *, timeout: float | None = DEFAULT_TIMEOUT) -> None:
        self.store = store
        self.timeout = timeout

    async def get(self, key: str) -> bytes | None:
        return await self._run(lambda: self.store.get(key))

    async def compare_and_set(
        self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None
    ) -> bool:
        return await self._run(lambda: self.store.compare_and_set(key, expected, new, ttl))

    async def delete(self, key: str) -> None:
        await self._run(lambda: self.store.delete(key))

    async def keys(self) -> AsyncIterator[str]:
        # Some hundred at a time: a hop to the thread costs far more than one key.
        keys = self.store.keys()
        while batch := await self._run(lambda: list(islice(keys, _KEYS_PER_HOP))):
            for key in batch:
                yield key

    async def close(self) -> None:
        await self._run(self.store.close)

    async def _run(self, operation: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(self.timeout) as limit:
                return await asyncio.to_thread(operation)
        except TimeoutError as error:
            if not limit.expired():
                raise  # the store's own StoreTimeout
            raise StoreTimeout(f"the session store did not answer within {self.timeout} s") from error
