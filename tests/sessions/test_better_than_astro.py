"""Where Astro's own sessions were measured weak: the same situations, through a whole app, on Python's side.

Astro's own figures for these situations are measured against a running Astro in tests/interop.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from devalue.sessions import AsyncSessions, CookieOptions, Session, Sessions
from devalue.sessions.asgi import SessionMiddleware
from devalue.sessions.stores.base import AsyncStore, Store
from devalue.sessions.stores.files import AsyncFileStore, FileStore
from devalue.sessions.stores.memory import AsyncMemoryStore, MemoryStore
from devalue.sessions.text import decode, entry_data

COOKIE = CookieOptions(secure=False)


@pytest.fixture(params=["memory", "files"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Store, AsyncStore]:
    """The same entries, for the test itself and for the app."""
    if request.param == "memory":
        store = MemoryStore()
        return store, AsyncMemoryStore(store)
    return FileStore(tmp_path / "sessions"), AsyncFileStore(tmp_path / "sessions")


@pytest.fixture
def store(stores: tuple[Store, AsyncStore]) -> Store:
    return stores[0]


@pytest.fixture
def app(stores: tuple[Store, AsyncStore]) -> Any:
    async def set_key(request: Request) -> Response:
        key = request.path_params["key"]
        before = len(request.session)
        await asyncio.sleep(0.05)
        request.session[key] = before
        return JSONResponse(1)

    async def login(request: Request) -> Response:
        session_of(request)["user"] = 7
        session_of(request).regenerate()
        await asyncio.sleep(0.02)
        return JSONResponse(1)

    async def logout(request: Request) -> Response:
        session_of(request).destroy()
        return JSONResponse(1)

    async def who(request: Request) -> Response:
        return JSONResponse(request.session.get("user"))

    app = Starlette(
        routes=[Route("/set/{key}", set_key), Route("/login", login), Route("/logout", logout), Route("/who", who)]
    )
    app.add_middleware(SessionMiddleware, sessions=AsyncSessions(stores[1], cookie=COOKIE))
    return app


def session_of(request: Request) -> Session:
    assert isinstance(request.session, Session)
    return request.session


@pytest.fixture
def visitor(store: Store) -> str:
    """The id of a session with a cart."""
    session = Session()
    session["cart"] = ["shoe"]
    Sessions(store).commit(session)
    assert session.id is not None
    return session.id


def values(store: Store, session_id: str) -> dict[str, object]:
    data = store.get(session_id)
    assert data is not None
    return {key: entry_data(entry) for key, entry in decode(data).values()}


def ask(app: Any, visitor: str, *paths: str, start: Callable[[], object] = lambda: None) -> list[httpx.Response]:
    """The answers to requests of one visitor that run at once; ``start`` is called while they run."""

    async def go() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            tasks = [
                asyncio.ensure_future(client.get(p, headers={"cookie": f"astro-session={visitor}"})) for p in paths
            ]
            await asyncio.sleep(0.02)
            start()
            return list(await asyncio.gather(*tasks))

    return asyncio.run(go())


def cookies(answers: list[httpx.Response]) -> list[str]:
    return [cookie for answer in answers for cookie in answer.headers.get_list("set-cookie")]


def test_20_parallel_requests_that_each_set_their_own_key_keep_20_of_20(app: Any, store: Store, visitor: str) -> None:
    ask(app, visitor, *[f"/set/key{n}" for n in range(20)])
    assert sorted(values(store, visitor)) == sorted(["cart", *[f"key{n}" for n in range(20)]])


def test_a_logout_during_a_slow_request_stays_a_logout(app: Any, store: Store, visitor: str) -> None:
    answers = ask(app, visitor, "/set/slow", start=lambda: ask_now(app, visitor, "/logout"))
    assert list(store.keys()) == []
    assert cookies(answers) == []


def test_a_regenerate_during_a_slow_request_leaves_the_old_id_dead(app: Any, store: Store, visitor: str) -> None:
    logins: list[httpx.Response] = []
    answers = ask(app, visitor, "/set/slow", start=lambda: logins.append(ask_now(app, visitor, "/login")))
    [new_id] = store.keys()
    assert new_id != visitor
    assert values(store, new_id) == {"user": 7, "cart": ["shoe"]}
    assert cookies(logins) == [COOKIE.set_cookie(new_id)]
    assert cookies(answers) == [], "the good cookie must not be overwritten"


def ask_now(app: Any, visitor: str, path: str) -> httpx.Response:
    """One request in a loop of its own, while another loop waits."""
    answers: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: answers.extend(ask(app, visitor, path)))
    thread.start()
    thread.join()
    return answers[0]


def test_4_parallel_regenerates_leave_one_live_session_with_its_data(app: Any, store: Store, visitor: str) -> None:
    answers = ask(app, visitor, *["/login"] * 4)
    [new_id] = store.keys()
    assert new_id != visitor
    assert values(store, new_id) == {"user": 7, "cart": ["shoe"]}
    assert cookies(answers) == [COOKIE.set_cookie(new_id)]


def test_the_old_id_is_dead_when_the_answer_of_a_login_arrives(app: Any, store: Store, visitor: str) -> None:
    ask(app, visitor, "/login")
    assert store.get(visitor) is None
    assert ask(app, visitor, "/who")[0].json() is None


@pytest.mark.parametrize(
    "use",
    [
        lambda s: (s.set("a", 1), s.destroy()),
        lambda s: (s.destroy(), s.get("a")),
        lambda s: s.delete("a"),
        lambda s: s.clear(),
        lambda s: s.regenerate(),
    ],
    ids=["set, destroy", "destroy, get", "delete", "clear", "regenerate"],
)
def test_a_visitor_without_a_session_leaves_nothing_behind(store: Store, use: Callable[[Session], object]) -> None:
    sessions = Sessions(store)
    session = sessions.open([])
    use(session)
    assert sessions.commit(session) is None
    assert list(store.keys()) == []


def test_what_is_set_after_a_destroy_is_under_an_id_that_the_cookie_names(store: Store, visitor: str) -> None:
    sessions = Sessions(store)
    session = sessions.open([f"astro-session={visitor}"])
    session["a"] = 1
    session.destroy()
    session["b"] = 2
    assert sessions.commit(session) == sessions.cookie.set_cookie(session.id or "")
    assert list(store.keys()) == [session.id]
    assert values(store, session.id or "") == {"b": 2}


def test_delete_then_set_keeps_the_value(store: Store, visitor: str) -> None:
    sessions = Sessions(store)
    session = sessions.load(visitor)
    session.delete("cart")
    session["cart"] = ["hat"]
    sessions.commit(session)
    assert values(store, visitor) == {"cart": ["hat"]}


def test_expired_sessions_are_collected(store: Store, visitor: str) -> None:
    sessions = Sessions(store)
    for _ in range(3):
        session = sessions.open([])
        session.set("flash", 1, ttl=0.001)
        sessions.commit(session)
    time.sleep(0.01)
    assert sessions.gc() == (1, 3, 0)
    assert list(store.keys()) == [visitor]


def test_an_async_manager_collects_too(stores: tuple[Store, AsyncStore], visitor: str) -> None:
    session = Session()
    session.set("flash", 1, ttl=-1)
    Sessions(stores[0]).commit(session)
    assert asyncio.run(AsyncSessions(stores[1]).gc()) == (1, 1, 0)
