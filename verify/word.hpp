// How the header packs its word, for those that look at it from outside: three flags; the address of a block; how many of
// its slots have been claimed.
#pragma once

#include <cstdint>

namespace verify::word {

inline constexpr std::uint64_t parked = 1, closed = 2, done = 4, flags = parked | closed | done;
inline constexpr unsigned count_shift = 48;

constexpr std::uint64_t address(std::uint64_t w) { return w & ((std::uint64_t{1} << count_shift) - 1 - flags); }
constexpr unsigned count(std::uint64_t w) { return static_cast<unsigned>(w >> count_shift); }

}  // namespace verify::word
