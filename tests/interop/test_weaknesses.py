"""Where Astro loses data, Python keeps it: each test first shows Astro's figure, then asserts Python's.

Astro's figures depend on timing, so they are shown (`pytest -s`, and the table at the end of the run), not asserted.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from devalue import Temporal
from devalue.sessions import Sessions
from devalue.sessions.stores import open_store
from tests.servers import Server

from . import astro_app
from .conftest import Figures, Shared, log_of
from .visitor import App, Step, Visitor, all_at_once, eventually

PARALLEL = 20


def keys_that_survive(shared: Shared, app: App, steps: Callable[[int], list[Step]]) -> int:
    """How many of the keys are there, after as many parallel requests have set one each."""
    visitor = shared.visitor()
    visitor.run(app, ["set", "begun", True])
    all_at_once(visitor, [(app, steps(n)) for n in range(PARALLEL)])
    answer = visitor.ask(shared.python, ["keys"])
    if answer.status != 200:
        return 0  # Astro's writes to one file can mix: what is there is no session any more
    return sum(key.startswith("key ") for key in answer.results[0])


def test_parallel_requests_each_keep_the_key_they_set(shared: Shared, figures: Figures) -> None:
    def read_wait_set(n: int) -> list[Step]:
        return [["get", "begun"], ["sleep", 50], ["set", f"key {n}", n]]

    astro = keys_that_survive(shared, shared.astro, read_wait_set)
    python = keys_that_survive(shared, shared.python, read_wait_set)
    figures.add(shared, f"keys kept of {PARALLEL} parallel requests: read, wait, set", astro, python)
    assert python == PARALLEL


def test_parallel_requests_that_only_set_keep_their_keys_too(shared: Shared, figures: Figures) -> None:
    def only_set(n: int) -> list[Step]:
        return [["set", f"key {n}", n]]

    astro = keys_that_survive(shared, shared.astro, only_set)
    python = keys_that_survive(shared, shared.python, only_set)
    figures.add(shared, f"keys kept of {PARALLEL} parallel requests: set alone", astro, python)
    assert python == PARALLEL


def keys_of_others_that_survive(shared: Shared, slow: App, quick: App) -> int:
    """While one slow request holds the session, the other side sets keys, one request after the other."""
    visitor = shared.visitor()
    visitor.run(slow, ["set", "begun", True])
    tab = visitor.copy()
    slow_one = threading.Thread(target=tab.run, args=(slow, ["get", "begun"], ["sleep", 500], ["set", "slow", True]))
    slow_one.start()
    time.sleep(0.1)
    for n in range(10):
        visitor.run(quick, ["get", "begun"], ["set", f"key {n}", n])
    still_slow = slow_one.is_alive()
    slow_one.join()
    assert still_slow, "the machine was too busy: the slow request ended first"
    keys = visitor.run(shared.python, ["keys"])[0]
    assert "slow" in keys
    return sum(key.startswith("key ") for key in keys)


def test_python_never_drops_a_key_that_astro_wrote_before_its_commit(shared: Shared, figures: Figures) -> None:
    astro = keys_of_others_that_survive(shared, slow=shared.astro, quick=shared.python)
    python = keys_of_others_that_survive(shared, slow=shared.python, quick=shared.astro)
    figures.add(shared, "keys of the other side, kept by a slow request, of 10", astro, python)
    assert python == 10


def test_python_and_astro_writing_in_turn_lose_nothing_that_astro_did_not_overwrite(shared: Shared) -> None:
    """Python's own 20 requests run in parallel while Astro sets keys in between; Astro's keys all stay."""
    visitor = shared.visitor()
    visitor.run(shared.astro, ["set", "begun", True])
    requests: list[tuple[App, list[Step]]] = [
        (shared.python, [["get", "begun"], ["sleep", 300 + 10 * n], ["set", f"python {n}", n]]) for n in range(PARALLEL)
    ]
    slow_ones = threading.Thread(target=all_at_once, args=(visitor.copy(), requests))
    slow_ones.start()
    time.sleep(0.1)
    for n in range(5):
        visitor.run(shared.astro, ["get", "begun"], ["set", f"astro {n}", n])
    slow_ones.join()
    [keys] = visitor.run(shared.astro, ["keys"])
    assert sorted(keys) == sorted(
        ["begun", *(f"astro {n}" for n in range(5)), *(f"python {n}" for n in range(PARALLEL))]
    )


def test_python_writing_all_the_time_drops_no_key_of_astro(shared: Shared, figures: Figures) -> None:
    """Both write as fast as they can. Astro may overwrite a key of Python's; the other way round it never happens."""
    visitor = shared.visitor()
    visitor.run(shared.astro, ["set", "begun", True])
    astro_is_done = threading.Event()

    def write_in_python(worker: int) -> int:
        tab, n = visitor.copy(), 0
        while not astro_is_done.is_set():
            tab.run(shared.python, ["set", f"python {worker} {n % 10}", n])
            n += 1
        return n

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(write_in_python, worker) for worker in range(2)]
        try:
            for n in range(100):
                visitor.run(shared.astro, ["get", "begun"], ["set", f"astro {n}", n])
        finally:
            astro_is_done.set()
        written = sum(writer.result() for writer in writers)
    [keys] = visitor.run(shared.python, ["keys"])
    kept = sum(key.startswith("astro ") for key in keys)
    figures.add(shared, "Astro's keys kept of 100 while Python writes all the time", "-", kept)
    assert written > 10
    assert kept == 100


