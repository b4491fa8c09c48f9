"""``python -m fuzz.javascript [--seconds N] [--seed N]``: Python beside npm devalue 5.9.4 and 6.0.3 on Node.

Both take or reject the same texts and read the same values, but for the documented ways of being stricter
(tests/codec/cases/malformed.py). Mutations go to Node in batches, so this target is not guided by coverage.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time

import devalue
from fuzz.__main__ import keep
from fuzz.mutate import mutated
from fuzz.seeds import seeds
from tests.codec.conftest import Codec
from tests.codec.test_js_malformed import disagreements
from tests.node.oracle import Oracle

BATCH = 500
# JavaScript moves keys like these to the front of an object, Python keeps the order of the text.
INDEX_LIKE_KEY = re.compile(r'"\d+"')


def run(oracle: Oracle, seconds: float, seed: int) -> int:
    """The number of texts; one on which the two differ is kept, and an AssertionError says how they do."""
    codec = Codec(devalue.IMPLEMENTATION, devalue.stringify, devalue.parse, devalue.uneval)
    rnd = random.Random(seed)
    end = time.monotonic() + seconds
    runs = 0
    while runs == 0 or time.monotonic() < end:
        texts = [text for _ in range(BATCH) if (text := _text(rnd)) is not None]
        found = disagreements(codec, oracle, texts)
        for text, why in found.items():
            file = keep("javascript", text.encode("utf-8", "surrogatepass"))
            raise AssertionError(f"{why}: {text!r}, kept as {file}")
        runs += len(texts)
    return runs


def _text(rnd: random.Random) -> str | None:
    data = rnd.choice(seeds())
    for _ in range(rnd.choice((1, 1, 2, 3))):
        data = mutated(data, rnd.getrandbits(64))
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None  # JavaScript reads texts, not bytes
    return None if INDEX_LIKE_KEY.search(text) else text


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz.javascript", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    options = parser.parse_args()
    oracle = Oracle()
    runs = run(oracle, options.seconds, options.seed)
    oracle.close()
    print(f"javascript: {runs:,} texts in {options.seconds:g} s, no finding (seed {options.seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
