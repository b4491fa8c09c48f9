"""A store from a URL; the module of a store, and with it the client it needs, is imported when one is opened."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from devalue.sessions.stores.base import AsyncStore, Store

__all__ = ["ASYNC_CLASSES", "CLASSES", "load_class", "open_async_store", "open_store"]

CLASSES: Final = {
    "MemoryStore": "memory",
    "FileStore": "files",
    "RedisStore": "redis",
    "SQLiteStore": "sqlite",
    "PostgresStore": "postgres",
    "MySQLStore": "mysql",
}
"""Name of a class -> its module here; each has an asyncio twin of the name ``Async…``."""
ASYNC_CLASSES: Final = {f"Async{name}": module for name, module in CLASSES.items()}

_EXTRAS: Final = {"redis": "redis", "psycopg": "postgres", "pymysql": "mysql"}
"""Client that a store's module imports -> the extra that installs it."""


def open_store(url: str) -> Store:
    """The store that ``url`` names; close it, or use it as a context manager.

    - ``memory:`` this process only
    - ``file:///folder`` unstorage's ``fs-lite`` driver, Astro's default on Node
    - ``redis://host:6379/0?base=…&ttl=…`` unstorage's driver of this name, with its options ``base`` and ``ttl``
      (seconds); also ``rediss:`` and ``unix:``; other options are redis-py's
    - ``sqlite:///file`` db0's table in a SQLite file
    - ``postgresql://user@host/db`` db0's table; other options are libpq's
    - ``mysql://user@host/db`` db0's table, also in MariaDB; ``unix_socket``, ``ssl_ca``, ``ssl_cert``, ``ssl_key``

    ``file:folder`` and ``sqlite:file`` are relative to the working directory. Options of all but the first:
    ``timeout`` (seconds); of the SQL ones: ``table``. Connections are made when the store is first used.

    Raises ValueError for a URL that is none of these, and ModuleNotFoundError, with the command that installs it, where
    the client is missing.
    """
    store: Store = _open(url, "")
    return store


def open_async_store(url: str) -> AsyncStore:
    """The asyncio twin of ``open_store``."""
    store: AsyncStore = _open(url, "Async")
    return store


def load_class(name: str) -> Any:
    """A store's class by its name."""
    module = {**CLASSES, **ASYNC_CLASSES}[name]
    try:
        return getattr(import_module(f"devalue.sessions.stores.{module}"), name)
    except ModuleNotFoundError as error:
        client = (error.name or "").partition(".")[0]
        extra = _EXTRAS.get(client)
        if extra is None:
            raise
        raise ModuleNotFoundError(
            f"{name} needs the package {client}: pip install 'devalue[{extra}]'", name=error.name
        ) from error


_Options: TypeAlias = dict[str, Callable[[str], Any]]


class _Scheme(NamedTuple):
    class_name: str
    options: _Options
    """Options of ours in the query: name -> what reads it. Others are the client's."""
    is_path: bool = False


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise ValueError(f"must be a positive number of seconds, not {text!r}")
    return seconds


_SERVER: Final[_Options] = {"timeout": _seconds}
_SQL: Final[_Options] = {**_SERVER, "table": str}
_REDIS: Final = _Scheme("RedisStore", {**_SERVER, "base": str, "ttl": _seconds})
_POSTGRES: Final = _Scheme("PostgresStore", _SQL)
_SCHEMES: Final = {
    "memory": _Scheme("MemoryStore", {}, is_path=True),
    "file": _Scheme("FileStore", _SERVER, is_path=True),
    "redis": _REDIS,
    "rediss": _REDIS,
    "unix": _REDIS,
    "sqlite": _Scheme("SQLiteStore", _SQL, is_path=True),
    "postgresql": _POSTGRES,
    "postgres": _POSTGRES,
    "mysql": _Scheme("MySQLStore", _SQL),
    "mariadb": _Scheme("MySQLStore", _SQL),
}


def _open(url: str, prefix: str) -> Any:
    name, colon, _ = url.partition(":")
    scheme = _SCHEMES.get(name.lower())
    if not colon or scheme is None:
        # Without the text: it may hold a password.
        raise ValueError(f"a store's URL starts with one of {', '.join(f'{known}:' for known in _SCHEMES)}")
    rest, options = _split_options(url, scheme)
    cls = load_class(prefix + scheme.class_name)
    if not scheme.is_path:
        return cls.from_url(rest, **options)
    return cls(*_path(name, rest), **options)


def _split_options(url: str, scheme: _Scheme) -> tuple[str, dict[str, Any]]:
    """The URL without our own options, and these."""
    head, mark, query = url.partition("?")
    ours: dict[str, Any] = {}
    others = []
    for name, text in parse_qsl(query, keep_blank_values=True):
        if name not in scheme.options:
            if scheme.is_path:
                known = ", ".join(scheme.options) or "none"
                raise ValueError(f"unknown option in the store's URL: {name} (known: {known})")
            others.append((name, text))
            continue
        try:
            ours[name] = scheme.options[name](text)
        except ValueError as error:
            raise ValueError(f"the option {name} of the store's URL: {error}") from None
    return head + (mark + urlencode(others) if others else ""), ours


def _path(scheme: str, url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    path = unquote(parts.path)
    if scheme == "memory":
        if parts.netloc or path:
            raise ValueError("memory: takes no path: each such store is a new one")
        return ()
    if parts.netloc or not path:
        raise ValueError(f"write {scheme}:///absolute/path or {scheme}:relative/path")
    return (path,)
