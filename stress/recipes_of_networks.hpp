// Recipes of channels that lead to one another, or travel through one another.
#pragma once

#include <chrono>
#include <utility>
#include <vector>

#include "handles.hpp"
#include "round.hpp"
#include "traffic.hpp"

namespace stress {

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
    start_draining(round, "last", std::move(rx));
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
    start_draining(round, "collector", std::move(results));
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

}  // namespace stress
