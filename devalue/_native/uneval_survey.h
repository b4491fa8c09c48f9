// The first pass of uneval: visit every value once, in the order in which JavaScript would, and count what may be
// hoisted into a variable: objects by identity, long strings and bigints by value.
#pragma once

#include <Python.h>

#include <cmath>
#include <cstdint>
#include <cstring>

#include "arena.h"
#include "dedup_table.h"
#include "long_values.h"
#include "uneval_binary.h"
#include "uneval_interrupt.h"
#include "uneval_names.h"
#include "uneval_values.h"

namespace devalue {

static constexpr int64_t LARGEST_INTEGER = (int64_t{1} << 53) - 1;  // ECMAScript 21.1.2.8

static constexpr Py_ssize_t LONG_STRING = 128;  // UTF-16 units; shorter ones cost little where they repeat

enum SeenKind : uint8_t { SEEN_OBJECT, SEEN_STRING, SEEN_BIGINT, SEEN_DIGITS };

// A value that may come again.
struct Seen {
    union {
        PyObject *object;  // for SEEN_DIGITS the decimal text of a bigint beyond 64 bits
        int64_t integer;
    };
    uint32_t count;
    uint32_t name;     // in the order of names, from 1; 0 for what is written in place
    uint32_t pending;  // height of the stack at a collection whose declaration still waits; else 0
    SeenKind kind;
    bool declared;
};

struct SurveyFrame {
    Children children;
    ValueKind kind;
};

// The state of one call.
struct Uneval {
    Arena<Seen> seen;
    Arena<uint32_t> repeated;    // objects, in the order of their second occurrence
    Arena<SurveyFrame> frames;
    Arena<PyObject *> owned;     // strong references
    Arena<PyObject *> keys;      // of the Map or Set at hand
    DedupTable table, key_table;
    LongValues longs;            // places in `seen`
    InterruptWatch watch;
    unsigned widest;             // bytes per character of the widest string
    bool non_ascii, has_holes, has_names;
    size_t max_depth;
    PyObject *naive_zone;        // borrowed

    bool start(size_t depth, PyObject *zone) noexcept {
        seen.size = repeated.size = frames.size = owned.size = keys.size = 0;
        watch.start();
        longs.start();
        widest = 1;
        non_ascii = has_holes = has_names = false;
        max_depth = depth;
        naive_zone = zone;
        return table.start();
    }

    void finish(size_t kept_bytes) noexcept {
        for (size_t i = 0; i < frames.size; ++i) frames.data[i].children.close();
        for (size_t i = 0; i < owned.size; ++i) Py_DECREF(owned.data[i]);
        frames.size = owned.size = 0;
        if (seen.bytes() + repeated.bytes() + frames.bytes() + owned.bytes() + keys.bytes() + table.bytes() +
                key_table.bytes() + longs.bytes() > kept_bytes) {
            seen.release();
            repeated.release();
            frames.release();
            owned.release();
            keys.release();
            table.release();
            key_table.release();
            longs.release();
        }
    }

    // What is known of a value that may have a name; nullptr for what was never counted.
    Seen *find_object(PyObject *object) noexcept {
        return at(table.find(object_hash(object), [=](uint32_t i) { return is_object(i, object); }));
    }

    Seen *find_string(PyObject *text, SeenKind kind) noexcept {
        Seen *known = find_long(text);
        if (known != nullptr) return known;
        return at(table.find(hash_text(text) + kind, [=](uint32_t i) { return is_text(i, text, kind); }));
    }

    Seen *find_bigint(int64_t integer) noexcept {
        return at(table.find(integer_hash(integer), [=](uint32_t i) { return is_bigint(i, integer); }));
    }

    // A string or bigint that was remembered by identity.
    Seen *find_long(PyObject *value) noexcept { return at(longs.find(value)); }

    bool remember_long(PyObject *value, const Seen *known) noexcept {
        return longs.add(value, static_cast<int32_t>(known - seen.data));
    }

    // The same, added if it is new. There must be room for one.
    Seen *add_object(PyObject *object) noexcept {
        Seen *known = add(object_hash(object), SEEN_OBJECT, [=](uint32_t i) { return is_object(i, object); });
        known->object = object;
        return known;
    }

    Seen *add_string(PyObject *text, SeenKind kind) noexcept {
        Seen *known = add(hash_text(text) + kind, kind, [=](uint32_t i) { return is_text(i, text, kind); });
        if (known->count == 1) known->object = text;
        return known;
    }

