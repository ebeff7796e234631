// Follows an execution through the contract. What spec/Scenario.tla allows in a scenario is a graph: its states, and
// from each the steps of a thread with what its caller is shown. Each operation of the header takes effect at its
// linearization point, an atomic step with a name (spec/AlgorithmRefinement.tla says which); when
// it is executed, the contract has to allow that operation there and then, and its caller must be shown just that.
// So it is not only the outcome that is the contract's, but the way to it.
//
// Where what a step has found does not tell whether it was the point (an installer may fail; a receive that finds
// nothing may look again), both are followed, until the call returns.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../word.hpp"
#include "journal.hpp"

namespace verify {

[[noreturn]] void fail(const char* what);

class Follower {
  public:
    /// What the caller of a contract's step is shown, as a set of bits.
    /// `nowhere`: a call that has taken effect nowhere.
    enum Shown : unsigned {
        quiet = 1,
        ok = 2,
        refused = 4,
        nowhere = 8,
        value = 16,
        nothing = 32,
        end = 64,
        list = 128,
        destroyed = 256,
        full = 512,
        waits = 1024,       // nothing: the call only begins to wait
        interrupted = 2048  // nothing: the call waits no longer, and looks again
    };
    /// The calls that have to be told apart here.
    enum class Call { none, other, move, close, drop_receiver, ask_receiver };

    unsigned slots = 0;  // of a block
    int capacity = -1;   // of a bounded channel, whose points are in follow_ring.hpp; negative: it is unbounded

    /// What the contract allows. `without`: a step to leave out, to see whether it is missed.
    void read(const std::vector<std::string>& labels, const std::vector<std::array<unsigned, 4>>& steps,
              std::size_t without) {
        labels_ = labels;
        for (const auto& label : labels_) shown_.push_back(shown(label));
        for (std::size_t i = 0; i != steps.size(); ++i) {
            const auto& [from, thread, label, to] = steps[i];
            from_.resize(std::max<std::size_t>(from_.size(), std::max(from, to) + 1));
            if (i != without) from_[from].push_back({i, thread, label, to});
        }
        untaken_ = steps.size();
    }

    void begin_execution() {
        calls_.fill(Call::none);
        is_dismissed_.fill(false);
        closed_ = false;
        lets_in_ = meets_ = false;
        used_entries_ = 0;
        first_word_.reset();
        start();
    }

    /// `event`: that the call signals or waits for.
    void begin_call(unsigned thread, Call call, unsigned event) {
        if (from_.empty()) return;
        calls_[thread] = call;
        events_[thread] = event;
        // These execute no atomic step of their own: to move a handle, to close what is closed, or to ask then.
        if (closed_ && call == Call::ask_receiver)
            take({.kind = Entry::Kind::must, .thread = thread, .shown = nothing | end});
        if (call == Call::move || (closed_ && (call == Call::close || call == Call::drop_receiver))) {
            take({.kind = Entry::Kind::must, .thread = thread, .shown = quiet | destroyed});
        }
    }

    /// `thread` calls the callback that a call of `other` has registered.
    void calls_back(unsigned thread, unsigned other) { called_back_[thread] = other; }

    /// The call returns; or, with a `+` before the result, an iteration under way yields.
    void returned(unsigned thread, const char* result) {
        if (from_.empty()) return;
        if (std::strcmp(result, "full") == 0) place(thread, full, result);
        const auto label = std::find(labels_.begin(), labels_.end(), result) - labels_.begin();
        take({.kind = Entry::Kind::returned, .thread = thread, .label = static_cast<unsigned>(label)});
        if (used_ == 0)
            complain("a call returns what the contract does not allow after the steps that it took:", result);
        if (result[0] != '+') calls_[thread] = Call::none;
    }

