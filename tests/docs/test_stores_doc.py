"""docs/stores.md names URLs, classes and options that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from devalue.sessions import stores
from devalue.sessions.stores import open_async_store, open_store

TEXT = (Path(__file__).parents[2] / "docs" / "stores.md").read_text()
ROWS = [[cell.strip(" `") for cell in line.split("|")[2:4]] for line in TEXT.splitlines() if line.startswith("| [")]


@pytest.mark.parametrize(("url", "name"), ROWS)
def test_each_url_of_the_table_opens_the_class_beside_it(url: str, name: str) -> None:
    with open_store(url) as store:
        assert type(store) is getattr(stores, name)
    assert type(open_async_store(url)) is getattr(stores, f"Async{name}")


def test_every_kind_of_store_is_in_the_table() -> None:
    assert {name for _, name in ROWS} == set(stores.CLASSES)


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL))
def test_each_example_runs(code: str) -> None:
    if "redis.RedisCluster(" in code:
        compile(code, "stores.md", "exec")  # asks a cluster when it is made; tests/sessions/test_redis_store.py has one
        return
    exec("from devalue.sessions import Sessions\nfrom devalue.sessions.stores import open_store\n" + code, {})


def test_every_url_in_the_text_can_be_opened() -> None:
    urls = re.findall(r"(?:redis|file|sqlite|postgresql|mysql)://[^\s`'\")]+", TEXT)
    assert len(urls) > 10
    for url in urls:
        open_store(url).close()
