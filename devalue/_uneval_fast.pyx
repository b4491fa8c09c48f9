# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""uneval, compiled: a value as JavaScript source in two passes, without recursion.

1. Survey (uneval_survey.h) visits every value and counts what may be hoisted into a variable.
2. UnevalWriter (uneval_writer.h) writes into kept memory, from which a str of the exact size is made.

Only values of exact types are written here, and neither a replacer nor a zone with rules, nor anything that must be
refused: then the work is thrown away and devalue/_uneval has the last word; it is the reference of what this module
must write. So no Python code runs between the start and the end of the two passes, and everything is borrowed.
Ctrl-C in their middle is no exception: it ends them first (uneval_interrupt.h).
"""

import os

from cpython.bytes cimport PyBytes_AS_STRING
from libc.stdint cimport uint64_t

from devalue._uneval import MAX_DEPTH
from devalue._uneval import uneval as pure_uneval
from devalue._uneval.names import RESERVED
from devalue.types import (
    URL, ArrayBuffer, BigInt, Boxed, DataView, Date, Map, NullObject, RegExp, Set, SparseArray, Temporal,
    TypedArray, hole, undefined,
)
from devalue.types.binary import TYPED_ARRAYS

# Memory that is kept from one call to the next: at most this for the texts, and as much for what was counted.
cdef size_t KEPT_BYTES = 16 << 20


cdef extern from "Python.h":
    ctypedef struct PyObject:
        pass
    ctypedef struct PyTypeObject:
        pass
    const Py_ssize_t PY_SSIZE_T_MAX


cdef extern from *:
    """
    #include <datetime.h>
    static inline int devalue_import_datetime() {
        PyDateTime_IMPORT;
        return PyDateTimeAPI == nullptr ? -1 : 0;
    }
    """
    int import_datetime "devalue_import_datetime"() except -1


cdef extern from "slot_offset.h" namespace "devalue":
    Py_ssize_t slot_offset(object type, const char* name) except -1


cdef extern from "seeded_hash.h" namespace "devalue":
    void set_hash_seed(const char* random)


cdef extern from "uneval_names.h" namespace "devalue":
    cppclass ReservedWords:
        bint add(const char* text, size_t length)

    ReservedWords reserved_words


cdef extern from "uneval_binary.h" namespace "devalue":
    cppclass ElementTypes:
        bint add(PyObject* name, char format, size_t size)

    ElementTypes element_types


cdef extern from "uneval_values.h" namespace "devalue":
    struct UnevalTypes:
        PyTypeObject* map
        PyTypeObject* set
        PyTypeObject* bigint
        PyTypeObject* null_object
        PyTypeObject* date
        PyTypeObject* regexp
        PyTypeObject* url
        PyTypeObject* temporal
        PyTypeObject* boxed
        PyTypeObject* buffer
        PyTypeObject* typed_array
        PyTypeObject* data_view
        PyTypeObject* sparse_array
        PyObject* undefined
        PyObject* hole
        PyObject* proto
        PyObject* zero
        PyObject* utcoffset
        Py_ssize_t map_flat, map_index, set_flat, set_index, milliseconds, source, flags, kind, text, boxed_value
        Py_ssize_t buffer_data, view_buffer, view_offset, view_bytes, array_kind, array_length
        Py_ssize_t sparse_items, sparse_length

    UnevalTypes types "devalue::uneval_types"


cdef extern from "uneval.h" namespace "devalue":
    object source_of(PyObject* root, PyObject* naive_zone, size_t max_depth, size_t kept_bytes)


include "_native/powers_of_ten.pxi"


def uneval(value, *, replacer=None, naive_tz=None, max_depth=MAX_DEPTH):
    cdef size_t depth
    text = None
    if replacer is None:
        if max_depth is None:
            text = source_of(<PyObject*> value, <PyObject*> naive_tz, PY_SSIZE_T_MAX, KEPT_BYTES)
        elif type(max_depth) is int and 0 <= max_depth <= PY_SSIZE_T_MAX:
            depth = max_depth
            text = source_of(<PyObject*> value, <PyObject*> naive_tz, depth, KEPT_BYTES)
    if text is None:
        return pure_uneval(value, replacer=replacer, naive_tz=naive_tz, max_depth=max_depth)
    return text


uneval.__doc__ = pure_uneval.__doc__


# --- when the module is loaded -------------------------------------------------------------------------------------


# What the tables of the headers point to.
cdef tuple KEPT_OBJECTS = (
    0, "__proto__", "utcoffset", URL, ArrayBuffer, BigInt, Boxed, DataView, Date, Map, NullObject, RegExp, Set,
    SparseArray, Temporal, TypedArray, hole, undefined, TYPED_ARRAYS,
)
cdef list KEPT_WORDS = [word.encode() for word in RESERVED]


cdef int set_up_types() except -1:
    import_datetime()
    types.map = <PyTypeObject*> Map
    types.set = <PyTypeObject*> Set
    types.bigint = <PyTypeObject*> BigInt
    types.null_object = <PyTypeObject*> NullObject
    types.date = <PyTypeObject*> Date
    types.regexp = <PyTypeObject*> RegExp
    types.url = <PyTypeObject*> URL
    types.temporal = <PyTypeObject*> Temporal
    types.boxed = <PyTypeObject*> Boxed
    types.buffer = <PyTypeObject*> ArrayBuffer
    types.typed_array = <PyTypeObject*> TypedArray
    types.data_view = <PyTypeObject*> DataView
    types.sparse_array = <PyTypeObject*> SparseArray
    types.undefined = <PyObject*> undefined
    types.hole = <PyObject*> hole
    types.zero = <PyObject*> KEPT_OBJECTS[0]
    types.proto = <PyObject*> KEPT_OBJECTS[1]
    types.utcoffset = <PyObject*> KEPT_OBJECTS[2]
    types.map_flat = slot_offset(Map, b"_flat")
    types.map_index = slot_offset(Map, b"_index")
    types.set_flat = slot_offset(Set, b"_flat")
    types.set_index = slot_offset(Set, b"_index")
    types.milliseconds = slot_offset(Date, b"milliseconds")
    types.source = slot_offset(RegExp, b"source")
    types.flags = slot_offset(RegExp, b"flags")
    types.kind = slot_offset(Temporal, b"kind")
    types.text = slot_offset(Temporal, b"text")
    types.boxed_value = slot_offset(Boxed, b"value")
    types.buffer_data = slot_offset(ArrayBuffer, b"_data")
    types.view_buffer = slot_offset(TypedArray, b"buffer")
    types.view_offset = slot_offset(TypedArray, b"byte_offset")
    types.view_bytes = slot_offset(TypedArray, b"byte_length")
    types.array_kind = slot_offset(TypedArray, b"kind")
    types.array_length = slot_offset(TypedArray, b"length")
    types.sparse_items = slot_offset(SparseArray, b"_items")
    types.sparse_length = slot_offset(SparseArray, b"_length")
    return 0


cdef int set_up_elements() except -1:
    for name, (format, size) in TYPED_ARRAYS.items():
        if not element_types.add(<PyObject*> name, ord(format), size):
            raise OverflowError("more typed arrays than uneval_binary.h has room for")
    return 0


cdef int set_up_words() except -1:
    for word in KEPT_WORDS:
        if not reserved_words.add(word, len(word)):
            raise OverflowError("more reserved words than uneval_names.h has room for")
    return 0


cdef void seed_hash():
    cdef bytes random = os.urandom(24)
    set_hash_seed(PyBytes_AS_STRING(random))


set_up_types()
set_up_elements()
set_up_words()
seed_hash()
compute_powers_of_ten()
