"""What went wrong in other session libraries and caches, each as a test that it cannot go wrong here.

The codec's half is tests/codec/test_faults_of_others.py; redis-py CVE-2023-28858 is in test_store_faults.py, beside a
real server.
"""

from __future__ import annotations

import ast
import asyncio
import os
import pickle
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import devalue
from devalue.sessions import AsyncSessions, CookieOptions, Session, SessionDataError, Sessions, StoreError
from devalue.sessions.asgi import SessionMiddleware
from devalue.sessions.stores.files import FileStore
from devalue.sessions.stores.memory import AsyncMemoryStore, MemoryStore
from tests.sessions.one_session import ID

COOKIE = CookieOptions(secure=False)


def answer(store: MemoryStore, use: Callable[[Session], object], cookie: str = ID) -> httpx.Response:
    """The answer of an app that uses the session so, to a visitor with this cookie."""

    async def endpoint(request: Request) -> Response:
        assert isinstance(request.session, Session)
        use(request.session)
        return JSONResponse(None)

    app = Starlette(routes=[Route("/", endpoint)])
    app.add_middleware(SessionMiddleware, sessions=AsyncSessions(AsyncMemoryStore(store), cookie=COOKIE))

    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.get("/", headers={"cookie": f"astro-session={cookie}"})

    return asyncio.run(go())


def imported(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_flask_caching_cve_2021_33026_nothing_is_unpickled_or_evaluated() -> None:
    sources = [*Path(devalue.__file__).parent.rglob("*.py")]
    assert len(sources) > 30
    for source in sources:
        assert not imported(source) & {"pickle", "_pickle", "marshal", "shelve", "dbm", "copyreg"}, source
        calls = {getattr(node.func, "id", "") for node in ast.walk(ast.parse(source.read_text()))
                 if isinstance(node, ast.Call)}  # fmt: skip
        assert not calls & {"eval", "exec", "__import__"}, source


def test_flask_caching_cve_2021_33026_a_pickle_in_the_store_is_only_bytes(tmp_path: Path) -> None:
    store, mark = MemoryStore(), tmp_path / "executed"
    store.compare_and_set(ID, None, pickle.dumps(Touch(mark)))
    with pytest.raises(SessionDataError):
        Sessions(store).load(ID)
    assert not mark.exists()


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize(
    "name",
    [ID.replace("5", "\uff15"), ID + "\u200b", ID + ".", " " + ID, "/" + ID, ID.replace("-", "\u2010"), "x" * 36],
    ids=ascii,
)
def test_litestar_cve_2026_25480_no_other_name_reaches_the_file_of_a_session(tmp_path: Path, name: str) -> None:
    store = FileStore(tmp_path / "sessions")
    store.compare_and_set(ID, None, b"text")
    with pytest.raises(StoreError, match="no session id"):
        store.get(name)
    with pytest.raises(StoreError, match="no session id"):
        store.compare_and_set(name, None, b"other")
    assert os.listdir(tmp_path / "sessions") == [ID]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_django_cve_2026_25674_and_2020_24584_modes_do_not_come_from_the_umask(tmp_path: Path, umask: int) -> None:
    store = FileStore(tmp_path / "sessions")
    before = os.umask(umask)
    try:
        assert store.compare_and_set(ID, None, b"first")
        assert store.compare_and_set(ID, b"first", b"second")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "sessions").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "sessions" / ID).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "use",
    [lambda session: session.get("a"), lambda session: "a" in session, lambda session: session.pop("a", 1), len, list],
    ids=["get", "in", "pop", "len", "list"],
)
def test_flask_cve_2023_30861_and_django_cve_2026_35192_any_access_varies_by_cookie(
    use: Callable[[Session], object],
) -> None:
    assert answer(MemoryStore(), use).headers["vary"] == "Cookie"


def test_flask_cve_2023_30861_an_answer_that_sets_the_cookie_is_not_stored_by_caches() -> None:
    headers = answer(MemoryStore(), lambda session: session.update(user=7)).headers
    assert "set-cookie" in headers
    assert headers["cache-control"] == "no-store"
    assert headers["vary"] == "Cookie"


@pytest.mark.parametrize(
    "planted",
    ["9b2f6c1e-4d3a-4f58-8e21-0c7d5a9b3e64", "x", "", "../../etc/passwd", "e3abff64-e75e-11f1-be82-02fc00000001"],
)
def test_starsessions_and_litestar_fixation_an_id_that_the_store_does_not_know_is_not_adopted(planted: str) -> None:
    store = MemoryStore()
    headers = answer(store, lambda session: session.update(user=7), planted).headers
    (issued,) = store.keys()
    assert issued != planted
    assert f"astro-session={issued}" in headers["set-cookie"]


def test_starsessions_and_litestar_fixation_the_id_before_a_login_is_dead_when_its_answer_arrives() -> None:
    store = MemoryStore()
    session = Session()
    session["cart"] = ["shoe"]
    Sessions(store).commit(session)
    before = session.id
    assert before is not None
    answer(store, lambda session: (session.regenerate(), session.update(user=7)), before)
    assert store.get(before) is None
    assert len([*store.keys()]) == 1


def test_litestar_an_answer_to_a_request_that_only_reads_sets_no_cookie() -> None:
    headers = answer(MemoryStore(), lambda session: session.get("user")).headers
    assert "set-cookie" not in headers
    assert headers["vary"] == "Cookie"
