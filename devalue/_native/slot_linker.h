// Makes the containers of a SlotTable and fills them with the values of their slots, without recursion.
//
// A container is linked as soon as the last slot that it refers to is there. devalue numbers slots in pre-order, so
// the containers that wait form a stack, whose arenas stay small: records of 7 MB peak at 18 MB instead of 26 that
// linking at the end takes (orjson: 33); the time is the same.
// Functions return false or nullptr with an exception (memory), or without one for what the pure twin must judge.
#pragma once

#include "parse_types.h"
#include "slot_table.h"
#include "text_scan.h"

namespace devalue {

class SlotLinker {
  public:
    explicit SlotLinker(SlotTable& slots) : table(slots) {}

    // Link the containers on top of the stack that have all their slots.
    bool link_complete() {
        while (table.containers.size > 0) {
            const Container& top = table.containers.data[table.containers.size - 1];
            if (top.highest >= static_cast<int64_t>(table.values.size)) return true;
            if (!link(top)) return false;
            table.pop();
        }
        return true;
    }

    // Link all that leads to no custom value and to no cycle; the rest stays pending. False also where a value that
    // stays pending is not sound, so that no reviver runs for a text that is refused in the end.
    bool link_all_but_custom() {
        for (size_t i = table.containers.size; i-- > 0;) {
            const Container& container = table.containers.data[i];
            bool custom = container.kind == Kind::custom || container.kind == Kind::custom_text;
            if (!custom && is_finished(container) ? !link(container) : !is_sound(container)) return false;
        }
        return true;
    }

    // Make the container if nothing has asked for it before, and fill it.
    bool link(const Container& container) {
        bool made_before = !table.is_pending(container.slot);
        if (!made_before && !make(container)) return false;
        PyObject* object = table.peek(container.slot);
        switch (container.kind) {
            case Kind::list: return fill_list(container, object, made_before);
            case Kind::dict:
            case Kind::null_object: return fill_dict(container, object);
            case Kind::map: return container.count % 2 == 0 && fill_flat(container, types.Map, object);
            case Kind::set: return fill_flat(container, types.Set, object);
            case Kind::sparse: return fill_sparse(container, object);
            default: return true;  // boxed, view: complete when made
        }
    }

    // The empty container, into its slot.
    bool make(const Container& container) {
        PyObject* object = nullptr;
        switch (container.kind) {
            case Kind::list: object = PyList_New(container.count); break;
            case Kind::dict: object = PyDict_New(); break;
            case Kind::null_object: object = types.NullObject->tp_new(types.NullObject, types.empty_tuple, nullptr); break;
            case Kind::map: object = new_flat(types.Map); break;
            case Kind::set: object = new_flat(types.Set); break;
            case Kind::sparse: object = new_sparse(container); break;
            case Kind::boxed: object = new_boxed(container); break;
            case Kind::view: object = new_view(container); break;
            default: break;
        }
        if (object == nullptr) return false;
        table.set(container.slot, object);
        return true;
    }

    // A new reference to what a reference stands for; makes a container that is pending.
    DEVALUE_INLINE PyObject* value(int32_t ref) {
        if (ref >= 0 && table.is_owned(ref) && !table.keeps) return table.give(ref);
        return other_value(ref);
    }

  private:
    SlotTable& table;

    PyObject* other_value(int32_t ref) {
        if (ref < 0) {
            PyObject* constant = types.constants[-ref];
            Py_INCREF(constant);
            return constant;
        }
        if (table.is_pending(ref) && !make_early(table.containers.data[table.container_of(ref)])) return nullptr;
        return table.share(ref);
    }

    bool is_custom(int32_t ref) const {
        if (ref < 0 || !table.is_pending(ref)) return false;
        Kind kind = table.containers.data[table.container_of(ref)].kind;
        return kind == Kind::custom || kind == Kind::custom_text;
    }

