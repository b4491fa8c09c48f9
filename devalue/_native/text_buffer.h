// Text that grows at its end and can be cut there, of 1, 2 or 4 bytes per character.
#pragma once

#include <Python.h>

#include <cmath>
#include <cstdint>
#include <cstring>

#include "arena.h"
#include "inline.h"
#include "write_number.h"
#include "write_string.h"

namespace devalue {

// Every writer but put() makes room first. Nothing that is written may overlap the buffer's own text.
template <typename Out>
class TextBuffer {
  public:
    explicit TextBuffer(Arena<char> &memory) noexcept : memory(memory) {
        out = start = reinterpret_cast<Out *>(memory.data);
        limit = start + memory.capacity / sizeof(Out);
    }

    size_t size() const noexcept { return static_cast<size_t>(out - start); }
    const Out *data() const noexcept { return start; }
    void cut(size_t length) noexcept { out = start + length; }

    // Room for so many characters and SMALL more. False when memory ends.
    DEVALUE_INLINE bool ensure(size_t characters) noexcept {
        return (start != nullptr && characters + 2 * SMALL <= static_cast<size_t>(limit - out)) || grow(characters);
    }

    // --- at most SMALL characters, for which there must be room; as much again may be touched ---

    DEVALUE_INLINE void put(char c) noexcept { *out++ = static_cast<Out>(c); }

    template <size_t Size>
    DEVALUE_INLINE void put(const char (&text)[Size]) noexcept {
        out = write_ascii(out, text, Size - 1);
    }

    void put(const char *text, size_t length) noexcept { out = write_ascii(out, text, length); }

    void put_integer(int64_t value) noexcept {
        put_text([=](char *text) { return write_integer(text, value); });
    }

    void put_integer(uint64_t value) noexcept {
        put_text([=](char *text) { return write_unsigned(text, value); });
    }

    // Number::toString (ECMAScript 6.1.6.1.20), but -0 is told apart.
    void put_number(double value) noexcept {
        if (!put_simple_number(value)) put_text([=](char *text) { return write_double(text, value); });
    }

    // The same without a 0 before the point.
    void put_short_number(double value) noexcept {
        if (put_simple_number(value)) return;
        put_text([=](char *text) { return without_leading_zero(text, write_double(text, value)); });
    }

    // --- text of any length ---

    bool append(const Out *text, size_t length) noexcept {
        if (!ensure(length)) return false;
        std::memcpy(out, text, length * sizeof(Out));
        out += length;
        return true;
    }

    bool append_repeated(char c, size_t count) noexcept {
        if (!ensure(count)) return false;
        for (size_t i = 0; i < count; ++i) put(c);
        return true;
    }

    // A str of ASCII, as it is.
    bool append_ascii(PyObject *text) noexcept {
        size_t length = PyUnicode_GET_LENGTH(text);
        if (!ensure(length)) return false;
        put(static_cast<const char *>(PyUnicode_DATA(text)), length);
        return true;
    }

    // With quotes and escapes; there is room for SMALL more afterwards.
    bool append_quoted(PyObject *text) noexcept {
        size_t length = PyUnicode_GET_LENGTH(text);
        const void *data = PyUnicode_DATA(text);
        // A string is never wider than the widest one, for which this class is made.
        if constexpr (sizeof(Out) >= 4) {
            if (PyUnicode_KIND(text) == PyUnicode_4BYTE_KIND) {
                return append_quoted(static_cast<const uint32_t *>(data), length);
            }
        }
        if constexpr (sizeof(Out) >= 2) {
            if (PyUnicode_KIND(text) == PyUnicode_2BYTE_KIND) {
                return append_quoted(static_cast<const uint16_t *>(data), length);
            }
        }
        return append_quoted(static_cast<const uint8_t *>(data), length);
    }

    // Whether an escape replaced a character that made its string wide, so that the whole may be narrower.
    bool may_be_narrower() const noexcept { return escaped > 0xFF; }

  private:
    static constexpr size_t SMALL = 64;
    static constexpr size_t CHUNK = 4096;

    Arena<char> &memory;
    Out *start, *out, *limit;
    uint32_t escaped = 0;

    DEVALUE_NOINLINE bool grow(size_t characters) noexcept {
        size_t used = size();
        if (characters > PY_SSIZE_T_MAX / sizeof(Out) - 2 * SMALL) return false;
        memory.size = used * sizeof(Out);
        if (!memory.reserve_more((characters + 2 * SMALL) * sizeof(Out))) return false;
        start = reinterpret_cast<Out *>(memory.data);
        limit = start + memory.capacity / sizeof(Out);
        out = start + used;
        return true;
    }

    // Integers, NaN and infinities.
    bool put_simple_number(double value) noexcept {
        int64_t integer = std::fabs(value) < 9e15 ? static_cast<int64_t>(value) : 0;
        if (value != value) {
            put("NaN");
        } else if (std::isinf(value)) {
            value < 0 ? put("-Infinity") : put("Infinity");
        } else if (value == 0) {
            std::signbit(value) ? put("-0") : put("0");
        } else if (static_cast<double>(integer) == value) {
            put_integer(integer);
        } else {
            return false;
        }
        return true;
    }

    template <typename Write>
    DEVALUE_INLINE void put_text(Write write) noexcept {
        if constexpr (sizeof(Out) == 1) {
            out = reinterpret_cast<Out *>(write(reinterpret_cast<char *>(out)));
        } else {
            char text[MAX_DOUBLE_TEXT];
            out = write_ascii(out, text, write(text) - text);
        }
    }

    // 0.5 -> .5, -0.5 -> -.5
    static char *without_leading_zero(char *text, char *end) noexcept {
        char *digits = text + (*text == '-');
        if (digits[0] != '0' || digits[1] != '.') return end;
        std::memmove(digits, digits + 1, end - digits - 1);
        return end - 1;
    }

    // The common string needs no escape: then it is one copy, small enough to be inlined.
    template <typename Char>
    DEVALUE_INLINE bool append_quoted(const Char *text, size_t length) noexcept {
        if (!ensure(length)) return false;
        *out++ = '"';
        size_t plain = copy_plain(out, text, length);
        out += plain;
        if (plain != length && !append_rest(text + plain, length - plain)) return false;
        *out++ = '"';
        return true;
    }

    template <typename Char>
    DEVALUE_NOINLINE bool append_rest(const Char *text, size_t length) noexcept {
        while (length > 0) {
            size_t here = length < CHUNK ? length : CHUNK;
            if (!ensure(here * LONGEST_ESCAPE)) return false;
            out = write_escaped(out, text, here, &escaped);
            text += here;
            length -= here;
        }
        return ensure(0);
    }
};

}  // namespace devalue
