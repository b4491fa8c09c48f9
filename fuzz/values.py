"""Python values out of any bytes: each byte makes a leaf or a container of what was made before.

Unlike the values that a text can give, these hold what only Python has: subclasses, memory of every format, objects
of other libraries, things that no text can carry, and any sharing.
"""

from __future__ import annotations

import enum
import re
import struct
import sys
from array import array
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

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
from devalue.types.binary import TYPED_ARRAYS

__all__ = ["Thing", "value_of"]


class Thing:
    """What only a hook can write."""


class Text(str):
    __slots__ = ()


class Word(enum.StrEnum):
    A = "a"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2**40


class Color(enum.Enum):
    RED = "red"


class Integer(int):
    __slots__ = ()


class Real(float):
    __slots__ = ()


class Items(list[Any]):
    pass


class Record(dict[str, Any]):
    pass


class Group(set[Any]):
    pass


class Moment(datetime):
    pass


@dataclass
class Data:
    a: int = 1


Pair = namedtuple("Pair", "left right")

EAST = timezone(timedelta(hours=5, minutes=30, seconds=7, microseconds=9))

KINDS = list(TYPED_ARRAYS)
CHARACTERS = "w" if sys.version_info >= (3, 13) else "u"  # of an array; "u" is deprecated

# Each is made anew, so that it is shared only where the value shares it.
LEAVES: list[Callable[[int], Any]] = [
    *(lambda _: None, lambda _: True, lambda _: False, lambda _: undefined, lambda _: hole),
    *(lambda n: n, lambda n: -n, lambda n: n - 0.5, lambda n: float(n), lambda _: -0.0, lambda _: float("nan")),
    *(lambda _: float("inf"), lambda _: float("-inf"), lambda n: 2**53 - 1 - n, lambda n: 2**53 - 128 + n),
    *(lambda n: -(2**53) + n, lambda n: 10.0**n, lambda n: 10.0**-n, lambda n: 2.0**-1074 * (n + 1)),
    lambda n: struct.unpack("<d", bytes((n, 7 * n % 256, 3, 9, n ^ 85, 1, n, 64 ^ n)))[0],
    *(lambda n: BigInt(n), lambda n: BigInt(-(3**n)), lambda n: BigInt(2**63 - 128 + n), lambda n: BigInt(10) ** 2),
    *(lambda n: chr(n), lambda n: "text" * n, lambda n: chr(0xD800 + n), lambda n: chr(0xDC00 + n) + chr(0xD83D)),
    *(lambda n: "a<\n\u2028é" * (n % 9), lambda n: chr(0x1F600 + n), lambda n: "\ufffe" + chr(n) * 40, lambda _: ""),
    *(lambda n: Text(chr(n)), lambda _: Word.A, lambda n: Level(1), lambda n: Integer(n), lambda n: Real(n / 2)),
    *(lambda n: datetime.fromtimestamp(n * 1.5e8 + n / 7, UTC), lambda n: datetime(1, 1, 1, n % 24, tzinfo=EAST)),
    *(lambda n: datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=timezone(-timedelta(hours=n % 24))),),
    *(
        lambda n: datetime(2024, 1, 1 + n % 28),
        lambda n: Moment(2024, 1, 1, tzinfo=UTC),
        lambda n: Date(n * 1e13 + 0.5),
    ),
    *(lambda n: Date(-(8.64e15)), lambda _: Date(float("nan")), lambda n: Date(-n)),
    *(lambda n: RegExp("a+" * (n % 3 + 1), "gi" if n % 2 else ""), lambda n: RegExp("/\n</script>é")),
    *(lambda n: URL(f"https://a.b/{n}"), lambda n: URLSearchParams([("a", chr(n)), ("é", "&")])),
    *(lambda n: Temporal("PlainDate", f"2024-01-{1 + n % 28:02}"), lambda _: Temporal("Duration", "P1DT2H")),
    *(lambda n: bytes(n), lambda n: bytes([n]), lambda _: b"", lambda n: bytearray([n]), lambda n: bytearray(n * 40)),
    *(
        lambda n: memoryview(bytes(range(n)))[n // 2 :],
        lambda n: memoryview(bytes(64)).cast("d"),
        lambda n: array(CHARACTERS, "é"),
    ),
    *(
        lambda n: memoryview(bytes(n))[::2],
        lambda n: memoryview(bytes(12)).cast("B", (3, 4)),
        lambda n: memoryview(b""),
    ),
    *(lambda n: array("bBhHiIlLqQfd"[n % 12], [n % 100] * (n % 5)), lambda n: memoryview(bytes(8)).cast("?")),
    *(
        lambda n: ArrayBuffer(n),
        lambda n: TypedArray("Int16Array", [n, -n]),
        lambda n: TypedArray("Float64Array", [n / 2]),
    ),
    lambda n: TypedArray(KINDS[n % len(KINDS)], ArrayBuffer(bytes(3 * (at ^ n) % 256 for at in range(24)))),
    lambda n: TypedArray(KINDS[n % len(KINDS)], ArrayBuffer(n % 8 * 8 + 8), 8),
    *(lambda n: DataView(ArrayBuffer(n + 2), 1, n), lambda n: TypedArray("Uint8Array", ArrayBuffer(8), n % 8, 1)),
    *(
        lambda _: (),
        lambda _: [],
        lambda _: {},
        lambda _: frozenset(),
        lambda _: set(),
        lambda _: Map(),
        lambda _: Set(),
    ),
    *(lambda _: NullObject(), lambda n: SparseArray(n), lambda n: SparseArray(2**32 - 1 - n), lambda _: OrderedDict()),
    # What cannot be written.
    *(
        lambda _: Thing(),
        lambda _: Thing,
        lambda _: len,
        lambda _: Color.RED,
        lambda n: Decimal(n),
        lambda _: date(2024, 1, 1),
    ),
    *(lambda n: timedelta(n), lambda n: UUID(int=n), lambda n: complex(n), lambda n: range(n), lambda _: iter([])),
    *(
        lambda _: re.compile("a"),
        lambda _: deque(),
        lambda _: Data(),
        lambda _: Ellipsis,
        lambda n: 2**53 + n,
        lambda _: re,
    ),
    *(
        lambda _: {"__proto__": 1},
        lambda n: {n: 1},
        lambda _: {None: 1},
        lambda _: BigInt(10**10_000),
        lambda _: {}.keys(),
    ),
]
KEYS = ["a", "b", "0", "", "é", "\ud800", "key with space", "<", "😀", "constructor", Text("t"), Word.A, "\n", "x" * 70]

