// The contract, spec/Channel.tla, for traces that are too long for TLC: the same state, and the same steps under the same
// names, each of which says whether it may be taken, and if so takes it. That it allows just what the contract allows is
// checked in every run, against the state graphs that TLC makes of all scenarios (agree.hpp).
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

namespace traces {

class Contract {
  public:
    using Handle = std::uint32_t;
    using Value = std::uint32_t;
    enum class Life : std::uint8_t { unborn, live, dropped };
    enum class Receiver : std::uint8_t { open, closed, dropped };

    /// As Begin: the first of the handles live; each value is with the sender that may send it (`hold`).
    Contract(std::size_t handles, std::size_t values, std::size_t alive)
        : handle_(handles, Life::unborn), holder_(values, nobody), live_(alive) {
        for (std::size_t h = 0; h != alive; ++h) handle_[h] = Life::live;
    }
    void hold(Handle h, Value v) {
        if (holder_[v] == nobody) holder_[v] = h;
    }

    Receiver receiver() const { return receiver_; }
    std::size_t live() const { return live_; }
    bool ended() const { return receiver_ == Receiver::closed || live_ == 0; }
    const std::deque<Value>& queue() const { return queue_; }
    /// Every handle is dropped.
    bool gone() const { return receiver_ == Receiver::dropped && live_ == 0; }
    bool CanSend(Handle h, Value v) const { return is_live(h) && v < holder_.size() && holder_[v] == h; }

    bool SendAccepted(Handle h, Value v) {
        if (!CanSend(h, v) || receiver_ != Receiver::open) return false;
        holder_[v] = nobody;
        queue_.push_back(v);
        return true;
    }
    bool SendRefused(Handle h, Value v) { return CanSend(h, v) && receiver_ != Receiver::open; }

    bool Clone(Handle h, Handle c) {
        if (!is_live(h) || c >= handle_.size() || handle_[c] != Life::unborn) return false;
        handle_[c] = Life::live;
        ++live_;
        return true;
    }
    bool DropSender(Handle h) {
        if (!is_live(h)) return false;
        handle_[h] = Life::dropped;
        --live_;
        return true;
    }

    bool RecvValue(Value v) { return is_there() && Take(v); }
    bool RecvDisconnected() { return is_there() && LearnTheEnd(); }
    bool TryRecvValue(Value v) { return is_there() && Take(v); }
    bool TryRecvEmpty() { return is_there() && FindNothing(); }
    bool TryRecvDisconnected() { return is_there() && LearnTheEnd(); }
    bool RecvTimedValue(Value v) { return is_there() && Take(v); }
    bool RecvTimedOut() { return is_there() && FindNothing(); }
    bool RecvTimedDisconnected() { return is_there() && LearnTheEnd(); }

    bool RecvUnwound() const { return is_there(); }

    bool SenderConnected(Handle h) const { return is_live(h) && receiver_ == Receiver::open; }
    bool SenderDisconnected(Handle h) const { return is_live(h) && receiver_ != Receiver::open; }
    bool ReceiverConnected() const { return is_there() && (!queue_.empty() || !ended()); }
    bool ReceiverDisconnected() const { return is_there() && LearnTheEnd(); }

    bool Close() {
        if (!is_there()) return false;
        receiver_ = Receiver::closed;
        return true;
    }
    /// `destroyed`: what is to have been destroyed by this step, in order.
    template <class Values>
    bool DropReceiver(const Values& destroyed) {
        if (!is_there() || !std::equal(queue_.begin(), queue_.end(), destroyed.begin(), destroyed.end())) return false;
        receiver_ = Receiver::dropped;
        queue_.clear();
        return true;
    }

    bool operator==(const Contract&) const = default;

  private:
    static constexpr Handle nobody = ~Handle{0};

    bool is_live(Handle h) const { return h < handle_.size() && handle_[h] == Life::live; }
    bool is_there() const { return receiver_ != Receiver::dropped; }

    bool Take(Value v) {
        if (queue_.empty() || queue_.front() != v) return false;
        queue_.pop_front();
        return true;
    }
    bool FindNothing() const { return queue_.empty() && !ended(); }
    bool LearnTheEnd() const { return queue_.empty() && ended(); }

    std::vector<Life> handle_;
    Receiver receiver_ = Receiver::open;
    std::vector<Handle> holder_;  // `held`, the other way round
    std::deque<Value> queue_;
    std::size_t live_;
};

}  // namespace traces
