"""What cannot be written: JavaScript's words, where it is, and what would work instead."""

import array
import asyncio
import collections
import contextlib
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import pathlib
import pickle
import re
import sys
import uuid

import pytest

from devalue import BigInt, Boxed, DevalueError, EncodeError, Map, NullObject, Set, SparseArray, hole, undefined

FUNCTION = "Cannot stringify a function"
THENABLE = "Cannot stringify a Promise or thenable — use stringifyAsync instead"
ARBITRARY = "Cannot stringify arbitrary non-POJOs"


class Plain:
    pass


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Point:
    x: int


class Awaitable:
    def __await__(self):
        yield


async def async_items():
    yield 1


# (value, JavaScript's text, a word of the hint)
REFUSED = [
    (print, FUNCTION, "reducer"),
    (lambda: None, FUNCTION, "reducer"),
    ("a".upper, FUNCTION, "reducer"),
    (str.upper, FUNCTION, "reducer"),
    (Plain, FUNCTION, "a class"),
    (int, FUNCTION, "a class"),
    (Awaitable(), THENABLE, "stringify_async"),
    (async_items(), THENABLE, "async for"),
    (Plain(), ARBITRARY, "reducers="),
    (object(), ARBITRARY, "default="),
    (Point(1), ARBITRARY, "asdict"),
    (Color.RED, ARBITRARY, ".value"),
    (re.compile("a"), ARBITRARY, "RegExp"),
    (decimal.Decimal(1), ARBITRARY, "str"),
    (fractions.Fraction(1), ARBITRARY, "str"),
    (1j, ARBITRARY, "real"),
    (uuid.UUID(int=0), ARBITRARY, "str"),
    (pathlib.PurePosixPath("/"), ARBITRARY, "str"),
    (datetime.date(2024, 1, 1), ARBITRARY, "PlainDate"),
    (datetime.time(1), ARBITRARY, "PlainTime"),
    (datetime.timedelta(1), ARBITRARY, "total_seconds"),
    ((item for item in ()), ARBITRARY, "list"),
    (iter([]), ARBITRARY, "list"),
    (range(3), ARBITRARY, "list"),
    (collections.deque(), ARBITRARY, "list"),
    ({}.keys(), ARBITRARY, "list"),
    ({}.values(), ARBITRARY, "list"),
    ({}.items(), ARBITRARY, "list"),
    (collections.ChainMap(), ARBITRARY, "dict"),
    (sys, ARBITRARY, "module"),
    (memoryview(b"abcd").cast("B", (2, 2)), ARBITRARY, "bytes"),
    (memoryview(b"abcd")[::2], ARBITRARY, "bytes"),
    (array.array("u", "a") if sys.version_info < (3, 13) else array.array("w", "a"), ARBITRARY, "list"),
    (functools.partial(print), ARBITRARY, "reducers="),
    (2**53, "Cannot stringify an integer beyond 2**53 - 1 as a number", "BigInt"),
    (-(2**53), "Cannot stringify an integer beyond 2**53 - 1 as a number", "BigInt"),
    (BigInt(10**10_000), "Cannot stringify a BigInt of more than 10,000 digits", "string"),
    (datetime.datetime(2024, 1, 1), "Cannot stringify a naive datetime", "naive_tz"),
    ({1: 2}, "Cannot stringify an object with a key that is not a string (int)", "Map"),
    ({None: 2}, "Cannot stringify an object with a key that is not a string (NoneType)", "Map"),
    (NullObject({Plain: 2}), "Cannot stringify an object with a key that is not a string (type)", "Map"),
    ({"__proto__": 2}, "Cannot stringify objects with __proto__ keys", "Map"),
    (NullObject({"__proto__": 2}), "Cannot stringify objects with __proto__ keys", "Map"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "message", "hint"), REFUSED, ids=range(len(REFUSED)))
