"""``python -m fuzz.replay CORPUS``: every input that the fuzzers kept, once, on the target that it was kept for."""

from __future__ import annotations

import sys
from pathlib import Path

from fuzz.targets import TARGETS


def main() -> None:
    for target, run in TARGETS.items():
        inputs = sorted(Path(sys.argv[1], target).glob("*"))
        for file in inputs:
            run(file.read_bytes())
        print(f"{target}: {len(inputs):,} inputs")


if __name__ == "__main__":
    main()
