// What is known of the values and the calls of the execution that is being explored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "../message.hpp"
#include "atomic.hpp"

namespace verify {

inline constexpr unsigned max_values = 32;

enum class State : std::uint8_t { unsent, sent, received, returned, destroyed };
struct Fate {
    State state = State::unsent;
    unsigned thread = 0, handle = 0, sent_as = 0;
};
inline Fate fates[max_values];
inline unsigned sends;

/// Text in a fixed buffer: what an execution allocates would count as its leak.
struct Text {
    char text[512] = "";
    void clear() { used_ = 0, text[0] = 0; }
    bool empty() const { return used_ == 0; }
    Text& operator<<(const char* s) { return print("%s", s); }
    Text& operator<<(unsigned n) { return print("%u", n); }

  private:
    template <class A>
    Text& print(const char* format, A a) {
        used_ += static_cast<std::size_t>(std::snprintf(text + used_, sizeof text - used_, format, a));
        if (used_ >= sizeof text) fail("a result is too long for this program");
        return *this;
    }
    std::size_t used_ = 0;
};
inline Text results[max_threads];
inline Text yielded[max_threads];    // by an iteration under way
inline Text destroyed[max_threads];  // by the channel, in the thread's operation in progress
inline Text destroyed_at_end;
inline Text outcome;

struct Watch {
    static void made() {}
    static void ended(unsigned id, bool) {
        if (id == 0) return;
        Fate& fate = fates[id];
        if (fate.state == State::destroyed) fail("a value is destroyed twice (S3)");
        if (fate.state == State::sent) {  // neither received nor given back: the channel destroys it
            Text& list = threads_ended ? destroyed_at_end : destroyed[this_thread()];
            list << (list.empty() ? "" : ",") << id;
        }
        fate.state = State::destroyed;
    }
    static void wrong(const char* what) { fail(what); }
};
using Value = Message<Watch>;

}  // namespace verify