    Seen *add_bigint(int64_t integer) noexcept {
        Seen *known = add(integer_hash(integer), SEEN_BIGINT, [=](uint32_t i) { return is_bigint(i, integer); });
        known->integer = integer;
        return known;
    }

    bool reserve_one() noexcept {
        return seen.size < UINT32_MAX - 1 && seen.reserve_more(1) && table.reserve(seen.size + 1);
    }

  private:
    Seen *at(int32_t index) noexcept { return index < 0 ? nullptr : &seen.data[index]; }

    template <typename Same>
    Seen *add(uint32_t hash, SeenKind kind, Same same) noexcept {
        uint32_t fresh = static_cast<uint32_t>(seen.size);
        uint32_t found = static_cast<uint32_t>(table.find_or_add(hash, fresh, same));
        Seen *known = &seen.data[found];
        if (found == fresh) {
            ++seen.size;
            std::memset(known, 0, sizeof *known);
            known->kind = kind;
        }
        ++known->count;
        return known;
    }

    static uint32_t object_hash(PyObject *object) noexcept {
        return hash_word(reinterpret_cast<uintptr_t>(object), SEEN_OBJECT);
    }

    static uint32_t integer_hash(int64_t integer) noexcept {
        return hash_word(static_cast<uint64_t>(integer), SEEN_BIGINT);
    }

    bool is_object(uint32_t i, PyObject *object) const noexcept {
        return seen.data[i].kind == SEEN_OBJECT && seen.data[i].object == object;
    }

    bool is_text(uint32_t i, PyObject *text, SeenKind kind) const noexcept {
        return seen.data[i].kind == kind && same_text(seen.data[i].object, text);
    }

    bool is_bigint(uint32_t i, int64_t integer) const noexcept {
        return seen.data[i].kind == SEEN_BIGINT && seen.data[i].integer == integer;
    }
};

// The decimal digits of a bigint as a new str; nullptr with or without a Python error set (without: too many for
// this way). Below 10**300 Python's own conversion has no limit and runs no Python code.
static inline PyObject *digits_of_bigint(PyObject *value) noexcept {
    double size = PyLong_AsDouble(value);
    if (size == -1.0 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) PyErr_Clear();
        return nullptr;
    }
    return std::fabs(size) < 1e300 ? PyLong_Type.tp_repr(value) : nullptr;
}

enum SurveyResult { SURVEY_DONE, SURVEY_IRREGULAR, SURVEY_FAILED, SURVEY_INTERRUPTED };

class Survey {
  public:
    explicit Survey(Uneval &state) noexcept : state(state) {}

    // SURVEY_IRREGULAR: the pure implementation has the last word. SURVEY_FAILED: a Python error is set.
    // SURVEY_INTERRUPTED: a signal handler waits.
    SurveyResult run(PyObject *root) noexcept {
        SurveyResult result = visit(root);
        while (result == SURVEY_DONE && state.frames.size > 0) {
            result = visit_children();
            if (result == SURVEY_DONE && state.watch.is_interrupted()) return SURVEY_INTERRUPTED;
        }
        if (result == SURVEY_DONE) name_all();
        return result;
    }

  private:
    Uneval &state;

    static SurveyResult no_memory() noexcept {
        PyErr_NoMemory();
        return SURVEY_FAILED;
    }

    // The children at the top of the stack, until one has children of its own, there are no more, or it is time to look
    // for signals.
    SurveyResult visit_children() noexcept {
        size_t depth = state.frames.size;
        Children *children = &state.frames.data[depth - 1].children;
        bool properties = children->kind == CHILDREN_DICT;
        Py_ssize_t stop = children->stop();
        while (children->next < stop) {
            PyObject *key, *child;
            if (properties) {
                child = children->take_property(&key);
                if (!take_key(key)) return SURVEY_IRREGULAR;
            } else {
                child = children->take();
            }
            SurveyResult result = visit(child);
            if (result != SURVEY_DONE || state.frames.size != depth) return result;
            children = &state.frames.data[depth - 1].children;
        }
        if (stop < children->end) return SURVEY_DONE;
        children->close();
        --state.frames.size;
        return SURVEY_DONE;
    }

    DEVALUE_INLINE bool take_key(PyObject *key) noexcept {
        if (Py_TYPE(key) != &PyUnicode_Type || !note_string(key)) return false;
        return PyUnicode_GET_LENGTH(key) != 9 || !same_text(key, uneval_types.proto);
    }

