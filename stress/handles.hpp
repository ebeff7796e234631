// Senders and receivers that write down what they do, and the messages that they exchange: these own memory, may carry
// other handles, and hold plain data, so that a sanitizer sees what the oracle does not.
#pragma once

#include <expected>
#include <ferry/sync_channel.hpp>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "actor.hpp"
#include "round.hpp"

namespace stress {

template <class P>
struct Parcel;

/// The same recipes use bounded channels on a platform that says so.
template <class P>
concept IsBounded = requires { P::is_bounded; };

struct Watch {
    static void made() noexcept { ++Log::here().messages; }
    static void ended(unsigned, bool) noexcept { --Log::here().messages; }
    static void wrong(const char* what) noexcept { Log::here().wrong(what); }
};

/// What travels through a channel.
template <class P>
class Message {
  public:
    Message(Value value, Record& record);
    Message(Message&&) noexcept;
    Message& operator=(Message&&) = delete;
    ~Message();
    Parcel<P>* operator->() const noexcept { return parcel_.get(); }

    /// Only its owner asks; as of `traces::Message`.
    Value value() const noexcept { return life_.id(); }
    void hand_over() noexcept { life_.hand_over(); }
    /// Looks at all that was written before the send (S6). Called by the new owner.
    void inspect() const;

  private:
    std::unique_ptr<Parcel<P>> parcel_;
    verify::Message<Watch> life_;
};

/// How a receive ended: with a message, with nothing, or with the end.
template <class P>
struct Got {
    std::optional<Message<P>> message;
    bool ended = false;
    explicit operator bool() const noexcept { return message.has_value(); }
    Parcel<P>* operator->() const noexcept { return message->operator->(); }
};

template <class P>
struct Handles {
    using Sender = ferry::Sender<Message<P>, P>;
    using Receiver = ferry::Receiver<Message<P>, P>;
    static auto make(unsigned) { return ferry::channel<Message<P>, P>(); }
};
template <IsBounded P>
struct Handles<P> {
    using Sender = ferry::SyncSender<Message<P>, P>;
    using Receiver = ferry::SyncReceiver<Message<P>, P>;
    static auto make(unsigned capacity) { return ferry::sync_channel<Message<P>, P>(capacity); }
};

template <class P>
class Tx {
    using Handle = Handles<P>::Sender;

  public:
    Tx(Handle handle, Record& record)
        : handle_(std::move(handle)),
          record_(&record),
          place_(record.handles.fetch_add(1, std::memory_order::relaxed)) {}
    Tx(Tx&& other) noexcept
        : handle_(std::exchange(other.handle_, std::nullopt)), record_(other.record_), place_(other.place_) {}
    Tx& operator=(Tx&& other) noexcept {
        drop();
        handle_ = std::exchange(other.handle_, std::nullopt);
        record_ = other.record_;
        place_ = other.place_;
        return *this;
    }
    ~Tx() { drop(); }

    Message<P> message() const { return Message<P>(value_of(Actor::me().number, ++Actor::me().values), *record_); }
    /// False: it was given back.
    bool send() const { return send(message()); }
    bool send(Message<P> message) const;
    Tx clone() const;
    void drop() noexcept;

  private:
    /// Tries once, in any of the ways there are. A message that is not taken comes back.
    Step attempt(std::optional<Message<P>>& message, Nanoseconds& asked) const;

    std::optional<Handle> handle_;
    Record* record_;
    std::uint32_t place_;
};

template <class P>
class Rx {
    using Handle = Handles<P>::Receiver;

  public:
    Rx(Handle handle, Record& record) : handle_(std::move(handle)), record_(&record) {}
    Rx(Rx&& other) noexcept
        : handle_(std::exchange(other.handle_, std::nullopt)),
          record_(other.record_),
          calls_(other.calls_),
          closed_(other.closed_) {}
    Rx& operator=(Rx&& other) noexcept {
        drop();
        handle_ = std::exchange(other.handle_, std::nullopt);
        record_ = other.record_;
        calls_ = other.calls_;
        closed_ = other.closed_;
        return *this;
    }
    ~Rx() { drop(); }

    Got<P> recv();
    Got<P> try_recv();
    Got<P> recv_for(std::chrono::nanoseconds);
    Got<P> recv(const std::stop_token&);
    /// In any of these ways.
    Got<P> any(Lot&);
    /// Iterates, blocking; `until(message)` may leave the loop. True: the stream has ended.
    template <class Until>
    bool iterate(Until until);
    /// Iterates over what is there; how many.
    unsigned try_iterate();
    void close();
    void drop() noexcept;
    const Record* record() const noexcept { return record_; }

  private:
    template <class Call>
    Got<P> noted(const char* what, const traces::Receiving& how, Nanoseconds asked, Call call);
    void note(Step step, Value value, Nanoseconds asked, Nanoseconds begin);
    void received(Step step, const Message<P>& message, Nanoseconds begin);
    void the_end(Step step, Nanoseconds begin);

