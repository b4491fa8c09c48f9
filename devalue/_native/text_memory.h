// Where the text of one call is written: short text into kept memory, from which a str of the exact size is copied,
// long text into a str that grows and becomes the result.
//
// A str that grows costs page faults at every call (an API payload: 236 -> 112 us without); one that is copied costs
// its size once more (82 MB: 80 MB less and 1.15 times faster without).
#pragma once

#include <Python.h>

#include <cstring>

#include "arena.h"
#include "inline.h"

namespace devalue {

template <typename Out>
class TextMemory {
  public:
    // `widest`: the largest character that the text may hold.
    TextMemory(Arena<char> &scratch, Py_UCS4 widest) noexcept : scratch(scratch), widest(widest) {}
    ~TextMemory() { Py_XDECREF(text); }
    TextMemory(const TextMemory &) = delete;
    TextMemory &operator=(const TextMemory &) = delete;

    Out *start() const noexcept {
        return reinterpret_cast<Out *>(text == nullptr ? scratch.data : static_cast<char *>(PyUnicode_DATA(text)));
    }

    size_t capacity() const noexcept {
        return text == nullptr ? scratch.capacity / sizeof(Out) : static_cast<size_t>(PyUnicode_GET_LENGTH(text));
    }

    // Room for so many characters behind the first `used`, which are kept. False when memory ends.
    DEVALUE_NOINLINE bool grow(size_t used, size_t more) noexcept {
        if (more > PY_SSIZE_T_MAX / sizeof(Out) / 4 - used) return false;
        size_t wanted = used + more;
        if (text == nullptr && wanted * sizeof(Out) <= LONG) {
            scratch.size = used * sizeof(Out);
            return scratch.reserve_more(more * sizeof(Out));
        }
        return grow_text(used, 2 * wanted);
    }

    // The first `length` characters as a str. A str must be as narrow as its text: one that is not equals no other.
    PyObject *finish(size_t length, bool may_be_narrower) noexcept {
        if (may_be_narrower) return PyUnicode_FromKindAndData(sizeof(Out), start(), length);
        if (text == nullptr) {
            PyObject *copy = PyUnicode_New(length, widest);
            if (copy != nullptr) std::memcpy(PyUnicode_DATA(copy), scratch.data, length * sizeof(Out));
            return copy;
        }
        if (PyUnicode_Resize(&text, length) < 0) return nullptr;
        PyObject *result = text;
        text = nullptr;
        return result;
    }

  private:
    static constexpr size_t LONG = size_t{16} << 20;

    Arena<char> &scratch;
    Py_UCS4 widest;
    PyObject *text = nullptr;

    bool grow_text(size_t used, size_t characters) noexcept {
        if (text != nullptr) {
            if (PyUnicode_Resize(&text, characters) < 0) return false;
        } else {
            PyObject *fresh = PyUnicode_New(characters, widest);
            if (fresh == nullptr) return false;
            std::memcpy(PyUnicode_DATA(fresh), scratch.data, used * sizeof(Out));
            text = fresh;
            scratch.release();
        }
        return true;
    }
};

}  // namespace devalue
