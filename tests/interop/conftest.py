"""Starts, once per run: Astro and Starlette on one folder of files, one Redis, one SQLite database."""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.node.oracle import find_node
from tests.servers import Server, free_port, run_redis

from . import astro_app
from .visitor import App, Visitor

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Backend:
    """A store as both sides address it, and as it looks without either of them."""

    url: str
    astro_env: dict[str, str]
    read: Callable[[str], bytes | None]
    write: Callable[[str, bytes], object]
    ids: Callable[[], set[str]]


@dataclass(frozen=True)
class Shared:
    """An Astro app and a Python app on one store."""

    kind: str
    backend: Backend
    astro: App
    python: App
    servers: tuple[Server, ...]
    cookie_name: str = "astro-session"

    def visitor(self) -> Visitor:
        return Visitor(self.cookie_name)

    def stored(self, visitor_or_id: Visitor | str | None) -> bytes | None:
        """The bytes in the store, read by neither app; None when there is no entry."""
        session_id = visitor_or_id.id if isinstance(visitor_or_id, Visitor) else visitor_or_id
        return self.backend.read(session_id) if session_id else None

    def ids(self) -> set[str]:
        return self.backend.ids()

    def __str__(self) -> str:
        return self.kind


def files_backend(folder: Path) -> Backend:
    folder.mkdir(parents=True, exist_ok=True)

    def read(session_id: str) -> bytes | None:
        file = folder / session_id
        return file.read_bytes() if file.exists() else None

    return Backend(
        url=f"file://{folder}",
        astro_env={},
        read=read,
        write=lambda session_id, data: (folder / session_id).write_bytes(data),
        ids=lambda: {file.name for file in folder.iterdir()},
    )


def redis_backend(url: str, base: str = "", **query: int) -> Backend:
    client: Any = redis.Redis.from_url(url)
    options = {**({"base": base} if base else {}), **query}
    return Backend(
        url=url + ("?" + "&".join(f"{name}={value}" for name, value in options.items()) if options else ""),
        astro_env={"REDIS_URL": url},
        read=lambda session_id: client.get(base + session_id),
        write=lambda session_id, data: client.set(base + session_id, data),
        ids=lambda: {key.decode().removeprefix(base) for key in client.keys(base + "*")},
    )


def sqlite_backend(path: Path) -> Backend:
    def rows(sql: str, *arguments: object) -> list[Any]:
        with closing(sqlite3.connect(path, timeout=10)) as database, database:
            return database.execute(sql, arguments).fetchall()

    def read(session_id: str) -> bytes | None:
        found = rows("SELECT value FROM unstorage WHERE key = ?", session_id)
        return found[0][0].encode() if found else None

    return Backend(
        url=f"sqlite:///{path}",
        astro_env={"SQLITE_PATH": str(path)},
        read=read,
        write=lambda session_id, data: rows(
            "INSERT OR REPLACE INTO unstorage (key, value) VALUES (?, ?)", session_id, data.decode()
        ),
        ids=lambda: {row[0] for row in rows("SELECT key FROM unstorage")},
    )


# Node 24 has Temporal behind a flag; with it every type that devalue knows takes part.
WITH_TEMPORAL = ("--harmony-temporal",)


def astro_server(variant: str, folder: Path, env: dict[str, str], node_options: Sequence[str]) -> Server:
    port = free_port()
    env = astro_app.node_environment(HOST="127.0.0.1", PORT=str(port), **env)
    command = [find_node(), *node_options, str(astro_app.entry(variant))]
    return Server(with_environment(env, command), new_folder(folder, f"astro-{variant}"), port)


def python_server(variant: str, store_url: str, folder: Path, options: dict[str, Any]) -> Server:
    port = free_port()
    command = [sys.executable, "-m", "tests.interop.python_app", str(port), store_url, json.dumps(options)]
    return Server(with_environment({"PYTHONPATH": str(ROOT)}, command), new_folder(folder, f"python-{variant}"), port)


def with_environment(env: dict[str, str], command: list[str]) -> list[str]:
    return ["env", *(f"{name}={value}" for name, value in env.items()), *command]


