// What uneval writes without looking further: primitives, names, statements, property names, and objects that hold no
// others.
#pragma once

#include <Python.h>

#include <cstdint>
#include <cstring>

#include "text_buffer.h"
#include "uneval_binary.h"
#include "uneval_survey.h"

namespace devalue {

// The text of the property names that one call has written lately, the colon included: most come many times, and
// then cost one copy of 16 bytes.
struct PropertyNames {
    struct Entry {
        PyObject *key;
        uint8_t length;
        char text[16];
    };
    Entry entries[64];

    PropertyNames() noexcept {
        for (Entry &entry : entries) entry.key = nullptr;
    }

    Entry &of(PyObject *key) noexcept {
        uintptr_t at = reinterpret_cast<uintptr_t>(key) >> 4;
        return entries[(at ^ at >> 6) & 63];
    }
};

// A name that needs no quotes (the ASCII identifiers of JavaScript's devalue).
static inline bool is_identifier(PyObject *text) noexcept {
    if (!PyUnicode_IS_ASCII(text)) return false;
    const unsigned char *data = PyUnicode_1BYTE_DATA(text);
    size_t length = PyUnicode_GET_LENGTH(text);
    if (length == 0 || (data[0] >= '0' && data[0] <= '9')) return false;
    for (size_t i = 0; i < length; ++i) {
        unsigned char c = data[i], lower = c | 0x20;
        if (!((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$')) return false;
    }
    return true;
}

// The bytearray of an ArrayBuffer.
static inline PyObject *data_of(PyObject *buffer) noexcept { return at_offset(buffer, uneval_types.buffer_data); }

// Each put function wants room for SMALL characters in the text, and leaves as much. Each that gives a bool gives false
// when memory ends, with a Python error or without.
template <typename Out>
class LeafWriter {
  protected:
    Uneval &state;
    TextBuffer<Out> text;
    TextBuffer<Out> statements;  // each with a semicolon behind it
    size_t count = 0;            // statements
    PropertyNames property_names;

    LeafWriter(Uneval &state, Arena<char> &texts, Arena<char> &statement_texts) noexcept
        : state(state), text(texts), statements(statement_texts) {}

    // --- primitives ---

    template <size_t Size>
    DEVALUE_INLINE bool put_constant(const char (&constant)[Size]) noexcept {
        text.put(constant);
        return text.ensure(0);
    }

    DEVALUE_INLINE bool put_string(PyObject *value) noexcept {
        bool may_be_named = state.has_names && PyUnicode_GET_LENGTH(value) * 2 >= LONG_STRING;
        return may_be_named ? put_counted(state.find_string(value, SEEN_STRING), value) : text.append_quoted(value);
    }

    DEVALUE_INLINE bool put_integer(PyObject *value) noexcept {
        int64_t integer;
        int overflow;
        if (!small_integer(value, &integer)) integer = PyLong_AsLongLongAndOverflow(value, &overflow);
        text.put_integer(integer);
        return text.ensure(0);
    }

    bool put_float(double value) noexcept {
        text.put_short_number(value);
        return text.ensure(0);
    }

    bool put_bigint(PyObject *value) noexcept {
        int overflow;
        int64_t integer = PyLong_AsLongLongAndOverflow(value, &overflow);
        if (!overflow) {
            Seen *seen = state.has_names ? state.find_bigint(integer) : nullptr;
            if (seen != nullptr && seen->name != 0) return put_counted(seen, nullptr);
            return put_literal(text, integer);
        }
        if (Seen *seen = state.find_long(value)) {
            return seen->name != 0 ? put_counted(seen, nullptr) : put_literal(text, seen->object);
        }
        PyObject *digits = digits_of_bigint(value);
        if (digits == nullptr) return false;
        bool done = put_digits(digits);
        Py_DECREF(digits);
        return done;
    }

    bool put_digits(PyObject *digits) noexcept {
        Seen *seen = state.has_names ? state.find_string(digits, SEEN_DIGITS) : nullptr;
        if (seen != nullptr && seen->name != 0) return put_counted(seen, nullptr);
        return put_literal(text, digits);
    }

    static bool put_literal(TextBuffer<Out> &to, int64_t integer) noexcept {
        to.put_integer(integer);
        to.put('n');
        return to.ensure(0);
    }

    static bool put_literal(TextBuffer<Out> &to, PyObject *digits) noexcept {
        if (!to.append_ascii(digits)) return false;
        to.put('n');
        return to.ensure(0);
    }

    // A long string or a bigint: its name if it has one, which is declared where it is first needed.
    bool put_counted(Seen *seen, PyObject *string) noexcept {
        if (seen == nullptr || seen->name == 0) return text.append_quoted(string);
        if (!seen->declared) {
            seen->declared = true;
            if (!begin_declaration(seen)) return false;
            bool written = seen->kind == SEEN_STRING   ? statements.append_quoted(seen->object)
                           : seen->kind == SEEN_DIGITS ? put_literal(statements, seen->object)
                                                       : put_literal(statements, seen->integer);
            if (!written || !end_statement()) return false;
        }
        return put_name(seen);
    }

    // --- names and statements ---

    bool put_name(const Seen *seen) noexcept {
        Name name(seen->name);
        text.put(name.text, name.length);
        return text.ensure(0);
    }

    bool is_named(PyObject *object) noexcept {
        Seen *seen = state.has_names ? state.find_object(object) : nullptr;
        return seen != nullptr && seen->name != 0;
    }

    bool begin_declaration(const Seen *seen) noexcept {
        Name name(seen->name);
        if (!statements.ensure(0)) return false;
        statements.put("let ");
        statements.put(name.text, name.length);
        statements.put('=');
        return true;
    }

    bool end_statement() noexcept {
        statements.put(';');
        ++count;
        return statements.ensure(0);
    }

    // What lies in the text from `start` on becomes the end of a statement.
    bool move_to_statements(size_t start) noexcept {
        bool moved = statements.append(text.data() + start, text.size() - start) && end_statement();
        text.cut(start);
        return moved;
    }

    // --- property names ---

    DEVALUE_INLINE bool put_property_name(PyObject *key) noexcept {
        if constexpr (sizeof(Out) == 1) {
            PropertyNames::Entry &known = property_names.of(key);
            if (known.key != key) return put_new_property_name(key, known);
            text.put(known.text, sizeof known.text);
            text.cut(text.size() - sizeof known.text + known.length);
            return text.ensure(0);
        }
        if (!put_key(key)) return false;
        text.put(':');
        return text.ensure(0);
    }

    DEVALUE_NOINLINE bool put_new_property_name(PyObject *key, PropertyNames::Entry &known) noexcept {
        size_t start = text.size();
        if (!put_key(key)) return false;
        text.put(':');
        size_t length = text.size() - start;
        if (length <= sizeof known.text) {
            std::memcpy(known.text, text.data() + start, length);
            known.key = key;
            known.length = static_cast<uint8_t>(length);
        }
        return text.ensure(0);
    }

    bool put_key(PyObject *key) noexcept {
        return is_identifier(key) ? text.append_ascii(key) : text.append_quoted(key);
    }

    bool put_property_target(PyObject *key) noexcept {
        bool identifier = is_identifier(key);
        text.put(identifier ? '.' : '[');
        if (!put_key(key)) return false;
        identifier ? text.put("=") : text.put("]=");
        return text.ensure(0);
    }

    // --- objects that hold no others ---

    bool put_datetime(PyObject *value) noexcept {
        int64_t milliseconds;
        if (!milliseconds_of_datetime(value, zone_of(value, state.naive_zone), &milliseconds)) return false;
        text.put("new Date(");
        text.put_integer(milliseconds);
        return true;
    }

    bool put_regexp(PyObject *value) noexcept {
        PyObject *flags = at_offset(value, uneval_types.flags);
        text.put("new RegExp(");
        if (!text.append_quoted(at_offset(value, uneval_types.source))) return false;
        if (PyUnicode_GET_LENGTH(flags) == 0) return true;
        text.put(",\"");
        if (!text.append_ascii(flags)) return false;
        text.put('"');
        return true;
    }

    // A Date has no -0 (ECMAScript 21.4.1.31).
    void put_time_value(double milliseconds) noexcept {
        milliseconds == 0 ? text.put('0') : text.put_number(milliseconds);
    }

    bool put_bytes(PyObject *value) noexcept {
        bool fixed = PyBytes_CheckExact(value);
        const char *data = fixed ? PyBytes_AS_STRING(value) : PyByteArray_AS_STRING(value);
        return put_uint8_array(data, fixed ? PyBytes_GET_SIZE(value) : PyByteArray_GET_SIZE(value));
    }

    bool put_uint8_array(const char *data, Py_ssize_t length) noexcept {
        text.put("new Uint8Array([");
        if (!append_elements(text, 'B', reinterpret_cast<const uint8_t *>(data), length)) return false;
        text.put("])");
        return text.ensure(0);
    }

    bool put_buffer(PyObject *buffer) noexcept {
        PyObject *data = data_of(buffer);
        if (!put_uint8_array(PyByteArray_AS_STRING(data), PyByteArray_GET_SIZE(data))) return false;
        text.put(".buffer");
        return text.ensure(0);
    }

    template <size_t Size>
    bool put_range(const char (&before)[Size], int64_t first, int64_t second) noexcept {
        if (!text.ensure(0)) return false;
        text.put(before);
        text.put_integer(first);
        text.put(',');
        text.put_integer(second);
        text.put(')');
        return text.ensure(0);
    }
};

}  // namespace devalue
