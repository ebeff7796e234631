// A table with a column for each thread, for people: in each line, what one of them did.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace verify {

struct Line {
    std::size_t thread;
    std::string text;
};

/// The lines are numbered, from `first` on.
inline std::string columns(const std::vector<std::string>& threads, const std::vector<Line>& lines,
                           std::size_t first = 1) {
    const auto padded = [](std::string text, std::size_t width) {
        text.resize(std::max(text.size(), width), ' ');
        return text;
    };
    const auto trimmed = [](std::string text) { return text.substr(0, text.find_last_not_of(' ') + 1); };
    std::vector<std::size_t> widths;
    for (const auto& name : threads) widths.push_back(std::max<std::size_t>(name.size(), 12));
    for (const Line& line : lines) widths[line.thread] = std::max(widths[line.thread], line.text.size());
    std::string head = "      ", rule = "\n  ----";
    for (std::size_t t = 0; t != threads.size(); ++t) {
        head += "| " + padded(threads[t], widths[t]) + " ";
        rule += "+" + std::string(widths[t] + 2, '-');
    }
    std::string table = trimmed(head) + rule;
    for (std::size_t i = 0; i != lines.size(); ++i) {
        const std::string number = std::to_string(first + i);
        std::string row = std::string(number.size() < 4 ? 5 - number.size() : 1, ' ') + number + " ";
        for (std::size_t t = 0; t != threads.size(); ++t)
            row += "| " + padded(t == lines[i].thread ? lines[i].text : "", widths[t]) + " ";
        table += "\n" + trimmed(row);
    }
    return table + "\n";
}

}  // namespace verify
