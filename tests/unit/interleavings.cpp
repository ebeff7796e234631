// Threads that take turns, in a thousand interleavings each, over blocks so small that every few values one changes.
// Each run's trace must be good, and whatever the scenario promises besides.
#include <functional>

#include "harness/test.hpp"
#include "harness/turns.hpp"
#include "harness/recorded.hpp"

using harness::check;
using harness::same;
using harness::Turns;

namespace {

constexpr unsigned seeds = 400;

template <unsigned slots>
using Blocks = announced::Platform<slots>;

/// One run: a recorder, and turns for the threads that are added to it.
class Run {
  public:
    Run(unsigned seed, unsigned players) : turns_(seed, players) {}

    template <class Work>
    void add(const std::string& name, Work work) {
        recorder.start(name, turns_.player(added_++, std::move(work)));
    }

    recorded::Recorder recorder;

  private:
    Turns turns_;
    unsigned added_ = 0;
};

/// Calls `once(seed)` for all seeds, and tells which of them it was that failed.
void with_many_seeds(const std::function<void(unsigned)>& once) {
    for (unsigned seed = 0; seed != seeds; ++seed) {
        try {
            once(seed);
        } catch (CppUnit::Exception& failure) {
            CppUnit::Message message = failure.message();
            message.addDetail("with seed " + std::to_string(seed));
            throw CppUnit::Exception(message, failure.sourceLine());
        }
    }
}

/// The receiver iterates while the senders send `values` each and are dropped.
template <unsigned slots>
void iterate_over(unsigned senders, unsigned values) {
    with_many_seeds([&](unsigned seed) {
        Run run(seed, senders + 1);
        {
            auto [tx, rx] = recorded::channel<Blocks<slots>>();
            for (unsigned i = 1; i != senders; ++i) {
                run.add("sender " + std::to_string(i),
                        [values, sender = tx.clone(i)]() mutable { sender.send(values); });
            }
            run.add("sender 0", [values, sender = std::move(tx)]() mutable { sender.send(values); });
            run.add("receiver", [receiver = std::move(rx)]() mutable { receiver.iterate(); });
        }
        run.recorder.join();
        run.recorder.must_be_good();
    });
}

/// One sender sends three values and another two, while the receiver, on a thread of its own, does as it pleases.
template <unsigned slots, class Receive>
void receive_as_it_pleases(Receive receive) {
    with_many_seeds([&](unsigned seed) {
        Run run(seed, 3);
        {
            auto [tx, rx] = recorded::channel<Blocks<slots>>();
            run.add("sender b", [sender = tx.clone(1)]() mutable { sender.send(2); });
            run.add("sender a", [sender = std::move(tx)]() mutable { sender.send(3); });
            run.add("receiver", [&receive, receiver = std::move(rx)]() mutable { receive(receiver); });
        }
        run.recorder.join();
        run.recorder.must_be_good();
    });
}

constexpr unsigned all_values = 5;

const auto try_until_the_end = [](auto& receiver) {
    for (std::string answer; answer != "disconnected"; answer = receiver.try_recv()) {
    }
    check(receiver.received() == all_values, "everything was received before `disconnected`");
    same("disconnected", receiver.try_recv());
};

const auto give_up_and_try_again = [](auto& receiver) {
    for (std::string answer; answer != "disconnected"; answer = receiver.recv_for(std::chrono::nanoseconds(0))) {
    }
    check(receiver.received() == all_values, "everything was received before `disconnected`");
};

const auto mix_all_ways_to_receive = [](auto& receiver) {
    std::string answer;
    for (unsigned i = 0; answer != "disconnected"; ++i) {
        answer = i % 3 == 0   ? receiver.try_recv()
                 : i % 3 == 1 ? receiver.recv_for(std::chrono::nanoseconds(0))
                              : receiver.recv();
    }
    check(receiver.received() == all_values, "everything was received before `disconnected`");
};

const auto drop_at_once = [](auto& receiver) { receiver.drop(); };

const auto take_two_and_drop = [](auto& receiver) {
    receiver.recv();
    receiver.recv();
    receiver.drop();
};

const auto take_one_and_close_and_drain = [](auto& receiver) {
    receiver.recv();
    receiver.close();
    while (receiver.recv() != "disconnected") {
    }
    same("disconnected", receiver.try_recv());
    receiver.close();
    same("disconnected", receiver.recv_for(std::chrono::hours(1)));
};

const auto close_and_drop = [](auto& receiver) {
    receiver.try_recv();
    receiver.close();
    receiver.drop();
};

}  // namespace

TEST(S3_S4_S5_S16_S17_one_sender_iterated_over_in_many_interleavings) { iterate_over<2>(1, 5); }
TEST(S3_S4_S5_S16_S17_two_senders_iterated_over_in_many_interleavings) { iterate_over<4>(2, 3); }
TEST(S3_S4_S5_S16_S17_three_senders_iterated_over_in_many_interleavings) { iterate_over<2>(3, 2); }
TEST(S3_S4_S5_S16_S17_a_block_for_every_value_in_many_interleavings) { iterate_over<1>(2, 3); }

