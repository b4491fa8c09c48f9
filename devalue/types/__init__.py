"""JavaScript values that Python has no type for; values only, nothing of the format."""

from devalue.types.binary import ArrayBuffer, DataView, TypedArray
from devalue.types.boxed import BigInt, Boxed
from devalue.types.collections import Map, Set
from devalue.types.date import Date
from devalue.types.objects import NullObject
from devalue.types.regexp import RegExp
from devalue.types.singletons import Hole, Undefined, hole, undefined
from devalue.types.sparse import SparseArray
from devalue.types.temporal_value import Temporal
from devalue.types.url import URL, URLSearchParams

__all__ = [
    "URL",
    "ArrayBuffer",
    "BigInt",
    "Boxed",
    "DataView",
    "Date",
    "Hole",
    "Map",
    "NullObject",
    "RegExp",
    "Set",
    "SparseArray",
    "Temporal",
    "TypedArray",
    "URLSearchParams",
    "Undefined",
    "hole",
    "undefined",
]

# The public home of every type, which repr, pickle and error texts name.
for _name in __all__:
    _type = globals()[_name]
    if isinstance(_type, type):
        _type.__module__ = "devalue"
del _name, _type
