// The Python objects that the decoder makes values from. Filled at import (_parse.pyx).
#pragma once

#include <Python.h>

#include <cstdint>

#include "base64_decode.h"

namespace devalue {

constexpr int view_kinds = 13;
constexpr uint32_t data_view = 12;  // the last of them

// A class with __slots__ and where in an instance some of its slots are: instances are made without __init__.
struct SlottedClass {
    PyTypeObject* type;
    Py_ssize_t slots[5];
};

struct ParseTypes {
    PyObject *RegExp, *Temporal, *URL, *URLSearchParams;
    PyObject *date_of_iso, *bigint_of_digits;  // functions of a text, for the less common forms
    PyObject* empty_tuple;
    PyTypeObject *BigInt, *NullObject;
    SlottedClass ArrayBuffer;  // _data
    SlottedClass TypedArray;   // buffer, byte_offset, byte_length, kind, length
    SlottedClass DataView;     // buffer, byte_offset, byte_length
    SlottedClass Map, Set;     // _flat, _index
    SlottedClass Boxed;        // value
    SlottedClass SparseArray;  // _length, _items
    PyObject* constants[7];    // at i: what the reference -i stands for
    PyObject* view_names[view_kinds];
    uint32_t view_itemsizes[view_kinds];
};
static ParseTypes types;

static inline PyObject* new_instance(const SlottedClass& made) { return made.type->tp_alloc(made.type, 0); }

// Fill an empty slot of a new instance; takes the reference.
static inline void set_slot(const SlottedClass& made, PyObject* object, int slot, PyObject* value) {
    *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object) + made.slots[slot]) = value;
}

static inline PyObject* get_slot(const SlottedClass& made, PyObject* object, int slot) {
    return *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object) + made.slots[slot]);
}

// BigInt of a Python int; takes the reference, which may be nullptr.
static inline PyObject* bigint_of(PyObject* number) {
    if (number == nullptr) return nullptr;
    PyObject* arguments = PyTuple_Pack(1, number);
    Py_DECREF(number);
    if (arguments == nullptr) return nullptr;
    PyObject* made = PyLong_Type.tp_new(types.BigInt, arguments, nullptr);
    Py_DECREF(arguments);
    return made;
}

// ArrayBuffer of base64 in 8-bit characters; nullptr without an exception: not in the regular form.
static inline PyObject* array_buffer_of(const unsigned char* text, size_t length) {
    ptrdiff_t size = base64_size(text, length);
    if (size < 0) return nullptr;
    PyObject* data = PyByteArray_FromStringAndSize(nullptr, size);
    if (data == nullptr) return nullptr;
    PyObject* buffer = nullptr;
    if (base64_decode(text, length, reinterpret_cast<unsigned char*>(PyByteArray_AS_STRING(data))))
        buffer = new_instance(types.ArrayBuffer);
    if (buffer == nullptr) {
        Py_DECREF(data);
        return nullptr;
    }
    set_slot(types.ArrayBuffer, buffer, 0, data);
    return buffer;
}

}  // namespace devalue
