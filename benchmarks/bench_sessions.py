"""What sessions cost: ``python -m benchmarks.bench_sessions [--seconds S] [--stores redis,sqlite,…] [--write]``.

Every figure is for one operation on a session of 2 KB: the median time on the clock and the median CPU time of this
process, in microseconds, each with its ratio to one round trip to the local Redis that the run starts (redis-py's GET
of the very session). On a busy machine the clock also counts what other programs do; CPU time does not, nor what the
server does. Batches of all operations take turns, so that a busy moment of the machine meets all of them.

- layer: requests that read and write the session, on a store that costs nothing.
- load, commit, merge: a request on each store, in parts. A merge is a commit that finds that another request has
  changed the session since it was loaded.
- others: a whole request that reads a key and sets it, through Flask and Starlette, with our sessions, Flask-Session
  and starsessions, on one Redis.

``--write`` keeps the tables in docs/benchmarks-sessions.md, as ``make bench`` does.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from random import Random
from time import perf_counter_ns, process_time_ns
from typing import Any, NamedTuple

import flask
import flask_session.redis
import pytest
import redis
import redis.asyncio
import starsessions
import starsessions.stores.redis
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import devalue
from benchmarks.payloads import price, sentence
from benchmarks.payloads import session as session_payload
from devalue.sessions import AsyncSessions, Session, Sessions
from devalue.sessions.asgi import SessionMiddleware
from devalue.sessions.flask import DevalueSessionInterface
from devalue.sessions.stores import AsyncStore, Store, open_async_store, open_store
from tests.servers import run_mariadb, run_postgres, run_redis

REPORT = Path(__file__).parent.parent / "docs" / "benchmarks-sessions.md"
PACKAGES = ("redis", "starlette", "starsessions", "flask", "flask-session", "msgspec")
BATCH_NS = 3_000_000
ROUND_TRIP = "one round trip: redis-py GET of the session"
SESSION_ID = "3b241101-e2bb-4255-8caf-4136c566a962"
COOKIE = f"astro-session={SESSION_ID}"


def session_data() -> dict[str, Any]:
    """The session of the codec's benchmarks, and enough beside it to make 2 KB."""
    rnd = Random(7)
    data = {key: entry["data"] for key, entry in session_payload(rnd).items()}
    data["recommended"] = [
        {"sku": f"SKU-{rnd.randrange(10**6):06}", "title": sentence(rnd, 5), "score": price(rnd)} for _ in range(5)
    ]
    return data


DATA = session_data()
TEXT = devalue.stringify(
    devalue.Map((key, {"data": data, "expires": devalue.undefined}) for key, data in DATA.items())
).encode()


class Times(NamedTuple):
    """Of a batch in nanoseconds, of one operation in microseconds."""

    clock: float
    cpu: float


Batch = Callable[[int], Times]
"""Does an operation so many times."""


class Watch:
    """Adds up the time between ``start`` and ``stop``."""

    def __init__(self) -> None:
        self.clock = self.cpu = 0

    def start(self) -> None:
        self.clock -= perf_counter_ns()
        self.cpu -= process_time_ns()

    def stop(self) -> None:
        self.cpu += process_time_ns()
        self.clock += perf_counter_ns()

    def times(self) -> Times:
        return Times(self.clock, self.cpu)


def plain(operation: Callable[[], Any]) -> Batch:
    def batch(calls: int) -> Times:
        watch = Watch()
        watch.start()
        for _ in range(calls):
            operation()
        watch.stop()
        return watch.times()

    return batch


def prepared(prepare: Callable[[], Any], operation: Callable[[Any], Any]) -> Batch:
    """What is prepared for each operation is not measured."""

    def batch(calls: int) -> Times:
        watch = Watch()
        for _ in range(calls):
            argument = prepare()
            watch.start()
            operation(argument)
            watch.stop()
        return watch.times()

    return batch


def awaited(runner: asyncio.Runner, operation: Callable[[], Awaitable[Any]]) -> Batch:
    """Many in one run of the loop: to enter the loop is no part of a request."""

    async def run(calls: int) -> Times:
        watch = Watch()
        watch.start()
        for _ in range(calls):
            await operation()
        watch.stop()
        return watch.times()

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
    return {ROUND_TRIP: plain(lambda: client.get(SESSION_ID))}


