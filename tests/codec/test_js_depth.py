"""The deepest value that Python writes by default is one that JavaScript reads: it recurses, and its stack ends.

Measured on Node 24 with its default stack of 984 KB, cold, called from the top level of a module: it reads 2,304
levels with 5.9.4 and 2,102 with 6.0.3, of every kind of container, and writes about 1,600.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from devalue import EncodeError, Map, NullObject, Set, SparseArray
from devalue._rules import MAX_DEPTH
from tests.codec.conftest import Codec
from tests.node.describe import Custom, reducers
from tests.node.oracle import VERSIONS, JsError, Oracle

CONTAINERS: dict[str, Callable[[Any], Any]] = {
    "array": lambda x: [x],
    "sparse array": lambda x: SparseArray(20, {5: x}),
    "object": lambda x: {"a": x},
    "null object": lambda x: NullObject(a=x),
    "Map value": lambda x: Map([(1, x)]),
    "Map key": lambda x: Map([(x, 1)]),
    "Set": lambda x: Set([x]),
    "custom": lambda x: Custom("C", x),
}
HOOKS = {"reducers": 'reducers("C")', "revivers": 'revivers("C")'}


@pytest.fixture
def cold_oracle() -> Iterator[Oracle]:
    """A new process: compiled code, which a warm one has, needs less stack."""
    oracle = Oracle()
    yield oracle
    oracle.close()


def nested(kind: str, levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = CONTAINERS[kind](value)
    return value


@pytest.mark.parametrize("kind", CONTAINERS)
def test_the_deepest_value_of_python_is_read_by_javascript(codec: Codec, cold_oracle: Oracle, kind: str) -> None:
    text = codec.stringify(nested(kind, MAX_DEPTH), reducers=reducers("C"))
    jobs = [{"op": "accepts", "version": version, "text": text, **HOOKS} for version in VERSIONS]
    assert cold_oracle.run(jobs) == [True, True]


@pytest.mark.parametrize("kind", CONTAINERS)
def test_one_level_more_is_refused(codec: Codec, kind: str) -> None:
    with pytest.raises(EncodeError, match="max_depth"):
        codec.stringify(nested(kind, MAX_DEPTH + 1), reducers=reducers("C"))


def test_what_only_max_depth_allows_is_beyond_javascript_and_not_beyond_python(
    codec: Codec, cold_oracle: Oracle
) -> None:
    text = codec.stringify(nested("array", 20_000), max_depth=None)
    [theirs] = cold_oracle.run([{"op": "accepts", "text": text}])
    assert isinstance(theirs, JsError)
    assert theirs.name == "RangeError"
    assert codec.stringify(codec.parse(text), max_depth=None) == text
