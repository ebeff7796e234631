// A bug that is planted by the name of a step: FERRY_PLANT=STEP=relaxed (a weaker memory order), STEP=omitted (nothing
// is written, nobody is woken, nothing is waited for) or STEP=split (a read-modify-write is a read, and later a write).
// It comes from the environment, so that every program on the announced platform takes it, and a test or a recipe need
// not know of it.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace announced {

class Plant {
  public:
    enum class Kind { none, relaxed, omitted, split };

    bool is(Kind kind, std::string_view step) const { return kind_ == kind && step_ == step; }
    bool is_there() const { return kind_ != Kind::none; }

    static Plant of_environment() {
        const char* const text = std::getenv("FERRY_PLANT");
        Plant plant;
        if (text == nullptr || *text == '\0') return plant;
        const std::string_view all(text);
        const auto sign = all.find('=');
        const auto kind = sign == all.npos ? "" : all.substr(sign + 1);
        plant.step_ = all.substr(0, sign);
        if (kind == "relaxed") plant.kind_ = Kind::relaxed;
        if (kind == "omitted") plant.kind_ = Kind::omitted;
        if (kind == "split") plant.kind_ = Kind::split;
        if (plant.is_there()) return plant;
        std::fprintf(stderr, "FERRY_PLANT=%s: expected STEP=relaxed, STEP=omitted or STEP=split\n", text);
        std::exit(2);
    }

  private:
    Kind kind_ = Kind::none;
    std::string_view step_;
};
inline const Plant plant = Plant::of_environment();

}  // namespace announced
