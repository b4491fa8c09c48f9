"""Date: time values, their text, and datetimes."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devalue import Date

TEXTS = [
    (0, "1970-01-01T00:00:00.000Z"),
    (-1, "1969-12-31T23:59:59.999Z"),
    (951_782_400_000, "2000-02-29T00:00:00.000Z"),
    (8.64e15, "+275760-09-13T00:00:00.000Z"),
    (-8.64e15, "-271821-04-20T00:00:00.000Z"),
    (-62_198_755_200_000, "-000001-01-01T00:00:00.000Z"),
    (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
    (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
]


@pytest.mark.parametrize(("milliseconds", "text"), TEXTS)
def test_the_text_is_that_of_to_iso_string(milliseconds, text):
    assert Date(milliseconds).isoformat() == text
    assert Date.from_iso(text).milliseconds == milliseconds


@given(st.integers(-8_640_000_000_000_000, 8_640_000_000_000_000))
def test_every_time_value_survives_its_text(milliseconds):
    assert Date.from_iso(Date(milliseconds).isoformat()).milliseconds == milliseconds


@given(st.datetimes(timezones=st.just(UTC)))
def test_the_text_of_a_datetime_is_pythons_own(moment):
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    expected = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert Date.from_datetime(moment).isoformat() == expected
    assert Date.from_iso(expected).to_datetime() == moment


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 8.64e15 + 1])
def test_what_is_out_of_range_is_the_invalid_date(value):
    assert not Date(value).valid
    assert Date(value).isoformat() == ""
    assert Date(value) == Date.from_iso("")


def test_a_fraction_of_a_millisecond_is_cut_off():
    assert Date(1.9).milliseconds == 1
    assert Date(-1.9).milliseconds == -1


def test_microseconds_of_a_datetime_are_floored():
    assert Date.from_datetime(datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)).milliseconds == -1


def test_a_zone_at_the_edge_of_the_years_is_no_overflow():
    first = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    assert Date.from_datetime(first).isoformat() == "0000-12-31T10:00:00.000Z"


def test_a_naive_datetime_is_refused():
    with pytest.raises(ValueError, match="naive"):
        Date.from_datetime(datetime(2024, 1, 1))


@pytest.mark.parametrize("milliseconds", [math.nan, 8.64e15, -62_167_219_200_000])
def test_what_no_datetime_can_hold_says_so(milliseconds):
    with pytest.raises(ValueError, match="datetime"):
        Date(milliseconds).to_datetime()


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2024", 1_704_067_200_000),
        ("2024-02", 1_706_745_600_000),
        ("2024-01-01", 1_704_067_200_000),
        ("2024-01-01T00:00Z", 1_704_067_200_000),
        ("2024-01-01T01:00:00+01:00", 1_704_067_200_000),
        ("2024-01-01T00:00:00.1239Z", 1_704_067_200_123),
        ("2023-12-31T24:00:00Z", 1_704_067_200_000),
    ],
)
def test_other_forms_of_the_standard_are_read(text, milliseconds):
    assert Date.from_iso(text).milliseconds == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2024-13-01",
        "2023-02-29",
        "2024-01-01T00:00:00",
        "2024-01-01T24:00:01Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:00+24:00",
        "-000000-01-01",
        "+300000-01-01",
        "２０２４-01-01",
    ],
)
def test_a_text_that_names_no_moment_is_refused(text):
    with pytest.raises(ValueError, match=r"date|range"):
        Date.from_iso(text)


def test_repr_evaluates_and_dates_hash():
    for date in (Date(5), Date(math.nan)):
        assert eval(repr(date)) == date
        assert hash(eval(repr(date))) == hash(date)
