"""A Temporal or a URL that can be made in Python is one that JavaScript reads, and writes as the same text."""

from __future__ import annotations

import json
from collections.abc import Callable

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


def makes(make: Callable[[str], object], text: str) -> bool:
    try:
        return str(make(text)) == text
    except ValueError:
        return False


def writes(oracle: Oracle, sources: list[str], texts: list[str]) -> dict[str, bool]:
    answers = oracle.run({"op": "evaluate", "source": source} for source in sources)
    read = (
        not isinstance(answer, JsError) and json.loads(answer)[0] == text
        for text, answer in zip(texts, answers, strict=True)
    )
    return dict(zip(texts, read, strict=True))


@pytest.mark.parametrize("kind", TEXTS)
def test_temporal_takes_exactly_the_texts_that_javascript_writes(oracle: Oracle, kind: str) -> None:
    texts = TEXTS[kind]
    expected = writes(oracle, [f"Temporal.{kind}.from({json.dumps(text)}).toString()" for text in texts], texts)
    assert {text: makes(lambda text: Temporal(kind, text), text) for text in texts} == expected


def test_url_takes_exactly_the_hosts_that_javascript_writes(oracle: Oracle) -> None:
    urls = [f"http://{host}/" for host in HOSTS]
    expected = writes(oracle, [f"new URL({json.dumps(url)}).href" for url in urls], urls)
    assert {url: makes(URL, url) for url in urls} == expected
