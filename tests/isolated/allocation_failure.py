"""Every allocation of every operation fails once: a MemoryError comes out, nothing crashes, the next call works.

Run by tests/codec/test_memory.py in a process of its own: ``python -m tests.isolated.allocation_failure``. With
failing_malloc.c preloaded the failing allocation is the C library's, which C++ uses too; else one of Python's.
"""

from __future__ import annotations

import _testcapi
import ctypes
import gc
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

PRELOADED = ctypes.CDLL(os.environ["LD_PRELOAD"]) if "LD_PRELOAD" in os.environ else None
if PRELOADED:
    sys.modules["ada_url"] = None  # type: ignore[assignment]  # its own C++ ends the process where memory ends

import devalue  # noqa: E402
from tests.isolated.samples import OPERATIONS  # noqa: E402

# Long operations allocate alike again and again: their first allocations one by one, then in growing steps.
ONE_BY_ONE = 400
HOOKED = '[["Hook",1],0]'
# What the compiled uneval writes by itself.
UNEVALED = (
    "primitives",
    "strings",
    "numbers",
    "dates",
    "containers",
    "builtin sets",
    "boxed",
    "cyclic",
    "deep",
    "shared",
)


def main() -> None:
    gc.disable()
    points = 0
    much = ["я" + "x" * 9_000_000]  # more than the kept memory of the compiled codec takes
    operations = {**OPERATIONS, "write much text": lambda: devalue.stringify(much)}
    operations |= {f"{name}, with no memory kept": within_another(operation) for name, operation in operations.items()}
    for name, operation in operations.items():
        if not name.startswith(("read", "write", *(f"uneval {written}" for written in UNEVALED))):
            continue  # errors are made by plain Python code, where CPython itself does not survive all of this
        operation()
        point = 0
        while fails(operation, point):
            points += 1
            point += 1 + max(0, point - ONE_BY_ONE) // 20
        operation()
        print(f"{name}: ok up to allocation {point}", file=sys.stderr)
    print(f"{points} allocations failed")


def within_another(operation: Callable[[], Any]) -> Callable[[], Any]:
    """The operation in a hook of a parse and a stringify, which have taken what memory the calls before had kept."""

    def hook(_: object) -> None:
        operation()

    return lambda: devalue.stringify(object(), default=lambda _: devalue.parse(HOOKED, revivers={"Hook": hook}))


def fails(operation: Callable[[], Any], point: int) -> bool:
    """Whether the allocation of that number was reached, and so failed."""
    if PRELOADED:
        PRELOADED.fail_at(point + 1)
    else:
        _testcapi.set_nomemory(point + 1, point + 2)
    reached = False
    try:
        operation()
    except MemoryError:
        reached = True
    except SystemError as error:
        # CPython's own arithmetic of dates returns an error and sets none where its memory ends.
        if not traceback.extract_tb(error.__traceback__)[-1].filename.endswith("types/date.py"):
            raise
        reached = True
    finally:
        if PRELOADED:
            reached = PRELOADED.calls_left() == 0
            PRELOADED.fail_at(0)
        else:
            _testcapi.remove_mem_hooks()
    return reached


if __name__ == "__main__":
    main()
