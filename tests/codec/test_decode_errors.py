"""Texts that are no texts of devalue: what is wrong, in which slot, at which place."""

import json
import pickle

import pytest

from devalue import DecodeError, DevalueError, unflatten

INVALID = "Invalid input"

# Slots that JavaScript refuses (devalue 5.9.4 and 6.0.3), with its text: (text, message, slot)
REFUSED = [
    # the top level
    ('"str"', INVALID, None), ("null", INVALID, None), ("true", INVALID, None), ("{}", INVALID, None),
    ("[]", INVALID, None), ("0", INVALID, None), ("1", INVALID, None), ("-2", INVALID, None), ("-7", INVALID, None),
    ("-8", INVALID, None), ("0.5", INVALID, None), ("1e999", INVALID, None),
    # indices
    ("[[1]]", INVALID, 0), ('[{"a":99}]', INVALID, 0), ("[[1e400]]", INVALID, 0), ('[["Set",1]]', INVALID, 0),
    ('[["Map",-1,1]]', INVALID, 0), ('[["null","a",1]]', INVALID, 0), ("[[-7,9,0,1]]", INVALID, 0),
    ('[[1,"0"],1]', INVALID, 0), ("[[null],1]", INVALID, 0), ("[[true],1]", INVALID, 0), ("[[[]],1]", INVALID, 0),
    ("[[{}],1]", INVALID, 0), ('[{"a":"x"}]', INVALID, 0), ("[[1],[99]]", INVALID, 1),
    # containers
    ('[["Map",1],1]', INVALID, 0), ('[["Map",1,2,1],1,2]', INVALID, 0), ('[["null","a"]]', INVALID, 0),
    ("[[-7,9,0]]", INVALID, 0), ("[[-7]]", INVALID, 0), ("[[-7,4294967296]]", INVALID, 0), ("[[-7,-1]]", INVALID, 0),
    ("[[-7,1.5]]", INVALID, 0), ('[[-7,"3"]]', INVALID, 0), ("[[-7,null]]", INVALID, 0), ("[[-7,3,3,1],1]", INVALID, 0),
    ("[[-7,3,-1,1],1]", INVALID, 0), ("[[-7,3,0.5,1],1]", INVALID, 0), ('[[-7,3,"0",1],1]', INVALID, 0),
    ("[[-7,0,0,1],1]", INVALID, 0),
    ('[["null",1,2],1,2]', "Cannot parse an object with a non-string key", 0),
    ('[{"__proto__":1},1]', "Cannot parse an object with a `__proto__` property", 0),
    ('[["null","__proto__",1],1]', "Cannot parse an object with a `__proto__` property", 0),
    ('[[1],{"a":0,"__proto__":0}]', "Cannot parse an object with a `__proto__` property", 1),
    # tags
    ('[["X",1],1]', "Unknown type X", 0), ('[[1],["",1]]', "Unknown type ", 1), ('[["map"]]', "Unknown type map", 0),
    ('[["Temporal.X","x"]]', "Unknown type Temporal.X", 0), ('[["__proto__"]]', "Unknown type __proto__", 0),
    ('[["push",0]]', "Unknown type push", 0),
    ('[["Object",0]]', INVALID, 0), ('[["Object",1],[]]', INVALID, 0), ('[["Object",1],{}]', INVALID, 0),
    ('[["Object",1],null]', INVALID, 0), ('[["Object",1],["Date",""]]', INVALID, 0), ('[["Object"]]', INVALID, 0),
    ('[["Object","x"]]', INVALID, 0), ('[["Object",-1]]', INVALID, 0), ('[["Object",-2]]', INVALID, 0),
    ('[["Object",-7]]', INVALID, 0), ('[["Object",1.5],1]', INVALID, 0), ('[["Object",9],1]', INVALID, 0),
    ('[["ArrayBuffer"]]', "Invalid ArrayBuffer encoding", 0),
    ('[["ArrayBuffer",1]]', "Invalid ArrayBuffer encoding", 0),
    ('[["ArrayBuffer",null]]', "Invalid ArrayBuffer encoding", 0),
    ('[["ArrayBuffer",["a"]]]', "Invalid ArrayBuffer encoding", 0),
    ('[["Int8Array"]]', INVALID, 0), ('[["Int8Array",0]]', INVALID, 0), ('[["Int8Array",1],1]', INVALID, 0),
    ('[["Int8Array",1],"ArrayBuffer"]', INVALID, 0), ('[["Int8Array",1],[]]', INVALID, 0),
    ('[["Int8Array",-1]]', INVALID, 0), ('[["Int8Array",9]]', INVALID, 0),
    ('[["DataView",1],["Int8Array",0]]', INVALID, 0),
    ('[["Int16Array",1],["ArrayBuffer","AAEC"]]', INVALID, 0),
    ('[["Int16Array",1,1,1],["ArrayBuffer","AAECAw=="]]', INVALID, 0),
    ('[["Int16Array",1,2,2],["ArrayBuffer","AAECAw=="]]', INVALID, 0),
    ('[["Int8Array",1,-1,1],["ArrayBuffer","AAEC"]]', INVALID, 0),
    ('[["Int8Array",1,0,4294967296],["ArrayBuffer","AAEC"]]', INVALID, 0),
    ('[["DataView",1,0,4],["ArrayBuffer","AAEC"]]', INVALID, 0),
    ('[["DataView",1,4],["ArrayBuffer","AAEC"]]', INVALID, 0),
    ('[["URL","not a url"]]', INVALID, 0), ('[["URL",""]]', INVALID, 0),
    ('[["RegExp","(",""]]', INVALID, 0), ('[["RegExp","a","gg"]]', INVALID, 0), ('[["RegExp","a","x"]]', INVALID, 0),
    ('[["RegExp","a","uv"]]', INVALID, 0),
    ('[["BigInt","x"]]', INVALID, 0), ('[["BigInt","1.5"]]', INVALID, 0), ('[["BigInt",null]]', INVALID, 0),
    ('[["Temporal.PlainDate","nonsense"]]', INVALID, 0), ('[["Temporal.PlainDate"]]', INVALID, 0),
]  # fmt: skip

