"""The compiled encoder writes what the readable twin writes, and fails as it fails: any value, any hooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from devalue import ArrayBuffer, BigInt, Boxed, Map, NullObject, Set, SparseArray, TypedArray, hole, undefined
from devalue._pure.stringify import stringify as pure
from devalue._stringify import stringify as compiled
from devalue.testing import encodable


@dataclass(eq=False)
class Odd:
    """A type that the format does not know."""

    content: Any


class Items(list[Any]):
    """A subclass of a plain type."""


def outcome(stringify: Callable[..., str], value: Any, options: dict[str, Any]) -> object:
    """The text, or what the error says."""
    try:
        return stringify(value, **options)
    except Exception as error:
        said = (getattr(error, name, None) for name in ("message", "path", "hint"))
        return type(error), str(error), *said, type(getattr(error, "value", None))


@given(encodable())
def test_every_value_has_the_same_text(value: Any) -> None:
    assert compiled(value) == pure(value)


REFUSED: list[Callable[[], Any]] = [
    lambda: Odd(1),
    lambda: Odd(None),
    lambda: 2**60,
    lambda: -(2**70),
    lambda: BigInt(7**12_000),
    lambda: Decimal(1),
    lambda: hole,
    lambda: print,
    lambda: object,
    lambda: datetime(2020, 1, 1),
    lambda: {1: 2},
    lambda: {"__proto__": 1},
]
PECULIAR: list[Callable[[], Any]] = [
    lambda: (),
    lambda: b"",
    lambda: b"a",
    lambda: frozenset(),
    lambda: bytearray(b"abc"),
    lambda: memoryview(b"abcd").cast("H"),
    lambda: Boxed("a"),
    lambda: Boxed(BigInt(2**80)),
    lambda: Items([1, 2]),
    lambda: TypedArray("Int8Array", [1, 2, 3]),
    lambda: datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=5))),
]
REDUCERS: list[Any] = [
    lambda value: None,
    lambda value: [len(value)] if isinstance(value, str) else 0,
    lambda value: value if isinstance(value, (Odd, list)) else False,
    (Odd, lambda odd: [odd.content, odd.content]),
    (Odd, lambda odd: odd.content),
    (int, lambda number: {"one": 1} if number == 1 else None),
    (list, lambda items: len(items) > 2 and tuple(items[:1])),
    (Mapping, lambda mapping: [1]),
    (Sized, lambda value: 0),
    ((str, bytes), lambda text: 2.5),
    (ArrayBuffer, lambda buffer: 1),
    (BigInt, lambda number: "x"),
    (bool, lambda value: float("inf")),
    (datetime, lambda moment: moment.isoformat()),
]
DEFAULTS: list[Any] = [
    None,
    lambda value: str(type(value)),
    lambda value: value.content if isinstance(value, Odd) else 2**60,
    lambda value: value,
    lambda value: Odd(1),
    lambda value: [1, value] if isinstance(value, Odd) else undefined,
    lambda value: 1 / 0,
    lambda value: value + 1 if isinstance(value, int) else hole,
]
MINUS_THREE = timezone(timedelta(hours=-3))


def in_every_place(value: Any) -> list[Any]:
    return [value, [value], {"k": value, "l": [value, value]}, Map([("k", value)]), Set([[value]]), NullObject(n=value)]


@settings(max_examples=300)
@given(
    value=encodable(),
    more=st.lists(st.sampled_from([*REFUSED, *PECULIAR]), max_size=3),
    reducers=st.dictionaries(
        st.sampled_from(["A", "BigInt", "ArrayBuffer", "Ümlaut", "日本"]), st.sampled_from(REDUCERS), max_size=3
    ),
    default=st.sampled_from(DEFAULTS),
    naive_tz=st.sampled_from([None, UTC, MINUS_THREE]),
    max_depth=st.sampled_from([2000, None, 0, 1, 2, 3, 5, 10]),
)
def test_hooks_and_limits_have_the_same_result(
    value: Any,
    more: list[Callable[[], Any]],
    reducers: dict[str, Any],
    default: Any,
    naive_tz: tzinfo | None,
    max_depth: int | None,
) -> None:
    whole = [value, *(in_every_place(make()) for make in more)]
    options = {"reducers": reducers, "default": default, "naive_tz": naive_tz, "max_depth": max_depth}
    assert outcome(compiled, whole, options) == outcome(pure, whole, options)


@given(
    length=st.integers(0, 2**32 - 1) | st.integers(0, 40),
    indexes=st.sets(st.integers(0, 2**32 - 2) | st.integers(0, 40), max_size=30),
)
@example(length=10, indexes={0, 1, 2, 3})
def test_a_sparse_array_takes_the_same_form(length: int, indexes: set[int]) -> None:
    array = SparseArray(length, {index: [index] for index in indexes if index < length})
    assert compiled(array) == pure(array)
    if length <= 40:
        assert compiled(list(array)) == pure(list(array))


@pytest.mark.parametrize("width", ["a", "é", "я", "😀"])
@pytest.mark.parametrize("special", [*'"\\<\n\x00\x1f\u2028\u2029', chr(0xD800), chr(0xDFFF)])
def test_an_escape_is_found_at_every_place_of_a_string(width: str, special: str) -> None:
    for length in (0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 64):
        for place in range(length + 1):
            text = width * place + special + width * (length - place)
            assert compiled(text) == pure(text)


@pytest.mark.parametrize("length", [4095, 4096, 4097, 100_000])
def test_a_long_string_of_escapes_is_written_whole(length: int) -> None:
    text = '"' * length + "a" * length + "\u2028" * length
    assert compiled([text, text + "b"]) == pure([text, text + "b"])


def test_a_str_is_as_narrow_as_its_text() -> None:
    for text in ("a\u2028", "\ud800é", "é\u2029"):
        found, expected = compiled([text]), pure([text])
        assert found == expected
        assert found.isascii() == expected.isascii()
        assert hash(found) == hash(expected)  # a str of another width than its text needs would differ


@pytest.mark.parametrize("text", ["é", "я", "😀"])
def test_a_string_that_a_reducer_claims_makes_no_text_wider(text: str) -> None:
    options = {"reducers": {"A": (str, len)}}
    assert compiled([text], **options) == pure([text], **options) == '[[1],["A",2],1]'


@pytest.mark.parametrize("size", [*range(70), 12_287, 12_288, 12_289, 100_000])
def test_bytes_of_every_length_are_encoded(size: int) -> None:
    data = bytes(index * 7 % 256 for index in range(size))
    assert compiled([data, "я"]) == pure([data, "я"])
    assert compiled(ArrayBuffer(data)) == pure(ArrayBuffer(data))


def test_references_of_every_length_are_written() -> None:
    values = list(range(10**6, 10**6 + 120_000))
    assert compiled(values) == pure(values)


def test_an_object_that_only_its_container_holds_is_still_known_to_hooks() -> None:
    shared = [1]
    value = [[2], shared, {"inner": [3]}, Odd(None)]
    options = {"default": lambda odd: [value[0], value[2]["inner"], shared]}
    assert compiled(value, **options) == pure(value, **options)


@pytest.mark.parametrize("letter", ["x", "é", "я", "😀", "\ud800"])
def test_a_text_of_many_megabytes_is_written_whole(letter: str) -> None:
    """Beyond 16 MB the text is no longer copied into the result, but is the result."""
    values = [letter * 1_000_000 + str(index) for index in range(18)]
    quoted = ",".join(f'"{value}"' for value in values).replace("\ud800", "\\ud800")
    text = compiled(values)
    assert text == f"[[{','.join(map(str, range(1, 19)))}],{quoted}]"
    assert text.isascii() == (letter in ("x", "\ud800"))
