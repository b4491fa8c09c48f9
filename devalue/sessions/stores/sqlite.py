"""Sessions in a SQLite file, in the table of unstorage's ``db0`` driver (its sqlite connectors).

Every statement is a transaction of its own. The journal mode is left as it is found.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from devalue.sessions.errors import StoreError, StoreTimeout
from devalue.sessions.stores._sql import (
    DEFAULT_TABLE,
    Answer,
    Dialect,
    MissingTable,
    SQLStore,
    Statement,
    Steps,
    drive,
)
from devalue.sessions.stores.base import DEFAULT_TIMEOUT, ThreadedStore

__all__ = ["AsyncSQLiteStore", "SQLiteStore"]

T = TypeVar("T")


def _to_parameter(value: bytes) -> str | bytes:
    # A str is stored as TEXT, which is what JavaScript reads as a string; bytes only ever serve for a comparison.
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value


_HEX: Final = "[0-9A-Fa-f]"
_ID_GLOB: Final = "-".join([_HEX * 8, _HEX * 4, "4" + _HEX * 3, "[89ABab]" + _HEX * 3, _HEX * 12])
# Both sides as bytes: a BLOB never equals a TEXT, and a value that is not UTF-8 compares too.
_SAME: Final = "CAST(value AS BLOB) = CAST(:old AS BLOB)"

DIALECT: Final = Dialect(
    create="""CREATE TABLE IF NOT EXISTS {table} (
        key TEXT PRIMARY KEY,
        value TEXT,
        blob BLOB,
        created_at TEXT DEFAULT CURRENT_TIMESTAMP,
        updated_at TEXT DEFAULT CURRENT_TIMESTAMP
      )""",
    get="SELECT CAST(value AS BLOB) FROM {table} WHERE key = :key",
    insert=(
        "INSERT INTO {table} (key, value, created_at, updated_at)"
        " VALUES (:key, :new, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"
        " ON CONFLICT(key) DO UPDATE SET value = excluded.value, updated_at = CURRENT_TIMESTAMP"
        " WHERE {table}.value IS NULL",
    ),
    update=f"UPDATE {{table}} SET value = :new, updated_at = CURRENT_TIMESTAMP WHERE key = :key AND {_SAME}",
    remove=f"DELETE FROM {{table}} WHERE key = :key AND {_SAME}",
    matches=f"SELECT 1 FROM {{table}} WHERE key = :key AND {_SAME}",
    delete="DELETE FROM {table} WHERE key = :key",
    keys="SELECT key FROM {table} WHERE key > :position AND value IS NOT NULL AND typeof(key) = 'text'"
    f" AND key GLOB '{_ID_GLOB}' ORDER BY key LIMIT :limit",
    to_parameter=_to_parameter,
    to_bytes=bytes,
)


class SQLiteStore(SQLStore):
    """Sessions in the SQLite file ``path``; missing folders are made, as ``db0`` makes them.

    One connection, which threads take in turn; a process that forks gets its own. ``timeout``: seconds to wait for
    other threads and for other processes that write, each.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, table: str = DEFAULT_TABLE, timeout: float = DEFAULT_TIMEOUT
    ) -> None:
        super().__init__(DIALECT, table)
        self._path = Path(path).absolute()  # as it is now, also when the process changes its folder later
        self._timeout = timeout
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._pid = os.getpid()
        self._inherited: list[Any] = []

    def _run(self, steps: Steps[T]) -> T:
        self._forget_parent()
        if not self._lock.acquire(timeout=self._timeout):
            raise StoreTimeout(f"SQLite: other threads kept {self._path.name} busy for {self._timeout} s")
        try:
            with _store_errors():
                if self._connection is None:
                    self._connection = self._connect()
                connection = self._connection
                return drive(steps, lambda statement: _execute(connection, statement), connection.rollback)
        finally:
            self._lock.release()

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return sqlite3.connect(self._path, timeout=self._timeout, isolation_level=None, check_same_thread=False)

    def _forget_parent(self) -> None:
        # A connection must not be carried over a fork, nor closed there; the lock may be held by a thread left behind.
        if self._pid != os.getpid():
            self._inherited.append(self._connection)
            self._connection, self._lock, self._pid = None, threading.Lock(), os.getpid()

    def close(self) -> None:
        self._forget_parent()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class AsyncSQLiteStore(ThreadedStore):
    """``SQLiteStore`` for asyncio: each operation runs in a worker thread."""

    def __init__(
        self, path: str | os.PathLike[str], *, table: str = DEFAULT_TABLE, timeout: float = DEFAULT_TIMEOUT
    ) -> None:
        super().__init__(SQLiteStore(path, table=table, timeout=timeout), timeout=timeout)


def _execute(connection: sqlite3.Connection, statement: Statement) -> Answer:
    try:
        with closing(connection.execute(*statement)) as cursor:
            return Answer(cursor.fetchall(), cursor.rowcount)
    except sqlite3.OperationalError as error:
        if str(error).startswith("no such table"):
            raise MissingTable from error
        raise


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        raise (StoreTimeout if busy else StoreError)(f"SQLite: {error}") from error
    except OSError as error:
        raise StoreError(f"SQLite: {error}") from error
