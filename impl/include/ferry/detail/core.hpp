// The algorithm ("one word"), in the order of spec/ChannelAlgorithm.tla.
//
// It is a linked list of blocks of slots. Everything that the threads have to agree on is one 64-bit word, `tail_`.
// Where its parts come from: a fetch-and-add claims a slot, as in LCRQ (Morrison and Afek, 2013); the sender behind a
// block's last slot installs the next block, as in crossbeam's and tokio's unbounded lists; a flag beside each value
// says that the value is there; senders are counted by Rust's clone/drop protocol.
//
// Each atomic instruction bears the name of a step, which is an action of the spec. The comment before it says with
// which steps its memory order synchronises. spec/MAPPING.md lists both, and is checked.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "../platform.hpp"
#include "reentrancy.hpp"
#include "shared.hpp"
#include "slots.hpp"

namespace ferry::detail {

/// What there is at the receiver's position. `own`: a value that this thread is sending, in a call around this one.
enum class Seen { value, empty, disconnected, own };

/// What the handles of a channel share. The side that leaves last frees it.
template <class T, class P>
class Core : Shared<T, P> {
    using Base = Shared<T, P>;
    using Taking = detail::Taking<Core>;
    friend Taking;
    using typename Base::Block;
    using Base::slot_count, Base::runs_code, Base::moves_by_code, Base::position, Base::next_cell, Base::first;
    using Base::tail_, Base::head_, Base::taken_, Base::passed_, Base::end_, Base::innermost_, Base::is_dropped_;
    using Base::pace_, Base::spare_, Base::senders_, Base::one_side_left_, Base::parker_, Base::deallocate_block;

    // ---- send ---------------------------------------------------------------------------------------------------

  public:
    /// Returns true when `value` was moved from, and false when the channel is closed. Throws if a block is needed and
    /// there is no memory. Unless it returns true, `value` is as it was.
    bool send(T& value) {
        for (;;) {
            // The linearization point of a send. Acquires the block from InstallPublish, and what the receiver did from
            // Close.
            Word w = tail_.fetch_add("SendClaim", word::one_slot, acquire);
            Block* b = Block::of(w);
            unsigned i = word::count(w);
            // Once closed, nobody reads the count, so it may run over.
            if (w & word::closed) [[unlikely]]
                return false;
            if (i >= slot_count) [[unlikely]] {
                if (i != slot_count) {
                    await_install(w);
                    continue;
                }
                const Installed installed = install(w);
                b = installed.block;
                i = 0;
                w = installed.replaced;  // the receiver may not be parked any more
            }
            const bool owes_drop = put(b, i, value);
            b->prefetch_beyond(i);
            // Releases the value and the block to RecvReady and RecvAwaitReady.
            b->ready(i).store("SendReady", true, release);
            if (w & word::parked) [[unlikely]]
                wake();
            if (owes_drop) [[unlikely]]
                destroy_rest();
            return true;
        }
    }

  private:
    /// Returns true when the value's move constructor has dropped the receiver.
    static bool put(Block* b, unsigned i, T& value) noexcept {
        const typename Unfinished::template If<moves_by_code> unfinished(Block::pack(b, i));
        b->cell(i).put(std::move(value));
        return unfinished.owes_drop;
    }

    /// For a sender that has claimed further behind the last slot, while another sender installs a block.
    [[gnu::noinline]] void await_install(Word claim) {
        if (word::count(claim) >= word::crowd_limit) P::fatal("more than 32,000 sends wait for one block");
        // An allocator that sends on the channel that it allocates for would wait for itself.
        if (Unfinished::find(Block::pack(Block::of(claim), slot_count)) != nullptr) {
            fail<std::bad_alloc, P>("an allocator sends on the channel that it allocates for");
        }
        // Relaxed, because the sender's next claim acquires what it needs.
        const auto may_claim = [](Word now) { return word::count(now) <= slot_count || (now & word::closed); };
        tail_.await("SendAwaitInstall", may_claim, relaxed);
    }

    /// Several senders may have seen the receiver parked. The one that clears the flag wakes it. Relaxed, because the
    /// parker synchronises.
    void wake() noexcept {
        if (tail_.fetch_and("WakeClaim", ~word::parked, relaxed) & word::parked) parker_.unpark("Wake");
    }

