// The world of a trace: which of its events may come next.
#pragma once

#include <vector>

#include "../program.hpp"
#include "contract.hpp"
#include "trace.hpp"

namespace traces {

/// The channel and what the threads tell each other outside of it.
struct World {
    Contract contract;
    bool may_fail = false;
    std::vector<bool> signalled = {};

    bool operator==(const World&) const = default;

    bool is_signalled(std::uint32_t event) const { return event < signalled.size() && signalled[event]; }

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
            case Step::RecvStopped: return is_signalled(verify::request_to_stop) && contract.RecvTimedOut();
            case Step::RecvIsInterrupted: return is_signalled(verify::request_to_stop) && contract.RecvIsInterrupted();
            case Step::RecvUnwound: return contract.RecvUnwound();
            case Step::SenderConnected: return contract.SenderConnected(e.a);
            case Step::SenderDisconnected: return contract.SenderDisconnected(e.a);
            case Step::ReceiverConnected: return contract.ReceiverConnected();
            case Step::ReceiverDisconnected: return contract.ReceiverDisconnected();
            case Step::Close: return contract.Close();
            case Step::DropReceiver: return contract.DropReceiver(destroyed);
            case Step::SendWaits: return contract.SendWaits(e.a, e.b);
            case Step::TrySendFull: return contract.TrySendFull(e.a, e.b);
            case Step::SendGivesUp: return contract.SendGivesUp(e.a, e.b);
            case Step::SendStopped: return is_signalled(verify::request_to_stop) && contract.SendGivesUp(e.a, e.b);
            case Step::RecvWaits: return contract.RecvWaits();
            case Step::SendLetIn: return contract.IsLetIn(e.a, e.b);
            case Step::SendThrew: return may_fail && contract.CanSend(e.a, e.b);
            case Step::TryIterEnds: return contract.TryRecvEmpty() || contract.TryRecvDisconnected();
            case Step::Signal:
                if (e.a >= signalled.size()) signalled.resize(e.a + 1);
                return signalled[e.a] = true;
            case Step::Await: return is_signalled(e.a);
            case Step::Destroyed:
            case Step::Open: return false;
        }
        return false;
    }
};

}  // namespace traces
