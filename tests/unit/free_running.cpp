// Threads that run free, recorded. Under ThreadSanitizer too: what it can't see any other way is a race.
#include <array>

#include "platforms/shaking.hpp"
#include "harness/test.hpp"
#include "harness/recorded.hpp"

using harness::check;
using harness::same;

namespace {

constexpr unsigned slots = 8;
using Blocks = announced::Platform<slots, 2>;

/// Some senders, each on a thread of its own, send some values each, while the receiver iterates.
void stream(unsigned senders, unsigned values) {
    const announced::Shaking shaken;
    recorded::Recorder recorder;
    {
        auto [tx, rx] = recorded::channel<Blocks>();
        for (unsigned i = 1; i <= senders; ++i) {
            recorder.start("sender " + std::to_string(i),
                           [values, sender = tx.clone(i)]() mutable { sender.send(values); });
        }
        tx.drop();
        rx.iterate();
        check(rx.received() == std::uint64_t{senders} * values, "everything was received");
        recorder.join();
    }
    recorder.must_be_good();
}

}  // namespace

TEST(S3_S4_S5_S17_one_sender_streams_to_a_loop) { stream(1, 3000); }
TEST(S3_S4_S5_S17_two_senders_stream_to_a_loop) { stream(2, 2000); }
TEST(S3_S4_S5_S17_eight_senders_stream_to_a_loop) { stream(8, 500); }
TEST(S3_S4_S5_S17_fifty_senders_stream_to_a_loop) { stream(50, 20); }

TEST(S5_sends_that_are_ordered_by_signals_between_threads_are_received_in_that_order) {
    // A relay: each thread sends, then signals the next one; twice around.
    constexpr unsigned runners = 4, rounds = 40;
    const announced::Shaking shaken;
    recorded::Recorder recorder;
    {
        auto [tx, rx] = recorded::channel<Blocks>();
        std::deque<recorded::Signal> signals;
        for (unsigned i = 0; i != runners * rounds; ++i) signals.emplace_back(i);
        for (unsigned runner = 0; runner != runners; ++runner) {
            recorder.start("runner " + std::to_string(runner),
                           [runner, &signals, sender = tx.clone(runner + 1)]() mutable {
                               for (unsigned i = runner; i < runners * rounds; i += runners) {
                                   if (i != 0) signals[i - 1].heed();
                                   sender.send();
                                   signals[i].give();
                               }
                           });
        }
        tx.drop();
        for (unsigned i = 0; i != runners * rounds; ++i) {
            same(recorded::in_words(recorded::value(i % runners + 1, i / runners + 1)), rx.recv());
        }
        recorder.join();
    }
    recorder.must_be_good();
}

TEST(S12_try_recv_finds_what_a_signal_says_was_sent_while_others_send) {
    // Linearizability, as far as try_recv can see it: never `empty` after a send that happens before the call.
    constexpr unsigned rounds = 200;
    const announced::Shaking shaken;
    recorded::Recorder recorder;
    {
        auto [tx, rx] = recorded::channel<Blocks>();
        std::deque<recorded::Signal> sent, asked;
        for (unsigned i = 0; i != rounds; ++i) sent.emplace_back(2 * i), asked.emplace_back(2 * i + 1);
        recorder.start("noise", [sender = tx.clone(1)]() mutable { sender.send(rounds); });
        recorder.start("sender", [&, sender = std::move(tx)]() mutable {
            for (unsigned i = 0; i != rounds; ++i) {
                sender.send();
                sent[i].give();
                asked[i].heed();
            }
        });
        for (unsigned i = 0; i != rounds; ++i) {
            sent[i].heed();
            const std::string wanted = recorded::in_words(recorded::value(0, i + 1));
            std::string answer;
            while (answer != wanted) {
                answer = rx.try_recv();
                check(answer != "empty" && answer != "disconnected", "a value that was sent is found");
            }
            asked[i].give();
        }
        recorder.join();
    }
    recorder.must_be_good();
}

