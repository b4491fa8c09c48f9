"""The JSON around the slots: what is taken, and what is wrong where (RFC 8259, as JSON.parse reads it)."""

import sys

import pytest

from devalue import DecodeError

# (text with ^ at the place that is reported, part of the message)
BROKEN = [
    ("^", "ends where a value should be"),
    ("  ^", "ends where a value should be"),
    ("[^", "ends where a value should be"),
    ("[1,^", "ends where a value should be"),
    ('[{"a":^', "ends where a value should be"),
    ("^\ufeff[1]", "byte order mark"),
    ("[^\ufeff1]", "byte order mark"),
    ("[^NaN]", "NaN and Infinity are no JSON"),
    ("[^Infinity]", "NaN and Infinity are no JSON"),
    ("[^-Infinity]", "NaN and Infinity are no JSON"),
    ("^NaN", "NaN and Infinity are no JSON"),
    ("[1 ^2]", "expected ',' or ']'"),
    ("[1^}", "expected ',' or ']'"),
    ("[0^1]", "expected ',' or ']'"),
    ("[1^.]", "expected ',' or ']'"),
    ("[1^e]", "expected ',' or ']'"),
    ("[1.5^e+]", "expected ',' or ']'"),
    ("[1^_0]", "expected ',' or ']'"),
    ("[^-]", "expected a value"),
    ("[^+1]", "expected a value"),
    ("[^.5]", "expected a value"),
    ("[1,^]", "expected a value"),
    ("[^,1]", "expected a value"),
    ("[^True]", "expected a value"),
    ("[^nul]", "expected a value"),
    ("[^'a']", "expected a value"),
    ("[^undefined]", "expected a value"),
    ("[^\u0661]", "expected a value"),
    ("[^\u00a0]", "expected a value"),
    ("[^/**/1]", "expected a value"),
    ("[^\x001]", "expected a value"),
    ('[{^a:1}]', "expected a key in double quotes"),
    ('[{^1:1}]', "expected a key in double quotes"),
    ('[{^', "expected a key in double quotes"),
    ('[{"a":1,^}]', "expected a key in double quotes"),
    ('[{^,"a":1}]', "expected a key in double quotes"),
    ('[{"a"^}]', "expected ':'"),
    ('[{"a" ^1}]', "expected ':'"),
    ('[{"a":1 ^"b":1}]', "expected ',' or '}'"),
    ('[{"a":1^]', "expected ',' or '}'"),
    ('[^"abc', "a string that does not end"),
    ('[^"abc\\"]', "a string that does not end"),
    ('[{^"abc:1}]', "a string that does not end"),
    ('["a^\nb"]', "control character"),
    ('["a^\x00b"]', "control character"),
    ('["a^\x1fb"]', "control character"),
    ('["a^\\x"]', "no such escape"),
    ('["a^\\u12"]', "no such escape"),
    ('["a^\\u12g4"]', "no such escape"),
    ('["a^\\u+123"]', "no such escape"),
    ('["a^\\U0001F600"]', "no such escape"),
    ('["a^\\', "no such escape"),
    ("[1]^]", "more after the end"),
    ("[1] ^[2]", "more after the end"),
    ("1^x", "more after the end"),
    ("[1]^\x00", "more after the end"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "message"), BROKEN, ids=[ascii(marked) for marked, _ in BROKEN])
@pytest.mark.parametrize("convert", [str, str.encode], ids=["str", "bytes"])
def test_broken_json_is_refused_with_its_place(codec, marked, message, convert):
    text = marked.replace("^", "")
    with pytest.raises(DecodeError) as caught:
        codec.parse(convert(text))
    error = caught.value
    assert message in error.msg
    assert error.msg.startswith("Invalid JSON: ")
    assert error.pos == marked.index("^")
    assert error.doc == text
    assert error.slot is None


def test_line_and_column_count_characters_from_one(codec):
    with pytest.raises(DecodeError) as caught:
        codec.parse('["é漢😀",\n\n  "😀" x]')
    assert (caught.value.lineno, caught.value.colno, caught.value.pos) == (3, 7, 15)
    assert str(caught.value) == "Invalid JSON: expected ',' or ']': line 3 column 7 (char 15)"


def test_bytes_that_are_no_utf8_are_refused_with_their_place(codec):
    with pytest.raises(DecodeError, match=r"^Invalid UTF-8: invalid start byte at byte 4") as caught:
        codec.parse('["é'.encode() + b"\xff" + b'"]')
    assert caught.value.pos == 3


@pytest.mark.parametrize(
    "raw",
    [b'["\xed\xa0\x80"]', b'["\xc0\x80"]', b'["\xf4\x90\x80\x80"]', b'["\xe2\x82', "[1]".encode("utf-16"), b"\xff"],
)
def test_bytes_are_strict_utf8(codec, raw):
    with pytest.raises(DecodeError, match=r"^Invalid UTF-8"):
        codec.parse(raw)


def test_a_byte_order_mark_in_bytes_is_refused_with_a_hint(codec):
    with pytest.raises(DecodeError, match="utf-8-sig"):
        codec.parse(b"\xef\xbb\xbf[1]")


DEPTH = 300_000  # a stack of 8 MB has 28 bytes for each level: whoever recurses needs more


@pytest.mark.parametrize(
    "text",
    ["[" * DEPTH, "[" * DEPTH + "]" * DEPTH, '[{"a":' * (DEPTH // 2)],
    ids=["open", "closed", "objects"],
)
def test_levels_without_end_are_an_error_and_no_recursion(codec, text):
    with pytest.raises(DecodeError):
        codec.parse(text)


def test_unused_slots_may_be_of_any_depth(codec):
    assert codec.parse("[1," + "[" * DEPTH + "]" * DEPTH + "]") == 1


def test_values_may_be_of_any_depth(codec):
    value = codec.parse("[" + ",".join(f"[{index}]" for index in range(1, 200_000)) + ",1]")
    depth = 0
    while isinstance(value, list):
        (value,) = value
        depth += 1
    assert depth == 199_999


def test_the_recursion_limit_of_the_program_does_not_matter(codec):
    limit = sys.getrecursionlimit()
    text = "[1," + "[" * 5000 + "]" * 5000 + "]"
    try:
        sys.setrecursionlimit(200)
        assert codec.parse(text) == 1
    finally:
        sys.setrecursionlimit(limit)


def test_long_strings_and_many_escapes_take_linear_space(codec):
    text = "\\n\\u0041x" * 300_000
    assert codec.parse(f'["{text}"]') == "\nAx" * 300_000
