// A platform on which a test can direct the channel: it is told of every step of the algorithm before and after it is
// taken, by the thread that takes it, and of every allocation. So an interleaving that happens once in a million runs
// is a test that happens every time.
//
// Without a director it is the standard platform with small blocks and an account of its memory. It adds no ordering
// to the channel's own: the director is read by a relaxed load, and the account is kept in relaxed counters.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <ferry/platform.hpp>
#include <mutex>
#include <string_view>
#include <utility>

namespace harness {

/// Tells threads what to do at the channel's steps. All of these are called by the threads that take the steps.
class Director {
  public:
    Director() { current_.store(this, std::memory_order::release); }
    Director(const Director&) = delete;
    Director& operator=(const Director&) = delete;
    virtual ~Director() { current_.store(nullptr, std::memory_order::release); }

    virtual void before(std::string_view) {}
    virtual void after(std::string_view) {}
    /// An await has looked, and has to look again.
    virtual void in_vain(std::string_view) {}
    /// A thread sleeps on the channel's parker; or leaves a token there, for the one that sleeps or is going to.
    virtual void before_sleep() {}
    virtual void after_sleep() {}
    virtual void before_wake() {}
    virtual void after_wake() {}
    /// Whether there is memory for an allocation.
    virtual bool has_memory() { return true; }

    /// The director, if there is one.
    static Director* present() noexcept { return current_.load(std::memory_order::relaxed); }

  private:
    static inline std::atomic<Director*> current_{nullptr};
};

/// The word that this thread's latest claim of a slot found: the block, and how many of its slots had been claimed.
inline thread_local std::uint64_t latest_claim = 0;

/// What the platform has allocated and not yet been given back, in all channels together.
struct Account {
    static inline std::atomic<std::size_t> allocations{0}, live{0}, live_bytes{0}, peak_bytes{0};
};

/// Memory that was given back is kept for a while, painted: whoever still writes to it spoils the paint. (What a
/// sanitizer does better; so where there is one, this gets out of its way.)
class Quarantine {
  public:
    static void put(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
#if defined(FERRY_TEST_SANITIZED)
        ferry::StandardPlatform::deallocate(memory, bytes, alignment);
#else
        std::memset(memory, paint, bytes);
        const std::lock_guard lock(mutex_);
        if (held_.size() == most_held) release_first();
        held_.push_back({static_cast<unsigned char*>(memory), bytes, alignment});
#endif
    }
    /// Lets all of it go. False: some was written to.
    static bool is_unspoiled() noexcept {
        const std::lock_guard lock(mutex_);
        while (!held_.empty()) release_first();
        return !std::exchange(spoiled_, false);
    }

  private:
    struct Held {
        unsigned char* memory;
        std::size_t bytes, alignment;
    };
    static void release_first() noexcept {
        const Held first = held_.front();
        held_.pop_front();
        if (std::any_of(first.memory, first.memory + first.bytes, [](unsigned char c) { return c != paint; }))
            spoiled_ = true;
        ferry::StandardPlatform::deallocate(first.memory, first.bytes, first.alignment);
    }

    static constexpr unsigned char paint = 0xdd;
    static constexpr std::size_t most_held = 64;
    static inline std::mutex mutex_;
    static inline std::deque<Held> held_;
    static inline bool spoiled_ = false;
};

/// Tells the director of a step's beginning and, at the end of the scope, of its end.
class Announced {
  public:
    explicit Announced(ferry::Name step) : director_(Director::present()), name_(step.text) {
        if (director_ != nullptr) director_->before(name_);
    }
    Announced(const Announced&) = delete;
    Announced& operator=(const Announced&) = delete;
    ~Announced() {
        if (director_ != nullptr) director_->after(name_);
    }
    void in_vain() const {
        if (director_ != nullptr) director_->in_vain(name_);
    }

