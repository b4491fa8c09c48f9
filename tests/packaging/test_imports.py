"""What an import brings along: nobody waits for a part that they do not use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = {
    *("devalue.sessions", "sqlite3", "redis", "psycopg", "pymysql", "starlette", "flask", "django"),
    *("devalue._async.search", "asyncio"),
    *("devalue.testing", "hypothesis", "whenever", "numpy"),
}


def modules_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has imported when it has run the code on a text of devalue."""
    script = f"import sys; {code}; print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, cwd=ROOT, input='[{"a":1},"x"]', capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_importing_devalue_imports_no_part_that_it_may_not_need() -> None:
    assert modules_after("import devalue") & {*PARTS, "devalue._cli", "argparse"} == set()


@pytest.mark.parametrize("command", ["parse", "stringify", "check", "inspect"])
def test_a_command_for_a_text_imports_none_either(command: str) -> None:
    assert modules_after(f"from devalue._cli import main; assert main([{command!r}]) == 0") & PARTS == set()


@pytest.mark.parametrize(
    ("use", "module"),
    [
        ("import asyncio, devalue; asyncio.run(devalue.stringify_async(1))", "devalue._async.search"),
        ("from devalue._cli import main; main(['sessions', 'list', '--store', 'memory:'])", "devalue.sessions"),
    ],
)
def test_the_first_use_of_a_part_imports_it(use: str, module: str) -> None:
    assert module in modules_after(use)
