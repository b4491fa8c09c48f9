# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""stringify, compiled: a value to devalue text in two passes, without recursion.

1. The walk (walk.h) numbers the slots in the order in which JavaScript assigns indices, and leaves the
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
from devalue._pure.contents import items, members
from devalue._pure.leaves import LEAF_WRITERS, datetime_text
from devalue._pure.paths import MapKey, format_path
from devalue._pure.reducers import prepare_reducers
from devalue._pure.refusals import CLAIMED_BUFFER, CLAIMED_PRIMITIVE, key_is_no_string, too_deep
from devalue._pure.refusals import PROTO_KEY as PROTO_KEY_REFUSED
from devalue._pure.stand_ins import stand_in
from devalue._pure.stringify import stringify as pure_stringify
from devalue._rules import MAX_DEPTH, decimal_text, is_falsy, sparse_is_shorter, too_many_digits
from devalue.errors import EncodeError
from devalue.types import (
    ArrayBuffer, BigInt, Boxed, DataView, Date, Map, NullObject, RegExp, Set, SparseArray, Temporal, TypedArray, URL,
    URLSearchParams, hole, undefined,
)
from devalue.types.date import milliseconds_of
from devalue.types.keys import normal_key

include "_native/stringify_decl.pxi"
include "_native/powers_of_ten.pxi"

cdef class Call:
    """The state of one call of stringify; one is kept and used again."""

    cdef Encoder encoder
    cdef bint busy
    cdef object naive_tz
    # What the caller gave, see stringify_hooks.pxi.
    cdef list reducers       # of devalue._pure.reducers.Reducer
    cdef object default
    cdef dict substitutes    # normal_key of a value that was refused -> reference of what `default` gave for it
    cdef int chain           # results of `default` that led to the value at hand
    cdef bint python_ran     # a hook has been called

    def __dealloc__(self):
        self.encoder.release()


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
        call.naive_tz = call.reducers = call.default = call.substitutes = None
        call.encoder.finish()
        call.busy = False
    if text is None:
        return pure_stringify(value, reducers=reducers, default=default, naive_tz=naive_tz, max_depth=max_depth)
    return text


cdef object encode(Call call, value, reducers, default, naive_tz, max_depth):
    """The text, or None if the pure codec has the last word."""
    cdef Encoder* e = &call.encoder
    cdef int32_t reference
    if not e.start():
        raise MemoryError
    call.python_ran = False
    call.chain = 0
    call.naive_tz = naive_tz
    if max_depth is MAX_DEPTH:
        e.max_depth = DEFAULT_DEPTH
    elif max_depth is None:
        e.max_depth = PY_SSIZE_T_MAX
    elif type(max_depth) is int and 0 <= max_depth <= PY_SSIZE_T_MAX:
        e.max_depth = max_depth
    else:
        return None
    if reducers is not None or default is not None:
        prepare_hooks(call, reducers, default)
    reference = reference_of(e[0], <PyObject*> call, <PyObject*> value)
    if reference != REF_IRREGULAR and walk(e[0], <PyObject*> call) == WALK_DONE:
        return str(reference) if reference < 0 else text_of_slots(e[0], check_signals)
    if call.python_ran and e.problem != PROBLEM_UNSOUND:
        raise error_of(call, value)
    return None


include "_native/stringify_own.pxi"
include "_native/stringify_rare.pxi"
include "_native/stringify_hooks.pxi"


# --- when the module is loaded -------------------------------------------------------------------------------------


cdef size_t DEFAULT_DEPTH = MAX_DEPTH
cdef tuple KEPT_OBJECTS = (0, "__proto__", Map, Set, BigInt, NullObject)  # what plain_types points to


cdef int set_up_types() except -1:
    import_datetime()
    plain_types.map = <PyTypeObject*> Map
    plain_types.set = <PyTypeObject*> Set
    plain_types.bigint = <PyTypeObject*> BigInt
    plain_types.null_object = <PyTypeObject*> NullObject
    plain_types.map_flat = slot_offset(Map, b"_flat")
    plain_types.map_index = slot_offset(Map, b"_index")
    plain_types.set_flat = slot_offset(Set, b"_flat")
    plain_types.set_index = slot_offset(Set, b"_index")
    plain_types.zero = <PyObject*> KEPT_OBJECTS[0]
    plain_types.proto = <PyObject*> KEPT_OBJECTS[1]
    callbacks.reference_of_other = reference_of_other
    callbacks.has_claimed_child = has_claimed_child
    callbacks.check_signals = check_signals
    return 0


cdef void seed_hash():
    cdef bytes random = os.urandom(24)
    set_hash_seed(PyBytes_AS_STRING(random))


set_up_types()
set_up_type_codes()
seed_hash()
compute_powers_of_ten()