    // Whether a container that will be linked among calls of revivers is sure to succeed, and to do the same as it
    // does in JavaScript: no key twice (only the last of them counts), no custom value as payload of another (may be
    // circular).
    bool is_sound(const Container& container) const {
        if (container.highest >= static_cast<int64_t>(table.values.size)) return false;
        const int32_t* refs = refs_of(container);
        if (container.kind != Kind::list)
            for (int32_t i = 0; i < container.count; i++)
                if (refs[i] == hole_reference) return false;
        switch (container.kind) {
            case Kind::custom: return !is_custom(refs[0]);
            case Kind::dict: return has_distinct_keys(container);
            case Kind::map: return container.count % 2 == 0;
            case Kind::sparse: return has_valid_indices(container);
            case Kind::boxed:
            case Kind::view: return false;
            default: return true;
        }
    }

    bool has_valid_indices(const Container& container) const {
        const uint32_t* numbers = numbers_of(container);
        for (int32_t i = 0; i < container.count; i++)
            if (numbers[1 + i] >= numbers[0]) return false;
        return true;
    }

    bool has_distinct_keys(const Container& container) const {
        PyObject** keys = table.keys.data + container.keys;
        PyObject* set = PySet_New(nullptr);
        bool distinct = set != nullptr;
        for (int32_t i = 0; distinct && i < container.count; i++) distinct = PySet_Add(set, keys[i]) == 0;
        distinct = distinct && PySet_GET_SIZE(set) == container.count;
        Py_XDECREF(set);
        return distinct;
    }

    const int32_t* refs_of(const Container& container) const { return table.refs.data + container.refs; }
    const uint32_t* numbers_of(const Container& container) const { return table.numbers.data + container.numbers; }

    // For a reference to a container further down the stack: a cycle, or a shared value.
    bool make_early(const Container& container) {
        if (!make(container)) return false;
        if (container.kind == Kind::list) fill_with_none(table.peek(container.slot), 0);
        return true;
    }

    // No list is left with empty places, which crash whoever looks at them.
    static void fill_with_none(PyObject* list, Py_ssize_t from) {
        for (Py_ssize_t i = from; i < PyList_GET_SIZE(list); i++) {
            Py_INCREF(Py_None);
            PyList_SET_ITEM(list, i, Py_None);
        }
    }

    bool fill_list(const Container& container, PyObject* list, bool holds_none) {
        const int32_t* refs = refs_of(container);
        for (int32_t i = 0; i < container.count; i++) {
            PyObject* item = value(refs[i]);
            if (item == nullptr) {
                if (!holds_none) fill_with_none(list, i);
                return false;
            }
            if (holds_none) Py_DECREF(Py_None);
            PyList_SET_ITEM(list, i, item);
        }
        return true;
    }

    // Store what becomes item number `at`; takes the reference. A key that was there already is for the pure twin: the
    // value that it had may be gone now, while its slot still tells others where it was.
    static bool store(PyObject* dict, PyObject* key, PyObject* item, int32_t at) {
        int failed = PyDict_SetItem(dict, key, item);
        Py_DECREF(item);
        return !failed && PyDict_GET_SIZE(dict) == at + 1;
    }

    bool fill_dict(const Container& container, PyObject* dict) {
        const int32_t* refs = refs_of(container);
        PyObject** keys = table.keys.data + container.keys;
        for (int32_t i = 0; i < container.count; i++) {
            if (refs[i] == hole_reference) return false;
            PyObject* item = value(refs[i]);
            if (item == nullptr) return false;
            if (!store(dict, keys[i], item, i) || !table.check_signals_after(i + 1)) return false;
        }
        return true;
    }

    // Map and Set: a flat list, which their first look-up indexes. A dict at once doubles a Map of 50,000.
    static PyObject* new_flat(const SlottedClass& type) {
        PyObject* object = new_instance(type);
        if (object == nullptr) return nullptr;
        Py_INCREF(Py_None);
        set_slot(type, object, 1, Py_None);
        return object;
    }

    bool fill_flat(const Container& container, const SlottedClass& type, PyObject* object) {
        const int32_t* refs = refs_of(container);
        for (int32_t i = 0; i < container.count; i++)
            if (refs[i] == hole_reference) return false;
        PyObject* flat = PyList_New(container.count);
        if (flat == nullptr) return false;
        set_slot(type, object, 0, flat);
        return fill_list(container, flat, false);
    }

