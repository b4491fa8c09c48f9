"""The strategies draw every type of the format, alone and in graphs; they are there only with hypothesis."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from devalue import parse, stringify, testing
from devalue.testing import encodable, graphs, numbers, same, values, wires
from devalue.types.binary import TYPED_ARRAYS
from devalue.types.temporal_value import TEMPORAL_KINDS

TAGS = {
    *("null", "Map", "Set", "Date", "RegExp", "BigInt", "Object", "URL", "URLSearchParams", "ArrayBuffer", "DataView"),
    *TYPED_ARRAYS,
    *(f"Temporal.{kind}" for kind in TEMPORAL_KINDS),
}
SENTINELS = {-1, -2, -3, -4, -5, -6, -7}

WITHOUT_HYPOTHESIS = """
import sys
sys.modules["hypothesis"] = None
from devalue.testing import same
assert same([1], [1])
try:
    from devalue.testing import values
except ModuleNotFoundError as error:
    print(error)
"""

drawing = settings(
    max_examples=600, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


def slots(text: str) -> Iterator[Any]:
    table = json.loads(text)
    yield from table if isinstance(table, list) else ()


def test_every_tag_and_every_number_with_a_meaning_is_drawn() -> None:
    drawn: set[Any] = set()

    @drawing
    @given(text=wires())
    def collect(text: str) -> None:
        for slot in slots(text):
            members = slot if isinstance(slot, list) else list(slot.values()) if isinstance(slot, dict) else []
            drawn.update(members[:1] if members and isinstance(members[0], str) else ())
            drawn.update(item for item in members if isinstance(item, int) and item < 0)

    collect()
    assert drawn >= TAGS | SENTINELS


def test_cycles_and_shared_references_are_drawn() -> None:
    found = {"cycle": 0, "shared": 0}

    @drawing
    @given(value=graphs(numbers()))
    def collect(value: Any) -> None:
        table = list(slots(stringify(value)))
        members = [
            slot if isinstance(slot, list) else list(slot.values()) for slot in table if isinstance(slot, list | dict)
        ]
        references = [item for slot in members for item in slot if isinstance(item, int) and item >= 0]
        containers = {at for at, slot in enumerate(table) if isinstance(slot, list | dict)}
        found["cycle"] += 0 in references
        found["shared"] += any(references.count(at) > 1 for at in containers)

    collect()
    assert min(found.values()) > 30


@given(value=values())
def test_values_come_back_the_same(value: Any) -> None:
    assert same(parse(stringify(value)), value)


@given(value=encodable())
def test_encodable_values_can_be_written(value: Any) -> None:
    parse(stringify(value))


@given(text=wires())
def test_wires_come_back_as_they_were(text: str) -> None:
    assert stringify(parse(text)) == text


@pytest.mark.parametrize("name", testing.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert callable(getattr(testing, name))


def test_without_hypothesis_values_are_compared_and_strategies_say_what_is_missing() -> None:
    run = subprocess.run([sys.executable, "-c", WITHOUT_HYPOTHESIS], capture_output=True, text=True, check=True)
    assert run.stdout == "devalue.testing.values needs hypothesis: pip install hypothesis\n"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        testing.nothing  # noqa: B018
