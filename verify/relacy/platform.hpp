// The channel's platform on top of the Relacy Race Detector: the same names as ferry::StandardPlatform, so that the
// header that is shipped is the header that is explored. What each operation does here:
// - It announces itself (sleep_sets.hpp), lets the scheduler choose, and is then executed in one go and recorded.
// - Each piece of memory that the channel has is paired with a plain variable. To construct or destroy an atomic there
//   writes it, to use one reads it. Initialising an atomic is a plain write in C++ but a store to Relacy, which would not
//   notice a use that is not ordered after it; or one not ordered before the end; or a block that is handed from one life
//   to the next without synchronisation.
// - The token of a parker is an atomic: `unpark` releases, `park` acquires, and that is all the synchronisation that the
//   channel may rely on. A second token on top of a first is an error: each parking is woken once.
// - A deadline passes at an arbitrary moment: the timed wait takes the token if there is one, at whatever later time.
// - Planted bugs: one named step can be weakened, or left out, to see whether a search notices.
#pragma once

#include <ferry/channel.hpp>

#include "follow.hpp"
#include "journal.hpp"
#include "relacy.hpp"
#include "sleep_sets.hpp"
#include "stores.hpp"

namespace verify {

/// A bug to be found, at the step of that name: another memory order; or nothing is written or read, nobody is woken or
/// waited for; or a read-modify-write is a read, and later a write.
struct Plant {
    std::string step;
    std::optional<rl::memory_order> order;  // none: the step is left out, or split
    bool split = false;
    bool met = false;

    bool is_at(const char* name) { return step == name && (met = true); }
    bool omits(const char* name) { return !order && !split && is_at(name); }
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
        if (stores_.count() != 1)
            fail(
                "a plain store after others: which order they are in is a choice that the search does not know "
                "(stores.hpp)");
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
        // A planted order is that of the failure, where it orders something: then it is the one that is needed, and the
        // success has it only because it may not be weaker.
        const bool orders_failure = failure != std::memory_order::relaxed;
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
        const auto suits = [&](unsigned behind) { return static_cast<bool>(satisfied(stores_.value(behind))); };
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
        follower.step(event);
    }

    mutable rl::atomic<U> value_;
    mutable Stores<U> stores_;
    Label label_;
};

template <class U>
class Plain {
  public:
    Plain(U value) : value_(value) {}
    Plain& operator=(U value) {
        last_access = {"plain data, written", {}};
        value_(RL_INFO).store(value);
        return *this;
    }
    operator U() const {
        last_access = {"plain data, read", {}};
        return value_(RL_INFO).load();
    }
    U operator->() const
        requires std::is_pointer_v<U>
    {
        return *this;
    }
    Plain& operator++() { return *this = static_cast<U>(U{*this} + 1); }

  private:
    rl::var<U> value_;
};

template <class T>
class Cell {
  public:
    void put(T&& value) {
        if (is_full() != 0) fail("a value is put where another one is (S1)");
        full_(RL_INFO).store(1);
        if (Delivery& mine = deliveries[this_thread()]; mine == Delivery::begun) mine = Delivery::put;
        std::construct_at(reinterpret_cast<T*>(room_), std::move(value));
    }
    ~Cell() {
        if (is_full() != 0) fail("memory ends while a value, or what a move left of one, is in it (S3)");
    }
    T& get() {
        if (is_full() != 1) fail("a value is taken where none is: taken twice, or before it was there (S1)");
        return *std::launder(reinterpret_cast<T*>(room_));
    }
    void destroy() {
        std::destroy_at(&get());
        full_(RL_INFO).store(0);
    }

  private:
    int is_full() {
        last_access = {"the value in a slot", label_};
        return full_(RL_INFO).load();
    }

    alignas(T) std::byte room_[sizeof(T)];
    rl::var<int> full_{0};  // whether a T lives here
    Label label_ = journal.regions.label(this, "value");
};

/// What a receive is left with that is left by unwinding.
struct Unwound {};

/// While one lives, a receive of this thread may be left by unwinding at any moment: before it begins, while it spins, and
/// while it sleeps, whether or not the token is there.
class Unwinding {
  public:
    Unwinding() {
        maybe();
        is_possible_[this_thread()] = true;
    }
    ~Unwinding() { is_possible_[this_thread()] = false; }
    Unwinding(const Unwinding&) = delete;

