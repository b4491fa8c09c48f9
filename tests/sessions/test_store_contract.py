"""What every store does, synchronous and asynchronous, on the real engine."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from devalue.sessions import StoreError
from devalue.sessions.stores import Store, open_async_store
from tests.node.unstorage import JsStorage, Unstorage
from tests.sessions.places import Place

SESSION = b'[["Map",1,2],"q",{"data":3,"expires":-1},1]'
OTHER = b'[["Map",1,2],"q",{"data":3,"expires":-1},2]'

SAMPLES = [
    pytest.param(b"", id="empty"),
    pytest.param(SESSION, id="a session"),
    pytest.param('["é ß 日本 🎉 \u2028"]'.encode(), id="beyond ASCII"),
    pytest.param(b'["it\'s % %s %(key)s ? :key \\\\ \\n"]', id="what SQL could take for its own"),
    pytest.param(b" [\n1 ,2]\t ", id="white space"),
    pytest.param(b'["' + b"x" * 3_000_000 + b'"]', id="3 MB"),
]

# Values that collations, affinities or trimming take for equal.
LOOK_ALIKES = [
    pytest.param('["a"]', '["A"]', id="case"),
    pytest.param('["a"]', '["á"]', id="accent"),
    pytest.param('["\u00e9"]', '["e\u0301"]', id="normal forms"),
    pytest.param('["ss"]', '["ß"]', id="sharp s"),
    pytest.param('["🎉"]', '["🚀"]', id="emoji"),
    pytest.param("[1]", "[1] ", id="space at the end"),
    pytest.param("1", "1.0", id="number"),
    pytest.param("", " ", id="empty and space"),
]


@pytest.fixture(params=["sync", "async"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(place: Place, mode: str) -> Iterator[Store]:
    with place.open(mode) as store:
        yield store


@pytest.fixture
def shared_store(shared_place: Place, mode: str) -> Iterator[Store]:
    with shared_place.open(mode) as store:
        yield store


@pytest.fixture
def js(shared_place: Place, unstorage: Unstorage) -> JsStorage:
    return unstorage.open(shared_place.js_driver, shared_place.js_options)


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


# -- the five operations ----------------------------------------------------------------------------------


def test_an_unknown_key_has_no_value(store: Store, key: str) -> None:
    assert store.get(key) is None
    assert list(store.keys()) == []


def test_deleting_an_unknown_key_does_nothing(store: Store, key: str) -> None:
    store.delete(key)
    assert store.get(key) is None


@pytest.mark.parametrize("value", SAMPLES)
def test_a_written_value_comes_back_as_the_same_bytes(store: Store, key: str, value: bytes) -> None:
    assert store.compare_and_set(key, None, value)
    assert store.get(key) == value
    assert store.compare_and_set(key, value, SESSION)
    assert store.get(key) == SESSION


def test_a_new_value_is_written_only_where_there_is_none(store: Store, key: str) -> None:
    assert store.compare_and_set(key, None, SESSION)
    assert not store.compare_and_set(key, None, OTHER)
    assert not store.compare_and_set(key, None, SESSION)
    assert store.get(key) == SESSION


def test_a_value_is_replaced_only_where_the_expected_one_is_stored(store: Store, key: str) -> None:
    assert not store.compare_and_set(key, SESSION, OTHER)
    assert store.get(key) is None
    store.compare_and_set(key, None, SESSION)
    assert not store.compare_and_set(key, OTHER, OTHER)
    assert store.get(key) == SESSION
    assert store.compare_and_set(key, SESSION, OTHER)
    assert store.get(key) == OTHER


def test_replacing_a_value_by_itself_succeeds(store: Store, key: str) -> None:
    store.compare_and_set(key, None, SESSION)
    assert store.compare_and_set(key, SESSION, SESSION)
    assert store.compare_and_set(key, SESSION, SESSION)
    assert not store.compare_and_set(key, OTHER, OTHER)


def test_a_value_is_removed_only_where_the_expected_one_is_stored(store: Store, key: str) -> None:
    assert not store.compare_and_set(key, SESSION, None)
    store.compare_and_set(key, None, SESSION)
    assert not store.compare_and_set(key, OTHER, None)
    assert store.get(key) == SESSION
    assert store.compare_and_set(key, SESSION, None)
    assert store.get(key) is None
    assert list(store.keys()) == []


def test_expecting_nothing_and_writing_nothing_says_whether_there_is_nothing(store: Store, key: str) -> None:
    assert store.compare_and_set(key, None, None)
    store.compare_and_set(key, None, SESSION)
    assert not store.compare_and_set(key, None, None)
    assert store.get(key) == SESSION


def test_a_deleted_key_can_be_written_again(store: Store, key: str) -> None:
    store.compare_and_set(key, None, SESSION)
    store.delete(key)
    assert store.get(key) is None
    assert not store.compare_and_set(key, SESSION, OTHER)
    assert store.compare_and_set(key, None, OTHER)


@pytest.mark.parametrize(("stored", "expected"), LOOK_ALIKES)
def test_only_the_very_bytes_are_the_expected_ones(store: Store, key: str, stored: str, expected: str) -> None:
    for a, b in [(stored.encode(), expected.encode()), (expected.encode(), stored.encode())]:
        assert store.compare_and_set(key, None, a)
        assert not store.compare_and_set(key, b, SESSION)
        assert not store.compare_and_set(key, b, b)
        assert not store.compare_and_set(key, b, None)
        assert store.get(key) == a
        store.delete(key)


def test_keys_names_every_session_once(store: Store) -> None:
    expected = {str(uuid.uuid4()) for _ in range(30)}
    for key in expected:
        store.compare_and_set(key, None, SESSION)
    found = list(store.keys())
    assert len(found) == 30
    assert set(found) == expected


@pytest.mark.parametrize("ttl", [None, 1, 3600, 0.5, 10.0**9])
def test_a_time_to_live_does_not_change_the_value(store: Store, key: str, ttl: float | None) -> None:
    assert store.compare_and_set(key, None, SESSION, ttl=ttl)
    assert store.get(key) == SESSION
    assert store.compare_and_set(key, SESSION, OTHER, ttl=ttl)
    assert store.get(key) == OTHER


@pytest.mark.parametrize("value", [b"\xff\xfe", b"[\xc3]", b"\xed\xa0\x80", b"\x00", b'["a\x00b"]'])
def test_bytes_that_are_no_text_come_back_or_are_refused(place: Place, store: Store, key: str, value: bytes) -> None:
    try:
        written = store.compare_and_set(key, None, value)
    except StoreError:
        assert not place.takes_any_bytes
        assert store.get(key) is None
        assert store.compare_and_set(key, None, SESSION)
        with pytest.raises(StoreError):
            store.compare_and_set(key, SESSION, value)
        assert not store.compare_and_set(key, value, OTHER)
        assert store.get(key) == SESSION
    else:
        assert written
        assert store.get(key) == value
        assert store.compare_and_set(key, value, SESSION)


# -- many at once -----------------------------------------------------------------------------------------


def test_of_many_threads_one_wins(place: Place, key: str) -> None:
    with place.open() as store:
        expected = None
        for turn in range(5):
            values = [b"[%d,%d]" % (turn, number) for number in range(8)]
            won = _race([partial(store.compare_and_set, key, expected, value) for value in values])
            assert won.count(True) == 1
            expected = store.get(key)
            assert expected == values[won.index(True)]


def test_of_many_tasks_one_wins(place: Place, key: str) -> None:
    async def race() -> None:
        async with open_async_store(place.url) as store:
            values = [b"[%d]" % number for number in range(60)]
            for expected in (None, SESSION):
                won = await asyncio.gather(*(store.compare_and_set(key, expected, value) for value in values))
                assert won.count(True) == 1
                assert await store.get(key) == values[won.index(True)]
                assert await store.compare_and_set(key, values[won.index(True)], SESSION)

    asyncio.run(race())


def test_no_write_of_many_processes_is_lost(shared_place: Place, key: str) -> None:
    script = """
