// What recipes do with handles.
#pragma once

#include "handles.hpp"
#include "round.hpp"

namespace stress {

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

/// Starts threads that send so many values each, and pause now and then.
template <class P>
void start_senders(Round& round, const Tx<P>& tx, unsigned senders, unsigned each, unsigned pause_one_in = ~0u,
                   unsigned most_microseconds = 100) {
    for (unsigned i = 0; i != senders; ++i) {
        round.cast.start("sender", [=, mine = tx.clone()] {
            for (unsigned n = 0; n != each; ++n) mine.send(), dawdle(pause_one_in, most_microseconds);
        });
    }
}

template <class P>
void start_draining(Round& round, const char* name, Rx<P> rx) {
    round.cast.start(name, [mine = std::move(rx)]() mutable { drain(mine); });
}

}  // namespace stress
