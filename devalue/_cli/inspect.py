"""``inspect``: what is in a text, and where its bytes go."""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from devalue._cli import slots
from devalue._cli.files import add_file, progress, read_text, write_text
from devalue._cli.layout import visible

if TYPE_CHECKING:
    from devalue._cli import Commands

__all__ = ["add"]

_DESCRIPTION = """\
Measure a text of devalue: its slots by type; what is referred to most, and what that saves; the parts of the value
that take most of the text; the largest single slots. Sizes are bytes of UTF-8, each slot with its comma.
"""
_ROWS: Final = 12
_PREVIEW: Final = 40


def add(commands: Commands) -> None:
    parser = commands.add_parser("inspect", help="measure a text: types, sizes, sharing", description=_DESCRIPTION)
    add_file(parser, "a text of devalue")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    text = read_text(options.file)
    value, table = slots.read(text)
    if table:
        write_text(f"{line}\n" for line in _Report(text, table).lines())
    else:
        write_text([f"no table: the text is the value {value!r}\n"])
    return 0


class _Report:
    def __init__(self, text: str, table: list[Any]) -> None:
        self._table = table
        self._total = _size(text)
        with progress("measuring") as show:
            self._sizes: list[int] = []
            self._texts: list[str] = []
            for number, slot_text in enumerate(slots.texts(text)):
                self._sizes.append(_size(slot_text) + 1)
                self._texts.append(slot_text[: _PREVIEW + 1])
                if number % 10_000 == 0:
                    show(f"{number:,} of {len(table):,} slots")
        self._counts: Counter[int] = Counter(index for slot in table for _, index in slots.references(slot))
        self._visits = list(slots.visits(table))

    def lines(self) -> Iterator[str]:
        depth = max(visit.depth for visit in self._visits)
        unused = len(self._table) - len(self._visits)
        yield f"{self._total:,} bytes, {len(self._table):,} slots, {depth:,} levels deep, {unused:,} slots unused"
        yield from _table("Types", ["type", "slots", "bytes", "share"], self._types())
        yield from _table("Shared most", ["slot", "type", "references", "bytes saved", "text"], self._shared())
        yield from _table("Largest parts", ["path", "slots", "bytes", "share"], self._parts())
        yield from _table("Largest slots", ["slot", "type", "bytes", "share", "text"], self._largest())

    def _types(self) -> Iterator[list[str]]:
        count: Counter[str] = Counter()
        size: Counter[str] = Counter()
        for slot, length in zip(self._table, self._sizes, strict=True):
            kind = slots.kind_of(slot)
            count[kind] += 1
            size[kind] += length
        for kind, length in size.most_common():
            yield [kind, f"{count[kind]:,}", f"{length:,}", self._share(length)]

    def _shared(self) -> Iterator[list[str]]:
        saved = Counter({slot: (times - 1) * self._sizes[slot] for slot, times in self._counts.items() if times > 1})
        for slot, length in saved.most_common(_ROWS):
            kind = slots.kind_of(self._table[slot])
            yield [str(slot), kind, f"{self._counts[slot]:,}", f"{length:,}", self._preview(slot)]

    def _parts(self) -> Iterator[list[str]]:
        """Subtrees of the first visit, each with all below it, largest first."""
        size: Counter[int] = Counter()
        count: Counter[int] = Counter()
        children: defaultdict[int, list[slots.Visit]] = defaultdict(list)
        for visit in reversed(self._visits):
            size[visit.slot] += self._sizes[visit.slot]
            count[visit.slot] += 1
            size[visit.parent] += size[visit.slot]
            count[visit.parent] += count[visit.slot]
            children[visit.parent].append(visit)
        by_slot = {visit.slot: visit for visit in self._visits}
        parts = (slot for slot, _ in size.most_common() if slot > 0 and count[slot] > 1)
        for slot, _ in zip(parts, range(_ROWS), strict=False):
            yield [_path(slot, by_slot), f"{count[slot]:,}", f"{size[slot]:,}", self._share(size[slot])]

    def _largest(self) -> Iterator[list[str]]:
        for slot in sorted(range(len(self._sizes)), key=lambda slot: -self._sizes[slot])[:_ROWS]:
            size = self._sizes[slot]
            yield [str(slot), slots.kind_of(self._table[slot]), f"{size:,}", self._share(size), self._preview(slot)]

    def _share(self, size: int) -> str:
        return f"{size / self._total:.1%}"

    def _preview(self, slot: int) -> str:
        text = self._texts[slot]
        return visible(f"{text[:_PREVIEW]}…" if len(text) > _PREVIEW else text)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _path(slot: int, visits: dict[int, slots.Visit]) -> str:
    """The steps from the root, of which the middle may be left out."""
    steps: list[str] = []
    while slot > 0:
        steps.append(visits[slot].step)
        slot = visits[slot].parent
    path = "".join(reversed(steps))
    return path if len(path) <= 60 else f"{path[:30]} … {path[-27:]}"


def _table(title: str, head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell; numbers to the right."""
    body = list(rows)
    if not body:
        return
    widths = [max(len(row[column]) for row in [head, *body]) for column in range(len(head))]
    right = [all(row[column][:1].isdigit() for row in body) for column in range(len(head))]
    yield ""
    yield title
    for row in [head, *body]:
        cells = (
            cell.rjust(width) if at_right else cell.ljust(width)
            for cell, width, at_right in zip(row, widths, right, strict=True)
        )
        yield "  ".join(cells).rstrip()