import sys, time
from devalue.sessions.stores import open_store
url, key = sys.argv[1:]
with open_store(url) as store:
    sys.stdin.readline()
    done = 0
    while done < 25:
        stored = store.get(key)
        count = int(stored or 0) + 1
        done += store.compare_and_set(key, stored, b"%d" % count)
"""
    command = [sys.executable, "-c", script, shared_place.url, key]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(4)]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write(b"go\n")
        worker.stdin.close()
    assert [worker.wait(60) for worker in workers] == [0] * 4
    with shared_place.open() as store:
        assert store.get(key) == b"100"


def test_a_store_can_be_used_on_both_sides_of_a_fork(shared_place: Place) -> None:
    script = """
import os, sys
from devalue.sessions.stores import open_store
url, first, second = sys.argv[1:]
with open_store(url) as store:
    for key in (first, second):
        store.compare_and_set(key, None, key.encode())
    child = os.fork()
    key = second if child else first
    for _ in range(200):
        assert store.get(key) == key.encode()
    if not child:
        store.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert store.get(first) == first.encode()
"""
    done = subprocess.run(
        [sys.executable, "-c", script, shared_place.url, str(uuid.uuid4()), str(uuid.uuid4())],
        timeout=60,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_asynchronous_store_serves_one_event_loop_after_another(shared_place: Place, key: str) -> None:
    store = open_async_store(shared_place.url)

    async def write(expected: bytes | None, new: bytes) -> None:
        assert await store.compare_and_set(key, expected, new)
        assert await store.get(key) == new
        await store.close()

    asyncio.run(write(None, SESSION))
    asyncio.run(write(SESSION, OTHER))


# -- shared with JavaScript -------------------------------------------------------------------------------


def test_javascript_reads_what_python_wrote(shared_store: Store, js: JsStorage, key: str) -> None:
    text = '[["Map",1,2],"q",{"data":3,"expires":-1},"é 🎉"]'
    shared_store.compare_and_set(key, None, text.encode())
    assert js.get(key) == [["Map", 1, 2], "q", {"data": 3, "expires": -1}, "é 🎉"]
    assert js.keys() == [key]


def test_python_reads_the_very_bytes_that_javascript_wrote(shared_store: Store, js: JsStorage, key: str) -> None:
    text = '[["Map",1,2],"q",{"data":3,"expires":-1},"é 🎉 \u2028"]'
    js.set(key, text)
    assert shared_store.get(key) == text.encode()
    assert list(shared_store.keys()) == [key]


def test_both_sides_leave_the_same_things_in_the_same_place(
    shared_place: Place, shared_store: Store, js: JsStorage
) -> None:
    ours, theirs = sorted(str(uuid.uuid4()) for _ in range(2))
    shared_store.compare_and_set(ours, None, SESSION)
    js.set(theirs, SESSION.decode())
    assert shared_place.dump() == {ours: SESSION, theirs: SESSION}


def test_python_makes_the_table_that_javascript_makes(sql_place: Place, unstorage: Unstorage, key: str) -> None:
    with sql_place.open() as store:
        store.compare_and_set(key, None, SESSION)
    ours = sql_place.schema()
    sql_place.drop()
    unstorage.open(sql_place.js_driver, sql_place.js_options).set(key, "[]")
    assert sql_place.schema() == ours


def test_reading_makes_no_table(sql_place: Place, mode: str, key: str) -> None:
    with sql_place.open(mode) as store:
        assert store.get(key) is None
        assert list(store.keys()) == []
        store.delete(key)
        assert not store.compare_and_set(key, SESSION, OTHER)
    assert not sql_place.schema()


def test_the_table_may_be_made_by_several_at_once(sql_place: Place) -> None:
    with sql_place.open() as store:
        for _ in range(10):
            keys = [str(uuid.uuid4()) for _ in range(8)]
            assert _race([partial(store.compare_and_set, key, None, SESSION) for key in keys]) == [True] * 8
            sql_place.drop()


def test_an_item_that_javascript_keeps_as_raw_bytes_is_no_session(
    sql_place: Place, mode: str, unstorage: Unstorage, key: str
) -> None:
    js = unstorage.open(sql_place.js_driver, sql_place.js_options)
    js.set_raw(key, "raw")
    with sql_place.open(mode) as store:
        assert store.get(key) is None
        assert list(store.keys()) == []
        assert not store.compare_and_set(key, SESSION, OTHER)
        assert store.compare_and_set(key, None, SESSION)
        assert not store.compare_and_set(key, None, OTHER)
        assert store.get(key) == SESSION


def test_a_write_of_javascript_in_between_is_not_overwritten(shared_store: Store, js: JsStorage, key: str) -> None:
    shared_store.compare_and_set(key, None, SESSION)
    js.set(key, OTHER.decode())
    assert not shared_store.compare_and_set(key, SESSION, b"[]")
    assert shared_store.get(key) == OTHER


def test_what_javascript_removed_is_gone_and_not_brought_back(shared_store: Store, js: JsStorage, key: str) -> None:
    shared_store.compare_and_set(key, None, SESSION)
    js.remove(key)
    assert shared_store.get(key) is None
    assert not shared_store.compare_and_set(key, SESSION, OTHER)
    assert js.get(key) is None


def test_what_python_removed_is_gone_for_javascript(shared_store: Store, js: JsStorage, key: str) -> None:
    other = str(uuid.uuid4())
    for each in (key, other):
        js.set(each, SESSION.decode())
    shared_store.delete(key)
    assert shared_store.compare_and_set(other, SESSION, None)
    assert js.get(key) is None
    assert js.get(other) is None
    assert js.keys() == []


def test_foreign_entries_are_neither_named_nor_touched(
    shared_place: Place, shared_store: Store, js: JsStorage, key: str
) -> None:
    foreign = {
        "notes.txt": b"[0]",
        "11111111-1111-1111-8111-111111111111": b"[1]",  # a UUID, but not of version 4
        f"{key}x": b"[2]",
        f"x{key}": b"[3]",
    }
    js.set("makes the table", "[]")
    js.remove("makes the table")
    for name, value in foreign.items():
        shared_place.plant(name, value)
    shared_store.compare_and_set(key, None, SESSION)
    assert list(shared_store.keys()) == [key]
    shared_store.delete(key)
    assert shared_place.dump() == foreign


def _race(calls: list[Any]) -> list[Any]:
    """The results of calls that start at the same moment, each in a thread."""
    results: list[Any] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(index: int) -> None:
        barrier.wait()
        results[index] = calls[index]()

    threads = [threading.Thread(target=run, args=[index]) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
