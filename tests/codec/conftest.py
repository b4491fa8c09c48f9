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


def _codec(name: str, parse: str, stringify: str) -> Codec:
    modules = [importlib.import_module(f"devalue.{module}") for module in (parse, stringify)]
    return Codec(name, parse=modules[0].parse, stringify=modules[1].stringify)


def _codecs() -> list[Codec]:
    """The twin, and the compiled codec where it is built; test_implementation.py fails where it is not."""
    codecs = [_codec("pure", "_pure.parse", "_pure.stringify")]
    try:
        codecs.append(_codec("compiled", "_parse", "_stringify"))
    except ModuleNotFoundError as error:
        if error.name not in ("devalue._parse", "devalue._stringify"):
            raise
    return codecs


CODECS = _codecs()


@pytest.fixture(scope="session", params=CODECS, ids=lambda codec: codec.name)
def codec(request: pytest.FixtureRequest) -> Codec:
    return request.param
