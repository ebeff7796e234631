// How a receiver is iterated over.
#pragma once

#include <cassert>
#include <cstddef>
#include <iterator>
#include <new>
#include <optional>
#include <utility>

#include "core.hpp"

namespace ferry::detail {

/// The iterators are members of this template, and not templates with a parameter T, because argument-dependent lookup
/// would find T's namespace otherwise, and in it operators that are for everything.
template <class T, class Core>
struct Iterating {
    /// An input iterator, which owns the value that it stands at. It receives a value when this value is first asked
    /// for, by `*` or by a comparison with the end, and not before: `++` only says that the program has finished with
    /// the value before (S28). `*` gives the value as an rvalue, as std::generator does: `for (auto value : receiver)`
    /// moves it out. In a pipeline, a function with a parameter `const T&` leaves the value where it is; one with a
    /// parameter `T` moves it away. The receiver must outlive the iterator.
    template <auto next>
    class Iterator {
      public:
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        explicit Iterator(Core& core) noexcept : core_(address_of(core)) {}
        // Written by hand, because T need not be assignable. Not copyable, because a value has one owner (S1).
        Iterator(Iterator&&) = default;
        Iterator& operator=(Iterator&& other) noexcept {
            if (this == address_of(other)) return *this;
            core_ = other.core_;
            ahead_ = other.ahead_;
            value_.reset();
            if (other.value_.has_value()) value_.emplace(std::move(*other.value_));
            return *this;
        }

        T&& operator*() const {
            receive();
            assert(value_.has_value() && "there is no value at the end");
            return std::move(*value_);
        }
        Iterator& operator++() noexcept {
            value_.reset();
            ++ahead_;
            return *this;
        }
        void operator++(int) noexcept { ++*this; }
        bool operator==(std::default_sentinel_t) const {
            receive();
            return !value_.has_value();
        }

      private:
        /// Receives until the iterator stands at the value that it was moved to, or at the end.
        void receive() const {
            for (; ahead_ != 0; --ahead_) {
                value_.reset();
                if ((core_->*next)() != Seen::value) {
                    ahead_ = 0;
                    return;
                }
                // The optional, which is empty, is constructed anew around the value, because an assignment would move the
                // value once more.
                using Value = std::optional<T>;
                ::new (static_cast<void*>(address_of(value_))) Value(core_->template take<Value>());
            }
        }

        Core* core_;
        mutable std::size_t ahead_ = 1;  // how many values it was moved over and has not received yet
        mutable std::optional<T> value_;
    };

    /// What Receiver::try_iter returns.
    class TryIter {
      public:
        explicit TryIter(Core& core) noexcept : core_(address_of(core)) {}
        [[nodiscard]] auto begin() { return Iterator<&Core::look>(*core_); }
        [[nodiscard]] std::default_sentinel_t end() noexcept { return {}; }

      private:
        Core* core_;
    };
};

}  // namespace ferry::detail
