"""The compiled ``uneval`` writes what the readable one writes, and fails as it fails."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devalue import (
    ArrayBuffer,
    BigInt,
    Boxed,
    DataView,
    Date,
    EncodeError,
    Map,
    NullObject,
    RegExp,
    Set,
    SparseArray,
    Temporal,
    TypedArray,
    hole,
    parse,
    stringify,
    undefined,
)
from devalue._uneval import uneval as pure
from devalue._uneval_fast import uneval as compiled
from devalue.testing import encodable, values
from devalue.types.binary import TYPED_ARRAYS


def outcome(uneval: Callable[..., str], value: Any, options: dict[str, Any]) -> tuple[Any, ...]:
    """The text, or what the error says."""
    try:
        return (uneval(value, **options),)
    except EncodeError as error:
        return error.message, error.path, error.hint, error.value, error.root


def agree(value: Any, **options: Any) -> None:
    # The readable one goes second: it turns a flat Map or Set into its index.
    theirs = outcome(compiled, value, options)
    assert theirs == outcome(pure, value, options)


@settings(max_examples=500)
@given(values() | encodable())
def test_every_value_has_the_same_text(value: Any) -> None:
    agree(value)
    agree([value, {"again": value}])


CONTAINERS: dict[str, Callable[[list[Any]], Any]] = {
    "list": lambda items: items,
    "tuple": tuple,
    "object": lambda items: {f"k-{at}" if at % 2 else f"k{at}": item for at, item in enumerate(items)},
    "null object": lambda items: NullObject({"": items}),
    "map": lambda items: Map(enumerate(items)),
    "keys": lambda items: Map((item, at) for at, item in enumerate(items)),
    "set": Set,
    "holes": lambda items: [hole, *items, *[hole] * 100],
    "sparse array": lambda items: SparseArray(len(items) * 50 + 1, ((at * 50, item) for at, item in enumerate(items))),
}
LEAVES: list[Callable[[], Any]] = [
    lambda: "<" * 64,
    lambda: "😀" * 64,
    lambda: "x" * 200,
    lambda: BigInt(5),
    lambda: BigInt(-(2**63)),
    lambda: BigInt(-(10**50)),
    lambda: Boxed("x" * 200),
    lambda: datetime(2024, 1, 1, tzinfo=UTC),
    lambda: datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=1))),
    lambda: RegExp("a"),
    lambda: b"ab",
    lambda: TypedArray("Float32Array", [0.5, -0.0]),
]


@st.composite
def graphs(draw: st.DrawFn) -> Any:
    """Values in which nearly everything occurs more than once, cycles through lists and dicts included."""
    made = [draw(st.sampled_from(LEAVES))() for _ in range(draw(st.integers(1, 4)))]
    loops: list[Any] = [[], {}, Map(), Set()]
    made += loops
    for _ in range(draw(st.integers(1, 8))):
        items = draw(st.lists(st.sampled_from(range(len(made))), max_size=4))
        made.append(CONTAINERS[draw(st.sampled_from(list(CONTAINERS)))]([made[at] for at in items]))
    choice = st.sampled_from(range(len(made)))
    loops[0] += [made[at] for at in draw(st.lists(choice, max_size=3))]
    loops[1].update((f"p{at}", made[at]) for at in draw(st.lists(choice, max_size=3)))
    loops[2].update((made[at], made[draw(choice)]) for at in draw(st.lists(choice, max_size=3)))
    loops[3].update(made[at] for at in draw(st.lists(choice, max_size=3)))
    return made


@settings(max_examples=1000)
@given(graphs())
def test_shared_values_and_cycles_get_the_same_variables(value: Any) -> None:
    agree(value)


WIDTHS = [
    "",
    "a",
    "é",
    "日本",
    "😀",
    "\u2028",
    "\ud800",
    "</script>",
    "\x00\x1f\x7f\x80\xff",
    '"\\/\b\f\n\r\t',
    "a" * 5000,
]


@pytest.mark.parametrize("wide", WIDTHS, ids=ascii)
@pytest.mark.parametrize("text", WIDTHS, ids=ascii)
def test_strings_of_all_widths_beside_each_other(text: str, wide: str) -> None:
    agree([text, {wide: text, text: 1}, wide, 0.5, 12345, BigInt(7), b"\x00\xff"])
    agree([text * 40, wide * 40, text * 40, wide * 40])


@pytest.mark.parametrize("start", range(48))
def test_an_escape_at_every_place_of_a_block(start: int) -> None:
    for special in '"\\<\n\u2028\ud800':
        for filler in "aé日😀":
            agree(filler * start + special + filler * 20)


NUMBERS = [0.0, -0.0, 0.5, -0.5, 1e-6, 1e-7, -1e-7, 1e20, 1e21, 2.0**53, 2**53 - 1, 1.5e300, 5e-324, 0.1 + 0.2, 1e16]


@pytest.mark.parametrize("number", [*NUMBERS, float("nan"), float("inf"), float("-inf")])
def test_numbers_in_every_place(number: float) -> None:
    agree([number, Boxed(number), Map([(number, number)]), Set([number]), {number}, {"a": number}, Date(number)])
    agree(TypedArray("Float64Array", [number]))


@given(st.floats() | st.integers())
def test_any_number(number: float) -> None:
    agree([number, -number])


@given(st.sampled_from(sorted(TYPED_ARRAYS)), st.binary(max_size=64).map(lambda data: data + data))
def test_elements_of_every_kind(kind: str, data: bytes) -> None:
    size = TYPED_ARRAYS[kind][1]
    if len(data) % size == 0:
        agree(TypedArray(kind, ArrayBuffer(data)))
    buffer = ArrayBuffer(data + b"x" * size)
    part = TypedArray(kind, buffer, size, len(data) // size)
    agree(part)
    agree([part, part, buffer, DataView(buffer), DataView(buffer, 1)])


def test_every_half_float() -> None:
    bits = b"".join(struct.pack("<H", number) for number in range(0, 65536, 7))
    agree(TypedArray("Float16Array", ArrayBuffer(bits)))


PARSED = [
    '[["Map",1,2,3,4],"a",1,"b",2]',
    '[["Map",1,2,1,3],"a",1,2]',
    '[["Map",-6,1,2,3],1,0,2]',
    '[["Map",-3,1,-3,2],1,2]',
    '[["Map",1,2,3,4],1,2,["BigInt","1"],3]',
    '[["Map",1,-1,-1,1],null]',
    '[["Set",1,2],"a","b"]',
    '[["Set",1,2,1],"a","b"]',
    '[["Set",-6,1,-3],0]',
]


@pytest.mark.parametrize("text", PARSED)
def test_collections_as_parsed_and_as_indexed(text: str) -> None:
    indexed = parse(text)
    assert len(indexed)
    assert compiled(parse(text)) == pure(parse(text)) == compiled(indexed)


ZONES = [
    UTC,
    timezone(timedelta(hours=5, minutes=30)),
    timezone(timedelta(microseconds=-1)),
    timezone(-timedelta(hours=23)),
]


@given(st.datetimes(), st.sampled_from([None, *ZONES]), st.sampled_from([None, *ZONES]))
def test_datetimes_of_any_fixed_offset(moment: datetime, zone: timezone | None, naive_tz: timezone | None) -> None:
    agree([moment.replace(tzinfo=zone)], naive_tz=naive_tz)


LENGTHS = [0, 1, 2, 5, 33, 34, 35, 36, 90, 100, 118, 119, 120, 121, 122, 10**6, 2**32 - 1]


@pytest.mark.parametrize("length", LENGTHS)
def test_sparse_arrays_of_any_length(length: int) -> None:
    for places in ([], [0], [length - 1], [0, length - 1], range(0, min(length, 200), 3), range(min(length, 200))):
        there = {place: [place] for place in places if 0 <= place < length}
        array = SparseArray(length, there)
        agree(array)
        agree([array, array, *there.values()])
        if length < 1000:
            dense = [there.get(place, hole) for place in range(length)]
            agree(dense)
            agree([dense, dense])


class Text(StrEnum):
    A = "a"


class Summer(tzinfo):
    """A zone that computes its offset in Python."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        return timedelta(hours=2)


