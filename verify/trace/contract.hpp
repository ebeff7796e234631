// The contract, spec/SyncChannel.tla, made of spec/Channel.tla, for traces that are too long for TLC: the same state, and
// the same steps under the same names, each of which says whether it may be taken, and if so takes it. That it allows just
// what the contract allows is checked in every run, against the state graphs that TLC makes of all scenarios (agree.hpp).
#pragma once

#include <algorithm>
#include <cstddef>
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

    /// As SyncBegin: the first of the handles live; each value is with the sender that may send it (`hold`). A negative
    /// capacity: the channel is unbounded.
    Contract(std::size_t handles, std::size_t values, std::size_t alive, int capacity)
        : handle_(handles, Life::unborn),
          holder_(values, nobody),
          live_(alive),
          capacity_(capacity < 0 ? unbounded : static_cast<std::size_t>(capacity)) {
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
    bool CanSend(Handle h, Value v) const { return is_live(h) && holds(h, v) && !IsWaiting(v); }
    /// Whether a receive that takes a value lets the first in line in.
    bool LetsIn() const { return !line_.empty() && (capacity_ > 0 || queue_.empty()); }
    bool has_slots() const { return capacity_ > 0; }

    bool SendAccepted(Handle h, Value v) {
        if (!CanSend(h, v) || receiver_ != Receiver::open || NoRoom()) return false;
        holder_[v] = nobody;
        queue_.push_back(v);
        return true;
    }
    bool SendRefused(Handle h, Value v) const { return CanSend(h, v) && receiver_ != Receiver::open; }
    bool SendWaits(Handle h, Value v) {
        if (!TrySendFull(h, v)) return false;
        line_.push_back(v);
        return true;
    }
    bool TrySendFull(Handle h, Value v) const { return CanSend(h, v) && receiver_ == Receiver::open && NoRoom(); }
    bool SendGivesUp(Handle h, Value v) { return is_live(h) && holds(h, v) && std::erase(line_, v) != 0; }
    /// No step: a send that has waited is told that a receive has let it in.
    bool IsLetIn(Handle h, Value v) const {
        return capacity_ != unbounded && is_live(h) && v < holder_.size() && holder_[v] == nobody;
    }

    bool Clone(Handle h, Handle c) {
        if (!is_live(h) || c >= handle_.size() || handle_[c] != Life::unborn) return false;
        handle_[c] = Life::live;
        ++live_;
        return true;
    }
    bool DropSender(Handle h) {
        if (!is_live(h) || std::ranges::any_of(line_, [&](Value v) { return holder_[v] == h; })) return false;
        handle_[h] = Life::dropped;
        --live_;
        return true;
    }

    bool RecvValue(Value v) { return is_there() && Take(v); }
    bool RecvDisconnected() { return is_there() && LearnTheEnd(); }
    bool TryRecvValue(Value v) { return is_there() && !meeting_ && Take(v); }
    bool TryRecvEmpty() { return is_there() && !meeting_ && FindNothing(); }
    bool TryRecvDisconnected() { return is_there() && !meeting_ && LearnTheEnd(); }
    bool RecvTimedValue(Value v) { return is_there() && Take(v); }
    bool RecvTimedOut() { return is_there() && FindNothing(); }
    bool RecvTimedDisconnected() { return is_there() && LearnTheEnd(); }

    bool RecvWaits() {
        if (has_slots() || meeting_ || live_ == 0 || receiver_ != Receiver::open || !is_empty()) return false;
        return meeting_ = true;
    }
    bool RecvIsInterrupted() { return meeting_ && queue_.empty() && StopsWaiting(); }
    bool RecvUnwound() {
        meeting_ = false;
        return is_there();
    }

    bool SenderConnected(Handle h) const { return is_live(h) && receiver_ == Receiver::open; }
    bool SenderDisconnected(Handle h) const { return is_live(h) && receiver_ != Receiver::open; }
    bool ReceiverConnected() const { return is_there() && !meeting_ && (!is_empty() || !ended()); }
    bool ReceiverDisconnected() const { return is_there() && !meeting_ && is_empty() && ended(); }

    bool Close() {
        if (!is_there() || meeting_) return false;
        receiver_ = Receiver::closed;
        line_.clear();
        return true;
    }
    /// `destroyed`: what is to have been destroyed by this step, in order.
    template <class Values>
    bool DropReceiver(const Values& destroyed) {
        if (!is_there() || meeting_ || !std::ranges::equal(queue_, destroyed)) return false;
        receiver_ = Receiver::dropped;
        queue_.clear();
        line_.clear();
        return true;
    }

    bool operator==(const Contract&) const = default;

  private:
    static constexpr Handle nobody = ~Handle{0};
    static constexpr std::size_t unbounded = ~std::size_t{0};

    bool is_live(Handle h) const { return h < handle_.size() && handle_[h] == Life::live; }
    bool is_there() const { return receiver_ != Receiver::dropped; }
    bool is_empty() const { return queue_.empty() && line_.empty(); }
    bool holds(Handle h, Value v) const { return v < holder_.size() && holder_[v] == h; }
    bool IsWaiting(Value v) const { return std::ranges::find(line_, v) != line_.end(); }
    bool NoRoom() const { return queue_.size() >= capacity_ + meeting_ || !line_.empty(); }

    bool Take(Value v) {
        const bool lets_in = LetsIn();
        const std::deque<Value>& from = queue_.empty() ? line_ : queue_;
        if (from.empty() || from.front() != v) return false;
        if (lets_in) {
            queue_.push_back(line_.front());
            holder_[line_.front()] = nobody;
            line_.pop_front();
        }
        queue_.pop_front();
        meeting_ = false;
        return true;
    }
    bool FindNothing() { return is_empty() && !ended() && StopsWaiting(); }
    bool LearnTheEnd() { return is_empty() && ended() && StopsWaiting(); }
    bool StopsWaiting() {
        meeting_ = false;
        return true;
    }

    std::vector<Life> handle_;
    Receiver receiver_ = Receiver::open;
    std::vector<Handle> holder_;  // `held`, the other way round
    std::deque<Value> queue_;
    std::size_t live_;
    std::size_t capacity_;
    std::deque<Value> line_;
    bool meeting_ = false;
};

}  // namespace traces
