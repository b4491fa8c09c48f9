# Values of the rarer types: BigInt, dates in other zones, tuples, sets, boxes, buffers and views, subclasses. What
# runs Python code here (an attribute of a subclass, a time zone) comes after own_everything.

cdef enum TypeCode:
    CODE_NONE, CODE_BOOL, CODE_INT, CODE_FLOAT, CODE_STR, CODE_BIGINT, CODE_DATE, CODE_REGEXP, CODE_URL, CODE_PARAMS
    CODE_TEMPORAL, CODE_BUFFER, CODE_LIST, CODE_TUPLE, CODE_SPARSE, CODE_DICT, CODE_NULL_OBJECT, CODE_MAP, CODE_SET
    CODE_BUILTIN_SET, CODE_BOXED, CODE_TYPED_ARRAY, CODE_DATA_VIEW, CODE_DATETIME, CODE_BYTES, CODE_HOLE, CODE_UNDEFINED
    CODE_UNKNOWN

# A subclass is written as the nearest of its bases that is here.
cdef struct CodedType:
    PyTypeObject* type
    TypeCode code

cdef CodedType CODED_TYPES[29]


cdef int set_up_type_codes() except -1:
    codes = {
        type(None): CODE_NONE, bool: CODE_BOOL, int: CODE_INT, float: CODE_FLOAT, str: CODE_STR, BigInt: CODE_BIGINT,
        Date: CODE_DATE, RegExp: CODE_REGEXP, URL: CODE_URL, URLSearchParams: CODE_PARAMS, Temporal: CODE_TEMPORAL,
        ArrayBuffer: CODE_BUFFER, list: CODE_LIST, tuple: CODE_TUPLE, SparseArray: CODE_SPARSE, dict: CODE_DICT,
        NullObject: CODE_NULL_OBJECT, Map: CODE_MAP, Set: CODE_SET, set: CODE_BUILTIN_SET,
        frozenset: CODE_BUILTIN_SET, Boxed: CODE_BOXED, TypedArray: CODE_TYPED_ARRAY, DataView: CODE_DATA_VIEW,
        datetime: CODE_DATETIME, bytes: CODE_BYTES,
        bytearray: CODE_BYTES, type(hole): CODE_HOLE, type(undefined): CODE_UNDEFINED,
    }
    for at, (kind, code) in enumerate(codes.items()):
        CODED_TYPES[at].type = <PyTypeObject*> kind
        CODED_TYPES[at].code = code
    return 0


cdef TypeCode code_of(PyTypeObject* kind) noexcept:
    """What a type is written as. By address: a type's own __hash__ or __eq__ would be Python code in the walk."""
    cdef PyObject* bases = kind.tp_mro
    cdef Py_ssize_t base
    for base in range(tuple_size(bases) if bases != NULL else 0):
        for coded in CODED_TYPES:
            if <PyTypeObject*> items_of_tuple(bases)[base] == coded.type:
                return coded.code
    return CODE_UNKNOWN


cdef int32_t reference_of_other(PyObject* context, PyObject* value) except? -2147483648:
    """The slot of a value of any type, shown to the reducers first if it is met for the first time."""
    cdef Call call = <Call> context
    cdef TypeCode code = code_of(type_of(value))
    cdef int32_t reference
    if code == CODE_UNDEFINED:
        return REF_UNDEFINED
    if code == CODE_HOLE and call.chain == 0 and in_array(&call.encoder):
        return REF_HOLE
    if call.encoder.hooked:
        reference = reference_by_hooks(call, value, code)
        if reference != NOT_HOOKED:
            return reference
    return reference_by_code(call, value, code)


cdef bint in_array(Encoder* e) noexcept:
    return e.frames.size > 0 and e.frames.data[e.frames.size - 1].kind == FRAME_ARRAY


