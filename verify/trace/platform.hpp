// The channel's platform for recording: ferry::StandardPlatform, the same instructions and the same memory orders, but
// that each thread notes what it has seen in the channel's word. That is where the channel decides, and all that it
// decides lies in one order, so the notes of the threads can be put in order afterwards. To record takes no lock and
// writes nothing that another thread reads: it orders nothing.
//
// Blocks come back, so a block's address does not say which it was. Each is numbered when it is constructed: one more than
// that in which its installer claimed its slot. The number lies in the block's first atomic; whoever has claimed a slot in
// it may read it there, and the receiver, as long as it has not closed.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <type_traits>

#include <ferry/channel.hpp>

#include "../word.hpp"
#include "trace.hpp"

namespace traces {

/// What a thread has seen in the word during its call in progress; by the steps that are the linearization points in
/// spec/ChannelAlgorithm.tla's refinement mapping.
struct Seen {
    std::optional<Position> claim;  // SendClaim, and
    bool refused = false;           // whether that was closed
    std::optional<Position> look;   // where the receiver has last looked
    std::optional<Position> end;    // Close, DropLastSender
};
inline thread_local Seen seen;
inline thread_local unsigned number_of_next_block = 0;

/// A bug, to be recorded: of the step of that name the write is left out, or what it reads and writes is not one step.
struct Plant {
    enum class Kind { none, omitted, split } kind = Kind::none;
    std::string step;

    bool is(Kind k, const char* name) const { return kind == k && step == name; }
};
inline Plant plant;

/// Holds threads up at random between their steps, so that they meet in more ways. Each draws its own lots.
class Shaking {
  public:
    void seed(std::uint64_t seed, unsigned one_in) {
        lots_.seed(static_cast<std::uint_fast32_t>(seed));
        one_in_ = one_in;
    }
    std::uint_fast32_t lot(unsigned below) { return lots_() % below; }
    void maybe() {
        if (one_in_ == 0 || lot(one_in_) != 0) return;
        if (lot(4) != 0) return std::this_thread::yield();
        for (auto i = lot(256); i != 0; --i) ferry::detail::pause_processor();
    }

  private:
    std::minstd_rand lots_;
    unsigned one_in_ = 0;  // never
};
inline thread_local Shaking shaking;

/// The beginning of each atomic.
class Numbered {
  public:
    explicit Numbered() noexcept : self_(this), number_(number_of_next_block) {}
    static unsigned at(std::uint64_t address) {
        const auto* const head = reinterpret_cast<const Numbered*>(address);
        if (head->self_ == head) return head->number_;
        std::fputs("traces: a block that the word names is no longer there; or blocks do not begin with an atomic any more: see "
                   "verify/trace/platform.hpp\n", stderr);
        std::abort();
    }

  private:
    const Numbered* self_;
    unsigned number_;
};

template <class U, unsigned slots>
class Atomic : Numbered, ferry::detail::Atomic<U> {
    using Base = ferry::detail::Atomic<U>;
    using Name = ferry::Name;
    using Order = std::memory_order;
    static constexpr bool may_be_the_word = std::is_same_v<U, std::uint64_t>;

  public:
    Atomic(Name name, U value) noexcept : Base(name, value), is_the_word_(may_be_the_word && std::strcmp(name.text, "tail") == 0) {
        if (is_the_word_) number_of_next_block = 0;  // of a new channel
    }

    U load(Name step, Order order) const noexcept {
        shaking.maybe();
        return noted(step, Base::load(step, order));
    }
    void store(Name step, U value, Order order) noexcept {
        shaking.maybe();
        Base::store(step, value, order);
    }
    U exchange(Name step, U value, Order order) noexcept {
        return modified(step, value, [&] { return Base::exchange(step, value, order); });
    }
    U fetch_add(Name step, U n, Order order) noexcept {
        return modified(step, [&](U u) { return u + n; }, [&] { return Base::fetch_add(step, n, order); });
    }
    U fetch_sub(Name step, U n, Order order) noexcept {
        return modified(step, [&](U u) { return u - n; }, [&] { return Base::fetch_sub(step, n, order); });
    }
    U fetch_or(Name step, U bits, Order order) noexcept {
        return modified(step, [&](U u) { return u | bits; }, [&] { return Base::fetch_or(step, bits, order); });
    }
    U fetch_and(Name step, U bits, Order order) noexcept {
        return modified(step, [&](U u) { return u & bits; }, [&] { return Base::fetch_and(step, bits, order); });
    }
    bool compare_exchange(Name step, U& expected, U value, Order success, Order failure) noexcept {
        shaking.maybe();
        const bool done = Base::compare_exchange(step, expected, value, success, failure);
        noted(step, expected);  // what was there, either way
        return done;
    }
    template <class Predicate>
    U await(Name step, Predicate satisfied, Order order) const noexcept {
        shaking.maybe();
        return noted(step, Base::await(step, satisfied, order));
    }

