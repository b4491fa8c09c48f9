# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""stringify, compiled: a value to devalue text in two passes, without recursion.

1. The walk (stringify_walk.pxi) numbers the slots in the order in which JavaScript assigns indices, and leaves the
   references of every container, one after the other, in an arena. Its state is an ``Encoder`` (encoder.h).
2. SlotWriter (write_slots.h) writes the slots in order into kept memory, from which a str of the exact size is made.

Where a value cannot be written, and nothing that a caller gave has run yet, the work is thrown away and the pure twin
(devalue/_pure/stringify.py) has the last word: it raises the error that names the path. The twin is also the
reference of what this module must write.

Python code runs in few places only (reducers, ``default``, time zones, subclasses, buffers, signal handlers), and
``own_everything`` comes before each: from then on nothing that the walk has seen or still holds can be freed or
changed by that code. Everywhere else values are borrowed.
"""

import os
from abc import ABCMeta
from collections import OrderedDict
from datetime import UTC, datetime
from itertools import chain

from cpython.bytes cimport PyBytes_AS_STRING

from devalue._pure.buffers import kind_of_memory, view_of_buffer
from devalue._pure.leaves import LEAF_WRITERS, datetime_text
from devalue._pure.paths import MapKey, format_path
from devalue._pure.reducers import prepare_reducers
from devalue._pure.refusals import CLAIMED_BUFFER, CLAIMED_PRIMITIVE, key_is_no_string, refusal_of, too_deep
from devalue._pure.refusals import PROTO_KEY as PROTO_KEY_REFUSED
from devalue._pure.stringify import stringify as pure_stringify
from devalue._rules import MAX_DEPTH, decimal_text, is_falsy, sparse_is_shorter, too_many_digits
from devalue.errors import EncodeError
from devalue.types import (
    ArrayBuffer, BigInt, Boxed, DataView, Date, Map, NullObject, RegExp, Set, SparseArray, Temporal, TypedArray, URL,
    URLSearchParams, hole, undefined,
)
from devalue.types.date import milliseconds_of

include "_native/stringify_decl.pxi"

cdef Py_ssize_t SEGMENT = 1 << 20            # children that room is made for at a time
cdef Py_ssize_t MAX_CHILDREN = 0x7FFFFFFFLL  # references are 32 bits

# Memory that is kept from one call to the next, at most.
cdef size_t KEPT_BYTES = 32 << 20

cdef enum Problem:
    UNSOUND, REFUSED, ENDLESS_DEFAULT, TOO_DEEP, KEY_IS_NO_STRING, PROTO_KEY, CLAIMED


cdef class Call:
    """The state of one call of stringify; one is kept and used again."""

    cdef Encoder encoder
    cdef bint busy
    cdef size_t max_depth
    cdef object naive_tz
    cdef dict type_codes     # code_of what is not in TYPE_CODES
    # What the caller gave, see stringify_hooks.pxi.
    cdef bint hooked
    cdef list reducers       # of devalue._pure.reducers.Reducer
    cdef bint ask_everything
    cdef object default
    cdef dict substitutes    # id -> what `default` gave for that object
    cdef int chain           # results of `default` that led to the value at hand
    cdef bint python_ran     # a hook has been called
    # Why the value cannot be written; the culprit is borrowed.
    cdef Problem problem
    cdef PyObject* culprit

    def __dealloc__(self):
        self.encoder.finish(0)


cdef Call kept_call = Call()


def stringify(value, *, reducers=None, default=None, naive_tz=None, max_depth=MAX_DEPTH):
    """Write a value as text that ``devalue.parse`` reads, in JavaScript and in Python.

    Args:
        value: anything of the table of values; shared references and cycles are kept.
        reducers: by name, a function, or ``(type, function)`` to run it for instances of that type only. Each
            distinct value is shown to the functions in order, containers and primitives alike; the first result
            that is not falsy in JavaScript is written in the value's place, under that name, and the reviver of the
            same name reads it. ``[]`` and ``{}`` are not falsy.
        default: called with a value that could not be written (as in ``json``), once for each such object; its
            result is written in the value's place, without a name.
        naive_tz: what naive datetimes mean. Without it they are refused.
        max_depth: how deep containers may nest. JavaScript recurses and cannot read much deeper texts than the
            default; None for no limit.

    Raises:
        EncodeError: the value, or one inside it, cannot be written; ``.path`` says where.

    An exception that a reducer or ``default`` raises passes through.
    """
    cdef Call call = Call() if kept_call.busy else kept_call
    call.busy = True
    try:
        text = encode(call, value, reducers, default, naive_tz, max_depth)
    finally:
        call.naive_tz = call.type_codes = call.reducers = call.default = call.substitutes = None
        call.encoder.finish(KEPT_BYTES)
        call.busy = False
    if text is None:
        return pure_stringify(value, reducers=reducers, default=default, naive_tz=naive_tz, max_depth=max_depth)
    return text


cdef object encode(Call call, value, reducers, default, naive_tz, max_depth):
    """The text, or None if the pure codec has the last word."""
    cdef Encoder* e = &call.encoder
    cdef int32_t reference
    call.hooked = call.ask_everything = call.python_ran = False
    call.chain = 0
    call.problem = UNSOUND
    call.naive_tz = naive_tz
    if max_depth is MAX_DEPTH:
        call.max_depth = DEFAULT_DEPTH
    elif max_depth is None:
        call.max_depth = PY_SSIZE_T_MAX
    elif type(max_depth) is int and 0 <= max_depth <= PY_SSIZE_T_MAX:
        call.max_depth = max_depth
    else:
        return None
    if not e.start():
        raise MemoryError
    if reducers is not None or default is not None:
        prepare_hooks(call, reducers, default)
    reference = reference_of(call, <PyObject*> value)
    if reference != REF_IRREGULAR and not walk(call):
        return str(reference) if reference < 0 else text_of_slots(e[0], check_signals)
    if call.python_ran and call.problem != UNSOUND:
        raise error_of(call, value)
    return None


cdef int check_signals(Encoder* e) except 0:
    """Signal handlers are Python code."""
    own_everything(e)
    PyErr_CheckSignals()
    return 1


cdef int32_t irregular(Call call, Problem problem, PyObject* culprit) noexcept:
    call.problem = problem
    call.culprit = culprit
    return REF_IRREGULAR


# --- plain values --------------------------------------------------------------------------------------------------


cdef inline int32_t reference_of(Call call, PyObject* value) except? -2147483648:
    """The slot of a value, numbered now if it is met for the first time, or one of the negative references.

    A container met for the first time lies on the stack of frames afterwards. There must be room for one child.
    """
    if call.ask_everything:
        return reference_of_other(call, value)
    cdef Encoder* e = &call.encoder
    cdef PyTypeObject* kind = type_of(value)
    cdef int64_t integer
    if kind == &PyUnicode_Type:
        return e.string_slot(value)
    if kind == &PyLong_Type:
        if small_int(value, &integer):
            return e.integer_slot(integer, SLOT_INTEGER)
        return reference_of_long(call, value)
    if kind == &PyFloat_Type:
        return e.number_slot(float_value(value))
    if kind == &PyDict_Type:
        return enter_dict(call, value, SLOT_OBJECT)
    if kind == &PyList_Type:
        return enter(call, value, SLOT_ARRAY, FRAME_ARRAY, value, list_items(value), list_size(value))
    if value == Py_None:
        return e.constant_slot(&e.null_slot, SLOT_NULL)
    if value == Py_True:
        return e.constant_slot(&e.true_slot, SLOT_TRUE)
    if value == Py_False:
        return e.constant_slot(&e.false_slot, SLOT_FALSE)
    if kind == PyDateTimeAPI.DateTimeType and datetime_tzinfo(value) == PyDateTimeAPI.TimeZone_UTC:
        return leaf(e, value, SLOT_DATETIME, 0)
    if kind == MAP_TYPE:
        return enter_map(call, value)
    if kind == SET_TYPE:
        return enter_set(call, value)
    if kind == &PyTuple_Type:
        return enter(call, value, SLOT_ARRAY, FRAME_ARRAY, value, tuple_items(value), tuple_size(value))
    if kind == BIGINT_TYPE:
        return reference_of_bigint(call, value)
    if kind == NULL_OBJECT_TYPE:
        return enter_dict(call, value, SLOT_NULL_OBJECT)
    return reference_of_other(call, value)


cdef int32_t reference_of_long(Call call, PyObject* value) except? -2147483648:
    cdef int overflow
    cdef int64_t integer = long_value(value, &overflow)
    if overflow or integer > MAX_SAFE_INTEGER or integer < -MAX_SAFE_INTEGER:
        return refused(call, value)
    return call.encoder.integer_slot(integer, SLOT_INTEGER)


cdef inline int32_t leaf(Encoder* e, PyObject* value, SlotKind kind, uint32_t rare) noexcept:
    """The slot of a value that goes by identity and has no children."""
    cdef int32_t fresh = e.next_slot()
    cdef int32_t found = e.add_object(value, kind, rare)
    return fresh if found < 0 else found


cdef inline int32_t enter(Call call, PyObject* value, SlotKind slot_kind, FrameKind frame_kind, PyObject* source,
                          PyObject** items, Py_ssize_t children) except? -2147483648:
    """The slot of a container; when it is met for the first time its frame is pushed."""
    cdef Encoder* e = &call.encoder
    cdef int32_t fresh = e.next_slot()
    cdef int32_t found = -1
    if children == 0 and (type_of(value) == &PyTuple_Type or type_of(value) == &PyFrozenSet_Type):
        e.add_unshared(value, slot_kind, 0)  # Python has one for all: that it is the same says nothing
    else:
        found = e.add_object(value, slot_kind, <uint32_t> children)
    if found >= 0:
        return found
    if e.frames.size >= call.max_depth:
        return irregular(call, TOO_DEEP, value)
    if children:
        push_frame(e, fresh, frame_kind, source, items, children, children)
    return fresh


cdef inline int push_frame(Encoder* e, uint32_t slot, FrameKind kind, PyObject* source, PyObject** items,
                           Py_ssize_t children, size_t references) except -1:
    """The frame of a container, and the places of its references."""
    if children > MAX_CHILDREN or not e.frames.reserve_more(1) or not e.references.reserve_more(references):
        raise MemoryError
    cdef Frame* frame = &e.frames.data[e.frames.size]
    frame.source = source
    frame.items = items
    frame.next = frame.reserved = frame.place = 0
    frame.end = children
    frame.first = e.references.size
    frame.slot = slot
    frame.kind = kind
    frame.owned = False
    e.references.size += references
    e.frames.size += 1
    reserve_segment(e, frame)
    return 0


cdef inline int32_t enter_dict(Call call, PyObject* value, SlotKind kind) except? -2147483648:
    cdef Encoder* e = &call.encoder
    cdef size_t depth = e.frames.size
    cdef int32_t slot = enter(call, value, kind, FRAME_DICT, value, NULL, dict_size(value))
    if e.frames.size > depth:
        reserve_keys(e, dict_size(value))
    return slot


cdef inline int reserve_keys(Encoder* e, size_t count) except -1:
    """The places of the keys of the dict whose frame was just pushed."""
    if not e.keys.reserve_more(count):
        raise MemoryError
    e.frames.data[e.frames.size - 1].first_key = e.keys.size
    e.keys.size += count
    return 0


cdef int32_t enter_map(Call call, PyObject* value) except? -2147483648:
    """A Map as parsed, a flat list, or with its index, a dict of (key, value)."""
    cdef PyObject* flat = at_offset(value, MAP_FLAT)
    cdef PyObject* index = at_offset(value, MAP_INDEX)
    if flat != NULL and type_of(flat) == &PyList_Type and list_size(flat) % 2 == 0:
        return enter(call, value, SLOT_MAP, FRAME_FLAT_MAP, flat, list_items(flat), list_size(flat))
    if index != NULL and type_of(index) == &PyDict_Type:
        return enter(call, value, SLOT_MAP, FRAME_INDEXED_MAP, index, NULL, 2 * dict_size(index))
    return reference_of_other(call, value)


cdef int32_t enter_set(Call call, PyObject* value) except? -2147483648:
    cdef PyObject* flat = at_offset(value, SET_FLAT)
    cdef PyObject* index = at_offset(value, SET_INDEX)
    if flat != NULL and type_of(flat) == &PyList_Type:
        return enter(call, value, SLOT_SET, FRAME_FLAT_SET, flat, list_items(flat), list_size(flat))
    if index != NULL and type_of(index) == &PyDict_Type:
        return enter(call, value, SLOT_SET, FRAME_INDEXED_SET, index, NULL, dict_size(index))
    return reference_of_other(call, value)


include "_native/stringify_walk.pxi"
include "_native/stringify_rare.pxi"
include "_native/stringify_hooks.pxi"


# --- when the module is loaded -------------------------------------------------------------------------------------


cdef size_t DEFAULT_DEPTH = MAX_DEPTH
cdef PyTypeObject* MAP_TYPE = <PyTypeObject*> Map
cdef PyTypeObject* SET_TYPE = <PyTypeObject*> Set
cdef PyTypeObject* BIGINT_TYPE = <PyTypeObject*> BigInt
cdef PyTypeObject* NULL_OBJECT_TYPE = <PyTypeObject*> NullObject
cdef str PROTO = "__proto__"
cdef object ZERO = 0
cdef Py_ssize_t MAP_FLAT = slot_offset(Map, b"_flat")
cdef Py_ssize_t MAP_INDEX = slot_offset(Map, b"_index")
cdef Py_ssize_t SET_FLAT = slot_offset(Set, b"_flat")
cdef Py_ssize_t SET_INDEX = slot_offset(Set, b"_index")


cdef void seed_hash():
    cdef bytes random = os.urandom(24)
    set_hash_seed(PyBytes_AS_STRING(random))


cdef void compute_powers_of_ten():
    """The 128 leading bits of each power, rounded up: what schubfach.h multiplies with."""
    for power in range(SMALLEST_POWER, LARGEST_POWER + 1):
        ten = 10 ** abs(power)
        bits = ten.bit_length()
        if power < 0:
            leading = -(-(1 << (127 + bits)) // ten)
        else:
            leading = ten << (128 - bits) if bits <= 128 else -(-ten >> (bits - 128))
        set_power_of_ten(power, leading >> 64, leading & 0xFFFFFFFFFFFFFFFF)


import_datetime()
seed_hash()
compute_powers_of_ten()
