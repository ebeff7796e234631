"""`make verify`: the contract under TLC, then the shipped header under Relacy against it.

names       the steps of the header are the actions of spec/ChannelAlgorithm.tla, and MAPPING.md is up to date
references  no file names a file that is not there
outcomes    the enumeration of outcomes agrees with sets that were written out by hand
malformed   files that are no scenarios are refused in one line, with file, line and what was expected
shown       each statement and each shipped bug is shown by a scenario, or why not is said
shards      each item that only `make verify-deep` has is in one of the parts that SHARD= names
models      each model of spec/models/ holds, or violates the property that it is there to violate
proof       the algorithm's properties, and the contract's, are proved for any number of everything
bounds      the proofs' lemmas hold within bounds, under TLC
translation what the solver is told of the modules is what TLC takes them to mean
second      in `make verify-deep`, another solver is asked what was proved
unproved    wrong algorithms leave a question of the proof open: here a sample, all of them in `make verify-deep`
parker      the parkers that ship, in programs of their own: each schedule, spurious wake-up and time-out
scenarios   each is explored exhaustively; its outcomes are exactly those that the contract allows, and each
            operation takes effect, at its linearization point, where the contract allows it
random      more executions of each under Relacy's random scheduler
stores      in the small ones, the rule about which stores a load reads leaves out no reads-from graph
full        where Relacy's own plain full search is feasible, it agrees with ours: same outcomes, same reads-from
            graphs, same planted bug
complaints  a header that loops, crashes, waits in the final drop, or has an atomic where the search sees none, is
            told so
steps       in the small ones, each step of the contract that is taken is missed when it is left out
algorithm   in those with up to three threads and some systematic ones (in all, in `make verify-deep`), each execution
            is followed through the algorithm; what its threads do is done; what is left out of it is missed, and so is
            a header that does less
contracts   with each wrong contract, the outcomes of some scenario would not be the header's
labels      in each scenario, something that violates it is noticed for each statement and bug behind its `shows`
planted     each memory order of the header, weakened, and each wake-up or publication, left out, is noticed
systematic  all programs up to a bound that can be waited for: here a fixed sample, all of them in `make verify-deep`
real threads  record what they do to the header; TLC and an oracle accept that, and reject bad traces
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from ferry_tools import (
    labels,
    malformed,
    outcomes_by_hand,
    plants,
    proof_bounds,
    proof_of_wrong,
    prove,
    real_threads,
    references,
    scenario_choice,
    shard_reports,
    shards,
    statements,
    step_names,
    systematic,
)
from ferry_tools.algorithm_graph import LocalGraph, enumerate_threads
from ferry_tools.contract_outcomes import Allowed, ask_contract, wrong_contracts_noticed
from ferry_tools.errors import ToolError, guarded
from ferry_tools.exploration import (
    Explorer,
    compare_with_every_store,
    compare_with_full_search,
    complain,
    explore,
    explore_at_random,
    miss_steps,
    notice,
    planted_bugs,
)
from ferry_tools.following import (
    all_kinds,
    check_determined,
    check_taken,
    choose,
    instruction_plants,
    miss_kind,
    notice_plant,
    smallest_with,
)
from ferry_tools.model_checking import check_models
from ferry_tools.parker import explore_parker
from ferry_tools.paths import CORE, OF_RING, SYNC_CONTRACT
from ferry_tools.results import Clock, Item, Result, Results, Screen
from ferry_tools.scenarios import Scenario, ScenarioError, differences_from_program
from ferry_tools.wrong_contracts import RIGHT, notice_contracts, wrong_contracts

JOBS = 2
FEW_STEPS = 150  # of the contract, in the scenarios that wrong contracts are tried on
SYSTEMATIC_FOLLOWED = 8  # every so many of the systematic sample are followed through the algorithm
FEW_VALUES = 5  # in those that are larger: each value more doubles the states of a contract that may lose it
FEW_EXECUTIONS = 100  # a scenario with no more is explored anew for each step of the contract
# Executions: a scenario with no more is explored anew without the rule, which takes many times as many.
FEW_FOR_EVERY_STORE, DEEP_FEW_FOR_EVERY_STORE = 300, 1_000
RANDOM_EXECUTIONS = 200_000  # in all; divided among the scenarios
PATIENCE, DEEP_PATIENCE = 120, 3600  # seconds for one search; the longest takes some ten, or minutes
# In the order of the final table and of report.json.
PARTS = {
    "names": "names",
    "shown": "statements shown",
    "references": "references to files",
    "outcomes": "outcomes by hand",
    "malformed": "malformed scenarios refused",
    "shards": "parts are the whole",
    "models": "models",
    **prove.PARTS,
    "unproved": "wrong ones are not proved",
    "parker": "the parker, exhaustive",
    "scenarios": "scenarios, exhaustive",
    "random": "scenarios, at random",
    "stores": "agree with every store",
    "full": "agree with the full search",
    "complaints": "what breaks the search is told",
    "steps": "followed step by step",
    "algorithm": "the algorithm is followed",
    "contracts": "wrong contracts noticed",
    "labels": "what scenarios show",
    "planted": "planted bugs noticed",
    "systematic": "systematic scenarios",
} | real_threads.PARTS


def check_names(build: Path) -> Result:
    clock = Clock()
    differences = [d for of in (step_names.UNBOUNDED, step_names.BOUNDED) for d in step_names.check_names(build, of)]
    differences += differences_from_program()
    failure = "names that should be the same: " + "; ".join(differences) if differences else ""
    steps = len(step_names.header_steps(CORE)) + len(step_names.header_steps(OF_RING))
    said = f"{steps} steps of the header, each an action of the algorithm; and the operations of scenarios"
    details = ["after a deliberate change: spec/README.md says how the mapping is written anew"]
    return Result("names", "header and algorithm", clock.seconds, failure, said, {"steps": steps}, details)


def check_shown() -> Result:
    problems = statements.not_shown_by(scenario_choice.load()) + labels.planted_nowhere() + plants.problems()
    numbers, elsewhere = statements.STATEMENTS + statements.BUGS, statements.ELSEWHERE
    shown = len(numbers) - len(elsewhere)
    said = (
        f"{shown} of S1 to {statements.STATEMENTS[-1]} and B1 to {statements.BUGS[-1]} are shown by scenarios, "
        f"and of {', '.join(elsewhere)} it is said where"
    )
    figures = {"shown": shown, "elsewhere": {n: e.shown_by for n, e in elsewhere.items()}}
    return Result("shown", "statements and shipped bugs", 0.0, "; ".join(problems), said, figures)


def check_references() -> Result:
    clock = Clock()
    return Result(
        "references", "files that are named", clock.seconds, "; ".join(references.problems()), "all are there"
    )


def check_outcomes(jar: Path, build: Path) -> Result:
    """Of programs whose outcomes were written out by hand: does the enumeration find just those?"""
    clock = Clock()
    problems = outcomes_by_hand.problems(jar, build)
    programs = len(outcomes_by_hand.BY_HAND | outcomes_by_hand.NARROWER)
    said = f"{programs} programs have the outcomes that were written out by hand"
    return Result("outcomes", "outcomes by hand", clock.seconds, "; ".join(problems), said, {"scenarios": programs})


def refuse_malformed(jar: Path, build: Path) -> Result:
    def ask(chosen: list[Scenario]) -> list[ScenarioError | None]:
        allowed = ask_contract(chosen, jar, build)
        return [allowed[s.name].objection(s) for s in chosen]

    clock, files = Clock(), malformed.count()
    problems = malformed.problems(ask)
    said = f"{files} files that are no scenarios are refused, each in one line"
    return Result("malformed", "malformed scenarios", clock.seconds, "; ".join(problems), said, {"files": files})


def check_shards() -> Result:
    clock = Clock()
    problems = shards.problems() + shard_reports.problems()
    items = len(shards.deep_items())
    said = f"{items} items of `make verify-deep`: each is in one of the parts that SHARD=k/n names, whatever n"
    return Result("shards", "parts of the deep run", clock.seconds, "; ".join(problems), said, {"items": items})


def searched(explored: Result) -> int:
    """Executions, those included that turned out to be redundant."""
    return int(explored.figures["executions"]) + int(explored.figures["redundant"])


def longest_first(chosen: list[Scenario], allowed: dict[str, Allowed]) -> None:
    """What takes long and is begun last would be waited for by one processor."""
    chosen.sort(key=lambda s: -len(allowed[s.name].steps))


class Verification:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.jar: Path = arguments.jar
        self.build: Path = arguments.build
        self.screen = Screen()
        patience = DEEP_PATIENCE if arguments.deep else PATIENCE
        self.explorer = Explorer(self.build / "verify", self.screen, patience)
        self.results = Results(self.screen)
        self.sources, self.endless = shard_reports.sources(), list[str]()
        # Too few scenarios for what all of them together have to show.
        self.is_in_part = bool(arguments.scenario or arguments.shard)

    def part(self, title: str, work: Callable[[Item], Result], items: list[Item], each: int = 1) -> list[Result]:
        return self.results.run(title, work, items, JOBS, each)

    def run(self) -> None:
        a = self.arguments
        threads = real_threads.RealThreads(self.build, self.jar, a.seed)
        if a.trace:
            self.results.take("Traces that were kept", threads.again(a.trace))
            return
        if not a.scenario and not a.model and not a.shard:
            self.check_what_is_written()
        if not a.scenario:
            self.check_models()
        if a.model:
            return
        if not a.scenario:
            self.prove()
        chosen = scenario_choice.load(a.scenario, a.deep)
        if a.shard:
            chosen = [s for s in chosen if s.name in a.shard.names("scenario")]
        allowed = ask_contract(chosen, self.jar, self.build) if chosen else {}
        for s in chosen:
            if objection := allowed[s.name].objection(s):
                raise objection
        if not self.is_in_part:
            self.results.take("The parker", explore_parker(self.build / "verify", self.explorer.patience))
        graphs = self.enumerate_algorithm(chosen)
        for s in chosen:
            self.explorer.write_program(s, allowed[s.name], graphs.get(s.name), all_kinds(graphs.values()))
        total = sum(len(found.outcomes) for found in allowed.values())
        longest_first(chosen, allowed)
        self.screen.line(f"\nThe contract allows {total} outcomes of {len(chosen)} scenarios.")

        if chosen:
            self.explore(chosen, allowed, graphs)
        systematic_ones = [] if a.scenario else self.run_systematic()
        deep = real_threads.SHARD if a.shard else real_threads.DEEP
        effort = real_threads.ONE_SCENARIO if a.scenario else deep if a.deep else real_threads.EVERY_DAY
        programs = [[self.explorer.program(s) for s in of_kind] for of_kind in (chosen, systematic_ones)]
        if not any(programs):
            return
        for title, results in threads.run(programs[0], programs[1], effort):
            self.results.take(title, results, each=10 if results[0].part == "recorded" else 1)

    def check_models(self) -> None:
        a = self.arguments
        self.screen.line("\nThe contract and the algorithm: models under TLC")
        among = a.shard.names("model") if a.shard else None
        for deep in (True,) if a.shard else (False, True) if a.deep and not a.model else (False,):
            checked = check_models(self.jar, self.build, a.model, self.screen, deep, among=among)
            self.results.all += [c.result for c in checked]

    def prove(self) -> None:
        a = self.arguments
        modules = a.shard.names("proof") if a.shard else list(proof_bounds.PROOFS)
        for module in modules:
            prove.run_proof(module, self.jar, self.build, self.results, JOBS, second=a.deep, every_course=a.deep)
        wrong = proof_of_wrong.wrong_algorithms(every_one=a.deep)
        if a.shard:
            wrong = [model for model in wrong if model.name in a.shard.names("wrong")]
        proof_of_wrong.notice_each(wrong, self.jar, self.build, self.results, JOBS)

    def check_what_is_written(self) -> None:
        self.screen.line("What is written: the names of the steps, the scenarios, and how outcomes are enumerated")
        checks: list[Callable[[], Result]] = [
            lambda: check_names(self.build),
            check_shown,
            check_references,
            lambda: check_outcomes(self.jar, self.build),
            lambda: refuse_malformed(self.jar, self.build),
            check_shards,
        ]
        for i, check in enumerate(checks, 1):
            self.results.all.append(check())
            self.results.report(i, len(checks), self.results.all[-1])

    def enumerate_algorithm(self, chosen: list[Scenario]) -> dict[str, LocalGraph]:
        followed = choose(chosen, every_one=bool(self.arguments.deep or self.arguments.scenario))
        if not followed:
            return {}
        self.screen.line(f"\nWhat the algorithm's threads do in {len(followed)} scenarios")
        return enumerate_threads(followed, self.jar, self.build, JOBS)

    def explore(self, chosen: list[Scenario], allowed: dict[str, Allowed], graphs: dict[str, LocalGraph]) -> None:
        a, explorer = self.arguments, self.explorer
        title = "The header: every schedule of each scenario"
        explored = self.part(title, lambda s: explore(s, allowed[s.name], explorer, graphs.get(s.name)), chosen)
        each = -(-a.random_executions // len(chosen))
        self.part(f"At random, seed {a.seed}", lambda s: explore_at_random(s, each, a.seed, explorer), chosen)
        self.compare_with_every_store(explored, chosen)
        small = [s for s in chosen if s.name in plants.FULL]
        title = "Relacy's plain full search agrees"
        self.part(title, lambda s: compare_with_full_search(s, plants.FULL[s.name], explorer), small)
        for s in (s for s in chosen if s.name == plants.COMPLAINTS_IN):
            title = "A header that breaks the search is told so"
            self.part(title, lambda c: complain(c, s, explorer), list(plants.COMPLAINTS))  # noqa: B023
        executions = {r.name: r.figures["executions"] for r in explored}
        few = [s for s in chosen if executions[s.name] <= FEW_EXECUTIONS]
        self.part("The contract's steps are followed", lambda s: miss_steps(s, allowed[s.name], explorer), few)
        if graphs and all(r.passed for r in explored):
            self.check_following(list(graphs.values()))
        if all(r.passed for r in explored) and not any(s.name.startswith(systematic.PREFIX) for s in chosen):
            # What the header has, is then what the right contract allows.
            noticed = self.try_wrong_contracts(chosen, allowed)
            title = "What each scenario shows: something that violates it is noticed there"
            labels_ = self.part(title, lambda s: labels.justify(s, noticed, explorer), chosen)
            if not self.is_in_part:
                labels.write_bugs(self.build / "verify" / "bugs.md", labels_)
        if not self.is_in_part and all(r.passed for r in explored):
            smallest_first = sorted(chosen, key=lambda s: int(executions[s.name]))
            for headers, bounded in ((CORE, False), (OF_RING, True)):
                those = [s for s in smallest_first if s.is_bounded == bounded]
                title = f"Each memory order of the {'bounded' if bounded else 'unbounded'} channel is necessary"
                self.part(title, lambda p: notice(p, those, explorer), planted_bugs(headers))  # noqa: B023

    def check_following(self, graphs: list[LocalGraph]) -> None:
        """That the algorithm is really followed."""
        explorer, reports = self.explorer, self.explorer.reports
        whole = [] if self.is_in_part else [check_determined(graphs)]
        self.results.take("The algorithm's steps are followed", [check_taken(graphs, reports), *whole])
        if self.is_in_part:
            return
        kinds, smallest = all_kinds(graphs), smallest_with(graphs, reports)
        title = "Each kind of steps of the algorithm is missed when it is left out"
        self.part(title, lambda k: miss_kind(k, kinds.index(k), smallest[k], explorer), list(smallest), each=50)
        title = "A header with an instruction left out, or split, is not the algorithm"
        self.part(title, lambda p: notice_plant(p, graphs, reports, explorer), instruction_plants())

    def try_wrong_contracts(self, chosen: list[Scenario], allowed: dict[str, Allowed]) -> dict[str, dict[str, str]]:
        """Where the labels ask for it; a contract that is noticed in none of those, in each smaller scenario.

        Many together, for TLC takes longer to start than to do them.
        """
        clock = Clock()
        about = {model.name: labels.violated_by(model) for model in wrong_contracts()}
        of_bounded = {model.name for model in wrong_contracts() if model.subject == SYNC_CONTRACT}
        small = {s.name for s in chosen if len(allowed[s.name].steps) <= FEW_STEPS}
        possible = [
            (name, s) for name in about for s in chosen
            if (s.name in small or len(s.names_of("value")) <= FEW_VALUES) and (s.is_bounded or name not in of_bounded)
        ]  # fmt: skip
        asked_for = [(name, s) for name, s in possible if about[name] & set(s.shows)]
        right = [(RIGHT, s) for s in chosen if s.name in small]
        noticed = wrong_contracts_noticed(right + asked_for, allowed, self.jar, self.build)
        others = [
            (name, s) for name, s in possible
            if s.name in small and s.name not in noticed.get(name, {}) and not any(noticed.get(name, {}).values())
        ]  # fmt: skip
        for name, of in wrong_contracts_noticed(others, allowed, self.jar, self.build).items() if others else []:
            noticed.setdefault(name, {}).update(of)
        if not self.is_in_part:
            self.results.take("Wrong contracts", notice_contracts(noticed, FEW_STEPS, clock.seconds))
        return noticed

    def run_systematic(self) -> list[Scenario]:
        deep, shard = self.arguments.deep, self.arguments.shard
        names = shard.names("program") if shard else list(systematic.names())
        programs = systematic.load(names) if deep else systematic.fixed_sample()
        allowed = ask_contract(programs, self.jar, self.build)
        for s in programs:
            if misuse := allowed[s.name].misuse:
                raise s.wrong(*misuse)
        chosen = [s for s in programs if not allowed[s.name].waits_for_ever()]
        self.endless = sorted({s.name for s in programs} - {s.name for s in chosen})
        longest_first(chosen, allowed)
        graphs = self.enumerate_algorithm(chosen[:: 1 if deep else SYSTEMATIC_FOLLOWED])
        for s in chosen:
            self.explorer.write_program(s, allowed[s.name], graphs.get(s.name), all_kinds(graphs.values()))
        which = "A part of all" if shard else "All" if deep else "A fixed sample of all"
        title = (
            f"{which} programs of two senders and a receiver with up to two operations: {len(programs)} of "
            f"{len(systematic.names())}, less {len(programs) - len(chosen)} whose threads can wait for ever"
        )
        explored = self.part(
            title,
            lambda s: explore(s, allowed[s.name], self.explorer, graphs.get(s.name), part="systematic"),
            chosen,
            each=500,
        )
        if graphs and all(r.passed for r in explored):
            self.results.take(
                "The algorithm's steps are followed there", [check_taken(list(graphs.values()), self.explorer.reports)]
            )
        self.compare_with_every_store(explored, chosen)
        return chosen

    def compare_with_every_store(self, explored: list[Result], chosen: list[Scenario]) -> None:
        few = DEEP_FEW_FOR_EVERY_STORE if self.arguments.deep else FEW_FOR_EVERY_STORE
        small = [(r, s) for r, s in zip(explored, chosen) if r.passed and searched(r) <= few]
        title = "Every store: the rule leaves out no graph"
        self.part(title, lambda pair: compare_with_every_store(*pair, self.explorer), small, each=100)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jar", type=Path, required=True, help="TLC's jar")
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--scenario", help="this scenario only")
    parser.add_argument("--model", help="this model only")
    parser.add_argument("--trace", type=Path, help="judge the traces in this file only")
    parser.add_argument("--deep", action="store_true", help="also what takes minutes")
    parser.add_argument("--shard", help="K/N: of what only --deep does, the K-th of N parts")
    parser.add_argument("--seed", type=int, help="of the random pass (default: from the clock)")
    parser.add_argument("--random-executions", type=int, default=RANDOM_EXECUTIONS)
    arguments = parser.parse_args()
    if sum(map(bool, (arguments.scenario, arguments.model, arguments.trace))) > 1:
        parser.error("--scenario, --model and --trace exclude each other")
    if arguments.trace and not arguments.trace.is_file():
        parser.error(f"no such file: {arguments.trace}")
    if arguments.shard is not None:
        arguments.shard = shards.parse_shard(arguments.shard)
        if not arguments.deep or arguments.scenario or arguments.model or arguments.trace:
            raise ToolError("SHARD names a part of what `make verify-deep` does: SCENARIO, MODEL and TRACE have none")
    if arguments.seed is None:
        arguments.seed = int(time.time()) % 1_000_000_000
    return arguments


def main() -> int:
    verification = Verification(parse_arguments())
    report = verification.build / "verify" / "report.json"
    # What an earlier run found must not pass for what this one did.
    report.unlink(missing_ok=True)
    verification.run()
    verification.results.print_table(PARTS, "executions, states, events")
    of_run = shard_reports.about(verification.arguments.shard, verification.sources, verification.endless)
    shard_reports.write(verification.results, report, PARTS, of_run)
    if verification.results.failed():
        print(
            f"`make review` shows each failure, its counterexample step by step: {verification.build}/review/index.html"
        )
    return verification.results.end("verify-deep" if verification.arguments.deep else "verify")


if __name__ == "__main__":
    raise SystemExit(guarded("verify", main, "interrupted; deep models go on from their last checkpoint the next time"))