def increment(session: Any) -> None:
    session["visits"] = session["visits"] + 1


def set_list(session: Any) -> None:
    cart = session["cart"]
    session["cart"] = [*cart[1:], {**cart[0], "quantity": cart[0]["quantity"] % 9 + 1}]


def change_in_place(session: Any) -> None:
    item = session["cart"][0]
    item["quantity"] = item["quantity"] % 9 + 1


REQUESTS: dict[str, Callable[[Session], Any]] = {
    "reads a number": lambda session: session["visits"],
    "reads a list": lambda session: session["cart"],
    "reads a number and sets it": increment,
    "reads a list and sets another": set_list,
    "changes a list in place": change_in_place,
}


def layer(runner: asyncio.Runner) -> dict[str, Batch]:
    sessions, async_sessions = Sessions(FreeStore()), AsyncSessions(FreeAsyncStore())

    def request(work: Callable[[Session], Any]) -> Batch:
        def run() -> None:
            session = sessions.open([COOKIE])
            work(session)
            sessions.commit(session)

        return plain(run)

    async def async_request() -> None:
        session = await async_sessions.open([COOKIE])
        increment(session)
        await async_sessions.commit(session)

    return {
        "a request without a cookie": plain(lambda: sessions.commit(sessions.open([]))),
        **{f"a request that {what}": request(work) for what, work in REQUESTS.items()},
        "the same with asyncio, reads a number and sets it": awaited(runner, async_request),
    }


def parts(store: Store) -> dict[str, Batch]:
    """A request on a store: what load and commit take, and a commit that another request came before."""
    sessions = Sessions(store)
    store.delete(SESSION_ID)
    store.compare_and_set(SESSION_ID, None, TEXT)

    def changed() -> Session:
        session = sessions.load(SESSION_ID)
        increment(session)
        return session

    def overtaken() -> Session:
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
    json_data = json.loads(
        json.dumps(DATA, default=lambda value: list(value) if isinstance(value, devalue.Set) else str(value))
    )
    flask_sessions = flask_session.redis.RedisSessionInterface(flask.Flask("bench"), redis.Redis.from_url(url))
    flask_sessions.client.set(f"session:{SESSION_ID}", flask_sessions.serializer.encode(json_data))
    store = starsessions.stores.redis.RedisStore(connection=redis.asyncio.Redis.from_url(url))
    runner.run(store.write(SESSION_ID, starsessions.JsonSerializer().serialize(json_data), 3600, 3600))
    ours = [Middleware(SessionMiddleware, sessions=AsyncSessions(open_async_store(url)))]
    theirs = [
        Middleware(starsessions.SessionMiddleware, store=store, lifetime=3600),
        Middleware(starsessions.SessionAutoloadMiddleware),
    ]
    return {
        "Flask, devalue": wsgi_request(DevalueSessionInterface(Sessions(open_store(url))), COOKIE),
        "Flask, Flask-Session (msgpack)": wsgi_request(flask_sessions, f"session={SESSION_ID}"),
        "Starlette, devalue": asgi_request(runner, ours, COOKIE),
        "Starlette, starsessions (JSON)": asgi_request(runner, theirs, f"session={SESSION_ID}"),
    }


def wsgi_request(interface: Any, cookie: str) -> Batch:
    app = flask.Flask("bench")
    app.session_interface = interface

    @app.get("/")
    def page() -> str:
        increment(flask.session)
        return "ok"

    def start_response(status: str, headers: Any, error: Any = None) -> Any:
        assert status == "200 OK", status

    def run() -> None:
        environ = {
            "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/", "QUERY_STRING": "", "SERVER_NAME": "bench",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "bench", "HTTP_COOKIE": cookie,
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
        }  # fmt: skip
        b"".join(app(environ, start_response))

    return plain(run)


