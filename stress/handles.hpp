// Senders and receivers that write down what they do, and the messages that they exchange: these own memory, may carry
// other handles, and hold plain data, so that a sanitizer sees what the oracle does not.
#pragma once

#include <expected>
#include <ferry/channel.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actor.hpp"
#include "round.hpp"

namespace stress {

template <class P>
struct Parcel;

/// What travels through a channel.
template <class P>
class Message {
  public:
    Message(Value value, Record& record);
    Message(Message&&) noexcept;
    Message& operator=(Message&&) = delete;
    ~Message();
    Parcel<P>* operator->() const noexcept { return parcel_.get(); }

    /// None, if it was moved away before.
    Value value() const noexcept { return parcel_ != nullptr ? parcel_->value : Value{}; }
    /// Looks at all that was written before the send (S6). Called by the new owner.
    void inspect() const;

  private:
    std::unique_ptr<Parcel<P>> parcel_;
    std::uint64_t beside_;  // not on the heap: what a torn slot would show
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
class Tx {
  public:
    Tx(ferry::Sender<Message<P>, P> handle, Record& record)
        : handle_(std::move(handle)), record_(&record), place_(record.handles.fetch_add(1, std::memory_order::relaxed)) {}
    Tx(Tx&& other) noexcept : handle_(std::exchange(other.handle_, std::nullopt)), record_(other.record_), place_(other.place_) {}
    Tx& operator=(Tx&& other) noexcept {
        drop();
        handle_ = std::exchange(other.handle_, std::nullopt);
        record_ = other.record_;
        place_ = other.place_;
        return *this;
    }
    ~Tx() { drop(); }

    Message<P> message() const { return Message<P>({Actor::me().number, ++Actor::me().values}, *record_); }
    /// False: it was given back.
    bool send() const { return send(message()); }
    bool send(Message<P> message) const;
    Tx clone() const;
    void drop() noexcept;

  private:
    std::optional<ferry::Sender<Message<P>, P>> handle_;
    Record* record_;
    std::uint32_t place_;
};

template <class P>
class Rx {
  public:
    Rx(ferry::Receiver<Message<P>, P> handle, Record& record) : handle_(std::move(handle)), record_(&record) {}
    Rx(Rx&& other) noexcept : handle_(std::exchange(other.handle_, std::nullopt)), record_(other.record_), calls_(other.calls_), closed_(other.closed_) {}
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
    template <class Call, class Failure>
    Got<P> noted(const char* what, Nanoseconds asked, Call call, Failure failure);
    void note(Did did, const Value& value, Nanoseconds asked, Nanoseconds begin);
    void received(const Message<P>& message, Nanoseconds begin);
    void the_end(Nanoseconds begin);

    std::optional<ferry::Receiver<Message<P>, P>> handle_;
    Record* record_;
    std::uint64_t calls_ = 0;
    bool closed_ = false;
};

template <class P>
std::pair<Tx<P>, Rx<P>> channel(unsigned most_handles = 64) {
    Actor& me = Actor::me();
    Record& record = me.records.emplace_back(me.number << 18 | ++me.channels, most_handles);
    for (;;) {
        try {
            const Nanoseconds begin = now();
            auto [tx, rx] = ferry::channel<Message<P>, P>();
            me.log.note({.did = Did::open, .channel = record.number, .begin = begin, .end = now()});
            return {Tx<P>(std::move(tx), record), Rx<P>(std::move(rx), record)};
        } catch (const std::bad_alloc&) {
            // Memory is short in some rounds.
        }
    }
}

// ---- messages

template <class P>
struct Parcel {
    static constexpr std::uint64_t alive = 0x600d'5a1e'600d'5a1e;

    Parcel(Value its_value, Record& record) : value(its_value), channel(record.number), outside(&Actor::me().said.emplace_back(word())) {
        const std::size_t words = Actor::me().lot.below(8);
        body.assign(words, word());
        live_values.fetch_add(1, std::memory_order::relaxed);
    }
    Parcel(const Parcel&) = delete;
    Parcel& operator=(const Parcel&) = delete;
    ~Parcel() {
        if (seal != alive) Findings::instance().add("S3: a value that was destroyed before is destroyed again");
        seal = 0;
        if (is_the_channels) {
            const Nanoseconds then = now();
            Actor::me().log.note({.did = Did::destroy, .channel = channel, .value = value, .begin = then, .end = then});
        }
        live_values.fetch_sub(1, std::memory_order::relaxed);
    }
    std::uint64_t word() const noexcept { return mix(value.thread, value.number); }

