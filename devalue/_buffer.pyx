"""The buffer protocol for Python classes on 3.11: `__buffer__` of PEP 688, which is native from 3.12."""

from cpython.buffer cimport PyObject_GetBuffer
from cpython.ref cimport Py_DECREF


cdef class BufferProtocol:
    """Base of a class whose ``__buffer__(flags)`` returns a memoryview; ``memoryview(instance)`` then works."""

    def __getbuffer__(self, Py_buffer* buffer, int flags):
        view = self.__buffer__(flags)
        if not isinstance(view, memoryview):
            raise TypeError(f"__buffer__ returned {type(view).__name__}, not memoryview")
        Py_DECREF(None)  # Cython's placeholder in buffer.obj, which the next line overwrites
        PyObject_GetBuffer(view, buffer, flags)
