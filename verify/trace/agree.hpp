// Whether contract.hpp is the contract: side by side with the state graph that TLC made of a scenario (spec/Scenario.tla),
// from its first state on. In each state, both have to allow the same calls with the same results.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "../read_program.hpp"
#include "calls.hpp"
#include "world.hpp"

namespace traces {

class Agreement {
  public:
    Agreement(const nlohmann::json& json)
        : program_(verify::read_program(json)), labels_(json.at("labels").get<std::vector<std::string>>()) {
        for (const auto& [from, thread, label, to] : json.at("steps").get<std::vector<std::array<std::size_t, 4>>>()) {
            edges_[from][{thread, labels_.at(label)}] = to;
            ++steps_;
        }
        std::size_t handles = program_.senders_at_start;
        std::vector<std::pair<unsigned, unsigned>> held;
        for (auto& ops : program_.threads) {
            std::erase_if(ops, [](const Op& op) { return op.kind == Op::Kind::read || op.kind == Op::Kind::write; });
            for (const Op& op : ops) {
                if (is_send(op.kind)) held.emplace_back(op.a, op.b);
                if (op.kind == Op::Kind::clone) handles = std::max<std::size_t>(handles, op.b + 1);
            }
        }
        for (const auto& [handle, value] : held) values_ = std::max(values_, value);
        Place start{
            {Contract(handles, values_ + 1, program_.senders_at_start, program_.capacity), program_.allocations >= 0},
            std::vector<std::size_t>(program_.threads.size()),
            std::vector<std::vector<unsigned>>(program_.threads.size())};
        for (const auto& [handle, value] : held) start.world.contract.hold(handle, value);
        places_.emplace(0, std::move(start));
    }

    /// What differs; nothing, if all is well.
    std::string compare() {
        std::vector<std::size_t> to_do{0};
        while (!to_do.empty()) {
            const std::size_t state = to_do.back();
            to_do.pop_back();
            const auto ours = steps_from(places_.at(state));
            const auto& theirs = edges_[state];
            for (const auto& [step, to] : theirs) {
                const auto found = ours.find(step);
                if (found == ours.end()) return "only the contract allows, in state " + in_words(state, step);
                const auto [known, is_new] = places_.emplace(to, found->second);
                if (is_new) to_do.push_back(to);
                if (known->second != found->second)
                    return "another state is reached, from state " + in_words(state, step);
            }
            for (const auto& [step, place] : ours) {
                if (!theirs.contains(step)) return "only the oracle allows, in state " + in_words(state, step);
            }
        }
        return "";
    }
    std::size_t states() const { return places_.size(); }
    std::size_t steps() const { return steps_; }

  private:
    using Kind = Op::Kind;
    using Named = std::pair<std::size_t, std::string>;  // a thread, and what its caller is shown
    struct Place {
        World world;
        std::vector<std::size_t> done;
        std::vector<std::vector<unsigned>> taken;
        bool operator==(const Place&) const = default;
    };

    std::string in_words(std::size_t state, const Named& step) const {
        const auto& [t, shown] = step;
        const std::size_t done = places_.at(state).done[t];
        return std::to_string(state) + ": " + program_.thread_names[t] + ": " + program_.threads[t].at(done).text +
               " = " + shown;
    }

    static bool waits(Kind kind) {
        return kind == Kind::send || kind == Kind::send_for || kind == Kind::send_unwound ||
               kind == Kind::send_stoppable || kind == Kind::recv || kind == Kind::recv_for ||
               kind == Kind::recv_unwound || kind == Kind::recv_stoppable || kind == Kind::iterate;
    }

