"""The public API as type checkers see it. Checked by mypy --strict, also run: what is here works.

A line with ``type: ignore`` must be an error; where it is none, mypy says that the ignore is unused.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, assert_type

import devalue
from devalue import (
    URL,
    ArrayBuffer,
    BigInt,
    Boxed,
    DataView,
    Date,
    DecodeError,
    DevalueError,
    EncodeError,
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


class Vector:
    def __init__(self, x: float, y: float) -> None:
        self.x = x
        self.y = y


def codec() -> None:
    vector = Vector(1, 2)
    text = devalue.stringify(
        {"vector": vector, "again": vector},
        reducers={"Vector": (Vector, lambda one: [one.x, one.y]), "Never": lambda value: None},
        default=str,
        naive_tz=UTC,
        max_depth=100,
    )
    assert_type(text, str)
    value = devalue.parse(text, revivers={"Vector": lambda xy: Vector(*xy)})
    assert_type(value, Any)
    assert value["vector"] is value["again"]
    for data in (text, text.encode(), bytearray(text.encode()), memoryview(text.encode())):
        devalue.parse(data, revivers={"Vector": list})
    assert_type(devalue.unflatten([[1], 2], revivers=None), Any)
    assert_type(devalue.dumps(None), str)
    devalue.loads("[1]")
    file = io.StringIO()
    devalue.dump([1], file)
    assert_type(devalue.load(io.BytesIO(b"[1]")), Any)
    assert_type(devalue.IMPLEMENTATION, str)


def source() -> None:
    def replacer(value: Any, uneval: Callable[[Any], str]) -> str | None:
        return f"new Vector({uneval(value.x)},{uneval(value.y)})" if isinstance(value, Vector) else None

    assert_type(devalue.uneval([Vector(1, 2)], replacer=replacer, naive_tz=UTC, max_depth=None), str)


async def asynchronous() -> None:
    async def later() -> int:
        return 1

    assert_type(await devalue.stringify_async({"later": later()}, max_depth=None), str)


def containers() -> None:
    scores: Map[str, int] = Map({"a": 1})
    assert_type(scores["a"], int)
    assert_type(scores.get("b"), int | None)
    assert_type(list(scores.items()), list[tuple[str, int]])
    names = Set(["a", "b"])
    assert_type(names, Set[str])
    assert_type("a" in names, bool)
    sparse = SparseArray(1000, {5: "x"})
    assert_type(sparse.length, int)
    assert_type(sparse.items(), list[tuple[int, Any]])
    assert_type(NullObject(a=1)["a"], Any)


def values() -> None:
    assert_type(BigInt(5) + 1, int)
    assert_type(Date(0).to_datetime(), datetime)
    assert_type(Date.from_datetime(datetime(2024, 1, 1, tzinfo=UTC)).isoformat(), str)
    assert_type(RegExp("a+", "g").flags, str)
    assert_type(URL("https://a.b/").hostname, str)
    assert_type(URLSearchParams("a=1").get("a"), str | None)
    assert_type(Boxed("x").value, str | bool | int | float | BigInt)
    assert_type(Temporal("PlainDate", "2024-01-01").kind, str)
    buffer = ArrayBuffer(b"\x01\x02")
    array = TypedArray("Uint8Array", buffer)
    assert_type(array[0], int | float)
    assert_type(array[0:1], TypedArray)
    assert_type(DataView(buffer).view, memoryview)
    assert not undefined
    assert not hole


def errors() -> None:
    try:
        devalue.stringify(object())
    except EncodeError as error:
        assert_type(error.path, str)
        assert_type(error.hint, str)
    try:
        devalue.parse("[")
    except DecodeError as error:
        assert_type(error.pos, int | None)
        assert_type(error.lineno, int | None)
        assert_type(error.slot, int | None)
    assert issubclass(EncodeError, DevalueError)


def mistakes() -> None:
    """Not run: what a type checker must refuse."""
    devalue.stringify(1, {"A": list})  # type: ignore[call-arg]
    devalue.stringify(1, reducer={})  # type: ignore[call-arg]
    devalue.parse(1)  # type: ignore[arg-type]
    devalue.parse("[1]", revivers=[])  # type: ignore[arg-type]
    devalue.uneval(1, replacer=lambda value: None)  # type: ignore[arg-type, misc]
    scores: Map[str, int] = Map({"a": 1})
    scores["b"] = "x"  # type: ignore[assignment]
    Temporal("PlainDate")  # type: ignore[call-arg]


if __name__ == "__main__":
    codec()
    source()
    asyncio.run(asynchronous())
    containers()
    values()
    errors()
