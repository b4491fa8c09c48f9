"""The file store: what is its own beside the contract that every store passes (test_store_contract.py)."""

import multiprocessing
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from devalue.sessions import Sessions, StoreError, StoreTimeout
from devalue.sessions.stores import files as files_module
from devalue.sessions.stores.files import FileStore

ID = "52c3ea4c-5a44-4eb2-96c8-8a3cbb2bd0d5"
OTHER = "00c3ea4c-5a44-4eb2-96c8-8a3cbb2bd0d5"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "node_modules" / ".astro" / "sessions"


@pytest.fixture
def store(directory: Path) -> FileStore:
    return FileStore(directory)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_session_is_the_file_of_its_id_and_holds_the_text_alone(store: FileStore, directory: Path) -> None:
    assert store.compare_and_set(ID, None, b"text")
    assert os.listdir(directory) == [ID]
    assert (directory / ID).read_bytes() == b"text"


def test_files_and_the_directory_are_for_the_owner_alone_whatever_the_umask(store: FileStore, directory: Path) -> None:
    before = os.umask(0)
    try:
        store.compare_and_set(ID, None, b"text")
    finally:
        os.umask(before)
    assert mode(directory / ID) == 0o600
    assert mode(directory) == 0o700


def test_the_directory_is_made_when_something_is_written_and_not_before(store: FileStore, directory: Path) -> None:
    assert store.get(ID) is None
    assert list(store.keys()) == []
    store.delete(ID)
    assert store.compare_and_set(ID, None, None)
    assert not store.compare_and_set(ID, b"text", None)
    assert not directory.exists()
    store.compare_and_set(ID, None, b"text")
    assert directory.is_dir()


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "/etc/passwd", ID + "\n", ID + "/x", ID + "\0", "x" * 36, ID[:-1], ".devalue-new"],
)
def test_only_a_session_id_is_a_name(store: FileStore, name: str) -> None:
    for use in (
        lambda: store.get(name),
        lambda: store.delete(name),
        lambda: store.compare_and_set(name, None, b"text"),
        lambda: store.compare_and_set(name, b"text", None),
    ):
        with pytest.raises(StoreError, match="no session id"):
            use()


def test_symbolic_links_are_not_followed(store: FileStore, directory: Path, tmp_path: Path) -> None:
    store.compare_and_set(OTHER, None, b"text")
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (directory / ID).symlink_to(secret)
    with pytest.raises(StoreError, match="symbolic link"):
        store.get(ID)
    with pytest.raises(StoreError, match="symbolic link"):
        store.compare_and_set(ID, b"secret", b"overwritten")
    assert secret.read_bytes() == b"secret"
    assert list(store.keys()) == [OTHER]
    store.delete(ID)
    assert secret.exists()


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["directory", "pipe"])
def test_what_is_no_regular_file_is_an_error_and_not_a_hang(store: FileStore, directory: Path, make) -> None:  # type: ignore[no-untyped-def]
    directory.mkdir(parents=True)
    make(directory / ID)
    with pytest.raises(StoreError, match="no regular file"):
        store.get(ID)
    assert list(store.keys()) == []


def test_names_that_are_no_session_ids_are_left_alone(store: FileStore, directory: Path) -> None:
    store.compare_and_set(ID, None, b"text")
    (directory / "README").write_text("not a session")
    assert list(store.keys()) == [ID]


def test_an_error_of_the_system_is_a_store_error_that_says_what_failed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = FileStore(tmp_path / "file" / "sessions")
    with pytest.raises(StoreError, match="Not a directory"):
        store.compare_and_set(ID, None, b"text")
    with pytest.raises(StoreError, match="Not a directory"):
        store.get(ID)
    with pytest.raises(StoreError, match="Not a directory"):
        list(store.keys())


def test_a_write_that_fails_leaves_the_old_text_and_nothing_else(
    store: FileStore, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.compare_and_set(ID, None, b"old")

    def no_space(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", no_space)
    with pytest.raises(StoreError, match="No space left"):
        store.compare_and_set(ID, b"old", b"new")
    assert store.get(ID) == b"old"
    assert os.listdir(directory) == [ID]


def test_what_a_crash_left_behind_is_in_nobodys_way(store: FileStore, directory: Path) -> None:
    store.compare_and_set(ID, None, b"old")
    (directory / ".devalue-new").write_bytes(b"half written")
    assert store.compare_and_set(ID, b"old", b"new")
    assert os.listdir(directory) == [ID]


def test_a_lock_that_is_never_given_back_is_a_time_out(directory: Path) -> None:
    import fcntl

    store = FileStore(directory, timeout=0.1)
    store.compare_and_set(ID, None, b"text")
    holder = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(StoreTimeout, match=r"locked for 0\.1 s"):
            store.compare_and_set(ID, b"text", b"new")
        assert store.get(ID) == b"text"
    finally:
        os.close(holder)
    assert store.compare_and_set(ID, b"text", b"new")


# Several writers -------------------------------------------------------------------------------------------------


def count_up(directory: Path, times: int) -> None:
    sessions = Sessions(FileStore(directory))
    for _ in range(times):
        session = sessions.load(ID)
        session[f"{os.getpid()}-{threading.get_ident()}-{len(session)}"] = 1
        sessions.commit(session)


def test_threads_lose_nothing(store: FileStore, directory: Path) -> None:
    store.compare_and_set(ID, None, b'[["Map"]]')
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: count_up(directory, 5), range(8)))
    assert len(Sessions(store).load(ID)) == 40