# --- logout and regenerate ------------------------------------------------------------------------


def comes_back(shared: Shared, slow: App, ends: App, ending: str) -> bool:
    """Whether a session that ended during a slow request is there again when that request is done."""
    visitor = shared.visitor()
    visitor.run(slow, ["set", "user", "ada"])
    old = visitor.copy()
    tab = visitor.copy()
    slow_one = threading.Thread(target=tab.ask, args=(slow, ["get", "user"], ["sleep", 400], ["set", "seen", True]))
    slow_one.start()
    time.sleep(0.1)
    visitor.run(ends, [ending])
    assert eventually(lambda: shared.stored(old) is None)
    assert slow_one.is_alive(), "the machine was too busy: the slow request ended first"
    slow_one.join()
    assert ending == "destroy" or visitor.run(shared.python, ["get", "user"]) == ["ada"]
    return shared.stored(old) is not None


@pytest.mark.parametrize("ending", ["destroy", "regenerate"])
@pytest.mark.parametrize("where", ["Astro", "Python"])
def test_a_session_that_ended_during_a_slow_request_stays_ended(
    shared: Shared, figures: Figures, ending: str, where: str
) -> None:
    ends = shared.astro if where == "Astro" else shared.python
    astro = comes_back(shared, shared.astro, ends, ending)
    python = comes_back(shared, shared.python, ends, ending)
    figures.add(shared, f"old session back after {ending} in {where} during a slow request", astro, python)
    assert not python


def live_sessions_after_parallel_regenerates(shared: Shared, app: App) -> tuple[int, int, bool]:
    """Entries left, entries with the data, and whether the browser's last cookie names one with the data."""
    visitor = shared.visitor()
    visitor.run(app, ["set", "user", "ada"])
    old_id = visitor.id
    sent = all_at_once(visitor, [(app, [["get", "user"], ["sleep", 50], ["regenerate"]])] * 4)
    ids = {tab.visitor.id for tab in sent} | {old_id}
    time.sleep(0.2)  # Astro removes the old entry behind its answer
    texts = [text for session_id in ids if (text := shared.stored(session_id)) is not None]
    named = [tab.visitor.id for tab in sent if tab.answer.set_cookies]
    return len(texts), sum(b"ada" in text for text in texts), all(b"ada" in (shared.stored(i) or b"") for i in named)


def test_parallel_regenerates_leave_one_live_session_with_its_data(shared: Shared, figures: Figures) -> None:
    astro = live_sessions_after_parallel_regenerates(shared, shared.astro)
    python = live_sessions_after_parallel_regenerates(shared, shared.python)
    figures.add(shared, "after 4 parallel regenerates: entries, with data, every cookie good", astro, python)
    assert python == (1, 1, True)


def test_the_old_id_is_dead_when_the_answer_arrives(shared: Shared, figures: Figures) -> None:
    def old_ids_alive(app: App) -> int:
        alive = 0
        for _ in range(20):
            visitor = shared.visitor()
            visitor.run(app, ["set", "user", "ada"])
            old = visitor.copy()
            visitor.run(app, ["regenerate"])
            alive += shared.stored(old) is not None
        return alive

    astro, python = old_ids_alive(shared.astro), old_ids_alive(shared.python)
    figures.add(shared, "old ids still there when the answer to regenerate arrives, of 20", astro, python)
    assert python == 0


# --- what a single request loses ------------------------------------------------------------------


def test_delete_then_set_keeps_the_value(shared: Shared, figures: Figures) -> None:
    def value_after(app: App) -> object:
        visitor = shared.visitor()
        visitor.run(app, ["set", "a", "old"], ["set", "b", 1])
        visitor.run(app, ["delete", "a"], ["set", "a", "new"])
        return visitor.run(shared.python, ["get", "a"])[0]

    astro, python = value_after(shared.astro), value_after(shared.python)
    figures.add(shared, "delete('a'), set('a', 'new'): then get('a') is", astro, python)
    assert python == "new"


