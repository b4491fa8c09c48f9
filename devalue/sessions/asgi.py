"""ASGI middleware: ``request.session`` for Starlette, FastAPI, Litestar and any other ASGI app; HTTP and WebSocket.

When a session is saved:

- HTTP: just before the answer's headers are sent. A change after that (while the body streams, in a background task)
  raises SessionClosed. A handler that raises saves nothing, but a session that it destroyed stays destroyed.
- WebSocket: with ``accept``, the only message that can carry a cookie; from then on before each message that is sent,
  if something was set or deleted, and at the end of the connection, however it ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import Any, TypeAlias

from devalue.errors import EncodeError
from devalue.sessions.errors import SessionError
from devalue.sessions.manager import AsyncSessions
from devalue.sessions.session import Session

__all__ = ["SessionMiddleware"]

logger = logging.getLogger("devalue.sessions")

# Loose, because each framework has its own, narrower types for the same things.
ASGIApp: TypeAlias = Callable[..., Awaitable[None]]
Scope: TypeAlias = Any
Message: TypeAlias = Any
Receive: TypeAlias = Callable[..., Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

_ANSWER_BEGAN = (
    "the session was saved when the answer began, and this change came later: change it before the first byte is sent"
)
_SOCKET_OPEN = "a WebSocket gets its cookie when it is accepted: begin or regenerate the session before that"


class SessionMiddleware:
    """Gives each request its session as ``scope["session"]``.

    Args:
        app: the app to wrap.
        sessions: the store and the options.

    For example ``app.add_middleware(SessionMiddleware, sessions=AsyncSessions(AsyncFileStore(directory)))``.
    """

    def __init__(self, app: ASGIApp, sessions: AsyncSessions) -> None:
        if not isinstance(sessions, AsyncSessions):
            raise TypeError(f"sessions is an AsyncSessions, not {type(sessions).__name__}")
        self.app = app
        self.sessions = sessions

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        kind = scope["type"]
        if kind not in ("http", "websocket") or self._is_inner(scope):
            await self.app(scope, receive, send)
            return
        scope.setdefault("devalue.sessions", set()).add(self.sessions.cookie.name)
        headers = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
        scope["session"] = session = await self.sessions.open(headers)
        connection = _Connection(self.sessions, session, scope, send)
        await (connection.http if kind == "http" else connection.websocket)(self.app, receive)

    def _is_inner(self, scope: Scope) -> bool:
        # Installed twice, say on an app and on one mounted in it: the outer one does the work.
        return self.sessions.cookie.name in scope.get("devalue.sessions", ())


class _Connection:
    def __init__(self, sessions: AsyncSessions, session: Session, scope: Scope, send: Send) -> None:
        self.sessions = sessions
        self.session = session
        self.scope = scope
        self.send = send

    async def http(self, app: ASGIApp, receive: Receive) -> None:
        began = False

        async def send(message: Message) -> None:
            nonlocal began
            # After a commit that failed, an error page may begin once more; nothing is saved then.
            if message["type"] == "http.response.start" and not began:
                began = True
                await self._answer(message)
            await self.send(message)

        try:
            await app(self.scope, receive, send)
        except BaseException:
            if not began:
                await self._abandon()
            raise
        if self.session._changed_in_place():
            logger.error("%r was changed in place after the answer had begun: %s", self.session, _ANSWER_BEGAN)

    async def websocket(self, app: ASGIApp, receive: Receive) -> None:
        turn = asyncio.Lock()  # several tasks may send at once

        async def send(message: Message) -> None:
            kind = message["type"]
            if kind == "websocket.http.response.start":
                await self._answer(message)
            elif kind == "websocket.accept":
                self._adopt_replaced()
                cookie = await self.sessions.commit(self.session)
                self.session._close_cookies(_SOCKET_OPEN)
                if cookie is not None:
                    message["headers"] = [*message.get("headers", ()), (b"set-cookie", cookie.encode("latin-1"))]
            elif kind in ("websocket.send", "websocket.close"):
                self.session._close_cookies(_SOCKET_OPEN)
                self._adopt_replaced()
                if self.session.modified:
                    await self._save_open_socket(turn)
            await self.send(message)

        try:
            await app(self.scope, receive, send)
        except BaseException:
            # A client that went away ends a handler by an exception too: what it did before counts.
            try:
                await self._save_open_socket(turn)
            except (SessionError, EncodeError):
                logger.exception("%r could not be saved at the end of a WebSocket", self.session)
            raise
        await self._save_open_socket(turn)

    async def _save_open_socket(self, turn: asyncio.Lock) -> None:
        self._adopt_replaced()
        if self.session.is_new and not self.session._doomed:
            return  # nobody could be told its id
        async with turn:
            await self.sessions.commit(self.session)

    async def _answer(self, message: Message) -> None:
        """Save the session and write the headers that tell of it."""
        self._adopt_replaced()
        self.session._close(_ANSWER_BEGAN)
        cookie = await self.sessions.commit(self.session)
        headers: Headers = list(message.get("headers", ()))
        if self.session.accessed:
            headers = _varied(headers)
        if cookie is not None:
            headers = [(name, value) for name, value in headers if name.lower() != b"cache-control"]
            headers += [(b"cache-control", b"no-store"), (b"set-cookie", cookie.encode("latin-1"))]
        message["headers"] = headers

    async def _abandon(self) -> None:
        self.session._abandon()
        try:
            await self.sessions.commit(self.session)
        except SessionError:
            logger.exception("a session that was destroyed in a request that failed could not be deleted")

    def _adopt_replaced(self) -> None:
        """Litestar's ``set_session`` and ``clear_session`` put something else into the scope."""
        current = self.scope.get("session")
        if isinstance(current, Session):
            return
        if current is None or isinstance(current, Enum):  # Litestar's Empty
            self.session.destroy()
        elif isinstance(current, Mapping):
            for key in [key for key in self.session if key not in current]:
                self.session.delete(key)
            self.session.update(current)
        else:
            raise TypeError(f'scope["session"] is a mapping, not {type(current).__name__}')
        self.scope["session"] = self.session


def _varied(headers: Headers) -> Headers:
    named = [value.decode("latin-1") for name, value in headers if name.lower() == b"vary"]
    known = {field.strip().lower() for value in named for field in value.split(",")}
    return headers if known & {"*", "cookie"} else [*headers, (b"vary", b"Cookie")]
