// What a value is for uneval, and its children in order.
//
// Exact types only: what is neither here nor plain belongs to the pure implementation.
#pragma once

#include <Python.h>
#include <datetime.h>

#include <cstdint>

#include "inline.h"
#include "python_values.h"
#include "uneval_interrupt.h"
#include "write_date.h"

namespace devalue {

enum ValueKind : uint8_t {
    VALUE_STRING,
    VALUE_INTEGER,
    VALUE_FLOAT,
    VALUE_NULL,
    VALUE_TRUE,
    VALUE_FALSE,
    VALUE_UNDEFINED,
    VALUE_HOLE,
    VALUE_BIGINT,
    // From here on, values that go by identity.
    VALUE_OBJECT,
    VALUE_NULL_OBJECT,
    VALUE_ARRAY,
    VALUE_SPARSE_ARRAY,
    VALUE_MAP,
    VALUE_SET,
    VALUE_DATETIME,
    VALUE_DATE,
    VALUE_REGEXP,
    VALUE_URL,
    VALUE_TEMPORAL,
    VALUE_BOXED,
    VALUE_BUFFER,
    VALUE_BYTES,  // written as a Uint8Array
    VALUE_TYPED_ARRAY,
    VALUE_DATA_VIEW,
    VALUE_OTHER,
};

// What is known of devalue.types; set when the module is loaded.
struct UnevalTypes {
    PyTypeObject *map, *set, *bigint, *null_object, *date, *regexp, *url, *temporal, *boxed, *buffer,
        *typed_array, *data_view, *sparse_array;
    PyObject *undefined, *hole, *proto, *zero, *utcoffset;
    Py_ssize_t map_flat, map_index, set_flat, set_index, milliseconds, source, flags, kind, text, boxed_value,
        buffer_data, view_buffer, view_offset, view_bytes, array_kind, array_length, sparse_items, sparse_length;
};
static UnevalTypes uneval_types;

static DEVALUE_NOINLINE ValueKind kind_of_less_common(PyObject *value, PyTypeObject *type) noexcept {
    if (type == PyDateTimeAPI->DateTimeType) return VALUE_DATETIME;
    if (type == uneval_types.map) return VALUE_MAP;
    if (type == uneval_types.set) return VALUE_SET;
    if (type == &PyTuple_Type) return VALUE_ARRAY;
    if (type == uneval_types.bigint) return VALUE_BIGINT;
    if (value == uneval_types.undefined) return VALUE_UNDEFINED;
    if (value == uneval_types.hole) return VALUE_HOLE;
    if (type == uneval_types.null_object) return VALUE_NULL_OBJECT;
    if (type == &PySet_Type || type == &PyFrozenSet_Type) return VALUE_SET;
    if (type == uneval_types.date) return VALUE_DATE;
    if (type == uneval_types.regexp) return VALUE_REGEXP;
    if (type == uneval_types.url) return VALUE_URL;
    if (type == uneval_types.temporal) return VALUE_TEMPORAL;
    if (type == uneval_types.boxed) return VALUE_BOXED;
    if (type == &PyBytes_Type || type == &PyByteArray_Type) return VALUE_BYTES;
    if (type == uneval_types.buffer) return VALUE_BUFFER;
    if (type == uneval_types.typed_array) return VALUE_TYPED_ARRAY;
    if (type == uneval_types.data_view) return VALUE_DATA_VIEW;
    if (type == uneval_types.sparse_array) return VALUE_SPARSE_ARRAY;
    return VALUE_OTHER;
}

static DEVALUE_INLINE ValueKind kind_of(PyObject *value) noexcept {
    PyTypeObject *type = Py_TYPE(value);
    if (type == &PyUnicode_Type) return VALUE_STRING;
    if (type == &PyLong_Type) return VALUE_INTEGER;
    if (type == &PyFloat_Type) return VALUE_FLOAT;
    if (type == &PyDict_Type) return VALUE_OBJECT;
    if (type == &PyList_Type) return VALUE_ARRAY;
    if (value == Py_None) return VALUE_NULL;
    if (value == Py_True) return VALUE_TRUE;
    if (value == Py_False) return VALUE_FALSE;
    return kind_of_less_common(value, type);
}

// What CPython has once for all who make it, such as the empty tuple: that two of them are one says nothing.
static inline bool is_interned(PyObject *value) noexcept {
    if (Py_TYPE(value) == &PyBytes_Type) return PyBytes_GET_SIZE(value) <= 1;
    if (Py_TYPE(value) == &PyTuple_Type) return PyTuple_GET_SIZE(value) == 0;
    return Py_TYPE(value) == &PyFrozenSet_Type && PySet_GET_SIZE(value) == 0;
}

enum ChildrenKind : uint8_t { CHILDREN_FLAT, CHILDREN_DICT, CHILDREN_MAP_INDEX, CHILDREN_SET_INDEX, CHILDREN_SPARSE };

static inline Py_ssize_t length_of_sparse_array(PyObject *array) noexcept {
    PyObject *length = at_offset(array, uneval_types.sparse_length);
    if (length == nullptr || !PyLong_CheckExact(length)) return -1;
    int overflow;
    int64_t elements = PyLong_AsLongLongAndOverflow(length, &overflow);
    return overflow || elements < 0 || elements > 0xFFFFFFFF ? -1 : static_cast<Py_ssize_t>(elements);
}

enum Opened { OPEN_DONE, OPEN_IRREGULAR, OPEN_FAILED };

// The children of a container. Nobody can change it meanwhile, because no Python code runs.
struct Children {
    PyObject *source;  // dict, or a tuple of ours that `items` lies in (then `owned`)
    PyObject **items;  // of CHILDREN_FLAT; for CHILDREN_MAP_INDEX the (key, value) it is at
    Py_ssize_t next, end;
    Py_ssize_t place;  // in the dict, for PyDict_Next
    ChildrenKind kind;
    bool owned;

