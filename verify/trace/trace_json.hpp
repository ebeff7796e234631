// Traces in files: JSON, one a line; handles by name, and each field only where it means something.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "trace.hpp"

namespace traces {

inline nlohmann::json as_json(const Trace& trace, const Event& e) {
    nlohmann::json json{{"step", name_of(e.step)}, {"at", e.at}};
    if (has_handle(e.step)) json["handle"] = trace.handles.at(e.a);
    if (has_value(e.step)) json["value"] = e.b;
    if (has_event(e.step)) json["event"] = e.a;
    if (e.step == Step::TrySendFull) json["claimed"] = e.claimed;
    if (e.step == Step::Clone) json["as"] = trace.handles.at(e.b);
    if (e.step == Step::DropReceiver) json["destroyed"] = trace.destroyed;
    if (e.at != 0) json["position"] = {e.position.ends, e.position.block, e.position.slot};
    return json;
}
inline nlohmann::json as_json(const Trace& trace) {
    nlohmann::json json{{"name", trace.name},
                        {"origin", trace.origin},
                        {"may_fail", trace.may_fail},
                        {"capacity", trace.capacity},
                        {"senders", nlohmann::json::array()},
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
    trace.capacity = json.at("capacity");
    trace.handles = json.at("senders").get<std::vector<std::string>>();
    trace.senders_at_start = static_cast<unsigned>(trace.handles.size());
    const auto handle = [&](const std::string& name) {
        const auto found = std::find(trace.handles.begin(), trace.handles.end(), name);
        if (found == trace.handles.end())
            return trace.handles.push_back(name), static_cast<unsigned>(trace.handles.size() - 1);
        return static_cast<unsigned>(found - trace.handles.begin());
    };
    const auto step = [](std::string_view name) {
        if (const auto found = names_of_steps.find<Step>(name)) return *found;
        throw std::out_of_range("no step `" + std::string(name) + "`");
    };
    for (const auto& thread : json.at("threads")) {
        auto& events = trace.threads.emplace_back(thread.at("name")).events;
        for (const auto& e : thread.at("events")) {
            Event event{.step = step(e.at("step").get<std::string>()), .at = e.at("at")};
            if (has_handle(event.step)) event.a = handle(e.at("handle"));
            if (has_value(event.step)) event.b = e.at("value");
            if (has_event(event.step)) event.a = e.at("event");
            if (event.step == Step::TrySendFull) event.claimed = e.at("claimed");
            if (event.step == Step::Clone) event.b = handle(e.at("as"));
            if (event.step == Step::DropReceiver) trace.destroyed = e.at("destroyed").get<std::vector<unsigned>>();
            if (e.contains("position"))
                event.position = {e.at("position").at(0), e.at("position").at(1), e.at("position").at(2)};
            events.push_back(event);
        }
    }
    return trace;
}

}  // namespace traces
