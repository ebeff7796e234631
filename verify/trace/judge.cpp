#include "judge.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "../columns.hpp"
#include "world.hpp"

namespace traces {

namespace {

class Judge {
  public:
    explicit Judge(const Trace& trace)
        : trace_(trace),
          world_{Contract(trace.handles.size(), values(trace), trace.senders_at_start, trace.capacity),
                 trace.may_fail} {
        for (const Thread& thread : trace.threads) {
            for (const Event& e : thread.events) {
                if (has_handle(e.step) && has_value(e.step)) world_.contract.hold(e.a, e.b);
            }
        }
        explained_.assign(trace.threads.size(), 0);
    }

    /// `explains(thread, event)` is called for each event that the contract allows, in that order.
    template <class Explains>
    Verdict judge(Explains explains) {
        for (std::size_t t = first_that_can_go_on(); t != trace_.threads.size(); t = first_that_can_go_on()) {
            explains(t, trace_.threads[t].events[explained_[t]++]);
        }
        const std::size_t events = std::accumulate(explained_.begin(), explained_.end(), std::size_t{0});
        return {events == trace_.events() && world_.contract.gone(), explained_};
    }

    /// Whether an event of that thread is to come next.
    bool has_come_to(std::size_t t) const {
        if (explained_[t] == trace_.threads[t].events.size()) return false;
        return t + 1 != trace_.threads.size() ||
               std::accumulate(explained_.begin(), explained_.end() - 1, std::size_t{0}) +
                       trace_.threads[t].events.size() ==
                   trace_.events();
    }

    /// Of the events that were to come next: whether it is this that the contract does not allow, or it only waits for that.
    bool is_to_blame(const Event& e) const {
        const auto is_due = [this](const Event& f) { return f.at == now_ + 1; };
        for (std::size_t t = 0; t != trace_.threads.size(); ++t) {
            if (has_come_to(t) && is_due(trace_.threads[t].events[explained_[t]])) return is_due(e);
        }
        return e.at == 0;
    }

  private:
    static std::size_t values(const Trace& trace) {
        std::size_t most = 0;
        for (const Thread& thread : trace.threads) {
            for (const Event& e : thread.events) most = std::max<std::size_t>(most, has_value(e.step) ? e.b : 0);
        }
        return most + 1;
    }

    /// The first thread whose next event can be explained; and explains it. What the word decided comes later, because it may
    /// end what others rely on: after a close, no sender is told any more that it is connected. Last come receives of a
    /// bounded channel that let nobody in, because each ends for others that there is no room.
    enum class Turn : std::uint8_t { at_once, by_the_word, last };
    Turn turn(const Event& e) const {
        if (e.at != 0) return Turn::by_the_word;
        return trace_.capacity >= 0 && takes(e.step) ? Turn::last : Turn::at_once;
    }
    std::size_t first_that_can_go_on() {
        for (const Turn now : {Turn::at_once, Turn::by_the_word, Turn::last}) {
            for (std::size_t t = 0; t != trace_.threads.size(); ++t) {
                if (!has_come_to(t)) continue;
                const Event& e = trace_.threads[t].events[explained_[t]];
                if (turn(e) != now || !is_in_its_place(e) || !world_.take(e, trace_.destroyed)) continue;
                if (e.at != 0) now_ = e.at;
                accepted_ += e.step == Step::SendAccepted || (takes(e.step) && e.at != 0);
                return t;
            }
        }
        return trace_.threads.size();
    }
    /// What the word decides comes in the order in which it did so. Some things it has to decide: that a value is accepted,
    /// that there is nothing, that it is over, unless the receiver has ended it itself. Of all drops of senders, only that
    /// of the last is for it; of receives, those that let a waiting sender in.

