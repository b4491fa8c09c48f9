"""Installs, builds and describes the Astro app beside this file."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.node.oracle import find_node

HERE = Path(__file__).parent / "astro"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
CACHE = HERE / "node_modules" / (f".astro-{WORKER}" if WORKER else ".astro")
# Where Astro on Node keeps its sessions when nobody says otherwise.
SESSIONS = CACHE / "sessions"
INSTALLED = HERE / "node_modules" / ".installed"


def node_environment(**more: str) -> dict[str, str]:
    """What Node's programs need besides the environment of this process."""
    path = os.pathsep.join([str(Path(find_node()).parent), os.environ.get("PATH", "")])
    return {"PATH": path, "ASTRO_TELEMETRY_DISABLED": "1", **more}


def entry(variant: str) -> Path:
    return _output(variant) / "server" / "entry.mjs"


def _output(variant: str) -> Path:
    return HERE / "dist" / (f"{variant}-{WORKER}" if variant == "files" and WORKER else variant)


def install_and_build(variant: str) -> None:
    """`npm ci` and `astro build`, each only when its inputs changed."""
    with _only_one_at_a_time():
        if not _is_newer(INSTALLED, HERE / "package-lock.json"):  # the rule and the file of the Makefile
            _npm("ci", "--no-audit", "--no-fund")
            INSTALLED.touch()
        output, sources = _output(variant), _sources()
        built = output / ".built"
        if not built.exists() or built.read_text() != sources:
            shutil.rmtree(output, ignore_errors=True)
            _npm("run", "build", SESSION_VARIANT=variant, OUT_DIR=str(output), CACHE_DIR=str(CACHE))
            built.write_text(sources)


@contextmanager
def _only_one_at_a_time() -> Iterator[None]:
    with (HERE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_newer(file: Path, than: Path) -> bool:
    return file.exists() and file.stat().st_mtime >= than.stat().st_mtime


def _sources() -> str:
    files = [HERE / "package-lock.json", HERE / "astro.config.mjs", *sorted(HERE.glob("src/**/*.js"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _npm(*arguments: str, **env: str) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("npm"), *arguments],
        cwd=HERE,
        env={**os.environ, **node_environment(**env)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"npm {' '.join(arguments)} failed ({done.returncode}):\n{done.stdout}")
