// What the channel needs of the machine it runs on, and the standard provider of it.
//
// The channel takes its platform as a template parameter, so that the source that is shipped is the source
// that is verified: verify/relacy/platform.hpp provides the same names on top of the Relacy Race Detector.
// (The idea: folly's `Atom` parameter, tokio's `loom` switch.)
//
// A platform P has
//   P::atomic<U>            an atomic U. It is told its name, and with every operation the name of the step of the
//                           algorithm that this is; `await` returns once the predicate holds of the value, and never deadlocks a
//                           machine with fewer processors than threads
//   P::plain<U>             a U that is shared but never accessed by two threads at once
//   P::cell<T>              room for one T, filled and emptied by hand, never accessed by two threads at once
//   P::parker               a binary semaphore: park waits for the token and takes it, unpark leaves it
//   P::pace                 how long a receiver that finds nothing goes on looking before it parks
//   P::allocate/deallocate  memory; allocate returns null where there is none
//   P::fatal                ends the process with a message
//   P::block_slots<T>, P::first_block_slots<T>, P::padding   sizes
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

namespace ferry {

/// The name of an atomic variable, or of a step of the algorithm (one atomic instruction, or one operation on the
/// parker). The standard platform ignores it; a verifying platform reports it, and can weaken the step that it names.
struct Name {
    const char* text;
    consteval Name(const char* literal) : text(literal) {}
};

namespace detail {

inline void pause_processor() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    asm volatile("yield");
#endif
}

/// Asks for memory that is about to be written: the cache lines are taken away from the processor that has them while this
/// one still does other things. Reads and writes nothing. (By name, for compilers make it an instruction that asks for reading
/// unless they know the machine. Every 64-bit x86 takes it, the oldest as one that does nothing.)
inline void prefetch_for_writing(const void* memory, std::size_t bytes) noexcept {
    constexpr std::size_t line = 64;
    for (std::size_t offset = 0; offset < bytes; offset += line) {
        const std::byte* const at = static_cast<const std::byte*>(memory) + offset;
#if defined(__x86_64__)
        asm volatile("prefetchw %0" : : "m"(*at));
#else
        __builtin_prefetch(at, 1);
#endif
    }
}

/// Waiting for a thread that is between two of its instructions: a few pauses, then the processor is given away,
/// then short sleeps. The thread that is waited for may have been preempted, and must get a processor to go on.
class Backoff {
  public:
    void wait() noexcept {
        if (round_ < pauses) {
            for (unsigned i = 0; i != 1u << round_; ++i) pause_processor();
        } else if (round_ < pauses + yields) {
            std::this_thread::yield();
        } else {
            std::this_thread::sleep_for(std::chrono::microseconds(50));
            return;
        }
        ++round_;
    }

  private:
    static constexpr unsigned pauses = 4, yields = 64;
    unsigned round_ = 0;
};

template <class U>
class Atomic {
  public:
    constexpr Atomic(Name, U value) noexcept : value_(value) {}

    U load(Name, std::memory_order order) const noexcept { return value_.load(order); }
    void store(Name, U value, std::memory_order order) noexcept { value_.store(value, order); }
    U exchange(Name, U value, std::memory_order order) noexcept { return value_.exchange(value, order); }
    U fetch_add(Name, U value, std::memory_order order) noexcept { return value_.fetch_add(value, order); }
    U fetch_sub(Name, U value, std::memory_order order) noexcept { return value_.fetch_sub(value, order); }
    U fetch_or(Name, U bits, std::memory_order order) noexcept { return value_.fetch_or(bits, order); }
    U fetch_and(Name, U bits, std::memory_order order) noexcept { return value_.fetch_and(bits, order); }
    bool compare_exchange(Name, U& expected, U value, std::memory_order success, std::memory_order failure) noexcept {
        return value_.compare_exchange_strong(expected, value, success, failure);
    }

    template <class Predicate>
    U await(Name, Predicate satisfied, std::memory_order order) const noexcept {
        for (Backoff backoff;; backoff.wait()) {
            const U value = value_.load(order);
            if (satisfied(value)) return value;
        }
    }

  private:
    std::atomic<U> value_;
};

template <class T>
class Cell {
  public:
    void put(T&& value) noexcept { std::construct_at(reinterpret_cast<T*>(room_), std::move(value)); }
    T& get() noexcept { return *std::launder(reinterpret_cast<T*>(room_)); }
    void destroy() noexcept { std::destroy_at(&get()); }

  private:
    alignas(T) std::byte room_[sizeof(T)];
};

/// In floating point seconds, which can't overflow, however far apart the two are.
template <class Clock, class A, class B>
std::chrono::duration<double> time_between(const std::chrono::time_point<Clock, A>& from, const std::chrono::time_point<Clock, B>& to) {
    return std::chrono::duration<double>(to.time_since_epoch()) - std::chrono::duration<double>(from.time_since_epoch());
}

/// One waiter at a time. A mutex and a condition variable, because both have deadlines on every clock, are
/// understood by every sanitizer, and (unlike std::binary_semaphore in the libraries in use) never lose a token.
class Parker {
  public:
    void park(Name) {
        std::unique_lock lock(mutex_);
        while (!token_) condition().wait(lock);
        token_ = false;
    }

