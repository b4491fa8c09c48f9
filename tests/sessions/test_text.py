"""The stored bytes: what Astro writes for the same operations, checked by JavaScript itself."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devalue import URL, NullObject, undefined
from devalue.sessions import Session, SessionDataError, Sessions
from devalue.sessions import protocol as protocol_module
from devalue.sessions import session as session_module
from devalue.sessions.stores.memory import MemoryStore
from devalue.sessions.text import decode, encode, live
from tests.node.oracle import Oracle

NOW = 1_795_420_718_086
SESSION_ID = "52c3ea4c-5a44-4eb2-96c8-8a3cbb2bd0d5"

# Astro's own reducer and reviver.
ASTRO_REDUCERS = "{URL: (value) => value instanceof URL && value.href}"
ASTRO_REVIVERS = "{URL: (href) => new URL(href)}"


@pytest.fixture(autouse=True)
def _frozen_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (session_module, protocol_module):
        monkeypatch.setattr(module, "epoch_milliseconds", lambda: NOW)


def text_after(*operations: Callable[[Session], object], before: bytes | None = None) -> str:
    """The text that is stored after a request did this."""
    sessions = Sessions(MemoryStore())
    if before is not None:
        sessions.store.compare_and_set(SESSION_ID, None, before)
    session = sessions.load(SESSION_ID)
    for operation in operations:
        operation(session)
    sessions.commit(session)
    return (sessions.store.get(session.id or "") or b"").decode()


QX = b'[["Map",1,2,4,5],"q",{"data":3,"expires":-1},1,"x",{"data":3,"expires":-1}]'


@pytest.mark.parametrize(
    ("operations", "text"),
    [
        ([lambda s: s.set("q", 1)], '[["Map",1,2],"q",{"data":3,"expires":-1},1]'),
        ([lambda s: s.set("int", 42, ttl=42)], f'[["Map",1,2],"int",{{"data":3,"expires":4}},42,{NOW + 42_000}]'),
        ([lambda s: s.set("h", 1, ttl=0.0005)], f'[["Map",1,2],"h",{{"data":3,"expires":4}},1,{NOW}.5]'),
        ([lambda s: s.set("u", undefined)], '[["Map",1,2],"u",{"data":-1,"expires":-1}]'),
        (
            [lambda s: s.set("v", URL("https://a.b/"))],
            '[["Map",1,2],"v",{"data":3,"expires":-1},["URL",4],"https://a.b/"]',
        ),
        ([lambda s: s.set("v", "a\ud800")], '[["Map",1,2],"v",{"data":3,"expires":-1},"a\\ud800"]'),
    ],
    ids=["no ttl", "ttl", "fraction", "undefined", "url", "surrogate"],
)
def test_a_new_session_is_written_as_astro_writes_it(operations: list[Callable[[Session], object]], text: str) -> None:
    assert text_after(*operations) == text


@pytest.mark.parametrize(
    ("operations", "keys"),
    [
        ([lambda s: s.set("n", 1)], ["n", "q", "x"]),
        ([lambda s: s.get("q"), lambda s: s.set("n", 1)], ["q", "x", "n"]),
        ([lambda s: s.set("n", 1), lambda s: s.get("q"), lambda s: s.set("m", 1)], ["n", "q", "x", "m"]),
        ([lambda s: s.set("x", 2)], ["x", "q"]),
        ([lambda s: s.get("q"), lambda s: s.set("q", 2)], ["q", "x"]),
        ([lambda s: s.get("q"), lambda s: s.delete("q"), lambda s: s.set("q", 2)], ["x", "q"]),
        ([lambda s: s.delete("q")], ["x"]),
        ([lambda s: s.delete("q"), lambda s: s.set("q", 2)], ["q", "x"]),
        ([lambda s: s.delete("q"), lambda s: s.delete("x")], []),
        ([lambda s: s.regenerate(), lambda s: s.set("n", 1)], ["q", "x", "n"]),
    ],
)
def test_what_is_set_before_the_first_read_stands_before_the_stored_keys(
    operations: list[Callable[[Session], object]], keys: list[str]
) -> None:
    text = text_after(*operations, before=QX)
    assert list(decode(text.encode())) == keys


def test_a_session_without_keys_is_an_empty_map() -> None:
    assert text_after(lambda s: s.clear(), before=QX) == '[["Map"]]'


def test_delete_then_set_keeps_the_value() -> None:
    text = text_after(lambda s: s.delete("q"), lambda s: s.set("q", "kept"), before=QX)
    assert '"kept"' in text


@pytest.mark.parametrize(
    "text",
    [
        '[["Map",1,2],"q",{"data":3},1]',
        '[["Map",1,2],"q",{"data":3,"expires":-1,"by":4},1,"astro"]',
        '[["Map",1,2,3,4],5,{"data":3,"expires":-1},true,{"data":3,"expires":-1}]',
        '[["Map",1,2],"q",["null","data",3,"expires",-1],1]',
        '[["Map",1,2],"q",["URL",3],"https://a.b/"]',
        '[["Map",1,2],"q",3]',
        '[["Map",1,2],"q",{"data":3,"expires":4},1,"never"]',
    ],
)
def test_what_astro_tolerates_is_written_back_as_it_was(text: str, oracle: Oracle) -> None:
    """An entry without expires, more fields, keys that are no str, an expires that is no number."""
    canonical = oracle.rewrite(text, version=5, revivers=ASTRO_REVIVERS, reducers=ASTRO_REDUCERS)
    assert encode(decode(text.encode())).decode() == canonical
    text_with_new_key = text_after(lambda s: s.get("q"), lambda s: s.set("n", None), before=text.encode())
    assert list(decode(text_with_new_key.encode()))[:-1] == list(decode(text.encode()))


def test_white_space_in_the_stored_text_is_no_change() -> None:
    before = b' [ [ "Map" , 1 , 2 ] , "q" , { "data" : 3 , "expires" : -1 } , [ ] ] \n'
    assert text_after(lambda s: s["q"], before=before).encode() == before


def test_an_expired_key_is_skipped_and_leaves_with_the_next_write() -> None:
    text = f'[["Map",1,2,4,5],"old",{{"data":3,"expires":7}},1,"new",{{"data":3,"expires":6}},{NOW},{NOW - 1}]'
    seen: dict[str, object] = {}
    assert text_after(lambda s: seen.update(s), before=text.encode()) == text
    assert seen == {"new": 1}
    assert "old" not in text_after(lambda s: s.set("n", 1), before=text.encode())


@pytest.mark.parametrize("expires", ["-1", "true", '"1"', "null", '["BigInt","1"]'])
def test_an_expires_that_is_no_number_never_expires(expires: str) -> None:
    slot = expires if expires == "-1" else "4"
    text = f'[["Map",1,2],"q",{{"data":3,"expires":{slot}}},1,{expires if slot == "4" else 0},"1"]'
    entries = decode(text.encode())
    assert live(entries, NOW) == entries


@pytest.mark.parametrize("ttl", [0, -5])
def test_a_ttl_of_nothing_is_gone_with_the_next_request(ttl: float, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions(MemoryStore())
    session = sessions.open([])
    session.set("q", 1, ttl=ttl)
    assert session["q"] == 1
    sessions.commit(session)
    monkeypatch.setattr(protocol_module, "epoch_milliseconds", lambda: NOW + 1)
    assert "q" not in sessions.load(session.id or "")


def test_the_managers_ttl_is_that_of_keys_without_one() -> None:
    sessions = Sessions(MemoryStore(), ttl=60)
    session = sessions.open([])
    session["a"] = 1
    session.set("b", 1, ttl=5)
    sessions.commit(session)
    entries = decode(sessions.store.get(session.id or "") or b"")
    assert [entry["expires"] - NOW for _, entry in entries.values()] == [60_000, 5_000]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "[",
        '[["Map",1',
        "{}",
        "[{}]",
        "-1",
        '[["Set"]]',
        '[["Map",1,-1],"q"]',
        '[["Map",1,2],"q",null]',
        "\ufeff[]",
    ],
)
def test_a_text_that_is_no_session_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (of every kind: the caller words it)
        decode(text.encode())


def test_bytes_that_are_no_utf8_are_a_value_error() -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        decode(b'[["Map",1,2],"q\xff",{"data":3},1]')


def test_a_url_that_our_own_check_would_refuse_does_not_lock_the_visitor_out() -> None:
    entries = decode(b'[["Map",1,2],"q",{"data":3,"expires":-1},["URL",4],"no url"]')
    assert encode(entries) == b'[["Map",1,2],"q",{"data":3,"expires":-1},["URL",4],"no url"]'


def test_the_error_names_the_fault_but_shows_neither_the_data_nor_the_id() -> None:
    sessions = Sessions(MemoryStore())
    sessions.store.compare_and_set(SESSION_ID, None, b'[["Map",1,2],"password","hunter2"')
    with pytest.raises(SessionDataError) as error:
        sessions.load(SESSION_ID)
    assert "hunter2" not in str(error.value)
    assert SESSION_ID not in str(error.value)
    assert "52c3ea4c…" in str(error.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats() | st.text() | st.just(undefined),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text().filter(lambda k: k != "__proto__"), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1), json_values, max_size=6))
def test_javascript_reads_and_rewrites_every_session_as_python_wrote_it(
    oracle: Oracle, values: dict[str, object]
) -> None:
    text = text_after(*[lambda s, k=k, v=v: s.set(k, v) for k, v in values.items()])
    if values:
        again = oracle.rewrite(text, version=6, revivers=ASTRO_REVIVERS, reducers=ASTRO_REDUCERS)
        # JavaScript moves keys of objects that look like indices to the front; the session is the same.
        assert decode(again.encode()).keys() == decode(text.encode()).keys()
        assert oracle.parse(again) == oracle.parse(text)


def test_entries_of_null_prototype_objects_are_read() -> None:
    entries = decode(b'[["Map",1,2],"q",["null","data",3,"expires",-1],1]')
    assert type(entries["q"][1]) is NullObject
    assert text_after(lambda s: s.set("n", s["q"]), before=encode(entries)).endswith('"n",{"data":3,"expires":-1}]')


SHARED = ["shoe"]


@pytest.mark.parametrize(
    ("operations", "before", "text"),
    [
        (
            [lambda s: s.set("a", SHARED), lambda s: s.set("b", SHARED)],
            None,
            '[["Map",1,2,5,6],"a",{"data":3,"expires":-1},[4],"shoe","b",{"data":7,"expires":-1},[4]]',
        ),
        (
            [lambda s: s.set("b", s["a"])],
            b'[["Map",1,2],"a",{"data":3,"expires":-1},[4],"shoe"]',
            '[["Map",1,2,5,6],"a",{"data":3,"expires":-1},[4],"shoe","b",{"data":7,"expires":-1},[4]]',
        ),
    ],
    ids=["two keys set to one list", "a key set to the value of another"],
)
def test_keys_never_share_a_value_because_astro_clones_what_it_sets(
    operations: list[Callable[[Session], object]], before: bytes | None, text: str
) -> None:
    assert text_after(*operations, before=before) == text
