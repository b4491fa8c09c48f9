// The second pass: the slots in order, as text of 1, 2 or 4 bytes per character.
#pragma once

#include <Python.h>
#include <datetime.h>

#include <cstdint>
#include <cstring>

#include "base64_encode.h"
#include "encoder.h"
#include "write_date.h"
#include "write_number.h"
#include "write_string.h"

namespace devalue {

// Called every few megabytes of output; 0 when a signal handler has raised.
using Checkpoint = int (*)(Encoder *);

static inline const PyDateTime_DateTime *datetime_fields(PyObject *moment) noexcept {
    return reinterpret_cast<const PyDateTime_DateTime *>(moment);
}

// Writes into the encoder's kept text arena; the caller copies the result into a str of the exact size. Growing a str
// instead costs page faults at every call: an API payload 236 -> 112 us.
template <typename Out>
class SlotWriter {
  public:
    SlotWriter(Encoder &encoder, Checkpoint checkpoint) noexcept : encoder(encoder), checkpoint(checkpoint) {
        start = out = reinterpret_cast<Out *>(encoder.text.data);
        limit = start + encoder.text.capacity / sizeof(Out);
    }

    // False when memory ends (no Python error is set) or a signal handler raised (one is set).
    bool write() noexcept {
        if (!ensure(1)) return false;
        *out++ = '[';
        size_t next_check = CHECK_EVERY;
        for (size_t i = 0; i < encoder.slots.size; ++i) {
            if (!write_slot(encoder.slots.data[i])) return false;
            *out++ = ',';
            if (length() > next_check) {
                if (!checkpoint(&encoder)) return false;
                next_check = length() + CHECK_EVERY;
            }
        }
        out[-1] = ']';
        return true;
    }

    size_t length() const noexcept { return out - start; }
    // True if an escape replaced a character that made its string wide, so that the result may be narrower.
    bool may_be_narrower() const noexcept { return escaped > 0xFF; }

  private:
    static constexpr size_t CHECK_EVERY = size_t{8} << 20;
    static constexpr size_t CHUNK = 4096;
    static constexpr size_t REFERENCE = 12;  // "-2147483648,"
    static constexpr size_t SLACK = 64;      // what number and string writers may touch beyond what they write

    Encoder &encoder;
    Checkpoint checkpoint;
    Out *start, *out, *limit;
    size_t next_reference = 0, next_key = 0;
    uint32_t escaped = 0;

    // Room for so many characters, and the slack behind them.
    bool ensure(size_t characters) noexcept {
        if (characters + SLACK <= static_cast<size_t>(limit - out)) return true;
        return grow(characters + SLACK);
    }

    bool grow(size_t characters) noexcept {
        size_t used = length();
        encoder.text.size = used * sizeof(Out);
        if (characters > PY_SSIZE_T_MAX / sizeof(Out) || !encoder.text.reserve_more(characters * sizeof(Out))) return false;
        start = reinterpret_cast<Out *>(encoder.text.data);
        out = start + used;
        limit = start + encoder.text.capacity / sizeof(Out);
        return true;
    }

    bool write_slot(const Slot &slot) noexcept {
        if (slot.wrapped) return write_custom(rare_of(slot));
        switch (slot.kind) {
            case SLOT_STRING: return write_string(slot.object);
            case SLOT_INTEGER: return ensure(MAX_INTEGER_TEXT) && write_integer_text(slot.integer);
            case SLOT_DOUBLE: return ensure(MAX_DOUBLE_TEXT) && write_double_text(slot.number);
            case SLOT_NULL: return put("null");
            case SLOT_TRUE: return put("true");
            case SLOT_FALSE: return put("false");
            case SLOT_BIGINT:
                return put("[\"BigInt\",\"") && ensure(MAX_INTEGER_TEXT) && write_integer_text(slot.integer) && put("\"]");
            case SLOT_BIGINT_DIGITS: return put("[\"BigInt\",\"") && write_raw(slot.object) && put("\"]");
            case SLOT_ARRAY: return put("[") && write_references(slot.count) && close(']');
            case SLOT_HOLEY_ARRAY: return write_holey_array(slot.count);
            case SLOT_SPARSE_ARRAY: return write_sparse_array(slot.count);
            case SLOT_OBJECT: return write_object(slot.count);
            case SLOT_NULL_OBJECT: return write_null_object(slot.count);
            case SLOT_MAP: return put("[\"Map\",") && write_references(slot.count) && close(']');
            case SLOT_SET: return put("[\"Set\",") && write_references(slot.count) && close(']');
            case SLOT_DATETIME: return ensure(MAX_DATE_TEXT + 12) && write_datetime(datetime_fields(slot.object));
            case SLOT_MOMENT: return ensure(MAX_DATE_TEXT + 12) && write_time_value(rare_of(slot).milliseconds);
            case SLOT_BUFFER: return write_buffer(rare_of(slot));
            case SLOT_TEXT: return write_tagged_text(rare_of(slot));
            case SLOT_CUSTOM: return write_custom(rare_of(slot));
        }
        return true;
    }

