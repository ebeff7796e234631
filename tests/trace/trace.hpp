// A trace: what the threads of a test did to values and handles, each thread in its own order. Between threads there is
// no order but what the test itself made: a recorder that ordered their events would order the threads as well, and
// hide the very races that it is to find. Only drops and the ends of iterations carry a time: they are rare.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace trace {

using Clock = std::chrono::steady_clock;

/// A value is named for the sender that it is made for, and numbered: b3 is the third value of the second sender.
struct Value {
    std::uint32_t sender = 0, number = 0;
    auto operator<=>(const Value&) const = default;
};
inline std::string in_words(Value value) {
    return std::string(1, static_cast<char>('a' + value.sender)) + std::to_string(value.number);
}

/// The place that a value is in: an object in C++. Named for the thread that made it; no two are the same.
struct Place {
    std::uint32_t thread = 0, number = 0;
    auto operator<=>(const Place&) const = default;
};

/// Where a send took effect, as the channel itself has it: a slot of a block.
struct Ticket {
    std::uint64_t block = 0;
    std::uint64_t slot = 0;
    auto operator<=>(const Ticket&) const = default;
};

enum class Did {
    make,       // value, place
    move,       // value, from, place
    destroy,    // value, place: of the value, or of what is left of it after it was moved
    send,       // value: begins to
    sent,       // value, ticket
    get_back,   // value: the send failed
    receive,    // value, nth
    drop,       // number of the sender: begins to
    dropped,    // number of the sender
    end,        // an iteration has ended
    signal,     // number: what this thread did so far happens before
    heed        //         what the thread that heeds the same number does from then on
};

struct Event {
    Did did;
    Value value = {};
    Place place = {}, from = {};
    std::uint32_t number = 0;
    std::uint64_t nth = 0;  // of all that are received from the channel
    Ticket ticket = {};
    Clock::time_point at = {};
};

struct Thread {
    std::string name;
    std::vector<Event> events;
};

using Trace = std::vector<Thread>;

}  // namespace trace
