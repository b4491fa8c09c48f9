"""The ASGI middleware under Starlette, FastAPI and Litestar; WebSockets and streams over a real server."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import fastapi
import httpx
import litestar
import pytest
import uvicorn
from litestar.middleware import DefineMiddleware
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.sync.client import connect

from devalue.sessions import AsyncSessions, CookieOptions, Session, SessionClosed, StoreError
from devalue.sessions.asgi import SessionMiddleware
from devalue.sessions.stores.base import AsyncStore
from devalue.sessions.stores.memory import AsyncMemoryStore, MemoryStore
from tests.sessions.one_session import ID, STORED

pytestmark = pytest.mark.filterwarnings(
    # uvicorn's websockets implementation; nothing of ours.
    "ignore::DeprecationWarning:websockets",
    "ignore::DeprecationWarning:uvicorn",
)

PLAIN = CookieOptions(secure=False)


def sessions_on(store: MemoryStore | AsyncStore, cookie: CookieOptions = PLAIN) -> AsyncSessions:
    return AsyncSessions(AsyncMemoryStore(store) if isinstance(store, MemoryStore) else store, cookie=cookie)


Handler = Callable[[Any], Any]


def starlette_app(handler: Handler, store: MemoryStore | AsyncStore) -> Any:
    async def endpoint(request: Request) -> Response:
        result = handler(request)
        if isinstance(result, Awaitable):
            result = await result
        return result if isinstance(result, Response) else JSONResponse(result)

    app = Starlette(routes=[Route("/", endpoint, methods=["GET", "POST"])])
    app.add_middleware(SessionMiddleware, sessions=sessions_on(store))
    return app


def fastapi_app(handler: Handler, store: MemoryStore | AsyncStore) -> Any:
    app = fastapi.FastAPI()
    app.add_middleware(SessionMiddleware, sessions=sessions_on(store))

    def endpoint(request: fastapi.Request) -> Any:  # runs in a worker thread, as FastAPI's synchronous handlers do
        return handler(request)

    app.get("/")(endpoint)
    return app


def litestar_app(handler: Handler, store: MemoryStore | AsyncStore) -> Any:
    @litestar.get("/", sync_to_thread=False)
    def endpoint(request: litestar.Request[Any, Any, Any]) -> Any:
        return handler(request)

    return litestar.Litestar([endpoint], middleware=[DefineMiddleware(SessionMiddleware, sessions=sessions_on(store))])


APPS = pytest.mark.parametrize("make_app", [starlette_app, fastapi_app, litestar_app])


def get(app: Any, *paths: str, session_id: str | None = ID, raises: bool = True) -> httpx.Response:
    """The answer to the last of these requests."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=raises)
        cookies = {} if session_id is None else {"astro-session": session_id}
        async with httpx.AsyncClient(transport=transport, base_url="http://test", cookies=cookies) as client:
            return [await client.get(path) for path in paths or ("/",)][-1]

    return asyncio.run(ask())


# Each framework --------------------------------------------------------------------------------------------------


@APPS
def test_the_handler_reads_and_changes_the_session_of_the_cookie(make_app: Any, store: MemoryStore) -> None:
    def handler(request: Any) -> int:
        request.session["n"] += 1
        return int(request.session["n"])

    app = make_app(handler, store)
    assert get(app).json() == 2
    answer = get(app)
    assert answer.json() == 3
    assert answer.headers["set-cookie"] == f"astro-session={ID}; Path=/; HttpOnly; SameSite=Lax"
    assert answer.headers["vary"] == "Cookie"
    assert answer.headers["cache-control"] == "no-store"


@APPS
def test_an_anonymous_visitor_who_sets_nothing_gets_no_cookie(make_app: Any, store: MemoryStore) -> None:
    answer = get(make_app(lambda request: request.session.get("n"), store), session_id=None)
    assert answer.json() is None
    assert "set-cookie" not in answer.headers
    assert "cache-control" not in answer.headers
    assert answer.headers["vary"] == "Cookie"