    // False for a string of the API that 3.12 removed, whose characters may not be there yet.
    DEVALUE_INLINE bool note_string(PyObject *text) noexcept {
#if PY_VERSION_HEX < 0x030C0000
        if (!PyUnicode_IS_READY(text)) return false;
#endif
        if (!PyUnicode_IS_ASCII(text)) {
            state.non_ascii = true;
            if (PyUnicode_KIND(text) > state.widest) state.widest = PyUnicode_KIND(text);
        }
        return true;
    }

    DEVALUE_INLINE SurveyResult visit(PyObject *value) noexcept {
        ValueKind kind = kind_of(value);
        switch (kind) {
            case VALUE_STRING: return visit_string(value);
            case VALUE_INTEGER: return visit_integer(value);
            case VALUE_FLOAT: case VALUE_NULL: case VALUE_TRUE: case VALUE_FALSE: case VALUE_UNDEFINED:
                return SURVEY_DONE;
            case VALUE_OBJECT: case VALUE_NULL_OBJECT: case VALUE_ARRAY: case VALUE_SPARSE_ARRAY: case VALUE_MAP:
            case VALUE_SET:
                return visit_container(value, kind);
            default: return visit_less_common(value, kind);
        }
    }

    DEVALUE_INLINE SurveyResult visit_string(PyObject *text) noexcept {
        if (!note_string(text)) return SURVEY_IRREGULAR;
        Py_ssize_t length = PyUnicode_GET_LENGTH(text);
        if (length * 2 < LONG_STRING || (length < LONG_STRING && utf16_length(text) < LONG_STRING)) return SURVEY_DONE;
        return count_string(text);
    }

    SurveyResult count_string(PyObject *text) noexcept {
        if (Seen *known = state.find_long(text)) {
            ++known->count;
            return SURVEY_DONE;
        }
        if (!state.reserve_one()) return no_memory();
        Seen *known = state.add_string(text, SEEN_STRING);
        return !LongValues::is_long(text) || state.remember_long(text, known) ? SURVEY_DONE : no_memory();
    }

    DEVALUE_INLINE SurveyResult visit_integer(PyObject *value) noexcept {
        int64_t integer;
        if (small_integer(value, &integer)) return SURVEY_DONE;
        int overflow;
        integer = PyLong_AsLongLongAndOverflow(value, &overflow);
        return overflow || integer > LARGEST_INTEGER || integer < -LARGEST_INTEGER ? SURVEY_IRREGULAR : SURVEY_DONE;
    }

    DEVALUE_INLINE SurveyResult visit_container(PyObject *value, ValueKind kind) noexcept {
        bool met_before = false;
        if (!is_interned(value) && !note_object(value, &met_before)) return no_memory();
        if (met_before) return SURVEY_DONE;
        if (state.frames.size >= state.max_depth) return SURVEY_IRREGULAR;
        if (!state.frames.reserve_more(1)) return no_memory();
        SurveyFrame &frame = state.frames.data[state.frames.size];
        Opened opened = frame.children.open(value, kind);
        if (opened != OPEN_DONE) return opened == OPEN_FAILED ? SURVEY_FAILED : SURVEY_IRREGULAR;
        frame.kind = kind;
        ++state.frames.size;
        if (kind < VALUE_MAP || frame.children.kind != CHILDREN_FLAT || frame.children.owned) return SURVEY_DONE;
        return check_keys(frame.children, kind == VALUE_MAP ? 2 : 1);
    }

    // Most objects have one reference, the one that led here: nothing can lead here again.
    DEVALUE_INLINE bool note_object(PyObject *value, bool *met_before) noexcept {
        if (Py_REFCNT(value) == 1) return true;
        if (!state.reserve_one()) return false;
        Seen *known = state.add_object(value);
        *met_before = known->count > 1;
        if (known->count != 2) return true;
        return state.repeated.push(static_cast<uint32_t>(known - state.seen.data));
    }

    DEVALUE_NOINLINE SurveyResult visit_less_common(PyObject *value, ValueKind kind) noexcept {
        switch (kind) {
            case VALUE_BIGINT: return visit_bigint(value);
            case VALUE_HOLE:
                if (state.frames.size == 0 || state.frames.data[state.frames.size - 1].kind != VALUE_ARRAY) {
                    return SURVEY_IRREGULAR;
                }
                state.has_holes = true;
                return SURVEY_DONE;
            case VALUE_OTHER: return SURVEY_IRREGULAR;
            default: return visit_leaf(value, kind);
        }
    }