def test_a_value_that_cannot_be_written_is_refused_with_a_hint(codec, value, message, hint):
    root = {"a": [value]}
    with pytest.raises(EncodeError) as caught:
        codec.stringify(root)
    error = caught.value
    assert error.message == message
    assert error.path == ".a[0]"
    assert error.value is value
    assert error.root is root
    assert hint in error.hint
    assert str(error).startswith(f"{message} (at .a[0]): ")


@pytest.mark.parametrize(
    "around", [lambda bad: {"a": bad}, lambda bad: Map([("k", bad)]), lambda bad: Set([bad]), lambda bad: bad]
)
def test_a_hole_stands_in_a_list_only(codec, around):
    with pytest.raises(EncodeError, match="a hole stands in a list only; undefined stands anywhere"):
        codec.stringify(around(hole))


def test_a_coroutine_is_refused_and_still_ours(codec):
    async def work():
        return 1

    coroutine = work()
    with pytest.raises(EncodeError, match="use stringifyAsync instead"):
        codec.stringify(coroutine)
    assert asyncio.run(coroutine) == 1


# (path as JavaScript writes it, what leads there)
PATHS = [
    ("", lambda bad: bad),
    (".a", lambda bad: {"a": bad}),
    (".a.b[1]", lambda bad: {"x": 1, "a": {"b": [0, bad]}}),
    ("._$1", lambda bad: {"_$1": bad}),
    ('["a-b"]', lambda bad: {"a-b": bad}),
    ('[""]', lambda bad: {"": bad}),
    ('["5"]', lambda bad: {"5": bad}),
    ('["é"]', lambda bad: {"é": bad}),
    ('["<\u2028\\n\\"\\\\\\u0001\\ud800"]', lambda bad: {'<\u2028\n"\\\x01\ud800': bad}),
    (".a", lambda bad: NullObject(a=bad)),
    ("[42]", lambda bad: SparseArray(100, {42: bad})),
    ("[1]", lambda bad: [hole, bad]),
    ("[1]", lambda bad: (0, bad)),
    ('.get("key")', lambda bad: Map([("key", bad)])),
    ('.get("\\u003C")', lambda bad: Map([("<", bad)])),
    (".get(5)", lambda bad: Map([(5, bad)])),
    (".get(5)", lambda bad: Map([(5.0, bad)])),
    (".get(1e+21)", lambda bad: Map([(1e21, bad)])),
    (".get(NaN)", lambda bad: Map([(float("nan"), bad)])),
    (".get(Infinity)", lambda bad: Map([(float("inf"), bad)])),
    (".get(null)", lambda bad: Map([(None, bad)])),
    (".get(true)", lambda bad: Map([(True, bad)])),
    (".get(-1)", lambda bad: Map([(undefined, bad)])),
    ('.get(["BigInt","5"])', lambda bad: Map([(BigInt(5), bad)])),
    (".get(...)", lambda bad: Map([([], bad)])),
    (".get(...)", lambda bad: Map([(bad, 1)])),
    ("", lambda bad: Set([bad])),
    (".a", lambda bad: Set([{"a": bad}])),
]  # fmt: skip


@pytest.mark.parametrize(("path", "around"), PATHS)
def test_the_path_leads_to_the_value_as_javascript_writes_it(codec, path, around):
    with pytest.raises(EncodeError) as caught:
        codec.stringify(around(print))
    assert caught.value.path == path


def test_the_path_of_a_bad_key_leads_to_its_object(codec):
    with pytest.raises(EncodeError) as caught:
        codec.stringify({"a": {"fine": [1], "__proto__": 1}})
    assert caught.value.path == ".a"
    assert caught.value.value == {"fine": [1], "__proto__": 1}


def test_the_path_is_that_of_the_place_where_the_value_is_met_first(codec):
    bad = [print]
    with pytest.raises(EncodeError) as caught:
        codec.stringify({"a": [1, bad], "b": bad})
    assert caught.value.path == ".a[1][0]"


