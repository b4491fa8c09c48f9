# Fills, once at import, the tables that the headers work with.

cdef list _kept = []  # the objects that `types` points to


cdef PyObject* keep(object value):
    _kept.append(value)
    return <PyObject*>value


cdef int describe(SlottedClass* slotted, object cls, tuple names) except -1:
    slotted.type = <PyTypeObject*>keep(cls)
    for i, name in enumerate(names):
        slotted.slots[i] = slot_offset(cls, name)
    return 0


def _date_of_iso(text):
    """A Date in another form than that of the years 1 to 9999 that JavaScript writes."""
    return LEAF_READERS["Date"]([text])


def _bigint_of_digits(text):
    """A BigInt that Python's own conversion may refuse."""
    return LEAF_READERS["BigInt"]([text])


cdef int set_up_types() except -1:
    types.RegExp = keep(_types.RegExp)
    types.Temporal = keep(_types.Temporal)
    types.URL = keep(_types.URL)
    types.URLSearchParams = keep(_types.URLSearchParams)
    types.date_of_iso = keep(_date_of_iso)
    types.bigint_of_digits = keep(_bigint_of_digits)
    types.empty_tuple = keep(())
    types.BigInt = <PyTypeObject*>keep(_types.BigInt)
    types.NullObject = <PyTypeObject*>keep(_types.NullObject)
    describe(&types.ArrayBuffer, _types.ArrayBuffer, (b"_data",))
    describe(&types.TypedArray, _types.TypedArray, (b"buffer", b"byte_offset", b"byte_length", b"kind", b"length"))
    describe(&types.DataView, _types.DataView, (b"buffer", b"byte_offset", b"byte_length"))
    describe(&types.Map, _types.Map, (b"_flat", b"_index"))
    describe(&types.Set, _types.Set, (b"_flat", b"_index"))
    describe(&types.Boxed, _types.Boxed, (b"value",))
    describe(&types.SparseArray, _types.SparseArray, (b"_length", b"_items"))
    constants = (None, _types.undefined, _types.hole, float("nan"), float("inf"), float("-inf"), -0.0)
    for i, constant in enumerate(constants):
        types.constants[i] = keep(constant)
    for i, (name, itemsize) in enumerate([*((n, size) for n, (_, size) in TYPED_ARRAYS.items()), ("DataView", 1)]):
        types.view_names[i] = keep(name)
        types.view_itemsizes[i] = itemsize
    return 0


cdef int set_up_powers_of_five() except -1:
    """128 leading bits of 5^q: rounded down for q >= 0, up for q < 0, where 5^q is no finite binary fraction."""
    for q in range(lowest_power, highest_power + 1):
        power = 5 ** abs(q)
        bits = power.bit_length()
        if q >= 0:
            leading = power << (128 - bits) if bits <= 128 else power >> (bits - 128)
        else:
            leading = (1 << (bits + 127)) // power + 1
        powers_of_five[q - lowest_power][0] = leading >> 64
        powers_of_five[q - lowest_power][1] = leading & 0xFFFFFFFFFFFFFFFF
    return 0


cdef int set_up_key_cache() except -1:
    seed = os.urandom(16)
    key_cache.seed[0] = int.from_bytes(seed[:8], "little")
    key_cache.seed[1] = int.from_bytes(seed[8:], "little") | 1
    return 0


import_datetime()
set_up_types()
set_up_powers_of_five()
set_up_key_cache()
