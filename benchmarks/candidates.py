"""What is compared in Python: for each candidate, how it writes and how it reads a payload.

JSON peers get the JSON form of a payload, pickle and cbor2 the real objects; None where a peer cannot carry one.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import devalue
from benchmarks.payloads import plain
from devalue._pure.parse import parse as pure_parse
from devalue._pure.stringify import stringify as pure_stringify

__all__ = ["CANDIDATES", "Task", "task"]


@dataclass(frozen=True)
class Task:
    """One payload as one candidate handles it."""

    write: Callable[[], Any]
    read: Callable[[], Any]


def _devalue(value: Any) -> Task:
    text = devalue.stringify(value)
    return Task(lambda: devalue.stringify(value), lambda: devalue.parse(text))


def _devalue_bytes(value: Any) -> Task:
    data = devalue.stringify(value).encode()
    return Task(lambda: devalue.stringify(value).encode(), lambda: devalue.parse(data))


def _pure(value: Any) -> Task:
    text = devalue.stringify(value)
    return Task(lambda: pure_stringify(value), lambda: pure_parse(text))


def _json(value: Any) -> Task:
    value = plain(value)
    text = json.dumps(value)
    return Task(lambda: json.dumps(value), lambda: json.loads(text))


def _orjson(value: Any) -> Task:
    import orjson

    value = plain(value)
    text = orjson.dumps(value).decode()
    return Task(lambda: orjson.dumps(value), lambda: orjson.loads(text))


def _msgspec(value: Any) -> Task:
    import msgspec

    value = plain(value)
    text = msgspec.json.encode(value).decode()
    return Task(lambda: msgspec.json.encode(value), lambda: msgspec.json.decode(text))


def _msgpack(value: Any) -> Task:
    import msgpack

    value = plain(value)
    data = msgpack.packb(value)
    return Task(lambda: msgpack.packb(value), lambda: msgpack.unpackb(data, strict_map_key=False))


def _pickle(value: Any) -> Task:
    data = pickle.dumps(value, 5)
    return Task(lambda: pickle.dumps(value, 5), lambda: pickle.loads(data))


def _cbor2(value: Any) -> Task:
    import cbor2

    def write() -> bytes:
        return cbor2.dumps(value, value_sharing=True, default=_cbor2_default)

    data = write()
    return Task(write, lambda: cbor2.loads(data))


def _cbor2_default(encoder: Any, value: Any) -> None:
    encoder.encode(list(value.items()) if isinstance(value, devalue.Map) else list(value))


CANDIDATES: dict[str, Callable[[Any], Task]] = {
    "devalue": _devalue,
    "devalue bytes": _devalue_bytes,
    "devalue pure": _pure,
    "orjson": _orjson,
    "msgspec": _msgspec,
    "json": _json,
    "pickle": _pickle,
    "cbor2": _cbor2,
    "msgpack": _msgpack,
}


def task(candidate: str, value: Any) -> Task | None:
    """How a candidate handles a value; None if it cannot (a cycle in JSON, a depth beyond its limit)."""
    try:
        made = CANDIDATES[candidate](value)
        made.read()
    except Exception as error:  # every peer has its own
        if isinstance(error, devalue.DevalueError):
            raise
        return None
    return made
