// Runs a program on real threads, on the shipped header with the platform that records, and puts together the trace.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "../interpreter.hpp"
#include "../platforms/shaking.hpp"
#include "calls.hpp"
#include "trace.hpp"

namespace traces {

/// Where a value is. Each is written by the value's owner only, one after the other.
enum class Whereabouts : std::uint8_t { unsent, inside, outside, gone };
inline std::vector<Whereabouts> whereabouts;

/// What a thread notes. Its own; there before the thread starts.
struct Log {
    std::vector<Event> events = {};
    std::vector<unsigned> destroyed = {};  // by the channel, in the call in progress
    std::atomic<const Op*> call = nullptr;  // in progress
    std::chrono::steady_clock::time_point deadline = {};  // of the timed receive in progress, at the earliest
};
inline thread_local Log* log_of_this_thread = nullptr;

/// The message: move-only, and it knows whether it is the value, or the husk that a move left behind.
class Message {
  public:
    explicit Message(unsigned id) : id_(id) {}
    Message(Message&& other) noexcept : id_(std::exchange(other.id_, 0u)) {}
    Message& operator=(Message&&) = delete;
    ~Message() {
        if (id_ == 0) return;
        // Neither received nor given back: it is the channel that destroys it. So it is, if it is destroyed again.
        if (whereabouts[id_] != Whereabouts::outside) log_of_this_thread->destroyed.push_back(id_);
        whereabouts[id_] = Whereabouts::gone;
    }
    unsigned id() const { return id_; }

  private:
    unsigned id_;
};

template <class T>
using Places = std::vector<std::optional<T>>;

template <class P>
class Recorder {
  public:
    /// `shaken`: threads are held up at one in so many steps; 0: never.
    Recorder(const Program& program, std::uint64_t seed, unsigned shaken) : program_(program), seed_(seed), shaking_(shaken), logs_(program.threads.size() + 1) {}

    /// False: the threads have not come to their end. They are still there then, and use this.
    bool run(std::chrono::seconds patience) {
        whereabouts.assign(sizes_.values, Whereabouts::unsent);
        interpreter_.emplace(program_, sizes_.of_interpreter, *this);
        const auto deadline = std::chrono::steady_clock::now() + patience;
        const auto end_in_time = [&] {
            return std::all_of(threads_.begin(), threads_.end(), [&](auto& thread) { return thread.wait_until(deadline) == std::future_status::ready; });
        };
        for (unsigned t = 0; t != program_.threads.size(); ++t) threads_.push_back(std::async(std::launch::async, [this, t] { work(t); }));
        if (!end_in_time()) return false;
        threads_.push_back(std::async(std::launch::async, [this] { drop_the_rest(); }));
        if (!end_in_time()) return false;
        interpreter_.reset();
        if (announced::Account::live != 0) fail("the last handle is gone and memory is left (S23)");
        return true;
    }

    /// What was recorded, in order.
    Trace trace(const std::vector<std::string>& handles) {
        Trace trace{.may_fail = program_.allocations >= 0, .senders_at_start = program_.senders_at_start, .handles = handles, .destroyed = std::move(destroyed_)};
        for (std::size_t t = 0; t != logs_.size(); ++t) {
            trace.threads.push_back({name(t), std::move(logs_[t].events)});
        }
        put_in_order(trace);
        return trace;
    }
    const char* failure() const { return failure_.load(std::memory_order::relaxed); }
    /// Which thread is in which call.
    std::string calls() const {
        std::string text;
        for (std::size_t t = 0; t != logs_.size(); ++t) {
            if (const Op* const op = logs_[t].call.load(std::memory_order::relaxed)) text += (text.empty() ? "" : ", ") + name(t) + " is in " + op->name();
        }
        return text;
    }

    // ---- what the interpreter tells --------------------------------------------------------------------------------

    void begins(unsigned, const Op& op) { whereabouts[op.b] = Whereabouts::inside; }
    void answered(unsigned thread, const Op& op, Result result) {
        if (result.answer == Answer::value) {
            whereabouts[result.value] = Whereabouts::outside;
        } else if (op.kind == Op::Kind::send && result.answer != Answer::ok) {
            whereabouts[op.b] = Whereabouts::outside;
        }
        if (result.answer == Answer::timeout && std::chrono::steady_clock::now() < logs_[thread].deadline) fail("a timed receive gives up before its deadline (S13)");
        note(thread, op, result);
    }
    void ended(unsigned thread, const Op& op) { note(thread, op, {Answer::disconnected}); }
    void fail(const char* what) { failure_.store(what, std::memory_order::relaxed); }
    /// For how long a timed receive that begins now is to wait.
    std::chrono::microseconds patience(unsigned thread) {
        const std::chrono::microseconds chosen(announced::random_below(4) == 0 ? 0 : announced::random_below(100));
        logs_[thread].deadline = std::chrono::steady_clock::now() + chosen;
        return chosen;
    }