    std::optional<Handle> handle_;
    Record* record_;
    std::uint32_t calls_ = 0;
    bool closed_ = false;
};

template <class P>
std::pair<Tx<P>, Rx<P>> channel(unsigned most_handles = 64) {
    Actor& me = Actor::me();
    Record& record = me.records.emplace_back(me.number << 18 | ++me.channels, most_handles);
    for (;;) {
        try {
            const unsigned capacity = IsBounded<P> ? lot().one_of({0u, 1u, 2u, 16u}) : 0;
            const Nanoseconds begin = now();
            auto [tx, rx] = Handles<P>::make(capacity);
            me.log.note({.step = Step::Open,
                         .b = IsBounded<P> ? capacity + 1 : 0,
                         .channel = record.number,
                         .begin = begin,
                         .end = now()});
            return {Tx<P>(std::move(tx), record), Rx<P>(std::move(rx), record)};
        } catch (const std::bad_alloc&) {
            // Memory is short in some rounds.
        }
    }
}

// ---- messages

template <class P>
struct Parcel {
    Parcel(Value its_value, Record& record)
        : value(its_value), channel(record.number), outside(&Actor::me().said.emplace_back(word())) {
        body.assign(Actor::me().lot.below(8), word());
    }
    Parcel(const Parcel&) = delete;
    Parcel& operator=(const Parcel&) = delete;
    std::uint64_t word() const noexcept { return mix(value, 1); }

