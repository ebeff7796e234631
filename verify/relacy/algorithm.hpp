// Holds an execution against the algorithm. What spec/AlgorithmScenario.tla prints of a scenario (of a bounded channel:
// spec/SyncScenario.tla) is, for each thread, what it may do: with which action it goes on, from which values of its own
// variables, what the action finds and leaves in which atomic, and its own variables afterwards. Each atomic step of the
// header has to be such an action: of the same name, in that thread's call, on the atomic at the same place, which it finds
// as the action does and leaves as the action does. So do the plain data that threads share (the values that are put into
// slots and taken, the line of those who wait for room), the memory that a call frees, and what it returns.
//
// Why this is the algorithm, step by step: an action of it depends on the thread's own variables and on what it finds in
// that atomic, and changes nothing else (algorithm_graph.py checks that on the graph). What an atomic holds here, is what the
// last write has left there, as in the algorithm, because a read-modify-write reads the newest store (stores.hpp). So an
// execution in which no load is stale is a behaviour of ChannelAlgorithm.tla, state by state.
//
// A stale load finds what an earlier load would have found. In general no order of the steps makes all of an
// execution's loads fresh, because RC11 is weaker than that; so what is followed there is each thread by itself: what it
// does next is what the algorithm does that has found this value. Which values a load may find is not the algorithm's
// affair, but the memory's, and stores.hpp's. A thread that comes into a state in this way which it has in no behaviour
// of the algorithm is reported.
//
// Where what a step has found does not tell what the thread is in for (an installer may fail to get memory), both are
// followed.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../word.hpp"
#include "journal.hpp"

namespace verify {

[[noreturn]] void fail(const char* what);

class Algorithm {
  public:
    unsigned slots = 0, first_slots = 0;  // of a block
    bool is_bounded = false;

    /// `without`: a kind of steps to leave out, to see whether they are missed.
    template <class Json>
    void read(const Json& json, std::size_t without) {
        names_ = json.at("names");
        goes_on_ = look_up("...");
        none_ = look_up("");
        idle_ = json.at("idle");
        first_receiver_ = json.at("receiver");
        from_.resize(json.at("states"));
        plain_.resize(json.at("places"));
        const std::vector<std::array<std::uint64_t, figures>> steps = json.at("steps");
        const std::vector<std::vector<std::array<std::uint64_t, 3>>> plain = json.at("plain");
        for (std::size_t i = 0; i != steps.size(); ++i) {
            const auto& [thread, operation, before, action, atomic, block, slot, found, left, after, shown, freed,
                         kind] = steps[i];
            has_silent_ = has_silent_ || action == none_;
            if (kind == without) continue;
            from_[before].push_back(
                {i, thread, operation, action, atomic, block, slot, found, left, after, shown, freed, {}});
            for (const auto& [place, is_before, is_after] : plain[i])
                from_[before].back().plain.push_back({place, is_before, is_after});
        }
    }

    void begin_execution() {
        calls_ = {};
        std::fill(plain_.begin(), plain_.end(), 0);
        receiver_.begin(first_receiver_, goes_on_);
    }

    void begin_call(unsigned thread, unsigned operation, bool by_the_receiver) {
        if (from_.empty()) return;
        Call& call = calls_[thread];
        call = {true, by_the_receiver, operation, 0, receiver_};
        if (!by_the_receiver) call.ways.begin(idle_, goes_on_);
    }

    void step(const Event& e) {
        Call& call = calls_[e.thread];
        if (!call.is_there) return;
        const std::uint64_t action = number(e.step);
        if (action == unknown) return;  // outside of the channel
        const Seen seen = as_seen(e);
        add_silent(e.thread);
        Ways reached;
        const Step* changes = nullptr;
        for (const Way& way : call.ways) {
            for (Step& s : from_[way.state]) {
                if (way.shown != goes_on_ || !is_of(s, e.thread) || s.action != action || !is_at(s, seen)) continue;
                if (!finds_plain_data(s)) continue;
                s.is_taken = true;
                changes = &s;
                reached.add({s.after, s.shown, way.freed | s.freed});
            }
        }
        if (reached.empty()) complain(e.thread, "the header takes a step that the algorithm has not:", e.step);
        for (const Plain& p : changes->plain) plain_[p.place] = p.after;
        call.ways = reached;
    }

    void allocates(unsigned thread, int region) { owners_[static_cast<unsigned>(region)] = thread; }
    void frees(unsigned thread, int region) {
        const bool is_waiter = is_bounded && region > last_of_ring;
        if (is_waiter && owners_[static_cast<unsigned>(region)] != thread)
            complain(thread, "frees another's waiter", "");
        if (calls_[thread].is_there)
            calls_[thread].freed |= std::uint64_t{1} << block(is_waiter ? last_of_ring + 1 : region);
    }

