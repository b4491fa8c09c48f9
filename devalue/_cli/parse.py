"""``parse``: a text of devalue to readable output, or to JSON."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from devalue._cli import slots
from devalue._cli.files import add_file, note, read_text, write_text
from devalue._cli.plain import Plain
from devalue._cli.show import show

if TYPE_CHECKING:
    from devalue._cli import Commands

__all__ = ["add"]

_DESCRIPTION = """\
Read a text of devalue and show the value, one type told from the other. A container that occurs more than once is
marked &1 where it stands, and is *1 elsewhere. Types that need a reviver are shown as Name(…).
"""


def add(commands: Commands) -> None:
    parser = commands.add_parser("parse", help="show the value of a text", description=_DESCRIPTION)
    add_file(parser, "a text of devalue")
    parser.add_argument(
        "--json", action="store_true", help="write JSON; what it cannot keep is listed on standard error"
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    value, table = slots.read(read_text(options.file))
    if not options.json:
        write_text(show(value))
        return 0
    plain = Plain(value, len(table))
    write_text(plain.pieces())
    for loss, times in plain.losses.most_common():
        note(f"JSON does not keep: {loss} ({times:,}×)")
    return 0
