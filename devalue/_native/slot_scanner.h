// One pass over a devalue text: makes the leaves, notes containers and their references in a SlotTable.
//
// Every function takes the position of what it reads and returns the position behind it, or nullptr: with an
// exception (memory, interrupt), or without one for anything that is not the regular form of a legal text, which
// the pure twin then judges. The text ends with a NUL, which no state accepts: no test for the end is needed.
#pragma once

#include "iso_date.h"
#include "key_cache.h"
#include "parse_types.h"
#include "slot_linker.h"

namespace devalue {

constexpr int64_t largest_safe_integer = (int64_t{1} << 53) - 1;
constexpr size_t between_interrupt_checks = size_t{4} << 20;  // characters
constexpr size_t between_links = 128;                         // slots
constexpr size_t longest_plain_bigint = 640;                  // digits; Python's own limit is never below that

template <class Enc>
class SlotScanner {
    using Char = typename Enc::Char;
    using At = const Char*;

  public:
    SlotScanner(At text, size_t length, SlotTable& slots, PyObject* revivers_or_null)
        : start(text), end(text + length), table(slots), revivers(revivers_or_null) {}

    // The whole text. False as above.
    bool scan() {
        At p = skip_space(start);
        if (*p != '[') return false;
        p = skip_space(p + 1);
        size_t next_check = between_interrupt_checks, next_link = between_links;
        SlotLinker linker(table);
        for (;;) {
            if (static_cast<size_t>(p - start) >= next_check) {
                if (!table.check_signals()) return false;
                next_check += between_interrupt_checks;
            }
            if (table.values.size >= next_link && revivers == nullptr) {
                if (!linker.link_complete()) return false;
                next_link = table.values.size + between_links;
            }
            p = scan_slot(p);
            if (p == nullptr) return false;
            if (*p != ',') p = skip_space(p);
            if (*p == ']') break;
            if (*p != ',') return false;
            p = skip_space(p + 1);
        }
        return skip_space(p + 1) == end;
    }

  private:
    At start, end;
    SlotTable& table;
    PyObject* revivers;

    static At skip_space(At p) {
        while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') p++;
        return p;
    }

    static At out_of_memory() {
        PyErr_NoMemory();
        return nullptr;
    }

    At scan_slot(At p) {
        switch (*p) {
            case '"': {
                p++;
                PyObject* string = read_string<Enc>(p, end);
                return add_value(string, p);
            }
            case '{': return scan_dict(p + 1);
            case '[': return scan_array(p + 1);
            case 't': return scan_literal(p, "true", Py_True);
            case 'f': return scan_literal(p, "false", Py_False);
            case 'n': return scan_literal(p, "null", Py_None);
            default: return scan_number(p);
        }
    }

    // A finished leaf; takes the reference.
    At add_value(PyObject* value, At p) {
        if (value == nullptr) return nullptr;
        if (table.values.push(reinterpret_cast<uintptr_t>(value))) return p;
        Py_DECREF(value);
        return out_of_memory();
    }

    At scan_literal(At p, const char* word, PyObject* value) {
        for (; *word; word++, p++)
            if (*p != static_cast<Char>(*word)) return nullptr;
        Py_INCREF(value);
        return add_value(value, p);
    }

    // ---- numbers

    static bool is_digit(Char c) { return static_cast<uint32_t>(c) - '0' <= 9; }

