# What a caller gives: reducers and `default`. And the errors that name a path, where one of them has run already; as
# long as none has, the pure codec is asked again and raises its own.

cdef int MAX_DEFAULT_CHAIN = 100
cdef int32_t NOT_HOOKED = -100  # no reference

# The types that the plain path writes without a look at reducers, and all that these are instances of.
cdef tuple PLAIN_TYPES = (
    str, int, float, bool, type(None), dict, list, tuple, datetime, Map, Set, BigInt, NullObject, type(undefined))
cdef frozenset BASES_OF_PLAIN_TYPES = frozenset(chain.from_iterable([plain.__mro__ for plain in PLAIN_TYPES]))


cdef int prepare_hooks(Call call, reducers, default) except -1:
    call.default = default
    call.encoder.hooked = True
    if not reducers:
        return 0
    call.reducers = prepare_reducers(reducers)
    for reducer in call.reducers:
        if may_claim_plain_values(reducer.kind):
            call.encoder.ask_everything = True
    return 0


cdef bint may_claim_plain_values(kind) except? -1:
    if type(kind) is type:
        return kind in BASES_OF_PLAIN_TYPES
    if type(kind) is ABCMeta:
        return any([issubclass(plain, kind) for plain in PLAIN_TYPES])
    return True  # every value (None), several types, or a type that decides for each value


cdef int32_t reference_by_hooks(Call call, PyObject* value, TypeCode code) except? -2147483648:
    """The slot of a value that is known, has a substitute or is claimed; NOT_HOOKED for any other."""
    cdef Encoder* e = &call.encoder
    cdef int32_t known = find_known(call, value, code)
    if known != -1:
        return known
    own_everything(e)
    own(e, value)
    if call.substitutes is not None:
        substitute = call.substitutes.get(normal_key(<object> value))
        if substitute is not None:
            return substitute
    if call.reducers is not None:
        for reducer in call.reducers:
            if reducer.kind is None or isinstance(<object> value, reducer.kind):
                call.python_ran = True
                result = reducer.function(<object> value)
                if not is_falsy(result):
                    return claim(call, value, code, reducer.name, result)
    return NOT_HOOKED


cdef int32_t find_known(Call call, PyObject* value, TypeCode code) except? -2147483648:
    """The slot of a value, or the reference of a number that takes none; -1 for a new one."""
    cdef Encoder* e = &call.encoder
    cdef int overflow
    cdef int64_t integer
    if code == CODE_STR:
        ready(value)
        return e.find_string(value)
    if code == CODE_FLOAT:
        return e.find_number(float_value(value))
    if code == CODE_NONE:
        return e.find_constant(SLOT_NULL)
    if code == CODE_BOOL:
        return e.find_constant(SLOT_TRUE if value == Py_True else SLOT_FALSE)
    if code != CODE_INT and code != CODE_BIGINT:
        return e.find_object(value)
    integer = long_value(value, &overflow)
    if not overflow:
        return e.find_integer(integer, SLOT_INTEGER if code == CODE_INT else SLOT_BIGINT)
    cdef int32_t slot = e.longs.find(value)
    if slot >= 0:
        return slot
    text = text_of_long(<object> value, code)
    slot = e.find_digits(<PyObject*> text)
    if slot >= 0:
        e.add_long(value, slot)
    return slot


cdef str text_of_long(value, TypeCode code):
    """What tells an integer beyond 64 bits apart; decimal digits only where they will be written."""
    if code == CODE_INT:
        return hex(value)
    return "n" + hex(value) if too_many_digits(value) else decimal_text(value)


cdef int32_t claim(Call call, PyObject* value, TypeCode code, str name, result) except? -2147483648:
    """The slot of an owned value in whose place a reducer's result is written."""
    cdef Encoder* e = &call.encoder
    cdef int32_t slot = e.next_slot()
    cdef uint32_t rare = new_text(e, f'["{name}",', None, "]")
    if e.frames.size >= e.max_depth:
        return e.irregular(PROBLEM_TOO_DEEP, value)
    if code == CODE_INT or code == CODE_BIGINT:
        claim_integer(e, value, code)
    elif code == CODE_NONE or code == CODE_BOOL or code == CODE_FLOAT or code == CODE_STR:
        reference_by_code(call, value, code)
    else:
        add_shared(e, <object> value, SLOT_CUSTOM, rare)
    e.width_unsure = True
    e.slots.data[slot].wrapped = True
    e.slots.data[slot].count = rare
    push_single(e, slot, result)
    return slot


cdef int claim_integer(Encoder* e, PyObject* value, TypeCode code) except -1:
    cdef int overflow
    cdef int64_t integer = long_value(value, &overflow)
    if not overflow:
        e.integer_slot(integer, SLOT_INTEGER if code == CODE_INT else SLOT_BIGINT)
        return 0
    text = text_of_long(<object> value, code)
    own(e, <PyObject*> text)
    e.add_long(value, e.digits_slot(<PyObject*> text))
    return 0


