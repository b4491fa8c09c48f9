"""Whatever Python writes, both versions of JavaScript read as the same value, and write as the same text."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from devalue.testing import difference, encodable, keys, numbers, values
from tests.codec.conftest import Codec
from tests.codec.test_js_values import escape_unpaired
from tests.node.describe import bits, describe
from tests.node.oracle import VERSIONS, Oracle


@settings(max_examples=200)
@given(value=encodable())
def test_a_text_of_python_is_read_and_written_by_javascript_as_it_was(codec: Codec, oracle: Oracle, value: Any) -> None:
    text = codec.stringify(value)
    for version in VERSIONS:
        assert escape_unpaired(oracle.rewrite(text, version=version)) == text


@settings(max_examples=200)
@given(value=values())
def test_javascript_reads_the_value_that_python_wrote(codec: Codec, oracle: Oracle, value: Any) -> None:
    text = codec.stringify(value)
    for version in VERSIONS:
        assert oracle.parse(text, version=version) == describe(value)


@settings(max_examples=200)
@given(value=values())
def test_a_value_survives_python_with_types_order_identity_and_cycles(codec: Codec, value: Any) -> None:
    assert difference(codec.parse(codec.stringify(value)), value) is None


@settings(max_examples=200)
@given(value=encodable())
def test_what_is_read_as_another_type_settles_at_once(codec: Codec, value: Any) -> None:
    text = codec.stringify(value)
    assert codec.stringify(codec.parse(text)) == text


@settings(max_examples=100)
@given(st.lists(st.dictionaries(keys() | st.integers(0, 2**33).map(str), numbers(), max_size=8), max_size=3))
def test_javascript_reorders_only_keys_that_are_array_indices(
    codec: Codec, oracle: Oracle, objects: list[dict[str, Any]]
) -> None:
    text = codec.stringify(objects)
    assert codec.parse(text) is not objects
    assert [list(read) for read in codec.parse(text)] == [list(written) for written in objects]
    _, [_, *nodes] = oracle.parse(text)
    for [kind, entries], written in zip(nodes, objects, strict=True):
        assert kind == "Object"
        indices = sorted((key for key in written if is_array_index(key)), key=int)
        assert [key for key, _ in entries] == indices + [key for key in written if key not in indices]


def is_array_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and str(int(key)) == key and int(key) < 2**32 - 1


@settings(max_examples=200)
@given(st.lists(st.floats(), min_size=50, max_size=200))
def test_numbers_are_written_as_javascript_writes_them(codec: Codec, oracle: Oracle, floats: list[float]) -> None:
    finite = [number for number in floats if number - number == 0 and number != 0]
    written = oracle.call("numbers", values=[bits(number) for number in finite])
    assert [codec.stringify(number) for number in finite] == [f"[{text}]" for text in written]


def test_a_pair_of_surrogates_in_two_characters_is_one_character_to_javascript(codec: Codec, oracle: Oracle) -> None:
    text = codec.stringify("\ud83d\ude00")
    assert oracle.rewrite(text) == '["\U0001f600"]'
    assert codec.parse(text) == "\U0001f600"
