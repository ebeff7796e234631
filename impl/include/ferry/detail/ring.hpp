// The algorithm of the bounded channel ("two words"), in the order of spec/SyncAlgorithm.tla.
//
// It is a ring of slots, and two words that the threads have to agree on. `tail_` is the senders': the position of the
// next claim, and flags. `room_` is the receiver's: the first position that is not open yet. A sender claims a position
// below `room_` by a compare-exchange of `tail_`. Room only grows, so a sender that has once seen room may claim it.
//
// A sender that finds no room joins a line, under a lock, with its value still its own. It first sets BLOCKED in
// `room_`, so that the receiver opens no further position without a look at the line. The receiver then moves the first
// waiter's value into the slot itself. So nobody overtakes a waiter; the receiver waits for no sender that is being
// woken; and a value is in the ring if and only if its send has succeeded.
//
// With capacity 0 there is never room below `room_`, but a receiver that has parked is room for one value.
//
// Each atomic instruction bears the name of a step, which is an action of the spec. The comment before it says with
// which steps its memory order synchronises. spec/SYNC_MAPPING.md lists both, and is checked.
#pragma once

#include <chrono>
#include <cstddef>
#include <new>
#include <utility>

#include "../platform.hpp"
#include "line.hpp"
#include "ring_shared.hpp"
#include "waits.hpp"

namespace ferry::detail {

/// How a send ended. `full`: there was no room (by the deadline).
enum class Sent { accepted, full, disconnected };

/// What the handles of a bounded channel share. The side that leaves last frees it.
template <class T, class P>
class Ring : RingShared<T, P>, public Waits<Ring<T, P>, P> {
    friend struct Waits<Ring, P>;
    using Base = RingShared<T, P>;
    using Waiter = detail::Waiter<T, P>;
    using Base::one, Base::blocked, Base::position, Base::is_full_at, Base::ready, Base::cell, Base::prefetch_beyond;
    using Base::tail_, Base::at_, Base::end_, Base::pace_, Base::room_, Base::seen_room_, Base::capacity_;
    using Base::senders_, Base::one_side_left_, Base::parker_, Base::lock_, Base::line_, Base::is_closed_;

    // ---- send ---------------------------------------------------------------------------------------------------

  public:
    /// All three return `accepted` when `value` was moved from, `full` also when a stop is requested. None allocates.
    template <class... Stop>
    Sent send(T& value, const Stop&... stop) {
        return send_by(
            value, [](typename P::parker& parker) { return parker.park("SendSleep"), true; }, [] { return false; },
            stop...);
    }
    template <class Clock, class Duration, class... Stop>
    Sent send_until(T& value, const std::chrono::time_point<Clock, Duration>& deadline, const Stop&... stop) {
        return send_by(
            value, [&](typename P::parker& parker) { return parker.park_until("SendSleepUntil", deadline); },
            [&] { return detail::has_passed(deadline); }, stop...);
    }
    Sent try_send(T& value) {
        Word w = look_at_tail();
        if (claim(value, w)) return Sent::accepted;
        return w & word::closed ? Sent::disconnected : Sent::full;
    }

  private:
    template <class Sleep, class IsLate, class... Stop>
    Sent send_by(T& value, Sleep sleep, IsLate is_late, const Stop&... stop) {
        Word w = look_at_tail();
        if (claim(value, w)) [[likely]]
            return Sent::accepted;
        if (w & word::closed) [[unlikely]]
            return Sent::disconnected;
        return wait_for_room(value, w, sleep, is_late, stop...);
    }

    Word look_at_tail() const noexcept {
        // Acquires what the receiver did from Close; what earlier senders knew of the room from SendClaim; and, with
        // capacity 0, the slot and what the receiver did from RecvPark.
        return tail_.load("SendLook", acquire);
    }

