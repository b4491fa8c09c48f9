// The first pass: children in order, depth first, on an explicit stack of frames.
//
// A frame counts a child before visiting it, so `next - 1` is the child at hand in every frame of the stack. Plain
// values run no Python code and are borrowed. Everything else goes through the callbacks, into _stringify.pyx: they may
// replace and move frames, so a frame is looked up again after every visit.
#pragma once

#include <Python.h>
#include <datetime.h>

#include <cstdint>

#include "encoder.h"
#include "inline.h"
#include "python_values.h"

namespace devalue {

// What the plain walk knows of devalue.types; set when the module is loaded.
struct PlainTypes {
    PyTypeObject *map, *set, *bigint, *null_object;
    Py_ssize_t map_flat, map_index, set_flat, set_index;
    PyObject *zero;   // the int
    PyObject *proto;  // the str "__proto__"
};
static PlainTypes plain_types;

struct Callbacks {
    int32_t (*reference_of_other)(PyObject *call, PyObject *value);
    int (*has_claimed_child)(PyObject *call, Frame *frame);  // -1 with a Python error
    int (*check_signals)(Encoder *);                         // 0 with a Python error
};
static Callbacks callbacks;

enum WalkResult { WALK_DONE, WALK_IRREGULAR, WALK_FAILED };

class Walk {
  public:
    Walk(Encoder &encoder, PyObject *call) noexcept : e(encoder), call(call) {}

    // Number everything below the frames on the stack.
    WalkResult run() noexcept {
        while (e.frames.size > 0) {
            size_t depth = e.frames.size;
            Frame *frame = &e.frames.data[depth - 1];
            WalkResult result;
            switch (frame->kind) {
                case FRAME_DICT: result = walk_dict(depth); break;
                case FRAME_ARRAY: result = walk_array(depth); break;
                default: result = walk_other(depth); break;
            }
            if (result != WALK_DONE) return result;
            if (e.frames.size != depth) continue;  // a child has pushed a frame
            frame = &e.frames.data[depth - 1];
            if (frame->next == frame->end) {
                result = pop(frame);
            } else if (frame->next == frame->reserved) {
                e.visited += SEGMENT;
                if (!reserve_segment(frame)) result = no_memory();
            }
            if (result != WALK_DONE) return result;
            if (e.visited > CLOCK_INTERVAL) {
                e.visited = 0;
                if (e.signals.is_due() && !callbacks.check_signals(&e)) return WALK_FAILED;
            }
        }
        return WALK_DONE;
    }

    // The slot of a value, numbered now if it is met for the first time, or a negative Reference. A container met for
    // the first time lies on the stack of frames afterwards. There must be room for one child.
    DEVALUE_INLINE int32_t reference_of(PyObject *value) noexcept {
        if (e.ask_everything) return callbacks.reference_of_other(call, value);
        PyTypeObject *type = Py_TYPE(value);
        if (type == &PyUnicode_Type) return e.string_slot<true>(value);
        if (type == &PyLong_Type) {
            int64_t integer;
            if (small_integer(value, &integer)) return e.integer_slot<true>(integer, SLOT_INTEGER);
            return reference_of_long(value);
        }
        if (type == &PyFloat_Type) return e.number_slot<true>(PyFloat_AS_DOUBLE(value));
        if (type == &PyDict_Type) return enter_dict(value, SLOT_OBJECT);
        if (type == &PyList_Type) {
            return enter(value, SLOT_ARRAY, FRAME_ARRAY, value, items_of_list(value), PyList_GET_SIZE(value));
        }
        // No branch for each, since none can be predicted: bools 1.6 times faster.
        bool is_true = value == Py_True, is_false = value == Py_False;
        if (is_true | is_false | (value == Py_None)) return e.constant_slot(constant_kind(is_true, is_false));
        return reference_of_less_common(value, type);
    }

    DEVALUE_INLINE int32_t enter(PyObject *value, SlotKind slot_kind, FrameKind frame_kind, PyObject *source,
                                 PyObject **items, Py_ssize_t children) noexcept {
        int32_t fresh = static_cast<int32_t>(e.next_slot());
        if (children == 0 && (Py_TYPE(value) == &PyTuple_Type || Py_TYPE(value) == &PyFrozenSet_Type)) {
            e.add_unshared(value, slot_kind, 0);  // Python has one for all: that it is the same says nothing
        } else {
            int32_t found = e.add_object(value, slot_kind, static_cast<uint32_t>(children));
            if (found >= 0) return found;
        }
        if (e.frames.size >= e.max_depth) return e.irregular(PROBLEM_TOO_DEEP, value);
        if (children > 0 && !push_frame(fresh, frame_kind, source, items, children, children)) return REF_FAILED;
        return fresh;
    }

