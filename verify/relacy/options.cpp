#include "options.hpp"

#include <map>

#include <CLI/CLI.hpp>

template class nlohmann::basic_json<>;

namespace verify {

std::optional<int> read_options(int argc, char** argv, Options& options) {
    CLI::App app("Explores one scenario under the Relacy Race Detector. `make verify` calls this.");
    app.add_option("program", options.program, "the scenario, translated by ferry_tools/scenarios.py")
        ->required()
        ->check(CLI::ExistingFile);
    const std::map<std::string, Method> methods{
        {"sleep-sets", Method::sleep_sets}, {"full", Method::full}, {"random", Method::random}};
    app.add_option("--search", options.method, "sleep-sets, full or random")
        ->transform(CLI::CheckedTransformer(methods));
    app.add_option("--executions", options.executions, "stop after so many");
    app.add_option("--seed", options.seed, "of a random search");
    const auto is_bug = [](const std::string& text) {
        std::string expected = "expected STEP=KIND, where KIND is one of";
        for (const char* kind :
             {"relaxed", "acquire", "release", "omitted", "split", "spins", "loops", "strays", "stuck", "crashes"}) {
            if (text.ends_with(std::string("=") + kind)) return std::string();
            expected += std::string(" ") + kind;
        }
        return expected;
    };
    app.add_option("--plant", options.plant, "a bug, at a step")->check(CLI::Validator(is_bug, "STEP=KIND"));
    app.add_option("--seconds", options.seconds, "give up after so many");
    app.add_option("--keep", options.keep, "report an execution of each of the first so many outcomes");
    app.add_option("--without-step", options.without_step, "leave this step out of what the contract allows");
    app.add_flag("--algorithm", options.algorithm, "hold each execution against the algorithm, too");
    app.add_option("--without-kind", options.without_kind, "leave this kind of steps out of what the algorithm does");
    app.add_flag("--every-store", options.every_store,
                 "loads also read the stores that the rule leaves out (stores.hpp)");
    app.add_flag("--reuse", options.reuse, "branch, at each free, on whether the memory is reused at once");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    }
    return std::nullopt;
}

}  // namespace verify
