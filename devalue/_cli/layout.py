"""Nested values as indented text: on one line what fits there, at any depth without recursion."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, TypeAlias

__all__ = ["Branch", "Drawn", "layout", "quoted", "visible"]

_WIDTH: Final = 80
_MAX_INDENT: Final = 40
# What a terminal would hide, obey or not show: controls, bidirectional marks, separators, unpaired surrogates.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


@dataclass(slots=True)
class Branch:
    """A container: its brackets, and what is in it, each child after a label (a key, say)."""

    opening: str
    closing: str
    children: list[tuple[str, Any]]


# How a value is shown: its text, or the container that it is.
Drawn: TypeAlias = str | Branch


@dataclass(slots=True)
class _Open:
    """A container of which not all is written."""

    children: Iterator[tuple[str, Drawn]]
    closing: str
    separator: str = ""


def layout(value: Any, draw: Callable[[Any], Drawn]) -> Iterator[str]:
    """The text, in pieces. ``draw`` is called once for each value, a container before its children."""
    stack: list[_Open] = []
    drawn = draw(value)
    while True:
        if isinstance(drawn, Branch):
            first, rest = _begin(drawn, draw)
            if rest is None:
                yield _one_line(drawn, first)
            else:
                yield drawn.opening
                others = ((label, draw(child)) for label, child in rest)
                stack.append(_Open(chain(first, others), drawn.closing))
        else:
            yield drawn
        while stack:
            following = next(stack[-1].children, None)
            if following is not None:
                break
            closed = stack.pop()
            yield f"{_line(len(stack))}{closed.closing}"
        else:
            yield "\n"
            return
        label, drawn = following
        yield f"{stack[-1].separator}{_line(len(stack))}{label}"
        stack[-1].separator = ","


def _begin(
    branch: Branch, draw: Callable[[Any], Drawn]
) -> tuple[list[tuple[str, Drawn]], Iterator[tuple[str, Any]] | None]:
    """Draw children as long as they fit on one line; those drawn, and the others: None if all fit."""
    children = iter(branch.children)
    drawn: list[tuple[str, Drawn]] = []
    width = len(branch.opening) + len(branch.closing)
    for label, child in children:
        text = draw(child)
        drawn.append((label, text))
        if isinstance(text, Branch):
            return drawn, children
        width += len(label) + len(text) + 2
        if width > _WIDTH:
            return drawn, children
    return drawn, None


def _one_line(branch: Branch, children: list[tuple[str, Drawn]]) -> str:
    return f"{branch.opening}{', '.join(f'{label}{text}' for label, text in children)}{branch.closing}"


def _line(depth: int) -> str:
    """The start of a line; the indent has an end, or very deep values would fill the disk with spaces."""
    return "\n" + "  " * min(depth, _MAX_INDENT)


def quoted(text: str) -> str:
    """A string in JSON's form, with everything escaped that a terminal would not show as it is."""
    return visible(json.dumps(text, ensure_ascii=False))


def visible(text: str) -> str:
    """Text with everything escaped that a terminal would not show as it is."""
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