    const Rare &rare_of(const Slot &slot) const noexcept { return encoder.rares.data[slot.count]; }

    template <size_t Size>
    bool put(const char (&text)[Size]) noexcept {
        if (!ensure(Size)) return false;
        out = write_ascii(out, text, Size - 1);
        return true;
    }

    // Replaces the comma behind the last element, or the one behind a tag, by the end of the container.
    bool close(char end) noexcept {
        if (out[-1] == ',') --out;
        *out++ = static_cast<Out>(end);
        return true;
    }

    // --- numbers; the caller has ensured the room ---

    template <typename Write>
    void put_number(Write write) noexcept {
        if constexpr (sizeof(Out) == 1) {
            out = reinterpret_cast<Out *>(write(reinterpret_cast<char *>(out)));
        } else {
            char text[MAX_DOUBLE_TEXT];
            out = write_ascii(out, text, write(text) - text);
        }
    }

    bool write_integer_text(int64_t value) noexcept {
        put_number([=](char *text) { return write_integer(text, value); });
        return true;
    }

    bool write_double_text(double value) noexcept {
        put_number([=](char *text) { return write_double(text, value); });
        return true;
    }

    void write_reference(int32_t reference) noexcept {
        if (reference >= 0) {
            put_number([=](char *text) { return write_unsigned(text, static_cast<uint32_t>(reference)); });
        } else {
            *out++ = '-';
            *out++ = static_cast<Out>('0' - reference);
        }
    }

    int32_t take_reference() noexcept { return encoder.references.data[next_reference++]; }

    // --- containers ---

    bool write_references(size_t count) noexcept {
        while (count > 0) {
            size_t here = count < CHUNK ? count : CHUNK;
            if (!ensure(here * REFERENCE + 1)) return false;
            for (size_t i = 0; i < here; ++i) {
                write_reference(take_reference());
                *out++ = ',';
            }
            count -= here;
        }
        return ensure(2);
    }

    bool write_object(size_t count) noexcept {
        if (!put("{")) return false;
        for (size_t i = 0; i < count; ++i) {
            if (!write_string(encoder.keys.data[next_key++]) || !ensure(REFERENCE + 2)) return false;
            *out++ = ':';
            write_reference(take_reference());
            *out++ = ',';
        }
        return close('}');
    }

    bool write_null_object(size_t count) noexcept {
        if (!put("[\"null\",")) return false;
        for (size_t i = 0; i < count; ++i) {
            if (!write_string(encoder.keys.data[next_key++]) || !ensure(REFERENCE + 2)) return false;
            *out++ = ',';
            write_reference(take_reference());
            *out++ = ',';
        }
        return close(']');
    }

    // Whichever form takes fewer characters for what is beside the elements: `,-2` per hole, or `-7,length,` and
    // `index,` per element.
    static bool sparse_is_shorter(uint64_t length, uint64_t populated) noexcept {
        uint64_t digits = 1;
        for (uint64_t rest = length; rest >= 10; rest /= 10) ++digits;
        return (length - populated) * 3 > 4 + digits + populated * (digits + 1);
    }

    bool write_holey_array(size_t count) noexcept {
        const int32_t *references = encoder.references.data + next_reference;
        size_t populated = 0;
        for (size_t i = 0; i < count; ++i) populated += references[i] != REF_HOLE;
        if (!sparse_is_shorter(count, populated)) return put("[") && write_references(count) && close(']');
        if (!put("[-7,") || !ensure(MAX_INTEGER_TEXT)) return false;
        write_integer_text(static_cast<int64_t>(count));
        for (size_t i = 0; i < count; ++i) {
            if (references[i] != REF_HOLE && !write_sparse_element(static_cast<uint32_t>(i), references[i])) return false;
        }
        next_reference += count;
        return put("]");
    }

    bool write_sparse_array(size_t count) noexcept {
        if (!put("[-7,") || !ensure(MAX_INTEGER_TEXT)) return false;
        write_integer_text(static_cast<uint32_t>(take_reference()));
        for (size_t i = 0; i < count; ++i) {
            uint32_t index = static_cast<uint32_t>(take_reference());
            if (!write_sparse_element(index, take_reference())) return false;
        }
        return put("]");
    }

    bool write_sparse_element(uint32_t index, int32_t reference) noexcept {
        if (!ensure(2 * REFERENCE)) return false;
        *out++ = ',';
        write_integer_text(index);
        *out++ = ',';
        write_reference(reference);
        return true;
    }

    bool write_custom(const Rare &rare) noexcept {
        if (!write_raw(rare.prefix) || !ensure(REFERENCE)) return false;
        write_reference(take_reference());
        return write_raw(rare.suffix);
    }

    // --- text ---

