// Ctrl-C in the middle of a long uneval.
//
// A signal handler is Python code, and may change whatever the two passes have borrowed and counted. So none runs
// while they do: they look whether SIGINT has come, and where it has, throw their work away first (uneval.h). CPython
// tells of no other signal without running its handler: the others wait for the end of the call.
#pragma once

#include <Python.h>

#include <cstdint>

#include "inline.h"

namespace devalue {

class InterruptWatch {
  public:
    static constexpr Py_ssize_t CHILDREN = 4096;  // in one step

    void start() noexcept {
        left = STEPS;
        interrupted = false;
    }

    // Whether a step ends here, by the number of children that are done.
    static DEVALUE_INLINE bool pauses_after(Py_ssize_t children) noexcept { return (children & (CHILDREN - 1)) == 0; }

    // After each step.
    DEVALUE_INLINE bool is_interrupted() noexcept { return --left == 0 && look(); }

    bool was_interrupted() const noexcept { return interrupted; }

  private:
    static constexpr uint32_t STEPS = 64;  // 5 ms, for 20 ns a child

    uint32_t left;
    bool interrupted;

    DEVALUE_NOINLINE bool look() noexcept {
        left = STEPS;
        interrupted = PyOS_InterruptOccurred();  // which forgets the signal
        if (interrupted) PyErr_SetInterrupt();
        return interrupted;
    }
};

}  // namespace devalue
