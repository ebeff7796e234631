// The workloads. Each is a round: it starts threads that use channels, and all of them end by themselves. What a round
// does is drawn from its seed; how its threads meet is not.
//
// So that a round can't block for ever by its own fault, a thread that waits on a channel holds no sender of that
// channel or of one that is numbered before it, and handles travel through channels that are numbered before theirs.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actor.hpp"
#include "handles.hpp"
#include "round.hpp"

namespace stress {

/// The lot of the thread that calls.
inline Lot& lot() { return Actor::me().lot; }

/// Lets a little time pass, now and then.
inline void dawdle(unsigned one_in, unsigned most_microseconds) {
    if (lot().one_in(one_in)) std::this_thread::sleep_for(std::chrono::microseconds(lot().below(most_microseconds)));
}

template <class P>
void send(const Tx<P>& tx, unsigned values) {
    for (; values != 0; --values) tx.send();
}

/// Receives until the end, in all ways there are.
template <class P>
void drain(Rx<P>& rx) {
    for (;;) {
        switch (lot().below(8)) {
            case 0:
                if (rx.iterate([](const Message<P>&) { return lot().one_in(16); })) return;
                break;
            case 1: rx.try_iterate(); break;
            default:
                if (rx.any(lot()).ended) return;
        }
    }
}

// ---- Many channels that live for a moment. Finds what goes wrong at the beginning and the end of a channel's life.
template <class P>
void short_lived(Round round) {
    const unsigned pairs = round.lot.between(1, 4), each = round.values / pairs / 6;
    for (unsigned i = 0; i != pairs; ++i) {
        auto [to_drainer, arrivals] = channel<P>();
        round.cast.start("opener", [each, way = std::move(to_drainer)] {
            for (unsigned n = 0; n != each; ++n) {
                auto [tx, rx] = channel<P>();
                auto message = way.message();
                message->rx.emplace(std::move(rx));
                if (!way.send(std::move(message))) return;
                send(tx, lot().below(4));
                if (lot().one_in(3)) {
                    const Tx<P> other = tx.clone();
                    tx.drop();
                    other.send();
                }
            }
        });
        round.cast.start("drainer", [rx = std::move(arrivals)]() mutable {
            while (auto got = rx.recv()) {
                Rx<P> mine(std::move(*got->rx));
                if (lot().one_in(4)) continue;
                if (lot().one_in(3)) mine.close();
                if (lot().one_in(4)) mine.try_recv();
                else drain(mine);
            }
        });
    }
}

// ---- A channel that lives long, at full speed: blocks come and go, the receiver is just behind or far behind.
template <class P>
void long_lived(Round round) {
    const unsigned senders = round.lot.one_of({1u, 1u, 2u, 4u, 8u}), each = 2 * round.values / senders;
    auto [tx, rx] = channel<P>();
    for (unsigned i = 0; i != senders; ++i) {
        round.cast.start("sender", [each, mine = tx.clone()] {
            for (unsigned n = 0; n != each; ++n) mine.send();
        });
    }
    round.cast.start("receiver", [mine = std::move(rx)]() mutable { mine.iterate([](const auto&) { return false; }); });
}

// ---- Clones made and dropped all the time, by all. Finds an end too early, or none.
template <class P>
void clone_storm(Round round) {
    const unsigned groups = round.lot.between(1, 3), senders = round.lot.between(1, 6);
    const unsigned each = round.values / groups / senders;
    for (unsigned g = 0; g != groups; ++g) {
        auto [tx, rx] = channel<P>(4096);
        for (unsigned i = 0; i != senders; ++i) {
            round.cast.start("cloner", [each, first = tx.clone()]() mutable {
                std::vector<Tx<P>> pool;
                pool.push_back(std::move(first));
                for (unsigned n = 0; n != each && !pool.empty(); ++n) {
                    const std::size_t any = lot().below(static_cast<unsigned>(pool.size()));
                    switch (lot().below(3)) {
                        case 0:
                            if (pool.size() < 8) pool.push_back(pool[any].clone());
                            break;
                        case 1:
                            // The last goes seldom: with it the storm is over.
                            if (pool.size() > 1 || lot().one_in(64))
                                pool.erase(pool.begin() + static_cast<std::ptrdiff_t>(any));
                            break;
                        default: pool[any].send();
                    }
                }
            });
        }
        round.cast.start("receiver", [mine = std::move(rx)]() mutable { drain(mine); });
    }
}

/// Senders that press on one channel after the other until each refuses; a receiver that ends them in mid-stream.
template <class P, class End>
void ended_by_the_receiver(Round round, End end) {
    const unsigned senders = round.lot.between(1, 4), channels = 8 + round.values / 80;
    std::vector<std::vector<Tx<P>>> bags(senders);
    std::vector<Rx<P>> receivers;
    for (unsigned c = 0; c != channels; ++c) {
        auto [tx, rx] = channel<P>();
        for (auto& bag : bags) bag.push_back(tx.clone());
        receivers.push_back(std::move(rx));
    }
    for (auto& bag : bags) {
        round.cast.start("sender", [mine = std::move(bag)]() mutable {
            for (Tx<P>& tx : mine) {
                unsigned refused = 0;
                // The receiver may be far behind: some of its channels then fill up without a refusal.
                for (unsigned n = 0; n != 200 && refused != 2; ++n) {
                    if (!tx.send()) ++refused;
                    else dawdle(n < 16 ? 20 : 1, 50);
                }
                if (lot().one_in(2)) tx.drop();
            }
        });
    }
    round.cast.start("receiver", [end, mine = std::move(receivers)]() mutable {
        for (Rx<P>& rx : mine) {
            for (unsigned n = lot().below(12); n != 0; --n) rx.any(lot());
            end(rx);
        }
    });
}

// ---- The receiver dropped in mid-stream. Finds values that are stranded, blocks that leak, sends that hang.
template <class P>
void receiver_dropped(Round round) {
    ended_by_the_receiver<P>(round, [](Rx<P>& rx) { rx.drop(); });
}

// ---- The receiver closed in mid-stream, then drained. Finds values lost or let in at the close.
template <class P>
void receiver_closed(Round round) {
    ended_by_the_receiver<P>(round, [](Rx<P>& rx) {
        rx.close();
        if (lot().one_in(4)) rx.close();
        drain(rx);
        rx.try_recv();
    });
}

// ---- The receiver goes from thread to thread in mid-stream. Finds state that does not go with it.
template <class P>
void receiver_moved(Round round) {
    const unsigned senders = round.lot.between(1, 4), each = round.values / senders, hands = round.lot.between(2, 6);
    std::vector<Tx<P>> to;
    std::vector<Rx<P>> inbox;
    for (unsigned i = 0; i != hands; ++i) {
        auto [tx, rx] = channel<P>();
        to.push_back(std::move(tx));
        inbox.push_back(std::move(rx));
    }
    auto [tx, rx] = channel<P>();
    auto first = to[0].message();
    first->rx.emplace(std::move(rx));
    to[0].send(std::move(first));
    // A ring. Whoever sees the end of the stream lets go of the next, and so on round.
    for (unsigned i = 0; i != hands; ++i) {
        round.cast.start("hand", [mine = std::move(inbox[i]), next = std::move(to[(i + 1) % hands])]() mutable {
            while (auto got = mine.recv()) {
                Rx<P> stream(std::move(*got->rx));
                for (unsigned n = lot().between(1, 8); n != 0; --n) {
                    if (stream.any(lot()).ended) return;
                }
                auto message = next.message();
                message->rx.emplace(std::move(stream));
                next.send(std::move(message));
            }
        });
    }
    for (unsigned i = 0; i != senders; ++i) {
        round.cast.start("sender", [each, mine = tx.clone()] {
            for (unsigned n = 0; n != each; ++n) mine.send(), dawdle(16, 100);
        });
    }
}

// ---- Deadlines against senders that are about as fast as these. Finds tokens left behind, values lost at a deadline.
template <class P>
void timed(Round round) {
    const unsigned groups = round.lot.between(1, 3), senders = round.lot.between(1, 3),
                   each = round.values / groups / senders / 4;
    const unsigned slowness = round.lot.one_of({2u, 8u, 64u});
    for (unsigned g = 0; g != groups; ++g) {
        auto [tx, rx] = channel<P>();
        for (unsigned i = 0; i != senders; ++i) {
            round.cast.start("sender", [each, slowness, mine = tx.clone()] {
                for (unsigned n = 0; n != each; ++n) mine.send(), dawdle(slowness, 400);
            });
        }
        round.cast.start("receiver", [mine = std::move(rx)]() mutable {
            using namespace std::chrono;
            for (;;) {
                const auto any = nanoseconds(lot().below(400'000));
                const auto wait = lot().one_of({any, any, any, nanoseconds(0), nanoseconds(-1), nanoseconds::max()});
                if (mine.recv_for(wait).ended) return;
            }
        });
    }
}

// ---- Looks that never wait. Finds an `empty` or an end where there is a value.
template <class P>
void without_waiting(Round round) {
    const unsigned senders = round.lot.between(1, 4), each = round.values / senders;
    auto [tx, rx] = channel<P>();
    for (unsigned i = 0; i != senders; ++i) {
        round.cast.start("sender", [each, mine = tx.clone()] {
            for (unsigned n = 0; n != each; ++n) mine.send(), dawdle(32, 100);
        });
    }
    round.cast.start("receiver", [mine = std::move(rx)]() mutable {
        for (;;) {
            if (lot().one_in(2)) mine.try_iterate();
            if (mine.try_recv().ended) return;
            if (lot().one_in(4)) std::this_thread::yield();
        }
    });
}

// ---- Bursts that grow and are drained, with an answer after each. Finds blocks that are mixed up when they come again.
template <class P>
void bursts(Round round) {
    auto [tx, rx] = channel<P>();
    auto [answer, answers] = channel<P>();
    const unsigned values = round.values;
    round.cast.start("sender", [values, to = std::move(tx), from = std::move(answers)]() mutable {
        for (unsigned burst = 1, sent = 0; sent < 2 * values; burst += burst / 2 + 1) {
            send(to, burst);
            sent += burst;
            auto last = to.message();
            last->tx.emplace(to.clone());  // marks the burst's end
            to.send(std::move(last));
            if (from.recv().ended) return;
        }
    });
    round.cast.start("receiver", [from = std::move(rx), to = std::move(answer)]() mutable {
        while (auto got = from.recv()) {
            if (got->tx) to.send();
        }
    });
}

// ---- One value at a time, there and back: every wake-up counts, and no later one makes up for it.
template <class P>
void ping_pong(Round round) {
    const unsigned pairs = round.lot.between(1, 4), each = round.values / pairs / 8;
    for (unsigned i = 0; i != pairs; ++i) {
        auto [there, served] = channel<P>();
        auto [back, returned] = channel<P>();
        round.cast.start("ping", [each, to = std::move(there), from = std::move(returned)]() mutable {
            for (unsigned n = 0; n != each; ++n) {
                send(to, 1);
                if (lot().one_in(2) ? from.recv().ended : from.recv_for(std::chrono::hours(1)).ended) return;
            }
        });
        round.cast.start("pong", [to = std::move(back), from = std::move(served)]() mutable {
            from.iterate([&](const auto&) { return to.send(), false; });
        });
    }
}

// ---- One sender used by many threads at once.
template <class P>
void shared_sender(Round round) {
    const unsigned users = round.lot.between(2, 8), each = round.values / users;
    auto [tx, rx] = channel<P>();
    const auto shared = std::make_shared<const Tx<P>>(std::move(tx));
    for (unsigned i = 0; i != users; ++i) {
        round.cast.start("user", [each, shared] {
            for (unsigned n = 0; n != each; ++n) {
                shared->send();
                if (lot().one_in(64)) shared->clone().send();
            }
        });
    }
    round.cast.start("receiver", [mine = std::move(rx)]() mutable { drain(mine); });
}

// ---- More threads than processors by far. Finds ways to wait that only work where everybody runs.
template <class P>
void crowd(Round round) {
    const unsigned threads = round.lot.one_of({1u, 2u, 8u, 8u, 64u, 64u, 512u});
    const unsigned each = std::max(2u, round.values / threads / 2);
    const unsigned channels = round.lot.one_of({1u, 1u, std::max(1u, threads / 8)});
    for (unsigned c = 0; c != channels; ++c) {
        auto [tx, rx] = channel<P>(1024);
        for (unsigned i = 0; i != std::max(1u, threads / channels); ++i) {
            round.cast.start("sender", [each, mine = tx.clone()] {
                for (unsigned n = 0; n != each; ++n) mine.send(), dawdle(32, 100);
            });
        }
        round.cast.start("receiver", [mine = std::move(rx)]() mutable { drain(mine); });
    }
}

// ---- Each thread passes on what it gets. The end runs through all of them.
template <class P>
void chain(Round round) {
    const unsigned links = round.lot.one_of({2u, 4u, 8u, 32u}), values = 1 + round.values / links;
    auto [first, rx] = channel<P>();
    round.cast.start("first", [values, mine = std::move(first)] { send(mine, values); });
    for (unsigned i = 0; i != links; ++i) {
        auto [next, next_rx] = channel<P>();
        round.cast.start("link", [from = std::move(rx), to = std::move(next)]() mutable {
            from.iterate([&](const auto&) { return to.send(), false; });
        });
        rx = std::move(next_rx);
    }
    round.cast.start("last", [mine = std::move(rx)]() mutable { drain(mine); });
}

// ---- One to many to one. Workers leave in the middle.
template <class P>
void fan(Round round) {
    const unsigned workers = round.lot.one_of({2u, 4u, 16u}), values = round.values;
    std::vector<Tx<P>> to;
    std::vector<Rx<P>> jobs;
    for (unsigned i = 0; i != workers; ++i) {
        auto [tx, rx] = channel<P>();
        to.push_back(std::move(tx));
        jobs.push_back(std::move(rx));
    }
    auto [result, results] = channel<P>(256);
    round.cast.start("giver", [values, to_workers = std::move(to)] {
        for (unsigned n = 0; n != values; ++n) to_workers[n % to_workers.size()].send();
    });
    for (Rx<P>& mine : jobs) {
        round.cast.start("worker", [from = std::move(mine), to_collector = result.clone()]() mutable {
            from.iterate([&](const auto&) { return to_collector.send(), lot().one_in(500); });
        });
    }
    result.drop();
    round.cast.start("collector", [mine = std::move(results)]() mutable { drain(mine); });
}

// ---- Requests that carry the sender for the answer; a server that forgets some, and leaves. Finds values, and the
// channels in them, that outlive a receiver: whoever waits for an answer would wait for ever.
template <class P>
void channels_in_channels(Round round) {
    const unsigned clients = round.lot.between(1, 6), each = round.values / clients / 5;
    const bool leaves = round.lot.one_in(2);
    auto [tx, rx] = channel<P>();
    for (unsigned i = 0; i != clients; ++i) {
        round.cast.start("client", [each, ask = tx.clone()] {
            for (unsigned n = 0; n != each; ++n) {
                auto [answer, answers] = channel<P>();
                auto request = ask.message();
                request->tx.emplace(std::move(answer));
                if (!ask.send(std::move(request))) return;
                if (lot().one_in(4)) continue;
                drain(answers);
            }
        });
    }
    const unsigned patience = leaves ? round.lot.below(round.values / 5) : ~0u;
    round.cast.start("server", [patience, mine = std::move(rx)]() mutable {
        for (unsigned n = 0; n != patience; ++n) {
            const auto got = mine.recv();
            if (got.ended) return;
            if (lot().one_in(8)) continue;
            send(*got->tx, lot().between(1, 3));
        }
    });
}

// ---- Channels in channels in channels, dropped from outside: a destructor that runs into the next.
template <class P>
void nested(Round round) {
    const unsigned depth = round.lot.between(1, 60), times = 1 + round.values / depth / 4;
    auto [way, arrivals] = channel<P>();
    round.cast.start("packer", [depth, times, to = std::move(way)] {
        for (unsigned n = 0; n != times; ++n) {
            auto [inner, box] = channel<P>();
            std::vector<Rx<P>> outermost;
            outermost.push_back(std::move(box));
            std::vector<Tx<P>> senders;
            senders.push_back(std::move(inner));
            for (unsigned d = 0; d != depth; ++d) {
                auto [tx, rx] = channel<P>();
                auto message = tx.message();
                message->rx.emplace(std::move(outermost.back()));
                outermost.clear();
                tx.send(std::move(message));
                outermost.push_back(std::move(rx));
                if (lot().one_in(2)) senders.push_back(std::move(tx));
            }
            auto message = to.message();
            message->rx.emplace(std::move(outermost.back()));
            to.send(std::move(message));
            // Meanwhile somebody drops what these lead to.
            for (const Tx<P>& tx : senders) tx.send();
        }
    });
    round.cast.start("dropper",
                     [mine = std::move(arrivals)]() mutable { mine.iterate([](const auto&) { return false; }); });
}

// ---- All of it at once, at random.
template <class P>
void mixed(Round round) {
    const unsigned channels = round.lot.between(2, 8), producers = round.lot.between(1, 8),
                   consumers = round.lot.between(1, 4);
    const unsigned each = round.values / producers;
    std::vector<Tx<P>> all;
    std::vector<std::vector<Rx<P>>> shares(consumers);
    for (unsigned c = 0; c != channels; ++c) {
        auto [tx, rx] = channel<P>(1024);
        all.push_back(std::move(tx));
        shares[round.lot.below(consumers)].push_back(std::move(rx));
    }
    for (unsigned i = 0; i != producers; ++i) {
        std::vector<Tx<P>> bag;
        for (const Tx<P>& tx : all) bag.push_back(tx.clone());
        round.cast.start("producer", [each, mine = std::move(bag)]() mutable {
            for (unsigned n = 0; n != each && !mine.empty(); ++n) {
                const unsigned any = lot().below(static_cast<unsigned>(mine.size()));
                const unsigned further = any + lot().below(static_cast<unsigned>(mine.size()) - any);
                if (lot().one_in(each)) {
                    mine.erase(mine.begin() + any);
                } else if (any != further && lot().one_in(16)) {
                    auto message = mine[any].message();
                    message->tx.emplace(mine[further].clone());
                    mine[any].send(std::move(message));
                } else if (lot().one_in(200)) {
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                } else {
                    mine[any].send();
                }
            }
        });
    }
    for (auto& share : shares) {
        // In the order of their numbers, so that nobody waits for a sender that lies in a channel behind.
        round.cast.start("consumer", [mine = std::move(share)]() mutable {
            for (Rx<P>& rx : mine) {
                const unsigned ending = lot().below(6);
                for (unsigned n = ending < 2 ? lot().below(100) : ~0u; n != 0; --n) {
                    const auto got = rx.any(lot());
                    if (got && got->tx) send(*got->tx, lot().below(3));
                    if (got.ended) break;
                }
                if (ending == 0) rx.close(), drain(rx);
                if (ending == 1) rx.drop();
            }
        });
    }
}

template <class P>
inline constexpr auto all_recipes = std::to_array<Recipe>({
    {"ping_pong", ping_pong<P>},
    {"crowd", crowd<P>},
    {"long_lived", long_lived<P>},
    {"short_lived", short_lived<P>},
    {"clone_storm", clone_storm<P>},
    {"receiver_dropped", receiver_dropped<P>},
    {"receiver_closed", receiver_closed<P>},
    {"receiver_moved", receiver_moved<P>},
    {"timed", timed<P>},
    {"without_waiting", without_waiting<P>},
    {"bursts", bursts<P>},
    {"shared_sender", shared_sender<P>},
    {"chain", chain<P>},
    {"fan", fan<P>},
    {"channels_in_channels", channels_in_channels<P>},
    {"nested", nested<P>},
    {"mixed", mixed<P>},
});

}  // namespace stress
