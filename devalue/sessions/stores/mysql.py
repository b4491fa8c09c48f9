"""Sessions in MySQL or MariaDB, in the table of unstorage's ``db0`` driver (its mysql2 connector), through PyMySQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql
from pymysql.constants import CR, ER

from devalue.sessions.errors import StoreError, StoreTimeout
from devalue.sessions.stores._pool import Pool
from devalue.sessions.stores._sql import (
    DEFAULT_TABLE,
    Answer,
    ConnectionLost,
    Dialect,
    DuplicateKey,
    LostRace,
    MissingTable,
    SQLServerStore,
    Statement,
    Steps,
    drive,
)
from devalue.sessions.stores.base import DEFAULT_TIMEOUT, ThreadedStore

__all__ = ["AsyncMySQLStore", "MySQLStore"]

T = TypeVar("T")
Connection: TypeAlias = "pymysql.Connection[Any]"

# Bytes in and bytes out, whatever character sets the connection and the column have; and bytes decide, because the
# usual collations take "a", "A", "á" and "a " for the same.
_VALUE: Final = "CAST(CONVERT(`value` USING utf8mb4) AS BINARY)"
_TEXT: Final = "CONVERT(%(new)s USING utf8mb4)"
_KEY: Final = "`key` = %(key)s"

DIALECT: Final = Dialect(
    # db0 leaves the character set to the database's default; in a latin1 one it could not keep most texts.
    create="""CREATE TABLE IF NOT EXISTS {table} (
        `key` VARCHAR(255) NOT NULL PRIMARY KEY,
        `value` LONGTEXT,
        `blob` BLOB,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
      ) DEFAULT CHARACTER SET utf8mb4""",
    get=f"SELECT {_VALUE} FROM {{table}} WHERE {_KEY}",
    # Two statements: what ON DUPLICATE KEY UPDATE counts depends on a flag of the connection.
    insert=(
        "INSERT INTO {table} (`key`, `value`, created_at, updated_at)"
        f" VALUES (%(key)s, {_TEXT}, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
        f"UPDATE {{table}} SET `value` = {_TEXT}, updated_at = CURRENT_TIMESTAMP WHERE {_KEY} AND `value` IS NULL",
    ),
    update=f"UPDATE {{table}} SET `value` = {_TEXT}, updated_at = CURRENT_TIMESTAMP"
    f" WHERE {_KEY} AND {_VALUE} = %(old)s",
    remove=f"DELETE FROM {{table}} WHERE {_KEY} AND {_VALUE} = %(old)s",
    matches=f"SELECT 1 FROM {{table}} WHERE {_KEY} AND {_VALUE} = %(old)s",
    delete=f"DELETE FROM {{table}} WHERE {_KEY}",
    keys="SELECT `key` FROM {table} WHERE `key` > %(position)s AND `value` IS NOT NULL"
    " AND `key` LIKE '________-____-4___-____-____________' ORDER BY `key` LIMIT %(limit)s",
    to_parameter=bytes,
    to_bytes=bytes,
)


class MySQLStore(SQLServerStore[Connection]):
    """Sessions in MySQL or MariaDB through PyMySQL connections of the caller's.

    ``connection`` gives a context manager of a connection, as ``lambda: pymysql.connect(…)`` does, or the pool of the
    caller's choice. Each operation is committed here. The connections must be in strict mode (the servers' default):
    without it MySQL stores "?" for what a column's character set lacks. Time-outs are those of these connections.
    """

    def __init__(
        self, connection: Callable[[], AbstractContextManager[Connection]], *, table: str = DEFAULT_TABLE
    ) -> None:
        super().__init__(DIALECT, connection, table)

    @classmethod
    def from_url(cls, url: str, *, table: str = DEFAULT_TABLE, timeout: float = DEFAULT_TIMEOUT) -> MySQLStore:
        """A store with connections of its own for ``mysql://[user[:password]@]host[:port]/database``.

        Options behind ``?``: ``unix_socket``, and ``ssl_ca``, ``ssl_cert``, ``ssl_key`` (paths). ``timeout``: seconds
        for connecting, for an answer, and for a free connection, each.
        """
        options = _options(url, timeout)

        def connect() -> Connection:
            with _store_errors():
                return pymysql.connect(**options)

        pool = Pool(connect, _close, timeout=timeout)
        return cls(pool.connection, table=table)._keep(pool)

    def _store_errors(self) -> AbstractContextManager[None]:
        return _store_errors()

    def _run_on(self, connection: Connection, steps: Steps[T]) -> T:
        result = drive(steps, lambda statement: _execute(connection, statement), connection.rollback)
        if not connection.get_autocommit():
            connection.commit()
        return result


class AsyncMySQLStore(ThreadedStore):
    """``MySQLStore`` for asyncio: each operation runs in a worker thread, at most ``timeout`` seconds."""

    def __init__(
        self,
        connection: Callable[[], AbstractContextManager[Connection]],
        *,
        table: str = DEFAULT_TABLE,
        timeout: float | None = DEFAULT_TIMEOUT,
    ) -> None:
        super().__init__(MySQLStore(connection, table=table), timeout=timeout)

    @classmethod
    def from_url(cls, url: str, *, table: str = DEFAULT_TABLE, timeout: float = DEFAULT_TIMEOUT) -> AsyncMySQLStore:
        """See ``MySQLStore.from_url``."""
        store = cls.__new__(cls)
        ThreadedStore.__init__(store, MySQLStore.from_url(url, table=table, timeout=timeout), timeout=timeout)
        return store


_URL_OPTIONS: Final = ("unix_socket", "ssl_ca", "ssl_cert", "ssl_key")


def _options(url: str, timeout: float) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        port = parts.port or 3306
        query = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        parts = None
    if parts is None or not parts.path.strip("/"):
        # Not from the error above, and without the text: both can show the password.
        raise ValueError("not a URL of a MySQL database: mysql://[user[:password]@]host[:port]/database")
    unknown = sorted(query.keys() - set(_URL_OPTIONS))
    if unknown:
        raise ValueError(f"unknown option in the MySQL URL: {unknown[0]} (known: {', '.join(_URL_OPTIONS)})")
    return {
        "host": parts.hostname or "localhost",
        "port": port,
        "user": unquote(parts.username) if parts.username is not None else None,
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.strip("/")),
        "charset": "utf8mb4",
        "autocommit": True,
        "connect_timeout": timeout,
        "read_timeout": timeout,
        "write_timeout": timeout,
        "init_command": "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')",
        **query,
    }


def _close(connection: Connection) -> None:
    with suppress(pymysql.Error):  # closed already, by the error that makes us close it
        connection.close()


def _execute(connection: Connection, statement: Statement) -> Answer:
    with _step_errors(), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.parameters)
        return Answer(cursor.fetchall(), cursor.rowcount)


_LOST: Final = {CR.CR_SERVER_GONE_ERROR, CR.CR_SERVER_LOST, 0}
_GAVE_WAY: Final = {ER.LOCK_DEADLOCK, ER.CHECKREAD}


@contextmanager
def _step_errors() -> Iterator[None]:
    """The errors that the steps answer, and the end of the connection."""
    try:
        yield
    except pymysql.MySQLError as error:
        code = error.args[0] if error.args else None
        if code == ER.NO_SUCH_TABLE:
            raise MissingTable from error
        if code == ER.DUP_ENTRY:
            raise DuplicateKey from error
        if code in _GAVE_WAY:
            raise LostRace from error
        if isinstance(error.__cause__ or error.__context__, TimeoutError):
            raise StoreTimeout(f"MySQL did not answer in time: {error}") from error
        if code in _LOST:
            raise ConnectionLost(f"MySQL: {error}") from error
        raise


@contextmanager
def _store_errors() -> Iterator[None]:
    """PyMySQL's errors as ours. Their texts name host and user, never the password."""
    try:
        yield
    except pymysql.MySQLError as error:
        if isinstance(error.__context__, TimeoutError):
            raise StoreTimeout(f"MySQL did not answer in time: {error}") from error
        raise StoreError(f"MySQL: {error}") from error
