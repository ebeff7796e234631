// The atomics of the channel's platform under Relacy (platform.hpp). What each operation does here:
// - It announces itself (sleep_sets.hpp), lets the scheduler choose, and is then executed in one go and recorded.
// - Each piece of memory that the channel has is paired with a plain variable. To construct or destroy an atomic there
//   writes it, to use one reads it. Initialising an atomic is a plain write in C++ but a store to Relacy, which would not
//   notice a use that is not ordered after it; or one not ordered before the end; or a block that is handed from one life
//   to the next without synchronisation.
// - Planted bugs: one named step can be weakened, or left out, to see whether a search notices.
#pragma once

#include <csignal>
#include <string>
#include <string_view>

#include <ferry/detail/name.hpp>

#include "algorithm.hpp"
#include "follow_ring.hpp"
#include "journal.hpp"
#include "relacy.hpp"
#include "sleep_sets.hpp"
#include "stores.hpp"

namespace verify {

/// A bug to be found, at the step of that name: another memory order; or nothing is written or read, nobody is woken or
/// waited for; or a read-modify-write is a read, and later a write. And, at an await, what breaks the search itself: the
/// header spins, with steps or without; has an atomic where the search sees none; waits when all threads have ended;
/// crashes.
struct Plant {
    std::string step;
    std::optional<rl::memory_order> order;  // none: the step is left out, or split
    bool split = false;
    std::string breaks;  // the search: how
    bool met = false;

    bool is_at(const char* name) { return step == name && (met = true); }
    bool omits(const char* name) { return !order && !split && breaks.empty() && is_at(name); }
    bool breaks_by(std::string_view how, const char* name) { return breaks == how && is_at(name); }
    bool splits(const char* name) { return split && is_at(name); }
};
inline Plant plant;

inline const char* failure = "";  // what a check of ours said; Relacy's own errors are in its result

inline void fail(const char* what) {
    failure = what;
    rl::ctx().fail_test(what, rl::test_result_user_assert_failed, RL_INFO);
    std::abort();  // not reached: Relacy leaves the execution
}

/// The plain variable of each region of journal.regions.
inline std::optional<rl::var<int>> lives[max_regions];

/// The plain data that was accessed last: where a race is, if there is one.
struct Access {
    const char* what = "";
    Label where;
};
inline Access last_access;

[[noreturn]] inline void fail_at(const Label& where, const char* what) {
    journal.add(
        {.kind = Event::Kind::wait, .thread = static_cast<std::uint8_t>(this_thread()), .step = "in", .where = where});
    fail(what);
}

inline void lives_change(int region) {
    if (region < 0) return;
    last_access = {"beginning or end of memory in use", {"memory", region}};
    (*lives[region])(RL_INFO).store(1);
}

inline rl::memory_order relacy(std::memory_order order, const char* step) {
    if (plant.order && plant.is_at(step)) return *plant.order;
    switch (order) {
        case std::memory_order::relaxed: return rl::mo_relaxed;
        case std::memory_order::acquire: return rl::mo_acquire;
        case std::memory_order::release: return rl::mo_release;
        case std::memory_order::acq_rel: return rl::mo_acq_rel;
        default: fail("an order that the search does not know: see sleep_sets.hpp");
    }
}

/// How far a thread's send has come. A sender is to wake the receiver last: one that is woken before it can see the value
/// has not been woken for it, and would have to wait for a sender that may be anywhere.
enum class Delivery { none, begun, put, published };
inline Delivery deliveries[max_threads];

/// While one of these lives, what happens is one indivisible step.
class Indivisible {
  public:
    Indivisible() { rl::ctx().disable_preemption(); }
    ~Indivisible() { rl::ctx().enable_preemption(); }
    Indivisible(const Indivisible&) = delete;
};

/// Blocked threads under Relacy's own schedulers, which do not ask whether a step is enabled.
inline const void* waits_for[max_threads];

inline void wake_waiting(const void* written) {
    for (unsigned t = 0; t != max_threads; ++t) {
        if (waits_for[t] != written) continue;
        waits_for[t] = nullptr;
        rl::ctx().unpark_thread(static_cast<rl::thread_id_t>(t), false, RL_INFO);
    }
}

template <class U>
class Atomic {
  public:
    Atomic(ferry::Name name, U value) : label_(journal.regions.label(this, name.text)) {
        // Signals and the request to stop are the scenario's own (interpreter.hpp), and live as long as it.
        const std::string_view mine = name.text;
        if (label_.region < 0 && mine != "signal" && mine != "stop" && mine != "callbacks that have returned")
            fail_at(label_,
                    "an atomic outside of the memory that the platform has handed out: the search can't see its life");
        const Indivisible indivisible;
        lives_change(label_.region);
        value_.store(value, rl::mo_relaxed, RL_INFO);
        stores_.add(value);
    }

    ~Atomic() { lives_change(label_.region); }

