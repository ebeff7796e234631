// What a call has seen in the channel's word. The channel decides there, and all that it decides lies in one order, so
// the calls of several threads can be put in order afterwards. To note it takes no lock and writes nothing that another
// thread reads, so it orders nothing.
//
// Of a bounded channel, the word says how many values were claimed. While as many are, senders join the line and leave it,
// and with capacity 0 the receiver parks: all under the lock, which counts how often it was taken.
//
// Blocks come back, so a block's address does not say which it was. Each is numbered when it is constructed: one more
// than the block in which its installer claimed its slot. The number lies in the block's first atomic. A sender that
// has claimed a slot in the block may read it there, and so may the receiver, as long as it has not closed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include "../trace/trace.hpp"
#include "../word.hpp"

namespace announced {

using traces::Position;

/// What a thread has seen in the word during its call in progress, by the steps that are the linearization points in
/// spec/AlgorithmRefinement.tla.
struct Seen {
    std::optional<Position> claim;  // SendClaim, and
    bool refused = false;           // whether the word was closed then
    std::optional<Position> look;   // where the receiver has last looked
    std::optional<Position> end;    // Close, DropLastSender
    // Of a bounded channel.
    const void* word = nullptr;  // the channel's, if this thread has loaded it
    unsigned turn = 0;           // how often the lock was taken, when this thread had it last
    bool has_lock = false;
    bool is_of_ring = false;
    std::optional<Position> waits;     // JoinUnlock; with capacity 0, RecvPark
    std::optional<Position> lets_in;   // AdmitClaim
    std::optional<Position> withdrew;  // RecvWithdraw
};
inline thread_local Seen seen;
/// The address of the full block that this thread is going to install the next of; 0: a new channel. Its number is not read
/// before the next is constructed, because an installer that has no memory gives up without a word to whoever frees the
/// block. (What is recorded has no allocator that makes calls on channels: those would change it.)
inline thread_local std::uint64_t full_block = 0;

/// The beginning of each atomic that is a pointer, and so of each block.
class Numbered {
  public:
    explicit Numbered() noexcept : self_(this), number_(next_number()) {}
    static unsigned at(std::uint64_t address) {
        const auto* const head = reinterpret_cast<const Numbered*>(address);
        if (head->self_ == head) return head->number_;
        std::fputs(
            "announced: a block that the word names is no longer there; or blocks do not begin with a pointer any "
            "more: "
            "see verify/platforms/positions.hpp\n",
            stderr);
        std::abort();
    }

  private:
    static unsigned next_number() {
        if (full_block == 0) return 0;
        seen.claim->block = at(std::exchange(full_block, 0));
        return seen.claim->block + 1;
    }

    const Numbered* self_;
    unsigned number_;
};

/// The place of claims among what has found as many values claimed: they change that.
inline constexpr unsigned last = ~0u;

/// The call in progress has found `w` in the word of a bounded channel at that step, and `has_replaced` it.
inline void note_in_ring(std::string_view step, std::uint64_t w, bool has_replaced) {
    using namespace verify;
    const bool is_closed = w & word::closed;
    const unsigned ends = is_closed + ((w & word::done) != 0);
    const auto claimed = static_cast<unsigned>(w / (word::flags + 1));
    if (step == "SendLook" || step == "SendClaim" || step == "JoinClaim") {
        seen.refused = is_closed;
        seen.claim = {ends, claimed, last};
    } else if (step == "AdmitClaim") {
        seen.lets_in = {ends, claimed, last};
    } else if (step == "Close") {
        seen.end = {ends, claimed, last};
    } else if (step == "DropLastSender") {
        seen.end = {ends, last, last};
    } else if (step == "TryRecvLook" || step == "ReceiverLook" || step == "RecvPark" || step == "RecvWithdraw") {
        seen.is_of_ring = true;
        seen.look = {ends, claimed, seen.turn};
        if (step == "RecvWithdraw") seen.withdrew = seen.look;
        if (step == "RecvPark" && has_replaced && seen.has_lock) seen.waits = seen.look;
    }
}

/// The call in progress has found `w` in the word at that step, and may have replaced it. A block has so many slots.
inline void note(std::string_view step, std::uint64_t w, unsigned slots) {
    using namespace verify;
    const bool is_closed = w & word::closed;
    const unsigned ends = is_closed + ((w & word::done) != 0);
    const auto here = [&] { return Position{ends, Numbered::at(word::address(w)), word::count(w)}; };
    if (step == "SendClaim") {
        seen.refused = is_closed;
        if (is_closed) return void(seen.claim = {ends});
        // Beyond, the claim means nothing, and the block may be gone.
        if (word::count(w) > slots) return;
        const bool installs = word::count(w) == slots;
        seen.claim = installs ? Position{ends, 0, slots} : here();
        full_block = installs ? word::address(w) : 0;
    } else if (step == "TryRecvLook" || step == "ReceiverLook" || step == "RecvPark" || step == "RecvWithdraw" ||
               step == "RecvAwaitInstall") {
        if (is_closed) return;
        seen.look = here();
        // A claim behind the last slot may be taken back, for want of a block.
        seen.look->slot = std::min(seen.look->slot, slots);
    } else if (step == "Close") {
        seen.end = here();
    } else if (step == "DropLastSender") {
        // After all claims that count: those were made through other handles, or this one.
        seen.end = {ends, last, last};
    }
}

}  // namespace announced
