# Before Python code runs: what the walk has borrowed becomes its own.

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
    e.own_slots()
    clear_coming_keys(e)
    e.own_keys()
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
    frame.items = items_of_tuple(frame.source)
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
        put(flat, at, items_of_tuple(pair)[0])
        put(flat, at + 1, items_of_tuple(pair)[1])
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


cdef int check_signals(Encoder* e) except 0:
    """Signal handlers are Python code."""
    own_everything(e)
    PyErr_CheckSignals()
    return 1
