// Programs made at random, out of the whole API: several threads that send, clone, drop, lend each other senders, receive in
// every way, hand the receiver on, close and leave. Whatever the order in which the threads run, no thread waits for ever.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "../lots.hpp"
#include "../program.hpp"

namespace traces {

/// Operations are drawn one after the other, in an order in which they could be executed; a thread that waits for a signal
/// waits for one that was drawn before. So nobody waits for ever but, in `recv` or `iterate`, a receiver: in programs that
/// have these, those who receive have no senders and signal to nobody who sends, and all senders are dropped in the end. On a bounded
/// channel a send waits, too: for those who receive, who wait for no signal of one who sends, and leave in the end.
class RandomProgram {
  public:
    RandomProgram(std::uint64_t seed, unsigned threads, unsigned operations, bool is_bounded)
        : lot_(seed), is_bounded_(is_bounded), blocks_(lot(2) == 0 || is_bounded) {
        constexpr int capacities[] = {0, 1, 2, 3, 16};
        if (is_bounded) program_.capacity = capacities[lot(std::size(capacities))];
        program_.senders_at_start = 1 + lot(3);
        if (!is_bounded && lot(8) == 0) program_.allocations = static_cast<int>(lot(6));
        program_.threads.resize(threads);
        senders_.resize(threads);
        receiving_ = threads >= 4 && lot(2) == 0 ? 2 : 1;
        for (unsigned t = 0; t != threads; ++t) {
            program_.thread_names.push_back((t < receiving_ ? "r" : "p") + std::to_string(t));
        }
        for (unsigned h = 0; h != program_.senders_at_start; ++h) senders_[any_sending()].push_back({h, nobody, 0});
        handles_ = program_.senders_at_start;
        // At the end of the stream some have done much and some little: so that it is not always seen by all the others.
        for (unsigned i = 0; i != operations; ++i) step(lot(threads));
        if (blocks_) drop_all();
        if (is_bounded && has_receiver_ != nobody) add(has_receiver_, Kind::drop_receiver);
    }

    const verify::Program& program() const { return program_; }
    std::vector<std::string> handles() const {
        std::vector<std::string> names;
        for (unsigned h = 0; h != handles_; ++h) names.push_back("s" + std::to_string(h));
        return names;
    }

  private:
    using Kind = verify::Op::Kind;
    static constexpr unsigned nobody = ~0u;
    static constexpr std::size_t most_senders = 4;  // of a thread
    struct Sender {
        unsigned handle;
        unsigned lent_by;  // or nobody: its own
        unsigned lent;     // to so many
    };

    unsigned lot(std::size_t below) { return lot_.below(static_cast<unsigned>(below)); }
    void add(unsigned t, Kind kind, unsigned a = 0, unsigned b = 0) {
        program_.threads[t].push_back({.kind = kind, .a = a, .b = b});
    }
    /// Where a receive may wait. With capacity 0, the word does not tell when one is interrupted.
    bool may_stop() const { return blocks_ && program_.capacity != 0; }
    bool receives(unsigned t) const { return t < receiving_; }
    bool may_send(unsigned t) const { return !blocks_ || !receives(t); }
    unsigned any_sending() {
        unsigned t = lot(senders_.size());
        while (!may_send(t)) t = lot(senders_.size());
        return t;
    }
    /// What t did so far happens before what u does from now on.
    void order(unsigned t, unsigned u) {
        add(t, Kind::signal, events_);
        add(u, Kind::await, events_++);
    }

    void step(unsigned t) {
        if (t == has_receiver_ && lot(2) == 0) return receive(t);
        if (lot(40) == 0) {
            const unsigned u = lot(senders_.size());
            if (u != t && (may_send(t) == may_send(u) || (may_send(t) && !is_bounded_))) order(t, u);
        }
        if (may_stop() && lot(500) == 0) return add(t, Kind::stop, verify::request_to_stop);
        if (!senders_[t].empty()) return send(t);
    }

