"""Temporal values as types of ``whenever``, the library that has Temporal's model in Python (extra ``temporal``).

``stringify`` takes the types of ``whenever`` as they are. ``parse`` gives ``devalue.Temporal``; ``to_whenever``
converts one, and ``parse(text, revivers=temporal.revivers())`` all of them.

============================  ==============================================
Temporal                      whenever
============================  ==============================================
Instant                       Instant
ZonedDateTime                 ZonedDateTime; OffsetDateTime where the time zone is an offset (``[+01:00]``)
PlainDateTime                 PlainDateTime
PlainDate                     Date
PlainTime                     Time
PlainYearMonth                YearMonth
PlainMonthDay                 MonthDay
Duration                      ItemizedDelta; written also from ItemizedDateDelta and TimeDelta
============================  ==============================================

What ``whenever`` does not have is a ValueError: years outside 1 to 9999, calendars other than ISO 8601, durations
beyond its range.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from devalue.types import Temporal

if TYPE_CHECKING:
    import whenever

    Whenever: TypeAlias = (
        whenever.Instant
        | whenever.ZonedDateTime
        | whenever.OffsetDateTime
        | whenever.PlainDateTime
        | whenever.Date
        | whenever.Time
        | whenever.YearMonth
        | whenever.MonthDay
        | whenever.ItemizedDelta
    )

__all__ = ["as_temporal", "from_whenever", "revivers", "to_whenever"]

_SPLIT_ZONED: Final = re.compile(r"(?P<local>.+)(?P<offset>[+-][0-9]{2}:[0-9]{2})\[(?P<zone>.+)\]", re.ASCII)
_OFFSET_WITH_SECONDS: Final = re.compile(r"([+-])([0-9]{2}):([0-9]{2}):([0-9]{2})(?=\[|$)", re.ASCII)
_FIELD: Final = re.compile(r"T|([0-9]+(?:\.[0-9]+)?)([YMWDHS])", re.ASCII)


def to_whenever(value: Temporal) -> Whenever:
    """The ``whenever`` object of a Temporal value; the table above says which type.

    Raises:
        ImportError: ``whenever`` is not installed.
        ValueError: ``whenever`` has no such value.
    """
    import whenever

    text = value.text
    if "[u-ca=" in text:
        raise ValueError(f"whenever has the ISO 8601 calendar only, not that of {text!r}")
    match value.kind:
        case "Instant":
            return whenever.Instant.parse_iso(text)
        case "ZonedDateTime":
            return _to_zoned(text)
        case "PlainDateTime":
            return whenever.PlainDateTime.parse_iso(text)
        case "PlainDate":
            return whenever.Date.parse_iso(text)
        case "PlainTime":
            return whenever.Time.parse_iso(text)
        case "PlainYearMonth":
            return whenever.YearMonth.parse_iso(text)
        case "PlainMonthDay":
            return whenever.MonthDay.parse_iso(f"--{text}")
        case _:
            return whenever.ItemizedDelta.parse_iso(text)


def from_whenever(value: Any) -> Temporal:
    """The Temporal value of a ``whenever`` object.

    Raises:
        TypeError: the value is of no type in the table above.
        ValueError: a time zone without a name, or an offset that Temporal does not have (one with seconds).
    """
    temporal = as_temporal(value)
    if temporal is None:
        raise TypeError(f"{type(value).__module__}.{type(value).__qualname__} has no counterpart in Temporal")
    return temporal


def as_temporal(value: Any) -> Temporal | None:
    """As ``from_whenever``, but None for everything else. Never imports ``whenever``: who has one of its objects did.

    Raises:
        ValueError: as ``from_whenever``.
    """
    whenever = sys.modules.get("whenever")
    name = type(value).__name__
    if whenever is None or name not in _FROM_WHENEVER or type(value) is not getattr(whenever, name, None):
        return None
    kind, text_of = _FROM_WHENEVER[name]
    return Temporal(kind, text_of(value.format_iso()))


def revivers() -> dict[str, Callable[[str], Whenever]]:
    """Revivers for ``parse`` that give types of ``whenever``; each raises what ``to_whenever`` raises."""
    return {f"Temporal.{kind}": _reviver(kind) for kind in dict(_FROM_WHENEVER.values())}


def _reviver(kind: str) -> Callable[[str], Whenever]:
    return lambda text: to_whenever(Temporal(kind, text))


# --- zoned ---------------------------------------------------------------------------------------------------------


def _to_zoned(text: str) -> whenever.ZonedDateTime | whenever.OffsetDateTime:
    import whenever

    match = _SPLIT_ZONED.fullmatch(text)
    assert match is not None, text
    local, offset, zone = match.groups()
    if zone[0] in "+-":
        return whenever.OffsetDateTime.parse_iso(local + offset)
    plain = whenever.PlainDateTime.parse_iso(local)
    for which in ("earlier", "later"):
        moment = plain.assume_tz(zone, disambiguation=which)
        # A time that the clocks skipped comes out as another one.
        if _with_whole_minutes(moment.format_iso()) == text:
            return moment
    raise ValueError(f"{zone} does not have the offset {offset} at {local}")


def _with_whole_minutes(text: str) -> str:
    """Temporal shows the offset of a time zone in minutes, rounded; before about 1900 they had seconds."""
    return _OFFSET_WITH_SECONDS.sub(_rounded, text)


def _rounded(offset: re.Match[str]) -> str:
    sign, hours, minutes, seconds = offset.groups()
    total = int(hours) * 60 + int(minutes) + (int(seconds) >= 30)
    return f"{sign if total else '+'}{total // 60:02}:{total % 60:02}"


def _with_offset_as_zone(text: str) -> str:
    if _OFFSET_WITH_SECONDS.search(text):
        raise ValueError(f"a time zone of Temporal is an offset in whole minutes, not that of {text!r}")
    return f"{text}[{text[-6:]}]"


# --- durations -----------------------------------------------------------------------------------------------------


def _without_zeros(text: str) -> str:
    """A duration as Temporal writes it: no unit of which there is nothing; ``PT0S`` where nothing is left."""
    sign, _, fields = text.partition("P")
    kept = "".join(field[0] for field in _FIELD.finditer(fields) if field[0] == "T" or field[1].strip("0."))
    return f"{sign}P{kept.removesuffix('T')}" if kept.strip("T") else "PT0S"


def _same(text: str) -> str:
    return text


# Name in whenever: the kind of Temporal, and its text from the ISO 8601 text of whenever.
_FROM_WHENEVER: Final[dict[str, tuple[str, Callable[[str], str]]]] = {
    "Instant": ("Instant", _same),
    "ZonedDateTime": ("ZonedDateTime", _with_whole_minutes),
    "OffsetDateTime": ("ZonedDateTime", _with_offset_as_zone),
    "PlainDateTime": ("PlainDateTime", _same),
    "Date": ("PlainDate", _same),
    "Time": ("PlainTime", _same),
    "YearMonth": ("PlainYearMonth", _same),
    "MonthDay": ("PlainMonthDay", lambda text: text.removeprefix("--")),
    "ItemizedDelta": ("Duration", _without_zeros),
    "ItemizedDateDelta": ("Duration", _without_zeros),
    "TimeDelta": ("Duration", _without_zeros),
}
