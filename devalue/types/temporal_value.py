"""Temporal: a value of JavaScript's Temporal as its kind and its text."""

from __future__ import annotations

from dataclasses import dataclass

from devalue.types.temporal_text import TEMPORAL_KINDS, temporal_text

__all__ = ["TEMPORAL_KINDS", "Temporal"]


@dataclass(frozen=True, slots=True, repr=False)
class Temporal:
    """A Temporal value, carried as text: ``Temporal("PlainDate", "2024-01-01")``.

    ``devalue.temporal`` turns it into a type of ``whenever`` and back (extra ``devalue[temporal]``).

    Zeros at the end of a fraction of a second are dropped, so Python's ``isoformat`` will do.

    Raises:
        ValueError: no such kind, or a text that Temporal's toString does not write: an hour without minutes, say,
            or the 30th of February. A named time zone is not looked up.
    """

    kind: str
    text: str

    def __post_init__(self) -> None:
        if self.kind not in TEMPORAL_KINDS:
            raise ValueError(f"no Temporal type is named {self.kind!r}; they are {', '.join(TEMPORAL_KINDS)}")
        text = temporal_text(self.kind, self.text)
        if text is None:
            raise ValueError(f"{self.text!r} is no text of a Temporal.{self.kind}")
        object.__setattr__(self, "text", text)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Temporal({self.kind!r}, {self.text!r})"