# Refused here although JavaScript gives a value, mostly undefined: no JavaScript writes these.
REFUSED_HERE_ONLY = [
    ("[[-8]]", 0), ("[[-100]]", 0), ("[[1.5],1]", 0), ("[[0.5]]", 0), ("[[-1e400]]", 0), ("[[0,-7]]", 0),
    ('[{"a":-2}]', 0), ('[["Map",-2,-1]]', 0), ('[["Map",-1,-2]]', 0), ('[["Set",-2]]', 0), ('[["null","a",-2]]', 0),
    ("[[-7,9,0,-2]]", 0), ('[{"a":-7}]', 0),
    ('[["Date","gibberish"]]', 0), ('[["Date","2024-01-01T00:00:00"]]', 0), ('[["Date","2024-02-30"]]', 0),
    ('[["Date",0]]', 0), ('[["Date"]]', 0), ('[["Date",null]]', 0),
    ('[["BigInt",""]]', 0), ('[["BigInt"," 1"]]', 0), ('[["BigInt","0x10"]]', 0), ('[["BigInt",1]]', 0),
    ('[["BigInt",true]]', 0), ('[["BigInt","\u0661"]]', 0), ('[["BigInt","' + "1" * 10_001 + '"]]', 0),
    ('[["RegExp"]]', 0), ('[["RegExp",1]]', 0), ('[["URLSearchParams",1]]', 0), ('[["URLSearchParams"]]', 0),
    ('[["Int8Array",1,null],["ArrayBuffer","AAEC"]]', 0), ('[["Int8Array",1,"1",1],["ArrayBuffer","AAEC"]]', 0),
    ('[["Int8Array",1,0.5,1],["ArrayBuffer","AAEC"]]', 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "slot"), REFUSED)
def test_what_javascript_refuses_is_refused_with_its_text_first(codec, text, message, slot):
    with pytest.raises(DecodeError) as caught:
        codec.parse(text)
    error = caught.value
    assert error.msg.startswith(message)
    assert error.slot == slot
    assert error.doc == text


@pytest.mark.parametrize(("text", "slot"), REFUSED_HERE_ONLY)
def test_what_no_javascript_writes_is_refused_too(codec, text, slot):
    with pytest.raises(DecodeError, match=r"^Invalid input \(") as caught:
        codec.parse(text)
    assert caught.value.slot == slot


@pytest.mark.parametrize(("text", "message", "slot"), REFUSED)
def test_unflatten_refuses_the_same_without_a_position(text, message, slot):
    with pytest.raises(DecodeError) as caught:
        unflatten(json.loads(text))
    error = caught.value
    assert error.msg.startswith(message)
    assert (error.slot, error.doc, error.pos, error.lineno, error.colno) == (slot, None, None, None, None)


@pytest.mark.parametrize(
    "text",
    [
        '["ok",["X"],[99],{"__proto__":0},["Map",1],[-7],"x"]', "[1,[[[]]]]", '[1,["Object",1]]', '["ok",["null",1]]',
        '[["Set"],["ArrayBuffer",1]]', '[["Date","2024-01-01T00:00:00.000Z",99,["X"]]]', '[["Object",1,99],1,2]',
        '[["BigInt","1",{}]]', '[["ArrayBuffer","",5]]', '[["URL","https://a.b/",5]]',
        '[["Int8Array",1,0,0,9],["ArrayBuffer",""]]',
    ],
)  # fmt: skip
def test_what_the_root_does_not_need_is_ignored(codec, text):
    codec.parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("[[-0]]", 0), ("[[0.0]]", 0), ("[[1.0],5]", 1), ("[[1e0],5]", 1), ("[[0.1e1],5]", 1)],
)
def test_an_index_is_any_spelling_of_its_number(codec, text, value):
    result = codec.parse(text)
    assert (result[0] is result) if value == 0 else (result == [5])


