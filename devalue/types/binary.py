"""ArrayBuffer, typed arrays and DataView: bytes, and views of them that share memory."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, SupportsIndex, overload

from devalue.types.boxed import BigInt

if TYPE_CHECKING or sys.version_info >= (3, 12):

    class BufferProtocol:
        """Python finds ``__buffer__`` by itself (PEP 688)."""

        __slots__ = ()
else:
    try:
        from devalue._buffer import BufferProtocol
    except ImportError:

        class BufferProtocol:
            """Python 3.11 without the compiled part: ``.view`` instead of ``memoryview(…)``."""

            __slots__ = ()


__all__ = ["TYPED_ARRAYS", "ArrayBuffer", "DataView", "TypedArray"]

# kind: (format character of struct, bytes of an element); ECMAScript 23.2, table 73
TYPED_ARRAYS: Final[dict[str, tuple[str, int]]] = {
    "Int8Array": ("b", 1),
    "Uint8Array": ("B", 1),
    "Uint8ClampedArray": ("B", 1),
    "Int16Array": ("h", 2),
    "Uint16Array": ("H", 2),
    "Float16Array": ("e", 2),
    "Int32Array": ("i", 4),
    "Uint32Array": ("I", 4),
    "Float32Array": ("f", 4),
    "Float64Array": ("d", 8),
    "BigInt64Array": ("q", 8),
    "BigUint64Array": ("Q", 8),
}


class ArrayBuffer(BufferProtocol):
    """A JavaScript ArrayBuffer: a fixed number of bytes that views share.

    ``memoryview(buffer)`` and numpy see the memory itself (Python 3.11: with the compiled part). Equal to any
    bytes-like object of the same bytes.

    Args:
        source: the bytes, copied; or a number of zero bytes.
    """

    __slots__ = ("__weakref__", "_data")
    _data: bytearray

    def __init__(self, source: int | bytes | bytearray | memoryview | ArrayBuffer = b"", /) -> None:
        self._data = bytearray(source._data if isinstance(source, ArrayBuffer) else source)

    @property
    def byte_length(self) -> int:
        return len(self._data)

    @property
    def view(self) -> memoryview:
        """The memory itself, writable."""
        return memoryview(self._data)

    def __buffer__(self, flags: int, /) -> memoryview:
        return memoryview(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __bytes__(self) -> bytes:
        return bytes(self._data)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ArrayBuffer):
            return self._data == other._data
        return self._data == other if isinstance(other, (bytes, bytearray, memoryview)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"ArrayBuffer({bytes(self._data)!r})"

    def __reduce__(self) -> tuple[type[ArrayBuffer], tuple[bytes]]:
        return type(self), (bytes(self._data),)


class _View(BufferProtocol):
    """A window on an ArrayBuffer, fixed when it is made: the window was checked against the buffer's size."""

    __slots__ = ("__weakref__", "buffer", "byte_length", "byte_offset")
    buffer: Final[ArrayBuffer]  # type: ignore[misc]
    byte_offset: Final[int]  # type: ignore[misc]
    byte_length: Final[int]  # type: ignore[misc]

    def _open(self, buffer: ArrayBuffer, byte_offset: int, byte_length: int) -> None:
        if not (byte_offset >= 0 and byte_length >= 0 and byte_offset + byte_length <= buffer.byte_length):
            raise ValueError(
                f"{byte_length} bytes from byte {byte_offset} are not within this buffer of {buffer.byte_length}"
            )
        for name, value in (("buffer", buffer), ("byte_offset", byte_offset), ("byte_length", byte_length)):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name} of a view is fixed; make a new view")

    def _bytes(self) -> memoryview:
        return memoryview(self.buffer._data)[self.byte_offset : self.byte_offset + self.byte_length]

    def __bytes__(self) -> bytes:
        return bytes(self._bytes())

    __hash__ = None  # type: ignore[assignment]


