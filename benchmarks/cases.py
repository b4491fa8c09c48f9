"""What the payloads do not show: hooks, bytes, typed arrays, uneval, fresh strings, threads, crafted keys, growth.

``python -m benchmarks.cases``: each row is the time of one operation as a ratio to the one beside it, both in this
process, in turn, medians. It ends with status 0 whatever the ratios are: they are to be read.
"""

from __future__ import annotations

import argparse
import base64
import gc
import pickle
import random
import statistics
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import devalue
from benchmarks.payloads import make, records
from benchmarks.report import machine, write_page
from devalue import BigInt, Set, TypedArray

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks-operations.md"
CONDITIONS = (
    f"{machine()}. Made by `make bench`: the time of one operation, and its ratio to the one at the end of the row; "
    "both in one process, in turn, medians."
)
ROUNDS = 7
BATCH_NS = 3_000_000


@dataclass(frozen=True)
class Case:
    """An operation, and the one that it is compared with."""

    name: str
    operation: Callable[[], Any]
    beside: str
    other: Callable[[], Any]


class Point:
    """A type that only a reducer can write."""

    def __init__(self, x: float, y: float) -> None:
        self.x, self.y = x, y


REDUCERS = {"Point": (Point, lambda point: [point.x, point.y])}
REVIVERS = {"Point": lambda xy: Point(*xy)}


def cases() -> Iterator[Case]:
    yield from hooks()
    yield from forms()
    yield from binary()
    yield from fresh()
    yield from threads()
    yield from crafted()
    yield from growth()


def hooks() -> Iterator[Case]:
    value = make("api")
    text = devalue.stringify(value)
    plain_write, plain_read = (lambda: devalue.stringify(value)), (lambda: devalue.parse(text))
    yield Case(
        "write, a typed reducer that meets nothing",
        lambda: devalue.stringify(value, reducers=REDUCERS),
        "write",
        plain_write,
    )
    untyped = {"Point": lambda item: isinstance(item, Point) and [item.x, item.y]}
    yield Case(
        "write, a reducer that is shown everything",
        lambda: devalue.stringify(value, reducers=untyped),
        "write",
        plain_write,
    )
    yield Case("read, a reviver that meets nothing", lambda: devalue.parse(text, revivers=REVIVERS), "read", plain_read)
    points = [Point(index, index / 7) for index in range(5_000)]
    pairs = [[point.x, point.y] for point in points]
    reduced, listed = devalue.stringify(points, reducers=REDUCERS), devalue.stringify(pairs)
    yield Case(
        "write 5,000 custom values",
        lambda: devalue.stringify(points, reducers=REDUCERS),
        "write their payloads",
        lambda: devalue.stringify(pairs),
    )
    yield Case(
        "read 5,000 custom values",
        lambda: devalue.parse(reduced, revivers=REVIVERS),
        "read their payloads",
        lambda: devalue.parse(listed),
    )


def forms() -> Iterator[Case]:
    for name in ("session", "api", "strings unicode"):
        value = make(name)
        text = devalue.stringify(value)
        data = text.encode()
        yield Case(
            f"read {name} from bytes",
            lambda data=data: devalue.parse(data),
            "from str",
            lambda text=text: devalue.parse(text),
        )
        yield Case(
            f"uneval {name}",
            lambda value=value: devalue.uneval(value),
            "stringify",
            lambda value=value: devalue.stringify(value),
        )


def binary() -> Iterator[Case]:
    raw = random.Random(1).randbytes(10_000_000)
    array = TypedArray("Uint8Array", devalue.ArrayBuffer(raw))
    text = devalue.stringify(array)
    encoded = base64.b64encode(raw)
    yield Case(
        "write a typed array of 10 MB",
        lambda: devalue.stringify(array),
        "base64.b64encode",
        lambda: base64.b64encode(raw),
    )
    yield Case(
        "write bytes of 10 MB", lambda: devalue.stringify(raw), "base64.b64encode", lambda: base64.b64encode(raw)
    )
    yield Case(
        "read a typed array of 10 MB",
        lambda: devalue.parse(text),
        "base64.b64decode",
        lambda: base64.b64decode(encoded),
    )


def fresh() -> Iterator[Case]:
    """Strings whose hash Python does not know yet, as they come from a socket or a database."""
    for name in ("session", "api", "strings ascii"):
        value = make(name)
        copies = Copies(value)
        yield Case(
            f"write {name}, fresh strings",
            copies.write_next,
            "warm strings",
            lambda value=value: devalue.stringify(value),
        )


