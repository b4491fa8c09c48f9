"""``uneval``: a value as the JavaScript source that creates it, as npm devalue 6.0.3 writes it.

``survey`` visits the value and finds what repeats; ``writer`` writes. Neither recurses.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Final

from devalue._uneval.survey import Replacer, Survey
from devalue._uneval.writer import write

__all__ = ["MAX_DEPTH", "Replacer", "uneval"]

# Engines parse nested source recursively: Node 24 evaluates 988 nested Maps, 1,779 objects, 3,278 arrays.
MAX_DEPTH: Final = 800


def uneval(
    value: Any, *, replacer: Replacer | None = None, naive_tz: tzinfo | None = None, max_depth: int | None = MAX_DEPTH
) -> str:
    """Write a value as a JavaScript expression; evaluating it gives the value, with what repeats still shared.

    The text is that of ``uneval`` in npm devalue 6.0.3. It can stand inside ``<script>`` and in a module. Only ever
    evaluate text that your own program wrote.

    Args:
        value: anything that ``stringify`` takes.
        replacer: ``replacer(value, uneval)`` is called once for every object (not for primitives) and returns
            JavaScript source for it, or None to have it written as usual. Values inside the source are written by
            ``uneval(child)``: ``f"new Vector({uneval(v.x)},{uneval(v.y)})"``. What it returns stands for text that
            is not written yet: put it into the source as it is. No generated variable takes the name of a word in
            the source.
        naive_tz: what naive datetimes mean; without it they are an error.
        max_depth: how deep containers may be nested; None for any depth. Engines parse source recursively: Node 24
            evaluates about 980 nested Maps.

    Raises:
        EncodeError: a value that JavaScript has no counterpart for, with its path.
    """
    return write(value, Survey(value, replacer, naive_tz, max_depth), naive_tz)
