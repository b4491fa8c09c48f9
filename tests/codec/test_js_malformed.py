"""What JavaScript rejects, Python rejects with JavaScript's message; what both take has the same value in both.

Python rejects more, by the list of OWN_REFUSALS in cases/malformed.py. It never takes what JavaScript rejects.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from devalue import DecodeError
from tests.codec.cases.js_values import CASES
from tests.codec.cases.js_values import GROUPS as VALUES
from tests.codec.cases.malformed import GROUPS, OWN_REFUSALS
from tests.codec.conftest import Codec
from tests.node.describe import describe, revivers
from tests.node.oracle import JsError, Oracle

_OWN_REFUSAL = re.compile("|".join(f"(?:{pattern})" for pattern in OWN_REFUSALS))

# Messages of V8 and of its built-in types are not ours to repeat; all that devalue itself throws are plain Errors.
_MESSAGES_OF_DEVALUE = "Error"

# Versions differ in boxes only: 5.9.4 boxes undefined, which gives an empty object, where 6.0.3 rejects.
_BOX = re.compile(r'\[\s*"Object"\s*,')


def disagreement(codec: Codec, text: str, answers: dict[int, Any], names: tuple[str, ...] = ()) -> str | None:
    """How Python's answer to a text differs from JavaScript's, beyond what is documented."""
    five, six = answers[5], answers[6]
    if isinstance(five, JsError) != isinstance(six, JsError) and not (isinstance(six, JsError) and _BOX.search(text)):
        return f"5.9.4 says {five}, 6.0.3 says {six}"
    try:
        mine = describe(codec.parse(text, revivers=revivers(*names)))
    except DecodeError as error:
        return _wrong_rejection(error, six)
    if isinstance(six, JsError):
        return f"JavaScript rejects ({six}), Python reads {mine}"
    if mine == six or _revived_twice(six, mine):
        return None
    return f"JavaScript reads {six}, Python {mine}"


def _revived_twice(theirs: Any, mine: Any) -> bool:
    """Where a custom value leads back to itself, JavaScript revives it twice and loses its identity; we do not."""
    count = [sum(node[0] == "Custom" for node in nodes) for _, nodes in (theirs, mine)]
    return count[0] > count[1]


def _wrong_rejection(error: DecodeError, six: Any) -> str | None:
    if not isinstance(six, JsError):
        return None if _OWN_REFUSAL.match(error.msg) else f"Python rejects ({error}), JavaScript reads {six}"
    if six.name == _MESSAGES_OF_DEVALUE and not (error.msg.startswith(six.message) or _OWN_REFUSAL.match(error.msg)):
        return f"JavaScript says {six.message!r}, Python {error.msg!r}"
    if (error.pos is None) or (six.name == "SyntaxError" and not 0 <= error.pos <= len(error.doc or "")):
        return f"no position in {error!r}"
    return None


def ask(oracle: Oracle, texts: list[str], names: tuple[str, ...] = ()) -> list[dict[int, Any]]:
    hooks = {"revivers": f"revivers(...{json.dumps(names)})"}
    five = oracle.run({"op": "parse", "version": 5, "text": text, **hooks} for text in texts)
    six = oracle.run({"op": "parse", "version": 6, "text": text, **hooks} for text in texts)
    return [{5: one, 6: other} for one, other in zip(five, six, strict=True)]


def disagreements(codec: Codec, oracle: Oracle, texts: list[str], names: tuple[str, ...] = ()) -> dict[str, str]:
    answers = zip(texts, ask(oracle, texts, names), strict=True)
    found = {text: disagreement(codec, text, answer, names) for text, answer in answers}
    return {text: wrong for text, wrong in found.items() if wrong is not None}


@pytest.mark.parametrize("group", GROUPS)
def test_what_javascript_rejects_is_rejected_and_what_it_reads_is_read(
    codec: Codec, oracle: Oracle, group: str
) -> None:
    assert disagreements(codec, oracle, GROUPS[group]) == {}


@pytest.mark.parametrize("group", GROUPS)
def test_texts_and_bytes_are_rejected_alike(codec: Codec, group: str) -> None:
    for text in GROUPS[group]:
        if text.isascii():
            assert outcome(codec, text) == outcome(codec, text.encode()), text


def outcome(codec: Codec, data: str | bytes) -> Any:
    try:
        return describe(codec.parse(data))
    except DecodeError as error:
        return error.msg, error.pos, error.slot


@pytest.mark.parametrize("names", [(), ("C", "D")], ids=str)
def test_good_texts_with_one_fault_are_judged_as_by_javascript(
    codec: Codec, oracle: Oracle, mutants: list[str], names: tuple[str, ...]
) -> None:
    assert disagreements(codec, oracle, mutants, names) == {}


def test_revivers_named_as_built_in_types_take_what_javascripts_take(
    codec: Codec, oracle: Oracle, mutants: list[str]
) -> None:
    """JavaScript appends the payload of a built-in form to the slots it reads, so that an index beyond them may be
    one; and it revives a value twice whose payload leads back to it. So only rejections are compared.
    """
    names = ("Map", "Date", "null", "Object", "Uint8Array", "ArrayBuffer", "BigInt", "URL")
    found = disagreements(codec, oracle, mutants, names)
    wrong = {text: why for text, why in found.items() if "Invalid input (index" not in why}
    assert {text: why for text, why in wrong.items() if not why.startswith("JavaScript reads")} == {}


def test_each_way_of_being_stricter_is_used(codec: Codec, oracle: Oracle) -> None:
    texts = [text for texts in GROUPS.values() for text in texts]
    used = set()
    for text in texts:
        try:
            codec.parse(text)
        except DecodeError as error:
            used.update(pattern for pattern in OWN_REFUSALS if re.match(pattern, error.msg))
    assert used == set(OWN_REFUSALS)


# --- mutations -----------------------------------------------------------------------------------------------------

MUTANTS = 4_000
_ODD: list[Any] = [
    *(-8, -7, -6, -3, -2, -1, 0, 1, 2, 3, 99, 1.5, float("inf"), 4294967295, 4294967296),
    *("00", "x", None, True, [], {}, [0], ["Map", 0], ["C", 0], ["BigInt", "7"]),
]


@pytest.fixture(scope="module")
def mutants(oracle: Oracle) -> list[str]:
    """Texts that JavaScript wrote, each with one fault; the same ones in every run."""
    hooks = 'reducers("C","D")'
    # Faults in keys that are array indices change their order in JavaScript only; see test_js_properties.py for those.
    sources = [source for source in CASES if source not in VALUES["key order"]]
    texts = oracle.run({"op": "stringify", "source": source, "reducers": hooks} for source in sources)
    tables = [json.loads(text) for text in texts if isinstance(text, str) and text.startswith("[") and len(text) < 200]
    faulty = sorted({compact(mutant) for table in tables for mutant in table_mutants(table)})
    return random.Random(0).sample(faulty, MUTANTS)


def compact(table: Any) -> str:
    return json.dumps(table, separators=(",", ":")).replace("Infinity", "1e400")


def table_mutants(table: list[Any]) -> Iterator[list[Any]]:
    for index, slot in enumerate(table):
        head, tail = table[:index], table[index + 1 :]
        yield head + tail
        for changed in [*_ODD, *slot_mutants(slot)]:
            yield [*head, changed, *tail]


def slot_mutants(slot: Any) -> Iterator[Any]:
    if isinstance(slot, list):
        for index in range(len(slot)):
            yield slot[:index] + slot[index + 1 :]
            yield from ([*slot[:index], odd, *slot[index + 1 :]] for odd in _ODD)
        yield from ([*slot, odd] for odd in _ODD)
    if isinstance(slot, dict):
        yield {**slot, "__proto__": 0}
        yield from ({**slot, key: odd} for key in slot for odd in _ODD)
