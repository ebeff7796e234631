// A parker out of the standard library alone.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "cancellation.hpp"
#include "deadline.hpp"
#include "name.hpp"

namespace ferry::detail {

/// A parker (platform.hpp): a mutex and a condition variable, which have deadlines on every clock, are understood by
/// every sanitizer, and never lose a token (std::binary_semaphore does, in some libraries). Explored as it stands, on
/// mutexes and conditions that Relacy schedules, by verify/relacy/parker.cpp.
template <class Mutex = std::mutex, class Condition = std::condition_variable, class Token = bool>
class ConditionParker {
  public:
    /// May be left by unwinding, because the thread is cancelled.
    void park(Name) {
        const Cancellable cancellable;
        wait_for_token();
    }

    /// A park for a token that is on its way. Can't be left by unwinding.
    void take_token(Name) noexcept {
        const Uncancellable uncancellable;
        wait_for_token();
    }

    /// Returns false when the deadline has passed, by its own clock, and there was no token. May be left by unwinding,
    /// because the thread is cancelled or the clock throws.
    template <class Clock, class Duration>
    bool park_until(Name, const std::chrono::time_point<Clock, Duration>& deadline) {
        const Cancellable cancellable;
        std::unique_lock lock(mutex_);
        while (!token_) {
            // The clock is read without the lock, because a user's clock may send, or wait for a thread that sends.
            lock.unlock();
            const bool is_late = !sleep_towards(deadline, [&](const auto& now, const auto& until) {
                lock.lock();
                sleep(lock, now, until);
            });
            if (is_late) return false;
        }
        token_ = false;
        return true;
    }

    void unpark(Name) {
        std::unique_lock lock(mutex_);
        token_ = true;
        if (!condition_) return;
        // The waker notifies after it has released the lock, because the woken thread would run into it otherwise. The
        // parker outlives this call, because the waker still holds its handle, or the call that it stops waits for it.
        lock.unlock();
        condition_->notify_one();
    }

    /// As `unpark`. The waker notifies before it releases the lock, because it may not touch the parker after that.
    void release(Name) {
        const std::lock_guard lock(mutex_);
        token_ = true;
        if (condition_) condition_->notify_one();
    }

  private:
    void wait_for_token() {
        std::unique_lock lock(mutex_);
        while (!token_) condition().wait(lock);
        token_ = false;
    }

    template <class Clock, class Now, class Until>
    void sleep(std::unique_lock<Mutex>& lock, const std::chrono::time_point<Clock, Now>& now,
               const std::chrono::time_point<Clock, Until>& until) {
        if (token_) return;  // left while the clock was read
        if constexpr (is_of_the_system<Clock>) {
            condition().wait_until(lock, until);
        } else {
            condition().wait_for(lock, until - now);
        }
    }

    /// Called with the lock held. The condition is made for the first wait, because many channels end before any thread
    /// waits.
    Condition& condition() { return condition_ ? *condition_ : condition_.emplace(); }

    Mutex mutex_;
    std::optional<Condition> condition_;
    Token token_ = false;
};

}  // namespace ferry::detail