  private:
    using Run = verify::Interpreter<P, Message, Places, Recorder>;
    struct Sizes {
        explicit Sizes(const Program& program) {
            using Kind = Op::Kind;
            auto& [threads, handles, events, data] = of_interpreter;
            threads = program.threads.size() + 1;
            handles = program.senders_at_start;
            for (const auto& ops : program.threads) {
                for (const Op& op : ops) {
                    if (op.kind == Kind::send) values = std::max<std::size_t>(values, op.b + 1);
                    if (op.kind == Kind::clone) handles = std::max<std::size_t>(handles, op.b + 1);
                    if (op.kind == Kind::signal) events = std::max<std::size_t>(events, op.a + 1);
                    if (op.kind == Kind::write || op.kind == Kind::read) data = std::max<std::size_t>(data, op.a + 1);
                }
            }
        }
        typename Run::Sizes of_interpreter{};
        std::size_t values = 1;
    };

    std::string name(std::size_t t) const { return t != program_.threads.size() ? program_.thread_names[t] : "end"; }

    void work(unsigned t) {
        log_of_this_thread = &logs_[t];
        logs_[t].events.reserve(program_.threads[t].size() + 16);
        announced::random_numbers().seed(static_cast<std::uint_fast32_t>(seed_ + t));
        // Together, or the first would be through before the last begins.
        arrived_.fetch_add(1);
        while (arrived_.load() != program_.threads.size()) std::this_thread::yield();
        for (const Op& op : program_.threads[t]) {
            if (interpreter_->is_due(t, op)) perform(t, op);
        }
    }

    void perform(unsigned t, const Op& op) {
        announced::seen = {};
        logs_[t].call.store(&op, std::memory_order::relaxed);
        interpreter_->run(t, op);
        if (!has_answer(op.kind) && !is_no_step(op.kind)) note(t, op, {Answer::ok});
        note_destroyed(t);
        logs_[t].call.store(nullptr, std::memory_order::relaxed);
    }

    void drop_the_rest() {
        const auto end = static_cast<unsigned>(program_.threads.size());
        log_of_this_thread = &logs_[end];
        for (unsigned h = 0; h != sizes_.of_interpreter.handles; ++h) {
            if (interpreter_->has_sender(h)) perform(end, {.kind = Op::Kind::drop, .a = h});
        }
        if (interpreter_->has_receiver()) perform(end, {.kind = Op::Kind::drop_receiver});
    }

    /// `at` is, until all is put in order, what orders those that have seen the same in the word: the receiver's looks, and
    /// whatever changes it last.
    void note(unsigned t, const Op& op, Result result) {
        constexpr std::uint32_t last = ~std::uint32_t{0};
        const announced::Seen& seen = announced::seen;
        Event e{.step = step_of(op.kind, result.answer), .a = op.a, .b = op.kind == Op::Kind::send || op.kind == Op::Kind::clone ? op.b : result.value};
        const auto place = [&](const std::optional<Position>& position, std::uint32_t among_equals) {
            if (position) e.at = among_equals, e.position = *position;
        };
        switch (e.step) {
            case Step::SendAccepted: place(seen.claim, last); break;
            // Who saw that it was closed came after Close, and that is all there is to say.
            case Step::SendRefused: if (!seen.refused) place(seen.claim, last); break;
            case Step::RecvDisconnected: case Step::TryRecvEmpty: case Step::TryRecvDisconnected: case Step::RecvTimedOut:
            case Step::RecvTimedDisconnected: case Step::TryIterEnds: place(seen.look, ++looks_); break;
            case Step::DropSender: case Step::Close: place(seen.end, last); break;
            case Step::DropReceiver:
                place(seen.end, last);
                destroyed_ = std::exchange(logs_[t].destroyed, {});
                break;
            default: break;
        }
        logs_[t].events.push_back(e);
        note_destroyed(t);
        announced::seen = {};
    }
    void note_destroyed(unsigned t) {
        for (const unsigned value : std::exchange(logs_[t].destroyed, {})) logs_[t].events.push_back({.step = Step::Destroyed, .b = value});
    }

    static void put_in_order(Trace& trace) {
        std::vector<Event*> decided;
        for (Thread& thread : trace.threads) {
            for (Event& e : thread.events) {
                if (e.at != 0) decided.push_back(&e);
            }
        }
        std::sort(decided.begin(), decided.end(), [](const Event* x, const Event* y) { return std::tie(x->position, x->at) < std::tie(y->position, y->at); });
        for (std::size_t i = 0; i != decided.size(); ++i) decided[i]->at = static_cast<std::uint32_t>(i + 1);
    }

    const Program& program_;
    const Sizes sizes_{program_};
    std::uint64_t seed_;
    announced::Shaking shaking_;
    std::optional<Run> interpreter_;
    std::vector<Log> logs_;
    std::vector<std::future<void>> threads_;
    std::atomic<std::size_t> arrived_{0};
    std::uint32_t looks_ = 0;          // of the receiver, which one thread has at a time, as these are
    std::vector<unsigned> destroyed_;  // by DropReceiver
    std::atomic<const char*> failure_{""};
};

}  // namespace traces
