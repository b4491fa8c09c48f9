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
    if (!writer.write(root)) return PyErr_Occurred() ? nullptr : PyErr_NoMemory();
    if (writer.may_be_narrower()) return PyUnicode_FromKindAndData(sizeof(Out), writer.data(), writer.length());
    PyObject *text = PyUnicode_New(writer.length(), widest);
    if (text != nullptr) std::memcpy(PyUnicode_DATA(text), writer.data(), writer.length() * sizeof(Out));
    return text;
}

// A new str; or None if the pure implementation has the last word; or nullptr with a Python error set.
static PyObject *source_of(PyObject *root, PyObject *naive_zone, size_t max_depth, size_t kept_bytes) noexcept {
    Uneval &state = uneval_scratch.state;
    PyObject *text = nullptr;
    SurveyResult surveyed = SURVEY_FAILED;
    if (!state.start(max_depth, naive_zone)) {
        PyErr_NoMemory();
    } else {
        surveyed = Survey(state).run(root);
    }
    if (surveyed == SURVEY_IRREGULAR) {
        Py_INCREF(Py_None);
        text = Py_None;
    } else if (surveyed == SURVEY_DONE) {
        switch (state.widest) {
            case 1: text = source_of_width<uint8_t>(root, state.non_ascii ? 0xFF : 0x7F); break;
            case 2: text = source_of_width<uint16_t>(root, 0xFFFF); break;
            default: text = source_of_width<uint32_t>(root, 0x10FFFF); break;
        }
    }
    uneval_scratch.finish(kept_bytes);
    return text;
}

}  // namespace devalue
