// One thread is stopped between two instructions of the channel, and others make their calls meanwhile: a block is
// being installed.
// (The numbers B.. are those of spec/BUGS.md.)
#include "harness/scene.hpp"

using harness::check;
using harness::same;
using harness::Stop;
using namespace staged;
using namespace std::chrono_literals;

// ---- a block being installed

TEST(S20_closing_while_a_block_is_installed_lets_its_value_in_and_stays_closed) {
    Stop stop("InstallPublish", "CloseAwaitInstall");
    Scene scene;
    scene.a.send(slots);
    scene.start_and_stop(stop, "a", [&] { check(scene.a.send(), "the send has succeeded"); });
    scene.rx.close();
    const bool sent = scene.b->send();
    scene.recv(slots + 2);
    scene.finish(stop, "a1, a2, a3, disconnected");
    check(!sent, "a send after the close fails");
}

TEST(S3_S19_dropping_the_receiver_while_a_block_is_installed_destroys_its_value_and_the_block_B3) {
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

TEST(S12_S14_a_block_boundary_is_not_mistaken_for_emptiness) {
    // The new block is there, and a value in it, but it is not linked to the old one yet.
    Stop stop("InstallLink", "RecvAwaitNext");
    Scene scene;
    scene.a.send(slots);
    scene.recv(2);
    scene.start_and_stop(stop, "a", [&] { scene.a.send(); });
    scene.b->send();
    scene.try_recv();
    scene.recv_for(0s);
    scene.try_recv();
    scene.finish(stop, "a1, a2, a3, b1, empty");
}

TEST(S11_a_block_boundary_is_not_mistaken_for_the_end) {
    Stop stop("InstallPublish", "RecvAwaitInstall");
    Scene scene;
    scene.a.send(slots);
    scene.b->drop();
    scene.recv(2);
    scene.start_and_stop(stop, "a", [&] {
        scene.a.send();
        scene.a.drop();
    });
    scene.recv(2);
    scene.finish(stop, "a1, a2, a3, disconnected");
}

TEST(S7_a_sender_that_finds_another_installing_goes_on_when_the_block_is_there) {
    Stop stop("InstallPublish", "SendAwaitInstall");
    Scene scene;
    scene.a.send(slots);
    scene.start_and_stop(stop, "a", [&] { scene.a.send(); });
    check(scene.b->send(), "the other send has succeeded");
    scene.recv(slots + 2);
    scene.finish(stop, "a1, a2, a3, b1");
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
        scene.recv(slots + 2);
    });
    refused.wait();
    scene.finish(installing, "a1, a2, a3, disconnected");
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

/// An empty channel, whose next send has to install a block.
std::pair<Tx, Rx> channel_at_the_end_of_a_block() {
    auto ends = recorded::channel<Blocks>();
    ends.first.send(slots);
    for (const char* const answer : {"a1", "a2"}) same(answer, ends.second.recv());
    return ends;
}

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
        auto [a, rx] = channel_at_the_end_of_a_block();
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
        auto [a, rx] = channel_at_the_end_of_a_block();
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
        auto [a, rx] = channel_at_the_end_of_a_block();
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