    template <typename Char>
    bool write_quoted(const Char *text, size_t length) noexcept {
        size_t here = length < CHUNK ? length : CHUNK;
        if (!ensure(here * LONGEST_ESCAPE + 2)) return false;
        *out++ = '"';
        for (;;) {
            out = write_escaped(out, text, here, &escaped);
            text += here;
            length -= here;
            if (length == 0) break;
            here = length < CHUNK ? length : CHUNK;
            if (!ensure(here * LONGEST_ESCAPE + 2)) return false;
        }
        *out++ = '"';
        return ensure(2);
    }

    bool write_string(PyObject *text) noexcept {
        size_t length = PyUnicode_GET_LENGTH(text);
        const void *data = PyUnicode_DATA(text);
        // A string is never wider than the widest one, for which this class is made.
        if constexpr (sizeof(Out) >= 4) {
            if (PyUnicode_KIND(text) == PyUnicode_4BYTE_KIND) {
                return write_quoted(static_cast<const uint32_t *>(data), length);
            }
        }
        if constexpr (sizeof(Out) >= 2) {
            if (PyUnicode_KIND(text) == PyUnicode_2BYTE_KIND) {
                return write_quoted(static_cast<const uint16_t *>(data), length);
            }
        }
        return write_quoted(static_cast<const uint8_t *>(data), length);
    }

    // ASCII text as it is, or (a reducer's name) text that needs no escape.
    bool write_raw(PyObject *text) noexcept {
        size_t length = PyUnicode_GET_LENGTH(text);
        if (!ensure(length)) return false;
        int kind = PyUnicode_KIND(text);
        const void *data = PyUnicode_DATA(text);
        for (size_t i = 0; i < length; ++i) out[i] = static_cast<Out>(PyUnicode_READ(kind, data, i));
        out += length;
        return true;
    }

    bool write_tagged_text(const Rare &rare) noexcept {
        return write_raw(rare.prefix) && write_string(rare.text) && write_raw(rare.suffix);
    }

    // --- dates and bytes ---

    bool write_datetime(const PyDateTime_DateTime *moment) noexcept {
        put("[\"Date\",\"");
        put_number([=](char *text) {
            return write_date_fields(text, PyDateTime_GET_YEAR(moment), PyDateTime_GET_MONTH(moment),
                                     PyDateTime_GET_DAY(moment), PyDateTime_DATE_GET_HOUR(moment),
                                     PyDateTime_DATE_GET_MINUTE(moment), PyDateTime_DATE_GET_SECOND(moment),
                                     PyDateTime_DATE_GET_MICROSECOND(moment) / 1000);
        });
        return put("\"]");
    }

    bool write_time_value(double milliseconds) noexcept {
        put("[\"Date\",\"");
        if (milliseconds == milliseconds) {
            put_number([=](char *text) { return write_moment(text, static_cast<int64_t>(milliseconds)); });
        }
        return put("\"]");
    }

    bool write_buffer(const Rare &rare) noexcept {
        if (!put("[\"ArrayBuffer\",\"")) return false;
        const uint8_t *data = rare.data;
        size_t left = rare.length;
        while (left > 0) {
            size_t here = left < 3 * CHUNK ? left : 3 * CHUNK;
            size_t characters = base64_length(here);
            if (!ensure(characters)) return false;
            if constexpr (sizeof(Out) == 1) {
                base64_encode(reinterpret_cast<char *>(out), data, here);
                out += characters;
            } else {
                char text[4 * CHUNK];
                base64_encode(text, data, here);
                out = write_ascii(out, text, characters);
            }
            data += here;
            left -= here;
        }
        return put("\"]");
    }
};

template <typename Out>
static PyObject *text_of_width(Encoder &encoder, Checkpoint checkpoint, Py_UCS4 widest) noexcept {
    SlotWriter<Out> writer(encoder, checkpoint);
    if (!writer.write()) return PyErr_Occurred() ? nullptr : PyErr_NoMemory();
    if (writer.may_be_narrower()) {
        return PyUnicode_FromKindAndData(sizeof(Out), encoder.text.data, writer.length());
    }
    PyObject *text = PyUnicode_New(writer.length(), widest);
    if (text != nullptr) std::memcpy(PyUnicode_DATA(text), encoder.text.data, writer.length() * sizeof(Out));
    return text;
}

// The text of all slots as a new str; nullptr with a Python error set.
static inline PyObject *text_of_slots(Encoder &encoder, Checkpoint checkpoint) noexcept {
    switch (encoder.widest) {
        case 1: return text_of_width<uint8_t>(encoder, checkpoint, encoder.non_ascii ? 0xFF : 0x7F);
        case 2: return text_of_width<uint16_t>(encoder, checkpoint, 0xFFFF);
        default: return text_of_width<uint32_t>(encoder, checkpoint, 0x10FFFF);
    }
}

}  // namespace devalue
