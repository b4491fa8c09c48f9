"""Wires of every kind, and small random damage to them: what the compiled decoder must judge as the twin does."""

from __future__ import annotations

import random
from collections.abc import Iterator

__all__ = ["WIRES", "damaged"]

WIRES = [
    '[{"a":1,"b":2,"c":6},[3,4,-1],"hello\\n",1.5,["Date","2024-01-02T03:04:05.678Z"],["Map",2,1],5]',
    '[[1,2,3],["Int16Array",2,2,1],["ArrayBuffer","AAECAwQF"],["DataView",2,1,3]]',
    '[[1,3,1],[2,2],["Float64Array",4],{"z":0},["ArrayBuffer","AAAAAAAA8D8="]]',
    '[{"a":1,"b":3},["V",2],[3,0],4]',
    '[{"v":1,"w":3,"x":4},["V",2],{"p":0,"q":4},["URL","raw"],["W",5],["Map",6,1,-1,3],"k"]',
    '[["Object",1],"x"]',
    '[["Object",-3]]',
    '[["Object",1],["BigInt","12345678901234567890123"]]',
    "[[1,2,3,4,5,6,7],-0,1e5,1.25e-7,123456789012345678901234567890,9007199254740992,-9007199254740991]",
    '[[-7,100,3,1,50,-1],"x"]',
    '[["Set",1,2,-3,-6],null,true]',
    '[["null","a",1,"b",0],false]',
    '[["Temporal.PlainDate","2024-01-01"]]',
    '[[1,2],["URL","https://a.b/"],["URLSearchParams","a=1&b=%20"]]',
    '[[1,2,3],["RegExp","a+","gi"],["RegExp","b"],["BigInt","-17"]]',
    '[[1,2,3,4],"\\ud83d\\ude00 \\u00e9","\\udc00 x","plain é text","日本語 \\t 😀 text"]',
    '[ [ 1 , 2 ] , { "a" : 2 , "b" : -4 } , "\\"q\\\\ \\u003C" ]',
    '[{"longer key with spaces":1,"constructor":1,"é":1,"":2},1,["Date",""]]',
    '[[1,2],["Date","-000001-01-01T00:00:00.000Z"],["Date","0000-01-01T00:00:00.000Z"]]',
    '[[1],[2],[3],[4],[5],["Set",0,1,2]]',
    "[[0,-2,1,-2],[-7,3]]",
    "-1",
    "[1e999]",
]

_FRAGMENTS = [
    *'"\\[]{},:-.0123456789eE +=a_é日😀\x00\n\ud800',
    *("null", "true", '"V"', '"W"', '"URL"', '"Map"', '"Set"', '"Date"', '"Object"', '"null"', '"Uint8Array"'),
    *("-1", "-2", "-3", "-7", "[1]", '["V",1]', "\\u", "d83d", "__proto__"),
]


def damaged(rnd: random.Random, count: int) -> Iterator[str]:
    """So many wires with one to five random edits each."""
    for _ in range(count):
        text = list(rnd.choice(WIRES))
        for _ in range(rnd.choice((1, 1, 1, 2, 2, 3, 5))):
            _edit(rnd, text)
        yield "".join(text)


def _edit(rnd: random.Random, text: list[str]) -> None:
    at, other = sorted((rnd.randrange(len(text) + 1), rnd.randrange(len(text) + 1)))
    match rnd.randrange(5):
        case 0:
            del text[at : at + 1]
        case 1:
            text.insert(at, rnd.choice(_FRAGMENTS))
        case 2:
            text[at : at + 1] = [rnd.choice(_FRAGMENTS)]
        case 3:
            digits = [index for index, char in enumerate(text) if char.isdecimal()]
            if digits:
                text[rnd.choice(digits)] = rnd.choice("0123456789")
        case _:
            text[at:at] = text[at:other]