cdef int32_t reference_by_code(Call call, PyObject* value, TypeCode code) except? -2147483648:
    cdef Encoder* e = &call.encoder
    if code == CODE_STR:
        ready(value)
        return e.string_slot(value)
    if code == CODE_INT:
        return reference_of_int(call, value)
    if code == CODE_FLOAT:
        return e.number_slot(float_value(value))
    if code == CODE_NONE:
        return e.constant_slot(SLOT_NULL)
    if code == CODE_BOOL:
        return e.constant_slot(SLOT_TRUE if value == Py_True else SLOT_FALSE)
    if code == CODE_BIGINT:
        return reference_of_bigint(call, value)
    if code == CODE_LIST:
        return enter(e[0], value, SLOT_ARRAY, FRAME_ARRAY, value, items_of_list(value), list_size(value))
    if code == CODE_TUPLE:
        return enter(e[0], value, SLOT_ARRAY, FRAME_ARRAY, value, items_of_tuple(value), tuple_size(value))
    if code == CODE_DICT and not is_subtype(type_of(value), <PyTypeObject*> OrderedDict):
        return enter_dict(e[0], value, SLOT_OBJECT)
    if code == CODE_NULL_OBJECT:
        return enter_dict(e[0], value, SLOT_NULL_OBJECT)
    if code == CODE_DATETIME and type_of(value) == PyDateTimeAPI.DateTimeType:
        if datetime_tzinfo(value) == PyDateTimeAPI.TimeZone_UTC:
            return leaf(e, value, SLOT_DATETIME, 0)
        if datetime_tzinfo(value) == Py_None and call.naive_tz is UTC:
            return leaf(e, value, SLOT_DATETIME, 0)
    cdef int32_t known = e.find_object(value)
    if known >= 0:
        return known
    own_everything(e)
    own(e, value)
    return reference_by_python(call, value, code)


cdef int32_t reference_of_int(Call call, PyObject* value) except? -2147483648:
    cdef int overflow
    cdef int64_t integer = long_value(value, &overflow)
    if overflow or integer > MAX_SAFE_INTEGER or integer < -MAX_SAFE_INTEGER:
        return refused(call, value)
    return call.encoder.integer_slot(integer, SLOT_INTEGER)


cdef int32_t reference_of_bigint(Call call, PyObject* value) except? -2147483648:
    cdef Encoder* e = &call.encoder
    cdef int overflow
    cdef int64_t integer = long_value(value, &overflow)
    if not overflow:
        return e.integer_slot(integer, SLOT_BIGINT)
    cdef int32_t slot = e.longs.find(value)
    if slot >= 0:
        return slot
    own_everything(e)
    own(e, value)
    if too_many_digits(<object> value):
        return refused(call, value)
    digits = decimal_text(<object> value)
    own(e, <PyObject*> digits)
    slot = e.digits_slot(<PyObject*> digits)
    e.add_long(value, slot)
    return slot


cdef int32_t reference_by_python(Call call, PyObject* pointer, TypeCode code) except? -2147483648:
    """The slot of an owned object that has none yet."""
    cdef Encoder* e = &call.encoder
    cdef object value = <object> pointer
    if code == CODE_DATETIME:
        return reference_of_datetime(call, value)
    if code == CODE_DATE:
        return leaf(e, pointer, SLOT_MOMENT, new_moment(e, value.milliseconds))
    if code == CODE_URL:
        return leaf(e, pointer, SLOT_TEXT, new_text(e, '["URL",', value, "]"))
    if code == CODE_PARAMS:
        return leaf(e, pointer, SLOT_TEXT, new_text(e, '["URLSearchParams",', str(value), "]"))
    if code == CODE_TEMPORAL:
        return leaf(e, pointer, SLOT_TEXT, new_text(e, f'["Temporal.{value.kind}",', value.text, "]"))
    if code == CODE_REGEXP:
        flags = value.flags
        return leaf(e, pointer, SLOT_TEXT, new_text(e, '["RegExp",', value.source, f',"{flags}"]' if flags else "]"))
    if code == CODE_BUFFER:
        # Copied only where a hook could change the bytes before they are encoded.
        return leaf(e, pointer, SLOT_BUFFER, new_bytes(e, memoryview(bytes(value._data) if e.hooked else value._data)))
    if code == CODE_DICT:
        return enter_ordered_dict(call, value)
    if code == CODE_SET or code == CODE_BUILTIN_SET:
        return enter_tuple(call, pointer, SLOT_SET, FRAME_FLAT_SET, tuple(members(value)))
    if code == CODE_MAP:
        flat = tuple(value._flat_items())
        return call.encoder.irregular(PROBLEM_UNSOUND, pointer) if len(flat) % 2 else (
            enter_tuple(call, pointer, SLOT_MAP, FRAME_FLAT_MAP, flat))
    if code == CODE_SPARSE:
        return enter_sparse_array(call, value)
    if code == CODE_BOXED:
        return enter_single(call, value, '["Object",', value.value, "]", "BigInt")
    if code == CODE_TYPED_ARRAY:
        return enter_view(call, value, value, value.kind, value.length)
    if code == CODE_DATA_VIEW:
        return enter_view(call, value, value, "DataView", value.byte_length)
    if code == CODE_BYTES or has_buffer(pointer):
        return enter_memory(call, value)
    if code == CODE_UNKNOWN:
        return reference_of_stand_in(call, value)
    return refused(call, pointer)


