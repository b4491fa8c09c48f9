"""What Astro loses in a single request, leaves behind, destroys or waits for, and Python does not.

Astro's figures depend on timing, so they are shown (`pytest -s`, and the table at the end of the run), not asserted.
"""

from __future__ import annotations

import time

import pytest

from devalue import Temporal
from devalue.sessions import Sessions
from devalue.sessions.stores import open_store
from tests.servers import Server

from .conftest import Figures, Shared, log_of
from .visitor import App, Step, Visitor, eventually


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
