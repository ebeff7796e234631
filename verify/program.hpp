// A program for the handles of one channel: what each thread calls. Of a scenario (read_program.hpp), or made at random
// (trace/random_program.hpp).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "named.hpp"

namespace verify {

// ferry_tools/scenarios.py has the operations and their results, too, with what follows each; `make verify` fails if they
// differ.

/// What a call returns.
VERIFY_NAMED(Answer, names_of_answers, ok, refused, full, no_memory, value, empty, timeout, disconnected, connected,
             unwound, stopped);
inline const char* in_words(Answer answer) { return names_of_answers[answer]; }

struct Result {
    Answer answer;
    unsigned value = 0;
    bool operator==(const Result&) const = default;
};

/// Among the events: the request to stop, which `stop` signals.
inline constexpr unsigned request_to_stop = 0;

struct Op {
    VERIFY_NAMED(Kind, names_of_kinds, send, try_send, send_for, send_unwound, send_stoppable, clone, drop,
                 drop_receiver, recv, try_recv, recv_for, recv_unwound, recv_stoppable, iterate, try_iterate, close,
                 is_disconnected, is_disconnected_receiver, move, move_receiver, signal, await, see, stop, write, read);
    Kind kind;
    unsigned a = 0, b = 0;                 // a handle, an event or a datum; the new handle, or the value
    std::optional<Result> condition = {};  // `read`, `write`: only if the thread's last result was this
    std::string text = {};                 // as it stands in the scenario

    const char* name() const { return names_of_kinds[kind]; }
};

struct Program {
    std::vector<std::string> thread_names;
    std::vector<std::vector<Op>> threads;
    unsigned senders_at_start = 1;
    int capacity = -1;     // of a bounded channel; negative: it is unbounded
    int allocations = -1;  // after the channel's own; then there is no more memory. Negative: there always is
};

}  // namespace verify
