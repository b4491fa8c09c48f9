"""The iterative JSON reader of the twin agrees with the standard library's, which it stands in for."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from devalue import DecodeError
from devalue._pure.json_reader import _integer, _Reader, _refuse_constant

PIECES = st.sampled_from(
    [
        *'[]{},:"\\-+.eE0127 \n\t\x00\x7f\ufeff',
        *("true", "null", "NaN", '"a"', "1.5e3", "\\u00e9", "\\ud83d", "\\ude00", "é😀\ud800"),
    ]
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def standard(text):
    """What the standard library reads, with the hooks that make its numbers JavaScript's."""
    try:
        return repr(json.loads(text, parse_int=_integer, parse_constant=_refuse_constant))
    except ValueError:
        return "refused"


def ours(text):
    try:
        return repr(_Reader(text).read())
    except DecodeError as error:
        return "refused" if error.pos in range(len(text) + 1) else f"no place: {error.pos}"


@given(st.lists(PIECES, max_size=12).map("".join))
@example('{"a":1,"a":2}')
@example("[-0,-0.0,1e999]")
def test_any_text_is_taken_or_refused_alike(text):
    assert ours(text) == standard(text)


@given(JSON_VALUES, st.sampled_from([None, 1]), st.booleans(), st.data())
def test_json_and_json_with_one_character_changed_are_read_alike(value, indent, ensure_ascii, data):
    text = json.dumps(value, indent=indent, ensure_ascii=ensure_ascii)
    assert ours(text) == standard(text)
    at = data.draw(st.integers(0, len(text)))
    text = text[:at] + data.draw(PIECES) + text[at + data.draw(st.integers(0, 1)) :]
    assert ours(text) == standard(text)
