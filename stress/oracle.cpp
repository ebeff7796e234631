#include "oracle.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace stress {

namespace {

constexpr Nanoseconds never = std::numeric_limits<Nanoseconds>::max();
struct Deed {
    std::uint32_t thread;
    Event event;
    bool is(Step step) const noexcept { return event.step == step; }
    bool takes() const noexcept { return traces::takes(event.step); }
    bool finds_nothing() const noexcept { return traces::finds_nothing(event.step); }
    bool learns_the_end() const noexcept { return traces::learns_the_end(event.step); }
};

/// What was done to one channel.
class Channel {
  public:
    Channel(const History& history, std::vector<Deed> deeds, std::vector<Complaint>& complaints)
        : history_(history), deeds_(std::move(deeds)), complaints_(complaints) {
        for (const Deed& deed : deeds_) sort_in(deed);
        std::ranges::sort(sends_, {}, [](const Deed& deed) { return deed.event.b; });
        std::ranges::sort(calls_, {}, [](const Deed& deed) { return deed.event.at; });
        for (const Deed& call : calls_) {
            if (call.takes()) out_.push_back(call);
        }
        for (const Deed& call : out_) received_values_.push_back(call.event.b);
        std::ranges::sort(received_values_);
        // Whoever drops the receiver destroys what is left, in order.
        std::ranges::copy_if(destroyed_, std::back_inserter(out_),
                             [this](const Deed& deed) { return by_the_drop(deed); });
        earliest_later_.assign(out_.size() + 1, never);
        for (std::size_t i = out_.size(); i-- != 0;) {
            const Event* const send = sent(out_[i].event.b);
            earliest_later_[i] = std::min(earliest_later_[i + 1], send != nullptr ? send->end : never);
        }
    }

    void judge() {
        each_value_once();
        order();
        refusals();
        calls_of_the_receiver();
        if (capacity_ >= 0) room();
        what_is_left();
    }

  private:
    void sort_in(const Deed& deed) {
        switch (deed.event.step) {
            case Step::Open: capacity_ = static_cast<std::int64_t>(deed.event.b) - 1; [[fallthrough]];
            case Step::Clone: ++handles_; break;
            case Step::DropSender:
                last_drop_begins_ = std::max(last_drop_begins_, deed.event.begin);
                last_drop_ends_ = std::max(last_drop_ends_, deed.event.end);
                ++drops_;
                break;
            case Step::SendAccepted:
            case Step::SendRefused: sends_.push_back(deed); break;
            case Step::TrySendFull:
            case Step::SendGivesUp:
            case Step::SendStopped: full_.push_back(deed); break;
            case Step::SendThrew: break;
            case Step::Destroyed: destroyed_.push_back(deed); break;
            case Step::Close:
            case Step::DropReceiver:
                closing_begins_ = std::min(closing_begins_, deed.event.begin);
                closing_ends_ = std::min(closing_ends_, deed.event.end);
                if (deed.is(Step::DropReceiver)) receiver_drop_ = deed;
                [[fallthrough]];
            default: calls_.push_back(deed); break;
        }
    }

    /// The send of a value that was successful, if there was one.
    const Event* sent(Value value) const {
        const auto found = std::ranges::lower_bound(sends_, value, {}, [](const Deed& deed) { return deed.event.b; });
        if (found == sends_.end() || found->event.b != value || !found->is(Step::SendAccepted)) return nullptr;
        return &found->event;
    }

    std::string who(const Deed& deed) const { return history_[deed.thread].name(); }
    static std::string name(const Deed& deed) { return "value " + name_of(deed.event.b); }
    static std::string after(Nanoseconds earlier, Nanoseconds later) {
        return std::to_string((later - earlier) / 1000) + " microseconds after";
    }

    void complain(const std::string& statement, const std::string& words) {
        if (!complained_.insert(statement).second) return;
        const std::uint32_t channel = deeds_.front().event.channel;
        complaints_.push_back({statement, "channel " + std::to_string(channel) + ": " + words, channel});
    }

