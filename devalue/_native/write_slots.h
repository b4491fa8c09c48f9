// The second pass: the slots in order, as text of 1, 2 or 4 bytes per character.
#pragma once

#include <Python.h>
#include <datetime.h>

#include <cstdint>
#include <cstring>

#include "base64_encode.h"
#include "encoder.h"
#include "inline.h"
#include "text_memory.h"
#include "write_date.h"
#include "write_number.h"
#include "write_string.h"

namespace devalue {

// Called now and then, see signal_clock.h; 0 when a signal handler has raised.
using Checkpoint = int (*)(Encoder *);

static inline const PyDateTime_DateTime *datetime_fields(PyObject *moment) noexcept {
    return reinterpret_cast<const PyDateTime_DateTime *>(moment);
}

// The text of the keys that one call has written lately, quotes and colon included: most keys come many times, and
// then cost one copy of 16 bytes. Session 1.1 times faster.
struct KeyText {
    PyObject *key;
    uint8_t length;
    char separator;
    char text[16];
};

struct KeyTexts {
    KeyText entries[64];

    KeyTexts() noexcept {
        for (KeyText &entry : entries) entry.key = nullptr;
    }

    KeyText &of(PyObject *key) noexcept {
        uintptr_t at = reinterpret_cast<uintptr_t>(key) >> 4;
        return entries[(at ^ at >> 6) & 63];
    }
};

// Each writer takes the place to write at and gives the place behind what it wrote, nullptr when memory ends: as a
// member the place would be loaded and stored again for every character.
template <typename Out>
class SlotWriter {
  public:
    SlotWriter(Encoder &encoder, Checkpoint checkpoint, Py_UCS4 widest) noexcept
        : encoder(encoder), checkpoint(checkpoint), memory(encoder.text, widest), references(encoder.references.data),
          keys(encoder.keys.data) {
        find_memory();
    }

    // False when memory ends (no Python error is set) or a signal handler raised (one is set).
    bool write() noexcept {
        Out *out = ensure(start, 0);
        if (out == nullptr) return false;
        *out++ = '[';
        size_t next_check = CHECK_EVERY;
        const Slot *slots = encoder.slots.data;
        size_t count = encoder.slots.size;
        for (size_t i = 0; i < count; ++i) {
            if (i + AHEAD < count) prefetch(slots[i + AHEAD].object);
            out = write_slot(out, slots[i]);
            if (out == nullptr) return false;
            *out++ = ',';
            if (static_cast<size_t>(out - start) > next_check) {
                if (encoder.signals.is_due() && !checkpoint(&encoder)) return false;
                next_check = out - start + CHECK_EVERY;
            }
        }
        out[-1] = ']';
        length = out - start;
        return true;
    }

    // What was written, as a new str.
    PyObject *text() noexcept {
        // An escape has replaced a character that made its string wide, or a wide string was not written.
        return memory.finish(length, escaped > 0xFF || encoder.width_unsure);
    }

  private:
    static constexpr size_t CHECK_EVERY = size_t{4} << 20;
    static constexpr size_t CHUNK = 4096;
    static constexpr size_t AHEAD = 8;  // slots whose objects are fetched before they are written: records 1.05 times faster
    static constexpr size_t REFERENCE = 12;  // "-2147483648,"
    // What may be written behind the room that ensure() gave: tags, numbers, separators. As much again may be touched.
    static constexpr size_t SMALL = 64;

    Encoder &encoder;
    Checkpoint checkpoint;
    TextMemory<Out> memory;
    Out *start, *limit;
    size_t length = 0;
    const int32_t *references;  // not written yet
    PyObject *const *keys;      // not written yet
    uint32_t escaped = 0;
    KeyTexts key_texts;

    // Room for so many characters, and SMALL more.
    Out *ensure(Out *out, size_t characters) noexcept {
        if (characters + 2 * SMALL <= static_cast<size_t>(limit - out)) return out;
        return grow(out, characters + 2 * SMALL);
    }

    Out *grow(Out *out, size_t characters) noexcept {
        size_t used = out - start;
        if (!memory.grow(used, characters)) return nullptr;
        find_memory();
        return start + used;
    }

    void find_memory() noexcept {
        start = memory.start();
        limit = start + memory.capacity();
    }