    bool is_in_its_place(const Event& e) const {
        if (e.step == Step::DropSender && (e.at != 0) != (world_.contract.live() == 1)) return false;
        if (takes(e.step) && (e.at != 0) != world_.contract.LetsIn()) return false;
        if (e.at != 0) return e.at == now_ + 1;
        switch (e.step) {
            case Step::TrySendFull: return e.claimed == accepted_;
            case Step::SendAccepted:
            case Step::SendWaits:
            case Step::RecvWaits:
            case Step::TryRecvEmpty:
            case Step::RecvTimedOut: return false;
            case Step::RecvDisconnected:
            case Step::TryRecvDisconnected:
            case Step::RecvTimedDisconnected:
            case Step::TryIterEnds:
            case Step::ReceiverConnected: return trace_.capacity >= 0 || is_closed();
            case Step::ReceiverDisconnected:
            case Step::Close:
            case Step::DropReceiver: return is_closed();
            default: return true;
        }
    }

    bool is_closed() const { return world_.contract.receiver() == Contract::Receiver::closed; }

    const Trace& trace_;
    World world_;
    std::vector<std::size_t> explained_;
    std::size_t now_ = 0;       // the place of the last event that the word decided
    std::size_t accepted_ = 0;  // values
};

}  // namespace

Verdict judge(const Trace& trace) {
    return Judge(trace).judge([](std::size_t, const Event&) {});
}

std::string complaint(const Trace& trace) {
    Judge judge(trace);
    const Verdict verdict = judge.judge([](std::size_t, const Event&) {});
    if (verdict.accepted) return "";
    for (std::size_t t = 0; t != trace.threads.size(); ++t) {
        if (!judge.has_come_to(t)) continue;
        const Event& e = trace.threads[t].events[verdict.explained[t]];
        if (judge.is_to_blame(e)) return trace.threads[t].name + ": " + in_words(trace, e) + " is not allowed";
    }
    return "handles are left that nobody has dropped";
}

std::string gap(const Trace& trace, unsigned slots) {
    std::map<std::uint32_t, const Event*> accepted;
    for (const Thread& thread : trace.threads) {
        for (const Event& e : thread.events) {
            if (e.step == Step::SendAccepted || (takes(e.step) && e.at != 0)) accepted[e.at] = &e;
        }
    }
    const Event* before = nullptr;
    for (const auto& [at, e] : accepted) {
        // To claim the slot behind a block's last one is to install the next block, and its first slot is had with it.
        if (before != nullptr) {
            const auto [ends, block, slot] = before->position;
            const bool is_next = trace.capacity >= 0 ? e->position.block == block + 1
                                 : slot < slots      ? e->position.block == block && e->position.slot == slot + 1
                                                     : e->position.block == block + 1 && e->position.slot == 1;
            if (!is_next) return in_words(trace, *e) + " has not the slot after that of " + in_words(trace, *before);
        }
        before = e;
    }
    return "";
}

std::string table(const Trace& trace) {
    constexpr std::size_t most_shown = 100;  // of a long one the end is enough
    std::vector<std::string> threads;
    for (const Thread& thread : trace.threads) threads.push_back(thread.name);
    std::vector<verify::Line> lines;
    Judge judge(trace);
    const Verdict verdict =
        judge.judge([&](std::size_t t, const Event& e) { lines.push_back({t, in_words(trace, e)}); });
    for (std::size_t t = 0; t != threads.size(); ++t) {
        if (!judge.has_come_to(t)) continue;
        const Event& e = trace.threads[t].events[verdict.explained[t]];
        lines.push_back({t, in_words(trace, e) + (judge.is_to_blame(e) ? "  <- not allowed" : "  ...")});
    }
    const std::size_t first = lines.size() > most_shown ? lines.size() - most_shown : 0;
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(first));
    return verify::columns(threads, lines, first + 1);
}

std::size_t fingerprint(const Trace& trace) {
    std::size_t mixed = 0;
    const auto mix = [&mixed](std::uint64_t n) { mixed = (mixed ^ n) * 0x9e3779b97f4a7c15 ^ mixed >> 29; };
    for (const Thread& thread : trace.threads) {
        for (const Event& e : thread.events) {
            mix(static_cast<std::uint64_t>(e.step) << 32 | e.at);
            mix(std::uint64_t{e.a} << 32 | e.b);
        }
        mix(~std::uint64_t{0});
    }
    for (const unsigned value : trace.destroyed) mix(value);
    return mixed;
}

}  // namespace traces
