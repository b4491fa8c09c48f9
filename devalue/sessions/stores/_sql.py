"""What the SQL stores share: the table of unstorage's ``db0`` driver, and each operation written once.

An operation is a generator: it yields statements and is sent what came of them, so that the same code runs on blocking
and on asyncio connections. The table is made when a session is first written, never before: a role that may not create
tables can use one that Astro or an administrator made.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, NamedTuple, Self, TypeAlias, TypeVar

from devalue.sessions.errors import StoreError
from devalue.sessions.ids import is_session_id
from devalue.sessions.stores._pool import Pool
from devalue.sessions.stores.base import AsyncStore, Store

__all__ = [
    "DEFAULT_TABLE",
    "Answer",
    "AsyncSQLStore",
    "ConnectionLost",
    "Dialect",
    "DuplicateKey",
    "LostRace",
    "MissingTable",
    "SQLServerStore",
    "SQLStore",
    "Statement",
    "Steps",
    "drive",
    "drive_async",
]

DEFAULT_TABLE: Final = "unstorage"
_PAGE: Final = 1000
_TABLE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?")

T = TypeVar("T")
C = TypeVar("C")


class Statement(NamedTuple):
    """One statement, and its parameters by name."""

    text: str
    parameters: Mapping[str, Any] = {}


class Answer(NamedTuple):
    """What a statement gave: its rows if it is a query, and how many rows it changed."""

    rows: Sequence[Sequence[Any]]
    changed: int


Steps: TypeAlias = Generator[Statement, Answer, T]


class MissingTable(Exception):
    """Thrown into the steps: the table does not exist (yet)."""


class DuplicateKey(Exception):
    """Thrown into the steps: a row of this key exists."""


class LostRace(Exception):
    """Thrown into the steps: the engine gave way to another transaction; nothing was written."""


class ConnectionLost(Exception):
    """The connection ended under the steps; whether the last statement was carried out is unknown."""


@dataclass(frozen=True)
class Dialect:
    """The statements of one engine, with the parameters ``key``, ``new``, ``old``, ``position`` and ``limit`` in the
    form of its driver; ``{table}`` stands for the table's name."""

    create: str
    get: str
    """The value of ``key``."""
    insert: tuple[str, ...]
    """Changes a row where ``key`` has no value. More than one statement where one cannot say that: the next is tried
    after a DuplicateKey."""
    update: str
    """Changes the row of ``key`` if it holds exactly the bytes ``old``."""
    remove: str
    """Deletes the row of ``key`` if it holds exactly the bytes ``old``."""
    matches: str
    """Gives a row if ``key`` holds exactly the bytes ``old``."""
    delete: str
    keys: str
    """At most ``limit`` keys behind ``position``, in order."""
    to_parameter: Callable[[bytes], Any]
    """Bytes of a value as the parameter that the statements expect; None for bytes that the column cannot hold."""
    to_bytes: Callable[[Any], bytes]
    """A value as ``get`` gives it as bytes."""

    def for_table(self, table: str) -> Dialect:
        if not _TABLE_NAME.fullmatch(table):
            raise ValueError(f"not a plain name of a table: {table!r}")
        texts: dict[str, Any] = {
            name: text.replace("{table}", table) for name, text in vars(self).items() if isinstance(text, str)
        }
        texts["insert"] = tuple(text.replace("{table}", table) for text in self.insert)
        return replace(self, **texts)


def drive(steps: Steps[T], execute: Callable[[Statement], Answer], rollback: Callable[[], object]) -> T:
    """Run the steps on one connection; ``rollback`` undoes the statement that failed with what they then answer."""
    try:
        statement = next(steps)
        while True:
            try:
                answer = execute(statement)
            except (MissingTable, DuplicateKey, LostRace) as error:
                rollback()
                statement = steps.throw(error)
            else:
                statement = steps.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result


async def drive_async(
    steps: Steps[T], execute: Callable[[Statement], Awaitable[Answer]], rollback: Callable[[], Awaitable[object]]
) -> T:
    """``drive`` on an asyncio connection."""
    try:
        statement = next(steps)
        while True:
            try:
                answer = await execute(statement)
            except (MissingTable, DuplicateKey, LostRace) as error:
                await rollback()
                statement = steps.throw(error)
            else:
                statement = steps.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result


def _get(sql: Dialect, key: str) -> Steps[bytes | None]:
    try:
        rows = (yield Statement(sql.get, {"key": key})).rows
    except MissingTable:
        return None
    # A row without a value is no item to unstorage either: setItemRaw fills another column.
    return sql.to_bytes(rows[0][0]) if rows and rows[0][0] is not None else None


def _compare_and_set(sql: Dialect, key: str, expected: bytes | None, new: bytes | None) -> Steps[bool]:
    try:
        if expected is None:
            return (yield from (_absent(sql, key) if new is None else _insert(sql, key, new)))
        row = {"key": key, "old": sql.to_parameter(expected)}
        if new is None:
            return (yield Statement(sql.remove, row)).changed > 0
        if (yield Statement(sql.update, {**row, "new": _text(sql, new)})).changed > 0:
            return True
        # MySQL does not count a row that already held the new value.
        return new == expected and bool((yield Statement(sql.matches, row)).rows)
    except (MissingTable, LostRace):
        return False


def _compare_and_set_again(sql: Dialect, key: str, expected: bytes | None, new: bytes | None) -> Steps[bool]:
    """After a lost answer: a stored value that is the new one already may well be our own."""
    if (yield from _compare_and_set(sql, key, expected, new)):
        return True
    return (yield from _get(sql, key)) == new


