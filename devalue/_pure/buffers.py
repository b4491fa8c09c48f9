"""Python objects that show their memory (bytes, memoryview, array.array, numpy arrays) as typed arrays."""

from __future__ import annotations

import sys
from typing import Any, Final

from devalue.types import ArrayBuffer, TypedArray

__all__ = ["kind_of_memory", "view_of_buffer"]

# (format character of struct, bytes of an element) -> typed array. The size of "l" is the platform's.
_KINDS: Final[dict[tuple[str, int], str]] = {
    ("c", 1): "Uint8Array",
    ("e", 2): "Float16Array",
    ("f", 4): "Float32Array",
    ("d", 8): "Float64Array",
    **{(code, 1): "Int8Array" for code in "b"},
    **{(code, 1): "Uint8Array" for code in "B"},
    **{(code, 2): "Int16Array" for code in "h"},
    **{(code, 2): "Uint16Array" for code in "H"},
    **{(code, 4): "Int32Array" for code in "il"},
    **{(code, 4): "Uint32Array" for code in "IL"},
    **{(code, 8): "BigInt64Array" for code in "lqn"},
    **{(code, 8): "BigUint64Array" for code in "LQN"},
}
_NATIVE_ORDER: Final = "@=<" if sys.byteorder == "little" else "@=>"


def view_of_buffer(value: Any) -> TypedArray | None:
    """A typed array of the elements that an object shows, copied into an ArrayBuffer of their own.

    None for an object without the buffer protocol, and for memory that is not one contiguous row of elements of a
    typed array's type in this machine's byte order.
    """
    try:
        memory = memoryview(value)
    except TypeError:
        return None
    with memory:
        kind = kind_of_memory(memory)
        if kind is None:
            return None
        return TypedArray(kind, ArrayBuffer(memory.cast("B") if memory.nbytes else b""))


def kind_of_memory(memory: memoryview) -> str | None:
    """The typed array whose elements lie there; None where :func:`view_of_buffer` gives None."""
    code = memory.format[1:] if memory.format[:1] in tuple(_NATIVE_ORDER) else memory.format
    return _KINDS.get((code, memory.itemsize)) if memory.ndim == 1 and memory.c_contiguous else None
