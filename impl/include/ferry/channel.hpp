// ferry: a channel with the semantics of Rust's std::sync::mpsc. Many senders, one receiver, unbounded; `send` moves
// the value's ownership; the stream ends when the last sender is dropped. The statements S1..S29 are in the README.
//
// The algorithm ("one word", class detail::Core) is a linked list of blocks of slots, in which everything that the
// threads have to agree on is one 64-bit word. Where its parts come from: a fetch-and-add claims a slot, as in LCRQ
// (Morrison and Afek, 2013); blocks whose last slot's owner installs the next, as in crossbeam's and tokio's
// unbounded lists; the ready flag beside the value; Rust's clone/drop protocol for the count of senders.
// Each atomic instruction bears the name of a step, and says which other step its memory order pairs with.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <memory>
#include <new>
#include <numeric>
#include <optional>
#include <type_traits>
#include <utility>

#include "platform.hpp"

namespace ferry {

/// `send` failed: the receiver is gone or has closed. The value comes back (S8).
template <class T>
struct SendError {
    explicit SendError(T&& refused) noexcept : value(std::move(refused)) {}
    T value;
};

/// `recv` failed: nothing is left, and nothing can come any more. Final (S11).
enum class RecvError { disconnected };
/// `try_recv` failed. `empty`: nothing is there now (S12).
enum class TryRecvError { empty, disconnected };
/// `recv_for` or `recv_until` failed. `timeout`: nothing came before the deadline (S13).
enum class RecvTimeoutError { timeout, disconnected };

/// A block of memory lies beyond the 48 bits of address that the channel's word has room for. Thrown where
/// std::bad_alloc may be, and like it leaves the channel as it was.
class AddressTooWide : public std::bad_alloc {
  public:
    const char* what() const noexcept override { return "ferry: memory beyond 48 bits of address"; }
};

template <class T, class Platform>
class Sender;
template <class T, class Platform>
class Receiver;

namespace detail {

inline constexpr auto relaxed = std::memory_order::relaxed;
inline constexpr auto acquire = std::memory_order::acquire;
inline constexpr auto release = std::memory_order::release;
inline constexpr auto acq_rel = std::memory_order::acq_rel;

/// What there is at the receiver's position. `own`: a value that this very thread is sending, in a call around this one.
enum class Seen { value, empty, disconnected, own };

/// An object that does nothing.
struct Nothing {
    explicit Nothing(const auto&) noexcept {}
    static constexpr bool owes_drop = false;
};

/// A send in the middle of which the thread runs code that is not the channel's: the allocator, or the value's move
/// constructor. `at`: the slot that it has claimed, as the channel's word has it.
class Unfinished {
  public:
    template <bool runs>
    using If = std::conditional_t<runs, Unfinished, Nothing>;
    explicit Unfinished(std::uint64_t at) noexcept : at_(at), outer_(std::exchange(innermost_, this)) {}
    Unfinished(const Unfinished&) = delete;
    ~Unfinished() { innermost_ = outer_; }
    /// The one of this thread at that slot, or null.
    static Unfinished* find(std::uint64_t at) noexcept {
        Unfinished* u = innermost_;
        while (u != nullptr && u->at_ != at) u = u->outer_;
        return u;
    }

    bool owes_drop = false;  // of the receiver, which could not destroy the value that is being sent

  private:
    static inline constinit thread_local Unfinished* innermost_ = nullptr;
    std::uint64_t at_;
    Unfinished* outer_;
};

/// What the handles of a channel share. Freed by the side that leaves last.
///
/// `tail_` holds: the address of the newest block; how many of its slots have been claimed; three flags. It is only
/// ever changed by read-modify-writes, so all claims, parkings, closings and the end of the stream lie in one total
/// order, and each of them sees exactly what came before it. (It is also why nothing needs sequential consistency: a
/// store that releases stays the head of a release sequence through all later read-modify-writes.)
///
/// Only the owners of its slots and its one installer ever touch a block, and all of them say when they are through
/// (`ready`, `next`), so the receiver may destroy it once it has acquired these: no other reclamation is needed.
template <class T, class P>
class Core {
    // The messages of these are for people: a requirement, and its reason.
    static_assert(std::is_object_v<T> && !std::is_const_v<T> && !std::is_array_v<T>, "ferry: a channel carries objects");
    static_assert(std::is_nothrow_move_constructible_v<T>,
                  "ferry: T must be nothrow-move-constructible: a value on its way can't be given back (S25)");
    static_assert(std::is_nothrow_destructible_v<T>,
                  "ferry: T must be nothrow-destructible: the channel destroys what is left (S25)");

    template <class U>
    using atomic = typename P::template atomic<U>;
    template <class U>
    using plain = typename P::template plain<U>;
    using Word = std::uint64_t;

    static constexpr unsigned slot_count = P::template block_slots<T>;
    static constexpr unsigned first_slot_count = P::template first_block_slots<T>;
    static_assert(1 <= first_slot_count && first_slot_count <= slot_count && slot_count <= 4096);

