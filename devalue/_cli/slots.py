"""A text of devalue as its table of slots: what each is, what it refers to, how much text it takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import devalue
from devalue._pure.json_reader import read_json
from devalue._pure.leaves import LEAF_READERS
from devalue._rules import SPARSE
from devalue.types.binary import TYPED_ARRAYS

__all__ = ["Custom", "Visit", "custom_names", "kind_of", "read", "references", "texts", "visits"]

_CONTAINER_TAGS: Final = {"Map", "Set", "null", "Object", "DataView", *TYPED_ARRAYS}
_BUILT_IN: Final = _CONTAINER_TAGS | set(LEAF_READERS)


@dataclass(slots=True, eq=False)
class Custom:
    """A value of a type that only the writer knows: its name, and what its reducer returned."""

    name: str
    payload: Any


def read(text: str) -> tuple[Any, list[Any]]:
    """The value of a text, with ``Custom`` for unknown types, and its slots (none for a text without a table).

    Raises:
        DecodeError: the text is no text of devalue.
    """
    content = read_json(text)
    slots = content if isinstance(content, list) else []
    revivers = {name: _reviver(name) for name in custom_names(slots)}
    return devalue.parse(text, revivers=revivers), slots


def _reviver(name: str) -> Any:
    return lambda payload: Custom(name, payload)


def custom_names(slots: list[Any]) -> list[str]:
    """The names of unknown types, in order of appearance."""
    tags = (slot[0] for slot in slots if isinstance(slot, list) and slot and isinstance(slot[0], str))
    return list(dict.fromkeys(tag for tag in tags if tag not in _BUILT_IN))


def kind_of(slot: Any) -> str:
    """What a slot holds, as JavaScript names it."""
    if isinstance(slot, dict):
        return "Object"
    if isinstance(slot, list):
        if slot and isinstance(slot[0], str):
            return _kind_of_tag(slot[0])
        return "sparse Array" if slot and slot[0] == SPARSE else "Array"
    if slot is None:
        return "null"
    if isinstance(slot, bool):
        return "boolean"
    return "string" if isinstance(slot, str) else "number"


def _kind_of_tag(tag: str) -> str:
    if tag == "null":
        return "null-prototype Object"
    if tag == "Object":
        return "boxed primitive"
    return tag if tag in _BUILT_IN else f"{tag} (custom)"


def references(slot: Any) -> list[tuple[str, int]]:
    """The slots that a slot refers to, each with the step of the path to it, in the order of reading."""
    if isinstance(slot, dict):
        found = [(_key_step(key), index) for key, index in slot.items()]
    elif not isinstance(slot, list) or not slot:
        return []
    elif isinstance(slot[0], str):
        found = _tagged_references(slot)
    elif slot[0] == SPARSE:
        found = [(f"[{at}]", index) for at, index in zip(slot[2::2], slot[3::2], strict=False)]
    else:
        found = [(f"[{at}]", index) for at, index in enumerate(slot)]
    return [(step, index) for step, index in found if type(index) is int and index >= 0]


def _tagged_references(slot: list[Any]) -> list[tuple[str, Any]]:
    tag = slot[0]
    if tag == "Map":
        return [(".key()" if at % 2 == 0 else ".value()", index) for at, index in enumerate(slot[1:])]
    if tag == "Set":
        return [(".item()", index) for index in slot[1:]]
    if tag == "null":
        return [(_key_step(str(key)), index) for key, index in zip(slot[1::2], slot[2::2], strict=False)]
    if tag in LEAF_READERS or len(slot) < 2:
        return []
    return [("", slot[1])]  # boxed, a view's buffer, what a reducer returned


def _key_step(key: str) -> str:
    return f".{key}" if key.isidentifier() and key.isascii() else f"[{json.dumps(key)}]"


@dataclass(slots=True)
class Visit:
    """The first time that reading comes to a slot."""

    slot: int
    parent: int  # -1 for the root
    step: str
    depth: int  # containers that are open, with this one


def visits(slots: list[Any]) -> Iterator[Visit]:
    """Every slot that the root leads to, in the order in which ``parse`` reads, JavaScript's and ours."""
    seen = {0}
    if not slots:
        return
    yield Visit(0, -1, "", 1)
    stack = [(0, iter(references(slots[0])))]
    while stack:
        parent, children = stack[-1]
        for step, index in children:
            if index not in seen and index < len(slots):
                seen.add(index)
                yield Visit(index, parent, step, len(stack) + 1)
                stack.append((index, iter(references(slots[index]))))
                break
        else:
            stack.pop()


_DECODER: Final = json.JSONDecoder()


def texts(text: str) -> Iterator[str]:
    """The text of each slot of a table that was read before."""
    position = text.index("[") + 1
    while True:
        while text[position] in " \t\n\r,":
            position += 1
        if text[position] == "]":
            return
        end = _DECODER.raw_decode(text, position)[1]
        yield text[position:end]
        position = end
