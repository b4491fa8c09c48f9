"""Payloads for the pytest-benchmark suites."""

import pytest

from benchmarks.payloads import SMALL


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "payload" in metafunc.fixturenames:
        metafunc.parametrize("payload", SMALL)