    using Cell = typename P::template cell<T>;
    struct Ready : atomic<bool> {  // the value is there: its sender has finished with this block
        Ready() noexcept : atomic<bool>("ready", false) {}
    };
    /// Slots lie in memory in groups, flags before values: a flag beside a small value would take as much room as the
    /// value. Large ones stand alone: in groups of eight, values of 1 KiB took twice the time.
    static constexpr unsigned group_slots = sizeof(T) >= 64 ? 1 : std::gcd(std::gcd(slot_count, first_slot_count), 8u);
    // What a sender asks for beforehand. Of very large values only the beginning: all of 16 KiB took longer than none of it.
    static constexpr unsigned groups_ahead = 2;
    static constexpr std::size_t bytes_ahead = 1024;
    struct alignas((std::max)({alignof(Ready), alignof(Cell), std::size_t{8}})) Group {
        Ready ready[group_slots];
        Cell values[group_slots];
    };
    /// What a block is known by; its groups lie before it.
    struct alignas(Group) Block {
        atomic<Block*> next{"next", nullptr};  // the installer has finished with this block
    };

    // The word. Low to high: three flags, in the bits that the alignment of blocks leaves free; the address; the count.
    static constexpr Word parked = 1;  // the receiver sleeps, or is about to: whoever clears this wakes it
    static constexpr Word closed = 2;  // the receiver is gone or has closed: claims no longer count. Never cleared
    static constexpr Word done = 4;    // the last sender is gone. Never cleared
    static constexpr Word flags = parked | closed | done;
    static constexpr unsigned count_shift = 48;
    static constexpr Word one_slot = Word{1} << count_shift;
    static constexpr Word address = one_slot - 1 - flags;
    // Each thread adds at most one claim between two installations, so the count stays below slots + threads; a
    // process with half of this many threads in `send` at once ends loudly, long before the count can run over.
    static constexpr unsigned crowd_limit = 1u << 15;

    static Block* block(Word w) noexcept {
        const std::uintptr_t at = w & (address & UINTPTR_MAX);  // a cast would be useless where a pointer has 64 bits
        return std::bit_cast<Block*>(at);
    }
    static unsigned count(Word w) noexcept { return static_cast<unsigned>(w >> count_shift); }
    static Word pack(Block* b, unsigned n) noexcept { return std::bit_cast<std::uintptr_t>(b) | n * one_slot; }

    static constexpr std::size_t room(unsigned n) noexcept { return n / group_slots * sizeof(Group); }
    static constexpr std::size_t bytes(unsigned n) noexcept { return room(n) + sizeof(Block); }

    /// A block with fewer slots serves the last ones of a whole block, so slot i is found in the same way in both. (And at
    /// a distance from the block that is known beforehand but for i: a longer way costs as much as half a locked instruction.)
    static Group& group(Block* b, unsigned i) noexcept {
        const std::ptrdiff_t all = slot_count / group_slots;
        return reinterpret_cast<Group*>(b)[i / group_slots - all];
    }
    static Ready& ready(Block* b, unsigned i) noexcept { return group(b, i).ready[i % group_slots]; }
    static Cell& cell(Block* b, unsigned i) noexcept { return group(b, i).values[i % group_slots]; }

    /// A block's beginning and end. Nobody else can see it yet, or any more: nothing here is an atomic operation.
    static Block* construct_block(void* memory, unsigned n) noexcept {
        std::uninitialized_default_construct_n(static_cast<Group*>(memory), n / group_slots);
        return ::new (static_cast<std::byte*>(memory) + room(n)) Block;
    }
    static void* destroy_block(Block* b, unsigned n) noexcept {
        void* const memory = reinterpret_cast<std::byte*>(b) - room(n);
        std::destroy_at(b);
        std::destroy_n(static_cast<Group*>(memory), n / group_slots);
        return memory;
    }

    static_assert(noexcept(P::allocate(0, 0)), "ferry: Platform::allocate returns null where there is no memory");
    /// The addresses of all blocks in it fit into the word.
    static bool is_usable(void* memory, std::size_t size) noexcept {
        return memory != nullptr && ((Word{std::bit_cast<std::uintptr_t>(memory)} + size) & ~address) == 0;
    }
    /// Where exceptions are switched off, the process ends with the message.
    template <class Exception>
    [[noreturn]] static void fail([[maybe_unused]] const char* message) {
#if defined(__cpp_exceptions)
        throw Exception();
#else
        P::fatal(message);
#endif
    }
    [[noreturn]] static void refuse(void* memory, std::size_t size, std::size_t alignment) {
        if (memory == nullptr) fail<std::bad_alloc>("out of memory");
        P::deallocate(memory, size, alignment);
        fail<AddressTooWide>("memory beyond 48 bits of address");
    }