@pytest.mark.parametrize(
    "steps",
    [
        [["set", "a", 1], ["destroy"], ["set", "b", 2]],
        [["destroy"], ["get", "a"]],
        [["delete", "a"]],
        [["get", "a"], ["delete", "a"]],
    ],
    ids=lambda steps: ", ".join(step[0] for step in steps),
)
@pytest.mark.parametrize("known", [False, True], ids=["without a session", "with a session"])
def test_nothing_is_left_that_no_cookie_names(shared: Shared, figures: Figures, steps: list[Step], known: bool) -> None:
    def orphans(app: App) -> int:
        visitor = shared.visitor()
        if known:
            visitor.run(app, ["set", "c", 3])
        before = shared.ids() - {visitor.id}
        visitor.run(app, *steps)
        return len(shared.ids() - before - {visitor.id})

    astro, python = orphans(shared.astro), orphans(shared.python)
    what = f"{', '.join(step[0] for step in steps)} {'with' if known else 'without'} a session: orphans"
    figures.add(shared, what, astro, python)
    assert python == 0


def test_a_value_changed_in_place_is_saved(shared: Shared) -> None:
    visitor = shared.visitor()
    visitor.run(shared.astro, ["set", "list", [1]])
    visitor.run(shared.python, ["push", "list", 2])
    assert visitor.run(shared.astro, ["get", "list"]) == [[1, 2]]


@pytest.mark.parametrize("text", [b"[[", b"{}", b'"text"', b"[[1,2],3]"], ids=repr)
def test_data_that_is_no_session_is_neither_destroyed_nor_overwritten(
    shared: Shared, figures: Figures, text: bytes
) -> None:
    def left_by(app: App) -> tuple[int, bytes | None]:
        visitor = shared.visitor()
        visitor.run(app, ["set", "a", 1])
        planted = visitor.copy()
        assert planted.id is not None
        shared.backend.write(planted.id, text)
        status = visitor.ask(app, ["get", "a"], ["set", "b", 2]).status
        return status, shared.stored(planted)

    astro, python = left_by(shared.astro), left_by(shared.python)
    figures.add(shared, f"status, and what is left of {text!r}", astro, python)
    status, left = python
    assert status == 500
    assert left == text


def test_a_value_that_this_node_cannot_read_is_refused(without_temporal: Shared, figures: Figures) -> None:
    shared = without_temporal
    visitor = shared.visitor()
    visitor.run(shared.python, ["set", "a", 1])
    answer = visitor.ask(shared.python, ["set", "day", Temporal("PlainDate", "2026-11-23")])
    assert answer.status == 500
    assert eventually(lambda: "Cannot store a Temporal value" in log_of(shared.servers[1]))
    assert visitor.run(shared.astro, ["get", "a"]) == [1]

    shared.backend.write(visitor.id or "", b'[["Map",1,2],"day",{"data":3},["Temporal.PlainDate","2026-11-23"]]')
    read_by_python = visitor.ask(shared.python, ["has", "day"]).status
    read_by_astro = visitor.ask(shared.astro, ["has", "day"]).status
    figures.add(shared, "status of reading a Temporal value on Node 24", read_by_astro, read_by_python)
    assert (read_by_python, read_by_astro, shared.stored(visitor)) == (200, 500, None), "Astro destroys the session"


# --- expired sessions -----------------------------------------------------------------------------


def test_expired_sessions_are_collected(shared: Shared, figures: Figures) -> None:
    expired, live = shared.visitor(), shared.visitor()
    expired.run(shared.astro, ["set", "a", 1, 0.01])
    live.run(shared.astro, ["set", "a", 1, 3600])
    time.sleep(0.05)
    expired.run(shared.astro, ["get", "a"])
    left_by_astro = shared.stored(expired) is not None
    with open_store(shared.backend.url) as store:
        assert Sessions(store).gc().deleted >= 1
    figures.add(shared, "an expired session is still stored", left_by_astro, shared.stored(expired) is not None)
    assert shared.stored(expired) is None
    assert shared.stored(live) is not None


# --- Redis is down --------------------------------------------------------------------------------


def outcome(visitor: Visitor, app: App) -> str:
    """What a request that reads the session comes to, for the table of figures."""
    begun = time.monotonic()
    try:
        status = str(visitor.post(app, "/run", b'[[1],[2,3],"get","a"]', timeout=3).status)
    except TimeoutError:
        status = "no answer"
    return f"{status} after {time.monotonic() - begun:.1f} s"


