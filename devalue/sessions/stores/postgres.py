"""Sessions in PostgreSQL, in the table of unstorage's ``db0`` driver (its postgresql connector), through psycopg 3."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from typing import Any, Final, TypeAlias, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from devalue.sessions.errors import StoreError, StoreTimeout
from devalue.sessions.stores._per_loop import PerLoop
from devalue.sessions.stores._pool import AsyncPool, Pool
from devalue.sessions.stores._sql import (
    DEFAULT_TABLE,
    Answer,
    AsyncSQLStore,
    ConnectionLost,
    Dialect,
    DuplicateKey,
    LostRace,
    MissingTable,
    SQLServerStore,
    Statement,
    Steps,
    drive,
    drive_async,
)
from devalue.sessions.stores.base import DEFAULT_TIMEOUT

__all__ = ["AsyncPostgresStore", "PostgresStore"]

T = TypeVar("T")
Connection: TypeAlias = "psycopg.Connection[Any]"
AsyncConnection: TypeAlias = "psycopg.AsyncConnection[Any]"


def _to_parameter(value: bytes) -> str | None:
    if b"\0" in value:
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _to_bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value  # bytes from a SQL_ASCII database


# Bytes decide, whatever collation the column has.
_SAME: Final = 'value COLLATE "C" = %(old)s'

DIALECT: Final = Dialect(
    create="""CREATE TABLE IF NOT EXISTS {table} (
        key VARCHAR(255) NOT NULL PRIMARY KEY,
        value TEXT,
        blob BYTEA,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
      )""",
    get="SELECT value FROM {table} WHERE key = %(key)s",
    insert=(
        "INSERT INTO {table} AS stored (key, value, created_at, updated_at)"
        " VALUES (%(key)s, %(new)s, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = CURRENT_TIMESTAMP"
        " WHERE stored.value IS NULL",
    ),
    update=f"UPDATE {{table}} SET value = %(new)s, updated_at = CURRENT_TIMESTAMP WHERE key = %(key)s AND {_SAME}",
    remove=f"DELETE FROM {{table}} WHERE key = %(key)s AND {_SAME}",
    matches=f"SELECT 1 FROM {{table}} WHERE key = %(key)s AND {_SAME}",
    delete="DELETE FROM {table} WHERE key = %(key)s",
    keys="SELECT key FROM {table} WHERE key > %(position)s AND value IS NOT NULL"
    " AND key LIKE '________-____-4___-____-____________' ORDER BY key LIMIT %(limit)s",
    to_parameter=_to_parameter,
    to_bytes=_to_bytes,
)


class _NoAnswer(Exception):
    """The server did not answer in time."""


def _bounded(waiting: Generator[Any, Any, T], seconds: float | None) -> Generator[Any, Any, T]:
    """psycopg's generator of one wait, which is resumed ten times a second whether anything came or not."""
    deadline = math.inf if seconds is None else time.monotonic() + seconds
    try:
        state = next(waiting)
        while True:
            ready = yield state
            if not ready and time.monotonic() > deadline:
                raise _NoAnswer
            state = waiting.send(ready)
    except StopIteration as end:
        result: T = end.value
        return result


class _BoundedConnection(psycopg.Connection[Any]):
    """A connection whose every wait for the server ends: libpq has no time-out of its own once it is connected."""

    timeout: float | None = None

    def wait(self, gen: Any, *options: Any, **more: Any) -> Any:
        return super().wait(_bounded(gen, self.timeout), *options, **more)


class _AsyncBoundedConnection(psycopg.AsyncConnection[Any]):
    timeout: float | None = None

    async def wait(self, gen: Any, *options: Any, **more: Any) -> Any:
        return await super().wait(_bounded(gen, self.timeout), *options, **more)


class PostgresStore(SQLServerStore[Connection]):
    """Sessions in PostgreSQL through psycopg connections of the caller's.

    ``connection`` gives a context manager of a connection that commits when it ends without an exception, as the
    ``connection`` method of a ``psycopg_pool.ConnectionPool`` does, or ``lambda: psycopg.connect(…)``. Time-outs are
    those of these connections.
    """

    def __init__(
        self, connection: Callable[[], AbstractContextManager[Connection]], *, table: str = DEFAULT_TABLE
    ) -> None:
        super().__init__(DIALECT, connection, table)

    @classmethod
    def from_url(cls, url: str, *, table: str = DEFAULT_TABLE, timeout: float = DEFAULT_TIMEOUT) -> PostgresStore:
        """A store with connections of its own for a ``postgresql://`` URL (or any conninfo text) of libpq.

        ``timeout``: seconds for connecting, for an answer, and for a free connection, each.
        """
        options = _options(url, timeout)

        def connect() -> Connection:
            with _store_errors():
                connection = _BoundedConnection.connect(**options)
                connection.timeout = timeout
                return connection

        pool = Pool(connect, lambda connection: connection.close(), timeout=timeout)
        return cls(pool.connection, table=table)._keep(pool)

    def _store_errors(self) -> AbstractContextManager[None]:
        return _store_errors()

    def _run_on(self, connection: Connection, steps: Steps[T]) -> T:
        def execute(statement: Statement) -> Answer:
            with _step_errors(connection):
                cursor = connection.execute(*statement)
                return Answer(cursor.fetchall() if cursor.description else [], cursor.rowcount)

        return drive(steps, execute, connection.rollback)