  public:
    static Core* create() {
        void* const memory = P::allocate(sizeof(Core), alignof(Core));
        if (!is_usable(memory, sizeof(Core))) refuse(memory, sizeof(Core), alignof(Core));
        return ::new (memory) Core;
    }
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    // ---- the senders' side --------------------------------------------------------------------------------------

    /// True: `value` was moved from. False: closed. Throws if a block is needed and can't be had. Where it does not
    /// return true, `value` is as it was.
    bool send(T& value) {
        for (;;) {
            // The linearization point of a send. Acquires the block's beginning from InstallPublish, and what the
            // receiver did before Close.
            const Word w = tail_.fetch_add("SendClaim", one_slot, acquire);
            Block* b = block(w);
            unsigned i = count(w);
            // Once closed, the claims mean nothing and nobody reads their count: it may run over.
            if (w & closed) [[unlikely]] return false;
            if (i >= slot_count) [[unlikely]] {
                if (i != slot_count) {
                    await_install(w);
                    continue;
                }
                b = install(w);
                i = 0;
            }
            const bool owes_drop = put(b, i, value);
            // The receiver's processor has the next slots from when it took what was in them the last time. To get them
            // here takes as long as several sends: values of 64 to 256 bytes would take up to twice the time.
            if (const unsigned soon = i + groups_ahead * group_slots; i % group_slots == 0 && soon < slot_count) {
                prefetch_for_writing(&group(b, soon), (std::min)(sizeof(Group), bytes_ahead));
            }
            // Releases the value, and the block, to RecvReady and RecvAwaitReady.
            ready(b, i).store("SendReady", true, release);
            if (w & parked) [[unlikely]] wake();
            if (owes_drop) [[unlikely]] destroy_rest();
            return true;
        }
    }

    /// Every later send is refused.
    bool is_closed() const noexcept {
        // Acquires what the receiver did before Close.
        return tail_.load("SenderLook", acquire) & closed;
    }

    /// Relaxed: a new handle reaches another thread by other means, which order it after its original.
    void clone_sender() noexcept { senders_.fetch_add("CloneSender", 1, relaxed); }

    void drop_sender() noexcept {
        // Releases what was done with this handle to the one that drops the last; the last acquires it.
        if (senders_.fetch_sub("DropSender", 1, acq_rel) != 1) return;
        // The end of the stream. Releases what all senders did to RecvPark, RecvWithdraw, TryRecvLook and Close (S21).
        if (tail_.fetch_or("DropLastSender", done, release) & parked) wake();
        leave();
    }

    // ---- the receiver's side: one thread at a time ----------------------------------------------------------------

    /// Never waits for a send that has not begun.
    Seen look() noexcept {
        if (is_ready()) return Seen::value;
        // Acquires what the senders did from DropLastSender. That a send which happens-before this call is seen needs
        // no order, it is coherence (S12).
        return settle(end_ != 0 ? Word{end_} : tail_.load("TryRecvLook", acquire));
    }

    /// Waits for a value or the end.
    Seen wait() {
        if (is_ready()) [[likely]] return Seen::value;
        return wait_on([](typename P::parker& parker) { return parker.park("RecvSleep"), true; }, [] { return false; });
    }
    /// The same, or until the deadline has passed; then `empty`.
    template <class Clock, class Duration>
    Seen wait_until(const std::chrono::time_point<Clock, Duration>& deadline) {
        if (is_ready()) [[likely]] return Seen::value;
        return wait_on([&](typename P::parker& parker) { return parker.park_until("RecvSleepUntil", deadline); },
                       [&] { return detail::time_between(Clock::now(), deadline).count() <= 0; });
    }

    /// What the next receive reports is the end. Never waits.
    bool is_over() const noexcept {
        // Acquires what the senders did from DropLastSender.
        const Word w = end_ != 0 ? Word{end_} : tail_.load("ReceiverLook", acquire);
        return (w & done) && (w & ~flags) == position();
    }

    /// After Seen::value: the value, moved into a Result, whose first constructor argument is std::in_place. What T's move
    /// constructor and destructor call on this channel finds the value taken.
    template <class Result>
    Result take() noexcept {
        const typename Taking::template If<runs_code> taking(*this);
        const Emptied taken{next_cell()};
        // Made where it is to stay, not moved there: a class that converts from anything makes compilers ask without end
        // whether a std::expected of it can be moved (clang 19 with libstdc++ 12).
        return Result(std::in_place, std::move(taken.cell.get()));
    }

    void close() noexcept {
        if (end_ != 0) return;
        // Fixes which claims count. Acquires from DropLastSender; releases what the receiver did to the refused send.
        Word w = tail_.fetch_or("Close", closed, acq_rel);
        if (Block* const full = block(w); count(w) > slot_count) {
            if (Unfinished::find(pack(full, slot_count)) != nullptr) refuse_to_wait();
            // A sender is installing a block, or will fail to: what it claimed comes first in the next block, or
            // not at all. Orders nothing: the block is acquired on the way to it.
            w = tail_.await("CloseAwaitInstall", [full](Word now) { return block(now) != full; }, relaxed);
            w = block(w) != nullptr ? pack(block(w), 1) : pack(full, slot_count);
        }
        end_ = (w & ~flags) | done;
    }

