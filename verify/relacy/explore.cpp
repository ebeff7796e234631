// Runs one scenario (verify/scenarios/, as ferry_tools/scenarios.py has checked and translated it) on the shipped header,
// under one of three searches: `sleep-sets` (exhaustive, ours), `full` (Relacy's own, exhaustive, for the smallest) and
// `random` (Relacy's own). Prints progress on stderr and ends with one line of JSON on stdout.
//
// On every execution it checks what execution.hpp lists, and that the outcome (what every call returned, which values were
// destroyed by whom) is one that the contract allows; at the end of an exhaustive search, that every outcome which the
// contract allows was seen. Relacy's own checks (races, use after free, deadlock, livelock, uninitialised reads) are always
// on.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "../read_program.hpp"
#include "execution.hpp"
#include "options.hpp"
#include "values.hpp"

namespace verify {

std::set<std::string, std::less<>> allowed;  // the outcomes that the contract allows

/// How often each outcome was seen. Kept outside of the memory that Relacy watches.
using RawString = rl::string;
std::map<RawString, std::uint64_t, std::less<>, rl::raw_allocator<std::pair<const RawString, std::uint64_t>>> outcomes;

/// An execution of each of the first outcomes, for the review page. There before an execution begins, because what that
/// allocates would count as its leak.
std::vector<Journal> kept;
std::vector<Text> kept_outcomes;

/// The reads-from graphs that were seen.
std::set<std::uint64_t, std::less<>, rl::raw_allocator<std::uint64_t>> graphs;

// ---- an execution ----------------------------------------------------------------------------------------------

template <unsigned thread_count>
struct Scenario : rl::test_suite<Scenario<thread_count>, thread_count> {
    void before() {
        journal.clear();
        for (auto& w : waits_for) w = nullptr;
        threads_ended = false;
        dependences.clear();
        graph.clear();
        begin_execution();
        follower.begin_execution();
        algorithm.begin_execution();
    }

    void thread(unsigned index) { run_thread(index); }

