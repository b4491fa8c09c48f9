"""What stores do while a server is down, silent, or restarted, and when an operation is given up."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from devalue.sessions import StoreError, StoreTimeout
from devalue.sessions.stores import Store, open_async_store, open_store
from tests.servers import Server, run_mariadb, run_postgres, run_redis
from tests.sessions.places import Blocking

SESSION = b'[["Map",1,2],"q",{"data":3,"expires":-1},1]'
IMPATIENT, PATIENT = 0.5, 30.0  # seconds
OPERATIONS = {
    "get": lambda store, key: store.get(key),
    "compare_and_set": lambda store, key: store.compare_and_set(key, None, SESSION),
    "delete": lambda store, key: store.delete(key),
    "keys": lambda store, key: list(store.keys()),
}


@pytest.fixture(scope="module", params=["redis", "postgres", "mysql"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of these tests alone: they stop it."""
    run = {"redis": run_redis, "postgres": run_postgres, "mysql": run_mariadb}[request.param]
    with run() as server:
        yield server


@pytest.fixture(params=["sync", "async"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(mode: str, server: Server) -> Iterator[Store]:
    with _open(f"{server.url}?timeout={PATIENT}", mode) as store:
        yield store


@pytest.fixture
def impatient_store(mode: str, server: Server) -> Iterator[Store]:
    with _open(f"{server.url}?timeout={IMPATIENT}", mode) as store:
        yield store


def _soon(operation: Callable[[], Any]) -> Any:
    """What it gives once the server has come to: a busy machine takes a moment to wake all of it."""
    deadline = time.monotonic() + PATIENT
    while True:
        try:
            return operation()
        except StoreTimeout:
            if time.monotonic() > deadline:
                raise


def _open(url: str, mode: str) -> Store:
    return open_store(url) if mode == "sync" else Blocking(open_async_store(url))


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    server.freeze()
    try:
        yield
    finally:
        server.thaw()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


@pytest.mark.parametrize("warm", [False, True], ids=["first use", "connected before"])
def test_a_server_that_is_down_is_an_error_at_once(server: Server, store: Store, key: str, warm: bool) -> None:
    if warm:
        store.get(key)
    with stopped(server):
        for operation in OPERATIONS.values():
            with at_most(PATIENT / 5), pytest.raises(StoreError, match=r"Redis|PostgreSQL|MySQL") as caught:
                operation(store, key)
            assert not isinstance(caught.value, StoreTimeout)


@pytest.mark.parametrize("warm", [False, True], ids=["first use", "connected before"])
def test_a_server_that_does_not_answer_is_a_timeout(
    server: Server, impatient_store: Store, key: str, warm: bool
) -> None:
    if warm:
        impatient_store.get(key)
    with frozen(server):
        for name in ("compare_and_set", "get"):
            with at_most(IMPATIENT * 20), pytest.raises(StoreTimeout, match="did not answer"):
                OPERATIONS[name](impatient_store, key)
    assert _soon(partial(impatient_store.get, str(uuid.uuid4()))) is None


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_after_a_restart_the_first_operation_works(server: Server, store: Store, key: str, operation: Any) -> None:
    other = str(uuid.uuid4())
    store.compare_and_set(other, None, SESSION)
    with stopped(server):
        pass
    operation(store, key)
    assert store.get(key) == (SESSION if operation is OPERATIONS["compare_and_set"] else None)


def test_redis_py_cve_2023_28858_an_operation_that_was_given_up_leaves_no_reply_to_the_next(server: Server) -> None:
    async def run() -> None:
        keys = [str(uuid.uuid4()) for _ in range(8)]
        async with open_async_store(f"{server.url}?timeout=10") as store:
            for key in keys:
                await store.compare_and_set(key, None, key.encode())
            given_up = 0
            for turn in range(60):
                tasks = [asyncio.create_task(store.get(key)) for key in keys]
                await asyncio.sleep(random.random() * 0.002)
                for task in tasks[:4]:
                    task.cancel()
                results = await asyncio.gather(*tasks, return_exceptions=True)
                for key, result in zip(keys, results, strict=True):
                    given_up += isinstance(result, asyncio.CancelledError)
                    assert isinstance(result, asyncio.CancelledError) or result == key.encode(), turn
            assert given_up

    asyncio.run(run())


def test_a_write_whose_answer_was_lost_is_found_to_be_ones_own(server: Server, key: str) -> None:
    async def run() -> None:
        proxy = await _CuttingProxy.start(server.port)
        url = server.url.replace(f":{server.port}", f":{proxy.port}")
        async with open_async_store(f"{url}?timeout=5") as store:
            assert await store.compare_and_set(key, None, b"[1]")
            proxy.cut_next_answer = True
            assert await store.compare_and_set(key, b"[1]", b"[2]")
            assert proxy.cuts == 1
            assert await store.get(key) == b"[2]"
            proxy.cut_next_answer = True
            assert not await store.compare_and_set(key, b"[1]", b"[3]")
            assert await store.get(key) == b"[2]"
        await proxy.close()

    asyncio.run(run())


def test_more_operations_than_connections_wait_for_their_turn(server: Server, key: str) -> None:
    async def run() -> None:
        async with open_async_store(f"{server.url}?timeout=20") as store:
            assert await asyncio.gather(*(store.get(key) for _ in range(300))) == [None] * 300

    asyncio.run(run())


class _CuttingProxy:
    """Stands between store and server; cuts the connection when an answer arrives, instead of passing it on."""

    def __init__(self, target: int) -> None:
        self._target = target
        self.cut_next_answer = False
        self.cuts = 0
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def start(cls, target: int) -> _CuttingProxy:
        proxy = cls(target)
        proxy._server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
        proxy.port = proxy._server.sockets[0].getsockname()[1]
        return proxy

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers += [writer, to_writer]
        for source, target, answers in [(reader, to_writer, False), (to_reader, writer, True)]:
            task = asyncio.create_task(self._pump(source, target, answers))
            self._tasks.add(task)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, answers: bool) -> None:
        try:
            while data := await source.read(65536):
                if answers and self.cut_next_answer:
                    self.cut_next_answer = False
                    self.cuts += 1
                    break
                target.write(data)
        except ConnectionError:
            pass
        target.close()

    async def close(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._tasks)
