"""``stringify``: JSON to devalue."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any, NoReturn

import devalue
from devalue._cli.files import add_file, read_text, write_text
from devalue._pure.json_reader import read_json
from devalue.errors import DecodeError

if TYPE_CHECKING:
    from devalue._cli import Commands

__all__ = ["add"]

_DESCRIPTION = """\
Write a JSON text as a text of devalue. Integers that JavaScript cannot hold exactly are refused, not rounded.
"""


def add(commands: Commands) -> None:
    parser = commands.add_parser("stringify", help="write JSON as devalue", description=_DESCRIPTION)
    add_file(parser, "a JSON text")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    write_text([devalue.stringify(_read(read_text(options.file))), "\n"])
    return 0


def _read(text: str) -> Any:
    """JSON with its integers as they are; the codec's own reader rounds them as JavaScript does.

    Raises:
        DecodeError: the text is no JSON, or nested too deep to be read again.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise DecodeError("the JSON is nested deeper than JavaScript safely reads (about 1,000 levels)") from None
    except ValueError as error:
        read_json(text)  # says where, and why
        raise DecodeError(f"Invalid JSON: {error}") from None  # an integer of thousands of digits


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
