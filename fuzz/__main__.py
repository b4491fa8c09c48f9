"""``python -m fuzz TARGET [--seconds N] [--seed N]``: random mutations of the seeds, without any other tool.

``make fuzz`` runs the same targets guided by coverage (fuzz/guided.py). An input that breaks a promise is written to
fuzz/findings/ and the run ends with status 1.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from pathlib import Path

from fuzz.mutate import mutated
from fuzz.seeds import seeds
from fuzz.targets import TARGETS

FINDINGS = Path(__file__).parent / "findings"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    options = parser.parse_args()
    runs = run(options.target, options.seconds, options.seed)
    print(f"{options.target}: {runs:,} executions in {options.seconds:g} s, no finding (seed {options.seed})")
    return 0


def run(target: str, seconds: float, seed: int) -> int:
    """The number of executions; an input that breaks a promise is kept, and its exception leaves."""
    rnd = random.Random(seed)
    inputs = seeds()
    end = time.monotonic() + seconds
    runs = 0
    while time.monotonic() < end:
        data = rnd.choice(inputs)
        for _ in range(rnd.choice((1, 1, 2, 3))):
            data = mutated(data, rnd.getrandbits(64))
        try:
            TARGETS[target](data)
        except Exception:
            print(f"finding: {keep(target, data)}", file=sys.stderr)
            raise
        runs += 1
    return runs


def keep(target: str, data: bytes) -> Path:
    FINDINGS.mkdir(exist_ok=True)
    file = FINDINGS / f"{target}-{hashlib.sha256(data).hexdigest()[:12]}"
    file.write_bytes(data)
    return file


if __name__ == "__main__":
    sys.exit(main())