def asgi_request(runner: asyncio.Runner, middleware: list[Middleware], cookie: str) -> Batch:
    async def page(request: Request) -> Response:
        increment(request.session)
        return PlainTextResponse("ok")

    app = Starlette(routes=[Route("/", page)], middleware=middleware)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200, message

    async def run() -> None:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/", "raw_path": b"/", "root_path": "", "query_string": b"", "client": None, "server": None,
            "headers": [(b"host", b"bench"), (b"cookie", cookie.encode())],
        }  # fmt: skip
        await app(scope, receive, send)

    return awaited(runner, run)


def measure(batches: dict[str, Batch], seconds: float) -> dict[str, Times]:
    """Medians in microseconds, of batches that take turns."""
    calls = dict.fromkeys(batches, 1)
    for name, batch in batches.items():
        # In CPU time: a moment in which another program runs must not make a batch of one cold call.
        while (elapsed := batch(calls[name]).cpu) < BATCH_NS:
            calls[name] = max(calls[name] * 2, int(calls[name] * BATCH_NS / max(elapsed, 1)))
    times: dict[str, list[Times]] = {name: [] for name in batches}
    end = perf_counter_ns() + int(seconds * 1e9)
    while perf_counter_ns() < end or len(next(iter(times.values()))) < 5:
        for name, batch in batches.items():
            times[name].append(batch(calls[name]))
    return {
        name: Times(*(statistics.median(column) / calls[name] / 1000 for column in zip(*rows, strict=True)))
        for name, rows in times.items()
    }


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


class Report:
    """The tables: shown as they are made, and kept for the file."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str = "") -> None:
        print(line, flush=True)
        self.lines.append(line)

    def table(self, title: str, times: dict[str, Times]) -> None:
        unit = times[ROUND_TRIP]
        head = ("clock, µs", "round trips", "CPU, µs", "round trips")
        self.say(f"\n## {title}\n")
        self.say(f"| {'':50} | {' | '.join(f'{name:>11}' for name in head)} |")
        self.say(f"|{'-' * 52}|{'|'.join('-' * 12 + ':' for _ in head)}|")
        for name, time in times.items():
            cells = (
                f"{time.clock:.1f}",
                f"{time.clock / unit.clock:.2f}",
                f"{time.cpu:.1f}",
                f"{time.cpu / unit.cpu:.2f}",
            )
            self.say(f"| {name:50} | {' | '.join(f'{cell:>11}' for cell in cells)} |")


def conditions() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.python_implementation()} {platform.python_version()}, "
        f"{platform.machine()}, {sys.platform}, {os.cpu_count()} cores with a load of {os.getloadavg()[0]:.1f}, codec "
        f"{devalue.IMPLEMENTATION}; {versions}. A session of {len(TEXT):,} "
        "bytes. Made by `make bench` (`python -m benchmarks.bench_sessions --write`): operations in turn, the median "
        "over the turns. CPU is that of the Python process alone. Ratios carry over to other machines, times do not."
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench_sessions", description="What sessions cost.")
    parser.add_argument("--seconds", type=float, default=5.0, help="time for each group of measurements")
    parser.add_argument("--stores", default="memory,file,sqlite,redis,postgres,mysql")
    parser.add_argument("--write", action="store_true", help=f"write docs/{REPORT.name}")
    options = parser.parse_args()
    report = Report()
    report.say(f"# What sessions cost\n\n{conditions()}")
    with run_redis() as server, asyncio.Runner() as runner:
        round_trip = yardstick(server.url)

        def show(title: str, batches: dict[str, Batch]) -> None:
            # The round trip takes part in every group: it is the unit of what ran in the same moments.
            report.table(title, measure({**round_trip, **batches}, options.seconds))

        show("Our layer, without a store", layer(runner))
        for kind in options.stores.split(","):
            try:
                with opened(kind, server.url) as store:
                    show(f"On the {kind} store", parts(store))
            except pytest.fail.Exception as error:  # its server is not installed; the text says how
                report.say(f"\n## On the {kind} store\n\nNot measured: {error}")
        show("A whole request beside others, on one Redis", others(runner, server.url))
    if options.write:
        REPORT.write_text("\n".join(report.lines) + "\n")


if __name__ == "__main__":
    main()