    // OPEN_FAILED: a Python error is set.
    Opened open(PyObject *value, ValueKind value_kind) noexcept {
        source = nullptr;
        items = nullptr;
        next = place = 0;
        owned = false;
        switch (value_kind) {
            case VALUE_OBJECT: case VALUE_NULL_OBJECT: return open_dict(value, CHILDREN_DICT, 1);
            case VALUE_ARRAY: return open_array(value);
            case VALUE_SPARSE_ARRAY: return open_sparse_array(value);
            case VALUE_MAP:
                return open_collection(at_offset(value, uneval_types.map_flat), 2,
                                       at_offset(value, uneval_types.map_index), CHILDREN_MAP_INDEX);
            default:
                if (Py_TYPE(value) != uneval_types.set) return open_builtin_set(value);
                return open_collection(at_offset(value, uneval_types.set_flat), 1,
                                       at_offset(value, uneval_types.set_index), CHILDREN_SET_INDEX);
        }
    }

    void close() noexcept {
        if (owned) Py_DECREF(source);
        owned = false;
    }

    // Where to leave a loop over them, to look for signals or because they end.
    Py_ssize_t stop() const noexcept {
        return end - next > InterruptWatch::CHILDREN ? next + InterruptWatch::CHILDREN : end;
    }

    // A child that is not in a dict of properties. `next` is smaller than `end`.
    DEVALUE_INLINE PyObject *take() noexcept {
        Py_ssize_t at = next++;
        PyObject *key, *value;
        if (kind == CHILDREN_FLAT) return items[at];
        if (kind == CHILDREN_MAP_INDEX) {
            if ((at & 1) == 0) {
                PyDict_Next(source, &place, &key, &value);
                items = items_of_tuple(value);
            }
            return items[at & 1];
        }
        PyDict_Next(source, &place, &key, &value);
        return value;
    }

    DEVALUE_INLINE PyObject *take_property(PyObject **key) noexcept {
        PyObject *value;
        ++next;
        PyDict_Next(source, &place, key, &value);
        return value;
    }

    // The next element of an array that is there; false at the end.
    bool take_element(Py_ssize_t *index, PyObject **element) noexcept {
        PyObject *key;
        if (kind == CHILDREN_SPARSE) {
            if (next == end) return false;
            *element = take_property(&key);
            *index = PyLong_AsSsize_t(key);
            return true;
        }
        while (next < end && items[next] == uneval_types.hole) ++next;
        if (next == end) return false;
        *index = next;
        *element = items[next++];
        return true;
    }

  private:
    Opened open_flat(PyObject **first, Py_ssize_t count) noexcept {
        kind = CHILDREN_FLAT;
        items = first;
        end = count;
        return OPEN_DONE;
    }

    Opened open_array(PyObject *array) noexcept {
        if (Py_TYPE(array) == &PyList_Type) return open_flat(items_of_list(array), PyList_GET_SIZE(array));
        return open_flat(items_of_tuple(array), PyTuple_GET_SIZE(array));
    }