    /// Destroys what is left, and frees all memory but the core itself: none of it waits for the senders to leave.
    void drop_receiver() noexcept {
        close();
        destroy_rest();
    }

  private:
    static constexpr bool moves_by_code = !std::is_trivially_move_constructible_v<T>;
    static constexpr bool runs_code = moves_by_code || !std::is_trivially_destructible_v<T>;

    Core() noexcept
        : tail_("tail", pack(first(), slot_count - first_slot_count)), head_(first()), taken_(slot_count - first_slot_count) {
        construct_block(first_, first_slot_count);
    }
    ~Core() { destroy_block(first(), first_slot_count); }

    /// The side that comes second frees the channel. Acquire and release: its last touches come after the other's.
    void leave() noexcept {
        if (one_side_left_.exchange("Leave", 1, acq_rel) == 0) return;
        this->~Core();
        P::deallocate(this, sizeof(Core), alignof(Core));
    }

    /// True: the value's move constructor has dropped the receiver.
    static bool put(Block* b, unsigned i, T& value) noexcept {
        const typename Unfinished::template If<moves_by_code> unfinished(pack(b, i));
        cell(b, i).put(std::move(value));
        return unfinished.owes_drop;
    }

    /// Several senders may have seen the receiver parked; the one that clears the flag wakes it. Orders nothing: the
    /// parker does.
    void wake() noexcept {
        if (tail_.fetch_and("WakeClaim", ~parked, relaxed) & parked) parker_.unpark("Wake");
    }

    /// Claiming the slot behind the last one makes a sender the block's installer: the only one, until `tail_` moves on.
    /// The new block, whose first slot is the installer's.
    [[gnu::noinline]] Block* install(Word claim) {
        Block* const full = block(claim);
        Word w = claim + one_slot;  // what `tail_` holds, if nobody has come since
        // Acquires the end of the block's earlier life from RecvRecycle.
        void* memory = spare_.exchange("InstallTakeSpare", nullptr, acquire);
        if (memory == nullptr) {
            const Unfinished unfinished(pack(full, slot_count));
            memory = P::allocate(bytes(slot_count), alignof(Block));
        }
        if (!is_usable(memory, bytes(slot_count))) [[unlikely]] {
            // All claims behind the last slot are taken back, so that the next to come becomes the installer (S24).
            // Once closed there is none, and Close may be waiting: no block at all tells it. Orders nothing.
            while (!tail_.compare_exchange("InstallGiveUp", w,
                                           w & closed ? w & flags : pack(full, slot_count) | (w & flags), relaxed, relaxed)) {
            }
            refuse(memory, bytes(slot_count), alignof(Block));
        }
        Block* const fresh = construct_block(memory, slot_count);
        // Releases the block to SendClaim. The flags stay: the receiver may have parked before the claim, or closed since.
        while (!tail_.compare_exchange("InstallPublish", w, pack(fresh, 1) | (w & flags), release, relaxed)) {
        }
        // Releases both blocks to RecvNext and RecvAwaitNext. The last touch of the full block.
        full->next.store("InstallLink", fresh, release);
        return fresh;
    }

    /// For who claimed even further behind, while another sender installs.
    [[gnu::noinline]] void await_install(Word claim) {
        if (count(claim) >= crowd_limit) P::fatal("more than 32,000 threads are inside send");
        // An allocator that sends on the channel that it allocates for would wait for itself.
        if (Unfinished::find(pack(block(claim), slot_count)) != nullptr) {
            fail<std::bad_alloc>("an allocator sends on the channel that it allocates for");
        }
        // Orders nothing: it is the next claim that counts.
        tail_.await("SendAwaitInstall", [](Word now) { return count(now) <= slot_count || (now & closed); }, relaxed);
    }

    /// Where nothing was ready at a first look. By itself, so that the way of a value that is there stays short.
    /// Parks by `sleep`, which returns false if a deadline has passed, and does not spin any more once `is_late`. Both may
    /// be left by unwinding: by a clock that throws, or because the thread is cancelled (S27).
    template <class Sleep, class IsLate>
    [[gnu::noinline]] Seen wait_on(Sleep sleep, IsLate is_late) {
        do {
            bool ready = false;
            const auto found = [&] { return (ready = is_ready()) || is_late(); };
            if (!is_late() && pace_.look_on(passed_ + taken_, found) && ready) return Seen::value;
            bool expired = false;
            Word w = position();
            if (end_ != 0) {
                w = end_;
            } else if (tail_.compare_exchange("RecvPark", w, w | parked, acquire, acquire)) {
                // Nothing was claimed, and whoever changes that sees that it has to wake. (Failure acquires what the
                // senders did from DropLastSender. Success need not, but compilers refuse a failure that is stronger.)
                Parking parking{this};
                const bool woken = sleep(parker_);
                parking.left = nullptr;
                if (woken) continue;
                w = withdraw();
                if ((w & parked) == 0) continue;
                expired = true;
            }
            const Seen seen = settle(w);
            if (seen == Seen::own) refuse_to_wait();
            if (seen != Seen::empty || expired) return seen;
        } while (!is_ready());
        return Seen::value;
    }