ODD: dict[str, Any] = {
    "subclasses": [OrderedDict(a=1), Text.A, {Text.A: 1}, type("L", (list,), {})([1]), True, BigInt(10**400)],
    "a zone with rules": datetime(2024, 7, 1, tzinfo=Summer()),
    "a naive datetime": datetime(2024, 1, 1),
    "a hole outside a list": {"a": hole},
    "a key that is no string": [{1: 2}],
    "a __proto__ key": {"a": NullObject({"__proto__": 1})},
    "a large integer": [2**53],
    "a long bigint": BigInt(10**10_000),
    "a function": [print],
    "a sparse array out of order": SparseArray(100, {5: 1, 2: [1]}),
    "memory": [memoryview(b"ab"), bytearray(b"xy"), b"", b"a", b"a"],
    "temporal": [Temporal("PlainDate", "2024-01-01")] * 2,
    "singletons": [(), (), frozenset(), frozenset(), undefined, None, ""],
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_what_is_not_plain_is_left_to_the_readable_one(value: Any) -> None:
    agree(value)
    agree([value, value])
    agree(value, naive_tz=UTC)


WRAPPERS: dict[str, Callable[[Any], Any]] = {
    "list": lambda inner: [inner],
    "object": lambda inner: {"a": inner},
    "map": lambda inner: Map([("a", inner)]),
    "key": lambda inner: Map([(inner, 1)]),
    "set": lambda inner: Set([inner]),
    "sparse array": lambda inner: SparseArray(10, {3: inner}),
    "beside a frozenset": lambda inner: (frozenset([(1,)]), inner),
}


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
@pytest.mark.parametrize("core", [1, (), b"ab", Boxed(1), TypedArray("Int8Array", [1])], ids=repr)
def test_depth_is_counted_the_same(wrap: Callable[[Any], Any], core: Any) -> None:
    value: Any = core
    for _ in range(5):
        value = wrap(value)
    for limit in range(8):
        agree(value, max_depth=limit)


@pytest.mark.parametrize("limit", [-1, 2.5, 2**80, True])
def test_odd_limits_mean_the_same(limit: Any) -> None:
    agree([[1]], max_depth=limit)


@pytest.mark.parametrize("wrap", [WRAPPERS["list"], WRAPPERS["object"], WRAPPERS["map"]], ids=["list", "object", "map"])
def test_a_depth_beyond_2000_is_refused_alike_and_written_alike(wrap: Callable[[Any], Any]) -> None:
    value: Any = 1
    for _ in range(3000):
        value = wrap(value)
    agree(value)
    agree(value, max_depth=None)
    agree([value, value], max_depth=None)


def test_a_replacer_is_left_to_the_readable_one() -> None:
    assert compiled([{}], replacer=lambda value, uneval: "x" if value == {} else None) == "[x]"


def test_no_reference_is_kept_or_lost() -> None:
    items = [object(), "x" * 200, datetime(2024, 1, 1, tzinfo=UTC), frozenset([1.5]), BigInt(10**30), [], {}]
    for value in (items[1:], items, [items[1:], *items[1:]]):
        before = [sys.getrefcount(item) for item in items]
        for _ in range(50):
            outcome(compiled, value, {})
        assert [sys.getrefcount(item) for item in items] == before


@contextmanager
def ctrl_c(handler: Callable[..., object]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that sends SIGINT to this one a few times: one of them comes in the middle of a call."""
    before = signal.signal(signal.SIGINT, handler)
    pauses = "for pause in 0.05 0.1 0.2 0.4 0.8 1.6; do sleep $pause; kill -INT $0; done"
    process = subprocess.Popen(["sh", "-c", pauses, str(os.getpid())])
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        signal.signal(signal.SIGINT, before)


LONG: dict[str, Callable[[int], list[Any]]] = {
    "one list": lambda size: list(range(size)),
    "many lists": lambda size: [[at] for at in range(size // 3)],
    "shared lists": lambda size: [[one, one] for one in ([at] for at in range(size // 20))],
    "a Map and a Set": lambda size: [Map((at, at) for at in range(size // 10)), Set(range(size // 10))],
    "a parsed Map": lambda size: parse(stringify([Map((at, at) for at in range(size // 5))])),
    "holes": lambda size: [[hole, 1] * (size // 4)],
    "a sparse array": lambda size: [SparseArray(size * 50, {at * 50: at for at in range(size // 5)})],
}


@pytest.mark.parametrize("make", LONG.values(), ids=LONG)
def test_what_a_handler_of_ctrl_c_changes_in_the_middle_of_a_call_is_written_whole(
    make: Callable[[int], list[Any]],
) -> None:
    value = make(2_000_000)
    size, text = len(value), ""
    with ctrl_c(lambda *_: value.__setitem__(slice(size, None), ["late"])) as process:
        while '"late"' not in text[-60:] and process.poll() is None:
            del value[size:]
            text = compiled(value)
    assert '"late"' in text[-60:], "no handler ran in the middle of a call"
    value[size:] = ["late"]
    assert text == compiled(value)


def test_a_handler_of_ctrl_c_that_raises_ends_the_call() -> None:
    value = [[at, str(at)] for at in range(500_000)]
    over = False

    def handler(*_: object) -> None:
        if not over:
            raise KeyboardInterrupt

    with ctrl_c(handler):
        try:
            while True:
                compiled(value)
        except KeyboardInterrupt:
            over = True
    agree(value[:10])


def test_a_handler_of_ctrl_c_may_use_what_it_interrupts() -> None:
    value = [[at, str(at)] for at in range(500_000)]
    want, found = compiled(value), []

    with ctrl_c(lambda *_: found.append(compiled({"in": ["handler", value[0]]}))) as process:
        while process.poll() is None:
            assert compiled(value) == want
    assert found == ['{in:["handler",[0,"0"]]}'] * len(found) != []
