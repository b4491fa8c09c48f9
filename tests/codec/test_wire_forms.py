"""Every value of the format and its text, both ways."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

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

NAN = float("nan")
INFINITY = float("inf")

# (text, value): parse gives the value, stringify the text
BOTH_WAYS = [
    ("-1", undefined),
    ("-3", NAN),
    ("-4", INFINITY),
    ("-5", -INFINITY),
    ("-6", -0.0),
    ("[null]", None),
    ("[true]", True),
    ("[false]", False),
    ("[0]", 0),
    ("[-1]", -1),
    ("[1.5]", 1.5),
    ("[9007199254740991]", 2**53 - 1),
    ("[-9007199254740991]", -(2**53) + 1),
    ('[""]', ""),
    ('["text"]', "text"),
    ("[[]]", []),
    ("[[1,2,1],1,2]", [1, 2, 1]),
    ("[[-1,-3,-4,-5,-6]]", [undefined, NAN, INFINITY, -INFINITY, -0.0]),
    ("[[-2]]", [hole]),
    ("[[1,-2,2],1,2]", [1, hole, 2]),
    ("[{}]", {}),
    ('[{"a":1,"b":2},1,"x"]', {"a": 1, "b": "x"}),
    ('[{"a":-1,"b":-6}]', {"a": undefined, "b": -0.0}),
    ('[{"":1,"constructor":1,"prototype":1},1]', {"": 1, "constructor": 1, "prototype": 1}),
    ('[["null"]]', NullObject()),
    ('[["null","k",1,"l",2],1,"x"]', NullObject(k=1, l="x")),
    ('[["Date","2024-01-02T03:04:05.678Z"]]', datetime(2024, 1, 2, 3, 4, 5, 678000, UTC)),
    ('[["Date","0001-01-01T00:00:00.000Z"]]', datetime(1, 1, 1, tzinfo=UTC)),
    ('[["Date","9999-12-31T23:59:59.999Z"]]', datetime(9999, 12, 31, 23, 59, 59, 999000, UTC)),
    ('[["Date",""]]', Date(NAN)),
    ('[["Date","+010000-01-01T00:00:00.000Z"]]', Date(253402300800000)),
    ('[["Date","-000001-01-01T00:00:00.000Z"]]', Date(-62198755200000)),
    ('[["Date","0000-01-01T00:00:00.000Z"]]', Date(-62167219200000)),
    ('[["Map"]]', Map()),
    ('[["Map",1,2,3,4,5,6],1,"number","1","string",true,"boolean"]',
     Map([(1, "number"), ("1", "string"), (True, "boolean")])),
    ('[["Map",-3,-1]]', Map([(NAN, undefined)])),
    ('[["Map",1,2],"__proto__",1]', Map([("__proto__", 1)])),
    ('[["Map",1,2],[],1]', Map([([], 1)])),
    ('[["Set"]]', Set()),
    ('[["Set",1,2,3,-1,-3],1,true,"1"]', Set([1, True, "1", undefined, NAN])),
    ('[["BigInt","10"]]', BigInt(10)),
    ('[["BigInt","-10"]]', BigInt(-10)),
    ('[["BigInt","0"]]', BigInt(0)),
    ('[["BigInt","123456789012345678901234567890"]]', BigInt(123456789012345678901234567890)),
    ('[["RegExp","a+"]]', RegExp("a+")),
    ('[["RegExp","a+","gi"]]', RegExp("a+", "gi")),
    ('[["RegExp","\\"\\u003C\\\\/"]]', RegExp('"<\\/')),
    ('[["Object",1],"x"]', Boxed("x")),
    ('[["Object",1],true]', Boxed(True)),
    ('[["Object",1],1.5]', Boxed(1.5)),
    ('[["Object",1],["BigInt","1"]]', Boxed(BigInt(1))),
    ('[["Object",-3]]', Boxed(NAN)),
    ('[["Object",-4]]', Boxed(INFINITY)),
    ('[["Object",-5]]', Boxed(-INFINITY)),
    ('[["Object",-6]]', Boxed(-0.0)),
    ('[["ArrayBuffer",""]]', ArrayBuffer()),
    ('[["ArrayBuffer","AAECAw=="]]', ArrayBuffer(b"\x00\x01\x02\x03")),
    ('[["DataView",1],["ArrayBuffer","AAEC"]]', DataView(ArrayBuffer(b"\x00\x01\x02"))),
    ('[["DataView",1,1,2],["ArrayBuffer","AAEC"]]', DataView(ArrayBuffer(b"\x00\x01\x02"), 1, 2)),
    ('[["Uint8Array",1],["ArrayBuffer",""]]', TypedArray("Uint8Array")),
    ('[["Int16Array",1,2,1],["ArrayBuffer","AQACAAMA"]]',
     TypedArray("Int16Array", ArrayBuffer(b"\x01\x00\x02\x00\x03\x00"), 2, 1)),
    ('[["Uint8Array",1,3,0],["ArrayBuffer","AAEC"]]', TypedArray("Uint8Array", ArrayBuffer(b"\x00\x01\x02"), 3, 0)),
    ('[["URL","https://example.com/a?b=c#d"]]', URL("https://example.com/a?b=c#d")),
    ('[["URLSearchParams","a=1&a=2"]]', URLSearchParams([("a", "1"), ("a", "2")])),
    ('[["URLSearchParams",""]]', URLSearchParams([])),
    ("[[-7,2]]", SparseArray(2)),
    ("[[-7,4294967295,4294967294,1],1]", SparseArray(2**32 - 1, {2**32 - 2: 1})),
    ("[[-7,100,3,1,50,2],\"a\",\"b\"]", SparseArray(100, {3: "a", 50: "b"})),
    *((f'[["{kind}",1],["ArrayBuffer","{"AAAAAAAAAAA="}"]]', TypedArray(kind, ArrayBuffer(8)))
      for kind in ("Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Float16Array",
                   "Int32Array", "Uint32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array")),
    *((f'[["Temporal.{kind}","{text}"]]', Temporal(kind, text))
      for kind, text in (("Instant", "2024-01-01T00:00:00Z"),
                         ("ZonedDateTime", "2024-01-01T00:00:00+01:00[Europe/Paris]"),
                         ("PlainDateTime", "2024-01-01T00:00:00"), ("PlainDate", "2024-01-01"),
                         ("PlainTime", "12:34:56.789"), ("PlainYearMonth", "2024-01"),
                         ("PlainMonthDay", "01-31"), ("Duration", "P1DT2H"))),
]  # fmt: skip

# (value, text): written so, but read back as another Python type
ONE_WAY = [
    (1.0, "[1]"),
    (-1.0, "[-1]"),
    ((1, 2), "[[1,2],1,2]"),
    ({1}, '[["Set",1],1]'),
    (frozenset({"a"}), '[["Set",1],"a"]'),
    (b"\x00\x01\x02\x03", '[["Uint8Array",1],["ArrayBuffer","AAECAw=="]]'),
    (bytearray(b"\x00\x01\x02"), '[["Uint8Array",1],["ArrayBuffer","AAEC"]]'),
    (datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), '[["Date","2024-01-01T00:00:00.000Z"]]'),
    (datetime(2024, 1, 1, 0, 0, 0, 999_999, UTC), '[["Date","2024-01-01T00:00:00.999Z"]]'),
    (datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), '[["Date","1969-12-31T23:59:59.999Z"]]'),
    (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), '[["Date","0000-12-31T10:00:00.000Z"]]'),
    (datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=2))), '[["Date","+010000-01-01T01:00:00.000Z"]]'),
    (Date(0), '[["Date","1970-01-01T00:00:00.000Z"]]'),
    (Map([(-0.0, 1)]), '[["Map",1,2],0,1]'),
    (Set([-0.0]), '[["Set",1],0]'),
    ({-0.0}, '[["Set",1],0]'),
    (SparseArray(2, {0: "a", 1: "b"}), '[[1,2],"a","b"]'),
    (SparseArray(2, {1: "b"}), '[[-2,1],"b"]'),
    ([hole, hole], "[[-7,2]]"),
]  # fmt: skip


def ids(rows):
    return [next(cell for cell in row if isinstance(cell, str))[:60] for row in rows]


@pytest.mark.parametrize(("text", "value"), BOTH_WAYS, ids=ids(BOTH_WAYS))
def test_stringify_writes_the_text_of_a_value(codec, text, value):
    assert codec.stringify(value) == text


@pytest.mark.parametrize(("text", "value"), BOTH_WAYS, ids=ids(BOTH_WAYS))
def test_parse_gives_the_value_of_a_text(codec, text, value):
    # repr tells 1 from 1.0 and True, and 0.0 from -0.0, which == does not
    assert repr(codec.parse(text)) == repr(value)


@pytest.mark.parametrize(("value", "text"), ONE_WAY, ids=ids(ONE_WAY))
def test_stringify_writes_python_values_as_their_nearest_javascript_ones(codec, value, text):
    assert codec.stringify(value) == text


# Number::toString, ECMAScript 6.1.6.1.20
NUMBERS = [
    (0.1, "0.1"), (100.0, "100"), (123.456, "123.456"), (-1.5, "-1.5"),
    (1e-6, "0.000001"), (1.5e-6, "0.0000015"), (1e-7, "1e-7"), (1.5e-7, "1.5e-7"), (1e-5, "0.00001"),
    (1e16, "10000000000000000"), (1e20, "100000000000000000000"), (1e21, "1e+21"), (1.5e21, "1.5e+21"),
    (123456789012345680000.0, "123456789012345680000"), (1.2345678901234568e21, "1.2345678901234568e+21"),
    (5e-324, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
    (2.0**53, "9007199254740992"), (2.0**53 + 2, "9007199254740994"), (2.0**63, "9223372036854776000"),
    (2.0**70, "1.1805916207174113e+21"), (-1e-7, "-1e-7"), (-1e21, "-1e+21"), (1 / 3, "0.3333333333333333"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "text"), NUMBERS)
def test_numbers_are_written_as_javascript_writes_them(codec, number, text):
    assert codec.stringify(number) == f"[{text}]"


@pytest.mark.parametrize(("number", "text"), NUMBERS)
def test_numbers_are_read_back_exactly(codec, number, text):
    assert codec.parse(f"[{text}]") == number


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("-0", -0.0), ("0", 0), ("-0.0", -0.0), ("0e5", 0.0), ("1.0", 1.0), ("1e2", 100.0), ("1E+2", 100.0),
        ("9007199254740992", 9007199254740992.0), ("-9007199254740992", -9007199254740992.0),
        ("123456789012345678901234567890", 1.2345678901234568e29), ("1e999", INFINITY), ("-1e999", -INFINITY),
        ("1" + "0" * 400, INFINITY), ("1" * 5000, INFINITY), ("1e-400", 0.0),
    ],
)  # fmt: skip
def test_number_literals_are_ints_only_where_a_double_holds_every_digit(codec, literal, value):
    assert repr(codec.parse(f"[{literal}]")) == repr(value)


STRINGS = [
    ('"', '\\"'), ("\\", "\\\\"), ("<", "\\u003C"), (">&/'", ">&/'"), ("\b\t\n\f\r", "\\b\\t\\n\\f\\r"),
    ("\x00\x0b\x1f", "\\u0000\\u000b\\u001f"), ("\x7f\x80\x9f", "\x7f\x80\x9f"), ("\u2028\u2029", "\\u2028\\u2029"),
    ("\ufeff", "\ufeff"), ("é漢😀", "é漢😀"), ("\ud800", "\\ud800"), ("a\udfffb", "a\\udfffb"),
    ("😀\ud83d", "😀\\ud83d"),
]  # fmt: skip


@pytest.mark.parametrize(("string", "text"), STRINGS)
def test_strings_are_escaped_as_devalue_6_escapes_them(codec, string, text):
    assert codec.stringify(string) == f'["{text}"]'
    assert codec.stringify({string: string}) == f'[{{"{text}":1}},"{text}"]'
    assert codec.stringify(NullObject({string: -0.0})) == f'[["null","{text}",-6]]'


@pytest.mark.parametrize(("string", "text"), STRINGS)
def test_strings_are_read_back_with_lone_surrogates(codec, string, text):
    assert codec.parse(f'["{text}"]') == string
    assert codec.parse(f'[{{"{text}":1}},"{text}"]') == {string: string}


@pytest.mark.parametrize(
    ("text", "string"),
    [
        ('["\\ud83d\\ude00"]', "😀"), ('["\\uD83D\\uDE00"]', "😀"), ('["\\/\\u0041"]', "/A"),
        ('["\\ude00\\ud83d"]', "\ude00\ud83d"), ('["\\u003c"]', "<"),
    ],
)  # fmt: skip
def test_every_escape_of_json_is_read(codec, text, string):
    assert codec.parse(text) == string


@pytest.mark.parametrize(
    ("length", "there", "text"),
    [
        (1, [], "[[-2]]"), (2, [], "[[-7,2]]"), (3, [0], "[[1,-2,-2],1]"), (4, [0], "[[-7,4,0,1],1]"),
        (5, [0, 1], "[[1,1,-2,-2,-2],1]"), (6, [0, 1], "[[-7,6,0,1,1,1],1]"),
        (10, [], "[[-7,10]]"), (10, [4, 9], "[[-7,10,4,1,9,1],1]"),
    ],
)  # fmt: skip
def test_an_array_with_holes_takes_the_shorter_of_its_two_forms(codec, length, there, text):
    assert codec.stringify([1 if index in there else hole for index in range(length)]) == text
    assert codec.stringify(SparseArray(length, dict.fromkeys(there, 1))) == text


def test_a_sparse_array_is_written_ascending_in_whatever_order_it_was_filled(codec):
    assert codec.stringify(SparseArray(100, {50: "b", 3: "a"})) == '[[-7,100,3,1,50,2],"a","b"]'


@pytest.mark.parametrize(
    ("text", "canonical"),
    [('[["Map",-6,1],2]', '[["Map",1,2],0,2]'), ('[["Set",-6]]', '[["Set",1],0]'), ('[["Set",1],-0]', '[["Set",1],0]')],
)
def test_minus_zero_as_a_key_is_zero(codec, text, canonical):
    assert codec.stringify(codec.parse(text)) == canonical


def test_keys_stay_in_the_order_of_the_dict(codec):
    assert codec.stringify({"b": 1, "2": 1, "a": 1, "1": 1}) == '[{"b":1,"2":1,"a":1,"1":1},1]'
    assert list(codec.parse('[{"b":1,"2":1,"a":1,"1":1},1]')) == ["b", "2", "a", "1"]


def test_of_a_repeated_key_the_last_value_stays_at_the_first_place(codec):
    assert list(codec.parse('[{"a":1,"b":1,"a":2},1,2]').items()) == [("a", 2), ("b", 1)]


@pytest.mark.parametrize(
    "convert", [str.encode, lambda text: bytearray(text.encode()), lambda text: memoryview(text.encode())]
)
def test_bytes_are_utf8(codec, convert):
    assert codec.parse(convert('[["Map",1,2],"é漢😀",1]')) == {"é漢😀": 1}


def test_a_memoryview_need_not_be_contiguous(codec):
    assert codec.parse(memoryview(b"[x1x]x")[::2]) == 1


def test_white_space_may_stand_between_tokens(codec):
    assert codec.parse(' \t\r\n[ { "a" : 1 } , [ 2 ] , "x" ] \n') == {"a": ["x"]}
