"""Flask: ``app.session_interface = DevalueSessionInterface(Sessions(store))``.

``flask.session`` is then the session that Astro shares. It is saved when Flask makes the answer ready, before the
first byte; a change while the answer streams raises SessionClosed. A handler that raises saves nothing, but a session
that it destroyed stays destroyed.

The cookie is that of the manager's CookieOptions; Flask's ``SESSION_COOKIE_*`` settings have no part in it. With
``session.permanent = True`` the cookie lives as long as ``PERMANENT_SESSION_LIFETIME`` says.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from flask.sessions import SessionInterface, SessionMixin

from devalue.sessions.manager import Sessions
from devalue.sessions.session import Session

if TYPE_CHECKING:
    from flask import Flask
    from flask.wrappers import Request, Response

__all__ = ["DevalueSessionInterface", "FlaskSession"]

_ANSWER_IS_READY = "the session was saved when the answer was ready, and this change came later, while it streams"


class FlaskSession(Session, SessionMixin):
    """A Session with what Flask's own has on top: ``new`` and ``permanent``."""

    @property
    def new(self) -> bool:  # type: ignore[override]
        """Whether the store holds nothing of this session yet."""
        return self.is_new


class DevalueSessionInterface(SessionInterface):
    """Opens the session when a request begins and saves it when its answer is ready.

    Args:
        sessions: the store and the options.
    """

    def __init__(self, sessions: Sessions) -> None:
        if not isinstance(sessions, Sessions):
            raise TypeError(f"sessions is a Sessions, not {type(sessions).__name__}")
        self.sessions = sessions

    def open_session(self, app: Flask, request: Request) -> FlaskSession:
        session = FlaskSession(ttl=self.sessions.ttl)
        cookie = request.environ.get("HTTP_COOKIE")  # WSGI has joined several; request.headers takes 4 µs more
        self.sessions.open([] if cookie is None else [cookie], session)
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, FlaskSession):
            raise TypeError(f"the session is not one that this interface opened: {type(session).__name__}")
        # Flask answers an exception that nobody handled while it is still the current one.
        if response.status_code >= 500 and sys.exc_info()[0] is not None:
            session._abandon()
        if session.accessed:
            if "Vary" in response.headers:
                response.vary.add("Cookie")
            else:
                response.headers["Vary"] = "Cookie"  # response.vary, always, took 6 µs more
        session._close(_ANSWER_IS_READY)
        cookie = self.sessions.commit(session)
        if cookie is not None:
            if session.id is not None and session.permanent:
                lifetime = int(app.permanent_session_lifetime.total_seconds())
                cookie = replace(self.sessions.cookie, max_age=lifetime).set_cookie(session.id)
            response.headers.add("Set-Cookie", cookie)
            response.headers["Cache-Control"] = "no-store"
