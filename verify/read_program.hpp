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
    if (const auto kind = Op::names_of_kinds.find<Op::Kind>(name)) return *kind;
    throw std::out_of_range("no operation `" + name + "`");
}

/// A scenario writes a value as a number, the other results by name.
inline Result result_of(std::string_view word) {
    if (const auto answer = names_of_answers.find<Answer>(word)) return {*answer};
    Result result{Answer::value};
    std::from_chars(word.data(), word.data() + word.size(), result.value);
    return result;
}

inline Program read_program(const nlohmann::json& json) {
    Program p;
    p.senders_at_start = json.at("senders_at_start");
    p.capacity = json.at("capacity");
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
