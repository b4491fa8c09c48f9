// The second pass of uneval: the source, with named values hoisted into variables.
//
// What is being written lies in one buffer, each text that is not finished yet behind the one that waits for it: the
// result first, then the statement or the entries that a value of it needs, and so on. A finished statement moves to
// a buffer of its own, in the order in which statements run.
#pragma once

#include <Python.h>

#include <cstdint>
#include <cstring>

#include "uneval_leaves.h"

namespace devalue {

enum Form : uint8_t {
    // Written in place.
    FORM_OBJECT,
    FORM_NULL_OBJECT,
    FORM_ARRAY,
    FORM_SPARSE_ARRAY,    // with commas for its holes
    FORM_ASSIGNED_ARRAY,  // Object.assign(..., {index: value}): shorter for many holes
    FORM_MAP,
    FORM_SET,
    // Hoisted: a declaration, then a statement for each child (those of a collection as far as it is needed).
    FORM_DECLARED_OBJECT,
    FORM_DECLARED_ARRAY,
    FORM_DECLARED_MAP,
    FORM_DECLARED_SET,
};

struct WriteFrame {
    Children children;
    Seen *seen;    // of what is hoisted
    size_t start;  // of its text: of a statement or of the entries
    size_t entry;  // where the entry at hand starts, with the comma before it
    size_t argument;  // the same, without what only an entry of `new Map([...])` has
    Py_ssize_t index, length;  // of FORM_SPARSE_ARRAY: the element before, and how many with the holes
    size_t calls;  // the number of the statement that its calls of set() or add() are in
    Form form;
    bool open;     // a child is being written
};

// Every function that gives a bool gives false when memory ends, with a Python error or without, and where a signal
// handler waits.
template <typename Out>
class UnevalWriter : private LeafWriter<Out> {
  public:
    UnevalWriter(Uneval &state, Arena<WriteFrame> &frames, Arena<char> &texts, Arena<char> &statement_texts) noexcept
        : LeafWriter<Out>(state, texts, statement_texts), frames(frames) {}

    bool write(PyObject *root) noexcept {
        if (!text.ensure(0) || !put(root)) return false;
        while (frames.size > 0) {
            if (!step() || state.watch.is_interrupted()) return false;
        }
        return count == 0 || wrap();
    }

    const Out *data() const noexcept { return text.data(); }
    size_t length() const noexcept { return text.size(); }
    bool may_be_narrower() const noexcept { return text.may_be_narrower() || statements.may_be_narrower(); }

  private:
    using Base = LeafWriter<Out>;
    using Base::begin_declaration, Base::count, Base::end_statement, Base::is_named, Base::move_to_statements;
    using Base::put_bigint, Base::put_buffer, Base::put_bytes, Base::put_constant, Base::put_datetime, Base::put_float;
    using Base::put_integer, Base::put_name, Base::put_property_name, Base::put_property_target, Base::put_range;
    using Base::put_regexp, Base::put_string, Base::put_time_value, Base::state, Base::statements, Base::text;

    Arena<WriteFrame> &frames;

    // Replaces the result by a function that runs the statements and returns it.
    bool wrap() noexcept {
        if (!statements.ensure(0)) return false;
        statements.put("return ");
        if (!statements.append(text.data(), text.size())) return false;
        statements.put("}())");
        text.cut(0);
        if (!text.ensure(0)) return false;
        text.put("(function(){");
        return text.append(statements.data(), statements.size());
    }

    bool step() noexcept {
        size_t depth = frames.size;
        switch (frames.data[depth - 1].form) {
            case FORM_OBJECT: case FORM_NULL_OBJECT: return step_object(depth);
            case FORM_ARRAY: return step_array(depth);
            case FORM_SPARSE_ARRAY: return step_sparse_array(depth);
            case FORM_ASSIGNED_ARRAY: return step_assigned_array(depth);
            case FORM_MAP: return step_map(depth);
            case FORM_SET: return step_set(depth);
            case FORM_DECLARED_OBJECT: return step_declared_object(depth);
            case FORM_DECLARED_ARRAY: return step_declared_array(depth);
            default: return step_declared_collection(depth);
        }
    }

    // --- values ---

    // Write a value, or leave it on the stack. There is room for SMALL characters before and after.
    DEVALUE_INLINE bool put(PyObject *value) noexcept {
        ValueKind kind = kind_of(value);
        switch (kind) {
            case VALUE_STRING: return put_string(value);
            case VALUE_INTEGER: return put_integer(value);
            case VALUE_FLOAT: return put_float(PyFloat_AS_DOUBLE(value));
            case VALUE_NULL: return put_constant("null");
            case VALUE_TRUE: return put_constant("true");
            case VALUE_FALSE: return put_constant("false");
            case VALUE_UNDEFINED: return put_constant("void 0");
            case VALUE_HOLE: return true;  // what stands around it says that it is there
            case VALUE_BIGINT: return put_bigint(value);
            default: return put_object(value, kind);
        }
    }

