#include "history.hpp"

#include <algorithm>
#include <istream>
#include <limits>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <tuple>

namespace stress {

// thread <number> <name>
// <begin> <end> <thread> <what it did> <channel> <value's thread>.<value's number> <nth> <asked>
// Times are in nanoseconds since the first event.

void write(std::ostream& out, const History& history, const std::uint32_t* only) {
    struct Line {
        std::size_t thread, nth;
        Event event;
    };
    std::vector<Line> lines;
    for (std::size_t thread = 0; thread != history.size(); ++thread) {
        bool is_there = false;
        for (std::size_t i = 0, size = history[thread].size(); i != size; ++i) {
            const Event& event = history[thread][i];
            if (only != nullptr && event.channel != *only) continue;
            lines.push_back({thread, i, event});
            is_there = true;
        }
        if (is_there) out << "thread " << thread << ' ' << history[thread].name() << '\n';
    }
    std::ranges::sort(lines, {}, [](const Line& line) { return std::tuple(line.event.begin, line.thread, line.nth); });
    const Nanoseconds start = lines.empty() ? 0 : lines.front().event.begin;
    for (const auto& [thread, nth, event] : lines) {
        out << event.begin - start << ' ' << event.end - start << ' ' << thread << ' '
            << names_of_deeds.at(static_cast<std::size_t>(event.did)) << ' ' << event.channel << ' ' << event.value.thread
            << '.' << event.value.number << ' ' << event.nth << ' ' << event.asked << '\n';
    }
}

History read(std::istream& in) {
    History history;
    const auto log = [&](std::size_t thread, const std::string& name = {}) -> Log& {
        while (history.size() < thread) history.emplace_back("thread " + std::to_string(history.size()));
        if (history.size() == thread) history.emplace_back(name);
        return history[thread];
    };
    for (std::string text; std::getline(in, text);) {
        std::istringstream line(text);
        if (text.empty() || text.starts_with('#')) continue;
        Event event;
        std::size_t thread = 0;
        std::string did, name;
        if (text.starts_with("thread ")) {
            if (line >> did >> thread && std::getline(line >> std::ws, name)) log(thread, name);
            continue;
        }
        char dot = 0;
        line >> event.begin >> event.end >> thread >> did >> event.channel >> event.value.thread >> dot >>
            event.value.number >> event.nth >> event.asked;
        const auto* const found = std::ranges::find(names_of_deeds, did);
        if (!line || dot != '.' || found == names_of_deeds.end()) throw std::runtime_error("not an event: " + text);
        event.did = static_cast<Did>(found - names_of_deeds.begin());
        log(thread).note(event);
    }
    return history;
}

}  // namespace stress
