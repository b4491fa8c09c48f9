# The walk: children in order, depth first, on an explicit stack of frames.
#
# A frame counts a child before visiting it, so `next - 1` is the child at hand in every frame of the stack. Python
# code that runs during a visit may move or replace frames (own_everything): they are looked up again after each.

cdef size_t SIGNAL_INTERVAL = 2 << 20  # children visited between two looks at signals


cdef bint walk(Call call) except -1:
    """Number everything below the root; True if the pure codec has the last word."""
    cdef Encoder* e = &call.encoder
    cdef size_t depth
    cdef Frame* frame
    cdef Py_ssize_t start
    cdef bint irregular
    while e.frames.size:
        depth = e.frames.size
        frame = &e.frames.data[depth - 1]
        start = frame.next
        if frame.kind == FRAME_DICT:
            irregular = walk_dict(call, depth)
        elif frame.kind == FRAME_ARRAY:
            irregular = walk_array(call, depth)
        else:
            irregular = walk_other(call, depth)
        if irregular:
            return True
        frame = &e.frames.data[depth - 1]
        e.pending -= frame.next - start
        e.visited += frame.next - start
        if e.frames.size == depth:  # no child has pushed a frame
            if frame.next == frame.end:
                if call.hooked and frame.kind == FRAME_SINGLE and has_claimed_child(call, frame):
                    return True
                pop_frame(e)
            elif frame.next == frame.reserved:
                reserve_segment(e, frame)
            elif frame.next == start:
                raise RuntimeError("a dict changed while it was being written")
        if e.visited > SIGNAL_INTERVAL:
            e.visited = 0
            own_everything(e)
            PyErr_CheckSignals()
    return False


cdef inline void pop_frame(Encoder* e) noexcept:
    e.frames.size -= 1
    if e.owned_frames > e.frames.size:
        e.owned_frames = e.frames.size


cdef inline int reserve_segment(Encoder* e, Frame* frame) except -1:
    """Room for the next children of a frame: for all of them, unless they are very many."""
    cdef Py_ssize_t children = min(frame.end - frame.reserved, SEGMENT)
    frame.reserved += children
    e.pending += children
    if not e.reserve_slots(e.pending):
        raise MemoryError
    return 0


cdef bint has_claimed_child(Call call, Frame* frame) except -1:
    """True if a reducer took what JavaScript reads only plain: the primitive of a box, the buffer of a view."""
    cdef Encoder* e = &call.encoder
    cdef PyObject* allowed = e.rares.data[e.slots.data[frame.slot].count].text
    cdef int32_t reference = e.references.data[frame.first]
    if allowed == NULL or reference < 0 or not e.slots.data[reference].wrapped:
        return False
    if <str> e.rares.data[e.slots.data[reference].count].prefix == f'["{<str> allowed}",':
        return False
    irregular(call, CLAIMED, allowed)
    return True


cdef inline bint walk_array(Call call, size_t depth) except -1:
    """Until a child pushes a frame, or room must be made; True if the pure codec has the last word."""
    cdef Encoder* e = &call.encoder
    cdef Frame* frame = &e.frames.data[depth - 1]
    cdef int32_t reference
    while frame.next < frame.reserved:
        frame.next += 1
        reference = reference_of(call, frame.items[frame.next - 1])
        frame = &e.frames.data[depth - 1]
        if reference < 0:
            if reference == REF_IRREGULAR:
                return True
            if reference == REF_HOLE:
                e.slots.data[frame.slot].kind = SLOT_HOLEY_ARRAY
        e.references.data[frame.first + frame.next - 1] = reference
        if e.frames.size != depth:
            return False
    return False


cdef inline bint walk_dict(Call call, size_t depth) except -1:
    cdef Encoder* e = &call.encoder
    cdef Frame* frame = &e.frames.data[depth - 1]
    cdef PyObject* key
    cdef PyObject* value
    cdef int32_t reference
    while frame.next < frame.reserved and dict_next(frame.source, &frame.place, &key, &value):
        frame.next += 1
        if not is_object_key(call, frame, key):
            return True
        reference = reference_of(call, value)
        if reference == REF_IRREGULAR:
            return True
        frame = &e.frames.data[depth - 1]
        e.references.data[frame.first + frame.next - 1] = reference
        if e.frames.size != depth or frame.kind != FRAME_DICT:
            return False
    return False


