"""One session in memory: a mapping. No I/O here, and nothing to await: it is loaded before the handler runs.

Reading and writing follow Astro's ``AstroSession``, down to the order of the keys in the stored text.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, MutableMapping
from datetime import datetime
from typing import Any, Literal, NoReturn, TypeAlias, TypeVar, overload

from devalue.errors import EncodeError
from devalue.sessions.changes import Changes
from devalue.sessions.errors import SessionClosed, SessionError
from devalue.sessions.ids import new_session_id, short_id
from devalue.sessions.keys import SessionKey, key_name
from devalue.sessions.text import Entries, check_value, entry_data, make_entry
from devalue.types.keys import normal_key

__all__ = ["Session", "epoch_milliseconds"]

T = TypeVar("T")
D = TypeVar("D")

# Values of these types cannot be mutated in place, so reading them needs no comparison when the session is saved.
_IMMUTABLE = frozenset({str, int, float, bool, type(None), datetime})

_MISSING: Any = object()
_SAFE_INTEGER = 2**53 - 1

# Named out here, for inside the class "set" is a method.
_Keys: TypeAlias = set[Any]


def epoch_milliseconds() -> int:
    """JavaScript's ``Date.now()``."""
    return time.time_ns() // 1_000_000


class Session(MutableMapping[str, Any]):
    """The session of one visitor during one request: ``session["cart"]``, and the whole API that Astro has.

    Values are those that devalue carries. ``set`` checks at once that JavaScript can read the value back; what is
    stored is the value as it is when the session is saved, so a list or dict may also be changed in place.

    A session belongs to one request and is not meant for several threads at once. It cannot be copied or pickled:
    ``dict(session)`` is a copy of its data.
    """

    def __init__(self, *, ttl: float | None = None) -> None:
        self.accessed = False
        """Whether anything was read or written, so that the answer depends on the cookie."""
        self._ttl = ttl
        self._temporal = False
        self._loader: Callable[[Session, str], Any] | None = None
        self._had_cookie = False
        self._cookie: Literal["set", "delete"] | None = None
        self._doomed: list[str] = []
        self._closed = ""
        self._cookies_closed = ""
        self._gone = False
        self._failure: SessionError | None = None
        self._attach(None, None, {})

    # The mapping ---------------------------------------------------------------------------------------------

    @overload
    def __getitem__(self, key: SessionKey[T]) -> T: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def __getitem__(self, key: Any) -> Any:
        value = self._find(key)
        if value is _MISSING:
            raise KeyError(key.name if isinstance(key, SessionKey) else key)
        return value

    @overload
    def __setitem__(self, key: SessionKey[T], value: T) -> None: ...
    @overload
    def __setitem__(self, key: str, value: Any) -> None: ...
    def __setitem__(self, key: Any, value: Any) -> None:
        self.set(key, value)

    def __delitem__(self, key: str | SessionKey[Any]) -> None:
        if key not in self:
            raise KeyError(key.name if isinstance(key, SessionKey) else key)
        self.delete(key)

    def __contains__(self, key: object) -> bool:
        return _normal(key) in self._read()

    def __iter__(self) -> Iterator[str]:
        return iter([key for key, _ in self._read().values()])

    def __len__(self) -> int:
        return len(self._read())

    @overload
    def get(self, key: SessionKey[T], /) -> T | None: ...
    @overload
    def get(self, key: SessionKey[T], /, default: T) -> T: ...
    @overload
    def get(self, key: SessionKey[T], /, default: D) -> T | D: ...
    @overload
    def get(self, key: str, /) -> Any: ...
    @overload
    def get(self, key: str, /, default: Any) -> Any: ...
    def get(self, key: Any, /, default: Any = None) -> Any:
        """The value of a key, or ``default``."""
        value = self._find(key)
        return default if value is _MISSING else value

    def popitem(self) -> tuple[str, Any]:
        """Remove and return the last key with its value, as a dict does."""
        for key in reversed(list(self)):
            return key, self.pop(key)
        raise KeyError("the session is empty")

    def clear(self) -> None:
        """Delete every key; the session itself, with its id, stays. ``destroy`` ends it."""
        for key in list(self):
            self.delete(key)

    def __ior__(self, other: Any) -> Session:
        self.update(other)
        return self

    # What Astro has beyond a mapping --------------------------------------------------------------------------

    @overload
    def set(self, key: SessionKey[T], value: T, *, ttl: float | None = None) -> None: ...
    @overload
    def set(self, key: str, value: Any, *, ttl: float | None = None) -> None: ...
    def set(self, key: Any, value: Any, *, ttl: float | None = None) -> None:
        """Set a key, for ``ttl`` seconds; by default as long as the manager's ``ttl`` says, else for good.

        Raises:
            EncodeError: JavaScript could not read the value back; the session is as it was.
            SessionKeyError: the key is empty.
            TypeError, ValueError: ``ttl`` is no finite number.
            SessionClosed: the answer has begun.
        """
        name = key_name(key)
        expires = _expires(self._ttl if ttl is None else ttl)
        check_value(name, value, temporal=self._temporal)
        self._writable()
        if self._id is None:
            self._new_id()
        self._items[name] = (name, make_entry(value, expires))
        self._set.add(name)
        self._deleted.discard(name)
        self._cookie = "set"

    def has(self, key: str | SessionKey[Any]) -> bool:
        """Whether the key is there: ``key in session``."""
        return key in self

    def delete(self, key: str | SessionKey[Any]) -> None:
        """Delete a key; nothing happens where there is none."""
        self._writable()
        normal = _normal(key)
        self._items.pop(normal, None)
        self._set.discard(normal)
        if normal in self._loaded:
            self._deleted.add(normal)

    def destroy(self) -> None:
        """End the session: its data are deleted, its cookie too. What is set afterwards begins a new session."""
        self.accessed = True
        if self._closed:
            raise SessionClosed(self._closed)
        if self._stored_id is not None:
            self._doomed.append(self._stored_id)
        self._failure = None
        self._cookie = "delete" if self._had_cookie else None
        self._attach(None, None, {})

    def regenerate(self) -> None:
        """Give the session a new id, as after a login; the data stay, the old id is dead when the answer arrives."""
        self._writable()
        self._merge()
        if self._stored_id is None and self._id is None:
            return
        self._new_id()
        self._moved = self._stored_id is not None
        self._cookie = "set"

    def load(self, session_id: str) -> Any:
        """Become the session of another id; changes made so far are dropped. Await the result in an async app.

        An id that the store does not know gives an empty session, which gets an id of its own when written.

        Raises:
            SessionError: the store failed, or the data cannot be read.
        """
        self._writable()
        if self._loader is None:
            raise SessionError("this session was made without a store to load from")
        if self._cookies_closed:
            raise SessionClosed(self._cookies_closed)
        return self._loader(self, session_id)

    @property
    def id(self) -> str | None:
        """The id, a version 4 UUID; None for a visitor without a session, until something is set."""
        return self._id

    @property
    def is_new(self) -> bool:
        """Whether the store holds nothing of this session yet."""
        return self._stored_id is None

    @property
    def modified(self) -> bool:
        """Whether something was set, deleted, destroyed or regenerated. Values changed in place are found on saving.

        Setting it to True saves the session even where nothing changed, which renews the store's own expiry.
        """
        return bool(self._set or self._deleted or self._touched or self._moved or self._doomed)

    @modified.setter
    def modified(self, value: bool) -> None:
        self._writable()
        self._touched = value

    def mark_accessed(self) -> None:
        """Say that the answer depends on the session; Starlette calls it for each ``request.session``."""
        self.accessed = True

    def __repr__(self) -> str:
        # No values, and no whole id: both would end up in logs.
        name = short_id(self._id) if self._id else "new"
        return f"<{type(self).__name__} {name}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a session belongs to one request and cannot be copied or pickled; dict(session) can")

    # For the protocol, the managers and the frameworks --------------------------------------------------------

    def _attach(self, session_id: str | None, text: bytes | None, entries: Entries) -> None:
        """Take what was just read from the store, or written to it, as the state that changes start from."""
        self._id = self._stored_id = session_id
        self._text = text
        self._loaded = entries
        self._items: Entries = {}
        self._unread = True
        self._set: _Keys = _Keys()
        self._deleted: _Keys = _Keys()
        self._exposed: _Keys = _Keys()
        self._touched = False
        self._moved = False

    def _begin(self) -> Changes:
        """Take the changes made so far out of the session, to be saved; changes made meanwhile come on top."""
        self._merge()
        forced = self._touched or self._moved
        exposed = self._exposed.copy()
        changes = Changes(self._text, dict(self._items), self._set, self._deleted, exposed, forced, self._temporal)
        self._set, self._deleted, self._touched = _Keys(), _Keys(), False
        return changes

    def _saved(self, changes: Changes, session_id: str, text: bytes, entries: Entries) -> None:
        """The store now holds this."""
        items, assigned, deleted, touched = self._items, self._set, self._deleted, self._touched
        # Objects that the app still holds are watched on.
        held = self._exposed | changes.assigned
        self._attach(session_id, text, entries)
        self._unread = False
        self._items = dict(entries)
        for normal in deleted:
            self._items.pop(normal, None)
        for normal in assigned:
            self._items[normal] = items[normal]
        self._set, self._deleted, self._touched = assigned, deleted, touched
        self._exposed = held.intersection(self._items)

    def _not_saved(self, changes: Changes) -> None:
        """Saving failed: the changes are to be made yet."""
        self._set |= changes.assigned - self._deleted
        self._deleted |= changes.deleted - self._set
        self._touched = self._touched or (changes.forced and not self._moved)

    def _abandon(self) -> None:
        """The request failed: forget what it changed, but a destroy, such as a logout, still holds."""
        self._attach(None, None, {})
        self._cookie = "delete" if self._doomed and self._had_cookie else None

    def _changed_in_place(self) -> bool:
        """Whether a value that was handed out was changed since the session was loaded or saved."""
        if not self._exposed or self._stored_id is None or self._failure is not None:
            return False
        watched = Changes(self._text, self._items, _Keys(), _Keys(), self._exposed)
        try:
            return watched.text() is not None
        except EncodeError:
            return True

    def _close(self, reason: str) -> None:
        """From now on a change is an error."""
        self._closed = reason

    def _close_cookies(self, reason: str) -> None:
        """From now on what would need a Set-Cookie is an error: a new session, a new id."""
        self._cookies_closed = reason

    def _find(self, key: Any) -> Any:
        normal = _normal(key)
        pair = self._read().get(normal)
        if pair is None:
            return _MISSING
        value = entry_data(pair[1])
        if type(value) not in _IMMUTABLE:
            self._exposed.add(normal)
        return value

    def _read(self) -> Entries:
        self.accessed = True
        if self._failure is not None:
            raise self._failure
        self._merge()
        return self._items

    def _merge(self) -> None:
        # As in Astro: what was set before the first read stands before the stored keys, what is set later behind.
        if self._unread:
            self._unread = False
            if not self._items and not self._deleted:
                self._items = self._loaded.copy()
                return
            for normal, pair in self._loaded.items():
                if normal not in self._items and normal not in self._deleted:
                    self._items[normal] = pair

    def _writable(self) -> None:
        self.accessed = True
        if self._failure is not None:
            raise self._failure
        if self._closed:
            raise SessionClosed(self._closed)

    def _new_id(self) -> None:
        if self._cookies_closed:
            raise SessionClosed(self._cookies_closed)
        self._id = new_session_id()


def _normal(key: Any) -> Any:
    if type(key) is str:
        return key
    return normal_key(key.name if isinstance(key, SessionKey) else key)


def _expires(ttl: float | None) -> float | None:
    if ttl is None:
        return None
    if isinstance(ttl, bool) or not isinstance(ttl, (int, float)):
        raise TypeError(f"ttl is a number of seconds, not {type(ttl).__name__}")
    try:
        expires = epoch_milliseconds() + float(ttl) * 1000
    except OverflowError:
        expires = math.inf
    if not math.isfinite(expires):
        raise ValueError(f"ttl is a finite number of seconds, not {ttl!r:.20}")
    return int(expires) if expires.is_integer() and abs(expires) <= _SAFE_INTEGER else expires
