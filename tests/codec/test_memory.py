"""Memory: allocation failure at every point, and no leak on any path. Each runs in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(module: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stdout}\n{done.stderr[-3000:]}"
    return done.stdout


# From 3.12 on the interpreter itself crashes when an allocation fails within Python code: `RegExp("a")` alone shows it.
survives_failing_allocations = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="this CPython itself crashes when an allocation fails in Python code"
)


@survives_failing_allocations
def test_a_failing_allocation_is_a_memory_error_and_nothing_else():
    assert "allocations failed" in run("tests.isolated.allocation_failure")


@survives_failing_allocations
@pytest.mark.skipif(sys.platform != "linux", reason="preloads a malloc over that of glibc")
def test_a_failing_malloc_of_the_c_library_is_a_memory_error_and_nothing_else(tmp_path):
    shim = tmp_path / "failing_malloc.so"
    source = ROOT / "tests" / "isolated" / "failing_malloc.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", source, "-o", shim], check=True)
    environment = {"LD_PRELOAD": str(shim), "PYTHONMALLOC": "malloc"}
    assert "allocations failed" in run("tests.isolated.allocation_failure", **environment)


@pytest.mark.parametrize("pure", ["0", "1"], ids=["compiled", "pure"])
def test_nothing_stays_behind(pure: str):
    assert "leave nothing behind" in run("tests.isolated.leaks", DEVALUE_PURE=pure)


def test_the_debug_allocator_finds_no_overrun():
    assert "leave nothing behind" in run("tests.isolated.leaks", PYTHONMALLOC="debug")
