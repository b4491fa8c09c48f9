"""What is particular to Redis: names, expiry, and the caller's clients."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
import redis.asyncio

from devalue.sessions import StoreError
from devalue.sessions.stores import AsyncRedisStore, RedisStore, open_store
from tests.node.unstorage import Unstorage
from tests.servers import Server, free_port, run_redis
from tests.sessions.places import Blocking

SESSION = b'[["Map",1,2],"q",{"data":3,"expires":-1},1]'
OTHER = b'[["Map",1,2],"q",{"data":3,"expires":-1},2]'


@pytest.fixture
def client(redis_server: Server) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_server.url) as client:
        yield client


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


@pytest.mark.parametrize(
    "base", ["", "app", "app:", "astro:sess:", "a/b", "/a", "a\\b", ":a", "a::", "glob*[x]?\\", "é", "a:b:c/"]
)
def test_the_name_of_a_key_is_the_one_that_javascript_makes(
    redis_server: Server, client: redis.Redis, unstorage: Unstorage, key: str, base: str
) -> None:
    js = unstorage.open("redis", {"url": redis_server.url, "base": base})
    js.set(key, "[1]")
    store = RedisStore(client, base=base)
    assert store.get(key) == b"[1]"
    assert key in set(store.keys())
    assert store.compare_and_set(key, b"[1]", b"[2]")
    assert js.get(key) == [2]
    store.delete(key)
    assert js.get(key) is None


def test_a_store_names_only_the_sessions_of_its_base(client: redis.Redis) -> None:
    keys = [str(uuid.uuid4()) for _ in range(3)]
    stores = [RedisStore(client, base=base) for base in ("one", "one:two", "on?")]
    for store, key in zip(stores, keys, strict=True):
        store.compare_and_set(key, None, SESSION)
    assert [list(store.keys()) for store in stores] == [[key] for key in keys]


@pytest.mark.parametrize(
    ("own", "given", "expected"),
    [
        pytest.param(None, None, -1, id="none"),
        pytest.param(100, None, 100, id="the store's"),
        pytest.param(None, 50, 50, id="the session's"),
        pytest.param(100, 50, 50, id="the sooner is the session's"),
        pytest.param(100, 500, 100, id="the sooner is the store's"),
        pytest.param(0.25, None, 0.25, id="less than a second"),
        pytest.param(None, 1e300, -1, id="never"),
        pytest.param(None, float("inf"), -1, id="endless"),
    ],
)
def test_redis_expires_an_entry_at_the_sooner_time(
    client: redis.Redis, key: str, own: float | None, given: float | None, expected: float
) -> None:
    store = RedisStore(client, ttl=own)
    store.compare_and_set(key, None, SESSION, ttl=given)
    milliseconds = client.pttl(key)
    assert milliseconds == -1 if expected == -1 else (expected - 5) * 1000 < milliseconds <= expected * 1000


def test_a_write_replaces_the_time_to_live(client: redis.Redis, key: str) -> None:
    store = RedisStore(client)
    store.compare_and_set(key, None, SESSION, ttl=100)
    store.compare_and_set(key, SESSION, OTHER)
    assert client.ttl(key) == -1


@pytest.mark.parametrize("ttl", [0, -5])
def test_an_entry_that_is_dead_already_is_gone_in_a_moment(client: redis.Redis, key: str, ttl: float) -> None:
    store = RedisStore(client)
    assert store.compare_and_set(key, None, SESSION, ttl=ttl)
    time.sleep(0.02)
    assert store.get(key) is None


@pytest.mark.parametrize("ttl", [0, -1, float("nan"), float("inf")])
def test_a_store_refuses_a_time_to_live_that_is_none(client: redis.Redis, ttl: float) -> None:
    with pytest.raises(ValueError, match="ttl"):
        RedisStore(client, ttl=ttl)


def test_the_script_is_sent_again_after_redis_forgot_it(client: redis.Redis, key: str) -> None:
    store = RedisStore(client)
    store.compare_and_set(key, None, SESSION)
    client.script_flush()
    assert store.compare_and_set(key, SESSION, OTHER)
    assert store.get(key) == OTHER


def test_a_key_of_another_type_is_an_error_and_stays(client: redis.Redis, key: str) -> None:
    store = RedisStore(client)
    client.rpush(key, "a list")
    with pytest.raises(StoreError, match="WRONGTYPE"):
        store.get(key)
    with pytest.raises(StoreError, match="WRONGTYPE"):
        store.compare_and_set(key, None, SESSION)
    assert client.lrange(key, 0, -1) == [b"a list"]


def _use(store: Any, key: str) -> None:
    assert store.get(key) is None
    assert store.compare_and_set(key, None, SESSION)
    assert not store.compare_and_set(key, None, OTHER)
    assert store.get(key) == SESSION
    assert key in set(store.keys())
    assert store.compare_and_set(key, SESSION, b"\xff")
    assert store.get(key) == b"\xff"
    store.delete(key)
    assert store.get(key) is None


@pytest.mark.parametrize("options", [{}, {"decode_responses": True}, {"protocol": 3}], ids=str)
def test_any_client_of_the_callers_will_do_and_stays_open(redis_server: Server, key: str, options: Any) -> None:
    with redis.Redis.from_url(redis_server.url, **options) as client:
        with RedisStore(client) as store:
            _use(store, key)
        assert client.ping()

    async def open_and_use() -> None:
        async with redis.asyncio.Redis.from_url(redis_server.url, **options) as client:
            async with AsyncRedisStore(client) as store:
                assert await store.compare_and_set(key, None, b"\xff")
                assert await store.get(key) == b"\xff"
                assert key in [each async for each in store.keys()]  # noqa: SIM118
                await store.delete(key)
            assert await client.ping()

    asyncio.run(open_and_use())


@pytest.mark.parametrize(("database", "more"), [("/0", ""), ("/1", " +select")])
def test_a_user_needs_few_rights(redis_server: Server, client: redis.Redis, key: str, database: str, more: str) -> None:
    """The list in docs/stores.md."""
    rights = "+get +set +unlink +eval +evalsha +scan ~shop:*" + more
    client.execute_command("ACL", "SETUSER", "shop", "reset", "on", ">pw", *rights.split())
    url = redis_server.url.replace("127", "shop:pw@127").replace("/0", database)
    with open_store(url + "?base=shop") as store:
        _use(store, key)
    client.execute_command("ACL", "DELUSER", "shop")


@contextmanager
def run_cluster() -> Iterator[Server]:
    with run_redis("--cluster-enabled", "yes", "--cluster-port", str(free_port())) as server:
        with redis.Redis(port=server.port) as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            deadline = time.monotonic() + 30
            while client.cluster("INFO")["cluster_state"] != "ok":
                assert time.monotonic() < deadline
                time.sleep(0.02)
        yield server


def test_a_cluster_is_used_through_the_callers_client(key: str) -> None:
    with run_cluster() as server:
        with redis.RedisCluster(host="127.0.0.1", port=server.port) as client:
            _use(RedisStore(client, base="app"), key)

        class Opened(Blocking):
            def __init__(self) -> None:
                client = redis.asyncio.RedisCluster(host="127.0.0.1", port=server.port)
                super().__init__(AsyncRedisStore(client, base="app"))
                self.client = client

            def close(self) -> None:
                self._runner.run(self.client.aclose())

        with Opened() as store:
            _use(store, key)


def test_a_sentinel_is_used_through_the_callers_client(redis_server: Server, key: str) -> None:
    monitor = f"sentinel monitor mymaster 127.0.0.1 {redis_server.port} 1\n"
    with run_redis("--sentinel", configuration=monitor) as sentinel:
        manager = redis.Sentinel([("127.0.0.1", sentinel.port)])
        with manager.master_for("mymaster") as client:
            _use(RedisStore(client), key)
        for each in manager.sentinels:
            each.close()


def test_sessions_that_a_server_cannot_keep_are_an_error(key: str) -> None:
    with run_redis("--maxmemory", "1") as server, open_store(server.url) as store:
        with pytest.raises(StoreError, match="memory"):
            store.compare_and_set(key, None, SESSION)
        assert store.get(key) is None
