// Records traces. A message records its own life; a sender and a receiver record what they do.
// Each thread writes to a log of its own, which is there before the thread starts: recording takes no lock, writes
// nothing that is shared, and so orders nothing.
#pragma once

#include <cassert>
#include <deque>
#include <ferry/channel.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "harness/crew.hpp"
#include "platforms/announced.hpp"
#include "harness/test.hpp"
#include "trace/complaints.hpp"
#include "trace/trace.hpp"

namespace trace {

/// The log of one thread.
class Log {
  public:
    Log(std::string name, std::uint32_t thread) : thread_(thread), record_{std::move(name), {}} {
        record_.events.reserve(256);
    }
    void note(Event event) { record_.events.push_back(event); }
    Place new_place() { return {thread_, next_place_++}; }
    const Thread& record() const { return record_; }

    static Log& here() {
        assert(of_this_thread != nullptr && "a thread that the recorder does not know");
        return *of_this_thread;
    }
    static inline thread_local Log* of_this_thread = nullptr;

  private:
    std::uint32_t thread_;
    std::uint32_t next_place_ = 1;
    Thread record_;
};

/// A value that records its life.
class Message {
  public:
    explicit Message(Value value) : value_(value), place_(Log::here().new_place()) {
        Log::here().note({.did = Did::make, .value = value_, .place = place_});
    }
    Message(Message&& other) noexcept : value_(other.value_), place_(Log::here().new_place()) {
        Log::here().note({.did = Did::move, .value = value_, .place = place_, .from = other.place_});
    }
    Message& operator=(Message&&) = delete;
    ~Message() { Log::here().note({.did = Did::destroy, .value = value_, .place = place_}); }

    Value value() const noexcept { return value_; }

  private:
    Value value_;
    Place place_;
};
inline std::string in_words(const Message& message) { return in_words(message.value()); }

/// Gives a signal: what the thread did so far happens before what the one that heeds it does from then on. It is the
/// test that orders the threads then, and the trace knows.
class Signal {
  public:
    explicit Signal(std::uint32_t number) : number_(number) {}
    void give() {
        Log::here().note({.did = Did::signal, .number = number_});
        given_.store(true, std::memory_order::release);
        given_.notify_all();
    }
    void heed() {
        given_.wait(false, std::memory_order::acquire);
        Log::here().note({.did = Did::heed, .number = number_});
    }

  private:
    std::uint32_t number_;
    std::atomic<bool> given_{false};
};

/// Sends values under a letter: a1, a2, ... The handle that it sends with may be anybody's.
class Voice {
  public:
    explicit Voice(std::uint32_t letter) : letter_(letter) {}

    /// Sends the next value. False: it was given back.
    template <class Platform>
    bool send(const ferry::Sender<Message, Platform>& tx) {
        const Value value{letter_, ++sent_};
        Message message(value);
        Log::here().note({.did = Did::send, .value = value});
        announced::seen = {};
        const auto answer = tx.send(std::move(message));
        if (answer) {
            const auto claim = announced::seen.claim.value();
            const Ticket ticket{claim.block + 1, claim.slot};
            Log::here().note({.did = Did::sent, .value = value, .ticket = ticket});
        } else {
            Log::here().note({.did = Did::get_back, .value = answer.error().value.value()});
        }
        return answer.has_value();
    }

    std::uint32_t letter() const noexcept { return letter_; }

  private:
    std::uint32_t letter_;
    std::uint32_t sent_ = 0;
};

/// A sender that records what it sends and when it is dropped.
template <class Platform>
class Sender {
  public:
    Sender(ferry::Sender<Message, Platform> handle, std::uint32_t letter)
        : handle_(std::move(handle)), voice_(letter) {}
    Sender(Sender&& other) noexcept : handle_(std::exchange(other.handle_, std::nullopt)), voice_(other.voice_) {}
    Sender& operator=(Sender&&) = delete;
    ~Sender() { drop(); }

