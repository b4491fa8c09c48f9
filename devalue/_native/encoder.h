// The state of one stringify call, and the references of values that need no walk.
#pragma once

#include <Python.h>

#include <cmath>
#include <cstdint>
#include <cstring>

#include "arena.h"
#include "dedup_table.h"
#include "inline.h"
#include "long_values.h"
#include "signal_clock.h"
#include "slot.h"

namespace devalue {

static constexpr int64_t MAX_SAFE_INTEGER = (int64_t{1} << 53) - 1;  // ECMAScript 21.1.2.8

enum FrameKind : uint8_t {
    // Children in an array of pointers.
    FRAME_ARRAY,         // list or tuple
    FRAME_FLAT_MAP,      // key, value, key, value
    FRAME_FLAT_SET,
    FRAME_DICT_ITEMS,    // a dict as a flat tuple: key, value, key, value
    FRAME_SPARSE_ARRAY,  // values; their references lie at every other place, behind the length
    FRAME_SINGLE,        // the content of a box, or what a reducer gave
    // Children in a dict.
    FRAME_DICT,
    FRAME_INDEXED_MAP,   // of (key, value) tuples
    FRAME_INDEXED_SET,   // of items
};

// A container that is being walked.
struct Frame {
    PyObject *source;  // list, tuple or dict
    PyObject **items;  // its children, or for FRAME_INDEXED_MAP the (key, value) it is at
    Py_ssize_t next;   // child
    Py_ssize_t end;    // children
    Py_ssize_t reserved;  // children for whose slots there is room
    Py_ssize_t place;  // in the dict, for PyDict_Next
    size_t first;      // reference
    size_t first_key;  // of FRAME_DICT and FRAME_DICT_ITEMS
    uint32_t slot;
    FrameKind kind;
    bool owned;        // the children lie in a tuple of ours, which nobody can change
};

// Why the plain walk ends early: then the pure codec has the last word.
enum Problem : uint8_t {
    PROBLEM_UNSOUND,  // anything that an untampered value cannot have
    PROBLEM_REFUSED,
    PROBLEM_TOO_DEEP,
    PROBLEM_KEY_IS_NO_STRING,
    PROBLEM_PROTO_KEY,
    PROBLEM_CLAIMED,
};

struct Encoder {
    // What is kept from one call to the next, at most.
    static constexpr size_t KEPT_BYTES = size_t{32} << 20;

    Arena<Slot> slots;
    Arena<int32_t> references;
    Arena<PyObject *> keys;
    Arena<Frame> frames;
    Arena<Rare> rares;
    Arena<PyObject *> owned;  // further strong references, dropped at the end
    Arena<char> text;
    DedupTable table;
    LongValues longs;

    int32_t constants[3];  // the slots of null, true and false, or -1
    unsigned widest;  // bytes per character of the widest string
    bool non_ascii;
    bool width_unsure;    // a string that was counted is not written: a reducer has claimed it
    bool ask_everything;  // a reducer may claim values of the plain types
    bool hooked;          // there are hooks at all
    bool numbered;        // the walk is over
    size_t max_depth;
    size_t room;      // slots that fit the arena and the table
    size_t pending;   // children of the frames for whose slots there is room
    size_t visited;   // children since the last look at the clock
    SignalClock signals;
    Problem problem;
    PyObject *culprit;  // borrowed

    // What Python code can no longer free: see own_everything in stringify_own.pxi.
    size_t owned_slots, owned_keys;  // so many hold strong references, which are dropped at the end
    size_t owned_frames;

    // False when memory ends.
    bool start() noexcept {
        slots.size = references.size = keys.size = frames.size = rares.size = owned.size = 0;
        constants[0] = constants[1] = constants[2] = -1;
        widest = 1;
        non_ascii = width_unsure = ask_everything = hooked = numbered = false;
        pending = visited = owned_slots = owned_keys = owned_frames = 0;
        problem = PROBLEM_UNSOUND;
        signals.start();
        longs.start();
        if (!table.start()) return false;
        set_room();
        return reserve_slots(1);
    }

    // Room for the slots of the children to come, and for so many more.
    DEVALUE_INLINE bool reserve_slots(size_t more) noexcept {
        size_t wanted = slots.size + pending + more;
        return wanted <= room || grow_room(wanted);
    }

