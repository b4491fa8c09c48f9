"""Sessions as files in one directory: what Astro's Node adapter does by default (unstorage's ``fs-lite`` driver).

Astro truncates a file and then writes it, without a lock, and destroys a session whose file it reads half written.
Python's side is made so that neither can lose a session:

- A file is replaced by an atomic rename, so whoever reads it, Astro too, reads a whole one.
- Writers in Python, threads and processes, take turns by a lock on the directory.
- What Astro writes between our comparison and our rename lands in the file that the rename takes away. That file is
  still open here: it is read once more, and where it changed, it is put back and the write counts as refused.
"""

from __future__ import annotations

import errno
import os
import random
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

from devalue.sessions.errors import StoreError, StoreTimeout
from devalue.sessions.ids import is_session_id, short_id
from devalue.sessions.stores.base import DEFAULT_TIMEOUT, Store, ThreadedStore

try:
    import fcntl
except ImportError:  # Windows: no lock on a directory, no rename over an open file
    fcntl = None  # type: ignore[assignment]

__all__ = ["AsyncFileStore", "FileStore"]

_FILE_MODE = 0o600
_DIRECTORY_MODE = 0o700

# One name each is enough: they are used under the lock only, and a crash leaves no more than these files.
_NEW_FILE = ".devalue-new"
_OLD_FILE = ".devalue-old"

# Seconds after its last change in which an empty file counts as one that is being written, and the most that a read
# waits for that.
_WRITE_IN_PROGRESS = 0.1
_PATIENCE = 1.0


