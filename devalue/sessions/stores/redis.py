"""Sessions in Redis (or Valkey), laid out as unstorage's ``redis`` driver does.

A session is a STRING named ``base:id``. The compare-and-set is one Lua script, which Redis runs atomically; it touches
one key, so it works in a cluster too.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from types import TracebackType
from typing import Any, Final, NamedTuple, TypeAlias

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.client import NEVER_DECODE
from redis.retry import Retry

from devalue.sessions.errors import StoreError, StoreTimeout
from devalue.sessions.ids import is_session_id
from devalue.sessions.stores._per_loop import PerLoop
from devalue.sessions.stores.base import DEFAULT_TIMEOUT, AsyncStore, Store

__all__ = ["AsyncRedisStore", "RedisStore"]

Client: TypeAlias = "redis.Redis | redis.RedisCluster"
AsyncClient: TypeAlias = "redis.asyncio.Redis | redis.asyncio.RedisCluster"

MAX_CONNECTIONS: Final = 50
"""Connections of one store to one server; an operation beyond them waits, at most its time-out, for a free one."""

_FOREVER: Final = 1e11
"""Seconds: what lives longer than 3,000 years has no expiry in Redis, which counts milliseconds in 64 bits."""

_SCAN_COUNT: Final = 1000
_ID_GLOB: Final = "????????-????-4???-????-????????????"

# Three outcomes, because a reply can get lost after the write was done: the second try finds its own value.
_LOST, _WRITTEN, _ALREADY_THERE = 0, 1, 2
_SCRIPT: Final = b"""
local stored = redis.call('GET', KEYS[1])
local expected = ARGV[1] == '1' and ARGV[2]
local new = ARGV[3] == '1' and ARGV[4]
if stored ~= expected then
  return stored == new and 2 or 0
end
if not new then
  redis.call('UNLINK', KEYS[1])
elseif ARGV[5] ~= '' then
  redis.call('SET', KEYS[1], new, 'PX', ARGV[5])
else
  redis.call('SET', KEYS[1], new)
end
return 1
"""
_SCRIPT_SHA: Final = hashlib.sha1(_SCRIPT, usedforsecurity=False).hexdigest()

# The caller's client may decode replies to str; a session is bytes.
_BYTES: Final[dict[str, Any]] = {NEVER_DECODE: []}


class _Layout:
    """Where a session lies in Redis, and the arguments of the script."""

    def __init__(self, base: str, ttl: float | None) -> None:
        if ttl is not None and not 0 < ttl < math.inf:
            raise ValueError(f"ttl must be a positive number of seconds, not {ttl!r}")
        self._ttl = ttl
        # unstorage: one trailing colon dropped, slashes are colons, one colon trimmed at either end.
        base = base.removesuffix(":").replace("/", ":").replace("\\", ":").removeprefix(":").removesuffix(":")
        self._prefix = f"{base}:" if base else ""
        glob = "".join(f"\\{char}" if char in "*?[]\\" else char for char in self._prefix)
        self.pattern = glob + _ID_GLOB

    def name(self, key: str) -> str:
        return self._prefix + key

    def session_id(self, name: bytes | str) -> str | None:
        """The id in a name that SCAN gave, or None for a foreign key."""
        text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
        key = text.removeprefix(self._prefix)
        return key if is_session_id(key) else None

    def arguments(self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None) -> list[str | bytes]:
        """KEYS and ARGV of the script."""
        return [self.name(key), *_optional(expected), *_optional(new), self._milliseconds(ttl)]

    def _milliseconds(self, ttl: float | None) -> str:
        seconds = min((each for each in (self._ttl, ttl) if each is not None), default=_FOREVER)
        return str(max(1, math.ceil(seconds * 1000))) if seconds < _FOREVER else ""


def _optional(value: bytes | None) -> tuple[bytes, bytes]:
    return (b"0", b"") if value is None else (b"1", value)


class _StoreErrors:
    """redis-py's errors as ours. Its texts name host and port, never the password."""

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, (redis.TimeoutError, TimeoutError)):
            raise StoreTimeout(f"Redis did not answer in time: {error}") from error
        if isinstance(error, (redis.RedisError, OSError)):
            raise StoreError(f"Redis: {error}") from error