    void each_value_once() {
        std::vector<Deed> ends = destroyed_;
        std::ranges::copy_if(calls_, std::back_inserter(ends), [](const Deed& call) { return call.takes(); });
        const auto value = [](const Deed& deed) { return deed.event.b; };
        std::ranges::sort(ends, {}, value);
        const auto did_what = [this](const Deed& deed) {
            return std::string(deed.takes() ? "received by " : "destroyed by ") + who(deed);
        };
        for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
            if (value(ends[i]) != value(ends[i + 1])) continue;
            complain(ends[i].takes() && ends[i + 1].takes() ? "S1" : "S3",
                     name(ends[i]) + " was " + did_what(ends[i]) + " and " + did_what(ends[i + 1]));
        }
        for (const Deed& deed : ends) {
            const Event* const send = sent(value(deed));
            if (send == nullptr) {
                complain("S3", name(deed) + " was " + did_what(deed) + ", but never sent, or given back");
            } else if (deed.event.end < send->begin) {
                complain("S3", name(deed) + " was " + did_what(deed) + " before it was sent");
            }
        }
        for (const Deed& send : sends_) {
            if (send.is(Step::SendAccepted) && !std::ranges::binary_search(ends, send.event.b, {}, value)) {
                complain("S3", name(send) + " was sent by " + who(send) + " and lost: neither received nor destroyed");
            }
        }
    }

    void order() {
        std::map<std::uint32_t, Value> latest;  // of each thread
        for (std::size_t i = 0; i != out_.size(); ++i) {
            const Value value = out_[i].event.b;
            Value& before = latest[value / numbers_of_a_thread];
            if (value <= before)
                complain("S4", name(out_[i]) + " came out after " + name_of(before) + ", of the same thread");
            before = std::max(before, value);
            if (const Event* const send = sent(value); send != nullptr && earliest_later_[i + 1] < send->begin) {
                const auto other = std::ranges::find_if(out_.begin() + static_cast<std::ptrdiff_t>(i) + 1, out_.end(),
                                                        [&](const Deed& deed) {
                                                            const Event* const later = sent(deed.event.b);
                                                            return later != nullptr && later->end < send->begin;
                                                        });
                complain("S5", name(out_[i]) + " came out before " + name(*other) + ", but its send began " +
                                   after(sent(other->event.b)->end, send->begin) + " the other's had ended");
            }
        }
    }

    void refusals() {
        for (const Deed& send : sends_) {
            if (send.is(Step::SendRefused) && send.event.end < closing_begins_) {
                complain("S8", name(send) + " was given back to " + who(send) + ", but the receiver was open");
            }
            if (send.is(Step::SendAccepted) && send.event.begin > closing_ends_) {
                complain("S8", name(send) + " of " + who(send) + " was accepted " +
                                   after(closing_ends_, send.event.begin) + " the receiver had closed or gone");
            }
        }
    }

    /// How many of these moments, which are sorted, are earlier.
    static std::int64_t earlier(const std::vector<Nanoseconds>& moments, Nanoseconds than) {
        return std::ranges::lower_bound(moments, than) - moments.begin();
    }
    /// Of a bounded channel. What has been sent and not yet taken is counted from both sides: at least that many, at most.
    void room() {
        std::vector<Nanoseconds> sends_begin, sends_end, takes_begin, takes_end;
        for (const Deed& send : sends_) {
            if (!send.is(Step::SendAccepted)) continue;
            sends_begin.push_back(send.event.begin);
            sends_end.push_back(send.event.end);
        }
        for (const Deed& call : calls_) {
            if (!call.takes()) continue;
            takes_begin.push_back(call.event.begin);
            takes_end.push_back(call.event.end);
        }
        for (auto* moments : {&sends_begin, &sends_end, &takes_begin, &takes_end}) std::ranges::sort(*moments);
        for (const Deed& send : sends_) {
            if (!send.is(Step::SendAccepted)) continue;
            const Nanoseconds then = send.event.end;
            if (earlier(sends_end, then + 1) - earlier(takes_begin, then + 1) <= capacity_) continue;
            complain(capacity_ == 0 ? "S34" : "S30",
                     name(send) + " was accepted beyond the capacity of " + std::to_string(capacity_));
        }
        for (const Deed& call : full_) {
            const Event& event = call.event;
            const auto [statement, answer] = in_vain(call);
            const std::string said = who(call) + " was told: " + answer + ", ";
            if (earlier(sends_begin, event.end + 1) - earlier(takes_end, event.begin) < capacity_)
                complain(statement, said + "although there was room");
            if (call.is(Step::SendGivesUp) && event.end - event.begin < event.asked)
                complain(statement, said + "before the deadline");
            if (event.begin > closing_ends_)
                complain(statement, said + "by a call that began after the receiver had closed or gone");
        }
    }

    /// Of a call that ended without its purpose: the statement about that, and what its caller is told.
    static std::pair<const char*, std::string> in_vain(const Deed& call) {
        switch (call.event.step) {
            case Step::SendGivesUp: return {"S36", "timeout"};
            case Step::RecvTimedOut: return {"S13", "timeout"};
            case Step::SendStopped:
            case Step::RecvStopped: return {"S40", "stopped"};
            case Step::TrySendFull: return {"S35", "full"};
            default: return {"S12", "empty"};
        }
    }

