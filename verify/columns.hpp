// A table with a column for each thread, for people: in each line, what one of them did.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace verify {

struct Line {
    std::size_t thread;
    std::string text;
    std::size_t repeats = 0, repeated = 0;  // so many times more come the last `repeated` lines

    friend bool operator==(const Line&, const Line&) = default;
};

/// A loop that nothing ends is shown once, with the number of its repeats.
inline std::vector<Line> folded(const std::vector<Line>& lines) {
    constexpr std::size_t longest = 16, few = 3;
    std::vector<Line> result;
    for (std::size_t i = 0; i != lines.size();) {
        std::size_t length = 1, repeats = 0;
        for (; length <= longest; ++length) {
            const auto at = [&](std::size_t n) { return lines.begin() + static_cast<std::ptrdiff_t>(i + n * length); };
            for (repeats = 0; i + (repeats + 2) * length <= lines.size(); ++repeats) {
                if (!std::equal(at(0), at(1), at(repeats + 1))) break;
            }
            if (repeats >= few) break;
        }
        if (repeats < few) length = 1, repeats = 0;
        for (std::size_t n = 0; n != length; ++n) result.push_back(lines[i + n]);
        if (repeats != 0) result.back().repeats = repeats, result.back().repeated = length;
        i += (repeats + 1) * length;
    }
    return result;
}

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
        const std::string number = std::to_string(first++);
        std::string row = std::string(number.size() < 4 ? 5 - number.size() : 1, ' ') + number + " ";
        for (std::size_t t = 0; t != threads.size(); ++t)
            row += "| " + padded(t == lines[i].thread ? lines[i].text : "", widths[t]) + " ";
        table += "\n" + trimmed(row);
        if (lines[i].repeats == 0) continue;
        table += "\n       (the last " + std::to_string(lines[i].repeated) + " again, " +
                 std::to_string(lines[i].repeats) + " times)";
        first += lines[i].repeats * lines[i].repeated;
    }
    return table + "\n";
}

}  // namespace verify