namespace {

/// Two senders send until they are refused. The receiver takes some of it, then ends it.
void end_while_two_send(auto end) {
    const announced::Shaking shaken;
    for (unsigned take = 0; take != 60; ++take) {
        recorded::Recorder recorder;
        {
            auto [tx, rx] = recorded::channel<Blocks>();
            for (unsigned i = 1; i <= 2; ++i) {
                recorder.start("sender " + std::to_string(i), [sender = tx.clone(i)]() mutable {
                    while (sender.send()) {
                    }
                    check(!sender.send(), "a send that failed once fails for ever");
                });
            }
            for (unsigned i = 0; i != take; ++i) check(rx.recv() != "disconnected", "senders live");
            end(tx, rx);
            recorder.join();
        }
        recorder.must_be_good();
    }
}

}  // namespace

TEST(S3_S8_S19_the_receiver_leaves_while_senders_send) {
    end_while_two_send([](auto& tx, auto& rx) {
        tx.drop();
        rx.drop();
    });
}

TEST(S3_S8_S20_the_receiver_closes_while_senders_send_and_drains) {
    end_while_two_send([](auto&, auto& rx) {
        rx.close();
        while (rx.recv() != "disconnected") {
        }
    });
}

TEST(S11_S13_S14_receiving_with_short_deadlines_while_senders_send_misses_nothing) {
    const announced::Shaking shaken;
    recorded::Recorder recorder;
    {
        auto [tx, rx] = recorded::channel<Blocks>();
        for (unsigned i = 1; i <= 3; ++i) {
            recorder.start("sender " + std::to_string(i), [sender = tx.clone(i)]() mutable {
                for (int n = 0; n != 200; ++n) {
                    sender.send();
                    if (n % 10 == 0) std::this_thread::yield();
                }
            });
        }
        tx.drop();
        for (std::string answer; answer != "disconnected";) answer = rx.recv_for(std::chrono::microseconds(20));
        check(rx.received() == 3 * 200, "everything was received");
        recorder.join();
    }
    recorder.must_be_good();
}

TEST(S22_a_receiver_is_handed_from_thread_to_thread_while_it_is_in_use) {
    constexpr unsigned hands = 30, each = 10;
    const announced::Shaking shaken;
    recorded::Recorder recorder;
    {
        auto [tx, rx] = recorded::channel<Blocks>();
        recorder.start("sender", [sender = std::move(tx)]() mutable { sender.send(hands * each); });
        // Each hand receives a few, and hands the receiver on by a channel of receivers.
        using Rx = recorded::Receiver<Blocks>;
        struct Baton {
            std::unique_ptr<Rx> rx;
        };
        auto baton = ferry::channel<Baton>();
        check(baton.first.send({std::make_unique<Rx>(std::move(rx))}).has_value(), "it begins");
        for (unsigned hand = 0; hand != hands; ++hand) {
            auto next = ferry::channel<Baton>();
            recorder.start("hand " + std::to_string(hand),
                           [from = std::move(baton.second), to = std::move(next.first)]() mutable {
                               Baton mine = from.recv().value();
                               for (unsigned i = 0; i != each; ++i)
                                   check(mine.rx->recv() != "disconnected", "a value comes");
                               check(to.send(std::move(mine)).has_value(), "the receiver is handed on");
                           });
            baton.second = std::move(next.second);
        }
        const Baton last = baton.second.recv().value();
        same("disconnected", last.rx->recv());
        check(last.rx->received() == hands * each, "everything was received");
        recorder.join();
    }
    recorder.must_be_good();
}

TEST(S26_one_sender_is_used_by_several_threads_at_once) {
    const announced::Shaking shaken;
    recorded::Recorder recorder;
    {
        auto [tx, receiver] = recorded::channel<Blocks>();
        const auto& shared = tx;
        for (unsigned i = 0; i != 4; ++i) {
            recorder.start("thread " + std::to_string(i), [&shared, voice = recorded::Voice(i)]() mutable {
                for (int n = 0; n != 300; ++n) {
                    check(voice.send(shared), "the send succeeds");
                    if (n % 50 == 0) ferry::drop(shared.handle().clone());
                }
            });
        }
        for (int i = 0; i != 4 * 300; ++i) check(receiver.recv() != "disconnected", "a value comes");
        recorder.join();
        same("empty", receiver.try_recv());
    }
    recorder.must_be_good();
}

// ---- what happens before what: plain data, which nothing but the channel protects

