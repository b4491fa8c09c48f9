"""Requests at the same time: Astro saves the whole session and the last one wins, Python merges key by key.

Astro's figures depend on timing, so they are shown (`pytest -s`, and the table at the end of the run), not asserted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .conftest import Figures, Shared
from .visitor import App, Held, Step, all_at_once

PARALLEL = 20


def keys_that_survive(shared: Shared, app: App, steps: Callable[[int], list[Step]]) -> int:
    """How many of the keys are there, after as many parallel requests have set one each."""
    visitor = shared.visitor()
    visitor.run(app, ["set", "begun", True])
    all_at_once(visitor, [(app, steps(n)) for n in range(PARALLEL)])
    answer = visitor.ask(shared.python, ["keys"])
    if answer.status != 200:
        return 0  # Astro's writes to one file can mix: what is there is no session any more
    return sum(key.startswith("key ") for key in answer.results[0])


def test_parallel_requests_each_keep_the_key_they_set(shared: Shared, figures: Figures) -> None:
    def read_wait_set(n: int) -> list[Step]:
        return [["get", "begun"], ["sleep", 50], ["set", f"key {n}", n]]

    astro = keys_that_survive(shared, shared.astro, read_wait_set)
    python = keys_that_survive(shared, shared.python, read_wait_set)
    figures.add(shared, f"keys kept of {PARALLEL} parallel requests: read, wait, set", astro, python)
    assert python == PARALLEL


def test_parallel_requests_that_only_set_keep_their_keys_too(shared: Shared, figures: Figures) -> None:
    def only_set(n: int) -> list[Step]:
        return [["set", f"key {n}", n]]

    astro = keys_that_survive(shared, shared.astro, only_set)
    python = keys_that_survive(shared, shared.python, only_set)
    figures.add(shared, f"keys kept of {PARALLEL} parallel requests: set alone", astro, python)
    assert python == PARALLEL


def keys_of_others_that_survive(shared: Shared, slow: App, quick: App, folder: Path) -> int:
    """While one slow request holds the session, the other side sets keys, one request after the other."""
    visitor = shared.visitor()
    visitor.run(slow, ["set", "begun", True])
    held = Held(visitor, [(slow, [["set", "slow", True]])], folder)
    for n in range(10):
        visitor.run(quick, ["get", "begun"], ["set", f"key {n}", n])
    held.go_on()
    [keys] = visitor.run(shared.python, ["keys"])
    assert "slow" in keys
    return sum(key.startswith("key ") for key in keys)


def test_python_never_drops_a_key_that_astro_wrote_before_its_commit(
    shared: Shared, figures: Figures, tmp_path: Path
) -> None:
    astro = keys_of_others_that_survive(shared, shared.astro, shared.python, tmp_path)
    python = keys_of_others_that_survive(shared, shared.python, shared.astro, tmp_path)
    figures.add(shared, "keys of the other side, kept by a slow request, of 10", astro, python)
    assert python == 10


def test_many_slow_requests_of_python_keep_each_others_keys_and_those_of_astro(shared: Shared, tmp_path: Path) -> None:
    visitor = shared.visitor()
    visitor.run(shared.astro, ["set", "begun", True])
    requests: list[tuple[App, list[Step]]] = [(shared.python, [["set", f"python {n}", n]]) for n in range(PARALLEL)]
    held = Held(visitor, requests, tmp_path)
    for n in range(5):
        visitor.run(shared.astro, ["get", "begun"], ["set", f"astro {n}", n])
    held.go_on()
    [keys] = visitor.run(shared.astro, ["keys"])
    expected = ["begun", *(f"astro {n}" for n in range(5)), *(f"python {n}" for n in range(PARALLEL))]
    assert sorted(keys) == sorted(expected)


def test_python_writing_all_the_time_drops_no_key_of_astro(shared: Shared, figures: Figures) -> None:
    """Both write as fast as they can. Astro may overwrite a key of Python's; the other way round it never happens."""
    visitor = shared.visitor()
    visitor.run(shared.astro, ["set", "begun", True])
    astro_is_done = threading.Event()

    def write_in_python(worker: int) -> int:
        tab, n = visitor.copy(), 0
        while not astro_is_done.is_set():
            tab.run(shared.python, ["set", f"python {worker} {n % 10}", n])
            n += 1
        return n

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(write_in_python, worker) for worker in range(2)]
        try:
            for n in range(100):
                visitor.run(shared.astro, ["get", "begun"], ["set", f"astro {n}", n])
        finally:
            astro_is_done.set()
        written = sum(writer.result() for writer in writers)
    [keys] = visitor.run(shared.python, ["keys"])
    kept = sum(key.startswith("astro ") for key in keys)
    figures.add(shared, "Astro's keys kept of 100 while Python writes all the time", "-", kept)
    assert written > 10
    assert kept == 100
