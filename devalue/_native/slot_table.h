// What the scanner leaves for the linker: finished leaves, and containers as lists of slot numbers.
#pragma once

#include <Python.h>

#include <cstdint>

#include "arena.h"
#include "inline.h"

namespace devalue {

enum class Kind : uint8_t { list, dict, null_object, map, set, boxed, sparse, view, custom, custom_text };

// A reference is the number of a slot, or one of the negative numbers of the format.
constexpr int32_t lowest_reference = -6;
constexpr int32_t hole_reference = -2;

struct Container {
    int32_t slot;
    int32_t refs, count;  // where its references start, and how many there are
    int32_t highest;      // the greatest of them: the container can be linked once that slot is there
    int32_t keys;         // dict, null_object: one key for each reference; custom: the reviver, custom_text: and its payload
    int32_t numbers;      // sparse: length and one index for each reference; view: type, how many follow, offset, length
    Kind kind;
};

// A slot's value is tagged in its two low bits, which are zero in every PyObject*:
//   owned     the table holds the reference
//   given     the reference went to the first container that asked for it: most leaves are not touched by linking
//   pending   a container that has not been made yet; the rest is its number
enum Tag : uintptr_t { owned = 0, given = 1, pending = 2, tag_bits = 3 };

struct SlotTable {
    Arena<uintptr_t> values;
    // The containers that wait for a later slot, a stack with what belongs to them.
    Arena<Container> containers;
    Arena<int32_t> refs;
    Arena<PyObject*> keys;
    Arena<uint32_t> numbers;
    size_t customs = 0;
    // With custom values the table keeps every reference, since revivers may take containers apart while it is in use.
    bool keeps = false;
    // A signal handler has raised: what it raised is no matter of the text.
    bool interrupted = false;

    // Run the handlers of signals that have come. False with what one of them raised.
    bool check_signals() {
        interrupted = PyErr_CheckSignals() < 0;
        return !interrupted;
    }

    // The same within one large container, every so many of its children.
    DEVALUE_INLINE bool check_signals_after(size_t children) {
        return (children & ((size_t{1} << 20) - 1)) != 0 || check_signals();
    }

    size_t bytes() const {
        return values.bytes() + containers.bytes() + refs.bytes() + keys.bytes() + numbers.bytes();
    }

    void free_memory() {
        values.release();
        containers.release();
        refs.release();
        keys.release();
        numbers.release();
    }

    // Drop every reference that the table still owns.
    void clear() {
        for (size_t i = 0; i < values.size; i++) {
            uintptr_t value = values.data[i];
            if ((value & tag_bits) == owned) Py_XDECREF(reinterpret_cast<PyObject*>(value));
        }
        values.size = containers.size = refs.size = numbers.size = customs = 0;
        keeps = interrupted = false;
        drop_keys(0);
    }

    void drop_keys(size_t from) {
        while (keys.size > from) Py_DECREF(keys.data[--keys.size]);
    }

    // The container on top of the stack is done.
    void pop() {
        const Container& container = containers.data[--containers.size];
        refs.size = container.refs;
        numbers.size = container.numbers;
        drop_keys(container.keys);
    }

    bool is_pending(size_t slot) const { return (values.data[slot] & tag_bits) == pending; }
    size_t container_of(size_t slot) const { return values.data[slot] >> 2; }
    PyObject* peek(size_t slot) const { return reinterpret_cast<PyObject*>(values.data[slot] & ~tag_bits); }
    void set(size_t slot, PyObject* value) { values.data[slot] = reinterpret_cast<uintptr_t>(value) | owned; }

    bool is_owned(size_t slot) const { return (values.data[slot] & tag_bits) == owned; }

    // The reference that the table owns.
    PyObject* give(size_t slot) {
        uintptr_t value = values.data[slot];
        values.data[slot] = value | given;
        return reinterpret_cast<PyObject*>(value);
    }

    // A new reference to the value of a slot that is not pending.
    PyObject* share(size_t slot) const {
        PyObject* object = peek(slot);
        Py_INCREF(object);
        return object;
    }
};

}  // namespace devalue