    PyObject* new_sparse(const Container& container) {
        PyObject* length = PyLong_FromUnsignedLong(numbers_of(container)[0]);
        PyObject* items = length == nullptr ? nullptr : PyDict_New();
        PyObject* object = items == nullptr ? nullptr : new_instance(types.SparseArray);
        if (object == nullptr) {
            Py_XDECREF(length);
            Py_XDECREF(items);
            return nullptr;
        }
        set_slot(types.SparseArray, object, 0, length);
        set_slot(types.SparseArray, object, 1, items);
        return object;
    }

    bool fill_sparse(const Container& container, PyObject* object) {
        const int32_t* refs = refs_of(container);
        const uint32_t* numbers = numbers_of(container);
        PyObject* items = get_slot(types.SparseArray, object, 1);
        for (int32_t i = 0; i < container.count; i++) {
            uint32_t index = numbers[1 + i];
            if (index >= numbers[0] || refs[i] == hole_reference) return false;
            PyObject* key = PyLong_FromUnsignedLong(index);
            PyObject* item = key == nullptr ? nullptr : value(refs[i]);
            bool stored = item != nullptr && store(items, key, item, i);
            Py_XDECREF(key);
            if (!stored) return false;
        }
        return true;
    }

    // Whether all that it refers to has been made.
    bool is_finished(const Container& container) const {
        if (container.highest >= static_cast<int64_t>(table.values.size)) return false;
        for (int32_t i = 0; i < container.count; i++) {
            int32_t ref = refs_of(container)[i];
            if (ref >= 0 && table.is_pending(ref)) return false;
        }
        return true;
    }

    static bool is_boxable(PyObject* value) {
        return PyUnicode_CheckExact(value) || PyLong_CheckExact(value) || PyFloat_CheckExact(value) ||
               PyBool_Check(value) || Py_TYPE(value) == types.BigInt;
    }

    PyObject* new_boxed(const Container& container) {
        if (container.count != 1 || !is_finished(container)) return nullptr;
        int32_t ref = refs_of(container)[0];
        if (ref < 0 ? ref > -3 : !is_boxable(table.peek(ref))) return nullptr;
        PyObject* object = new_instance(types.Boxed);
        if (object != nullptr) set_slot(types.Boxed, object, 0, value(ref));
        return object;
    }

    // A typed array or DataView, its window checked as their classes check it.
    PyObject* new_view(const Container& container) {
        int32_t ref = refs_of(container)[0];
        if (ref < 0 || !is_finished(container)) return nullptr;
        PyObject* buffer = table.peek(ref);
        if (Py_TYPE(buffer) != types.ArrayBuffer.type) return nullptr;
        const uint32_t* numbers = numbers_of(container);
        const uint32_t type = numbers[0], given_numbers = numbers[1], itemsize = types.view_itemsizes[type];
        const uint64_t size = static_cast<uint64_t>(PyByteArray_GET_SIZE(get_slot(types.ArrayBuffer, buffer, 0)));
        const uint64_t offset = given_numbers > 0 ? numbers[2] : 0;
        if (offset > size || offset % itemsize != 0) return nullptr;
        const uint64_t length = given_numbers > 1 ? numbers[3] : (size - offset) / itemsize;
        if (length * itemsize > size - offset) return nullptr;
        if (given_numbers < 2 && length * itemsize != size - offset) return nullptr;
        return view_of(type, ref, offset, length, itemsize);
    }

    PyObject* view_of(uint32_t type, int32_t buffer, uint64_t offset, uint64_t length, uint32_t itemsize) {
        const SlottedClass& made = type == data_view ? types.DataView : types.TypedArray;
        PyObject* object = new_instance(made);
        if (object == nullptr) return nullptr;
        set_slot(made, object, 0, value(buffer));
        set_slot(made, object, 1, PyLong_FromUnsignedLongLong(offset));
        set_slot(made, object, 2, PyLong_FromUnsignedLongLong(length * itemsize));
        bool complete = get_slot(made, object, 1) != nullptr && get_slot(made, object, 2) != nullptr;
        if (type != data_view) {
            Py_INCREF(types.view_names[type]);
            set_slot(made, object, 3, types.view_names[type]);
            set_slot(made, object, 4, PyLong_FromUnsignedLongLong(length));
            complete &= get_slot(made, object, 4) != nullptr;
        }
        if (!complete) Py_CLEAR(object);
        return object;
    }
};

}  // namespace devalue
