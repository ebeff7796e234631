// What the handles of a bounded channel share: its variables, and the ring of slots.
#pragma once

#include <bit>
#include <cstddef>
#include <limits>

#include "../platform.hpp"
#include "lean.hpp"
#include "line.hpp"
#include "shared.hpp"
#include "slots.hpp"

namespace ferry::detail {

/// Only read-modify-writes change `tail_`, `room_` and `seen_room_`. Of a slot's flag, each store happens before the
/// next. So the stores of each variable are in one order, which leaves nothing to choose.
template <class T, class P>
struct RingShared : Requirements<T, P> {
    template <class U>
    using atomic = typename P::template atomic<U>;
    template <class U>
    using plain = typename P::template plain<U>;
    using Cell = typename P::template cell<T>;

    /// A position counts values from the beginning on, in units of `one`; the bits below are flags. Of `tail_`: PARKED,
    /// CLOSED and DONE, as in the unbounded channel's word. 61 bits are enough for seventy years of a value each
    /// nanosecond.
    static constexpr Word one = word::flags + 1;
    static constexpr Word blocked = 1;  // in `room_`: senders wait, or have waited
    static constexpr Word position(Word w) noexcept { return w & ~word::flags; }

    struct Ready : atomic<bool> {
        Ready() noexcept : atomic<bool>("ready", false) {}
    };
    /// The flags of a group lie before its values, as in Block. A capacity that is no power of two leaves slots unused.
    static constexpr unsigned group_slots = sizeof(T) >= 64 || P::padding == 1 ? 1 : 8;
    struct alignas(Ready) alignas(Cell) alignas(8) Group {
        Ready ready[group_slots];
        Cell values[group_slots];
    };
    static constexpr std::size_t groups_ahead = 2;  // as in Block
    /// A ring of one small group lies inside of this object, beside `room_`, because the same threads write both.
    static constexpr bool has_room_inside = P::padding > 1 && sizeof(Group) <= 160;

    static bool is_possible(std::size_t capacity) noexcept {
        return capacity <= (std::numeric_limits<std::size_t>::max)() / 2 / sizeof(Group);
    }
    explicit RingShared(std::size_t capacity) noexcept
        : room_("room", capacity * one),
          seen_room_("seen room", 0),
          capacity_(capacity),
          slots_(std::bit_ceil(capacity + (capacity == 0))) {
        void* const memory = is_inside() ? inside_ : P::allocate(bytes(), alignof(Group));
        if (memory != nullptr) construct_all<Group>(memory, group_count());
        groups_ = static_cast<Group*>(memory);
    }
    RingShared(const RingShared&) = delete;
    bool has_slots() const noexcept { return groups_ != nullptr; }
    void free_slots() noexcept {
        destroy_all<Group>(groups_, group_count());
        if (!is_inside()) P::deallocate(groups_, bytes(), alignof(Group));
    }

    std::size_t group_count() const noexcept { return (slots_ + group_slots - 1) / group_slots; }
    std::size_t bytes() const noexcept { return group_count() * sizeof(Group); }
    bool is_inside() const noexcept { return has_room_inside && group_count() == 1; }

    Word slot(Word w) const noexcept { return w / one & (slots_ - 1); }
    /// What the flag at that position is once the value is there: it changes with each lap.
    bool is_full_at(Word w) const noexcept { return (w / one & slots_) == 0; }
    Group& group(Word i) noexcept { return groups_[i / group_slots]; }
    Ready& ready(Word w) noexcept { return group(slot(w)).ready[slot(w) % group_slots]; }
    Cell& cell(Word w) noexcept { return group(slot(w)).values[slot(w) % group_slots]; }
    void prefetch_beyond(Word w) noexcept {
        if (const Word i = slot(w); i % group_slots == 0) {
            const Word ahead = (i + groups_ahead * group_slots) & (slots_ - 1);
            prefetch_for_writing(&group(ahead), sizeof(Group));
        }
    }

    [[maybe_unused]] std::byte padding_before_[P::padding];
    atomic<Word> tail_{"tail", 0};
    [[maybe_unused]] std::byte padding_between_[2 * P::padding];
    // The receiver's own.
    plain<Word> at_{0};   // its position
    plain<Word> end_{0};  // once closed: where the stream ends, with `done`; before: 0
    typename P::pace pace_;
    [[maybe_unused]] std::byte padding_after_[P::padding];
    alignas(P::padding) alignas(atomic<Word>) atomic<Word> room_;
    alignas(Group) std::byte inside_[has_room_inside ? sizeof(Group) : 1];
    [[maybe_unused]] std::byte padding_room_[P::padding];
    atomic<Word> seen_room_;  // what senders have last seen of `room_`
    [[maybe_unused]] std::byte padding_seen_[P::padding];
    // Seldom written.
    const std::size_t capacity_, slots_;
    Group* groups_;
    atomic<std::size_t> senders_{"senders", 1};
    atomic<unsigned> one_side_left_{"one side left", 0};  // no bool: see Shared
    typename P::parker parker_;
    // Under the lock.
    typename P::mutex lock_;
    Line<T, P> line_;
    plain<bool> is_closed_{false};
};

}  // namespace ferry::detail
