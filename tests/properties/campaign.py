"""Random models through every route: `python tests/properties/campaign.py --seed 7 --count 500`.

Every route's result is held against the truth found by trying every point (discrete models), or against the referee,
the other routes and the points of a grid (models with continuous variables). What was compared is counted: nodes in
contexts, trivial models, refusals by reason, disagreements.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from census import Census, census
from compositions import document
from enumeration import Truth, disagreement, discrete, enumerate_points
from programs import forked_programs
from shrinking import shrink

from nl2opt.check.feasible import referee
from nl2opt.errors import EvaluationError, LimitExceeded, Unsupported
from nl2opt.explain.answer import ROUTES
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.solvers.result import Result, SolveOptions
from nl2opt.support import CONTEXTS, LOWERINGS

OPTIONS = SolveOptions(time_limit=30)
NATIVE = tuple(r for r in ROUTES if r in LOWERINGS and r != "scip_nlp")
PROGRAMS = tuple(r for r in ROUTES if r not in NATIVE and (r != "scip_nlp" or find_spec("pyscipopt")))
"""Routes that run another process for each model."""
MIXED = 8
"""Every so many models one has continuous variables."""


@dataclass
class Campaign:
    """What was compared, and what was found wrong: (seed, index, route, what, document)."""

    census: Census = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[tuple[int, int, str, str, str]] = field(default_factory=list)

    def run(self, seed: int, index: int, routes: tuple[str, ...]) -> None:
        """One model through some routes."""
        text = document(seed, index, mixed=index % MIXED == MIXED - 1)
        instance = bind(read_document(text))
        self.census += census(instance.model)
        self.models["all"] += 1
        truth = enumerate_points(instance) if discrete(instance) else None
        kind = "mixed" if truth is None else truth.trivial and f"trivial: {truth.trivial}"
        self.models[kind or ("infeasible" if truth and not truth.feasible else "feasible")] += 1
        reached: dict[str, Result] = {}
        for route in routes:
            found = self.judge(route, instance, truth, reached)
            if found:
                self.wrong.append((seed, index, route, found, text))

    def judge(self, route: str, instance: Instance, truth: Truth | None, reached: dict[str, Result]) -> str:
        """What is wrong with a route's result."""
        try:
            result = ROUTES[route](instance, OPTIONS)
        except Unsupported as e:
            self.refused[route, e.diagnostics[0].expected] += 1
            return ""
        except (EvaluationError, LimitExceeded) as e:
            return "" if truth and truth.best is None else f"{type(e).__name__}: {e}"
        except Exception as e:  # a crash must not hide the others
            return f"{type(e).__name__}: {e}"
        self.compared[route] += 1
        if truth is not None:
            return disagreement(instance, result, truth)
        return _unlike(instance, result, route, reached)

    def report(self) -> str:
        """The tables."""
        nodes = sorted({n for n, _ in self.census})
        head = f"{'node':40}" + "".join(f"{c[:10]:>12}" for c in CONTEXTS)
        rows = [f"{n:40}" + "".join(f"{self.census[n, c]:12}" for c in CONTEXTS) for n in nodes]
        refusals = [f"{k:6}  {route}: {reason}" for (route, reason), k in self.refused.most_common()]
        trivial = sum(k for kind, k in self.models.items() if kind.startswith("trivial"))
        told = self.models["all"] - self.models["mixed"]
        return "\n".join([
            head, *rows, "", f"models: {dict(self.models)}", f"trivial: {trivial} of {told}",
            f"compared: {dict(self.compared)}", "refused:", *refusals, f"wrong: {len(self.wrong)}",
        ])  # fmt: skip

    def rare(self, least: int) -> list[tuple[str, str, int]]:
        """(node, context) pairs met at least once but fewer than ``least`` times."""
        return sorted((n, c, k) for (n, c), k in self.census.items() if k < least)


def _unlike(instance: Instance, result: Result, route: str, reached: dict[str, Result]) -> str:
    """What is wrong with the result of a model with continuous variables, beside what others reached."""
    reached[route] = result
    if result.point is not None:
        judged = referee(instance, result.point, result.objective)
        if not judged.ok:
            return f"the referee refuses its point: {', '.join(map(str, judged.violations)) or judged.verdict}"
    for other, earlier in reached.items():
        if earlier.termination is not result.termination:
            return f"{result.termination.value}, but {other} says {earlier.termination.value}"
        a, b = earlier.objective, result.objective
        if a is not None and b is not None and abs(a - b) > 1e-5 * (1 + abs(a)):
            return f"objective {b}, but {other} reaches {a}"
    return ""


def shows_fault(route: str, other: str = "") -> Callable[[str], bool]:
    """A route -> does it get the document of a text wrong? ``other`` is compared with on models not discrete."""

    def shows(text: str) -> bool:
        instance = bind(read_document(text))
        campaign, reached = Campaign(), {}
        truth = enumerate_points(instance) if discrete(instance) else None
        if other and truth is None and campaign.judge(other, instance, truth, reached):
            return False
        return bool(campaign.judge(route, instance, truth, reached))

    return shows


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20261)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--programs", type=int, default=10, help="emitted programs for every so many models; 0: none")
    parser.add_argument("--shrink", action="store_true", help="shrink what is found wrong")
    given = parser.parse_args()
    campaign = Campaign()
    with forked_programs() if given.programs else nullcontext():
        for index in range(given.start, given.start + given.count):
            also = PROGRAMS if given.programs and index % given.programs == 0 else ()
            before = len(campaign.wrong)
            campaign.run(given.seed, index, (*NATIVE, *also))
            for seed, i, route, found, text in campaign.wrong[before:]:
                shown = shrink(text, shows_fault(route, NATIVE[0])) if given.shrink else text
                print(f"--- seed {seed}, model {i}, {route}: {found}\n{shown}", flush=True)
    print(campaign.report())


if __name__ == "__main__":
    main()
