"""Which codec serves: the compiled one where it was built, else the readable twin in plain Python.

``DEVALUE_PURE=1`` in the environment forces the twin. ``IMPLEMENTATION`` is ``"compiled"`` or ``"pure"``.
"""

from __future__ import annotations

import importlib
import os
import warnings
from types import ModuleType
from typing import IO, Any, Final

from devalue._pure.parse import parse as _pure_parse
from devalue._pure.parse import unflatten
from devalue._pure.stringify import stringify as _pure_stringify
from devalue._uneval import uneval as _pure_uneval

__all__ = ["IMPLEMENTATION", "dump", "dumps", "load", "loads", "parse", "stringify", "uneval", "unflatten"]

_COMPILED: Final = ("devalue._parse", "devalue._stringify", "devalue._uneval_fast")


def _compiled() -> list[ModuleType]:
    """The modules of the compiled codec; none where they are not to be used, not built or cannot be loaded."""
    if os.environ.get("DEVALUE_PURE") == "1":
        return []
    try:
        return [importlib.import_module(name) for name in _COMPILED]
    except ModuleNotFoundError as error:
        if error.name not in _COMPILED:
            raise
    except ImportError as error:
        # A subinterpreter cannot load it, which is no fault; a broken build is one, but the twin can serve.
        if "interpreter" not in str(error):
            warnings.warn(f"devalue runs without its compiled codec: {error}", RuntimeWarning, stacklevel=2)
    return []


parse = _pure_parse
stringify = _pure_stringify
uneval = _pure_uneval
_modules = _compiled()
if _modules:
    parse, stringify, uneval = _modules[0].parse, _modules[1].stringify, _modules[2].uneval

IMPLEMENTATION: Final = "compiled" if _modules else "pure"

dumps = stringify
loads = parse


def dump(value: Any, fp: IO[str], **options: Any) -> None:
    """Write :func:`stringify` of a value to a text file; the options are its options."""
    fp.write(stringify(value, **options))


def load(fp: IO[str] | IO[bytes], **options: Any) -> Any:
    """:func:`parse` what a file holds, text or bytes; the options are its options."""
    return parse(fp.read(), **options)
