"""What ``sessions`` does: the actions, and the store that they work on."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from devalue._cli.files import note, progress, write_text
from devalue._cli.layout import quoted
from devalue._cli.sessions import SHORTEST, VARIABLE
from devalue._cli.show import show
from devalue.sessions.errors import SessionError
from devalue.sessions.ids import is_session_id, short_id
from devalue.sessions.manager import run
from devalue.sessions.protocol import Collected, collect
from devalue.sessions.stores import Store, open_store
from devalue.sessions.text import Entries, decode, entry_data, expiry

__all__ = ["run_action"]


def run_action(options: argparse.Namespace) -> int:
    """Carry out ``options.action`` on the store that the options or the environment name; the exit code."""
    url = options.store or os.environ.get(VARIABLE)
    if not url:
        return _fail(f"which store? Name it with --store URL or in the environment variable {VARIABLE}", 2)
    try:
        _check_path(url)
        store = open_store(url)
    except (ValueError, ModuleNotFoundError, FileNotFoundError, SessionError) as error:
        return _fail(str(error), 2)
    try:
        with store:
            return _ACTIONS[options.action](store, options)
    except (SessionError, _NotFound) as error:
        return _fail(str(error), 1)


def _fail(message: str, code: int) -> int:
    print(f"devalue: {message}", file=sys.stderr)
    return code


def _check_path(url: str) -> None:
    """A store that is written to makes its file or folder; who looks for sessions has mistyped its name."""
    parts = urlsplit(url)
    if parts.scheme in ("file", "sqlite") and parts.path and not Path(unquote(parts.path)).exists():
        raise FileNotFoundError(f"there is no {unquote(parts.path)}")


# -- the actions ------------------------------------------------------------------------------------------


def _list(store: Store, options: argparse.Namespace) -> int:
    counts: Counter[str] = Counter()
    write_text(_lines(store, options.full_ids, counts))
    unreadable = f", {counts['unreadable']:,} of them unreadable" if counts["unreadable"] else ""
    note(f"{counts.total():,} sessions{unreadable}")
    return 0


def _lines(store: Store, full_ids: bool, counts: Counter[str]) -> Iterator[str]:
    for session_id, data in _each(store):
        name = session_id if full_ids else short_id(session_id)
        try:
            entries = decode(data)
        except ValueError as error:
            counts["unreadable"] += 1
            yield f"{name}  {len(data):>9,} B  unreadable: {error.__class__.__name__}\n"
            continue
        counts["readable"] += 1
        keys = ", ".join(_key(key) for key, _ in entries.values())
        yield f"{name}  {len(data):>9,} B  {_moment(entries):<25}  {keys}\n"


def _show(store: Store, options: argparse.Namespace) -> int:
    session_id = _find(store, options.id)
    data = store.get(session_id)
    if data is None:
        raise _NotFound("the session has just gone")
    name = session_id if options.full_ids else short_id(session_id)
    try:
        entries = decode(data)
    except ValueError as error:
        return _fail(f"session {name} ({len(data):,} bytes) cannot be read: {error}", 1)
    write_text(_document(name, data, entries))
    return 0


def _document(name: str, data: bytes, entries: Entries) -> Iterator[str]:
    yield f"session {name}, {len(data):,} bytes, {len(entries):,} keys\n"
    for normal, (key, entry) in entries.items():
        yield f"\n{_key(key)} ({_moment({normal: (key, entry)})}): "
        yield from show(entry_data(entry))


def _delete(store: Store, options: argparse.Namespace) -> int:
    if bool(options.id) == options.all:
        return _fail("delete what? One or more IDs, or --all", 2)
    if options.all:
        what, chosen = "all sessions", store.keys()
    else:
        found = dict.fromkeys(_find(store, each) for each in options.id)
        what, chosen = f"{len(found):,} session{'s' if len(found) > 1 else ''}", iter(found)
    if not options.yes and not _agreed(f"Delete {what}? Whoever has one is logged out. [y/N] "):
        return _fail("nothing was deleted; --yes deletes without asking", 2)
    deleted = 0
    with progress("deleting") as state:
        for session_id in chosen:
            store.delete(session_id)
            deleted += 1
            state(f"{deleted:,}")
    note(f"deleted {deleted:,}")
    return 0


def _agreed(question: str) -> bool:
    return sys.stdin.isatty() and input(question).strip().lower() in ("y", "yes")


def _gc(store: Store, options: argparse.Namespace) -> int:
    counts: Counter[Collected] = Counter()
    with progress("collecting") as state:
        for session_id in store.keys():  # noqa: SIM118
            counts[run(store, collect(session_id))] += 1
            state(f"{counts.total():,} seen, {counts[Collected.DELETED]:,} deleted")
    unreadable = counts[Collected.UNREADABLE]
    note(f"deleted {counts[Collected.DELETED]:,}, kept {counts[Collected.KEPT] + unreadable:,}")
    if unreadable:
        note(f"{unreadable:,} of them cannot be read: see  sessions list")
    return 0


_ACTIONS: Final[dict[str, Callable[[Store, argparse.Namespace], int]]] = {
    "list": _list,
    "show": _show,
    "delete": _delete,
    "gc": _gc,
}


# -- what they share --------------------------------------------------------------------------------------


class _NotFound(Exception):
    """No session, or more than one, has this id."""


def _find(store: Store, given: str) -> str:
    """The id that this is the first part of."""
    if is_session_id(given):
        if store.get(given) is None:
            raise _NotFound(f"no session {short_id(given)}")
        return given
    start = given.removesuffix("…")
    if len(start) < SHORTEST:
        raise _NotFound(f"give at least the first {SHORTEST} characters of an id")
    with progress("searching") as state:
        found = []
        for seen, session_id in enumerate(store.keys()):
            state(f"{seen:,}")
            if session_id.startswith(start):
                found.append(session_id)
    if len(found) != 1:
        raise _NotFound(f"{len(found) or 'no'} sessions begin with {start[:8]}")
    return found[0]


def _each(store: Store) -> Iterator[tuple[str, bytes]]:
    with progress("reading") as state:
        for seen, session_id in enumerate(store.keys()):
            state(f"{seen:,}")
            data = store.get(session_id)
            if data is not None:
                yield session_id, data


def _moment(entries: Entries) -> str:
    """When all of these have expired."""
    if not entries:
        return "empty"
    milliseconds = expiry(entries)
    if milliseconds is None:
        return "never expires"
    verb = "expired" if milliseconds < time.time() * 1000 else "expires"
    try:
        return f"{verb} {datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return f"{verb} beyond the calendar"


def _key(key: Any) -> str:
    """A key, which only Astro and we promise to be text."""
    return quoted(key) if isinstance(key, str) else "".join(show(key)).strip()
