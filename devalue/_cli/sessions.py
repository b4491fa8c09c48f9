"""``sessions``: what is in a store of sessions, and getting rid of it.

A session id is a password: who has it is logged in. Ids are shown whole on request only, and any first part that names
one session alone is taken for it.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from devalue._cli import Commands

__all__ = ["SHORTEST", "VARIABLE", "add"]

VARIABLE: Final = "DEVALUE_STORE"
SHORTEST: Final = 4

_DESCRIPTION: Final = f"""\
List, show and delete the sessions in a store, and collect those in which everything has expired.

URL is redis://host:6379/0?base=NAME, sqlite:///file, postgresql://user@host/db, mysql://user@host/db or file:///folder.
A URL with a password belongs into the environment variable {VARIABLE}: other users of the machine see arguments.
An ID may be shortened to its first characters (at least {SHORTEST}).
"""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "sessions",
        help="list, show, delete and collect the sessions in a store",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    _add_action(actions, "list", "one line a session: id, size, when all of it has expired, keys", ids=True)
    shown = _add_action(actions, "show", "the keys and values of a session", ids=True)
    shown.add_argument("id", metavar="ID")
    deleted = _add_action(actions, "delete", "delete sessions: whoever has them is logged out")
    deleted.add_argument("id", metavar="ID", nargs="*")
    deleted.add_argument("--all", action="store_true", help="all sessions in the store")
    deleted.add_argument("--yes", action="store_true", help="do not ask")
    _add_action(actions, "gc", "delete the sessions in which every key has expired, or none is left")


def _add_action(actions: Commands, name: str, text: str, *, ids: bool = False) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=text, description=text.capitalize() + ".")
    parser.add_argument("--store", metavar="URL", help=f"by default what {VARIABLE} says")
    if ids:
        parser.add_argument("--full-ids", action="store_true", help="show ids whole; they are as good as passwords")
    parser.set_defaults(run=_run, action=name)
    return parser


def _run(options: argparse.Namespace) -> int:
    from devalue._cli.session_actions import run_action  # here: no other command needs the session layer

    return run_action(options)
