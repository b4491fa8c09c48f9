"""``check``: whether JavaScript reads a text, and where it is broken."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from devalue._cli import slots
from devalue._cli.files import name_of, note, read_text, write_text
from devalue._cli.layout import visible
from devalue._rules import MAX_DEPTH
from devalue.errors import DecodeError

if TYPE_CHECKING:
    from devalue._cli import Commands

__all__ = ["add"]

_DESCRIPTION = """\
Say whether JavaScript's devalue.parse reads a text, and if not, where it is broken: FILE:LINE:COLUMN, and the slot of
the table. Texts deeper than 1,800 levels are refused too: JavaScript recurses, and its stack ends at about 2,100.
Names of custom types are listed: the reader needs a reviver for each. Regular expressions are not compiled, and
time zones not looked up.
"""
_SAFE_DEPTH: Final = 1000


def add(commands: Commands) -> None:
    parser = commands.add_parser("check", help="say whether JavaScript reads a text", description=_DESCRIPTION)
    parser.add_argument(
        "files", metavar="FILE", nargs="*", default=["-"], help="texts of devalue; standard input by default"
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    return max(_check(file) for file in options.files)


def _check(file: str) -> int:
    name = name_of(file)
    try:
        _, table = slots.read(read_text(file))
    except DecodeError as error:
        where = f"{name}:{error.lineno}:{error.colno}" if error.lineno is not None else name
        slot = f" (slot {error.slot})" if error.slot is not None else ""
        return _say(f"{where}: {error.msg}{slot}", 1)
    depth, deepest = max(((visit.depth, visit.slot) for visit in slots.visits(table)), default=(0, 0))
    if depth > MAX_DEPTH:
        return _say(f"{name}: {depth:,} levels deep at slot {deepest}; JavaScript's stack ends at about 2,100", 1)
    _say(f"{name}: ok, {len(table):,} slots, {depth:,} levels deep", 0)
    if depth > _SAFE_DEPTH:
        note(f"{name}: more than {_SAFE_DEPTH:,} levels; JavaScript may fail where its stack is already deep")
    for custom in slots.custom_names(table):
        note(f"{name}: the reader needs a reviver for {custom!r}")
    return 0


def _say(line: str, code: int) -> int:
    write_text([visible(line), "\n"])
    return code
