// What a few lines do as well as <algorithm>, <memory> and <numeric>: to include these three would take a sixth of the
// time that including ferry takes.
#pragma once

#include <cstddef>
#include <new>

namespace ferry::detail {

/// As std::clamp.
template <class U>
constexpr U within(U lowest, U value, U highest) noexcept {
    return value < lowest ? lowest : value > highest ? highest : value;
}

/// The greatest common divisor of 8 and of all whose bits are in this: the lowest bit that any of them has.
constexpr unsigned gcd_with_8(unsigned bits) noexcept { return (bits | 8) & -(bits | 8); }

/// As std::addressof: T may have an operator & of its own.
template <class U>
constexpr U* address_of(U& object) noexcept {
    return __builtin_addressof(object);
}

/// As std::uninitialized_default_construct_n and std::destroy_n.
template <class U>
void construct_all(void* memory, std::size_t n) noexcept {
    for (std::size_t i = 0; i != n; ++i) ::new (static_cast<void*>(static_cast<U*>(memory) + i)) U;
}
template <class U>
void destroy_all(void* memory, std::size_t n) noexcept {
    for (std::size_t i = 0; i != n; ++i) static_cast<U*>(memory)[i].~U();
}

}  // namespace ferry::detail
