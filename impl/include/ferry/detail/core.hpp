// The algorithm, in the order of the spec: what a sender does, what the receiver does, and what both do.
//
// A channel is a linked list of blocks of slots. Everything that the threads have to agree on is one word, `tail_`. A
// fetch-and-add claims a slot, as in LCRQ (Morrison and Afek, 2013); the sender behind a block's last slot installs the
// next block, as in crossbeam's and tokio's unbounded lists; a flag beside each value says that the value is there;
// senders are counted by Rust's clone/drop protocol.
//
// Each atomic instruction bears the name of a step, which is an action of the spec. The comment before it says with
// which steps its memory order synchronises. spec/MAPPING.md lists both, and is checked.
#pragma once

#include <chrono>
#include <tuple>

#include "shared.hpp"
#include "waits.hpp"

namespace ferry::detail {

/// What the handles of a channel share. All is public, because only the handles have a Core.
template <class T, class P>
struct Core : Shared<T, P>, Waits<Core<T, P>, P> {
    using Base = Shared<T, P>;
    using Taking = detail::Taking<Core>;
    using typename Base::Block;
    using Base::slot_count, Base::runs_code, Base::position, Base::put, Base::destroy_next;
    using Base::first, Base::allocate_block, Base::deallocate_block;
    using Base::tail_, Base::head_, Base::taken_, Base::passed_, Base::end_, Base::innermost_, Base::is_dropped_;
    using Base::pace_, Base::spare_, Base::senders_, Base::one_side_left_, Base::parker_;

    /// Keeps the channel while code runs that may drop the receiver.
    struct Kept : Taking {
        explicit Kept(Core& core) noexcept : Taking(core, nullptr) {}
    };

    // ---- a sender sends -----------------------------------------------------------------------------------------

