"""What an input costs: processor time per byte and peak memory per byte while it doubles, for inputs that are hard.

``python -m benchmarks.cost [NAME …]``: one row for each kind of input and direction; SECURITY.md states the factors.
A cost is linear where the time per byte does not grow from the left to the right. Memory is what the process takes
from the system while the operation runs, at its highest, result included and input not: each row is measured in a
process of its own. Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import devalue
from devalue import BigInt, DevalueError

KIB = 1024
SIZES = [64 * KIB, 256 * KIB, 1024 * KIB, 4096 * KIB]


def _list_of(item: str, size: int) -> str:
    """A table whose root refers to every other slot once."""
    count = size // (len(item) + 9)
    return f"[[{','.join(map(str, range(1, count + 1)))}],{','.join([item] * count)}]"


def _chain(opening: str, closing: str, size: int) -> str:
    count = size // (len(opening) + len(closing) + 8)
    return "[" + ",".join(f"{opening}{at}{closing}" for at in range(1, count + 1)) + ",1]"


def _keys(size: int) -> str:
    count = size // 16
    return "[{" + ",".join(f'"key {at}":1' for at in range(count)) + "},1]"


def _colliding_numbers(size: int) -> str:
    """Whole numbers that are one another's plain hash: multiples of 2^61 - 1, and of powers of two."""
    count = size // 28
    return (
        f"[[{','.join(map(str, range(1, count + 1)))}],{','.join(str((2**61 - 1) * at) for at in range(1, count + 1))}]"
    )


def _map_of_colliding_numbers(size: int) -> str:
    count = size // 36
    pairs = ",".join(f"{at},{at}" for at in range(1, count + 1))
    return f'[["Map",{pairs}],{",".join(str((2**61 - 1) * at) for at in range(1, count + 1))}]'


