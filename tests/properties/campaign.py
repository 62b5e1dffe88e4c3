"""Random models through every route: `python tests/properties/campaign.py --from 0 --to 300 --log campaign.jsonl`.

Every route's result is held against the truth found by trying every point (discrete models), or against the referee,
the other routes and the points of a grid (models with continuous variables). What was compared is counted: nodes in
contexts, trivial models, refusals by reason, disagreements. A log has a line for each model; a range that is
run again goes on where the log ends, and `--report` reads it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from census import census
from compositions import around, document
from enumeration import Truth, better_on_a_grid, disagreement, discrete, enumerate_points
from programs import forked_programs
from shrinking import shrink
from snippets import NATIVE, unsaid, wanted

from nl2opt.check.feasible import referee
from nl2opt.errors import EvaluationError, LimitExceeded, SolverFailure, Unsupported
from nl2opt.explain.answer import ROUTES
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.solvers.result import Result, SolveOptions

OPTIONS = SolveOptions(time_limit=30)
LEAST = 100
"""In how many models each node shall stand in each context, at length."""
PROGRAMS = tuple(r for r in ROUTES if r not in NATIVE and (r != "scip_nlp" or find_spec("pyscipopt")))
"""Routes that run another process for each model."""


@dataclass
class Trial:
    """One model and what each route made of it: ``refused`` by reason; ``wrong`` and ``text`` where something is.

    ``read``: where routes differ because a point stands at a boundary that belongs to both sides.
    """

    seed: int
    index: int
    kind: str = ""
    stands: list[tuple[str, str]] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)
    text: str = ""


def run(seed: int, index: int, routes: tuple[str, ...], text: str = "") -> Trial:
    """One model through some routes; ``text``: its document, where it is not that of its seed and index."""
    text = text or document(seed, index)
    instance = bind(read_document(text))
    trial = Trial(seed, index, stands=sorted(census(instance.model)))
    truth = enumerate_points(instance) if discrete(instance) else None
    kind = "mixed" if truth is None else truth.trivial and f"trivial: {truth.trivial}"
    trial.kind = kind or ("infeasible" if truth and not truth.feasible else "feasible")
    judge(instance, truth, routes, trial)
    trial.text = text if trial.wrong or trial.read else ""
    return trial


def run_again(trial: Trial) -> Trial:
    """A trial in which routes differed -> the same routes over the same model now."""
    instance = bind(read_document(trial.text))
    again = Trial(trial.seed, trial.index, trial.kind, trial.stands, text=trial.text)
    truth = enumerate_points(instance) if discrete(instance) else None
    judge(instance, truth, dict.fromkeys((*trial.compared, *trial.refused, *trial.wrong)), again)
    return again


def judge(instance: Instance, truth: Truth | None, routes: Iterable[str], trial: Trial) -> None:
    """Solves an instance by some routes, and tells the trial what each of them got wrong."""
    reached: dict[str, Result] = {}
    for route in routes:
        try:
            result = ROUTES[route](instance, OPTIONS)
        except Unsupported as e:
            trial.refused[route] = e.diagnostics[0].expected or e.diagnostics[0].message
            continue
        except SolverFailure as e:
            found = "" if e.diagnostics[0].code == "E801" else f"{type(e).__name__}: {e}"
            if not found:  # what is installed here has no solver for it
                trial.refused[route] = e.diagnostics[0].message
        except (EvaluationError, LimitExceeded) as e:
            found = "" if truth and truth.best is None else f"{type(e).__name__}: {e}"
        except Exception as e:  # a crash must not hide the others
            found = f"{type(e).__name__}: {e}"
        else:
            trial.compared.append(route)
            found = disagreement(instance, result, truth) if truth else _unlike(instance, result, route, reached, trial)
        if found:
            trial.wrong[route] = found


def _unlike(instance: Instance, result: Result, route: str, reached: dict[str, Result], trial: Trial) -> str:
    """What is wrong with the result of a model with continuous variables, beside what others reached and a grid.

    At a point whose comparisons may be read both ways (docs/SEMANTICS.md, Strict comparisons) one route may read
    each by itself and another all alike: that the routes differ there is no fault of either.
    """
    if result.point is not None:
        judged = referee(instance, result.point, result.objective)
        if not judged.ok:
            return f"the referee refuses its point: {', '.join(map(str, judged.violations)) or judged.verdict}"
    for other, earlier in reached.items():
        if earlier.termination is not result.termination:
            return f"{result.termination.value}, but {other} says {earlier.termination.value}"
        a, b = earlier.objective, result.objective
        if a is not None and b is not None and abs(a - b) > 1e-5 * (1 + abs(a)):
            better = max if instance.model.objectives and _first_sense(instance) == "maximize" else min
            found = f"objective {b}, but {other} reaches {a}"
            if _has_two_readings(instance, result if better(a, b) == b else earlier):
                trial.read[route] = found
                return ""
            return found
    reached[route] = result
    return better_on_a_grid(instance, result) if len(reached) == 1 else ""


def _first_sense(instance: Instance) -> str:
    """The sense of the objective that comes first."""
    return max(instance.model.objectives, key=lambda o: o.priority).sense


def _has_two_readings(instance: Instance, result: Result) -> bool:
    """True where the point of a result stands at a boundary that its objective counts."""
    assert result.point is not None
    objectives = referee(instance, result.point).objectives
    return any(o.greatest - o.least > 1e-6 * (1 + abs(o.value)) for o in objectives)


class Campaign:
    """What many trials tell together."""

    def __init__(self) -> None:
        self.trials: list[Trial] = []
        self.stands: Counter[tuple[str, str]] = Counter()

    def add(self, trial: Trial) -> None:
        """Counts a trial; what stands in a model counts where a route's result was compared."""
        self.trials.append(trial)
        if trial.compared:
            self.stands.update(map(tuple, trial.stands))

    @property
    def wrong(self) -> list[Trial]:
        """The trials in which some route was wrong."""
        return [t for t in self.trials if t.wrong]

    @property
    def trivial(self) -> float:
        """The part of the models that tell little about a solver; whether a mixed one does is not known."""
        return sum(t.kind.startswith("trivial") for t in self.trials) / max(1, len(self.trials))

    def compared(self, route: str) -> int:
        """How many results of a route were held against the truth, or the other routes."""
        return sum(route in t.compared for t in self.trials)

    def rare(self, least: int) -> dict[tuple[str, str], int]:
        """Each (node, context) that some native route says and fewer than ``least`` solved models hold."""
        return {pair: self.stands[pair] for pair in sorted(wanted()) if self.stands[pair] < least}

    def report(self, least: int) -> str:
        """What was compared, in lines."""
        counts = [self.stands[pair] for pair in wanted()] or [0]
        refused = Counter((r, reason) for t in self.trials for r, reason in t.refused.items())
        rare = self.rare(least)
        return "\n".join([
            f"models: {len(self.trials)}, {dict(Counter(t.kind for t in self.trials))}",
            f"trivial: {self.trivial:.1%}",
            f"compared: { {r: n for r in (*NATIVE, *PROGRAMS) if (n := self.compared(r))} }",
            f"models of each of {len(counts)} (node, context): least {min(counts)}, median {median(counts):g}",
            f"in fewer than {least}: {len(rare)}", *(f"  {k:4} {n} ({c})" for (n, c), k in rare.items()),
            "said by no native route:", *(f"  {n} ({c}): {reason}" for (n, c), reason in unsaid().items()),
            "refused:", *(f"  {k:5} {route}: {reason}" for (route, reason), k in refused.most_common()),
            f"read in two ways at a boundary: {[t.index for t in self.trials if t.read]}",
            f"wrong: {len(self.wrong)}",
            *(f"  {t.index} {route}: {found}" for t in self.wrong for route, found in t.wrong.items()),
        ])  # fmt: skip