    U load(ferry::Name step, std::memory_order order) const {
        return plant.omits(step.text) ? U{} : look(step.text, order);
    }

    void store(ferry::Name step, U value, std::memory_order order) {
        begin(step.text, Pending::Kind::write);
        const Indivisible indivisible;
        check_alive();
        if (plant.omits(step.text)) return;
        if (!stores_.is_newest_before(*rl::ctx().threadx_))
            fail(
                "a plain store that the newest one does not happen before: which order they are in is a choice that "
                "the search does not know (stores.hpp)");
        value_.store(value, relacy(order, step.text), RL_INFO);
        if (Delivery& mine = deliveries[this_thread()]; mine == Delivery::put) mine = Delivery::published;
        wrote(Event::Kind::write, step.text, order, value);
    }

    U exchange(ferry::Name step, U value, std::memory_order order) {
        return modify(step, value, order, [&](rl::memory_order o) { return value_.exchange(value, o, RL_INFO); });
    }
    U fetch_add(ferry::Name step, U n, std::memory_order order) {
        return modify(step, latest_after([&](U u) { return u + n; }), order,
                      [&](rl::memory_order o) { return value_.fetch_add(n, o, RL_INFO); });
    }
    U fetch_sub(ferry::Name step, U n, std::memory_order order) {
        return modify(step, latest_after([&](U u) { return u - n; }), order,
                      [&](rl::memory_order o) { return value_.fetch_sub(n, o, RL_INFO); });
    }
    U fetch_or(ferry::Name step, U bits, std::memory_order order) {
        return modify(step, latest_after([&](U u) { return u | bits; }), order,
                      [&](rl::memory_order o) { return value_.fetch_or(bits, o, RL_INFO); });
    }
    U fetch_and(ferry::Name step, U bits, std::memory_order order) {
        return modify(step, latest_after([&](U u) { return u & bits; }), order,
                      [&](rl::memory_order o) { return value_.fetch_and(bits, o, RL_INFO); });
    }

    bool compare_exchange(ferry::Name step, U& expected, U value, std::memory_order success,
                          std::memory_order failure) {
        if (plant.omits(step.text)) return true;
        const auto succeeds = [&] { return stores_.newest() == expected; };
        Pending& mine = begin_without_choice(step.text, Pending::Kind::write);
        mine.argument = &succeeds;
        mine.is_a_write = [](const void* argument) { return (*static_cast<const decltype(succeeds)*>(argument))(); };
        rl::ctx().sched();
        mine.is_a_write = nullptr;
        const Indivisible indivisible;
        check_alive();
        // A planted `acquire` or `release` weakens the success; `relaxed` the failure, where that orders something.
        const bool weakens_success = plant.order != rl::mo_relaxed;
        const bool orders_failure = failure != std::memory_order::relaxed && !weakens_success;
        const unsigned behind = stores_.choose([&](unsigned b) { return b == 0 || stores_.value(b) != expected; });
        if (behind != 0 || !succeeds()) {
            expected = read(step.text, failure, behind, orders_failure ? step.text : "");
            return false;
        }
        value_.exchange(value, relacy(success, orders_failure ? "" : step.text), RL_INFO);
        wrote(Event::Kind::exchange, step.text, success, value);
        return true;
    }

    /// No access to the value, but to the memory that it is in.
    void touch(const char* step) const {
        begin(step, Pending::Kind::read);
        check_alive();
        stores_.depends(false, label_.region);
    }

    template <class Predicate>
    U await(ferry::Name step, Predicate satisfied, std::memory_order order) const {
        if (plant.omits(step.text)) return look(step.text, order);
        while (plant.breaks_by("spins", step.text)) look("SpinRead", order);
        for (volatile bool on = true; on && plant.breaks_by("loops", step.text);) continue;
        if (plant.breaks_by("strays", step.text)) Atomic("stray", U{});
        if (plant.breaks_by("crashes", step.text)) std::raise(SIGSEGV);
        const bool never = threads_ended && plant.breaks_by("stuck", step.text);
        const auto suits = [&](unsigned behind) {
            return !never && static_cast<bool>(satisfied(stores_.value(behind)));
        };
        block_until(step.text, Pending::Kind::read, [&, me = rl::ctx().threadx_](bool by_the_newest) {
            return by_the_newest ? suits(0) : stores_.any(*me, suits);
        });
        const Indivisible indivisible;
        check_alive();
        return read(step.text, order, stores_.choose(suits));
    }

    /// Waits until the value is `expected`, and exchanges it in the same step.
    void await_and_exchange(ferry::Name step, U expected, U value, std::memory_order order) {
        block_until(step.text, Pending::Kind::write, [&](bool) { return stores_.newest() == expected; });
        const Indivisible indivisible;
        check_alive();
        value_.exchange(value, relacy(order, step.text), RL_INFO);
        wrote(Event::Kind::exchange, step.text, order, value);
    }