    // The key of a Map or the item of a Set: -0 is 0 there (ECMAScript 24.1.3.9).
    DEVALUE_INLINE bool put_canonical(PyObject *value) noexcept {
        return put(PyFloat_CheckExact(value) && PyFloat_AS_DOUBLE(value) == 0 ? uneval_types.zero : value);
    }

    bool put_object(PyObject *value, ValueKind kind) noexcept {
        if (state.has_names && Py_REFCNT(value) > 1) {
            Seen *seen = state.find_object(value);
            if (seen != nullptr && seen->name != 0) return put_named(value, kind, seen);
        }
        switch (kind) {
            case VALUE_OBJECT: return open(value, kind, FORM_OBJECT);
            case VALUE_NULL_OBJECT: return open(value, kind, FORM_NULL_OBJECT);
            case VALUE_ARRAY: return put_array(value);
            case VALUE_SPARSE_ARRAY: return put_sparse_array(value);
            case VALUE_MAP: text.put("new Map(["); return open(value, kind, FORM_MAP);
            case VALUE_SET: text.put("new Set(["); return open(value, kind, FORM_SET);
            default: return put_leaf(value, kind);
        }
    }

    bool put_named(PyObject *value, ValueKind kind, Seen *seen) noexcept {
        if (!seen->declared) return declare(value, kind, seen);
        if (seen->pending != 0 && !initialize(frames.data[seen->pending - 1])) return false;
        return put_name(seen);
    }

    bool put_leaf(PyObject *value, ValueKind kind) noexcept {
        switch (kind) {
            case VALUE_DATETIME:
                if (!put_datetime(value)) return false;
                break;
            case VALUE_DATE:
                text.put("new Date(");
                put_time_value(PyFloat_AS_DOUBLE(at_offset(value, uneval_types.milliseconds)));
                break;
            case VALUE_REGEXP:
                if (!put_regexp(value)) return false;
                break;
            case VALUE_URL:
                text.put("new URL(");
                if (!text.append_quoted(value)) return false;
                break;
            case VALUE_TEMPORAL:
                text.put("Temporal.");
                if (!text.append_ascii(at_offset(value, uneval_types.kind))) return false;
                text.put(".from(");
                if (!text.append_quoted(at_offset(value, uneval_types.text))) return false;
                break;
            case VALUE_BOXED:
                text.put("Object(");
                if (!put(at_offset(value, uneval_types.boxed_value))) return false;
                break;
            case VALUE_BYTES: return put_bytes(value);
            case VALUE_BUFFER: return put_buffer(value);
            case VALUE_TYPED_ARRAY: return put_typed_array(value);
            default: return put_data_view(value);
        }
        text.put(')');
        return text.ensure(0);
    }

    // --- binary data ---

    static int64_t integer_at(PyObject *value, Py_ssize_t offset) noexcept {
        return PyLong_AsSsize_t(at_offset(value, offset));
    }

    bool put_typed_array(PyObject *value) noexcept {
        PyObject *buffer = at_offset(value, uneval_types.view_buffer), *data = data_of(buffer);
        const ElementType &type = *element_types.find(at_offset(value, uneval_types.array_kind));
        int64_t offset = integer_at(value, uneval_types.view_offset), bytes = PyByteArray_GET_SIZE(data);
        int64_t length = integer_at(value, uneval_types.array_length), size = static_cast<int64_t>(type.size);
        text.put("new ");
        if (!text.append_ascii(type.name)) return false;
        text.put('(');
        bool fits = bytes % size == 0;  // else the buffer cannot be listed as elements of this type
        if (!fits || is_named(buffer)) {
            if (!put(buffer)) return false;
        } else {
            text.put('[');
            const uint8_t *first = reinterpret_cast<const uint8_t *>(PyByteArray_AS_STRING(data));
            if (!append_elements(text, type.format, first, bytes / size)) return false;
            text.put(']');
        }
        if (!fits) return put_range(",", offset, length);
        text.put(')');
        bool whole = integer_at(value, uneval_types.view_bytes) == bytes;
        return whole ? text.ensure(0) : put_range(".subarray(", offset / size, offset / size + length);
    }