    const Value value;
    const std::uint32_t channel;
    std::vector<std::uint64_t> body;
    const std::uint64_t* outside;
    std::optional<Tx<P>> tx;
    std::optional<Rx<P>> rx;
};

template <class P>
Message<P>::Message(Value value, Record& record) : parcel_(std::make_unique<Parcel<P>>(value, record)), life_(value) {}
template <class P>
Message<P>::Message(Message&&) noexcept = default;
template <class P>
Message<P>::~Message() {
    if (parcel_ == nullptr || !life_.is_the_channels()) return;
    const Nanoseconds then = now();
    Log::here().note(
        {.step = Step::Destroyed, .b = parcel_->value, .channel = parcel_->channel, .begin = then, .end = then});
}

template <class P>
void Message<P>::inspect() const {
    Log& log = Log::here();
    if (parcel_ == nullptr) return log.wrong("S1, S6: a value was received that was moved away before");
    if (life_.id() != parcel_->value) log.wrong("S1, S6: a value was received that is not whole");
    const std::uint64_t word = parcel_->word();
    for (const std::uint64_t part : parcel_->body) {
        if (part != word) log.wrong("S1, S6: a value was received whose memory is not its own");
    }
    if (*parcel_->outside != word) log.wrong("S1, S6: a value was received before what was written before its send");
}

// ---- senders

template <class P>
bool Tx<P>::send(Message<P> first) const {
    Actor& me = Actor::me();
    std::optional<Message<P>> message(std::move(first));
    const Value value = (*message)->value;
    me.begins("send", record_->number);
    for (;;) {
        message->hand_over();
        Nanoseconds asked = 0;
        const Nanoseconds begin = now();
        const Step step = attempt(message, asked);
        me.log.note(
            {.step = step, .b = value, .channel = record_->number, .begin = begin, .end = now(), .asked = asked});
        if (step != Step::SendAccepted) message->inspect();
        if (step == Step::SendRefused && record_->closing != 1)
            me.log.wrong("S8: a send was refused that does not see what was done before the close");
        if (step != Step::SendAccepted && step != Step::SendRefused) continue;
        me.progresses();
        me.begins("is at work");
        return step == Step::SendAccepted;
    }
}

template <class P>
Step Tx<P>::attempt(std::optional<Message<P>>& message, Nanoseconds& asked) const {
    const auto became = [&](auto answer, Step otherwise) {
        if (answer) return Step::SendAccepted;
        message.emplace(std::move(answer.error().value));
        if constexpr (requires { answer.error().reason; }) {
            using Reason = std::remove_reference_t<decltype(answer.error())>::Reason;
            if (answer.error().reason != Reason::disconnected) return otherwise;
        }
        return Step::SendRefused;
    };
    if constexpr (IsBounded<P>) {
        if (lot().one_in(64)) {
            std::stop_source source;
            const std::jthread stopper([source, n = lot().below(300)]() mutable {
                std::this_thread::sleep_for(std::chrono::microseconds(n));
                source.request_stop();
            });
            return became(handle_->send(std::move(*message), source.get_token()), Step::SendStopped);
        }
        switch (lot().below(4)) {
            case 0: return became(handle_->try_send(std::move(*message)), Step::TrySendFull);
            case 1:
                asked = lot().below(300'000);
                return became(handle_->send_for(std::move(*message), std::chrono::nanoseconds(asked)),
                              Step::SendGivesUp);
            default: return became(handle_->send(std::move(*message)), Step::SendRefused);
        }
    } else {
        try {
            return became(handle_->send(std::move(*message)), Step::SendRefused);
        } catch (const std::bad_alloc&) {
            return Step::SendThrew;
        }
    }
}

template <class P>
Tx<P> Tx<P>::clone() const {
    Actor& me = Actor::me();
    const Nanoseconds begin = now();
    auto copy = handle_->clone();
    me.log.note({.step = Step::Clone, .channel = record_->number, .begin = begin, .end = now()});
    return Tx(std::move(copy), *record_);
}

template <class P>
void Tx<P>::drop() noexcept {
    if (!handle_) return;
    Actor& me = Actor::me();
    me.begins("drop a sender", record_->number);
    if (place_ < record_->farewells.size()) record_->farewells[place_] = 1;
    const Nanoseconds begin = now();
    handle_.reset();
    me.log.note({.step = Step::DropSender, .channel = record_->number, .begin = begin, .end = now()});
    me.progresses();
    me.begins("is at work");
}

// ---- receivers

template <class P>
void Rx<P>::note(Step step, Value value, Nanoseconds asked, Nanoseconds begin) {
    Actor::me().log.note({.step = step,
                          .b = value,
                          .at = ++calls_,
                          .channel = record_->number,
                          .begin = begin,
                          .end = now(),
                          .asked = asked});
}

template <class P>
void Rx<P>::received(Step step, const Message<P>& message, Nanoseconds begin) {
    message.inspect();
    note(step, message.value(), 0, begin);
    Actor::me().progresses();
}

template <class P>
void Rx<P>::the_end(Step step, Nanoseconds begin) {
    note(step, 0, 0, begin);
    Actor::me().progresses();
    if (closed_) return;
    const std::size_t handles = record_->handles.load(std::memory_order::relaxed);
    for (std::size_t i = 0; i != std::min(handles, record_->farewells.size()); ++i) {
        if (record_->farewells[i] != 1)
            Actor::me().log.wrong("S21: the end was seen, but not what a sender did before it was dropped");
    }
}

template <class P>
template <class Call>
Got<P> Rx<P>::noted(const char* what, const traces::Receiving& how, Nanoseconds asked, Call call) {
    Actor& me = Actor::me();
    me.begins(what, record_->number);
    const Nanoseconds begin = now();
    auto answer = call();
    me.begins("is at work");
    const Step step = how.step(answer);
    Got<P> got;
    if (answer) {
        received(step, *answer, begin);
        got.message.emplace(std::move(*answer));
    } else if (traces::learns_the_end(step)) {
        got.ended = true;
        the_end(step, begin);
    } else {
        note(step, 0, asked, begin);
    }
    return got;
}

template <class P>
Got<P> Rx<P>::recv() {
    return noted("recv", traces::by_recv, 0, [this] { return handle_->recv(); });
}

template <class P>
Got<P> Rx<P>::try_recv() {
    return noted("try_recv", traces::by_try_recv, 0, [this] { return handle_->try_recv(); });
}

template <class P>
Got<P> Rx<P>::recv_for(std::chrono::nanoseconds duration) {
    return noted("recv_for", traces::by_recv_for, duration.count(), [&] { return handle_->recv_for(duration); });
}

template <class P>
Got<P> Rx<P>::recv(const std::stop_token& stop) {
    return noted("recv", traces::by_recv_stoppable, 0, [&] { return handle_->recv(stop); });
}

template <class P>
Got<P> Rx<P>::any(Lot& lot) {
    switch (lot.below(3)) {
        case 0: return try_recv();
        case 1: return recv_for(std::chrono::microseconds(lot.below(300)));
        default: return recv();
    }
}

template <class P>
template <class Until>
bool Rx<P>::iterate(Until until) {
    Actor& me = Actor::me();
    me.begins("iterate", record_->number);
    Nanoseconds begin = now();
    for (Message<P>&& message : *handle_) {
        received(Step::RecvValue, message, begin);
        if (until(message)) return false;
        me.begins("iterate", record_->number);
        begin = now();
    }
    me.begins("is at work");
    the_end(Step::RecvDisconnected, begin);
    return true;
}

template <class P>
unsigned Rx<P>::try_iterate() {
    Actor::me().begins("try_iter", record_->number);
    Nanoseconds begin = now();
    unsigned n = 0;
    for (Message<P>&& message : handle_->try_iter()) {
        received(Step::TryRecvValue, message, begin);
        ++n;
        begin = now();
    }
    Actor::me().begins("is at work");
    return n;
}

template <class P>
void Rx<P>::close() {
    Actor::me().begins("close", record_->number);
    const Nanoseconds begin = now();
    if (!std::exchange(closed_, true)) record_->closing = 1;
    handle_->close();
    note(Step::Close, 0, 0, begin);
    Actor::me().begins("is at work");
}

template <class P>
void Rx<P>::drop() noexcept {
    if (!handle_) return;
    Actor::me().begins("drop the receiver", record_->number);
    if (!closed_) record_->closing = 1;
    const Nanoseconds begin = now();
    handle_.reset();
    note(Step::DropReceiver, 0, 0, begin);
    Actor::me().progresses();
    Actor::me().begins("is at work");
}

}  // namespace stress
