"""Installs, builds and describes the Astro app beside this file."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.node.oracle import find_node

HERE = Path(__file__).parent / "astro"
# Where Astro on Node keeps its sessions when nobody says otherwise.
SESSIONS = HERE / "node_modules" / ".astro" / "sessions"
VARIANTS = ("files", "redis", "sqlite", "configured")
SOURCES = ("package-lock.json", "astro.config.mjs", "src/**/*.js")


def node_environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join([str(Path(find_node()).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "ASTRO_TELEMETRY_DISABLED": "1", **more}


def entry(variant: str) -> Path:
    return HERE / "dist" / variant / "server" / "entry.mjs"


def install_and_build() -> None:
    """`npm ci` and one `astro build` per variant, each only when its inputs changed."""
    with _only_one_at_a_time():
        if _changed("node_modules/.installed", "package-lock.json"):
            _run("npm", "ci", "--no-audit", "--no-fund")
            _remember("node_modules/.installed", "package-lock.json")
        if _changed("dist/.built", *SOURCES):
            shutil.rmtree(HERE / "dist", ignore_errors=True)
            for variant in VARIANTS:
                _run("npm", "run", "build", SESSION_VARIANT=variant)
            _remember("dist/.built", *SOURCES)


@contextmanager
def _only_one_at_a_time() -> Iterator[None]:
    with (HERE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256(find_node().encode())
    for pattern in patterns:
        for file in sorted(HERE.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _changed(stamp: str, *patterns: str) -> bool:
    file = HERE / stamp
    return not file.exists() or file.read_text() != _digest(patterns)


def _remember(stamp: str, *patterns: str) -> None:
    (HERE / stamp).write_text(_digest(patterns))


def _run(program: str, *arguments: str, **env: str) -> None:
    done = subprocess.run(
        [Path(find_node()).with_name(program), *arguments],
        cwd=HERE,
        env=node_environment(**env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{program} {' '.join(arguments)} failed ({done.returncode}):\n{done.stdout}")
