// Records what real threads do to the shipped header, and judges it by the contract. `make verify` calls this
// (verify/traces.py); each use ends with one line of JSON on stdout.
//
//   scenarios   runs scenarios, each many times
//   random      runs programs made by lot, until there are so many events
//   judge       judges traces from a file
//   agree       compares the oracle with the state graphs that TLC made of scenarios
//
// Besides the oracle's (judge.hpp), there are these checks on every run: plain data that a scenario writes is seen where
// that happens before; a send that fails leaves the value; when the last handle is gone, all memory is.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "agree.hpp"
#include "judge.hpp"
#include "random_program.hpp"
#include "recorder.hpp"

namespace traces {

using nlohmann::json;

struct Options {
    std::vector<std::string> files;
    std::string out;
    std::uint64_t seed = 1, events = 1'000'000;
    unsigned times = 100, keep = 4, kept_programs = 50, patience = 20;
    std::string plant;
};

/// Mixes numbers into a seed.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    std::seed_seq numbers{static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(a >> 32), static_cast<std::uint32_t>(b)};
    std::array<std::uint32_t, 2> mixed;
    numbers.generate(mixed.begin(), mixed.end());
    return std::uint64_t{mixed[0]} << 32 | mixed[1];
}

/// Sizes of blocks: those of the scenarios, and those that ship.
template <class... P>
struct Platforms {};
using StandardSizes = Platform<ferry::StandardPlatform::block_slots<Message>, ferry::StandardPlatform::first_block_slots<Message>>;
using AllPlatforms = Platforms<Platform<1, 1>, Platform<2, 1>, Platform<2, 2>, Platform<4, 4>, Platform<16, 8>, StandardSizes>;

template <class F, class... P>
void with_each(Platforms<P...>, F f) {
    (f.template operator()<P>(), ...);
}

struct Recorded {
    Trace trace;
    std::string failure;  // of a check that is not the oracle's
    bool hangs = false;
};

template <class P>
Recorded record(const Program& program, const std::vector<std::string>& handles, std::string name, std::string origin, std::uint64_t seed, const Options& options) {
    Pace::looks_on = seed % 2 == 0;
    constexpr unsigned moods[] = {0, 64, 8, 3};
    // Not on the stack: threads that hang go on using it.
    auto& recorder = *new Recorder<P>(program, seed, moods[seed / 2 % 4]);
    if (!recorder.run(std::chrono::seconds(options.patience))) {
        return {recorder.trace(std::move(name), std::move(origin), handles), "the threads do not come to an end", true};
    }
    Recorded recorded{recorder.trace(std::move(name), std::move(origin), handles), recorder.failure()};
    delete &recorder;
    return recorded;
}

Recorded record(unsigned slots, unsigned first_slots, const Program& program, const std::vector<std::string>& handles, const std::string& name,
                const std::string& origin, std::uint64_t seed, const Options& options) {
    std::optional<Recorded> recorded;
    with_each(AllPlatforms{}, [&]<class P> {
        if (P::template block_slots<Message> == slots && P::template first_block_slots<Message> == first_slots) {
            recorded = record<P>(program, handles, name, origin, seed, options);
        }
    });
    if (!recorded) throw std::runtime_error(name + ": no such size of block: " + std::to_string(slots) + " " + std::to_string(first_slots));
    return std::move(*recorded);
}

/// What became of the runs of one program, or of all that were made by lot.
struct Account {
    std::string name;
    std::size_t runs = 0, events = 0;
    std::set<std::size_t> distinct = {};  // hashes
    std::string failure = "";
    std::optional<Trace> failed = {};

    /// Whether it is the first that looks like this.
    bool take(Recorded recorded) {
        ++runs;
        events += recorded.trace.events();
        failure = recorded.failure;
        if (failure.empty() && !Judge(recorded.trace).judge().accepted) failure = "the oracle rejects it";
        const bool is_new = distinct.insert(looks(recorded.trace)).second;
        if (!failure.empty()) failed = std::move(recorded.trace);
        return is_new;
    }
    json as_json() const {
        json report{{"name", name}, {"runs", runs}, {"events", events}, {"distinct", distinct.size()}};
        if (!failure.empty()) report.update({{"failure", failure}, {"trace", traces::as_json(*failed)}, {"table", table(*failed)}});
        return report;
    }

  private:
    static std::size_t looks(const Trace& trace) {
        std::string bytes;
        for (const Thread& thread : trace.threads) {
            for (const Event& e : thread.events) {
                for (const std::uint32_t n : {static_cast<std::uint32_t>(e.step), e.a, e.b, e.at}) bytes.append(reinterpret_cast<const char*>(&n), sizeof n);
            }
            bytes += '|';
        }
        return std::hash<std::string>{}(bytes);
    }
};

[[noreturn]] void stop(const json& report) {
    std::puts(report.dump().c_str());
    std::fflush(stdout);
    _exit(3);  // threads that hang are not waited for
}

