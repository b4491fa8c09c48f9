"""The command line. Each command is a module with ``add(commands)``, which adds its parser, and runs from it.

Exit codes: 0 it worked; 1 the input is at fault; 2 the call is (unknown option, no such file); 130 interrupted,
141 the reader of the output went away, as shells have it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from devalue._cli import check, inspect, parse, sessions, stringify
from devalue.errors import DevalueError

__all__ = ["COMMANDS", "main"]

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

# In the order of --help.
COMMANDS: Final[list[Callable[[Commands], None]]] = [parse.add, stringify.add, check.add, inspect.add, sessions.add]

_EPILOG: Final = """\
FILE is read from standard input where none is given, or where it is "-".
exit codes: 0 it worked; 1 the input is at fault; 2 the call is (unknown option, no such file)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    try:
        options = _parser().parse_args(arguments)
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except KeyboardInterrupt:
        return 130
    except DevalueError as error:
        return _fail(str(error), 1)
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), 2)
    return code


def _fail(message: str, code: int) -> int:
    print(f"devalue: {message}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devalue",
        description="Read, write, check and measure texts of devalue, the format of Astro, SvelteKit and Nuxt.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in COMMANDS:
        add(commands)
    return parser