def test_while_redis_is_down_requests_fail_with_a_clear_error_and_anonymous_visitors_are_served(
    own_redis: tuple[Shared, Server], figures: Figures
) -> None:
    shared, redis = own_redis
    visitor = shared.visitor()
    visitor.run(shared.python, ["set", "a", 1])
    redis.stop()
    figures.add(shared, "a read while Redis is down", outcome(visitor, shared.astro), outcome(visitor, shared.python))

    assert visitor.ask(shared.python, ["get", "a"]).status == 500
    assert eventually(lambda: "StoreError" in log_of(shared.servers[1]))
    assert visitor.ask(shared.python).status == 200, "a page that does not use the session is served"
    assert shared.visitor().run(shared.python, ["has", "a"]) == [False], "and a visitor without one"

    redis.start()
    assert visitor.run(shared.python, ["has", "a"], ["set", "a", 2])[0] is False, "this Redis keeps nothing"
    assert visitor.run(shared.astro, ["get", "a"]) == [2]


def test_a_write_while_redis_is_down_is_an_error_and_gives_no_cookie(own_redis: tuple[Shared, Server]) -> None:
    shared, redis = own_redis
    redis.stop()
    answer = shared.visitor().ask(shared.python, ["set", "a", 1])
    assert answer.status == 500
    assert answer.set_cookies == []


# --- files that Astro rewrites --------------------------------------------------------------------

files_only = pytest.mark.parametrize("shared", ["files"], indirect=True)
BIG = "x" * 3_000_000


@contextmanager
def rewriting(shared: Shared, visitor: Visitor) -> Iterator[None]:
    """Astro's own driver writes the session's file again and again, as fast as it can."""
    text = (shared.stored(visitor) or b"").decode()
    stop = threading.Event()

    def rewrite() -> None:
        while not stop.is_set():
            request = json.dumps({"folder": str(astro_app.SESSIONS), "id": visitor.id, "text": text, "times": 20})
            visitor.copy().post(shared.astro, "/rewrite", request.encode())

    thread = threading.Thread(target=rewrite)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def failed_reads(shared: Shared, app: App, times: int) -> int:
    """How many reads of a session fail, or find it empty, while its file is being rewritten."""
    visitor = shared.visitor()
    visitor.run(app, ["set", "big", BIG], ["set", "user", "ada"])
    failed = 0
    with rewriting(shared, visitor):
        for _ in range(times):
            answer = visitor.copy().ask(app, ["get", "user"])
            failed += answer.status != 200 or answer.results != ["ada"]
    return failed


@files_only
def test_a_file_under_constant_rewriting_is_never_read_torn(shared: Shared, figures: Figures) -> None:
    times = 40
    astro, python = failed_reads(shared, shared.astro, times), failed_reads(shared, shared.python, times)
    figures.add(shared, f"failed reads of {times} while Astro's driver rewrites 3 MB without a pause", astro, python)
    assert python == 0


def sessions_lost_under_load(shared: Shared, reader: App) -> tuple[int, int]:
    """Failed reads and destroyed sessions, while Astro serves requests that each write the 3 MB session."""
    visitor = shared.visitor()
    visitor.run(shared.astro, ["set", "big", BIG], ["set", "user", "ada"])
    writer = visitor.copy()
    requests = 30
    thread = threading.Thread(
        target=lambda: [writer.ask(shared.astro, ["get", "user"], ["set", "n", n]) for n in range(requests)]
    )
    thread.start()
    failed = 0
    while thread.is_alive():
        answer = visitor.copy().ask(reader, ["get", "user"])
        failed += answer.status != 200 or answer.results != ["ada"]
    thread.join()
    return failed, int(shared.stored(visitor) is None)


@files_only
def test_reading_what_astro_writes_never_destroys_the_session(shared: Shared, figures: Figures) -> None:
    astro = sessions_lost_under_load(shared, shared.astro)
    python = sessions_lost_under_load(shared, shared.python)
    figures.add(shared, "failed reads, destroyed sessions while Astro's requests write 3 MB", astro, python)
    assert python == (0, 0)


@files_only
def test_astro_never_reads_torn_what_python_writes(shared: Shared) -> None:
    visitor = shared.visitor()
    visitor.run(shared.python, ["set", "big", BIG], ["set", "user", "ada"])
    writer = visitor.copy()
    thread = threading.Thread(target=lambda: [writer.run(shared.python, ["set", "n", n]) for n in range(20)])
    thread.start()
    while thread.is_alive():
        assert visitor.run(shared.astro, ["get", "user"]) == ["ada"]
    thread.join()
    assert visitor.run(shared.astro, ["get", "n"]) == [19]


@files_only
def test_session_files_are_for_their_owner_alone(shared: Shared, figures: Figures) -> None:
    def mode(app: App) -> str:
        visitor = shared.visitor()
        visitor.run(app, ["set", "a", 1])
        assert visitor.id is not None
        return oct((astro_app.SESSIONS / visitor.id).stat().st_mode & 0o777)

    astro, python = mode(shared.astro), mode(shared.python)
    figures.add(shared, "mode of a session's file", astro, python)
    assert python == "0o600"
