// A growable array of plain values: the scratch memory of one parse or stringify.
#pragma once

#include <Python.h>

#include <cstddef>
#include <cstdint>

#include "inline.h"

namespace devalue {

template <class T>
struct Arena {
    T* data = nullptr;
    size_t size = 0;
    size_t capacity = 0;

    // False: no memory, nothing changed, no Python exception set.
    bool reserve(size_t wanted) {
        if (wanted <= capacity) return true;
        size_t grown = capacity < 128 ? 256 : capacity * 2;
        if (grown < wanted) grown = wanted;
        if (grown > static_cast<size_t>(PY_SSIZE_T_MAX) / sizeof(T)) return false;
        void* moved = PyMem_RawRealloc(data, grown * sizeof(T));
        if (moved == nullptr) return false;
        data = static_cast<T*>(moved);
        capacity = grown;
        return true;
    }

    // Room for so many behind the last one.
    DEVALUE_INLINE bool reserve_more(size_t more) {
        return more <= capacity - size || (more <= SIZE_MAX - size && reserve(size + more));
    }

    bool push(T value) {
        if (size == capacity && !reserve(size + 1)) return false;
        data[size++] = value;
        return true;
    }

    size_t bytes() const { return capacity * sizeof(T); }

    void release() {
        PyMem_RawFree(data);
        data = nullptr;
        size = capacity = 0;
    }
};

}  // namespace devalue
