// The channel's platform on top of the Relacy Race Detector: the same names as ferry::StandardPlatform, so that the
// header that is shipped is the header that is explored. Its atomics are in atomic.hpp. Of the rest:
// - The token of a parker is an atomic: `unpark` releases, `park` acquires, and that is all the synchronisation that the
//   channel may rely on. A second token on top of a first is an error: each parking is woken once.
// - A deadline passes at an arbitrary moment: the timed wait takes the token if there is one, at whatever later time.
#pragma once

#include <ferry/sync_channel.hpp>

#include "atomic.hpp"
#include "stopping.hpp"

namespace verify {

template <class U>
class Plain {
  public:
    Plain(U value) : value_(static_cast<Printed>(value)) {}
    Plain& operator=(U value) {
        last_access = {"plain data, written", {}};
        value_(RL_INFO).store(static_cast<Printed>(value));
        return *this;
    }
    operator U() const {
        last_access = {"plain data, read", {}};
        return static_cast<U>(value_(RL_INFO).load());
    }
    U operator->() const
        requires std::is_pointer_v<U>
    {
        return *this;
    }
    Plain& operator++() { return *this = static_cast<U>(U{*this} + 1); }

  private:
    using Printed = std::conditional_t<std::is_enum_v<U>, std::underlying_type<U>, std::type_identity<U>>::type;
    rl::var<Printed> value_;  // Relacy prints it
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

/// What a call is left with that is left by unwinding.
struct Unwound {};

/// While one lives, a call of this thread may be left by unwinding at any moment: before it begins, while it spins, and
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

    /// The real one lets go of its lock last.
    void release(ferry::Name step) {
        if (plant.omits(step.text)) return;
        if (token_.exchange(step, true, std::memory_order::release)) fail("a stray token: a sender is answered twice");
    }

  private:
    Atomic<bool> token_{"token", false};
};

class Mutex {
  public:
    void lock(ferry::Name step) { is_locked_.await_and_exchange(step, false, true, std::memory_order::acquire); }
    void unlock(ferry::Name step) { is_locked_.store(step, false, std::memory_order::release); }

  private:
    Atomic<bool> is_locked_{"lock", false};
};

/// What a thread has on its stack, where other threads use it: memory whose end is a step.
template <class U, class P>
class Local {
  public:
    template <class... Arguments>
    explicit Local(std::in_place_t, Arguments&&... arguments)
        : object_(::new(P::allocate(sizeof(U), alignof(U))) U(std::forward<Arguments>(arguments)...)) {}
    ~Local() {
        std::destroy_at(object_);
        P::deallocate(object_, sizeof(U), alignof(U));
    }
    Local(const Local&) = delete;
    U& operator*() { return *object_; }

  private:
    U* object_;
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

/// A sender looks as often before it joins the line as a receiver before it parks.
class SenderPace {
  public:
    template <class Found>
    bool spin(std::size_t, Found found) {
        if (Unwinding::is_possible()) Unwinding::maybe();
        for (unsigned i = 0; i != Pace::looks; ++i) {
            if (found()) return true;
        }
        return false;
    }
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
    using stop_source = StopSource;
    using stop_token = StopToken;
    template <class Callback>
    using stop_callback = StopCallback<Callback>;
    using pace = Pace;
    using mutex = Mutex;
    template <class U>
    using local = Local<U, Platform>;
    using sender_pace = SenderPace;
    static constexpr std::size_t capacity_to_note = 2;
    using Unwinding = verify::Unwinding;
    using Unwound = verify::Unwound;

    inline static int allocations_left = -1;  // then they fail; negative: never
    inline static std::size_t alignments[max_regions];

    static void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
        if (allocations_left == 0) return nullptr;
        if (allocations_left > 0) --allocations_left;
        void* const memory = rl::rl_malloc(bytes, RL_INFO);
        if (journal.regions.find(reinterpret_cast<std::uintptr_t>(memory)) >= 0)
            dependences.mine().join(dependences.freed);
        const auto region = journal.regions.add(memory, bytes);
        lives[region].emplace();
        alignments[region] = alignment;
        algorithm.allocates(this_thread(), region);
        return memory;
    }

    static void deallocate(void* memory, std::size_t bytes, std::size_t alignment) {
        const auto begin = reinterpret_cast<std::uintptr_t>(memory);
        if (!journal.regions.is(begin, bytes)) fail("memory is given back that was not had, or of another size");
        const Label label{"memory", journal.regions.find(begin), 0};
        if (alignments[label.region] != alignment) fail("memory is given back with another alignment");
        pending[this_thread()] = {
            .kind = Pending::Kind::write, .begin = begin, .end = begin + bytes, .step = "free", .where = label};
        rl::ctx().sched();
        dependences.frees(label.region);
        journal.add({.kind = Event::Kind::free,
                     .thread = static_cast<std::uint8_t>(this_thread()),
                     .step = "free",
                     .where = label});
        algorithm.frees(this_thread(), label.region);
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