    static bool is_possible() { return is_possible_[this_thread()]; }
    static void maybe() {
        if (rl::ctx().rand(2, rl::sched_type_user) != 0) now();
    }
    [[noreturn]] static void now() {
        Event event{.kind = Event::Kind::call, .thread = static_cast<std::uint8_t>(this_thread())};
        std::snprintf(event.text, sizeof event.text, "  unwinds");
        journal.add(event);
        graph.reads(this_thread(), ~std::uint64_t{0});  // not a read, but a choice, too
        throw Unwound();
    }
    static void forget() { is_possible_.fill(false); }

  private:
    static inline std::array<bool, max_threads> is_possible_{};
};

class Parker {
  public:
    inline static bool is_slow = false;  // a wake-up takes one more step, which costs a search much

    void park(ferry::Name step) {
        if (!Unwinding::is_possible()) return take_token(step);
        Unwinding::maybe();
        if (!token_.exchange(step, false, std::memory_order::acquire)) Unwinding::now();
    }
    void take_token(ferry::Name step) {
        if (plant.omits(step.text)) return;
        token_.await_and_exchange(step, true, false, std::memory_order::acquire);
    }
    template <class TimePoint>
    bool park_until(ferry::Name step, const TimePoint&) {
        return token_.exchange(step, false, std::memory_order::acquire);
    }
    void unpark(ferry::Name step) {
        if (plant.omits(step.text)) return;
        const Delivery mine = deliveries[this_thread()];
        if (mine == Delivery::begun || mine == Delivery::put) fail("a wake-up before the value is ready (S10)");
        if (token_.exchange(step, true, std::memory_order::release))
            fail("a stray token: the receiver is woken twice for one parking");
        // The real one is not through yet: it lets go of its lock, and notifies. The parker must live that long (B21).
        if (is_slow) token_.touch("notify");
    }

  private:
    Atomic<bool> token_{"token", false};
};

/// To spin is, in general, to be scheduled later; so the receiver looks no more often than it is told to. What it
/// knows of its pace is plain data: as many threads as hand the receiver on must be ordered.
class Pace {
  public:
    inline static unsigned looks = 0;

    template <class Found>
    bool spin(unsigned taken, Found found) {
        if (Unwinding::is_possible()) Unwinding::maybe();
        (void)unsigned{taken_};
        taken_ = taken;
        for (unsigned i = 0; i != looks; ++i) {
            if (found()) return true;
        }
        return false;
    }

  private:
    Plain<unsigned> taken_{0};
};

/// Blocks of `slots`, the first one of `first_slots`.
template <unsigned slots, unsigned first_slots>
struct Platform {
    template <class U>
    using atomic = Atomic<U>;
    template <class U>
    using plain = Plain<U>;
    template <class T>
    using cell = Cell<T>;
    using parker = Parker;
    using pace = Pace;
    using Unwinding = verify::Unwinding;
    using Unwound = verify::Unwound;

    inline static int allocations_left = -1;  // then they fail; negative: never

    static void* allocate(std::size_t bytes, std::size_t) noexcept {
        if (allocations_left == 0) return nullptr;
        if (allocations_left > 0) --allocations_left;
        void* const memory = rl::rl_malloc(bytes, RL_INFO);
        if (journal.regions.find(reinterpret_cast<std::uintptr_t>(memory)) >= 0)
            dependences.mine().join(dependences.freed);
        lives[journal.regions.add(memory, bytes)].emplace();
        return memory;
    }

    static void deallocate(void* memory, std::size_t bytes, std::size_t) {
        const auto begin = reinterpret_cast<std::uintptr_t>(memory);
        if (!journal.regions.is(begin, bytes)) fail("memory is given back that was not had, or of another size");
        const Label label{"memory", journal.regions.find(begin), 0};
        pending[this_thread()] = {
            .kind = Pending::Kind::write, .begin = begin, .end = begin + bytes, .step = "free", .where = label};
        rl::ctx().sched();
        dependences.frees(label.region);
        journal.add({.kind = Event::Kind::free,
                     .thread = static_cast<std::uint8_t>(this_thread()),
                     .step = "free",
                     .where = label});
        lives_change(label.region);
        lives[label.region].reset();
        journal.regions.end(memory);
        rl::rl_free(memory, RL_INFO);
    }

    [[noreturn]] static void fatal(const char* message) { fail(message); }

    template <class>
    static constexpr unsigned block_slots = slots;
    template <class>
    static constexpr unsigned first_block_slots = first_slots;
    static constexpr std::size_t padding = 1;
};

}  // namespace verify