cdef int32_t reference_of_stand_in(Call call, value) except? -2147483648:
    """A value of a type that another library has."""
    cdef Encoder* e = &call.encoder
    written = stand_in(value)
    if not isinstance(written, Temporal):
        return refused(call, <PyObject*> value)
    return leaf(e, <PyObject*> value, SLOT_TEXT, new_text(e, f'["Temporal.{written.kind}",', written.text, "]"))


cdef int32_t leaf(Encoder* e, PyObject* value, SlotKind kind, uint32_t rare) noexcept:
    """The slot of a value that goes by identity and has no children."""
    cdef int32_t fresh = e.next_slot()
    cdef int32_t found = e.add_object(value, kind, rare)
    return fresh if found < 0 else found


# --- slots of rare kinds -------------------------------------------------------------------------------------------


cdef uint32_t new_rare(Encoder* e) except? 0xFFFFFFFF:
    if not e.rares.reserve_more(1):
        raise MemoryError
    memset(&e.rares.data[e.rares.size], 0, sizeof(Rare))
    e.rares.size += 1
    return <uint32_t> (e.rares.size - 1)


cdef uint32_t new_text(Encoder* e, str prefix, text, str suffix) except? 0xFFFFFFFF:
    """`prefix`, the text as a JSON string if it is not None, `suffix`."""
    cdef uint32_t at = new_rare(e)
    cdef Rare* rare = &e.rares.data[at]
    own(e, <PyObject*> prefix)
    own(e, <PyObject*> suffix)
    e.note_width(<PyObject*> prefix)
    rare.prefix = <PyObject*> prefix
    rare.suffix = <PyObject*> suffix
    if text is not None:
        if not isinstance(text, str):
            raise TypeError(f"expected a str, not {type(text).__name__}")
        ready(<PyObject*> text)
        own(e, <PyObject*> text)
        e.note_width(<PyObject*> text)
        rare.text = <PyObject*> text
    return at


cdef uint32_t new_moment(Encoder* e, double milliseconds) except? 0xFFFFFFFF:
    cdef uint32_t at = new_rare(e)
    e.rares.data[at].milliseconds = milliseconds
    return at


cdef uint32_t new_bytes(Encoder* e, memory) except? 0xFFFFFFFF:
    """The bytes that a memoryview shows: the second pass encodes them where they lie."""
    cdef uint32_t at = new_rare(e)
    own(e, <PyObject*> memory)
    cdef Py_buffer* buffer = buffer_of_memoryview(<PyObject*> memory)
    e.rares.data[at].data = <const uint8_t*> buffer.buf
    e.rares.data[at].length = buffer.len
    return at


# --- dates ---------------------------------------------------------------------------------------------------------


cdef int32_t reference_of_datetime(Call call, value) except? -2147483648:
    offset = value.utcoffset()
    moment = value
    if offset is None:
        if call.naive_tz is None:
            return refused(call, <PyObject*> value)
        moment = value.replace(tzinfo=call.naive_tz)
        offset = moment.utcoffset()
        if offset is None:
            return refused(call, <PyObject*> value)
    cdef double milliseconds
    if type(moment) is datetime:
        milliseconds = time_value(<PyObject*> moment, <PyObject*> offset)
    else:
        milliseconds = milliseconds_of(moment)
    return leaf(&call.encoder, <PyObject*> value, SLOT_MOMENT, new_moment(&call.encoder, milliseconds))


cdef double time_value(PyObject* moment, PyObject* offset) noexcept:
    """Milliseconds since 1970, floored, of a datetime that is `offset` ahead of UTC."""
    cdef int64_t days = days_from_civil(datetime_year(moment), datetime_month(moment), datetime_day(moment))
    cdef int64_t seconds = (days - delta_days(offset)) * 86400 - delta_seconds(offset) + datetime_second(moment)
    seconds += datetime_hour(moment) * 3600 + datetime_minute(moment) * 60
    cdef int64_t microseconds = seconds * 1000000 + datetime_microsecond(moment) - delta_microseconds(offset)
    return <double> floor_divide(microseconds, 1000)


# --- containers ----------------------------------------------------------------------------------------------------


cdef int32_t enter_tuple(Call call, PyObject* value, SlotKind slot_kind, FrameKind frame_kind, tuple children) \
        except? -2147483648:
    """A container whose children are in a tuple of ours."""
    cdef Encoder* e = &call.encoder
    cdef size_t depth = e.frames.size
    own(e, <PyObject*> children)
    cdef int32_t slot = enter(
        e[0], value, slot_kind, frame_kind, <PyObject*> children, items_of_tuple(<PyObject*> children), len(children))
    if e.frames.size > depth:
        e.frames.data[depth].owned = True
    return slot


