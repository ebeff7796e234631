// Stop tokens under Relacy, as the standard describes those of <stop_token>: a request synchronises with the looks that see
// it, and with the construction of a callback that comes too late and is called there. The request calls the callbacks that
// are registered, each only if its end has not begun; and the end of a callback waits until it has returned.
#pragma once

#include <array>
#include <utility>

#include "atomic.hpp"

namespace verify {

class StopToken;

/// One for a scenario. A thread has one callback at a time.
class StopSource {
  public:
    struct Callback {
        virtual void call() = 0;
    };

    StopSource() = default;
    StopSource(const StopSource&) = delete;
    StopToken get_token();

    void request_stop() {
        const unsigned before = state_.fetch_or("StopRequest", requested, acq_rel);
        if (before & requested) return;
        for (unsigned t = 0; t != max_threads; ++t) {
            if (!(before & of(t)) || !(state_.fetch_and("StopCall", ~of(t), acq_rel) & of(t))) continue;
            call(t);
        }
    }
    bool is_requested() const { return state_.load("StopLook", std::memory_order::acquire) & requested; }

    void begin(Callback& callback) {
        const unsigned t = this_thread();
        callbacks_[t] = &callback;
        if (!(state_.fetch_or("StopRegister", of(t), acq_rel) & requested)) return;
        state_.fetch_and("StopTooLate", ~of(t), acq_rel);  // no request calls it any more
        call(t);
    }
    void end() {
        const unsigned mine = of(this_thread());
        if (state_.fetch_and("StopEnd", ~mine, acq_rel) & mine) return;
        returned_.await("StopAwait", [mine](unsigned now) { return now & mine; }, std::memory_order::acquire);
        returned_.fetch_and("StopForget", ~mine, acq_rel);
    }

  private:
    static constexpr auto acq_rel = std::memory_order::acq_rel;
    static constexpr unsigned requested = 1;
    static constexpr unsigned of(unsigned thread) { return 2u << thread; }

    /// That of thread t.
    void call(unsigned t) {
        follower.calls_back(this_thread(), t);
        callbacks_[t]->call();
        returned_.fetch_or("StopReturn", of(t), std::memory_order::release);
    }

    Atomic<unsigned> state_{"stop", 0};  // whether it is requested, and which threads have a callback
    Atomic<unsigned> returned_{"callbacks that have returned", 0};
    std::array<Callback*, max_threads> callbacks_{};
};

class StopToken {
  public:
    StopToken(StopSource* source) : source_(source) {}
    bool stop_requested() const { return source_->is_requested(); }
    StopSource& source() const { return *source_; }

  private:
    StopSource* source_;
};

inline StopToken StopSource::get_token() { return this; }

template <class F>
class StopCallback : StopSource::Callback {
  public:
    StopCallback(const StopToken& token, F callback) : source_(token.source()), callback_(std::move(callback)) {
        source_.begin(*this);
    }
    ~StopCallback() { source_.end(); }
    StopCallback(const StopCallback&) = delete;

  private:
    void call() override { callback_(); }
    StopSource& source_;
    F callback_;
};

}  // namespace verify