    DEVALUE_INLINE int32_t enter_dict(PyObject *value, SlotKind kind) noexcept {
        size_t depth = e.frames.size;
        Py_ssize_t count = PyDict_GET_SIZE(value);
        int32_t slot = enter(value, kind, FRAME_DICT, value, nullptr, count);
        if (e.frames.size > depth && !reserve_keys(count)) return REF_FAILED;
        return slot;
    }

    // False with a Python error set when memory ends.
    DEVALUE_INLINE bool push_frame(uint32_t slot, FrameKind kind, PyObject *source, PyObject **items,
                                   Py_ssize_t children, size_t references) noexcept {
        bool room = children <= MAX_CHILDREN && e.frames.reserve_more(1) && e.references.reserve_more(references);
        if (!room) return no_memory() == WALK_DONE;
        Frame *frame = &e.frames.data[e.frames.size];
        frame->source = source;
        frame->items = items;
        frame->next = frame->reserved = frame->place = 0;
        frame->end = children;
        frame->first = e.references.size;
        frame->slot = slot;
        frame->kind = kind;
        frame->owned = false;
        e.references.size += references;
        ++e.frames.size;
        return reserve_segment(frame) || no_memory() == WALK_DONE;
    }

    // The places of the keys of the dict whose frame was just pushed.
    DEVALUE_INLINE bool reserve_keys(size_t count) noexcept {
        if (!e.keys.reserve_more(count)) return no_memory() == WALK_DONE;
        e.frames.data[e.frames.size - 1].first_key = e.keys.size;
        e.keys.size += count;
        return true;
    }

  private:
    static constexpr Py_ssize_t SEGMENT = Py_ssize_t{1} << 20;       // children that room is made for at a time
    static constexpr size_t CLOCK_INTERVAL = size_t{1} << 18;        // children visited between two looks at the clock
    static constexpr Py_ssize_t AHEAD = 4;  // children that are fetched before they are visited: graph 1.2 times faster
    static constexpr Py_ssize_t MAX_CHILDREN = 0x7FFFFFFF;           // references are 32 bits

    Encoder &e;
    PyObject *call;

    static WalkResult no_memory() noexcept {
        PyErr_NoMemory();
        return WALK_FAILED;
    }

    static WalkResult result_of(int32_t reference) noexcept {
        return reference == REF_FAILED ? WALK_FAILED : WALK_IRREGULAR;
    }

    // Room for the next children of a frame: for all of them, unless they are very many.
    DEVALUE_INLINE bool reserve_segment(Frame *frame) noexcept {
        Py_ssize_t children = frame->end - frame->reserved;
        if (children > SEGMENT) children = SEGMENT;
        frame->reserved += children;
        e.pending += children;
        return e.reserve_slots(1);
    }

    DEVALUE_INLINE WalkResult pop(Frame *frame) noexcept {
        if (frame->kind == FRAME_SINGLE) {
            int claimed = callbacks.has_claimed_child(call, frame);
            if (claimed != 0) return claimed < 0 ? WALK_FAILED : WALK_IRREGULAR;
        }
        e.pending -= frame->end;
        e.visited += frame->end;
        --e.frames.size;
        if (e.owned_frames > e.frames.size) e.owned_frames = e.frames.size;
        return WALK_DONE;
    }

    // --- children, until one pushes a frame or room must be made ---

    WalkResult walk_array(size_t depth) noexcept {
        Frame *frame = &e.frames.data[depth - 1];
        if (frame->next == 0) {
            for (Py_ssize_t i = 1; i < AHEAD && i < frame->end; ++i) prefetch(frame->items[i]);
        }
        while (frame->next < frame->reserved) {
            Py_ssize_t at = frame->next++;
            if (at + AHEAD < frame->end) prefetch(frame->items[at + AHEAD]);
            int32_t reference = reference_of(frame->items[at]);
            frame = &e.frames.data[depth - 1];
            if (reference < 0) {
                if (reference <= REF_IRREGULAR) return result_of(reference);
                if (reference == REF_HOLE) e.slots.data[frame->slot].kind = SLOT_HOLEY_ARRAY;
            }
            e.references.data[frame->first + at] = reference;
            if (e.frames.size != depth) break;
        }
        return WALK_DONE;
    }