def test_the_first_bad_value_in_the_order_of_writing_is_reported(codec):
    with pytest.raises(EncodeError) as caught:
        codec.stringify([[{"a": 1j}], print])
    assert caught.value.path == "[0][0].a"


def test_boxed_values_and_views_add_no_step(codec):
    with pytest.raises(EncodeError) as caught:
        codec.stringify([Boxed(2**60)])
    assert caught.value.path == "[0]"


@pytest.mark.parametrize("levels", [1, 2, 3])
@pytest.mark.parametrize(
    "around",
    [
        lambda inner: [inner], lambda inner: (inner,), lambda inner: {"a": inner}, lambda inner: NullObject(a=inner),
        lambda inner: Map([("k", inner)]), lambda inner: Map([(inner, "v")]), lambda inner: Set([inner]),
        lambda inner: SparseArray(9, {8: inner}),
    ],
)  # fmt: skip
def test_max_depth_counts_every_container(codec, levels, around):
    value = 1
    for _ in range(levels):
        value = around(value)
    codec.stringify(value, max_depth=levels)
    with pytest.raises(EncodeError, match=f"nested deeper than {levels - 1} levels") as caught:
        codec.stringify(value, max_depth=levels - 1)
    assert "max_depth" in caught.value.hint


@pytest.mark.parametrize("value", [b"ab", Boxed("x"), array.array("b")], ids=repr)
def test_max_depth_counts_a_box_and_a_view_as_they_refer_to_another_slot(codec, value):
    codec.stringify([value], max_depth=2)
    with pytest.raises(EncodeError, match="nested deeper than 1 levels"):
        codec.stringify([value], max_depth=1)


def test_max_depth_counts_a_custom_value(codec):
    reducers = {"Plain": (Plain, lambda value: [1])}
    codec.stringify([Plain()], reducers=reducers, max_depth=3)
    with pytest.raises(EncodeError, match="nested deeper than 2 levels"):
        codec.stringify([Plain()], reducers=reducers, max_depth=2)


def test_max_depth_counts_where_a_value_is_met_first(codec):
    inner = [1]
    assert codec.stringify([inner, [inner]], max_depth=2) == "[[1,3],[2],1,[1]]"


def test_max_depth_is_1800_by_default_and_none_lifts_it(codec):
    value: list = []
    for _ in range(1799):
        value = [value]
    codec.stringify(value)
    with pytest.raises(EncodeError, match="nested deeper than 1800 levels"):
        codec.stringify([value])
    for _ in range(100_000):
        value = [value]
    assert len(codec.stringify(value, max_depth=None)) > 600_000


def test_a_long_path_is_whole_in_the_attribute_and_short_in_the_text(codec):
    value = print
    for _ in range(1000):
        value = {"abc": value}
    with pytest.raises(EncodeError) as caught:
        codec.stringify(value)
    assert caught.value.path == ".abc" * 1000
    assert len(str(caught.value)) < 1000


def test_an_encode_error_is_a_type_error_and_a_devalue_error(codec):
    with pytest.raises(EncodeError) as caught:
        codec.stringify(print)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, DevalueError)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.path) == (str(caught.value), "")


def test_an_object_that_claims_another_class_is_taken_for_what_it_is(codec):
    class Proxy:
        @property
        def __class__(self):
            return str

    with pytest.raises(EncodeError, match="arbitrary non-POJOs"):
        codec.stringify([Proxy()])
    with pytest.raises(EncodeError, match="arbitrary non-POJOs"):
        codec.stringify(Map([(Proxy(), 1)]))


def test_nothing_is_kept_after_an_error(codec):
    thing = Plain()
    before = sys.getrefcount(thing)
    for _ in range(10):
        with contextlib.suppress(EncodeError):
            codec.stringify([thing])
    after = sys.getrefcount(thing)
    assert after == before
