// A whole text into a SlotTable, and the scratch memory that calls hand on to each other.
#pragma once

#include <new>

#include "slot_scanner.h"

namespace devalue {

constexpr size_t longest_text = INT32_MAX - 64;           // slot numbers are int32; longer texts are for the pure twin
constexpr size_t kept_scratch_bytes = size_t{16} << 20;   // at most, between calls

static SlotTable* spare_table;

// Out of its place while in use: what runs during a parse (a reviver, a signal handler) may parse as well.
static SlotTable* borrow_table() {
    SlotTable* table = spare_table;
    spare_table = nullptr;
    if (table == nullptr) table = new (std::nothrow) SlotTable;
    if (table == nullptr) PyErr_NoMemory();
    return table;
}

static void return_table(SlotTable* table) {
    table->clear();
    if (spare_table == nullptr && table->bytes() <= kept_scratch_bytes) {
        spare_table = table;
    } else {
        table->free_memory();
        delete table;
    }
}

template <class Enc>
static bool scan_text(const void* text, size_t length, SlotTable& table, PyObject* revivers) {
    SlotScanner<Enc> scanner(static_cast<const typename Enc::Char*>(text), length, table, revivers);
    if (!scanner.scan()) return false;
    SlotLinker linker(table);
    if (table.customs == 0) return linker.link_complete() && table.containers.size == 0;
    table.keeps = true;
    return linker.link_all_but_custom();
}

// Scan and link a str or bytes; custom values stay pending. False with an exception, or without: for the pure twin.
static bool fill_table(PyObject* data, SlotTable& table, PyObject* revivers) {
    if (PyBytes_Check(data)) {
        size_t length = static_cast<size_t>(PyBytes_GET_SIZE(data));
        return length <= longest_text && scan_text<Utf8>(PyBytes_AS_STRING(data), length, table, revivers);
    }
#if PY_VERSION_HEX < 0x030C0000
    if (PyUnicode_READY(data) < 0) return false;
#endif
    size_t length = static_cast<size_t>(PyUnicode_GET_LENGTH(data));
    const void* text = PyUnicode_DATA(data);
    if (length > longest_text) return false;
    switch (PyUnicode_KIND(data)) {
        case PyUnicode_1BYTE_KIND: return scan_text<Latin1>(text, length, table, revivers);
        case PyUnicode_2BYTE_KIND: return scan_text<Ucs2>(text, length, table, revivers);
        default: return scan_text<Ucs4>(text, length, table, revivers);
    }
}

// The same without cyclic garbage collection, which would look at the growing result again and again: 1.1 to 1.8
// times as fast on large values.
static bool fill_table_without_gc(PyObject* data, SlotTable& table, PyObject* revivers) {
    int was_enabled = PyGC_Disable();
    bool done = fill_table(data, table, revivers);
    if (was_enabled) PyGC_Enable();
    return done;
}

}  // namespace devalue
