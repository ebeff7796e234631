// What the handles of a channel share: its variables.
#pragma once

#include <atomic>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "../platform.hpp"
#include "reentrancy.hpp"
#include "slots.hpp"

namespace ferry::detail {

inline constexpr auto relaxed = std::memory_order::relaxed;
inline constexpr auto acquire = std::memory_order::acquire;
inline constexpr auto release = std::memory_order::release;
inline constexpr auto acq_rel = std::memory_order::acq_rel;

/// What there is at the receiver's position. `own`: a value that this thread is sending, in a call around this one.
enum class Seen { value, empty, disconnected, own };

/// What a channel asks of its values and of its platform.
template <class T, class P>
struct Requirements {
    // Users read these messages: a requirement, and its reason.
    static_assert(std::is_object_v<T> && !std::is_const_v<T> && !std::is_array_v<T>,
                  "ferry: a channel carries objects");
    static_assert(std::is_nothrow_move_constructible_v<T>,
                  "ferry: T must be nothrow-move-constructible: a value on its way can't be given back (S25)");
    static_assert(std::is_nothrow_destructible_v<T>,
                  "ferry: T must be nothrow-destructible: the channel destroys what is left (S25)");
    static_assert(noexcept(P::allocate(0, 0)), "ferry: Platform::allocate returns null where there is no memory");
};

template <class T, class P>
struct Core;

/// The variables, and what the algorithm does to them without an atomic instruction.
///
/// Only read-modify-writes change `tail_`. All claims, parkings, closings and the end of the stream therefore lie in
/// one total order, and each of them sees all that came before it. A store to `tail_` that releases stays the head of a
/// release sequence through all later read-modify-writes, so nothing needs sequential consistency.
///
/// Only the owners of its slots and its one installer touch a block. All of them say when they have finished with it
/// (`ready`, `next`), so the receiver may destroy the block once it has acquired these flags: no other reclamation is
/// needed.
template <class T, class P>
struct Shared : Requirements<T, P> {
    template <class U>
    using atomic = typename P::template atomic<U>;
    template <class U>
    using plain = typename P::template plain<U>;
    using Block = detail::Block<T, P>;
    static constexpr unsigned slot_count = Block::slot_count;
    static constexpr unsigned first_slot_count = Block::first_slot_count;
    // To move a value, or to destroy it: what has a destructor of its own is not moved trivially, either.
    static constexpr bool runs_code = !std::is_trivially_move_constructible_v<T>;

    using Core = detail::Core<T, P>;
    using Taking = detail::Taking<Core>;

    /// The beginning and the end of a channel.
    static Core* create() {
        void* const memory = P::allocate(sizeof(Core), alignof(Core));
        if (!is_usable(memory, sizeof(Core))) refuse<P>(memory, sizeof(Core), alignof(Core));
        return ::new (memory) Core;
    }
    static void destroy(Core* core) noexcept {
        core->~Core();
        P::deallocate(core, sizeof(Core), alignof(Core));
    }
    Shared() noexcept
        : tail_("tail", Block::pack(first(), slot_count - first_slot_count)),
          head_(first()),
          taken_(slot_count - first_slot_count) {
        Block::construct(first_, first_slot_count);
    }
    ~Shared() { Block::destroy(first(), first_slot_count); }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

    /// Moves a value into a slot. Returns true when the value's move constructor has dropped the receiver.
    static bool put(Block* b, unsigned i, T& value) noexcept {
        const typename Unfinished::template If<runs_code> unfinished(Block::pack(b, i));
        b->cell(i).put(std::move(value));
        return unfinished.owes_drop;
    }

    Word position() const noexcept { return Block::pack(head_, taken_); }
    /// After Seen::value: the value, moved into a Result, whose first constructor argument is std::in_place. T's move
    /// constructor and destructor, if they call this channel, find the value taken.
    template <class Result>
    Result take() noexcept {
        const typename Taking::template If<runs_code> taking(static_cast<Core&>(*this));
        const typename Block::Emptied taken{next_cell()};
        // The value is constructed in the result and not moved there, because compilers would ask without end whether a
        // std::expected can be moved whose T converts from anything (clang 19 with libstdc++ 12).
        return Result(std::in_place, std::move(taken.cell.get()));
    }
    void destroy_next() noexcept {
        const typename Taking::template If<runs_code> taking(static_cast<Core&>(*this));
        next_cell().destroy();
    }
    typename Block::Cell& next_cell() noexcept {
        const unsigned i = taken_;
        taken_ = i + 1;
        return head_->cell(i);
    }

    Block* first() noexcept { return Block::in(first_, first_slot_count); }
    /// For the sender that has claimed this position, behind the last slot of a block.
    static void* allocate_block(Word claimed) noexcept {
        const Unfinished unfinished(claimed);  // the allocator may call the channel
        return P::allocate(Block::bytes(slot_count), alignof(Block));
    }
    static void deallocate_block(void* memory) noexcept {
        P::deallocate(memory, Block::bytes(slot_count), alignof(Block));
    }

    [[maybe_unused]] std::byte padding_before_[P::padding];
    atomic<Word> tail_;
    [[maybe_unused]] std::byte padding_between_[2 * P::padding];
    // The receiver's own.
    plain<Block*> head_;                                     // the block that it takes from
    plain<unsigned> taken_;                                  // how many of its slots the receiver has passed
    plain<unsigned> passed_{first_slot_count - slot_count};  // with `taken_`: how many values were taken. May run over
    plain<Word> end_{0};                 // once closed: where the stream ends, with `done`; before: 0
    plain<Taking*> innermost_{nullptr};  // of the receiver's calls that run other code
    plain<bool> is_dropped_{false};      // by such code
    typename P::pace pace_;
    [[maybe_unused]] std::byte padding_after_[P::padding];
    // Seldom touched.
    atomic<void*> spare_{"spare", nullptr};
    atomic<std::size_t> senders_{"senders", 1};
    atomic<unsigned> one_side_left_{"one side left", 0};  // no bool, which g++ 12 on riscv64 exchanges by libatomic
    typename P::parker parker_;
    alignas(Block) std::byte first_[Block::bytes(first_slot_count)];
};

}  // namespace ferry::detail