    bool send() { return voice_.send(*handle_); }
    void send(unsigned values) {
        for (unsigned i = 0; i != values; ++i) send();
    }
    Sender clone(std::uint32_t letter) const { return {handle_->clone(), letter}; }
    const ferry::Sender<Message, Platform>& handle() const { return *handle_; }

    void drop() {
        if (!handle_) return;
        Log::here().note({.did = Did::drop, .number = voice_.letter(), .at = Clock::now()});
        handle_.reset();
        Log::here().note({.did = Did::dropped, .number = voice_.letter(), .at = Clock::now()});
    }

  private:
    std::optional<ferry::Sender<Message, Platform>> handle_;
    Voice voice_;
};

/// A receiver that records what it receives, and answers in words.
template <class Platform>
class Receiver {
  public:
    explicit Receiver(ferry::Receiver<Message, Platform> handle) : handle_(std::move(handle)) {}

    std::string recv() { return noted(handle_->recv()); }
    std::string try_recv() { return noted(handle_->try_recv()); }
    std::string recv_for(std::chrono::nanoseconds duration) { return noted(handle_->recv_for(duration)); }
    void iterate() {
        for (const Message& message : *handle_) note(message);
        Log::here().note({.did = Did::end, .at = Clock::now()});
    }
    void close() { handle_->close(); }
    void drop() { handle_.reset(); }
    std::uint64_t received() const noexcept { return received_; }

  private:
    void note(const Message& message) {
        Log::here().note({.did = Did::receive, .value = message.value(), .nth = received_++});
    }
    template <class Error>
    std::string noted(const std::expected<Message, Error>& answer) {
        if (answer) note(*answer);
        return harness::in_words(answer);
    }

    std::optional<ferry::Receiver<Message, Platform>> handle_;
    std::uint64_t received_ = 0;
};

/// A channel of messages. The letter of its first sender is `a`.
template <class Platform>
std::pair<Sender<Platform>, Receiver<Platform>> channel() {
    auto [tx, rx] = ferry::channel<Message, Platform>();
    return {Sender<Platform>(std::move(tx), 0), Receiver<Platform>(std::move(rx))};
}

/// Gathers the logs of the threads that it starts and of the one that made it.
class Recorder {
  public:
    Recorder() { Log::of_this_thread = &new_log("the test"); }
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    ~Recorder() { Log::of_this_thread = nullptr; }

    template <class Work>
    void start(const std::string& name, Work work) {
        crew_.start(name, [&log = new_log(name), owned = std::optional<Work>(std::move(work))]() mutable {
            Log::of_this_thread = &log;
            (*owned)();
            owned.reset();
        });
    }
    void join() { crew_.join(); }

    /// Once all threads are joined, and all handles gone: what holds of every trace.
    void must_be_good(std::source_location where = std::source_location::current()) const {
        const Trace all = trace();
        for (const auto complaint : {two_owners, not_once, out_of_order, against_happens_before}) {
            harness::same("", complaint(all), where);
        }
        // S23. The channels of a trace are on a staged platform, all of them.
        harness::check(announced::Account::live == live_before_, "all memory was given back", where);
        harness::check(announced::Quarantine::is_unspoiled(), "nobody wrote to memory that was given back", where);
    }
    /// And of one in which a receiver has iterated to the end.
    void must_have_ended_well(std::source_location where = std::source_location::current()) const {
        harness::same("", wrong_end(trace()), where);
        must_be_good(where);
    }
    /// And of one in which everything that was claimed was received from blocks of this size.
    void must_follow_tickets(std::uint64_t slots, std::source_location where = std::source_location::current()) const {
        harness::same("", against_tickets(trace(), slots), where);
    }

  private:
    Log& new_log(const std::string& name) { return logs_.emplace_back(name, static_cast<std::uint32_t>(logs_.size())); }
    Trace trace() const {
        Trace all;
        for (const Log& log : logs_) all.push_back(log.record());
        return all;
    }

    const std::size_t live_before_ = announced::Account::live;
    std::deque<Log> logs_;
    harness::Crew crew_;
};

}  // namespace trace
