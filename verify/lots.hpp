// Random numbers from a seed, the same on every machine.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>

namespace verify {

class Lot {
  public:
    explicit Lot(std::uint64_t seed) : source_(seed) {}
    std::uint64_t operator()() { return source_(); }
    /// From 0 to n - 1.
    unsigned below(unsigned n) { return static_cast<unsigned>((source_() >> 11) % n); }
    unsigned between(unsigned least, unsigned most) { return least + below(most - least + 1); }
    bool one_in(unsigned n) { return below(n) == 0; }
    template <class T>
    T one_of(std::initializer_list<T> choices) {
        return choices.begin()[below(static_cast<unsigned>(choices.size()))];
    }

  private:
    std::mt19937_64 source_;
};

/// Mixes numbers into a seed (the finalizer of splitmix64).
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    std::uint64_t z = a + 0x9e3779b97f4a7c15 * (b + 1);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

}  // namespace verify
