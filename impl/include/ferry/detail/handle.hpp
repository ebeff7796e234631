// What all handles have, of both kinds of channels; and how errors are printed.
#pragma once

#include <version>

#include <cstddef>
#include <string_view>  // declares std::hash, as <functional> does at a higher cost
#if defined(__cpp_lib_format)
#include <format>
#endif

namespace ferry::detail {

/// A handle of the channel whose core is `*core_`; an empty one (moved-from) has none. It does not own the core here,
/// because what its drop does is the sender's or the receiver's.
template <class T, class Platform, template <class, class> class TheCore>
class Handle {
  public:
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    /// Returns whether both are handles of the same channel; a sender and a receiver may be compared, too. Empty handles
    /// are equal to each other and to no other. Wait-free. Thread-safety: reads the handles, not the channel.
    friend bool operator==(const Handle& one, const Handle& other) noexcept { return one.core_ == other.core_; }

  protected:
    explicit Handle(TheCore<T, Platform>* core) noexcept : core_(core) {}
    ~Handle() = default;
    TheCore<T, Platform>* core_;

  private:
    friend struct HashOfHandle;
};

/// Handles that are equal have the same hash. A handle that is moved from or assigned to has another one afterwards.
struct HashOfHandle {
    template <class T, class Platform, template <class, class> class TheCore>
    std::size_t operator()(const Handle<T, Platform, TheCore>& handle) const noexcept {
        return std::hash<const void*>()(handle.core_);
    }
};

/// Whether std::format prints it, as `to_string` does.
template <class>
inline constexpr bool is_error = false;

}  // namespace ferry::detail

#if defined(__cpp_lib_format)
template <class Error>
    requires ferry::detail::is_error<Error>
struct std::formatter<Error> : std::formatter<std::string_view> {
    auto format(const Error& error, auto& context) const {
        return std::formatter<std::string_view>::format(to_string(error), context);
    }
};
#endif
