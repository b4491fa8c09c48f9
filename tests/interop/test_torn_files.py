"""Astro truncates a session's file and then writes it; whoever reads in between finds it torn.

Astro's figures depend on timing, so they are shown (`pytest -s`, and the table at the end of the run), not asserted.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from . import astro_app
from .conftest import Figures, Shared
from .visitor import App, Visitor

files_only = pytest.mark.parametrize("shared", ["files"], indirect=True)
BIG = "x" * 3_000_000


@contextmanager
def rewriting(shared: Shared, visitor: Visitor) -> Iterator[None]:
    """Astro's own driver writes the session's file again and again, as fast as it can."""
    text = (shared.stored(visitor) or b"").decode()
    stop = threading.Event()

    def rewrite() -> None:
        while not stop.is_set():
            request = json.dumps({"folder": str(astro_app.SESSIONS), "id": visitor.id, "text": text, "times": 20})
            visitor.copy().post(shared.astro, "/rewrite", request.encode())

    thread = threading.Thread(target=rewrite)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def failed_reads(shared: Shared, app: App, times: int) -> int:
    """How many reads of a session fail, or find it empty, while its file is being rewritten."""
    visitor = shared.visitor()
    visitor.run(app, ["set", "big", BIG], ["set", "user", "ada"])
    failed = 0
    with rewriting(shared, visitor):
        for _ in range(times):
            answer = visitor.copy().ask(app, ["get", "user"])
            failed += answer.status != 200 or answer.results != ["ada"]
    return failed


@files_only
def test_a_file_under_constant_rewriting_is_never_read_torn(shared: Shared, figures: Figures) -> None:
    times = 40
    astro, python = failed_reads(shared, shared.astro, times), failed_reads(shared, shared.python, times)
    figures.add(shared, f"failed reads of {times} while Astro's driver rewrites 3 MB without a pause", astro, python)
    assert python == 0


def sessions_lost_under_load(shared: Shared, reader: App) -> tuple[int, int]:
    """Failed reads and destroyed sessions, while Astro serves requests that each write the 3 MB session."""
    visitor = shared.visitor()
    visitor.run(shared.astro, ["set", "big", BIG], ["set", "user", "ada"])
    writer = visitor.copy()
    requests = 30
    thread = threading.Thread(
        target=lambda: [writer.ask(shared.astro, ["get", "user"], ["set", "n", n]) for n in range(requests)]
    )
    thread.start()
    failed = 0
    while thread.is_alive():
        answer = visitor.copy().ask(reader, ["get", "user"])
        failed += answer.status != 200 or answer.results != ["ada"]
    thread.join()
    return failed, int(shared.stored(visitor) is None)


@files_only
def test_reading_what_astro_writes_never_destroys_the_session(shared: Shared, figures: Figures) -> None:
    astro = sessions_lost_under_load(shared, shared.astro)
    python = sessions_lost_under_load(shared, shared.python)
    figures.add(shared, "failed reads, destroyed sessions while Astro's requests write 3 MB", astro, python)
    assert python == (0, 0)


@files_only
def test_astro_never_reads_torn_what_python_writes(shared: Shared) -> None:
    visitor = shared.visitor()
    visitor.run(shared.python, ["set", "big", BIG], ["set", "user", "ada"])
    writer = visitor.copy()
    thread = threading.Thread(target=lambda: [writer.run(shared.python, ["set", "n", n]) for n in range(20)])
    thread.start()
    while thread.is_alive():
        assert visitor.run(shared.astro, ["get", "user"]) == ["ada"]
    thread.join()
    assert visitor.run(shared.astro, ["get", "n"]) == [19]


@files_only
def test_session_files_are_for_their_owner_alone(shared: Shared, figures: Figures) -> None:
    def mode(app: App) -> str:
        visitor = shared.visitor()
        visitor.run(app, ["set", "a", 1])
        assert visitor.id is not None
        return oct((astro_app.SESSIONS / visitor.id).stat().st_mode & 0o777)

    astro, python = mode(shared.astro), mode(shared.python)
    figures.add(shared, "mode of a session's file", astro, python)
    assert python == "0o600"
