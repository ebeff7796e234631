// Whether a trace is one of the contract's: the oracle. It reads the threads' events in an order that keeps to each
// thread's own, to what the channel's word decided, and to their signals; and the contract has to allow each.
// spec/ChannelTrace.tla does the same under TLC, and says why it is done so.
#pragma once

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "../columns.hpp"
#include "contract.hpp"
#include "trace.hpp"

namespace traces {

struct Verdict {
    bool accepted = false;
    std::vector<std::size_t> explained;  // of each thread, how many events
    std::size_t events = 0;
};

/// The channel and what the threads tell each other outside of it.
struct World {
    Contract contract;
    bool may_fail = false;
    std::vector<bool> signalled = {};

    bool operator==(const World&) const = default;

    /// Takes the step that the event is, if it may be taken. `destroyed`: by DropReceiver.
    bool take(const Event& e, const std::vector<unsigned>& destroyed) {
        switch (e.step) {
            case Step::SendAccepted: return contract.SendAccepted(e.a, e.b);
            case Step::SendRefused: return contract.SendRefused(e.a, e.b);
            case Step::Clone: return contract.Clone(e.a, e.b);
            case Step::DropSender: return contract.DropSender(e.a);
            case Step::RecvValue: return contract.RecvValue(e.b);
            case Step::RecvDisconnected: return contract.RecvDisconnected();
            case Step::TryRecvValue: return contract.TryRecvValue(e.b);
            case Step::TryRecvEmpty: return contract.TryRecvEmpty();
            case Step::TryRecvDisconnected: return contract.TryRecvDisconnected();
            case Step::RecvTimedValue: return contract.RecvTimedValue(e.b);
            case Step::RecvTimedOut: return contract.RecvTimedOut();
            case Step::RecvTimedDisconnected: return contract.RecvTimedDisconnected();
            case Step::Close: return contract.Close();
            case Step::DropReceiver: return contract.DropReceiver(destroyed);
            case Step::SendThrew: return may_fail && contract.CanSend(e.a, e.b);
            case Step::TryIterEnds: return contract.TryRecvEmpty() || contract.TryRecvDisconnected();
            case Step::Signal:
                if (e.a >= signalled.size()) signalled.resize(e.a + 1);
                return signalled[e.a] = true;
            case Step::Await: return e.a < signalled.size() && signalled[e.a];
            case Step::Destroyed: return false;
        }
        return false;
    }
};

class Judge {
  public:
    explicit Judge(const Trace& trace)
        : trace_(trace), world_{Contract(trace.handles.size(), values(trace), trace.senders_at_start), trace.may_fail} {
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
        return {events == trace_.events() && world_.contract.gone(), explained_, events};
    }
    Verdict judge() {
        return judge([](std::size_t, const Event&) {});
    }

  private:
    static std::size_t values(const Trace& trace) {
        std::size_t most = 0;
        for (const Thread& thread : trace.threads) {
            for (const Event& e : thread.events) most = std::max<std::size_t>(most, has_value(e.step) ? e.b : 0);
        }
        return most + 1;
    }

    /// The first thread whose next event can be explained; and explains it.
    std::size_t first_that_can_go_on() {
        const std::size_t last = trace_.threads.size() - 1;
        for (std::size_t t = 0; t != trace_.threads.size(); ++t) {
            if (explained_[t] == trace_.threads[t].events.size() || (t == last && !others_are_through())) continue;
            const Event& e = trace_.threads[t].events[explained_[t]];
            if (!is_in_its_place(e) || !world_.take(e, trace_.destroyed)) continue;
            if (e.at != 0) now_ = e.at;
            return t;
        }
        return trace_.threads.size();
    }
    bool others_are_through() const {
        for (std::size_t t = 0; t + 1 != trace_.threads.size(); ++t) {
            if (explained_[t] != trace_.threads[t].events.size()) return false;
        }
        return true;
    }

    /// What the word decides comes in the order in which it did so. Some things it has to decide: that a value is accepted,
    /// that there is nothing, that it is over, unless the receiver has ended it itself. Of all drops of senders, only that
    /// of the last is for it.
    bool is_in_its_place(const Event& e) const {
        if (e.step == Step::DropSender && (e.at != 0) != (world_.contract.live() == 1)) return false;
        if (e.at != 0) return e.at == now_ + 1;
        switch (e.step) {
            case Step::SendAccepted: case Step::TryRecvEmpty: case Step::RecvTimedOut: return false;
            case Step::RecvDisconnected: case Step::TryRecvDisconnected: case Step::RecvTimedDisconnected: case Step::TryIterEnds:
            case Step::Close: case Step::DropReceiver: return world_.contract.receiver() == Contract::Receiver::closed;
            default: return true;
        }
    }

    const Trace& trace_;
    World world_;
    std::vector<std::size_t> explained_;
    std::size_t now_ = 0;  // the place of the last event that the word decided
};

/// The trace as far as it can be explained, and what comes next in each thread and can't: one column for each.
inline std::string table(const Trace& trace) {
    std::vector<std::string> threads;
    for (const Thread& thread : trace.threads) threads.push_back(thread.name);
    std::vector<verify::Line> lines;
    const Verdict verdict = Judge(trace).judge([&](std::size_t t, const Event& e) { lines.push_back({t, in_words(trace, e)}); });
    for (std::size_t t = 0; t != threads.size(); ++t) {
        if (verdict.explained[t] == trace.threads[t].events.size()) continue;
        lines.push_back({t, in_words(trace, trace.threads[t].events[verdict.explained[t]]) + "  ???"});
    }
    return verify::columns(threads, lines);
}

}  // namespace traces
