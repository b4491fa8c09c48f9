"""The commit algorithm: every interleaving of requests, step by step, on a store in memory.

The protocol is a generator of store commands, so a test decides which request takes its next step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devalue.sessions import Session, SessionConflict, SessionDataError, Sessions, StoreError
from devalue.sessions import protocol as protocol_module
from devalue.sessions import session as session_module
from devalue.sessions.manager import perform
from devalue.sessions.protocol import (
    MAX_ATTEMPTS,
    STABLE_AFTER,
    STORE_GRACE,
    CompareAndSet,
    Delete,
    Get,
    commit,
    load,
)
from devalue.sessions.stores.base import Store
from devalue.sessions.stores.memory import MemoryStore
from devalue.sessions.text import Entries, decode, encode, entry_data, make_entry

ID = "52c3ea4c-5a44-4eb2-96c8-8a3cbb2bd0d5"


def text_of(**values: object) -> bytes:
    entries: Entries = {key: (key, make_entry(value, None)) for key, value in values.items()}
    return encode(entries)


def values_in(store: Store, session_id: str = ID) -> dict[str, object] | None:
    data = store.get(session_id)
    return None if data is None else {key: entry_data(entry) for key, entry in decode(data).values()}


@pytest.fixture
def sessions() -> Sessions:
    store = MemoryStore()
    store.compare_and_set(ID, None, text_of(a=1, b=2))
    return Sessions(store)


@dataclass
class Spy(Store):
    """A store that counts what it is asked, and lets a test act between two commands."""

    store: Store = field(default_factory=MemoryStore)
    calls: list[str] = field(default_factory=list)
    before_write: Callable[[], object] = lambda: None

    def get(self, key: str) -> bytes | None:
        self.calls.append("get")
        return self.store.get(key)

    def compare_and_set(self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None) -> bool:
        self.calls.append("set")
        self.before_write()
        return self.store.compare_and_set(key, expected, new, ttl)

    def delete(self, key: str) -> None:
        self.calls.append("delete")
        self.store.delete(key)

    def keys(self) -> Iterator[str]:
        return self.store.keys()


class Broken(Store):
    """A store that cannot be reached."""

    def get(self, key: str) -> bytes | None:
        raise StoreError("the store is down")

    def compare_and_set(self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None) -> bool:
        raise StoreError("the store is down")

    def delete(self, key: str) -> None:
        raise StoreError("the store is down")

    def keys(self) -> Iterator[str]:
        raise StoreError("the store is down")


# What costs I/O ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cookie", [None, "x=y", "astro-session=nonsense", "astro-session="])
def test_a_visitor_without_a_session_costs_no_io_and_gets_no_cookie(cookie: str | None) -> None:
    sessions = Sessions(spy := Spy())
    session = sessions.open([] if cookie is None else [cookie])
    assert session.get("a") is None
    session.delete("a")
    session.regenerate()
    assert sessions.commit(session) is None
    assert spy.calls == []


@pytest.mark.parametrize(
    "use",
    [lambda s: None, lambda s: s.get("a"), lambda s: dict(s), lambda s: s.delete("z"), lambda s: s.setdefault("a", 5)],
    ids=["nothing", "get", "values", "delete of nothing", "setdefault"],
)
def test_a_session_that_is_not_changed_is_not_written(use: Callable[[Session], object]) -> None:
    sessions = Sessions(spy := Spy())
    spy.store.compare_and_set(ID, None, text_of(a=[1], b={"c": 2}))
    session = sessions.load(ID)
    use(session)
    assert sessions.commit(session) is None
    assert spy.calls == ["get"]


def test_a_change_costs_one_read_and_one_write() -> None:
    sessions = Sessions(spy := Spy())
    spy.store.compare_and_set(ID, None, text_of(a=1))
    session = sessions.load(ID)
    session["a"] = 2
    sessions.commit(session)
    assert spy.calls == ["get", "set"]


def test_setting_the_same_value_is_written_because_it_renews_the_stores_own_expiry() -> None:
    sessions = Sessions(spy := Spy())
    spy.store.compare_and_set(ID, None, text_of(a=1))
    session = sessions.load(ID)
    session["a"] = 1
    assert sessions.commit(session) is not None
    session.modified = True
    assert sessions.commit(session) is not None
    assert spy.calls == ["get", "set", "set"]


def test_what_is_set_and_deleted_again_makes_no_session() -> None:
    sessions = Sessions(spy := Spy())
    session = sessions.open([])
    session["a"] = 1
    del session["a"]
    assert sessions.commit(session) is None
    assert spy.calls == []


# The cookie of the answer --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "sent"),
    [
        (lambda s: s.get("a"), "nothing"),
        (lambda s: s.delete("a"), "nothing"),
        (lambda s: s.clear(), "nothing"),
        (lambda s: s.set("a", 2), "id"),
        (lambda s: s.regenerate(), "id"),
        (lambda s: s.destroy(), "deleted"),
        (lambda s: (s.destroy(), s.set("a", 1)), "id"),
        (lambda s: (s.set("a", 1), s.destroy()), "deleted"),
    ],
    ids=["get", "delete", "clear", "set", "regenerate", "destroy", "destroy, set", "set, destroy"],
)
def test_the_answer_carries_the_cookie_that_astro_would_send(
    sessions: Sessions, use: Callable[[Session], object], sent: str
) -> None:
    session = sessions.open([f"astro-session={ID}"])
    use(session)
    cookie = sessions.commit(session)
    if sent == "nothing":
        assert cookie is None
    elif sent == "deleted":
        assert cookie == sessions.cookie.delete_cookie()
    else:
        assert session.id in list(sessions.store.keys())
        assert cookie == sessions.cookie.set_cookie(session.id or "")


def test_an_id_that_the_store_does_not_know_is_not_adopted() -> None:
    sessions = Sessions(MemoryStore())
    session = sessions.open([f"astro-session={ID}"])
    assert session.id is None
    session["a"] = 1
    assert sessions.commit(session) == sessions.cookie.set_cookie(session.id or "")
    assert session.id != ID
    assert ID not in list(sessions.store.keys())


def test_a_cookie_that_names_nothing_is_taken_back_on_destroy() -> None:
    sessions = Sessions(MemoryStore())
    session = sessions.open(["astro-session=old"])
    session.destroy()
    assert sessions.commit(session) == sessions.cookie.delete_cookie()


# Others write meanwhile ----------------------------------------------------------------------------------------


def test_keys_that_others_set_meanwhile_are_kept_and_ours_are_applied(sessions: Sessions) -> None:
    slow = sessions.load(ID)
    slow["a"] = "ours"
    slow.delete("b")
    fast = sessions.load(ID)
    fast["b"] = "theirs"
    fast["c"] = "theirs"
    sessions.commit(fast)
    sessions.commit(slow)
    assert values_in(sessions.store) == {"a": "ours", "c": "theirs"}


def test_a_key_that_others_deleted_stays_deleted_unless_we_set_it(sessions: Sessions) -> None:
    slow = sessions.load(ID)
    assert slow["a"] == 1
    slow["c"] = 3
    fast = sessions.load(ID)
    fast.clear()
    sessions.commit(fast)
    sessions.commit(slow)
    assert values_in(sessions.store) == {"c": 3}


def test_only_the_values_that_were_really_changed_in_place_win_over_others() -> None:
    sessions = Sessions(MemoryStore())
    sessions.store.compare_and_set(ID, None, text_of(read=[1], changed=[1]))
    slow = sessions.load(ID)
    assert slow["read"] == [1]
    slow["changed"].append("ours")
    fast = sessions.load(ID)
    fast["read"].append("theirs")
    fast["changed"].append("theirs")
    sessions.commit(fast)
    sessions.commit(slow)
    assert values_in(sessions.store) == {"read": [1, "theirs"], "changed": [1, "ours"]}


def test_a_session_destroyed_meanwhile_is_not_brought_back(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    slow = sessions.load(ID)
    slow["a"] = 5
    logout = sessions.load(ID)
    logout.destroy()
    sessions.commit(logout)
    with caplog.at_level(logging.INFO, "devalue.sessions"):
        assert sessions.commit(slow) is None
    assert list(sessions.store.keys()) == []
    assert "not brought back" in caplog.text
    assert ID not in caplog.text


def test_a_session_regenerated_meanwhile_is_not_brought_back_under_its_old_id(sessions: Sessions) -> None:
    slow = sessions.load(ID)
    slow["a"] = 5
    login = sessions.load(ID)
    login.regenerate()
    sessions.commit(login)
    assert sessions.commit(slow) is None
    assert list(sessions.store.keys()) == [login.id]
    assert values_in(sessions.store, login.id or "") == {"a": 1, "b": 2}


def test_regenerate_takes_along_what_others_wrote_meanwhile(sessions: Sessions) -> None:
    login = sessions.load(ID)
    login["user"] = 7
    login.regenerate()
    other = sessions.load(ID)
    other["c"] = 3
    sessions.commit(other)
    sessions.commit(login)
    assert list(sessions.store.keys()) == [login.id]
    assert values_in(sessions.store, login.id or "") == {"a": 1, "b": 2, "c": 3, "user": 7}


def test_regenerate_of_a_session_that_was_destroyed_meanwhile_leaves_nothing(sessions: Sessions) -> None:
    login = sessions.load(ID)
    login.regenerate()
    sessions.delete(ID)
    assert sessions.commit(login) is None
    assert list(sessions.store.keys()) == []


def test_regenerate_holds_the_data_under_one_id_at_least_at_every_moment() -> None:
    sessions = Sessions(spy := Spy())
    spy.store.compare_and_set(ID, None, text_of(a=1))
    session = sessions.load(ID)
    session.regenerate()
    alive: list[int] = []
    spy.before_write = lambda: alive.append(len(list(spy.store.keys())))
    sessions.commit(session)
    assert alive == [1, 2]
    assert list(spy.store.keys()) == [session.id]


def test_a_session_of_which_nothing_was_alive_and_that_was_collected_begins_anew() -> None:
    """No logout: the visitor came back after everything had expired, and must not lose what this request set."""
    sessions = Sessions(MemoryStore())
    sessions.store.compare_and_set(ID, None, b'[["Map",1,2],"a",{"data":3,"expires":3},1]')
    session = sessions.load(ID)
    session["b"] = 2
    assert sessions.gc().deleted == 1
    assert sessions.commit(session) == sessions.cookie.set_cookie(session.id or "")
    assert session.id != ID
    assert values_in(sessions.store, session.id or "") == {"b": 2}


def test_a_commit_gives_up_in_the_end_and_says_so() -> None:
    sessions = Sessions(spy := Spy())
    spy.store.compare_and_set(ID, None, text_of(a=1))
    counter = iter(range(10**6))

    def interfere() -> None:
        spy.store.compare_and_set(ID, spy.store.get(ID), text_of(n=next(counter)))

    spy.before_write = interfere
    session = sessions.load(ID)
    session["b"] = 1
    steps = commit(session)
    with pytest.raises(SessionConflict, match="52c3ea4c…"):
        drive(spy, steps)
    assert spy.calls.count("set") == MAX_ATTEMPTS


def test_a_commit_on_a_slow_store_gives_up_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions(spy := Spy())
    spy.store.compare_and_set(ID, None, text_of(a=1))
    clock = iter(range(0, 1000, 4))
    monkeypatch.setattr(protocol_module.time, "monotonic", lambda: next(clock))
    counter = iter(range(10**6))
    spy.before_write = lambda: spy.store.compare_and_set(ID, spy.store.get(ID), text_of(n=next(counter)))
    session = sessions.load(ID)
    session["b"] = 1
    with pytest.raises(SessionConflict):
        drive(spy, commit(session))
    assert spy.calls.count("set") == 3


def test_a_regenerate_that_gives_up_leaves_no_copy_behind() -> None:
    sessions = Sessions(spy := Spy())
    spy.store.compare_and_set(ID, None, text_of(a=1))
    session = sessions.load(ID)
    counter = iter(range(10**6))

    def interfere() -> None:
        spy.store.compare_and_set(ID, spy.store.get(ID), text_of(n=next(counter)))

    spy.before_write = interfere
    session.regenerate()
    with pytest.raises(SessionConflict):
        drive(spy, commit(session))
    assert list(spy.store.keys()) == [ID]


def test_changes_made_while_the_session_is_being_saved_come_on_top(sessions: Sessions) -> None:
    """A WebSocket's other tasks may go on while one of them saves."""
    session = sessions.load(ID)
    session["c"] = 3
    steps = commit(session)
    write = next(steps)
    session["d"] = 4
    del session["a"]
    with pytest.raises(StopIteration):
        steps.send(perform(write, sessions.store, do_not_sleep))
    assert dict(session) == {"b": 2, "c": 3, "d": 4}
    sessions.commit(session)
    assert values_in(sessions.store) == {"b": 2, "c": 3, "d": 4}


