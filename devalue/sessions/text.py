"""The stored text of a session: a devalue Map of ``key -> {data, expires}``, as Astro writes it.

Entries are kept as they were read, fields that nobody knows included, so that what is not changed is written back
as it was. URLs take the form of Astro's own reducer: the payload is a slot, never the text itself.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from itertools import chain
from typing import Any, TypeAlias

from devalue import Map, parse, stringify, undefined
from devalue.errors import EncodeError
from devalue.types import URL
from devalue.types.keys import normal_key

__all__ = [
    "MAX_DEPTH",
    "Entries",
    "check_value",
    "data_text",
    "decode",
    "encode",
    "entry_data",
    "expiry",
    "holds_temporal",
    "live",
    "make_entry",
    "unshared",
]

MAX_DEPTH = 1000
"""Levels that a value may nest: JavaScript recurses, and writes at most some 1,600 levels before it fails."""

# Depth that a value's own levels stand below in the text: the Map and the entry.
_LEVELS_ABOVE = 2

Entries: TypeAlias = dict[Any, tuple[Any, Any]]
"""Normal key -> (key, entry), in the order of the text. Only the keys that Astro can make are str."""

# Values of these types are by value in JavaScript; no two keys can share one.
_LEAVES = frozenset({str, int, float, bool, type(None)})

# Of these types JavaScript can read every value.
_SIMPLE = frozenset({str, float, bool, type(None)})
_SAFE_INTEGER = 2**53 - 1

# How the slot of a Temporal value begins, at the root and elsewhere. No string of a text contains these: its quotes are
# escaped.
_TEMPORAL_SLOTS = ('[["Temporal.', ',["Temporal.')
_NO_TEMPORAL = (
    "Node 24 and older read no Temporal, and Astro destroys a session that it cannot read; "
    "where Astro runs with Temporal, say so with Sessions(..., temporal=True)"
)


def decode(data: bytes) -> Entries:
    """The entries of a stored text.

    Raises:
        ValueError: (DecodeError among others) the text is no devalue text, no Map, or holds an entry of null or
            undefined, which Astro cannot read either.
    """
    value = parse(data, revivers=_REVIVERS)
    if not isinstance(value, Map):
        raise ValueError(f"a session is a Map, this is {type(value).__name__}")
    # The flat form, as parsed: half the time of this function was the index that Map's own methods would make.
    flat = value._flat_items()
    keys, stored = flat[::2], flat[1::2]
    if None in stored or undefined in stored:
        raise ValueError("an entry of the session is empty")
    return {key if type(key) is str else normal_key(key): (key, entry) for key, entry in zip(keys, stored, strict=True)}


def encode(entries: Entries, own: Iterable[Any] = ()) -> bytes:
    """The text of these entries. ``own`` names those among them that this request gave a value.

    Raises:
        EncodeError: a value is of a kind that JavaScript cannot read, or an own value nests deeper than MAX_DEPTH.
            What another program stored deeper than that is written back as it was.
    """
    stored: Map[Any, Any] = Map.__new__(Map)
    stored._flat, stored._index = list(chain.from_iterable(entries.values())), None
    try:
        return stringify(stored, reducers=_REDUCERS, max_depth=MAX_DEPTH + _LEVELS_ABOVE).encode()
    except EncodeError:
        for normal in own:
            if normal in entries:
                key, entry = entries[normal]
                check_value(key, entry_data(entry))
        return stringify(stored, reducers=_REDUCERS, max_depth=None).encode()


def unshared(entries: Entries, assigned: set[Any], exposed: set[Any]) -> Entries:
    """Entries in which no assigned value is part of another: Astro clones on ``set``, so its keys never share one.

    Two keys that were set to one list would otherwise be one list for whoever loads the session next, in Python and
    in JavaScript: what is changed in place under one key would change under the other. A value can only be shared
    with one that the request set or was handed (``exposed``).
    """
    held = [n for n in assigned | exposed if n in entries and type(entry_data(entries[n][1])) not in _LEAVES]
    cloned = assigned.intersection(held) if len(held) > 1 else ()
    if not cloned:
        return entries
    return {**entries, **{normal: (entries[normal][0], _clone(entries[normal][1])) for normal in cloned}}


def _clone(entry: Any) -> Any:
    try:
        text = stringify(entry, reducers=_REDUCERS, max_depth=None)
    except EncodeError:
        return entry  # encode says what is wrong with it
    return parse(text, revivers=_REVIVERS)


def check_value(key: Any, value: Any, *, temporal: bool = True) -> None:
    """Make sure that JavaScript can read the value of a key back; ``temporal``: whether it has Temporal.

    Raises:
        EncodeError: it could not; the path begins with the key.
    """
    kind = type(value)
    if kind in _SIMPLE or (kind is int and abs(value) <= _SAFE_INTEGER):
        return  # nothing in these can be wrong; to write them took most of the time of a ``set``
    place = f"[{json.dumps(key) if isinstance(key, str) else '…'}]"
    try:
        text = stringify(value, max_depth=MAX_DEPTH)  # nobody reads this one: a URL may take any form
    except EncodeError as error:
        raise EncodeError(
            error.message, path=place + error.path, value=error.value, root=value, hint=error.hint
        ) from None
    if not temporal and holds_temporal(text):
        raise EncodeError("Cannot store a Temporal value", path=place, value=value, root=value, hint=_NO_TEMPORAL)


def holds_temporal(text: str) -> bool:
    """Whether a text holds a Temporal value."""
    return any(mark in text for mark in _TEMPORAL_SLOTS)


def data_text(entry: Any) -> str:
    """A text of an entry's value, of any depth, to compare and not to store: equal texts mean equal values."""
    return stringify(entry_data(entry), max_depth=None)


def entry_data(entry: Any) -> Any:
    """What ``get`` gives for this entry: its ``data``, and undefined where JavaScript would find none."""
    return entry.get("data", undefined) if isinstance(entry, dict) else undefined


def make_entry(value: Any, expires: float | None) -> dict[str, Any]:
    """The entry of a value; ``expires`` in epoch milliseconds."""
    return {"data": value, "expires": undefined if expires is None else expires}


def live(entries: Entries, now: float) -> Entries:
    """The entries that have not expired at ``now`` (epoch milliseconds)."""
    if not any(_end(entry) < now for _, entry in entries.values()):
        return entries
    return {normal: pair for normal, pair in entries.items() if _end(pair[1]) >= now}


def expiry(entries: Entries) -> float | None:
    """When the last entry expires (epoch milliseconds); None where one never does, or there is none."""
    last = -math.inf
    for _, entry in entries.values():
        end = _end(entry)
        if end == math.inf:
            return None
        last = max(last, end)
    return last if entries else None


def _end(entry: Any) -> float:
    """When an entry expires; infinity for never."""
    expires: Any = entry.get("expires") if isinstance(entry, dict) else None
    # Only what is a number in JavaScript: no bool, no BigInt. NaN is before no moment.
    return expires if (type(expires) is int or type(expires) is float) and expires == expires else math.inf


def _url(href: Any) -> URL:
    if not isinstance(href, str):
        raise ValueError("the payload of a URL is no text")
    try:
        return URL(href)
    except ValueError:
        # Whoever wrote it took it for a URL. A stricter opinion of ours must not lock the visitor out.
        return str.__new__(URL, href)


_REDUCERS = {"URL": (URL, str.__str__)}
_REVIVERS = {"URL": _url}
