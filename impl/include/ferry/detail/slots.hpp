// Where values lie: the channel's word, the blocks of slots, and the layout of both.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>

#include "lean.hpp"

namespace ferry {

class AddressTooWide;  // in channel.hpp

namespace detail {

using Word = std::uint64_t;

/// The word: everything that the threads of a channel have to agree on. From low to high: three flags, in the bits that
/// the alignment of blocks leaves free; the address of the newest block; the count of its slots that have been claimed.
namespace word {

inline constexpr Word parked = 1;  // the receiver sleeps, or is about to; the thread that clears this flag wakes it
inline constexpr Word closed = 2;  // the receiver is gone or has closed: claims no longer count. Never cleared
inline constexpr Word done = 4;    // the last sender is gone. Never cleared
inline constexpr Word flags = parked | closed | done;
inline constexpr unsigned count_shift = 48;
inline constexpr Word one_slot = Word{1} << count_shift;
inline constexpr Word address_bits = one_slot - 1 - flags;
/// Each send adds at most one claim between two installations of a block, so the count stays below slots + sends in
/// progress. If half as many sends as the count has room for wait for one block, the process ends with a message.
inline constexpr unsigned crowd_limit = 1u << 15;

constexpr Word address(Word w) noexcept { return w & address_bits; }
constexpr Word position(Word w) noexcept { return w & ~flags; }
constexpr unsigned count(Word w) noexcept { return static_cast<unsigned>(w >> count_shift); }

}  // namespace word

/// Asks for the cache lines of memory that this processor is about to write, while it still does other things. Reads
/// and writes nothing. Of very large values only the beginning, because to prefetch all of one is slower than nothing. On x86 the instruction is given by name, because compilers ask for a read unless they know the
/// processor; every 64-bit x86 accepts it.
inline void prefetch_for_writing(const void* memory, std::size_t bytes) noexcept {
    constexpr std::size_t line = 64, most = 1024;
    for (std::size_t offset = 0; offset < bytes && offset < most; offset += line) {
        const std::byte* const at = static_cast<const std::byte*>(memory) + offset;
#if defined(__x86_64__)
        asm volatile("prefetchw %0" : : "m"(*at));
#else
        __builtin_prefetch(at, 1);
#endif
    }
}

/// A block: some slots, each a flag and room for a value, and a pointer to the next block.
///
/// In memory the slots lie *before* the object of this class, in groups. The first block of a channel has fewer slots
/// than the others; it has the last indices of a whole block, so that slot i is at the same distance from the block in
/// both.
template <class T, class P>
class Block {
    template <class U>
    using atomic = typename P::template atomic<U>;

  public:
    static constexpr unsigned slot_count = P::template block_slots<T>;
    static constexpr unsigned first_slot_count = P::template first_block_slots<T>;
    static_assert(1 <= first_slot_count && first_slot_count <= slot_count && slot_count <= 4096);

    using Cell = typename P::template cell<T>;
    struct Emptied {  // a value that is gone when this is
        Cell& cell;
        ~Emptied() { cell.destroy(); }
    };
    struct Ready : atomic<bool> {  // the value is in its cell, and its sender does not touch the block any more
        Ready() noexcept : atomic<bool>("ready", false) {}
    };

  private:
    /// The flags of a group lie before its values, because a flag beside each small value would take as much room as
    /// the value. Large values are in groups of one, because groups of several are slower for them.
    static constexpr unsigned group_slots = sizeof(T) >= 64 ? 1 : gcd_with_8(slot_count | first_slot_count);
    struct alignas(Ready) alignas(Cell) alignas(8) Group {
        Ready ready[group_slots];
        Cell values[group_slots];
    };
    static constexpr unsigned groups_ahead = 2;  // that a sender prefetches

  public:
    alignas(Group) atomic<Block*> next{"next", nullptr};  // not null: the installer does not touch this block any more

    Ready& ready(unsigned i) noexcept { return group(i).ready[i % group_slots]; }
    Cell& cell(unsigned i) noexcept { return group(i).values[i % group_slots]; }

    /// For a sender that fills slot i: another sender will soon fill one of the next slots, whose cache lines the
    /// receiver's processor has held since the receiver emptied them.
    void prefetch_beyond(unsigned i) noexcept {
        const unsigned soon = i + groups_ahead * group_slots;
        if (i % group_slots == 0 && soon < slot_count) {
            prefetch_for_writing(&group(soon), sizeof(Group));
        }
    }

    static Block* of(Word w) noexcept {
        const std::uintptr_t at = w & (word::address_bits & UINTPTR_MAX);  // no cast: 64-bit compilers warn of one
        return std::bit_cast<Block*>(at);
    }
    static Word pack(Block* b, unsigned n) noexcept { return std::bit_cast<std::uintptr_t>(b) | n * word::one_slot; }
    static Word pack_end(Block* b) noexcept { return pack(b, slot_count); }  // the position behind the last slot

    /// What a block of n slots takes.
    static constexpr std::size_t bytes(unsigned n) noexcept { return room(n) + sizeof(Block); }
    static Block* in(void* memory, unsigned n) noexcept {
        return reinterpret_cast<Block*>(static_cast<std::byte*>(memory) + room(n));
    }
    /// The beginning and the end of a block's life. No other thread can reach the block yet, or any more, so nothing
    /// here is an atomic operation.
    static Block* construct(void* memory, unsigned n) noexcept {
        construct_all<Group>(memory, n / group_slots);
        return ::new (static_cast<std::byte*>(memory) + room(n)) Block;
    }
    static void* destroy(Block* b, unsigned n) noexcept {
        void* const memory = reinterpret_cast<std::byte*>(b) - room(n);
        b->~Block();
        destroy_all<Group>(memory, n / group_slots);
        return memory;
    }

  private:
    static constexpr std::size_t room(unsigned n) noexcept { return n / group_slots * sizeof(Group); }
    /// By the letter of the standard, no pointer to this object may reach the storage before it. The README says so
    /// under "What is not proved".
    Group& group(unsigned i) noexcept {
        const std::ptrdiff_t all = slot_count / group_slots;
        return reinterpret_cast<Group*>(this)[i / group_slots - all];
    }
};

/// Whether the addresses of all blocks in this memory fit into the word.
inline bool is_usable(void* memory, std::size_t size) noexcept {
    return memory != nullptr && ((Word{std::bit_cast<std::uintptr_t>(memory)} + size) & ~word::address_bits) == 0;
}

/// Where exceptions are switched off, the process ends with the message.
template <class Exception, class P>
[[noreturn]] void fail([[maybe_unused]] const char* message) {
#if defined(__cpp_exceptions)
    throw Exception();
#else
    P::fatal(message);
#endif
}

/// For memory that is not usable.
template <class P>
[[noreturn]] void refuse(void* memory, std::size_t size, std::size_t alignment) {
    if (memory == nullptr) fail<std::bad_alloc, P>("out of memory");
    P::deallocate(memory, size, alignment);
    fail<AddressTooWide, P>("memory beyond 48 bits of address");
}

}  // namespace detail

}  // namespace ferry
