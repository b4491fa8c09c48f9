"""How one operation is timed: batches of a few milliseconds, and the median of them."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

__all__ = ["median_microseconds"]

BATCH_NS = 4_000_000


def median_microseconds(operation: Callable[[], Any], seconds: float) -> float:
    """The median time of one call, in microseconds, over about so many seconds (at least three batches)."""
    operation()
    calls = 1
    while (elapsed := _batch(operation, calls)) < BATCH_NS:
        calls = max(calls * 2, int(calls * BATCH_NS / max(elapsed, 1)))
    times: list[float] = []
    end = perf_counter_ns() + int(seconds * 1e9)
    while len(times) < 3 or perf_counter_ns() < end:
        times.append(_batch(operation, calls) / calls)
    return statistics.median(times) / 1000


def _batch(operation: Callable[[], Any], calls: int) -> int:
    start = perf_counter_ns()
    for _ in range(calls):
        operation()
    return perf_counter_ns() - start