# One for all: it has no state, and a contextmanager made for each operation took 1 µs of the 28 of a GET.
_store_errors = _StoreErrors()


class RedisStore(Store):
    """Sessions in Redis through a synchronous redis-py client.

    ``client`` is a ``redis.Redis`` (also one of a Sentinel's ``master_for``) or a ``redis.RedisCluster``; its time-outs
    and retries are the caller's. ``base`` and ``ttl`` (seconds) are the options of these names of unstorage's driver.
    """

    def __init__(self, client: Client, *, base: str = "", ttl: float | None = None) -> None:
        self._client: Any = client  # redis-py types each command as "now or awaitable"
        self._layout = _Layout(base, ttl)
        self._owned = False

    @classmethod
    def from_url(
        cls, url: str, *, base: str = "", ttl: float | None = None, timeout: float = DEFAULT_TIMEOUT
    ) -> RedisStore:
        """A store with a client of its own for a ``redis://``, ``rediss://`` or ``unix://`` URL of redis-py.

        ``timeout``: seconds for connecting, for an answer, and for a free connection, each.
        """
        store = cls(
            redis.Redis.from_pool(
                _pool(
                    redis.BlockingConnectionPool,
                    url,
                    retry=Retry(NoBackoff(), 0),
                    timeout=timeout,
                    socket_timeout=timeout,
                    socket_connect_timeout=timeout,
                )
            ),
            base=base,
            ttl=ttl,
        )
        store._owned = True
        return store

    def get(self, key: str) -> bytes | None:
        value: bytes | None = self._command("GET", self._layout.name(key))
        return value

    def compare_and_set(self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None) -> bool:
        arguments = self._layout.arguments(key, expected, new, ttl)
        with _store_errors:
            try:
                return self._evaluate(arguments) == _WRITTEN
            except redis.ConnectionError:
                return self._evaluate(arguments) in (_WRITTEN, _ALREADY_THERE)

    def delete(self, key: str) -> None:
        self._command("UNLINK", self._layout.name(key))

    def keys(self) -> Iterator[str]:
        seen: set[str] = set()  # SCAN may name a key twice, and so does a second scan
        with _store_errors:
            try:
                yield from self._scan(seen)
            except redis.ConnectionError:
                yield from self._scan(seen)

    def _scan(self, seen: set[str]) -> Iterator[str]:
        for name in self._client.scan_iter(match=self._layout.pattern, count=_SCAN_COUNT):
            key = self._layout.session_id(name)
            if key is not None and key not in seen:
                seen.add(key)
                yield key

    def close(self) -> None:
        if self._owned:
            self._client.close()

    def _command(self, *words: str) -> Any:
        with _store_errors:
            try:
                return self._client.execute_command(*words, **_BYTES)
            except redis.ConnectionError:  # for one a connection that went stale while it was idle
                return self._client.execute_command(*words, **_BYTES)

    def _evaluate(self, arguments: list[str | bytes]) -> int:
        try:
            # Not by client.evalsha: to find that among its hundreds of methods took 6 µs of a whole request.
            outcome: int = self._client.execute_command("EVALSHA", _SCRIPT_SHA, 1, *arguments)
        except redis.exceptions.NoScriptError:
            outcome = self._client.eval(_SCRIPT, 1, *arguments)
        return outcome


class _Access(NamedTuple):
    """A client, and what an operation waits in until there is a connection for it."""

    client: Any
    turn: AbstractAsyncContextManager[Any]


