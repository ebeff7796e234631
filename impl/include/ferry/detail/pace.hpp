// How long threads spin, and when they yield, sleep or park. The algorithm is correct with any pace: nothing here is
// verified, and a platform may replace it.
#pragma once

#include <chrono>
#include <thread>
#include <utility>

#include "cancellation.hpp"
#include "lean.hpp"

namespace ferry::detail {

/// A hint to the processor that this thread spins. Takes 3 to 60 nanoseconds, by the processor.
inline void pause_processor() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    asm volatile("yield");
#endif
}

/// The wait for a thread that is between two of its instructions: a few pauses, then yields, then short sleeps. The
/// thread that is waited for may have been preempted, and needs a processor to go on.
class Backoff {
  public:
    void wait() noexcept {
        if (round_ < pauses) {
            for (unsigned i = 0; i != 1u << round_; ++i) pause_processor();
        } else if (round_ < pauses + yields) {
            std::this_thread::yield();
        } else {
            const Uncancellable uncancellable;
            std::this_thread::sleep_for(std::chrono::microseconds(50));
            return;
        }
        ++round_;
    }

  private:
    static constexpr unsigned pauses = 4, yields = 64;
    unsigned round_ = 0;
};

/// How a receiver that finds nothing spins before it parks. stress/bench/README.md has a table of the constants below:
/// what each of them buys, measured.
///
/// The receiver first pauses, because a look takes the cache line away from a sender at work. The first pause is as long
/// as the run before it (the values that came without a wait in between), so that the two threads of a stream seldom
/// touch the same line. Its cost: a value that comes after a run may wait for as long as the longest first pause.
///
/// Then the receiver looks, pausing between its looks; later it yields between its looks; then it parks. It spins for
/// as long as a wake-up takes, which is competitive spinning (Karlin, Li, Manasse, Owicki, 1991); but only if a value
/// came soon after its last parking. This patience keeps two threads that answer each other from parking in turn for
/// ever: each would be woken too late for the other, which has parked meanwhile. Where values come late, the receiver
/// parks soon, because spinning for them takes processor time and gains nothing.
///
/// The receiver learns from the time that a yield takes:
/// - no time: no other thread wanted this processor;
/// - a short time: another thread ran, perhaps the sender, so the receiver yields at once the next time;
/// - a long time: the other thread is busy with something else, so the receiver does not yield for a while, because the
///   kernel lets a thread that it wakes run sooner than one that has yielded.
/// Two threads that hand one processor over to each other park now and then, because the kernel looks for an idle
/// processor when it wakes a thread, and seldom when one yields.
class Pace {
    using Clock = std::chrono::steady_clock;
    using ns = std::chrono::nanoseconds;
    using us = std::chrono::microseconds;

    static constexpr unsigned longest_first_pause = 256;  // in pauses of the processor
    static constexpr unsigned long_run = 256;             // then the sender waits for no answer: no yield is due
    static constexpr ns before_yielding{500};             // a value that comes at once costs no call of the kernel
    static constexpr ns a_mere_yield{500};                // tells a yield to no thread from one to another thread
    static constexpr us patience{100};                    // as long as a wake-up takes
    static constexpr us short_parking{200};               // tells values that come soon from those that come late
    static constexpr unsigned hand_overs_between_parkings = 128;
    static constexpr unsigned looks_after_a_slow_yield = 128;

  public:
    /// Spins for a while. Returns false when nothing has come and it is time to park. `taken`: how many values the
    /// receiver has taken in all.
    template <class Found>
    bool spin(unsigned taken, Found found) {
        const unsigned run = taken - std::exchange(taken_, taken);
        if (!shares_processor_ || run >= long_run) {
            pause(within(1u, run, longest_first_pause));
        } else if (run <= 1 && ++hand_overs_ % hand_overs_between_parkings == 0) {
            shares_processor_ = false;
            return give_up(Clock::now());
        } else {
            yield();
        }
        if (found()) return true;
        const auto begin = Clock::now();
        if (std::exchange(parked_, false)) is_patient_ = run != 0 && begin - gave_up_ < short_parking;
        if (looks_without_yielding_ != 0) --looks_without_yielding_;
        for (;;) {
            pause_processor();
            if (found()) return true;
            const auto now = Clock::now();
            if (now - begin < before_yielding && !shares_processor_) continue;
            if (!is_patient_ || looks_without_yielding_ != 0 || now - begin >= patience) return give_up(now);
            yield();
            if (found()) return true;
        }
    }

  private:
    static void pause(unsigned times) noexcept {
        for (unsigned i = 0; i != times; ++i) pause_processor();
    }

    bool give_up(Clock::time_point now) noexcept {
        parked_ = true;
        gave_up_ = now;
        return false;
    }

    void yield() noexcept {
        const auto begin = Clock::now();
        std::this_thread::yield();
        const auto gone = Clock::now() - begin;
        shares_processor_ = a_mere_yield < gone && gone < short_parking;
        if (gone >= short_parking) looks_without_yielding_ = looks_after_a_slow_yield;
    }

    bool parked_ = false, is_patient_ = false, shares_processor_ = false;
    unsigned looks_without_yielding_ = 0, hand_overs_ = 0;
    unsigned taken_ = 0;  // where the last run began
    Clock::time_point gave_up_{};
};

}  // namespace ferry::detail
