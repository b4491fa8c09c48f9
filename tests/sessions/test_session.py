"""Session as a mapping, and what Astro's session has beyond one."""

import copy
import pickle
from datetime import UTC, datetime
from typing import assert_type

import pytest

from devalue import URL, EncodeError, Map, Set, Temporal, undefined
from devalue.sessions import Session, SessionClosed, SessionError, SessionKey, SessionKeyError, Sessions
from devalue.sessions.ids import is_session_id
from devalue.sessions.stores.memory import MemoryStore

CART = SessionKey[list[str]]("cart")
DAY = Temporal("PlainDate", "2026-11-23")


@pytest.fixture
def sessions() -> Sessions:
    return Sessions(MemoryStore())


def stored(sessions: Sessions, **values: object) -> str:
    """The id of a new session with these values."""
    session = Session()
    session.update(values)
    sessions.commit(session)
    assert session.id is not None
    return session.id


def test_it_is_a_mutable_mapping() -> None:
    session = Session()
    session["a"] = 1
    session.update({"b": 2}, c=3)
    session |= {"d": 4}
    assert dict(session) == {"a": 1, "b": 2, "c": 3, "d": 4} == session
    assert list(session.keys()) == ["a", "b", "c", "d"]
    assert list(session.values()) == [1, 2, 3, 4]
    assert list(session.items())[1] == ("b", 2)
    assert len(session) == 4
    assert session.pop("a") == 1
    assert session.pop("a", None) is None
    assert session.popitem() == ("d", 4)
    assert session.setdefault("b", 9) == 2
    assert session.setdefault("e", 9) == 9
    assert "b" in session
    assert session.has("b")
    assert not session.has("z")
    session.clear()
    assert not session


def test_a_missing_key_is_a_key_error() -> None:
    session = Session()
    with pytest.raises(KeyError, match="'a'"):
        session["a"]
    with pytest.raises(KeyError, match="'a'"):
        del session["a"]
    with pytest.raises(KeyError, match="'cart'"):
        session[CART]
    with pytest.raises(KeyError):
        session.popitem()


def test_delete_of_a_missing_key_does_nothing() -> None:
    session = Session()
    session.delete("a")
    assert not session.modified


def test_get_takes_a_default() -> None:
    session = Session()
    assert session.get("a") is None
    assert session.get("a", 5) == 5
    assert session.get(CART, []) == []
    assert session.get(CART, 5) == 5


def test_typed_keys_are_the_keys_of_their_name() -> None:
    session = Session()
    session[CART] = ["shoe"]
    assert_type(session[CART], list[str])
    assert_type(session.get(CART), list[str] | None)
    assert session["cart"] == ["shoe"]
    assert session.has(CART)
    del session[CART]
    assert "cart" not in session


@pytest.mark.parametrize("key", ["", None, 5, b"a", SessionKey[int]("")], ids=repr)
def test_a_key_that_astro_refuses_is_refused(key: object) -> None:
    with pytest.raises(SessionKeyError):
        Session().set(key, 1)  # type: ignore[call-overload]


def deep(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [object(), print, 2**53, {1: 2}, datetime(2024, 1, 1), deep(1001), {"__proto__": 1}, {"a": [1, {"b": object()}]}],
    ids=["object", "function", "big int", "int key", "naive datetime", "depth", "proto", "nested"],
)
def test_set_refuses_at_once_what_javascript_could_not_read(value: object) -> None:
    session = Session()
    session["k"] = "before"
    with pytest.raises(EncodeError) as error:
        session["k"] = value
    assert error.value.path.startswith('["k"]')
    assert session["k"] == "before"


def test_the_path_of_an_error_leads_from_the_key_to_the_fault() -> None:
    with pytest.raises(EncodeError, match=r'\["user"\]\.tags\[1\]'):
        Session()["user"] = {"tags": [1, object()]}


def test_what_nests_a_thousand_levels_is_taken(sessions: Sessions) -> None:
    session_id = stored(sessions, k=deep(1000))
    assert sessions.load(session_id)["k"][0][0] is not None