    /// Returns false when it is closed, or there is no room, at `w`, which is what `tail_` was.
    bool claim(T& value, Word& w) noexcept {
        while (!(w & word::closed) && is_room_at(w)) {
            // The linearization point of a send that finds room. Acquires, with capacity 0, the slot and what the
            // receiver did from RecvPark. Releases what this sender knows of the room to SendLook, because a sender that
            // sees this claim must not take an older room for the newest. Failure acquires what the receiver did from
            // Close.
            if (tail_.compare_exchange("SendClaim", w, (w + one) & ~word::parked, acq_rel, acquire)) [[likely]] {
                publish(value, w);
                return true;
            }
        }
        return false;
    }

    bool is_room_at(Word w) noexcept {
        if (capacity_ == 0) return (w & word::parked) != 0;
        Word seen = 0;
        if (capacity_ >= P::capacity_to_note) {
            // Acquires the emptied slot from SendNoteRoom.
            seen = seen_room_.load("SendSeenRoom", acquire);
            if (position(w) < seen) [[likely]]
                return true;
        }
        // Acquires the emptied slot, and what the receiver did, from RecvRoom and AdmitRoom.
        const Word room = position(room_.load("SendRoom", acquire));
        if (position(w) >= room) return false;
        // Hands this on to SendSeenRoom, which it releases the emptied slots to. The senders read their own note, because
        // each look at `room_` takes its cache line away from the receiver. A failure does no harm.
        if (capacity_ >= P::capacity_to_note) {
            seen_room_.compare_exchange("SendNoteRoom", seen, room, release, relaxed);
        }
        return true;
    }

    /// For a position that this sender has claimed; `w` is what `tail_` was.
    void publish(T& value, Word w) noexcept {
        cell(w).put(std::move(value));
        prefetch_beyond(w);
        // Releases the value to RecvReady and RecvAwaitReady.
        ready(w).store("SendReady", is_full_at(w), release);
        if (w & word::parked) [[unlikely]]
            leave_token();
    }

    /// For a sender that has found no room at `w`. Not inlined, so that its callers stay short and are inlined.
    template <class Sleep, class IsLate, class... Stop>
    [[gnu::noinline]] Sent wait_for_room(T& value, Word w, Sleep sleep, IsLate is_late, const Stop&... stop) {
        bool may_claim = false;
        const auto found = [&] {
            w = look_at_tail();
            return (may_claim = (w & word::closed) != 0 || is_room_at(w)) || is_late();
        };
        if (!is_late() && typename P::sender_pace().spin(capacity_, found) && may_claim) {
            if (claim(value, w)) return Sent::accepted;
            if (w & word::closed) return Sent::disconnected;
        }
        typename P::template local<Waiter> me(std::in_place, &value);
        const Joined joined = join(*me, w);
        if (joined == Joined::claimed) publish(value, w);
        if (joined != Joined::waits) return joined == Joined::claimed ? Sent::accepted : Sent::disconnected;
        [[maybe_unused]] const auto stopping = on_stop<P>([&]() noexcept { dismiss(*me); }, stop...);
        const Standing standing = wait_in_line(*me, sleep, [&] { return leave_line(*me); });
        if (standing == Standing::accepted) return Sent::accepted;
        return standing == Standing::refused ? Sent::disconnected : Sent::full;
    }