    struct Installed {
        Block* block;
        Word replaced;  // in `tail_`, by the block
    };
    /// For the sender that has claimed the slot behind the last one: it is the block's only installer until `tail_`
    /// names another block. The new block's first slot is the installer's.
    [[gnu::noinline]] Installed install(Word claim) {
        Block* const full = Block::of(claim);
        Word w = claim + word::one_slot;  // what `tail_` holds, unless another thread has changed it since
        // Acquires the end of the block's earlier life from RecvRecycle.
        void* memory = spare_.exchange("InstallTakeSpare", nullptr, acquire);
        if (memory == nullptr) {
            const Unfinished unfinished(Block::pack(full, slot_count));
            memory = P::allocate(Block::bytes(slot_count), alignof(Block));
        }
        if (!is_usable(memory, Block::bytes(slot_count))) [[unlikely]] {
            // The installer takes back all claims behind the last slot, so that the next sender becomes the installer
            // (S24). Once the channel is closed, no sender comes, and the receiver may wait for a block: a null address
            // tells it that none comes. Relaxed, because no thread reads anything that this sender has written.
            const Word untaken = Block::pack(full, slot_count);
            const auto after = [untaken](Word now) { return (now & word::closed ? 0 : untaken) | (now & word::flags); };
            while (!tail_.compare_exchange("InstallGiveUp", w, after(w), relaxed, relaxed)) {
            }
            refuse<P>(memory, Block::bytes(slot_count), alignof(Block));
        }
        Block* const fresh = Block::construct(memory, slot_count);
        // Releases the block to SendClaim. The flags stay: PARKED, because the receiver may have parked before the
        // claim; CLOSED, because it may have closed since. DONE can't be set, because the installer holds a sender that
        // is alive.
        const Word published = Block::pack(fresh, 1);
        while (!tail_.compare_exchange("InstallPublish", w, published | (w & word::flags), release, relaxed)) {
        }
        // Releases both blocks to RecvNext and RecvAwaitNext. The installer's last touch of the full block.
        full->next.store("InstallLink", fresh, release);
        return {fresh, w};
    }

    // ---- recv, try_recv, recv_until: one thread at a time -------------------------------------------------------

    /// Whether there is a value at the receiver's position. If so, it stays so until the value is taken.
    bool is_ready() noexcept {
        // Acquires the value and the block from SendReady.
        if (taken_ != slot_count) return head_->ready(taken_).load("RecvReady", acquire);
        // Acquires the new block and the end of the full one from InstallLink.
        Block* const next = head_->next.load("RecvNext", acquire);
        if (next == nullptr) return false;
        go_over(next);
        return await_ready() == Seen::value;  // the installer is putting its value there
    }

    void go_over(Block* next) noexcept {
        Block* const passed = head_;
        head_ = next;
        taken_ = 0;
        passed_ = passed_ + slot_count;
        if (!Taking::is_any_at(innermost_, passed)) recycle(passed);
    }

    /// Ends the life of a block that the receiver has left, and that no other thread will touch. One such block is kept
    /// for the next installer, so that a channel in steady state does not allocate, and a drained one holds two blocks
    /// at most (S23).
    void recycle(Block* passed) noexcept {
        if (passed == first()) return;
        void* const memory = Block::destroy(passed, slot_count);
        // Releases the end of the block's life to InstallTakeSpare.
        if (void* const surplus = spare_.exchange("RecvRecycle", memory, release)) deallocate_block(surplus);
    }

  public:
    /// For try_recv: never waits for a send that has not begun.
    Seen look() noexcept {
        if (is_ready()) return Seen::value;
        // Acquires what the senders did from DropLastSender. That the receiver sees a send which happens before this
        // call needs no order: it is coherence (S12).
        return settle(end_ != 0 ? Word{end_} : tail_.load("TryRecvLook", acquire));
    }

  private:
    /// Where no value was ready: what a word that the receiver has read (or its end, once closed) says of its position.
    /// If a slot is claimed there, the receiver waits for its value, because a sender is in the middle of its send.
    Seen settle(Word w) noexcept {
        if ((w & ~word::flags) == position()) return w & word::done ? Seen::disconnected : Seen::empty;
        return await_claimed(w);
    }

