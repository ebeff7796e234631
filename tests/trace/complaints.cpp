#include "trace/complaints.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>

namespace trace {

namespace {

/// Calls `f(thread, event)` for all events: thread by thread, each in its order.
template <class F>
void for_each_event(const Trace& trace, F f) {
    for (const Thread& thread : trace) {
        for (const Event& event : thread.events) f(thread, event);
    }
}

/// Who did it. With how often, if it was one thread alone.
std::string both(const std::vector<std::string>& names) { return "by " + names[0] + " and by " + names[1]; }

using Doers = std::vector<std::string>;

/// The events that are about whole values, and who caused them.
struct Life {
    Doers sent, got_back, received;
};

std::map<Value, Life> lives(const Trace& trace) {
    std::map<Value, Life> lives;
    for_each_event(trace, [&](const Thread& thread, const Event& event) {
        if (event.did == Did::sent) lives[event.value].sent.push_back(thread.name);
        if (event.did == Did::get_back) lives[event.value].got_back.push_back(thread.name);
        if (event.did == Did::receive) lives[event.value].received.push_back(thread.name);
    });
    return lives;
}

/// A place from beginning to end, and who caused it.
struct Stay {
    Value value;
    Doers came, went, destroyed;
};

std::map<Place, Stay> stays(const Trace& trace) {
    std::map<Place, Stay> stays;
    for_each_event(trace, [&](const Thread& thread, const Event& event) {
        switch (event.did) {
            case Did::move:
                stays[event.from].value = event.value;
                stays[event.from].went.push_back(thread.name);
                [[fallthrough]];
            case Did::make:
                stays[event.place].value = event.value;
                stays[event.place].came.push_back(thread.name);
                break;
            case Did::destroy:
                stays[event.place].value = event.value;
                stays[event.place].destroyed.push_back(thread.name);
                break;
            default:
                break;
        }
    });
    return stays;
}

/// All that was received, in order, with the name of the receiving thread.
struct Receipt {
    std::uint64_t nth;
    Value value;
    std::string by;
};

std::vector<Receipt> receipts(const Trace& trace) {
    std::vector<Receipt> all;
    for_each_event(trace, [&](const Thread& thread, const Event& event) {
        if (event.did == Did::receive) all.push_back({event.nth, event.value, thread.name});
    });
    std::ranges::sort(all, {}, [](const Receipt& receipt) { return std::pair(receipt.nth, receipt.value); });
    return all;
}

/// For each thread, how many of its events happen before this one.
using Past = std::vector<std::size_t>;

/// The past of every event, from the threads' own orders and the signals that were heeded.
std::vector<std::vector<Past>> pasts(const Trace& trace) {
    std::vector<std::vector<Past>> pasts(trace.size());
    std::map<std::uint32_t, Past> signals;
    std::vector<Past> now(trace.size(), Past(trace.size(), 0));
    for (bool progress = true; progress;) {
        progress = false;
        for (std::size_t t = 0; t != trace.size(); ++t) {
            for (std::size_t& i = now[t][t]; i != trace[t].events.size(); ++i) {
                const Event& event = trace[t].events[i];
                if (event.did == Did::heed) {
                    const auto signal = signals.find(event.number);
                    if (signal == signals.end()) break;
                    for (std::size_t u = 0; u != trace.size(); ++u) now[t][u] = std::max(now[t][u], signal->second[u]);
                }
                pasts[t].push_back(now[t]);
                if (event.did == Did::signal) signals[event.number] = now[t];
                progress = true;
            }
        }
    }
    return pasts;
}

}  // namespace

std::string two_owners(const Trace& trace) {
    for (const auto& [place, stay] : stays(trace)) {
        const std::string value = in_words(stay.value);
        if (stay.came.size() > 1) return value + " was put where another value was, " + both(stay.came);
        if (stay.came.empty()) {
            return value + " was taken by " + (stay.went.empty() ? stay.destroyed : stay.went)[0] +
                   " from a place where nobody put it";
        }
        if (stay.went.size() > 1) return value + " has two owners: it was taken from the same place " + both(stay.went);
        if (stay.destroyed.size() > 1) return value + " was destroyed twice in the same place, " + both(stay.destroyed);
    }
    for (const auto& [value, life] : lives(trace)) {
        if (life.received.size() > 1)
            return in_words(value) + " has two owners: it was received " + both(life.received);
        if (!life.received.empty() && !life.got_back.empty()) {
            return in_words(value) + " has two owners: it was given back to " + life.got_back[0] + " and received by " +
                   life.received[0];
        }
    }
    return {};
}

std::string not_once(const Trace& trace) {
    std::map<Value, Doers> destroyed;  // the value itself, not what was left of it after a move
    for (const auto& [place, stay] : stays(trace)) {
        if (stay.destroyed.empty()) return in_words(stay.value) + " was left behind where " + stay.came[0] + " put it";
        if (stay.went.empty()) destroyed[stay.value].push_back(stay.destroyed[0]);
    }
    for (const auto& [value, by] : destroyed) {
        if (by.size() > 1) return in_words(value) + " was destroyed " + both(by);
    }
    for (const auto& [value, life] : lives(trace)) {
        if (life.sent.size() > 1) return in_words(value) + " was sent " + both(life.sent);
        if (life.sent.empty() && !life.received.empty()) {
            return in_words(value) + " was received by " + life.received[0] + " and never sent";
        }
        if (!destroyed.contains(value)) return in_words(value) + " has disappeared";
    }
    const auto all = receipts(trace);
    for (std::size_t i = 0; i != all.size(); ++i) {
        if (all[i].nth != i) return "receipts are counted wrong: the test is broken";
    }
    return {};
}

std::string out_of_order(const Trace& trace) {
    std::map<std::uint32_t, Receipt> latest;
    for (const Receipt& receipt : receipts(trace)) {
        const auto [before, first] = latest.emplace(receipt.value.sender, receipt);
        if (!first && before->second.value.number >= receipt.value.number) {
            return in_words(receipt.value) + " was received by " + receipt.by + " after " +
                   in_words(before->second.value) + " of the same sender, by " + before->second.by;
        }
        before->second = receipt;
    }
    return {};
}

std::string against_happens_before(const Trace& trace) {
    const auto all_pasts = pasts(trace);
    struct Send {
        const Past* past_of_begin = nullptr;
        std::size_t thread = 0, end = 0;
    };
    std::map<Value, Send> sends;
    for (std::size_t t = 0; t != trace.size(); ++t) {
        if (all_pasts[t].size() != trace[t].events.size()) return trace[t].name + " heeds a signal that nobody gave";
        for (std::size_t i = 0; i != trace[t].events.size(); ++i) {
            const Event& event = trace[t].events[i];
            if (event.did == Did::send) sends[event.value] = {&all_pasts[t][i], t, i};
            if (event.did == Did::sent) sends[event.value].end = i;
        }
    }
    // From the last to the first. Of each thread, the earliest send among those whose values are received later.
    struct Earliest {
        std::size_t end = std::numeric_limits<std::size_t>::max();
        Value value = {};
    };
    std::vector<Earliest> later(trace.size());
    const auto all = receipts(trace);
    for (auto receipt = all.rbegin(); receipt != all.rend(); ++receipt) {
        const auto found = sends.find(receipt->value);
        if (found == sends.end())
            return in_words(receipt->value) + " was received by " + receipt->by + " and never sent";
        const Send& send = found->second;
        for (std::size_t t = 0; t != trace.size(); ++t) {
            if ((*send.past_of_begin)[t] > later[t].end) {
                return in_words(receipt->value) + " was received before " + in_words(later[t].value) + ", but " +
                       trace[t].name + " had sent that before " + trace[send.thread].name + " began";
            }
        }
        if (send.end < later[send.thread].end) later[send.thread] = {send.end, receipt->value};
    }
    return {};
}

std::string against_tickets(const Trace& trace, std::uint64_t slots) {
    std::map<Value, Ticket> tickets;
    for_each_event(trace, [&](const Thread&, const Event& event) {
        if (event.did == Did::sent) tickets[event.value] = event.ticket;
    });
    std::optional<Receipt> before;
    for (const Receipt& receipt : receipts(trace)) {
        const Ticket ticket = tickets[receipt.value];
        if (ticket.block == 0) return in_words(receipt.value) + " has no ticket";
        if (before) {
            // The ticket behind a block's last slot is the first slot of the next block.
            const Ticket last = tickets[before->value];
            const bool next = last.slot < slots ? ticket == Ticket{last.block, last.slot + 1}
                                                : ticket.block != last.block && ticket.slot == 1;
            if (!next) {
                return in_words(receipt.value) + " was received by " + receipt.by + " next after " +
                       in_words(before->value) + ", but its ticket is not the next one";
            }
        }
        before = receipt;
    }
    return {};
}

std::string wrong_end(const Trace& trace) {
    struct Drop {
        std::string by;
        Clock::time_point began;
        bool ended = false;
    };
    std::map<std::uint32_t, Drop> drops;
    std::optional<Event> end;
    std::string ended_by;
    for_each_event(trace, [&](const Thread& thread, const Event& event) {
        if (event.did == Did::drop) drops[event.number] = {thread.name, event.at};
        if (event.did == Did::dropped) drops[event.number].ended = true;
        if (event.did == Did::end) end = event, ended_by = thread.name;
    });
    if (!end) return "the iteration has not ended, although the last sender was dropped";
    for (const auto& [sender, drop] : drops) {
        if (end->at < drop.began) {
            return "the iteration of " + ended_by + " ended before " + drop.by + " dropped sender " +
                   in_words(Value{sender, 0})[0];
        }
        if (!drop.ended) return "the drop of a sender by " + drop.by + " has not ended";
    }
    for (const auto& [value, life] : lives(trace)) {
        if (!life.sent.empty() && life.received.empty()) {
            return "the iteration of " + ended_by + " ended without " + in_words(value) + ", which was sent by " +
                   life.sent[0];
        }
    }
    return {};
}

}  // namespace trace