@pytest.mark.parametrize("ttl", [float("nan"), float("inf"), 1e306, 10**400, "5", True], ids=lambda ttl: str(ttl)[:9])
def test_a_ttl_that_is_no_finite_number_is_refused(ttl: float) -> None:
    with pytest.raises((TypeError, ValueError), match="ttl"):
        Session().set("a", 1, ttl=ttl)


def test_every_kind_of_value_comes_back(sessions: Sessions) -> None:
    value = {
        "date": datetime(2024, 5, 6, tzinfo=UTC),
        "map": Map([(1, "a"), (True, "b")]),
        "set": Set([1, 2]),
        "url": URL("https://a.b/"),
        "none": None,
        "undefined": undefined,
    }
    session = sessions.load(stored(sessions, v=value))
    assert session["v"] == value
    assert type(session["v"]["url"]) is URL


def test_the_value_that_was_set_is_the_one_that_is_read_and_that_is_saved_later(sessions: Sessions) -> None:
    session = Session()
    cart = ["a"]
    session["cart"] = cart
    assert session["cart"] is cart
    cart.append("b")
    sessions.commit(session)
    assert sessions.load(session.id or "")["cart"] == ["a", "b"]


@pytest.mark.parametrize(
    "mutate",
    [
        lambda s: s["v"].append(2),
        lambda s: s.get("v").append(2),
        lambda s: next(iter(s.values())).append(2),
        lambda s: dict(s.items())["v"].append(2),
        lambda s: s.setdefault("v", []).append(2),
    ],
    ids=["[]", "get", "values", "items", "setdefault"],
)
def test_a_value_changed_in_place_is_saved(sessions: Sessions, mutate) -> None:  # type: ignore[no-untyped-def]
    session = sessions.load(stored(sessions, v=[1]))
    mutate(session)
    assert not session.modified
    assert sessions.commit(session) is not None
    assert sessions.load(session.id or "")["v"] == [1, 2]


def test_a_value_changed_in_place_to_what_javascript_cannot_read_is_an_error_and_writes_nothing(
    sessions: Sessions,
) -> None:
    session = sessions.load(stored(sessions, v=[1]))
    before = sessions.store.get(session.id or "")
    session["w"] = 1
    session["v"].append(object())
    with pytest.raises(EncodeError, match=r'\["v"\]\[1\]'):
        sessions.commit(session)
    assert sessions.store.get(session.id or "") == before


def test_a_value_changed_in_place_to_what_nests_too_deep_is_an_error(sessions: Sessions) -> None:
    session = sessions.load(stored(sessions, v=[]))
    session["v"].append(deep(1000))
    with pytest.raises(EncodeError, match="v"):
        sessions.commit(session)


def test_what_another_program_stored_deeper_is_carried_along(sessions: Sessions) -> None:
    levels = "".join(f"[{n}]," for n in range(4, 1504))
    session_id = stored(sessions, a=1)
    text = f'[["Map",1,2],"deep",{{"data":3,"expires":-1}},{levels}5]'.encode()
    sessions.store.delete(session_id)
    sessions.store.compare_and_set(session_id, None, text)
    session = sessions.load(session_id)
    session["b"] = 1
    sessions.commit(session)
    assert sessions.load(session_id)["deep"][0][0] is not None


def test_a_new_session_has_an_id_as_soon_as_something_is_set() -> None:
    session = Session()
    assert session.id is None
    session["a"] = 1
    assert is_session_id(session.id or "")
    assert session.is_new


def test_a_session_knows_whether_it_was_accessed_and_modified() -> None:
    session = Session()
    assert (session.accessed, session.modified) == (False, False)
    assert "a" not in session
    assert (session.accessed, session.modified) == (True, False)
    session["a"] = 1
    assert session.modified


def test_regenerate_changes_the_id_and_keeps_the_data(sessions: Sessions) -> None:
    session = sessions.load(stored(sessions, a=1))
    old = session.id
    session.regenerate()
    assert session.id != old
    assert session["a"] == 1