@APPS
def test_an_answer_that_has_nothing_to_do_with_the_session_says_nothing_of_it(
    make_app: Any, store: MemoryStore
) -> None:
    answer = get(make_app(lambda request: "hello", store))
    assert not {"set-cookie", "vary", "cache-control"} & set(answer.headers)


@APPS
def test_a_new_session_gets_a_cookie_and_is_found_again(make_app: Any, store: MemoryStore) -> None:
    def handler(request: Any) -> int:
        request.session["visits"] = request.session.get("visits", 0) + 1
        return int(request.session["visits"])

    answer = get(make_app(handler, store), "/", "/", "/", session_id=None)
    assert answer.json() == 3


@APPS
def test_an_id_that_the_store_does_not_know_is_not_adopted(make_app: Any, store: MemoryStore) -> None:
    foreign = "00000000-0000-4000-8000-000000000000"
    answer = get(make_app(lambda request: request.session.update(a=1), store), session_id=foreign)
    assert foreign not in answer.headers["set-cookie"]
    assert foreign not in list(store.keys())


@APPS
def test_destroy_deletes_the_session_and_its_cookie(make_app: Any, store: MemoryStore) -> None:
    answer = get(make_app(lambda request: request.session.destroy(), store))
    assert answer.headers["set-cookie"].startswith("astro-session=deleted; Path=/; Expires=Thu, 01 Jan 1970")
    assert list(store.keys()) == []


@APPS
def test_the_old_id_is_dead_when_the_answer_of_a_regenerate_arrives(make_app: Any, store: MemoryStore) -> None:
    answer = get(make_app(lambda request: request.session.regenerate(), store))
    [new_id] = store.keys()
    assert new_id != ID
    assert new_id in answer.headers["set-cookie"]
    assert store.get(new_id) == STORED


@APPS
def test_while_the_store_is_down_only_what_uses_the_session_fails(make_app: Any) -> None:
    store = DownStore()
    assert get(make_app(lambda request: "hello", store)).text.strip('"') == "hello"
    assert get(make_app(lambda request: request.session.get("n"), store), session_id=None).status_code == 200
    assert get(make_app(lambda request: request.session.get("n"), store), raises=False).status_code == 500


class DownStore(AsyncStore):
    async def get(self, key: str) -> bytes | None:
        raise StoreError("down")

    async def compare_and_set(
        self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None
    ) -> bool:
        raise StoreError("down")

    async def delete(self, key: str) -> None:
        raise StoreError("down")

    async def keys(self) -> AsyncIterator[str]:
        raise StoreError("down")
        yield ""


def test_litestars_set_session_replaces_the_data(store: MemoryStore) -> None:
    get(litestar_app(lambda request: request.set_session({"a": 1}), store))
    assert store.get(ID) == b'[["Map",1,2],"a",{"data":3,"expires":-1},1]'


def test_litestars_clear_session_ends_the_session(store: MemoryStore) -> None:
    answer = get(litestar_app(lambda request: request.clear_session(), store))
    assert "deleted" in answer.headers["set-cookie"]
    assert list(store.keys()) == []


# Headers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, ["Cookie"]),
        ({"Vary": "Accept"}, ["Accept", "Cookie"]),
        ({"Vary": "accept, cookie"}, ["accept, cookie"]),
        ({"Vary": "*"}, ["*"]),
    ],
)
def test_vary_is_added_to_what_the_app_says(store: MemoryStore, before: dict[str, str], after: list[str]) -> None:
    app = starlette_app(lambda request: JSONResponse(request.session.get("n"), headers=before), store)
    assert get(app).headers.get_list("vary") == after


def test_an_answer_with_a_cookie_must_not_be_cached_whatever_the_app_says(store: MemoryStore) -> None:
    def handler(request: Request) -> Response:
        request.session["a"] = 1
        return JSONResponse(1, headers={"Cache-Control": "public, max-age=3600"})

    assert get(starlette_app(handler, store)).headers.get_list("cache-control") == ["no-store"]


