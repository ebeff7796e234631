// The announced platform: the standard one, with the same instructions and the same memory orders. But a director is
// told of each step of the algorithm, by its name, before and after it is taken, by the thread that takes it; and of
// every allocation. So a test can stop a thread between two instructions, a recipe of make stress can hold threads up,
// and a recorder can note what each call has seen in the channel's word (positions.hpp). A bug can be planted at each
// step (plant.hpp). Blocks are small, and memory is counted.
//
// It adds no ordering to the channel's own, because the director is read by a relaxed load, and memory is counted in
// relaxed counters. Under Relacy there is another platform: ../relacy/explored.hpp.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <mutex>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>

#include <ferry/platform.hpp>

#include "plant.hpp"
#include "positions.hpp"

namespace announced {

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

/// What the platform has allocated and not yet been given back, in all channels together.
struct Account {
    static inline std::atomic<std::size_t> allocations{0}, live{0}, live_bytes{0};
};

/// Memory that was given back is kept for a while, painted: whoever still writes to it spoils the paint. (A sanitizer
/// does so better, so this gets out of its way. And if a bug is planted, memory that is gone stays as it was: it is the
/// trace that is to show the bug.)
class Quarantine {
  public:
    static void put(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
#if defined(FERRY_TEST_SANITIZED)
        ferry::StandardPlatform::deallocate(memory, bytes, alignment);
#else
        const std::lock_guard lock(mutex_);
        if (!plant.is_there()) {
            std::memset(memory, paint, bytes);
            if (held_.size() == most_held) release_first();
        }
        held_.push_back({static_cast<unsigned char*>(memory), bytes, alignment});
#endif
    }
    /// Lets all of it go. False: some was written to.
    static bool is_unspoiled() noexcept {
        const std::lock_guard lock(mutex_);
        if (plant.is_there()) return true;
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
class Announcement {
  public:
    explicit Announcement(ferry::Name step, bool is_of_the_word = false)
        : director_(Director::present()), name_(step.text), is_of_the_word_(is_of_the_word) {
        if (director_ != nullptr) director_->before(name_);
    }
    Announcement(const Announcement&) = delete;
    Announcement& operator=(const Announcement&) = delete;
    ~Announcement() {
        if (director_ != nullptr) director_->after(name_);
    }
    void in_vain() const {
        if (director_ != nullptr) director_->in_vain(name_);
    }

    const char* step() const { return name_; }
    bool is_of_the_word() const { return is_of_the_word_; }

  private:
    Director* director_;
    const char* name_;
    bool is_of_the_word_;
};

struct Anonymous {
    explicit Anonymous() noexcept = default;
};

/// `slots`: of a block, if it is the channel's word; 0: the channel is bounded.
template <class U, unsigned slots = 1>
class Atomic : std::conditional_t<std::is_pointer_v<U>, Numbered, Anonymous>, ferry::detail::Atomic<U> {
    using Base = ferry::detail::Atomic<U>;
    using Name = ferry::Name;
    using Order = std::memory_order;
    using Kind = Plant::Kind;

  public:
    Atomic(Name name, U value) noexcept : Base(name, value), is_the_word_(std::string_view(name.text) == "tail") {
        if (is_the_word_) full_block = 0;  // of a new channel
    }

    U load(Name step, Order order) const {
        const Announcement announcement(step, is_the_word_);
        if (is_the_word_) seen.word = this;
        return noted(announcement, in_order(step, order, [&](Order o) { return Base::load(step, o); }));
    }
    void store(Name step, U value, Order order) {
        const Announcement announcement(step, is_the_word_);
        if (plant.is(Kind::omitted, step.text)) return;
        in_order(step, order, [&](Order o) { Base::store(step, value, o); });
    }
    U exchange(Name step, U value, Order order) {
        return modified(step, order, [&](U) { return value; }, [&](Order o) { return Base::exchange(step, value, o); });
    }
    U fetch_add(Name step, U n, Order order) {
        return modified(step, order, [&](U u) { return u + n; }, [&](Order o) { return Base::fetch_add(step, n, o); });
    }
    U fetch_sub(Name step, U n, Order order) {
        return modified(step, order, [&](U u) { return u - n; }, [&](Order o) { return Base::fetch_sub(step, n, o); });
    }
    U fetch_or(Name step, U bits, Order order) {
        return modified(
            step, order, [&](U u) { return u | bits; }, [&](Order o) { return Base::fetch_or(step, bits, o); });
    }
    U fetch_and(Name step, U bits, Order order) {
        return modified(
            step, order, [&](U u) { return u & bits; }, [&](Order o) { return Base::fetch_and(step, bits, o); });
    }
    bool compare_exchange(Name step, U& expected, U value, Order success, Order failure) {
        const Announcement announcement(step, is_the_word_);
        if (plant.is(Kind::split, step.text)) {
            const U before = noted(announcement, Base::load(step, Order::acquire));
            announcement.in_vain();
            std::this_thread::yield();
            if (before == expected) return Base::store(step, value, Order::release), true;
            expected = before;
            return false;
        }
        const bool is_relaxed = plant.is(Kind::relaxed, step.text);
        const bool done = is_relaxed ? Base::compare_exchange(step, expected, value, Order::relaxed, Order::relaxed)
                                     : Base::compare_exchange(step, expected, value, success, failure);
        noted(announcement, expected, done);  // what was there, either way
        return done;
    }
    template <class Predicate>
    U await(Name step, Predicate satisfied, Order order) const {
        const Announcement announcement(step, is_the_word_);
        if (plant.is(Kind::omitted, step.text)) return noted(announcement, Base::load(step, order));
        const auto look = [&](U value) {
            if (satisfied(value)) return true;
            announcement.in_vain();
            return false;
        };
        return noted(announcement, in_order(step, order, [&](Order o) { return Base::await(step, look, o); }));
    }

  private:
    /// Two calls, so that the compiler knows the order of each: one that it does not know it takes for the strongest.
    template <class Operation>
    static auto in_order(Name step, Order order, Operation operation) {
        return plant.is(Kind::relaxed, step.text) ? operation(Order::relaxed) : operation(order);
    }
    template <class After, class Operation>
    U modified(Name step, Order order, After after, Operation operation) {
        const Announcement announcement(step, is_the_word_);
        if (plant.is(Kind::omitted, step.text)) return noted(announcement, Base::load(step, Order::acquire));
        if (plant.is(Kind::split, step.text)) {
            const U before = Base::load(step, Order::acquire);
            announcement.in_vain();  // whoever directs may let another thread go on here
            std::this_thread::yield();
            Base::store(step, static_cast<U>(after(before)), Order::release);
            return noted(announcement, before);
        }
        return noted(announcement, in_order(step, order, operation));
    }
    /// Static, because the channel may be gone after its last step.
    static U noted(const Announcement& announcement, U value, bool has_replaced = true) {
        if constexpr (std::is_same_v<U, std::uint64_t>) {
            if (!announcement.is_of_the_word()) return value;
            if constexpr (slots == 0) {
                note_in_ring(announcement.step(), value, has_replaced);
            } else {
                note(announcement.step(), value, slots);
            }
        }
        return value;
    }

    friend class Mutex;  // has the lock, so it may read the word again: nothing is claimed meanwhile

    bool is_the_word_;
};

class Parker : ferry::detail::Parker {
    using Base = ferry::detail::Parker;

  public:
    void park(ferry::Name step) {
        sleep(step, [&] { Base::park(step); });
    }
    void take_token(ferry::Name step) noexcept {
        if (plant.is(Plant::Kind::omitted, step.text)) return;
        sleep(step, [&] { Base::take_token(step); });
    }
    template <class TimePoint>
    bool park_until(ferry::Name step, const TimePoint& deadline) {
        const Announcement announcement(step);
        const bool woken = Base::park_until(step, deadline);
        if (woken) has_token();
        return woken;
    }
    void unpark(ferry::Name step) {
        const Announcement announcement(step);
        if (plant.is(Plant::Kind::omitted, step.text)) return;
        if (Director* const director = Director::present()) director->before_wake();
        Base::unpark(step);
        if (Director* const director = Director::present()) director->after_wake();
    }
    void release(ferry::Name step) {
        const Announcement announcement(step);
        if (plant.is(Plant::Kind::omitted, step.text)) return;
        if (Director* const director = Director::present()) director->before_wake();
        Base::release(step);
        if (Director* const director = Director::present()) director->after_wake();
    }

  private:
    static void sleep(ferry::Name step, auto until_woken) {
        const Announcement announcement(step);
        if (Director* const director = Director::present()) director->before_sleep();
        until_woken();
        has_token();
    }
    static void has_token() {
        seen.look.reset();  // something has come since, so the call has to look again
        if (Director* const director = Director::present()) director->after_sleep();
    }
};

/// Counts how often it is taken, with the lock held.
class Mutex : ferry::detail::Mutex {
    using Base = ferry::detail::Mutex;
    using Word = Atomic<std::uint64_t, 0>;

  public:
    void lock(ferry::Name step) {
        const Announcement announcement(step);
        if (plant.is(Plant::Kind::omitted, step.text)) return;
        Base::lock(step);
        seen.turn = ++turns_;
        seen.has_lock = true;
    }
    void unlock(ferry::Name step) {
        const Announcement announcement(step);
        if (step.text == std::string_view("JoinUnlock")) {
            // Before a close, because a closed channel has no line.
            const auto w = static_cast<const Word*>(seen.word)->Word::Base::load(step, std::memory_order::relaxed);
            seen.waits = {0, static_cast<unsigned>(w / (verify::word::flags + 1)), seen.turn};
        }
        seen.has_lock = false;
        seen.refused = true;  // the receiver may have said so under the lock, or will
        Base::unlock(step);
    }

  private:
    unsigned turns_ = 0;
};

/// Does not spin before it parks, so that threads park often and a director is not told of a hundred looks; unless
/// it is told to spin as the shipped one does.
class Pace : ferry::detail::Pace {
  public:
    static inline std::atomic<bool> spins{false};

    bool spin(unsigned taken, auto found) {
        return spins.load(std::memory_order::relaxed) && ferry::detail::Pace::spin(taken, found);
    }
};

class SenderPace : ferry::detail::SenderPace {
  public:
    bool spin(std::size_t capacity, auto found) {
        return Pace::spins.load(std::memory_order::relaxed) && ferry::detail::SenderPace::spin(capacity, found);
    }
};

/// Blocks of `slots`, the first one of `first_slots`; none: for bounded channels.
template <unsigned slots, unsigned first_slots = slots>
struct Platform : ferry::StandardPlatform {
    template <class U>
    using atomic = Atomic<U, slots>;
    using parker = Parker;
    using pace = Pace;
    using mutex = Mutex;
    using sender_pace = SenderPace;
    using stop_source = std::stop_source;
    static constexpr std::size_t capacity_to_note = 2;

    template <class>
    static constexpr unsigned block_slots = slots;
    template <class>
    static constexpr unsigned first_block_slots = first_slots;

    static inline std::atomic<int> allocations_left{-1};  // then they fail; negative: never

    static void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
        constexpr auto relaxed = std::memory_order::relaxed;
        Account::allocations.fetch_add(1, relaxed);
        int left = allocations_left.load(relaxed);
        while (left > 0 && !allocations_left.compare_exchange_weak(left, left - 1, relaxed)) {
        }
        Director* const director = Director::present();
        if (left == 0 || (director != nullptr && !director->has_memory())) return nullptr;
        void* const memory = StandardPlatform::allocate(bytes, alignment);
        Account::live.fetch_add(1, relaxed);
        Account::live_bytes.fetch_add(bytes, relaxed);
        return memory;
    }
    static void deallocate(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
        Account::live.fetch_sub(1, std::memory_order::relaxed);
        Account::live_bytes.fetch_sub(bytes, std::memory_order::relaxed);
        Quarantine::put(memory, bytes, alignment);
    }
};

}  // namespace announced
