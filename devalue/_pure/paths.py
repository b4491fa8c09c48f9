"""Where in a value an error is, as JavaScript's devalue writes it: ``.cart.items[1].get("price")``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from devalue._rules import UNDEFINED, decimal_text, number_text, quote
from devalue.types import BigInt, undefined
from devalue.types.keys import is_primitive

__all__ = ["MapKey", "Segment", "format_path", "map_key_text"]


@dataclass(frozen=True, slots=True)
class MapKey:
    """The step into an entry of a Map: to its key as well as to its value."""

    key: Any


# The step from a container to a child: key of an object, index of an array, entry of a Map; None where JavaScript
# adds nothing (items of a Set, boxed values, what a reducer returned).
Segment: TypeAlias = str | int | MapKey | None

_IDENTIFIER: Final = re.compile(r"[a-zA-Z_$][a-zA-Z_$0-9]*")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def map_key_text(key: Any) -> str:
    """A primitive as its own slot would hold it; JavaScript shows undefined by its number."""
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, BigInt):
        return f'["BigInt","{decimal_text(key)}"]'
    if isinstance(key, str):
        return quote(key)
    return str(UNDEFINED) if key is undefined else number_text(key)


def format_path(segments: Iterable[Segment], key_text: Callable[[Any], str] = map_key_text) -> str:
    """The text of a path; the root is the empty text. ``key_text`` writes the keys of Maps that are primitives."""
    return "".join(_format_segment(segment, key_text) for segment in segments)


def _format_segment(segment: Segment, key_text: Callable[[Any], str]) -> str:
    if segment is None:
        return ""
    if isinstance(segment, MapKey):
        shown = key_text(segment.key) if is_primitive(segment.key) else "..."
        return f".get({shown})"
    if isinstance(segment, int):
        return f"[{segment}]"
    segment = str.__str__(segment)
    return f".{segment}" if _IDENTIFIER.fullmatch(segment) else f"[{_json_string(segment)}]"


def _json_string(text: str) -> str:
    """What ``JSON.stringify`` writes; it leaves ``<`` and U+2028 alone, unlike the strings of the format."""
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))