  private:
    template <class After, class Operation>
    U modified(Name step, After after, Operation operation) noexcept {
        shaking.maybe();
        if (plant.is(Plant::Kind::omitted, step.text)) return noted(step, Base::load(step, std::memory_order::acquire));
        if (plant.is(Plant::Kind::split, step.text)) {
            const U before = Base::load(step, std::memory_order::acquire);
            std::this_thread::yield();
            if constexpr (std::is_invocable_v<After, U>) Base::store(step, static_cast<U>(after(before)), std::memory_order::release);
            return noted(step, before);
        }
        return noted(step, operation());
    }

    U noted(Name step, U value) const noexcept {
        if constexpr (may_be_the_word) {
            if (is_the_word_) note(step.text, value);
        }
        return value;
    }
    /// The call in progress has found `w` in the word, and may have replaced it.
    static void note(const char* step, std::uint64_t w) noexcept {
        using namespace verify;
        const auto is = [step](const char* name) { return std::strcmp(step, name) == 0; };
        const bool is_closed = w & word::closed;
        const unsigned ends = is_closed + ((w & word::done) != 0);
        if (is("SendClaim")) {
            seen.refused = is_closed;
            if (is_closed) return void(seen.claim = {ends});
            // Beyond, the claim means nothing, and the block may be gone.
            if (word::count(w) > slots) return;
            seen.claim = here(ends, w);
            number_of_next_block = seen.claim->block + 1;
        } else if (is("TryRecvLook") || is("ReceiverLook") || is("RecvPark") || is("RecvWithdraw") || is("RecvAwaitInstall")) {
            if (is_closed) return;
            seen.look = here(ends, w);
            // What is claimed behind the last slot may be taken back, for want of a block.
            seen.look->slot = std::min(seen.look->slot, slots);
        } else if (is("Close")) {
            seen.end = here(ends, w);
        } else if (is("DropLastSender")) {
            // After all claims that count: those were made through other handles, or this one.
            seen.end = {ends, ~0u, ~0u};
        }
    }
    static Position here(unsigned ends, std::uint64_t w) noexcept { return {ends, Numbered::at(verify::word::address(w)), verify::word::count(w)}; }

    bool is_the_word_;
};

/// What a receive is left with that is left by unwinding.
struct Unwound {};

/// While one lives, a receive of this thread may be left by unwinding: before it begins, and while it sleeps, whether or not
/// the token is there.
class Unwinding {
  public:
    Unwinding() {
        if (shaking.lot(4) == 0) throw Unwound();
        is_possible_ = true;
    }
    ~Unwinding() { is_possible_ = false; }
    Unwinding(const Unwinding&) = delete;
    static bool is_possible() { return is_possible_; }

  private:
    static inline thread_local bool is_possible_ = false;
};

class Parker : ferry::detail::Parker {
    using Base = ferry::detail::Parker;

  public:
    void park(ferry::Name step) {
        shaking.maybe();
        if (!Unwinding::is_possible()) return Base::park(step);
        const std::chrono::microseconds moment(shaking.lot(100));
        if (shaking.lot(2) == 0) {
            std::this_thread::sleep_for(moment);
        } else if (Base::park_until(step, std::chrono::steady_clock::now() + moment)) {
            return;
        }
        throw Unwound();
    }
    void take_token(ferry::Name step) {
        shaking.maybe();
        Base::take_token(step);
    }
    template <class TimePoint>
    bool park_until(ferry::Name step, const TimePoint& deadline) {
        shaking.maybe();
        return ferry::detail::Parker::park_until(step, deadline);
    }
    void unpark(ferry::Name step) {
        shaking.maybe();
        if (!plant.is(Plant::Kind::omitted, step.text)) ferry::detail::Parker::unpark(step);
    }
};

/// A receiver that spins before it parks, as the shipped one does, or parks at once.
class Pace : ferry::detail::Pace {
  public:
    static inline std::atomic<bool> spins{true};

    bool spin(unsigned taken, auto found) {
        return spins.load(std::memory_order::relaxed) && ferry::detail::Pace::spin(taken, found);
    }
};

/// Blocks of `slots`, the first one of `first_slots`.
template <unsigned slots, unsigned first_slots>
struct Platform : ferry::StandardPlatform {
    template <class U>
    using atomic = Atomic<U, slots>;
    using parker = Parker;
    using pace = Pace;
    using Unwinding = traces::Unwinding;
    using Unwound = traces::Unwound;

    template <class>
    static constexpr unsigned block_slots = slots;
    template <class>
    static constexpr unsigned first_block_slots = first_slots;

    static inline std::atomic<int> allocations_left{-1};  // then they fail; negative: never
    static inline std::atomic<int> live{0};

    static void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
        constexpr auto relaxed = std::memory_order::relaxed;
        int left = allocations_left.load(relaxed);
        while (left > 0 && !allocations_left.compare_exchange_weak(left, left - 1, relaxed)) {
        }
        if (left == 0) return nullptr;
        live.fetch_add(1, relaxed);
        return StandardPlatform::allocate(bytes, alignment);
    }
    static void deallocate(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
        live.fetch_sub(1, std::memory_order::relaxed);
        // A bug may well use memory that is gone; it is the trace that is to show it.
        if (plant.kind == Plant::Kind::none) StandardPlatform::deallocate(memory, bytes, alignment);
    }
};

}  // namespace traces
