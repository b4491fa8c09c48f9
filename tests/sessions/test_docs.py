"""The examples of docs/sessions.md run as they stand."""

from __future__ import annotations

import asyncio
import importlib
import re
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from devalue.sessions import Session

DOCS = Path(__file__).resolve().parents[2] / "docs" / "sessions.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", DOCS.read_text(), re.DOTALL | re.MULTILINE)
APPS = [block for block in BLOCKS if block.startswith("# app.py: ")]
OTHERS = [block for block in BLOCKS if not block.startswith(("# app.py: ", "# settings.py"))]

ID = "52c3ea4c-5a44-4eb2-96c8-8a3cbb2bd0d5"


@pytest.fixture
def astro_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A session that Astro made, in the directory of an Astro app."""
    monkeypatch.chdir(tmp_path)
    directory = tmp_path / "node_modules" / ".astro" / "sessions"
    directory.mkdir(parents=True)
    file = directory / ID
    file.write_bytes(b'[["Map",1,2],"cart",{"data":3,"expires":-1},[4],"shoe"]')
    return file


def run(block: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Import the example as the module that its reader would make of it."""
    (folder / "app.py").write_text(block)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "app", raising=False)
    return vars(importlib.import_module("app"))


def test_there_is_an_example_for_each_framework() -> None:
    frameworks = [
        re.findall(r"^from (starlette|fastapi|litestar|flask) import|^from (starlette)", b, re.M) for b in APPS
    ]
    assert len(frameworks) == 4


@pytest.mark.parametrize("block", APPS, ids=["starlette", "fastapi", "litestar", "flask"])
def test_each_app_adds_to_the_cart_that_astro_made(
    block: str, astro_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = run(block, tmp_path, monkeypatch)["app"]
    if "flask" in block:
        client = app.test_client()
        client.set_cookie("astro-session", ID)
        answer = client.get("/api/add").json
    else:
        answer = asyncio.run(get(app)).json()
    assert answer == ["shoe", "hat"]
    assert astro_file.read_bytes() == b'[["Map",1,2],"cart",{"data":3,"expires":-1},[4,5],"shoe","hat"]'


async def get(app: Any) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.get("/api/add", headers={"cookie": f"astro-session={ID}"})


@pytest.mark.parametrize("block", OTHERS, ids=["manager", "typed keys"])
def test_the_other_examples_run(block: str, astro_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = run(block, tmp_path, monkeypatch)
    if "set_cookie" in names:
        assert names["set_cookie"] == f"astro-session={ID}; Path=/; HttpOnly; Secure; SameSite=Lax"
    else:
        assert names["add"](Session(), "shoe") == 1