class AsyncPostgresStore(AsyncSQLStore):
    """Sessions in PostgreSQL through psycopg's asyncio connections; see ``PostgresStore``.

    ``connection`` is for example the ``connection`` method of a ``psycopg_pool.AsyncConnectionPool``.
    """

    def __init__(
        self,
        connection: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
        *,
        table: str = DEFAULT_TABLE,
    ) -> None:
        super().__init__(DIALECT, table)
        self._connection = connection
        self._pools: PerLoop[AsyncPool[AsyncConnection]] | None = None

    @classmethod
    def from_url(cls, url: str, *, table: str = DEFAULT_TABLE, timeout: float = DEFAULT_TIMEOUT) -> AsyncPostgresStore:
        """A store with connections of its own, for each event loop that it is used in; see ``PostgresStore``."""
        options = _options(url, timeout)

        async def connect() -> AsyncConnection:
            with _store_errors():
                connection = await _AsyncBoundedConnection.connect(**options)
                connection.timeout = timeout
                return connection

        pools = PerLoop(lambda: AsyncPool(connect, lambda connection: connection.close(), timeout=timeout))
        store = cls(lambda: pools.get().connection(), table=table)
        store._pools = pools
        return store

    async def _run(self, steps: Steps[T]) -> T:
        with _store_errors():
            async with self._connection() as connection:
                try:
                    return await _run_on(connection, steps)
                except ConnectionLost:
                    if self._pools is not None:
                        await self._pools.get().clear()
                    raise

    async def close(self) -> None:
        pool = self._pools.pop() if self._pools is not None else None
        if pool is not None:
            await pool.clear()


def _options(url: str, timeout: float) -> dict[str, Any]:
    try:
        options = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # From None, and without its text: both can show the password.
        raise ValueError(
            "not a URL that libpq can read: postgresql://[user[:password]@][host][:port][/database][?option=value]"
        ) from None
    options.setdefault("connect_timeout", math.ceil(timeout))
    options.setdefault("application_name", "devalue sessions")
    return {**options, "client_encoding": "UTF8", "autocommit": True}


async def _run_on(connection: AsyncConnection, steps: Steps[T]) -> T:
    async def execute(statement: Statement) -> Answer:
        with _step_errors(connection):
            cursor = await connection.execute(*statement)
            return Answer(await cursor.fetchall() if cursor.description else [], cursor.rowcount)

    return await drive_async(steps, execute, connection.rollback)


@contextmanager
def _step_errors(connection: Connection | AsyncConnection) -> Iterator[None]:
    """The errors that the steps answer, and the end of the connection."""
    try:
        yield
    except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
        raise MissingTable from error
    except (errors.UniqueViolation, errors.DuplicateTable, errors.DuplicateObject) as error:
        # CREATE TABLE IF NOT EXISTS in two sessions at once, each at its own moment: the other one made it.
        raise DuplicateKey from error
    except (errors.SerializationFailure, errors.DeadlockDetected) as error:
        raise LostRace from error
    except _NoAnswer as error:
        connection.pgconn.finish()  # in the middle of a reply: nothing may follow on it
        raise StoreTimeout("PostgreSQL did not answer in time") from error
    except psycopg.OperationalError as error:
        if connection.broken or connection.closed:
            raise ConnectionLost(f"PostgreSQL: {error}") from error
        raise


@contextmanager
def _store_errors() -> Iterator[None]:
    """psycopg's errors as ours. Their texts name host, user and database, never the password."""
    try:
        yield
    except (errors.ConnectionTimeout, errors.QueryCanceled, errors.LockNotAvailable) as error:
        raise StoreTimeout(f"PostgreSQL did not answer in time: {error}") from error
    except (psycopg.Error, OSError) as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"PostgreSQL: {error}") from error
