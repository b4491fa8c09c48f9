# What _parse.pyx uses of the C++ headers.

cdef extern from "Python.h":
    PyObject* PyErr_Occurred()
    int PyErr_ExceptionMatches(PyObject*)
    void PyErr_Clear()
    ctypedef struct PyTypeObject:
        pass

cdef extern from "decode.h" namespace "devalue" nogil:
    cdef cppclass Arena[T]:
        T* data
        size_t size
        bint push(T)
        void release()

    cdef enum Kind "devalue::Kind":
        kind_list "devalue::Kind::list"
        kind_dict "devalue::Kind::dict"
        kind_null_object "devalue::Kind::null_object"
        kind_map "devalue::Kind::map"
        kind_set "devalue::Kind::set"
        kind_sparse "devalue::Kind::sparse"
        kind_custom "devalue::Kind::custom"
        kind_custom_text "devalue::Kind::custom_text"

    cdef struct Container:
        int32_t slot, refs, count, keys, numbers
        Kind kind

    cdef cppclass SlotTable:
        Arena[Container] containers
        Arena[int32_t] refs
        Arena[PyObject*] keys
        Arena[uint32_t] numbers
        size_t customs
        bint interrupted
        bint is_pending(size_t)
        size_t container_of(size_t)
        PyObject* peek(size_t)
        void set(size_t, PyObject*)

    SlotTable* borrow_table()
    void return_table(SlotTable*)
    bint fill_table_without_gc(object, SlotTable&, PyObject*)

cdef extern from "parse_types.h" namespace "devalue" nogil:
    const int view_kinds
    cdef struct SlottedClass:
        PyTypeObject* type
        Py_ssize_t slots[5]
    cdef struct ParseTypes:
        PyObject* RegExp
        PyObject* Temporal
        PyObject* URL
        PyObject* URLSearchParams
        PyObject* date_of_iso
        PyObject* bigint_of_digits
        PyObject* empty_tuple
        PyTypeObject* BigInt
        PyTypeObject* NullObject
        SlottedClass ArrayBuffer, TypedArray, DataView, Map, Set, Boxed, SparseArray
        PyObject* constants[7]
        PyObject* view_names[13]
        uint32_t view_itemsizes[13]
    ParseTypes types

cdef extern from "slot_scanner.h" namespace "devalue" nogil:
    cdef struct KeyCache:
        uint64_t seed[2]
    KeyCache key_cache
    int import_datetime() except -1
    const int lowest_power
    const int highest_power
    uint64_t (*powers_of_five)[2]

cdef extern from "slot_offset.h" namespace "devalue":
    Py_ssize_t slot_offset(object, const char*) except -1