cdef inline bint is_object_key(Call call, Frame* frame, PyObject* key) except -1:
    """Take the key of a JavaScript object; False if there can be no such key."""
    if not is_unicode(key):
        irregular(call, KEY_IS_NO_STRING, key)
        return False
    if unicode_length(key) == 9 and same_text(key, <PyObject*> PROTO):
        irregular(call, PROTO_KEY, key)
        return False
    call.encoder.note_width(key)
    call.encoder.keys.data[frame.first_key + frame.next - 1] = key
    return True


cdef bint walk_other(Call call, size_t depth) except -1:
    cdef Encoder* e = &call.encoder
    cdef Frame* frame = &e.frames.data[depth - 1]
    cdef PyObject* child
    cdef int32_t reference
    while frame.next < frame.reserved:
        child = next_child(call, frame)
        if child == NULL:
            return True
        reference = reference_of(call, child)
        if reference == REF_IRREGULAR:
            return True
        frame = &e.frames.data[depth - 1]
        if reference == REF_NEGATIVE_ZERO and is_collection_key(frame):
            reference = reference_of(call, <PyObject*> ZERO)  # ECMAScript 24.1.3.9: a Map and a Set hold no -0
            frame = &e.frames.data[depth - 1]
        e.references.data[reference_place(frame)] = reference
        if e.frames.size != depth:
            return False
    return False


cdef inline PyObject* next_child(Call call, Frame* frame) except? NULL:
    """Count the next child and give it; NULL without an error if the pure codec has the last word."""
    cdef Py_ssize_t at = frame.next
    cdef PyObject* key
    cdef PyObject* pair
    frame.next = at + 1
    if frame.kind == FRAME_SINGLE:
        return frame.source
    if frame.kind == FRAME_INDEXED_SET:
        return pair if dict_next(frame.source, &frame.place, &key, &pair) else NULL
    if frame.kind == FRAME_INDEXED_MAP:
        if at & 1:
            return frame.items[1]
        if not dict_next(frame.source, &frame.place, &key, &pair):
            return NULL
        if type_of(pair) != &PyTuple_Type or tuple_size(pair) != 2:
            return NULL
        frame.items = tuple_items(pair)
        return frame.items[0]
    if frame.kind == FRAME_DICT_ITEMS:
        if not is_object_key(call, frame, frame.items[2 * at]):
            return NULL
        return frame.items[2 * at + 1]
    return frame.items[at]


cdef inline bint is_collection_key(Frame* frame) noexcept:
    if frame.kind == FRAME_FLAT_MAP or frame.kind == FRAME_INDEXED_MAP:
        return frame.next & 1
    return frame.kind == FRAME_FLAT_SET or frame.kind == FRAME_INDEXED_SET


cdef inline size_t reference_place(Frame* frame) noexcept:
    """Where the reference of the child at hand belongs."""
    if frame.kind == FRAME_SPARSE_ARRAY:
        return frame.first + 2 * frame.next
    return frame.first + frame.next - 1


# --- before Python code runs ---------------------------------------------------------------------------------------


cdef int own(Encoder* e, PyObject* value) except -1:
    """Keep an object alive until the end of the call."""
    if not e.owned.push(value):
        raise MemoryError
    incref(value)
    return 0


