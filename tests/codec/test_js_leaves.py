"""A Temporal or a URL that can be made in Python is one that JavaScript reads, and writes as the same text."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time

import pytest

from devalue import URL, Temporal
from tests.node.oracle import JsError, Oracle

DATES = [
    *("2024-01-02", "2024-02-29", "2023-02-29", "2024-02-30", "2024-04-31", "1900-02-29", "2000-02-29", "2024-00-01"),
    *("0000-01-01", "-000001-01-01", "-000000-01-01", "+000000-01-01", "+002024-01-02", "+010000-01-01", "9999-12-31"),
    *("-271821-04-18", "-271821-04-19", "-271821-04-20", "+275760-09-13", "+275760-09-14", "+999999-01-01", "2024-1-2"),
]
TIMES = [
    *("00:00:00", "03:04", "23:59:59.999999999", "24:00:00", "23:59:60", "12:30:00.5", "12:30:00.500", "12:30:00."),
    *("12:30:00,5", "12", "00:00:00.000", "00:00:00.000000001", "00:00:00.0000000001", "1:02:03"),
]
CALENDARS = ["gregory", "hebrew", "islamic-civil", "ethioaa", "iso8601", "foo", "Gregory", "ethiopic-amete-alem"]
OFFSETS = ["", "Z", "+00:00", "-00:00", "+01:00", "+24:00", "+01:00:00", "+01", "z"]
TEXTS = {
    "PlainDate": [*DATES, *(f"2024-01-02[u-ca={calendar}]" for calendar in CALENDARS), "2024-01-02[!u-ca=hebrew]"],
    "PlainTime": TIMES,
    "PlainDateTime": [
        *(f"{date}T03:04:05" for date in DATES),
        *(f"2024-01-02T{time}" for time in TIMES),
        *("-271821-04-19T00:00:00", "-271821-04-19T00:00:00.000000001", "+275760-09-13T23:59:59.999999999"),
    ],
    "Instant": [
        *(f"{date}T00:00:00Z" for date in DATES),
        *(f"2024-01-02T{time}Z" for time in TIMES),
        *(f"2024-01-02T03:04:05{offset}" for offset in OFFSETS),
        "+275760-09-13T00:00:00.000000001Z",
    ],
    "ZonedDateTime": [
        *(f"{date}T12:00:00+00:00[UTC]" for date in DATES),
        *(f"2024-01-02T03:04:05{offset}[{zone}]" for offset in OFFSETS for zone in ("UTC", "+01:00", "-00:00", "+01")),
        *("2024-01-02T03:04:05+01:00[Europe/Berlin]", "2024-01-02T03:04:05+00:00[!UTC]", "2024-01-02T03:04:05+00:00"),
        *(f"2024-01-02T03:04:05+00:00[UTC][u-ca={calendar}]" for calendar in CALENDARS),
    ],
    "PlainYearMonth": [
        *(
            "2024-01",
            "2024-13",
            "2024-00",
            "0000-01",
            "-000001-01",
            "-000000-01",
            "+000000-01",
            "+002024-01",
            "2024-01-02",
        ),
        *("-271821-04", "-271821-03", "+275760-09", "+275760-10"),
    ],
    "PlainMonthDay": ["01-02", "02-29", "02-30", "04-31", "13-01", "00-01", "01-00", "--01-02", "2024-01-02", "12-31"],
    "Duration": [
        *("PT0S", "P0D", "P", "PT", "P1Y2M3W4DT5H6M7.008009001S", "+P1D", "-P1D", "P01D", "P1DT0S", "PT1.50S", "-PT0S"),
        *(
            "PT1.0000000001S",
            "PT1.5H",
            "PT0.5S",
            "PT0.000000001S",
            "P1D2W",
            "PT1H1H",
            "PT1,5S",
            "pt1s",
            "PT60S",
            "P1.5D",
        ),
        *("P4294967295Y", "P4294967296Y", "P4294967296M", "P4294967296W", "P104249991374D", "P104249991375D"),
        *(
            "P104249991374DT7H36M31.999999999S",
            "PT9007199254740991.999999999S",
            "PT9007199254740992S",
            "P" + "9" * 5000 + "D",
        ),
    ],
}

HOSTS = [
    *("a.b", "xn--mller-kva.de", "xn--zca", "xn--a", "xn--", "a.xn--a", "xn---", "xn--a-b", "xn--5ug", "xn--8mknbkz"),
    *(
        "1.2.3.4",
        "1.2.3.256",
        "1.2.3",
        "0x7f.1",
        "[::1]",
        "[::g]",
        "a_b",
        "a..b",
        "-a-",
        "a%00b",
        "xn--e1afmkfd.xn--p1ai",
    ),
]


def made(make: Callable[[str], object], text: str) -> str | None:
    try:
        return str(make(text))
    except ValueError:
        return None


def written(oracle: Oracle, sources: list[str]) -> list[str | None]:
    answers = oracle.run({"op": "evaluate", "source": source} for source in sources)
    return [None if isinstance(answer, JsError) else json.loads(answer)[0] for answer in answers]


def check(oracle: Oracle, template: str, make: Callable[[str], object], texts: list[str]) -> None:
    theirs = written(oracle, [template.format(json.dumps(text)) for text in texts])
    for text, expected in zip(texts, theirs, strict=True):
        if expected == text:
            assert made(make, text) == text
        else:
            assert made(make, text) in (None, expected)


@pytest.mark.parametrize("kind", TEXTS)
def test_temporal_takes_all_texts_that_javascript_writes_and_none_that_it_rejects(oracle: Oracle, kind: str) -> None:
    check(oracle, f"Temporal.{kind}.from({{}}).toString()", lambda text: Temporal(kind, text), TEXTS[kind])


def test_what_pythons_isoformat_writes_is_a_temporal_text() -> None:
    assert Temporal("PlainTime", time(12, 30, 0, 500_000).isoformat()).text == "12:30:00.5"
    assert (
        Temporal("PlainDateTime", datetime(2024, 1, 2, 3, 4, 5, 120_000).isoformat()).text == "2024-01-02T03:04:05.12"
    )
    assert Temporal("PlainDate", date(2024, 1, 2).isoformat()).text == "2024-01-02"


def test_url_takes_all_hosts_that_javascript_writes_and_none_that_it_rejects(oracle: Oracle) -> None:
    check(oracle, "new URL({}).href", URL, [f"http://{host}/" for host in HOSTS])
