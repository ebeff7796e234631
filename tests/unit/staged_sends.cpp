// One thread is stopped between two instructions of the channel, and others make their calls meanwhile: a send is
// in the middle of its write, or a handle in the middle of its leaving.
// (The numbers B.. are those of spec/BUGS.md.)
#include "harness/scene.hpp"

using harness::check;
using harness::same;
using harness::Stop;
using namespace staged;
using namespace std::chrono_literals;

// ---- a send in the middle of its write

TEST(S12_try_recv_never_says_empty_after_a_send_while_an_earlier_slot_is_being_written) {
    Stop stop("SendReady", "RecvAwaitReady");
    Scene scene;
    scene.start_and_stop(stop, "a", [&] { scene.a.send(); });
    scene.b->send();
    scene.try_recv(3);
    scene.finish(stop, "a1, b1, empty");
    check(stop.was_waited_for(), "try_recv waited for the send in progress");
}

TEST(S13_a_timed_receive_never_says_timeout_after_a_send_while_an_earlier_slot_is_being_written) {
    Stop stop("SendReady", "RecvAwaitReady");
    Scene scene;
    scene.start_and_stop(stop, "a", [&] { scene.a.send(); });
    scene.b->send();
    scene.recv_for(0s, 3);
    scene.finish(stop, "a1, b1, timeout");
}

TEST(S11_recv_never_says_disconnected_while_a_send_is_in_progress) {
    Stop stop("SendReady", "RecvAwaitReady");
    Scene scene;
    scene.start_and_stop(stop, "a", [&] {
        scene.a.send();
        scene.a.drop();
    });
    scene.b->send();
    scene.b->drop();
    scene.recv(3);
    scene.finish(stop, "a1, b1, disconnected");
}

TEST(S7_a_send_does_not_wait_for_another_that_is_in_the_middle_of_its_write) {
    Stop stop("SendReady");
    Scene scene;
    scene.start_and_stop(stop, "a", [&] { scene.a.send(); });
    check(scene.b->send(), "the other send has succeeded");
    scene.finish(stop);
}

TEST(S19_dropping_the_receiver_destroys_also_what_a_send_is_still_putting_in_B7) {
    Stop stop("SendReady", "RecvAwaitReady");
    Scene scene;
    scene.start_and_stop(stop, "a", [&] { check(scene.a.send(), "the send has succeeded"); });
    scene.rx.drop();
    check(!scene.b->send(), "a later send fails");
    scene.finish(stop);
    check(stop.was_waited_for(), "the drop waited for the send in progress");
}

TEST(S20_closing_during_a_send_lets_its_value_in_and_the_next_one_not) {
    Stop stop("SendReady", "RecvAwaitReady");
    Scene scene;
    scene.start_and_stop(stop, "a", [&] { check(scene.a.send(), "the send has succeeded"); });
    scene.rx.close();
    check(!scene.b->send(), "a later send fails");
    scene.recv(2);
    scene.finish(stop, "a1, disconnected");
}

// ---- the end

TEST(S22_a_receiver_can_be_dropped_between_the_last_senders_two_steps) {
    for (const char* const moment : {"DropLastSender", "Leave"}) {
        Stop stop(moment);
        Scene scene;
        scene.b->drop();
        scene.start_and_stop(stop, "a", [&] { scene.a.drop(); });
        scene.rx.drop();
        scene.finish(stop);
    }
}

TEST(S22_the_last_sender_can_be_dropped_between_the_receivers_two_steps) {
    for (const char* const moment : {"Close", "DropSpare", "Leave"}) {
        Stop stop(moment);
        Scene scene;
        scene.a.send(3 * slots);
        scene.start_and_stop(stop, "receiver", [&] { scene.rx.drop(); });
        scene.drop_senders();
        scene.finish(stop);
    }
}

TEST(S16_S21_S22_a_waker_is_through_with_the_channel_before_it_is_freed_B21) {
    // The last sender has seen that the receiver sleeps; before it wakes it, that one gives up, and leaves.
    class Asleep : public Stop {
      public:
        using Stop::Stop;
        void before(std::string_view step) override {
            if (step == "RecvSleepUntil") asleep.open();
            Stop::before(step);
        }
        harness::Gate asleep;
    };
    Asleep director("WakeClaim");
    recorded::Recorder recorder;
    int plain = 0;
    {
        auto [a, rx] = recorded::channel<Blocks>();
        recorder.start("a", [&, sender = std::move(a)]() mutable {
            director.asleep.wait();
            plain = 1;
            sender.drop();
        });
        same("disconnected", rx.recv_for(5ms));
        check(plain == 1, "what the sender did before is seen");
        rx.drop();
        director.go();
        recorder.join();
    }
    recorder.must_be_good();
}
