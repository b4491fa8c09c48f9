"""What went wrong in other serialisers, each as a test that it cannot go wrong here."""

import contextlib
import json

import pytest

from devalue import (
    URL,
    ArrayBuffer,
    BigInt,
    Boxed,
    DataView,
    Date,
    DecodeError,
    EncodeError,
    Map,
    NullObject,
    RegExp,
    Set,
    SparseArray,
    Temporal,
    TypedArray,
    URLSearchParams,
)
from devalue.types.keys import normal_key


@pytest.mark.parametrize("text", ["[" * 300_000, '[{"a":' * 100_000, "[1," + "[" * 200_000 + "]" * 200_000 + "]"])
def test_orjson_cve_2024_27454_nested_json_does_not_recurse(codec, text):
    with contextlib.suppress(DecodeError):
        codec.parse(text)


@pytest.mark.parametrize(
    "wrap", [lambda v: [v], lambda v: {"a": v}, lambda v: Map([("a", v)])], ids=["list", "dict", "Map"]
)
def test_orjson_cve_2025_67221_and_cbor2_cve_2026_26209_nested_values_do_not_recurse(codec, wrap):
    value = None
    for _ in range(10_000):
        value = wrap(value)
    with pytest.raises(EncodeError, match="deep"):
        codec.stringify(value)
    text = codec.stringify(value, max_depth=None)
    assert codec.stringify(codec.parse(text), max_depth=None) == text


def test_cbor2_6_1_both_directions_number_references_alike(codec):
    shared = [
        [],
        {},
        Map(),
        Set(),
        (1, 2),
        SparseArray(10**6),
        Boxed("x"),
        RegExp("a"),
        b"abc",
        TypedArray("Int8Array", [1]),
    ]
    value = [shared, shared[::-1], {"again": shared}, [[one, one] for one in shared]]
    text = codec.stringify(value)
    slots = json.loads(text)
    assert all(0 <= index < len(slots) for index in slots[0])
    copy = codec.parse(text)
    assert codec.stringify(copy) == text
    assert all(one is other for one, other in zip(copy[0], reversed(copy[1]), strict=True))
    assert all(pair[0] is pair[1] is one for one, pair in zip(copy[0], copy[3], strict=True))


def test_cbor2_6_1_numbers_that_python_hashes_alike_do_not_crowd_a_map():
    flood = [(2**61 - 1) * factor for factor in range(1, 2000)]
    assert len({hash(number % 2**53) for number in flood}) < len({hash(normal_key(number)) for number in flood}) + 1
    assert len({hash(normal_key(float(number))) for number in flood}) == len({float(number) for number in flood})


@pytest.mark.parametrize(
    "change", [bytearray.clear, lambda data: data.extend(b"x" * 10_000), lambda data: data.reverse()]
)
def test_msgpack_695_and_733_a_hook_may_change_the_buffer_that_is_being_read(codec, change):
    data = bytearray(b'[[1,3,4],["V",2],"first",["V",4],"' + b"last" * 50 + b'"]')

    def revive(payload):
        change(data)
        return payload

    assert codec.parse(data, revivers={"V": revive}) == ["first", "last" * 50, "last" * 50]


@pytest.mark.parametrize(
    ("made", "arguments"),
    [
        (BigInt(5), (6,)), (Boxed("x"), ("y",)), (Map([("a", 1)]), ([("b", 2)],)), (Set("ab"), ("cd",)),
        (NullObject(a=1), ({"b": 2},)), (SparseArray(9, {1: 2}), (5, {3: 4})), (Date(1), (2.0,)), (RegExp("a"), ("b",)),
        (URL("https://a.b/"), ("https://c.d/",)), (URLSearchParams("a=1"), ("b=2",)), (ArrayBuffer(b"ab"), (b"c",)),
        (TypedArray("Int8Array", [1, 2]), ("Float64Array", [1.5])), (DataView(ArrayBuffer(4)), (ArrayBuffer(2), 1)),
        (Temporal("PlainDate", "2024-01-01"), ("Duration", "P1D")),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, tuple) else "",
)  # fmt: skip
def test_msgpack_723_an_object_stays_valid_when_init_runs_twice(codec, made, arguments):
    text = codec.stringify([made, made])
    made.__init__(*arguments)
    again = codec.stringify([made, made])
    assert codec.stringify(codec.parse(again)) == again
    assert codec.stringify(codec.parse(text)) == text


@pytest.mark.parametrize(("character", "written"), [("\x00", 6), ("\ud800", 6), ("<", 6), ("\n", 2), ("\u2028", 6)])
@pytest.mark.parametrize("length", [1, 63, 64, 4095, 4096, 4097, 70_001])
def test_ujson_cve_2021_45958_escapes_fit_whatever_they_grow_to(codec, character, written, length):
    text = codec.stringify({character * length: [character * length, "é"]})
    assert len(text) == 2 * written * length + len('[{"":1},[2,3],"","é"]')
    assert codec.parse(text) == {character * length: [character * length, "é"]}


@pytest.mark.parametrize(
    "name", ["os.system", "builtins.eval", "devalue.types.Map", "Map.__init__", "__reduce__", "py/object"]
)
def test_langgraph_cve_2026_28277_a_name_in_a_text_imports_nothing(codec, name):
    with pytest.raises(DecodeError, match="Unknown type"):
        codec.parse(f'[["{name}",1],["x"]]', revivers={"V": list})