    /// False: the deadline has passed, by its own clock, and there was no token.
    template <class Clock, class Duration>
    bool park_until(Name, const std::chrono::time_point<Clock, Duration>& deadline) {
        using namespace std::chrono;
        // Far deadlines are waited for in slices: adding to or converting a huge one would overflow (S13). Near ones are exact.
        constexpr auto slice = hours(1);
        std::unique_lock lock(mutex_);
        while (!token_) {
            const auto now = Clock::now();
            const auto left = time_between(now, deadline);
            if (left > slice) {
                condition().wait_until(lock, now + slice);
            } else if (left > -slice && deadline > now) {
                condition().wait_until(lock, deadline);
            } else {
                return false;
            }
        }
        token_ = false;
        return true;
    }

    void unpark(Name) {
        std::unique_lock lock(mutex_);
        token_ = true;
        if (!condition_) return;
        // Outside the lock, so that the woken thread does not run into it. The channel outlives this call: the
        // caller still holds its handle.
        lock.unlock();
        condition_->notify_one();
    }

  private:
    /// With the lock held. Made when it is waited for, for many a channel ends before anybody has to.
    std::condition_variable& condition() { return condition_ ? *condition_ : condition_.emplace(); }

    std::mutex mutex_;
    std::optional<std::condition_variable> condition_;
    bool token_ = false;
};

/// A receiver that finds nothing backs off, for looking again at once only takes the cache line away from a sender at work.
/// It first pauses for a while that grows with its last run of values, so that a stream comes in runs, in which the two do
/// not meet. (A value that comes after a run may thus lie there for as long as the longest pause.) Then it looks on; then it
/// gives the processor away between its looks; then it is time to park.
///
/// How long it looks on is what competitive spinning says (Karlin, Li, Manasse, Owicki, 1991): about as long as to be woken
/// would take, but only where that pays, which it does if a value came soon after the last parking. (Two who wait for each
/// other and once park in turn would do so for ever: each is woken too late for the other, who has parked meanwhile.) Where it
/// came late, the kernel does better with a receiver that sleeps by the time at which its sender does: it wakes it on the same
/// processor.
///
/// What a yield does, it learns from the time that it takes. If another thread ran meanwhile, it is the sender perhaps: the
/// processor is given away at once the next time. If that took long, the other is busy with something else, and would be so
/// the next time: then it is better to park, for the kernel lets a thread that is woken run before one that has yielded.
class Pace {
    using Clock = std::chrono::steady_clock;

  public:
    /// Looks on for a while. False: nothing came, it is time to park. The receiver has taken `taken` values in all, so far.
    template <class Look>
    bool look_on(unsigned taken, Look found) noexcept {
        const unsigned run = taken - std::exchange(taken_, taken);
        if (!shares_processor_ || run >= longest_run) {
            pause(std::clamp(pauses_for_a_value * run, 1u, longest_run));
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
        for (unsigned pauses = 1;; pauses = std::min(2 * pauses, longest_pause)) {
            pause(pauses);
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
        if (gone >= short_parking) looks_without_yielding_ = 128;
    }

    // A pause takes a few to 60 nanoseconds, by the processor.
    static constexpr unsigned pauses_for_a_value = 4, longest_run = 256, longest_pause = 4;
    static constexpr unsigned hand_overs_between_parkings = 128;
    static constexpr std::chrono::nanoseconds before_yielding{500}, a_mere_yield{500};
    static constexpr std::chrono::microseconds patience{100}, short_parking{200};

    bool parked_ = false, is_patient_ = false, shares_processor_ = false;
    unsigned looks_without_yielding_ = 0, hand_overs_ = 0;
    unsigned taken_ = 0;  // where the last run began
    Clock::time_point gave_up_{};
};

}  // namespace detail

/// Threads, atomics and memory of the C++ standard library.
struct StandardPlatform {
    template <class U>
    using atomic = detail::Atomic<U>;
    template <class U>
    using plain = U;
    template <class T>
    using cell = detail::Cell<T>;
    using parker = detail::Parker;
    using pace = detail::Pace;

    static void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
        return alignment > __STDCPP_DEFAULT_NEW_ALIGNMENT__ ? ::operator new(bytes, std::align_val_t(alignment), std::nothrow)
                                                            : ::operator new(bytes, std::nothrow);
    }

    static void deallocate(void* memory, std::size_t, std::size_t alignment) noexcept {
        // Not `?:`, which clang 19 compiles to both calls.
        if (alignment > __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
            ::operator delete(memory, std::align_val_t(alignment));
        } else {
            ::operator delete(memory);
        }
    }

    [[noreturn]] static void fatal(const char* message) noexcept {
        std::fprintf(stderr, "ferry: %s\n", message);
        std::abort();
    }

    /// A block is a page at the most, or 32 slots. Fewer make installing frequent (30: half the speed with four senders).
    /// Both are multiples of eight for the values that the channel groups by eight.
    template <class T>
    static constexpr unsigned block_slots = std::clamp<unsigned>(4000 / (sizeof(T) + 1) / 8 * 8, 32, 248);
    /// The block inside the channel itself: enough for a reply or a few, small enough to be cheap to make.
    template <class T>
    static constexpr unsigned first_block_slots = sizeof(T) <= 16 ? 16 : sizeof(T) <= 64 ? 8 : 4;
    /// Keeps what the senders write, what the receiver writes and what neither writes on cache lines of their own.
    static constexpr std::size_t padding = 64;
};

}  // namespace ferry
