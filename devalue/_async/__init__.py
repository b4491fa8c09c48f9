"""``stringify_async``: the same as ``stringify``, of a value with awaitables in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from devalue._rules import MAX_DEPTH

__all__ = ["stringify_async"]


async def stringify_async(
    value: Any,
    *,
    reducers: Mapping[str, Any] | None = None,
    default: Callable[[Any], Any] | None = None,
    naive_tz: tzinfo | None = None,
    max_depth: int | None = MAX_DEPTH,
) -> str:
    """Await everything awaitable inside a value, all at the same time, and write the result as ``stringify`` does.

    Awaitables may stand anywhere, also in the results of others and of reducers; each object is awaited once. If
    one fails, or the caller is cancelled, all others are cancelled (also tasks and futures of the caller's own;
    ``asyncio.shield`` keeps one running) and awaited, and the first exception is raised as it is. Coroutines that
    were not started are closed.

    Args:
        value, reducers, default, naive_tz, max_depth: as for ``stringify``. Reducers see an awaitable before it is
            awaited, and then its result.

    Raises:
        EncodeError: the value, or a result, cannot be written.
    """
    from devalue._async.search import settled_text  # here: asyncio is a third of what importing devalue would take

    return await settled_text(value, reducers, default, naive_tz, max_depth)