    void receive(unsigned t) {
        const unsigned n = lot(240);
        if (n < 60) return add(t, blocks_ ? Kind::recv : Kind::try_recv);
        if (n < 110) return add(t, Kind::try_recv);
        if (n < 140) return add(t, Kind::recv_for);
        if (n < 143) return add(t, Kind::recv_unwound);
        if (n < 145) return may_stop() ? add(t, Kind::recv_stoppable) : add(t, Kind::recv_unwound);
        if (n < 150) return add(t, Kind::is_disconnected_receiver);
        if (n < 190) return add(t, Kind::try_iterate);
        if (n < 200) return add(t, Kind::move_receiver);
        if (n < 230 && receiving_ > 1) {
            has_receiver_ = 1 - t;
            return order(t, has_receiver_);
        }
        if (lot(8) != 0) return;
        if (n == 237) return add(t, Kind::close);
        if (n == 238 && blocks_) return add(t, Kind::iterate);
        if (n == 239) {
            add(t, Kind::drop_receiver);
            has_receiver_ = nobody;
        }
    }

    void send(unsigned t) {
        const unsigned i = lot(senders_[t].size());
        Sender& sender = senders_[t][i];
        const unsigned n = lot(100);
        if (is_bounded_ && n < 40)
            return add(t,
                       n < 20   ? Kind::try_send
                       : n < 38 ? Kind::send_for
                                : Kind::send_stoppable,
                       sender.handle, ++values_);
        if (n < 79) return add(t, Kind::send, sender.handle, ++values_);
        if (n < 80) return add(t, Kind::is_disconnected, sender.handle);
        if (n < 84) return add(t, Kind::move, own(t));
        if (n < 90) return clone(t, sender.handle);
        if (n < 94) return lend(t, i);
        if (sender.lent_by != nobody) return give_back(t, i);
        // The last ones of a thread seldom, or programs would be over soon.
        if (sender.lent == 0 && (senders_[t].size() > 1 || lot(30) == 0)) drop(t, i);
    }
    /// A sender that only this thread uses may be moved.
    unsigned own(unsigned t) {
        for (const Sender& s : senders_[t]) {
            if (s.lent_by == nobody && s.lent == 0) return s.handle;
        }
        senders_[t].push_back({handles_, nobody, 0});
        add(t, Kind::clone, senders_[t].front().handle, handles_);
        return handles_++;
    }
    void clone(unsigned t, unsigned handle) {
        const unsigned u = any_sending();
        if (senders_[u].size() >= most_senders) return;
        add(t, Kind::clone, handle, handles_);
        if (u != t) order(t, u);
        senders_[u].push_back({handles_++, nobody, 0});
    }
    void lend(unsigned t, unsigned i) {
        const unsigned u = any_sending();
        const unsigned handle = senders_[t][i].handle;
        const auto has_it = [handle](const Sender& s) { return s.handle == handle; };
        if (senders_[t][i].lent_by != nobody || senders_[u].size() >= most_senders ||
            std::any_of(senders_[u].begin(), senders_[u].end(), has_it))
            return;
        ++senders_[t][i].lent;
        order(t, u);
        senders_[u].push_back({handle, t, 0});
    }
    void give_back(unsigned t, unsigned i) {
        const Sender sender = senders_[t][i];
        senders_[t].erase(senders_[t].begin() + i);
        order(t, sender.lent_by);
        for (Sender& s : senders_[sender.lent_by]) s.lent -= s.handle == sender.handle;
    }
    void drop(unsigned t, unsigned i) {
        add(t, Kind::drop, senders_[t][i].handle);
        senders_[t].erase(senders_[t].begin() + i);
    }
    void drop_all() {
        for (unsigned t = 0; t != senders_.size(); ++t) {
            for (unsigned i = static_cast<unsigned>(senders_[t].size()); i-- != 0;) {
                if (senders_[t][i].lent_by != nobody) give_back(t, i);
            }
        }
        for (unsigned t = 0; t != senders_.size(); ++t) {
            while (!senders_[t].empty()) drop(t, 0);
        }
    }

    verify::Lot lot_;
    const bool is_bounded_;
    const bool blocks_;  // whether there is a `recv` or `iterate`
    verify::Program program_;
    std::vector<std::vector<Sender>> senders_;  // that a thread may use
    unsigned receiving_ = 1;                    // threads that have the receiver in turns, the first ones
    unsigned has_receiver_ = 0;
    unsigned handles_ = 0, values_ = 0, events_ = verify::request_to_stop + 1;
};

}  // namespace traces
