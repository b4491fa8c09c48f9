"""``python -m benchmarks.interrupt``: how long Ctrl-C takes to end one call on a large input."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable
from typing import Any

import devalue

MEGABYTES = 220


def latency(operation: Callable[[], Any]) -> tuple[float, float]:
    """Seconds that the whole call takes, and from a signal in the middle of it to its end by KeyboardInterrupt."""
    start = time.perf_counter()
    operation()
    whole = time.perf_counter() - start
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, whole / 2)
    start = time.perf_counter()
    with contextlib.suppress(KeyboardInterrupt):
        operation()
    return whole, time.perf_counter() - start - whole / 2


def main() -> None:
    size = MEGABYTES * 1_000_000
    record = '{"a":1,"b":2,"c":3},1.5,"text",true,'
    many = "[" + "[1]," + record * (size // len(record)) + "0]"
    one = "[[" + "1," * (size // 2) + "1],2]"
    print("| call | whole call, s | Ctrl-C, s |")
    print("|---|---:|---:|")
    for name, text in (("many slots", many), ("one slot", one)):
        whole, took = latency(lambda text=text: devalue.parse(text))
        print(f"| parse {MEGABYTES} MB, {name} | {whole:.2f} | {took:.3f} |", flush=True)
    for name, value in (("many slots", [[at] for at in range(size // 20)]), ("one slot", list(range(size // 20)))):
        whole, took = latency(lambda value=value: devalue.stringify(value))
        print(f"| stringify {size // 20 // 1_000_000} million values, {name} | {whole:.2f} | {took:.3f} |", flush=True)


if __name__ == "__main__":
    main()