def test_an_answer_that_only_reads_keeps_its_cache_control(store: MemoryStore) -> None:
    def handler(request: Request) -> Response:
        return JSONResponse(request.session["n"], headers={"Cache-Control": "private, max-age=60"})

    assert get(starlette_app(handler, store)).headers["cache-control"] == "private, max-age=60"


# Errors in the handler -------------------------------------------------------------------------------------------


def test_a_handler_that_raises_saves_nothing(store: MemoryStore) -> None:
    def handler(request: Request) -> None:
        request.session["n"] = "half done"
        raise RuntimeError("a bug")

    answer = get(starlette_app(handler, store), raises=False)
    assert answer.status_code == 500
    assert "set-cookie" not in answer.headers
    assert store.get(ID) == STORED


def test_a_logout_holds_even_if_the_handler_raises_afterwards(store: MemoryStore) -> None:
    def handler(request: Request) -> None:
        request.session.destroy()  # type: ignore[attr-defined]
        request.session["n"] = "dropped"
        raise RuntimeError("a bug")

    assert get(starlette_app(handler, store), raises=False).status_code == 500
    assert list(store.keys()) == []


def test_an_error_that_the_app_answers_itself_saves_as_usual(store: MemoryStore) -> None:
    def handler(request: Request) -> None:
        request.session["failures"] = 1
        raise fastapi.HTTPException(401)

    answer = get(fastapi_app(handler, store))
    assert answer.status_code == 401
    assert b"failures" in (store.get(ID) or b"")


def test_a_commit_that_fails_is_an_error_and_never_a_half_told_answer(store: MemoryStore) -> None:
    class ReadOnly(AsyncMemoryStore):
        async def compare_and_set(
            self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None
        ) -> bool:
            raise StoreError("read-only")

    app = starlette_app(lambda request: request.session.update(a=1), ReadOnly(store))
    with pytest.raises(StoreError, match="read-only"):
        get(app)
    assert get(app, raises=False).status_code == 500


# Late changes ----------------------------------------------------------------------------------------------------


def test_a_change_while_the_answer_streams_is_an_error(store: MemoryStore) -> None:
    caught: list[Exception] = []

    def handler(request: Request) -> Response:
        async def body() -> AsyncIterator[str]:
            yield str(request.session["n"])
            try:
                request.session["n"] = 5
            except SessionClosed as error:
                caught.append(error)
            yield "."

        return StreamingResponse(body())

    assert get(starlette_app(handler, store)).text == "1."
    assert "before the first byte" in str(caught[0])
    assert store.get(ID) == STORED


def test_what_is_set_before_a_stream_begins_is_saved_before_its_first_byte(store: MemoryStore) -> None:
    seen: list[bytes | None] = []

    def handler(request: Request) -> Response:
        request.session["n"] = 5

        async def body() -> AsyncIterator[str]:
            seen.append(store.get(ID))
            yield "."

        return StreamingResponse(body())

    get(starlette_app(handler, store))
    assert seen == [STORED.replace(b"},1]", b"},5]")]


def test_a_change_in_a_background_task_is_an_error(store: MemoryStore) -> None:
    def handler(request: Request) -> Response:
        return PlainTextResponse("ok", background=BackgroundTask(request.session.update, {"late": 1}))

    with pytest.raises(SessionClosed):
        get(starlette_app(handler, store))


def test_a_value_changed_in_place_too_late_is_logged(store: MemoryStore, caplog: pytest.LogCaptureFixture) -> None:
    def handler(request: Request) -> Response:
        request.session["cart"] = cart = ["a"]
        return PlainTextResponse("ok", background=BackgroundTask(cart.append, "b"))

    get(starlette_app(handler, store))
    [record] = [record for record in caplog.records if record.name == "devalue.sessions"]
    assert record.levelno == logging.ERROR
    assert ID not in record.getMessage()


# Arrangements of middleware --------------------------------------------------------------------------------------