cdef int32_t enter_ordered_dict(Call call, value) except? -2147483648:
    """An OrderedDict keeps its order apart from the dict that it is."""
    cdef Encoder* e = &call.encoder
    cdef size_t depth = e.frames.size
    cdef tuple flat = tuple(chain.from_iterable(items(value)))
    own(e, <PyObject*> flat)
    cdef Py_ssize_t entries = len(flat) // 2
    cdef int32_t slot = enter(e[0], <PyObject*> value, SLOT_OBJECT, FRAME_DICT_ITEMS, <PyObject*> flat,
                              items_of_tuple(<PyObject*> flat), entries)
    if e.frames.size > depth:
        reserve_keys(e[0], entries)
        e.frames.data[depth].owned = True
    return slot


cdef int32_t enter_sparse_array(Call call, value) except? -2147483648:
    cdef Encoder* e = &call.encoder
    cdef dict items = value._items
    cdef uint32_t length = value._length
    cdef list positions = sorted(items)
    if not (len(positions) < length and sparse_is_shorter(length, len(positions))):
        dense = [hole] * length
        for position in positions:
            dense[position] = items[position]
        return enter_tuple(call, <PyObject*> value, SLOT_ARRAY, FRAME_ARRAY, tuple(dense))
    cdef tuple values = tuple([items[position] for position in positions])
    cdef int32_t slot = e.next_slot()
    if e.frames.size >= call.encoder.max_depth:
        return call.encoder.irregular(PROBLEM_TOO_DEEP, <PyObject*> value)
    own(e, <PyObject*> values)
    e.add_object(<PyObject*> value, SLOT_SPARSE_ARRAY, <uint32_t> len(values))
    push_frame(e[0], slot, FRAME_SPARSE_ARRAY, <PyObject*> values, items_of_tuple(<PyObject*> values), len(values),
               1 + 2 * len(values))
    cdef Frame* frame = &e.frames.data[e.frames.size - 1]
    frame.owned = True
    e.references.data[frame.first] = <int32_t> length
    cdef size_t at = frame.first + 1
    for position in positions:
        e.references.data[at] = <int32_t> <uint32_t> position
        at += 2
    return slot


cdef int32_t enter_single(Call call, value, str prefix, child, str suffix, str allowed) except? -2147483648:
    """A slot around one reference. A reducer may claim the child only under the name `allowed` (None: any)."""
    cdef Encoder* e = &call.encoder
    cdef int32_t slot = e.next_slot()
    if e.frames.size >= call.encoder.max_depth:
        return call.encoder.irregular(PROBLEM_TOO_DEEP, <PyObject*> value)
    add_shared(e, value, SLOT_CUSTOM, new_text(e, prefix, allowed, suffix))
    push_single(e, slot, child)
    return slot


cdef int push_single(Encoder* e, int32_t slot, child) except -1:
    own(e, <PyObject*> child)
    push_frame(e[0], slot, FRAME_SINGLE, <PyObject*> child, NULL, 1, 1)
    e.frames.data[e.frames.size - 1].owned = True
    return 0


cdef int32_t enter_view(Call call, value, view, str tag, length) except? -2147483648:
    """A typed array or DataView; one that does not show its whole buffer says which part."""
    buffer = view.buffer
    part = "]" if view.byte_length == buffer.byte_length else f",{view.byte_offset},{length}]"
    return enter_single(call, value, f'["{tag}",', buffer, part, "ArrayBuffer")


cdef int32_t enter_memory(Call call, value) except? -2147483648:
    """The elements that bytes, an array.array or a numpy array shows, as a typed array over an ArrayBuffer of its own."""
    cdef Encoder* e = &call.encoder
    cdef int32_t slot = e.next_slot()
    if call.encoder.hooked:
        view = view_of_buffer(value)
        if view is None:
            return refused(call, <PyObject*> value)
        return enter_view(call, value, view, view.kind, view.length)
    memory = memoryview(value)
    kind = kind_of_memory(memory)
    if kind is None:
        return refused(call, <PyObject*> value)
    if e.frames.size >= call.encoder.max_depth:
        return call.encoder.irregular(PROBLEM_TOO_DEEP, <PyObject*> value)
    if not e.reserve_slots(2):
        raise MemoryError
    add_shared(e, value, SLOT_CUSTOM, new_text(e, f'["{kind}",', None, "]"))
    if not e.references.push(slot + 1):
        raise MemoryError
    e.add_unshared(<PyObject*> memory, SLOT_BUFFER, new_bytes(e, memory))
    return slot
