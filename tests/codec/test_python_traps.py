"""Where Python is not JavaScript, and a plain translation of the format would lose or merge something."""

import array
import collections
import datetime
import enum
import sys
from zoneinfo import ZoneInfo

import pytest

from devalue import BigInt, DecodeError, EncodeError, Set, TypedArray


@pytest.mark.parametrize("text", ["[NaN]", "[Infinity]", "[-Infinity]", "NaN", "[[1],NaN]"])
def test_json_of_python_takes_nan_but_devalue_does_not(codec, text):
    with pytest.raises(DecodeError, match="no JSON"):
        codec.parse(text)


def test_json_of_python_reads_minus_zero_as_zero_but_devalue_does_not(codec):
    assert repr(codec.parse("[-0]")) == "-0.0"
    assert codec.stringify(codec.parse("[[1],-0]")) == "[[-6]]"


@pytest.fixture(params=[640, 4300, 0])
def digit_limit(request):
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(request.param)
    yield
    sys.set_int_max_str_digits(limit)


@pytest.mark.usefixtures("digit_limit")
@pytest.mark.parametrize("digits", [599, 600, 601, 1200, 4300, 4301, 9999, 10_000])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_digits_of_a_bigint_do_not_depend_on_the_limit_of_int(codec, digits, sign):
    value = BigInt(sign * (10**digits // 7))
    text = codec.stringify(value)
    assert codec.parse(text) == value
    assert codec.stringify(codec.parse(text)) == text


@pytest.mark.usefixtures("digit_limit")
def test_a_bigint_with_zeros_inside_keeps_them(codec):
    value = BigInt(10**9_999 + 1)
    assert codec.stringify(value) == f'[["BigInt","1{"0" * 9_998}1"]]'
    assert codec.parse(f'[["BigInt","-1{"0" * 9_998}1"]]') == -value


@pytest.mark.usefixtures("digit_limit")
def test_a_bigint_beyond_10000_digits_is_refused_both_ways(codec):
    with pytest.raises(EncodeError, match="more than 10,000 digits"):
        codec.stringify(BigInt(10**10_000))
    with pytest.raises(DecodeError, match="10,001 digits"):
        codec.parse(f'[["BigInt","{"1" * 10_001}"]]')
    with pytest.raises(DecodeError, match="1,000,000 digits"):
        codec.parse(f'[["BigInt","{"1" * 1_000_000}"]]')


@pytest.mark.usefixtures("digit_limit")
def test_a_number_of_any_length_is_read_as_the_double_that_it_is(codec):
    assert codec.parse(f"[1{'0' * 300}]") == 1e300
    assert codec.parse(f"[1{'0' * 100_000}]") == float("inf")
    assert codec.parse(f"[0.{'0' * 100_000}1]") == 0.0


def test_true_and_1_stay_apart_in_maps_and_sets(codec):
    text = '[["Map",1,2,3,4,5,6],1,"one",true,"yes",["BigInt","1"],"big"]'
    value = codec.parse(text)
    assert [value[1], value[True], value[BigInt(1)]] == ["one", "yes", "big"]
    assert codec.stringify(value) == text
    assert codec.stringify(Set([0, False, 1, True])) == '[["Set",1,2,3,4],0,false,1,true]'


def test_unhashable_keys_are_keys(codec):
    value = codec.parse('[["Map",1,2],{"a":2},[]]')
    ((key, inner),) = value.items()
    assert value[key] is inner
    assert key == {"a": []}


@pytest.mark.parametrize("text", ['[["Map",1,2,1,3],"k",1,2]', '[["Map",1,2,3,4],"k",1,"k",2]'])
def test_of_a_repeated_key_in_a_map_the_last_value_stays(codec, text):
    assert codec.parse(text) == {"k": 2}


def test_a_str_enum_an_int_enum_and_other_subclasses_are_written_as_their_base(codec):
    class Color(enum.StrEnum):
        RED = "red"

    class Level(enum.IntEnum):
        HIGH = 3

    class Mixed(str, enum.Enum):  # noqa: UP042
        ONE = "one"

    class Real(float):
        def __repr__(self):
            return "real"

    class Text(str):
        def __str__(self):
            return "other"

        def __eq__(self, other):
            raise AssertionError

        __hash__ = str.__hash__

    class Items(list):
        def __iter__(self):
            raise AssertionError

        def __len__(self):
            raise AssertionError

    pair = collections.namedtuple("pair", "x y")
    value = [Color.RED, Level.HIGH, Mixed.ONE, Real(1.5), Text("text"), Items([1]), pair(1, 2), True]
    assert codec.stringify(value) == '[[1,2,3,4,5,6,8,10],"red",3,"one",1.5,"text",[7],1,[7,9],2,true]'


def test_subclasses_of_dict_are_objects_in_their_order(codec):
    ordered = collections.OrderedDict(a=1, b=2)
    ordered.move_to_end("a")
    assert codec.stringify(ordered) == '[{"b":1,"a":2},2,1]'
    assert codec.stringify(collections.defaultdict(list, a=1)) == '[{"a":1},1]'
    assert codec.stringify(collections.Counter("aab")) == '[{"a":1,"b":2},2,1]'


def test_keys_of_a_subclass_of_str_are_written_as_their_text(codec):
    class Key(enum.StrEnum):
        A = "a"

    assert codec.stringify({Key.A: 1}) == '[{"a":1},1]'


def test_a_datetime_of_any_zone_is_a_moment(codec):
    paris = ZoneInfo("Europe/Paris")
    folded = datetime.datetime(2024, 10, 27, 2, 30, tzinfo=paris, fold=1)
    assert codec.stringify(folded) == '[["Date","2024-10-27T01:30:00.000Z"]]'
    assert codec.stringify(folded.replace(fold=0)) == '[["Date","2024-10-27T00:30:00.000Z"]]'


def test_naive_tz_says_what_naive_datetimes_mean(codec):
    naive = datetime.datetime(2024, 7, 1, 12)
    text = codec.stringify([naive], naive_tz=ZoneInfo("Europe/Paris"))
    assert text == '[[1],["Date","2024-07-01T10:00:00.000Z"]]'
    aware = datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.UTC)
    assert codec.stringify(aware, naive_tz=ZoneInfo("Europe/Paris")) == '[["Date","2024-07-01T12:00:00.000Z"]]'


def test_a_time_zone_without_an_offset_leaves_a_datetime_naive(codec):
    class Nowhere(datetime.tzinfo):
        def utcoffset(self, moment):
            return None

    for options in ({}, {"naive_tz": Nowhere()}):
        with pytest.raises(EncodeError, match="naive datetime"):
            codec.stringify(datetime.datetime(2024, 1, 1, tzinfo=Nowhere()), **options)


def test_an_exception_of_a_time_zone_passes_through(codec):
    class Broken(datetime.tzinfo):
        def utcoffset(self, moment):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        codec.stringify([datetime.datetime(2024, 1, 1, tzinfo=Broken())])


ARRAYS = [
    (array.array("b", [-1]), "Int8Array", "/w=="), (array.array("B", [255]), "Uint8Array", "/w=="),
    (array.array("h", [1]), "Int16Array", "AQA="), (array.array("H", [1]), "Uint16Array", "AQA="),
    (array.array("i", [1]), "Int32Array", "AQAAAA=="), (array.array("I", [1]), "Uint32Array", "AQAAAA=="),
    (array.array("q", [1]), "BigInt64Array", "AQAAAAAAAAA="), (array.array("Q", [1]), "BigUint64Array", "AQAAAAAAAAA="),
    (array.array("f", [1]), "Float32Array", "AACAPw=="), (array.array("d", [1]), "Float64Array", "AAAAAAAA8D8="),
    (array.array("d"), "Float64Array", ""), (memoryview(b"ab"), "Uint8Array", "YWI="),
    (memoryview(b"abcd").cast("H")[1:], "Uint16Array", "Y2Q="), (memoryview(b"a").cast("c"), "Uint8Array", "YQ=="),
]  # fmt: skip


@pytest.mark.parametrize(("value", "kind", "base64"), ARRAYS)
def test_memory_is_written_as_the_typed_array_of_its_elements(codec, value, kind, base64):
    assert codec.stringify(value) == f'[["{kind}",1],["ArrayBuffer","{base64}"]]'


def test_an_array_is_written_by_identity_as_other_containers_are(codec):
    values = array.array("b", [1])
    first, second, third = codec.parse(codec.stringify([values, values, array.array("b", [1])]))
    assert isinstance(first, TypedArray)
    assert first is second
    assert first is not third
    assert list(first) == list(third) == [1]
