// The parker: how a thread sleeps until another one wakes it, or until a deadline.
#pragma once

#include <chrono>
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
#include "deadline.hpp"
#include "name.hpp"

#if defined(__GLIBC__) && defined(__USE_GNU)
#if __GLIBC_PREREQ(2, 30)  // the first with sem_clockwait
#define FERRY_SEMAPHORE
#endif
#endif
#if !defined(FERRY_SEMAPHORE)
#include "condition_parker.hpp"
#endif

namespace ferry::detail {

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