def shows_fault(route: str, other: str = "") -> Callable[[str], bool]:
    """A route -> does it get the document of a text wrong? ``other`` is compared with on models not discrete."""

    def shows(text: str) -> bool:
        instance = bind(read_document(text))
        truth = enumerate_points(instance) if discrete(instance) else None
        trial = Trial(0, 0)
        judge(instance, truth, (other, route) if other and truth is None else (route,), trial)
        return route in trial.wrong and other not in trial.wrong

    return shows


def logged(path: Path) -> list[Trial]:
    """A log -> its trials; of one model the last."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    trials = [Trial(**json.loads(line)) for line in lines if line.endswith("}")]
    return list({(t.seed, t.index): t for t in trials}.values())


def _show(trial: Trial, log: Path | None, shrinks: bool) -> None:
    """Writes a trial into the log, and prints what is wrong with it."""
    if log:
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(trial)) + "\n")
    for route, found in trial.wrong.items():
        shown: Any = shrink(trial.text, shows_fault(route, NATIVE[0])) if shrinks else ""
        print(f"--- seed {trial.seed}, model {trial.index}, {route}: {found}\n{shown}", flush=True)


def further(campaign: Campaign, seed: int, least: int, most: int) -> Iterator[Trial]:
    """More models around the pairs that fewer than ``least`` models hold, until there is none, or ``most`` are made."""
    first = max((t.index for t in campaign.trials), default=-1) + 1
    for index, text in around(seed, first, campaign.stands):
        if index - first >= most or not campaign.rare(least):
            return
        trial = run(seed, index, NATIVE, text)
        campaign.add(trial)
        yield trial


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20262)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--to", type=int, default=200)
    parser.add_argument("--only", type=int, nargs="*", help="these models, again, in place of a range")
    parser.add_argument("--log", type=Path, help="a file of JSON lines; the models in it are not run again")
    parser.add_argument("--again", action="store_true", help="the models of the log in which routes differ, now")
    parser.add_argument("--programs", type=int, default=12, help="emitted programs for every so many models; 0: none")
    parser.add_argument("--further", type=int, default=0, help="so many more models at most, around the rarest pairs")
    parser.add_argument("--shrink", action="store_true", help="shrink what is found wrong")
    parser.add_argument("--report", action="store_true", help="run nothing, tell what the log holds")
    given = parser.parse_args()
    campaign, started = Campaign(), time.monotonic()
    for trial in logged(given.log) if given.log else ():
        if given.again and trial.wrong:
            trial = run_again(trial)
            with given.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(trial)) + "\n")
        campaign.add(trial)
    done = set() if given.only else {(t.seed, t.index) for t in campaign.trials}
    indices = () if given.report or given.again else given.only or range(given.first, given.to)
    shows = partial(_show, log=given.log, shrinks=given.shrink)
    with forked_programs() if given.programs and not given.report else nullcontext():
        for index in indices:
            if (given.seed, index) in done:
                continue
            also = PROGRAMS if given.programs and index % given.programs == 0 else ()
            trial = run(given.seed, index, (*NATIVE, *also))
            campaign.add(trial)
            shows(trial)
            if index % 50 == 49:
                print(f"{index + 1} models, {time.monotonic() - started:.0f} s", flush=True)
    for trial in further(campaign, given.seed, LEAST, given.further):
        shows(trial)
    print(campaign.report(LEAST))


if __name__ == "__main__":
    main()
