# cython: language_level=3, boundscheck=False, wraparound=False
"""The compiled decoder. It reads what is regular; all else it hands to the pure twin, which knows every rule and error.

The work is done in devalue/_native: slot_scanner.h makes leaves and notes containers, slot_linker.h joins them. Here
are the entry point, and the walk that calls revivers.
"""

import os

from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from devalue import types as _types
from devalue._pure.leaves import LEAF_READERS
from devalue._pure.parse import parse as _pure_parse
from devalue.types.binary import TYPED_ARRAYS

include "_native/parse_declarations.pxi"
include "_native/parse_setup.pxi"
include "_native/revive.pxi"


def parse(data, *, revivers=None):
    """As `devalue._pure.parse.parse`, which holds the documentation."""
    if isinstance(data, (bytearray, memoryview)):
        data = bytes(data)  # nobody changes it meanwhile
    if not isinstance(data, (str, bytes)) or not (revivers is None or isinstance(revivers, dict)):
        return _pure_parse(data, revivers=revivers)
    cdef SlotTable* table = borrow_table()
    if table == NULL:
        raise MemoryError
    try:
        if fill_table_without_gc(data, table[0], <PyObject*>revivers if revivers else NULL):
            return revived(table[0])
        forget_refusal(table[0])
    finally:
        return_table(table)
    return _pure_parse(data, revivers=revivers)


cdef int forget_refusal(SlotTable& table) except -1:
    """Let the pure twin judge an invalid URL and the like; what is no matter of the text stays raised."""
    if PyErr_Occurred() == NULL:
        return 0
    if table.interrupted or PyErr_ExceptionMatches(<PyObject*>MemoryError) or not PyErr_ExceptionMatches(<PyObject*>Exception):
        return -1
    PyErr_Clear()
    return 0
