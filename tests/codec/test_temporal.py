"""Temporal values to ``whenever`` and back, against Node's own Temporal."""

from __future__ import annotations

import datetime
import subprocess
import sys
from typing import Any

import pytest
import whenever
from hypothesis import given
from hypothesis import strategies as st

from devalue import EncodeError, Temporal, parse, uneval
from devalue.temporal import as_temporal, from_whenever, revivers, to_whenever
from tests.codec.conftest import Codec
from tests.node.oracle import Oracle

PAIRS: dict[str, tuple[str, Any]] = {
    "2024-01-02T03:04:05.123456789Z": ("Instant", whenever.Instant.from_utc(2024, 1, 2, 3, 4, 5, nanosecond=123456789)),
    "2024-01-02T03:04:05Z": ("Instant", whenever.Instant.from_utc(2024, 1, 2, 3, 4, 5)),
    "2024-07-01T12:00:00+02:00[Europe/Paris]": (
        "ZonedDateTime",
        whenever.ZonedDateTime(2024, 7, 1, 12, tz="Europe/Paris"),
    ),
    "2024-10-27T02:30:00+01:00[Europe/Paris]": (
        "ZonedDateTime",
        whenever.ZonedDateTime(2024, 10, 27, 2, 30, tz="Europe/Paris", disambiguation="later"),
    ),
    "1900-07-01T00:00:00+00:09[Europe/Paris]": ("ZonedDateTime", whenever.ZonedDateTime(1900, 7, 1, tz="Europe/Paris")),
    "2024-01-01T00:00:00+00:00[UTC]": ("ZonedDateTime", whenever.ZonedDateTime(2024, 1, 1, tz="UTC")),
    "2024-07-01T00:00:00-05:30[-05:30]": (
        "ZonedDateTime",
        whenever.OffsetDateTime(2024, 7, 1, offset=whenever.TimeDelta(hours=-5, minutes=-30)),
    ),
    "2024-01-01T10:00:00.1": ("PlainDateTime", whenever.PlainDateTime(2024, 1, 1, 10, nanosecond=100_000_000)),
    "0033-01-01": ("PlainDate", whenever.Date(33, 1, 1)),
    "23:59:59.000000001": ("PlainTime", whenever.Time(23, 59, 59, nanosecond=1)),
    "2024-02": ("PlainYearMonth", whenever.YearMonth(2024, 2)),
    "02-29": ("PlainMonthDay", whenever.MonthDay(2, 29)),
    "P1Y2M3W4DT5H6M7.000000008S": (
        "Duration",
        whenever.ItemizedDelta(years=1, months=2, weeks=3, days=4, hours=5, minutes=6, seconds=7, nanoseconds=8),
    ),
    "-P1DT0.000000001S": ("Duration", whenever.ItemizedDelta(days=-1, nanoseconds=-1)),
    "PT100H90M": ("Duration", whenever.ItemizedDelta(hours=100, minutes=90)),
}


@pytest.mark.parametrize("text", PAIRS)
def test_each_kind_is_a_type_of_whenever_both_ways(oracle: Oracle, codec: Codec, text: str) -> None:
    kind, value = PAIRS[text]
    wire = f'[["Temporal.{kind}","{text}"]]'
    assert to_whenever(Temporal(kind, text)) == value
    assert type(to_whenever(Temporal(kind, text))) is type(value)
    assert from_whenever(value) == Temporal(kind, text)
    assert codec.stringify(value) == wire
    assert codec.parse(wire, revivers=revivers()) == value
    assert oracle.rewrite(wire) == wire
    assert oracle.evaluate(uneval([value])) == codec.stringify([value])


ONE_WAY = {
    "PT0S": whenever.TimeDelta(),
    "PT1H30M": whenever.TimeDelta(hours=1, minutes=30),
    "-PT1M0.5S": whenever.TimeDelta(seconds=-60.5),
    "P3D": whenever.ItemizedDateDelta(days=3),
    "P1DT2M": whenever.ItemizedDelta(weeks=0, days=1, hours=0, minutes=2, seconds=0),
}


@pytest.mark.parametrize("text", ONE_WAY)
def test_other_durations_are_written_as_javascript_would(oracle: Oracle, codec: Codec, text: str) -> None:
    wire = f'[["Temporal.Duration","{text}"]]'
    assert codec.stringify(ONE_WAY[text]) == wire
    assert oracle.rewrite(wire) == wire


NOT_IN_WHENEVER = {
    "a year beyond 9999": ("PlainDate", "+010000-01-01"),
    "another calendar": ("PlainDate", "2024-01-01[u-ca=hebrew]"),
    "a duration beyond its range": ("Duration", "PT9007199254740991S"),
    "an offset that the time zone did not have": ("ZonedDateTime", "2024-07-01T00:00:00+05:00[Europe/Paris]"),
    "a time that the clocks skipped": ("ZonedDateTime", "2024-03-31T02:30:00+01:00[Europe/Paris]"),
    "an unknown time zone": ("ZonedDateTime", "2024-07-01T00:00:00+05:00[Europe/Nowhere]"),
}


@pytest.mark.parametrize("value", NOT_IN_WHENEVER.values(), ids=NOT_IN_WHENEVER)
def test_what_whenever_does_not_have_is_a_value_error(value: tuple[str, str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whenever's own words
        to_whenever(Temporal(*value))


def test_an_offset_with_seconds_is_refused_where_it_would_be_a_time_zone(codec: Codec) -> None:
    value = whenever.OffsetDateTime(2024, 1, 1, offset=whenever.TimeDelta(hours=1, seconds=1))
    with pytest.raises(EncodeError, match="whole minutes") as caught:
        codec.stringify({"a": value})
    assert caught.value.path == ".a"


@pytest.mark.parametrize("value", [whenever.MONDAY, whenever.IsoWeekDate(2024, 1, whenever.MONDAY), 1, "2024-01-01"])
def test_other_values_have_no_counterpart(value: Any) -> None:
    assert as_temporal(value) is None
    with pytest.raises(TypeError):
        from_whenever(value)


@given(
    st.datetimes(datetime.datetime(1, 1, 2), datetime.datetime(9999, 12, 30)),
    st.sampled_from(["UTC", "America/New_York", "Asia/Tokyo", "Africa/Monrovia", "Europe/Dublin"]),
)
def test_any_moment_in_a_time_zone_survives_both_libraries(
    oracle: Oracle, moment: datetime.datetime, zone: str
) -> None:
    value = whenever.PlainDateTime(moment).assume_tz(zone, disambiguation="compatible")
    temporal = from_whenever(value)
    assert to_whenever(temporal) == value
    wire = f'[["Temporal.ZonedDateTime","{temporal.text}"]]'
    assert oracle.rewrite(wire) == wire


def test_whenever_is_not_imported_by_the_codec() -> None:
    code = """
import sys, devalue
devalue.stringify([devalue.Temporal("PlainDate", "2024-01-01")])
print("whenever" in sys.modules)
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


def test_parse_gives_temporal_unless_told_otherwise() -> None:
    assert parse('[["Temporal.PlainDate","2024-01-01"]]') == Temporal("PlainDate", "2024-01-01")
