"""Operations for the scripts of this folder: success, error and raising hook, for every type and both directions."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import devalue
from devalue import BigInt, Boxed, Date, Map, NullObject, RegExp, Set, SparseArray, Temporal, hole, undefined
from fuzz.seeds import seeds

__all__ = ["OPERATIONS"]


class HookError(Exception):
    """What the hooks here raise."""


class Thing:
    """What only a hook can write."""


class Text(StrEnum):
    A = "a"


def cyclic() -> Any:
    value: dict[str, Any] = {"list": [], "map": Map(), "set": Set(), "sparse": SparseArray(1000), "null": NullObject()}
    value["list"].append(value)
    value["map"][value["list"]] = value
    value["set"].add(value)
    value["sparse"][999] = value
    value["null"]["up"] = value
    return value


def nested(depth: int) -> Any:
    value: Any = []
    for level in range(depth):
        value = {"next": value} if level % 2 else [value]
    return value


VALUES: dict[str, Any] = {
    "primitives": [None, True, 1, -1, 1.5, 1e300, -0.0, float("nan"), float("inf"), undefined, hole, BigInt(2**80)],
    "strings": ["", "a", "é", "日本", "😀", "<\n\x00\u2028\ud800", "a" * 1000, "é" * 1000, "😀" * 1000],
    "long again": [*["x" * 1000] * 2, *[BigInt(10**600)] * 2],
    "numbers": [*range(2000), *(index / 7 for index in range(2000))],
    "dates": [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=1))), Date(8e15)],
    "containers": {
        "a": [1, (2, 3)],
        "b": Map([("k", Set([1]))]),
        "c": NullObject(x=1),
        "d": SparseArray(10**6, {5: 1}),
    },
    "builtin sets": [{1, 2}, frozenset(["x"])],
    "binary": [
        b"abc",
        bytearray(100),
        memoryview(b"xyz"),
        array("d", [1.5]),
        devalue.TypedArray("Int16Array", [1, 2])[1:],
    ],
    "rare": [
        RegExp("a+", "g"),
        devalue.URL("https://a.b/"),
        devalue.URLSearchParams("a=1"),
        Temporal("PlainDate", "2024-01-01"),
    ],
    "boxed": [Boxed(1), Boxed("x"), Boxed(BigInt(3)), Boxed(float("nan"))],
    "subclasses": [Text.A, type("D", (dict,), {})(a=1), type("L", (list,), {})([1])],
    "cyclic": cyclic(),
    "deep": nested(500),
    "shared": [[index % 50 for index in range(500)]] * 20,
    "many keys": {f"key {index}": index for index in range(3000)},
}
REFUSED: dict[str, Any] = {
    "function": {"a": [len]},
    "huge int": [1, 2**53],
    "naive datetime": {"when": datetime(2024, 1, 1)},
    "key": {"a": {1: 2}},
    "proto": [{"__proto__": 1}],
    "too deep": nested(2001),
    "pattern": [re.compile("a")],
    "object": {"x": Thing()},
    "generator": [iter([])],
}
BAD_TEXTS = [
    *(
        "",
        "[",
        "[1",
        '["a',
        '[{"a":1}',
        '[{"a":9},1]',
        "[[1,-8],2]",
        '[["Nope",1],2]',
        '[["Map",1],2]',
        '[["Date","x"]]',
    ),
    *('[["RegExp","("]]', '[["URL","::"]]', '[["ArrayBuffer","*"]]', '[["Int16Array",1],["ArrayBuffer","AAAA"]]'),
    *(
        '[{"__proto__":1},2]',
        '[["null",1,2],3]',
        "[[-7,4294967296]]",
        '[["BigInt","x"]]',
        '["\\ud83d' + "x" * 500,
        "[[0],]",
    ),
]


def refused(operation: Callable[[], Any]) -> Callable[[], Any]:
    """The operation, which must fail with one of our errors, or with that of a hook."""

    def run() -> None:
        try:
            operation()
        except (devalue.DevalueError, HookError):
            return
        raise AssertionError("was not refused")

    return run


def raising(*_: Any) -> Any:
    raise HookError


def operations() -> dict[str, Callable[[], Any]]:
    """Every operation by name."""
    made: dict[str, Callable[[], Any]] = {}
    for name, value in VALUES.items():
        text = devalue.stringify(value)
        made[f"write {name}"] = lambda value=value: devalue.stringify(value)
        made[f"uneval {name}"] = lambda value=value: devalue.uneval(value)
        made[f"uneval {name} twice"] = lambda value=value: devalue.uneval([value, value])
        made[f"read {name}"] = lambda text=text: devalue.parse(text)
        data = text.encode()
        made[f"read {name} from bytes"] = lambda data=data: devalue.parse(data)
    revivers = {"Custom": lambda payload: [payload], "Date": lambda payload: payload, "URL": devalue.URL}
    for number, seed in enumerate(seeds()):
        if b"Custom" in seed or b'"URL",8' in seed:
            made[f"read seed {number}"] = lambda seed=seed: devalue.parse(seed, revivers=revivers)
            made[f"reviver raises in {number}"] = refused(
                lambda seed=seed: devalue.parse(seed, revivers={"Custom": raising})
            )
        else:
            made[f"read seed {number}"] = lambda seed=seed: devalue.parse(seed)
    for name, value in REFUSED.items():
        made[f"refuse {name}"] = refused(lambda value=value: devalue.stringify(value))
        made[f"uneval refuses {name}"] = refused(lambda value=value: devalue.uneval(value))
    for text in BAD_TEXTS:
        made[f"refuse {text[:20]}"] = refused(lambda text=text: devalue.parse(text))
        data = text.encode()
        made[f"refuse bytes {text[:20]}"] = refused(lambda data=data: devalue.parse(data))
    things = {"a": [Thing(), Thing(), {"b": Thing()}]}
    reduced = {"Thing": (Thing, lambda thing: [1, {"x": "y"}])}
    made["write with a typed reducer"] = lambda: devalue.stringify(things, reducers=reduced)
    made["write with a reducer"] = lambda: devalue.stringify(
        things, reducers={"T": lambda v: isinstance(v, Thing) and []}
    )
    made["write with default"] = lambda: devalue.stringify(things, default=lambda thing: {"d": [1]})
    made["uneval with a replacer"] = lambda: devalue.uneval(things, replacer=lambda v, _: isinstance(v, Thing) and "t")
    made["replacer raises"] = refused(lambda: devalue.uneval(things, replacer=raising))
    made["reducer raises"] = refused(lambda: devalue.stringify(things, reducers={"Thing": (Thing, raising)}))
    made["default raises"] = refused(lambda: devalue.stringify(things, default=raising))
    made["default gives a Thing"] = refused(lambda: devalue.stringify(things, default=lambda _: Thing()))
    slots = json.loads('[{"a":1},["Map",2,3],1,"x"]')
    nested_text = '[["Custom",1],{"a":2},"x"]'
    made["read inside a reviver"] = lambda: devalue.parse(
        nested_text, revivers={"Custom": lambda _: devalue.parse('[["Map",1,1],"y"]')}
    )
    made["write inside a reducer"] = lambda: devalue.stringify(
        things, reducers={"Thing": (Thing, lambda _: devalue.stringify([{"a": b"inner"}]))}
    )
    made["unflatten"] = lambda: devalue.unflatten(slots)
    return made


OPERATIONS = operations()