def test_what_could_not_be_saved_is_saved_by_the_next_commit(sessions: Sessions) -> None:
    session = sessions.load(ID)
    session["c"] = 3
    session.delete("a")
    with pytest.raises(StoreError):
        Sessions(Broken()).commit(session)
    sessions.commit(session)
    assert values_in(sessions.store) == {"b": 2, "c": 3}


# Data that cannot be read --------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b'[["Map",1,2],"a"', b"[1]", b"\xff", b'[["Map",1,2],"a",null]'])
def test_data_that_cannot_be_read_are_an_error_and_stay_as_they_are(data: bytes) -> None:
    store = MemoryStore()
    store.compare_and_set(ID, None, data)
    sessions = Sessions(store)
    with pytest.raises(SessionDataError, match="left untouched"):
        sessions.load(ID)
    session = sessions.open([f"astro-session={ID}"])
    for use in (lambda: session["a"], lambda: session.set("a", 1), lambda: session.delete("a"), session.regenerate):
        with pytest.raises(SessionDataError):
            use()
    assert sessions.commit(session) is None
    assert store.get(ID) == data


def test_data_that_cannot_be_read_can_be_destroyed_on_purpose() -> None:
    store = MemoryStore()
    store.compare_and_set(ID, None, b"nonsense")
    sessions = Sessions(store)
    session = sessions.open([f"astro-session={ID}"])
    session.destroy()
    assert sessions.commit(session) == sessions.cookie.delete_cookie()
    assert store.get(ID) is None