    void calls_of_the_receiver() {
        std::size_t received = 0;
        std::optional<Deed> end;
        for (const Deed& call : calls_) {
            if (end && (call.takes() || call.finds_nothing())) {
                complain("S11", "disconnected was not final: after it, " + who(call) +
                                    " was told: " + traces::name_of(call.event.step));
            }
            if (call.takes()) ++received;
            if (call.finds_nothing()) not_there(call, received);
            if (call.learns_the_end()) {
                if (!end) ended(call);
                end = call;
            }
        }
    }

    /// `call` said that there is nothing.
    void not_there(const Deed& call, std::size_t received) {
        const auto [statement, answer] = in_vain(call);
        const std::string said = who(call) + " was told: " + answer + ", ";
        if (earliest_later_[received] < call.event.begin) {
            complain(statement, said + "by a call that began " + after(earliest_later_[received], call.event.begin) +
                                    " a value had been sent that came out later: " + name(out_[received]));
        }
        if (all_dropped() && last_drop_ends_ < call.event.begin) {
            complain("S17",
                     said + "by a call that began " + after(last_drop_ends_, call.event.begin) + " the last drop");
        }
        if (call.is(Step::RecvTimedOut) && call.event.end - call.event.begin < call.event.asked) {
            complain(statement, said + "after " + std::to_string(call.event.end - call.event.begin) + " of " +
                                    std::to_string(call.event.asked) + " nanoseconds");
        }
    }

    /// `call` was the first that said: disconnected.
    void ended(const Deed& call) {
        for (const Deed& send : sends_) {
            if (!send.is(Step::SendAccepted) || std::ranges::binary_search(received_values_, send.event.b)) continue;
            complain("S11", who(call) + " was told: disconnected, and never got " + name(send) + " of " + who(send));
            break;
        }
        if (closing_begins_ < call.event.end) return;  // it closed the channel itself
        if (!all_dropped() || last_drop_begins_ > call.event.end) {
            complain("S17", who(call) + " was told: disconnected, too early: a sender was still there");
        }
    }

    void what_is_left() {
        for (const Deed& destroyed : destroyed_) {
            if (!by_the_drop(destroyed)) {
                complain("S19", name(destroyed) + " was destroyed by " + who(destroyed) +
                                    ", but not by dropping the receiver");
            }
        }
        if (drops_ > handles_) complain("S22", "more senders were dropped than there were");
        if (!all_dropped() || !receiver_drop_) complain("S22", "handles were left behind: the workload is broken");
    }

    bool by_the_drop(const Deed& deed) const noexcept {
        return receiver_drop_ && deed.thread == receiver_drop_->thread &&
               deed.event.begin >= receiver_drop_->event.begin && deed.event.end <= receiver_drop_->event.end;
    }
    bool all_dropped() const noexcept { return drops_ == handles_; }

    const History& history_;
    std::vector<Deed> deeds_;
    std::vector<Complaint>& complaints_;
    std::set<std::string> complained_;

    std::vector<Deed> sends_;      // by value
    std::vector<Deed> full_;       // sends that found no room
    std::vector<Deed> calls_;      // of the receiver, in order
    std::vector<Deed> destroyed_;  // while they were the channel's
    std::vector<Deed> out_;        // all that came out of the channel: received, then destroyed
    std::vector<Value> received_values_;
    std::vector<Nanoseconds> earliest_later_;  // the earliest end of a send of the values from here on in `out_`
    std::int64_t capacity_ = -1;               // negative: unbounded
    std::size_t handles_ = 0, drops_ = 0;
    Nanoseconds last_drop_begins_ = 0, last_drop_ends_ = 0;
    Nanoseconds closing_begins_ = never, closing_ends_ = never;
    std::optional<Deed> receiver_drop_;
};

}  // namespace

std::vector<Complaint> complaints(const History& history) {
    std::map<std::uint32_t, std::vector<Deed>> channels;
    std::vector<Complaint> all;
    for (std::uint32_t thread = 0; thread != history.size(); ++thread) {
        const Log& log = history[thread];
        for (std::size_t i = 0, size = log.size(); i != size; ++i) channels[log[i].channel].push_back({thread, log[i]});
    }
    for (auto& [number, deeds] : channels) Channel(history, std::move(deeds), all).judge();
    return all;
}

}  // namespace stress
