// Records what real threads do to the shipped header, and judges it by the contract. `make verify` calls this
// (ferry_tools/real_threads.py); each use ends with one line of JSON on stdout.
//
//   scenarios   runs scenarios, each many times
//   random      runs programs made at random, until there are so many events
//   judge       judges traces from a file
//   agree       compares the oracle with the state graphs that TLC made of scenarios
//
// Besides the oracle's (judge.hpp), there are these checks on every run: plain data that a scenario writes is seen where
// that happens before; a send that fails leaves the value; no timed receive gives up too early; when the last handle is
// gone, all memory is; the threads come to an end.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "../lots.hpp"
#include "agree.hpp"
#include "judge.hpp"
#include "random_program.hpp"
#include "recording.hpp"
#include "trace_json.hpp"

namespace traces {

using nlohmann::json;

struct Options {
    std::vector<std::string> files;
    std::string out;
    std::uint64_t seed = 1, events = 1'000'000;
    unsigned times = 100, keep = 4, small_programs = 50, patience = 20;
};

/// What became of the runs of one program, or of all that were made at random.
class Account {
  public:
    Account(std::string name, const std::string& out) : name_(std::move(name)), out_(out, std::ios::app) {}

    /// Whether all is well so far.
    bool is_good() const { return failure_.empty(); }
    std::size_t events() const { return events_; }

    /// Judges it. Keeps it, if it is to be kept, and does not look like one before.
    void take(Recorded recorded, bool keep) {
        const Trace& trace = recorded.trace;
        ++runs_;
        events_ += trace.events();
        const bool is_new = distinct_.insert(fingerprint(trace)).second;
        failure_ = judge(trace).accepted ? recorded.failure : "the oracle rejects it";
        if (recorded.hangs) failure_ = recorded.failure;
        if (!is_good()) {
            failed_ = std::move(recorded.trace);
        } else if (is_new && keep) {
            ++kept_;
            out_ << as_json(trace) << '\n';
        }
        // The threads that hang are not waited for.
        if (recorded.hangs) report(), _exit(3);
    }
    std::size_t kept() const { return kept_; }

    /// For each program that is through: a line of JSON.
    void report() const {
        json report{
            {"name", name_}, {"runs", runs_}, {"events", events_}, {"distinct", distinct_.size()}, {"kept", kept_}};
        if (!is_good()) report.update({{"failure", failure_}, {"trace", as_json(failed_)}, {"table", table(failed_)}});
        std::puts(report.dump().c_str());
        std::fflush(stdout);
    }

  private:
    std::string name_;
    std::ofstream out_;
    std::size_t runs_ = 0, events_ = 0, kept_ = 0;
    std::unordered_set<std::size_t> distinct_;
    std::string failure_;
    Trace failed_;
};

void run_scenario(const std::string& file, const Options& options) {
    const json scenario = json::parse(std::ifstream(file));
    const Program program = verify::read_program(scenario);
    const Blocks blocks{scenario.at("block").at(0), scenario.at("block").at(1)};
    const std::string name = scenario.at("name");
    Account account(name, options.out);
    for (unsigned i = 0; i != options.times && account.is_good(); ++i) {
        Recorded recorded = record(blocks, program, scenario.at("handles"), verify::mix(options.seed, i),
                                   std::chrono::seconds(options.patience));
        recorded.trace.name = name + "." + std::to_string(i);
        recorded.trace.origin = "scenario " + name;
        account.take(std::move(recorded), account.kept() < options.keep);
    }
    account.report();
}

/// Small ones first, to be kept; then large ones.
void run_random(const Options& options) {
    constexpr unsigned few = 20, many = 20'000;  // operations
    Account account("programs made at random", options.out);
    for (unsigned i = 0; account.is_good() && (i < options.small_programs || account.events() < options.events); ++i) {
        const bool is_small = i < options.small_programs;
        const std::uint64_t seed = verify::mix(options.seed, i);
        const auto& sizes = sizes_of_blocks();
        const Blocks& blocks = sizes[seed / 8 % sizes.size()];
        const RandomProgram program(seed, 2 + seed % 5, is_small ? few + seed % few : many, blocks.is_bounded());
        Recorded recorded =
            record(blocks, program.program(), program.handles(), seed, std::chrono::seconds(options.patience));
        recorded.trace.name = "lot." + std::to_string(i);
        recorded.trace.origin = "a program made at random";
        account.take(std::move(recorded), is_small);
    }
    account.report();
}

void judge_traces(const std::string& file) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.empty()) continue;
        const Trace trace = from_json(json::parse(line));
        const Verdict verdict = judge(trace);
        std::puts(json{{"name", trace.name},
                       {"accepted", verdict.accepted},
                       {"explained", verdict.explained},
                       {"table", table(trace)}}
                      .dump()
                      .c_str());
    }
}

void compare_with_contract(const std::vector<std::string>& files) {
    std::size_t states = 0, steps = 0;
    json differences = json::array();
    for (const std::string& file : files) {
        const json scenario = json::parse(std::ifstream(file));
        Agreement agreement(scenario);
        const std::string difference = agreement.compare();
        if (!difference.empty()) differences.push_back(scenario.at("name").get<std::string>() + ": " + difference);
        states += agreement.states();
        steps += agreement.steps();
    }
    std::puts(json{{"graphs", files.size()}, {"states", states}, {"steps", steps}, {"differences", differences}}
                  .dump()
                  .c_str());
}

}  // namespace traces

int main(int argc, char** argv) {
    traces::Options options;
    CLI::App app("Records what real threads do to the channel, and judges it. `make verify` calls this.");
    app.require_subcommand(1);
    CLI::App* const scenarios = app.add_subcommand("scenarios", "runs scenarios, each many times");
    CLI::App* const random = app.add_subcommand("random", "runs programs made at random");
    CLI::App* const judge = app.add_subcommand("judge", "judges traces, one a line of a file");
    CLI::App* const agree = app.add_subcommand("agree", "compares the oracle with the contract's state graphs");
    for (CLI::App* const with_files : {scenarios, judge, agree}) {
        with_files->add_option("files", options.files, "translated scenarios; or files of traces")
            ->required()
            ->check(CLI::ExistingFile);
    }
    for (CLI::App* const runs : {scenarios, random}) {
        runs->add_option("--seed", options.seed, "of all lots");
        runs->add_option("--out", options.out, "the file that traces which are kept are added to")->required();
        runs->add_option("--patience", options.patience, "seconds after which threads hang");
    }
    scenarios->add_option("--times", options.times, "how often each is run");
    scenarios->add_option("--keep", options.keep, "how many traces of each, that look different");
    random->add_option("--events", options.events, "stop after so many");
    random->add_option("--small-programs", options.small_programs, "how many small ones, whose traces are kept");
    CLI11_PARSE(app, argc, argv);
    try {
        if (*random) traces::run_random(options);
        if (*agree) traces::compare_with_contract(options.files);
        for (const std::string& file : options.files) {
            if (*scenarios) traces::run_scenario(file, options);
            if (*judge) traces::judge_traces(file);
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "traces: %s\n", error.what());
        return 2;
    }
}
