"""Where one test keeps its sessions: how each side opens the place, and what physically lies there."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg
import pymysql
import redis

from devalue.sessions.stores import AsyncStore, Store, open_async_store, open_store
from tests.servers import Server

__all__ = [
    "Blocking",
    "Place",
    "file_place",
    "memory_place",
    "mysql_place",
    "postgres_place",
    "redis_place",
    "sqlite_place",
]


def _nothing() -> dict[str, bytes]:
    return {}


@dataclass
class Place:
    """Where the sessions of one test lie."""

    kind: str
    url: str
    js_driver: str = ""
    js_options: dict[str, Any] = field(default_factory=dict)
    dump: Callable[[], dict[str, bytes]] = _nothing
    """What lies there physically: name -> bytes, read without a store."""
    plant: Callable[[str, bytes], None] = lambda name, value: None
    """Puts bytes there without a store."""
    schema: Callable[[], object] = _nothing
    """What the table looks like to its engine."""
    drop: Callable[[], object] = _nothing
    """Removes the table."""
    takes_any_bytes: bool = True

    @contextmanager
    def open(self, mode: str = "sync") -> Iterator[Store]:
        with open_store(self.url) if mode == "sync" else Blocking(open_async_store(self.url)) as store:
            yield store


class Blocking(Store):
    """An asyncio store behind the synchronous interface, so that each test is written once."""

    def __init__(self, store: AsyncStore) -> None:
        self.store = store
        self._runner = asyncio.Runner()

    def get(self, key: str) -> bytes | None:
        return self._runner.run(self.store.get(key))

    def compare_and_set(self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None) -> bool:
        return self._runner.run(self.store.compare_and_set(key, expected, new, ttl))

    def delete(self, key: str) -> None:
        self._runner.run(self.store.delete(key))

    def keys(self) -> Iterator[str]:
        async def collect() -> list[str]:
            return [key async for key in self.store.keys()]  # noqa: SIM118

        yield from self._runner.run(collect())

    def close(self) -> None:
        self._runner.run(self.store.close())

    def __enter__(self) -> Self:
        self._runner.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        try:
            self.close()
        finally:
            self._runner.__exit__(*error)


@contextmanager
def memory_place() -> Iterator[Place]:
    yield Place("memory", "memory:")


@contextmanager
def file_place(tmp_path: Path) -> Iterator[Place]:
    folder = tmp_path / "sessions"

    def plant(name: str, value: bytes) -> None:
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(value)

    def dump() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}

    yield Place("file", f"file://{folder}", "fs", {"base": str(folder)}, dump, plant)


@contextmanager
def redis_place(server: Server, base: str) -> Iterator[Place]:
    with redis.Redis.from_url(server.url) as client:

        def dump() -> dict[str, bytes]:
            found = {name.decode(): client.get(name) for name in client.scan_iter(f"{base}:*")}
            return {name.removeprefix(f"{base}:"): value for name, value in found.items()}

        yield Place(
            "redis",
            f"{server.url}?base={base}",
            "redis",
            {"url": server.url, "base": base},
            dump,
            lambda name, value: client.set(f"{base}:{name}", value),
        )
        if names := list(client.scan_iter(f"{base}:*")):
            client.unlink(*names)


@contextmanager
def sqlite_place(tmp_path: Path) -> Iterator[Place]:
    path = tmp_path / "data" / "db.sqlite"

    def query(text: str, *parameters: Any) -> list[Any]:
        with sqlite3.connect(path) as connection:
            rows = connection.execute(text, parameters).fetchall()
        connection.close()
        return rows

    def plant(name: str, value: bytes) -> None:
        query("INSERT INTO unstorage (key, value) VALUES (?, ?)", name, value.decode())

    yield Place(
        "sqlite",
        f"sqlite://{path}",
        "sqlite",
        {"path": str(path)},
        lambda: dict(query("SELECT key, CAST(value AS BLOB) FROM unstorage WHERE typeof(value) = 'text'")),
        plant,
        lambda: query("SELECT type, name FROM sqlite_master") and query("PRAGMA table_xinfo(unstorage)"),
        lambda: query("DROP TABLE unstorage"),
        takes_any_bytes=False,
    )


@contextmanager
def postgres_place(server: Server, table: str) -> Iterator[Place]:
    with psycopg.connect(server.url, autocommit=True) as connection:
        yield Place(
            "postgres",
            f"{server.url}?table={table}",
            "postgresql",
            {"url": server.url, "table": table},
            lambda: {
                key: value.encode() for key, value in connection.execute(f"SELECT key, value FROM {table}").fetchall()
            },
            lambda name, value: connection.execute(
                f"INSERT INTO {table} (key, value) VALUES (%s, %s)", [name, value.decode()]
            ),
            lambda: connection.execute(
                "SELECT column_name, data_type, character_maximum_length, is_nullable, column_default"
                " FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
                [table],
            ).fetchall(),
            lambda: connection.execute(f"DROP TABLE IF EXISTS {table}"),
            takes_any_bytes=False,
        )
        connection.execute(f"DROP TABLE IF EXISTS {table}")


@contextmanager
def mysql_place(server: Server, table: str) -> Iterator[Place]:
    parts = urlsplit(server.url)
    options = {"host": parts.hostname, "port": parts.port, "user": parts.username, "database": parts.path[1:]}
    with pymysql.connect(**options, autocommit=True) as connection:

        def query(text: str, *parameters: Any) -> Any:
            with connection.cursor() as cursor:
                cursor.execute(text, parameters)
                return cursor.fetchall()

        yield Place(
            "mysql",
            f"{server.url}?table={table}",
            "mysql",
            {**options, "table": table},
            lambda: {key: value.encode() for key, value in query(f"SELECT `key`, `value` FROM {table}")},
            lambda name, value: query(f"INSERT INTO {table} (`key`, `value`) VALUES (%s, %s)", name, value.decode()),
            lambda: query(f"SHOW TABLES LIKE '{table}'") and query(f"SHOW FULL COLUMNS FROM {table}"),
            lambda: query(f"DROP TABLE {table}"),
            takes_any_bytes=False,
        )
        query(f"DROP TABLE IF EXISTS {table}")