    /// Takes the parking back, because the wait ends otherwise than by a wake-up. What the word was.
    Word withdraw() noexcept {
        // Acquires from DropLastSender.
        const Word w = tail_.fetch_and("RecvWithdraw", ~parked, acquire);
        // A waker was faster. Its token is on the way, and must not be left behind.
        if ((w & parked) == 0) parker_.take_token("RecvTakeToken");
        return w;
    }
    struct Parking {
        Core* left;  // by unwinding; null: not so
        ~Parking() {
            if (left != nullptr) left->withdraw();
        }
    };

    Word position() const noexcept { return pack(head_, taken_); }

    /// Whether there is a value at the receiver's position. If so, it stays so until the value is taken.
    bool is_ready() noexcept {
        // Acquires the value, and the block, from SendReady.
        if (taken_ != slot_count) return ready(head_, taken_).load("RecvReady", acquire);
        // Acquires the new block, and the full one, from InstallLink.
        Block* const next = head_->next.load("RecvNext", acquire);
        if (next == nullptr) return false;
        go_over(next);
        return await_ready() == Seen::value;  // the installer is putting its value there
    }

    /// What a `tail_` that the receiver has read, or its end if it has closed, says of its position, where nothing was
    /// ready. Is anything claimed there, it waits until it is ready: a sender is in the middle of it.
    Seen settle(Word w) noexcept {
        if ((w & ~flags) == position()) return w & done ? Seen::disconnected : Seen::empty;
        return await_claimed(w);
    }
    // By itself, as install and await_install are, so that what calls it stays short and is inlined.
    [[gnu::noinline]] Seen await_claimed(Word w) noexcept {
        if (taken_ == slot_count) {
            if (Block* const full = head_; block(w) == full) {
                if (Unfinished::find(position()) != nullptr) return Seen::own;
                // The installer may yet fail. Acquires from DropLastSender, which may come after that.
                const auto moved_on = [full](Word now) { return block(now) != full || count(now) <= slot_count; };
                return settle(tail_.await("RecvAwaitInstall", moved_on, acquire));
            }
            go_over(head_->next.await("RecvAwaitNext", [](Block* next) { return next != nullptr; }, acquire));
        }
        return await_ready();
    }

    /// For a value whose sender is in the middle of its send.
    Seen await_ready() noexcept {
        if (moves_by_code && Unfinished::find(position()) != nullptr) return Seen::own;
        // Acquires the value, and the block, from SendReady.
        ready(head_, taken_).await("RecvAwaitReady", [](bool now) { return now; }, acquire);
        return Seen::value;
    }

    /// T's move constructor, run by send, or the allocator may call the channel; but a call that has to wait for that very
    /// send can't be answered.
    [[noreturn]] static void refuse_to_wait() {
        P::fatal("a call made by a move constructor or an allocator inside of send waits for that send");
    }

    struct Emptied {
        Cell& cell;
        ~Emptied() { cell.destroy(); }
    };
    Cell& next_cell() noexcept {
        const unsigned i = taken_;
        taken_ = i + 1;
        return cell(head_, i);
    }

    void go_over(Block* next) noexcept {
        Block* const passed = head_;
        head_ = next;
        taken_ = 0;
        passed_ = passed_ + slot_count;
        if (!is_taken_from(passed)) recycle(passed);
    }

    /// Leaves a block behind: nobody else will touch it. One is kept for the next installer, so that a channel in
    /// steady state does not allocate, and one that has been drained holds two blocks at the most (S23).
    void recycle(Block* passed) noexcept {
        if (passed == first()) return;
        void* const memory = destroy_block(passed, slot_count);
        // Releases the block's end to InstallTakeSpare.
        if (void* const surplus = spare_.exchange("RecvRecycle", memory, release)) {
            P::deallocate(surplus, bytes(slot_count), alignof(Block));
        }
    }

    /// While T's own code runs on a value in a slot, the block is kept, because that code may receive from the channel, or
    /// drop the receiver, and so come to the end of the block.
    class Taking {
      public:
        template <bool runs>
        using If = std::conditional_t<runs, Taking, Nothing>;
        explicit Taking(Core& core) noexcept : core_(core), block_(core.head_), outer_(core.innermost_) { core.innermost_ = this; }
        Taking(const Taking&) = delete;
        ~Taking() {
            core_.innermost_ = outer_;
            if (block_ != core_.head_ && !core_.is_taken_from(block_)) core_.recycle(block_);
            if (outer_ == nullptr && core_.is_dropped_) core_.let_go();
        }
        Block* block() const noexcept { return block_; }
        const Taking* outer() const noexcept { return outer_; }