class TypedArray(_View):
    """One of JavaScript's twelve typed arrays: numbers in the memory of an ArrayBuffer.

    ``memoryview(array)`` and numpy see the memory itself, with the element type (Python 3.11: with the compiled
    part; there Float16Array shows its bytes, which ``numpy.frombuffer(array.buffer, "e")`` reads). A slice shares
    the memory, as ``subarray`` does. Elements of the two BigInt kinds are BigInt.

    Args:
        kind: ``"Int16Array"`` and so on; the keys of ``TYPED_ARRAYS``.
        source: the ArrayBuffer to look at, or the values of a new one.
        byte_offset: where the view starts, in bytes; a multiple of the element size.
        length: in elements; by default all that is left.

    Raises:
        ValueError: no such kind, or a window that is not aligned or not within the buffer, or a value outside
            the element type's range (Uint8ClampedArray clamps).
    """

    __slots__ = ("kind", "length")
    kind: Final[str]  # type: ignore[misc]
    length: Final[int]  # type: ignore[misc]

    def __init__(
        self,
        kind: str,
        source: ArrayBuffer | Iterable[float] = (),
        /,
        byte_offset: int = 0,
        length: int | None = None,
    ) -> None:
        if kind not in TYPED_ARRAYS:
            raise ValueError(f"no typed array is named {kind!r}; they are {', '.join(TYPED_ARRAYS)}")
        size = TYPED_ARRAYS[kind][1]
        buffer = source if isinstance(source, ArrayBuffer) else _buffer_of(kind, source)
        if byte_offset % size or (length is None and (buffer.byte_length - byte_offset) % size):
            raise ValueError(f"a {kind} starts and ends at a multiple of {size} bytes")
        if length is None:
            length = (buffer.byte_length - byte_offset) // size
        self._open(buffer, byte_offset, length * size)
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "length", length)

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""
        return TYPED_ARRAYS[self.kind][1]

    @property
    def view(self) -> memoryview:
        """The memory itself, writable, with the element type (bytes for Float16Array on Python 3.11)."""
        code: Any = TYPED_ARRAYS[self.kind][0]
        return self._bytes() if code == "e" and sys.version_info < (3, 12) else self._bytes().cast(code)

    def __buffer__(self, flags: int, /) -> memoryview:
        return self.view

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, index: SupportsIndex) -> int | float: ...
    @overload
    def __getitem__(self, index: slice) -> TypedArray: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        if isinstance(index, slice):
            return self._subarray(index)
        code, size = TYPED_ARRAYS[self.kind]
        value = struct.unpack_from(code, self.buffer._data, self._offset(index, size))[0]
        return BigInt(value) if code in "qQ" else value

    def __setitem__(self, index: SupportsIndex, value: float) -> None:
        code, size = TYPED_ARRAYS[self.kind]
        _store(self.kind, code, self.buffer._data, self._offset(index, size), value)

    def __iter__(self) -> Iterator[int | float]:
        return (self[index] for index in range(self.length))

    def _offset(self, index: SupportsIndex, size: int) -> int:
        at = index.__index__()
        if not -self.length <= at < self.length:
            raise IndexError(f"index {at} is outside this {self.kind} of length {self.length}")
        return self.byte_offset + (at + self.length if at < 0 else at) * size

    def _subarray(self, index: slice) -> TypedArray:
        start, stop, step = index.indices(self.length)
        if step != 1:
            raise ValueError("a view has no steps: slice the .view, or list(array)")
        return TypedArray(self.kind, self.buffer, self.byte_offset + start * self.itemsize, max(stop - start, 0))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TypedArray):
            return NotImplemented
        return self.kind == other.kind and self._bytes() == other._bytes()

    __hash__ = None

    def __repr__(self) -> str:
        if self.byte_length == self.buffer.byte_length:
            return f"TypedArray({self.kind!r}, {self.buffer!r})"
        return f"TypedArray({self.kind!r}, {self.buffer!r}, {self.byte_offset}, {self.length})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.kind, self.buffer, self.byte_offset, self.length)


class DataView(_View):
    """A JavaScript DataView: a window on an ArrayBuffer without an element type; ``struct`` reads and writes it.

    Args:
        buffer: the ArrayBuffer.
        byte_offset: where the window starts, in bytes.
        byte_length: its size in bytes; by default all that is left.

    Raises:
        ValueError: the window is not within the buffer.
    """

    __slots__ = ()

    def __init__(self, buffer: ArrayBuffer, /, byte_offset: int = 0, byte_length: int | None = None) -> None:
        self._open(buffer, byte_offset, buffer.byte_length - byte_offset if byte_length is None else byte_length)

    @property
    def view(self) -> memoryview:
        """The memory itself, writable."""
        return self._bytes()

    def __buffer__(self, flags: int, /) -> memoryview:
        return self._bytes()

    def __len__(self) -> int:
        return self.byte_length

    def __eq__(self, other: object) -> bool:
        return self._bytes() == other._bytes() if isinstance(other, DataView) else NotImplemented

    __hash__ = None

    def __repr__(self) -> str:
        if self.byte_length == self.buffer.byte_length:
            return f"DataView({self.buffer!r})"
        return f"DataView({self.buffer!r}, {self.byte_offset}, {self.byte_length})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.buffer, self.byte_offset, self.byte_length)


def _buffer_of(kind: str, values: Iterable[float]) -> ArrayBuffer:
    code, size = TYPED_ARRAYS[kind]
    items = list(values)
    buffer = ArrayBuffer(len(items) * size)
    for index, value in enumerate(items):
        _store(kind, code, buffer._data, index * size, value)
    return buffer


def _store(kind: str, code: str, data: bytearray, offset: int, value: float) -> None:
    """Store one element; a value outside the type's range is a ValueError, never wrapped around."""
    if kind == "Uint8ClampedArray":
        value = round(min(max(value, 0), 255)) if value == value else 0  # ECMAScript 7.1.12, ToUint8Clamp
    try:
        struct.pack_into(code, data, offset, value)
    except (struct.error, OverflowError) as error:
        raise ValueError(f"{value!r} is no element of a {kind}: {error}") from None
