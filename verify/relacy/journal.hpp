// What happened in the execution that is being explored, in order, for the counterexample that a person reads if it
// fails: one column per thread, the steps by their names, what they read and wrote, and their memory order.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "../columns.hpp"
#include "../word.hpp"

namespace verify {

inline constexpr unsigned max_threads = 8, max_regions = 256;

/// Memory handed out in this execution. Region 0 is the channel itself, the others are its blocks.
struct Region {
    std::uintptr_t begin, end;
    bool live;
    struct Count {
        const char* name = nullptr;
        int of_that_name = 0;
    } counts[8];
};

/// Where an atomic lies: its name, the region, and which of the like-named ones there.
struct Label {
    const char* name = "";
    int region = -1;
    int ordinal = 0;
};

class Regions {
  public:
    bool has_positions = false;  // of a bounded channel

    void clear() { used_ = 0; }
    int add(const void* memory, std::size_t bytes) {
        const auto begin = reinterpret_cast<std::uintptr_t>(memory);
        if (used_ == regions_.size()) std::abort();
        regions_[used_] = {begin, begin + bytes, true, {}};
        return static_cast<int>(used_++);
    }
    void end(const void* memory) {
        if (const int r = find(reinterpret_cast<std::uintptr_t>(memory)); r >= 0)
            regions_[static_cast<unsigned>(r)].live = false;
    }
    bool is(std::uintptr_t begin, std::size_t bytes) const {
        const int r = find(begin);
        return r >= 0 && regions_[static_cast<unsigned>(r)].begin == begin &&
               regions_[static_cast<unsigned>(r)].end == begin + bytes;
    }
    unsigned live() const {
        return static_cast<unsigned>(
            std::count_if(regions_.begin(), regions_.begin() + used_, [](const Region& r) { return r.live; }));
    }
    /// The newest region with that address, or -1.
    int find(std::uintptr_t address) const {
        for (std::size_t r = used_; r-- != 0;) {
            if (regions_[r].begin <= address && address < regions_[r].end) return static_cast<int>(r);
        }
        return -1;
    }
    Label label(const void* where, const char* name) {
        Label label{name, find(reinterpret_cast<std::uintptr_t>(where)), 0};
        if (label.region < 0) return label;
        for (auto& count : regions_[static_cast<unsigned>(label.region)].counts) {
            if (count.name != nullptr && count.name != name) continue;
            count.name = name;
            label.ordinal = count.of_that_name++;
            break;
        }
        return label;
    }
    std::string text(const Label& label) const {
        std::string text = label.region > 0 ? block(label.region) + "." : "";
        text += label.name;
        if (label.region < 0) return text;
        for (const auto& count : regions_[static_cast<unsigned>(label.region)].counts) {
            if (count.name == label.name && count.of_that_name > 1) text += "[" + std::to_string(label.ordinal) + "]";
        }
        return text;
    }
    static std::string block(int region) { return "b" + std::to_string(region); }

    /// A value as people think of it. Of the header's word: the block (0: the first, which lies in the channel), the count
    /// of slots, the flags.
    std::string text(std::uint64_t value, bool is_pointer) const {
        if (is_pointer && value == 0) return "none";
        const int region = find(word::address(value));
        if (region < 0) return std::to_string(value);
        std::string text = block(region);
        if (is_pointer) return text;
        return text + count_and_flags(word::count(value), value);
    }
    /// The same of the bounded channel, whose word has a position where the other's has a block and a count.
    std::string text(std::uint64_t value, bool is_pointer, const Label& where) const {
        if (!has_positions) return text(value, is_pointer);
        const std::string_view name = where.name;
        const std::string position = std::to_string(value / (word::flags + 1));
        if (name == "tail") return position + flags(value);
        if (name == "room") return position + (value & word::flags ? " BLOCKED" : "");
        return text(value, is_pointer);
    }
    static std::string count_and_flags(std::uint64_t count, std::uint64_t word) {
        return ":" + std::to_string(count) + flags(word);
    }

  private:
    static std::string flags(std::uint64_t flags) {
        std::string text;
        if (flags & word::parked) text += " PARKED";
        if (flags & word::closed) text += " CLOSED";
        if (flags & word::done) text += " DONE";
        return text;
    }

    std::array<Region, max_regions> regions_{};
    std::size_t used_ = 0;
};

struct Event {
    enum class Kind : std::uint8_t { call, read, write, exchange, wait, free } kind;
    std::uint8_t thread;
    bool is_pointer = false, stale = false;
    std::memory_order order = std::memory_order::relaxed;
    const char* step = "";
    Label where = {};
    std::uint64_t before = 0, after = 0;
    char text[64] = "";
};

class Journal {
  public:
    Regions regions;

    void clear() {
        used_ = 0;
        regions.clear();
    }
    void add(const Event& event) {
        if (used_ < events_.size()) events_[used_++] = event;
    }

    std::string table(const std::vector<std::string>& threads) const {
        std::vector<Line> all;
        for (std::size_t i = 0; i != used_; ++i) all.push_back({events_[i].thread, text(events_[i])});
        std::vector<Line> lines = folded(all);
        std::size_t first = 1;
        for (; lines.size() > most_shown; lines.erase(lines.begin()))
            first += 1 + lines.front().repeats * lines.front().repeated;
        return columns(threads, lines, first);
    }

    /// The same for programs: what is drawn from it needs places and values apart. Of a livelock, the beginning.
    template <class Json>
    Json execution() const {
        Json steps = Json::array();
        for (std::size_t i = 0; i != std::min(used_, most_shown); ++i) {
            const Event& e = events_[i];
            const std::string cell = text(e);
            Json step{{"thread", e.thread}, {"text", cell.substr(std::min(cell.size(), cell.find_first_not_of(' ')))}};
            if (e.kind != Event::Kind::call) {
                step["step"] = e.step;
                step["where"] = e.kind == Event::Kind::free ? regions.block(e.where.region) : regions.text(e.where);
                step["frees"] = e.kind == Event::Kind::free;
            }
            if (e.kind == Event::Kind::read || e.kind == Event::Kind::write || e.kind == Event::Kind::exchange) {
                step["before"] = regions.text(e.before, e.is_pointer, e.where);
                step["after"] = regions.text(e.after, e.is_pointer, e.where);
                step["stale"] = e.stale;
            }
            steps.push_back(step);
        }
        return steps;
    }

  private:
    static constexpr std::size_t most_shown = 200;

    static const char* text(std::memory_order order) {
        switch (order) {
            case std::memory_order::relaxed: return "relaxed";
            case std::memory_order::acquire: return "acquire";
            case std::memory_order::release: return "release";
            case std::memory_order::acq_rel: return "acq_rel";
            default: return "seq_cst";
        }
    }
    std::string text(const Event& e) const {
        if (e.kind == Event::Kind::call) return e.text;
        std::string cell = std::string("  ") + e.step + " ";
        if (e.kind == Event::Kind::free) return cell + regions.block(e.where.region);
        cell += regions.text(e.where);
        if (e.kind == Event::Kind::wait) return cell + " ...";
        const std::string after = regions.text(e.after, e.is_pointer, e.where);
        if (e.kind == Event::Kind::read) cell += " is " + after + (e.stale ? " (STALE)" : "");
        if (e.kind == Event::Kind::write) cell += " := " + after;
        if (e.kind == Event::Kind::exchange)
            cell += " " + regions.text(e.before, e.is_pointer, e.where) + " -> " + after;
        return cell + ", " + text(e.order);
    }

    std::array<Event, 4096> events_{};
    std::size_t used_ = 0;
};

inline Journal journal;

}  // namespace verify