cdef int own_everything(Encoder* e) except -1:
    """Make everything that the walk holds safe from Python code; what was done is not done again.

    From here on the objects in slots and the keys are owned, objects that were left out of the table because nothing
    else referred to them are listed, and the children of the containers on the stack lie in tuples of our own.
    """
    cdef size_t at
    cdef Slot* slot
    if not e.owned.reserve_more(e.slots.size - e.owned_slots + e.keys.size - e.owned_keys):
        raise MemoryError
    if not e.reserve_slots(e.pending + e.slots.size - e.owned_slots):
        raise MemoryError
    for at in range(e.owned_slots, e.slots.size):
        slot = &e.slots.data[at]
        if slot.kind == SLOT_STRING or slot.kind == SLOT_BIGINT_DIGITS or slot.kind >= SLOT_ARRAY:
            own(e, slot.object)
            if slot.unlisted:
                e.list_object(slot.object, <uint32_t> at)
                slot.unlisted = False
    e.owned_slots = e.slots.size
    clear_coming_keys(e)
    for at in range(e.owned_keys, e.keys.size):
        if e.keys.data[at] != NULL:
            own(e, e.keys.data[at])
    e.owned_keys = e.keys.size
    if e.owned_frames < e.frames.size:
        own_frames(e)
    return 0


cdef void clear_coming_keys(Encoder* e) noexcept:
    """The places of the keys that dicts on the stack have yet to give, which their own tuples will keep alive."""
    cdef size_t at
    cdef Frame* frame
    for at in range(e.owned_frames, e.frames.size):
        frame = &e.frames.data[at]
        if frame.kind == FRAME_DICT or frame.kind == FRAME_DICT_ITEMS:
            memset(e.keys.data + frame.first_key + frame.next, 0, (frame.end - frame.next) * sizeof(PyObject*))


cdef int own_frames(Encoder* e) except -1:
    # Making a tuple can start the garbage collector (Python 3.11), and that finalizers.
    cdef bint collecting = PyGC_Disable()
    try:
        while e.owned_frames < e.frames.size:
            own_children(e, &e.frames.data[e.owned_frames])
            e.owned_frames += 1
    finally:
        if collecting:
            PyGC_Enable()
    return 0


cdef int own_children(Encoder* e, Frame* frame) except -1:
    """Turn a frame into the one of the same kind over a tuple."""
    if frame.owned:
        return 0
    if frame.kind == FRAME_DICT:
        frame.source = tuple_of_dict(frame.source, frame.end)
        frame.kind = FRAME_DICT_ITEMS
    elif frame.kind == FRAME_INDEXED_MAP:
        frame.source = tuple_of_map_index(frame.source, frame.end)
        frame.kind = FRAME_FLAT_MAP
    elif frame.kind == FRAME_INDEXED_SET:
        frame.source = tuple_of_set_index(frame.source, frame.end)
        frame.kind = FRAME_FLAT_SET
    elif is_tuple(frame.source):
        incref(frame.source)
    else:
        frame.source = list_as_tuple(frame.source)
    frame.items = tuple_items(frame.source)
    frame.owned = True
    own(e, frame.source)
    decref(frame.source)
    return 0


cdef PyObject* tuple_of_dict(PyObject* source, Py_ssize_t entries) except NULL:
    cdef PyObject* flat = new_tuple(2 * entries)
    cdef PyObject* key
    cdef PyObject* value
    cdef Py_ssize_t place = 0, at = 0
    while at < entries and dict_next(source, &place, &key, &value):
        put(flat, 2 * at, key)
        put(flat, 2 * at + 1, value)
        at += 1
    return flat


cdef PyObject* tuple_of_map_index(PyObject* index, Py_ssize_t children) except NULL:
    cdef PyObject* flat = new_tuple(children)
    cdef PyObject* key
    cdef PyObject* pair
    cdef Py_ssize_t place = 0, at = 0
    while at < children and dict_next(index, &place, &key, &pair):
        put(flat, at, tuple_items(pair)[0])
        put(flat, at + 1, tuple_items(pair)[1])
        at += 2
    return flat


cdef PyObject* tuple_of_set_index(PyObject* index, Py_ssize_t children) except NULL:
    cdef PyObject* flat = new_tuple(children)
    cdef PyObject* key
    cdef PyObject* item
    cdef Py_ssize_t place = 0, at = 0
    while at < children and dict_next(index, &place, &key, &item):
        put(flat, at, item)
        at += 1
    return flat


cdef inline void put(PyObject* flat, Py_ssize_t at, PyObject* item) noexcept:
    incref(item)
    set_tuple_item(flat, at, item)
