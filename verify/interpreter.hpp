// Executes a program on a channel of the shipped header, on whichever platform: under Relacy (relacy/execution.cpp) or on
// real threads (trace/record.cpp). What there is to be seen of each call is told to a watch.
#pragma once

#include <chrono>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include <ferry/sync_channel.hpp>

#include "program.hpp"

namespace verify {

/// Which channel a program is run on: its handles, and how they are made.
struct Unbounded {
    template <class T, class P>
    using Sender = ferry::Sender<T, P>;
    template <class T, class P>
    using Receiver = ferry::Receiver<T, P>;
    template <class T, class P>
    static auto make(const Program&) {
        return ferry::channel<T, P>();
    }
};
struct Bounded {
    template <class T, class P>
    using Sender = ferry::SyncSender<T, P>;
    template <class T, class P>
    using Receiver = ferry::SyncReceiver<T, P>;
    template <class T, class P>
    static auto make(const Program& program) {
        return ferry::sync_channel<T, P>(static_cast<std::size_t>(program.capacity));
    }
};

/// `P` is a platform with these names, too: `allocations_left`; `stop_source`, which makes stop tokens, as std::stop_source;
/// and `Unwinding`, an object that lets a call of this thread be left by unwinding at any moment while it lives, its own
/// beginning included, with a `P::Unwound`. A `Message` is made of the number of a value and knows it, until it is moved
/// from: then its number is 0; `Places<X>(n)` is room for n X, each of which may be there or not. A watch has
///   begins(thread, op)                 a value is going to be sent
///   answered(thread, op, result)       a send, a call that receives, is_disconnected; also an iteration for each value that it yields
///   ended(thread, op)                  an iteration
///   patience(thread)                   how long a timed receive waits that begins now
///   fail(what)                         what should not be
template <class P, class Message, template <class> class Places, class Watch, class Channel = Unbounded>
class Interpreter {
  public:
    using Kind = Op::Kind;
    using Sender = typename Channel::template Sender<Message, P>;
    using Receiver = typename Channel::template Receiver<Message, P>;

    struct Sizes {
        std::size_t threads, handles, events, data;
    };

    Interpreter(const Program& program, const Sizes& sizes, Watch& watch)
        : watch_(watch), senders_(sizes.handles), events_(sizes.events), data_(sizes.data), last_(sizes.threads) {
        P::allocations_left = -1;
        auto [sender, receiver] = Channel::template make<Message, P>(program);
        receiver_.emplace(std::move(receiver));
        senders_[0].emplace(std::move(sender));
        for (unsigned h = 1; h != program.senders_at_start; ++h) senders_[h].emplace(senders_[0]->clone());
        for (auto& d : data_) d.emplace(0);
        for (auto& e : events_) e.emplace(ferry::Name("signal"), false);
        P::allocations_left = program.allocations;
    }

    bool is_due(unsigned thread, const Op& op) const { return !op.condition || op.condition == last_[thread]; }
    bool has_sender(std::size_t handle) const { return senders_[handle].has_value(); }
    bool has_receiver() const { return receiver_.has_value(); }

    void run(unsigned thread, const Op& op) {
        switch (op.kind) {
            case Kind::send:
            case Kind::try_send:
            case Kind::send_for:
            case Kind::send_stoppable:
            case Kind::send_unwound: return send(thread, op);
            case Kind::clone: return void(senders_[op.b].emplace(senders_[op.a]->clone()));
            case Kind::drop: return senders_[op.a].reset();
            case Kind::drop_receiver: return receiver_.reset();
            case Kind::recv: return received(thread, op, receiver_->recv());
            case Kind::try_recv: return received(thread, op, receiver_->try_recv());
            case Kind::recv_for: return received(thread, op, receiver_->recv_for(watch_.patience(thread)));
            case Kind::recv_unwound: return recv_unwound(thread, op);
            case Kind::recv_stoppable: return received(thread, op, receiver_->recv(stop_.get_token()));
            case Kind::stop: return void(stop_.request_stop());
            case Kind::is_disconnected: return asked(thread, op, senders_[op.a]->is_disconnected());
            case Kind::is_disconnected_receiver: return asked(thread, op, receiver_->is_disconnected());
            case Kind::iterate: return iterate(thread, op, *receiver_);
            case Kind::try_iterate: return iterate(thread, op, receiver_->try_iter());
            case Kind::close: return receiver_->close();
            case Kind::move: {
                Sender elsewhere(std::move(*senders_[op.a]));
                *senders_[op.a] = std::move(elsewhere);
                return;
            }
            case Kind::move_receiver: {
                Receiver elsewhere(std::move(*receiver_));
                *receiver_ = std::move(elsewhere);
                return;
            }
            case Kind::signal: return events_[op.a]->store("Signal", true, std::memory_order::release);
            case Kind::await: return void(events_[op.a]->await("Await", is_set, std::memory_order::acquire));
            case Kind::see: return void(events_[op.a]->await("See", is_set, std::memory_order::relaxed));
            case Kind::write: return void(*data_[op.a] = 1);
            case Kind::read:
                if (int{*data_[op.a]} != 1) watch_.fail("a read does not see the write that should happen before it");
                return;
        }
    }

