"""The compiled decoder: what its fast path reads is what the pure twin reads, and nothing in it leaks or breaks."""

from __future__ import annotations

import gc
import math
import random
import re
import signal
import struct
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devalue import ArrayBuffer, DecodeError, Map, TypedArray, stringify
from devalue._parse import parse
from devalue._pure.parse import parse as pure_parse
from devalue.testing import difference, values
from tests.codec.mutations import WIRES, damaged

# A slot that nothing refers to makes Python store the text with 1, 2 or 4 bytes a character.
WIDTHS = {"1 byte": '"x"', "latin-1": '"é"', "2 bytes": '"日"', "4 bytes": '"😀"'}
REVIVERS = {name: lambda payload, name=name: [name, payload] for name in ("V", "W", "URL")}


@pytest.fixture
def no_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where the fast path gives up."""

    def refuse(data: Any, **_: Any) -> None:
        pytest.fail(f"left to the pure twin: {data!r}")

    monkeypatch.setattr("devalue._parse._pure_parse", refuse)


def widened(text: str) -> Iterator[str | bytes]:
    """The same wire in every form of text that has a scanner of its own."""
    for slot in WIDTHS.values():
        if text.endswith("]"):
            yield f"{text[:-1]},{slot}]"
    yield text
    yield text.encode("utf-8", "surrogatepass")


def outcome(function: Callable[..., Any], data: Any, with_revivers: bool) -> tuple[Any, ...]:
    """What a parser makes of a text: ("value", value, calls) or ("error", its attributes, calls)."""
    calls: list[str] = []

    def recorded(name: str) -> Callable[[Any], Any]:
        return lambda payload: (calls.append(name), REVIVERS[name](payload))[1]

    try:
        value = function(data, revivers={name: recorded(name) for name in REVIVERS} if with_revivers else None)
    except DecodeError as error:
        return "error", (error.msg, error.pos, error.slot), calls
    return "value", value, calls


def assert_same(data: str | bytes, with_revivers: bool = False) -> None:
    expected, actual = (outcome(function, data, with_revivers) for function in (pure_parse, parse))
    assert actual[0] == expected[0], (data, actual, expected)
    assert actual[2] == expected[2], (data, actual, expected)
    if expected[0] == "error":
        assert actual[1] == expected[1], data
    else:
        assert difference(actual[1], expected[1]) is None, data


@pytest.mark.parametrize("with_revivers", [False, True])
@pytest.mark.parametrize("wire", WIRES)
def test_every_width_of_text_gives_what_the_twin_gives(wire: str, with_revivers: bool):
    for text in widened(wire):
        assert_same(text, with_revivers)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_texts_are_judged_as_the_twin_judges_them(seed: int):
    for text in damaged(random.Random(seed), 4_000):
        for with_revivers in (False, True):
            assert_same(text, with_revivers)
            assert_same(text.encode("utf-8", "surrogatepass"), with_revivers)


@settings(max_examples=200)
@given(values())
def test_any_value_is_read_as_the_twin_reads_it(value: Any):
    for text in widened(stringify(value, max_depth=None)):
        assert_same(text)


@settings(max_examples=200)
@given(st.binary(max_size=40))
def test_any_bytes_give_a_value_or_a_decode_error(data: bytes):
    for text in (data, b"[" + data, b'["' + data + b'"]'):
        assert_same(text)


COMMON = [
    '[{"a":1,"b":2,"n":3,"l":[]},"é\\n<",null]'.replace('"l":[]', '"l":4').replace("]", ",true,[1,2,-1]]"),
    '[{"when":1,"ids":2},["Date","2024-01-02T03:04:05.678Z"],["Set",3],17]',
    '[[1,2,3],["Date",""],["Date","+012345-01-01T00:00:00.000Z"],["Date","0000-01-01T00:00:00.000Z"]]',
    '[["Map",1,2,2,1],"k",["Map"]]',
    '[[1,2,3],["BigInt","-10"],["BigInt","9007199254740993"],["BigInt","' + "7" * 5000 + '"]]',
    '[[1,2],["RegExp","a/b","gi"],["RegExp","x"]]',
    '[[1,2],["URL","https://a.b/"],["URLSearchParams","a=1&b=2"]]',
    '[[1,3,4,2],["Uint8Array",2],["ArrayBuffer","AAECAwQFBgc="],["Int32Array",2,4,1],["DataView",2,2,3]]',
    '[[1],["ArrayBuffer",""]]',
    '[["null","a",1,"b",0],1]',
    '[[1,2,3,4],["Object",5],["Object",-3],["Object",6],["Object",7],"s",["BigInt","1"],true]',
    '[[1,2],[-7,4294967295,0,3,4294967294,0],[-7,2],1.5]',
    '[[1,-2,-1,-3,-4,-5,-6],0.1]',
    '[[1,2,3,4,5],1e21,-0,123456789012345678901234567890,5e-324,1.7976931348623157e308]',
    '[[1,2],["Temporal.PlainDate","2024-01-01"],["Temporal.Duration","P1D"]]',
    '[[0,1,2],{"self":1,"up":0},["Set",0,1,2]]',
    '[ [ 1 , 2 ] ,\n{ "a" : 2 , "b" : -4 } , "x" ]\n',
    '[["null"],["Set"]]',
]  # fmt: skip


@pytest.mark.usefixtures("no_twin")
@pytest.mark.parametrize("wire", COMMON)
def test_the_fast_path_reads_every_kind_of_value(wire: str):
    for text in widened(wire):
        assert difference(parse(text), pure_parse(text)) is None


@pytest.mark.usefixtures("no_twin")
def test_the_fast_path_calls_revivers_in_both_forms():
    wire = '[{"v":1,"u":3,"c":4},["V",2],[1,0],["URL","raw"],["W",5],{"x":4,"y":6},["W",-1]]'
    text = parse(wire, revivers=REVIVERS)
    assert difference(text, pure_parse(wire, revivers=REVIVERS)) is None


@pytest.mark.parametrize("convert", [str.encode, lambda s: bytearray(s.encode()), lambda s: memoryview(s.encode())])
def test_bytes_like_objects_are_read(convert: Callable[[str], Any]):
    assert parse(convert('[{"é":1},"日本"]')) == {"é": "日本"}


@pytest.mark.parametrize("data", [b'["\xff"]', b'["\xed\xa0\x80"]', b'["a\xc3"]', b'[{"\xe9":1},1]', b'["\\n\xff"]'])
def test_bytes_that_are_no_utf8_are_refused(data: bytes):
    with pytest.raises(DecodeError, match="UTF-8"):
        parse(data)


def test_a_value_that_a_repeated_key_displaces_is_still_there_for_others():
    for text in ('[{"a":1,"a":2,"b":1},[3],4,"x"]', '[["null","a",1,"a",2,"b",1],[3],4,"x"]'):
        assert parse(text) == {"a": 4, "b": ["x"]}
    assert dict(parse('[[-7,9,1,1,1,2,5,1],[3],4,"x"]').items()) == {1: 4, 5: ["x"]}


def test_keys_that_crowd_the_key_cache_stay_right():
    names = [f"key{index}" for index in range(10_000)] + ["k" * length for length in range(200)]
    text = stringify({name: index for index, name in enumerate(names)})
    for _ in range(2):
        assert list(parse(text)) == names


def test_a_million_levels_are_read_and_refused_without_recursion():
    levels = 1_000_000
    value = parse("[" + ",".join(f"[{index + 1}]" for index in range(levels)) + ",1]")
    depth = 0
    while isinstance(value, list):
        value, depth = value.pop(), depth + 1
    assert depth == levels
    with pytest.raises(DecodeError):
        parse("[" * levels)


# --- numbers -------------------------------------------------------------------------------------------------------


def read_numbers(texts: list[str]) -> list[Any]:
    return parse("[" + ",".join(["[" + ",".join(map(str, range(1, len(texts) + 1))) + "]", *texts]) + "]")


def assert_doubles(texts: list[str]) -> None:
    for text, number in zip(texts, read_numbers(texts), strict=True):
        expected = float(text)
        assert struct.pack("<d", number) == struct.pack("<d", expected), text
        assert isinstance(number, float) or (float(text).is_integer() and "." not in text and "e" not in text), text


def test_shortest_doubles_of_random_bits_are_read_exactly():
    rnd = random.Random(1)
    numbers = (struct.unpack("<d", rnd.randbytes(8))[0] for _ in range(100_000))
    assert_doubles([repr(number) for number in numbers if math.isfinite(number)])


def test_decimals_of_any_length_and_exponent_are_rounded_correctly():
    rnd = random.Random(2)
    digits = [str(rnd.randrange(1, 10 ** rnd.randrange(1, 40))) for _ in range(50_000)]
    assert_doubles([f"{text[:1]}.{text[1:] or 0}e{rnd.randrange(-400, 400)}" for text in digits])
    assert_doubles([f"-0.{'0' * rnd.randrange(30)}{text}" for text in digits])


def test_halfway_cases_are_rounded_to_even():
    halves = [2**53 + 1, 2**53 + 3, 2**60 + 2**7, 2**60 + 3 * 2**7, 10**22 + 2**20, 2**1023 * 2 - 2**970]
    assert_doubles([f"{half}.0" for half in halves] + [f"{half}.{'0' * 30}1" for half in halves])
    assert_doubles(["2.4703282292062327208e-324", "2.4703282292062328e-324", "2.2250738585072011e-308", "1e-400"])


def test_integers_are_ints_within_the_safe_range_and_floats_beyond():
    safe = 2**53 - 1
    texts = ["0", "-0", str(safe), str(-safe), str(safe + 1), str(-safe - 1), "1" * 18, "1" * 19, "1" * 400, "12345678"]
    numbers = read_numbers(texts)
    assert [type(number) for number in numbers] == [int, float, int, int, float, float, float, float, float, int]
    assert numbers == [0, 0.0, safe, -safe, 2.0**53, -(2.0**53), 1e18 / 9, 1e19 / 9, math.inf, 12345678]
    assert math.copysign(1, numbers[1]) == -1


# --- strings -------------------------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans())
def test_strings_of_any_content_and_length_are_read(text: str, escape: bool):
    quoted = stringify(text)
    if escape:
        quoted = '["' + "".join(f"\\u{unit:04X}" for unit in memoryview(text.encode("utf-16-le")).cast("H")) + '"]'
    for wire in widened(quoted):
        assert parse(wire) == text


@pytest.mark.parametrize("length", [0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 1000])
@pytest.mark.parametrize("char", ["a", "é", "日", "😀"])
def test_the_end_of_a_string_is_found_at_every_place(length: int, char: str):
    for text in (char * length, "a" * length + char, char * length + '"', "\\" + char * length, "\n" * length + char):
        for wire in widened(stringify(text)):
            assert parse(wire) == text


@pytest.mark.parametrize("wire", ['["a\x1fb"]', '["a\x00b"]', '["\\x41"]', '["\\u12G4"]', '["abc', '["\\', '["\\u00'])
def test_malformed_strings_are_refused(wire: str):
    for text in (wire, wire.encode(), wire + "日", wire + "😀"):
        with pytest.raises(DecodeError):
            parse(text)


# --- memory, threads, interrupts -----------------------------------------------------------------------------------


MEMORY_CASES = [*WIRES, *COMMON, '[{"a":1,"a":2,"b":1},[3],4,"x"]', "[[0,1],[0,1,9]]", '["ab', '[["URL","no url"]]']


@pytest.mark.parametrize("with_revivers", [False, True])
def test_nothing_leaks_on_any_path(with_revivers: bool):
    def all_cases() -> None:
        for wire in MEMORY_CASES:
            for data in widened(wire):
                outcome(parse, data, with_revivers)

    def growth() -> int:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(30):
            all_cases()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before

    tracemalloc.start()
    try:
        # Caches fill up at first, slowly where addresses come again late. One object lost for one wire, in four widths,
        # would be 4 * 30 * 16 bytes every time.
        assert any(growth() < 1900 for _ in range(40))
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("wire", ['[[1],"x"]', '["x', '[["URL","no url"]]', '[["V",1],1]'])
def test_garbage_collection_is_as_it_was_afterwards(wire: str):
    for enabled in (True, False):
        (gc.enable if enabled else gc.disable)()
        try:
            outcome(parse, wire, with_revivers=True)
            assert gc.isenabled() is enabled
        finally:
            gc.enable()


def test_a_reviver_may_parse():
    def reviver(payload: Any) -> Any:
        return payload if payload == 0 else parse(f'[["V",1],{payload - 1}]', revivers={"V": reviver})

    assert parse('[["V",1],50]', revivers={"V": reviver}) == 0


def test_a_reviver_may_take_its_payload_apart():
    def reviver(payload: Any) -> Any:
        payload.clear()
        gc.collect()
        return payload

    wire = '[[1,2,3],["V",4],["V",5],[6],{"a":6,"b":3},[6,3],"some text of its own"]'
    read = parse(wire, revivers={"V": reviver})
    assert read == [{}, [], ["some text of its own"]]


def test_what_a_reviver_looks_into_before_it_is_complete_gets_the_rest():
    def reviver(payload: Any) -> Any:
        len(payload)
        return "revived"

    read = parse('[["Map",1,2,3,4],"k",["V",0],"l","m"]', revivers={"V": reviver})
    assert isinstance(read, Map)
    assert dict(read.items()) == {"k": "revived", "l": "m"}
    assert list(parse('[["Set",1,2],["V",0],"x"]', revivers={"V": reviver})) == ["revived", "x"]


def test_the_exception_of_a_reviver_passes_through_and_no_other_runs():
    calls = []

    def reviver(payload: Any) -> Any:
        calls.append(payload)
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        parse('[[1,2],["V",3],["V",4],1,2]', revivers={"V": reviver})
    assert calls == [1]


def test_a_long_parse_can_be_interrupted():
    text = "[" + ",".join(['"some text"'] * 6_000_000) + "]"

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        with pytest.raises(KeyboardInterrupt):
            [parse(text) for _ in range(100)]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


# CPython 3.12 itself crashes when an allocation fails in Python code (comprehensions): only values made in C here.
MADE_IN_C = [wire for wire in COMMON if not re.search('RegExp|URL|Temporal|"Date","[^2]|7{5000}', wire)]


@pytest.mark.parametrize("wire", [*MADE_IN_C, '[["V",1],{"a":2,"b":0},"text"]'])
def test_a_failed_allocation_is_a_memory_error_wherever_it_happens(wire: str):
    testcapi = pytest.importorskip("_testcapi", reason="this Python has no _testcapi to make allocations fail")
    revivers = {"V": list} if '"V"' in wire else None
    failed = 0
    for failing in range(150):
        parse('[{"a":1},"x"]')
        testcapi.set_nomemory(failing, failing + 1)
        try:
            parse(wire, revivers=revivers)
        except MemoryError:
            failed += 1
        finally:
            testcapi.remove_mem_hooks()
    assert failed


def test_array_buffers_are_their_own_memory():
    read = parse('[[1,2],["Uint8Array",3],["Uint8Array",3,1],["ArrayBuffer","AAEC"]]')
    assert isinstance(read[0], TypedArray)
    assert isinstance(read[0].buffer, ArrayBuffer)
    read[0][2] = 7
    assert list(read[1]) == [1, 7]
    assert read[0].buffer is read[1].buffer


@pytest.mark.parametrize("size", [*range(40), 999, 1000, 1001, 100_000])
def test_base64_of_every_length_is_read(size: int):
    content = random.Random(size).randbytes(size)
    for text in widened(stringify(ArrayBuffer(content))):
        assert bytes(parse(text)) == content


def test_scratch_memory_is_bounded_between_calls():
    text = stringify(list(range(1_500_000)))
    parse("[[1],1]")
    tracemalloc.start()
    try:
        parse(text)
        assert tracemalloc.get_traced_memory()[0] < 20_000_000
    finally:
        tracemalloc.stop()