    enum class Joined { waits, claimed, refused };
    /// Joins the line, unless there is room after all. Nothing can change that until the line is unlocked.
    Joined join(Waiter& me, Word& w) noexcept {
        lock_.lock("JoinLock");
        Joined joined = is_closed_ ? Joined::refused : Joined::waits;
        if (joined == Joined::waits && line_.is_empty()) joined = claim_or_block(w);
        if (joined == Joined::waits) {
            line_.add(me);
            lock_.unlock("JoinUnlock");  // the linearization point of a send that begins to wait
        } else {
            lock_.unlock("JoinNotUnlock");
        }
        return joined;
    }
    /// For the first in line, with the lock held: claims if there is room; otherwise none comes without a look at the
    /// line.
    Joined claim_or_block(Word& w) noexcept {
        Word room = 0;
        if (capacity_ == 0) {
            w = look_at_tail();  // the receiver parks under the lock
        } else {
            // Acquires the emptied slot, and what the receiver did, from RecvRoom and AdmitRoom.
            room = position(room_.fetch_or("JoinBlock", blocked, acquire));
        }
        while (!(w & word::closed)) {
            if (capacity_ == 0 ? !(w & word::parked) : position(w) == room) return Joined::waits;
            // The linearization point of a send that finds room here. Success need not order anything, because the lock
            // and JoinBlock do; but compilers refuse a failure order that is stronger than that of success. Failure
            // acquires what the receiver did from Close.
            if (tail_.compare_exchange("JoinClaim", w, (w + one) & ~word::parked, acquire, acquire)) {
                return Joined::claimed;
            }
        }
        return Joined::refused;
    }

    Standing leave_line(Waiter& me) noexcept {
        lock_.lock("LeaveLineLock");
        const Standing standing = me.standing;
        if (standing == Standing::waits) {
            line_.remove(me);
            lock_.unlock("LeaveLineUnlock");  // the linearization point of a send that gives up
        } else {
            lock_.unlock("TooLateUnlock");
            // Whoever took the waiter out of the line gives it its token, and must be through with it.
            me.parker.take_token("SendTakeToken");
        }
        return standing;
    }

    /// For whoever requests a stop: takes the sender out of the line, unless it was answered or the close refuses it.
    void dismiss(Waiter& asked) noexcept {
        lock_.lock("DismissLock");
        // The linearization point of a send that is asked to stop. Not a load, so that it is in one order with Close.
        const bool waits =
            asked.standing == Standing::waits && !(tail_.fetch_or("DismissLook", 0, relaxed) & word::closed);
        if (waits) {
            line_.remove(asked);
            asked.standing = Standing::dismissed;
        }
        lock_.unlock("DismissUnlock");
        if (waits) asked.parker.release("DismissWake");
    }

  public:
    struct Kept {  // see Core::Kept: here such code may not call the channel
        explicit Kept(Ring&) noexcept {}
    };

    // ---- recv, try_recv, recv_until: one thread at a time -------------------------------------------------------

    /// For try_recv: never waits for a send that has not begun.
    Seen look() noexcept {
        if (is_ready()) return Seen::value;
        Word w = end_;
        if (w == 0) {
            if (capacity_ == 0 && admit(at_, [](bool) {})) return Seen::value;
            // Acquires what the senders did from DropLastSender.
            w = tail_.load("TryRecvLook", acquire);
        }
        return settle(w);
    }

  private:
    bool is_ready() noexcept {
        // Acquires the value from SendReady.
        return ready(at_).load("RecvReady", acquire) == is_full_at(at_);
    }

    /// Where no value was ready: what a word that the receiver has read (or its end, once closed) says of its position.
    Seen settle(Word w) noexcept {
        if (position(w) == at_) return w & word::done ? Seen::disconnected : Seen::empty;
        // A sender is in the middle of its send. Acquires the value from SendReady.
        ready(at_).await("RecvAwaitReady", [full = is_full_at(at_)](bool now) { return now == full; }, acquire);
        return Seen::value;
    }

