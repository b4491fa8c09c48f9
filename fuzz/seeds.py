"""The seed corpus: one small text for each wire form, and what once broke something (fuzz/regressions/)."""

from __future__ import annotations

from pathlib import Path

__all__ = ["seeds"]

REGRESSIONS = Path(__file__).parent / "regressions"

WIRES = [
    '[{"a":1,"b":4},[2,3],1,2,"x"]',
    *("-1", "-3", "-4", "-5", "-6"),
    '[[1,-2,-1,-3,-4,-5,-6],"\\u003C\\u2028\\ud800😀\\n"]',
    '[[-7,100,3,1,99,2],"a",1.5e-7]',
    '[["null","a",1,"b",2],true,null]',
    '[[1,2,3],["Date","2024-01-02T03:04:05.678Z"],["Date",""],["Date","+010000-01-01T00:00:00.000Z"]]',
    '[["Map",1,2,3,0],"k",["Set",1,3],["BigInt","-12345678901234567890"]]',
    '[[1,2,3,4],["RegExp","a+/\\\\d","gi"],["URL","https://a.b/c?d#e"],["URLSearchParams","a=1&b=%20"],["Object",5],"x"]',
    '[[1,2,3,4],["Uint8Array",5],["Int16Array",5,2,1],["DataView",5,1,2],["Float64Array",6],["ArrayBuffer","AQIDBA=="],'
    '["ArrayBuffer","AAAAAAAA8D8="]]',
    '[[1,2],["Temporal.PlainDate","2024-01-01"],["Temporal.Duration","P1DT2H"]]',
    '[["Map",1,2,4,5],"q",{"data":3,"expires":-1},1,"ttl",{"data":6,"expires":7},["URL",8],1795420760086,"https://a.b/"]',
    '[["Custom",1],{"self":0,"other":2},["Custom",3],[0,2]]',
    '[{"next":1},{"next":2},{"next":0}]',
    "[[0]]",
    '[{"toString":1,"constructor":1},0.1]',
]


def seeds() -> list[bytes]:
    """All seeds, as bytes."""
    kept = sorted(REGRESSIONS.glob("*")) if REGRESSIONS.is_dir() else []
    return [wire.encode() for wire in WIRES] + [file.read_bytes() for file in kept]
