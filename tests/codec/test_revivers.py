"""Revivers: custom types on the way in."""

import pytest

from devalue import DecodeError, SparseArray, undefined, unflatten


class Vector:
    def __init__(self, payload):
        self.payload = payload


VECTOR = {"Vector": Vector}


def test_a_reviver_is_given_what_the_reducer_returned(codec):
    vector = codec.parse('[["Vector",1],[2,3],1,2]', revivers=VECTOR)
    assert isinstance(vector, Vector)
    assert vector.payload == [1, 2]


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        ('"https://a.b/"', "https://a.b/"), ("null", None), ("true", True), ("[]", []), ('{"a":-1}', {"a": undefined}),
        ("[-6]", [-0.0]), ("-1", undefined), ('["BigInt","7"]', 7),
    ],
)  # fmt: skip
def test_a_payload_that_is_no_number_is_itself_the_payload(codec, payload, value):
    assert codec.parse(f'[["Vector",{payload}]]', revivers={"Vector": lambda payload: [payload]}) == [value]


def test_a_tag_without_a_payload_gives_undefined(codec):
    assert codec.parse('[["Vector"]]', revivers=VECTOR).payload is undefined


def test_a_reviver_that_is_named_like_a_built_in_tag_wins(codec):
    revivers = {"URL": lambda href: ("url", href), "Map": lambda payload: ("map", payload)}
    assert codec.parse('[["URL","https://a.b/"]]', revivers=revivers) == ("url", "https://a.b/")
    assert codec.parse('[["URL",1],"https://a.b/"]', revivers=revivers) == ("url", "https://a.b/")
    assert codec.parse('[["Map",1],"x"]', revivers=revivers) == ("map", "x")
    assert codec.parse('[["null",1],"x"]', revivers={"null": lambda payload: [payload]}) == ["x"]


def test_a_reviver_that_is_none_is_not_there(codec):
    assert codec.parse('[["BigInt","1"]]', revivers={"BigInt": None}) == 1
    with pytest.raises(DecodeError, match="Unknown type Vector"):
        codec.parse('[["Vector",0]]', revivers={"Vector": None})


@pytest.mark.parametrize("text", ['[["URL","x"],"unused"]', '[["URL",["Set",-1]]]'])
def test_unflatten_leaves_its_input_as_it_is(text):
    import json

    slots = json.loads(text)
    unflatten(slots, revivers={"URL": lambda payload: payload})
    assert slots == json.loads(text)


def test_a_revived_value_is_shared(codec):
    first, second = codec.parse('[[1,1],["Vector",2],"x"]', revivers=VECTOR)
    assert first is second


@pytest.mark.parametrize("payload", ["-1", "3", "4"])
def test_two_custom_values_may_have_one_payload(codec, payload):
    first, second = codec.parse(f'[[1,2],["Vector",{payload}],["Vector",{payload}],[],"x"]', revivers=VECTOR)
    assert first is not second
    assert first.payload is second.payload


def test_payloads_are_revived_from_the_inside_out(codec):
    order = []
    revivers = {name: (lambda payload, name=name: order.append(name) or name) for name in ("Outer", "Inner")}
    codec.parse('[["Outer",1],["Inner",2],"x"]', revivers=revivers)
    assert order == ["Inner", "Outer"]


def test_a_custom_value_that_its_payload_leads_to_is_revived_once_and_is_the_same_object(codec):
    calls = []

    def revive(payload):
        calls.append(payload)
        return Vector(payload)

    vector = codec.parse('[["Vector",1],{"self":0,"list":2},[0]]', revivers={"Vector": revive})
    assert len(calls) == 1
    assert vector.payload["self"] is vector
    assert vector.payload["list"][0] is vector


def test_a_reviver_in_a_cycle_is_given_a_payload_that_is_completed_later(codec):
    keys = []
    vector = codec.parse(
        '[["Vector",1],{"before":-1,"self":0,"after":-1}]',
        revivers={"Vector": lambda payload: keys.append(list(payload)) or Vector(payload)},
    )
    assert keys == [["before"]]
    assert list(vector.payload) == ["before", "self", "after"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('[["Vector",1],["Map",2,3,4,0,5,3],"a",1,"self","b"]', {"a": 1, "self": "revived", "b": 1}),
        ('[["Vector",1],["Set",2,0,3],"a","b"]', {"a", "revived", "b"}),
        ('[["Vector",1],[-7,100,0,2,1,0,99,2],"a"]', SparseArray(100, {0: "a", 1: "revived", 99: "a"})),
        ('[["Vector",1],["null","a",0,"b",2],"b"]', {"a": "revived", "b": "b"}),
    ],
)
def test_a_reviver_in_a_cycle_may_look_into_the_payload(codec, text, value):
    payloads = []

    def revive(payload):
        payloads.append(payload)
        assert "nothing" not in payload
        assert len(payload) >= 0
        return "revived"

    codec.parse(text, revivers={"Vector": revive})
    assert payloads == [value]


@pytest.mark.parametrize(
    "text",
    [
        '[["Vector",0]]',
        '[["Vector",1],["Vector",0]]',
        '[["Vector",1],["Vector",2],["Vector",1]]',
        '[["Vector",[0]]]',
        '[["Vector",{"a":0}]]',
    ],
)
def test_a_payload_that_is_needed_before_it_exists_is_an_error(codec, text):
    with pytest.raises(DecodeError, match="Invalid circular reference"):
        codec.parse(text, revivers={"Vector": lambda payload: pytest.fail("revived")})


@pytest.mark.parametrize(
    ("text", "revivers"),
    [
        ('[["Int8Array",1],["ArrayBuffer",""]]', {"ArrayBuffer": lambda payload: payload}),
        ('[["Object",1],["BigInt","1"]]', {"BigInt": lambda payload: [payload]}),
    ],
)
def test_a_built_in_value_cannot_be_made_of_whatever_a_reviver_gives(codec, text, revivers):
    with pytest.raises(DecodeError, match="a reviver gave"):
        codec.parse(text, revivers=revivers)


@pytest.mark.parametrize("error", [KeyError, StopIteration, GeneratorExit, DecodeError, RecursionError])
def test_an_exception_of_a_reviver_passes_through_as_it_is(codec, error):
    raised = error("mine")

    def fail(payload):
        raise raised

    with pytest.raises(error) as caught:
        codec.parse('[[1],["Vector",2],"x"]', revivers={"Vector": fail})
    assert caught.value is raised


def test_a_reviver_may_call_parse(codec):
    revivers = {"Text": lambda text: codec.parse(text)}
    assert codec.parse('[[1],["Text",2],"[[1,2],1,2]"]', revivers=revivers) == [[1, 2]]


def test_what_a_reviver_gives_may_be_anything(codec):
    generator = (item for item in ())
    assert codec.parse('[[1],["Vector",-1]]', revivers={"Vector": lambda payload: generator}) == [generator]