# name -> size in bytes -> text.
TEXTS: dict[str, Callable[[int], str]] = {
    "one long string": lambda size: '["' + "x" * size + '"]',
    "deep arrays": lambda size: _chain("[", "]", size),
    "deep objects": lambda size: _chain('{"a":', "}", size),
    "deep Maps": lambda size: _chain('["Map",0,', "]", size),
    "wide object": _keys,
    "small arrays": lambda size: _list_of("[]", size),
    "small objects": lambda size: _list_of("{}", size),
    "small Maps": lambda size: _list_of('["Map"]', size),
    "small Sets": lambda size: _list_of('["Set"]', size),
    "small ArrayBuffers": lambda size: _list_of('["ArrayBuffer",""]', size),
    "one reference, many times": lambda size: "[[" + "1," * (size // 2) + "1],{}]",
    "one long string, many times": lambda size: "[[1" + ",1" * (size // 4) + '],"' + "x" * (size // 2) + '"]',
    "equal long strings, many times": lambda size: _equal("[[1", f'"{"x" * (size // 3)}"', size),
    "Set of equal long strings": lambda size: _equal('[["Set",1', f'"{"x" * (size // 3)}"', size),
    "equal BigInts of 10,000 digits, many times": lambda size: _equal("[[1", f'["BigInt","{"9" * 10_000}"]', size),
    "references to the root": lambda size: "[[" + "0," * (size // 2) + "0]]",
    "small numbers": lambda size: _list_of("7", size),
    "doubles": lambda size: _list_of("1.5e-300", size),
    "digits of one number": lambda size: "[0." + "1" * size + "]",
    "escapes": lambda size: '["' + "\\n" * (size // 2) + '"]',
    "escaped surrogates": lambda size: '["' + "\\ud800" * (size // 6) + '"]',
    "one wide character": lambda size: '["' + "x" * size + '\\ud83d\\ude00"]',
    "many wide strings": lambda size: _list_of('"\U0001f600"', size),
    "sparse arrays": lambda size: _list_of("[-7,4294967295]", size),
    "one sparse array": lambda size: "[[-7,4294967295" + "".join(f",{at},1" for at in range(size // 10)) + "],1]",
    "dates": lambda size: _list_of('["Date","2024-01-02T03:04:05.678Z"]', size),
    "BigInts": lambda size: _list_of(f'["BigInt","{"9" * 600}"]', size),
    "BigInts of 10,000 digits": lambda size: _list_of(f'["BigInt","{"9" * 10_000}"]', size),
    "regular expressions": lambda size: _list_of('["RegExp","(a|b)*c","gi"]', size),
    "one regular expression": lambda size: '[["RegExp","' + "(?:a)" * (size // 5) + '"]]',
    "URLs": lambda size: _list_of('["URL","https://a.b/c?d=e"]', size),
    "search params": lambda size: '[["URLSearchParams","' + "a=1&" * (size // 4) + '"]]',
    "colliding numbers": _colliding_numbers,
    "Map of colliding numbers": _map_of_colliding_numbers,
    "unreachable slots": lambda size: "[1" + ',[1,1,"a"]' * (size // 10) + "]",
    "unreachable slots, none regular": lambda size: "[[1],1" + ',["Nope",[[]]]' * (size // 14) + "]",
    "error at the end": lambda size: _list_of('"text"', size)[:-1],
    "error at the end of a string": lambda size: '["' + "x" * size,
    "error at the end of deep JSON": lambda size: "[" * size,
    "bad index at the end": lambda size: _list_of("[]", size)[:-1] + ",[99999999]]",
    "bad index in the last slot": lambda size: _list_of("[]", size)[:-3] + "[99999999]]",
    "unknown tag in the last slot": lambda size: _list_of("[]", size)[:-3] + '["Nope",1]]',
    "missing ends of strings": lambda size: '["\\u' * (size // 4),
}

# `stringify` is measured with the values of the texts that parse takes, and with these, about as long when written;
# `uneval` with these.
VALUES: dict[str, Callable[[int], Any]] = {
    "deep list": lambda size: _nested(size // 7),
    "wide list": lambda size: list(range(size // 10)),
    "shared list": lambda size: [[]] * (size // 2),
    "shared lists": lambda size: [*(lists := [[at] for at in range(size // 15)]), *lists],
    "numbers of two digits": lambda size: [at % 90 + 10 for at in range(size // 3)],
    "different doubles": lambda size: [at + 0.1 for at in range(size // 15)],
    "different BigInts": lambda size: [BigInt(10**600 + at) for at in range(size // 620)],
    "different BigInts of 10,000 digits": lambda size: [BigInt(10**9999 + at) for at in range(size // 10_020)],
    "different wide strings": lambda size: [f"\U0001f600{at}" for at in range(size // 18)],
    "keys that begin alike": lambda size: {"k" * 40 + str(at): at for at in range(size // 62)},
    "strings with escapes": lambda size: ["<\n\u2028" * 50 + str(at) for at in range(size // 600)],
    "unpaired surrogates": lambda size: "\ud800" * (size // 6),
    "list of holes": lambda size: [devalue.hole] * (size // 8) + [1],
    "bytes": lambda size: bytes(size),
    "refused at the end": lambda size: [*(str(at) for at in range(size // 12)), object()],
    "refused at the bottom": lambda size: _nested(size // 8, object()),
}


def _equal(start: str, slot: str, size: int) -> str:
    """Two slots that are equal, and as many references to the second as fit."""
    return f"{start}{',2' * ((size - 2 * len(slot)) // 2)}],{slot},{slot}]"


def _nested(levels: int, inside: Any = None) -> Any:
    value = [inside]
    for _ in range(levels):
        value = [value]
    return value


def measure(direction: str, name: str, size: int) -> tuple[int, float, int]:
    """Bytes of the text (of a list of holes, of the list), seconds, and peak bytes beyond what was there before."""
    kept: list[Any] = []
    if name in TEXTS:
        data = sys.stdin.buffer.read()  # made by another process, so that making it does not count
        if direction == "parse":
            return len(data), *_run(lambda: kept.append(devalue.parse(data)))
        value = devalue.parse(data)
    else:
        value = VALUES[name](size)
    write = devalue.uneval if direction == "uneval" else devalue.stringify
    seconds, peak = _run(lambda: kept.append(write(value, max_depth=None)))
    return max(size, len(_bytes(kept[0])) if kept else 0), seconds, peak


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _run(operation: Callable[[], Any]) -> tuple[float, int]:
    Path("/proc/self/clear_refs").write_text("5")  # the highest amount of memory is now that of this moment
    before = _resident("VmRSS")
    start = process_time()
    with contextlib.suppress(DevalueError):
        operation()
    return process_time() - start, _resident("VmHWM") - before


def _resident(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) * KIB


def measured_apart(direction: str, name: str, size: int) -> tuple[int, float, int]:
    command = [sys.executable, "-m", "benchmarks.cost", "--one", direction, name, str(size)]
    text = _bytes(TEXTS[name](size)) if name in TEXTS else b""
    done = subprocess.run(command, input=text, capture_output=True, check=True)
    length, seconds, peak = json.loads(done.stdout)
    return length, seconds, peak


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="only the inputs whose names hold one of these")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one[0], options.one[1], int(options.one[2]))))
        return
    print("| direction | input | " + " | ".join(f"ns per byte, {size // KIB:,} KiB" for size in SIZES) + " | peak |")
    print("|---|---|" + "---:|" * (len(SIZES) + 1))
    for direction, names in (("parse", [*TEXTS]), ("stringify", [*VALUES, *TEXTS]), ("uneval", [*VALUES])):
        for name in names:
            if options.names and not any(part in name for part in options.names):
                continue
            if direction == "stringify" and name in TEXTS and not _comes_back(TEXTS[name](SIZES[0])):
                continue
            print(_row(direction, name), flush=True)


def _comes_back(text: str) -> bool:
    """Whether the text is read, and most of it written again."""
    try:
        return len(devalue.stringify(devalue.parse(text), max_depth=None)) > len(text) / 2
    except DevalueError:
        return False


def _row(direction: str, name: str) -> str:
    found = [measured_apart(direction, name, size) for size in SIZES]
    times = " | ".join(f"{seconds / length * 1e9:,.1f}" for length, seconds, _ in found)
    length, _, peak = found[-1]
    return f"| {direction} | {name} | {times} | {peak / length:.1f} × |"


if __name__ == "__main__":
    main()
