"""same and difference tell apart all that devalue keeps."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given

from devalue import (
    URL,
    ArrayBuffer,
    BigInt,
    Boxed,
    DataView,
    Date,
    Map,
    NullObject,
    RegExp,
    Set,
    SparseArray,
    Temporal,
    TypedArray,
    URLSearchParams,
    hole,
    undefined,
)
from devalue.testing import difference, same, values

NAN = float("nan")


class Thing:
    def __init__(self, content: Any) -> None:
        self.content = content


def cycle(length: int) -> list[Any]:
    """A ring of lists."""
    first: list[Any] = []
    last = first
    for _ in range(length - 1):
        last.append([])
        last = last[0]
    last.append(first)
    return first


# Each of these differs from every other one.
DISTINCT: list[Callable[[], Any]] = [
    *(lambda value=value: value for value in (undefined, hole, None, True, False, 0, 1, 0.0, -0.0, 1.0, NAN, "")),
    *(lambda value=value: value for value in ("1", "a", BigInt(0), BigInt(1), float("inf"), 2**53, float(2**53))),
    *(list, dict, NullObject, Map, Set, SparseArray, tuple, set, frozenset, bytes, bytearray, ArrayBuffer, OrderedDict),
    *(lambda value=value: [value] for value in (1, True, 1.0, NAN, "1", None, undefined, hole, -0.0, 0.0)),
    lambda: [1, 2],
    lambda: [2, 1],
    lambda: [[], []],
    lambda: [(empty := []), empty],  # type: ignore[var-annotated]
    lambda: {"a": 1, "b": 2},
    lambda: {"b": 2, "a": 1},
    lambda: {"a": 1},
    lambda: {"a": True},
    lambda: {1: 1},
    lambda: {True: 1},
    lambda: NullObject(a=1),
    lambda: Map([("a", 1), ("b", 2)]),
    lambda: Map([("b", 2), ("a", 1)]),
    lambda: Map([(1, "a")]),
    lambda: Map([(True, "a")]),
    lambda: Map([(NAN, "a")]),
    lambda: Set([1, 2]),
    lambda: Set([2, 1]),
    lambda: {1, 2},
    lambda: {1.0, 2},
    lambda: frozenset({1, 2}),
    lambda: SparseArray(2),
    lambda: SparseArray(3),
    lambda: SparseArray(3, {0: 1}),
    lambda: SparseArray(3, {1: 1}),
    lambda: [hole, hole, hole],
    lambda: datetime(2024, 1, 2, tzinfo=UTC),
    lambda: datetime(2024, 1, 2, 1, tzinfo=timezone(timedelta(hours=1))),
    lambda: Date(0),
    lambda: Date(NAN),
    lambda: RegExp("a"),
    lambda: RegExp("a", "g"),
    lambda: Boxed(1),
    lambda: Boxed(1.0),
    lambda: Boxed(True),
    lambda: Boxed(NAN),
    lambda: Boxed("1"),
    lambda: Boxed(BigInt(1)),
    lambda: URL("http://a.b/"),
    lambda: "http://a.b/",
    lambda: URLSearchParams("a=1&b=2"),
    lambda: URLSearchParams("b=2&a=1"),
    lambda: ArrayBuffer(b"ab"),
    lambda: b"ab",
    lambda: bytearray(b"ab"),
    lambda: memoryview(b"ab"),
    lambda: TypedArray("Uint8Array", ArrayBuffer(b"ab")),
    lambda: TypedArray("Int8Array", ArrayBuffer(b"ab")),
    lambda: TypedArray("Uint8Array", ArrayBuffer(b"ab"), 1, 1),
    lambda: TypedArray("Uint8Array", ArrayBuffer(b"abc"), 1, 1),
    lambda: DataView(ArrayBuffer(b"ab")),
    lambda: DataView(ArrayBuffer(b"ab"), 1),
    lambda: Temporal("PlainDate", "2024-01-02"),
    lambda: Temporal("PlainYearMonth", "2024-01"),
    lambda: cycle(1),
    lambda: cycle(2),
    lambda: [cycle(1)],
    lambda: Thing(1),
    lambda: Thing([1]),
]  # fmt: skip


@pytest.mark.parametrize("index", range(len(DISTINCT)))
def test_each_value_is_the_same_as_itself_and_as_no_other(index: int) -> None:
    value = DISTINCT[index]()
    for other, make in enumerate(DISTINCT):
        assert same(value, make()) == (index == other), repr(make())
        assert same(make(), value) == (index == other), repr(make())


@given(value=values())
def test_a_copy_is_the_same(value: Any) -> None:
    assert same(copy.deepcopy(value), value)


def test_shared_views_share_their_buffer() -> None:
    def views(first: ArrayBuffer, second: ArrayBuffer) -> list[TypedArray]:
        return [TypedArray("Uint8Array", first), TypedArray("Int8Array", second)]

    shared = ArrayBuffer(2)
    assert same(views(shared, shared), views(*[ArrayBuffer(2)] * 2))
    assert not same(views(shared, shared), views(ArrayBuffer(2), ArrayBuffer(2)))


@pytest.mark.parametrize(
    ("left", "right", "where"),
    [
        (1, True, "value: int 1 is not bool True"),
        ({"a": [1, (2,)]}, {"a": [1, (3,)]}, "value['a'][1][0]: 2 is not 3"),
        ([[], []], [[]] * 2, "value[1]: shared on one side only, or with another"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "value.keys()[0]: 'a' is not 'b'"),
        (Map([(1, [2])]), Map([(1, [3])]), "value.values()[0][0]: 2 is not 3"),
        (SparseArray(9, {4: [1]}), SparseArray(9, {4: [2]}), "value[4][0]: 1 is not 2"),
        ([1, 2], [1], "value: [1, 2] is not [1]"),
        (Thing([1]), Thing([2]), "value.content[0]: 1 is not 2"),
        (Boxed(1), Boxed(2), "value.value: 1 is not 2"),
    ],
)
def test_a_difference_says_where_it_is(left: Any, right: Any, where: str) -> None:
    assert difference(left, right) == where


def test_any_depth_is_compared_without_recursion() -> None:
    left: list[Any] = []
    right: list[Any] = []
    for _ in range(100_000):
        left, right = [left], [right]
    assert same(left, right)
    assert difference([left], [[left]]) is not None
