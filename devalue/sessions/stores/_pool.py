"""Small pools of connections, for stores that are made from a URL.

They connect when a connection is needed, so that a server that is down fails the very request, at once; a pool that
connects in the background would make it wait. Whoever has a pool of their own hands it to the store instead.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, Generic, TypeVar

from devalue.sessions.errors import StoreTimeout

__all__ = ["MAX_CONNECTIONS", "AsyncPool", "Pool"]

MAX_CONNECTIONS: Final = 20
"""Connections of one store to one server, in one process; an operation beyond them waits for a free one."""

C = TypeVar("C")


class Pool(Generic[C]):
    """Lends connections to threads. One whose use ended in an exception is closed: its state is unknown."""

    def __init__(self, connect: Callable[[], C], close: Callable[[C], object], *, timeout: float) -> None:
        self._connect = connect
        self._close = close
        self._timeout = timeout
        self._inherited: list[Any] = []
        self._start()

    def _start(self) -> None:
        self._idle: deque[C] = deque()
        self._free = threading.Semaphore(MAX_CONNECTIONS)
        self._pid = os.getpid()

    @contextmanager
    def connection(self) -> Iterator[C]:
        if self._pid != os.getpid():
            self._inherited.append(self._idle)  # the parent's: neither to be used here, nor closed
            self._start()
        idle, free = self._idle, self._free
        if not free.acquire(timeout=self._timeout):
            raise StoreTimeout(
                f"all {MAX_CONNECTIONS} connections of the session store were busy for {self._timeout} s"
            )
        try:
            try:
                connection = idle.pop()
            except IndexError:
                connection = self._connect()
            try:
                yield connection
            except BaseException:
                self._close(connection)
                raise
            idle.append(connection)
        finally:
            free.release()

    def clear(self) -> None:
        """Close the connections that are idle now."""
        if self._pid == os.getpid():
            while self._idle:
                self._close(self._idle.pop())


class AsyncPool(Generic[C]):
    """``Pool`` for the tasks of one event loop."""

    def __init__(
        self, connect: Callable[[], Awaitable[C]], close: Callable[[C], Awaitable[object]], *, timeout: float
    ) -> None:
        self._connect = connect
        self._close = close
        self._timeout = timeout
        self._idle: deque[C] = deque()
        self._free = asyncio.Semaphore(MAX_CONNECTIONS)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[C]:
        try:
            async with asyncio.timeout(self._timeout):
                await self._free.acquire()
        except TimeoutError:
            raise StoreTimeout(
                f"all {MAX_CONNECTIONS} connections of the session store were busy for {self._timeout} s"
            ) from None
        try:
            connection = self._idle.pop() if self._idle else await self._connect()
            try:
                yield connection
            except BaseException:
                await self._close(connection)
                raise
            self._idle.append(connection)
        finally:
            self._free.release()

    async def clear(self) -> None:
        while self._idle:
            await self._close(self._idle.pop())