class FileStore(Store):
    """One file per session, its name the session id, in ``directory``: made with mode 0700 when first written to.

    With Astro's Node adapter the directory is ``<app>/node_modules/.astro/sessions``; with ``sessionDrivers.fs()`` it
    is ``.astro/session``. Files are made with mode 0600, so both programs must run as the same user. Symbolic links
    in the directory are not followed. POSIX only; the directory must be on a local file system.

    Args:
        directory: where the files are.
        timeout: seconds to wait for the turn to write.
    """

    def __init__(self, directory: str | os.PathLike[str], *, timeout: float = DEFAULT_TIMEOUT) -> None:
        if fcntl is None:
            raise StoreError("FileStore needs a POSIX system; SQLiteStore works everywhere")
        self.directory = os.path.abspath(os.fspath(directory))
        self.timeout = timeout
        self._turn = Lock()

    def get(self, key: str) -> bytes | None:
        _check(key)
        deadline = time.monotonic() + _PATIENCE
        with self._failures(key), self._opened_directory() as directory:
            while directory is not None:
                file = _open(key, directory)
                if file is None:
                    return None
                with _closing(file):
                    data = _read(file)
                    if data or _age(file) > _WRITE_IN_PROGRESS or time.monotonic() > deadline:
                        return data
                # Astro has just truncated it. The pause is a random one, so as not to keep step with its writes.
                time.sleep(random.uniform(0.0005, 0.005))
        return None

    def compare_and_set(self, key: str, expected: bytes | None, new: bytes | None, ttl: float | None = None) -> bool:
        _check(key)
        with self._failures(key), self._locked_directory(make=new is not None) as directory:
            if directory is None:
                return expected is None
            if new is None:
                return _remove_if(key, expected, directory)
            try:
                return _replace_if(key, expected, new, directory)
            finally:
                _unlink(_NEW_FILE, directory)
                _unlink(_OLD_FILE, directory)

    def delete(self, key: str) -> None:
        _check(key)
        with self._failures(key), self._locked_directory(make=False) as directory:
            if directory is not None:
                _unlink(key, directory)

    def keys(self) -> Iterator[str]:
        try:
            names = [entry.name for entry in os.scandir(self.directory) if entry.is_file(follow_symlinks=False)]
        except FileNotFoundError:
            return iter(())
        except OSError as error:
            raise StoreError(f"the session directory cannot be listed: {error.strerror}") from error
        return (name for name in names if is_session_id(name))

    @contextmanager
    def _opened_directory(self, make: bool = False) -> Iterator[int | None]:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        try:
            directory = os.open(self.directory, flags)
        except FileNotFoundError:
            if not make:
                yield None
                return
            os.makedirs(os.path.dirname(self.directory), exist_ok=True)
            with suppress(FileExistsError):
                os.mkdir(self.directory, _DIRECTORY_MODE)
            directory = os.open(self.directory, flags)
        with _closing(directory):
            yield directory

    @contextmanager
    def _locked_directory(self, make: bool) -> Iterator[int | None]:
        deadline = time.monotonic() + self.timeout
        if not self._turn.acquire(timeout=self.timeout):
            raise StoreTimeout(f"no turn to write to the session directory within {self.timeout} s")
        try:
            with self._opened_directory(make) as directory:
                if directory is not None:
                    self._lock(directory, deadline)  # closing the directory gives the lock back
                yield directory
        finally:
            self._turn.release()

    def _lock(self, directory: int, deadline: float) -> None:
        while True:
            try:
                fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StoreTimeout(f"the session directory stayed locked for {self.timeout} s") from None
                time.sleep(random.uniform(0.0002, 0.002))

    @contextmanager
    def _failures(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if isinstance(error, StoreTimeout):
                raise
            reason = "it is a symbolic link" if error.errno == errno.ELOOP else error.strerror
            raise StoreError(f"the file of session {short_id(key)} cannot be used: {reason}") from error


class AsyncFileStore(ThreadedStore):
    """A FileStore for asyncio, in worker threads."""

    def __init__(self, directory: str | os.PathLike[str], *, timeout: float = DEFAULT_TIMEOUT) -> None:
        super().__init__(FileStore(directory, timeout=timeout), timeout=2 * timeout)


def _check(key: str) -> None:
    if not is_session_id(key):
        raise StoreError("no session id: a version 4 UUID is the only name that a session file may have")


def _replace_if(key: str, expected: bytes | None, new: bytes, directory: int) -> bool:
    _write_new(new, directory)
    old = _open(key, directory)
    if old is None:
        if expected is not None:
            return False
        try:
            os.link(_NEW_FILE, key, src_dir_fd=directory, dst_dir_fd=directory)  # fails if Astro made one meanwhile
        except FileExistsError:
            return False
        return True
    with _closing(old):
        if expected is None or _read(old) != expected or not _link_old(key, old, directory):
            return False
        ours = os.stat(_NEW_FILE, dir_fd=directory).st_ino
        os.replace(_NEW_FILE, key, src_dir_fd=directory, dst_dir_fd=directory)
        if _read(old) != expected:
            _put_back(key, ours, directory)
            return False
        return True


def _link_old(key: str, old: int, directory: int) -> bool:
    """Give the file a second name, by which it can be put back; False where it is no longer the session's file."""
    _unlink(_OLD_FILE, directory)  # a crash may have left one
    try:
        os.link(key, _OLD_FILE, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.stat(_OLD_FILE, dir_fd=directory, follow_symlinks=False).st_ino == os.fstat(old).st_ino


def _put_back(key: str, ours: int, directory: int) -> None:
    """Astro is writing into the file that was just replaced. The file itself returns, so that its write ends there:
    a copy would come too late for Astro's next request, or before the write is done."""
    with suppress(FileNotFoundError):  # deleted again since: a logout stays one
        if os.stat(key, dir_fd=directory, follow_symlinks=False).st_ino == ours:
            os.replace(_OLD_FILE, key, src_dir_fd=directory, dst_dir_fd=directory)


def _remove_if(key: str, expected: bytes | None, directory: int) -> bool:
    file = _open(key, directory)
    if file is None:
        return expected is None
    with _closing(file):
        if expected is None or _read(file) != expected:
            return False
        return _unlink(key, directory)


def _write_new(data: bytes, directory: int) -> None:
    _unlink(_NEW_FILE, directory)  # a crash may have left one
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(_NEW_FILE, flags, _FILE_MODE, dir_fd=directory)
    with _closing(file):
        view = memoryview(data)
        while view:
            view = view[os.write(file, view) :]


def _open(key: str, directory: int) -> int | None:
    try:
        file = os.open(key, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "it is no regular file")
    return file


def _read(file: int) -> bytes:
    os.lseek(file, 0, os.SEEK_SET)
    parts = []
    while part := os.read(file, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _age(file: int) -> float:
    """Seconds since the file was last written to."""
    return time.time() - os.fstat(file).st_mtime


def _unlink(name: str, directory: int) -> bool:
    try:
        os.unlink(name, dir_fd=directory)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _closing(file: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(file)
