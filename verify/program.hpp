// A program for the handles of one channel: what each thread calls. Of a scenario, as verify/scenario.py has checked and
// translated it; or made by lot (trace/lot.hpp).
#pragma once

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace verify {

/// What a call returns.
enum class Answer { ok, refused, no_memory, value, empty, timeout, disconnected };
inline constexpr std::array<const char*, 7> names_of_answers = {"ok", "refused", "no_memory", "value", "empty", "timeout", "disconnected"};
inline const char* in_words(Answer answer) { return names_of_answers[static_cast<std::size_t>(answer)]; }

struct Result {
    Answer answer;
    unsigned value = 0;
    bool operator==(const Result&) const = default;
};

/// A scenario writes a value as a number, the other results by name.
inline Result result_of(std::string_view word) {
    for (std::size_t i = 0; i != names_of_answers.size(); ++i) {
        if (word == names_of_answers[i]) return {static_cast<Answer>(i)};
    }
    Result result{Answer::value};
    std::from_chars(word.data(), word.data() + word.size(), result.value);
    return result;
}

struct Op {
    enum class Kind { send, clone, drop, drop_receiver, recv, try_recv, recv_for, iterate, try_iterate, close, move,
                      move_receiver, signal, await, see, write, read } kind;
    unsigned a = 0, b = 0;  // a handle, an event or a datum; the new handle, or the value
    std::optional<Result> condition = {};  // `read`: only if the thread's last result was this
    std::string text = {};                 // as it stands in the scenario
};

NLOHMANN_JSON_SERIALIZE_ENUM(Op::Kind, {{Op::Kind::send, "send"}, {Op::Kind::clone, "clone"}, {Op::Kind::drop, "drop"},
    {Op::Kind::drop_receiver, "drop_receiver"}, {Op::Kind::recv, "recv"}, {Op::Kind::try_recv, "try_recv"},
    {Op::Kind::recv_for, "recv_for"}, {Op::Kind::iterate, "iterate"}, {Op::Kind::try_iterate, "try_iterate"},
    {Op::Kind::close, "close"}, {Op::Kind::move, "move"}, {Op::Kind::move_receiver, "move_receiver"},
    {Op::Kind::signal, "signal"}, {Op::Kind::await, "await"}, {Op::Kind::see, "see"}, {Op::Kind::write, "write"}, {Op::Kind::read, "read"}})

struct Program {
    std::vector<std::string> thread_names;
    std::vector<std::vector<Op>> threads;
    unsigned senders_at_start = 1;
    int allocations = -1;  // after the channel's own; then there is no more memory. Negative: there always is

    static Program from(const nlohmann::json& json) {
        Program p;
        p.senders_at_start = json.at("senders_at_start");
        p.allocations = json.at("allocations");
        for (const auto& thread : json.at("threads")) {
            p.thread_names.push_back(thread.at("name"));
            auto& ops = p.threads.emplace_back();
            for (const auto& op : thread.at("ops")) {
                const std::string condition = op.at("condition");
                ops.push_back({op.at("kind"), op.at("a"), op.at("b"), {}, op.at("text")});
                if (!condition.empty()) ops.back().condition = result_of(condition);
            }
        }
        return p;
    }
};

}  // namespace verify
