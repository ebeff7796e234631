// A recorded channel of which one thread is stopped between two instructions, while others make their calls.
//
// What the others are told is written down first, and compared when the stopped thread has gone on: so a wrong answer
// is reported as such, and not as a test that is stuck.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/recorded.hpp"
#include "harness/stop.hpp"
#include "harness/test.hpp"

namespace staged {

inline constexpr unsigned slots = 2;
using Blocks = announced::Platform<slots>;
using Tx = recorded::Sender<Blocks>;
using Rx = recorded::Receiver<Blocks>;

/// With senders a and b.
struct Scene {
    recorded::Recorder recorder;
    std::pair<Tx, Rx> ends = recorded::channel<Blocks>();
    Tx& a = ends.first;
    Rx& rx = ends.second;
    std::optional<Tx> b = a.clone(1);
    std::string answers;

    /// A thread makes these calls, and is stopped in the middle of them.
    template <class Calls>
    void start_and_stop(const harness::Stop& stop, const std::string& name, Calls calls) {
        recorder.start(name, std::move(calls));
        stop.wait_until_stopped();
    }
    void ask(const std::string& answer) { answers += (answers.empty() ? "" : ", ") + answer; }
    void recv(unsigned times = 1) {
        for (; times != 0; --times) ask(rx.recv());
    }
    void try_recv(unsigned times = 1) {
        for (; times != 0; --times) ask(rx.try_recv());
    }
    void recv_for(std::chrono::nanoseconds duration, unsigned times = 1) {
        for (; times != 0; --times) ask(rx.recv_for(duration));
    }
    void drop_senders() {
        a.drop();
        b->drop();
    }
    /// Lets the stopped thread go on, waits for it, takes everything down, and looks at the trace.
    void finish(harness::Stop& stop, std::source_location where = std::source_location::current()) {
        stop.go();
        recorder.join();
        drop_senders();
        rx.drop();
        recorder.must_be_good(where);
    }
    void finish(harness::Stop& stop, const std::string& expected,
                std::source_location where = std::source_location::current()) {
        finish(stop, where);
        harness::same(expected, answers, where);
    }
};

}  // namespace staged
