"""Compares ``uneval``, compiled and pure, with that of npm devalue 6.0.3 on Node 24, payload by payload.

``python -m benchmarks.uneval [--rounds 3] [--seconds 0.3] [--only PAYLOAD …] [--write]``

``--write`` keeps the table in docs/benchmarks-uneval.md, as ``make bench`` does. Fresh processes that take turns, and
the median over the rounds, as in ``benchmarks.run``. It fails if a text differs from JavaScript's.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TypedDict

import devalue
from benchmarks.payloads import SMALL, make
from benchmarks.report import machine, write_page
from benchmarks.timing import median_microseconds
from devalue._uneval import uneval as pure_uneval

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks-uneval.md"
CONDITIONS = (
    f"{machine()}. Made by `make bench`: each figure from fresh processes, candidates in turn, the median over the "
    "rounds. All three write the same bytes."
)
NODE = "Node 24, 6.0.3"
COLUMNS = ("devalue", "pure", NODE)


class Result(TypedDict):
    """What one process found: microseconds, and the SHA-256 of the text."""

    source: float
    digest: str


def main() -> None:
    options = _arguments()
    if options.worker:
        json.dump(_time(options.worker, options.only[0], options.seconds), sys.stdout)
        return
    lines = [
        f"| payload | {' | '.join(f'{column}, µs' for column in COLUMNS)} | Node / devalue |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    print("\n".join(lines))
    for name in options.only or SMALL:
        times = _measure(name, options)
        figures = " | ".join(f"{times[column]:,.1f}" for column in COLUMNS)
        lines.append(f"| {name} | {figures} | {times[NODE] / times['devalue']:.1f} |")
        print(lines[-1], flush=True)
    if options.write:
        write_page(PAGE, "Benchmarks of uneval", CONDITIONS, lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.uneval", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.3, help="per figure")
    parser.add_argument("--only", nargs="*", choices=SMALL, metavar="PAYLOAD", help=", ".join(SMALL))
    parser.add_argument("--write", action="store_true", help=f"also write {PAGE.name}")
    parser.add_argument("--worker", choices=("devalue", "pure"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _time(implementation: str, name: str, seconds: float) -> Result:
    uneval = devalue.uneval if implementation == "devalue" else pure_uneval
    value = make(name)
    gc.collect()
    gc.freeze()
    digest = hashlib.sha256(uneval(value, max_depth=None).encode()).hexdigest()
    return {"source": median_microseconds(lambda: uneval(value, max_depth=None), seconds), "digest": digest}


def _measure(name: str, options: argparse.Namespace) -> dict[str, float]:
    """The median of each column."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    digests = set()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "payload"
        file.write_text(devalue.stringify(make(name)), encoding="utf-8")
        for _ in range(options.rounds):
            for column in COLUMNS:
                result = _run(column, name, file, str(options.seconds))
                times[column].append(result["source"])
                digests.add(result["digest"])
    if len(digests) > 1:
        sys.exit(f"uneval writes {name} in other bytes than JavaScript")
    return {column: statistics.median(found) for column, found in times.items()}


def _run(column: str, name: str, file: Path, seconds: str) -> Result:
    if column == NODE:
        node = str(Path(sys.executable).parent / "node")
        command = [node, str(HERE / "node/worker.mjs"), "6", str(file), seconds, "uneval"]
    else:
        command = [sys.executable, "-m", "benchmarks.uneval", "--worker", column, "--seconds", seconds, "--only", name]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    result: Result = json.loads(done.stdout)
    return result


if __name__ == "__main__":
    main()