    /// For recv and recv_until, where no value was ready at first. Not inlined, so that the way of a value that is
    /// there stays short. Parks by `sleep`, which returns false when a deadline has passed; stops spinning once
    /// `is_late`. A clock that throws and a thread that is cancelled may leave both by unwinding (S27).
    template <class Sleep, class IsLate>
    [[gnu::noinline]] Seen wait_on(Sleep sleep, IsLate is_late) {
        const Taking waiting(*this, nullptr);  // a clock may drop the receiver
        do {
            bool ready = false;
            const auto found = [&] { return (ready = is_ready()) || is_late(); };
            if (!is_late() && pace_.spin(passed_ + taken_, found) && ready) return Seen::value;
            bool expired = false;
            Word w = position();
            // Success: nothing is claimed, and each later claim sees the flag. It need not order anything, but
            // compilers refuse a failure order that is stronger than that of success. Failure acquires what the senders
            // did from DropLastSender.
            if (end_ != 0) {
                w = end_;
            } else if (tail_.compare_exchange("RecvPark", w, w | word::parked, acquire, acquire)) {
                Parking parking{this};
                const bool woken = sleep(parker_);
                parking.left = nullptr;
                if (woken) continue;
                w = withdraw();
                if ((w & word::parked) == 0) continue;
                expired = true;
                if (end_ != 0) w = end_;  // a clock may close the channel
            } else if (w & word::parked) {
                P::fatal("a clock receives from the channel whose receive has asked for the time");
            }
            const Seen seen = settle(w);
            if (seen == Seen::own) refuse_to_wait<P>();
            if (seen != Seen::empty || expired) return seen;
        } while (!is_ready());
        return Seen::value;
    }

  public:
    /// For recv: waits for a value or the end.
    Seen wait() {
        if (is_ready()) [[likely]]
            return Seen::value;
        return wait_on([](typename P::parker& parker) { return parker.park("RecvSleep"), true; }, [] { return false; });
    }
    /// For recv_until: returns `empty` when the deadline has passed.
    template <class Clock, class Duration>
    Seen wait_until(const std::chrono::time_point<Clock, Duration>& deadline) {
        if (is_ready()) [[likely]]
            return Seen::value;
        return wait_on([&](typename P::parker& parker) { return parker.park_until("RecvSleepUntil", deadline); },
                       [&] { return detail::time_between(Clock::now(), deadline).count() <= 0; });
    }

  private:
    /// Takes the parking back, because the wait ends otherwise than by a wake-up. Returns the word as it was.
    Word withdraw() noexcept {
        // Acquires what the senders did from DropLastSender.
        const Word w = tail_.fetch_and("RecvWithdraw", ~word::parked, acquire);
        // If a waker was faster, its token is on the way, and must not be left behind.
        if ((w & word::parked) == 0) parker_.take_token("RecvTakeToken");
        return w;
    }
    struct Parking {
        Core* left;  // by unwinding; null: not so
        ~Parking() {
            if (left != nullptr) left->withdraw();
        }
    };

    /// For a value whose sender is in the middle of its send.
    Seen await_ready() noexcept {
        if (moves_by_code && Unfinished::find(position()) != nullptr) return Seen::own;
        // Acquires the value and the block from SendReady.
        head_->ready(taken_).await("RecvAwaitReady", [](bool now) { return now; }, acquire);
        return Seen::value;
    }

    /// Not inlined, like `install` and `await_install`, so that its callers stay short and are inlined.
    [[gnu::noinline]] Seen await_claimed(Word w) noexcept {
        if (taken_ == slot_count) {
            if (Block* const full = head_; Block::of(w) == full) {
                if (Unfinished::find(position()) != nullptr) return Seen::own;
                // The installer may still fail, and the last sender may leave after that. Acquires what the senders did
                // from DropLastSender.
                const auto done = [full](Word now) { return Block::of(now) != full || word::count(now) <= slot_count; };
                return settle(tail_.await("RecvAwaitInstall", done, acquire));
            }
            // Acquires the new block and the end of the full one from InstallLink.
            go_over(head_->next.await("RecvAwaitNext", [](Block* next) { return next != nullptr; }, acquire));
        }
        return await_ready();
    }

