// JSON strings to str, from text of 1, 2 or 4 bytes a character or from UTF-8.
#pragma once

#include <Python.h>

#include <cstring>

#include "read_utf8.h"
#include "text_scan.h"

namespace devalue {

// How a text is stored. `utf8`: its bytes from 0x80 up are UTF-8, not Latin-1.
template <class C, bool is_utf8>
struct Encoding {
    using Char = C;
    static constexpr bool utf8 = is_utf8;
};
using Latin1 = Encoding<uint8_t, false>;
using Utf8 = Encoding<uint8_t, true>;
using Ucs2 = Encoding<uint16_t, false>;
using Ucs4 = Encoding<uint32_t, false>;

template <class To, class From>
static inline void copy_characters(To* to, const From* from, size_t count) {
    if (sizeof(To) == sizeof(From)) {
        std::memcpy(to, from, count * sizeof(From));
    } else {
        for (size_t i = 0; i < count; i++) to[i] = static_cast<To>(from[i]);
    }
}

// A new str of so many characters, whose OR is `seen`, that write(characters) fills.
template <class Write>
static inline PyObject* new_string(size_t count, uint32_t seen, Write write) {
    PyObject* string = PyUnicode_New(static_cast<Py_ssize_t>(count), seen > 0x10ffff ? 0x10ffff : seen);
    if (string == nullptr) return nullptr;
    if (seen < 0x100) {
        write(PyUnicode_1BYTE_DATA(string));
    } else if (seen < 0x10000) {
        write(PyUnicode_2BYTE_DATA(string));
    } else {
        write(PyUnicode_4BYTE_DATA(string));
    }
    return string;
}

// nullptr without an exception: malformed.
static inline PyObject* decode_utf8(const uint8_t* text, size_t length) {
    const Utf8Size size = measure_utf8(text, length);
    bool valid = true;
    PyObject* string =
        new_string(size.characters, size.widest, [&](auto* out) { valid = write_utf8(out, text, text + length); });
    if (!valid) Py_CLEAR(string);
    return string;
}

// The str of `count` characters, whose OR is `seen`. nullptr with an exception: no memory; without: no UTF-8.
template <class Enc>
static inline PyObject* make_string(const typename Enc::Char* text, size_t count, uint32_t seen) {
    if (count == 1 && seen < 0x80) return PyUnicode_FromOrdinal(static_cast<int>(text[0]));
    if constexpr (Enc::utf8) {
        if (seen >= 0x80) return decode_utf8(text, count);
    }
    return new_string(count, seen, [=](auto* out) { copy_characters(out, text, count); });
}

// The code unit of the four hexadecimal digits at p; above 0xffff where they are none.
template <class Char>
static inline uint32_t hex4(const Char* p) {
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t c = p[i], digit;
        if (c - '0' <= 9) {
            digit = c - '0';
        } else if ((c | 0x20) - 'a' <= 5) {
            digit = (c | 0x20) - 'a' + 10;
        } else {
            return 0x10000;  // also stops at the text's NUL
        }
        unit = unit << 4 | digit;
    }
    return unit;
}

constexpr uint32_t no_character = 0xffffffff;

// The character of the escape whose backslash is at p, which is moved behind it; a surrogate pair is one character.
template <class Char>
static inline uint32_t read_escape(const Char*& p) {
    Char c = p[1];
    p += 2;
    switch (c) {
        case '"': case '\\': case '/': return c;
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        case 'u': break;
        default: return no_character;
    }
    uint32_t unit = hex4(p);
    if (unit > 0xffff) return no_character;
    p += 4;
    if (unit >> 10 == 0xd800 >> 10 && p[0] == '\\' && p[1] == 'u') {
        uint32_t low = hex4(p + 2);
        if (low >> 10 == 0xdc00 >> 10) {
            p += 6;
            return 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
        }
    }
    return unit;
}

template <class Char>
static inline bool is_surrogate(Char c) {
    return c >= 0xd800 && c <= 0xdfff;
}

