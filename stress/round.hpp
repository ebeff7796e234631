// A round as its recipe sees it; and the recipes, which are compiled once for each platform.
#pragma once

#include <cstdint>
#include <span>

#include "actor.hpp"

namespace stress {

struct Round {
    Cast& cast;
    Lot& lot;
    unsigned values;  // about how many are to be sent
};

struct Recipe {
    const char* name;
    void (*run)(Round);
};

/// On the platform that is shipped, left alone.
extern const std::span<const Recipe> shipped;
/// With small blocks, and threads that are held up between their steps.
extern const std::span<const Recipe> shaken;

}  // namespace stress
