// A trace: what the threads did to one channel, each in its order, in the words of the contract; and for what the
// channel's word decides, the place in the order of all that it decided.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace traces {

/// The contract's steps, by the names that spec/Channel.tla has for them; and from SendThrew on what is none: a send that
/// threw; an iteration over what is there, which ends without saying why; what the threads tell each other outside of
/// the channel; and a value that the channel destroyed elsewhere than in DropReceiver.
enum class Step : std::uint8_t {
    SendAccepted, SendRefused, Clone, DropSender, RecvValue, RecvDisconnected, TryRecvValue, TryRecvEmpty, TryRecvDisconnected,
    RecvTimedValue, RecvTimedOut, RecvTimedDisconnected, Close, DropReceiver, SendThrew, TryIterEnds, Signal, Await, Destroyed
};
inline constexpr std::array<const char*, 19> names_of_steps = {
    "SendAccepted", "SendRefused", "Clone", "DropSender", "RecvValue", "RecvDisconnected", "TryRecvValue", "TryRecvEmpty",
    "TryRecvDisconnected", "RecvTimedValue", "RecvTimedOut", "RecvTimedDisconnected", "Close", "DropReceiver", "SendThrew",
    "TryIterEnds", "Signal", "Await", "Destroyed"};
inline const char* name_of(Step step) { return names_of_steps[static_cast<std::size_t>(step)]; }

/// What the channel's word was when it decided, as far as it tells the order: how many of its flags CLOSED and DONE were
/// set, the number of the newest block, how many of its slots were claimed. It never goes back.
struct Position {
    unsigned ends = 0, block = 0, slot = 0;
    auto operator<=>(const Position&) const = default;
};

struct Event {
    Step step;
    std::uint32_t a = 0;   // the handle; or the event of a Signal or Await
    std::uint32_t b = 0;   // the value; or the clone
    std::uint32_t at = 0;  // from 1 on: the place among all that the word decided; 0: it was not for the word to decide
    Position position = {};  // if `at` is not 0
};

/// The last thread is the one that drops what is left, when all others are through.
struct Thread {
    std::string name;
    std::vector<Event> events;
};

struct Trace {
    std::string name;
    std::string origin;  // how it came about
    bool may_fail = false;  // whether sends may throw
    unsigned senders_at_start = 1;
    std::vector<std::string> handles;
    std::vector<Thread> threads;
    std::vector<unsigned> destroyed;  // by DropReceiver, in order

    std::size_t events() const {
        std::size_t n = 0;
        for (const Thread& thread : threads) n += thread.events.size();
        return n;
    }
};

inline bool has_handle(Step s) { return s == Step::SendAccepted || s == Step::SendRefused || s == Step::SendThrew || s == Step::Clone || s == Step::DropSender; }
inline bool has_value(Step s) {
    return s == Step::SendAccepted || s == Step::SendRefused || s == Step::SendThrew || s == Step::RecvValue || s == Step::TryRecvValue ||
           s == Step::RecvTimedValue || s == Step::Destroyed;
}
inline bool has_event(Step s) { return s == Step::Signal || s == Step::Await; }

/// As JSON: handles by name, each field only where it means something.
inline nlohmann::json as_json(const Trace& trace, const Event& e) {
    nlohmann::json json{{"step", name_of(e.step)}, {"at", e.at}};
    if (has_handle(e.step)) json["handle"] = trace.handles.at(e.a);
    if (has_value(e.step)) json["value"] = e.b;
    if (has_event(e.step)) json["event"] = e.a;
    if (e.step == Step::Clone) json["as"] = trace.handles.at(e.b);
    if (e.step == Step::DropReceiver) json["destroyed"] = trace.destroyed;
    if (e.at != 0) json["position"] = {e.position.ends, e.position.block, e.position.slot};
    return json;
}
inline nlohmann::json as_json(const Trace& trace) {
    nlohmann::json json{{"name", trace.name}, {"origin", trace.origin}, {"may_fail", trace.may_fail}, {"senders", nlohmann::json::array()},
                        {"threads", nlohmann::json::array()}};
    for (unsigned h = 0; h != trace.senders_at_start; ++h) json["senders"].push_back(trace.handles.at(h));
    for (const Thread& thread : trace.threads) {
        auto events = nlohmann::json::array();
        for (const Event& e : thread.events) events.push_back(as_json(trace, e));
        json["threads"].push_back({{"name", thread.name}, {"events", std::move(events)}});
    }
    return json;
}

/// Throws nlohmann::json::exception or std::out_of_range, if it is none.
inline Trace from_json(const nlohmann::json& json) {
    Trace trace;
    trace.name = json.at("name");
    trace.origin = json.at("origin");
    trace.may_fail = json.at("may_fail");
    trace.handles = json.at("senders").get<std::vector<std::string>>();
    trace.senders_at_start = static_cast<unsigned>(trace.handles.size());
    const auto handle = [&](const std::string& name) {
        const auto found = std::find(trace.handles.begin(), trace.handles.end(), name);
        if (found == trace.handles.end()) return trace.handles.push_back(name), static_cast<unsigned>(trace.handles.size() - 1);
        return static_cast<unsigned>(found - trace.handles.begin());
    };
    const auto step = [](std::string_view name) {
        for (std::size_t i = 0; i != names_of_steps.size(); ++i) {
            if (names_of_steps[i] == name) return static_cast<Step>(i);
        }
        throw std::out_of_range("no step `" + std::string(name) + "`");
    };
    for (const auto& thread : json.at("threads")) {
        auto& events = trace.threads.emplace_back(thread.at("name")).events;
        for (const auto& e : thread.at("events")) {
            Event event{.step = step(e.at("step").get<std::string>()), .at = e.at("at")};
            if (has_handle(event.step)) event.a = handle(e.at("handle"));
            if (has_value(event.step)) event.b = e.at("value");
            if (has_event(event.step)) event.a = e.at("event");
            if (event.step == Step::Clone) event.b = handle(e.at("as"));
            if (event.step == Step::DropReceiver) trace.destroyed = e.at("destroyed").get<std::vector<unsigned>>();
            if (event.at != 0) event.position = {e.at("position").at(0), e.at("position").at(1), e.at("position").at(2)};
            events.push_back(event);
        }
    }
    return trace;
}

/// As it stands in a table.
inline std::string in_words(const Trace& trace, const Event& e) {
    std::string text = name_of(e.step);
    std::string arguments;
    if (has_handle(e.step)) arguments = trace.handles.at(e.a);
    if (has_value(e.step)) arguments += (arguments.empty() ? "" : ", ") + std::to_string(e.b);
    if (has_event(e.step)) arguments = std::to_string(e.a);
    if (e.step == Step::Clone) arguments += ", " + trace.handles.at(e.b);
    if (!arguments.empty()) text += "(" + arguments + ")";
    if (e.step == Step::DropReceiver) text += " destroyed " + nlohmann::json(trace.destroyed).dump();
    if (e.at != 0) text += "  @" + std::to_string(e.at);
    return text;
}

}  // namespace traces