    SurveyResult visit_bigint(PyObject *value) noexcept {
        if (!state.reserve_one()) return no_memory();
        int overflow;
        int64_t integer = PyLong_AsLongLongAndOverflow(value, &overflow);
        if (!overflow) {
            state.add_bigint(integer);
            return SURVEY_DONE;
        }
        if (Seen *known = state.find_long(value)) {
            ++known->count;
            return SURVEY_DONE;
        }
        PyObject *digits = digits_of_bigint(value);
        if (digits == nullptr) return PyErr_Occurred() ? SURVEY_FAILED : SURVEY_IRREGULAR;
        if (!state.owned.push(digits)) {
            Py_DECREF(digits);
            return no_memory();
        }
        return state.remember_long(value, state.add_string(digits, SEEN_DIGITS)) ? SURVEY_DONE : no_memory();
    }

    // What holds no other objects, but for the buffer of a view.
    SurveyResult visit_leaf(PyObject *value, ValueKind kind) noexcept {
        bool met_before = false;
        if (!is_interned(value) && !note_object(value, &met_before)) return no_memory();
        if (met_before) return SURVEY_DONE;
        switch (kind) {
            case VALUE_DATETIME: return is_fixed(zone_of(value, state.naive_zone)) ? SURVEY_DONE : SURVEY_IRREGULAR;
            case VALUE_DATE: return visit_date(value);
            case VALUE_REGEXP: return visit_texts(value, uneval_types.source, uneval_types.flags);
            case VALUE_TEMPORAL: return visit_texts(value, uneval_types.kind, uneval_types.text);
            case VALUE_URL: return note_string(value) ? SURVEY_DONE : SURVEY_IRREGULAR;
            case VALUE_BOXED: return visit_boxed(value);
            case VALUE_BUFFER: return holds_bytes(value) ? SURVEY_DONE : SURVEY_IRREGULAR;
            case VALUE_TYPED_ARRAY: case VALUE_DATA_VIEW: return visit_view(value, kind);
            default: return SURVEY_DONE;
        }
    }

    static SurveyResult visit_date(PyObject *value) noexcept {
        PyObject *milliseconds = at_offset(value, uneval_types.milliseconds);
        return milliseconds != nullptr && PyFloat_CheckExact(milliseconds) ? SURVEY_DONE : SURVEY_IRREGULAR;
    }

    SurveyResult visit_texts(PyObject *value, Py_ssize_t first, Py_ssize_t second) noexcept {
        bool taken = visit_text(at_offset(value, first)) && visit_text(at_offset(value, second));
        return taken ? SURVEY_DONE : SURVEY_IRREGULAR;
    }

    bool visit_text(PyObject *text) noexcept {
        return text != nullptr && PyUnicode_CheckExact(text) && note_string(text);
    }

    SurveyResult visit_boxed(PyObject *value) noexcept {
        if (state.frames.size >= state.max_depth) return SURVEY_IRREGULAR;
        PyObject *content = at_offset(value, uneval_types.boxed_value);
        if (content == nullptr) return SURVEY_IRREGULAR;
        switch (kind_of(content)) {
            case VALUE_STRING: return visit_string(content);
            case VALUE_INTEGER: return visit_integer(content);
            case VALUE_BIGINT: return visit_bigint(content);
            case VALUE_FLOAT: case VALUE_TRUE: case VALUE_FALSE: return SURVEY_DONE;
            default: return SURVEY_IRREGULAR;
        }
    }

    static bool holds_bytes(PyObject *buffer) noexcept {
        PyObject *data = at_offset(buffer, uneval_types.buffer_data);
        return data != nullptr && PyByteArray_CheckExact(data);
    }

    SurveyResult visit_view(PyObject *value, ValueKind kind) noexcept {
        if (state.frames.size >= state.max_depth) return SURVEY_IRREGULAR;
        PyObject *buffer = at_offset(value, uneval_types.view_buffer);
        if (buffer == nullptr || Py_TYPE(buffer) != uneval_types.buffer) return SURVEY_IRREGULAR;
        bool sound = is_small(at_offset(value, uneval_types.view_offset)) &&
                     is_small(at_offset(value, uneval_types.view_bytes));
        if (kind == VALUE_TYPED_ARRAY) {
            PyObject *name = at_offset(value, uneval_types.array_kind);
            sound = sound && name != nullptr && PyUnicode_CheckExact(name) && element_types.find(name) != nullptr &&
                    is_small(at_offset(value, uneval_types.array_length));
        }
        return sound ? visit_leaf(buffer, VALUE_BUFFER) : SURVEY_IRREGULAR;
    }