cdef int add_shared(Encoder* e, value, SlotKind kind, uint32_t rare) except -1:
    """A slot for an object that goes by identity, unless Python has one such object for all."""
    if (type(value) is bytes and len(value) <= 1) or (type(value) in (tuple, frozenset) and not value):
        e.add_unshared(<PyObject*> value, kind, rare)
    else:
        e.add_object(<PyObject*> value, kind, rare)
    return 0


cdef int has_claimed_child(PyObject* context, Frame* frame) except -1:
    """True if a hook replaced what JavaScript reads only plain: the primitive of a box, the buffer of a view."""
    cdef Encoder* e = &(<Call> context).encoder
    cdef PyObject* allowed = e.rares.data[e.slots.data[frame.slot].count].text
    cdef int32_t reference = e.references.data[frame.first]
    if allowed == NULL or is_allowed_child(e, reference, <str> allowed):
        return 0
    e.irregular(PROBLEM_CLAIMED, allowed)
    return 1


cdef bint is_allowed_child(Encoder* e, int32_t reference, str allowed) except -1:
    if reference < 0:
        return reference != REF_UNDEFINED and reference != REF_HOLE
    cdef Slot* slot = &e.slots.data[reference]
    if slot.wrapped:
        return <str> e.rares.data[slot.count].prefix == f'["{allowed}",'
    return slot.kind == SLOT_BUFFER if allowed == "ArrayBuffer" else slot.kind < SLOT_ARRAY


# --- default -------------------------------------------------------------------------------------------------------


cdef int32_t refused(Call call, PyObject* value) except? -2147483648:
    """The slot of what `default` gives for a value that cannot be written; from then on it is the value's own."""
    cdef Encoder* e = &call.encoder
    cdef int32_t reference
    if call.default is None or call.chain == MAX_DEFAULT_CHAIN:
        return e.irregular(PROBLEM_REFUSED, value)
    own_everything(e)
    own(e, value)
    key = normal_key(<object> value)
    if call.substitutes is None:
        call.substitutes = {}
    elif key in call.substitutes:
        return call.substitutes[key]
    call.python_ran = True
    result = call.default(<object> value)
    if result is <object> value:
        return e.irregular(PROBLEM_REFUSED, value)
    own(e, <PyObject*> result)
    call.chain += 1
    try:
        reference = reference_of(e[0], <PyObject*> call, <PyObject*> result)
    finally:
        call.chain -= 1
    if reference != REF_IRREGULAR:
        call.substitutes[key] = reference
    return reference


# --- errors once a hook has run ------------------------------------------------------------------------------------


cdef object error_of(Call call, root):
    """The error that the pure codec would raise; asking it would run the hooks again."""
    cdef Encoder* e = &call.encoder
    # A key that is refused was not noted among the keys: there the path ends at the container.
    cdef bint of_child = e.problem == PROBLEM_REFUSED or e.problem == PROBLEM_TOO_DEEP
    cdef size_t steps = e.frames.size if of_child else e.frames.size - 1
    cdef list segments = [segment_of(e, &e.frames.data[at]) for at in range(steps)]
    value = <object> e.culprit
    if e.problem == PROBLEM_REFUSED:
        refusal = refusal_for(value, call.naive_tz)
    elif e.problem == PROBLEM_TOO_DEEP:
        refusal = too_deep(e.max_depth)
    else:
        refusal = (key_is_no_string(value) if e.problem == PROBLEM_KEY_IS_NO_STRING else
                   PROTO_KEY_REFUSED if e.problem == PROBLEM_PROTO_KEY else
                   CLAIMED_PRIMITIVE if value == "BigInt" else CLAIMED_BUFFER)
        value = <object> e.slots.data[e.frames.data[e.frames.size - 1].slot].object
        if e.problem == PROBLEM_CLAIMED and not isinstance(value, (Boxed, TypedArray, DataView)):
            value = view_of_buffer(value)
    return EncodeError(refusal.message, path=format_path(segments), value=value, root=root, hint=refusal.hint)


cdef object refusal_for(value, naive_tz):
    """Why a value by itself cannot be written."""
    for base in type(value).__mro__:
        if base in LEAF_WRITERS:
            return LEAF_WRITERS[base](value)
        if base is datetime:
            return datetime_text(value, naive_tz)
    return stand_in(value)


cdef object segment_of(Encoder* e, Frame* frame):
    """The step from a container to the child at hand."""
    if frame.kind == FRAME_ARRAY:
        return frame.next - 1
    if frame.kind == FRAME_SPARSE_ARRAY:
        return <uint32_t> e.references.data[frame.first + 2 * frame.next - 1]
    if frame.kind == FRAME_FLAT_MAP:
        return MapKey(<object> frame.items[(frame.next - 1) & ~<Py_ssize_t> 1])
    if frame.kind == FRAME_INDEXED_MAP:
        return MapKey(<object> frame.items[0])
    if frame.kind == FRAME_DICT or frame.kind == FRAME_DICT_ITEMS:
        return str(<object> e.keys.data[frame.first_key + frame.next - 1])
    return None
