// The names of hoisted values, `a`, `b`, ... `$`, `aa`, ..., and when a string or bigint is worth one.
#pragma once

#include <Python.h>

#include <cstdint>
#include <cstring>

#include "write_string.h"

namespace devalue {

// Words that no variable may be called; filled from devalue/_uneval/names.py when the module is loaded.
struct ReservedWords {
    struct Word {
        const char *text;
        size_t length;
    };
    Word words[96];
    size_t count = 0;

    bool add(const char *text, size_t length) noexcept {
        if (count == sizeof words / sizeof *words) return false;
        words[count++] = {text, length};
        return true;
    }

    bool contains(const char *text, size_t length) const noexcept {
        for (size_t i = 0; i < count; ++i) {
            if (words[i].length == length && std::memcmp(words[i].text, text, length) == 0) return true;
        }
        return false;
    }
};
static ReservedWords reserved_words;

// The name of a number from 1, counted in bijective base 54; a reserved word gets a 0 behind it.
struct Name {
    static constexpr size_t LONGEST = 8;  // 54**6 > 2**32, and a 0
    char text[LONGEST];
    size_t length = 0;

    explicit Name(uint32_t number) noexcept {
        static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$";
        char backwards[LONGEST];
        for (; number > 0; number = (number - 1) / 54) backwards[length++] = letters[(number - 1) % 54];
        for (size_t i = 0; i < length; ++i) text[i] = backwards[length - 1 - i];
        if (length > 1 && reserved_words.contains(text, length)) text[length++] = '0';
    }
};

// The characters of writing it out each time, against a declaration, the names, and the function around them.
static inline bool is_worth_a_name(uint64_t literal, uint64_t count, uint64_t name) noexcept {
    return literal * count > literal + (count + 1) * name + 40;
}

// The length as JavaScript counts it: characters beyond U+FFFF are two.
static inline Py_ssize_t utf16_length(PyObject *text) noexcept {
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), astral = 0;
    if (PyUnicode_KIND(text) != PyUnicode_4BYTE_KIND) return length;
    const Py_UCS4 *data = PyUnicode_4BYTE_DATA(text);
    for (Py_ssize_t i = 0; i < length; ++i) astral += data[i] > 0xFFFF;
    return length + astral;
}

// The UTF-16 length of a string with its quotes and escapes.
static inline uint64_t quoted_length(PyObject *text) noexcept {
    uint64_t length = 2;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    char escape[LONGEST_ESCAPE];
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(text); ++i) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        length += is_special(static_cast<uint32_t>(c)) ? write_escape(escape, c) - escape : 1 + (c > 0xFFFF);
    }
    return length;
}

}  // namespace devalue
