// Runs one recipe, round after round, from a seed, for a time; judges every round's history as soon as it is over.
// Stops at the first finding. Keeps in --out: result.json (all along), and the history of a round that is not good.
#include <CLI/CLI.hpp>
#include <signal.h>
#include <sys/prctl.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "actor.hpp"
#include "history.hpp"
#include "oracle.hpp"
#include "round.hpp"
#include "shaken_platform.hpp"
#include "round_watchdog.hpp"

#if defined(FERRY_TEST_SANITIZED)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_ADDRESS__)
#define FERRY_STRESS_LEAKS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FERRY_STRESS_LEAKS
#endif
#endif
#if defined(FERRY_STRESS_LEAKS)
#include <sanitizer/lsan_interface.h>
#endif

namespace stress {

namespace {

std::atomic<bool> interrupted{false};
std::atomic<unsigned> races{0};

struct Options {
    std::string recipe;
    std::uint64_t seed = 1;
    std::uint64_t round = 0;
    bool again = false;
    double seconds = 10;
    unsigned patience = 20;
    std::filesystem::path out = ".";
};

class Run {
  public:
    explicit Run(const Options& options)
        : options_(options),
          watchdog_(std::chrono::seconds(options.patience), [this](const std::string& words) { last_words(words); }) {}

    /// True: nothing was found.
    bool rounds() {
        do {
            one_round();
            write_result();
            if (!options_.again) ++round_;
        } while (findings_.empty() && !interrupted.load() && seconds() < options_.seconds);
        return findings_.empty();
    }

    /// When the process can't go on: what is there of the round is kept. Its threads may still be running.
    void last_words(const std::string& words) {
        if (dying_.exchange(true)) return;
        if (races != 0) findings_.push_back("ThreadSanitizer: reports: " + std::to_string(races));
        if (cast_ != nullptr) {
            cast_->visit([this](const auto&, const History& history) {
                add(traces::what_is_wrong_so_far(history));
                keep(history, nullptr);
            });
        }
        findings_.push_back(words);
        write_result();
    }

  private:
    void add(const std::string& finding) {
        if (!finding.empty()) findings_.push_back(finding);
    }

    void one_round() {
        const std::uint64_t seed = mix(mix(options_.seed, std::hash<std::string>{}(options_.recipe)), round_);
        Lot lot(seed);
        // Small blocks change often, and its steps can be held up; but the platform that is shipped gets its turn, unless a
        // bug is planted, because it takes none.
        const auto& recipes = lot.one_in(4) && !announced::plant.is_there() ? shipped : shaken;
        const auto recipe = std::ranges::find(recipes, options_.recipe, &Recipe::name);
        const std::size_t memory = announced::Account::live;
        const Shaking shaking{Lot(mix(seed, 2))};
        Cast cast(seed);
        cast_ = &cast;
        watchdog_.watch(&cast);
        try {
            recipe->run({cast, lot, lot.one_of({300u, 1000u, 1000u, 4000u})});
        } catch (const std::exception& error) {
            findings_.push_back(std::string("the workload is broken: ") + error.what());
        }
        cast.join();
        watchdog_.watch(nullptr);
        judge(cast);
        if (announced::Account::live != memory) {
            findings_.push_back("S23: memory was left behind: " + std::to_string(announced::Account::live - memory) +
                                " allocations");
        }
        if (!findings_.empty() && !kept_) keep(cast.history(), nullptr);
        cast_ = nullptr;
    }

    void judge(const Cast& cast) {
        const History& history = cast.history();
        ++rounds_;
        threads_ += cast.threads();
        for (const Log& log : history) {
            operations_ += log.size();
            for (std::size_t i = 0; i != log.size(); ++i) channels_ += log[i].step == Step::Open;
        }
        const auto found = complaints(history);
        for (const Complaint& complaint : found) {
            if (findings_.size() < most_findings) findings_.push_back(complaint.statement + ": " + complaint.words);
        }
        if (!found.empty()) keep(history, &found.front().channel);
        add(traces::what_is_wrong(history));
        if (races != 0) findings_.push_back("ThreadSanitizer: reports: " + std::to_string(races));
        if (!announced::Quarantine::is_unspoiled())
            findings_.push_back("S23: somebody wrote to memory that was given back");
#if defined(FERRY_STRESS_LEAKS)
        // Takes as long as a round: not after each.
        if (rounds_ % 16 == 0 && __lsan_do_recoverable_leak_check() != 0)
            findings_.push_back("LeakSanitizer reported a leak");
#endif
    }