    DEVALUE_INLINE Out *write_slot(Out *out, const Slot &slot) noexcept {
        out = ensure(out, 0);
        if (out == nullptr) return nullptr;
        if (slot.wrapped) return write_custom(out, rare_of(slot));
        switch (slot.kind) {
            case SLOT_STRING: return write_string(out, slot.object);
            case SLOT_INTEGER: return write_integer_text(out, slot.integer);
            case SLOT_DOUBLE: return write_double_text(out, slot.number);
            case SLOT_NULL: return put(out, "null");
            case SLOT_TRUE: return put(out, "true");
            case SLOT_FALSE: return put(out, "false");
            case SLOT_BIGINT: return put(write_integer_text(put(out, "[\"BigInt\",\""), slot.integer), "\"]");
            case SLOT_BIGINT_DIGITS: return end(write_raw(put(out, "[\"BigInt\",\""), slot.object), "\"]");
            case SLOT_ARRAY: return close(write_references(put(out, "["), slot.count), ']');
            case SLOT_HOLEY_ARRAY: return write_holey_array(out, slot.count);
            case SLOT_SPARSE_ARRAY: return write_sparse_array(out, slot.count);
            case SLOT_OBJECT: return close(write_members(put(out, "{"), slot.count, ':'), '}');
            case SLOT_NULL_OBJECT: return close(write_members(put(out, "[\"null\","), slot.count, ','), ']');
            case SLOT_MAP: return close(write_references(put(out, "[\"Map\","), slot.count), ']');
            case SLOT_SET: return close(write_references(put(out, "[\"Set\","), slot.count), ']');
            case SLOT_DATETIME: return write_datetime(out, datetime_fields(slot.object));
            case SLOT_MOMENT: return write_time_value(out, rare_of(slot).milliseconds);
            case SLOT_BUFFER: return write_buffer(out, rare_of(slot));
            case SLOT_TEXT: return write_tagged_text(out, rare_of(slot));
            case SLOT_CUSTOM: return write_custom(out, rare_of(slot));
        }
        return out;
    }

    const Rare &rare_of(const Slot &slot) const noexcept { return encoder.rares.data[slot.count]; }

    // --- what needs SMALL room at most ---

    template <size_t Size>
    static Out *put(Out *out, const char (&text)[Size]) noexcept {
        return write_ascii(out, text, Size - 1);
    }

    template <size_t Size>
    static Out *end(Out *out, const char (&text)[Size]) noexcept {
        return out == nullptr ? nullptr : put(out, text);
    }

    // Replaces the comma behind the last element, or the one behind a tag, by the end of the container.
    static Out *close(Out *out, char bracket) noexcept {
        if (out == nullptr) return nullptr;
        if (out[-1] == ',') --out;
        *out++ = static_cast<Out>(bracket);
        return out;
    }

    template <typename Write>
    static Out *put_number(Out *out, Write write) noexcept {
        if constexpr (sizeof(Out) == 1) {
            return reinterpret_cast<Out *>(write(reinterpret_cast<char *>(out)));
        } else {
            alignas(16) char text[64];
            return widen(out, text, write(text) - text);
        }
    }

    static Out *write_integer_text(Out *out, int64_t value) noexcept {
        return put_number(out, [=](char *text) { return write_integer(text, value); });
    }

    static Out *write_double_text(Out *out, double value) noexcept {
        return put_number(out, [=](char *text) { return write_double(text, value); });
    }

    // With the comma behind it.
    static Out *write_reference(Out *out, int32_t reference) noexcept {
        if (reference >= 0) {
            return put_number(out, [=](char *text) { return write_index_and_comma(text, reference); });
        }
        *out++ = '-';
        *out++ = static_cast<Out>('0' - reference);
        *out++ = ',';
        return out;
    }

    // --- containers ---

    Out *write_references(Out *out, size_t count) noexcept {
        const int32_t *next = references;
        references += count;
        while (count > 0) {
            size_t here = count < CHUNK ? count : CHUNK;
            out = ensure(out, here * REFERENCE);
            if (out == nullptr) return nullptr;
            for (size_t i = 0; i < here; ++i) out = write_reference(out, *next++);
            count -= here;
        }
        return out;
    }

    DEVALUE_INLINE Out *write_members(Out *out, size_t count, char separator) noexcept {
        const int32_t *next = references;
        PyObject *const *next_key = keys;
        references += count;
        keys += count;
        for (size_t i = 0; i < count; ++i) {
            out = write_key(out, *next_key++, separator);
            if (out == nullptr) return nullptr;
            out = write_reference(out, *next++);
        }
        return out;
    }

