"""Sessions in the memory of one process: for tests and for trying things out. Nothing is shared with Astro."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from threading import Lock

from devalue.sessions.ids import is_session_id
from devalue.sessions.stores.base import AsyncStore, Store

__all__ = ["AsyncMemoryStore", "MemoryStore"]


class MemoryStore(Store):
    """A dict; entries whose ``ttl`` has passed are gone, and leave the memory with the next ``keys``."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[bytes, float | None]] = {}
        self._lock = Lock()

    def get(self, key: str) -> bytes | None:
        entry = self._entries.get(key)
        return None if entry is None or _is_over(entry[1]) else entry[0]

    def compare_and_set(self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None) -> bool:
        with self._lock:
            if self.get(key) != expected:
                return False
            if new is None:
                self._entries.pop(key, None)
            else:
                self._entries[key] = (new, None if ttl is None else time.monotonic() + ttl)
            return True

    def delete(self, key: str) -> None:
        with self._lock:
            self._entries.pop(key, None)

    def keys(self) -> Iterator[str]:
        with self._lock:
            over = [key for key, (_, deadline) in self._entries.items() if _is_over(deadline)]
            for key in over:
                del self._entries[key]
            names = list(self._entries)
        return (key for key in names if is_session_id(key))


class AsyncMemoryStore(AsyncStore):
    """A MemoryStore for asyncio; give it one to share its entries with synchronous code."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = MemoryStore() if store is None else store

    async def get(self, key: str) -> bytes | None:
        return self.store.get(key)

    async def compare_and_set(
        self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None
    ) -> bool:
        return self.store.compare_and_set(key, expected, new, ttl)

    async def delete(self, key: str) -> None:
        self.store.delete(key)

    async def keys(self) -> AsyncIterator[str]:
        for key in self.store.keys():  # noqa: SIM118
            yield key


def _is_over(deadline: float | None) -> bool:
    return deadline is not None and deadline <= time.monotonic()