    /// Returns true when `value` was moved from, and false when the channel is closed. Throws if a block is needed and
    /// there is no memory. Unless it returns true, `value` is as it was.
    bool send(T& value) {
        for (;;) {
            // The linearization point of a send. Acquires the block from InstallPublish, and what the receiver did from
            // Close.
            Word w = tail_.fetch_add("SendClaim", word::one_slot, acquire);
            Block* b = Block::of(w);
            unsigned i = word::count(w);
            // Once closed, no thread reads the count, so it may run over.
            if (w & word::closed) [[unlikely]]
                return false;
            if (i >= slot_count) [[unlikely]] {
                if (i != slot_count) {
                    await_install(w);
                    continue;
                }
                std::tie(b, w) = install(w);
                i = 0;
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

    /// For a sender that has claimed further behind the last slot, while another sender installs a block.
    [[gnu::noinline]] void await_install(Word claim) {
        if (word::count(claim) >= word::crowd_limit) P::fatal("more than 32,000 sends wait for one block");
        if (Unfinished::is_here(Block::pack_end(Block::of(claim)))) refuse_to_nest<P>();
        // Relaxed, because the sender's next claim acquires what it needs.
        const auto may_claim = [](Word now) { return word::count(now) <= slot_count || (now & word::closed); };
        tail_.await("SendAwaitInstall", may_claim, relaxed);
    }

    /// Only the sender that clears the flag wakes the receiver. Relaxed, because the parker synchronises.
    void wake() noexcept {
        if (tail_.fetch_and("WakeClaim", ~word::parked, relaxed) & word::parked) leave_token();
    }
    void leave_token() noexcept { parker_.unpark("Wake"); }

    /// For the sender that has claimed the slot behind the last one: it is the block's only installer until `tail_`
    /// names another block. Returns the new block, whose first slot is the installer's, and the word that it replaced:
    /// the receiver may not be parked any more.
    [[gnu::noinline]] std::pair<Block*, Word> install(Word claim) {
        Block* const full = Block::of(claim);
        Word w = claim + word::one_slot;  // what `tail_` holds, unless another thread has changed it since
        // Acquires the end of the block's earlier life from RecvRecycle.
        void* memory = spare_.exchange("InstallTakeSpare", nullptr, acquire);
        if (memory == nullptr) memory = allocate_block(Block::pack_end(full));
        if (!is_usable(memory, Block::bytes(slot_count))) [[unlikely]] {
            // Takes back all claims behind the last slot, so that the next sender becomes the installer (S24). Once the
            // channel is closed, no sender comes, and a null address tells a waiting receiver that no block comes.
            // Relaxed, because no thread reads anything that this sender has written.
            const Word open = Block::pack_end(full);
            const auto without = [open](Word now) { return (now & word::closed ? 0 : open) | (now & word::flags); };
            while (!tail_.compare_exchange("InstallGiveUp", w, without(w), relaxed, relaxed)) continue;
            refuse<P>(memory, Block::bytes(slot_count), alignof(Block));
        }
        Block* const fresh = Block::construct(memory, slot_count);
        // Releases the block to SendClaim. All flags stay: PARKED and CLOSED, because the receiver may have parked or
        // closed; DONE is never set here, because this sender is alive, and stays only because one mask does for all.
        const Word published = Block::pack(fresh, 1);
        while (!tail_.compare_exchange("InstallPublish", w, published | (w & word::flags), release, relaxed)) continue;
        // Releases both blocks to RecvNext and RecvAwaitNext. The installer's last touch of the full block.
        full->next.store("InstallLink", fresh, release);
        return {fresh, w};
    }

    // ---- a sender asks, is cloned, is dropped -------------------------------------------------------------------

    /// Whether every later send is refused.
    bool is_closed() const noexcept {
        // Acquires what the receiver did from Close.
        return tail_.load("SenderLook", acquire) & word::closed;
    }

    /// Relaxed, because a new handle reaches another thread by other means, which order it after its original.
    void clone_sender() noexcept { senders_.fetch_add("CloneSender", 1, relaxed); }

    void drop_sender() noexcept {
        // Each DropSender releases what was done with its handle to the last DropSender, which acquires it.
        if (senders_.fetch_sub("DropSender", 1, acq_rel) != 1) return;
        // Releases what all senders did to TryRecvLook, ReceiverLook, RecvPark, RecvWithdraw, RecvAwaitInstall, Close.
        if (tail_.fetch_or("DropLastSender", word::done, release) & word::parked) wake();
        leave();
    }

    // ---- the receiver receives ----------------------------------------------------------------------------------

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

    /// Ends the life of a block that no thread will touch. One such block is kept for the next installer, so that a
    /// channel in steady state does not allocate, and a drained one holds two blocks at most (S23).
    void recycle(Block* passed) noexcept {
        if (passed == first()) return;
        void* const memory = Block::destroy(passed, slot_count);
        // Releases the end of the block's life to InstallTakeSpare.
        if (void* const surplus = spare_.exchange("RecvRecycle", memory, release)) deallocate_block(surplus);
    }

    /// For try_recv: never waits for a send that has not begun.
    Seen look() noexcept {
        if (is_ready()) return Seen::value;
        // Acquires what the senders did from DropLastSender. Coherence shows each send that happens before (S12).
        return settle(end_ != 0 ? Word{end_} : tail_.load("TryRecvLook", acquire));
    }

    /// Where no value was ready: what a word that the receiver has read (or its end, once closed) says of its position.
    /// If a slot is claimed there, the receiver waits for its value, because a sender is in the middle of its send.
    Seen settle(Word w) noexcept {
        if (word::position(w) == position()) return w & word::done ? Seen::disconnected : Seen::empty;
        return await_claimed(w);
    }

    /// Parks by `sleep`, which returns false when the wait is to end; stops spinning once `is_late`. Both may be
    /// left by unwinding (S27). Not inlined, like `install` and other waits, to keep the way of a ready value short.
    template <class Sleep, class IsLate>
    [[gnu::noinline]] Seen wait_on(Sleep sleep, IsLate is_late) {
        const Kept waiting(*this);  // a clock may drop the receiver
        do {
            bool ready = false;
            const auto found = [&] { return (ready = is_ready()) || is_late(); };
            if (!is_late() && pace_.spin(passed_ + taken_, found) && ready) return Seen::value;
            Word w = end_ != 0 ? Word{end_} : position();
            // Success: nothing is claimed, and each later claim sees the flag; acquires an earlier request to stop from
            // StopClaim. Failure acquires what the senders did from DropLastSender.
            if (end_ == 0 && tail_.compare_exchange("RecvPark", w, w | word::parked, acquire, acquire)) {
                OnUnwinding unparking{[this] { withdraw(); }};
                const bool woken = sleep(parker_);
                unparking.armed = false;
                if (woken) continue;
                w = withdraw();
                if ((w & word::parked) == 0) continue;
                if (end_ != 0) w = end_ | word::parked;  // a clock may close the channel
            } else if (w & word::parked) {
                P::fatal("a clock receives from the channel whose receive has asked for the time");
            }
            const Seen seen = settle(w);
            if (seen == Seen::own) refuse_to_wait<P>();
            if (seen != Seen::empty || (w & word::parked)) return seen;  // PARKED: the wait is to end
        } while (!is_ready());
        return Seen::value;
    }

    /// Takes the parking back. Returns the word as it was. Acquires what the senders did from DropLastSender.
    Word withdraw() noexcept {
        const Word w = tail_.fetch_and("RecvWithdraw", ~word::parked, acquire);
        // If a waker was faster, its token is on the way, and must not be left behind.
        if ((w & word::parked) == 0) parker_.take_token("RecvTakeToken");
        return w;
    }

    /// For a value whose sender is in the middle of its send.
    Seen await_ready() noexcept {
        if (runs_code && Unfinished::is_here(position())) return Seen::own;
        // Acquires the value and the block from SendReady.
        head_->ready(taken_).await("RecvAwaitReady", [](bool now) { return now; }, acquire);
        return Seen::value;
    }

    [[gnu::noinline]] Seen await_claimed(Word w) noexcept {
        if (taken_ != slot_count) return await_ready();
        if (Block* const full = head_; Block::of(w) == full) {
            if (Unfinished::is_here(position())) return Seen::own;
            // The installer may still fail, and the last sender then leave. Acquires what the senders did from
            // DropLastSender.
            const auto done = [full](Word now) { return Block::of(now) != full || word::count(now) <= slot_count; };
            return settle(tail_.await("RecvAwaitInstall", done, acquire));
        }
        // Acquires the new block and the end of the full one from InstallLink.
        go_over(head_->next.await("RecvAwaitNext", [](Block* next) { return next != nullptr; }, acquire));
        return await_ready();
    }

    // ---- the receiver asks, closes, is dropped ------------------------------------------------------------------

    /// Whether the next receive reports the end.
    bool is_over() const noexcept {
        // Acquires what the senders did from DropLastSender.
        const Word w = end_ != 0 ? Word{end_} : tail_.load("ReceiverLook", acquire);
        return (w & word::done) && word::position(w) == position();
    }

    void close() noexcept {
        if (end_ != 0) return;
        // Fixes which claims count. Acquires what the senders did from DropLastSender; releases what the receiver did
        // to the SendClaim that is refused, and to SenderLook.
        Word w = tail_.fetch_or("Close", word::closed, acq_rel);
        if (Block* const full = Block::of(w); word::count(w) > slot_count) {
            if (Unfinished::is_here(Block::pack_end(full))) refuse_to_wait<P>();
            // The installer's value comes first in the next block, or not at all, if the installation fails. Relaxed,
            // because the receiver acquires the block on its way there.
            w = tail_.await("CloseAwaitInstall", [full](Word now) { return Block::of(now) != full; }, relaxed);
            w = Block::of(w) != nullptr ? Block::pack(Block::of(w), 1) : Block::pack_end(full);
        }
        end_ = word::position(w) | word::done;
    }

    /// Destroys what is left, and frees all memory but the core itself, without waiting for the senders to leave.
    void drop_receiver() noexcept {
        close();
        destroy_rest();
    }

    /// The drop of the receiver, once it has closed. If code that the channel runs has dropped it, the outermost call
    /// that runs such code finishes the drop.
    void destroy_rest() noexcept {
        Seen seen;
        while ((seen = settle(end_)) == Seen::value) destroy_next();
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

    /// The side that leaves second frees the channel: its Leave acquires what the first Leave releases.
    void leave() noexcept {
        if (one_side_left_.exchange("Leave", 1, acq_rel) != 0) Base::destroy(this);
    }
};

}  // namespace ferry::detail