    void step(const Event& e) {
        if (from_.empty()) return;
        if (e.kind == Event::Kind::exchange && std::strcmp(e.where.name, "tail") == 0) {
            if (!first_word_) first_word_ = e.before;
            take({.kind = Entry::Kind::word, .thread = e.thread, .word = e.after});
        }
        const unsigned thread = e.thread;
        const Call call = calls_[thread];
        if (call == Call::none) return;
        if (capacity >= 0) return ring_step(e, call);
        switch (point_of(e.step)) {
            case Point::none: break;
            case Point::claim:
                if (e.before & word::closed) must(thread, refused, e.step);
                else if (word::count(e.before) < slots) must(thread, ok, e.step);
                else if (word::count(e.before) == slots) may(thread, ok);
                break;
            case Point::drop_sender:
                if (e.before != 1) must(thread, quiet, e.step);
                break;
            case Point::close: closed_ = true; [[fallthrough]];
            case Point::always: must(thread, quiet | destroyed, e.step); break;
            case Point::signal: must(thread, quiet, e.step, {events_[thread], no_event}); break;
            case Point::await: must(thread, quiet, e.step, {no_event, events_[thread]}); break;
            case Point::find:
                looks_again(thread);
                // What a receiver finds that is being dropped went with its Close.
                if (call == Call::drop_receiver) break;
                if (e.after != 0) must(thread, value, e.step);
                else if (closed_) may(thread, end | list);
                break;
            case Point::pass:
                looks_again(thread);
                if (e.after == 0 && closed_ && call != Call::drop_receiver) may(thread, end | list);
                break;
            case Point::ask: {
                const unsigned answer = e.after & word::closed ? end : nothing;
                if (e.stale) look_at_the_past(thread, e.after, answer);
                else must(thread, answer, e.step);
                break;
            }
            case Point::woken:
                // `before`: whether the token was there.
                if (e.before != 0) looks_again(thread);
                break;
            case Point::look:
                looks_again(thread);
                if (e.stale) look_at_the_past(thread, e.after, nothing | end | list);
                else may(thread, nothing | end | list);
                break;
            case Point::decide:
                looks_again(thread);
                if (call == Call::drop_receiver) break;
                if (e.stale) look_at_the_past(thread, e.after, nothing | end | list);
                else may(thread, nothing | end | list);
                break;
        }
    }

    /// Notes the contract's steps on the ways that led to the end of this execution.
    void end_execution() {
        if (untaken_ == 0) return;
        start();
        for (std::size_t i = 0; i != used_entries_; ++i) {
            std::copy_n(positions_.begin(), used_, before_[i].begin());
            used_before_[i] = used_;
            apply(entries_[i]);
        }
        // Backwards: what is kept in positions_ has led to the end.
        for (std::size_t i = used_entries_; i-- != 0;) {
            std::size_t kept = 0;
            for (std::size_t j = 0; j != used_before_[i]; ++j) {
                if (leads_on(before_[i][j], entries_[i])) before_[i][kept++] = before_[i][j];
            }
            std::copy_n(before_[i].begin(), kept, positions_.begin());
            used_ = kept;
        }
    }
    /// The steps of the contract that were taken in an execution so far: their numbers.
    std::vector<std::size_t> taken() const {
        std::vector<std::size_t> numbers;
        for (const auto& steps : from_) {
            for (const Step& s : steps) {
                if (s.taken) numbers.push_back(s.number);
            }
        }
        return numbers;
    }

  private:
    enum class Point { none, claim, drop_sender, always, close, find, pass, ask, look, decide, woken, signal, await };

    struct Step {
        std::size_t number;
        unsigned thread, label, to;
        bool taken = false;
    };
    /// A state that the contract may be in; and of each thread's call, if it has taken effect: what it is to show.
    struct Position {
        unsigned state;
        std::array<std::uint16_t, max_threads> owed;
        bool operator==(const Position&) const = default;
    };
    static constexpr std::uint16_t nothing_owed = 0xffff;
    static constexpr unsigned no_event = ~0u;
    struct Links {
        unsigned signals, awaits;
    };
    /// What has happened so far: points, looks that replace an earlier one, returns, and the changes of the channel's word.
    struct Entry {
        enum class Kind : std::uint8_t { may, must, again, returned, word } kind;
        unsigned thread;
        unsigned shown = 0, label = 0;
        Links links = {no_event, no_event};
        std::uint64_t word = 0;
    };

    void ring_step(const Event& e, Call call);

    static unsigned shown(const std::string& label) {
        static constexpr std::pair<std::string_view, Shown> words[]{
            {"", quiet},          {"~", waits},           {"full", full},         {"ok", ok},
            {"refused", refused}, {"no_memory", nowhere}, {"unwound", nowhere},   {"empty", nothing},
            {"timeout", nothing}, {"stopped", nothing},   {"connected", nothing}, {"disconnected", end},
            {"!", interrupted}};
        for (const auto& [word, is] : words) {
            if (label == word) return is;
        }
        return label[0] == '[' ? list : label[0] == 'd' ? destroyed : value;
    }

