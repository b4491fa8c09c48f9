"""Reducers as callers give them, made ready for a walk."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from devalue.errors import EncodeError

__all__ = ["Reducer", "prepare_reducers"]

# JavaScript writes the name as it is, so one that needs an escape would make the text unreadable.
_UNSAFE_NAME: Final = re.compile('["\\\\\x00-\x1f\ud800-\udfff]')


class Reducer(NamedTuple):
    """A named function, and the type whose instances it is for; None for every value."""

    name: str
    kind: Any
    function: Callable[[Any], Any]


def prepare_reducers(reducers: Mapping[str, Any] | None) -> list[Reducer]:
    """The reducers in order.

    Raises:
        EncodeError: a name that cannot be written.
        TypeError: a reducer that is neither a function nor ``(type, function)``.
    """
    return [_prepare(name, reducer) for name, reducer in (reducers or {}).items()]


def _prepare(name: str, reducer: Any) -> Reducer:
    if not isinstance(name, str):
        raise TypeError(f"the name of a reducer is a str, not {type(name).__name__}")
    if _UNSAFE_NAME.search(name):
        raise EncodeError(
            f"Cannot stringify with a reducer named {name!r}",
            value=name,
            hint="JavaScript writes the name unescaped: no quotes, backslashes, control characters or lone surrogates",
        )
    kind, function = reducer if isinstance(reducer, tuple) and len(reducer) == 2 else (None, reducer)
    if not callable(function):
        raise TypeError(f"the reducer {name!r} is neither a function nor (type, function)")
    return Reducer(name, kind, function)
