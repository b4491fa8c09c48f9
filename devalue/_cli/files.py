"""Files and standard streams, as bytes and as UTF-8 whatever the locale says, with progress for what takes long."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from devalue._pure.parse import decode_utf8

__all__ = ["add_file", "name_of", "note", "progress", "read_text", "write_text"]

_CHUNK: Final = 1 << 20
_PATIENCE: Final = 1.0  # seconds before progress is shown


def add_file(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("file", metavar="FILE", nargs="?", default="-", help=f"{what}; standard input by default")


def name_of(file: str) -> str:
    return "<stdin>" if file == "-" else file


def read_text(file: str) -> str:
    """All of a file.

    Raises:
        OSError: it cannot be read.
        DecodeError: it is no UTF-8.
    """
    if file == "-":
        data = _read_all(sys.stdin.buffer, 0)
    else:
        with open(file, "rb") as stream:
            data = _read_all(stream, os.fstat(stream.fileno()).st_size)
    return decode_utf8(data)


def _read_all(stream: BinaryIO, size: int) -> bytes:
    chunks: list[bytes] = []
    with progress("reading") as show:
        read = 0
        while chunk := stream.read(_CHUNK):
            chunks.append(chunk)
            read += len(chunk)
            show(f"{read / 1e6:,.0f} MB" + (f" of {size / 1e6:,.0f}" if size else ""))
    return b"".join(chunks)


def write_text(pieces: Iterable[str]) -> None:
    """Write text to standard output."""
    _write_all(pieces, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _write_all(pieces: Iterable[str], stream: BinaryIO) -> None:
    with progress("writing") as show:
        written = 0
        for chunk in _batches(pieces):
            written += stream.write(chunk)
            show(f"{written / 1e6:,.0f} MB")


def _batches(pieces: Iterable[str]) -> Iterator[bytes]:
    batch: list[str] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece)
        if size >= _CHUNK:
            yield _utf8(batch)
            batch, size = [], 0
    yield _utf8(batch)


def _utf8(batch: list[str]) -> bytes:
    return "".join(batch).encode(errors="backslashreplace")


def note(message: str) -> None:
    """Say something beside the output."""
    print(f"note: {message}", file=sys.stderr)


class _Progress:
    """One line on standard error, rewritten a few times a second."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._next = time.monotonic() + _PATIENCE
        self.shown = False

    def __call__(self, state: str) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + 0.2
            self.shown = True
            print(f"\r\x1b[K{self._doing}: {state}", end="", file=sys.stderr, flush=True)


@contextmanager
def progress(doing: str) -> Iterator[Callable[[str], None]]:
    """Show how far something long has come, by calling what this gives; only where a person watches."""
    if not sys.stderr.isatty():
        yield lambda state: None
        return
    line = _Progress(doing)
    try:
        yield line
    finally:
        if line.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
