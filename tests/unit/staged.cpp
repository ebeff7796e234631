// One thread is stopped between two instructions of the channel, and others make their calls meanwhile: the moments at
// which real channels have gone wrong. (The numbers B.. are those of spec/BUGS.md.)
//
// What the others are told is written down first, and compared when the stopped thread has gone on: so a wrong answer
// is reported as such, and not as a test that is stuck.
#include "harness/stop.hpp"
#include "harness/test.hpp"
#include "harness/recorded.hpp"

using harness::check;
using harness::same;
using harness::Stop;
using namespace std::chrono_literals;

namespace {

constexpr unsigned slots = 2;
using Blocks = announced::Platform<slots>;
using Tx = recorded::Sender<Blocks>;
using Rx = recorded::Receiver<Blocks>;
using Answers = std::vector<std::string>;

void same_answers(const Answers& expected, const Answers& actual,
                  std::source_location where = std::source_location::current()) {
    const auto in_one_line = [](const Answers& answers) {
        std::string line;
        for (const std::string& answer : answers) line += (line.empty() ? "" : ", ") + answer;
        return line;
    };
    same(in_one_line(expected), in_one_line(actual), where);
}

/// A recorded channel with senders a and b.
struct Scene {
    recorded::Recorder recorder;
    std::pair<Tx, Rx> ends = recorded::channel<Blocks>();
    Tx& a = ends.first;
    Rx& rx = ends.second;
    std::optional<Tx> b = a.clone(1);
    Answers answers;

    /// A thread makes these calls, and is stopped in the middle of them.
    template <class Calls>
    void start_and_stop(const Stop& stop, const std::string& name, Calls calls) {
        recorder.start(name, std::move(calls));
        stop.wait_until_stopped();
    }
    void ask(std::string answer) { answers.push_back(std::move(answer)); }
    /// Lets the stopped thread go on, waits for it, takes everything down, and looks at the trace.
    void finish(Stop& stop) {
        stop.go();
        recorder.join();
        a.drop();
        if (b) b->drop();
        rx.drop();
        recorder.must_be_good();
    }
};

}  // namespace

// ---- a send in the middle of its write

TEST(S12_try_recv_never_says_empty_after_a_send_while_an_earlier_slot_is_being_written_B13) {
    Stop stop("SendReady", "RecvAwaitReady");
    Scene scene;
    scene.start_and_stop(stop, "a", [&] { scene.a.send(); });
    scene.b->send();
    scene.ask(scene.rx.try_recv());
    scene.ask(scene.rx.try_recv());
    scene.ask(scene.rx.try_recv());
    scene.finish(stop);
    same_answers({"a1", "b1", "empty"}, scene.answers);
    check(stop.was_waited_for(), "try_recv waited for the send in progress");
}

TEST(S13_a_timed_receive_never_says_timeout_after_a_send_while_an_earlier_slot_is_being_written) {
    Stop stop("SendReady", "RecvAwaitReady");
    Scene scene;
    scene.start_and_stop(stop, "a", [&] { scene.a.send(); });
    scene.b->send();
    scene.ask(scene.rx.recv_for(0s));
    scene.ask(scene.rx.recv_for(0s));
    scene.ask(scene.rx.recv_for(0s));
    scene.finish(stop);
    same_answers({"a1", "b1", "timeout"}, scene.answers);
}

