"""Temporal: a value of JavaScript's Temporal as its kind and its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["TEMPORAL_KINDS", "Temporal"]

_DATE = r"(?:[0-9]{4}|[+-](?!000000)[0-9]{6}|\+000000)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_OFFSET = r"[+-](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_CALENDAR = r"(?:\[u-ca=[A-Za-z0-9-]+\])?"
_UNITS = r"(?=.)(?:{}Y)?(?:{}M)?(?:{}W)?(?:{}D)?".replace("{}", "[0-9]+")
_CLOCK = r"(?:T(?=.)(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]{1,9})?S)?)?"

# The forms that Temporal's toString writes (proposal, section 13, ISO 8601 grammar).
TEMPORAL_KINDS: Final[dict[str, re.Pattern[str]]] = {
    kind: re.compile(form)
    for kind, form in {
        "Instant": f"{_DATE}T{_TIME}(?:Z|{_OFFSET})",
        "ZonedDateTime": rf"{_DATE}T{_TIME}(?:Z|{_OFFSET})?\[!?[A-Za-z0-9_./+:-]+\]{_CALENDAR}",
        "PlainDateTime": f"{_DATE}T{_TIME}{_CALENDAR}",
        "PlainDate": f"{_DATE}{_CALENDAR}",
        "PlainTime": _TIME,
        "PlainYearMonth": rf"(?:[0-9]{{4}}|[+-][0-9]{{6}})-(?:0[1-9]|1[0-2])(?:-[0-9]{{2}})?{_CALENDAR}",
        "PlainMonthDay": rf"(?:(?:[0-9]{{4}}|[+-][0-9]{{6}})-)?(?:0[1-9]|1[0-2])-[0-9]{{2}}{_CALENDAR}",
        "Duration": f"[+-]?P{_UNITS}{_CLOCK}",
    }.items()
}


@dataclass(frozen=True, slots=True, repr=False)
class Temporal:
    """A Temporal value, carried as text: ``Temporal("PlainDate", "2024-01-01")``.

    ``devalue.temporal`` turns it into a type of ``whenever`` and back (extra ``devalue[temporal]``).

    Raises:
        ValueError: no such kind, or a text that Temporal's toString would not write for it.
    """

    kind: str
    text: str

    def __post_init__(self) -> None:
        form = TEMPORAL_KINDS.get(self.kind)
        if form is None:
            raise ValueError(f"no Temporal type is named {self.kind!r}; they are {', '.join(TEMPORAL_KINDS)}")
        if not form.fullmatch(self.text):
            raise ValueError(f"{self.text!r} is no text of a Temporal.{self.kind}")

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Temporal({self.kind!r}, {self.text!r})"
