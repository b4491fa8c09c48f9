"""What sessions cost: ``python -m benchmarks.bench_sessions [--seconds S] [--stores redis,sqlite,…]``.

Every figure is the median time of one operation, in microseconds, and its ratio to one round trip to the local Redis
that the run starts: redis-py's GET of the very session. Batches of all operations take turns, so that a busy moment
of the machine meets all of them.

- layer: a request that reads a key of a 2 KB session and writes another, on a store that costs nothing.
- load, commit, merge: the same request on each store, in parts. A merge is a commit that finds that another request has
  changed the session since it was loaded.
- others: a whole such request through our Flask and ASGI layers, Flask-Session and starsessions, on one Redis.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from random import Random
from time import perf_counter_ns
from typing import Any

import flask
import flask_session.redis
import redis
import redis.asyncio
import starsessions
import starsessions.session
import starsessions.stores.redis
from starlette.requests import HTTPConnection

import devalue
from benchmarks.payloads import session as session_payload
from devalue.sessions import AsyncSessions, Sessions
from devalue.sessions.flask import DevalueSessionInterface
from devalue.sessions.stores import AsyncStore, Store, open_async_store, open_store
from tests.servers import run_mariadb, run_postgres, run_redis

BATCH_NS = 3_000_000
ROUND_TRIP = "one round trip: redis-py GET of the session"
SESSION_ID = "3b241101-e2bb-4255-8caf-4136c566a962"
COOKIE = f"astro-session={SESSION_ID}"
DATA = {key: entry["data"] for key, entry in session_payload(Random(7)).items()}
TEXT = devalue.stringify(
    devalue.Map((key, {"data": data, "expires": devalue.undefined}) for key, data in DATA.items())
).encode()

Batch = Callable[[int], int]
"""Does an operation so many times; the nanoseconds that it took."""


def plain(operation: Callable[[], Any]) -> Batch:
    def batch(calls: int) -> int:
        start = perf_counter_ns()
        for _ in range(calls):
            operation()
        return perf_counter_ns() - start

    return batch


def prepared(prepare: Callable[[], Any], operation: Callable[[Any], Any]) -> Batch:
    """What is prepared for each operation is not measured."""

    def batch(calls: int) -> int:
        elapsed = 0
        for _ in range(calls):
            argument = prepare()
            start = perf_counter_ns()
            operation(argument)
            elapsed += perf_counter_ns() - start
        return elapsed

    return batch


def awaited(runner: asyncio.Runner, operation: Callable[[], Any]) -> Batch:
    """Many in one run of the loop: to enter the loop is no part of a request."""

    async def run(calls: int) -> int:
        start = perf_counter_ns()
        for _ in range(calls):
            await operation()
        return perf_counter_ns() - start

    return lambda calls: runner.run(run(calls))


class FreeStore(Store):
    """Holds one value and asks nobody: what is left is the cost of our layer."""

    def __init__(self) -> None:
        self.value = TEXT

    def get(self, key: str) -> bytes | None:
        return self.value

    def compare_and_set(self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None) -> bool:
        self.value = new or TEXT
        return True

    def delete(self, key: str) -> None:
        pass

    def keys(self) -> Iterator[str]:
        yield SESSION_ID


class FreeAsyncStore(AsyncStore):
    def __init__(self) -> None:
        self.store = FreeStore()

    async def get(self, key: str) -> bytes | None:
        return self.store.get(key)

    async def compare_and_set(
        self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None
    ) -> bool:
        return self.store.compare_and_set(key, expected, new, ttl)

    async def delete(self, key: str) -> None:
        pass

    async def keys(self) -> Any:
        yield SESSION_ID


def yardstick(url: str) -> dict[str, Batch]:
    client = redis.Redis.from_url(url)
    client.set(SESSION_ID, TEXT)
    address = client.get_connection_kwargs()
    bare = socket.create_connection((address["host"], address["port"]))
    bare.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ping() -> None:
        bare.sendall(b"PING\r\n")
        bare.recv(64)

    return {ROUND_TRIP: plain(lambda: client.get(SESSION_ID)), "the same, PING on a bare socket": plain(ping)}


def layer(runner: asyncio.Runner) -> dict[str, Batch]:
    sessions, async_sessions = Sessions(FreeStore()), AsyncSessions(FreeAsyncStore())
    return {
        "request, sync": request(sessions),
        "request, async": async_request(runner, async_sessions),
        "request that only reads": plain(lambda: sessions.commit(_read(sessions))),
        "request without a cookie": plain(lambda: sessions.commit(sessions.open([]))),
    }


def _read(sessions: Sessions) -> Any:
    session = sessions.open([COOKIE])
    _ = session["visits"]
    return session


def request(sessions: Sessions) -> Batch:
    def run() -> None:
        session = sessions.open([COOKIE])
        session["visits"] = session["visits"] + 1
        sessions.commit(session)

    return plain(run)


def async_request(runner: asyncio.Runner, sessions: AsyncSessions) -> Batch:
    async def run() -> None:
        session = await sessions.open([COOKIE])
        session["visits"] = session["visits"] + 1
        await sessions.commit(session)

    return awaited(runner, run)


def parts(store: Store) -> dict[str, Batch]:
    """A request on a store: what load and commit take, and a commit that another request came before."""
    sessions = Sessions(store)
    store.delete(SESSION_ID)
    store.compare_and_set(SESSION_ID, None, TEXT)

    def changed() -> Any:
        session = sessions.load(SESSION_ID)
        session["visits"] = session["visits"] + 1
        return session

    def overtaken() -> Any:
        session, other = changed(), sessions.load(SESSION_ID)
        other["theme"] = "light" if other["theme"] == "dark" else "dark"
        sessions.commit(other)
        return session

    return {
        "load": plain(lambda: sessions.load(SESSION_ID)),
        "commit": prepared(changed, sessions.commit),
        "merge": prepared(overtaken, sessions.commit),
    }


def others(runner: asyncio.Runner, url: str) -> dict[str, Batch]:
    json_data = json.loads(json.dumps(DATA, default=str))
    return {
        "Flask, devalue": flask_request(DevalueSessionInterface(Sessions(open_store(url))), COOKIE),
        "Flask, Flask-Session 0.8 (msgpack)": flask_session_request(url, json_data),
        "ASGI, devalue": async_request(runner, AsyncSessions(open_async_store(url))),
        "ASGI, starsessions 2 (JSON)": starsessions_request(runner, url, json_data),
    }


def flask_request(interface: Any, cookie: str) -> Batch:
    app = flask.Flask("bench")
    context = app.test_request_context("/", headers={"Cookie": cookie})

    def run() -> None:
        session = interface.open_session(app, context.request)
        session["visits"] = session["visits"] + 1
        interface.save_session(app, session, flask.Response())

    return plain(run)


def flask_session_request(url: str, data: Any) -> Batch:
    interface = flask_session.redis.RedisSessionInterface(flask.Flask("bench"), redis.Redis.from_url(url))
    interface.client.set(f"session:{SESSION_ID}", interface.serializer.encode(data))
    return flask_request(interface, f"session={SESSION_ID}")


def starsessions_request(runner: asyncio.Runner, url: str, data: Any) -> Batch:
    store = starsessions.stores.redis.RedisStore(connection=redis.asyncio.Redis.from_url(url))
    serializer = starsessions.JsonSerializer()

    async def run() -> None:
        connection = HTTPConnection({"type": "http", "headers": []})
        handler = starsessions.session.SessionHandler(connection, SESSION_ID, store, serializer, lifetime=3600)
        await handler.load()
        connection.session["visits"] = connection.session["visits"] + 1
        await handler.save(3600)

    runner.run(store.write(SESSION_ID, serializer.serialize(data), 3600, 3600))
    return awaited(runner, run)


def measure(batches: dict[str, Batch], seconds: float) -> dict[str, float]:
    """Medians in microseconds, of batches that take turns."""
    calls = dict.fromkeys(batches, 1)
    for name, batch in batches.items():
        while (elapsed := batch(calls[name])) < BATCH_NS:
            calls[name] = max(calls[name] * 2, int(calls[name] * BATCH_NS / max(elapsed, 1)))
    times: dict[str, list[float]] = {name: [] for name in batches}
    end = perf_counter_ns() + int(seconds * 1e9)
    while perf_counter_ns() < end or len(next(iter(times.values()))) < 5:
        for name, batch in batches.items():
            times[name].append(batch(calls[name]) / calls[name] / 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def show(title: str, times: dict[str, float], unit: float) -> None:
    print(f"\n{title}")
    for name, microseconds in times.items():
        print(f"  {name:44} {microseconds:9.1f} µs {microseconds / unit:8.2f} x a round trip")


@contextmanager
def opened(kind: str, redis_url: str) -> Iterator[Store]:
    with ExitStack() as stack:
        if kind in ("file", "sqlite"):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = f"{kind}://{folder}/sessions"
        elif kind in ("postgres", "mysql"):
            url = stack.enter_context(run_postgres() if kind == "postgres" else run_mariadb()).url
        else:
            url = {"memory": "memory:", "redis": f"{redis_url}?base=bench"}[kind]
        yield stack.enter_context(open_store(url))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench_sessions", description="What sessions cost.")
    parser.add_argument("--seconds", type=float, default=5.0, help="time for each group of measurements")
    parser.add_argument("--stores", default="memory,file,sqlite,redis,postgres,mysql")
    options = parser.parse_args()
    print(f"devalue ({devalue.IMPLEMENTATION}); a session of {len(TEXT):,} bytes")
    with run_redis() as server, asyncio.Runner() as runner:
        times = measure({**yardstick(server.url), **layer(runner)}, options.seconds)
        unit = times[ROUND_TRIP]
        show("our layer, without a store", times, unit)
        for kind in options.stores.split(","):
            with opened(kind, server.url) as store:
                show(f"{kind} store", measure(parts(store), options.seconds), unit)
        show("a whole request beside others, on one Redis", measure(others(runner, server.url), options.seconds), unit)


if __name__ == "__main__":
    main()