def new_folder(parent: Path, name: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=parent))


def log_of(server: Server) -> str:
    return (server.folder / "server.log").read_text("utf-8", "replace")


@contextmanager
def running(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.stop()


def start_shared(
    stack: ExitStack,
    variant: str,
    backend: Backend,
    folder: Path,
    options: dict[str, Any],
    cookie_name: str = "astro-session",
    node_options: Sequence[str] = WITH_TEMPORAL,
) -> Shared:
    astro_app.install_and_build(variant)
    astro = astro_server(variant, folder, backend.astro_env, node_options)
    python = python_server(variant, backend.url, folder, options)
    servers = (stack.enter_context(running(astro)), stack.enter_context(running(python)))
    return Shared(variant, backend, App("Astro", astro.port), App("Python", python.port), servers, cookie_name)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("interop")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with run_redis() as server:
        yield server.url.removesuffix("/0")


@pytest.fixture(scope="session", params=["files", "redis", "sqlite"])
def shared(request: pytest.FixtureRequest, folder: Path) -> Iterator[Shared]:
    """Both apps on one store with everybody's defaults."""
    match request.param:
        case "files":
            backend = files_backend(astro_app.SESSIONS)
        case "redis":
            backend = redis_backend(request.getfixturevalue("redis_url"))
        case _:
            backend = sqlite_backend(folder / "sessions.sqlite")
    with ExitStack() as stack:
        yield start_shared(stack, request.param, backend, folder, {"temporal": True})


@pytest.fixture(scope="session")
def configured(folder: Path, redis_url: str) -> Iterator[Shared]:
    """Both apps with every option set that changes a stored byte, a key or a cookie."""
    cookie = {
        "name": "my_sess",
        "domain": "localhost",
        "path": "/",
        "max_age": 3600,
        "same_site": "strict",
        "secure": False,
    }
    with ExitStack() as stack:
        backend = redis_backend(redis_url + "/1", "astro:sess:", ttl=90)
        yield start_shared(stack, "configured", backend, folder, {"ttl": 60, "cookie": cookie}, "my_sess")


@pytest.fixture
def without_temporal(redis_url: str, tmp_path: Path) -> Iterator[Shared]:
    """Both apps as Node 24 and everybody's defaults have them."""
    with ExitStack() as stack:
        backend = redis_backend(redis_url + "/2")
        yield start_shared(stack, "redis", backend, tmp_path, {}, node_options=())


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[tuple[Shared, Server]]:
    """Both apps on a Redis that the test may stop."""
    with ExitStack() as stack:
        redis = stack.enter_context(run_redis())
        backend = redis_backend(redis.url.removesuffix("/0"))
        yield start_shared(stack, "redis", backend, tmp_path, {}), redis


FIGURE = "Astro and Python"


@dataclass(frozen=True)
class Figures:
    """What was measured on Astro and on Python; shown in a table when the run ends."""

    item: pytest.Item

    def add(self, shared: Shared, what: str, astro: object, python: object) -> None:
        print(f"{what}: Astro {astro}, Python {python}")
        self.item.user_properties.append((FIGURE, (what, str(astro), str(python), shared.kind)))


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    return Figures(request.node)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    stores: dict[tuple[str, str, str], list[str]] = {}
    for report in reports:
        for name, figure in report.user_properties:
            if name == FIGURE:
                kinds = stores.setdefault(tuple(figure[:3]), [])
                kinds.extend({figure[3]} - set(kinds))
    if stores:
        terminalreporter.section("sessions: Astro's figures and Python's")
    for (what, astro, python), kinds in sorted(stores.items()):
        terminalreporter.write_line(f"{what}:  Astro {astro}, Python {python}  ({', '.join(kinds)})")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """A failing test shows what the servers said."""
    report = yield
    fixtures = getattr(item, "funcargs", {})
    if report.failed:
        for shared in (fixtures.get("shared"), fixtures.get("configured")):
            for server in shared.servers if shared else ():
                report.sections.append((f"end of {server.folder.name}'s log", log_of(server)[-3000:]))
    return report
