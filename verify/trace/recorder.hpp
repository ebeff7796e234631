// Runs a program on real threads, on the shipped header with the platform that records, and puts together the trace.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "../interpreter.hpp"
#include "../platforms/shaking.hpp"
#include "calls.hpp"
#include "log.hpp"
#include "trace.hpp"

namespace traces {

template <class T>
using Places = std::vector<std::optional<T>>;

template <class P, class Channel>
class Recorder {
  public:
    /// `shaken`: threads are held up at one in so many steps; 0: never.
    Recorder(const Program& program, std::uint64_t seed, unsigned shaken)
        : program_(program), seed_(seed), shaking_(shaken), calls_(program.threads.size() + 1) {
        for (const std::string& name : program.thread_names) logs_.emplace_back(name);
        logs_.emplace_back("end");
    }

    /// False: the threads have not come to their end. They are still there then, and use this.
    bool run(std::chrono::seconds patience) {
        interpreter_.emplace(program_, sizes_.of_interpreter, *this);
        const auto deadline = std::chrono::steady_clock::now() + patience;
        const auto end_in_time = [&] {
            return std::all_of(threads_.begin(), threads_.end(),
                               [&](auto& thread) { return thread.wait_until(deadline) == std::future_status::ready; });
        };
        for (unsigned t = 0; t != program_.threads.size(); ++t)
            threads_.push_back(std::async(std::launch::async, [this, t] { work(t); }));
        if (!end_in_time()) return false;
        threads_.push_back(std::async(std::launch::async, [this] { drop_the_rest(); }));
        if (!end_in_time()) return false;
        interpreter_.reset();
        if (announced::Account::live != 0) logs_.back().wrong("the last handle is gone and memory is left (S23)");
        if (!announced::Quarantine::is_unspoiled()) logs_.back().wrong("memory was written to after it was given back");
        return true;
    }

    /// What was recorded, in order.
    Trace trace(const std::vector<std::string>& handles) const {
        Trace trace = in_order(logs_);
        trace.may_fail = program_.allocations >= 0;
        trace.capacity = program_.capacity;
        trace.senders_at_start = program_.senders_at_start;
        trace.handles = handles;
        return trace;
    }
    /// Of a run that has come to its end.
    std::string failure() const { return traces::what_is_wrong(logs_); }
    /// Which thread is in which call.
    std::string calls() const {
        std::string text;
        for (std::size_t t = 0; t != logs_.size(); ++t) {
            if (const Op* const op = calls_[t].op.load(std::memory_order::relaxed))
                text += (text.empty() ? "" : ", ") + logs_[t].name() + " is in " + op->name();
        }
        return text;
    }

    // ---- what the interpreter tells --------------------------------------------------------------------------------

    void begins(unsigned, const Op&) {}
    void answered(unsigned thread, const Op& op, Result result) {
        if (result.answer == Answer::timeout && std::chrono::steady_clock::now() < calls_[thread].deadline)
            fail("a timed call gives up before its deadline (S13, S36)");
        note(thread, op, result);
    }
    void ended(unsigned thread, const Op& op) { note(thread, op, {Answer::disconnected}); }
    void fail(const char* what) { Log::here().wrong(what); }
    /// For how long a timed call that begins now is to wait.
    std::chrono::microseconds patience(unsigned thread) {
        const std::chrono::microseconds chosen(announced::random_below(4) == 0 ? 0 : announced::random_below(100));
        calls_[thread].deadline = std::chrono::steady_clock::now() + chosen;
        return chosen;
    }

  private:
    using Run = verify::Interpreter<P, Message, Places, Recorder, Channel>;
    struct Sizes {
        explicit Sizes(const Program& program) {
            using Kind = Op::Kind;
            auto& [threads, handles, events, data] = of_interpreter;
            threads = program.threads.size() + 1;
            handles = program.senders_at_start;
            for (const auto& ops : program.threads) {
                for (const Op& op : ops) {
                    if (op.kind == Kind::clone) handles = std::max<std::size_t>(handles, op.b + 1);
                    if (op.kind == Kind::signal) events = std::max<std::size_t>(events, op.a + 1);
                    if (op.kind == Kind::write || op.kind == Kind::read) data = std::max<std::size_t>(data, op.a + 1);
                }
            }
        }
        typename Run::Sizes of_interpreter{};
    };

    void work(unsigned t) {
        Log::of_this_thread = &logs_[t];
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
        calls_[t].op.store(&op, std::memory_order::relaxed);
        interpreter_->run(t, op);
        if (!has_answer(op.kind) && !is_no_step(op.kind)) note(t, op, {Answer::ok});
        note_destroyed();
        calls_[t].op.store(nullptr, std::memory_order::relaxed);
    }

    void drop_the_rest() {
        const auto end = static_cast<unsigned>(program_.threads.size());
        Log::of_this_thread = &logs_[end];
        for (unsigned h = 0; h != sizes_.of_interpreter.handles; ++h) {
            if (interpreter_->has_sender(h)) perform(end, {.kind = Op::Kind::drop, .a = h});
        }
        if (interpreter_->has_receiver()) perform(end, {.kind = Op::Kind::drop_receiver});
    }

    void note(unsigned, const Op& op, Result result) {
        // A send that is left by unwinding before it waits is no step.
        if (is_send(op.kind) && result.answer == Answer::unwound && !announced::seen.waits) return;
        traces::note(step_of(op.kind, result.answer), op.a,
                     is_send(op.kind) || op.kind == Op::Kind::clone ? op.b : result.value, looks_);
    }

    const Program& program_;
    const Sizes sizes_{program_};
    std::uint64_t seed_;
    announced::Shaking shaking_;
    std::optional<Run> interpreter_;
    /// In progress.
    struct Call {
        std::atomic<const Op*> op = nullptr;
        std::chrono::steady_clock::time_point deadline = {};  // of a timed call, at the earliest
    };
    std::deque<Log> logs_;
    std::vector<Call> calls_;
    std::vector<std::future<void>> threads_;
    std::atomic<std::size_t> arrived_{0};
    Looks looks_;
};

}  // namespace traces
