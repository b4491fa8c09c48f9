"""Mutations that know the format: they change a table of slots and leave it a table more often than not."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from typing import Any

__all__ = ["mutated"]

TAGS = [
    *("Date", "Map", "Set", "BigInt", "RegExp", "Object", "null", "URL", "URLSearchParams", "ArrayBuffer", "DataView"),
    *("Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Float16Array", "Int32Array"),
    *("Uint32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array", "Temporal.PlainDate"),
    *("Temporal.Duration", "Temporal.Instant", "Custom", "Self", "__proto__", "constructor"),
]
KEYS = [
    "a",
    "b",
    "",
    "0",
    "10",
    "__proto__",
    "constructor",
    "key with space",
    "é",
    "\u2028",
    "\ud800",
    "data",
    "expires",
]
LEAVES: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.5, 1e21, 1e-7, 5e-324, 2**53, -(2**53), 2**64, 0.1),
    *("", "a", "<b>", "\u2029", "\ud83d", "😀", "\x00", "x" * 40, "2024-01-01T00:00:00.000Z", "https://a.b/", "gi"),
    *("1" * 30, "-0", "0x10", "P1D", "a=1&b=2", "(", base64.b64encode(bytes(range(24))).decode(), "====", "AA"),
]
INDICES = [-1, -2, -3, -4, -5, -6, -7, -8, 0, 1, 2, 3, 4294967295, 4294967296, 0.5, 1e400, "1", None, True]

Table = list[Any]


def mutated(data: bytes, seed: int) -> bytes:
    """Another input like this one: mutated as a table of slots if it is one, else as bytes."""
    rnd = random.Random(seed)
    try:
        table = json.loads(data)
    except (ValueError, RecursionError):
        return _mutated_bytes(data, rnd)
    if not isinstance(table, list) or not table or rnd.random() < 0.2:
        return _mutated_bytes(data, rnd)
    for _ in range(rnd.choice((1, 1, 2, 4))):
        rnd.choice(MUTATIONS)(table, rnd)
    separators = rnd.choice(((",", ":"), (" , ", " :\n")))
    return json.dumps(table, separators=separators, ensure_ascii=rnd.random() < 0.5).encode("utf-8", "surrogatepass")


def _mutated_bytes(data: bytes, rnd: random.Random) -> bytes:
    changed = bytearray(data or b"[1]")
    for _ in range(rnd.choice((1, 1, 2, 8))):
        at = rnd.randrange(len(changed) + 1)
        choice = rnd.randrange(4)
        if choice == 0:
            del changed[at : at + rnd.randrange(1, 9)]
        elif choice == 1:
            changed[at:at] = rnd.choice(
                (b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\u", b"\\", b"-", b"e9", b"\xff", b"\xed\xa0\x80")
            )
        elif choice == 2 and at < len(changed):
            changed[at] ^= 1 << rnd.randrange(8)
        else:
            changed[at:at] = changed[at : at + rnd.randrange(1, 20)]
    return bytes(changed)


def _index(table: Table, rnd: random.Random) -> Any:
    return rnd.choice(INDICES) if rnd.random() < 0.3 else rnd.randrange(len(table))


def _container(table: Table, rnd: random.Random) -> Any:
    found = [slot for slot in table if isinstance(slot, (list, dict))]
    return rnd.choice(found) if found else table


def _change_reference(table: Table, rnd: random.Random) -> None:
    slot = _container(table, rnd)
    if isinstance(slot, dict):
        slot[rnd.choice(KEYS)] = _index(table, rnd)
    elif slot and slot is not table:
        slot[rnd.randrange(len(slot))] = _index(table, rnd)


def _grow_container(table: Table, rnd: random.Random) -> None:
    slot = _container(table, rnd)
    if isinstance(slot, list) and slot is not table:
        slot.insert(rnd.randrange(len(slot) + 1), _index(table, rnd))


def _shrink_container(table: Table, rnd: random.Random) -> None:
    slot = _container(table, rnd)
    if isinstance(slot, list) and slot and slot is not table:
        slot.pop(rnd.randrange(len(slot)))


def _change_tag(table: Table, rnd: random.Random) -> None:
    slot = _container(table, rnd)
    if isinstance(slot, list) and slot and slot is not table:
        slot[0] = rnd.choice(TAGS)


def _new_leaf(table: Table, rnd: random.Random) -> None:
    table[rnd.randrange(len(table))] = rnd.choice(LEAVES)


def _new_tagged(table: Table, rnd: random.Random) -> None:
    payload = [rnd.choice(LEAVES) if rnd.random() < 0.5 else _index(table, rnd) for _ in range(rnd.randrange(4))]
    table[rnd.randrange(len(table))] = [rnd.choice(TAGS), *payload]


def _new_sparse(table: Table, rnd: random.Random) -> None:
    pairs = [_index(table, rnd) for _ in range(rnd.randrange(5))]
    table[rnd.randrange(len(table))] = [-7, rnd.choice((0, 3, 100, 4294967295, 4294967296, -1, 1.5)), *pairs]


def _append_slot(table: Table, rnd: random.Random) -> None:
    table.append(rnd.choice((rnd.choice(LEAVES), [_index(table, rnd)], {rnd.choice(KEYS): _index(table, rnd)})))


def _drop_slot(table: Table, rnd: random.Random) -> None:
    if len(table) > 1:
        table.pop()


def _swap_slots(table: Table, rnd: random.Random) -> None:
    one, other = rnd.randrange(len(table)), rnd.randrange(len(table))
    table[one], table[other] = table[other], table[one]


MUTATIONS: list[Callable[[Table, random.Random], None]] = [
    *(_change_reference, _grow_container, _shrink_container, _change_tag, _new_leaf, _new_tagged, _new_sparse),
    *(_append_slot, _drop_slot, _swap_slots),
]
