// An enum whose values are also needed by their names: one list for both.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace verify {

/// Cuts such a list as `send, clone, drop` into its names. They are known when this is compiled, because an explored
/// execution must not allocate.
template <std::size_t length>
class Names {
  public:
    consteval explicit Names(const char (&list)[length]) {
        std::ranges::replace_copy(list, text_, ',', '\0');
        size_ = static_cast<std::size_t>(std::ranges::count(list, ',')) + 1;
    }
    constexpr std::size_t size() const { return size_; }
    constexpr const char* operator[](auto value) const {
        const char* name = text_;
        for (auto n = static_cast<std::size_t>(value); n != 0; --n) name += std::string_view(name).size() + 2;
        return name;
    }
    /// The value of that name, if there is one.
    template <class Enum>
    constexpr std::optional<Enum> find(std::string_view name) const {
        for (std::size_t i = 0; i != size_; ++i) {
            if (name == (*this)[i]) return static_cast<Enum>(i);
        }
        return {};
    }

  private:
    char text_[length]{};
    std::size_t size_;
};

}  // namespace verify

/// `VERIFY_NAMED(Answer, names_of_answers, ok, refused)`: an enum class, and its Names.
#define VERIFY_NAMED(Enum, names, ...) \
    enum class Enum { __VA_ARGS__ };   \
    static constexpr verify::Names names { #__VA_ARGS__ }