namespace {

/// What a thread writes before it makes its last use of a sender, and another reads once it has been told.
struct Plain {
    std::vector<int> written;
    void write() { written.assign(100, 7); }
    void read() const { check(written.size() == 100 && written.back() == 7, "what was written before is seen"); }
};

/// Several times over: a thread writes plain data and then makes `last_use` of a sender, while `wait` receives until it
/// knows.
template <class LastUse, class Wait>
void happens_before(LastUse last_use, Wait wait) {
    const announced::Shaking shaken;
    for (int again = 0; again != 100; ++again) {
        harness::Crew crew;
        Plain plain;
        auto [tx, rx] = ferry::channel<int, Blocks>();
        crew.start("writer", [&plain, last_use, sender = std::move(tx)]() mutable {
            plain.write();
            last_use(std::move(sender));
        });
        wait(rx);
        plain.read();
        crew.join();
    }
}

const auto send_one = [](auto sender) { harness::says("sent", sender.send(1)); };
const auto just_drop = [](auto sender) { ferry::drop(std::move(sender)); };
const auto drop_a_clone_first = [](auto sender) {
    ferry::drop(sender.clone());
    ferry::drop(std::move(sender));
};

}  // namespace

TEST(S6_what_happened_before_a_send_happens_before_the_recv_of_its_value) {
    happens_before(send_one, [](auto& rx) { harness::says("1", rx.recv()); });
}
TEST(S6_what_happened_before_a_send_happens_before_the_try_recv_of_its_value) {
    happens_before(send_one, [](auto& rx) {
        while (!rx.try_recv()) std::this_thread::yield();
    });
}
TEST(S6_what_happened_before_a_send_happens_before_the_timed_recv_of_its_value) {
    happens_before(send_one, [](auto& rx) {
        while (!rx.recv_for(std::chrono::microseconds(10))) {
        }
    });
}
TEST(S6_what_happened_before_a_send_into_a_new_block_happens_before_the_recv_of_its_value) {
    happens_before(
        [](auto sender) {
            for (int i = 0; i != 3; ++i) harness::says("sent", sender.send(1));
        },
        [](auto& rx) {
            for (int i = 0; i != 3; ++i) harness::says("1", rx.recv());
        });
}
TEST(S21_what_happened_before_the_last_drop_happens_before_the_recv_that_says_disconnected_B8) {
    happens_before(just_drop, [](auto& rx) { harness::says("disconnected", rx.recv()); });
    happens_before(drop_a_clone_first, [](auto& rx) { harness::says("disconnected", rx.recv()); });
}
TEST(S21_what_happened_before_the_last_drop_happens_before_the_try_recv_that_says_disconnected_B8) {
    happens_before(just_drop, [](auto& rx) {
        while (rx.try_recv() != std::unexpected(ferry::TryRecvError::disconnected)) std::this_thread::yield();
    });
}
TEST(S21_what_happened_before_the_last_drop_happens_before_the_timed_recv_that_says_disconnected_B8) {
    happens_before(just_drop, [](auto& rx) {
        while (rx.recv_for(std::chrono::microseconds(1)) != std::unexpected(ferry::RecvTimeoutError::disconnected)) {
        }
    });
}
TEST(S21_what_happened_before_the_last_drop_happens_before_the_end_of_the_loop_B8) {
    happens_before(just_drop, [](auto& rx) {
        for ([[maybe_unused]] const int value : rx) {
        }
    });
}

TEST(S21_what_happened_before_any_drop_happens_before_disconnected_not_only_the_last) {
    const announced::Shaking shaken;
    for (int again = 0; again != 100; ++again) {
        harness::Crew crew;
        std::array<Plain, 3> plain;
        auto [tx, rx] = ferry::channel<int, Blocks>();
        for (Plain& mine : plain) {
            crew.start("writer", [&mine, sender = tx.clone()]() mutable {
                mine.write();
                ferry::drop(std::move(sender));
            });
        }
        ferry::drop(std::move(tx));
        harness::says("disconnected", rx.recv());
        for (const Plain& each : plain) each.read();
        crew.join();
    }
}

TEST(S8_what_the_receiver_did_before_it_closed_happens_before_the_refusal) {
    const announced::Shaking shaken;
    for (int again = 0; again != 100; ++again) {
        harness::Crew crew;
        Plain plain;
        auto [tx, rx] = ferry::channel<int, Blocks>();
        crew.start("receiver", [&plain, receiver = std::move(rx)]() mutable {
            plain.write();
            receiver.close();
        });
        while (tx.send(1)) {
        }
        plain.read();
        crew.join();
    }
}
