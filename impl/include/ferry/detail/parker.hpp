// The time that is left, and the parker: how a thread sleeps until another one wakes it, or until a deadline.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <type_traits>

#if __has_include(<semaphore.h>)
#include <semaphore.h>
#include <time.h>
#endif

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FERRY_THREAD_SANITIZER
#endif
#elif defined(__SANITIZE_THREAD__)
#define FERRY_THREAD_SANITIZER
#endif
#if defined(FERRY_THREAD_SANITIZER)
#include <sanitizer/tsan_interface.h>
#endif

#include "cancellation.hpp"
#include "name.hpp"

namespace ferry::detail {

/// The time between two moments, in floating point seconds, because these can't overflow, however far apart the two
/// are.
template <class From, class To>
std::chrono::duration<double> time_between(const From& from, const To& to) {
    using Seconds = std::chrono::duration<double>;
    return Seconds(to.time_since_epoch()) - Seconds(from.time_since_epoch());
}

/// Whether a deadline has passed, by its own clock. One that is not a number never passes.
template <class Clock, class Duration>
bool has_passed(const std::chrono::time_point<Clock, Duration>& deadline) {
    return time_between(Clock::now(), deadline).count() <= 0;
}

/// A deadline that is so far from now on the steady clock, however long that is (S13). What is not a number is taken for
/// longer than any.
template <class Rep, class Period>
std::chrono::steady_clock::time_point deadline_in(const std::chrono::duration<Rep, Period>& duration) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::hours a_century(24 * 365 * 100);
    const auto now = Clock::now();
    const std::chrono::duration<double> seconds(duration);  // can't overflow
    if (!(seconds < a_century)) return now + a_century;
    if (!(seconds > -a_century)) return now;
    return now + std::chrono::ceil<Clock::duration>(duration);
}

/// How long a receiver that waits for a deadline sleeps at most before it reads its clock again.
template <class Clock>
inline constexpr std::chrono::hours longest_sleep{1};

/// Sleeps once for a thread that waits for a deadline: `sleep(now, until)`, by the deadline's clock. Returns false, and
/// has not slept, when the deadline has passed. The wait for a far deadline is cut into slices, because to add to a huge
/// time or to convert it would overflow (S13).
template <class Clock, class Duration, class Sleep>
bool sleep_towards(const std::chrono::time_point<Clock, Duration>& deadline, Sleep sleep) {
    constexpr auto slice = longest_sleep<Clock>;
    const auto now = Clock::now();
    const auto left = time_between(now, deadline);
    if (!(left <= slice)) {
        sleep(now, now + slice);
    } else if (left > -slice && deadline > now) {
        sleep(now, deadline);
    } else {
        return false;
    }
    return true;
}

/// Clocks that the system sleeps by. It follows one that is set anew.
template <class Clock>
inline constexpr bool is_of_the_system =
    std::is_same_v<Clock, std::chrono::steady_clock> || std::is_same_v<Clock, std::chrono::system_clock>;

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
        // parker outlives this call, because the waker still holds its handle.
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

#if defined(__GLIBC__) && defined(__USE_GNU)
#if __GLIBC_PREREQ(2, 30)  // the first with sem_clockwait
#define FERRY_SEMAPHORE
#endif
#endif

#if defined(FERRY_SEMAPHORE)

/// glibc's semaphore: a counter and a bare futex. Its waits are points of cancellation, which those of a futex that is
/// called by hand are not. The thread that posts does not touch it after another one could take the token. It is made
/// of zeros, as sem_init would make it, and not destroyed, because the two calls, which do nothing else, would take a
/// fourteenth of the life of a short channel.
class PosixSemaphore {
  public:
    PosixSemaphore() = default;
    PosixSemaphore(const PosixSemaphore&) = delete;

    void post() noexcept { sem_post(&semaphore_); }
    bool try_wait() noexcept { return sem_trywait(&semaphore_) == 0; }
    /// Returns false when a signal has come instead.
    bool wait() {
#if defined(FERRY_THREAD_SANITIZER)
        // ThreadSanitizer's sem_wait loses track of a thread that is unwound out of it. Of sem_clockwait it knows
        // nothing, so it is told.
        return wait_until(CLOCK_MONOTONIC, std::chrono::nanoseconds::max());
#else
        return sem_wait(&semaphore_) == 0;
#endif
    }
    /// Returns false when a signal or that time has come instead.
    template <class Clock, class Now, class Until>
    bool wait_until(const std::chrono::time_point<Clock, Now>& now,
                    const std::chrono::time_point<Clock, Until>& until) {
        using namespace std::chrono;
        if constexpr (is_of_the_system<Clock>) {
            return wait_until(std::is_same_v<Clock, steady_clock> ? CLOCK_MONOTONIC : CLOCK_REALTIME,
                              ceil<nanoseconds>(until.time_since_epoch()));
        } else {
            return wait_until(CLOCK_MONOTONIC, steady_clock::now().time_since_epoch() + ceil<nanoseconds>(until - now));
        }
    }

  private:
    bool wait_until(clockid_t clock, std::chrono::nanoseconds since_epoch) {
        using namespace std::chrono;
        const auto seconds = floor<duration<decltype(timespec::tv_sec)>>(since_epoch);
        using Rest = duration<decltype(timespec::tv_nsec), std::nano>;
        timespec time{};
        time.tv_sec = seconds.count();
        time.tv_nsec = duration_cast<Rest>(since_epoch - seconds).count();
        const bool has_token = sem_clockwait(&semaphore_, clock, &time) == 0;
#if defined(FERRY_THREAD_SANITIZER)
        if (has_token) __tsan_acquire(&semaphore_);
#endif
        return has_token;
    }

    sem_t semaphore_{};
};

/// A parker (platform.hpp): a semaphore. Sooner awake than a ConditionParker, because the woken thread takes no lock.
/// Nobody leaves a second token before the first one was taken. Explored like the other.
template <class Semaphore = PosixSemaphore>
class SemaphoreParker {
  public:
    /// May be left by unwinding, because the thread is cancelled.
    void park(Name) {
        const Cancellable cancellable;
        while (!semaphore_.wait()) continue;
    }

    /// A park for a token that is on its way. Can't be left by unwinding.
    void take_token(Name) noexcept {
        const Uncancellable uncancellable;
        while (!semaphore_.wait()) continue;
    }

    /// Returns false when the deadline has passed, by its own clock, and there was no token. May be left by unwinding,
    /// because the thread is cancelled or the clock throws.
    template <class Clock, class Duration>
    bool park_until(Name, const std::chrono::time_point<Clock, Duration>& deadline) {
        const Cancellable cancellable;
        bool woken = semaphore_.try_wait();
        while (!woken) {
            const bool is_late = !sleep_towards(
                deadline, [&](const auto& now, const auto& until) { woken = semaphore_.wait_until(now, until); });
            if (is_late) return false;
        }
        return true;
    }

    void unpark(Name) noexcept { semaphore_.post(); }
    void release(Name) noexcept { semaphore_.post(); }

  private:
    Semaphore semaphore_;
};

using Parker = SemaphoreParker<>;
#else
using Parker = ConditionParker<>;
#endif

}  // namespace ferry::detail

#undef FERRY_SEMAPHORE
#undef FERRY_THREAD_SANITIZER
