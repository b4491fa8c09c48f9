"""What is particular to the SQL stores: the caller's connections, rights, isolation, character sets, locks."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import psycopg_pool
import pymysql
import pytest
from pymysql.constants import CLIENT

from devalue.sessions import StoreError, StoreTimeout
from devalue.sessions.stores import (
    AsyncMySQLStore,
    AsyncPostgresStore,
    MySQLStore,
    PostgresStore,
    SQLiteStore,
    Store,
    open_store,
)
from devalue.sessions.stores._pool import MAX_CONNECTIONS, AsyncPool, Pool
from tests.servers import Server
from tests.sessions.places import Place, mysql_place, postgres_place

SESSION = b'[["Map",1,2],"q",{"data":3,"expires":-1},1]'
OTHER = '[["Map",1,2],"q",{"data":3,"expires":-1},"é 🎉"]'.encode()


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def postgres(postgres_server: Server) -> Iterator[Place]:
    with postgres_place(postgres_server, f"test_{uuid.uuid4().hex}") as place:
        yield place


@pytest.fixture
def mysql(mariadb_server: Server) -> Iterator[Place]:
    with mysql_place(mariadb_server, f"test_{uuid.uuid4().hex}") as place:
        yield place


def _use(store: Store, key: str) -> None:
    assert store.get(key) is None
    assert store.compare_and_set(key, None, SESSION)
    assert not store.compare_and_set(key, None, SESSION)
    assert store.compare_and_set(key, SESSION, SESSION)
    assert not store.compare_and_set(key, OTHER, OTHER)
    assert store.compare_and_set(key, SESSION, OTHER)
    assert store.get(key) == OTHER
    assert list(store.keys()) == [key]
    assert store.compare_and_set(key, OTHER, None)
    assert store.get(key) is None


def _increments(make_store: Callable[[], Store], key: str) -> int:
    """What is stored after 4 threads added 1 three times each, by compare-and-set until it is done."""

    def work() -> None:
        with make_store() as store:
            for _ in range(3):
                while not store.compare_and_set(key, stored := store.get(key), b"%d" % (int(stored or 0) + 1)):
                    pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with make_store() as store:
        return int(store.get(key) or 0)


# -- PostgreSQL -------------------------------------------------------------------------------------------


def test_postgres_takes_the_callers_pool_and_leaves_it_open(postgres: Place, postgres_server: Server, key: str) -> None:
    table = postgres.js_options["table"]
    with psycopg_pool.ConnectionPool(postgres_server.url, min_size=1, open=True) as pool:
        with PostgresStore(pool.connection, table=table) as store:
            _use(store, key)
        with pool.connection() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)

    async def use() -> None:
        async with (
            psycopg_pool.AsyncConnectionPool(postgres_server.url, min_size=1, open=False) as pool,
            AsyncPostgresStore(pool.connection, table=table) as store,
        ):
            assert await store.compare_and_set(key, None, OTHER)
            assert await store.get(key) == OTHER

    asyncio.run(use())


@pytest.mark.parametrize("level", list(psycopg.IsolationLevel))
def test_postgres_loses_no_write_at_any_isolation_level(
    postgres: Place, postgres_server: Server, key: str, level: psycopg.IsolationLevel
) -> None:
    def connect() -> psycopg.Connection[Any]:
        connection = psycopg.connect(postgres_server.url)
        connection.isolation_level = level
        return connection

    assert _increments(lambda: PostgresStore(connect, table=postgres.js_options["table"]), key) == 12


def test_a_role_that_may_not_create_tables_uses_one_that_is_there(
    postgres: Place, postgres_server: Server, key: str
) -> None:
    table, role = postgres.js_options["table"], f"role_{uuid.uuid4().hex}"
    url = postgres.url.replace("postgres@", f"{role}@")
    with psycopg.connect(postgres_server.url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN")
        try:
            with open_store(url) as store:
                assert store.get(key) is None
                with pytest.raises(StoreError, match="permission denied"):
                    store.compare_and_set(key, None, SESSION)
                with postgres.open() as owner:
                    owner.compare_and_set(str(uuid.uuid4()), None, SESSION)
                admin.execute(f"DELETE FROM {table}")
                admin.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}")
                _use(store, key)
        finally:
            admin.execute(f"DROP OWNED BY {role}")
            admin.execute(f"DROP ROLE {role}")


# -- MySQL ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="as it comes"),
        pytest.param({"autocommit": True}, id="autocommit"),
        pytest.param({"client_flag": CLIENT.FOUND_ROWS}, id="counts the rows found"),
        pytest.param({"charset": "latin1"}, id="latin1"),
        pytest.param({"init_command": "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE"}, id="serializable"),
        pytest.param({"sql_mode": "ANSI,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES"}, id="ANSI"),
    ],
)
def test_mysql_takes_any_connection_of_the_callers(mysql: Place, key: str, options: Any) -> None:
    js = dict(mysql.js_options)
    table = js.pop("table")

    def connect() -> Any:
        return pymysql.connect(**js, **options)

    with MySQLStore(connect, table=table) as store:
        _use(store, key)
    assert _increments(lambda: MySQLStore(connect, table=table), key) == 12

    async def use() -> None:
        async with AsyncMySQLStore(connect, table=table) as store:
            assert await store.get(key) == b"12"

    asyncio.run(use())


def test_mysql_refuses_what_the_columns_character_set_lacks(mysql: Place, mariadb_server: Server, key: str) -> None:
    parts = urlsplit(mariadb_server.url)
    with mysql.open() as store:
        store.compare_and_set(key, None, SESSION)
        with pymysql.connect(host=parts.hostname, port=parts.port, user="root", database="sessions") as connection:
            connection.cursor().execute(
                f"ALTER TABLE {mysql.js_options['table']} MODIFY `value` LONGTEXT CHARACTER SET latin1"
            )
        assert store.compare_and_set(key, SESSION, "é".encode())
        assert not store.compare_and_set(key, b"\xe9", SESSION)
        assert store.get(key) == "é".encode()
        with pytest.raises(StoreError, match="Incorrect string value"):
            store.compare_and_set(key, "é".encode(), OTHER)
        assert store.get(key) == "é".encode()
        with pytest.raises(StoreError, match="Incorrect string value"):
            store.compare_and_set(str(uuid.uuid4()), None, OTHER)


# -- SQLite -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_sqlite_leaves_the_journal_mode_as_it_is(tmp_path: Path, key: str, journal: str) -> None:
    path = tmp_path / "db.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        with SQLiteStore(path) as store:
            _use(store, key)
        assert connection.execute("PRAGMA journal_mode").fetchone() == (journal,)


def test_sqlite_waits_for_another_writer_and_gives_up_in_time(tmp_path: Path, key: str) -> None:
    path = tmp_path / "db.sqlite"
    with SQLiteStore(path, timeout=0.3) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        store.compare_and_set(key, None, SESSION)
        other.execute("BEGIN IMMEDIATE")
        start = time.monotonic()
        with pytest.raises(StoreTimeout, match="locked"):
            store.compare_and_set(key, SESSION, OTHER)
        assert 0.25 < time.monotonic() - start < 5
        assert store.get(key) == SESSION
        other.execute("COMMIT")
        assert store.compare_and_set(key, SESSION, OTHER)


def test_sqlite_compares_values_that_others_stored_as_bytes(tmp_path: Path, key: str) -> None:
    path = tmp_path / "db.sqlite"
    with SQLiteStore(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        store.compare_and_set(key, None, SESSION)
        other.execute("UPDATE unstorage SET value = ?", [b"\xff"])
        assert store.get(key) == b"\xff"
        assert not store.compare_and_set(key, b"\xfe", SESSION)
        assert store.compare_and_set(key, b"\xff", SESSION)
        assert other.execute("SELECT typeof(value) FROM unstorage").fetchone() == ("text",)


@pytest.mark.parametrize("content", [None, b"no database at all " * 100], ids=["a folder", "another file"])
def test_what_is_no_database_is_an_error_and_stays(tmp_path: Path, key: str, content: bytes | None) -> None:
    path = tmp_path / "db.sqlite"
    path.mkdir() if content is None else path.write_bytes(content)
    with SQLiteStore(path) as store:
        for _ in range(2):
            with pytest.raises(StoreError, match="SQLite"):
                store.get(key)
            with pytest.raises(StoreError, match="SQLite"):
                store.compare_and_set(key, None, SESSION)
    assert content is None or path.read_bytes() == content


def test_sqlite_works_again_after_it_was_closed(tmp_path: Path, key: str) -> None:
    store = SQLiteStore(tmp_path / "db.sqlite")
    store.close()
    assert store.compare_and_set(key, None, SESSION)
    store.close()
    assert store.get(key) == SESSION
    store.close()


# -- the pools --------------------------------------------------------------------------------------------


def test_keys_come_in_pages_that_miss_none(sql_place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devalue.sessions.stores._sql._PAGE", 7)
    expected = {str(uuid.uuid4()) for _ in range(30)}
    with sql_place.open() as store:
        for key in expected:
            store.compare_and_set(key, None, SESSION)
        found = []
        for key in store.keys():  # noqa: SIM118
            found.append(key)
            store.delete(key)  # as gc does
    assert sorted(found) == sorted(expected)


def test_a_pool_opens_few_connections_and_a_busy_one_is_a_timeout() -> None:
    opened: list[object] = []

    def connect() -> object:
        opened.append(object())
        return opened[-1]

    pool = Pool(connect, lambda connection: None, timeout=0.05)
    lent = [pool.connection() for _ in range(MAX_CONNECTIONS)]
    for each in lent:
        each.__enter__()
    with pytest.raises(StoreTimeout, match="busy"), pool.connection():
        pass
    for each in lent:
        each.__exit__(None, None, None)
    for _ in range(100):
        with pool.connection():
            pass
    assert len(opened) == MAX_CONNECTIONS


def test_a_connection_whose_use_failed_is_not_used_again() -> None:
    closed = []
    numbers = iter(range(10))
    pool = Pool(lambda: next(numbers), closed.append, timeout=1)
    with pytest.raises(ZeroDivisionError), pool.connection():
        _ = 1 / 0
    assert closed == [0]
    with pool.connection() as number:
        assert number == 1


def test_an_asynchronous_pool_does_the_same() -> None:
    async def run() -> None:
        closed = []
        numbers = iter(range(100))

        async def connect() -> int:
            return next(numbers)

        async def close(number: int) -> None:
            closed.append(number)

        pool = AsyncPool(connect, close, timeout=0.05)
        with pytest.raises(ZeroDivisionError):
            async with pool.connection():
                _ = 1 / 0
        assert closed == [0]
        lent = [pool.connection() for _ in range(MAX_CONNECTIONS)]
        for each in lent:
            await each.__aenter__()
        with pytest.raises(StoreTimeout, match="busy"):
            async with pool.connection():
                pass
        for each in lent:
            await each.__aexit__(None, None, None)
        async with pool.connection() as number:
            assert number <= MAX_CONNECTIONS

    asyncio.run(run())
