"""``python -m devalue sessions``: list, show, delete and collect, on real stores."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devalue import Map, Set
from devalue._cli import main
from devalue.sessions import Sessions
from devalue.sessions.stores import Store, open_store
from tests.servers import Server, redis_server

__all__ = ["redis_server"]

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
EXPIRED = b'[["Map",1,2],"old",{"data":3,"expires":4},1,1000000000000]'
BROKEN = b"[[broken"


@dataclass
class Result:
    code: int
    out: str
    err: str


@pytest.fixture(params=["file", "sqlite", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "redis":
        server: Server = request.getfixturevalue("redis_server")
        return f"{server.url}?base={uuid.uuid4().hex}"
    return f"{request.param}://{tmp_path}/place"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as store:
        yield store


@pytest.fixture
def run(url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("DEVALUE_STORE", url)

    def run(*arguments: str) -> Result:
        code = main(["sessions", *arguments])
        return Result(code, *capsys.readouterr())

    return run


def add(store: Store, text: bytes | None = None, **values: object) -> str:
    """Put a session into the store; its id."""
    sessions = Sessions(store)
    session = sessions.open([])
    for key, value in values.items():
        session[key] = value
    sessions.commit(session)
    assert session.id is not None
    if text is not None:
        store.compare_and_set(session.id, store.get(session.id), text)
    return session.id


def test_list_has_a_line_for_each_session_and_no_whole_id(run: Callable[..., Result], store: Store) -> None:
    first, second = add(store, cart=[1], user="Ada"), add(store, EXPIRED, x=1)
    result = run("list")
    assert result.code == 0
    assert sorted(line[:9] for line in result.out.splitlines()) == sorted([f"{first[:8]}…", f"{second[:8]}…"])
    assert '"cart", "user"' in result.out
    assert "never expires" in result.out
    assert "expired 2001-09-09 01:46:40" in result.out
    assert "2 sessions" in result.err
    assert not UUID.search(result.out + result.err)


def test_list_shows_no_value(run: Callable[..., Result], store: Store) -> None:
    add(store, token="hunter2")
    result = run("list")
    assert "token" in result.out
    assert "hunter2" not in result.out


def test_whole_ids_are_shown_on_request(run: Callable[..., Result], store: Store) -> None:
    session_id = add(store, x=1)
    assert session_id in run("list", "--full-ids").out
    assert session_id in run("show", session_id, "--full-ids").out


def test_list_says_which_sessions_cannot_be_read(run: Callable[..., Result], store: Store) -> None:
    broken = add(store, BROKEN, x=1)
    add(store, x=1)
    result = run("list")
    assert result.code == 0
    assert f"{broken[:8]}…" in next(line for line in result.out.splitlines() if "unreadable: DecodeError" in line)
    assert "2 sessions, 1 of them unreadable" in result.err


def test_an_escape_sequence_in_a_key_does_not_reach_the_terminal(run: Callable[..., Result], store: Store) -> None:
    session_id = add(store, **{"\x1b[31m\u202e": "\x1b[2J"})
    assert "\x1b" not in run("list").out + run("show", session_id).out


def test_show_writes_the_values_as_a_person_reads_them(run: Callable[..., Result], store: Store) -> None:
    values = {"when": datetime(2026, 1, 2, tzinfo=UTC), "roles": Set(["a"]), "by": Map([(1, "é")])}
    session_id = add(store, **values)
    result = run("show", session_id)
    assert result.code == 0
    assert f"session {session_id[:8]}…, " in result.out
    for text in ("2026-01-02T00:00:00.000Z", '"roles" (never expires): Set', '"é"'):
        assert text in result.out
    assert session_id not in result.out


@pytest.mark.parametrize("shorten", [lambda each: each[:6], lambda each: f"{each[:8]}…", lambda each: each[:30]])
def test_an_id_may_be_shortened(run: Callable[..., Result], store: Store, shorten: Callable[[str], str]) -> None:
    session_id = add(store, found="this one")
    assert "this one" in run("show", shorten(session_id)).out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("abc", "at least the first 4"),
        ("zzzz", "no sessions begin with zzzz"),
        ("aaaa", "2 sessions begin with aaaa"),
        ("3b241101-e2bb-4255-8caf-4136c566a962", "no session 3b241101…"),
    ],
)
@pytest.mark.parametrize("action", [["show"], ["delete", "--yes"]])
def test_an_id_that_names_no_session_is_an_error(
    run: Callable[..., Result], store: Store, action: list[str], given: str, message: str
) -> None:
    for end in "12":
        store.compare_and_set(f"aaaa1101-e2bb-4255-8caf-4136c566a96{end}", None, EXPIRED)
    result = run(*action, given)
    assert result.code == 1
    assert message in result.err
    assert len(list(store.keys())) == 2


def test_showing_what_cannot_be_read_says_why_and_leaves_it(run: Callable[..., Result], store: Store) -> None:
    broken = add(store, BROKEN, x=1)
    result = run("show", broken)
    assert result.code == 1
    assert "cannot be read: " in result.err
    assert "line 1 column 3" in result.err
    assert store.get(broken) == BROKEN


def test_delete_removes_the_named_sessions_only(run: Callable[..., Result], store: Store) -> None:
    first, second, third = (add(store, x=number) for number in range(3))
    result = run("delete", first, second[:10], "--yes")
    assert (result.code, list(store.keys())) == (0, [third])
    assert "deleted 2" in result.err


def test_delete_all_removes_every_session(run: Callable[..., Result], store: Store) -> None:
    for number in range(5):
        add(store, x=number)
    assert run("delete", "--all", "--yes").code == 0
    assert list(store.keys()) == []


@pytest.mark.parametrize("arguments", [["--all"], ["ID"]])
def test_nothing_is_deleted_without_a_yes(run: Callable[..., Result], store: Store, arguments: list[str]) -> None:
    session_id = add(store, x=1)
    result = run("delete", *[session_id if each == "ID" else each for each in arguments])
    assert result.code == 2
    assert "--yes" in result.err
    assert list(store.keys()) == [session_id]


@pytest.mark.parametrize("arguments", [[], ["--yes"], ["3b24", "--all", "--yes"]])
def test_delete_wants_ids_or_all(run: Callable[..., Result], store: Store, arguments: list[str]) -> None:
    session_id = add(store, x=1)
    assert run("delete", *arguments).code == 2
    assert list(store.keys()) == [session_id]


def test_gc_deletes_what_has_expired_and_nothing_else(run: Callable[..., Result], store: Store) -> None:
    alive, broken = add(store, x=1), add(store, BROKEN, x=1)
    add(store, EXPIRED, x=1)
    add(store, b'[["Map"]]', x=1)
    result = run("gc")
    assert result.code == 0
    assert sorted(store.keys()) == sorted([alive, broken])
    assert "deleted 2, kept 2" in result.err
    assert "1 of them cannot be read" in result.err


@pytest.mark.parametrize(
    ("url", "code", "message"),
    [
        ("redis://:hunter2@127.0.0.1:1", 1, "Connection refused"),
        ("postgresql://u:hunter2@127.0.0.1:1/db", 1, "refused"),
        ("mysql://u:hunter2@127.0.0.1:1/db", 1, "refused"),
        ("mongodb://:hunter2@host", 2, "starts with one of"),
        ("redis://:hunter2@host?ttl=x", 2, "the option ttl"),
        ("sqlite:///no/such/file", 2, "there is no /no/such/file"),
        ("file:///no/such/folder", 2, "there is no /no/such/folder"),
    ],
)
@pytest.mark.parametrize("action", [["list"], ["show", "3b241101"], ["delete", "--all", "--yes"], ["gc"]])
def test_a_store_that_cannot_be_used_is_an_error_without_its_password(
    capsys: pytest.CaptureFixture[str], action: list[str], url: str, code: int, message: str
) -> None:
    assert main(["sessions", *action, "--store", url]) == code
    captured = capsys.readouterr()
    assert message in captured.err
    assert "hunter2" not in captured.out + captured.err


def test_a_store_must_be_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEVALUE_STORE", raising=False)
    assert main(["sessions", "list"]) == 2
    assert "--store URL or in the environment variable DEVALUE_STORE" in capsys.readouterr().err


def test_it_runs_from_a_shell(tmp_path: Path) -> None:
    with open_store(f"file://{tmp_path}") as store:
        session_id = add(store, x=1)
    command = [sys.executable, "-m", "devalue", "sessions", "delete", "--all", "--store", f"file://{tmp_path}"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert (tmp_path / session_id).exists()
