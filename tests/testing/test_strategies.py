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
from devalue.testing import encodable, graphs, leaves, primitives, same, values, wires
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

drawing = settings(derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


def slots(text: str) -> Iterator[Any]:
    table = json.loads(text)
    yield from table if isinstance(table, list) else ()


def test_every_tag_of_a_leaf_is_drawn() -> None:
    drawn: set[str] = set()

    @settings(drawing, max_examples=1500)
    @given(value=leaves())
    def collect(value: Any) -> None:
        drawn.update(slot[0] for slot in slots(stringify(value)) if isinstance(slot, list))

    collect()
    assert drawn >= TAGS - {"null", "Map", "Set"}


def test_every_container_and_sentinel_is_drawn_shared_and_in_cycles() -> None:
    drawn: set[Any] = set()
    found = {"cycle": 0, "shared": 0}

    @settings(drawing, max_examples=1000)
    @given(value=graphs(primitives()))
    def collect(value: Any) -> None:
        containers = {
            at: members(slot) for at, slot in enumerate(slots(stringify(value))) if isinstance(slot, list | dict)
        }
        references = [item for items in containers.values() for item in items if isinstance(item, int)]
        drawn.update(items[0] for items in containers.values() if items and isinstance(items[0], str))
        drawn.update(item for item in references if item < 0)
        found["cycle"] += 0 in references
        found["shared"] += any(references.count(at) > 1 for at in containers)

    collect()
    assert drawn >= {"null", "Map", "Set"} | SENTINELS
    assert min(found.values()) > 15


def members(slot: Any) -> list[Any]:
    return slot if isinstance(slot, list) else list(slot.values())


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