class Copies:
    """Copies of a value, each written once; making them is not part of the measured time of a batch of one."""

    def __init__(self, value: Any) -> None:
        self._pickled = pickle.dumps(value)
        self._made: list[Any] = []

    def prepare(self, count: int) -> None:
        self._made = [pickle.loads(self._pickled) for _ in range(count)]

    def write_next(self) -> str:
        return devalue.stringify(self._made.pop())


def threads() -> Iterator[Case]:
    values = [make("api") for _ in range(2)]

    def together() -> None:
        workers = [threading.Thread(target=devalue.stringify, args=(value,)) for value in values]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def in_turn() -> None:
        for value in values:
            worker = threading.Thread(target=devalue.stringify, args=(value,))
            worker.start()
            worker.join()

    yield Case("two threads write different values", together, "one after the other", in_turn)


def crafted() -> Iterator[Case]:
    """Keys that are chosen to collide in Python's own hashes, and in low bits, beside ordinary ones."""
    rnd = random.Random(5)
    count = 20_000
    ordinary = [rnd.getrandbits(50) for _ in range(count)]
    sets: dict[str, tuple[list[Any], list[Any]]] = {
        "ints with equal low bits": ([index << 32 for index in range(count)], ordinary),
        "floats with equal hashes": (
            [float(index % 300) * 2.0 ** (61 * (index // 300 % 16)) for index in range(count)],
            [number + 0.5 for number in ordinary],
        ),
        "BigInts with equal hashes": (
            [BigInt(index * (2**61 - 1)) for index in range(count)],
            [BigInt(rnd.getrandbits(76)) for _ in range(count)],
        ),
    }
    for name, (chosen, usual) in sets.items():
        for title, operation in {"write": devalue.stringify, "look up": look_up}.items():
            yield Case(
                f"{title} a Set of {name}",
                lambda items=chosen, operation=operation: operation(set_of(items)),
                "ordinary ones",
                lambda items=usual, operation=operation: operation(set_of(items)),
            )


def set_of(items: list[Any]) -> Set[Any]:
    """A Set as parse makes it: not indexed yet."""
    made: Set[Any] = Set.__new__(Set)
    made._flat, made._index = items, None
    return made


def look_up(items: Set[Any]) -> bool:
    return "absent" in items


def growth() -> Iterator[Case]:
    small = records(30)(random.Random(3))
    small_text = devalue.stringify(small)
    for count in (300, 3_000, 30_000, 240_000):
        value = records(count)(random.Random(3))
        text = devalue.stringify(value)
        times = len(text) / len(small_text)
        title = f"{len(text) / 1e6:.1f} MB, per byte of 10 KB"
        yield Scaled(
            f"write records, {title}",
            lambda v=value: devalue.stringify(v),
            "10 KB",
            lambda: devalue.stringify(small),
            times,
        )
        yield Scaled(
            f"read records, {title}", lambda t=text: devalue.parse(t), "10 KB", lambda: devalue.parse(small_text), times
        )


@dataclass(frozen=True)
class Scaled(Case):
    """The ratio is divided by how many times larger the operation is."""

    size: float = 1


def ratio(case: Case) -> tuple[float, float]:
    """The median time of the operation in microseconds, and its ratio to the other."""
    copies = getattr(case.operation, "__self__", None)
    operation_calls, other_calls = calls_for(case.operation, copies), calls_for(case.other, None)
    pairs = []
    for _ in range(ROUNDS):
        if copies is not None:
            copies.prepare(operation_calls)
        pairs.append((timed(case.operation, operation_calls), timed(case.other, other_calls)))
    median = statistics.median(ours / theirs for ours, theirs in pairs)
    return statistics.median(ours for ours, _ in pairs) / 1000, median / getattr(case, "size", 1)


def calls_for(operation: Callable[[], Any], copies: Any) -> int:
    if copies is not None:
        copies.prepare(2)
    timed(operation, 1)
    return max(1, min(1_000, int(BATCH_NS / timed(operation, 1))))


def timed(operation: Callable[[], Any], calls: int) -> float:
    gc.collect()
    start = perf_counter_ns()
    for _ in range(calls):
        operation()
    return (perf_counter_ns() - start) / calls


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cases", description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help=f"also write {PAGE.name}")
    options = parser.parse_args()
    lines = ["| operation | microseconds | ratio | to |", "| --- | ---: | ---: | --- |"]
    print("\n".join(lines))
    for case in cases():
        microseconds, found = ratio(case)
        lines.append(f"| {case.name} | {microseconds:,.1f} | {found:.2f} | {case.beside} |")
        print(lines[-1], flush=True)
    if options.write:
        write_page(PAGE, "Benchmarks of single operations", CONDITIONS, lines)


if __name__ == "__main__":
    main()