    /// See Core::wait_on.
    template <class Sleep, class IsLate>
    [[gnu::noinline]] Seen wait_on(Sleep sleep, IsLate is_late) {
        do {
            bool is_there = false;
            const auto found = [&] { return (is_there = is_ready()) || is_late(); };
            const auto spin = [&] {
                return !is_late() && pace_.spin(static_cast<unsigned>(at_ / one), found) && is_there;
            };
            if (capacity_ != 0 && spin()) return Seen::value;
            Word w = end_;
            if (w == 0) {
                w = at_;
                bool is_parked = false;
                if (capacity_ != 0) {
                    is_parked = park(w);
                } else if (admit(at_, [&](bool let_in) { is_parked = !let_in && park(w); })) {
                    return Seen::value;
                }
                if (is_parked) {
                    Parking parking{this};
                    // A rendezvous sends to a parked receiver only. A token follows its value.
                    if (capacity_ == 0) spin();
                    const bool woken = sleep(parker_);
                    parking.left = nullptr;
                    if (woken) continue;
                    w = withdraw();
                    if ((w & word::parked) == 0) continue;
                } else if (w & word::parked) {
                    P::fatal("a clock receives from the channel whose receive has asked for the time");
                }
            }
            // `empty`, if it is parked: the wait is to end. A receiver that could not park finds more.
            return settle(w);
        } while (!is_ready());
        return Seen::value;
    }

    bool park(Word& w) noexcept {
        // Success: nothing is claimed, and each later claim sees the flag. Releases, with capacity 0, the emptied slot and
        // what the receiver did to SendLook and SendClaim; acquires an earlier request to stop from StopClaim. Failure
        // acquires what the senders did from DropLastSender.
        return tail_.compare_exchange("RecvPark", w, w | word::parked, acq_rel, acquire);
    }
    /// Takes the parking back, because the wait ends otherwise than by a wake-up. Returns the word as it was.
    Word withdraw() noexcept {
        // Acquires what the senders did from DropLastSender.
        const Word w = tail_.fetch_and("RecvWithdraw", ~word::parked, acquire);
        // If a waker was faster, its token is on the way, and must not be left behind.
        if ((w & word::parked) == 0) parker_.take_token("RecvTakeToken");
        return w;
    }
    struct Parking {
        Ring* left;  // by unwinding; null: not so
        ~Parking() {
            if (left != nullptr) left->withdraw();
        }
    };

    /// Moves the first waiter's value into the slot at n, which is empty, and where `tail_` is. Returns whether there was
    /// a waiter. `then` runs with the lock still held. Not inlined, so that its callers stay short and are inlined.
    template <class Then>
    [[gnu::noinline]] bool admit(Word n, Then then) noexcept {
        lock_.lock("AdmitLock");
        Waiter* const first = line_.is_empty() ? nullptr : &line_.take_first();
        if (first != nullptr) {
            cell(n).put(std::move(*first->value));
            // Relaxed, because only this thread reads it.
            ready(n).store("AdmitReady", is_full_at(n), relaxed);
            // The linearization point of a send that has waited, and of the receive that makes room for it. Relaxed,
            // because the slot is this thread's own.
            tail_.fetch_add("AdmitClaim", one, relaxed);
            first->standing = Standing::accepted;
        }
        then(first != nullptr);
        lock_.unlock("AdmitUnlock");
        if (first != nullptr) first->parker.release("AdmitWake");
        return first != nullptr;
    }

  public:
    /// After Seen::value: the value, moved into a Result, whose first constructor argument is std::in_place.
    template <class Result>
    Result take() noexcept {
        const Emptied taken{*this, at_};
        at_ = taken.at + one;
        return Result(std::in_place, std::move(cell(taken.at).get()));
    }

  private:
    struct Emptied {  // a value that is gone when this is
        Ring& ring;
        Word at;
        ~Emptied() {
            ring.cell(at).destroy();
            ring.open_behind(at);
        }
    };
    /// The value at that position is gone: one more has room.
    void open_behind(Word at) noexcept {
        if (capacity_ == 0 || end_ != 0) return;
        const Word n = at + capacity_ * one;
        Word room = n;
        // The linearization point of a receive, if nobody waits for room. Releases the emptied slot, and what this thread
        // did, to SendRoom and JoinBlock.
        if (room_.compare_exchange("RecvRoom", room, room + one, release, relaxed)) [[likely]]
            return;
        admit(n, [this](bool) {
            // Releases the emptied slot, and what this thread did, to SendRoom and JoinBlock.
            room_.fetch_add("AdmitRoom", line_.is_empty() ? one - blocked : one, release);
        });
    }

