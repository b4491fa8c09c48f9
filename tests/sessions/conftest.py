"""What the session tests share: the real servers, JavaScript's own storage, and one place for each kind of store."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devalue.sessions.stores.memory import MemoryStore
from tests.node.unstorage import Unstorage
from tests.servers import mariadb_server, postgres_server, redis_server
from tests.sessions.one_session import ID, STORED
from tests.sessions.places import (
    Place,
    file_place,
    memory_place,
    mysql_place,
    postgres_place,
    redis_place,
    sqlite_place,
)

__all__ = ["mariadb_server", "postgres_server", "redis_server"]

SHARED = ["file", "redis", "sqlite", "postgres", "mysql"]


@pytest.fixture(scope="session")
def unstorage() -> Iterator[Unstorage]:
    node = Unstorage()
    yield node
    node.close()


@pytest.fixture
def store() -> MemoryStore:
    """A store with one session in it."""
    store = MemoryStore()
    store.compare_and_set(ID, None, STORED)
    return store


@pytest.fixture(params=["memory", *SHARED])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A place where nothing is stored yet, in each kind of store."""
    yield from make_place(request, tmp_path)


@pytest.fixture(params=SHARED)
def shared_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The same, of the kinds that several processes can share."""
    yield from make_place(request, tmp_path)


@pytest.fixture(params=["sqlite", "postgres", "mysql"])
def sql_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The same, of the kinds that keep a table."""
    yield from make_place(request, tmp_path)


def make_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    # Servers are started when the first test asks for theirs.
    name = f"test_{uuid.uuid4().hex}"
    places: dict[str, Any] = {
        "memory": lambda: memory_place(),
        "file": lambda: file_place(tmp_path),
        "sqlite": lambda: sqlite_place(tmp_path),
        "redis": lambda: redis_place(request.getfixturevalue("redis_server"), name),
        "postgres": lambda: postgres_place(request.getfixturevalue("postgres_server"), name),
        "mysql": lambda: mysql_place(request.getfixturevalue("mariadb_server"), name),
    }
    with places[request.param]() as place:
        yield place