@pytest.mark.parametrize("text", ["-1.0", "-10e-1", " -6.0e0 "])
def test_a_root_without_a_slot_is_any_spelling_of_its_number(codec, text):
    codec.parse(text)


@pytest.mark.parametrize(
    ("base64", "data"),
    [
        ("", b""), ("AA==", b"\0"), ("AA", b"\0"), ("AAE=", b"\0\1"), ("AAE", b"\0\1"), ("AAEC", b"\0\1\2"),
        (" A\tA\\nE\\rC\\f ", b"\0\1\2"),
        ("AB==", b"\0"), ("+/+/", b"\xfb\xff\xbf"), ("A A = =", b"\0"),
    ],
)  # fmt: skip
def test_base64_may_have_spaces_and_lack_padding(codec, base64, data):
    base64 = base64.replace("\t", "\\t")
    assert bytes(codec.parse(f'[["ArrayBuffer","{base64}"]]')) == data


@pytest.mark.parametrize(
    "base64",
    [
        "A",
        "AAAAA",
        "=",
        "A=",
        "AA=",
        "A===",
        "AA===",
        "AA==AA==",
        "AAA==",
        "AA=A",
        "-_-_",
        "AA\\u00a0==",
        "é",
        "AA\\u0000=",
    ],
)
def test_base64_that_is_not_whole_or_has_foreign_characters_is_refused(codec, base64):
    with pytest.raises(DecodeError, match=r"^Invalid ArrayBuffer encoding \("):
        codec.parse(f'[["ArrayBuffer","{base64}"]]')


# --- where ---------------------------------------------------------------------------------------------------------

# the place that is reported is marked by ^
SLOT_PLACES = [
    '[^["X"]]', '[[1],\n  ^["X"]]', '[[1] , ^{"__proto__":0}]', '[[3],"a,[]{}\\"",{"b":[1,2]},\t^[-8]]',
    '[{"a,b":1},^["Date",[",","]"]]]', " ^[]", '^{"a":[1]}',
]  # fmt: skip


@pytest.mark.parametrize("marked", SLOT_PLACES)
@pytest.mark.parametrize("convert", [str, str.encode], ids=["str", "bytes"])
def test_an_error_in_a_slot_says_where_the_slot_starts(codec, marked, convert):
    text = marked.replace("^", "")
    with pytest.raises(DecodeError) as caught:
        codec.parse(convert(text))
    assert caught.value.doc == text
    if caught.value.slot is None:
        assert caught.value.pos == 0
    else:
        assert caught.value.pos == marked.index("^")


def test_the_text_of_an_error_names_slot_line_and_column(codec):
    with pytest.raises(DecodeError) as caught:
        codec.parse('[[1],\n  ["X"]]')
    assert str(caught.value) == "Unknown type X: slot 1, line 2 column 3 (char 8)"


def test_an_error_in_a_payload_that_stands_in_place_is_in_the_slot_around_it(codec):
    with pytest.raises(DecodeError) as caught:
        codec.parse('[[1],["V",["X"]]]', revivers={"V": lambda payload: payload})
    assert (caught.value.msg, caught.value.slot) == ("Unknown type X", 1)


def test_a_decode_error_is_a_value_error_and_can_be_pickled(codec):
    with pytest.raises(DecodeError) as caught:
        codec.parse("[\n[9]]")
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, DevalueError)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.msg, copy.pos, copy.slot, copy.lineno, copy.colno) == (caught.value.msg, 2, 0, 2, 1)


@pytest.mark.parametrize("data", [None, 1, ["[]"], object()], ids=lambda data: type(data).__name__)
def test_what_is_no_text_is_a_type_error(codec, data):
    with pytest.raises(TypeError, match="str, bytes, bytearray or memoryview"):
        codec.parse(data)


@pytest.mark.parametrize(
    ("slots", "message"),
    [
        ([(1, 2)], "a slot holds a tuple"), ([{1, 2}], "a slot holds a set"), ([b"a"], "a slot holds a bytes"),
        ([{1: 1}], "non-string key"), ((1, 2), "expected an array"), (True, "expected an array"),
    ],
)  # fmt: skip
def test_unflatten_takes_only_what_json_gives(slots, message):
    with pytest.raises(DecodeError, match=message):
        unflatten(slots)


def test_unflatten_rounds_integers_as_javascript_does():
    assert repr(unflatten([[1, 2, 3], 2**53, 10**400, -(10**400)])) == "[9007199254740992.0, inf, -inf]"


@pytest.mark.parametrize("slots", [10**5000, [[10**5000]], [["Set", -(10**5000)]], [[-7, 10**5000]]], ids=range(4))
def test_unflatten_refuses_integers_that_python_cannot_print(slots):
    with pytest.raises(DecodeError, match=r"^Invalid input \("):
        unflatten(slots)


def test_unflatten_takes_a_root_without_a_slot():
    assert repr(unflatten(-1)) == "undefined"
    assert repr(unflatten(-6)) == "-0.0"