    // ---- is_disconnected ----------------------------------------------------------------------------------------

  public:
    /// For a sender: every later send is refused.
    bool is_closed() const noexcept {
        // Acquires what the receiver did from Close.
        return tail_.load("SenderLook", acquire) & word::closed;
    }

    /// For the receiver: the next receive reports the end. Never waits.
    bool is_over() const noexcept {
        // Acquires what the senders did from DropLastSender.
        const Word w = end_ != 0 ? Word{end_} : tail_.load("ReceiverLook", acquire);
        return (w & word::done) && position(w) == at_;
    }

    // ---- handles come and go ------------------------------------------------------------------------------------

    /// Throws std::bad_alloc where there is no memory for so many values, or for any.
    static Ring* create(std::size_t capacity) {
        void* const memory = Base::is_possible(capacity) ? P::allocate(sizeof(Ring), alignof(Ring)) : nullptr;
        if (memory == nullptr) fail<std::bad_alloc, P>("out of memory");
        Ring* const ring = ::new (memory) Ring(capacity);
        if (!ring->has_slots()) {
            ring->free();
            fail<std::bad_alloc, P>("out of memory");
        }
        return ring;
    }

    /// Relaxed, because a new handle reaches another thread by other means, which order it after its original.
    void clone_sender() noexcept { senders_.fetch_add("CloneSender", 1, relaxed); }

    void drop_sender() noexcept {
        // Each DropSender releases what was done with its handle to the last DropSender, which acquires it.
        if (senders_.fetch_sub("DropSender", 1, acq_rel) != 1) return;
        // The end of the stream. Releases what all senders did to TryRecvLook, ReceiverLook, RecvPark, RecvWithdraw and
        // Close (S21).
        if (tail_.fetch_or("DropLastSender", word::done, release) & word::parked) wake();
        leave();
    }

    void close() noexcept {
        if (end_ != 0) return;
        // Fixes which claims count. Acquires what the senders did from DropLastSender; releases what the receiver did
        // to SendLook, SendClaim, JoinClaim and SenderLook.
        end_ = position(tail_.fetch_or("Close", word::closed, acq_rel)) | word::done;
        lock_.lock("CloseLock");
        is_closed_ = true;
        Waiter* refused = line_.refuse_all();
        lock_.unlock("CloseUnlock");
        while (refused != nullptr) {
            Waiter* const rest = refused->next;
            refused->parker.release("CloseWake");
            refused = rest;
        }
    }

    /// Destroys what is left, and frees the ring, without waiting for the senders to leave.
    void drop_receiver() noexcept {
        close();
        while (settle(end_) == Seen::value) {
            const Word at = at_;
            at_ = at + one;
            cell(at).destroy();
        }
        Base::free_slots();  // only senders that have claimed touch slots, and this thread has waited for all of them
        leave();
    }

  private:
    explicit Ring(std::size_t capacity) noexcept : Base(capacity) {}

    void leave_token() noexcept { parker_.unpark("Wake"); }
    /// Several threads may have seen the receiver parked. The one that clears the flag wakes it. Relaxed, because the
    /// parker synchronises.
    void wake() noexcept {
        if (tail_.fetch_and("WakeClaim", ~word::parked, relaxed) & word::parked) leave_token();
    }

    /// The side that leaves second frees the channel. The first Leave releases that side's touches to the second, which
    /// acquires them.
    void leave() noexcept {
        if (one_side_left_.exchange("Leave", 1, acq_rel) != 0) free();
    }
    void free() noexcept {
        this->~Ring();
        P::deallocate(this, sizeof(Ring), alignof(Ring));
    }
};

}  // namespace ferry::detail
