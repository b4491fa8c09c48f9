"""What cannot be written is refused with JavaScript's message and path; what cannot be read, with its message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from devalue import BigInt, EncodeError, Map, NullObject, Set, SparseArray, undefined
from tests.codec.conftest import Codec
from tests.node.describe import Custom, reducers
from tests.node.oracle import VERSIONS, JsError, Oracle


class Instance:
    """Of a class that nobody claims."""


class Thenable:
    def __await__(self) -> Any:
        yield


# What cannot be written, in JavaScript and in Python. (Python has no symbols.)
BAD: dict[str, Callable[[], Any]] = {
    "(()=>1)": lambda: lambda: 1,
    "(class{})": lambda: Instance,
    "Math.max": lambda: max,
    "new (class A{})": Instance,
    "Promise.resolve(1)": Thenable,
    '(JSON.parse(\'{"a":1,"__proto__":2}\'))': lambda: {"a": 1, "__proto__": 2},
    '(Object.defineProperty(Object.create(null),"__proto__",{value:1,enumerable:true}))': lambda: NullObject(
        {"__proto__": 1}
    ),
}

NAN = float("nan")

# Where it can stand, in JavaScript (X) and in Python.
PLACES: dict[str, Callable[[Any], Any]] = {
    "X": lambda x: x,
    "[X]": lambda x: [x],
    "[1,[2,{a:X}]]": lambda x: [1, [2, {"a": x}]],
    "({a:{b:{c:X}}})": lambda x: {"a": {"b": {"c": x}}},
    '({"a-b":{"":{"5":{"é":{"a b":X}}}}})': lambda x: {"a-b": {"": {"5": {"é": {"a b": x}}}}},
    '({$_1:{"1a":{"<\\u2028\\"\\\\\\n\\ud800":X}}})': lambda x: {"$_1": {"1a": {'<\u2028"\\\n\ud800': x}}},
    "Object.assign(Object.create(null),{n:X})": lambda x: NullObject(n=x),
    "[,,X]": lambda x: SparseArray(3, {2: x}),
    "Object.assign([],{length:100,42:X})": lambda x: SparseArray(100, {42: x}),
    "new Set([X])": lambda x: Set([x]),
    "[new Set([1,{a:X}])]": lambda x: [Set([1, {"a": x}])],
    "new Map([[X,1]])": lambda x: Map([(x, 1)]),
    'new Map([["key",X]])': lambda x: Map([("key", x)]),
    'new Map([["<\\u2028\\"",X]])': lambda x: Map([('<\u2028"', x)]),
    "new Map([[5,X]])": lambda x: Map([(5, x)]),
    "new Map([[1.5e-7,X]])": lambda x: Map([(1.5e-7, x)]),
    "new Map([[NaN,X]])": lambda x: Map([(NAN, x)]),
    "new Map([[-Infinity,X]])": lambda x: Map([(float("-inf"), x)]),
    "new Map([[-0,X]])": lambda x: Map([(-0.0, x)]),
    "new Map([[null,X]])": lambda x: Map([(None, x)]),
    "new Map([[undefined,X]])": lambda x: Map([(undefined, x)]),
    "new Map([[true,X]])": lambda x: Map([(True, x)]),
    "new Map([[5n,X]])": lambda x: Map([(BigInt(5), x)]),
    "new Map([[{},X]])": lambda x: Map([({}, x)]),
    "new Map([[[1],{a:X}]])": lambda x: Map([([1], {"a": x})]),
    "new Map([[new Map([[X,1]]),2]])": lambda x: Map([(Map([(x, 1)]), 2)]),
    "({m:new Map([[{a:X},2]])})": lambda x: {"m": Map([({"a": x}, 2)])},
    "[new Custom('C',[X])]": lambda x: [Custom("C", [x])],
    "({c:new Custom('C',{d:X})})": lambda x: {"c": Custom("C", {"d": x})},
    "(o=>({a:o,b:{c:X}}))({x:1})": lambda x: {"a": {"x": 1}, "b": {"c": x}},
    "(o=>(o.self=o,o.x=[o,X],o))({})": lambda x: _cycle(x),
}


def _cycle(x: Any) -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["self"] = value
    value["x"] = [value, x]
    return value


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_written_is_refused_with_javascripts_message_and_path(
    codec: Codec, oracle: Oracle, bad: str
) -> None:
    for place, around in PLACES.items():
        source = place.replace("X", bad)
        for version in VERSIONS:
            [theirs] = oracle.run(
                [{"op": "stringify", "version": version, "source": source, "reducers": 'reducers("C")'}]
            )
            assert isinstance(theirs, JsError), source
            assert theirs.name == "DevalueError", source
            with pytest.raises(EncodeError) as caught:
                codec.stringify(around(BAD[bad]()), reducers=reducers("C"))
            assert (caught.value.message, caught.value.path) == (theirs.message, theirs.path), source


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("[()=>1,Promise.resolve(1)]", lambda: [max, Thenable()]),
        ("({a:[1,{b:Promise.resolve(1)}],c:()=>1})", lambda: {"a": [1, {"b": Thenable()}], "c": max}),
        ("new Map([[()=>1,Promise.resolve(1)]])", lambda: Map([(max, Thenable())])),
        (
            '(JSON.parse(\'{"__proto__":0}\',(k,v)=>k==="__proto__"?()=>1:v))',
            lambda: {"__proto__": max},
        ),
        ('(o=>(o.a=()=>1,o))(JSON.parse(\'{"b":0,"__proto__":0}\'))', lambda: {"b": 0, "__proto__": 0, "a": max}),
    ],
)
def test_the_first_of_several_faults_is_the_one_that_javascript_names(
    codec: Codec, oracle: Oracle, source: str, value: Callable[[], Any]
) -> None:
    with pytest.raises(JsError) as theirs:
        oracle.stringify(source)
    with pytest.raises(EncodeError) as ours:
        codec.stringify(value())
    assert (ours.value.message, ours.value.path) == (theirs.value.message, theirs.value.path)


def test_the_error_knows_the_value_and_the_root(codec: Codec) -> None:
    bad = Instance()
    root = {"a": [bad]}
    with pytest.raises(EncodeError) as caught:
        codec.stringify(root)
    assert caught.value.value is bad
    assert caught.value.root is root
