// The program of a scenario, as ferry_tools/scenarios.py has checked and translated it.
#pragma once

#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "program.hpp"

namespace verify {

inline Op::Kind kind_of(const std::string& name) {
    for (std::size_t i = 0; i != Op::names_of_kinds.size(); ++i) {
        if (name == Op::names_of_kinds[i]) return static_cast<Op::Kind>(i);
    }
    throw std::out_of_range("no operation `" + name + "`");
}

/// A scenario writes a value as a number, the other results by name.
inline Result result_of(std::string_view word) {
    for (std::size_t i = 0; i != names_of_answers.size(); ++i) {
        if (word == names_of_answers[i]) return {static_cast<Answer>(i)};
    }
    Result result{Answer::value};
    std::from_chars(word.data(), word.data() + word.size(), result.value);
    return result;
}

inline Program read_program(const nlohmann::json& json) {
    Program p;
    p.senders_at_start = json.at("senders_at_start");
    p.allocations = json.at("allocations");
    for (const auto& thread : json.at("threads")) {
        p.thread_names.push_back(thread.at("name"));
        auto& ops = p.threads.emplace_back();
        for (const auto& op : thread.at("ops")) {
            const std::string condition = op.at("condition");
            ops.push_back({kind_of(op.at("kind")), op.at("a"), op.at("b"), {}, op.at("text")});
            if (!condition.empty()) ops.back().condition = result_of(condition);
        }
    }
    return p;
}

}  // namespace verify
