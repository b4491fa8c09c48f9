"""One value of every type that devalue carries; astro/src/samples.js has the same ones in JavaScript."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from devalue import (
    URL,
    ArrayBuffer,
    BigInt,
    Boxed,
    DataView,
    Date,
    Map,
    NullObject,
    RegExp,
    Set,
    SparseArray,
    Temporal,
    TypedArray,
    URLSearchParams,
    hole,
    undefined,
)


def _bytes(count: int) -> ArrayBuffer:
    return ArrayBuffer(bytes(i * 7 + 1 for i in range(count)))


def _cycle() -> dict[str, Any]:
    cycle: dict[str, Any] = {"name": "loop"}
    cycle["self"] = cycle
    return cycle


def _map_cycle() -> Map[str, Any]:
    cycle: Map[str, Any] = Map()
    cycle["self"] = cycle
    return cycle


_twice = {"n": 1}

SAMPLES: dict[str, Any] = {
    "undefined": undefined,
    "null": None,
    "true": True,
    "false": False,
    "zero": 0,
    "minus zero": -0.0,
    "integer": 42,
    "largest integer": 2**53 - 1,
    "smallest integer": -(2**53 - 1),
    "float": 0.1,
    "large float": 1e300,
    "NaN": math.nan,
    "Infinity": math.inf,
    "minus Infinity": -math.inf,
    "bigint": BigInt(2**70),
    "negative bigint": BigInt(-5),
    "empty string": "",
    "string": 'Grüße, 東京, 🫖 "quoted" \\ </script> \u2028 \n',
    "empty array": [],
    "array": [1, "two", [3]],
    "holes": [1, hole, 3],
    "sparse array": SparseArray(123_457, {123_456: "far"}),
    "empty object": {},
    "object": {"a": 1, "b": {"c": [True, None]}},
    "null-prototype object": NullObject(x=1),
    "date": datetime(2026, 11, 23, 12, 0, 0, 123_000, UTC),
    "date before 1970": datetime(1815, 12, 10, tzinfo=UTC),
    "date in the year -5": Date(-62_325_000_000_000),
    "date in the year 12000": Date(316_537_897_600_000),
    "invalid date": Date(math.nan),
    "map": Map({"sencha": 2, "keemun": 1}),
    "map of odd keys": Map(
        [
            (1, "one"),
            (True, "true"),
            (math.nan, "nan"),
            (None, "null"),
            (undefined, "undefined"),
            (BigInt(1), "bigint"),
        ]
    ),
    "empty map": Map(),
    "set": Set(["a", 1, True, None]),
    "empty set": Set(),
    "regexp": RegExp('^a+[/\\]"]$', "giu"),
    "url": URL("https://example.org/a%20b?q=1#top"),
    "url search params": URLSearchParams("a=1&b=%C3%BC&a=2"),
    "boxed string": Boxed("text"),
    "boxed number": Boxed(1.5),
    "boxed boolean": Boxed(False),
    "boxed bigint": Boxed(BigInt(7)),
    "array buffer": _bytes(5),
    "Int8Array": TypedArray("Int8Array", [-1, 2]),
    "Uint8Array": TypedArray("Uint8Array", [1, 255]),
    "Uint8ClampedArray": TypedArray("Uint8ClampedArray", [0, 255]),
    "Int16Array": TypedArray("Int16Array", [-300, 300]),
    "Uint16Array": TypedArray("Uint16Array", [1, 65535]),
    "Int32Array": TypedArray("Int32Array", [-70000]),
    "Uint32Array": TypedArray("Uint32Array", [4294967295]),
    "Float16Array": TypedArray("Float16Array", [0.5, -1.0]),
    "Float32Array": TypedArray("Float32Array", [0.5, -1.0]),
    "Float64Array": TypedArray("Float64Array", [math.pi]),
    "BigInt64Array": TypedArray("BigInt64Array", [-1]),
    "BigUint64Array": TypedArray("BigUint64Array", [2**64 - 1]),
    "part of a buffer": TypedArray("Uint16Array", _bytes(12), 2, 3),
    "data view": DataView(_bytes(8), 1, 4),
    "Temporal.Instant": Temporal("Instant", "2026-11-23T12:00:00.123456789Z"),
    "Temporal.ZonedDateTime": Temporal("ZonedDateTime", "2026-11-23T12:00:00+01:00[Europe/Berlin]"),
    "Temporal.PlainDateTime": Temporal("PlainDateTime", "2026-11-23T12:00:00"),
    "Temporal.PlainDate": Temporal("PlainDate", "2026-11-23"),
    "Temporal.PlainTime": Temporal("PlainTime", "12:00:00.5"),
    "Temporal.PlainYearMonth": Temporal("PlainYearMonth", "2026-11"),
    "Temporal.PlainMonthDay": Temporal("PlainMonthDay", "11-23"),
    "Temporal.Duration": Temporal("Duration", "P1DT2H"),
    "shared object": {"first": _twice, "second": _twice},
    "cycle": _cycle(),
    "map with itself inside": _map_cycle(),
}
