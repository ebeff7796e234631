#include "history.hpp"

#include <algorithm>
#include <istream>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <tuple>
#include <vector>

namespace stress {

// thread <number> <name>
// <begin> <end> <thread> <step> <channel> <value's thread>.<value's number> <place among the receiver's calls> <asked>
// Times are in nanoseconds since the first event.

void write(std::ostream& out, const History& history, const std::uint32_t* only) {
    std::vector<std::tuple<Nanoseconds, std::size_t, std::size_t>> lines;  // begin, thread, its n-th event
    for (std::size_t thread = 0; thread != history.size(); ++thread) {
        const std::size_t before = lines.size();
        for (std::size_t i = 0, size = history[thread].size(); i != size; ++i) {
            const Event& event = history[thread][i];
            if (only == nullptr || event.channel == *only) lines.emplace_back(event.begin, thread, i);
        }
        if (lines.size() != before) out << "thread " << thread << ' ' << history[thread].name() << '\n';
    }
    std::ranges::sort(lines);
    for (const auto& [begin, thread, i] : lines) {
        const Event& event = history[thread][i];
        const Nanoseconds start = std::get<0>(lines.front());
        out << begin - start << ' ' << event.end - start << ' ' << thread << ' ' << traces::name_of(event.step) << ' '
            << event.channel << ' ' << name_of(event.b) << ' ' << event.at << ' ' << event.asked << '\n';
    }
}

History read(std::istream& in) {
    History history;
    for (std::string text; std::getline(in, text);) {
        std::istringstream line(text);
        if (text.empty() || text.starts_with('#')) continue;
        Event event;
        std::size_t thread = 0;
        std::string word, name;
        if (text.starts_with("thread ")) {
            line >> word >> thread;
            std::getline(line >> std::ws, name);
            while (history.size() < thread) history.emplace_back("thread " + std::to_string(history.size()));
            history.emplace_back(name);
            continue;
        }
        char dot = 0;
        std::uint32_t values_thread = 0, number = 0;
        line >> event.begin >> event.end >> thread >> word >> event.channel >> values_thread >> dot >> number >>
            event.at >> event.asked;
        const auto step = traces::names_of_steps.find<Step>(word);
        if (!line || dot != '.' || !step || thread >= history.size()) {
            throw std::runtime_error("not an event: " + text);
        }
        event.step = *step;
        event.b = value_of(values_thread, number);
        history[thread].note(event);
    }
    return history;
}

}  // namespace stress
