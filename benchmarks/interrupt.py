"""``python -m benchmarks.interrupt``: how long Ctrl-C takes to end one call on a large input."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import devalue

MEGABYTES = 220


def latency(operation: Callable[[], Any]) -> tuple[float, float]:
    """Seconds that the whole call takes, and from a signal in the middle of it to its end by KeyboardInterrupt."""
    operation()  # the first call is slower: it takes its memory from the system
    start = time.perf_counter()
    operation()
    whole = time.perf_counter() - start
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), ctrl_c_after(whole / 2):
        start = time.perf_counter()
        try:
            operation()
        finally:
            took = time.perf_counter() - start
    return whole, took - whole / 2


def ctrl_c_after(seconds: float) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sh", "-c", f"sleep {seconds}; kill -INT {os.getpid()}"])


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
    values = {"many lists": [[at] for at in range(size // 20)], "one list": list(range(size // 20))}
    for write in (devalue.stringify, devalue.uneval):
        for name, value in values.items():
            whole, took = latency(lambda write=write, value=value: write(value))
            call = f"{write.__name__} {size // 20 // 1_000_000} million values, {name}"
            print(f"| {call} | {whole:.2f} | {took:.3f} |", flush=True)


if __name__ == "__main__":
    main()
