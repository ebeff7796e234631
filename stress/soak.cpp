// S23 on the shipped platform: a channel lives through burst after burst of a million values, and each time that it has
// been drained, the resident memory of the process is down again; and it does not creep up over time.
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ferry/channel.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr unsigned burst = 1'000'000;
std::atomic<bool> interrupted{false};

/// In KiB.
long resident() {
    long total = 0, pages = 0;
    std::ifstream("/proc/self/statm") >> total >> pages;
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/// What the channel has given back, the allocator may still hold: it is asked to let go, for it is the channel that is
/// looked at here.
long resident_at_rest() {
    malloc_trim(0);
    return resident();
}

struct Memory {
    long before = 0, peak = 0, after = 0;
};

/// One burst: all is sent before any is received. Returns false if a value was lost or out of order.
bool one_burst(const ferry::Sender<std::uint64_t>& tx, ferry::Receiver<std::uint64_t>& rx, Memory& memory) {
    memory.before = resident_at_rest();
    std::thread sender([&tx] {
        for (std::uint64_t i = 0; i != burst; ++i) {
            if (!tx.send(std::uint64_t{i})) std::abort();
        }
    });
    sender.join();
    memory.peak = resident();
    bool good = true;
    // On a thread of its own: what is freed goes to another thread than it came from.
    std::thread receiver([&] {
        for (std::uint64_t i = 0; i != burst; ++i) {
            const auto value = rx.recv();
            good = good && value && *value == i;
        }
    });
    receiver.join();
    memory.after = resident_at_rest();
    return good;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("The soak of make stress-all");
    double seconds = 10;
    std::filesystem::path out = ".";
    app.add_option("--seconds", seconds);
    app.add_option("--out", out);
    CLI11_PARSE(app, argc, argv);
    prctl(PR_SET_PDEATHSIG, SIGINT);
    signal(SIGINT, [](int) { interrupted = true; });
    signal(SIGTERM, [](int) { interrupted = true; });

    using Clock = std::chrono::steady_clock;
    const auto began = Clock::now();
    const auto so_far = [&] { return std::chrono::duration<double>(Clock::now() - began).count(); };
    std::vector<std::string> findings;
    std::uint64_t bursts = 0;
    auto [tx, rx] = ferry::channel<std::uint64_t>();
    Memory memory;
    one_burst(tx, rx, memory);  // what the process itself needs is there from now on
    const long start = memory.after;
    long highest_peak = memory.peak, highest_after = start;
    do {
        if (!one_burst(tx, rx, memory)) findings.push_back("S3, S4: a value was lost or out of order");
        ++bursts;
        highest_peak = std::max(highest_peak, memory.peak);
        highest_after = std::max(highest_after, memory.after);
        const long grown = memory.peak - memory.before, kept = memory.after - memory.before;
        if (grown < 4000) findings.push_back("a million values took no memory: the soak measures nothing");
        if (kept > grown / 10) {
            findings.push_back("S23: a burst of a million took " + std::to_string(grown) +
                               " KiB, and after it was drained " + std::to_string(kept) + " KiB were still held");
        }
        if (memory.after - start > 2000) {
            findings.push_back("S23: after " + std::to_string(bursts) + " bursts, " +
                               std::to_string(memory.after - start) + " KiB more are held than at the start");
        }
    } while (findings.empty() && !interrupted && so_far() < seconds);

    const std::string note = "bursts of a million: resident " + std::to_string(start) + " KiB at rest, " +
                             std::to_string(highest_peak) + " KiB at the most, " + std::to_string(highest_after) +
                             " KiB at the most once drained";
    const nlohmann::json result = {
        {"rounds", bursts},    {"threads", 2 * bursts}, {"channels", 1}, {"operations", 2 * burst * bursts},
        {"seconds", so_far()}, {"findings", findings},  {"note", note}};
    std::filesystem::create_directories(out);
    std::ofstream(out / "result.json") << result.dump(2) << '\n';
    std::cout << note << '\n';
    return findings.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}
