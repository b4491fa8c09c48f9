"""Every value that JavaScript writes is read by Python as the same value, and written again as the same text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.codec.cases.js_values import CASES, CYCLES_FROM_CUSTOM, GROUPS
from tests.codec.conftest import Codec
from tests.node.describe import describe, reducers, revivers
from tests.node.oracle import JsError, Oracle

NAMES = ("C", "D")
JS_HOOKS = {"reducers": 'reducers("C","D")', "revivers": 'revivers("C","D")'}


@dataclass(frozen=True)
class Answer:
    """What JavaScript says about one expression."""

    text5: str
    text6: str
    described: Any  # the value that 6.0.3 reads from its own text
    original: Any  # the value of the expression


@pytest.fixture(scope="module")
def answers(oracle: Oracle) -> dict[str, Answer]:
    sources = [*CASES, *CYCLES_FROM_CUSTOM]
    text5 = oracle.run({"op": "stringify", "version": 5, "source": source, **JS_HOOKS} for source in sources)
    text6 = oracle.run({"op": "stringify", "version": 6, "source": source, **JS_HOOKS} for source in sources)
    described = oracle.run({"op": "parse", "text": text, **JS_HOOKS} for text in text6)
    original = oracle.run({"op": "describe", "source": source} for source in sources)
    told = zip(sources, text5, text6, described, original, strict=True)
    wrong = {source: row for source, *row in told if any(isinstance(answer, JsError) for answer in row)}
    assert not wrong, "cases that JavaScript itself cannot carry"
    rows = zip(sources, text5, text6, described, original, strict=True)
    return {source: Answer(*row) for source, *row in rows}


def escape_unpaired(text: str) -> str:
    """The one difference between the versions: 6.x escapes unpaired surrogates, 5.x writes them raw."""
    return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)


def rewritten(codec: Codec, text: str) -> str:
    value = codec.parse(text, revivers=revivers(*NAMES))
    return codec.stringify(value, reducers=reducers(*NAMES))


@pytest.mark.parametrize("group", GROUPS)
def test_a_text_of_javascript_is_written_again_as_it_was(codec: Codec, answers: dict[str, Answer], group: str) -> None:
    for source in GROUPS[group]:
        assert rewritten(codec, answers[source].text6) == answers[source].text6, source


@pytest.mark.parametrize("group", GROUPS)
def test_a_text_of_javascript_is_read_as_the_value_that_javascript_reads(
    codec: Codec, answers: dict[str, Answer], group: str
) -> None:
    for source in GROUPS[group]:
        value = codec.parse(answers[source].text6, revivers=revivers(*NAMES))
        assert describe(value) == answers[source].described, source


@pytest.mark.parametrize("group", GROUPS)
def test_a_text_of_version_5_is_read_the_same_and_written_as_version_6_writes(
    codec: Codec, answers: dict[str, Answer], group: str
) -> None:
    for source in GROUPS[group]:
        assert escape_unpaired(answers[source].text5) == answers[source].text6, source
        assert rewritten(codec, answers[source].text5) == answers[source].text6, source


@pytest.mark.parametrize("group", GROUPS)
def test_bytes_are_read_as_their_text_is(codec: Codec, answers: dict[str, Answer], group: str) -> None:
    for source in GROUPS[group]:
        value = codec.parse(answers[source].text6.encode(), revivers=revivers(*NAMES))
        assert codec.stringify(value, reducers=reducers(*NAMES)) == answers[source].text6, source


@pytest.mark.parametrize("source", CYCLES_FROM_CUSTOM)
def test_a_cycle_that_starts_at_a_custom_value_keeps_its_identity_which_javascript_loses(
    codec: Codec, answers: dict[str, Answer], source: str
) -> None:
    answer = answers[source]
    assert answer.described != answer.original  # JavaScript's own round trip: an outer and an inner copy
    assert describe(codec.parse(answer.text6, revivers=revivers(*NAMES))) == answer.original
    assert rewritten(codec, answer.text6) == answer.text6


def test_the_table_is_as_large_as_it_claims() -> None:
    assert len(CASES) > 1000