TEST(S11_recv_never_says_disconnected_while_a_send_is_in_progress_B16) {
    Stop stop("SendReady", "RecvAwaitReady");
    Scene scene;
    scene.start_and_stop(stop, "a", [&] {
        scene.a.send();
        scene.a.drop();
    });
    scene.b->send();
    scene.b->drop();
    scene.ask(scene.rx.recv());
    scene.ask(scene.rx.recv());
    scene.ask(scene.rx.recv());
    scene.finish(stop);
    same_answers({"a1", "b1", "disconnected"}, scene.answers);
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

TEST(S20_closing_during_a_send_lets_its_value_in_and_the_next_one_not_B15) {
    Stop stop("SendReady", "RecvAwaitReady");
    Scene scene;
    scene.start_and_stop(stop, "a", [&] { check(scene.a.send(), "the send has succeeded"); });
    scene.rx.close();
    check(!scene.b->send(), "a later send fails");
    scene.ask(scene.rx.recv());
    scene.ask(scene.rx.recv());
    scene.finish(stop);
    same_answers({"a1", "disconnected"}, scene.answers);
}

// ---- a block being installed

TEST(S20_closing_while_a_block_is_installed_lets_its_value_in_and_stays_closed) {
    Stop stop("InstallPublish", "CloseAwaitInstall");
    Scene scene;
    scene.a.send(slots);
    scene.start_and_stop(stop, "a", [&] { check(scene.a.send(), "the send has succeeded"); });
    scene.rx.close();
    const bool sent = scene.b->send();
    for (unsigned i = 0; i != slots + 2; ++i) scene.ask(scene.rx.recv());
    scene.finish(stop);
    check(!sent, "a send after the close fails");
    same_answers({"a1", "a2", "a3", "disconnected"}, scene.answers);
}

TEST(S3_S19_dropping_the_receiver_while_a_block_is_installed_destroys_its_value_and_the_block_B2_B3_B4) {
    const std::size_t before = announced::Account::live;
    {
        Stop stop("InstallPublish", "CloseAwaitInstall");
        Scene scene;
        scene.a.send(slots);
        scene.start_and_stop(stop, "a", [&] { check(scene.a.send(), "the send has succeeded"); });
        scene.rx.drop();
        check(!scene.b->send(), "a send after the drop fails");
        scene.finish(stop);
    }
    check(announced::Account::live == before, "nothing is left behind");
}

TEST(S12_S14_a_block_boundary_is_not_mistaken_for_emptiness_B14) {
    // The new block is there, and a value in it, but it is not linked to the old one yet.
    Stop stop("InstallLink", "RecvAwaitNext");
    Scene scene;
    scene.a.send(slots);
    scene.ask(scene.rx.recv());
    scene.ask(scene.rx.recv());
    scene.start_and_stop(stop, "a", [&] { scene.a.send(); });
    scene.b->send();
    scene.ask(scene.rx.try_recv());
    scene.ask(scene.rx.recv_for(0s));
    scene.ask(scene.rx.try_recv());
    scene.finish(stop);
    same_answers({"a1", "a2", "a3", "b1", "empty"}, scene.answers);
}

TEST(S11_a_block_boundary_is_not_mistaken_for_the_end_B14_B16) {
    Stop stop("InstallPublish", "RecvAwaitInstall");
    Scene scene;
    scene.a.send(slots);
    scene.b->drop();
    scene.ask(scene.rx.recv());
    scene.ask(scene.rx.recv());
    scene.start_and_stop(stop, "a", [&] {
        scene.a.send();
        scene.a.drop();
    });
    scene.ask(scene.rx.recv());
    scene.ask(scene.rx.recv());
    scene.finish(stop);
    same_answers({"a1", "a2", "a3", "disconnected"}, scene.answers);
}

TEST(S7_a_sender_that_finds_another_installing_goes_on_when_the_block_is_there) {
    Stop stop("InstallPublish", "SendAwaitInstall");
    Scene scene;
    scene.a.send(slots);
    scene.start_and_stop(stop, "a", [&] { scene.a.send(); });
    check(scene.b->send(), "the other send has succeeded");
    for (unsigned i = 0; i != slots + 2; ++i) scene.ask(scene.rx.recv());
    scene.finish(stop);
    same_answers({"a1", "a2", "a3", "b1"}, scene.answers);
}

TEST(S8_a_sender_that_waits_for_an_installer_is_refused_if_the_receiver_closes_meanwhile) {
    class Installing : public Stop {
      public:
        Installing() : Stop("InstallPublish") {}
        void in_vain(std::string_view step) override {
            if (step == "SendAwaitInstall") another_waits.open();
        }
        harness::Gate another_waits;
    };
    Installing installing;
    Scene scene;
    scene.a.send(slots);
    scene.start_and_stop(installing, "a", [&] { check(scene.a.send(), "the installer's send has succeeded"); });
    harness::Gate refused;
    scene.recorder.start("b", [&] {
        check(!scene.b->send(), "the one that waited is refused, while the installer is still at it");
        refused.open();
    });
    installing.another_waits.wait();
    scene.recorder.start("receiver", [&] {
        scene.rx.close();
        for (unsigned i = 0; i != slots + 2; ++i) scene.ask(scene.rx.recv());
    });
    refused.wait();
    scene.finish(installing);
    same_answers({"a1", "a2", "a3", "disconnected"}, scene.answers);
}

// ---- a receiver that is about to sleep

TEST(S10_a_send_between_the_receivers_look_and_its_sleep_is_seen_B22) {
    for (const char* const moment : {"RecvPark", "RecvSleep"}) {
        Stop stop(moment);
        Scene scene;
        scene.start_and_stop(stop, "receiver", [&] { scene.ask(scene.rx.recv()); });
        scene.a.send();
        scene.finish(stop);
        same_answers({"a1"}, scene.answers);
    }
}

TEST(S16_the_last_drop_between_the_receivers_look_and_its_sleep_is_seen_B11_B23) {
    for (const char* const moment : {"RecvPark", "RecvSleep"}) {
        Stop stop(moment);
        Scene scene;
        scene.start_and_stop(stop, "receiver", [&] { scene.ask(scene.rx.recv()); });
        scene.a.drop();
        scene.b->drop();
        scene.finish(stop);
        same_answers({"disconnected"}, scene.answers);
    }
}

TEST(S11_a_value_sent_before_the_last_drop_is_not_passed_over_by_a_receiver_that_found_nothing_B1) {
    for (const char* const moment : {"RecvPark", "RecvSleep"}) {
        Stop stop(moment);
        Scene scene;
        scene.start_and_stop(stop, "receiver", [&] {
            for (int i = 0; i != 3; ++i) scene.ask(scene.rx.recv());
        });
        scene.a.send();
        scene.b->send();
        scene.a.drop();
        scene.b->drop();
        scene.finish(stop);
        same_answers({"a1", "b1", "disconnected"}, scene.answers);
    }
}

TEST(S12_a_value_sent_before_the_last_drop_is_not_passed_over_by_try_recv_B1) {
    Stop stop("TryRecvLook");
    Scene scene;
    scene.start_and_stop(stop, "receiver", [&] {
        for (int i = 0; i != 2; ++i) scene.ask(scene.rx.try_recv());
    });
    scene.a.send();
    scene.a.drop();
    scene.b->drop();
    scene.finish(stop);
    same_answers({"a1", "disconnected"}, scene.answers);
}

TEST(S16_a_value_in_a_new_block_wakes_a_receiver_that_sleeps_B17) {
    Stop stop("RecvSleep");
    Scene scene;
    scene.a.send(slots);
    scene.ask(scene.rx.recv());
    scene.ask(scene.rx.recv());
    scene.start_and_stop(stop, "receiver", [&] { scene.ask(scene.rx.recv()); });
    scene.b->send();
    scene.finish(stop);
    same_answers({"a1", "a2", "b1"}, scene.answers);
}

TEST(S15_a_drop_that_is_not_the_last_one_neither_ends_nor_wakes_B12) {
    Stop stop("RecvSleep");
    Scene scene;
    scene.start_and_stop(stop, "receiver", [&] {
        for (int i = 0; i != 2; ++i) scene.ask(scene.rx.recv());
    });
    scene.a.drop();
    scene.b->send();
    scene.b->drop();
    scene.finish(stop);
    same_answers({"b1", "disconnected"}, scene.answers);
}

TEST(S15_a_clone_made_while_the_receiver_waits_with_a_deadline_keeps_the_channel_open_B9) {
    Stop stop("RecvSleepUntil");
    Scene scene;
    scene.start_and_stop(stop, "receiver", [&] {
        scene.ask(scene.rx.recv_for(1h));
        scene.ask(scene.rx.recv());
    });
    auto clone = scene.a.clone(2);
    scene.a.drop();
    scene.b->drop();
    clone.send();
    clone.drop();
    scene.finish(stop);
    same_answers({"c1", "disconnected"}, scene.answers);
}

// ---- a receiver that has given up waiting

TEST(S13_S14_a_send_between_the_deadline_and_the_last_look_is_received_B10) {
    Stop stop("RecvWithdraw");
    Scene scene;
    scene.start_and_stop(stop, "receiver", [&] {
        scene.ask(scene.rx.recv_for(0s));
        scene.ask(scene.rx.recv_for(0s));
        scene.ask(scene.rx.recv());
        scene.ask(scene.rx.recv());
    });
    scene.a.send();
    stop.go();
    scene.b->send();
    scene.a.send();
    scene.a.drop();
    scene.b->drop();
    scene.finish(stop);
    same("a1", scene.answers.at(0));
    same("b1", scene.answers.at(scene.answers.at(1) == "timeout" ? 2 : 1));
}

TEST(S13_S16_the_last_drop_between_the_deadline_and_the_last_look_beats_the_timeout) {
    Stop stop("RecvWithdraw");
    Scene scene;
    scene.start_and_stop(stop, "receiver", [&] {
        scene.ask(scene.rx.recv_for(0s));
        scene.ask(scene.rx.recv_for(0s));
    });
    scene.a.drop();
    scene.b->drop();
    scene.finish(stop);
    same_answers({"disconnected", "disconnected"}, scene.answers);
}

TEST(S13_S14_a_waker_that_comes_late_leaves_nothing_behind_for_the_next_sleep) {
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
        scene.a.drop();
        scene.b->drop();
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

// ---- a block that can't be had, with others waiting for it

namespace {

/// Lets one allocation fail, but only when somebody waits for the one who makes it.
class FailWhenAwaited : public announced::Director {
  public:
    explicit FailWhenAwaited(std::string_view await) : await_(await) {}
    bool has_memory() override {
        if (failed_.exchange(true, std::memory_order::relaxed)) return true;
        allocating_.open();
        awaited_.wait();
        return false;
    }
    void in_vain(std::string_view step) override {
        if (step == await_) awaited_.open();
    }
    void wait_for_allocation() const { allocating_.wait(); }

  private:
    const std::string_view await_;
    std::atomic<bool> failed_{false};
    harness::Gate allocating_, awaited_;
};

/// Whether the send throws std::bad_alloc.
bool fails(Tx& tx) {
    try {
        tx.send();
    } catch (const std::bad_alloc&) {
        return true;
    }
    return false;
}

}  // namespace

TEST(S24_a_sender_that_waits_for_an_installer_which_fails_installs_itself) {
    recorded::Recorder recorder;
    {
        auto [a, rx] = recorded::channel<Blocks>();
        auto b = a.clone(1);
        a.send(slots);
        FailWhenAwaited director("SendAwaitInstall");
        recorder.start("a", [&, &sender = a] { check(fails(sender), "the installer's send throws"); });
        director.wait_for_allocation();
        check(b.send(), "the send that waited succeeds");
        recorder.join();
        for (const char* const answer : {"a1", "a2", "b1", "empty"}) same(answer, rx.try_recv());
    }
    recorder.must_be_good();
}

TEST(S10_S24_a_receiver_that_waits_for_an_installer_which_fails_goes_on_waiting_for_a_value) {
    class UntilAsleep : public FailWhenAwaited {
      public:
        UntilAsleep() : FailWhenAwaited("RecvAwaitInstall") {}
        void before(std::string_view step) override {
            if (step == "RecvSleep") asleep.open();
        }
        harness::Gate asleep;
    };
    recorded::Recorder recorder;
    {
        auto [a, rx] = recorded::channel<Blocks>();
        a.send(slots);
        same("a1", rx.recv());
        same("a2", rx.recv());
        UntilAsleep director;
        recorder.start("a", [&, sender = std::move(a)]() mutable {
            check(fails(sender), "the installer's send throws");
            director.asleep.wait();
            check(sender.send(), "the next one succeeds");
        });
        director.wait_for_allocation();
        same("a4", rx.recv());
        same("disconnected", rx.recv());
        recorder.join();
    }
    recorder.must_be_good();
}

TEST(S12_S24_try_recv_during_an_installation_that_fails_says_empty) {
    recorded::Recorder recorder;
    {
        auto [a, rx] = recorded::channel<Blocks>();
        a.send(slots);
        same("a1", rx.recv());
        same("a2", rx.recv());
        FailWhenAwaited director("RecvAwaitInstall");
        recorder.start("a", [&, &sender = a] { check(fails(sender), "the installer's send throws"); });
        director.wait_for_allocation();
        same("empty", rx.try_recv());
        recorder.join();
    }
    recorder.must_be_good();
}

TEST(S21_S24_the_last_drop_after_a_failed_installation_is_seen_by_a_receiver_that_waited_for_it) {
    // The receiver does not look again until the installer has failed and gone.
    class HoldReceiver : public FailWhenAwaited {
      public:
        HoldReceiver() : FailWhenAwaited("RecvAwaitInstall") {}
        void in_vain(std::string_view step) override {
            FailWhenAwaited::in_vain(step);
            if (step == "RecvAwaitInstall") dropped.wait();
        }
        harness::Gate dropped;
    };
    recorded::Recorder recorder;
    int plain = 0;
    {
        auto [a, rx] = recorded::channel<Blocks>();
        a.send(slots);
        same("a1", rx.recv());
        same("a2", rx.recv());
        HoldReceiver director;
        recorder.start("a", [&, sender = std::move(a)]() mutable {
            check(fails(sender), "the installer's send throws");
            plain = 1;
            sender.drop();
            director.dropped.open();
        });
        director.wait_for_allocation();
        same("disconnected", rx.recv());
        check(plain == 1, "what the sender did before is seen");
        recorder.join();
    }
    recorder.must_be_good();
}
