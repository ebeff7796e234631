// Recording programs on real threads, with blocks of the sizes that there are recorders for.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "../program.hpp"
#include "trace.hpp"

namespace traces {

struct Blocks {
    unsigned slots, first_slots;  // 0: the channel is bounded
    bool is_bounded() const { return slots == 0; }
    bool operator==(const Blocks&) const = default;
};
/// Those of scenarios; and at last those that ship, and none.
const std::vector<Blocks>& sizes_of_blocks();

struct Recorded {
    Trace trace;
    std::string failure;  // of a check that is not the oracle's; empty: none
    bool hangs = false;   // the threads have not come to their end, and are still there
};
/// The seed is of all lots: of how threads are held up, and whether a receiver spins before it parks.
Recorded record(const Blocks&, const verify::Program&, const std::vector<std::string>& handles, std::uint64_t seed,
                std::chrono::seconds patience);

}  // namespace traces
