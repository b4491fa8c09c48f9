"""Every operation again and again: no memory block, no reference and no resident page may stay behind.

Run by tests/codec/test_memory.py in a process of its own: ``python -m tests.isolated.leaks``.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from datetime import UTC
from typing import Any

import devalue
from tests.isolated.samples import OPERATIONS

WATCHED = [devalue.undefined, devalue.hole, UTC, devalue.Map, devalue.Set, devalue.BigInt, devalue.Date]


def main() -> None:
    leaking = [name for name, operation in OPERATIONS.items() if leaks(operation)]
    grown = native_growth()
    if leaking or grown > 4_000_000:
        sys.exit(f"leaking: {leaking}; resident memory grew by {grown} bytes")
    print(f"{len(OPERATIONS)} operations leave nothing behind")


def leaks(operation: Callable[[], Any]) -> bool:
    """Whether every run leaves something behind. The interpreter's caches grow too: a suspicion is looked at longer."""
    again(operation, 20)
    return all(growth(operation, runs) > runs / 3 for runs in (30, 300, 1500))


def growth(operation: Callable[[], Any], runs: int) -> int:
    """Blocks of memory, or references to what is watched, that so many runs leave behind."""
    blocks, references = state()
    again(operation, runs)
    more_blocks, more_references = state()
    changes = [abs(after - before) for before, after in zip(references, more_references, strict=True)]
    return max(more_blocks - blocks, *changes)


def again(operation: Callable[[], Any], times: int) -> None:
    for _ in range(times):
        operation()


def state() -> tuple[int, list[int]]:
    gc.collect()
    return sys.getallocatedblocks(), [sys.getrefcount(value) for value in WATCHED]


def native_growth() -> int:
    """Bytes by which the process grows while everything runs: what malloc gives is no block of Python's."""
    for operation in OPERATIONS.values():
        again(operation, 5)
    before = resident()
    for operation in OPERATIONS.values():
        again(operation, 40)
    return resident() - before


def resident() -> int:
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


if __name__ == "__main__":
    main()
