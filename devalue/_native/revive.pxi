# Calls revivers in JavaScript's order, depth first, a value before the custom value around it, on a stack of our own.
#
# Everything that leads to no custom value has been linked. What is left was checked to be sound, so a reviver is
# called only for a text that is accepted. It may see a container that is still being filled, where there is a cycle.

cdef struct Frame:
    size_t container
    int32_t done  # how many of its references have been dealt with


cdef object revived(SlotTable& table):
    """The value of slot 0."""
    cdef Arena[Frame] stack
    try:
        if table.is_pending(0):
            enter(table, stack, 0)
        while stack.size:
            advance(table, stack)
    finally:
        stack.release()
    return <object>table.peek(0)


cdef int enter(SlotTable& table, Arena[Frame]& stack, size_t slot) except -1:
    """Start on a pending slot. An empty container is there for its own content to refer to at once."""
    cdef Frame frame
    frame.container = table.container_of(slot)
    frame.done = 0
    cdef Container* container = &table.containers.data[frame.container]
    if not stack.push(frame):
        raise MemoryError
    if container.kind not in (kind_custom, kind_custom_text):
        empty = empty_container(table, container)
        Py_INCREF(empty)
        table.set(slot, <PyObject*>empty)
    return 0


cdef object empty_container(SlotTable& table, Container* container):
    if container.kind == kind_list:
        return []
    if container.kind == kind_dict:
        return {}
    if container.kind == kind_null_object:
        return _types.NullObject()
    if container.kind == kind_sparse:
        return _types.SparseArray(table.numbers.data[container.numbers])
    cls = _types.Map if container.kind == kind_map else _types.Set
    empty = cls.__new__(cls)
    empty._flat = []
    empty._index = None
    return empty


cdef int advance(SlotTable& table, Arena[Frame]& stack) except -1:
    """Take in the next content of the container on top of the stack, or first go into that content."""
    cdef Frame* frame = &stack.data[stack.size - 1]
    cdef Container* container = &table.containers.data[frame.container]
    cdef int32_t* refs = table.refs.data + container.refs
    cdef int32_t step = 2 if container.kind == kind_map else 1
    cdef int32_t at, done
    while frame.done < container.count:
        for at in range(frame.done, frame.done + step):
            if refs[at] >= 0 and table.is_pending(refs[at]):
                return enter(table, stack, refs[at])
        if container.kind == kind_custom:
            break
        done = frame.done
        frame.done += step
        take_in(table, container, done)
    # A reviver may parse, but on a table and a stack of its own: ours stay where they are.
    if not table.is_pending(container.slot):
        pass  # a container, or a custom value to which its own payload led: revived then, one slot is one object
    elif container.kind == kind_custom:
        revive(table, container, value_of(table, refs[0]))
    elif container.kind == kind_custom_text:
        revive(table, container, <object>table.keys.data[container.keys + 1])
    stack.size -= 1
    return 0


cdef object value_of(SlotTable& table, int32_t ref):
    return <object>(types.constants[-ref] if ref < 0 else table.peek(ref))


cdef int revive(SlotTable& table, Container* container, object payload) except -1:
    value = (<object>table.keys.data[container.keys])(payload)
    Py_INCREF(value)
    table.set(container.slot, <PyObject*>value)
    return 0


cdef int take_in(SlotTable& table, Container* container, int32_t at) except -1:
    cdef int32_t* refs = table.refs.data + container.refs
    target = <object>table.peek(container.slot)
    value = value_of(table, refs[at])
    if container.kind == kind_list:
        (<list>target).append(value)
    elif container.kind == kind_dict or container.kind == kind_null_object:
        (<dict>target)[<object>table.keys.data[container.keys + at]] = value
    elif container.kind == kind_sparse:
        target._items[table.numbers.data[container.numbers + 1 + at]] = value
    elif container.kind == kind_map:
        if target._flat is None:  # a reviver has looked into it
            target[value] = value_of(table, refs[at + 1])
        else:
            (<list>target._flat).append(value)
            (<list>target._flat).append(value_of(table, refs[at + 1]))
    elif target._flat is None:
        target.add(value)
    else:
        (<list>target._flat).append(value)
    return 0