    static Point look_up(std::string_view step) {
        static constexpr std::pair<std::string_view, Point> points[]{{"SendClaim", Point::claim},
                                                                     {"CloneSender", Point::always},
                                                                     {"DropSender", Point::drop_sender},
                                                                     {"DropLastSender", Point::always},
                                                                     {"Close", Point::close},
                                                                     {"RecvReady", Point::find},
                                                                     {"RecvAwaitReady", Point::find},
                                                                     {"RecvNext", Point::pass},
                                                                     {"SenderLook", Point::ask},
                                                                     {"TryRecvLook", Point::look},
                                                                     {"ReceiverLook", Point::look},
                                                                     {"RecvPark", Point::decide},
                                                                     {"RecvWithdraw", Point::decide},
                                                                     {"RecvAwaitInstall", Point::decide},
                                                                     {"RecvSleep", Point::woken},
                                                                     {"RecvSleepUntil", Point::woken},
                                                                     {"RecvTakeToken", Point::woken},
                                                                     {"Signal", Point::signal},
                                                                     {"StopRequest", Point::signal},
                                                                     {"Await", Point::await},
                                                                     {"See", Point::await}};
        for (const auto& [name, point] : points) {
            if (step == name) return point;
        }
        return Point::none;
    }
    static Point point_of(const char* step) {
        struct Known {
            const char* step = nullptr;
            Point point{};
        };
        static std::array<Known, 256> known;  // by address: a step's name is a literal
        Known& k = known[reinterpret_cast<std::uintptr_t>(step) % known.size()];
        if (k.step != step) k = {step, look_up(step)};
        return k.point;
    }

    /// What a call finds when it looks again, or when it is woken, replaces what it found before: *empty* and *timeout* are
    /// true at a moment after the call's last look (S12, S13).
    void looks_again(unsigned thread) {
        const auto end = positions_.begin() + static_cast<std::ptrdiff_t>(used_);
        const auto found_nothing = [&](const Position& p) {
            return p.owed[thread] != nothing_owed && shown_[p.owed[thread]] == nothing;
        };
        if (std::any_of(positions_.begin(), end, found_nothing)) take({.kind = Entry::Kind::again, .thread = thread});
    }
    void may(unsigned thread, unsigned shown) { take({.kind = Entry::Kind::may, .thread = thread, .shown = shown}); }
    void must(unsigned thread, unsigned shown, const char* step, Links links = {no_event, no_event}) {
        take({.kind = Entry::Kind::must, .thread = thread, .shown = shown, .links = links});
        if (used_ == 0) complain("a step takes effect that the contract does not allow here:", step);
    }

    void start() {
        positions_[0].state = 0;
        positions_[0].owed.fill(nothing_owed);
        used_ = 1;
    }
    void take(const Entry& entry) {
        if (used_entries_ == most_entries) fail("too many operations for this program");
        entries_[used_entries_++] = entry;
        apply(entry);
    }

    /// Each position that the entry leads to from this one, and the step on the way, if it takes one.
    template <class Visit>
    void follow(const Position& from, const Entry& e, Visit visit) {
        const std::uint16_t owed = from.owed[e.thread];
        Position to = from;
        switch (e.kind) {
            case Entry::Kind::word: visit(to, nullptr); return;
            case Entry::Kind::again:
                if (owed == nothing_owed || shown_[owed] != nothing) visit(to, nullptr);
                return;
            case Entry::Kind::returned:
                to.owed[e.thread] = nothing_owed;
                if (owed == e.label) visit(to, nullptr);
                // A send for which there is no memory, and a receive that was left by unwinding, took effect nowhere.
                if (owed != nothing_owed || e.label == labels_.size() || shown_[e.label] != nowhere) return;
                break;
            case Entry::Kind::may: visit(to, nullptr); [[fallthrough]];
            case Entry::Kind::must:
                if (owed != nothing_owed) return;
        }
        for (Step& s : from_[from.state]) {
            if (s.thread != e.thread) continue;
            if (e.kind == Entry::Kind::returned ? s.label != e.label : (shown_[s.label] & e.shown) == 0) continue;
            to.state = s.to;
            const bool owes = e.kind != Entry::Kind::returned && (shown_[s.label] & (waits | interrupted)) == 0;
            to.owed[e.thread] = owes ? static_cast<std::uint16_t>(s.label) : nothing_owed;
            visit(to, &s);
        }
    }

    void apply(const Entry& e) {
        if (e.kind == Entry::Kind::word) return;
        std::array<Position, most> reached;
        std::size_t count = 0;
        for (std::size_t i = 0; i != used_; ++i) {
            follow(positions_[i], e, [&](const Position& to, Step*) {
                const auto end = reached.begin() + static_cast<std::ptrdiff_t>(count);
                if (std::find(reached.begin(), end, to) != end) return;
                if (count == most) fail("too many ways to follow for this program");
                reached[count++] = to;
            });
        }
        std::copy_n(reached.begin(), count, positions_.begin());
        used_ = count;
    }
    bool leads_on(const Position& from, const Entry& e) {
        bool leads = false;
        follow(from, e, [&](const Position& to, Step* step) {
            const auto end = positions_.begin() + static_cast<std::ptrdiff_t>(used_);
            if (std::find(positions_.begin(), end, to) == end) return;
            leads = true;
            if (step != nullptr && !std::exchange(step->taken, true)) --untaken_;
        });
        return leads;
    }

