"""JavaScript's own storage: unstorage with the drivers that Astro uses, in one Node process (unstorage/storage.mjs)."""

from __future__ import annotations

import json
import selectors
import subprocess
from pathlib import Path
from typing import Any

from tests.node.oracle import find_node

__all__ = ["JsStorage", "Unstorage"]

HERE = Path(__file__).resolve().parent / "unstorage"


class Unstorage:
    """The Node process; one call at a time."""

    def __init__(self, timeout: float = 60.0) -> None:
        if not (HERE / "node_modules").is_dir():
            raise RuntimeError(f"unstorage is not installed: run  npm ci  in {HERE.relative_to(Path.cwd())}")
        self._timeout = timeout
        self._process = subprocess.Popen(
            [find_node(), str(HERE / "storage.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def open(self, driver: str, options: dict[str, Any]) -> JsStorage:
        """``fs``, ``redis``, or db0 on ``sqlite``, ``postgresql`` or ``mysql``, with the driver's own options."""
        return JsStorage(self, self.call("open", driver, options))

    def call(self, name: str, *args: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"call": name, "args": args}).encode() + b"\n")
        self._process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(self._timeout):
                raise TimeoutError(f"unstorage did not answer {name} within {self._timeout} s")
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


class JsStorage:
    """One storage of JavaScript's. Values are JSON values: unstorage parses a text that looks like JSON."""

    def __init__(self, node: Unstorage, index: int) -> None:
        self._node = node
        self._index = index

    def get(self, key: str) -> Any:
        return self._node.call("get", self._index, key)

    def set(self, key: str, value: str) -> None:
        self._node.call("set", self._index, key, value)

    def set_raw(self, key: str, text: str) -> None:
        """As bytes, which is another column in SQL."""
        self._node.call("setRaw", self._index, key, text)

    def remove(self, key: str) -> None:
        self._node.call("remove", self._index, key)

    def keys(self) -> list[str]:
        found: list[str] = self._node.call("keys", self._index)
        return found