def _absent(sql: Dialect, key: str) -> Steps[bool]:
    return (yield from _get(sql, key)) is None


def _insert(sql: Dialect, key: str, new: bytes) -> Steps[bool]:
    row = {"key": key, "new": _text(sql, new)}
    try:
        return (yield from _try_inserts(sql, row))
    except MissingTable:
        with suppress(DuplicateKey):  # PostgreSQL's IF NOT EXISTS where another process is making it
            yield Statement(sql.create)
        return (yield from _try_inserts(sql, row))


def _try_inserts(sql: Dialect, row: dict[str, Any]) -> Steps[bool]:
    for text in sql.insert:
        try:
            return (yield Statement(text, row)).changed > 0
        except DuplicateKey:
            continue
    return False


def _text(sql: Dialect, new: bytes) -> Any:
    """The parameter for a value to be written; an engine would refuse what is no text, or worse, change it."""
    try:
        new.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StoreError(f"a SQL table keeps text; these bytes are not UTF-8: {error}") from error
    parameter = sql.to_parameter(new)
    if parameter is None:
        raise StoreError("this table cannot keep a text with a NUL character")
    return parameter


def _delete(sql: Dialect, key: str) -> Steps[None]:
    with suppress(MissingTable):
        yield Statement(sql.delete, {"key": key})


def _page_of_keys(sql: Dialect, position: str) -> Steps[list[str]]:
    try:
        rows = (yield Statement(sql.keys, {"position": position, "limit": _PAGE})).rows
    except MissingTable:
        return []
    return [row[0] for row in rows]


class SQLStore(Store):
    """A store in a SQL table; a subclass says how steps run on its connections."""

    def __init__(self, dialect: Dialect, table: str) -> None:
        self._sql = dialect.for_table(table)

    @abstractmethod
    def _run(self, steps: Steps[T]) -> T:
        """Run the steps on one connection. Raises StoreError, StoreTimeout, and ConnectionLost."""

    def get(self, key: str) -> bytes | None:
        return self._twice(lambda: _get(self._sql, key))

    def compare_and_set(self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None) -> bool:
        # No engine here expires rows by itself: ``ttl`` says nothing, and ``gc`` collects.
        return self._twice(
            lambda: _compare_and_set(self._sql, key, expected, new),
            lambda: _compare_and_set_again(self._sql, key, expected, new),
        )

    def delete(self, key: str) -> None:
        self._twice(lambda: _delete(self._sql, key))

    def keys(self) -> Iterator[str]:
        page = [""]
        while page := self._twice(lambda: _page_of_keys(self._sql, page[-1])):
            yield from filter(is_session_id, page)

    def _twice(self, first: Callable[[], Steps[T]], again: Callable[[], Steps[T]] | None = None) -> T:
        """Run an operation; once more where the connection was lost, for one because the server restarted meanwhile."""
        try:
            return self._run(first())
        except ConnectionLost:
            pass
        try:
            return self._run((again or first)())
        except ConnectionLost as error:
            raise StoreError(str(error)) from error


class SQLServerStore(SQLStore, Generic[C]):
    """A ``SQLStore`` of a server: on connections of the caller's, or on a pool of its own.

    A subclass says how steps run on one connection, and what the driver's errors are here.
    """

    def __init__(self, dialect: Dialect, connection: Callable[[], AbstractContextManager[C]], table: str) -> None:
        super().__init__(dialect, table)
        self._connection = connection
        self._pool: Pool[C] | None = None

    def _keep(self, pool: Pool[C]) -> Self:
        """Close the pool with the store, and empty it where a connection was lost."""
        self._pool = pool
        return self

    @abstractmethod
    def _store_errors(self) -> AbstractContextManager[None]:
        """Turns the driver's errors into StoreError and StoreTimeout."""

    @abstractmethod
    def _run_on(self, connection: C, steps: Steps[T]) -> T:
        """Run the steps on a connection. Raises ConnectionLost, and the driver's errors."""

    def _run(self, steps: Steps[T]) -> T:
        with self._store_errors(), self._connection() as connection:
            try:
                return self._run_on(connection, steps)
            except ConnectionLost:
                self.close()  # whatever ended this connection ended those that are idle
                raise

    def close(self) -> None:
        if self._pool is not None:
            self._pool.clear()


class AsyncSQLStore(AsyncStore):
    """``SQLStore`` for asyncio connections."""

    def __init__(self, dialect: Dialect, table: str) -> None:
        self._sql = dialect.for_table(table)

    @abstractmethod
    async def _run(self, steps: Steps[T]) -> T:
        """See ``SQLStore._run``."""

    async def get(self, key: str) -> bytes | None:
        return await self._twice(lambda: _get(self._sql, key))

    async def compare_and_set(
        self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None
    ) -> bool:
        return await self._twice(
            lambda: _compare_and_set(self._sql, key, expected, new),
            lambda: _compare_and_set_again(self._sql, key, expected, new),
        )

    async def delete(self, key: str) -> None:
        await self._twice(lambda: _delete(self._sql, key))

    async def keys(self) -> AsyncIterator[str]:
        page = [""]
        while page := await self._twice(lambda: _page_of_keys(self._sql, page[-1])):
            for key in filter(is_session_id, page):
                yield key

    async def _twice(self, first: Callable[[], Steps[T]], again: Callable[[], Steps[T]] | None = None) -> T:
        try:
            return await self._run(first())
        except ConnectionLost:
            pass
        try:
            return await self._run((again or first)())
        except ConnectionLost as error:
            raise StoreError(str(error)) from error