TEST(S11_S12_S15_try_recv_to_the_end_in_many_interleavings) {
    receive_as_it_pleases<2>(try_until_the_end);
    receive_as_it_pleases<1>(try_until_the_end);
}
TEST(S11_S13_S14_receiving_with_expired_deadlines_in_many_interleavings) {
    receive_as_it_pleases<2>(give_up_and_try_again);
    receive_as_it_pleases<1>(give_up_and_try_again);
}
TEST(S10_S11_S12_S13_all_ways_to_receive_in_many_interleavings) {
    receive_as_it_pleases<3>(mix_all_ways_to_receive);
    receive_as_it_pleases<1>(mix_all_ways_to_receive);
}
TEST(S3_S8_S19_the_receiver_dropped_at_once_in_many_interleavings) {
    receive_as_it_pleases<2>(drop_at_once);
    receive_as_it_pleases<1>(drop_at_once);
}
TEST(S3_S8_S19_the_receiver_dropped_half_way_in_many_interleavings) {
    receive_as_it_pleases<2>(take_two_and_drop);
    receive_as_it_pleases<1>(take_two_and_drop);
}
TEST(S3_S8_S20_closing_and_draining_in_many_interleavings) {
    receive_as_it_pleases<2>(take_one_and_close_and_drain);
    receive_as_it_pleases<1>(take_one_and_close_and_drain);
}
TEST(S3_S8_S19_S20_closing_and_dropping_in_many_interleavings) {
    receive_as_it_pleases<2>(close_and_drop);
    receive_as_it_pleases<1>(close_and_drop);
}

TEST(S15_S17_S22_clones_made_and_dropped_under_way_in_many_interleavings) {
    with_many_seeds([](unsigned seed) {
        Run run(seed, 3);
        {
            auto [tx, rx] = recorded::channel<Blocks<2>>();
            run.add("sender b", [sender = tx.clone(1)]() mutable {
                auto clone = sender.clone(2);
                sender.drop();
                clone.send(2);
            });
            run.add("sender a", [sender = std::move(tx)]() mutable {
                sender.send();
                const auto never_sends = sender.clone(3);
                sender.drop();
            });
            run.add("receiver", [receiver = std::move(rx)]() mutable { receiver.iterate(); });
        }
        run.recorder.join();
        run.recorder.must_be_good();
    });
}

TEST(S16_a_sender_that_stays_waits_for_an_answer_in_many_interleavings) {
    // The drop of the last sender wakes, too: a send that wakes nobody is only noticed while a sender stays.
    with_many_seeds([](unsigned seed) {
        Run run(seed, 2);
        {
            auto [questions_tx, questions_rx] = recorded::channel<Blocks<2>>();
            std::atomic<bool> answered{false};
            run.add("asker", [&answered, sender = std::move(questions_tx)]() mutable {
                sender.send();
                const announced::Atomic<int> wait("answer", 0);
                wait.await("the asker waits", [&](int) { return answered.load(); }, std::memory_order::relaxed);
                sender.send(3);
            });
            run.add("answerer", [&answered, receiver = std::move(questions_rx)]() mutable {
                same("a1", receiver.recv());
                answered = true;
                receiver.iterate();
            });
            run.recorder.join();
        }
        run.recorder.must_be_good();
    });
}

TEST(S26_two_threads_sending_through_one_sender_in_many_interleavings) {
    with_many_seeds([](unsigned seed) {
        Run run(seed, 3);
        {
            auto [tx, rx] = recorded::channel<Blocks<2>>();
            const auto shared = std::make_shared<const recorded::Sender<Blocks<2>>>(std::move(tx));
            for (const std::uint32_t letter : {0u, 1u}) {
                run.add(letter == 0 ? "first" : "second", [shared, voice = recorded::Voice(letter)]() mutable {
                    for (int i = 0; i != 3; ++i) check(voice.send(*shared), "the send succeeds");
                });
            }
            run.add("receiver", [owned = std::move(rx)]() mutable {
                for (int i = 0; i != 6; ++i) check(owned.recv() != "disconnected", "a value comes");
            });
            run.recorder.join();
        }
        run.recorder.must_be_good();
    });
}

TEST(S20_S22_S24_allocations_that_fail_under_way_in_many_interleavings) {
    // Turns, and now and then no memory. Who was refused tries again: the channel is as it was.
    class Needy : public Turns {
      public:
        using Turns::Turns;
        bool has_memory() override { return ++asked_ % 3 == 0; }

      private:
        unsigned asked_ = 1;  // the channel itself is allocated
    };
    with_many_seeds([](unsigned seed) {
        recorded::Recorder recorder;
        Needy turns(seed, 3);
        const auto persist = [](auto& tx, unsigned values) {
            return [values, sender = std::move(tx)]() mutable {
                for (unsigned sent = 0; sent != values;) {
                    try {
                        sender.send();
                        ++sent;
                    } catch (const std::bad_alloc&) {
                    }
                }
            };
        };
        {
            auto [tx, rx] = [] {
                for (;;) {
                    try {
                        return recorded::channel<Blocks<1>>();
                    } catch (const std::bad_alloc&) {
                    }
                }
            }();
            auto clone = tx.clone(1);
            recorder.start("sender b", turns.player(0, persist(clone, 3)));
            recorder.start("sender a", turns.player(1, persist(tx, 2)));
            recorder.start("receiver", turns.player(2, [seed, receiver = std::move(rx)]() mutable {
                if (seed % 2 == 0) return receiver.iterate();
                receiver.recv();
                receiver.close();
                while (receiver.recv() != "disconnected") {
                }
            }));
        }
        recorder.join();
        recorder.must_be_good();
    });
}
