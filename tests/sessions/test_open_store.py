"""A store from a URL: which one, with which options, and what is said when there is none."""

from __future__ import annotations

import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from devalue.sessions import StoreError, stores
from devalue.sessions.stores import open_async_store, open_store
from devalue.sessions.stores._open import ASYNC_CLASSES, CLASSES

KINDS = ["memory:", "file:///tmp/x", "sqlite:///tmp/x.db", "redis://localhost", "postgresql://h/d", "mysql://h/d"]
SECRET = "hunter2"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("memory:", "MemoryStore"),
        ("memory://", "MemoryStore"),
        ("file:///tmp/sessions", "FileStore"),
        ("file:sessions", "FileStore"),
        ("redis://localhost", "RedisStore"),
        ("rediss://user:pw@localhost:6380/3?base=app&ttl=60&timeout=2", "RedisStore"),
        ("unix:///run/redis.sock?db=2", "RedisStore"),
        ("sqlite:///tmp/db.sqlite?table=other&timeout=0.5", "SQLiteStore"),
        ("sqlite:db.sqlite", "SQLiteStore"),
        ("postgresql://user@localhost/app?table=a.b&sslmode=disable", "PostgresStore"),
        ("postgres://localhost", "PostgresStore"),
        ("mysql://user:pw@localhost/app?table=t&unix_socket=/run/mysql.sock", "MySQLStore"),
        ("mariadb://localhost/app", "MySQLStore"),
        ("MYSQL://localhost/app", "MySQLStore"),
    ],
)
def test_the_scheme_names_the_store_and_nothing_is_connected_yet(url: str, name: str) -> None:
    with open_store(url) as store:
        assert type(store) is getattr(stores, name)
    assert type(open_async_store(url)) is getattr(stores, f"Async{name}")


@pytest.mark.parametrize("scheme", ["file", "sqlite"])
def test_a_path_may_be_relative_and_percent_encoded(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    key = "3b241101-e2bb-4255-8caf-4136c566a962"
    with open_store(f"{scheme}:my%20data/place%3F") as store:
        monkeypatch.chdir("/")
        assert store.compare_and_set(key, None, b"[]")
    assert (tmp_path / "my data" / "place?").exists()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "starts with one of memory:, file:, redis:"),
        ("/var/sessions", "starts with one of"),
        ("mongodb://localhost", "starts with one of"),
        ("memory:x", "takes no path"),
        ("memory:?ttl=1", "unknown option in the store's URL: ttl"),
        ("file:", "file:///absolute/path or file:relative/path"),
        ("file://folder/x", "file:///absolute/path"),
        ("file:///x?base=y", "unknown option in the store's URL: base"),
        ("sqlite:", "sqlite:///absolute/path"),
        ("sqlite:///x?mode=ro", r"unknown option in the store's URL: mode \(known: timeout, table\)"),
        ("sqlite:///x?table=a;b", "not a plain name of a table"),
        ("postgresql://h/d?table=a b", "not a plain name of a table"),
        ("mysql://h/d?table=", "not a plain name of a table"),
        ("redis://h?ttl=soon", "the option ttl of the store's URL: must be a positive number of seconds, not 'soon'"),
        ("redis://h?ttl=0", "ttl of the store's URL: must be a positive number of seconds"),
        ("redis://h?timeout=0", "timeout of the store's URL: must be a positive number of seconds"),
        ("mysql://h/d?timeout=-1", "timeout of the store's URL: must be a positive number of seconds"),
        ("postgresql://h/d?timeout=nan", "timeout of the store's URL: must be a positive number of seconds"),
        ("sqlite:///x?timeout=inf", "timeout of the store's URL: must be a positive number of seconds"),
        ("mysql://localhost", "not a URL of a MySQL database"),
        ("mysql://localhost/app?charset=latin1", "unknown option in the MySQL URL: charset"),
    ],
)
@pytest.mark.parametrize("open_it", [open_store, open_async_store])
def test_a_url_that_names_no_store_says_what_would(open_it: object, url: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        open_it(url)  # type: ignore[operator]


@pytest.mark.parametrize(
    "url",
    [
        f"{SECRET}@host",
        f"mongodb://user:{SECRET}@host",
        f"redis://user:x/{SECRET}@host",
        f"redis://:{SECRET}@host:port",
        f"postgresql//user:{SECRET}@host/db",
        f"postgresql://user:{SECRET}@host:port/db?nonsense={SECRET}",
        f"postgresql://user:{SECRET}@[host/db",
        f"mysql://user:{SECRET}/x@host:1/db",
        f"mysql://user:{SECRET}@host:port/db",
        f"mysql://user:{SECRET}@[host/db",
        f"sqlite://user:{SECRET}@host/x",
        f"file://user:{SECRET}@host/x",
    ],
)
def test_no_error_about_a_url_shows_its_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"\S") as caught:
        open_store(url)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("scheme", ["redis", "postgresql", "mysql"])
def test_no_error_of_a_client_shows_the_password(scheme: str) -> None:
    with open_store(f"{scheme}://user:{SECRET}@127.0.0.1:1/0") as store:
        with pytest.raises(StoreError) as caught:
            store.get("3b241101-e2bb-4255-8caf-4136c566a962")
        assert SECRET not in "".join(traceback.format_exception(caught.value))
        assert SECRET not in repr(store)


@pytest.mark.parametrize(
    ("url", "client", "command"),
    [
        ("redis://h", "redis", "pip install 'devalue[redis]'"),
        ("postgresql://h/d", "psycopg", "pip install 'devalue[postgres]'"),
        ("mysql://h/d", "pymysql", "pip install 'devalue[mysql]'"),
    ],
)
def test_a_missing_client_is_named_with_what_installs_it(url: str, client: str, command: str) -> None:
    script = f"""
import sys
sys.modules[{client!r}] = None
from devalue.sessions.stores import open_store
try:
    open_store({url!r})
except ModuleNotFoundError as error:
    print(error.name, error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{client} ")
    assert command in done.stdout


def test_no_client_is_imported_before_its_store_is_opened() -> None:
    script = "import sys, devalue.sessions, devalue.sessions.stores as s; s.open_store('memory:'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"redis", "psycopg", "pymysql", "sqlite3"} & set(done.stdout.split())


def test_every_store_is_named_by_the_package() -> None:
    for name in {*stores.__all__, *CLASSES, *ASYNC_CLASSES}:
        assert hasattr(stores, name), name
    assert {*CLASSES, *ASYNC_CLASSES} < set(stores.__all__)
    with pytest.raises(AttributeError, match="NoStore"):
        _ = stores.NoStore