def test_installed_twice_the_outer_one_does_the_work(store: MemoryStore) -> None:
    async def count(request: Request) -> Response:
        request.session["n"] += 1
        return JSONResponse(request.session["n"])

    class Counting(AsyncMemoryStore):
        reads = 0

        async def get(self, key: str) -> bytes | None:
            self.reads += 1
            return await super().get(key)

    counting = Counting(store)
    inner = Starlette(routes=[Route("/", count)])
    inner.add_middleware(SessionMiddleware, sessions=sessions_on(counting))
    app = Starlette(routes=[Mount("/", inner)])
    app.add_middleware(SessionMiddleware, sessions=sessions_on(counting))
    answer = get(app)
    assert answer.json() == 2
    assert len(answer.headers.get_list("set-cookie")) == 1
    assert counting.reads == 1


def test_two_sessions_of_different_names_stand_beside_each_other(store: MemoryStore) -> None:
    admin_store = MemoryStore()

    async def count(request: Request) -> Response:
        request.session["admin"] = 1
        return JSONResponse(1)

    inner = Starlette(routes=[Route("/", count)])
    inner.add_middleware(
        SessionMiddleware, sessions=sessions_on(admin_store, CookieOptions(name="admin", secure=False))
    )
    app = Starlette(routes=[Mount("/", inner)])
    app.add_middleware(SessionMiddleware, sessions=sessions_on(store))
    assert get(app).headers["set-cookie"].startswith("admin=")
    assert len(list(admin_store.keys())) == 1
    assert store.get(ID) == STORED


def test_a_base_http_middleware_outside_and_inside_sees_the_session(store: MemoryStore) -> None:
    async def note(request: Request, call_next: Any) -> Response:
        if "session" in request.scope:
            request.session["seen"] = True
        response: Response = await call_next(request)
        return response

    app = starlette_app(lambda request: request.session["seen"], store)
    app.user_middleware.append(type(app.user_middleware[0])(BaseHTTPMiddleware, dispatch=note))
    app.add_middleware(BaseHTTPMiddleware, dispatch=note)
    assert get(app).json() is True
    assert b"seen" in (store.get(ID) or b"")


