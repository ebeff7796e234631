#include "recipes.hpp"

namespace stress {

constinit const std::span<const Recipe> shipped{all_recipes<ferry::StandardPlatform>};

}  // namespace stress
