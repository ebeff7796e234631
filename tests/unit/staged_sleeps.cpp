// One thread is stopped between two instructions of the channel, and others make their calls meanwhile: a receiver is
// about to sleep, or has given up waiting.
// (The numbers B.. are those of spec/BUGS.md.)
#include "harness/scene.hpp"

using harness::check;
using harness::same;
using harness::Stop;
using namespace staged;
using namespace std::chrono_literals;

// ---- a receiver that is about to sleep

TEST(S10_a_send_between_the_receivers_look_and_its_sleep_is_seen_B22) {
    for (const char* const moment : {"RecvPark", "RecvSleep"}) {
        Stop stop(moment);
        Scene scene;
        scene.start_and_stop(stop, "receiver", [&] { scene.recv(); });
        scene.a.send();
        scene.finish(stop, "a1");
    }
}

TEST(S16_the_last_drop_between_the_receivers_look_and_its_sleep_is_seen_B23) {
    for (const char* const moment : {"RecvPark", "RecvSleep"}) {
        Stop stop(moment);
        Scene scene;
        scene.start_and_stop(stop, "receiver", [&] { scene.recv(); });
        scene.drop_senders();
        scene.finish(stop, "disconnected");
    }
}

TEST(S11_a_value_sent_before_the_last_drop_is_not_passed_over_by_a_receiver_that_found_nothing) {
    for (const char* const moment : {"RecvPark", "RecvSleep"}) {
        Stop stop(moment);
        Scene scene;
        scene.start_and_stop(stop, "receiver", [&] { scene.recv(3); });
        scene.a.send();
        scene.b->send();
        scene.drop_senders();
        scene.finish(stop, "a1, b1, disconnected");
    }
}

TEST(S12_a_value_sent_before_the_last_drop_is_not_passed_over_by_try_recv) {
    Stop stop("TryRecvLook");
    Scene scene;
    scene.start_and_stop(stop, "receiver", [&] { scene.try_recv(2); });
    scene.a.send();
    scene.drop_senders();
    scene.finish(stop, "a1, disconnected");
}

TEST(S16_a_value_in_a_new_block_wakes_a_receiver_that_sleeps_B17) {
    Stop stop("RecvSleep");
    Scene scene;
    scene.a.send(slots);
    scene.recv(2);
    scene.start_and_stop(stop, "receiver", [&] { scene.recv(); });
    scene.b->send();
    scene.finish(stop, "a1, a2, b1");
}

TEST(S15_a_drop_that_is_not_the_last_one_neither_ends_nor_wakes_B12) {
    Stop stop("RecvSleep");
    Scene scene;
    scene.start_and_stop(stop, "receiver", [&] { scene.recv(2); });
    scene.a.drop();
    scene.b->send();
    scene.b->drop();
    scene.finish(stop, "b1, disconnected");
}

TEST(S15_a_clone_made_while_the_receiver_waits_with_a_deadline_keeps_the_channel_open_B9) {
    Stop stop("RecvSleepUntil");
    Scene scene;
    scene.start_and_stop(stop, "receiver", [&] {
        scene.recv_for(1h);
        scene.recv();
    });
    auto clone = scene.a.clone(2);
    scene.drop_senders();
    clone.send();
    clone.drop();
    scene.finish(stop, "c1, disconnected");
}

// ---- a receiver that has given up waiting

TEST(S13_S14_a_send_between_the_deadline_and_the_last_look_is_received) {
    Stop stop("RecvWithdraw");
    Scene scene;
    scene.start_and_stop(stop, "receiver", [&] {
        scene.recv_for(0s, 2);
        scene.recv(2);
    });
    scene.a.send();
    stop.go();
    scene.b->send();
    scene.a.send();
    scene.drop_senders();
    scene.finish(stop);
    check(scene.answers == "a1, b1, a2, disconnected" || scene.answers == "a1, timeout, b1, a2", scene.answers);
}

TEST(S13_S16_the_last_drop_between_the_deadline_and_the_last_look_beats_the_timeout) {
    Stop stop("RecvWithdraw");
    Scene scene;
    scene.start_and_stop(stop, "receiver", [&] { scene.recv_for(0s, 2); });
    scene.drop_senders();
    scene.finish(stop, "disconnected, disconnected");
}

TEST(S13_S14_a_waker_that_comes_late_leaves_nothing_behind_for_the_next_sleep_B10) {
    // The sender has taken the flag but not yet left its token when the receiver gives up: that has to take both.
    class Late : public announced::Director {
      public:
        void before(std::string_view step) override {
            if (step == "RecvSleepUntil") asleep.open();
            if (step == "Wake") token_wanted.wait();
            if (step == "RecvTakeToken") token_wanted.open();
        }
        harness::Gate asleep, token_wanted;
    };
    Late late;
    recorded::Recorder recorder;
    {
        auto [a, rx] = recorded::channel<Blocks>();
        recorder.start("a", [&, &sender = a] {
            late.asleep.wait();
            sender.send();
        });
        same("a1", rx.recv_for(5ms));
        late.token_wanted.open();
        recorder.join();
        same("timeout", rx.recv_for(5ms));
        same("timeout", rx.recv_for(5ms));
    }
    recorder.must_be_good();
}