      private:
        Core& core_;
        Block* block_;
        Taking* outer_;
    };
    bool is_taken_from(Block* b) const noexcept {
        for (const Taking* t = innermost_; t != nullptr; t = t->outer()) {
            if (t->block() == b) return true;
        }
        return false;
    }

    /// The drop of the receiver, once it has closed. T's own code may be what drops it: then the call that runs this code
    /// comes to the end of it.
    void destroy_rest() noexcept {
        Seen seen = settle(end_);
        for (; seen == Seen::value; seen = settle(end_)) {
            const typename Taking::template If<runs_code> taking(*this);
            next_cell().destroy();
        }
        if (seen == Seen::own) {
            Unfinished::find(position())->owes_drop = true;
        } else if (innermost_ != nullptr) {
            is_dropped_ = true;
        } else {
            let_go();
        }
    }

    /// The receiver's last touch: everything is taken or destroyed.
    void let_go() noexcept {
        if (head_ != first()) P::deallocate(destroy_block(head_, slot_count), bytes(slot_count), alignof(Block));
        // Orders nothing: all installers are through, and their blocks were acquired.
        if (void* const memory = spare_.load("DropSpare", relaxed)) P::deallocate(memory, bytes(slot_count), alignof(Block));
        leave();
    }

    Block* first() noexcept { return reinterpret_cast<Block*>(first_ + room(first_slot_count)); }

    [[maybe_unused]] std::byte padding_before_[P::padding];
    atomic<Word> tail_;
    [[maybe_unused]] std::byte padding_between_[2 * P::padding];
    // The receiver's own.
    plain<Block*> head_;     // the block it takes from
    plain<unsigned> taken_;  // how many of its slots are behind it
    plain<unsigned> passed_{first_slot_count - slot_count};  // with `taken_`: how many values it has taken in all. May run over
    plain<Word> end_{0};     // once closed: where the stream ends, with `done`; before: 0
    plain<Taking*> innermost_{nullptr};  // of the calls in progress that run T's own code
    plain<bool> is_dropped_{false};      // by such code
    typename P::pace pace_;
    [[maybe_unused]] std::byte padding_after_[P::padding];
    // Seldom touched.
    atomic<void*> spare_{"spare", nullptr};
    atomic<std::size_t> senders_{"senders", 1};
    atomic<unsigned> one_side_left_{"one side left", 0};  // not a bool, which g++ 12 needs libatomic to exchange on riscv64
    typename P::parker parker_;
    alignas(Block) std::byte first_[bytes(first_slot_count)];
};

}  // namespace detail

/// A new channel: its first sender and its receiver.
/// Throws std::bad_alloc. Allocates once; no more until some values are queued.
template <class T, class Platform = StandardPlatform>
[[nodiscard]] std::pair<Sender<T, Platform>, Receiver<T, Platform>> channel();

/// The sending end. More of them are made by `clone`; the stream ends when the last is dropped (S15).
/// Move-only. A moved-from sender may only be destroyed or assigned to (S22).
/// Thread-safety: `send` and `clone` may be called by several threads at once on one sender (S26). Any thread may drop it,
/// but not while another still uses it. That a value was received does not mean that the call which sent it has returned:
/// a thread that signals its last use of a sender by a value needs a clone of its own.
template <class T, class Platform = StandardPlatform>
class Sender {
  public:
    using value_type = T;

