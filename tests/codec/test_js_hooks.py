"""Reducers and revivers mean in Python what they mean in JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from devalue import DecodeError
from tests.codec.cases.hooks import CUSTOM_TEXTS, REDUCED, Reducers
from tests.codec.conftest import Codec
from tests.node.describe import Custom, describe, revivers
from tests.node.oracle import VERSIONS, JsError, Oracle


@pytest.mark.parametrize("case", REDUCED, ids=lambda case: f"{case[0]} {case[2]}")
def test_reducers_write_what_javascripts_write(
    codec: Codec, oracle: Oracle, case: tuple[str, Callable[[], Any], str, Reducers]
) -> None:
    source, value, js, ours = case
    for version in VERSIONS:
        assert codec.stringify(value(), reducers=ours) == oracle.stringify(source, version=version, reducers=js)


@pytest.mark.parametrize("text", CUSTOM_TEXTS)
def test_revivers_make_what_javascripts_make(codec: Codec, oracle: Oracle, text: str) -> None:
    for version in VERSIONS:
        [theirs] = oracle.run([{"op": "parse", "version": version, "text": text, "revivers": 'revivers("C","D")'}])
        if isinstance(theirs, JsError):
            with pytest.raises(DecodeError) as caught:
                codec.parse(text, revivers=revivers("C", "D"))
            assert caught.value.msg.startswith(theirs.message)
        else:
            assert describe(codec.parse(text, revivers=revivers("C", "D"))) == theirs


@pytest.mark.parametrize(
    "text",
    [
        '[["C",0]]',
        '[["C",1],["C",0]]',
        '[["C",1],["D",2],["C",0]]',
        '[["C",1],["D",1]]',
        '[[1],["C",1]]',
        '[["Map",1,1],["C",1]]',
        '[["C",1],["C",1]]',
        '[["C",1.5],1,2]',
        '[["C",9]]',
        '[["C",-2]]',
    ],
)
def test_payloads_that_cannot_be_had_are_refused_with_javascripts_message(
    codec: Codec, oracle: Oracle, text: str
) -> None:
    [theirs] = oracle.run([{"op": "parse", "text": text, "revivers": 'revivers("C","D")'}])
    with pytest.raises(DecodeError) as caught:
        codec.parse(text, revivers=revivers("C", "D"))
    if isinstance(theirs, JsError):
        assert caught.value.msg.startswith(theirs.message)


BUILT_IN = {
    "Date": '[["Date","2024-01-02T03:04:05.678Z"]]',
    "URL": '[["URL","https://a.b/"]]',
    "BigInt": '[["BigInt","10"]]',
    "RegExp": '[["RegExp","a","g"]]',
    "ArrayBuffer": '[["ArrayBuffer","AAAA"]]',
    "Map": '[["Map",1,2],"k","v"]',
    "Set": '[["Set",1,2],"k","v"]',
    "null": '[["null","k",1],"v"]',
    "Object": '[["Object",1],"v"]',
    "Uint8Array": '[["Uint8Array",1],["ArrayBuffer","AAAA"]]',
    "DataView": '[["DataView",1,1,1],["ArrayBuffer","AAAA"]]',
    "Temporal.PlainDate": '[["Temporal.PlainDate","2024-01-02"]]',
    "URLSearchParams": '[["URLSearchParams","a=1"]]',
}


@pytest.mark.parametrize("tag", BUILT_IN)
def test_a_reviver_named_as_a_built_in_type_wins_and_gets_the_raw_payload(
    codec: Codec, oracle: Oracle, tag: str
) -> None:
    theirs = oracle.parse(BUILT_IN[tag], revivers=f'revivers("{tag}")')
    value = codec.parse(BUILT_IN[tag], revivers=revivers(tag))
    assert isinstance(value, Custom)
    assert describe(value) == theirs
    assert describe(codec.parse(BUILT_IN[tag], revivers=revivers("C"))) == oracle.parse(BUILT_IN[tag])
