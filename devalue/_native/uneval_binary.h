// The elements of binary data as JavaScript numbers and bigints.
#pragma once

#include <Python.h>

#include <cstdint>
#include <cstring>

#include "dedup_table.h"
#include "text_buffer.h"

namespace devalue {

struct ElementType {
    PyObject *name;  // "Int16Array"
    char format;     // of Python's struct
    size_t size;
};

// Filled from devalue.types.binary.TYPED_ARRAYS when the module is loaded.
struct ElementTypes {
    ElementType types[16];
    size_t count = 0;

    bool add(PyObject *name, char format, size_t size) noexcept {
        if (count == sizeof types / sizeof *types) return false;
        types[count++] = {name, format, size};
        return true;
    }

    const ElementType *find(PyObject *name) const noexcept {
        for (size_t i = 0; i < count; ++i) {
            if (same_text(types[i].name, name)) return &types[i];
        }
        return nullptr;
    }
};
static ElementTypes element_types;

template <typename Element, typename Out, typename Put>
static bool append_each(TextBuffer<Out> &text, const uint8_t *data, size_t count, Put put) noexcept {
    for (size_t i = 0; i < count; ++i) {
        Element element;
        std::memcpy(&element, data + i * sizeof element, sizeof element);
        if (i != 0) text.put(',');
        put(element);
        if (!text.ensure(0)) return false;
    }
    return true;
}

template <typename Out>
static bool append_halves(TextBuffer<Out> &text, const uint8_t *data, size_t count) noexcept {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    constexpr int little_endian = 0;
#else
    constexpr int little_endian = 1;
#endif
    for (size_t i = 0; i < count; ++i) {
        if (i != 0) text.put(',');
        text.put_number(PyFloat_Unpack2(reinterpret_cast<const char *>(data + 2 * i), little_endian));
        if (!text.ensure(0)) return false;
    }
    return true;
}

// All elements, with commas between; there is room for SMALL characters before and after.
template <typename Out>
static bool append_elements(TextBuffer<Out> &text, char format, const uint8_t *data, size_t count) noexcept {
    auto integer = [&](auto element) { text.put_integer(static_cast<int64_t>(element)); };
    auto number = [&](auto element) { text.put_number(static_cast<double>(element)); };
    auto bigint = [&](auto element) {
        text.put_integer(element);
        text.put('n');
    };
    switch (format) {
        case 'b': return append_each<int8_t>(text, data, count, integer);
        case 'B': return append_each<uint8_t>(text, data, count, integer);
        case 'h': return append_each<int16_t>(text, data, count, integer);
        case 'H': return append_each<uint16_t>(text, data, count, integer);
        case 'i': return append_each<int32_t>(text, data, count, integer);
        case 'I': return append_each<uint32_t>(text, data, count, integer);
        case 'f': return append_each<float>(text, data, count, number);
        case 'd': return append_each<double>(text, data, count, number);
        case 'q': return append_each<int64_t>(text, data, count, bigint);
        case 'Q': return append_each<uint64_t>(text, data, count, bigint);
        default: return append_halves(text, data, count);
    }
}

}  // namespace devalue