Take = Callable[[], Any]


def _entries(take: Take, size: int) -> list[tuple[str, Any]]:
    return [(KEYS[(size + at * 5) % len(KEYS)], take()) for at in range(size)]


def _flat_map(take: Take, size: int) -> Any:
    made: Any = Map.__new__(Map)
    made._flat, made._index = [take() for _ in range(2 * size)], None
    return made


def _flat_set(take: Take, size: int) -> Any:
    made: Any = Set.__new__(Set)
    made._flat, made._index = [take() for _ in range(size)], None
    return made


def _hashable(item: Any) -> bool:
    try:
        hash(item)
    except Exception:
        return False
    return True


def _many(take: Take, size: int) -> list[Any]:
    one = take()
    return [one] * (size * 20) + [hole] * (size % 3 * 30)


def _many_shared(take: Take, size: int) -> list[Any]:
    each = [[take()] for _ in range(size**3)]  # more than there are names of one letter
    return each + each


CONTAINERS: list[Callable[[Take, int], Any]] = [
    *(lambda take, size: [take() for _ in range(size)], lambda take, size: tuple(take() for _ in range(size))),
    *(lambda take, size: dict(_entries(take, size)), lambda take, size: NullObject(_entries(take, size))),
    *(lambda take, size: Map((take(), take()) for _ in range(size)), _flat_map, _flat_set, _many, _many_shared),
    *(lambda take, size: Set(take() for _ in range(size)), lambda take, size: Items(take() for _ in range(size))),
    *(lambda take, size: Record(_entries(take, size)), lambda take, size: OrderedDict(_entries(take, size))),
    *(lambda take, size: defaultdict(list, _entries(take, size)), lambda take, size: Pair(take(), take())),
    *(lambda take, size: set(filter(_hashable, [take()])), lambda take, size: frozenset(filter(_hashable, [take()]))),
    *(lambda take, size: Group(filter(_hashable, [take()])), lambda take, size: Counter("ab" * size)),
    lambda take, size: SparseArray(size * 9 + 1, {at * 9: take() for at in range(size)}),
    lambda take, size: SparseArray(2**32 - 1, {2**32 - 2 - at: take() for at in range(size)}),
    lambda take, size: Boxed(next((item for _ in range(3) if type(item := take()) in (str, int, float, bool)), "x")),
]


def value_of(data: bytes) -> Any:
    """The value that the bytes make; the same bytes make an equal value."""
    steps = iter(data)
    made: list[Any] = [[]]
    for byte in steps:
        step = byte * 37 % 256  # texts, the seeds of the other targets, then make containers too
        argument = next(steps, 0)
        if step < 128:
            made.append(LEAVES[step % len(LEAVES)](argument))
        elif step < 240:
            made.append(CONTAINERS[step % len(CONTAINERS)](lambda: made[-1 - next(steps, 0) % len(made)], argument % 6))
        else:
            _tie(made[argument % len(made)], made[-1 - next(steps, 0) % len(made)], steps)
    return made[-1]


def _tie(container: Any, item: Any, steps: Iterator[int]) -> None:
    """Put a later value into an earlier one: cycles."""
    if isinstance(container, list):
        container.append(item)
    elif isinstance(container, Map):
        container[item] = item
    elif isinstance(container, dict):
        container[KEYS[next(steps, 0) % len(KEYS)]] = item
    elif isinstance(container, Set):
        container.add(item)
