// The linearization points of the bounded channel (ferry/detail/ring.hpp): which of its steps are which of the contract's
// (spec/SyncChannel.tla).
#pragma once

#include "follow.hpp"

namespace verify {

inline void Follower::ring_step(const Event& e, Call call) {
    const unsigned thread = e.thread;
    const bool writes = e.kind == Event::Kind::exchange;
    const auto is = [&](const char* step) { return std::strcmp(e.step, step) == 0; };

    // ---- sends
    if (is("SendClaim") || is("JoinClaim") || is("SendLook")) {
        if (writes) must(thread, ok, e.step);
        else if (e.after & word::closed) must(thread, refused, e.step);
    } else if (is("JoinUnlock")) {
        // Between Close and CloseLock the line is still there. Who joins it then is refused by that close, or gives up
        // before: then both were before the close.
        joins_late_[thread] = closed_;
        if (!closed_) must(thread, waits, e.step);
    } else if (is("JoinNotUnlock")) {
        if (closed_) may(thread, refused);
    } else if (is("LeaveLineUnlock")) {
        if (closed_ && joins_late_[thread]) place(thread, waits, e.step);
        if (closed_) place(thread, nothing | nowhere, e.step);
        else must(thread, nothing | nowhere, e.step);
    } else if (is("DismissLook")) {
        if (!(e.before & word::closed)) {
            must(called_back_[thread], nothing, e.step);
            is_dismissed_[called_back_[thread]] = true;
        }
    } else if (is("SendTakeToken") || ((is("SendSleep") || is("SendSleepUntil")) && e.before != 0)) {
        if (!std::exchange(is_dismissed_[thread], false)) must(thread, ok | refused, e.step);

        // ---- receives
    } else if (is("RecvRoom")) {
        if (writes) must(thread, value, e.step);
    } else if (is("AdmitClaim")) {
        must(thread, value, e.step);
        lets_in_ = true;
    } else if (is("AdmitRoom")) {
        if (!std::exchange(lets_in_, false)) must(thread, value, e.step);
    } else if (is("AdmitUnlock")) {
        if (!std::exchange(meets_, false)) may(thread, nothing | list);
        if (capacity == 0) lets_in_ = false;
    } else if (is("RecvReady") || is("RecvAwaitReady")) {
        if (call == Call::drop_receiver) return;
        // Elsewhere the point is where the receiver makes room. What the flag means changes with each lap.
        if (!closed_ && capacity != 0) return;
        if (is("RecvReady")) may(thread, closed_ ? value | end | list : value);
        else must(thread, value, e.step);
    } else if (is("RecvPark") && writes) {
        if (capacity == 0) {
            must(thread, waits, e.step);
            meets_ = true;
            parked_ = thread;
        }
    } else if (is("RecvWithdraw") || is("RecvPark") || is("TryRecvLook") || is("ReceiverLook")) {
        if (call == Call::drop_receiver) return;
        const unsigned shows = nothing | end | list | (is("RecvWithdraw") ? nowhere : 0u);
        if (e.stale) look_at_the_past(thread, e.after, shows);
        else may(thread, shows);
    } else if (is("StopClaim")) {
        if (capacity == 0 && (e.before & word::parked)) must(parked_, interrupted, e.step);
    } else if (is("RecvTakeToken")) {
        may(thread, nowhere);

        // ---- the rest
    } else if (is("Close")) {
        closed_ = true;
        must(thread, quiet | destroyed, e.step);
    } else if (is("CloneSender") || is("DropLastSender")) {
        must(thread, quiet, e.step);
    } else if (is("DropSender")) {
        if (e.before != 1) must(thread, quiet, e.step);
    } else if (is("SenderLook")) {
        const unsigned answer = e.after & word::closed ? end : nothing;
        if (e.stale) look_at_the_past(thread, e.after, answer);
        else must(thread, answer, e.step);
    } else if (is("Signal") || is("StopRequest")) {
        must(thread, quiet, e.step, {events_[thread], no_event});
    } else if (is("Await") || is("See")) {
        must(thread, quiet, e.step, {no_event, events_[thread]});
    }
}

}  // namespace verify