    std::map<Named, Place> steps_from(const Place& here) const {
        std::map<Named, Place> steps;
        for (std::size_t t = 0; t != program_.threads.size(); ++t) {
            if (here.done[t] == program_.threads[t].size()) continue;
            const Op& op = program_.threads[t][here.done[t]];
            const auto try_step = [&](Step step, unsigned value, Place& to) {
                const Event e{.step = step, .a = op.a, .b = is_send(op.kind) || op.kind == Kind::clone ? op.b : value};
                const auto& queue = here.world.contract.queue();
                return to.world.take(e, {queue.begin(), queue.end()});
            };
            // A call that waits begins with a step of its own.
            if (waits(op.kind)) {
                Place to = here;
                if (try_step(is_send(op.kind) ? Step::SendWaits : Step::RecvWaits, 0, to))
                    steps.emplace(Named{t, "~"}, std::move(to));
            }
            if (op.kind == Kind::recv_stoppable) {
                Place to = here;
                if (try_step(Step::RecvIsInterrupted, 0, to)) steps.emplace(Named{t, "!"}, std::move(to));
            }
            const auto try_one = [&](Answer answer, unsigned value, const std::string& shown) {
                Place to = here;
                // A send that is left by unwinding before it waits is no step.
                const bool is_left =
                    is_send(op.kind) && answer == Answer::unwound && here.world.contract.CanSend(op.a, op.b);
                if (!is_left && !is_no_step(op.kind) && !try_step(step_of(op.kind, answer), value, to) &&
                    !(is_send(op.kind) && answer == Answer::ok && try_step(Step::SendLetIn, 0, to)))
                    return;
                const bool iterates = op.kind == Kind::iterate || op.kind == Kind::try_iterate;
                if (iterates && answer == Answer::value) {
                    to.taken[t].push_back(value);
                } else {
                    to.taken[t].clear();
                    ++to.done[t];
                }
                steps.emplace(Named{t, shown}, std::move(to));
            };
            all_answers(op, here, t, try_one);
        }
        return steps;
    }

    /// Every answer that there is, allowed or not, and how Scenario.tla shows it.
    template <class Try>
    void all_answers(const Op& op, const Place& here, std::size_t t, Try try_one) const {
        switch (op.kind) {
            case Kind::send:
                for (const Answer answer : {Answer::ok, Answer::refused, Answer::no_memory})
                    try_one(answer, 0, verify::in_words(answer));
                break;
            case Kind::try_send:
                for (const Answer answer : {Answer::ok, Answer::refused, Answer::full})
                    try_one(answer, 0, verify::in_words(answer));
                break;
            case Kind::send_for:
                for (const Answer answer : {Answer::ok, Answer::refused, Answer::timeout})
                    try_one(answer, 0, verify::in_words(answer));
                break;
            case Kind::send_unwound:
                for (const Answer answer : {Answer::ok, Answer::refused, Answer::unwound})
                    try_one(answer, 0, verify::in_words(answer));
                break;
            case Kind::send_stoppable:
                for (const Answer answer : {Answer::ok, Answer::refused, Answer::stopped})
                    try_one(answer, 0, verify::in_words(answer));
                break;
            case Kind::recv:
            case Kind::try_recv:
            case Kind::recv_for:
            case Kind::recv_unwound:
            case Kind::recv_stoppable:
                for (unsigned v = 1; v <= values_; ++v) try_one(Answer::value, v, std::to_string(v));
                if (op.kind == Kind::try_recv) try_one(Answer::empty, 0, "empty");
                if (op.kind == Kind::recv_for) try_one(Answer::timeout, 0, "timeout");
                if (op.kind == Kind::recv_stoppable) try_one(Answer::stopped, 0, "stopped");
                if (op.kind == Kind::recv_unwound) try_one(Answer::unwound, 0, "unwound");
                try_one(Answer::disconnected, 0, "disconnected");
                break;
            case Kind::iterate:
            case Kind::try_iterate:
                for (unsigned v = 1; v <= values_; ++v) try_one(Answer::value, v, "+" + std::to_string(v));
                try_one(Answer::disconnected, 0, traces::in_words(here.taken[t]));
                break;
            case Kind::is_disconnected:
            case Kind::is_disconnected_receiver:
                for (const Answer answer : {Answer::connected, Answer::disconnected})
                    try_one(answer, 0, verify::in_words(answer));
                break;
            case Kind::drop_receiver:
                try_one(Answer::ok, 0, "destroyed" + traces::in_words(here.world.contract.queue()));
                break;
            default: try_one(Answer::ok, 0, "");
        }
    }

    Program program_;
    std::vector<std::string> labels_;
    std::map<std::size_t, std::map<Named, std::size_t>> edges_;
    std::map<std::size_t, Place> places_;
    std::size_t steps_ = 0;
    unsigned values_ = 0;
};

}  // namespace traces
