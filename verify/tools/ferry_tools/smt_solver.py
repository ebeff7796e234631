"""An SMT solver, asked by its standard input whether formulas follow from others (SMT-LIB).

A limit counts the solver's own steps, not seconds: the answer is the same on a busy machine. Whatever is not a proof
is no proof: "unknown" counts as much as a counterexample.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Sequence

from ferry_tools import logic
from ferry_tools.errors import ToolError
from ferry_tools.logic import Term

Z3 = ("z3", "-in", "-smt2")
CVC5 = ("cvc5", "--lang=smt2", "--incremental", "--rlimit-per=2000000")  # its steps are other ones


class SolverError(ToolError):
    """The solver is not there, or does not understand a question."""


class Solver:
    """`options`: SMT-LIB's (set-option ...), without the limit."""

    def __init__(
        self, command: Sequence[str], options: Iterable[str], preamble: Iterable[str], limits: bool = True
    ) -> None:
        if shutil.which(command[0]) is None:
            raise SolverError(f"no {command[0]} on the PATH (Debian: the package {command[0]})")
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._asked, self._limits = False, limits
        self._declared: set[str] = set()
        self._defined: dict[str, Term] = {}
        self.preamble = [*(f"(set-option {option})" for option in options), *preamble]
        self._say(*self.preamble)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def formula(self, name: str) -> Term:
        return self._defined[name]

    def define(self, name: str, formula: Term) -> None:
        """What is used often gets a name."""
        if name not in self._defined:
            self._declare([formula])
            self._defined[name] = formula
            self._say(f"(define-fun {logic.symbol(name)} () Bool {logic.smt(formula)})")

    def follows(self, goal: Term, facts: Iterable[Term], names: Iterable[str], limit: int) -> bool:
        """`names`: of formulas that have been defined; `limit`: in thousands of the solver's steps."""
        return self.answer(goal, facts, names, limit) == "unsat"

    def answer(self, goal: Term, facts: Iterable[Term], names: Iterable[str], limit: int = 0) -> str:
        """Whether there is a counterexample: "unsat", "sat" or "unknown"."""
        facts = [*facts, logic.negation(goal)]
        self._declare(facts)
        self._say(
            *(["(pop 1)"] if self._asked else []),
            "(reset-assertions)", *([f"(set-option :rlimit {limit * 1000})"] if self._limits else []), "(push 1)",
            *(f"(assert {logic.symbol(name)})" for name in names),
            *(f"(assert {logic.smt(fact)})" for fact in facts),
            "(check-sat)",
        )  # fmt: skip
        self._asked = True
        return self._answer()

    def values(self, terms: Sequence[Term]) -> list[str]:
        """What these terms are in the counterexample to the last question; none, if the solver has no such state."""
        self._declare(terms)
        self._say(*(f"(get-value ({logic.smt(t)}))" for t in terms), '(echo "end")')
        answer = ""
        while (line := self._line()) not in ("end", '"end"', ""):
            answer += " " + line
        found, at = [], 0
        for t in terms:
            start = answer.find(f"(({logic.smt(t)} ", at)
            if start < 0 or "(error" in answer:
                return []
            at = start + len(f"(({logic.smt(t)} ")
            end = answer.find("))", at)
            found.append(answer[at : end + 1 if answer[at] == "(" else end].strip())
        return found

    def _declare(self, terms: Iterable[Term]) -> None:
        for line in logic.declarations(terms):
            if line not in self._declared:
                self._declared.add(line)
                self._say(line)

    def _say(self, *lines: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n".join(lines) + "\n")

    def _line(self) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def _answer(self) -> str:
        answer = self._line()
        if answer not in ("sat", "unsat", "unknown"):
            raise SolverError(f"the solver says {answer or 'nothing, and has ended'!r}")
        return answer


def z3(preamble: Iterable[str], by_models: bool = False) -> Solver:
    """`by_models`: with z3's search for models, which proves what has no patterns."""
    search = "true" if by_models else "false"
    return Solver(Z3, (":global-declarations true", ":auto_config false", f":smt.mbqi {search}"), preamble)


def cvc5(preamble: Iterable[str]) -> Solver:
    return Solver(CVC5, (":global-declarations true",), ["(set-logic ALL)", *preamble], limits=False)
