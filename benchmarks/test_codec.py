"""``pytest benchmarks``: both directions of the codec beside its peers in one process, grouped by payload."""

from typing import Any

import pytest

from benchmarks.candidates import CANDIDATES, task
from benchmarks.payloads import make


@pytest.mark.parametrize("direction", ["read", "write"])
@pytest.mark.parametrize("candidate", list(CANDIDATES))
def test_codec(benchmark: Any, candidate: str, direction: str, payload: str) -> None:
    benchmark.group = f"{direction} {payload}"
    made = task(candidate, make(payload))
    if made is None:
        pytest.skip(f"{candidate} cannot carry {payload}")
    benchmark(getattr(made, direction))
