// A history: what every thread of a round did to channels, in the contract's words, with the times at which each call
// began and ended. Each thread writes to a log of its own and reads the clock, so recording orders nothing between the
// threads: it can't hide a race from ThreadSanitizer.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <iosfwd>
#include <string>

#include "trace/log.hpp"

namespace stress {

using traces::Event;
using traces::Log;
using traces::Step;

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::int64_t;

inline Nanoseconds now() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

/// A value is named for the thread that sends it, and numbered: 3.17 is the seventeenth value of thread 3.
using Value = std::uint32_t;
constexpr Value numbers_of_a_thread = 1u << 20;
constexpr Value value_of(std::uint32_t thread, std::uint32_t number) { return thread * numbers_of_a_thread + number; }
inline std::string name_of(Value v) {
    return std::to_string(v / numbers_of_a_thread) + "." + std::to_string(v % numbers_of_a_thread);
}

/// By thread. A thread's number is its place here.
using History = std::deque<Log>;

/// As text, a line for each event, by time; and back. `only` one channel, if it is one.
void write(std::ostream&, const History&, const std::uint32_t* only = nullptr);
History read(std::istream&);

}  // namespace stress
