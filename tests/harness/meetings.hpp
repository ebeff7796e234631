// Two threads that meet at a channel, again and again, on the platform that is shipped.
#pragma once

#include <memory>

#include "harness/crew.hpp"
#include "harness/test.hpp"

namespace harness {

using Box = std::unique_ptr<int>;
inline Box box(int value) { return std::make_unique<int>(value); }

/// Each time with a channel for such values, and a crew that is joined afterwards.
template <class Value>
void many_times(auto once) {
    for (int i = 0; i != 300; ++i) {
        Crew crew;
        auto [tx, rx] = ferry::channel<Value>();
        once(crew, tx, rx);
        crew.join();
    }
}

}  // namespace harness