    bool put_data_view(PyObject *value) noexcept {
        PyObject *buffer = at_offset(value, uneval_types.view_buffer);
        int64_t bytes = integer_at(value, uneval_types.view_bytes);
        text.put("new DataView(");
        if (!put(buffer)) return false;
        if (bytes != PyByteArray_GET_SIZE(data_of(buffer))) {
            return put_range(",", integer_at(value, uneval_types.view_offset), bytes);
        }
        text.put(')');
        return text.ensure(0);
    }

    // --- containers in place ---

    bool open(PyObject *value, ValueKind kind, Form form, Seen *seen = nullptr) noexcept {
        if (!frames.reserve_more(1)) return false;
        WriteFrame &frame = frames.data[frames.size];
        if (frame.children.open(value, kind) != OPEN_DONE) return false;
        frame.seen = seen;
        frame.start = frame.entry = frame.argument = text.size();
        frame.calls = 0;
        frame.form = form;
        frame.open = false;
        ++frames.size;
        return text.ensure(0);
    }

    void pop() noexcept {
        frames.data[frames.size - 1].children.close();
        --frames.size;
    }

    // Each of these goes on until a child has been left on the stack, to the end, or to a look at signals.

    bool step_object(size_t depth) noexcept {
        WriteFrame *frame = &frames.data[depth - 1];
        Py_ssize_t stop = frame->children.stop();
        while (frame->children.next < stop) {
            PyObject *key;
            text.put(frame->children.next == 0 ? '{' : ',');
            PyObject *child = frame->children.take_property(&key);
            if (!put_property_name(key) || !put(child)) return false;
            if (frames.size != depth) return true;
            frame = &frames.data[depth - 1];
        }
        if (stop < frame->children.end) return true;
        if (frame->children.end == 0) text.put('{');
        if (frame->form == FORM_NULL_OBJECT) {
            if (frame->children.end != 0) text.put(',');
            text.put("__proto__:null");
        }
        return close("}");
    }

    bool step_array(size_t depth) noexcept {
        WriteFrame *frame = &frames.data[depth - 1];
        Py_ssize_t stop = frame->children.stop();
        while (frame->children.next < stop) {
            text.put(frame->children.next == 0 ? '[' : ',');
            if (!put(frame->children.take())) return false;
            if (frames.size != depth) return true;
            frame = &frames.data[depth - 1];
        }
        if (stop < frame->children.end) return true;
        if (frame->children.end == 0) {
            text.put('[');
        } else if (frame->children.items[frame->children.end - 1] == uneval_types.hole) {
            text.put(',');  // a single comma at the end counts for nothing
        }
        return close("]");
    }

    bool step_sparse_array(size_t depth) noexcept {
        WriteFrame *frame = &frames.data[depth - 1];
        Py_ssize_t index;
        PyObject *child;
        while (frame->children.take_element(&index, &child)) {
            Py_ssize_t holes = index - frame->index;
            frame->index = index;
            frame->open = index == frame->length - 1;
            if (!text.append_repeated(',', static_cast<size_t>(holes)) || !put(child)) return false;
            if (frames.size != depth) return true;
            frame = &frames.data[depth - 1];
            if (InterruptWatch::pauses_after(frame->children.next)) return true;
        }
        // After the last hole stands one more comma: a single comma at the end counts for nothing.
        size_t holes = static_cast<size_t>(frame->length - frame->index - (frame->open ? 1 : 0));
        return text.append_repeated(',', holes) && close("]");
    }

    bool step_assigned_array(size_t depth) noexcept {
        WriteFrame *frame = &frames.data[depth - 1];
        Py_ssize_t index;
        PyObject *child;
        while (frame->children.take_element(&index, &child)) {
            if (frame->open) text.put(',');
            frame->open = true;
            text.put_integer(static_cast<int64_t>(index));
            text.put(':');
            if (!put(child)) return false;
            if (frames.size != depth) return true;
            frame = &frames.data[depth - 1];
            if (InterruptWatch::pauses_after(frame->children.next)) return true;
        }
        return close("})");
    }

    bool step_map(size_t depth) noexcept {
        WriteFrame *frame = &frames.data[depth - 1];
        Py_ssize_t stop = frame->children.stop();
        while (frame->children.next < stop) {
            bool is_key = (frame->children.next & 1) == 0;
            if (!is_key) text.put(',');
            else frame->children.next == 0 ? text.put('[') : text.put("],[");
            PyObject *child = frame->children.take();
            if (!(is_key ? put_canonical(child) : put(child))) return false;
            if (frames.size != depth) return true;
            frame = &frames.data[depth - 1];
        }
        if (stop < frame->children.end) return true;
        if (frame->children.end != 0) text.put(']');
        return close("])");
    }