    /// A thread has read a word that has been overwritten: if this was its point, it was one while that word was
    /// there. What others have done since comes after it, unless it happens before one of the thread's own steps: by
    /// program order or the scenario's signals. (By way of the channel it can't: the word would have been seen as well.)
    void look_at_the_past(unsigned thread, std::uint64_t stale, unsigned shown) {
        for (std::size_t overwritten = used_entries_; overwritten-- != 0;) {
            if (entries_[overwritten].kind != Entry::Kind::word || word_before(overwritten) != stale) continue;
            if (!look_before(overwritten, {.kind = Entry::Kind::must, .thread = thread, .shown = shown})) continue;
            look_before(overwritten, {.kind = Entry::Kind::may, .thread = thread, .shown = shown});
            used_entries_ = reordered_used_;
            std::copy_n(reordered_.begin(), reordered_used_, entries_.begin());
            return;
        }
        start();
        for (std::size_t i = 0; i != used_entries_; ++i) apply(entries_[i]);
    }
    std::uint64_t word_before(std::size_t entry) const {
        while (entry-- != 0) {
            if (entries_[entry].kind == Entry::Kind::word) return entries_[entry].word;
        }
        return *first_word_;
    }
    /// Begins anew, with `look` put in before that entry. Whether the contract allows it there.
    bool look_before(std::size_t entry, const Entry& look) {
        std::array<bool, most_entries> goes_first{};
        std::array<bool, max_threads> needed{}, awaited{};
        needed[look.thread] = true;
        for (std::size_t i = used_entries_; i-- != entry;) {
            const Entry& e = entries_[i];
            if (e.links.signals != no_event && awaited[e.links.signals]) needed[e.thread] = true;
            goes_first[i] = needed[e.thread];
            if (goes_first[i] && e.links.awaits != no_event) awaited[e.links.awaits] = true;
        }
        if (used_entries_ + 1 >= most_entries) fail("too many operations for this program");
        reordered_used_ = 0;
        for (std::size_t i = 0; i != used_entries_; ++i) {
            if (i < entry || goes_first[i]) reordered_[reordered_used_++] = entries_[i];
        }
        reordered_[reordered_used_++] = look;
        for (std::size_t i = entry; i != used_entries_; ++i) {
            if (!goes_first[i]) reordered_[reordered_used_++] = entries_[i];
        }
        start();
        for (std::size_t i = 0; i != reordered_used_; ++i) apply(reordered_[i]);
        return used_ != 0;
    }

    /// The thread's call takes effect now, or earlier: at the last of the moments that leave most ways to follow. What
    /// others have done since comes after it, as above.
    void place(unsigned thread, unsigned shown, const char* step) {
        const Entry entry{.kind = Entry::Kind::must, .thread = thread, .shown = shown};
        std::size_t best = 0, left = 0;
        for (std::size_t before = used_entries_ + 1; before-- != 0;) {
            if (look_before(before, entry) && used_ > left) best = before, left = used_;
        }
        if (left == 0) complain("a call takes effect at no moment where the contract allows it:", step);
        look_before(best, entry);
        used_entries_ = reordered_used_;
        std::copy_n(reordered_.begin(), reordered_used_, entries_.begin());
    }

    void complain(const char* what, const char* which) {
        static char text[200];
        std::snprintf(text, sizeof text, "%s %s", what, which[0] != 0 ? which : "nothing");
        fail(text);
    }

    static constexpr std::size_t most = 128, most_entries = 256;
    std::vector<std::string> labels_;
    std::vector<unsigned> shown_;          // of each label
    std::vector<std::vector<Step>> from_;  // of each state
    std::array<Call, max_threads> calls_{};
    std::array<unsigned, max_threads> events_{};
    bool closed_ = false;
    std::array<bool, max_threads> joins_late_{}, is_dismissed_{};
    std::array<unsigned, max_threads> called_back_{};
    bool lets_in_ = false, meets_ = false;  // the receiver of a bounded channel: what it has done under the lock
    unsigned parked_ = 0;                   // with capacity 0: the thread that has parked
    std::array<Position, most> positions_;
    std::size_t used_ = 0;
    std::optional<std::uint64_t> first_word_;
    std::array<Entry, most_entries> entries_, reordered_;
    std::array<std::array<Position, most>, most_entries> before_;  // each entry, at the end
    std::array<std::size_t, most_entries> used_before_{};
    std::size_t untaken_ = 0;
    std::size_t used_entries_ = 0, reordered_used_ = 0;
};

inline Follower follower;

}  // namespace verify
