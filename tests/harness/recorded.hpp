// Threads, senders and receivers that record what they do to one channel, for the exact oracle
// (verify/trace/judge.hpp).
#pragma once

#include <chrono>
#include <deque>
#include <ferry/channel.hpp>
#include <optional>
#include <string>
#include <utility>

#include "harness/crew.hpp"
#include "harness/test.hpp"
#include "platforms/announced.hpp"
#include "trace/judge.hpp"
#include "trace/log.hpp"

namespace recorded {

using traces::Message;
using traces::Step;

/// A sender is a letter: the first is `a`. A value is named for the letter that it is sent under, and numbered: b3 is
/// the third of b. As a number it is 301.
constexpr unsigned most_letters = 100;
constexpr unsigned value(std::uint32_t letter, unsigned number) { return number * most_letters + letter; }
inline std::string name(std::uint32_t letter) { return {static_cast<char>('a' + letter)}; }
inline std::string in_words(unsigned value) {
    return name(value % most_letters) + std::to_string(value / most_letters);
}

/// Gives a signal: what the thread did so far happens before what the thread that heeds it does from then on. It is the
/// test that orders the threads then, and the trace knows.
class Signal {
  public:
    explicit Signal(std::uint32_t number) : number_(number) {}
    void give() {
        traces::Log::here().note({.step = Step::Signal, .a = number_});
        given_.store(true, std::memory_order::release);
        given_.notify_all();
    }
    void heed() {
        given_.wait(false, std::memory_order::acquire);
        traces::Log::here().note({.step = Step::Await, .a = number_});
    }

  private:
    std::uint32_t number_;
    std::atomic<bool> given_{false};
};

inline void note(Step step, std::uint32_t a, std::uint32_t b = 0) {
    traces::Looks looks;
    traces::note(step, a, b, looks);
}

/// Sends values under a letter, through whichever sender.
class Voice {
  public:
    explicit Voice(std::uint32_t letter) : letter_(letter) {}

    /// Sends the next value. False: it was given back.
    template <class Sender>
    bool send(const Sender& tx) {
        const unsigned id = value(letter_, ++sent_);
        Message message(id);
        announced::seen = {};
        try {
            const auto answer = tx.handle().send(std::move(message));
            if (!answer) harness::check(answer.error().value.id() == id, "a refused send gives back its value");
            note(answer ? Step::SendAccepted : Step::SendRefused, tx.letter(), id);
            return answer.has_value();
        } catch (const std::bad_alloc&) {
            harness::check(message.id() == id, "a send that throws leaves the value");
            note(Step::SendThrew, tx.letter(), id);
            throw;
        }
    }

  private:
    std::uint32_t letter_, sent_ = 0;
};

template <class Platform>
class Sender {
  public:
    using Handle = ferry::Sender<Message, Platform>;

    Sender(Handle handle, std::uint32_t letter) : handle_(std::move(handle)), letter_(letter), voice_(letter) {}
    Sender(Sender&& other) noexcept
        : handle_(std::exchange(other.handle_, std::nullopt)), letter_(other.letter_), voice_(other.voice_) {}
    Sender& operator=(Sender&&) = delete;
    ~Sender() { drop(); }

    bool send() { return voice_.send(*this); }
    void send(unsigned values) {
        for (unsigned i = 0; i != values; ++i) send();
    }
    Sender clone(std::uint32_t letter) const {
        announced::seen = {};
        Sender copy(handle_->clone(), letter);
        note(Step::Clone, letter_, letter);
        return copy;
    }
    void drop() {
        if (!handle_) return;
        announced::seen = {};
        handle_.reset();
        note(Step::DropSender, letter_);
    }
    const Handle& handle() const { return *handle_; }
    std::uint32_t letter() const noexcept { return letter_; }

  private:
    std::optional<Handle> handle_;
    std::uint32_t letter_;
    Voice voice_;
};

/// Answers in words.
template <class Platform>
class Receiver {
  public:
    explicit Receiver(ferry::Receiver<Message, Platform> handle) : handle_(std::move(handle)) {}
    Receiver(Receiver&& other) noexcept
        : handle_(std::exchange(other.handle_, std::nullopt)), looks_(other.looks_), received_(other.received_) {}
    Receiver& operator=(Receiver&&) = delete;
    ~Receiver() { drop(); }

