// Recipes of one channel, or of several side by side, that values run through.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <stop_token>
#include <utility>
#include <vector>

#include "handles.hpp"
#include "round.hpp"
#include "traffic.hpp"

namespace stress {

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

// ---- More threads than processors by far. Finds ways to wait that only work where everybody runs.
template <class P>
void crowd(Round round) {
    const unsigned threads = round.lot.one_of({1u, 2u, 8u, 8u, 64u, 64u, 512u});
    const unsigned each = std::max(2u, round.values / threads / 2);
    const unsigned channels = round.lot.one_of({1u, 1u, std::max(1u, threads / 8)});
    for (unsigned c = 0; c != channels; ++c) {
        auto [tx, rx] = channel<P>(1024);
        start_senders(round, tx, std::max(1u, threads / channels), each, 32, 100);
        start_draining(round, "receiver", std::move(rx));
    }
}

// ---- A channel that lives long, at full speed: blocks come and go, the receiver is just behind or far behind.
template <class P>
void long_lived(Round round) {
    const unsigned senders = round.lot.one_of({1u, 1u, 2u, 4u, 8u}), each = 2 * round.values / senders;
    auto [tx, rx] = channel<P>();
    start_senders(round, tx, senders, each);
    round.cast.start("receiver", [mine = std::move(rx)]() mutable { mine.iterate([](const auto&) { return false; }); });
}

// ---- Deadlines against senders that are about as fast as these. Finds tokens left behind, values lost at a deadline.
template <class P>
void timed(Round round) {
    const unsigned groups = round.lot.between(1, 3), senders = round.lot.between(1, 3),
                   each = round.values / groups / senders / 4;
    const unsigned slowness = round.lot.one_of({2u, 8u, 64u});
    for (unsigned g = 0; g != groups; ++g) {
        auto [tx, rx] = channel<P>();
        start_senders(round, tx, senders, each, slowness, 400);
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

// ---- Receives that are asked to stop, one after the other, while values come. A request that is lost is waited for.
template <class P>
void stopped(Round round) {
    const unsigned pairs = round.lot.between(1, 4), each = round.values / pairs / 8;
    for (unsigned i = 0; i != pairs; ++i) {
        auto [tx, rx] = channel<P>();
        auto [answer, answers] = channel<P>();
        const auto stops = std::make_shared<std::vector<std::stop_source>>(each);
        start_senders(round, tx, 1, each, 2, 100);
        round.cast.start("stopper", [stops, kept = std::move(tx), from = std::move(answers)]() mutable {
            for (std::stop_source& stop : *stops) {
                dawdle(2, 100);
                stop.request_stop();
                if (from.recv().ended) return;
            }
        });
        round.cast.start("receiver", [stops, from = std::move(rx), to = std::move(answer)]() mutable {
            for (const std::stop_source& stop : *stops) {
                while (from.recv(stop.get_token())) continue;
                to.send();
            }
            drain(from);
        });
    }
}

// ---- Looks that never wait. Finds an `empty` or an end where there is a value.
template <class P>
void without_waiting(Round round) {
    const unsigned senders = round.lot.between(1, 4), each = round.values / senders;
    auto [tx, rx] = channel<P>();
    start_senders(round, tx, senders, each, 32, 100);
    round.cast.start("receiver", [mine = std::move(rx)]() mutable {
        for (unsigned in_vain = 0;;) {
            if (lot().one_in(2) && mine.try_iterate() != 0) in_vain = 0;
            const auto got = mine.try_recv();
            if (got.ended) return;
            in_vain = got ? 0 : in_vain + 1;
            // Looks are logged too: those of a receiver that always waited this way would fill its log.
            if (in_vain >= 16) std::this_thread::sleep_for(std::chrono::microseconds(lot().below(100)));
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
    start_draining(round, "receiver", std::move(rx));
}

}  // namespace stress