    WalkResult walk_dict(size_t depth) noexcept {
        Frame *frame = &e.frames.data[depth - 1];
        PyObject *key, *value;
        while (frame->next < frame->reserved) {
            if (!PyDict_Next(frame->source, &frame->place, &key, &value)) return dict_changed();
            Py_ssize_t at = frame->next++;
            if (!take_key(frame, at, key)) return WALK_IRREGULAR;
            int32_t reference = reference_of(value);
            frame = &e.frames.data[depth - 1];
            if (reference <= REF_IRREGULAR) return result_of(reference);
            e.references.data[frame->first + at] = reference;
            if (e.frames.size != depth || frame->kind != FRAME_DICT) break;
        }
        return WALK_DONE;
    }

    static WalkResult dict_changed() noexcept {
        PyErr_SetString(PyExc_RuntimeError, "a dict changed while it was being written");
        return WALK_FAILED;
    }

    DEVALUE_INLINE bool take_key(Frame *frame, Py_ssize_t at, PyObject *key) noexcept {
        if (!PyUnicode_Check(key)) {
            e.irregular(PROBLEM_KEY_IS_NO_STRING, key);
            return false;
        }
        if (PyUnicode_GET_LENGTH(key) == 9 && same_text(key, plain_types.proto)) {
            e.irregular(PROBLEM_PROTO_KEY, key);
            return false;
        }
        e.note_width(key);
        e.keys.data[frame->first_key + at] = key;
        return true;
    }

    WalkResult walk_other(size_t depth) noexcept {
        Frame *frame = &e.frames.data[depth - 1];
        while (frame->next < frame->reserved) {
            PyObject *child = next_child(frame);
            if (child == nullptr) return WALK_IRREGULAR;
            int32_t reference = reference_of(child);
            frame = &e.frames.data[depth - 1];
            if (reference == REF_NEGATIVE_ZERO && is_collection_key(frame)) {
                reference = reference_of_zero();
                frame = &e.frames.data[depth - 1];
            }
            if (reference <= REF_IRREGULAR) return result_of(reference);
            e.references.data[reference_place(frame)] = reference;
            if (e.frames.size != depth) break;
        }
        return WALK_DONE;
    }

    // A Map and a Set hold no -0 (ECMAScript 24.1.3.9).
    int32_t reference_of_zero() noexcept { return reference_of(plain_types.zero); }

    // Count the next child and give it; nullptr if there is none that this walk can write.
    DEVALUE_INLINE PyObject *next_child(Frame *frame) noexcept {
        Py_ssize_t at = frame->next++;
        PyObject *key, *value;
        switch (frame->kind) {
            case FRAME_SINGLE: return frame->source;
            case FRAME_DICT_ITEMS:
                if (!take_key(frame, at, frame->items[2 * at])) return nullptr;
                e.own_key(frame->first_key + at);
                return frame->items[2 * at + 1];
            case FRAME_INDEXED_SET:
                return PyDict_Next(frame->source, &frame->place, &key, &value) ? value : nullptr;
            case FRAME_INDEXED_MAP:
                if (at & 1) return frame->items[1];
                if (!PyDict_Next(frame->source, &frame->place, &key, &value)) return nullptr;
                if (Py_TYPE(value) != &PyTuple_Type || PyTuple_GET_SIZE(value) != 2) return nullptr;
                frame->items = items_of_tuple(value);
                return frame->items[0];
            default: return frame->items[at];
        }
    }

    static bool is_collection_key(const Frame *frame) noexcept {
        if (frame->kind == FRAME_FLAT_MAP || frame->kind == FRAME_INDEXED_MAP) return frame->next & 1;
        return frame->kind == FRAME_FLAT_SET || frame->kind == FRAME_INDEXED_SET;
    }

    // Where the reference of the child at hand belongs.
    static size_t reference_place(const Frame *frame) noexcept {
        return frame->first + (frame->kind == FRAME_SPARSE_ARRAY ? 2 * frame->next : frame->next - 1);
    }

    // --- values of the less common plain types ---

