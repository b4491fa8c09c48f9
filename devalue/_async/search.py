"""How ``stringify_async`` works: first settle everything awaitable in the value, then write it as ``stringify`` does.

The text is that of the value with every awaitable replaced by its result, so it does not depend on which of them
settles first, and a result that occurs elsewhere too shares its slot. (JavaScript's stringifyAsync numbers slots in
the order of settlement, and gets both shared results and results without a slot wrong.)

Finding the awaitables is left to the codec itself: ``default`` is called for everything that it cannot write.
Reducers and the caller's ``default`` are asked once for each value; what they gave is remembered, so that the last
pass, which writes, sees the same values as the passes that searched.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import tzinfo
from types import CoroutineType
from typing import Any, NoReturn

from devalue._impl import stringify
from devalue._pure.reducers import prepare_reducers
from devalue._pure.stringify import Writer
from devalue.errors import EncodeError
from devalue.types import Map, Set, SparseArray, undefined
from devalue.types.keys import is_interned, normal_key

__all__ = ["settled_text"]


async def settled_text(
    value: Any,
    reducers: Mapping[str, Any] | None,
    default: Callable[[Any], Any] | None,
    naive_tz: tzinfo | None,
    max_depth: int | None,
) -> str:
    """See ``stringify_async``."""
    held = [value]
    try:
        search = _Search(value, reducers, default, naive_tz, max_depth, held)
        text = search.text()
        if search.found:
            await search.settle()
            text = search.text()
    except BaseException:
        _close_coroutines(held)
        raise
    return text


class _Aborted(Exception):
    """Ends the task group; what failed is in ``_Search.failure``."""


class _Search:
    """The awaitables of one value, and their results.

    Attributes:
        found: the awaitables that were met and not started yet.
        failure: the first exception of one.
    """

    def __init__(
        self,
        root: Any,
        reducers: Mapping[str, Any] | None,
        default: Callable[[Any], Any] | None,
        naive_tz: tzinfo | None,
        max_depth: int | None,
        held: list[Any],
    ) -> None:
        self.found: deque[Awaitable[Any]] = deque()
        self.failure: BaseException | None = None
        self._root = root
        self._held = held  # whatever may hold coroutines
        self._hooks: list[_Remembered] = []
        self._default = self._remembered(default) if default else None
        self._reducers = [one._replace(function=self._remembered(one.function)) for one in prepare_reducers(reducers)]
        self._naive_tz = naive_tz
        self._max_depth = max_depth
        # Walks results; one writer for all, so that no part that they share is walked twice.
        self._writer = Writer(None, self._reducers, self._stand_in, naive_tz, max_depth)
        self._known: dict[int, Awaitable[Any]] = {}  # by id; holds them, so that no id is used twice
        self._results: dict[int, Any] = {}
        self._settled = False
        self._starting = False

    def _remembered(self, function: Callable[[Any], Any]) -> _Remembered:
        hook = _Remembered(function, self._held)
        self._hooks.append(hook)
        return hook

    def text(self) -> str:
        """The text with the results known so far; ``found`` has what is still to be awaited."""
        for hook in self._hooks:
            hook.rewind()
        reducers = {one.name: one.function if one.kind is None else (one.kind, one.function) for one in self._reducers}
        return stringify(
            self._root,
            reducers=reducers,
            default=self._stand_in,
            naive_tz=self._naive_tz,
            max_depth=self._max_depth,
        )

    def _stand_in(self, value: Any) -> Any:
        """``default`` for the codec: the result of an awaitable; what is returned as it is, the codec refuses."""
        if not inspect.isawaitable(value):
            return self._default(value) if self._default else value
        key = id(value)
        if key in self._results:
            return self._results[key]
        if self._settled:
            return value  # a hook made it anew in the last pass: too late
        if key not in self._known:
            self._known[key] = value
            self.found.append(value)
        return undefined

    async def settle(self) -> None:
        """Await everything that was found, and what their results hold."""
        # In a task of its own: before Python 3.13 a TaskGroup that failed leaves its task marked as being cancelled.
        await asyncio.create_task(self._run_group())
        if self.failure is not None:
            raise self.failure
        self._settled = True

    async def _run_group(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                self._start_found(group)
        except* _Aborted:
            pass

    def _start_found(self, group: asyncio.TaskGroup) -> None:
        if self._starting:
            return  # an eager task, started further up the stack, found more: that loop takes them
        self._starting = True
        while self.found and self.failure is None:
            waiting = self._await_one(self.found.popleft(), group)
            try:
                group.create_task(waiting)
            except RuntimeError:
                waiting.close()  # the group is ending: the caller was cancelled
        self._starting = False

    async def _await_one(self, awaitable: Awaitable[Any], group: asyncio.TaskGroup) -> None:
        try:
            result = await awaitable
            self._results[id(awaitable)] = result
            self._held.append(result)
            self._search(result)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            self._fail(error)  # it was cancelled by somebody else: TaskGroup would pass over that
        except Exception as error:
            self._fail(error)
        self._start_found(group)

    def _fail(self, error: BaseException) -> NoReturn:
        if self.failure is None:
            self.failure = error
        raise _Aborted

    def _search(self, result: Any) -> None:
        """Find the awaitables in a result."""
        try:
            self._writer.walk(result)
        except EncodeError:
            self.text()  # raises the same with the path from the root
            raise


class _Remembered:
    """A hook that is called once for each value that JavaScript tells apart, however many passes there are."""

    def __init__(self, function: Callable[[Any], Any], held: list[Any]) -> None:
        self._function = function
        self._held = held
        self._results: dict[Any, tuple[Any, Any]] = {}  # with the value, so that no id is used twice
        self._turns: Counter[int] = Counter()

    def __call__(self, value: Any) -> Any:
        key = normal_key(value)
        if is_interned(value):
            # Each occurrence is a value of its own; they are alike, so it does not matter which gets which result.
            self._turns[key] += 1
            key = (key, self._turns[key])
        if key not in self._results:
            result = self._function(value)
            self._results[key] = (value, result)
            self._held.append(result)
        return self._results[key][1]

    def rewind(self) -> None:
        """Begin a new pass."""
        self._turns.clear()


def _close_coroutines(held: Iterable[Any]) -> None:
    """Close the coroutines that were not started, so that Python does not warn of them."""
    stack = list(held)
    seen: dict[int, Any] = {}
    while stack:
        value = stack.pop()
        if id(value) in seen:
            continue
        seen[id(value)] = value
        if isinstance(value, CoroutineType):
            if inspect.getcoroutinestate(value) == inspect.CORO_CREATED:
                value.close()
        elif isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, (list, tuple, set, frozenset)):
            stack.extend(value)
        elif isinstance(value, (Map, Set)):
            stack.extend(value._flat_items())
        elif isinstance(value, SparseArray):
            stack.extend(item for _, item in value.items())
