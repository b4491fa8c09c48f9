"""Compares everything, side by side, and writes docs/benchmarks.md and docs/benchmarks.svg.

``python -m benchmarks.run [--rounds 3] [--seconds 0.3] [--only PAYLOAD …] [--no-write]``

Each figure comes from a fresh process; the candidates take turns, payload by payload and round by round, so that a
machine whose speed drifts slows all of them; the median over the rounds counts, and ratios are what carries over.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import devalue
from benchmarks.candidates import CANDIDATES
from benchmarks.payloads import PAYLOADS, make
from benchmarks.report import Figures, markdown, svg

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
LARGE = "records 90 MB"
LARGE_CANDIDATES = ("devalue", "orjson", "json", "pickle", "Node 24, 6.0.3")  # the others would take minutes each
MEMORY_PAYLOADS = ("records", LARGE)
MEMORY_CANDIDATES = ("devalue", "orjson", "json", "pickle")


def main() -> None:
    options = _arguments()
    nodes = _nodes()
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        for name in options.only or PAYLOADS:
            text = devalue.stringify(make(name))
            figures.sizes[name] = len(text.encode())
            file = Path(folder) / "payload"
            file.write_text(text, encoding="utf-8")
            _measure(name, file, nodes, options, figures)
    for name in MEMORY_PAYLOADS:
        if name in figures.sizes:
            _measure_memory(name, figures)
    if options.write:
        DOCS.mkdir(exist_ok=True)
        (DOCS / "benchmarks.md").write_text(markdown(figures), encoding="utf-8")
        (DOCS / "benchmarks.svg").write_text(svg(figures), encoding="utf-8")
    print(markdown(figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.3, help="per figure")
    parser.add_argument("--only", nargs="*", choices=list(PAYLOADS), metavar="PAYLOAD", help=", ".join(PAYLOADS))
    parser.add_argument("--no-write", dest="write", action="store_false", help="print only, leave docs/ as it is")
    return parser.parse_args()


def _nodes() -> dict[str, str]:
    """Each Node that is found, by its major version."""
    found = {}
    for command in (str(Path(sys.executable).parent / "node"), str(HERE.parent / ".tools/node20/bin/node"), "node"):
        try:
            version = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            continue
        found.setdefault(version.removeprefix("v").partition(".")[0], command)
    if "24" not in found:
        sys.exit("Node 24 is missing: `make setup` installs it from PyPI")
    return {major: command for major, command in found.items() if major in ("20", "24")}


def _measure(name: str, file: Path, nodes: dict[str, str], options: argparse.Namespace, figures: Figures) -> None:
    commands = {
        candidate: [sys.executable, "-m", "benchmarks.worker", candidate, name, str(options.seconds)]
        for candidate in CANDIDATES
    }
    for major, node in nodes.items():
        for version, release in (("6", "6.0.3"), ("5", "5.9.4")):
            command = [node, str(HERE / "node/worker.mjs"), version, str(file), str(options.seconds)]
            commands[f"Node {major}, {release}"] = command
    if name == LARGE:
        commands = {candidate: commands[candidate] for candidate in LARGE_CANDIDATES}
    times: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for round_number in range(options.rounds):
        for candidate, command in commands.items():
            print(f"\r{name}, round {round_number + 1}: {candidate:<24}", end="", file=sys.stderr, flush=True)
            result = _result(command)
            if result.get("same") is False:
                sys.exit(f"{candidate} writes {name} in other bytes than Python")
            for direction in ("write", "read"):
                if result[direction] is not None:
                    times[candidate, direction].append(result[direction])
    print(file=sys.stderr)
    for (candidate, direction), found in times.items():
        figures.times[direction, name, candidate] = statistics.median(found)


def _measure_memory(name: str, figures: Figures) -> None:
    for candidate in MEMORY_CANDIDATES:
        for direction in ("read", "write"):
            command = [sys.executable, "-m", "benchmarks.worker", candidate, name, "0", direction]
            megabytes = _result(command)[direction]
            if megabytes is not None:
                figures.memory[direction, name, candidate] = megabytes


def _result(command: list[str]) -> dict[str, float | None]:
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    result: dict[str, float | None] = json.loads(done.stdout)
    return result


if __name__ == "__main__":
    main()