def test_lifespan_passes_through() -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    asyncio.run(SessionMiddleware(app, sessions_on(MemoryStore()))({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]


def test_a_synchronous_manager_is_refused_when_the_app_is_made() -> None:
    with pytest.raises(TypeError, match="AsyncSessions"):
        SessionMiddleware(Starlette(), object())  # type: ignore[arg-type]


# Concurrent requests ---------------------------------------------------------------------------------------------


def concurrently(app: Any, paths: list[str], session_id: str = ID) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"cookie": f"astro-session={session_id}"}
            return await asyncio.gather(*[client.get(path, headers=headers) for path in paths])

    return asyncio.run(ask())


def test_a_regenerate_that_is_cancelled_still_ends(store: MemoryStore) -> None:
    class Slow(AsyncMemoryStore):
        async def compare_and_set(
            self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None
        ) -> bool:
            await asyncio.sleep(0.01)
            return await super().compare_and_set(key, expected, new, ttl)

    async def go() -> None:
        sessions = sessions_on(Slow(store))
        session = await sessions.load(ID)
        session.regenerate()
        task = asyncio.ensure_future(sessions.commit(session))
        await asyncio.sleep(0.015)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(0.05)
        assert list(store.keys()) == [session.id]

    asyncio.run(go())


# WebSockets, over a real server ----------------------------------------------------------------------------------


@contextmanager
def served(app: Any) -> Iterator[int]:
    """A real server; gives its port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            threading.Event().wait(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def socket_app(handler: Callable[[WebSocket], Awaitable[None]], store: MemoryStore) -> Any:
    app = Starlette(routes=[WebSocketRoute("/", handler)])
    app.add_middleware(SessionMiddleware, sessions=sessions_on(store))
    return app


def session_of(socket: WebSocket) -> Session:
    session = socket.session
    assert isinstance(session, Session)
    return session


def open_socket(port: int, session_id: str | None = ID) -> Any:
    headers = {} if session_id is None else {"Cookie": f"astro-session={session_id}"}
    return connect(f"ws://127.0.0.1:{port}/", additional_headers=headers)


def test_a_websocket_reads_the_session_and_saves_with_each_message_and_at_the_end(store: MemoryStore) -> None:
    texts: list[bytes | None] = []

    async def handler(socket: WebSocket) -> None:
        await socket.accept()
        session = session_of(socket)
        session["n"] += 1
        await socket.send_json(session["n"])
        texts.append(store.get(ID))
        session["cart"] = ["a"]
        await socket.send_json(1)
        session["cart"].append("b")
        await socket.receive()  # until the client goes away

    with served(socket_app(handler, store)) as port, open_socket(port) as socket:
        assert socket.recv() == "2"
        assert socket.recv() == "1"
    assert b"},2]" in (texts[0] or b"")
    assert b'"a","b"' in (store.get(ID) or b"")


def test_a_websocket_gives_a_new_session_its_cookie_when_it_is_accepted(store: MemoryStore) -> None:
    async def handler(socket: WebSocket) -> None:
        session_of(socket)["name"] = "new"
        await socket.accept()
        await socket.close()

    with served(socket_app(handler, store)) as port, open_socket(port, None) as socket:
        cookie = socket.response.headers["set-cookie"]
    [new_id] = [key for key in store.keys() if key != ID]  # noqa: SIM118
    assert cookie == PLAIN.set_cookie(new_id)


@pytest.mark.parametrize("use", [lambda s: s.set("a", 1), lambda s: (s.set("a", 1), s.regenerate())])
def test_a_session_that_begins_when_no_cookie_can_be_sent_any_more_is_an_error(
    store: MemoryStore, use: Callable[[Session], object]
) -> None:
    errors: list[str] = []

    async def handler(socket: WebSocket) -> None:
        await socket.accept()
        try:
            use(session_of(socket))
        except SessionClosed as error:
            errors.append(str(error))
        await socket.close()

    with served(socket_app(handler, store)) as port, open_socket(port, None):
        pass
    assert "before that" in errors[0]
    assert list(store.keys()) == [ID]


def test_regenerate_after_accept_is_an_error_and_destroy_is_not(store: MemoryStore) -> None:
    errors: list[str] = []

    async def handler(socket: WebSocket) -> None:
        await socket.accept()
        session = session_of(socket)
        try:
            session.regenerate()
        except SessionClosed as error:
            errors.append(str(error))
        session.destroy()
        await socket.close()

    with served(socket_app(handler, store)) as port, open_socket(port):
        pass
    assert len(errors) == 1
    assert list(store.keys()) == []


def test_what_a_websocket_did_before_its_handler_failed_is_saved(store: MemoryStore) -> None:
    async def handler(socket: WebSocket) -> None:
        await socket.accept()
        session_of(socket)["n"] = 7
        raise RuntimeError("a bug")

    with served(socket_app(handler, store)) as port, open_socket(port):
        pass
    assert b"},7]" in (store.get(ID) or b"")


def test_a_logout_elsewhere_ends_the_session_of_an_open_websocket(store: MemoryStore) -> None:
    errors: list[Exception] = []

    async def handler(socket: WebSocket) -> None:
        await socket.accept()
        session = session_of(socket)
        store.delete(ID)
        session["n"] = 8
        await socket.send_text("saved?")
        try:
            session["n"] = 9
        except SessionClosed as error:
            errors.append(error)
        await socket.close()

    with served(socket_app(handler, store)) as port, open_socket(port) as socket:
        socket.recv()
    assert "not brought back" in str(errors[0])
    assert list(store.keys()) == []


def test_litestars_set_session_works_in_an_open_websocket_too(store: MemoryStore) -> None:
    @litestar.websocket("/")
    async def handler(socket: litestar.WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        socket.set_session({"a": 1})
        await socket.send_text("saved")
        await socket.close()

    app = litestar.Litestar([handler], middleware=[DefineMiddleware(SessionMiddleware, sessions=sessions_on(store))])
    with served(app) as port, open_socket(port) as socket:
        socket.recv()
        assert store.get(ID) == b'[["Map",1,2],"a",{"data":3,"expires":-1},1]'
