"""One fresh process for one candidate and one payload: prints its medians and its peak memory as JSON.

``python -m benchmarks.worker CANDIDATE PAYLOAD SECONDS [read|write]``; with a direction only that one runs, once,
and the peak memory above the loaded payload is what counts.
"""

from __future__ import annotations

import gc
import json
import resource
import sys

from benchmarks.candidates import task
from benchmarks.payloads import make
from benchmarks.timing import median_microseconds


def main(candidate: str, payload: str, seconds: str, direction: str | None = None) -> None:
    made = task(candidate, make(payload)) if direction is None else None
    if direction is not None:
        result = _peak(candidate, payload, direction)
    elif made is None:
        result = {"write": None, "read": None}
    else:
        gc.collect()
        gc.freeze()
        result = {
            "write": median_microseconds(made.write, float(seconds)),
            "read": median_microseconds(made.read, float(seconds)),
        }
    json.dump(result, sys.stdout)


def _peak(candidate: str, payload: str, direction: str) -> dict[str, float | None]:
    """Megabytes that one operation adds to the peak of the process."""
    made = task(candidate, make(payload))
    if made is None:
        return {direction: None}
    before = _reset_peak()
    keep = made.read() if direction == "read" else made.write()
    added = _peak_megabytes() - before
    del keep
    return {direction: added}


def _reset_peak() -> float:
    gc.collect()
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # VmHWM starts again from what is resident now
    except OSError:
        pass
    return _peak_megabytes()


def _peak_megabytes() -> float:
    try:
        with open("/proc/self/status") as file:
            for line in file:
                if line.startswith("VmHWM"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
