"""The texts that Temporal's ``toString`` writes, each kind's (Temporal proposal, section 13, and ``toString`` of each).

JavaScript reads more than it writes, but rejects a date that does not exist, or lies outside its range: Astro destroys
a session that holds one. So a text is taken only in the form, and with the values, that JavaScript itself writes.
Not checked, for it needs the database of time zones: that a named zone exists, and has the offset that is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from devalue.types.date import days_from_civil

__all__ = ["TEMPORAL_KINDS", "temporal_text"]

_YEAR = r"(?P<year>[0-9]{4}|-[0-9]{6}|\+[0-9]{6})"
_MONTH = r"(?P<month>[0-9]{2})"
_DAY = r"(?P<day>[0-9]{2})"
_DATE = f"{_YEAR}-{_MONTH}-{_DAY}"
_TIME = (
    r"(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9])"
    r"(?:\.(?P<fraction>[0-9]{0,8}[1-9]))?"
)
_OFFSET = r"(?P<offset>\+(?:[01][0-9]|2[0-3]):[0-5][0-9]|-(?!00:00)(?:[01][0-9]|2[0-3]):[0-5][0-9])"
_ZONE = r"\[(?P<zone>[A-Za-z._][A-Za-z0-9._+-]*(?:/[A-Za-z0-9._+-]+)*|[+-][0-9]{2}:[0-9]{2})\]"
# The calendars of ECMA-402, under the names that JavaScript writes; iso8601 is never written.
_CALENDARS = (
    "buddhist|chinese|coptic|dangi|ethioaa|ethiopic|gregory|hebrew|indian|islamic|islamic-civil|islamic-rgsa"
    "|islamic-tbla|islamic-umalqura|japanese|persian|roc"
)
_IN_CALENDAR = rf"\[u-ca=(?P<calendar>{_CALENDARS})\]"
_COUNT = "[1-9][0-9]*"
_DURATION = (
    rf"-?P(?=.)(?:(?P<years>{_COUNT})Y)?(?:(?P<months>{_COUNT})M)?(?:(?P<weeks>{_COUNT})W)?(?:(?P<days>{_COUNT})D)?"
    rf"(?:T(?=.)(?:(?P<hours>{_COUNT})H)?(?:(?P<minutes>{_COUNT})M)?"
    rf"(?:(?P<seconds>{_COUNT}|0(?=\.))(?:\.[0-9]{{0,8}}[1-9])?S)?)?"
)

_Values = dict[str, str | None]
_DAY_NANOSECONDS: Final = 86_400 * 10**9
_MAX_DAYS: Final = 100_000_000  # from 1970-01-01, either way; ECMAScript 21.4.1.1
_MAX_UNITS: Final = 2**32  # of years, months, weeks in a Duration
_MAX_SECONDS: Final = 2**53  # of days and all smaller units together


# Zeros at the end of a fraction, which Python's isoformat writes and Temporal does not.
_ZEROS = re.compile(r"\.(?=[0-9]{1,9}(?![0-9]))([0-9]*?)0+(?![0-9])")


def temporal_text(kind: str, text: str) -> str | None:
    """The text as the Temporal type of this name writes it; None if it writes it for none of its values."""
    text = _ZEROS.sub(lambda match: f".{match[1]}" if match[1] else "", text)
    form, holds = TEMPORAL_KINDS[kind]
    match = form.fullmatch(text)
    return text if match is not None and holds(match.groupdict()) else None


def _days(values: _Values) -> int | None:
    """Days from 1970-01-01 to the date; None if there is no such date, or its year is not written so."""
    year = values["year"] or ""
    if len(year) == 7 and (0 <= int(year) <= 9999):
        return None
    return days_from_civil(int(year), int(values["month"] or 0), int(values["day"] or 1))


def _nanoseconds(values: _Values) -> int:
    seconds = (int(values["hour"] or 0) * 60 + int(values["minute"] or 0)) * 60 + int(values["second"] or 0)
    return seconds * 10**9 + int((values["fraction"] or "").ljust(9, "0"))


def _is_date(values: _Values) -> bool:
    days = _days(values)
    return days is not None and -_MAX_DAYS - 1 <= days <= _MAX_DAYS


def _is_date_time(values: _Values) -> bool:
    days = _days(values)
    if days is None:
        return False
    moment = days * _DAY_NANOSECONDS + _nanoseconds(values)
    return (-_MAX_DAYS - 1) * _DAY_NANOSECONDS < moment < (_MAX_DAYS + 1) * _DAY_NANOSECONDS


def _is_instant(values: _Values) -> bool:
    days = _days(values)
    if days is None:
        return False
    sign, hours, minutes = _split_offset(values.get("offset") or "+00:00")
    offset = sign * (hours * 60 + minutes) * 60 * 10**9
    return abs(days * _DAY_NANOSECONDS + _nanoseconds(values) - offset) <= _MAX_DAYS * _DAY_NANOSECONDS


def _split_offset(text: str) -> tuple[int, int, int]:
    return (-1 if text[0] == "-" else 1), int(text[1:3]), int(text[4:6])


def _is_zoned(values: _Values) -> bool:
    zone, offset = values["zone"] or "", values["offset"]
    fixed = "+00:00" if zone == "UTC" else zone if zone[0] in "+-" else offset
    return fixed == offset and _is_instant(values)


def _is_time(values: _Values) -> bool:
    return True


def _is_year_month(values: _Values) -> bool:
    if values["calendar"] is not None:
        return _is_date(values)
    days = _days({**values, "day": "01"})
    # The months that hold the first and the last day of a PlainDate.
    return days is not None and -_MAX_DAYS - 30 <= days <= _MAX_DAYS


def _is_month_day(values: _Values) -> bool:
    if values["calendar"] is not None:
        return _is_date(values)
    return _days({**values, "year": "1972"}) is not None and values["day"] != "00"  # a leap year


def _is_duration(values: _Values) -> bool:
    units = {unit: int(count or 0) if len(count or "") < 20 else _MAX_SECONDS for unit, count in values.items()}
    hours = units["days"] * 24 + units["hours"]
    seconds = (hours * 60 + units["minutes"]) * 60 + units["seconds"]
    return seconds < _MAX_SECONDS and all(units[unit] < _MAX_UNITS for unit in ("years", "months", "weeks"))


TEMPORAL_KINDS: Final[dict[str, tuple[re.Pattern[str], Callable[[_Values], bool]]]] = {
    kind: (re.compile(form), holds)
    for kind, form, holds in (
        ("Instant", f"{_DATE}T{_TIME}Z", _is_instant),
        ("ZonedDateTime", f"{_DATE}T{_TIME}{_OFFSET}{_ZONE}(?:{_IN_CALENDAR})?", _is_zoned),
        ("PlainDateTime", f"{_DATE}T{_TIME}(?:{_IN_CALENDAR})?", _is_date_time),
        ("PlainDate", f"{_DATE}(?:{_IN_CALENDAR})?", _is_date),
        ("PlainTime", _TIME, _is_time),
        ("PlainYearMonth", f"{_YEAR}-{_MONTH}(?:-{_DAY}{_IN_CALENDAR})?", _is_year_month),
        ("PlainMonthDay", f"(?:{_YEAR}-(?=.*u-ca))?{_MONTH}-{_DAY}(?:{_IN_CALENDAR})?", _is_month_day),
        ("Duration", f"PT0S|{_DURATION}", _is_duration),
    )
}
