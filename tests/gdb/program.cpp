// Stops where gdb looks at handles in each state (ferry_tools/gdb_printer.py says what it has to print).
#include <ferry/sync_channel.hpp>

#include <chrono>
#include <thread>
#include <utility>

namespace {

[[gnu::noinline]] void gdb_looks_here() { asm volatile(""); }

/// There is no other way to know that a thread sleeps.
void until_it_sleeps() { std::this_thread::sleep_for(std::chrono::seconds(1)); }

}  // namespace

int main() {
    {
        auto [tx, rx] = ferry::channel<int>();
        gdb_looks_here();  // new
        for (int i = 0; i != 1000; ++i) (void)tx.send(+i);
        for (int i = 0; i != 400; ++i) (void)rx.recv();
        auto clone = tx.clone();
        gdb_looks_here();  // 600 queued, over several blocks
        rx.close();
        (void)tx.send(1);
        gdb_looks_here();  // closed
        auto moved = std::move(tx);
        gdb_looks_here();  // moved from
    }
    {
        auto [tx, rx] = ferry::channel<int>();
        std::thread receiver([&rx] { (void)rx.recv(); });
        until_it_sleeps();
        gdb_looks_here();  // the receiver waits
        (void)tx.send(1);
        receiver.join();
        {
            const auto last = std::move(tx);
        }
        gdb_looks_here();  // no sender
    }
    {
        auto [tx, rx] = ferry::sync_channel<int>(2);
        (void)tx.send(1);
        (void)tx.send(2);
        std::thread sender([other = tx.clone()] { (void)other.send(3); });
        until_it_sleeps();
        gdb_looks_here();  // a sender waits
        (void)rx.recv();
        sender.join();
        gdb_looks_here();  // full, and nobody waits
    }
}