def test_processes_lose_nothing(store: FileStore, directory: Path) -> None:
    store.compare_and_set(ID, None, b'[["Map",1,2],"first",{"data":3,"expires":-1},0]')
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=count_up, args=(directory, 10)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert len(Sessions(store).load(ID)) == 31


# Astro, which truncates a file and then writes it ------------------------------------------------------------------


@pytest.fixture
def rewritten(store: FileStore, directory: Path) -> Iterator[list[int]]:
    """A file that a thread rewrites all the time the way Node does: truncate, a gap, the text in two parts."""
    store.compare_and_set(ID, None, b'[["Map",1,2],"astro",{"data":3,"expires":-1},0]')
    text = b'[["Map",1,2],"astro",{"data":3,"expires":-1},"%s"]' % (b"x" * 100_000)
    writes = [0]
    stop = threading.Event()

    def rewrite() -> None:
        while not stop.is_set():
            with open(directory / ID, "wb", buffering=0) as file:
                time.sleep(0.001)
                file.write(text[:50_000])
                time.sleep(0.0005)
                file.write(text[50_000:])
            writes[0] += 1
            time.sleep(0.001)

    writer = threading.Thread(target=rewrite)
    writer.start()
    yield writes
    stop.set()
    writer.join()


def test_a_file_under_constant_rewriting_is_never_read_torn(rewritten: list[int], directory: Path) -> None:
    deadline = time.monotonic() + 10
    while (directory / ID).read_bytes().endswith(b"]"):
        assert time.monotonic() < deadline, "the file was never seen half written: the test shows nothing"
    sessions = Sessions(FileStore(directory))
    for _ in range(50):
        assert sessions.load(ID).get("astro") is not None


def test_a_file_that_was_just_truncated_is_read_when_it_has_been_written(store: FileStore, directory: Path) -> None:
    store.compare_and_set(ID, None, b"old")
    (directory / ID).write_bytes(b"")
    writer = threading.Timer(0.03, (directory / ID).write_bytes, [b"new"])
    writer.start()
    assert store.get(ID) == b"new"
    writer.join()


def just_before(owner: object, name: str, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let another program act at the moment when a function is called, the first time."""
    really = getattr(owner, name)

    def late(*args: object, **kwargs: object) -> object:
        monkeypatch.setattr(owner, name, really)
        act()
        return really(*args, **kwargs)

    monkeypatch.setattr(owner, name, late)


def test_what_astro_writes_between_our_comparison_and_our_rename_is_not_lost(
    store: FileStore, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.compare_and_set(ID, None, b"old")
    just_before(os, "replace", monkeypatch, lambda: (directory / ID).write_bytes(b"astro"))
    assert not store.compare_and_set(ID, b"old", b"python")
    assert store.get(ID) == b"astro"


def test_a_slow_write_of_astro_that_began_before_our_rename_ends_in_the_session(
    store: FileStore, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.compare_and_set(ID, None, b"old")
    opened = []
    # Opening empties it; on a busy machine its text comes much later.
    just_before(os, "replace", monkeypatch, lambda: opened.append((directory / ID).open("wb")))
    assert not store.compare_and_set(ID, b"old", b"python")
    with opened[0] as file:
        file.write(b"astro")
    assert store.get(ID) == b"astro"
    assert os.listdir(directory) == [ID]


def test_what_astro_made_between_our_look_and_our_first_write_is_not_lost(
    store: FileStore, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory.mkdir(parents=True)
    just_before(os, "link", monkeypatch, lambda: (directory / ID).write_bytes(b"astro"))
    assert not store.compare_and_set(ID, None, b"python")
    assert store.get(ID) == b"astro"


def test_a_file_that_astro_deleted_after_our_comparison_is_not_brought_back(
    store: FileStore, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.compare_and_set(ID, None, b"old")
    really_read = files_module._read

    def astro_logs_out(file: int) -> bytes:
        data = really_read(file)
        (directory / ID).unlink(missing_ok=True)
        return data

    monkeypatch.setattr(files_module, "_read", astro_logs_out)
    assert not store.compare_and_set(ID, b"old", b"python")
    assert not (directory / ID).exists()


def test_an_empty_file_that_nobody_writes_is_empty_in_the_end(store: FileStore, directory: Path) -> None:
    directory.mkdir(parents=True)
    (directory / ID).touch()
    assert store.get(ID) == b""
    assert Sessions(store).load(ID).is_new


def test_python_writing_all_the_time_is_never_seen_torn(store: FileStore, directory: Path) -> None:
    """What Astro reads is whole: the file is replaced by a rename."""
    texts = [b"[%s]" % (str(n).encode() * 20_000) for n in range(10)]
    store.compare_and_set(ID, None, texts[0])
    stop = threading.Event()

    def rewrite() -> None:
        n = 0
        while not stop.is_set():
            assert store.compare_and_set(ID, texts[n % 10], texts[(n + 1) % 10])
            n += 1

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        for _ in range(500):
            assert (directory / ID).read_bytes() in texts
    finally:
        stop.set()
        writer.join()
