"""Every test of the codec runs on both implementations: take the fixture ``codec``."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Codec:
    """One implementation."""

    name: str
    stringify: Callable[..., str]
    parse: Callable[..., Any]
    uneval: Callable[..., str]


def _codec(name: str, parse: str, stringify: str, uneval: str) -> Codec:
    modules = [importlib.import_module(f"devalue.{module}") for module in (parse, stringify, uneval)]
    return Codec(name, parse=modules[0].parse, stringify=modules[1].stringify, uneval=modules[2].uneval)


def _codecs() -> list[Codec]:
    """The twin, and the compiled codec where it is built; test_implementation.py fails where it is not."""
    codecs = [_codec("pure", "_pure.parse", "_pure.stringify", "_uneval")]
    try:
        codecs.append(_codec("compiled", "_parse", "_stringify", "_uneval_fast"))
    except ModuleNotFoundError as error:
        if error.name not in ("devalue._parse", "devalue._stringify", "devalue._uneval_fast"):
            raise
    return codecs


CODECS = _codecs()


@pytest.fixture(scope="session", params=CODECS, ids=lambda codec: codec.name)
def codec(request: pytest.FixtureRequest) -> Codec:
    return request.param