  private:
    static constexpr bool is_pointer = std::is_pointer_v<U>;

    static std::uint64_t bits(U value) {
        if constexpr (is_pointer) {
            return std::bit_cast<std::uintptr_t>(value);
        } else {
            return static_cast<std::uint64_t>(value);
        }
    }

    /// The new value, as a function of the one that was read.
    template <class F>
    struct After {
        F f;
    };
    template <class F>
    static After<F> latest_after(F f) {
        return {f};
    }
    template <class F>
    static U evaluate(const After<F>& after, U before) {
        return static_cast<U>(after.f(before));
    }
    static U evaluate(U value, U) { return value; }

    template <class New, class Operation>
    U modify(ferry::Name step, New after, std::memory_order order, Operation operation) {
        if (plant.omits(step.text)) return look(step.text, std::memory_order::acquire);
        std::optional<U> read_before;  // by what is to be one step, and is split
        if (plant.splits(step.text)) read_before = look("SplitRead", std::memory_order::acquire);
        begin(step.text, Pending::Kind::write);
        const Indivisible indivisible;
        check_alive();
        const U value = evaluate(after, read_before.value_or(stores_.newest()));
        const U before = read_before ? *read_before : operation(relacy(order, step.text));
        if (read_before) value_.exchange(value, relacy(order, step.text), RL_INFO);
        wrote(Event::Kind::exchange, step.text, order, value);
        return before;
    }

    Pending& begin_without_choice(const char* step, Pending::Kind kind) const {
        const auto address = reinterpret_cast<std::uintptr_t>(this);
        return pending[this_thread()] = {
                   .kind = kind, .begin = address, .end = address + sizeof *this, .step = step, .where = label_};
    }
    void begin(const char* step, Pending::Kind kind) const {
        begin_without_choice(step, kind);
        rl::ctx().sched();
    }
    /// A step that is not always enabled: `enabled(false)` says if it is, `enabled(true)` if it would be could it read only the
    /// newest store. Under Relacy's own schedulers, which do not ask, the thread is blocked, and looks again when the atomic
    /// is written.
    template <class Enabled>
    void block_until(const char* step, Pending::Kind kind, const Enabled& enabled) const {
        Pending& mine = begin_without_choice(step, kind);
        mine.argument = &enabled;
        mine.is_enabled = [](const void* argument, bool by_the_newest) {
            return (*static_cast<const Enabled*>(argument))(by_the_newest);
        };
        rl::ctx().sched();
        while (!enabled(false)) {
            check_alive();
            if (threads_ended) {
                journal.add({.kind = Event::Kind::wait,
                             .thread = static_cast<std::uint8_t>(this_thread()),
                             .step = step,
                             .where = label_});
                fail("DEADLOCK: the drop of what is left, when all threads have ended, waits for ever");
            }
            waits_for[this_thread()] = this;
            rl::ctx().park_current_thread(false, false, false, RL_INFO);
        }
        mine.is_enabled = nullptr;
    }
    void check_alive() const {
        if (label_.region < 0) return;
        last_access = {"use of memory that is not (or no longer) in use", label_};
        (void)(*lives[label_.region])(RL_INFO).load();
    }

    U look(const char* step, std::memory_order order) const {
        begin(step, Pending::Kind::read);
        const Indivisible indivisible;
        check_alive();
        return read(step, order, stores_.choose([](unsigned) { return true; }));
    }
    U read(const char* step, std::memory_order order, unsigned behind) const { return read(step, order, behind, step); }
    U read(const char* step, std::memory_order order, unsigned behind, const char* planted) const {
        stores_.depends(false, label_.region);
        read_behind = behind;
        const U value = value_.load(relacy(order, planted), RL_INFO);
        if (value != stores_.value(behind)) fail("the explorer's stores are not those that Relacy has");
        stores_.is_read(behind);
        record(Event::Kind::read, step, order, value, value);
        return value;
    }
    void wrote(Event::Kind kind, const char* step, std::memory_order order, U after) {
        const U before = stores_.newest();
        stores_.depends(true, label_.region);
        if (kind == Event::Kind::exchange) stores_.note_read(0);
        stores_.add(after);
        record(kind, step, order, before, after);
        wake_waiting(this);
    }
    void record(Event::Kind kind, const char* step, std::memory_order order, U before, U after) const {
        const Event event{.kind = kind,
                          .thread = static_cast<std::uint8_t>(this_thread()),
                          .is_pointer = is_pointer,
                          .stale = after != stores_.newest(),
                          .order = order,
                          .step = step,
                          .where = label_,
                          .before = bits(before),
                          .after = bits(after)};
        journal.add(event);
        algorithm.step(event);
        follower.step(event);
    }

    mutable rl::atomic<U> value_;
    mutable Stores<U> stores_;
    Label label_;
};

}  // namespace verify