    DEVALUE_NOINLINE bool grow_room(size_t wanted) noexcept {
        if (wanted >= INT32_MAX || !slots.reserve(wanted) || !table.reserve(wanted)) return false;
        set_room();
        return true;
    }

    void set_room() noexcept { room = slots.capacity < table.room() ? slots.capacity : table.room(); }

    int32_t irregular(Problem what, PyObject *value) noexcept {
        problem = what;
        culprit = value;
        return REF_IRREGULAR;
    }

    // The walk is over. Nothing looks a value up any more, so a large table can go before the text needs memory.
    void end_numbering() noexcept {
        numbered = true;
        if (bytes() > KEPT_BYTES) table.release();
    }

    // The objects in the slots, and in the table those that it left out because nothing else referred to them.
    void own_slots() noexcept {
        for (; owned_slots < slots.size; ++owned_slots) {
            Slot &slot = slots.data[owned_slots];
            if (!holds_object(slot)) continue;
            Py_INCREF(slot.object);
            if (slot.unlisted && !numbered) list_object(slot.object, static_cast<uint32_t>(owned_slots));
            slot.unlisted = false;
        }
    }

    // The places of keys that are still to come are null.
    void own_keys() noexcept {
        for (; owned_keys < keys.size; ++owned_keys) Py_XINCREF(keys.data[owned_keys]);
    }

    // A key of a dict whose place own_keys() has passed.
    DEVALUE_INLINE void own_key(size_t place) noexcept {
        if (place < owned_keys) Py_INCREF(keys.data[place]);
    }

    // Keeps the memory for the next call unless it is much.
    void finish() noexcept {
        for (size_t i = 0; i < owned_slots; ++i) {
            if (holds_object(slots.data[i])) Py_DECREF(slots.data[i].object);
        }
        for (size_t i = 0; i < owned_keys; ++i) Py_XDECREF(keys.data[i]);
        for (size_t i = 0; i < owned.size; ++i) Py_DECREF(owned.data[i]);
        owned_slots = owned_keys = owned.size = 0;
        if (bytes() > KEPT_BYTES) release();
    }

    void release() noexcept {
        slots.release();
        references.release();
        keys.release();
        frames.release();
        rares.release();
        owned.release();
        text.release();
        table.release();
        longs.release();
    }

    size_t bytes() const noexcept {
        return slots.bytes() + references.bytes() + keys.bytes() + frames.bytes() + rares.bytes() + owned.bytes() +
               text.bytes() + table.bytes() + longs.bytes();
    }

    void note_width(PyObject *string) noexcept {
        if (!PyUnicode_IS_ASCII(string)) {
            non_ascii = true;
            if (PyUnicode_KIND(string) > widest) widest = PyUnicode_KIND(string);
        }
    }

    // --- the slots of values told apart by value; the caller has reserved room for one child ---
    // With Add, a value met for the first time takes the next slot; without it, it is -1.

    template <bool Add>
    int32_t string_slot(PyObject *value) noexcept {
        if (LongValues::is_long(value)) return long_string_slot<Add>(value);
        return text_slot<Add>(value, SLOT_STRING);
    }

    // The decimal digits of a BigInt beyond 64 bits.
    template <bool Add>
    int32_t digits_slot(PyObject *digits) noexcept { return text_slot<Add>(digits, SLOT_BIGINT_DIGITS); }

    // A number, or a BigInt of 64 bits.
    template <bool Add>
    int32_t integer_slot(int64_t value, SlotKind kind) noexcept {
        return word_slot<Add>(static_cast<uint64_t>(value), kind);
    }

    template <bool Add>
    int32_t number_slot(double value) noexcept {
        if (std::fabs(value) <= static_cast<double>(MAX_SAFE_INTEGER)) {
            int64_t integer = static_cast<int64_t>(value);
            if (static_cast<double>(integer) == value) {
                if (integer == 0 && std::signbit(value)) return REF_NEGATIVE_ZERO;
                return integer_slot<Add>(integer, SLOT_INTEGER);
            }
        }
        if (value != value) return REF_NAN;
        if (std::isinf(value)) return value > 0 ? REF_INFINITY : REF_NEGATIVE_INFINITY;
        uint64_t bits;
        std::memcpy(&bits, &value, sizeof bits);
        return word_slot<Add>(bits, SLOT_DOUBLE);
    }

