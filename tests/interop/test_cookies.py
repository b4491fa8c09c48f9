"""The cookie is the same cookie, byte for byte, whoever sends it."""

from __future__ import annotations

import re

import pytest

from .conftest import Shared
from .visitor import Answer, Step

UUID_V4 = re.compile(r"=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?=;)")


def cookies_with_any_id(answer: Answer) -> list[str]:
    return [UUID_V4.sub("=<id>", cookie) for cookie in answer.set_cookies]


# Each: requests of one visitor; compared is what the last one answers.
SEQUENCES: dict[str, list[list[Step]]] = {
    "a first set": [[["set", "a", 1]]],
    "a second set": [[["set", "a", 1]], [["set", "b", 2]]],
    "two sets in one request": [[["set", "a", 1], ["set", "b", 2]]],
    "a get alone": [[["get", "a"]]],
    "a get of a session": [[["set", "a", 1]], [["get", "a"]]],
    "a delete": [[["set", "a", 1], ["set", "b", 2]], [["delete", "a"]]],
    "regenerate": [[["set", "a", 1]], [["regenerate"]]],
    "destroy": [[["set", "a", 1]], [["destroy"]]],
}


def last_answer(shared: Shared, side: str, requests: list[list[Step]]) -> Answer:
    visitor, app = shared.visitor(), getattr(shared, side)
    answers = [visitor.ask(app, *steps) for steps in requests]
    assert [answer.status for answer in answers] == [200] * len(answers)
    return answers[-1]


@pytest.mark.parametrize("name", SEQUENCES)
def test_both_sides_send_the_same_cookie(shared: Shared, name: str) -> None:
    by_astro = last_answer(shared, "astro", SEQUENCES[name])
    by_python = last_answer(shared, "python", SEQUENCES[name])
    assert cookies_with_any_id(by_python) == cookies_with_any_id(by_astro)


@pytest.mark.parametrize("name", SEQUENCES)
def test_both_sides_send_the_same_cookie_with_every_option_set(configured: Shared, name: str) -> None:
    by_astro = last_answer(configured, "astro", SEQUENCES[name])
    by_python = last_answer(configured, "python", SEQUENCES[name])
    assert cookies_with_any_id(by_python) == cookies_with_any_id(by_astro)


def test_the_default_cookie_is_for_https_only(shared: Shared) -> None:
    for app in (shared.astro, shared.python):
        [cookie] = shared.visitor().ask(app, ["set", "a", 1]).set_cookies
        assert UUID_V4.sub("=<id>", cookie) == "astro-session=<id>; Path=/; HttpOnly; Secure; SameSite=Lax"


@pytest.mark.parametrize(
    "cookie",
    [
        "not-an-id",
        "../../etc/passwd",
        "%2e%2e%2fpackage.json",
        "11111111-1111-1111-8111-111111111111",  # version 1
        "11111111-1111-4111-8111-111111111111",  # well formed, and nobody's
    ],
)
def test_neither_side_takes_an_id_that_nobody_issued(shared: Shared, cookie: str) -> None:
    for app in (shared.astro, shared.python):
        visitor = shared.visitor()
        visitor.cookies[shared.cookie_name] = cookie
        assert visitor.run(app, ["get", "a"], ["set", "a", 1], ["id"])[2] == visitor.id != cookie
        assert shared.stored("11111111-1111-4111-8111-111111111111") is None


def test_python_tells_caches_what_the_answer_depends_on(shared: Shared) -> None:
    visitor = shared.visitor()
    written = visitor.ask(shared.python, ["set", "a", 1])
    assert written.header_values("cache-control") == ["no-store"]
    assert written.header_values("vary") == ["Cookie"]
    read = visitor.ask(shared.python, ["get", "a"])
    assert read.header_values("vary") == ["Cookie"]
    assert read.header_values("cache-control") == []
    untouched = visitor.ask(shared.python)
    assert untouched.header_values("vary") == []