    static bool is_small(PyObject *integer) noexcept {
        return integer != nullptr && PyLong_CheckExact(integer) && PyLong_AsSsize_t(integer) != -1;
    }

    // --- what a Map or Set holds as parsed: where two keys are the same, the pure implementation decides ---

    SurveyResult check_keys(const Children &children, Py_ssize_t step) noexcept {
        if (children.end <= step) return SURVEY_DONE;
        state.keys.size = 0;
        size_t count = static_cast<size_t>(children.end / step);
        if (!state.key_table.start() || !state.key_table.reserve(count) || !state.keys.reserve_more(count)) {
            return no_memory();
        }
        for (Py_ssize_t at = 0; at < children.end; at += step) {
            if (!add_key(children.items[at])) return SURVEY_IRREGULAR;
            if (InterruptWatch::pauses_after(at) && state.watch.is_interrupted()) return SURVEY_INTERRUPTED;
        }
        return SURVEY_DONE;
    }

    // False if the key was there, or none of the kinds that are told apart here.
    bool add_key(PyObject *key) noexcept {
        switch (kind_of(key)) {
            case VALUE_STRING:
                if (!note_string(key)) return false;
                return add_key(key, hash_text(key), [=](PyObject *other) {
                    return PyUnicode_CheckExact(other) && same_text(other, key);
                });
            case VALUE_INTEGER: case VALUE_FLOAT: return add_number_key(key);
            case VALUE_BIGINT: case VALUE_OTHER: return false;
            default:
                return add_key(key, hash_word(reinterpret_cast<uintptr_t>(key), SEEN_OBJECT),
                                   [=](PyObject *other) { return other == key; });
        }
    }

    template <typename Same>
    bool add_key(PyObject *key, uint32_t hash, Same same) noexcept {
        uint32_t fresh = static_cast<uint32_t>(state.keys.size);
        int32_t found = state.key_table.find_or_add(
            hash, fresh, [this, same](uint32_t at) { return same(state.keys.data[at]); });
        if (static_cast<uint32_t>(found) != fresh) return false;
        state.keys.data[state.keys.size++] = key;
        return true;
    }

    // SameValueZero (ECMAScript 7.2.10): 0 and -0 are one key, and so is every NaN.
    bool add_number_key(PyObject *key) noexcept {
        double number;
        if (!number_of(key, &number)) return false;
        uint64_t bits;
        if (number == 0) number = 0;
        if (number != number) number = Py_NAN;
        std::memcpy(&bits, &number, sizeof bits);
        return add_key(key, hash_word(bits, SEEN_BIGINT), [=](PyObject *other) {
            double another;
            return number_of(other, &another) && (another == number || (another != another && number != number));
        });
    }

    static bool number_of(PyObject *value, double *number) noexcept {
        if (PyFloat_CheckExact(value)) {
            *number = PyFloat_AS_DOUBLE(value);
            return true;
        }
        if (!PyLong_CheckExact(value)) return false;
        int overflow;
        int64_t integer = PyLong_AsLongLongAndOverflow(value, &overflow);
        *number = static_cast<double>(integer);
        return !overflow && integer <= LARGEST_INTEGER && integer >= -LARGEST_INTEGER;
    }

    // --- names ---

    // Objects first, then the long strings and bigints that are worth it, in the order of their first occurrence.
    void name_all() noexcept {
        uint32_t names = 0;
        for (size_t i = 0; i < state.repeated.size; ++i) state.seen.data[state.repeated.data[i]].name = ++names;
        for (size_t i = 0; i < state.seen.size; ++i) {
            Seen &seen = state.seen.data[i];
            if (seen.kind == SEEN_OBJECT || seen.count < 2) continue;
            ++names;  // taken even if it is not used, as in JavaScript
            if (is_worth_a_name(literal_length(seen), seen.count, Name(names).length)) seen.name = names;
        }
        state.has_names = names > 0;
    }

    static uint64_t literal_length(const Seen &seen) noexcept {
        if (seen.kind == SEEN_STRING) return quoted_length(seen.object);
        if (seen.kind == SEEN_DIGITS) return static_cast<uint64_t>(PyUnicode_GET_LENGTH(seen.object)) + 1;
        char text[MAX_INTEGER_TEXT];
        return static_cast<uint64_t>(write_integer(text, seen.integer) - text) + 1;
    }
};

}  // namespace devalue
