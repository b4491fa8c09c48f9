"""Reducers in both languages, and texts for revivers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from devalue import BigInt, Boxed, Map, NullObject, Set, SparseArray, hole, undefined

__all__ = ["CUSTOM_TEXTS", "REDUCED", "Reducers"]

NAN = float("nan")
Reducers = Mapping[str, Callable[[Any], Any]]


def is_text(value: Any) -> bool:
    return isinstance(value, str)


# (value in JavaScript, in Python; reducers in JavaScript, in Python)
REDUCED: list[tuple[str, Callable[[], Any], str, Reducers]] = [
    # Every distinct value is shown, primitives too; those without a slot and the keys of objects are not.
    ('[1,"a",null,true,undefined,NaN,-0,2n]', lambda: [1, "a", None, True, undefined, NAN, -0.0, BigInt(2)],
     '({Any:v=>["seen"].includes(v)?0:v===1||v===null||v===true||v==="a"||v===2n?["seen"]:0})',
     {"Any": lambda v: ["seen"] if v in (1, 2, None, True, "a") and not isinstance(v, list) else 0}),
    ('({a:"a",b:["a"]})', lambda: {"a": "a", "b": ["a"]}, '({S:v=>v==="a"&&[1]})', {"S": lambda v: v == "a" and [1]}),
    # Falsy results decline, empty containers claim.
    *(("[5]", lambda: [5], f"({{N:v=>v===5?{js}:0}})", {"N": lambda v, r=py: r if v == 5 else 0})
      for js, py in (("0", 0), ("-0", -0.0), ('""', ""), ("NaN", NAN), ("null", None), ("false", False),
                     ("undefined", undefined), ("0n", BigInt(0)), ("[]", []), ("({})", {}), ("new Map()", Map()),
                     ("new Set()", Set()), ("Object(0)", Boxed(0)), ('Object("")', Boxed("")), ("true", True),
                     ('"0"', "0"), ("Infinity", float("inf")), ("1n", BigInt(1)), ("Object.create(null)", NullObject()))),
    # The first that claims wins; order is that of the names.
    ("[5]", lambda: [5], "({A:v=>v===5&&'a',B:v=>v===5&&'b'})",
     {"A": lambda v: v == 5 and "a", "B": lambda v: v == 5 and "b"}),
    ("[5]", lambda: [5], "({A:v=>0,B:v=>v===5&&'b'})", {"A": lambda v: 0, "B": lambda v: v == 5 and "b"}),
    # A result is reduced too; the value itself gives its own slot; a shared result shares.
    ("[5]", lambda: [5], "({A:v=>v===5&&'six',B:v=>v==='six'&&[6]})",
     {"A": lambda v: v == 5 and "six", "B": lambda v: v == "six" and [6]}),
    ('["x"]', lambda: ["x"], '({Self:v=>typeof v==="string"&&v})', {"Self": lambda v: is_text(v) and v}),
    ('({a:"x",b:"y"})', lambda: {"a": "x", "b": "y"}, '(s=>({T:v=>typeof v==="string"&&s}))({shared:1})',
     (lambda shared: {"T": lambda v: is_text(v) and shared})({"shared": 1})),
    # Names of built-in types, and odd ones.
    ('["x"]', lambda: ["x"], '({Date:v=>v==="x"&&[1]})', {"Date": lambda v: v == "x" and [1]}),
    ('["x"]', lambda: ["x"], '({Map:v=>v==="x"&&"y"})', {"Map": lambda v: v == "x" and "y"}),
    ("[[]]", lambda: [[]], '({"null":v=>v.length===0&&1})', {"null": lambda v: v == [] and 1}),
    ('["x"]', lambda: ["x"], '({"a b<é":v=>v==="x"&&1})', {"a b<é": lambda v: v == "x" and 1}),
    ('["x"]', lambda: ["x"], '({"":v=>v==="x"&&1})', {"": lambda v: v == "x" and 1}),
    # Containers, boxes, buffers, map keys.
    ("[new Map([['k',1]])]", lambda: [Map([("k", 1)])], "({K:v=>v==='k'&&[0]})", {"K": lambda v: v == "k" and [0]}),
    ("[new Set([7,8])]", lambda: [Set([7, 8])], "({K:v=>v===8&&'eight'})", {"K": lambda v: v == 8 and "eight"}),
    ("[,,7]", lambda: [hole, hole, 7], "({K:v=>v===7&&'7'})", {"K": lambda v: v == 7 and "7"}),
    ("Object.assign([],{length:50,9:7})", lambda: SparseArray(50, {9: 7}), "({K:v=>v===7&&'7'})",
     {"K": lambda v: v == 7 and "7"}),
    ("[[1],[1]]", lambda: [[1], [1]], "({L:v=>Array.isArray(v)&&v.length===1&&{x:v[0]}})",
     {"L": lambda v: isinstance(v, list) and len(v) == 1 and {"x": v[0]}}),
    ("1", lambda: 1, "({R:v=>v===1&&[2]})", {"R": lambda v: v == 1 and [2]}),
    ("undefined", lambda: undefined, "({R:v=>[1]})", {"R": lambda v: [1]}),
]  # fmt: skip

# What revivers named "C" and "D" make of these, both forms of a payload, sharing and cycles.
CUSTOM_TEXTS = [
    '[["C",1],5]', '[["C",1],"x"]', '[["C",1],[]]', '[["C","x"]]', '[["C",null]]', '[["C",[1,2]]]', '[["C",{}]]', '[["C",true]]', '[["C"]]',
    '[["C",-1]]', '[["C",-3]]', '[["C",-6]]', '[["C",1,2],"a","b"]', '[["C","a","b"]]', '[["C",1],["D",2],[3],4]', '[["C",1],["D","x"]]',
    '[[1,1],["C",2],[3],4]', '[[1,2],["C",3],["C",3],[4],5]', '[[1,2],["C",3],["D",3],"x"]', '[{"a":1,"b":1},["C",2],{"c":3},0]',
    '[[1],["C",0]]', '[{"a":1},["C",0]]', '[["Map",1,2],"k",["C",0]]', '[["Set",1],["C",0]]', '[["null","a",1],["C",0]]', '[[-7,9,3,1],["C",0]]',
    '[[1,2],["C",0],["D",0]]', '[[1],["C",2],["D",0]]', '[["Set",1,2],["C",3],["C",3],"k"]', '[["Object",1],["C",2],"x"]',
    '[["C",["Map",1,2]]]', '[["C","1"],7]', '[["D",1],["C","raw"]]', '[[1,2],["C",["x"]],["C",["x"]]]', '[["C",""]]', '[["C",1],""]', '[["C",1],0]',
]  # fmt: skip
