// What is sent in tests, recordings and explorations: move-only. It knows its number until it is moved away; then it is
// what a move leaves behind, with the number 0.
#pragma once

#include <utility>

namespace verify {

/// A Watch is told, by the thread that does it: made(), moved or not; ended(id, is_the_channels); wrong(what).
template <class Watch>
class Message {
  public:
    explicit Message(unsigned id) : id_(id), place_(this) { Watch::made(); }
    Message(Message&& other) noexcept : id_(other.leave()), is_the_channels_(other.is_the_channels_), place_(this) {
        Watch::made();
    }
    Message& operator=(Message&&) = delete;
    ~Message() {
        if (place_ != this) Watch::wrong("a message is destroyed where none is (S3)");
        place_ = nullptr;
        Watch::ended(id_, is_the_channels_);
    }

    /// Only its owner asks. A message that nobody has asked since it was made is the channel's.
    unsigned id() const {
        is_the_channels_ = false;
        return id_;
    }
    bool is_the_channels() const { return is_the_channels_; }
    /// Is going to be sent once more.
    void hand_over() { is_the_channels_ = true; }

  private:
    unsigned leave() {
        if (place_ != this || id_ == 0) Watch::wrong("a message is taken from where none is (S1)");
        return std::exchange(id_, 0u);
    }

    unsigned id_;
    mutable bool is_the_channels_ = true;
    const Message* volatile place_;  // volatile, because it is looked at when the message is gone
};

}  // namespace verify