    /// Drops what is left, senders first.
    void drop_the_rest() {
        for (auto& s : senders_) s.reset();
        receiver_.reset();
    }

  private:
    static bool is_set(bool signal) { return signal; }

    void send(unsigned thread, const Op& op) {
        const unsigned id = op.b;
        Message value(id);
        watch_.begins(thread, op);
        Answer answer = Answer::ok;
        try {
            std::optional<typename P::Unwinding> unwinding;
            if (op.kind == Kind::send_unwound) unwinding.emplace();
            const auto failed = [&](auto sent) {
                if (sent) return false;
                if (sent.error().value.id() != id) watch_.fail("a failed send gives back another value (S8)");
                answered(thread, op, {why(sent.error())});
                return true;
            };
            const Sender& sender = *senders_[op.a];
            if constexpr (requires { sender.try_send(std::move(value)); }) {
                if (op.kind == Kind::try_send   ? failed(sender.try_send(std::move(value)))
                    : op.kind == Kind::send_for ? failed(sender.send_for(std::move(value), watch_.patience(thread)))
                    : op.kind == Kind::send_stoppable ? failed(sender.send(std::move(value), stop_.get_token()))
                                                      : failed(sender.send(std::move(value)))) {
                    return;
                }
            } else if (failed(sender.send(std::move(value)))) {
                return;
            }
            if (value.id() != 0) watch_.fail("a send that succeeds leaves the value behind (S1)");
        } catch (const std::bad_alloc&) {
            answer = Answer::no_memory;
            if (value.id() != id) watch_.fail("a send that throws takes the value (S24)");
        } catch (const typename P::Unwound&) {
            answer = Answer::unwound;
            if (value.id() != id) watch_.fail("a send that is left by unwinding takes the value (S36)");
        }
        answered(thread, op, {answer});
    }

    template <class Error>
    static Answer why(const Error& error) {
        if constexpr (requires { Error::Reason::full; }) {
            if (error.reason == Error::Reason::full) return Answer::full;
        }
        if constexpr (requires { Error::Reason::timeout; }) {
            if (error.reason == Error::Reason::timeout) return Answer::timeout;
        }
        if constexpr (requires { Error::Reason::stopped; }) {
            if (error.reason == Error::Reason::stopped) return Answer::stopped;
        }
        return Answer::refused;
    }
    template <class Expected>
    void received(unsigned thread, const Op& op, const Expected& result) {
        if (result) return answered(thread, op, {Answer::value, result->id()});
        using Error = typename Expected::error_type;
        Answer answer = Answer::disconnected;
        if constexpr (requires { Error::empty; }) {
            if (result.error() == Error::empty) answer = Answer::empty;
        }
        if constexpr (requires { Error::timeout; }) {
            if (result.error() == Error::timeout) answer = Answer::timeout;
        }
        if constexpr (requires { Error::stopped; }) {
            if (result.error() == Error::stopped) answer = Answer::stopped;
        }
        answered(thread, op, {answer});
    }

    void recv_unwound(unsigned thread, const Op& op) {
        try {
            const typename P::Unwinding unwinding;
            received(thread, op, receiver_->recv());
        } catch (const typename P::Unwound&) {
            answered(thread, op, {Answer::unwound});
        }
    }
    void asked(unsigned thread, const Op& op, bool is_disconnected) {
        answered(thread, op, {is_disconnected ? Answer::disconnected : Answer::connected});
    }

    template <class Range>
    void iterate(unsigned thread, const Op& op, Range&& range) {
        for (const Message value : range) watch_.answered(thread, op, {Answer::value, value.id()});
        last_[thread].reset();
        watch_.ended(thread, op);
    }

    void answered(unsigned thread, const Op& op, Result result) {
        last_[thread] = result;
        watch_.answered(thread, op, result);
    }

    Watch& watch_;
    Places<Sender> senders_;
    std::optional<Receiver> receiver_;
    Places<typename P::template atomic<bool>> events_;
    Places<typename P::template plain<int>> data_;
    Places<Result> last_;
    typename P::stop_source stop_;
};

}  // namespace verify
