"""The mix-in that gives Python 3.11 the buffer protocol of PEP 688."""

import sys

import pytest

from devalue._buffer import BufferProtocol


class Window(BufferProtocol):
    __slots__ = ("data",)

    def __init__(self, data: bytearray) -> None:
        self.data = data

    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(self.data).cast("H")


def test_a_memoryview_of_the_object_sees_the_bytes_without_a_copy():
    data = bytearray(8)
    view = memoryview(Window(data))
    view[1] = 0x0201
    assert (view.format, view.itemsize, view.nbytes, view.readonly) == ("H", 2, 8, False)
    assert data == b"\0\0\1\2\0\0\0\0"


def test_the_source_is_locked_while_a_view_lives_and_free_afterwards():
    data = bytearray(8)
    view = memoryview(Window(data))
    with pytest.raises(BufferError):
        data.append(1)
    view.release()
    data.append(1)
    assert len(data) == 9


def test_a_simple_buffer_request_gives_the_bytes():
    assert bytes(Window(bytearray(b"abcd"))) == b"abcd"


def test_an_exception_of_the_buffer_method_passes_through():
    class Broken(BufferProtocol):
        def __buffer__(self, flags: int) -> memoryview:
            raise LookupError("no buffer today")

    with pytest.raises(LookupError, match="no buffer today"):
        memoryview(Broken())


def test_a_method_that_returns_no_memoryview_is_a_type_error():
    class Wrong(BufferProtocol):
        def __buffer__(self, flags: int) -> bytes:
            return b"bytes"

    with pytest.raises(TypeError, match="memoryview"):
        memoryview(Wrong())


def test_views_do_not_leak_references():
    data = bytearray(8)
    window = Window(data)
    before = sys.getrefcount(window), sys.getrefcount(data)
    for _ in range(100):
        memoryview(window).release()
    assert (sys.getrefcount(window), sys.getrefcount(data)) == before
