#include "recipes.hpp"
#include "shaken_platform.hpp"

namespace stress {

constinit const std::span<const Recipe> shaken{all_recipes<Shaken, ShakenRing>};

}  // namespace stress
