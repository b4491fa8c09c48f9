"""What is in a container, as it is now: a hook may change the container while it is being written.

Taken with the methods of the base type: a subclass is written as its base, whatever it overrides.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from devalue.types import Set

__all__ = ["elements", "items", "members"]


def elements(value: list[Any] | tuple[Any, ...]) -> list[Any]:
    """The elements of an array, holes included."""
    return list(list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value))


def items(value: dict[Any, Any]) -> list[tuple[Any, Any]]:
    """The properties of an object."""
    # An OrderedDict keeps its order apart from the dict that it is.
    return list(OrderedDict.items(value) if isinstance(value, OrderedDict) else dict.items(value))


def members(value: Set[Any] | set[Any] | frozenset[Any]) -> list[Any]:
    """The items of a set."""
    if isinstance(value, Set):
        return list(value._flat_items())
    return list(set.__iter__(value) if isinstance(value, set) else frozenset.__iter__(value))
