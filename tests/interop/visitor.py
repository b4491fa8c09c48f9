"""A browser reduced to what sessions need: one cookie jar in front of both servers (cookies ignore ports)."""

from __future__ import annotations

import http.client
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import devalue

TIMEOUT_SECONDS = 60.0
Step = Sequence[Any]


@dataclass(frozen=True)
class App:
    """One of the two servers: POST /run takes a devalue list of steps and answers the list of their results."""

    name: str
    port: int

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header_values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def set_cookies(self) -> list[str]:
        return self.header_values("set-cookie")

    @property
    def results(self) -> list[Any]:
        assert self.status == 200, f"{self.status}: {self.body[:2000]!r}"
        results: list[Any] = devalue.parse(self.body)
        return results


@dataclass
class Visitor:
    cookie_name: str = "astro-session"
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str | None:
        return self.cookies.get(self.cookie_name)

    def run(self, app: App, *steps: Step) -> list[Any]:
        """Runs the steps in one request and returns one result per step."""
        return self.ask(app, *steps).results

    def ask(self, app: App, *steps: Step) -> Answer:
        return self.post(app, "/run", devalue.stringify(list(steps)).encode())

    def post(self, app: App, path: str, body: bytes, timeout: float = TIMEOUT_SECONDS) -> Answer:
        headers = {"Content-Type": "application/json"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=timeout)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()
        for cookie in answer.set_cookies:
            self._take(cookie)
        return answer

    def _take(self, cookie: str) -> None:
        name, value = cookie.split(";")[0].split("=", 1)
        if "Expires=Thu, 01 Jan 1970" in cookie:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value

    def copy(self) -> Visitor:
        """A second tab, or a request that left before the answers of others arrived."""
        return Visitor(self.cookie_name, dict(self.cookies))


@dataclass(frozen=True)
class Sent:
    visitor: Visitor
    answer: Answer


def send(tab: Visitor, app: App, steps: Sequence[Step]) -> Sent:
    return Sent(tab, tab.ask(app, *steps))


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Waits until something comes true that a server does behind its answer; False when it never does."""
    deadline = time.monotonic() + seconds
    while not (true := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return true


def all_at_once(visitor: Visitor, requests: Sequence[tuple[App, Sequence[Step]]]) -> list[Sent]:
    """Sends the requests in parallel, each with the cookies as they are now."""
    with ThreadPoolExecutor(len(requests)) as pool:
        sent = [pool.submit(send, visitor.copy(), app, steps) for app, steps in requests]
        return [each.result() for each in sent]


class Held:
    """Requests that have read their session and wait to go on; the session each began with is theirs by then."""

    def __init__(self, visitor: Visitor, requests: Sequence[tuple[App, Sequence[Step]]], folder: Path) -> None:
        self._go = folder / f"go-{uuid.uuid4()}"
        told = [folder / f"told-{uuid.uuid4()}" for _ in requests]
        self._pool = ThreadPoolExecutor(len(requests))
        self._sent: list[Future[Sent]] = []
        for (app, steps), file in zip(requests, told, strict=True):
            held: list[Step] = [["keys"], ["tell", str(file)], ["wait for", str(self._go)], *steps]
            self._sent.append(self._pool.submit(send, visitor.copy(), app, held))
        assert eventually(lambda: all(file.exists() for file in told))

    def go_on(self) -> list[Sent]:
        """Lets them go on, all at once, and waits for their answers."""
        self._go.touch()
        with self._pool:
            return [sent.result() for sent in self._sent]