def test_what_is_half_written_is_read_again_after_a_moment() -> None:
    whole = text_of(a=1)
    assert load_of([whole[:9], b"", whole[:20], whole]) == {"a": 1}


def test_data_that_nobody_can_read_are_an_error_once_they_stay_the_same() -> None:
    with pytest.raises(SessionDataError):
        load_of([b"[1"] * STABLE_AFTER)


def test_an_entry_without_a_byte_is_no_session_as_for_astro() -> None:
    assert load_of([b""] * STABLE_AFTER) == {}


def test_data_that_never_stay_the_same_are_an_error_in_the_end() -> None:
    with pytest.raises(SessionDataError, match="all the time"):
        load_of(b"[" + b"1" * n for n in range(1000))


def test_what_another_program_broke_meanwhile_is_not_overwritten(sessions: Sessions) -> None:
    session = sessions.load(ID)
    session["c"] = 1
    sessions.store.compare_and_set(ID, sessions.store.get(ID), b"broken")
    with pytest.raises(SessionDataError):
        sessions.commit(session)
    assert sessions.store.get(ID) == b"broken"


def load_of(reads: Any) -> dict[str, object]:
    """What a load makes of a store that gives these bytes, one after the other."""
    session = Session()
    answers = iter(reads)
    steps = load(session, ID)
    try:
        command = next(steps)
        while True:
            command = steps.send(next(answers) if isinstance(command, Get) else None)
    except StopIteration:
        return dict(session)