  private:
    Director* director_;
    const char* name_;
};

template <class U>
class StagedAtomic : ferry::detail::Atomic<U> {
    using Base = ferry::detail::Atomic<U>;
    using Name = ferry::Name;
    using Order = std::memory_order;

  public:
    using Base::Base;

    U load(Name step, Order order) const { return Announced(step), Base::load(step, order); }
    void store(Name step, U value, Order order) {
        const Announced announced(step);
        Base::store(step, value, order);
    }
    U exchange(Name step, U value, Order order) { return Announced(step), Base::exchange(step, value, order); }
    U fetch_add(Name step, U value, Order order) {
        const Announced announced(step);
        const U before = Base::fetch_add(step, value, order);
        latest_claim = std::uint64_t{before};
        return before;
    }
    U fetch_sub(Name step, U value, Order order) { return Announced(step), Base::fetch_sub(step, value, order); }
    U fetch_or(Name step, U bits, Order order) { return Announced(step), Base::fetch_or(step, bits, order); }
    U fetch_and(Name step, U bits, Order order) { return Announced(step), Base::fetch_and(step, bits, order); }
    bool compare_exchange(Name step, U& expected, U value, Order success, Order failure) {
        return Announced(step), Base::compare_exchange(step, expected, value, success, failure);
    }
    template <class Predicate>
    U await(Name step, Predicate satisfied, Order order) const {
        const Announced announced(step);
        const auto look = [&](U value) {
            if (satisfied(value)) return true;
            announced.in_vain();
            return false;
        };
        return Base::await(step, look, order);
    }
};

class StagedParker : ferry::detail::Parker {
  public:
    void park(ferry::Name step) {
        sleep(step, [&] { Parker::park(step); });
    }
    void take_token(ferry::Name step) noexcept {
        sleep(step, [&] { Parker::take_token(step); });
    }
    template <class TimePoint>
    bool park_until(ferry::Name step, const TimePoint& deadline) {
        const Announced announced(step);
        const bool woken = Parker::park_until(step, deadline);
        if (Director* const director = Director::present(); director != nullptr && woken) director->after_sleep();
        return woken;
    }
    void unpark(ferry::Name step) {
        const Announced announced(step);
        if (Director* const director = Director::present()) director->before_wake();
        Parker::unpark(step);
        if (Director* const director = Director::present()) director->after_wake();
    }

  private:
    static void sleep(ferry::Name step, auto until_woken) {
        const Announced announced(step);
        if (Director* const director = Director::present()) director->before_sleep();
        until_woken();
        if (Director* const director = Director::present()) director->after_sleep();
    }
};

/// Does not spin before it parks, so that tests park often, and a director is not told of a hundred looks.
struct NoPace {
    bool spin(unsigned, auto) { return false; }
};

template <unsigned slots, unsigned first_slots = slots>
struct StagedPlatform : ferry::StandardPlatform {
    template <class U>
    using atomic = StagedAtomic<U>;
    using parker = StagedParker;
    using pace = NoPace;

    template <class>
    static constexpr unsigned block_slots = slots;
    template <class>
    static constexpr unsigned first_block_slots = first_slots;

    static void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
        constexpr auto relaxed = std::memory_order::relaxed;
        Account::allocations.fetch_add(1, relaxed);
        if (Director* const director = Director::present(); director != nullptr && !director->has_memory())
            return nullptr;
        void* const memory = StandardPlatform::allocate(bytes, alignment);
        Account::live.fetch_add(1, relaxed);
        const std::size_t now = Account::live_bytes.fetch_add(bytes, relaxed) + bytes;
        std::size_t peak = Account::peak_bytes.load(relaxed);
        while (peak < now && !Account::peak_bytes.compare_exchange_weak(peak, now, relaxed)) {
        }
        return memory;
    }
    static void deallocate(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
        Account::live.fetch_sub(1, std::memory_order::relaxed);
        Account::live_bytes.fetch_sub(bytes, std::memory_order::relaxed);
        Quarantine::put(memory, bytes, alignment);
    }
};

}  // namespace harness