    /// The call returns; or, with a `+` before the result, an iteration under way yields.
    void returned(unsigned thread, const char* result) {
        Call& call = calls_[thread];
        if (!call.is_there) return;
        const std::uint64_t shown = look_up(as_shown(result));
        add_silent(thread);
        Ways left;
        for (const Way& way : call.ways) {
            if (way.shown == shown && way.freed == call.freed) left.add({way.state, goes_on_, way.freed});
        }
        if (left.empty()) complain(thread, "a call ends as the algorithm's does not:", result);
        call.ways = left;
        if (result[0] == '+') return;
        call.is_there = false;
        if (!call.by_the_receiver) return;
        receiver_ = {};
        for (const Way& way : left) receiver_.add({way.state, goes_on_, 0});
    }

    /// The steps that were taken in an execution so far: their numbers.
    std::vector<std::size_t> taken() const {
        std::vector<std::size_t> numbers;
        for (const auto& steps : from_) {
            for (const Step& s : steps) {
                if (s.is_taken) numbers.push_back(s.number);
            }
        }
        return numbers;
    }

  private:
    /// Names (of actions, atomics and results) and states are numbers, as algorithm_graph.py writes them.
    static constexpr std::size_t figures = 13;
    struct Plain {
        std::uint64_t place, before, after;
    };
    struct Step {
        std::uint64_t number, thread, operation, action, atomic, block, slot, found, left, after, shown;
        std::uint64_t freed;  // blocks, a bit each
        std::vector<Plain> plain;
        bool is_taken = false;
    };
    static constexpr std::uint64_t unknown = ~std::uint64_t{0};
    static constexpr std::size_t most_ways = 8;
    static constexpr int last_of_ring = 1;  // the regions of a bounded channel: itself, its slots, then waiters

    /// Where a thread may be in its call; what it is to return, once it has come to its end; what it has freed.
    struct Way {
        std::uint64_t state, shown, freed;
        bool operator==(const Way&) const = default;
    };
    class Ways {
      public:
        void begin(std::uint64_t state, std::uint64_t shown) {
            used_ = 1;
            ways_[0] = {state, shown, 0};
        }
        void add(const Way& way) {
            if (std::find(begin(), end(), way) != end()) return;
            if (used_ == most_ways) fail("too many ways of the algorithm to follow for this program");
            ways_[used_++] = way;
        }
        bool empty() const { return used_ == 0; }
        std::size_t size() const { return used_; }
        const Way& operator[](std::size_t i) const { return ways_[i]; }
        const Way* begin() const { return ways_.data(); }
        const Way* end() const { return ways_.data() + used_; }

      private:
        std::array<Way, most_ways> ways_;
        std::size_t used_ = 0;
    };
    struct Call {
        bool is_there = false, by_the_receiver = false;
        unsigned operation = 0;
        std::uint64_t freed = 0;
        Ways ways;
    };
    struct Known {
        const char* literal = nullptr;
        std::uint64_t number = unknown;
    };
    struct Seen {
        std::uint64_t atomic, block, slot, found, left;
    };

    bool is_of(const Step& s, unsigned thread) const {
        return s.thread == thread && s.operation == calls_[thread].operation;
    }
    static bool is_at(const Step& s, const Seen& seen) {
        return s.atomic == seen.atomic && s.block == seen.block && s.slot == seen.slot && s.found == seen.found &&
               s.left == seen.left;
    }

    bool finds_plain_data(const Step& s) const {
        return std::all_of(s.plain.begin(), s.plain.end(), [&](const Plain& p) { return plain_[p.place] == p.before; });
    }

    /// What is no instruction: after it, the thread may be elsewhere.
    void add_silent(unsigned thread) {
        if (!has_silent_) return;
        Ways& ways = calls_[thread].ways;
        for (std::size_t i = 0; i != ways.size(); ++i) {
            for (Step& s : from_[ways[i].state]) {
                if (ways[i].shown != goes_on_ || !is_of(s, thread) || s.action != none_) continue;
                s.is_taken = true;
                ways.add({s.after, s.shown, ways[i].freed});
            }
        }
    }

