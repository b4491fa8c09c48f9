"""For tests of programs that use devalue: compare values exactly, and draw any value that devalue carries.

``same(a, b)`` and ``difference(a, b)`` compare graphs of values: exact types, sharing and cycles, order, NaN, -0::

    assert same(parse(stringify(value)), value)

The strategies are for `hypothesis <https://hypothesis.readthedocs.io>`_, which is imported when one is asked for::

    from hypothesis import given
    from devalue.testing import values

    @given(values())
    def test_my_store_keeps_every_value(value): ...

===================================  ==================================================================================
``values()``                         graphs as ``parse`` gives them, with shared references and cycles
``encodable()``                      also what ``stringify`` takes and ``parse`` gives back as another type
``wires()``                          texts, as JavaScript writes them
``primitives() leaves() graphs(…)``  the parts of ``values()``
``strings() keys() numbers() …``     one for every type; see ``__all__``
===================================  ==================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devalue.testing.comparison import difference, same

if TYPE_CHECKING:
    from devalue.testing.strategies import (
        array_buffers,
        arrays,
        bigints,
        boxed,
        data_views,
        dates,
        encodable,
        graphs,
        keys,
        leaves,
        maps,
        null_objects,
        numbers,
        objects,
        primitives,
        regexps,
        search_params,
        sets,
        sparse_arrays,
        strings,
        temporals,
        typed_arrays,
        urls,
        values,
        wires,
    )

__all__ = [
    "array_buffers",
    "arrays",
    "bigints",
    "boxed",
    "data_views",
    "dates",
    "difference",
    "encodable",
    "graphs",
    "keys",
    "leaves",
    "maps",
    "null_objects",
    "numbers",
    "objects",
    "primitives",
    "regexps",
    "same",
    "search_params",
    "sets",
    "sparse_arrays",
    "strings",
    "temporals",
    "typed_arrays",
    "urls",
    "values",
    "wires",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from devalue.testing import strategies
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        message = f"devalue.testing.{name} needs hypothesis: pip install hypothesis"
        raise ModuleNotFoundError(message, name="hypothesis") from None
    return getattr(strategies, name)
