// When to look at signals. Their handlers are Python code, so all that was borrowed must be owned before they run, and
// that is a tenth of the time of a large call. Ctrl-C can wait for half a second.
#pragma once

#include <chrono>

namespace devalue {

class SignalClock {
  public:
    void start() noexcept { running = false; }

    // Asked now and then: every few milliseconds at most, since it looks at the time.
    bool is_due() noexcept {
        Time now = std::chrono::steady_clock::now();
        if (running && now - last < std::chrono::milliseconds(500)) return false;
        bool due = running;
        running = true;
        last = now;
        return due;
    }

  private:
    using Time = std::chrono::steady_clock::time_point;

    bool running = false;  // small calls never look at the time
    Time last;
};

}  // namespace devalue