    /// The algorithm counts blocks from 1, the first; regions are counted in the same order, from the channel itself.
    static unsigned block(int region) { return static_cast<unsigned>(region + 1); }
    static unsigned block_of(std::uint64_t address) { return address == 0 ? 0 : block(journal.regions.find(address)); }
    static unsigned of_word(std::uint64_t w) {
        return 8 * (64 * block_of(word::address(w)) + word::count(w)) + static_cast<unsigned>(w & word::flags);
    }
    Seen as_seen(const Event& e) {
        Seen seen{number(e.where.name), 0, 0, e.before, e.after};
        const std::string_view name = e.where.name;
        if (is_bounded) {
            if (name == "ready") seen.slot = static_cast<unsigned>(e.where.ordinal);
            // A waiter is its thread's, and threads are counted from 1.
            if (e.where.region > last_of_ring) seen.block = owners_[static_cast<unsigned>(e.where.region)] + 1;
            return seen;
        }
        if (name == "tail") seen.found = of_word(e.before), seen.left = of_word(e.after);
        if (e.is_pointer) seen.found = block_of(e.before), seen.left = block_of(e.after);
        if (name == "next" || name == "ready") seen.block = block(e.where.region);
        if (name == "ready") {
            const unsigned skipped = e.where.region == 0 ? slots - first_slots : 0;
            // In its second life a block has flags of its own, which are counted on.
            seen.slot = (skipped + static_cast<unsigned>(e.where.ordinal)) % slots;
        }
        return seen;
    }

    static const char* as_shown(const char* result) {
        return result[0] == '[' ? "[" : std::strncmp(result, "destroyed", 9) == 0 ? "destroyed[" : result;
    }
    std::uint64_t look_up(std::string_view name) const {
        const auto found = std::find(names_.begin(), names_.end(), name);
        return found == names_.end() ? unknown : static_cast<std::uint64_t>(found - names_.begin());
    }
    /// Of a literal, as the names of steps and atomics are: by its address.
    std::uint64_t number(const char* literal) {
        Known& k = known_[reinterpret_cast<std::uintptr_t>(literal) % known_.size()];
        if (k.literal != literal) k = {literal, look_up(literal)};
        return k.number;
    }

    /// With what the algorithm would do, as lines of the counterexample.
    [[noreturn]] void complain(unsigned thread, const char* what, const char* which) {
        say(thread, "  %s", "the algorithm has there:");
        for (const Way& way : calls_[thread].ways) {
            if (way.shown != goes_on_) say(thread, "  = %s, freed %llx", names_[way.shown].c_str(), way.freed);
            for (const Step& s : from_[way.state]) {
                if (way.shown == goes_on_ && is_of(s, thread) && s.action != none_) say(thread, s);
            }
        }
        static char text[200];
        std::snprintf(text, sizeof text, "%s %s", what, which[0] != 0 ? which : "nothing");
        fail(text);
    }
    template <class... Arguments>
    static void say(unsigned thread, const char* format, Arguments... arguments) {
        Event event{.kind = Event::Kind::call, .thread = static_cast<std::uint8_t>(thread)};
        std::snprintf(event.text, sizeof event.text, format, arguments...);
        journal.add(event);
    }
    void say(unsigned thread, const Step& s) const {
        const std::string_view name = names_[s.atomic];
        std::string where = s.block == 0 ? ""
                            : is_bounded ? "thread " + std::to_string(s.block) + "'s "
                                         : Regions::block(static_cast<int>(s.block) - 1) + ".";
        where += name;
        if (name == "ready") where += "[" + std::to_string(s.slot) + "]";
        const auto change = s.found != s.left ? " -> " + text(name, s.left) : "";
        say(thread, "  %s %s %s%s", names_[s.action].c_str(), where.c_str(), text(name, s.found).c_str(),
            change.c_str());
    }
    std::string text(std::string_view atomic, std::uint64_t value) const {
        if (is_bounded) return journal.regions.text(value, false, {atomic.data()});
        if (atomic == "tail") {
            const int block = static_cast<int>(value / 512) - 1;
            return (block < 0 ? "none" : Regions::block(block)) + Regions::count_and_flags(value / 8 % 64, value % 8);
        }
        if (atomic != "next" && atomic != "spare") return std::to_string(value);
        return value == 0 ? "none" : Regions::block(static_cast<int>(value) - 1);
    }

    std::vector<std::string> names_;
    std::vector<std::vector<Step>> from_;  // of each state
    std::uint64_t idle_ = 0, first_receiver_ = 0, goes_on_ = 0, none_ = 0;
    bool has_silent_ = false;
    std::array<Known, 256> known_{};
    std::array<Call, max_threads> calls_;
    Ways receiver_;
    std::vector<std::uint64_t> plain_;  // the plain data that is shared, by its place
    std::array<unsigned, max_regions> owners_{};
};

inline Algorithm algorithm;

}  // namespace verify
