"""Every test of the codec runs on both implementations: take the fixture ``codec``."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from devalue._pure.parse import parse as pure_parse
from devalue._pure.stringify import stringify as pure_stringify


@dataclass(frozen=True)
class Codec:
    """One implementation."""

    name: str
    stringify: Callable[..., str]
    parse: Callable[..., Any]


def _codecs() -> list[Codec]:
    """The twin, and what is compiled; that it was compiled at all is a test of its own."""
    compiled: dict[str, Any] = {}
    for name in ("parse", "stringify"):
        try:
            compiled[name] = getattr(importlib.import_module(f"devalue._{name}"), name)
        except ModuleNotFoundError:
            continue
    codecs = [Codec("pure", pure_stringify, pure_parse)]
    if compiled:
        codecs.append(Codec("compiled", **{"parse": pure_parse, "stringify": pure_stringify, **compiled}))
    return codecs


CODECS = _codecs()


@pytest.fixture(scope="session", params=CODECS, ids=lambda codec: codec.name)
def codec(request: pytest.FixtureRequest) -> Codec:
    return request.param
