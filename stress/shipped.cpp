#include "recipes.hpp"

namespace stress {

struct ShippedRing : ferry::StandardPlatform {
    static constexpr bool is_bounded = true;
};

constinit const std::span<const Recipe> shipped{all_recipes<ferry::StandardPlatform, ShippedRing>};

}  // namespace stress