    bool step_set(size_t depth) noexcept {
        WriteFrame *frame = &frames.data[depth - 1];
        Py_ssize_t stop = frame->children.stop();
        while (frame->children.next < stop) {
            if (frame->children.next != 0) text.put(',');
            if (!put_canonical(frame->children.take())) return false;
            if (frames.size != depth) return true;
            frame = &frames.data[depth - 1];
        }
        if (stop < frame->children.end) return true;
        return close("])");
    }

    template <size_t Size>
    bool close(const char (&bracket)[Size]) noexcept {
        text.put(bracket);
        pop();
        return text.ensure(0);
    }

    // --- arrays with holes ---

    bool put_array(PyObject *value) noexcept {
        if (state.has_holes) {
            Children children;
            children.open(value, VALUE_ARRAY);
            size_t populated = populated_of(children);
            if (populated < static_cast<size_t>(children.end) && assigning_is_shorter(children.end, populated)) {
                return open_assigned_array(value, VALUE_ARRAY, children.end);
            }
        }
        return open(value, VALUE_ARRAY, FORM_ARRAY);
    }

    bool put_sparse_array(PyObject *value) noexcept {
        Py_ssize_t length = length_of_sparse_array(value);
        Children children;
        children.open(value, VALUE_SPARSE_ARRAY);
        if (children.end < length && assigning_is_shorter(length, children.end)) {
            return open_assigned_array(value, VALUE_SPARSE_ARRAY, length);
        }
        text.put('[');
        if (!open(value, VALUE_SPARSE_ARRAY, FORM_SPARSE_ARRAY)) return false;
        frames.data[frames.size - 1].index = 0;
        frames.data[frames.size - 1].length = length;
        return true;
    }

    bool open_assigned_array(PyObject *value, ValueKind kind, Py_ssize_t length) noexcept {
        text.put("Object.assign(");
        if (!put_empty_sparse_array(text, length)) return false;
        text.put(",{");
        return open(value, kind, FORM_ASSIGNED_ARRAY);
    }

    static size_t populated_of(const Children &children) noexcept {
        if (children.kind == CHILDREN_SPARSE) return static_cast<size_t>(children.end);
        size_t populated = 0;
        for (Py_ssize_t i = 0; i < children.end; ++i) populated += children.items[i] != uneval_types.hole;
        return populated;
    }

    static size_t digits_of(size_t number) noexcept {
        size_t digits = 1;
        for (; number >= 10; number /= 10) ++digits;
        return digits;
    }

    // An array that allocates nothing for its length: setting the last index first makes it a dictionary.
    static bool put_empty_sparse_array(TextBuffer<Out> &to, Py_ssize_t length) noexcept {
        to.put("(function(a){a[4294967294]=0;delete a[4294967294];a.length=");
        if (!to.ensure(0)) return false;
        to.put_integer(static_cast<int64_t>(length));
        to.put(";return a}([]))");
        return to.ensure(0);
    }

    // Whether Object.assign(sparse, {index:value}) is shorter than a literal with a comma for each hole.
    static bool assigning_is_shorter(size_t length, size_t populated) noexcept {
        size_t sparse = 74 + digits_of(length);
        return length + 2 > sparse + 18 + populated * (digits_of(length) + 2);
    }

    // --- hoisting ---

    bool declare(PyObject *value, ValueKind kind, Seen *seen) noexcept {
        switch (kind) {
            case VALUE_OBJECT: case VALUE_NULL_OBJECT:
                if (!begin_declaration(seen)) return false;
                kind == VALUE_OBJECT ? statements.put("{}") : statements.put("Object.create(null)");
                seen->declared = true;
                return end_statement() && open(value, kind, FORM_DECLARED_OBJECT, seen);
            case VALUE_ARRAY: case VALUE_SPARSE_ARRAY: return declare_array(value, kind, seen);
            case VALUE_MAP: case VALUE_SET:
                seen->declared = true;
                if (!open(value, kind, kind == VALUE_MAP ? FORM_DECLARED_MAP : FORM_DECLARED_SET, seen)) return false;
                seen->pending = static_cast<uint32_t>(frames.size);
                return true;
            default: return declare_leaf(value, kind, seen);
        }
    }

    bool declare_array(PyObject *value, ValueKind kind, Seen *seen) noexcept {
        if (!begin_declaration(seen)) return false;
        seen->declared = true;
        Children children;
        children.open(value, kind);
        Py_ssize_t length = kind == VALUE_ARRAY ? children.end : length_of_sparse_array(value);
        if (static_cast<size_t>(length) > 32 + 2 * populated_of(children)) {
            if (!put_empty_sparse_array(statements, length)) return false;
        } else {
            statements.put("Array(");
            statements.put_integer(static_cast<int64_t>(length));
            statements.put(')');
        }
        return end_statement() && open(value, kind, FORM_DECLARED_ARRAY, seen);
    }