    Sender(Sender&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
    Sender& operator=(Sender&& other) noexcept {
        Sender(std::move(other)).swap(*this);
        return *this;
    }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    /// Drops the sender. Dropping the last one ends the stream (S15) and wakes a receiver that waits (S16). Wait-free
    /// but for the wake-up.
    ~Sender() {
        if (core_ != nullptr) core_->drop_sender();
    }

    /// Sends a value: moves it into the channel. Never waits for room (S7).
    /// Returns the value in the error if and only if the receiver is gone or has closed (S8); then what the receiver
    /// did before that happens before the return. Success does not promise that the value will be received (S9).
    /// What happened before a successful send happens before the receive that returns its value (S6).
    /// Progress: one atomic instruction decides, one store publishes. Every few hundred values a sender installs a
    /// block, and others that come meanwhile wait for it.
    /// Throws std::bad_alloc if that block can't be had: `value` and the channel are as they were (S24).
    ///
    /// T's move constructor and destructor may call this channel, wherever it runs them, with one exception: while a value is
    /// being moved in, `try_recv` answers `empty` at that value, but another receive that comes to it would wait for itself, and
    /// ends the process with a message. (A receiver that is dropped meanwhile is gone at once, and `send` destroys what is left.)
    /// The allocator that `send` asks for a block may receive what is there. A `send` on this channel that it makes throws
    /// std::bad_alloc, and a call that waits for the block (another receive, a close, the drop of the receiver) ends the process
    /// with a message. An allocator may send while it takes memory back, but not receive, close or drop the receiver.
    /// None of them may drop the sender whose `send` runs it.
    [[nodiscard("a failed send gives the value back")]] std::expected<void, SendError<T>> send(T&& value) const {
        assert(core_ != nullptr && "send on a moved-from sender");
        if (core_->send(value)) return {};
        return std::expected<void, SendError<T>>(std::unexpect, std::move(value));
    }

    /// Another sender of the same channel (S15). Wait-free.
    [[nodiscard]] Sender clone() const noexcept {
        assert(core_ != nullptr && "clone of a moved-from sender");
        core_->clone_sender();
        return Sender(core_);
    }

    /// Whether the receiver is gone or has closed. True is final: every later send fails, and what the receiver did before
    /// that happens before the return. False may be out of date at once. Wait-free (S29).
    [[nodiscard]] bool is_disconnected() const noexcept {
        assert(core_ != nullptr && "use of a moved-from sender");
        return core_->is_closed();
    }

    void swap(Sender& other) noexcept { std::swap(core_, other.core_); }

  private:
    friend std::pair<Sender, Receiver<T, Platform>> channel<T, Platform>();
    explicit Sender(detail::Core<T, Platform>* core) noexcept : core_(core) {}
    detail::Core<T, Platform>* core_;
};

/// The receiving end. Move-only. A moved-from receiver may only be destroyed or assigned to (S22).
/// Thread-safety: one thread at a time (S26). It may be handed from thread to thread, and any thread may drop it.
template <class T, class Platform = StandardPlatform>
class Receiver {
    template <detail::Seen (detail::Core<T, Platform>::*next)()>
    class Iterator;
    class TryIter;

  public:
    using value_type = T;

    Receiver(Receiver&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
    Receiver& operator=(Receiver&& other) noexcept {
        Receiver(std::move(other)).swap(*this);
        return *this;
    }
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    /// Drops the receiver: every later send fails, and what is queued is destroyed at once, in order, including what
    /// a send in progress is still putting in, for which it waits. Does not wait for the senders to be dropped (S19).
    ~Receiver() {
        if (core_ != nullptr) core_->drop_receiver();
    }

    /// Receives the next value. Blocks exactly while the channel is empty and a sender lives (S10).
    /// Returns `disconnected` once nothing is left and all senders are dropped, or the receiver has closed; that is
    /// final (S11), and what the senders did before they were dropped happens before it (S21).
    /// Where it blocks, pthread_cancel may end the thread: the channel is as if the call had not been made (S27).
    [[nodiscard]] std::expected<T, RecvError> recv() {
        if (core().wait() == detail::Seen::value) return core_->template take<std::expected<T, RecvError>>();
        return std::expected<T, RecvError>(std::unexpect, RecvError::disconnected);
    }

    /// Receives a value if there is one. Never blocks for a send that has not begun; may wait shortly for one that is
    /// in progress. Returns `empty`, never after a send that happens-before the call; or `disconnected`, never while
    /// a value is left (S12).
    [[nodiscard]] std::expected<T, TryRecvError> try_recv() {
        detail::Core<T, Platform>& from = core();
        const detail::Seen seen = from.look();
        if (seen == detail::Seen::value) return from.template take<std::expected<T, TryRecvError>>();
        return std::expected<T, TryRecvError>(
            std::unexpect, seen == detail::Seen::disconnected ? TryRecvError::disconnected : TryRecvError::empty);
    }

    /// Like recv, but blocks no longer than until `deadline`, by its own clock. Returns `timeout` not before it; a
    /// value that is already there, and `disconnected`, beat an expired deadline (S13). A value that comes later is
    /// for the next call (S14). What the clock throws leaves the channel as if the call had not been made (S27).
    template <class Clock, class Duration>
    [[nodiscard]] std::expected<T, RecvTimeoutError> recv_until(const std::chrono::time_point<Clock, Duration>& deadline) {
        const detail::Seen seen = core().wait_until(deadline);
        if (seen == detail::Seen::value) return core_->template take<std::expected<T, RecvTimeoutError>>();
        return std::expected<T, RecvTimeoutError>(
            std::unexpect, seen == detail::Seen::empty ? RecvTimeoutError::timeout : RecvTimeoutError::disconnected);
    }

    /// recv_until, `duration` from now on the steady clock. Any duration is fine, however long (S13).
    template <class Rep, class Period>
    [[nodiscard]] std::expected<T, RecvTimeoutError> recv_for(const std::chrono::duration<Rep, Period>& duration) {
        using Clock = std::chrono::steady_clock;
        constexpr std::chrono::hours a_century(24 * 365 * 100);
        const auto now = Clock::now();
        const std::chrono::duration<double> seconds(duration);  // can't overflow
        if (!(seconds < a_century)) return recv_until(now + a_century);
        if (!(seconds > -a_century)) return recv_until(now);
        return recv_until(now + std::chrono::ceil<Clock::duration>(duration));
    }

    /// Iterates over the values as recv returns them, and ends when it says `disconnected`: exactly after the last
    /// drop (S17). `for (auto value : receiver)`; the loop may be left at any time, and taken up again: it takes no more
    /// values than were asked for (S28). See Iterator for what `*` gives.
    [[nodiscard]] auto begin() { return Iterator<&detail::Core<T, Platform>::wait>(core()); }
    [[nodiscard]] std::default_sentinel_t end() noexcept { return {}; }

    /// Iterates over the values that are there, as try_recv returns them. Ends when it says `empty` or
    /// `disconnected`; never blocks; a new one may yield again (S18).
    [[nodiscard]] TryIter try_iter() { return TryIter(core()); }

    /// Lets no more values in. What was sent before is still received; then `disconnected`. Closing twice does
    /// nothing (S20). May wait shortly for a send that is in progress.
    void close() { core().close(); }

    /// Whether `disconnected` is what the next receive reports: nothing is left, and all senders are dropped, or the receiver
    /// has closed. True is final, and what the senders did before they were dropped happens before it. False may be out of
    /// date at once. Wait-free (S29).
    [[nodiscard]] bool is_disconnected() const noexcept { return core().is_over(); }

    void swap(Receiver& other) noexcept { std::swap(core_, other.core_); }

  private:
    friend std::pair<Sender<T, Platform>, Receiver> channel<T, Platform>();
    explicit Receiver(detail::Core<T, Platform>* core) noexcept : core_(core) {}
    detail::Core<T, Platform>& core() const {
        assert(core_ != nullptr && "use of a moved-from receiver");
        return *core_;
    }
    detail::Core<T, Platform>* core_;
};

/// An input iterator, which owns the value that it stands at. A value is received when it is first asked for, by `*` or by a
/// comparison with the end, and not before: `++` only says that the value it stood at is done with (S28). `*` gives the value
/// as an rvalue, as std::generator does: `for (auto value : receiver)` moves it out, and in a pipeline a function that takes its
/// argument by `const T&` leaves it where it is, while one that takes it by value moves it away. The receiver must live on.
template <class T, class Platform>
template <detail::Seen (detail::Core<T, Platform>::*next)()>
class Receiver<T, Platform>::Iterator {
  public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    explicit Iterator(detail::Core<T, Platform>& core) noexcept : core_(std::addressof(core)) {}
    // By hand, because T need not be assignable. Not copyable: a value has one owner (S1).
    Iterator(Iterator&&) = default;
    Iterator& operator=(Iterator&& other) noexcept {
        if (this == std::addressof(other)) return *this;
        core_ = other.core_;
        ahead_ = other.ahead_;
        value_.reset();
        if (other.value_.has_value()) value_.emplace(std::move(*other.value_));
        return *this;
    }