# The store is down ---------------------------------------------------------------------------------------------


def test_while_the_store_is_down_visitors_without_a_session_notice_nothing() -> None:
    sessions = Sessions(Broken())
    session = sessions.open([])
    assert session.get("a") is None
    assert sessions.commit(session) is None


def test_while_the_store_is_down_the_others_notice_it_when_they_use_the_session() -> None:
    sessions = Sessions(Broken())
    session = sessions.open([f"astro-session={ID}"])
    assert sessions.commit(session) is None
    with pytest.raises(StoreError, match="down"):
        session.get("a")
    with pytest.raises(StoreError, match="down"):
        session["a"] = 1
    with pytest.raises(StoreError, match="down"):
        sessions.load(ID)


def test_a_new_session_that_cannot_be_stored_is_an_error() -> None:
    sessions = Sessions(Broken())
    session = sessions.open([])
    session["a"] = 1
    with pytest.raises(StoreError, match="down"):
        sessions.commit(session)


# Expiry and collection -----------------------------------------------------------------------------------------


def test_the_store_is_told_when_nothing_will_be_alive_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (session_module, protocol_module):
        monkeypatch.setattr(module, "epoch_milliseconds", lambda: 1_000_000)
    session = Session()
    session.set("a", 1, ttl=5)
    session.set("b", 1, ttl=10)
    assert next(commit(session)).ttl == 10 + STORE_GRACE  # type: ignore[union-attr]
    session = Session()
    session.set("a", 1, ttl=5)
    session.set("b", 1)
    assert next(commit(session)).ttl is None  # type: ignore[union-attr]


def test_gc_deletes_what_has_expired_and_what_is_empty_and_nothing_else() -> None:
    sessions = Sessions(MemoryStore())
    ids = [f"52c3ea4c-5a44-4eb2-96c8-00000000000{n}" for n in range(6)]
    texts = [
        b'[["Map",1,2],"a",{"data":3,"expires":3},1]',
        b'[["Map"]]',
        b"",
        b'[["Map",1,2,4,5],"a",{"data":3,"expires":3},1,"b",{"data":3,"expires":-1}]',
        text_of(a=1),
        b"unreadable",
    ]
    for session_id, text in zip(ids, texts, strict=True):
        sessions.store.compare_and_set(session_id, None, text)
    assert sessions.gc() == (2, 3, 1)
    assert list(sessions.store.keys()) == ids[3:]


