"""What is fuzzed: each target takes any bytes, and raises only where a promise is broken."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable
from datetime import UTC, timedelta, timezone
from functools import cache
from typing import Any

import devalue
from devalue import DecodeError, DevalueError, EncodeError
from devalue._pure.parse import parse as pure_parse
from devalue._pure.stringify import stringify as pure_stringify
from devalue._uneval import uneval as pure_uneval
from devalue.testing import difference
from fuzz.values import Thing, value_of

__all__ = ["TARGETS", "Finding"]


# Texts that JavaScript would not write, and that change the Python type when they are written as it would: 1e3 and
# 1.0 (read as floats, written as 1000 and 1), holes in the other of their two forms.
NOT_CANONICAL = re.compile(rb"[0-9][.eE]|[0-9]{16}|-[27]\b")


class Finding(AssertionError):
    """A promise that an input breaks."""


def parse(data: bytes) -> None:
    """Any bytes: a value or a DecodeError, also where a custom type is read."""
    for revivers in ({}, {"Custom": list_of, "Date": list_of}):
        try:
            devalue.parse(data, revivers=revivers)
        except DecodeError as error:
            str(error)


def native(data: bytes) -> None:
    """The compiled code alone, at its own speed, and back to text and source: what it refuses, nobody judges."""
    reader, writer = compiled_modules()
    revivers = {"Custom": list_of} if len(data) % 2 else None
    twins, reader._pure_parse, writer.pure_uneval = (reader._pure_parse, writer.pure_uneval), refuse, refuse
    try:
        for text in (data, data.decode("utf-8", "replace")):
            value = reader.parse(text, revivers=revivers)
            if value is not None:
                writer.uneval(value, max_depth=None)
                devalue.stringify(value, max_depth=None)
    finally:
        reader._pure_parse, writer.pure_uneval = twins


@cache
def compiled_modules() -> tuple[Any, Any]:
    return importlib.import_module("devalue._parse"), importlib.import_module("devalue._uneval_fast")


def refuse(value: object, **options: object) -> None:
    """Stands in for a pure twin."""


def list_of(payload: Any) -> list[Any]:
    return [payload]


def unflatten(data: bytes) -> None:
    """Any JSON value: a value or a DecodeError."""
    try:
        table = json.loads(data)
    except (ValueError, RecursionError):
        return
    try:
        devalue.unflatten(table)
    except DecodeError as error:
        str(error)


def round_trip(data: bytes) -> None:
    """What was read is written, and the text reads as the same value, sharing included."""
    try:
        value = devalue.parse(data)
    except DecodeError:
        return
    text = devalue.stringify(value, max_depth=None)
    again = devalue.parse(text)
    if devalue.stringify(again, max_depth=None) != text:
        raise Finding(f"not the same text after two round trips: {text!r}")
    found = None if NOT_CANONICAL.search(data) else difference(value, again)
    if found:
        raise Finding(f"not the same value after a round trip: {found}")


def twins(data: bytes) -> None:
    """The compiled codec and the pure one: the same value, the same text, the same error."""
    compiled, pure = outcome(devalue.parse, data), outcome(pure_parse, data)
    if isinstance(compiled, DevalueError) or isinstance(pure, DevalueError):
        if type(compiled) is not type(pure) or vars(compiled) != vars(pure):
            raise Finding(f"parse: compiled {compiled!r}, pure {pure!r}")
        return
    found = difference(pure, compiled)
    if found:
        raise Finding(f"parse: {found}")
    texts = devalue.stringify(compiled, max_depth=None), pure_stringify(pure, max_depth=None)
    if texts[0] != texts[1]:
        raise Finding(f"stringify: compiled {texts[0]!r}, pure {texts[1]!r}")


def stringify(data: bytes) -> None:
    """Any Python value: the same text or error from the compiled codec and the pure one, and a text that is read."""
    options, value = options_and_value(OPTIONS, data)
    text = text_of_both("stringify", devalue.stringify, pure_stringify, value, options)
    if text is not None:
        again = devalue.stringify(devalue.parse(text, revivers=REVIVERS), max_depth=None)
        if not options and devalue.stringify(devalue.parse(again), max_depth=None) != again:
            raise Finding(f"not the same text after two round trips: {again!r}")


def uneval(data: bytes) -> None:
    """Any Python value: the same source or error from the compiled `uneval` and the readable one."""
    options, value = options_and_value(UNEVAL_OPTIONS, data)
    # The readable one goes second: it turns a flat Map or Set into its index.
    text_of_both("uneval", devalue.uneval, pure_uneval, value, options)


def options_and_value(choices: list[dict[str, Any]], data: bytes) -> tuple[dict[str, Any], Any]:
    """The first byte chooses the options, the others make the value."""
    return (choices[data[0] % len(choices)] if data else {}), value_of(data[1:])


def text_of_both(
    name: str, compiled: Callable[..., str], pure: Callable[..., str], value: Any, options: dict[str, Any]
) -> str | None:
    """The text on which both agree, or None where they refuse the value alike."""
    found = [outcome(lambda write=write: write(value, **options)) for write in (compiled, pure)]
    said = [(str(one), one.path, one.hint, type(one.value)) if isinstance(one, EncodeError) else one for one in found]
    if said[0] != said[1]:
        raise Finding(f"{name}: compiled {said[0]!r}, pure {said[1]!r}")
    return said[0] if isinstance(said[0], str) else None


REVIVERS: dict[str, Callable[[Any], Any]] = {"Thing": lambda payload: [payload], "T": lambda payload: [payload]}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"default": lambda value: [repr(type(value))]},
    {"default": lambda value: len},
    {"reducers": {"Thing": (Thing, lambda value: [1, "a"])}},
    {"reducers": {"T": lambda value: isinstance(value, (Thing, int, list)) and [[]]}, "max_depth": 50},
    {"reducers": {"T": (set, list), "Thing": (str, lambda value: None)}, "default": lambda value: Thing()},
    {"naive_tz": UTC},
    {"max_depth": 3},
    {"max_depth": None, "naive_tz": timezone(timedelta(hours=-3)), "default": lambda value: {"d": 1}},
]
UNEVAL_OPTIONS: list[dict[str, Any]] = [
    {},
    {"max_depth": None},
    {"naive_tz": UTC},
    {"naive_tz": timezone(timedelta(microseconds=-1)), "max_depth": 2},
    {"max_depth": 0},
    {
        "replacer": lambda value, write: (
            f"new Thing({write([value.__class__.__name__])})" if type(value) is Thing else None
        )
    },
    {"replacer": lambda value, write: f"f({write(value[0])})" if type(value) is list and value else "", "max_depth": 9},
]


def outcome(operation: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return operation(*arguments)
    except DevalueError as error:
        return error


TARGETS: dict[str, Callable[[bytes], None]] = {
    "native": native,
    "parse": parse,
    "unflatten": unflatten,
    "round-trip": round_trip,
    "twins": twins,
    "stringify": stringify,
    "uneval": uneval,
}
