// uneval: the two passes, one after the other.
#pragma once

#include <Python.h>

#include <cstring>

#include "uneval_survey.h"
#include "uneval_writer.h"

namespace devalue {

// What is kept from one call to the next. The GIL is held and no Python code runs, so no two calls use it at once.
struct UnevalScratch {
    Uneval state;
    Arena<WriteFrame> frames;
    Arena<char> texts, statements;

    void finish(size_t kept_bytes) noexcept {
        for (size_t i = 0; i < frames.size; ++i) frames.data[i].children.close();
        frames.size = 0;
        state.finish(kept_bytes);
        if (frames.bytes() + texts.bytes() + statements.bytes() > kept_bytes) {
            frames.release();
            texts.release();
            statements.release();
        }
    }
};
static UnevalScratch uneval_scratch;

template <typename Out>
static PyObject *source_of_width(PyObject *root, Py_UCS4 widest) noexcept {
    UnevalScratch &scratch = uneval_scratch;
    UnevalWriter<Out> writer(scratch.state, scratch.frames, scratch.texts, scratch.statements);
    if (!writer.write(root)) {
        return scratch.state.watch.was_interrupted() || PyErr_Occurred() ? nullptr : PyErr_NoMemory();
    }
    if (writer.may_be_narrower()) return PyUnicode_FromKindAndData(sizeof(Out), writer.data(), writer.length());
    PyObject *text = PyUnicode_New(writer.length(), widest);
    if (text != nullptr) std::memcpy(PyUnicode_DATA(text), writer.data(), writer.length() * sizeof(Out));
    return text;
}

static PyObject *source_of_surveyed(PyObject *root) noexcept {
    const Uneval &state = uneval_scratch.state;
    switch (state.widest) {
        case 1: return source_of_width<uint8_t>(root, state.non_ascii ? 0xFF : 0x7F);
        case 2: return source_of_width<uint16_t>(root, 0xFFFF);
        default: return source_of_width<uint32_t>(root, 0x10FFFF);
    }
}

// As source_of(); nullptr without a Python error if a signal handler waits.
static PyObject *source_until_signal(PyObject *root, PyObject *naive_zone, size_t max_depth) noexcept {
    Uneval &state = uneval_scratch.state;
    if (!state.start(max_depth, naive_zone)) return PyErr_NoMemory();
    switch (Survey(state).run(root)) {
        case SURVEY_DONE: return source_of_surveyed(root);
        case SURVEY_IRREGULAR: Py_INCREF(Py_None); return Py_None;
        default: return nullptr;
    }
}

// A new str; or None if the pure implementation has the last word; or nullptr with a Python error set.
static PyObject *source_of(PyObject *root, PyObject *naive_zone, size_t max_depth, size_t kept_bytes) noexcept {
    for (;;) {
        PyObject *text = source_until_signal(root, naive_zone, max_depth);
        uneval_scratch.finish(kept_bytes);
        if (text != nullptr || PyErr_Occurred()) return text;
        // The handler may raise, change the value, or write another: nothing of ours is left, and all is done anew.
        if (PyErr_CheckSignals() < 0) return nullptr;
    }
}

}  // namespace devalue