    void after() {
        threads_ended = true;
        const bool is_new = graphs.insert(graph.hash()).second;
        if (is_new && search.is_redundant)
            fail("an execution that sleep sets take for redundant has a new reads-from graph");
        end_execution();
        const std::string_view seen = outcome.text;
        if (!allowed.contains(seen)) fail("the contract does not allow this outcome");
        if (const auto known = outcomes.find(seen); known != outcomes.end()) {
            ++known->second;
        } else {
            outcomes.emplace(RawString(seen.begin(), seen.end()), 1);
            if (outcomes.size() <= kept.size()) {
                kept[outcomes.size() - 1] = journal;
                kept_outcomes[outcomes.size() - 1] = outcome;
            }
        }
    }
};

// ---- the program ---------------------------------------------------------------------------------------------------

void read_scenario(const std::string& path, const Options& options) {
    const auto json = nlohmann::json::parse(std::ifstream(path));
    program = read_program(json);
    set_up(json.at("looks"), json.at("slow_wake_up"));
    follower.capacity = program.capacity;
    algorithm.is_bounded = program.capacity >= 0;
    journal.regions.has_positions = program.capacity >= 0;
    follower.read(json.at("labels"), json.at("steps"), options.without_step);
    if (options.algorithm) algorithm.read(json.at("algorithm"), options.without_kind);
    allowed.insert(json.at("allowed").begin(), json.at("allowed").end());
}

void show_progress(const Search& s) {
    using Clock = std::chrono::steady_clock;
    static auto next = Clock::now();
    if (Clock::now() < next) return;
    next = Clock::now() + std::chrono::seconds(1);
    std::fprintf(stderr, "%llu\n", static_cast<unsigned long long>(s.executions + s.redundant));
}

template <unsigned thread_count>
nlohmann::json explore(const Options& options) {
    using Test = Scenario<thread_count>;
    std::ostream nowhere(nullptr);
    std::ostringstream state;
    rl::ostringstream unused;
    rl::test_params params;
    params.output_stream = params.progress_stream = &nowhere;
    params.execution_depth_limit = 2000;
    params.iteration_count = options.executions;
    threads_in_all = thread_count;
    every_store = every_store || options.method != Method::sleep_sets;
    search.limit = options.executions;
    search.progress = show_progress;
    rl::test_result_e result{};
    bool exhaustive = true;
    switch (options.method) {
        case Method::sleep_sets:
            params.search_type = rl::sched_full;
            result = rl::run_test<Test, SleepSets<thread_count>>(params, unused, false);
            exhaustive = !search.cut_off;
            break;
        case Method::full:
            params.search_type = rl::sched_full;
            result = rl::run_test<Test, rl::full_search_scheduler<thread_count>>(params, unused, false);
            search.executions = params.stop_iteration;
            break;
        case Method::random:
            params.search_type = rl::sched_random;
            params.iteration_count = options.seed + options.executions - 1;
            state << options.seed;  // Relacy seeds each execution with its number
            params.initial_state.assign(state.view());
            result = rl::run_test<Test, rl::random_scheduler<thread_count>>(params, unused, false);
            search.executions = params.stop_iteration - options.seed + 1;
            exhaustive = false;
            break;
    }
    nlohmann::json report{
        {"executions", search.executions}, {"redundant", search.redundant}, {"outcomes", nlohmann::json::array()}};
    std::uint64_t all_graphs = 0;
    for (const std::uint64_t g : graphs) all_graphs += g;
    report["graphs"] = graphs.size();
    report["graphs_hash"] = all_graphs;
    report["deepest_read"] = deepest_read;
    for (const auto& [text, times] : outcomes) report["outcomes"].push_back(std::string(text.begin(), text.end()));
    if (result != rl::test_result_success) {
        // The execution that fails is the last; Relacy did not count it as ended.
        if (options.method == Method::sleep_sets) ++report["executions"].get_ref<std::uint64_t&>();
        const rl::string relacy_says = rl::test_result_str(result);
        report["failure"] =
            failure[0] != 0 ? std::string(failure) : std::string(relacy_says.begin(), relacy_says.end());
        if (result == rl::test_result_data_race) {
            report["failure"] =
                "DATA RACE: " + std::string(last_access.what) + " " + journal.regions.text(last_access.where);
        }
        if (!outcome.empty()) report["outcome"] = outcome.text;
        report["counterexample"] = journal.table(program.thread_names);
        report["execution"] = journal.execution<nlohmann::json>();
    }
    for (std::size_t i = 0; i != std::min(kept.size(), outcomes.size()); ++i)
        report["executions_of"][kept_outcomes[i].text] = kept[i].execution<nlohmann::json>();
    report["exhaustive"] = exhaustive && result == rl::test_result_success;
    return report;
}

/// A crash, or an execution that does not end (a loop without a step is never scheduled away): shows how it came to it.
/// Not a find, nor a result, but an error.
[[noreturn]] void stopped(int signal) {
    for (const int s : {SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGALRM}) std::signal(s, SIG_DFL);
    // What the report allocates is not the execution's.
    rl::context_holder<>::instance_ = nullptr;
    const std::string failure = signal == SIGALRM
                                    ? "stopped after the time that it had, in this execution: a loop without a step, "
                                      "or a scenario that is too large"
                                    : std::string("the explorer crashed in this execution: ") + strsignal(signal);
    const nlohmann::json report{{"failure", failure},
                                {"broken", true},
                                {"executions", search.executions},
                                {"redundant", search.redundant},
                                {"graphs", graphs.size()},
                                {"graphs_hash", 0},
                                {"deepest_read", deepest_read},
                                {"exhaustive", false},
                                {"outcomes", nlohmann::json::array()},
                                {"steps_taken", nlohmann::json::array()},
                                {"plant_met", plant.met},
                                {"counterexample", journal.table(program.thread_names)}};
    std::puts(report.dump().c_str());
    std::fflush(stdout);
    _exit(3);
}
void report_when_stopped(unsigned seconds) {
    static std::byte stack[1 << 17];  // the thread's own may be what has run out
    stack_t own{};
    own.ss_sp = stack;
    own.ss_size = sizeof stack;
    sigaltstack(&own, nullptr);
    struct sigaction action{};
    action.sa_handler = stopped;
    action.sa_flags = SA_ONSTACK;
    for (const int s : {SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGALRM}) sigaction(s, &action, nullptr);
    if (seconds != 0) alarm(seconds);
}

int run(const Options& options) {
    report_when_stopped(options.seconds);
    kept.resize(options.keep);
    kept_outcomes.resize(options.keep);
    every_store = options.every_store;
    search.branch_on_reuse = options.reuse;
    read_scenario(options.program, options);
    if (const auto sign = options.plant.find('='); sign != std::string::npos) {
        plant.step = options.plant.substr(0, sign);
        const std::map<std::string, rl::memory_order> orders{
            {"relaxed", rl::mo_relaxed}, {"acquire", rl::mo_acquire}, {"release", rl::mo_release}};
        const std::string what = options.plant.substr(sign + 1);
        const auto order = orders.find(what);
        if (order != orders.end()) plant.order = order->second;
        plant.split = what == "split";
        if (!plant.order && !plant.split && what != "omitted") plant.breaks = what;
    }
    nlohmann::json report;
    switch (program.threads.size()) {
        case 2: report = explore<2>(options); break;
        case 3: report = explore<3>(options); break;
        case 4: report = explore<4>(options); break;
        default: std::fputs("a scenario has two, three or four threads\n", stderr); return 2;
    }
    report["plant_met"] = plant.met;
    report["steps_taken"] = follower.taken();
    report["algorithm_taken"] = algorithm.taken();
    std::puts(report.dump().c_str());
    std::fflush(stdout);
    // Not by way of destructors: what a failed execution left belongs to a Relacy that is gone.
    _exit(report.contains("failure") ? 1 : 0);
}

}  // namespace verify

int main(int argc, char** argv) {
    verify::Options options;
    if (const auto refused = verify::read_options(argc, argv, options)) return *refused;
    return verify::run(options);
}
