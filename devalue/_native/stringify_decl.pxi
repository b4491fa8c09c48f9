# What the encoder uses of CPython's C API (by borrowed pointers, so that no value is counted on the plain path) and
# of the headers in this directory.

from libc.string cimport memset
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t, uintptr_t


cdef extern from "Python.h":
    ctypedef struct PyObject:
        pass
    ctypedef struct PyTypeObject:
        PyObject* tp_mro
    ctypedef struct Py_buffer:
        void* buf
        Py_ssize_t len

    PyTypeObject PyUnicode_Type, PyLong_Type, PyFloat_Type, PyList_Type, PyTuple_Type, PyDict_Type, PyFrozenSet_Type
    PyObject* Py_None
    PyObject* Py_True
    PyObject* Py_False
    const Py_ssize_t PY_SSIZE_T_MAX

    PyTypeObject* type_of "Py_TYPE"(PyObject*)
    bint is_subtype "PyType_IsSubtype"(PyTypeObject*, PyTypeObject*)
    void incref "Py_INCREF"(PyObject*)
    void xincref "Py_XINCREF"(PyObject*)
    void decref "Py_DECREF"(PyObject*)

    bint is_unicode "PyUnicode_Check"(PyObject*)
    bint is_tuple "PyTuple_Check"(PyObject*)
    Py_ssize_t unicode_length "PyUnicode_GET_LENGTH"(PyObject*)
    double float_value "PyFloat_AS_DOUBLE"(PyObject*)
    long long long_value "PyLong_AsLongLongAndOverflow"(PyObject*, int* overflow) except? -1

    Py_ssize_t list_size "PyList_GET_SIZE"(PyObject*)
    Py_ssize_t tuple_size "PyTuple_GET_SIZE"(PyObject*)
    Py_ssize_t dict_size "PyDict_GET_SIZE"(PyObject*)
    bint dict_next "PyDict_Next"(PyObject*, Py_ssize_t* place, PyObject** key, PyObject** value)

    PyObject* new_tuple "PyTuple_New"(Py_ssize_t) except NULL
    void set_tuple_item "PyTuple_SET_ITEM"(PyObject*, Py_ssize_t, PyObject* stolen)
    PyObject* list_as_tuple "PyList_AsTuple"(PyObject*) except NULL
    bint has_buffer "PyObject_CheckBuffer"(PyObject*)
    Py_buffer* buffer_of_memoryview "PyMemoryView_GET_BUFFER"(PyObject*)

    int PyErr_CheckSignals() except -1
    bint PyGC_Disable()
    bint PyGC_Enable()


cdef extern from *:
    """
    #include <datetime.h>
    static inline int devalue_import_datetime() {
        PyDateTime_IMPORT;
        return PyDateTimeAPI == nullptr ? -1 : 0;
    }

    #if PY_VERSION_HEX < 0x030C0000
    // Strings of the API that 3.12 removed have no data before they are made ready.
    static inline int devalue_ready(PyObject *text) { return PyUnicode_READY(text); }
    #else
    static inline int devalue_ready(PyObject *) { return 0; }
    #endif

    """
    int import_datetime "devalue_import_datetime"() except -1
    int ready "devalue_ready"(PyObject*) except -1


cdef extern from "datetime.h":
    ctypedef struct PyDateTime_CAPI:
        PyTypeObject* DateTimeType
        PyObject* TimeZone_UTC

    PyDateTime_CAPI* PyDateTimeAPI
    PyObject* datetime_tzinfo "PyDateTime_DATE_GET_TZINFO"(PyObject*)
    int datetime_year "PyDateTime_GET_YEAR"(PyObject*)
    int datetime_month "PyDateTime_GET_MONTH"(PyObject*)
    int datetime_day "PyDateTime_GET_DAY"(PyObject*)
    int datetime_hour "PyDateTime_DATE_GET_HOUR"(PyObject*)
    int datetime_minute "PyDateTime_DATE_GET_MINUTE"(PyObject*)
    int datetime_second "PyDateTime_DATE_GET_SECOND"(PyObject*)
    int datetime_microsecond "PyDateTime_DATE_GET_MICROSECOND"(PyObject*)
    int delta_days "PyDateTime_DELTA_GET_DAYS"(PyObject*)
    int delta_seconds "PyDateTime_DELTA_GET_SECONDS"(PyObject*)
    int delta_microseconds "PyDateTime_DELTA_GET_MICROSECONDS"(PyObject*)


cdef extern from "slot_offset.h" namespace "devalue":
    Py_ssize_t slot_offset(object type, const char* name) except -1


cdef extern from "dedup_table.h" namespace "devalue":
    bint same_text(PyObject*, PyObject*)


