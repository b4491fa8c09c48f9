"""Logout and regenerate, while other requests of the visitor are on their way.

Astro's figures depend on timing, so they are shown (`pytest -s`, and the table at the end of the run), not asserted.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from .conftest import Figures, Shared
from .visitor import App, Held, eventually


def comes_back(shared: Shared, slow: App, ends: App, ending: str, folder: Path) -> bool:
    """Whether a session that ended during a slow request is there again when that request is done."""
    visitor = shared.visitor()
    visitor.run(slow, ["set", "user", "ada"])
    old = visitor.copy()
    held = Held(visitor, [(slow, [["set", "seen", True]])], folder)
    visitor.run(ends, [ending])
    assert eventually(lambda: shared.stored(old) is None)
    held.go_on()
    assert ending == "destroy" or visitor.run(shared.python, ["get", "user"]) == ["ada"]
    return shared.stored(old) is not None


@pytest.mark.parametrize("ending", ["destroy", "regenerate"])
@pytest.mark.parametrize("where", ["Astro", "Python"])
def test_a_session_that_ended_during_a_slow_request_stays_ended(
    shared: Shared, figures: Figures, tmp_path: Path, ending: str, where: str
) -> None:
    ends = shared.astro if where == "Astro" else shared.python
    astro = comes_back(shared, shared.astro, ends, ending, tmp_path)
    python = comes_back(shared, shared.python, ends, ending, tmp_path)
    figures.add(shared, f"old session back after {ending} in {where} during a slow request", astro, python)
    assert not python


def live_sessions_after_parallel_regenerates(shared: Shared, app: App, folder: Path) -> tuple[int, int, bool]:
    """Entries left, entries with the data, and whether each cookie that was sent names one with the data."""
    visitor = shared.visitor()
    visitor.run(app, ["set", "user", "ada"])
    old_id = visitor.id
    sent = Held(visitor, [(app, [["regenerate"]])] * 4, folder).go_on()
    ids = {tab.visitor.id for tab in sent} | {old_id}
    time.sleep(0.2)  # Astro removes the old entry behind its answer
    texts = [text for session_id in ids if (text := shared.stored(session_id)) is not None]
    named = [tab.visitor.id for tab in sent if tab.answer.set_cookies]
    return len(texts), sum(b"ada" in text for text in texts), all(b"ada" in (shared.stored(i) or b"") for i in named)


def test_parallel_regenerates_leave_one_live_session_with_its_data(
    shared: Shared, figures: Figures, tmp_path: Path
) -> None:
    astro = live_sessions_after_parallel_regenerates(shared, shared.astro, tmp_path)
    python = live_sessions_after_parallel_regenerates(shared, shared.python, tmp_path)
    figures.add(shared, "after 4 parallel regenerates: entries, with data, every cookie good", astro, python)
    assert python == (1, 1, True)


def test_the_old_id_is_dead_when_the_answer_arrives(shared: Shared, figures: Figures) -> None:
    def old_ids_alive(app: App) -> int:
        alive = 0
        for _ in range(20):
            visitor = shared.visitor()
            visitor.run(app, ["set", "user", "ada"])
            old = visitor.copy()
            visitor.run(app, ["regenerate"])
            alive += shared.stored(old) is not None
        return alive

    astro, python = old_ids_alive(shared.astro), old_ids_alive(shared.python)
    figures.add(shared, "old ids still there when the answer to regenerate arrives, of 20", astro, python)
    assert python == 0