    const Value value;
    const std::uint32_t channel;
    std::uint64_t seal = alive;
    bool is_the_channels = false;
    std::vector<std::uint64_t> body;
    const std::uint64_t* outside;
    std::optional<Tx<P>> tx;
    std::optional<Rx<P>> rx;
};

template <class P>
Message<P>::Message(Value value, Record& record) : parcel_(std::make_unique<Parcel<P>>(value, record)), beside_(parcel_->word()) {
}
template <class P>
Message<P>::Message(Message&&) noexcept = default;
template <class P>
Message<P>::~Message() = default;

template <class P>
void Message<P>::inspect() const {
    const auto wrong = [](const char* what) { Findings::instance().add(std::string("S1, S6: a value was received ") + what); };
    if (parcel_ == nullptr) return wrong("that was moved away before");
    if (parcel_->seal != Parcel<P>::alive) return wrong("that was destroyed before");
    const std::uint64_t word = parcel_->word();
    if (beside_ != word) wrong("that is not whole");
    for (const std::uint64_t part : parcel_->body) {
        if (part != word) wrong("whose memory is not its own");
    }
    if (*parcel_->outside != word) wrong("before what was written before its send");
    parcel_->is_the_channels = false;
}

// ---- senders

template <class P>
bool Tx<P>::send(Message<P> message) const {
    Actor& me = Actor::me();
    const Value value = message->value;
    me.begins("send", record_->number);
    for (;;) {
        message->is_the_channels = true;
        const Nanoseconds begin = now();
        try {
            auto answer = handle_->send(std::move(message));
            me.log.note({.did = answer ? Did::send : Did::refused, .channel = record_->number, .value = value, .begin = begin, .end = now()});
            me.progresses();
            me.begins("is at work");
            if (!answer) {
                answer.error().value.inspect();
                if (record_->closing != 1) Findings::instance().add("S8: a send was refused that does not see what was done before the close");
            }
            return answer.has_value();
        } catch (const std::bad_alloc&) {
            message.inspect();
            me.log.note({.did = Did::out_of_memory, .channel = record_->number, .value = value, .begin = begin, .end = now()});
        }
    }
}

template <class P>
Tx<P> Tx<P>::clone() const {
    Actor& me = Actor::me();
    const Nanoseconds begin = now();
    auto copy = handle_->clone();
    me.log.note({.did = Did::clone, .channel = record_->number, .begin = begin, .end = now()});
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
    me.log.note({.did = Did::drop_sender, .channel = record_->number, .begin = begin, .end = now()});
    me.progresses();
    me.begins("is at work");
}

// ---- receivers

template <class P>
void Rx<P>::note(Did did, const Value& value, Nanoseconds asked, Nanoseconds begin) {
    Actor::me().log.note({.did = did, .channel = record_->number, .value = value, .nth = calls_++, .asked = asked, .begin = begin, .end = now()});
}

template <class P>
void Rx<P>::received(const Message<P>& message, Nanoseconds begin) {
    message.inspect();
    note(Did::receive, message.value(), 0, begin);
    Actor::me().progresses();
}

template <class P>
void Rx<P>::the_end(Nanoseconds begin) {
    note(Did::disconnected, {}, 0, begin);
    Actor::me().progresses();
    if (closed_) return;
    const std::size_t handles = record_->handles.load(std::memory_order::relaxed);
    for (std::size_t i = 0; i != std::min(handles, record_->farewells.size()); ++i) {
        if (record_->farewells[i] != 1) Findings::instance().add("S21: the end was seen, but not what a sender did before it was dropped");
    }
}

template <class P>
template <class Call, class Failure>
Got<P> Rx<P>::noted(const char* what, Nanoseconds asked, Call call, Failure failure) {
    Actor& me = Actor::me();
    me.begins(what, record_->number);
    const Nanoseconds begin = now();
    auto answer = call(*handle_);
    me.begins("is at work");
    Got<P> got;
    if (answer) {
        received(*answer, begin);
        got.message.emplace(std::move(*answer));
    } else if (const Did did = failure(answer.error()); did == Did::disconnected) {
        got.ended = true;
        the_end(begin);
    } else {
        note(did, {}, asked, begin);
    }
    return got;
}

template <class P>
Got<P> Rx<P>::recv() {
    return noted("recv", 0, [](auto& rx) { return rx.recv(); }, [](ferry::RecvError) { return Did::disconnected; });
}

template <class P>
Got<P> Rx<P>::try_recv() {
    return noted("try_recv", 0, [](auto& rx) { return rx.try_recv(); },
                 [](ferry::TryRecvError error) { return error == ferry::TryRecvError::empty ? Did::empty : Did::disconnected; });
}

template <class P>
Got<P> Rx<P>::recv_for(std::chrono::nanoseconds duration) {
    return noted("recv_for", duration.count(), [&](auto& rx) { return rx.recv_for(duration); },
                 [](ferry::RecvTimeoutError error) { return error == ferry::RecvTimeoutError::timeout ? Did::timeout : Did::disconnected; });
}

template <class P>
Got<P> Rx<P>::any(Lot& lot) {
    switch (lot.below(3)) {
        case 0:
            return try_recv();
        case 1:
            return recv_for(std::chrono::microseconds(lot.below(300)));
        default:
            return recv();
    }
}

template <class P>
template <class Until>
bool Rx<P>::iterate(Until until) {
    Actor& me = Actor::me();
    me.begins("iterate", record_->number);
    Nanoseconds begin = now();
    for (Message<P>&& message : *handle_) {
        received(message, begin);
        if (until(message)) return false;
        me.begins("iterate", record_->number);
        begin = now();
    }
    me.begins("is at work");
    the_end(begin);
    return true;
}

template <class P>
unsigned Rx<P>::try_iterate() {
    Actor::me().begins("try_iter", record_->number);
    Nanoseconds begin = now();
    unsigned n = 0;
    for (Message<P>&& message : handle_->try_iter()) {
        received(message, begin);
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
    note(Did::close, {}, 0, begin);
    Actor::me().begins("is at work");
}

template <class P>
void Rx<P>::drop() noexcept {
    if (!handle_) return;
    Actor::me().begins("drop the receiver", record_->number);
    if (!closed_) record_->closing = 1;
    const Nanoseconds begin = now();
    handle_.reset();
    note(Did::drop_receiver, {}, 0, begin);
    Actor::me().progresses();
    Actor::me().begins("is at work");
}

}  // namespace stress
