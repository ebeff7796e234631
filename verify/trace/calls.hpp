// Which of the contract's steps the calls of a program are.
#pragma once

#include "../program.hpp"
#include "trace.hpp"

namespace traces {

using verify::Answer;
using verify::Op;
using verify::Program;
using verify::Result;

/// The step of the contract that a call is which returns this.
inline Step step_of(Op::Kind kind, Answer answer) {
    using Kind = Op::Kind;
    const auto received = [answer](const Receiving& how) {
        return answer == Answer::value ? how.value : answer == Answer::disconnected ? how.end : how.nothing;
    };
    switch (kind) {
        case Kind::send:
        case Kind::try_send:
        case Kind::send_for:
        case Kind::send_stoppable:
        case Kind::send_unwound:
            return answer == Answer::ok        ? Step::SendAccepted
                   : answer == Answer::refused ? Step::SendRefused
                   : answer == Answer::full    ? Step::TrySendFull
                   : answer == Answer::timeout ? Step::SendGivesUp
                   : answer == Answer::stopped ? Step::SendStopped
                   : answer == Answer::unwound ? Step::SendGivesUp
                                               : Step::SendThrew;
        case Kind::recv:
        case Kind::iterate: return received(by_recv);
        case Kind::try_recv: return received(by_try_recv);
        case Kind::recv_for: return received(by_recv_for);
        case Kind::recv_stoppable: return received(by_recv_stoppable);
        case Kind::recv_unwound: return answer == Answer::unwound ? Step::RecvUnwound : received(by_recv);
        case Kind::is_disconnected:
            return answer == Answer::connected ? Step::SenderConnected : Step::SenderDisconnected;
        case Kind::is_disconnected_receiver:
            return answer == Answer::connected ? Step::ReceiverConnected : Step::ReceiverDisconnected;
        case Kind::try_iterate: return answer == Answer::value ? Step::TryRecvValue : Step::TryIterEnds;
        case Kind::clone: return Step::Clone;
        case Kind::drop: return Step::DropSender;
        case Kind::drop_receiver: return Step::DropReceiver;
        case Kind::close: return Step::Close;
        case Kind::signal:
        case Kind::stop: return Step::Signal;
        default: return Step::Await;
    }
}
/// Whether a call is none of the contract's steps.
inline bool is_no_step(Op::Kind kind) {
    return kind == Op::Kind::move || kind == Op::Kind::move_receiver || kind == Op::Kind::read ||
           kind == Op::Kind::write;
}
inline bool is_send(Op::Kind kind) {
    return kind == Op::Kind::send || kind == Op::Kind::try_send || kind == Op::Kind::send_for ||
           kind == Op::Kind::send_unwound || kind == Op::Kind::send_stoppable;
}
inline bool has_answer(Op::Kind kind) {
    using Kind = Op::Kind;
    return is_send(kind) || kind == Kind::recv || kind == Kind::try_recv || kind == Kind::recv_for ||
           kind == Kind::recv_unwound || kind == Kind::recv_stoppable || kind == Kind::iterate ||
           kind == Kind::try_iterate || kind == Kind::is_disconnected || kind == Kind::is_disconnected_receiver;
}

}  // namespace traces
