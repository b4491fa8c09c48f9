"""Temporal: a value of JavaScript's Temporal as its kind and its text."""

from __future__ import annotations

from dataclasses import dataclass

from devalue.types.temporal_text import TEMPORAL_KINDS, is_temporal_text

__all__ = ["TEMPORAL_KINDS", "Temporal"]


@dataclass(frozen=True, slots=True, repr=False)
class Temporal:
    """A Temporal value, carried as text: ``Temporal("PlainDate", "2024-01-01")``.

    ``devalue.temporal`` turns it into a type of ``whenever`` and back (extra ``devalue[temporal]``).

    Raises:
        ValueError: no such kind, or a text that Temporal's toString does not write: an hour without minutes, say,
            or the 30th of February. A named time zone is not looked up.
    """

    kind: str
    text: str

    def __post_init__(self) -> None:
        if self.kind not in TEMPORAL_KINDS:
            raise ValueError(f"no Temporal type is named {self.kind!r}; they are {', '.join(TEMPORAL_KINDS)}")
        if not is_temporal_text(self.kind, self.text):
            raise ValueError(f"{self.text!r} is no text of a Temporal.{self.kind}")

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Temporal({self.kind!r}, {self.text!r})"