    // Eight digits at once; false: not eight digits. For texts of one byte a character.
    static bool eight_digits(At p, At end, uint64_t& value) {
        if (!PY_LITTLE_ENDIAN || sizeof(Char) != 1 || end - p < 8) return false;
        uint64_t word;
        std::memcpy(&word, p, 8);
        if (((word & 0xf0f0f0f0f0f0f0f0) | (((word + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) !=
            0x3333333333333333)
            return false;
        word = (word & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8;
        word = (word & 0x00ff00ff00ff00ff) * 6553601 >> 16;
        value = value * 100000000 + ((word & 0x0000ffff0000ffff) * 42949672960001 >> 32);
        return true;
    }

    At scan_digits(At p, uint64_t& value) {
        while (eight_digits(p, end, value)) p += 8;
        for (; is_digit(*p); p++) value = value * 10 + (*p - '0');
        return p;
    }

    At scan_number(At p) {
        At number = p;
        bool negative = *p == '-';
        p += negative;
        At digits = p;
        uint64_t value = 0;
        p = scan_digits(p, value);
        size_t count = static_cast<size_t>(p - digits);
        if (count == 0 || (*digits == '0' && count > 1)) return nullptr;
        if (*p == '.' || *p == 'e' || *p == 'E' || count > 18 || value > largest_safe_integer || (negative && value == 0))
            return scan_double(number, p, value);
        int64_t integer = static_cast<int64_t>(value);
        return add_value(PyLong_FromLongLong(negative ? -integer : integer), p);
    }

    // The number that starts at `number` and whose integer part w ends at p.
    At scan_double(At number, At p, uint64_t w) {
        bool negative = *number == '-';
        At digits = number + negative;
        size_t count = static_cast<size_t>(p - digits);
        int64_t exponent = 0;
        if (*p == '.') {
            At fraction = ++p;
            p = scan_digits(p, w);
            if (p == fraction) return nullptr;
            exponent = fraction - p;
            count += static_cast<size_t>(p - fraction);
        }
        if (*p == 'e' || *p == 'E') {
            int64_t written;
            p = scan_exponent(p + 1, written);
            if (p == nullptr) return nullptr;
            exponent += written;
        }
        double value;
        if (count > 19) count -= leading_zero_digits(digits);
        if (count <= 19) {
            value = decimal_to_double(w, exponent);
        } else if (!long_double_text(number + negative, p, value)) {
            return nullptr;
        }
        return add_value(PyFloat_FromDouble(negative ? -value : value), p);
    }

    static size_t leading_zero_digits(At p) {
        size_t count = 0;
        for (; *p == '0' || *p == '.'; p++) count += *p == '0';
        return count;
    }

    static At scan_exponent(At p, int64_t& exponent) {
        bool negative = *p == '-';
        if (*p == '-' || *p == '+') p++;
        if (!is_digit(*p)) return nullptr;
        exponent = 0;
        for (; is_digit(*p); p++)
            if (exponent < 1'000'000'000'000) exponent = exponent * 10 + (*p - '0');
        if (negative) exponent = -exponent;
        return p;
    }

    // More digits than 64 bits hold: by Python's own exact conversion.
    static bool long_double_text(At from, At to, double& value) {
        size_t length = static_cast<size_t>(to - from);
        char* text = static_cast<char*>(PyMem_RawMalloc(length + 1));
        if (text == nullptr) {
            PyErr_NoMemory();
            return false;
        }
        for (size_t i = 0; i < length; i++) text[i] = static_cast<char>(from[i]);
        text[length] = 0;
        value = PyOS_string_to_double(text, nullptr, nullptr);  // no overflow exception given: ±infinity
        PyMem_RawFree(text);
        return !PyErr_Occurred();
    }

    // ---- containers

    // Field by field in its place: a copy of the whole had to wait for the stores of its fields (5 % on a session).
    bool open(Kind kind) {
        if (!table.values.push(table.containers.size << 2 | pending)) return false;
        if (!table.containers.reserve(table.containers.size + 1)) return false;
        Container& container = table.containers.data[table.containers.size++];
        container.slot = static_cast<int32_t>(table.values.size) - 1;
        container.refs = static_cast<int32_t>(table.refs.size);
        container.count = 0;
        container.highest = lowest_reference;
        container.keys = static_cast<int32_t>(table.keys.size);
        container.numbers = static_cast<int32_t>(table.numbers.size);
        container.kind = kind;
        return true;
    }

    At close(At p) {
        Container& container = table.containers.data[table.containers.size - 1];
        container.count = static_cast<int32_t>(table.refs.size) - container.refs;
        container.highest = lowest_reference;
        for (size_t i = container.refs; i < table.refs.size; i++)
            if (table.refs.data[i] > container.highest) container.highest = table.refs.data[i];
        return p;
    }

    // A reference: a slot's number, or a negative number that the format defines for any place.
    At scan_reference(At p, int32_t& ref) {
        bool negative = *p == '-';
        p += negative;
        At digits = p;
        uint64_t value = 0;
        for (; is_digit(*p); p++) {
            value = value * 10 + (*p - '0');
            if (value > INT32_MAX) return nullptr;
        }
        if (p == digits || (*digits == '0' && (p - digits > 1 || negative))) return nullptr;
        ref = negative ? -static_cast<int32_t>(value) : static_cast<int32_t>(value);
        return ref >= lowest_reference ? p : nullptr;
    }

    // Behind a ',' or a ']', with which of them it was; nullptr for anything else.
    static At next_or_close(At p, bool& closed) {
        if (*p != ',' && *p != ']') p = skip_space(p);
        closed = *p == ']';
        return closed || *p == ',' ? p + 1 : nullptr;
    }

    DEVALUE_INLINE bool add_reference(int32_t ref) {
        if (table.refs.push(ref)) return table.check_signals_after(table.refs.size);
        PyErr_NoMemory();
        return false;
    }

    // References up to the ']'; p is at the first of them.
    At scan_references(At p) {
        for (;;) {
            int32_t ref;
            p = scan_reference(skip_space(p), ref);
            if (p == nullptr) return nullptr;
            if (!add_reference(ref)) return nullptr;
            bool closed;
            p = next_or_close(p, closed);
            if (p == nullptr || closed) return p;
        }
    }

    // The references of a container whose first element (a tag) has just been read.
    At scan_rest(At p, Kind kind) {
        if (!open(kind)) return out_of_memory();
        bool closed;
        p = next_or_close(p, closed);
        if (p != nullptr && !closed) p = scan_references(p);
        return p == nullptr ? nullptr : close(p);
    }

    At scan_array(At p) {
        p = skip_space(p);
        if (*p == '"') return scan_tagged(p + 1);
        if (p[0] == '-' && p[1] == '7') return scan_sparse(p + 2);
        if (!open(Kind::list)) return out_of_memory();
        if (*p == ']') return close(p + 1);
        p = scan_references(p);
        return p == nullptr ? nullptr : close(p);
    }

    // [-7, length, index, ref, index, ref, …]
    At scan_sparse(At p) {
        if (!open(Kind::sparse)) return out_of_memory();
        bool closed;
        p = next_or_close(p, closed);
        if (p == nullptr || closed) return nullptr;
        p = scan_number_and(p, closed);
        while (p != nullptr && !closed) {
            p = scan_number_and(p, closed);
            if (p == nullptr || closed) return nullptr;
            int32_t ref;
            p = scan_reference(skip_space(p), ref);
            if (p == nullptr) return nullptr;
            if (!add_reference(ref)) return nullptr;
            p = next_or_close(p, closed);
        }
        return p == nullptr ? nullptr : close(p);
    }

    // ["Int8Array", ref], ["Int8Array", ref, offset, length]
    At scan_view(At p, uint32_t type) {
        if (!open(Kind::view)) return out_of_memory();
        bool closed;
        int32_t ref;
        p = next_or_close(p, closed);
        if (p == nullptr || closed) return nullptr;
        p = scan_reference(skip_space(p), ref);
        if (p == nullptr) return nullptr;
        size_t first = table.numbers.size;
        if (!table.refs.push(ref) || !table.numbers.push(type) || !table.numbers.push(0)) return out_of_memory();
        p = next_or_close(p, closed);
        while (p != nullptr && !closed) {
            p = scan_number_and(p, closed);
            table.numbers.data[first + 1]++;
        }
        return p == nullptr || table.numbers.data[first + 1] > 2 ? nullptr : close(p);
    }

    // An unsigned number of 32 bits into the numbers, and behind the ',' or ']' after it.
    At scan_number_and(At p, bool& closed) {
        uint32_t number;
        p = scan_unsigned(skip_space(p), number);
        if (p == nullptr) return nullptr;
        return table.numbers.push(number) ? next_or_close(p, closed) : out_of_memory();
    }

    static At scan_unsigned(At p, uint32_t& number) {
        At digits = p;
        uint64_t value = 0;
        for (; is_digit(*p); p++) {
            value = value * 10 + (*p - '0');
            if (value > UINT32_MAX) return nullptr;
        }
        if (p == digits || (*digits == '0' && p - digits > 1)) return nullptr;
        number = static_cast<uint32_t>(value);
        return p;
    }

    bool push_key(PyObject* key) {
        if (table.keys.push(key)) return true;
        Py_DECREF(key);
        PyErr_NoMemory();
        return false;
    }

    At scan_dict(At p) {
        if (!open(Kind::dict)) return out_of_memory();
        p = skip_space(p);
        if (*p == '}') return close(p + 1);
        for (;;) {
            if (*p != '"') p = skip_space(p);
            if (*p != '"') return nullptr;
            p++;
            PyObject* key = read_key<Enc>(p, end);
            if (key == nullptr || !push_key(key)) return nullptr;
            if (*p != ':') p = skip_space(p);
            if (*p != ':') return nullptr;
            int32_t ref;
            p = scan_reference(skip_space(p + 1), ref);
            if (p == nullptr) return nullptr;
            if (!add_reference(ref)) return nullptr;
            if (*p != ',' && *p != '}') p = skip_space(p);
            if (*p == '}') return close(p + 1);
            if (*p != ',') return nullptr;
            p++;
        }
    }

    // ["null", key, ref, key, ref, …]
    At scan_null_object(At p) {
        if (!open(Kind::null_object)) return out_of_memory();
        bool closed;
        p = next_or_close(p, closed);
        while (p != nullptr && !closed) {
            p = skip_space(p);
            if (*p != '"') return nullptr;
            p++;
            PyObject* key = read_key<Enc>(p, end);
            if (key == nullptr || !push_key(key)) return nullptr;
            p = next_or_close(p, closed);
            if (p == nullptr || closed) return nullptr;
            int32_t ref;
            p = scan_reference(skip_space(p), ref);
            if (p == nullptr) return nullptr;
            if (!add_reference(ref)) return nullptr;
            p = next_or_close(p, closed);
        }
        return p == nullptr ? nullptr : close(p);
    }

    // ---- tagged values

    // Whether this tag stands at p; moves p behind its closing quote.
    template <size_t size>
    bool is_tag(At& p, const char (&tag)[size]) const {
        return is_tag(p, tag, size - 1);
    }

    DEVALUE_INLINE bool is_tag(At& p, const char* tag, size_t length) const {
        if (static_cast<size_t>(end - p) <= length || p[length] != '"') return false;
        if (!same_characters(p, reinterpret_cast<const uint8_t*>(tag), length)) return false;
        p += length + 1;
        return true;
    }

    At scan_tagged(At p) {
        if (revivers != nullptr) {
            At payload = p;
            PyObject* reviver = reviver_at(payload);
            if (reviver != nullptr) return scan_custom(payload, reviver);
            if (PyErr_Occurred()) return nullptr;
        }
        switch (*p) {
            case 'A': return is_tag(p, "ArrayBuffer") ? scan_array_buffer(p) : nullptr;
            case 'D': if (is_tag(p, "Date")) return scan_date(p); break;
            case 'M': return is_tag(p, "Map") ? scan_rest(p, Kind::map) : nullptr;
            case 'S': return is_tag(p, "Set") ? scan_rest(p, Kind::set) : nullptr;
            case 'O': return is_tag(p, "Object") ? scan_rest(p, Kind::boxed) : nullptr;
            case 'R': return is_tag(p, "RegExp") ? scan_regexp(p) : nullptr;
            case 'T': return scan_temporal(p);
            case 'n': return is_tag(p, "null") ? scan_null_object(p) : nullptr;
            case 'B': if (is_tag(p, "BigInt")) return scan_bigint(p); break;
            case 'U':
                if (is_tag(p, "URL")) return scan_text_value(p, types.URL);
                if (is_tag(p, "URLSearchParams")) return scan_text_value(p, types.URLSearchParams);
                break;
            default: break;
        }
        for (uint32_t type = 0; type < view_kinds; type++) {
            PyObject* name = types.view_names[type];
            if (is_tag(p, reinterpret_cast<const char*>(ascii_of(name)), static_cast<size_t>(PyUnicode_GET_LENGTH(name))))
                return scan_view(p, type);
        }
        return nullptr;
    }

    // Behind the tag's payload string; the array must end there.
    static At close_payload(At p) {
        if (p == nullptr) return nullptr;
        p = skip_space(p);
        return *p == ']' ? p + 1 : nullptr;
    }

    // Behind the ',' and the opening quote of a string payload.
    static At open_string(At p) {
        p = skip_space(p);
        if (*p != ',') return nullptr;
        p = skip_space(p + 1);
        return *p == '"' ? p + 1 : nullptr;
    }

    At scan_text(At p, PyObject*& text) {
        text = nullptr;
        p = open_string(p);
        if (p == nullptr) return nullptr;
        text = read_string<Enc>(p, end);
        return text == nullptr ? nullptr : p;
    }

    At scan_text_value(At p, PyObject* type) {
        PyObject* text;
        p = close_payload(scan_text(p, text));
        PyObject* value = p == nullptr ? nullptr : PyObject_CallOneArg(type, text);
        Py_XDECREF(text);
        return add_value(value, p);
    }

    At scan_date(At p) {
        At text = open_string(p);
        if (text == nullptr) return nullptr;
        if (end - text <= iso_date_length || text[iso_date_length] != '"') return scan_text_value(p, types.date_of_iso);
        PyObject* moment = datetime_at(text);
        if (moment == nullptr) return PyErr_Occurred() ? nullptr : scan_text_value(p, types.date_of_iso);
        p = close_payload(text + iso_date_length + 1);
        if (p == nullptr) Py_CLEAR(moment);
        return add_value(moment, p);
    }

    static PyObject* datetime_at(At text) {
        if constexpr (sizeof(Char) == 1) {
            return datetime_of_iso(text);
        } else {
            unsigned char narrow[iso_date_length];
            for (int i = 0; i < iso_date_length; i++) narrow[i] = text[i] < 0x80 ? static_cast<unsigned char>(text[i]) : 0;
            return datetime_of_iso(narrow);
        }
    }

    At scan_bigint(At p) {
        At from = open_string(p);
        if (from == nullptr) return nullptr;
        bool negative = *from == '-';
        At digits = from + negative, stop = digits;
        while (is_digit(*stop)) stop++;
        size_t count = static_cast<size_t>(stop - digits);
        if (count == 0 || count > longest_plain_bigint || *stop != '"') return scan_text_value(p, types.bigint_of_digits);
        char text[longest_plain_bigint + 2];
        for (At c = from; c < stop; c++) text[c - from] = static_cast<char>(*c);
        text[stop - from] = 0;
        p = close_payload(stop + 1);
        return p == nullptr ? nullptr : add_value(bigint_of(PyLong_FromString(text, nullptr, 10)), p);
    }

    At scan_regexp(At p) {
        PyObject *source, *flags = nullptr, *value = nullptr;
        p = scan_text(p, source);
        if (p == nullptr) return nullptr;
        p = skip_space(p);
        if (*p == ',') p = scan_text(p, flags);
        p = close_payload(p);
        if (p != nullptr) value = PyObject_CallFunctionObjArgs(types.RegExp, source, flags, nullptr);
        Py_DECREF(source);
        Py_XDECREF(flags);
        return add_value(value, p);
    }

    At scan_temporal(At p) {
        for (const char* prefix = "Temporal."; *prefix; prefix++, p++)
            if (*p != static_cast<Char>(*prefix)) return nullptr;
        PyObject *kind = read_key<Enc>(p, end), *text = nullptr, *value = nullptr;
        if (kind == nullptr) return nullptr;
        p = close_payload(scan_text(p, text));
        if (p != nullptr) value = PyObject_CallFunctionObjArgs(types.Temporal, kind, text, nullptr);
        Py_DECREF(kind);
        Py_XDECREF(text);
        return add_value(value, p);
    }

    At scan_array_buffer(At p) {
        p = open_string(p);
        if (p == nullptr) return nullptr;
        uint32_t seen = 0;
        At stop = end_of_plain(p, end, seen);
        if (*stop != '"' || seen >= 0x80) return nullptr;
        size_t length = static_cast<size_t>(stop - p);
        PyObject* buffer;
        if (sizeof(Char) == 1) {
            buffer = array_buffer_of(reinterpret_cast<const unsigned char*>(p), length);
        } else {
            PyObject* text = make_string<Enc>(p, length, 0);
            if (text == nullptr) return nullptr;
            buffer = array_buffer_of(ascii_of(text), length);
            Py_DECREF(text);
        }
        if (buffer == nullptr) return nullptr;
        p = close_payload(stop + 1);
        if (p == nullptr) Py_CLEAR(buffer);
        return add_value(buffer, p);
    }

    // ---- custom values

    // The reviver (borrowed) of the tag at p, which is moved behind the tag; nullptr: none, or an exception.
    PyObject* reviver_at(At& p) {
        PyObject* tag = read_key<Enc>(p, end);
        if (tag == nullptr) return nullptr;
        PyObject* reviver = PyDict_GetItemWithError(revivers, tag);
        Py_DECREF(tag);
        return reviver == Py_None ? nullptr : reviver;
    }

    // ["Name", ref]; or ["Name", "text"], what a built-in of this name has: the text itself is the payload.
    At scan_custom(At p, PyObject* reviver) {
        At text = open_string(p);
        if (!open(text == nullptr ? Kind::custom : Kind::custom_text)) return out_of_memory();
        Py_INCREF(reviver);
        if (!push_key(reviver)) return nullptr;
        table.customs++;
        if (text != nullptr) {
            PyObject* payload = read_string<Enc>(text, end);
            if (payload == nullptr || !push_key(payload)) return nullptr;
            p = close_payload(text);
            return p == nullptr ? nullptr : close(p);
        }
        bool closed;
        p = next_or_close(p, closed);
        if (p == nullptr || closed) return nullptr;
        p = close(scan_references(p));
        return p != nullptr && table.containers.data[table.containers.size - 1].count == 1 ? p : nullptr;
    }
};

}  // namespace devalue
