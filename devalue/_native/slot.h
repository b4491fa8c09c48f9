// A slot of the table that devalue writes, between the two passes of the encoder.
//
// The first pass numbers the slots and leaves the references of all containers one after the other in an arena, the
// keys of all objects in another; the second pass writes the slots in order and reads both arenas from front to end.
#pragma once

#include <Python.h>

#include <cstdint>

namespace devalue {

enum SlotKind : uint8_t {
    // Told apart by value.
    SLOT_STRING,         // object
    SLOT_INTEGER,        // integer: a number that is an integer within +-(2**53 - 1)
    SLOT_DOUBLE,         // number: any other finite number
    SLOT_NULL,
    SLOT_TRUE,
    SLOT_FALSE,
    SLOT_BIGINT,         // integer: a BigInt of 64 bits
    SLOT_BIGINT_DIGITS,  // object: the decimal text (a str) of a longer one
    // Told apart by identity.
    SLOT_ARRAY,          // `count` references
    SLOT_HOLEY_ARRAY,    // the same, holes among them
    SLOT_SPARSE_ARRAY,   // references: the length, then `count` pairs of index (a uint32) and reference
    SLOT_OBJECT,         // `count` keys and references
    SLOT_NULL_OBJECT,    // the same
    SLOT_MAP,            // `count` references: key, value, key, value
    SLOT_SET,            // `count` references
    SLOT_DATETIME,       // object: a datetime in UTC
    SLOT_MOMENT,         // rare: a time value in milliseconds, NaN for the invalid Date
    SLOT_BUFFER,         // rare: the bytes of an ArrayBuffer
    SLOT_TEXT,           // rare: prefix, a text as a JSON string, suffix
    SLOT_CUSTOM,         // rare: prefix, a reference, suffix; what neither of the above describes
};

static inline SlotKind constant_kind(bool is_true, bool is_false) noexcept {
    return static_cast<SlotKind>(SLOT_NULL + is_true + 2 * is_false);
}

struct Slot {
    union {
        PyObject *object;  // also the identity of the kinds that go by identity
        int64_t integer;
        double number;
        uint64_t bits;
    };
    uint32_t count;  // where it says "rare" above: index of a Rare
    SlotKind kind;
    bool unlisted;  // nothing else can refer to it, so the dedup table does not know it
    bool wrapped;   // written as SLOT_CUSTOM: `kind` only says what the value equals
};
static_assert(sizeof(Slot) == 16, "four slots to a cache line");

// What slots of rare kinds need beyond a Slot. The objects are among those that the encoder owns.
struct Rare {
    PyObject *prefix;  // any text
    PyObject *text;
    PyObject *suffix;  // ASCII
    const uint8_t *data;
    Py_ssize_t length;
    double milliseconds;
};

// References that take no slot.
enum Reference : int32_t {
    REF_UNDEFINED = -1,
    REF_HOLE = -2,
    REF_NAN = -3,
    REF_INFINITY = -4,
    REF_NEGATIVE_INFINITY = -5,
    REF_NEGATIVE_ZERO = -6,
    // Never written: what the first pass says instead of a reference.
    REF_FAILED = INT32_MIN,         // a Python error is set
    REF_IRREGULAR = INT32_MIN + 1,  // the pure codec has the last word
};

}  // namespace devalue
