"""Values of other libraries that are written as one of the format's own: memory, and the types of ``whenever``."""

from __future__ import annotations

from typing import Any

from devalue._pure.buffers import view_of_buffer
from devalue._pure.refusals import Refusal, refusal_of
from devalue.temporal import as_temporal
from devalue.types import Temporal, TypedArray

__all__ = ["stand_in"]


def stand_in(value: Any) -> TypedArray | Temporal | Refusal:
    """What is written for a value of a type that the format does not know, or why nothing is."""
    try:
        temporal = as_temporal(value)
    except ValueError as error:
        return Refusal(f"Cannot stringify a whenever.{type(value).__name__} as a Temporal value", str(error))
    if temporal is not None:
        return temporal
    view = view_of_buffer(value)
    return refusal_of(value) if view is None else view