    T&& operator*() const {
        receive();
        assert(value_.has_value() && "there is no value at the end");
        return std::move(*value_);
    }
    Iterator& operator++() noexcept {
        value_.reset();
        ++ahead_;
        return *this;
    }
    void operator++(int) noexcept { ++*this; }
    bool operator==(std::default_sentinel_t) const {
        receive();
        return !value_.has_value();
    }

  private:
    /// Until it stands at the value that it was moved to, or the end.
    void receive() const {
        for (; ahead_ != 0; --ahead_) {
            value_.reset();
            if ((core_->*next)() != detail::Seen::value) {
                ahead_ = 0;
                return;
            }
            // Made where it is to stay: one move, whatever the size.
            std::destroy_at(std::addressof(value_));
            ::new (static_cast<void*>(std::addressof(value_))) std::optional<T>(core_->template take<std::optional<T>>());
        }
    }

    detail::Core<T, Platform>* core_;
    mutable std::size_t ahead_ = 1;  // how many values it has been moved over, and not yet received
    mutable std::optional<T> value_;
};

template <class T, class Platform>
class Receiver<T, Platform>::TryIter {
  public:
    explicit TryIter(detail::Core<T, Platform>& core) noexcept : core_(std::addressof(core)) {}
    [[nodiscard]] auto begin() { return Iterator<&detail::Core<T, Platform>::look>(*core_); }
    [[nodiscard]] std::default_sentinel_t end() noexcept { return {}; }

  private:
    detail::Core<T, Platform>* core_;
};

template <class T, class Platform>
std::pair<Sender<T, Platform>, Receiver<T, Platform>> channel() {
    auto* const core = detail::Core<T, Platform>::create();
    return {Sender<T, Platform>(core), Receiver<T, Platform>(core)};
}

/// Ends a handle where a scope would be too late: `ferry::drop(std::move(sender))`.
template <class Handle>
    requires(!std::is_reference_v<Handle>)
void drop(Handle&& handle) noexcept {
    const Handle ended(std::move(handle));
}

}  // namespace ferry