// What an escaped string comes to: its end (the closing quote; nullptr: malformed), its length and the OR of its
// characters. A surrogate that is not escaped next to one that is would be a pair to JavaScript: for the pure twin.
template <class Char>
struct Unescaped {
    const Char* end;
    size_t count;
    uint32_t seen;
};

template <class Char>
static Unescaped<Char> measure_escaped(const Char* p, const Char* end) {
    size_t count = 0;
    uint32_t seen = 0;
    for (;;) {
        const Char* stop = end_of_plain(p, end, seen);
        count += static_cast<size_t>(stop - p);
        p = stop;
        if (*p == '"') return {p, count, seen};
        if (*p != '\\') return {nullptr, 0, 0};
        uint32_t character = read_escape(p);
        if (character == no_character) return {nullptr, 0, 0};
        seen |= character;
        count++;
    }
}

template <class To, class Char>
static void write_unescaped(To* out, const Char* p, const Char* end) {
    uint32_t ignored = 0;
    while (p < end) {
        const Char* stop = end_of_plain(p, end, ignored);
        copy_characters(out, p, static_cast<size_t>(stop - p));
        out += stop - p;
        p = stop;
        if (p < end) *out++ = static_cast<To>(read_escape(p));
    }
}

template <class Char>
static bool holds_surrogate(const Char* p, const Char* end) {
    if (sizeof(Char) == 1) return false;
    bool found = false;
    for (; p < end; p++) found |= is_surrogate(*p);
    return found;
}

// The str of the escaped string that starts at p; p is moved to its closing quote. Twice over the text, so that the
// str is made at its exact size. nullptr without an exception: malformed, or for the pure twin.
template <class Char>
static PyObject* unescape(const Char*& p, const Char* end) {
    const Char* start = p;
    Unescaped<Char> result = measure_escaped(p, end);
    if (result.end == nullptr || holds_surrogate(start, result.end)) return nullptr;
    p = result.end;
    const Char* stop = p;
    return new_string(result.count, result.seen, [=](auto* out) { write_unescaped(out, start, stop); });
}

// The same from UTF-8 with characters beyond ASCII: decoded first, escapes and all, then unescaped as a str.
static PyObject* unescape_utf8(const uint8_t*& p, const uint8_t* end) {
    const uint8_t* start = p;
    Unescaped<uint8_t> result = measure_escaped(p, end);
    if (result.end == nullptr) return nullptr;
    if (result.seen < 0x80) return unescape(p, end);
    p = result.end;
    // With its closing quote, so that the decoded text also ends where it should.
    PyObject* raw = decode_utf8(start, static_cast<size_t>(p + 1 - start));
    if (raw == nullptr) return nullptr;
    PyObject* string;
    Py_ssize_t length = PyUnicode_GET_LENGTH(raw);
    switch (PyUnicode_KIND(raw)) {
        case PyUnicode_1BYTE_KIND: {
            const uint8_t* text = PyUnicode_1BYTE_DATA(raw);
            string = unescape(text, text + length);
            break;
        }
        case PyUnicode_2BYTE_KIND: {
            const uint16_t* text = PyUnicode_2BYTE_DATA(raw);
            string = unescape(text, text + length);
            break;
        }
        default: {
            const uint32_t* text = PyUnicode_4BYTE_DATA(raw);
            string = unescape(text, text + length);
        }
    }
    Py_DECREF(raw);
    return string;
}

// The str whose opening quote is just before p; p is moved behind the closing one. nullptr with an exception: no
// memory, or no UTF-8; without: malformed, or for the pure twin.
template <class Enc>
static inline PyObject* read_string(const typename Enc::Char*& p, const typename Enc::Char* end) {
    uint32_t seen = 0;
    const typename Enc::Char* stop = end_of_plain(p, end, seen);
    PyObject* string;
    if (*stop == '"') {
        string = make_string<Enc>(p, static_cast<size_t>(stop - p), seen);
        p = stop;
    } else if (*stop != '\\') {
        return nullptr;
    } else if constexpr (Enc::utf8) {
        string = unescape_utf8(p, end);
    } else {
        string = unescape(p, end);
    }
    p++;
    return string;
}

}  // namespace devalue
