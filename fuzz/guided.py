"""``python -m fuzz.guided TARGET [libFuzzer options]``: atheris drives a target by the coverage that it reaches.

`make fuzz` builds the extension with clang's coverage for this, so that the compiled code guides the search too; the
corpus that grows stays in .fuzz/corpus.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import atheris

from fuzz.mutate import mutated
from fuzz.seeds import seeds

# The target for speed runs next to no Python: only the compiled code guides it.
NATIVE = sys.argv[1] == "native"

with contextlib.nullcontext() if NATIVE else atheris.instrument_imports(include=["devalue"]):
    from fuzz.targets import TARGETS

CORPUS = Path(".fuzz/corpus")
DICTIONARY = Path(__file__).parent / "devalue.dict"


def main() -> None:
    target = sys.argv[1]
    corpus = CORPUS / target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (corpus / f"seed-{number:03}").write_bytes(seed)
    arguments = [sys.argv[0], f"-dict={DICTIONARY}", *sys.argv[2:], str(corpus)]
    atheris.Setup(arguments, TARGETS[target], **({} if NATIVE else {"custom_mutator": _mutate}))
    atheris.Fuzz()


def _mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Half by the format, half by libFuzzer's own mutations."""
    changed = mutated(data, seed) if seed % 2 else atheris.Mutate(data, max_size)
    return changed[:max_size]


if __name__ == "__main__":
    main()