def test_gc_keeps_a_session_that_changes_meanwhile() -> None:
    sessions = Sessions(spy := Spy())
    spy.store.compare_and_set(ID, None, b'[["Map"]]')
    spy.before_write = lambda: spy.store.compare_and_set(ID, b'[["Map"]]', text_of(a=1))
    assert sessions.gc() == (1, 0, 0)
    assert values_in(spy.store) == {"a": 1}


# Every interleaving --------------------------------------------------------------------------------------------


def do_not_sleep(seconds: float) -> None:
    """The next request takes its step instead."""


def drive(store: Store, steps: Any) -> None:
    result = None
    try:
        while True:
            result = perform(steps.send(result), store, do_not_sleep)
    except StopIteration:
        return


KEYS = st.sampled_from(["a", "b", "c"])
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS),
        st.tuples(st.just("delete"), KEYS),
        st.tuples(st.just("mutate"), KEYS),
        st.tuples(st.just("read"), KEYS),
    ),
    min_size=1,
    max_size=4,
)
ENDINGS = st.sampled_from(["", "", "", "", "regenerate", "destroy"])


def request(number: int, operations: list[tuple[str, str]], ending: str) -> Callable[[Session], None]:
    def handler(session: Session) -> None:
        for operation, key in operations:
            match operation:
                case "set":
                    session[key] = [number]
                case "delete":
                    session.delete(key)
                case "mutate" if key in session:
                    session[key].append(number)
                case "read":
                    session.get(key)
        if ending:
            getattr(session, ending)()

    return handler


class Model:
    """What must come out: each write that took effect applies its own changes to the state at that moment."""

    def __init__(self, state: dict[str, list[int]]) -> None:
        self.state: dict[str, list[int]] | None = state
        self.live_id = ID

    def took_effect(self, sets: dict[str, list[int]], deletes: set[str]) -> None:
        assert self.state is not None
        self.state.update(sets)
        for key in deletes:
            self.state.pop(key, None)


@given(
    st.lists(st.tuples(OPERATIONS, ENDINGS), min_size=2, max_size=4),
    st.lists(st.integers(0, 3), max_size=60),
)
def test_whatever_the_interleaving_no_key_is_lost_and_no_session_comes_back(
    requests: list[tuple[list[tuple[str, str]], str]], schedule: list[int]
) -> None:
    store = MemoryStore()
    # "z" keeps the session from running empty: one with nothing alive in it may begin anew.
    initial = {"a": [0], "b": [0], "z": [0]}
    store.compare_and_set(ID, None, text_of(**initial))
    model = Model({key: list(value) for key, value in initial.items()})
    running = {number: whole_request(store, model, number, *what) for number, what in enumerate(requests)}
    for turn in [*schedule, *[number for _ in range(200) for number in range(len(requests))]]:
        steps = running.get(turn)
        if steps is not None and next(steps, "end") == "end":
            del running[turn]
    assert not running
    left = list(store.keys())
    if model.state is None:
        assert left == []
    else:
        assert left == [model.live_id]
        assert values_in(store, model.live_id) == model.state


def whole_request(
    store: Store, model: Model, number: int, operations: list[tuple[str, str]], ending: str
) -> Iterator[None]:
    """One request, one store command at a time, telling the model what took effect."""
    session = Session()
    steps = load(session, ID)
    result: object = None
    try:
        while True:
            result = perform(steps.send(result), store, do_not_sleep)
            yield
    except StopIteration:
        pass
    if session.is_new:
        return  # the session had ended before this request began
    before = {key: list(value) for key, value in session.items()}
    request(number, operations, ending)(session)
    after = {key: list(value) for key, value in session.items()}
    named = {key for operation, key in operations if operation == "set"}
    sets = {key: value for key, value in after.items() if key in named or before.get(key) != value}
    deletes = before.keys() - after.keys()
    steps = commit(session)
    result = None
    try:
        while True:
            command = steps.send(result)
            result = perform(command, store, do_not_sleep)
            match command:
                case Delete(key) if key == ID:
                    if model.live_id == ID:
                        model.state = None
                case CompareAndSet(key, _, new, _) if key == ID and result:
                    assert model.state is not None
                    model.took_effect(sets, deletes)
                    if new is None:
                        model.live_id = session.id or ""
            yield
    except StopIteration:
        return
