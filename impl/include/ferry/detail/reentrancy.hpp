// What a thread remembers of the calls that it is in, while it runs code that is not the channel's: T's move
// constructor and destructor, and the allocator. Such code may call the same channel again.
#pragma once

#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "slots.hpp"

namespace ferry::detail {

/// Takes the place of Unfinished or Taking where T has no code to run.
struct Nothing {
    explicit Nothing(const auto&) noexcept {}
    static constexpr bool owes_drop = false;
};

/// A send during which the thread runs the allocator or the value's move constructor. `at` is the slot that this send
/// has claimed, as a word. A call inside that comes to this slot would wait for its own thread, so it asks here first.
class Unfinished {
  public:
    template <bool runs>
    using If = std::conditional_t<runs, Unfinished, Nothing>;
    explicit Unfinished(std::uint64_t at) noexcept : at_(at), outer_(std::exchange(innermost_, this)) {}
    Unfinished(const Unfinished&) = delete;
    ~Unfinished() { innermost_ = outer_; }
    /// This thread's unfinished send at that slot, or null.
    static Unfinished* find(std::uint64_t at) noexcept {
        Unfinished* u = innermost_;
        while (u != nullptr && u->at_ != at) u = u->outer_;
        return u;
    }
    static bool is_here(std::uint64_t at) noexcept { return find(at) != nullptr; }

    bool owes_drop = false;  // a call inside has dropped the receiver, but could not destroy the value of this send

  private:
    static inline constinit thread_local Unfinished* innermost_ = nullptr;
    std::uint64_t at_;
    Unfinished* outer_;
};

/// For a call from inside of `send`, by the allocator or by T's move constructor, that has to wait for this very send.
template <class P>
[[noreturn]] void refuse_to_wait() {
    P::fatal("a call made by a move constructor or an allocator inside of send waits for that send");
}

/// For a send by an allocator on the channel that it allocates for: it would wait for itself.
template <class P>
[[noreturn]] void refuse_to_nest() {
    fail<std::bad_alloc, P>("an allocator sends on the channel that it allocates for");
}

/// A call of the receiver during which code runs that is not the channel's. The channel is kept meanwhile, because this
/// code may drop the receiver. Where it is T's, run on a value in a slot, the block of that slot is kept, too, because
/// this code may receive from the channel, and so come to the end of the block.
template <class Core>
class Taking {
  public:
    template <bool runs>
    using If = std::conditional_t<runs, Taking, Nothing>;
    explicit Taking(Core& core) noexcept : Taking(core, core.head_) {}
    /// `block`: to be kept, or null.
    Taking(Core& core, typename Core::Block* block) noexcept : core_(core), block_(block), outer_(core.innermost_) {
        core.innermost_ = this;
    }
    Taking(const Taking&) = delete;
    ~Taking() {
        core_.innermost_ = outer_;
        if (block_ != nullptr && block_ != core_.head_ && !is_any_at(outer_, block_)) core_.recycle(block_);
        if (outer_ == nullptr && core_.is_dropped_) core_.let_go();
    }
    /// Whether one of the calls from `innermost` outwards takes a value from that block.
    static bool is_any_at(const Taking* innermost, const void* block) noexcept {
        for (const Taking* t = innermost; t != nullptr; t = t->outer_) {
            if (t->block_ == block) return true;
        }
        return false;
    }

  private:
    Core& core_;
    typename Core::Block* block_;
    Taking* outer_;
};

}  // namespace ferry::detail
