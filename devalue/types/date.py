"""Date: a point in time as JavaScript has it, for those that a Python datetime cannot hold."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["Date", "days_from_civil", "milliseconds_of"]

_MAX_MILLISECONDS: Final = 8.64e15  # ECMAScript 21.4.1.31, TimeClip
_DAY: Final = 86_400_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

# ECMAScript 21.4.1.32, Date Time String Format. A time without an offset is local time there: refused here, since
# the reader's time zone is not the writer's.
_ISO: Final = re.compile(
    r"(?P<year>[0-9]{4}|[+-][0-9]{6})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?"
    r"(?P<offset>Z|[+-][0-9]{2}:[0-9]{2}))?"
)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Date:
    """A Date by its time value: milliseconds since 1970-01-01T00:00:00Z, as an integral float, or NaN (invalid).

    ``parse`` gives an aware ``datetime`` for the years 1 to 9999 and a ``Date`` for all others. A time value
    beyond ±8.64e15 is invalid, a fraction of a millisecond is cut off (ECMAScript 21.4.1.31, TimeClip).
    """

    milliseconds: float

    def __post_init__(self) -> None:
        value = float(self.milliseconds)
        valid = abs(value) <= _MAX_MILLISECONDS
        object.__setattr__(self, "milliseconds", float(math.trunc(value)) if valid else math.nan)

    @classmethod
    def from_datetime(cls, moment: datetime) -> Date:
        """The Date of an aware datetime; microseconds are floored to milliseconds.

        Raises:
            ValueError: the datetime is naive.
        """
        return cls(milliseconds_of(moment))

    @classmethod
    def from_iso(cls, text: str) -> Date:
        """The Date that ECMAScript's date time string format (21.4.1.32) names; the empty text is the invalid Date.

        Raises:
            ValueError: the text has another form, or names no real date, or has a time without an offset.
        """
        return cls(_milliseconds_from_iso(text) if text else math.nan)

    @property
    def valid(self) -> bool:
        """False for JavaScript's ``Invalid Date``."""
        return self.milliseconds == self.milliseconds

    def to_datetime(self) -> datetime:
        """The same moment as an aware datetime in UTC.

        Raises:
            ValueError: the Date is invalid, or its year is not one of 1 to 9999.
        """
        if not self.valid:
            raise ValueError("an invalid Date is no datetime")
        try:
            return _EPOCH + int(self.milliseconds) * _MILLISECOND
        except OverflowError:
            raise ValueError(f"a datetime has years 1 to 9999; this Date is {self.isoformat()}") from None

    def isoformat(self) -> str:
        """``Date.prototype.toISOString``: ``2024-01-02T03:04:05.678Z``, ``+010000-…``; empty for the invalid Date."""
        return _iso_text(int(self.milliseconds)) if self.valid else ""

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Date):
            return self.milliseconds == other.milliseconds or not (self.valid or other.valid)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.milliseconds) if self.valid else 0

    def __repr__(self) -> str:
        return f"Date({int(self.milliseconds)})" if self.valid else "Date(float('nan'))"


def milliseconds_of(moment: datetime) -> int:
    """The time value of an aware datetime: milliseconds since 1970, floored.

    Raises:
        ValueError: the datetime is naive.
    """
    if moment.utcoffset() is None:
        raise ValueError("a naive datetime names no moment: give it a tzinfo")
    # The base's subtraction: subclasses (of pendulum, pandas) give timedeltas of their own, which divide otherwise.
    return datetime.__sub__(moment, _EPOCH) // _MILLISECOND


def _milliseconds_from_iso(text: str) -> float:
    match = _ISO.fullmatch(text)
    if match is None or text.startswith("-000000"):
        raise ValueError(f"{text!r} is no date in ECMAScript's date time string format")
    part = match.groupdict()
    month, day = int(part["month"] or 1), int(part["day"] or 1)
    days = days_from_civil(int(part["year"]), month, day)
    hour, minute, second = int(part["hour"] or 0), int(part["minute"] or 0), int(part["second"] or 0)
    fraction = int((part["fraction"] or "0")[:3].ljust(3, "0"))
    time = ((hour * 60 + minute) * 60 + second) * 1000 + fraction
    offset = _offset_minutes(part["offset"] or "Z")
    if days is None or offset is None or minute > 59 or second > 59 or time > (_DAY if hour == 24 else _DAY - 1):
        raise ValueError(f"{text!r} names no real date and time")
    milliseconds = days * _DAY + time - offset * 60_000
    if abs(milliseconds) > _MAX_MILLISECONDS:
        raise ValueError(f"{text!r} is outside the range of a Date")
    return float(milliseconds)


def _offset_minutes(text: str) -> int | None:
    if text == "Z":
        return 0
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if text[0] == "-" else 1)


# Days and civil dates of the proleptic Gregorian calendar, in eras of 400 years that start on a 1st of March, so
# that the leap day is the last of its year.


def days_from_civil(year: int, month: int, day: int) -> int | None:
    """Days from 1970-01-01 to a date of the proleptic Gregorian calendar; None if there is no such date."""
    if not 1 <= month <= 12 or not 1 <= day <= _days_in_month(year, month):
        return None
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def _days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _civil_from_days(days: int) -> tuple[int, int, int]:
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return era * 400 + year_of_era + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1


def _iso_text(milliseconds: int) -> str:
    days, time = divmod(milliseconds, _DAY)
    year, month, day = _civil_from_days(days)
    seconds, fraction = divmod(time, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    year_text = f"{year:04}" if 0 <= year <= 9999 else f"{'-' if year < 0 else '+'}{abs(year):06}"
    return f"{year_text}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z"