    // The statements that its content needs stand before its own.
    bool declare_leaf(PyObject *value, ValueKind kind, Seen *seen) noexcept {
        size_t start = text.size();
        if (!put_leaf(value, kind) || !begin_declaration(seen) || !move_to_statements(start)) return false;
        seen->declared = true;
        return put_name(seen);
    }

    bool step_declared_object(size_t depth) noexcept {
        WriteFrame *frame = &frames.data[depth - 1];
        for (;;) {
            if (frame->open && !move_to_statements(frame->start)) return false;
            frame->open = frame->children.next < frame->children.end;
            if (!frame->open) return finish(*frame);
            PyObject *key;
            PyObject *child = frame->children.take_property(&key);
            if (!put_name(frame->seen) || !put_property_target(key) || !put(child)) return false;
            if (frames.size != depth) return true;
            frame = &frames.data[depth - 1];
            if (InterruptWatch::pauses_after(frame->children.next)) return true;
        }
    }

    bool step_declared_array(size_t depth) noexcept {
        WriteFrame *frame = &frames.data[depth - 1];
        for (;;) {
            if (frame->open && !move_to_statements(frame->start)) return false;
            Py_ssize_t index;
            PyObject *child;
            frame->open = frame->children.take_element(&index, &child);
            if (!frame->open) return finish(*frame);
            if (!put_name(frame->seen)) return false;
            text.put('[');
            text.put_integer(static_cast<int64_t>(index));
            text.put("]=");
            if (!put(child)) return false;
            if (frames.size != depth) return true;
            frame = &frames.data[depth - 1];
            if (InterruptWatch::pauses_after(frame->children.next)) return true;
        }
    }

    // Its name, in place of what has been written for it.
    bool finish(const WriteFrame &frame) noexcept {
        Seen *seen = frame.seen;
        text.cut(frame.start);
        pop();
        return put_name(seen);
    }

    // --- hoisted collections: the entries gather in the text until something needs the collection itself ---

    bool step_declared_collection(size_t depth) noexcept {
        WriteFrame *frame = &frames.data[depth - 1];
        bool is_map = frame->form == FORM_DECLARED_MAP;
        for (;;) {
            bool is_key = !is_map || (frame->children.next & 1) == 0;
            if (is_key) {
                if (frame->open && !end_entry(*frame, is_map)) return false;
                frame->entry = text.size();
                frame->open = frame->children.next < frame->children.end;
                if (!frame->open) {
                    return (frame->seen->pending == 0 || initialize(*frame)) && finish(*frame);
                }
                if (frame->entry != frame->start) text.put(',');
                if (is_map) text.put('[');
                frame->argument = text.size();
            } else {
                text.put(',');
            }
            PyObject *child = frame->children.take();
            if (!(is_key ? put_canonical(child) : put(child))) return false;
            if (frames.size != depth) return true;
            frame = &frames.data[depth - 1];
            if (InterruptWatch::pauses_after(frame->children.next)) return true;
        }
    }

    bool end_entry(WriteFrame &frame, bool is_map) noexcept {
        if (frame.seen->pending != 0) {
            if (is_map) text.put(']');
            return text.ensure(0);
        }
        bool called = add_call(frame, is_map);
        text.cut(frame.entry);
        return called;
    }

    // `let a=new Map([...])`, with the entries before the one at hand.
    bool initialize(WriteFrame &frame) noexcept {
        frame.seen->pending = 0;
        if (!begin_declaration(frame.seen)) return false;
        frame.form == FORM_DECLARED_MAP ? statements.put("new Map") : statements.put("new Set");
        if (frame.entry != frame.start) {
            statements.put("([");
            if (!statements.append(text.data() + frame.start, frame.entry - frame.start)) return false;
            statements.put("])");
        }
        return end_statement();
    }

    // A call joins the one before it if that is the last statement.
    bool add_call(WriteFrame &frame, bool is_map) noexcept {
        if (!statements.ensure(0)) return false;
        if (frame.calls == count) {
            statements.cut(statements.size() - 1);
        } else {
            Name name(frame.seen->name);
            statements.put(name.text, name.length);
            frame.calls = ++count;
        }
        is_map ? statements.put(".set(") : statements.put(".add(");
        if (!statements.append(text.data() + frame.argument, text.size() - frame.argument)) return false;
        statements.put(");");
        return statements.ensure(0);
    }
};

}  // namespace devalue