    // Its elements must lie in the order of their indices, as they do where it was parsed.
    Opened open_sparse_array(PyObject *array) noexcept {
        PyObject *elements = at_offset(array, uneval_types.sparse_items), *key, *element;
        Py_ssize_t length = length_of_sparse_array(array), last = -1;
        if (length < 0 || elements == nullptr || Py_TYPE(elements) != &PyDict_Type) return OPEN_IRREGULAR;
        for (Py_ssize_t at = 0; PyDict_Next(elements, &at, &key, &element);) {
            if (!PyLong_CheckExact(key)) return OPEN_IRREGULAR;
            int overflow;
            int64_t index = PyLong_AsLongLongAndOverflow(key, &overflow);
            if (overflow || index <= last || index >= length) return OPEN_IRREGULAR;
            last = static_cast<Py_ssize_t>(index);
        }
        return open_dict(elements, CHILDREN_SPARSE, 1);
    }

    Opened open_dict(PyObject *dict, ChildrenKind children, Py_ssize_t per_entry) noexcept {
        kind = children;
        source = dict;
        end = per_entry * PyDict_GET_SIZE(dict);
        return OPEN_DONE;
    }

    // As parsed, a flat list, or with its index, a dict.
    Opened open_collection(PyObject *flat, Py_ssize_t per_entry, PyObject *index, ChildrenKind indexed) noexcept {
        if (flat != nullptr && Py_TYPE(flat) == &PyList_Type) {
            if (PyList_GET_SIZE(flat) % per_entry != 0) return OPEN_IRREGULAR;
            return open_flat(items_of_list(flat), PyList_GET_SIZE(flat));
        }
        if (index == nullptr || Py_TYPE(index) != &PyDict_Type) return OPEN_IRREGULAR;
        if (indexed == CHILDREN_MAP_INDEX && !holds_pairs(index)) return OPEN_IRREGULAR;
        return open_dict(index, indexed, per_entry);
    }

    static bool holds_pairs(PyObject *index) noexcept {
        PyObject *key, *pair;
        for (Py_ssize_t place = 0; PyDict_Next(index, &place, &key, &pair);) {
            if (Py_TYPE(pair) != &PyTuple_Type || PyTuple_GET_SIZE(pair) != 2) return false;
        }
        return true;
    }

    // Python 3.11 may collect garbage when it makes a tuple, and garbage may have finalizers: Python code.
    Opened open_builtin_set(PyObject *set) noexcept {
        int collecting = PyGC_Disable();
        PyObject *tuple = PySequence_Tuple(set);
        if (collecting) PyGC_Enable();
        if (tuple == nullptr) return OPEN_FAILED;
        source = tuple;
        owned = true;
        return open_flat(items_of_tuple(tuple), PyTuple_GET_SIZE(tuple));
    }
};

// The time zone of a datetime, or what naive ones mean (may be None).
static inline PyObject *zone_of(PyObject *moment, PyObject *naive_zone) noexcept {
    PyObject *zone = PyDateTime_DATE_GET_TZINFO(moment);
    return zone == Py_None ? naive_zone : zone;
}

// A fixed offset (datetime.timezone): the only kind of zone that runs no Python code.
static inline bool is_fixed(PyObject *zone) noexcept { return Py_TYPE(zone) == Py_TYPE(PyDateTimeAPI->TimeZone_UTC); }

// Milliseconds since 1970, floored, of a datetime in a zone of fixed offset. False with a Python error.
static inline bool milliseconds_of_datetime(PyObject *moment, PyObject *zone, int64_t *milliseconds) noexcept {
    const PyDateTime_DateTime *fields = reinterpret_cast<const PyDateTime_DateTime *>(moment);
    int64_t days =
        days_from_civil(PyDateTime_GET_YEAR(fields), PyDateTime_GET_MONTH(fields), PyDateTime_GET_DAY(fields));
    int64_t seconds = days * 86400 + PyDateTime_DATE_GET_HOUR(fields) * 3600 + PyDateTime_DATE_GET_MINUTE(fields) * 60 +
                      PyDateTime_DATE_GET_SECOND(fields);
    int64_t microseconds = PyDateTime_DATE_GET_MICROSECOND(fields);
    if (zone != PyDateTimeAPI->TimeZone_UTC) {
        PyObject *offset = PyObject_CallMethodObjArgs(zone, uneval_types.utcoffset, moment, nullptr);
        if (offset == nullptr) return false;
        seconds -= PyDateTime_DELTA_GET_DAYS(offset) * 86400 + PyDateTime_DELTA_GET_SECONDS(offset);
        microseconds -= PyDateTime_DELTA_GET_MICROSECONDS(offset);
        Py_DECREF(offset);
    }
    *milliseconds = floor_divide(seconds * 1000000 + microseconds, 1000);
    return true;
}

}  // namespace devalue
