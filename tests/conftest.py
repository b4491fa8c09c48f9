"""Fixtures that every folder of tests may use, and how hypothesis runs."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.node.oracle import NODE_MAJOR, Oracle, OracleError

# No deadlines: two busy cores make any of them a coin toss. CI draws the same examples every time.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    """JavaScript itself: one Node process for the whole run (see tests/node/oracle.py)."""
    node = Oracle()
    found = node.call("versions")
    if not (found["node"].startswith(f"{NODE_MAJOR}.") and found["temporal"]):
        raise OracleError(f"the oracle needs Node {NODE_MAJOR} with Temporal, found {found}")
    yield node
    node.close()
