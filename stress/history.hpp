// A history: what every thread of a round did to channels, with the times at which each call began and ended.
// Each thread writes to a log of its own and reads the clock, so recording orders nothing between the threads: it can't
// hide a race from ThreadSanitizer. (tests/trace records more of each value's life, and costs more than a long run has.)
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <deque>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stress {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::int64_t;

inline Nanoseconds now() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

/// A value is named for the thread that sends it, and numbered: 3.17 is the seventeenth value of thread 3.
struct Value {
    std::uint32_t thread = 0, number = 0;
    auto operator<=>(const Value&) const = default;
};

enum class Did : std::uint8_t {
    open,           // the channel
    clone,          // a sender
    drop_sender,
    send,           // value
    refused,        // value: the send gave it back
    out_of_memory,  // value: the send threw, and left it where it was
    receive,        // value, nth
    empty,          // nth
    timeout,        // nth, asked
    disconnected,   // nth
    close,          // nth
    drop_receiver,  // nth
    destroy         // value: while it was the channel's
};
inline constexpr std::array<std::string_view, 13> names_of_deeds = {
    "open",  "clone",   "drop_sender",  "send",  "refused",       "out_of_memory", "receive",
    "empty", "timeout", "disconnected", "close", "drop_receiver", "destroy"};

struct Event {
    Did did = Did::open;
    std::uint32_t channel = 0;
    Value value = {};
    std::uint64_t nth = 0;  // of all calls on the channel's receiver: it may change threads, this puts them in order
    Nanoseconds asked = 0;  // for how long a timed receive was to wait
    Nanoseconds begin = 0, end = 0;
};

/// What one thread did. Only it adds to its log; others may read meanwhile what is there, when something is stuck.
class Log {
  public:
    explicit Log(std::string name) : name_(std::move(name)) {}
    void note(const Event& event) {
        const std::size_t n = size_.load(std::memory_order::relaxed);
        if (n == most) return overflowed_.store(true, std::memory_order::relaxed);
        auto& chunk = chunks_[n / of_chunk];
        if (!chunk) chunk = std::make_unique<Chunk>();
        (*chunk)[n % of_chunk] = event;
        size_.store(n + 1, std::memory_order::release);
    }
    const std::string& name() const noexcept { return name_; }
    std::size_t size() const noexcept { return size_.load(std::memory_order::acquire); }
    const Event& operator[](std::size_t i) const noexcept { return (*chunks_[i / of_chunk])[i % of_chunk]; }
    bool overflowed() const noexcept { return overflowed_.load(std::memory_order::relaxed); }

  private:
    static constexpr std::size_t of_chunk = 256, most_chunks = 1024, most = of_chunk * most_chunks;
    using Chunk = std::array<Event, of_chunk>;
    std::string name_;
    std::array<std::unique_ptr<Chunk>, most_chunks> chunks_;
    std::atomic<std::size_t> size_{0};
    std::atomic<bool> overflowed_{false};
};

/// By thread. A thread's number is its place here.
using History = std::deque<Log>;

/// As text, a line for each event, by time; and back. `only` one channel, if it is one.
void write(std::ostream&, const History&, const std::uint32_t* only = nullptr);
History read(std::istream&);

}  // namespace stress