    DEVALUE_INLINE int32_t constant_slot(SlotKind kind) noexcept {
        int32_t &slot = constants[kind - SLOT_NULL];
        if (slot < 0) {
            slot = static_cast<int32_t>(next_slot());
            push_slot(kind).object = nullptr;
        }
        return slot;
    }

    int32_t find_constant(SlotKind kind) const noexcept { return constants[kind - SLOT_NULL]; }

    // --- values that go by identity ---

    // The slot that already stands for an object, or -1 and a new slot of this kind.
    DEVALUE_INLINE int32_t add_object(PyObject *object, SlotKind kind, uint32_t count) noexcept {
        // An object of one reference has only the one that led here: nothing can lead here again.
        bool unlisted = Py_REFCNT(object) == 1;
        if (!unlisted) {
            int32_t fresh = static_cast<int32_t>(next_slot());
            int32_t found = list_object(object, fresh);
            if (found != fresh) return found;
        }
        Slot &slot = push_slot(kind);
        slot.object = object;
        slot.count = count;
        slot.unlisted = unlisted;
        return -1;
    }

    // A slot that no other reference can mean.
    void add_unshared(PyObject *object, SlotKind kind, uint32_t count) noexcept {
        Slot &slot = push_slot(kind);
        slot.object = object;
        slot.count = count;
    }

    int32_t list_object(PyObject *object, uint32_t slot) noexcept {
        return table.find_or_add(object_hash(object), slot, [=](uint32_t at) { return is_object(at, object); });
    }

    int32_t find_object(PyObject *object) noexcept {
        return table.find(object_hash(object), [=](uint32_t at) { return is_object(at, object); });
    }

    uint32_t next_slot() const noexcept { return static_cast<uint32_t>(slots.size); }

    // From now on the slot stands for this very object too, a string or a BigInt. False with a Python error set.
    bool add_long(PyObject *value, int32_t slot) noexcept {
        if (!owned.push(value)) {
            PyErr_NoMemory();
            return false;
        }
        Py_INCREF(value);
        if (longs.add(value, slot)) return true;
        PyErr_NoMemory();
        return false;
    }

  private:
    template <bool Add>
    DEVALUE_NOINLINE int32_t long_string_slot(PyObject *value) noexcept {
        int32_t slot = longs.find(value);
        if (slot >= 0) return slot;
        slot = text_slot<Add>(value, SLOT_STRING);
        if (slot >= 0 && Py_REFCNT(value) > 1 && !add_long(value, slot)) return REF_FAILED;
        return slot;
    }

    template <bool Add>
    DEVALUE_INLINE int32_t text_slot(PyObject *value, SlotKind kind) noexcept {
        int32_t fresh = static_cast<int32_t>(next_slot());
        int32_t found = look_up<Add>(hash_text(value) + kind, [=](uint32_t at) {
            return slots.data[at].kind == kind && same_text(slots.data[at].object, value);
        });
        if (Add && found == fresh) {
            note_width(value);
            push_slot(kind).object = value;
        }
        return found;
    }

    template <bool Add>
    DEVALUE_INLINE int32_t word_slot(uint64_t bits, SlotKind kind) noexcept {
        int32_t fresh = static_cast<int32_t>(next_slot());
        int32_t found = look_up<Add>(hash_word(bits, kind), [=](uint32_t at) {
            return slots.data[at].bits == bits && slots.data[at].kind == kind;
        });
        if (Add && found == fresh) push_slot(kind).bits = bits;
        return found;
    }

    template <bool Add, typename Same>
    int32_t look_up(uint32_t hash, Same same) noexcept {
        return Add ? table.find_or_add(hash, next_slot(), same) : table.find(hash, same);
    }

    static bool holds_object(const Slot &slot) noexcept {
        return slot.kind == SLOT_STRING || slot.kind == SLOT_BIGINT_DIGITS || slot.kind >= SLOT_ARRAY;
    }

    static uint32_t object_hash(PyObject *object) noexcept {
        return hash_word(reinterpret_cast<uintptr_t>(object), SLOT_ARRAY);
    }

    bool is_object(uint32_t at, PyObject *object) const noexcept {
        return slots.data[at].kind >= SLOT_ARRAY && slots.data[at].object == object;
    }

    Slot &push_slot(SlotKind kind) noexcept {
        Slot &slot = slots.data[slots.size++];
        slot.count = 0;
        slot.kind = kind;
        slot.unlisted = slot.wrapped = false;
        return slot;
    }
};

}  // namespace devalue