cdef extern from "encoder.h" namespace "devalue":
    const int64_t MAX_SAFE_INTEGER

    enum Problem:
        PROBLEM_UNSOUND, PROBLEM_REFUSED, PROBLEM_TOO_DEEP, PROBLEM_KEY_IS_NO_STRING
        PROBLEM_PROTO_KEY, PROBLEM_CLAIMED

    enum SlotKind:
        SLOT_STRING, SLOT_INTEGER, SLOT_DOUBLE, SLOT_NULL, SLOT_TRUE, SLOT_FALSE, SLOT_BIGINT, SLOT_BIGINT_DIGITS
        SLOT_ARRAY, SLOT_HOLEY_ARRAY, SLOT_SPARSE_ARRAY, SLOT_OBJECT, SLOT_NULL_OBJECT, SLOT_MAP, SLOT_SET
        SLOT_DATETIME, SLOT_MOMENT, SLOT_BUFFER, SLOT_TEXT, SLOT_CUSTOM

    enum FrameKind:
        FRAME_ARRAY, FRAME_FLAT_MAP, FRAME_FLAT_SET, FRAME_DICT_ITEMS, FRAME_SPARSE_ARRAY, FRAME_SINGLE
        FRAME_DICT, FRAME_INDEXED_MAP, FRAME_INDEXED_SET

    enum Reference:
        REF_UNDEFINED, REF_HOLE, REF_NEGATIVE_ZERO, REF_FAILED, REF_IRREGULAR

    struct Slot:
        PyObject* object
        uint32_t count
        SlotKind kind
        bint unlisted
        bint wrapped

    struct Rare:
        PyObject* prefix
        PyObject* text
        PyObject* suffix
        const uint8_t* data
        Py_ssize_t length
        double milliseconds

    struct Frame:
        PyObject* source
        PyObject** items
        Py_ssize_t next
        Py_ssize_t end
        Py_ssize_t reserved
        Py_ssize_t place
        size_t first
        size_t first_key
        uint32_t slot
        FrameKind kind
        bint owned

    cppclass Arena[T]:
        T* data
        size_t size
        bint reserve_more(size_t more)
        bint push(T value)

    cppclass LongValues:
        int32_t find(PyObject* value)

    cppclass Encoder:
        Arena[Slot] slots
        Arena[int32_t] references
        Arena[PyObject*] keys
        Arena[Frame] frames
        Arena[Rare] rares
        Arena[PyObject*] owned
        Arena[char] text
        LongValues longs
        unsigned widest
        bint width_unsure
        bint ask_everything, hooked
        size_t max_depth
        Problem problem
        PyObject* culprit
        size_t owned_frames
        bint start()
        bint reserve_slots(size_t more)
        int32_t irregular(Problem, PyObject* culprit)
        void own_slots()
        void own_keys()
        void finish()
        void release()
        void note_width(PyObject* string)
        int32_t string_slot "string_slot<true>"(PyObject* value)
        int32_t digits_slot "digits_slot<true>"(PyObject* digits)
        int32_t integer_slot "integer_slot<true>"(int64_t value, SlotKind kind)
        int32_t number_slot "number_slot<true>"(double value)
        int32_t constant_slot(SlotKind kind)
        int32_t find_string "string_slot<false>"(PyObject* value)
        int32_t find_digits "digits_slot<false>"(PyObject* digits)
        int32_t find_integer "integer_slot<false>"(int64_t value, SlotKind kind)
        int32_t find_number "number_slot<false>"(double value)
        int32_t find_constant(SlotKind kind)
        int32_t add_object(PyObject* object, SlotKind kind, uint32_t count)
        void add_unshared(PyObject* object, SlotKind kind, uint32_t count)
        int32_t find_object(PyObject* object)
        bint add_long(PyObject* value, int32_t slot) except False
        uint32_t next_slot()


cdef extern from "walk.h" namespace "devalue":
    struct PlainTypes:
        PyTypeObject* map
        PyTypeObject* set
        PyTypeObject* bigint
        PyTypeObject* null_object
        Py_ssize_t map_flat, map_index, set_flat, set_index
        PyObject* zero
        PyObject* proto

    struct Callbacks:
        int32_t (*reference_of_other)(PyObject* call, PyObject* value) except? -2147483648
        int (*has_claimed_child)(PyObject* call, Frame* frame) except -1
        int (*check_signals)(Encoder*) except 0

    enum WalkResult:
        WALK_DONE, WALK_IRREGULAR, WALK_FAILED

    PlainTypes plain_types
    Callbacks callbacks
    PyObject** items_of_list(PyObject*)
    PyObject** items_of_tuple(PyObject*)
    WalkResult walk(Encoder&, PyObject* call) except WALK_FAILED
    int32_t reference_of(Encoder&, PyObject* call, PyObject* value) except? -2147483648
    int32_t enter(Encoder&, PyObject* value, SlotKind, FrameKind, PyObject* source, PyObject** items,
                  Py_ssize_t children) except? -2147483648
    int32_t enter_dict(Encoder&, PyObject* value, SlotKind) except? -2147483648
    bint push_frame(Encoder&, uint32_t slot, FrameKind, PyObject* source, PyObject** items, Py_ssize_t children,
                    size_t references) except False
    bint reserve_keys(Encoder&, size_t count) except False


cdef extern from "write_date.h" namespace "devalue":
    int64_t floor_divide(int64_t x, int64_t by)
    int64_t days_from_civil(int64_t year, int month, int day)


cdef extern from "write_slots.h" namespace "devalue":
    ctypedef int (*Checkpoint)(Encoder*) except 0
    object text_of_slots(Encoder&, Checkpoint)


cdef extern from "seeded_hash.h" namespace "devalue":
    void set_hash_seed(const char* random)
