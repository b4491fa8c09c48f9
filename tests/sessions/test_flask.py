"""Flask's session is the one that Astro shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import flask
import pytest

from devalue.sessions import CookieOptions, SessionClosed, Sessions, StoreError
from devalue.sessions.flask import DevalueSessionInterface
from devalue.sessions.stores.memory import MemoryStore
from tests.sessions.one_session import ID, STORED

PLAIN = CookieOptions(secure=False)


def get(store: MemoryStore, handler: Callable[[], Any], *, session_id: str | None = ID, debug: bool = False) -> Any:
    """The answer to one request."""
    app = flask.Flask(__name__)
    app.config["PROPAGATE_EXCEPTIONS"] = debug
    app.session_interface = DevalueSessionInterface(Sessions(store, cookie=PLAIN))
    app.permanent_session_lifetime = timedelta(days=3)
    app.add_url_rule("/", view_func=handler, endpoint="handler")
    client = app.test_client()
    if session_id is not None:
        client.set_cookie("astro-session", session_id)
    return client.get("/")


def test_the_handler_reads_and_changes_the_session_of_the_cookie(store: MemoryStore) -> None:
    def handler() -> str:
        flask.session["n"] += 1
        return str(flask.session["n"])

    answer = get(store, handler)
    assert answer.text == "2"
    assert answer.headers["Set-Cookie"] == PLAIN.set_cookie(ID)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Vary"] == "Cookie"
    assert store.get(ID) == STORED.replace(b"},1]", b"},2]")


def test_a_value_changed_in_place_is_saved_without_saying_so(store: MemoryStore) -> None:
    store.delete(ID)
    store.compare_and_set(ID, None, b'[["Map",1,2],"cart",{"data":3,"expires":-1},[]]')
    get(store, lambda: str(flask.session["cart"].append("a")))
    assert b'"a"' in (store.get(ID) or b"")


def test_an_anonymous_visitor_who_sets_nothing_gets_no_cookie(store: MemoryStore) -> None:
    answer = get(store, lambda: str(flask.session.get("n")), session_id=None)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Vary"] == "Cookie"


def test_an_answer_that_has_nothing_to_do_with_the_session_says_nothing_of_it(store: MemoryStore) -> None:
    assert not {"Set-Cookie", "Vary", "Cache-Control"} & set(dict(get(store, lambda: "hello").headers))


def test_destroy_deletes_the_session_and_its_cookie(store: MemoryStore) -> None:
    answer = get(store, lambda: str(flask.session.destroy()))  # type: ignore[attr-defined]
    assert answer.headers["Set-Cookie"] == PLAIN.delete_cookie()
    assert list(store.keys()) == []


def test_an_id_that_the_store_does_not_know_is_not_adopted(store: MemoryStore) -> None:
    foreign = "00000000-0000-4000-8000-000000000000"
    answer = get(store, lambda: str(flask.session.update(a=1)), session_id=foreign)
    assert foreign not in answer.headers["Set-Cookie"]


def test_flashed_messages_are_shown_once(store: MemoryStore) -> None:
    get(store, lambda: str(flask.flash("Saved.", "info")))
    shown = lambda: ";".join(f"{c}={m}" for c, m in flask.get_flashed_messages(with_categories=True))  # noqa: E731
    assert get(store, shown).text == "info=Saved."
    assert get(store, shown).text == ""


def test_a_permanent_session_has_a_cookie_that_lives_as_long_as_flask_says(store: MemoryStore) -> None:
    def handler() -> str:
        flask.session.permanent = True
        return ""

    assert f"{ID}; Max-Age=259200; Path=/" in get(store, handler).headers["Set-Cookie"]


def test_a_handler_that_raises_saves_nothing(store: MemoryStore) -> None:
    def handler() -> str:
        flask.session["n"] = "half done"
        raise RuntimeError("a bug")

    answer = get(store, handler)
    assert answer.status_code == 500
    assert "Set-Cookie" not in answer.headers
    assert store.get(ID) == STORED


def test_a_logout_holds_even_if_the_handler_raises_afterwards(store: MemoryStore) -> None:
    def handler() -> str:
        flask.session.destroy()  # type: ignore[attr-defined]
        raise RuntimeError("a bug")

    answer = get(store, handler)
    assert answer.status_code == 500
    assert answer.headers["Set-Cookie"] == PLAIN.delete_cookie()
    assert list(store.keys()) == []


@pytest.mark.parametrize("status", [401, 503])
def test_an_error_that_the_app_answers_itself_saves_as_usual(store: MemoryStore, status: int) -> None:
    def handler() -> str:
        flask.session["failures"] = 1
        flask.abort(status)

    assert get(store, handler).status_code == status
    assert b"failures" in (store.get(ID) or b"")


def test_a_change_while_the_answer_streams_is_an_error(store: MemoryStore) -> None:
    caught: list[Exception] = []

    def handler() -> flask.Response:
        def body() -> Iterator[str]:
            yield str(flask.session["n"])
            try:
                flask.session["n"] = 5
            except SessionClosed as error:
                caught.append(error)

        return flask.Response(flask.stream_with_context(body()))

    assert get(store, handler).text == "1"
    assert len(caught) == 1
    assert store.get(ID) == STORED


def test_while_the_store_is_down_only_what_uses_the_session_fails() -> None:
    class Down(MemoryStore):
        def get(self, key: str) -> bytes | None:
            raise StoreError("down")

    assert get(Down(), lambda: "hello").text == "hello"
    assert get(Down(), lambda: str(flask.session.get("n")), session_id=None).text == "None"
    assert get(Down(), lambda: str(flask.session.get("n"))).status_code == 500
    with pytest.raises(StoreError):
        get(Down(), lambda: str(flask.session.get("n")), debug=True)


def test_the_test_clients_session_transaction_works(store: MemoryStore) -> None:
    app = flask.Flask(__name__)
    app.session_interface = DevalueSessionInterface(Sessions(store, cookie=PLAIN))
    app.add_url_rule("/", view_func=lambda: str(flask.session["a"]), endpoint="a")
    client = app.test_client()
    with client.session_transaction() as session:
        session["a"] = 5
        assert session.new
    assert client.get("/").text == "5"


def test_an_asynchronous_manager_is_refused_when_the_app_is_made() -> None:
    with pytest.raises(TypeError, match="Sessions"):
        DevalueSessionInterface(object())  # type: ignore[arg-type]