    Out *write_key(Out *out, PyObject *key, char separator) noexcept {
        if constexpr (sizeof(Out) == 1) {
            KeyText &known = key_texts.of(key);
            if (known.key == key && known.separator == separator) {
                out = ensure(out, 0);
                if (out != nullptr) std::memcpy(out, known.text, sizeof known.text);
                return out == nullptr ? nullptr : out + known.length;
            }
            return write_new_key(out, key, separator, known);
        }
        out = write_string(out, key);
        if (out != nullptr) *out++ = static_cast<Out>(separator);
        return out;
    }

    DEVALUE_NOINLINE Out *write_new_key(Out *out, PyObject *key, char separator, KeyText &known) noexcept {
        Py_ssize_t place = out - start;
        out = write_string(out, key);
        if (out == nullptr) return nullptr;
        *out++ = static_cast<Out>(separator);
        size_t length = out - (start + place);
        if (length <= sizeof known.text) {
            std::memcpy(known.text, start + place, sizeof known.text);
            known.key = key;
            known.length = static_cast<uint8_t>(length);
            known.separator = separator;
        }
        return out;
    }

    // Whichever form takes fewer characters for what is beside the elements: `,-2` per hole, or `-7,length,` and
    // `index,` per element.
    static bool sparse_is_shorter(uint64_t length, uint64_t populated) noexcept {
        uint64_t digits = 1;
        for (uint64_t rest = length; rest >= 10; rest /= 10) ++digits;
        return (length - populated) * 3 > 4 + digits + populated * (digits + 1);
    }

    Out *write_holey_array(Out *out, size_t count) noexcept {
        const int32_t *next = references;
        size_t populated = 0;
        for (size_t i = 0; i < count; ++i) populated += next[i] != REF_HOLE;
        if (!sparse_is_shorter(count, populated)) return close(write_references(put(out, "["), count), ']');
        references += count;
        out = write_sparse_length(out, static_cast<uint32_t>(count));
        for (size_t i = 0; i < count && out != nullptr; ++i) {
            if (next[i] != REF_HOLE) out = write_sparse_element(out, static_cast<uint32_t>(i), next[i]);
        }
        return close(out, ']');
    }

    Out *write_sparse_array(Out *out, size_t count) noexcept {
        const int32_t *next = references;
        references += 1 + 2 * count;
        out = write_sparse_length(out, static_cast<uint32_t>(*next++));
        for (size_t i = 0; i < count && out != nullptr; ++i, next += 2) {
            out = write_sparse_element(out, static_cast<uint32_t>(next[0]), next[1]);
        }
        return close(out, ']');
    }

    static Out *write_sparse_length(Out *out, uint32_t length) noexcept {
        return put(write_integer_text(put(out, "[-7,"), length), ",");
    }

    Out *write_sparse_element(Out *out, uint32_t index, int32_t reference) noexcept {
        out = ensure(out, 0);
        return out == nullptr ? nullptr : write_reference(put(write_integer_text(out, index), ","), reference);
    }

    Out *write_custom(Out *out, const Rare &rare) noexcept {
        out = write_raw(out, rare.prefix);
        if (out == nullptr) return nullptr;
        out = write_reference(out, *references++) - 1;
        return write_raw(out, rare.suffix);
    }

    // --- text ---

    // The common string needs no escape: then it is one copy, small enough to be inlined.
    template <typename Char>
    Out *write_quoted(Out *out, const Char *text, size_t length) noexcept {
        out = ensure(out, length);
        if (out == nullptr) return nullptr;
        *out++ = '"';
        size_t plain = copy_plain(out, text, length);
        out += plain;
        if (plain != length) {
            out = write_rest(out, text + plain, length - plain);
            if (out == nullptr) return nullptr;
        }
        *out++ = '"';
        return out;
    }

    template <typename Char>
    DEVALUE_NOINLINE Out *write_rest(Out *out, const Char *text, size_t length) noexcept {
        while (length > 0) {
            size_t here = length < CHUNK ? length : CHUNK;
            out = ensure(out, here * LONGEST_ESCAPE);
            if (out == nullptr) return nullptr;
            out = write_escaped(out, text, here, &escaped);
            text += here;
            length -= here;
        }
        return ensure(out, 0);
    }

