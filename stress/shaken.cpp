#include "recipes.hpp"
#include "shaking.hpp"

namespace stress {

constinit const std::span<const Recipe> shaken{all_recipes<Shaken>};

}  // namespace stress