    void keep(const History& history, const std::uint32_t* channel) {
        kept_ = true;
        std::ofstream file(options_.out / "history.txt");
        file << "# recipe " << options_.recipe << ", seed " << options_.seed << ", round " << round_ << '\n';
        write(file, history, channel);
    }

    void write_result() {
        const nlohmann::json result = {{"recipe", options_.recipe}, {"seed", options_.seed}, {"round", round_},
                                       {"rounds", rounds_},         {"threads", threads_},   {"channels", channels_},
                                       {"operations", operations_}, {"seconds", seconds()},  {"findings", findings_}};
        const auto path = options_.out / "result.json";
        std::ofstream(path.string() + ".new") << result.dump(2) << '\n';
        std::filesystem::rename(path.string() + ".new", path);
    }

    double seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

    static constexpr std::size_t most_findings = 20;
    const Options& options_;
    const Clock::time_point began_ = Clock::now();
    std::uint64_t round_ = options_.round;
    std::uint64_t rounds_ = 0, threads_ = 0, channels_ = 0, operations_ = 0;
    std::vector<std::string> findings_;
    bool kept_ = false;
    std::atomic<bool> dying_{false};
    Cast* cast_ = nullptr;
    Watchdog watchdog_;
};

Run* running = nullptr;

void on_interrupt(int) { interrupted.store(true); }

[[maybe_unused]] void on_crash(int number) {
    signal(number, SIG_DFL);
    alarm(20);  // what follows is no business of a signal handler; if it hangs, so be it
    std::fprintf(stderr, "Signal %d. The stack of the thread that it came to:\n", number);
    Watchdog::print_stack();
    if (running != nullptr) running->last_words("the process crashed: signal " + std::to_string(number));
    raise(number);
}

void prepare() {
    // Whoever started this may be killed; then nobody would end it.
    prctl(PR_SET_PDEATHSIG, SIGINT);
    signal(SIGINT, on_interrupt);
    signal(SIGTERM, on_interrupt);
#if defined(FERRY_TEST_SANITIZED)
    __sanitizer_set_death_callback([] {
        if (running != nullptr) running->last_words("the process was ended by a sanitizer");
    });
#else
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) signal(number, on_crash);
#endif
}

}  // namespace
}  // namespace stress

#if defined(FERRY_STRESS_RACES)
/// Called by ThreadSanitizer for each of its reports, so that a round goes on to its end and leaves its history.
extern "C" void __tsan_on_report(void*) {
    stress::races.fetch_add(1);
    stress::Watchdog::hurry();
}
#endif

int main(int argc, char** argv) {
    using namespace stress;
    CLI::App app("One recipe of make stress");
    Options options;
    std::string history;
    bool list = false;
    app.add_flag("--list", list, "the names of the recipes");
    app.add_option("--judge", history, "says what is wrong with a history that was kept, instead");
    app.add_option("--recipe", options.recipe);
    app.add_option("--seed", options.seed);
    app.add_option("--round", options.round, "the first");
    app.add_flag("--again", options.again, "that round over and over");
    app.add_option("--seconds", options.seconds);
    app.add_option("--patience", options.patience, "seconds in which something has to move");
    app.add_option("--out", options.out);
    CLI11_PARSE(app, argc, argv);
    const auto& all = shipped;
    if (list) {
        for (const auto& recipe : all) std::cout << recipe.name << '\n';
        return EXIT_SUCCESS;
    }
    if (!history.empty()) {
        std::ifstream file(history);
        const auto found = complaints(read(file));
        for (const Complaint& complaint : found) std::cout << complaint.statement << ": " << complaint.words << '\n';
        return found.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (std::ranges::find(all, options.recipe, &Recipe::name) == all.end()) {
        std::cerr << "no recipe named " << options.recipe << '\n';
        return EXIT_FAILURE;
    }
    prepare();
    std::filesystem::create_directories(options.out);
    Run run(options);
    running = &run;
    const bool good = run.rounds();
    running = nullptr;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