int run_scenarios(const Options& options) {
    std::ofstream out(options.out);
    json report{{"programs", json::array()}};
    for (const std::string& file : options.files) {
        const json scenario = json::parse(std::ifstream(file));
        const Program program = Program::from(scenario);
        Account account{.name = scenario.at("name")};
        unsigned kept = 0;
        bool hangs = false;
        for (unsigned i = 0; i != options.times && account.failure.empty(); ++i) {
            const auto& block = scenario.at("block");
            Recorded recorded = record(block.at(0), block.at(1), program, scenario.at("handles"), account.name + "." + std::to_string(i),
                                       "scenario " + account.name, mix(options.seed, i), options);
            hangs = recorded.hangs;
            const Trace trace = recorded.trace;
            if (account.take(std::move(recorded)) && account.failure.empty() && kept < options.keep) {
                out << as_json(trace) << '\n';
                ++kept;
            }
        }
        report["programs"].push_back(account.as_json());
        if (hangs) stop(report);
    }
    std::puts(report.dump().c_str());
    return 0;
}

/// Small ones first, to be kept for TLC; then large ones.
int run_random(const Options& options) {
    std::ofstream out(options.out);
    Account account{.name = "programs made by lot"};
    std::vector<std::function<Recorded(const RandomProgram&, const std::string&, std::uint64_t)>> platforms;
    with_each(AllPlatforms{}, [&]<class P> {
        platforms.push_back([&](const RandomProgram& p, const std::string& name, std::uint64_t seed) {
            return record<P>(p.program(), p.handles(), name, "program by lot, seed " + std::to_string(seed), seed, options);
        });
    });
    bool hangs = false;
    for (unsigned i = 0; account.failure.empty() && (i < options.kept_programs || account.events < options.events); ++i) {
        const bool is_small = i < options.kept_programs;
        const std::uint64_t seed = mix(options.seed, i);
        const RandomProgram program(seed, 2 + seed % 5, is_small ? 20 + seed % 20 : 20'000);
        Recorded recorded = platforms[seed / 8 % platforms.size()](program, "lot." + std::to_string(i), seed);
        hangs = recorded.hangs;
        const std::optional<Trace> kept = is_small ? std::optional(recorded.trace) : std::nullopt;
        account.take(std::move(recorded));
        if (kept && account.failure.empty()) out << as_json(*kept) << '\n';
    }
    const json report{{"programs", {account.as_json()}}};
    if (hangs) stop(report);
    std::puts(report.dump().c_str());
    return 0;
}

int judge(const Options& options) {
    json verdicts = json::array();
    for (const std::string& file : options.files) {
        std::ifstream in(file);
        for (std::string line; std::getline(in, line);) {
            if (line.empty()) continue;
            const Trace trace = from_json(json::parse(line));
            const Verdict verdict = Judge(trace).judge();
            verdicts.push_back({{"name", trace.name}, {"accepted", verdict.accepted}, {"explained", verdict.explained}, {"table", table(trace)}});
        }
    }
    std::puts(json{{"verdicts", verdicts}}.dump().c_str());
    return 0;
}

int agree(const Options& options) {
    json report{{"graphs", options.files.size()}, {"states", 0}, {"steps", 0}, {"differences", json::array()}};
    for (const std::string& file : options.files) {
        const json scenario = json::parse(std::ifstream(file));
        Agreement agreement(scenario);
        const std::string difference = agreement.compare();
        if (!difference.empty()) report["differences"].push_back(scenario.at("name").get<std::string>() + ": " + difference);
        report["states"] = report["states"].get<std::size_t>() + agreement.states();
        report["steps"] = report["steps"].get<std::size_t>() + agreement.steps();
    }
    std::puts(report.dump().c_str());
    return 0;
}

}  // namespace traces

int main(int argc, char** argv) {
    traces::Options options;
    CLI::App app("Records what real threads do to the channel, and judges it. `make verify` calls this.");
    app.require_subcommand(1);
    CLI::App* const scenarios = app.add_subcommand("scenarios", "runs scenarios, each many times");
    CLI::App* const random = app.add_subcommand("random", "runs programs made by lot");
    CLI::App* const judge = app.add_subcommand("judge", "judges traces, one a line of a file");
    CLI::App* const agree = app.add_subcommand("agree", "compares the oracle with the contract's state graphs");
    for (CLI::App* const with_files : {scenarios, judge, agree}) {
        with_files->add_option("files", options.files, "translated scenarios; or files of traces")->required()->check(CLI::ExistingFile);
    }
    for (CLI::App* const runs : {scenarios, random}) {
        runs->add_option("--seed", options.seed, "of all lots");
        runs->add_option("--out", options.out, "where the traces go that are kept")->required();
        runs->add_option("--patience", options.patience, "seconds after which threads hang");
    }
    scenarios->add_option("--times", options.times, "how often each is run");
    scenarios->add_option("--keep", options.keep, "how many traces of each, that look different");
    scenarios->add_option("--plant", options.plant, "a bug: STEP=omitted, STEP=split")->check(CLI::Validator([](std::string& text) {
        return text.ends_with("=omitted") || text.ends_with("=split") ? "" : "expected STEP=omitted or STEP=split";
    }, "PLANT"));
    random->add_option("--events", options.events, "stop after so many");
    random->add_option("--kept-programs", options.kept_programs, "how many small ones, whose traces are kept");
    CLI11_PARSE(app, argc, argv);
    if (const auto sign = options.plant.find('='); sign != std::string::npos) {
        traces::plant = {options.plant.ends_with("split") ? traces::Plant::Kind::split : traces::Plant::Kind::omitted, options.plant.substr(0, sign)};
    }
    try {
        if (*scenarios) return traces::run_scenarios(options);
        if (*random) return traces::run_random(options);
        if (*judge) return traces::judge(options);
        return traces::agree(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "traces: %s\n", error.what());
        return 2;
    }
}
