// Where in an instance a slot of a class with __slots__ lies.
#pragma once

#include <Python.h>
#include <structmember.h>

namespace devalue {

static Py_ssize_t slot_offset(PyObject* type, const char* name) {
    PyObject* descriptor = PyObject_GetAttrString(type, name);
    if (descriptor == nullptr) return -1;
    Py_ssize_t offset = -1;
    if (Py_TYPE(descriptor) == &PyMemberDescr_Type)
        offset = reinterpret_cast<PyMemberDescrObject*>(descriptor)->d_member->offset;
    else
        PyErr_Format(PyExc_TypeError, "%R has no slot %s", type, name);
    Py_DECREF(descriptor);
    return offset;
}

}  // namespace devalue
