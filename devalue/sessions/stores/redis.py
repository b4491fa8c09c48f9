"""Sessions in Redis (or Valkey), laid out as unstorage's ``redis`` driver does.

A session is a STRING named ``base:id``. The compare-and-set is one Lua script, which Redis runs atomically; it touches
one key, so it works in a cluster too.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias, TypeVar

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
T = TypeVar("T")

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


@contextmanager
def _store_errors() -> Iterator[None]:
    """redis-py's errors as ours. Its texts name host and port, never the password."""
    try:
        yield
    except (redis.TimeoutError, TimeoutError) as error:
        raise StoreTimeout(f"Redis did not answer in time: {error}") from error
    except (redis.RedisError, OSError) as error:
        raise StoreError(f"Redis: {error}") from error


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
            redis.Redis.from_pool(_pool(redis.BlockingConnectionPool, url, Retry(NoBackoff(), 0), timeout)),
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
        with _store_errors():
            try:
                return self._evaluate(arguments) == _WRITTEN
            except redis.ConnectionError:
                return self._evaluate(arguments) in (_WRITTEN, _ALREADY_THERE)

    def delete(self, key: str) -> None:
        self._command("UNLINK", self._layout.name(key))

    def keys(self) -> Iterator[str]:
        seen: set[str] = set()  # SCAN may name a key twice, and so does a second scan
        with _store_errors():
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
        with _store_errors():
            try:
                return self._client.execute_command(*words, **_BYTES)
            except redis.ConnectionError:  # for one a connection that went stale while it was idle
                return self._client.execute_command(*words, **_BYTES)

    def _evaluate(self, arguments: list[str | bytes]) -> int:
        try:
            outcome: int = self._client.evalsha(_SCRIPT_SHA, 1, *arguments)
        except redis.exceptions.NoScriptError:
            outcome = self._client.eval(_SCRIPT, 1, *arguments)
        return outcome


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
        self._own: PerLoop[Any] | None = None
        self._get_client: Callable[[], Any] = lambda: client

    @classmethod
    def from_url(
        cls, url: str, *, base: str = "", ttl: float | None = None, timeout: float = DEFAULT_TIMEOUT
    ) -> AsyncRedisStore:
        """A store with a client of its own, one for each event loop that it is used in; see ``RedisStore.from_url``."""

        def connect() -> redis.asyncio.Redis:
            pool = _pool(redis.asyncio.BlockingConnectionPool, url, AsyncRetry(NoBackoff(), 0), timeout)
            client: redis.asyncio.Redis = redis.asyncio.Redis.from_pool(pool)
            return client

        store = cls(connect(), base=base, ttl=ttl, timeout=timeout)  # a wrong URL fails here, not at the first use
        store._own = PerLoop(connect)
        store._get_client = store._own.get
        return store

    async def get(self, key: str) -> bytes | None:
        value: bytes | None = await self._command("GET", self._layout.name(key))
        return value

    async def compare_and_set(
        self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None
    ) -> bool:
        arguments = self._layout.arguments(key, expected, new, ttl)
        client = self._get_client()
        with _store_errors():
            async with asyncio.timeout(self._timeout):
                try:
                    return await self._evaluate(client, arguments) == _WRITTEN
                except redis.ConnectionError:
                    return await self._evaluate(client, arguments) in (_WRITTEN, _ALREADY_THERE)

    async def delete(self, key: str) -> None:
        await self._command("UNLINK", self._layout.name(key))

    async def keys(self) -> AsyncIterator[str]:
        seen: set[str] = set()
        with _store_errors():
            try:
                async for key in self._scan(seen):
                    yield key
            except redis.ConnectionError:
                async for key in self._scan(seen):
                    yield key

    async def _scan(self, seen: set[str]) -> AsyncIterator[str]:
        async for name in self._get_client().scan_iter(match=self._layout.pattern, count=_SCAN_COUNT):
            key = self._layout.session_id(name)
            if key is not None and key not in seen:
                seen.add(key)
                yield key

    async def close(self) -> None:
        client = self._own.pop() if self._own is not None else None
        if client is not None:
            await client.aclose()

    async def _command(self, *words: str) -> Any:
        client = self._get_client()
        with _store_errors():
            async with asyncio.timeout(self._timeout):
                try:
                    return await client.execute_command(*words, **_BYTES)
                except redis.ConnectionError:
                    return await client.execute_command(*words, **_BYTES)

    async def _evaluate(self, client: Any, arguments: list[str | bytes]) -> int:
        try:
            outcome: int = await client.evalsha(_SCRIPT_SHA, 1, *arguments)
        except redis.exceptions.NoScriptError:
            outcome = await client.eval(_SCRIPT, 1, *arguments)
        return outcome


def _pool(kind: Any, url: str, retry: Any, timeout: float) -> Any:
    """A pool that waits for a free connection; redis-py's own back-off would make a request hang for seconds."""
    try:
        return kind.from_url(
            url,
            retry=retry,
            timeout=timeout,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            max_connections=MAX_CONNECTIONS,
        )
    except ValueError:
        # From None, and without its text: both can show a part of the password.
        raise ValueError("not a URL that redis-py can read: redis://[[user]:password@]host[:port][/db]") from None
