"""What is asyncio's own: the asynchronous manager, and blocking stores in worker threads."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from devalue.sessions import AsyncSessions, Session, SessionDataError, StoreError, StoreTimeout
from devalue.sessions.stores.base import Store, ThreadedStore
from devalue.sessions.stores.memory import AsyncMemoryStore, MemoryStore
from tests.sessions.one_session import ID, STORED


@pytest.fixture
def sessions(store: MemoryStore) -> AsyncSessions:
    return AsyncSessions(AsyncMemoryStore(store))


def test_open_change_commit(sessions: AsyncSessions, store: MemoryStore) -> None:
    async def go() -> str | None:
        session = await sessions.open([f"astro-session={ID}"])
        session["n"] += 1
        return await sessions.commit(session)

    assert asyncio.run(go()) == sessions.cookie.set_cookie(ID)
    assert store.get(ID) == STORED.replace(b"},1]", b"},2]")


def test_load_raises_where_open_waits_for_the_first_use(sessions: AsyncSessions, store: MemoryStore) -> None:
    store.compare_and_set(ID, STORED, b"nonsense")

    async def go() -> Session:
        with pytest.raises(SessionDataError):
            await sessions.load(ID)
        return await sessions.open([f"astro-session={ID}"])

    session = asyncio.run(go())
    with pytest.raises(SessionDataError):
        session["n"]


def test_a_session_becomes_another_one(sessions: AsyncSessions) -> None:
    async def go() -> str | None:
        session = await sessions.open([])
        await session.load(ID)
        assert session["n"] == 1
        return await sessions.commit(session)

    assert asyncio.run(go()) == sessions.cookie.set_cookie(ID)


def test_delete_logs_a_visitor_out(sessions: AsyncSessions, store: MemoryStore) -> None:
    asyncio.run(sessions.delete(ID))
    assert list(store.keys()) == []


def test_what_is_half_written_is_read_again_without_holding_up_the_loop(store: MemoryStore) -> None:
    class Torn(AsyncMemoryStore):
        reads = 0

        async def get(self, key: str) -> bytes | None:
            self.reads += 1
            return b"[[" if self.reads == 1 else await super().get(key)

    async def go() -> int:
        session = await AsyncSessions(Torn(store)).load(ID)
        return int(session["n"])

    assert asyncio.run(go()) == 1


class Blocking(Store):
    """A store whose every operation blocks until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.threads: set[int] = set()

    def get(self, key: str) -> bytes | None:
        self.threads.add(threading.get_ident())
        self.let_go.wait(5)
        return b"got"

    def compare_and_set(self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None) -> bool:
        return self.get(key) == expected

    def delete(self, key: str) -> None:
        raise StoreTimeout("the store's own")

    def keys(self) -> Iterator[str]:
        for n in range(1200):
            self.threads.add(threading.get_ident())
            yield str(n)


def test_a_blocking_store_does_not_hold_up_the_loop() -> None:
    blocking = Blocking()

    async def go() -> bytes | None:
        task = asyncio.ensure_future(ThreadedStore(blocking).get(ID))
        await asyncio.sleep(0.01)
        blocking.let_go.set()
        return await task

    assert asyncio.run(go()) == b"got"
    assert threading.get_ident() not in blocking.threads


def test_a_store_that_blocks_too_long_is_a_time_out() -> None:
    blocking = Blocking()

    async def go() -> float:
        began = time.monotonic()
        with pytest.raises(StoreTimeout, match=r"within 0\.05 s"):
            await ThreadedStore(blocking, timeout=0.05).get(ID)
        blocking.let_go.set()
        return time.monotonic() - began

    assert asyncio.run(go()) < 3


def test_a_time_out_of_the_stores_own_passes_as_it_is() -> None:
    async def go() -> None:
        await ThreadedStore(Blocking()).delete(ID)

    with pytest.raises(StoreTimeout, match="the store's own"):
        asyncio.run(go())


def test_a_cancelled_operation_is_cancelled_and_no_time_out() -> None:
    blocking = Blocking()

    async def go() -> None:
        task = asyncio.ensure_future(ThreadedStore(blocking).get(ID))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        blocking.let_go.set()

    asyncio.run(go())


def test_keys_come_in_order_from_other_threads() -> None:
    blocking = Blocking()

    async def go() -> list[str]:
        return [key async for key in ThreadedStore(blocking).keys()]  # noqa: SIM118

    assert asyncio.run(go()) == [str(n) for n in range(1200)]
    assert threading.get_ident() not in blocking.threads


def test_a_store_closes_what_it_opened_at_the_end_of_a_with() -> None:
    closed: list[str] = []

    class Closing(MemoryStore):
        def close(self) -> None:
            closed.append("closed")

    async def go() -> None:
        async with ThreadedStore(Closing()):
            pass

    asyncio.run(go())
    with Closing():
        pass
    assert closed == ["closed", "closed"]


def test_an_error_of_the_store_reaches_the_caller() -> None:
    class Down(AsyncMemoryStore):
        async def get(self, key: str) -> bytes | None:
            raise StoreError("down")

    async def go() -> None:
        await AsyncSessions(Down()).load(ID)

    with pytest.raises(StoreError, match="down"):
        asyncio.run(go())
