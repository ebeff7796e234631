// A trace: what the threads did to one channel, each in its order, in the words of the contract; and for what the
// channel's word decides, the place in the order of all that it decided.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "../named.hpp"

namespace traces {

/// The contract's steps, by the names that spec/Channel.tla has for them, and those that only spec/SyncChannel.tla has; and
/// from SendLetIn on what is none: a send that has waited and is let in, by the receive that makes room; a send that
/// threw; an iteration over what is there, which ends without saying why; what the threads tell each other outside of
/// the channel; a value that the channel destroyed elsewhere than in DropReceiver; and where there are several channels, that
/// one was opened.
VERIFY_NAMED(Step : std::uint8_t, names_of_steps, SendAccepted, SendRefused, Clone, DropSender, RecvValue,
             RecvDisconnected, TryRecvValue, TryRecvEmpty, TryRecvDisconnected, RecvTimedValue, RecvTimedOut,
             RecvTimedDisconnected, RecvStopped, RecvIsInterrupted, RecvUnwound, Close, DropReceiver, SenderConnected,
             SenderDisconnected, ReceiverConnected, ReceiverDisconnected, SendWaits, TrySendFull, SendGivesUp,
             SendStopped, RecvWaits, SendLetIn, SendThrew, TryIterEnds, Signal, Await, Destroyed, Open);
inline const char* name_of(Step step) { return names_of_steps[step]; }

/// Which steps a call may be that receives.
struct Receiving {
    Step value, nothing, end;

    template <class Expected>
    constexpr Step step(const Expected& answer) const {
        if (answer) return value;
        return answer.error() == Expected::error_type::disconnected ? end : nothing;
    }
};
inline constexpr Receiving by_recv{Step::RecvValue, Step::RecvDisconnected, Step::RecvDisconnected};
inline constexpr Receiving by_try_recv{Step::TryRecvValue, Step::TryRecvEmpty, Step::TryRecvDisconnected};
inline constexpr Receiving by_recv_for{Step::RecvTimedValue, Step::RecvTimedOut, Step::RecvTimedDisconnected};
inline constexpr Receiving by_recv_stoppable{Step::RecvTimedValue, Step::RecvStopped, Step::RecvTimedDisconnected};

/// What the channel's word was when it decided, as far as it tells the order: how many of its flags CLOSED and DONE were
/// set, the number of the newest block, how many of its slots were claimed. It never goes back. Of a bounded channel, `block`
/// is how many values were claimed in all; and `slot` how often the lock was taken, before the next claim.
struct Position {
    unsigned ends = 0, block = 0, slot = 0;
    auto operator<=>(const Position&) const = default;
};

struct Event {
    Step step = Step::Open;
    std::uint32_t a = 0;   // the handle; or the event of a Signal or Await
    std::uint32_t b = 0;   // the value; or the clone
    std::uint32_t at = 0;  // from 1 on: the place among all that the word decided; 0: it was not for the word to decide
    Position position = {};     // if `at` is not 0
    std::uint32_t claimed = 0;  // of TrySendFull: how many values were claimed then

    // Where clocks judge, in nanoseconds. There `at` is the place among all calls on the channel's receiver.
    std::uint32_t channel = 0;
    std::int64_t begin = 0, end = 0;
    std::int64_t asked = 0;  // for how long a timed receive was to wait
};

/// The last thread is the one that drops what is left, when all others have finished.
struct Thread {
    std::string name;
    std::vector<Event> events;
};

struct Trace {
    std::string name = {};
    std::string origin = {};  // how it came about
    bool may_fail = false;    // whether sends may throw
    int capacity = -1;        // negative: unbounded
    unsigned senders_at_start = 1;
    std::vector<std::string> handles = {};
    std::vector<Thread> threads = {};
    std::vector<unsigned> destroyed = {};  // by DropReceiver, in order

    std::size_t events() const {
        std::size_t n = 0;
        for (const Thread& thread : threads) n += thread.events.size();
        return n;
    }
};

/// As in the contract: Take, FindNothing, LearnTheEnd.
inline bool takes(Step s) { return s == Step::RecvValue || s == Step::TryRecvValue || s == Step::RecvTimedValue; }
inline bool finds_nothing(Step s) {
    return s == Step::TryRecvEmpty || s == Step::RecvTimedOut || s == Step::RecvStopped || s == Step::TryIterEnds;
}
inline bool learns_the_end(Step s) {
    return s == Step::RecvDisconnected || s == Step::TryRecvDisconnected || s == Step::RecvTimedDisconnected ||
           s == Step::ReceiverDisconnected;
}
inline bool sends(Step s) {
    return s == Step::SendAccepted || s == Step::SendRefused || s == Step::SendWaits || s == Step::TrySendFull ||
           s == Step::SendGivesUp || s == Step::SendStopped || s == Step::SendLetIn || s == Step::SendThrew;
}
inline bool has_handle(Step s) {
    return sends(s) || s == Step::Clone || s == Step::DropSender || s == Step::SenderConnected ||
           s == Step::SenderDisconnected;
}
inline bool has_value(Step s) { return sends(s) || takes(s) || s == Step::Destroyed; }
inline bool has_event(Step s) { return s == Step::Signal || s == Step::Await; }

/// As a list stands in an outcome of a scenario: [1,2].
template <class Values>
std::string in_words(const Values& values) {
    std::string text;
    for (const auto value : values) text += (text.empty() ? "" : ",") + std::to_string(value);
    return "[" + text + "]";
}

/// As it stands in a table.
inline std::string in_words(const Trace& trace, const Event& e) {
    std::string text = name_of(e.step);
    std::string arguments;
    if (has_handle(e.step)) arguments = trace.handles.at(e.a);
    if (has_value(e.step)) arguments += (arguments.empty() ? "" : ", ") + std::to_string(e.b);
    if (has_event(e.step)) arguments = std::to_string(e.a);
    if (e.step == Step::Clone) arguments += ", " + trace.handles.at(e.b);
    if (!arguments.empty()) text += "(" + arguments + ")";
    if (e.step == Step::DropReceiver) text += " destroyed " + in_words(trace.destroyed);
    if (e.at != 0) text += "  @" + std::to_string(e.at);
    return text;
}

}  // namespace traces
