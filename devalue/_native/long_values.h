// Long strings and BigInts that were met before, by identity. Their text is looked at once, not once for each
// reference: 20,000 references to a BigInt of 10,000 digits took 17 s, a string as long as its references are many
// quadratic time.
#pragma once

#include <Python.h>

#include <cstdint>

#include "arena.h"
#include "dedup_table.h"
#include "seeded_hash.h"
#include "slot.h"

namespace devalue {

class LongValues {
  public:
    static bool is_long(PyObject *text) noexcept {
        return PyUnicode_GET_LENGTH(text) * PyUnicode_KIND(text) >= LONG;
    }

    void start() noexcept { entries.size = 0; }

    // The slot of this very object, or -1.
    int32_t find(PyObject *value) noexcept {
        if (entries.size == 0) return -1;
        int32_t at = table.find(hash_of(value), [=](uint32_t at) { return entries.data[at].value == value; });
        return at < 0 ? -1 : entries.data[at].slot;
    }

    // Remember a value that is not there and stays alive until the end of the call. False when memory ends.
    bool add(PyObject *value, int32_t slot) noexcept {
        if (entries.size == 0 && !table.start()) return false;
        if (!table.reserve(entries.size + 1) || !entries.push({value, slot})) return false;
        uint32_t fresh = static_cast<uint32_t>(entries.size - 1);
        table.find_or_add(hash_of(value), fresh, [](uint32_t) { return false; });
        return true;
    }

    size_t bytes() const noexcept { return entries.bytes() + table.bytes(); }

    void release() noexcept {
        entries.release();
        table.release();
    }

  private:
    static constexpr Py_ssize_t LONG = 512;  // bytes

    struct Entry {
        PyObject *value;
        int32_t slot;
    };

    Arena<Entry> entries;
    DedupTable table;

    static uint32_t hash_of(PyObject *value) noexcept {
        return hash_word(reinterpret_cast<uintptr_t>(value), SLOT_STRING);
    }
};

}  // namespace devalue