    Out *write_string(Out *out, PyObject *text) noexcept {
        size_t length = PyUnicode_GET_LENGTH(text);
        const void *data = PyUnicode_DATA(text);
        // A string is never wider than the widest one, for which this class is made.
        if constexpr (sizeof(Out) >= 4) {
            if (PyUnicode_KIND(text) == PyUnicode_4BYTE_KIND) {
                return write_quoted(out, static_cast<const uint32_t *>(data), length);
            }
        }
        if constexpr (sizeof(Out) >= 2) {
            if (PyUnicode_KIND(text) == PyUnicode_2BYTE_KIND) {
                return write_quoted(out, static_cast<const uint16_t *>(data), length);
            }
        }
        return write_quoted(out, static_cast<const uint8_t *>(data), length);
    }

    // ASCII text as it is, or (a reducer's name) text that needs no escape.
    Out *write_raw(Out *out, PyObject *text) noexcept {
        size_t length = PyUnicode_GET_LENGTH(text);
        out = ensure(out, length);
        if (out == nullptr) return nullptr;
        int kind = PyUnicode_KIND(text);
        const void *data = PyUnicode_DATA(text);
        for (size_t i = 0; i < length; ++i) out[i] = static_cast<Out>(PyUnicode_READ(kind, data, i));
        return out + length;
    }

    Out *write_tagged_text(Out *out, const Rare &rare) noexcept {
        out = write_raw(out, rare.prefix);
        if (out != nullptr) out = write_string(out, rare.text);
        return out == nullptr ? nullptr : write_raw(out, rare.suffix);
    }

    // --- dates and bytes ---

    static Out *write_datetime(Out *out, const PyDateTime_DateTime *moment) noexcept {
        out = put_number(put(out, "[\"Date\",\""), [=](char *text) {
            return write_date_fields(text, PyDateTime_GET_YEAR(moment), PyDateTime_GET_MONTH(moment),
                                     PyDateTime_GET_DAY(moment), PyDateTime_DATE_GET_HOUR(moment),
                                     PyDateTime_DATE_GET_MINUTE(moment), PyDateTime_DATE_GET_SECOND(moment),
                                     PyDateTime_DATE_GET_MICROSECOND(moment) / 1000);
        });
        return put(out, "\"]");
    }

    static Out *write_time_value(Out *out, double milliseconds) noexcept {
        out = put(out, "[\"Date\",\"");
        if (milliseconds == milliseconds) {
            out = put_number(out, [=](char *text) { return write_moment(text, static_cast<int64_t>(milliseconds)); });
        }
        return put(out, "\"]");
    }

    Out *write_buffer(Out *out, const Rare &rare) noexcept {
        out = put(out, "[\"ArrayBuffer\",\"");
        const uint8_t *data = rare.data;
        size_t left = rare.length;
        while (left > 0) {
            size_t here = left < 3 * CHUNK ? left : 3 * CHUNK;
            out = ensure(out, base64_length(here));
            if (out == nullptr) return nullptr;
            if constexpr (sizeof(Out) == 1) {
                base64_encode(reinterpret_cast<char *>(out), data, here);
                out += base64_length(here);
            } else {
                char text[4 * CHUNK];
                base64_encode(text, data, here);
                out = write_ascii(out, text, base64_length(here));
            }
            data += here;
            left -= here;
        }
        return put(out, "\"]");
    }
};

template <typename Out>
static PyObject *text_of_width(Encoder &encoder, Checkpoint checkpoint, Py_UCS4 widest) noexcept {
    SlotWriter<Out> writer(encoder, checkpoint, widest);
    if (!writer.write()) return PyErr_Occurred() ? nullptr : PyErr_NoMemory();
    return writer.text();
}

// The text of all slots as a new str; nullptr with a Python error set.
static inline PyObject *text_of_slots(Encoder &encoder, Checkpoint checkpoint) noexcept {
    encoder.end_numbering();
    switch (encoder.widest) {
        case 1: return text_of_width<uint8_t>(encoder, checkpoint, encoder.non_ascii ? 0xFF : 0x7F);
        case 2: return text_of_width<uint16_t>(encoder, checkpoint, 0xFFFF);
        default: return text_of_width<uint32_t>(encoder, checkpoint, 0x10FFFF);
    }
}

}  // namespace devalue