  public:
    /// After Seen::value: the value, moved into a Result, whose first constructor argument is std::in_place. T's move
    /// constructor and destructor, if they call this channel, find the value taken.
    template <class Result>
    Result take() noexcept {
        const typename Taking::template If<runs_code> taking(*this);
        const typename Block::Emptied taken{next_cell()};
        // The value is constructed in the result and not moved there, because compilers would ask without end whether a
        // std::expected can be moved whose T converts from anything (clang 19 with libstdc++ 12).
        return Result(std::in_place, std::move(taken.cell.get()));
    }

    // ---- is_disconnected ----------------------------------------------------------------------------------------

    /// For a sender: every later send is refused.
    bool is_closed() const noexcept {
        // Acquires what the receiver did from Close.
        return tail_.load("SenderLook", acquire) & word::closed;
    }

    /// For the receiver: the next receive reports the end. Never waits.
    bool is_over() const noexcept {
        // Acquires what the senders did from DropLastSender.
        const Word w = end_ != 0 ? Word{end_} : tail_.load("ReceiverLook", acquire);
        return (w & word::done) && (w & ~word::flags) == position();
    }

    // ---- handles come and go ------------------------------------------------------------------------------------

    static Core* create() {
        void* const memory = P::allocate(sizeof(Core), alignof(Core));
        if (!is_usable(memory, sizeof(Core))) refuse<P>(memory, sizeof(Core), alignof(Core));
        return ::new (memory) Core;
    }

    /// Relaxed, because a new handle reaches another thread by other means, which order it after its original.
    void clone_sender() noexcept { senders_.fetch_add("CloneSender", 1, relaxed); }

    void drop_sender() noexcept {
        // Each DropSender releases what was done with its handle to the last DropSender, which acquires it.
        if (senders_.fetch_sub("DropSender", 1, acq_rel) != 1) return;
        // The end of the stream. Releases what all senders did to TryRecvLook, ReceiverLook, RecvPark, RecvWithdraw,
        // RecvAwaitInstall and Close (S21).
        if (tail_.fetch_or("DropLastSender", word::done, release) & word::parked) wake();
        leave();
    }

    void close() noexcept {
        if (end_ != 0) return;
        // Fixes which claims count. Acquires what the senders did from DropLastSender; releases what the receiver did
        // to the SendClaim that is refused, and to SenderLook.
        Word w = tail_.fetch_or("Close", word::closed, acq_rel);
        if (Block* const full = Block::of(w); word::count(w) > slot_count) {
            if (Unfinished::find(Block::pack(full, slot_count)) != nullptr) refuse_to_wait<P>();
            // A sender installs a block, or will fail to. The value that it has claimed a slot for comes first in the
            // next block, or not at all. Relaxed, because the receiver acquires the block on its way there.
            w = tail_.await("CloseAwaitInstall", [full](Word now) { return Block::of(now) != full; }, relaxed);
            w = Block::of(w) != nullptr ? Block::pack(Block::of(w), 1) : Block::pack(full, slot_count);
        }
        end_ = (w & ~word::flags) | word::done;
    }

    /// Destroys what is left, and frees all memory but the core itself, without waiting for the senders to leave.
    void drop_receiver() noexcept {
        close();
        destroy_rest();
    }

  private:
    /// The drop of the receiver, once it has closed. If T's own code has dropped it, the outermost call that runs such
    /// code finishes the drop.
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

    /// The receiver's last touch: every value is received or destroyed.
    void let_go() noexcept {
        if (head_ != first()) deallocate_block(Block::destroy(head_, slot_count));
        // Relaxed, because all installers have finished, and the receiver has acquired their blocks.
        if (void* const memory = spare_.load("DropSpare", relaxed)) deallocate_block(memory);
        leave();
    }

    /// The side that leaves second frees the channel. The first Leave releases that side's touches to the second, which
    /// acquires them.
    void leave() noexcept {
        if (one_side_left_.exchange("Leave", 1, acq_rel) == 0) return;
        this->~Core();
        P::deallocate(this, sizeof(Core), alignof(Core));
    }
};

}  // namespace ferry::detail