    std::string recv() {
        return noted(traces::by_recv, [this] { return handle_->recv(); });
    }
    std::string try_recv() {
        return noted(traces::by_try_recv, [this] { return handle_->try_recv(); });
    }
    std::string recv_for(std::chrono::nanoseconds duration) {
        return noted(traces::by_recv_for, [&] { return handle_->recv_for(duration); });
    }
    void iterate() {
        announced::seen = {};
        for (const Message& message : *handle_) note(Step::RecvValue, message.id());
        note(Step::RecvDisconnected);
    }
    void close() {
        announced::seen = {};
        handle_->close();
        note(Step::Close);
    }
    void drop() {
        if (!handle_) return;
        announced::seen = {};
        handle_.reset();
        note(Step::DropReceiver);
    }
    std::uint64_t received() const noexcept { return received_; }

  private:
    void note(Step step, unsigned value = 0) {
        received_ += traces::takes(step);
        traces::note(step, 0, value, looks_);
    }
    template <class Call>
    std::string noted(const traces::Receiving& how, Call call) {
        announced::seen = {};
        const auto answer = call();
        note(how.step(answer), answer ? answer->id() : 0);
        return answer ? in_words(answer->id()) : harness::in_words(answer.error());
    }

    std::optional<ferry::Receiver<Message, Platform>> handle_;
    traces::Looks looks_;
    std::uint64_t received_ = 0;
};

/// Of a block of the channel that is recorded.
inline unsigned slots = 0;

/// The recorder's channel. The letter of its first sender is `a`.
template <class Platform>
std::pair<Sender<Platform>, Receiver<Platform>> channel() {
    auto [tx, rx] = ferry::channel<Message, Platform>();
    slots = Platform::template block_slots<Message>;
    return {Sender<Platform>(std::move(tx), 0), Receiver<Platform>(std::move(rx))};
}

/// Gathers the logs of the threads that it starts and of the one that made it.
class Recorder {
  public:
    Recorder() { traces::Log::of_this_thread = &logs_.emplace_back("the test"); }
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    ~Recorder() { traces::Log::of_this_thread = nullptr; }

    template <class Work>
    void start(const std::string& name, Work work) {
        const std::uint32_t number = first_of_threads + started_++;
        traces::Log::here().note({.step = Step::Signal, .a = number});
        crew_.start(name,
                    [number, &log = logs_.emplace_back(name), owned = std::optional<Work>(std::move(work))]() mutable {
                        traces::Log::of_this_thread = &log;
                        log.note({.step = Step::Await, .a = number});
                        (*owned)();
                        owned.reset();
                        log.note({.step = Step::Signal, .a = first_of_ends + number});
                    });
    }
    void join() {
        crew_.join();
        while (joined_ != started_)
            traces::Log::here().note({.step = Step::Await, .a = first_of_ends + first_of_threads + joined_++});
    }

    /// Once all threads are joined, and all handles gone: the trace is one of the contract's, and nothing is left.
    void must_be_good(std::source_location where = std::source_location::current()) {
        const traces::Trace all = trace();
        if (all.events() != 0) {
            const std::string complaint = traces::complaint(all);
            harness::same("", complaint.empty() ? complaint : complaint + "\n" + traces::table(all), where);
        }
        harness::same("", traces::gap(all, slots), where);
        harness::same("", traces::what_is_wrong(logs_), where);
        // S23. The channel is on the announced platform.
        harness::check(announced::Account::live == live_before_, "all memory was given back", where);
        harness::check(announced::Quarantine::is_unspoiled(), "nobody wrote to memory that was given back", where);
    }

  private:
    traces::Trace trace() {
        // A trace's last thread drops what is left. Here nothing is.
        logs_.emplace_back("end");
        traces::Trace all = traces::in_order(logs_);
        std::size_t letters = 1;
        for (const auto& thread : all.threads) {
            for (const auto& e : thread.events) {
                if (traces::has_handle(e.step)) letters = std::max<std::size_t>(letters, e.a + 1);
                if (e.step == Step::Clone) letters = std::max<std::size_t>(letters, e.b + 1);
                all.may_fail |= e.step == Step::SendThrew;
            }
        }
        for (std::uint32_t letter = 0; letter != letters; ++letter) all.handles.push_back(name(letter));
        return all;
    }

    // The numbers of the signals that a thread is started and has ended; a test has smaller ones.
    static constexpr std::uint32_t first_of_threads = 1000, first_of_ends = 1000;
    std::uint32_t started_ = 0, joined_ = 0;

    const std::size_t live_before_ = announced::Account::live;
    std::deque<traces::Log> logs_;
    harness::Crew crew_;
};

}  // namespace recorded
