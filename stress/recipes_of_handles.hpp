// Recipes of handles that come and go, or from thread to thread.
#pragma once

#include <utility>
#include <vector>

#include "handles.hpp"
#include "round.hpp"
#include "traffic.hpp"

namespace stress {

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
        start_draining(round, "receiver", std::move(rx));
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
    start_senders(round, tx, senders, each, 16, 100);
}

}  // namespace stress
