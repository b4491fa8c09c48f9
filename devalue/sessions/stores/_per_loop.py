"""One resource for each event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

__all__ = ["PerLoop"]

T = TypeVar("T")


class PerLoop(Generic[T]):
    """Makes a resource when a loop first asks for it: an asyncio connection cannot be used from another loop.

    Frameworks that call asynchronous code from synchronous code run a new loop each time.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()

    def get(self) -> T:
        loop = asyncio.get_running_loop()
        try:
            return self._made[loop]
        except KeyError:
            return self._made.setdefault(loop, self._make())

    def pop(self) -> T | None:
        """The running loop's resource, for closing it; the next ``get`` makes a new one."""
        return self._made.pop(asyncio.get_running_loop(), None)
