"""RegExp: a JavaScript regular expression as text."""

from __future__ import annotations

from dataclasses import dataclass

from devalue.types.regexp_syntax import check_pattern

__all__ = ["RegExp"]

_FLAGS = "dgimsuvy"
_LINE_TERMINATORS = {"\n": "\\n", "\r": "\\r", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True, slots=True, repr=False)
class RegExp:
    """A regular expression of JavaScript: its source and flags. It is carried, never run.

    The source is kept as JavaScript's ``source`` shows it (ECMAScript 22.2.6.13.1, EscapeRegExpPattern): ``/``
    and line ends escaped, ``(?:)`` for an empty one. Flags are put in JavaScript's order.

    The pattern is checked (ECMAScript 22.2.1): JavaScript fails on a text that holds one that is none.

    Raises:
        ValueError: no pattern under these flags; a flag that is none of ``dgimsuvy``, one given twice, or ``u``
            together with ``v``.
    """

    source: str
    flags: str = ""

    def __post_init__(self) -> None:
        flags = "".join(sorted(self.flags))
        if set(flags) - set(_FLAGS) or len(set(flags)) != len(flags) or {"u", "v"} <= set(flags):
            raise ValueError(
                f"invalid regular expression flags {self.flags!r}: each of {_FLAGS} once, not both u and v"
            )
        check_pattern(self.source, flags)
        object.__setattr__(self, "source", _escaped_source(self.source))
        object.__setattr__(self, "flags", flags)

    def __repr__(self) -> str:
        return f"RegExp({self.source!r}, {self.flags!r})" if self.flags else f"RegExp({self.source!r})"


def _escaped_source(source: str) -> str:
    if not source:
        return "(?:)"
    if "/" not in source and not any(end in source for end in _LINE_TERMINATORS):
        return str(source)
    out: list[str] = []
    escaped = in_class = False
    for char in source:
        if char in _LINE_TERMINATORS:
            # After a backslash the line end itself is replaced, and the backslash serves the replacement.
            out.append(_LINE_TERMINATORS[char][1:] if escaped else _LINE_TERMINATORS[char])
        elif char == "/" and not (escaped or in_class):
            out.append("\\/")
        else:
            out.append(char)
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == "[":
            in_class = True
        elif char == "]":
            in_class = False
    return "".join(out)
