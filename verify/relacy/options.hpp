// What the explorer is asked for. Options and JSON take as long to compile as the search itself: what needs neither the
// header nor Relacy is compiled apart, and not optimized (options.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<>;

namespace verify {

enum class Method { sleep_sets, full, random };

struct Options {
    std::string program, plant;
    Method method = Method::sleep_sets;
    std::uint64_t executions = ~std::uint64_t{0}, seed = 1;
    std::size_t without_step = ~std::size_t{0}, without_kind = ~std::size_t{0}, keep = 0;
    bool algorithm = false, every_store = false, reuse = false;
    unsigned seconds = 0;
};

/// The status to end with, if the options are no options, or ask for help.
std::optional<int> read_options(int argc, char** argv, Options&);

}  // namespace verify
