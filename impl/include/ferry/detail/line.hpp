// The senders that wait for room in a bounded channel: first come, first served.
#pragma once

#include <exception>

#include "../platform.hpp"

namespace ferry::detail {

/// What became of a sender that waits, or still waits.
enum class Standing { waits, accepted, refused, dismissed };

/// A sender that waits, with its value, which is still its own. The sender owns this memory, on its stack. Whoever
/// takes the waiter out of the line gives it the token, and does not touch it any more, because the sender may have
/// returned by then.
template <class T, class P>
struct Waiter {
    explicit Waiter(T* mine) noexcept : value(mine) {}
    Waiter(const Waiter&) = delete;

    T* const value;
    typename P::template plain<Waiter*> next{nullptr};
    typename P::template plain<Standing> standing{Standing::waits};
    typename P::parker parker;
};

/// Returns what became of the waiter; `waits`: the deadline has passed, at which `wait` returns false, and the waiter has
/// left the line by `leave`, which returns what had become of it. Left by unwinding if `wait` is and the waiter could
/// leave the line.
template <class T, class P, class Wait, class Leave>
Standing wait_in_line(Waiter<T, P>& me, Wait wait, Leave leave) {
#if defined(__cpp_exceptions)
    try {
        if (wait(me.parker)) return me.standing;
    } catch (...) {
        const Standing standing = leave();
        // What pthread_cancel throws is no exception of C++, and must go on.
        if (standing == Standing::waits || std::current_exception() == nullptr) throw;
        return standing;  // the send had been answered: as if the clock had thrown too late
    }
#else
    if (wait(me.parker)) return me.standing;
#endif
    return leave();
}

/// The line. A lock guards it, which its user holds.
template <class T, class P>
class Line {
    template <class U>
    using plain = typename P::template plain<U>;
    using Waiter = detail::Waiter<T, P>;

  public:
    bool is_empty() const noexcept { return first_ == nullptr; }

    void add(Waiter& last) noexcept {
        if (is_empty()) {
            first_ = &last;
        } else {
            last_->next = &last;
        }
        last_ = &last;
    }

    /// The line must not be empty.
    Waiter& take_first() noexcept {
        Waiter* const first = first_;
        Waiter* const rest = first->next;
        first_ = rest;
        return *first;
    }

    /// Refuses all of them. Returns the first; each has the `next` one.
    Waiter* refuse_all() noexcept {
        Waiter* const first = first_;
        for (Waiter* each = first; each != nullptr; each = each->next) each->standing = Standing::refused;
        first_ = nullptr;
        return first;
    }

    /// `gone` must be in the line.
    void remove(Waiter& gone) noexcept {
        Waiter* before = nullptr;
        for (Waiter* each = first_; each != &gone; each = each->next) before = each;
        Waiter* const rest = gone.next;
        if (before == nullptr) {
            first_ = rest;
        } else {
            before->next = rest;
        }
        if (last_ == &gone) last_ = before;
    }

  private:
    plain<Waiter*> first_{nullptr}, last_{nullptr};
};

}  // namespace ferry::detail
