"""Which JavaScript value a Python value is written as."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, Final

from devalue.types import (
    URL,
    ArrayBuffer,
    Boxed,
    DataView,
    Date,
    Hole,
    Map,
    NullObject,
    RegExp,
    Set,
    SparseArray,
    Temporal,
    TypedArray,
    Undefined,
    URLSearchParams,
)

__all__ = ["Kind", "kind_of"]


class Kind(Enum):
    """What a value is in JavaScript; several Python types may share one."""

    PRIMITIVE = "primitive"
    OBJECT = "Object"
    NULL_OBJECT = "null-prototype object"
    ARRAY = "Array"
    SPARSE_ARRAY = "sparse Array"
    MAP = "Map"
    SET = "Set"
    DATE = "Date"
    REGEXP = "RegExp"
    URL = "URL"
    URL_SEARCH_PARAMS = "URLSearchParams"
    BOXED = "boxed primitive"
    ARRAY_BUFFER = "ArrayBuffer"
    TYPED_ARRAY = "typed array"
    DATA_VIEW = "DataView"
    TEMPORAL = "Temporal"
    OTHER = "what something else may stand for, or nothing"


_BY_TYPE: Final[dict[type, Kind]] = {
    URL: Kind.URL,
    str: Kind.PRIMITIVE,
    bool: Kind.PRIMITIVE,
    int: Kind.PRIMITIVE,
    float: Kind.PRIMITIVE,
    type(None): Kind.PRIMITIVE,
    Undefined: Kind.PRIMITIVE,
    Hole: Kind.PRIMITIVE,
    NullObject: Kind.NULL_OBJECT,
    dict: Kind.OBJECT,
    list: Kind.ARRAY,
    tuple: Kind.ARRAY,
    SparseArray: Kind.SPARSE_ARRAY,
    Map: Kind.MAP,
    Set: Kind.SET,
    set: Kind.SET,
    frozenset: Kind.SET,
    datetime: Kind.DATE,
    Date: Kind.DATE,
    RegExp: Kind.REGEXP,
    URLSearchParams: Kind.URL_SEARCH_PARAMS,
    Boxed: Kind.BOXED,
    ArrayBuffer: Kind.ARRAY_BUFFER,
    TypedArray: Kind.TYPED_ARRAY,
    DataView: Kind.DATA_VIEW,
    Temporal: Kind.TEMPORAL,
}


def kind_of(value: Any) -> Kind:
    """The kind of a value; a subclass is taken as its nearest base that is known."""
    kind = _BY_TYPE.get(type(value))
    if kind is not None:
        return kind
    return next((_BY_TYPE[base] for base in type(value).__mro__ if base in _BY_TYPE), Kind.OTHER)
