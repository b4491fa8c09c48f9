"""Django: a session engine, and the session middleware to go with it.

::

    SESSION_ENGINE = "devalue.sessions.django"
    SESSION_COOKIE_NAME = "astro-session"
    DEVALUE_SESSION_STORE = "redis://localhost:6379/0"     # a URL for open_store, or a Store
    MIDDLEWARE = [..., "devalue.sessions.django.SessionMiddleware", ...]   # in the place of Django's own

``request.session`` has Django's whole interface; login, logout and messages work. Values are those that devalue
carries, whatever ``SESSION_SERIALIZER`` says. Django's expiry (``SESSION_COOKIE_AGE``, ``set_expiry``) becomes the
expiry of each key that Django sets, which Astro respects; it is renewed with each save, as in Django's own engines.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponseBase

from devalue.sessions.ids import is_session_id, new_session_id
from devalue.sessions.manager import Sessions, run
from devalue.sessions.protocol import create
from devalue.sessions.session import Session, epoch_milliseconds
from devalue.sessions.stores import Store, open_store

__all__ = ["SessionMiddleware", "SessionStore"]

# An entry that has this field, true, was last set by Django: each save of Django's renews its expiry. Astro keeps
# fields that it does not know, and drops this one when it sets the key itself, without Django's expiry.
_SLIDING = "sliding"

_managers: dict[str, Sessions] = {}
_managers_lock = Lock()


class SessionStore(SessionBase):  # type: ignore[misc]
    """Django's session of one visitor, kept in a store that Astro shares.

    Raises:
        StoreError: the store failed.
        SessionDataError: the stored data cannot be read; they are left untouched.
        EncodeError: a value that JavaScript could not read.
    """

    _session_cache: Session

    def load(self) -> Session:
        session = _manager().load(self.session_key) if self.session_key else Session()
        self._session_key = session.id
        return session

    def exists(self, session_key: str | None) -> bool:
        return (
            bool(session_key) and self._validate_session_key(session_key) and _store().get(str(session_key)) is not None
        )

    def create(self) -> None:
        session = Session()
        run(_store(), create(session))
        self._session_cache = session
        self._session_key = session.id
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        if must_create and self.exists(self.session_key):
            raise CreateError
        session = self._get_session(no_load=must_create)
        expires = epoch_milliseconds() + self.get_expiry_age() * 1000
        _slide(session, expires)
        if session.is_new:
            run(_store(), create(session))
        else:
            session.modified = True
            _manager().commit(session)
        if session._gone:
            raise UpdateError
        self._session_key = session.id

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None and self._validate_session_key(key):
            _store().delete(key)

    def clear(self) -> None:
        self._session.clear()
        self.modified = True

    def flush(self) -> None:
        self.delete()
        self._session_cache = Session()
        self._session_key = None
        self.accessed = self.modified = True

    async def aflush(self) -> None:
        await sync_to_async(self.flush)()

    def cycle_key(self) -> None:
        session = self._session
        if session.is_new:
            session._new_id()
            return
        session.regenerate()
        _manager().commit(session)
        if session._gone:
            raise SessionInterrupted("the session ended elsewhere (logout or a new id) while it was to get a new id")
        self._session_key = session.id
        self.modified = True

    async def acycle_key(self) -> None:
        await sync_to_async(self.cycle_key)()

    @property
    def modified(self) -> bool:
        """Whether there is something to save; values changed in place count."""
        return self._modified or ("_session_cache" in self.__dict__ and self._session_cache._changed_in_place())

    @modified.setter
    def modified(self, value: bool) -> None:
        self._modified = value

    @classmethod
    def clear_expired(cls) -> None:
        _manager().gc()

    def _get_session(self, no_load: bool = False) -> Session:
        self.accessed = True
        if "_session_cache" not in self.__dict__:
            self._session_cache = Session() if no_load else self.load()
        return self._session_cache

    _session = property(_get_session)

    async def _aget_session(self, no_load: bool = False) -> Session:
        if "_session_cache" in self.__dict__ or no_load or self.session_key is None:
            return self._get_session(no_load)
        return await sync_to_async(self._get_session)()

    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key) and is_session_id(str(key))

    def _get_new_session_key(self) -> str:
        return new_session_id()

    async def _aget_new_session_key(self) -> str:
        return new_session_id()


class SessionMiddleware(DjangoSessionMiddleware):  # type: ignore[misc]
    """Django's session middleware, which also keeps an answer with a session cookie out of every cache."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        answer: Any = super().process_response(request, response)
        if settings.SESSION_COOKIE_NAME in answer.cookies:
            answer["Cache-Control"] = "no-store"
        return answer


def _slide(session: Session, expires: int) -> None:
    """Date what Django set, now or earlier."""
    session._merge()
    for normal, (key, entry) in session._items.items():
        if normal in session._set or (isinstance(entry, dict) and entry.get(_SLIDING) is True):
            session._items[normal] = (key, {"data": entry["data"], "expires": expires, _SLIDING: True})


def _manager() -> Sessions:
    source = getattr(settings, "DEVALUE_SESSION_STORE", None)
    if isinstance(source, Store):
        return Sessions(source)
    if not isinstance(source, str):
        raise ImproperlyConfigured(
            "DEVALUE_SESSION_STORE is the URL of a store, such as redis://localhost:6379/0, or a Store"
        )
    with _managers_lock:
        if source not in _managers:
            _managers[source] = Sessions(open_store(source))
        return _managers[source]


def _store() -> Store:
    return _manager().store
