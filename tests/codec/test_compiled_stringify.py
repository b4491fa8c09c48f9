"""The compiled encoder writes what the readable twin writes, and fails as it fails."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from devalue._pure.stringify import stringify as pure
from devalue._stringify import stringify as compiled
from devalue.testing import encodable


@given(encodable())
def test_every_value_has_the_same_text(value: Any) -> None:
    assert compiled(value) == pure(value)