def test_destroy_empties_the_session_and_what_is_set_then_begins_another(sessions: Sessions) -> None:
    session = sessions.load(stored(sessions, a=1))
    old = session.id
    session.destroy()
    assert session.id is None
    assert dict(session) == {}
    session["b"] = 2
    assert session.id not in (old, None)
    sessions.commit(session)
    assert list(sessions.store.keys()) == [session.id]


def test_load_becomes_the_session_of_another_id(sessions: Sessions) -> None:
    other = stored(sessions, a=1)
    session = sessions.open([])
    session.load(other)
    assert session["a"] == 1
    assert sessions.commit(session) == sessions.cookie.set_cookie(other)


@pytest.mark.parametrize("other", ["52c3ea4c-5a44-4eb2-96c8-8a3cbb2bd0d5", "../../etc/passwd"])
def test_load_of_an_id_that_nobody_issued_adopts_nothing(sessions: Sessions, other: str) -> None:
    session = sessions.open([])
    session.load(other)
    assert session.id is None
    session["a"] = 1
    assert session.id != other


@pytest.mark.parametrize("value", [DAY, [1, {"day": DAY}], Map([("Temporal.", DAY)])], ids=repr)
def test_temporal_values_are_for_those_who_say_that_astro_has_them(value: object) -> None:
    """Astro on Node 24 destroys a session that holds one."""
    session = Sessions(MemoryStore()).open([])
    with pytest.raises(EncodeError, match=r'Cannot store a Temporal value \(at \["day"\]\): .* temporal=True'):
        session["day"] = value
    assert "day" not in session
    Sessions(MemoryStore(), temporal=True).open([])["day"] = value


def test_a_temporal_value_that_was_put_in_place_is_refused_when_the_session_is_saved() -> None:
    sessions = Sessions(store := MemoryStore())
    session = sessions.open([])
    session["days"] = []
    sessions.commit(session)
    [session_id] = store.keys()
    stored = store.get(session_id)
    session["days"].append(Temporal("PlainDate", "2024-01-01"))
    with pytest.raises(EncodeError, match=r'Temporal value \(at \["days"\]\)'):
        sessions.commit(session)
    assert store.get(session_id) == stored


def test_a_temporal_value_that_astro_stored_is_carried_on() -> None:
    store = MemoryStore()
    writer = Sessions(store, temporal=True)
    session = writer.open([])
    session["day"] = Temporal("PlainDate", "2024-01-01")
    cookie = writer.commit(session)
    reader = Sessions(store)
    assert session.id is not None
    session = reader.open([f"{reader.cookie.name}={session.id}"])
    assert session["day"] == Temporal("PlainDate", "2024-01-01")
    session["visits"] = 1
    reader.commit(session)
    [session_id] = store.keys()
    assert b"Temporal.PlainDate" in (store.get(session_id) or b"")
    assert cookie is not None


@pytest.mark.parametrize("value", ["Temporal.", '[["Temporal.', ',["Temporal.', ["Temporal."], [["Temporal."]]])
def test_text_that_looks_like_temporal_is_text(value: object) -> None:
    session = Sessions(MemoryStore()).open([])
    session["text"] = value
    assert session["text"] == value


def test_a_session_without_a_store_cannot_load() -> None:
    with pytest.raises(SessionError, match="without a store"):
        Session().load("52c3ea4c-5a44-4eb2-96c8-8a3cbb2bd0d5")


def test_a_change_after_the_answer_began_is_an_error(sessions: Sessions) -> None:
    session = sessions.load(stored(sessions, a=1))
    session._close("too late")
    assert session["a"] == 1
    for change in (
        lambda: session.set("b", 1),
        lambda: session.delete("a"),
        session.destroy,
        session.regenerate,
        session.clear,
        lambda: session.load("x"),
    ):
        with pytest.raises(SessionClosed, match="too late"):
            change()


def test_repr_shows_neither_values_nor_the_whole_id(sessions: Sessions) -> None:
    session = sessions.load(stored(sessions, password="hunter2"))
    assert "hunter2" not in repr(session)
    assert (session.id or "") not in repr(session)
    assert repr(Session()) == "<Session new>"


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_session_cannot_be_copied_or_pickled(duplicate) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TypeError, match=r"dict\(session\)"):
        duplicate(Session())