    int32_t reference_of_long(PyObject *value) noexcept {
        int overflow;
        int64_t integer = PyLong_AsLongLongAndOverflow(value, &overflow);
        if (overflow || integer > MAX_SAFE_INTEGER || integer < -MAX_SAFE_INTEGER) {
            return callbacks.reference_of_other(call, value);
        }
        return e.integer_slot<true>(integer, SLOT_INTEGER);
    }

    int32_t reference_of_less_common(PyObject *value, PyTypeObject *type) noexcept {
        if (type == PyDateTimeAPI->DateTimeType && PyDateTime_DATE_GET_TZINFO(value) == PyDateTimeAPI->TimeZone_UTC) {
            int32_t fresh = static_cast<int32_t>(e.next_slot());
            int32_t found = e.add_object(value, SLOT_DATETIME, 0);
            return found < 0 ? fresh : found;
        }
        if (type == plain_types.map) return enter_map(value);
        if (type == plain_types.set) return enter_set(value);
        if (type == &PyTuple_Type) {
            return enter(value, SLOT_ARRAY, FRAME_ARRAY, value, items_of_tuple(value), PyTuple_GET_SIZE(value));
        }
        if (type == plain_types.bigint) {
            int overflow;
            int64_t integer = PyLong_AsLongLongAndOverflow(value, &overflow);
            if (!overflow) return e.integer_slot<true>(integer, SLOT_BIGINT);
        }
        if (type == plain_types.null_object) return enter_dict(value, SLOT_NULL_OBJECT);
        return callbacks.reference_of_other(call, value);
    }

    // A Map as parsed, a flat list, or with its index, a dict of (key, value).
    int32_t enter_map(PyObject *value) noexcept {
        PyObject *flat = at_offset(value, plain_types.map_flat), *index = at_offset(value, plain_types.map_index);
        if (flat != nullptr && Py_TYPE(flat) == &PyList_Type && PyList_GET_SIZE(flat) % 2 == 0) {
            return enter(value, SLOT_MAP, FRAME_FLAT_MAP, flat, items_of_list(flat), PyList_GET_SIZE(flat));
        }
        if (index != nullptr && Py_TYPE(index) == &PyDict_Type) {
            return enter(value, SLOT_MAP, FRAME_INDEXED_MAP, index, nullptr, 2 * PyDict_GET_SIZE(index));
        }
        return callbacks.reference_of_other(call, value);
    }

    int32_t enter_set(PyObject *value) noexcept {
        PyObject *flat = at_offset(value, plain_types.set_flat), *index = at_offset(value, plain_types.set_index);
        if (flat != nullptr && Py_TYPE(flat) == &PyList_Type) {
            return enter(value, SLOT_SET, FRAME_FLAT_SET, flat, items_of_list(flat), PyList_GET_SIZE(flat));
        }
        if (index != nullptr && Py_TYPE(index) == &PyDict_Type) {
            return enter(value, SLOT_SET, FRAME_INDEXED_SET, index, nullptr, PyDict_GET_SIZE(index));
        }
        return callbacks.reference_of_other(call, value);
    }
};

// The same, out of line, for _stringify.pyx. REF_FAILED or false: a Python error is set.

static DEVALUE_NOINLINE int32_t reference_of(Encoder &encoder, PyObject *call, PyObject *value) noexcept {
    return Walk(encoder, call).reference_of(value);
}

static DEVALUE_NOINLINE int32_t enter(Encoder &encoder, PyObject *value, SlotKind slot_kind, FrameKind frame_kind,
                                      PyObject *source, PyObject **items, Py_ssize_t children) noexcept {
    return Walk(encoder, nullptr).enter(value, slot_kind, frame_kind, source, items, children);
}

static DEVALUE_NOINLINE int32_t enter_dict(Encoder &encoder, PyObject *value, SlotKind kind) noexcept {
    return Walk(encoder, nullptr).enter_dict(value, kind);
}

static bool push_frame(Encoder &encoder, uint32_t slot, FrameKind kind, PyObject *source, PyObject **items,
                       Py_ssize_t children, size_t references) noexcept {
    return Walk(encoder, nullptr).push_frame(slot, kind, source, items, children, references);
}

static bool reserve_keys(Encoder &encoder, size_t count) noexcept {
    return Walk(encoder, nullptr).reserve_keys(count);
}

static WalkResult walk(Encoder &encoder, PyObject *call) noexcept { return Walk(encoder, call).run(); }

}  // namespace devalue