class AsyncRedisStore(AsyncStore):
    """Sessions in Redis through an asyncio redis-py client; see ``RedisStore``.

    ``timeout`` (seconds) bounds each operation as a whole, also with a client of the caller's; of the many round
    trips of ``keys`` the client bounds each.
    """

    def __init__(
        self,
        client: AsyncClient,
        *,
        base: str = "",
        ttl: float | None = None,
        timeout: float | None = DEFAULT_TIMEOUT,
    ) -> None:
        self._layout = _Layout(base, ttl)
        self._timeout = timeout
        self._own: PerLoop[_Access] | None = None
        access = _Access(client, nullcontext())
        self._access: Callable[[], _Access] = lambda: access

    @classmethod
    def from_url(
        cls, url: str, *, base: str = "", ttl: float | None = None, timeout: float = DEFAULT_TIMEOUT
    ) -> AsyncRedisStore:
        """A store with a client of its own, one for each event loop that it is used in; see ``RedisStore.from_url``."""

        def connect() -> _Access:
            # Time-outs and turns are this store's: redis-py's own for each read and each write, and its
            # BlockingConnectionPool, took 26 of the 69 µs of a GET.
            pool = _pool(redis.asyncio.ConnectionPool, url, retry=AsyncRetry(NoBackoff(), 0), socket_timeout=None)
            return _Access(redis.asyncio.Redis.from_pool(pool), asyncio.Semaphore(MAX_CONNECTIONS))

        # A wrong URL fails here, not at the first use.
        store = cls(connect().client, base=base, ttl=ttl, timeout=timeout)
        store._own = PerLoop(connect)
        store._access = store._own.get
        return store

    async def get(self, key: str) -> bytes | None:
        value: bytes | None = await self._command("GET", self._layout.name(key))
        return value

    async def compare_and_set(
        self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None
    ) -> bool:
        arguments = self._layout.arguments(key, expected, new, ttl)
        client, turn = self._access()
        with _store_errors:
            async with asyncio.timeout(self._timeout), turn:
                try:
                    return await self._evaluate(client, arguments) == _WRITTEN
                except redis.ConnectionError:
                    return await self._evaluate(client, arguments) in (_WRITTEN, _ALREADY_THERE)

    async def delete(self, key: str) -> None:
        await self._command("UNLINK", self._layout.name(key))

    async def keys(self) -> AsyncIterator[str]:
        seen: set[str] = set()
        with _store_errors:
            try:
                async for key in self._scan(seen):
                    yield key
            except redis.ConnectionError:
                async for key in self._scan(seen):
                    yield key

    async def _scan(self, seen: set[str]) -> AsyncIterator[str]:
        client, turn = self._access()
        names = client.scan_iter(match=self._layout.pattern, count=_SCAN_COUNT)
        while True:
            async with asyncio.timeout(self._timeout), turn:
                name = await anext(names, None)
            if name is None:
                return
            key = self._layout.session_id(name)
            if key is not None and key not in seen:
                seen.add(key)
                yield key

    async def close(self) -> None:
        access = self._own.pop() if self._own is not None else None
        if access is not None:
            await access.client.aclose()

    async def _command(self, *words: str) -> Any:
        client, turn = self._access()
        with _store_errors:
            async with asyncio.timeout(self._timeout), turn:
                try:
                    return await client.execute_command(*words, **_BYTES)
                except redis.ConnectionError:
                    return await client.execute_command(*words, **_BYTES)

    async def _evaluate(self, client: Any, arguments: list[str | bytes]) -> int:
        try:
            outcome: int = await client.execute_command("EVALSHA", _SCRIPT_SHA, 1, *arguments)
        except redis.exceptions.NoScriptError:
            outcome = await client.eval(_SCRIPT, 1, *arguments)
        return outcome


def _pool(kind: Any, url: str, **options: Any) -> Any:
    """A pool of bounded size; ``options`` say how it retries, for redis-py's back-off makes a request hang for seconds.

    Raises:
        ValueError: the URL is wrong.
    """
    try:
        return kind.from_url(url, max_connections=MAX_CONNECTIONS, **options)
    except ValueError:
        # From None, and without its text: both can show a part of the password.
        raise ValueError("not a URL that redis-py can read: redis://[[user]:password@]host[:port][/db]") from None
