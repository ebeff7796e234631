// What a thread notes of its own calls, and what becomes of it. Each thread writes to a log of its own, so to record
// takes no lock, writes nothing that another thread waits for, and orders nothing: it can't hide a race from
// ThreadSanitizer.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <deque>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "../message.hpp"
#include "../platforms/positions.hpp"
#include "trace.hpp"

namespace traces {

/// What one thread did. Only that thread adds to it; others may read meanwhile what is there, when something is stuck.
class Log {
  public:
    explicit Log(std::string name) : name_(std::move(name)) {}

    void note(const Event& event) {
        const std::size_t n = size_.load(std::memory_order::relaxed);
        if (n == most) return wrong("a thread did more than its log holds: the workload is broken");
        auto& chunk = chunks_[n / of_chunk];
        if (!chunk) chunk = std::make_unique<Chunk>();
        (*chunk)[n % of_chunk] = event;
        size_.store(n + 1, std::memory_order::release);
    }
    /// Something is wrong that a trace does not tell. The first is kept; its text is a literal.
    void wrong(const char* what) {
        if (*wrong_.load(std::memory_order::relaxed) == '\0') wrong_.store(what, std::memory_order::release);
    }

    const std::string& name() const noexcept { return name_; }
    std::size_t size() const noexcept { return size_.load(std::memory_order::acquire); }
    const Event& operator[](std::size_t i) const noexcept { return (*chunks_[i / of_chunk])[i % of_chunk]; }
    const char* what_is_wrong() const noexcept { return wrong_.load(std::memory_order::acquire); }

    std::ptrdiff_t messages = 0;           // made by this thread, less those that it destroyed
    std::vector<unsigned> destroyed = {};  // values, by the channel, in the call in progress
    std::vector<unsigned> destroyed_with_the_receiver = {};

    static Log& here() {
        assert(of_this_thread != nullptr && "a thread that the recorder does not know");
        return *of_this_thread;
    }
    static inline thread_local Log* of_this_thread = nullptr;

  private:
    static constexpr std::size_t of_chunk = 256, most_chunks = 1024, most = of_chunk * most_chunks;
    using Chunk = std::array<Event, of_chunk>;
    const std::string name_;
    std::array<std::unique_ptr<Chunk>, most_chunks> chunks_;
    std::atomic<std::size_t> size_{0};
    std::atomic<const char*> wrong_{""};
};

struct Watch {
    static void made() { ++Log::here().messages; }
    static void ended(unsigned id, bool is_the_channels) {
        --Log::here().messages;
        if (id != 0 && is_the_channels) Log::here().destroyed.push_back(id);
    }
    static void wrong(const char* what) { Log::here().wrong(what); }
};
using Message = verify::Message<Watch>;

/// What is wrong besides what a trace tells. Threads may be at work.
inline std::string what_is_wrong_so_far(const std::deque<Log>& logs) {
    for (const Log& log : logs) {
        if (*log.what_is_wrong() != '\0') return log.name() + ": " + log.what_is_wrong();
    }
    return "";
}
/// The same when all threads are joined, and all messages are to be gone.
inline std::string what_is_wrong(const std::deque<Log>& logs) {
    std::ptrdiff_t messages = 0;
    for (const Log& log : logs) messages += log.messages;
    const std::string wrong = what_is_wrong_so_far(logs);
    return messages == 0 || !wrong.empty() ? wrong : "messages were left behind (S3): " + std::to_string(messages);
}

// ---- a trace of one channel on the announced platform -----------------------------------------------------------

/// What the call in progress of this thread has destroyed, though it was not there to do so.
inline void note_destroyed() {
    Log& log = Log::here();
    for (const unsigned value : std::exchange(log.destroyed, {})) log.note({.step = Step::Destroyed, .b = value});
}

/// Of the channel's receiver, which one thread has at a time: how often it has looked; and how often the lock of a bounded
/// channel was taken, when it had it last.
struct Looks {
    std::uint32_t looks = 0;
    unsigned turn = 0;
};

/// The call in progress of this thread was that step. `at` is, until all is put in order, what orders those that have seen
/// the same in the word: the receiver's looks, and whatever changes it last.
inline void note(Step step, std::uint32_t a, std::uint32_t b, Looks& of_receiver) {
    constexpr std::uint32_t last = ~std::uint32_t{0};
    Log& log = Log::here();
    announced::Seen seen = std::exchange(announced::seen, {});
    Event e{.step = step, .a = a, .b = b};
    const auto place = [&](const std::optional<Position>& position, std::uint32_t among_equals) {
        if (position) e.at = among_equals, e.position = *position;
    };
    const auto look = [&](std::optional<Position>& position) {
        if (position) position->slot = std::max(position->slot, of_receiver.turn);
        place(position, ++of_receiver.looks);
    };
    if (seen.waits) {
        Event waits{.step = sends(step) ? Step::SendWaits : Step::RecvWaits, .a = a, .b = b};
        waits.at = sends(step) ? 1 : ++of_receiver.looks, waits.position = *seen.waits;
        log.note(waits);
        if (step == Step::SendAccepted) e.step = Step::SendLetIn;
    }
    if (!sends(step) && seen.turn != 0) of_receiver.turn = seen.turn;
    switch (e.step) {
        case Step::SendAccepted: place(seen.claim, last); break;
        // Who saw that it was closed came after Close, and that is all there is to say.
        case Step::SendRefused:
            if (!seen.refused) place(seen.claim, last);
            break;
        case Step::TrySendFull:
            if (seen.claim) e.claimed = seen.claim->block;
            break;
        case Step::DropSender:
        case Step::Close: place(seen.end, last); break;
        case Step::DropReceiver:
            place(seen.end, last);
            log.destroyed_with_the_receiver = std::exchange(log.destroyed, {});
            break;
        case Step::RecvUnwound:
            if (seen.waits) look(seen.withdrew);
            break;
        default:
            if (takes(step)) place(seen.lets_in, last);
            if (finds_nothing(step) || learns_the_end(step) || (step == Step::ReceiverConnected && !seen.is_of_ring))
                look(seen.look);
    }
    log.note(e);
    note_destroyed();
}

/// What the threads have noted, in order: that of their positions in the word.
inline Trace in_order(const std::deque<Log>& logs) {
    Trace trace;
    std::vector<Event*> decided;
    for (const Log& log : logs) {
        Thread& thread = trace.threads.emplace_back(log.name());
        for (std::size_t i = 0, size = log.size(); i != size; ++i) thread.events.push_back(log[i]);
        if (!log.destroyed_with_the_receiver.empty()) trace.destroyed = log.destroyed_with_the_receiver;
        for (Event& e : thread.events) {
            if (e.at != 0) decided.push_back(&e);
        }
    }
    std::sort(decided.begin(), decided.end(), [](const Event* x, const Event* y) {
        return std::tie(x->position, x->at) < std::tie(y->position, y->at);
    });
    for (std::size_t i = 0; i != decided.size(); ++i) decided[i]->at = static_cast<std::uint32_t>(i + 1);
    return trace;
}

}  // namespace traces
