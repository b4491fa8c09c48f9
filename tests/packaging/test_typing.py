"""The public types, as mypy --strict sees them from outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import devalue

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "tests" / "typing" / "examples.py"


def test_mypy_strict_accepts_the_examples_and_refuses_the_mistakes_in_them() -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(EXAMPLES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_the_examples_work() -> None:
    subprocess.run([sys.executable, "-W", "error", "-m", "tests.typing.examples"], cwd=ROOT, check=True)


def test_every_public_name_is_in_the_examples() -> None:
    text = EXAMPLES.read_text()
    assert [name for name in devalue.__all__ if name not in text and name not in ("Hole", "Undefined")] == []
