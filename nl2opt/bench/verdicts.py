"""Reference, answer, both bound -> how the answer differs: kinds of failure, the judge's verdict, a counter-example.

The judge of nl2opt.check.judge says whether the two are one model, or shows what tells them apart: data, optima, or a
solution of one that breaks a constraint of the other. Where it tells them apart, the kinds are the first of these:

1. what differs row by row, where both are small and linear (nl2opt.bench.differences),
2. the one change that would make them the same (nl2opt.bench.repairs),
3. what the counter-examples show: a best solution of the answer that breaks a constraint of the reference, `missing
   constraint`; the other way round, `extra constraint`; none of both and another value, `data`, or `direction` where
   the senses differ,
4. what differs row by row in larger linear models, or another number of `variables`.

Where both are shown to be equivalent nothing differs; where the judge says less, what differs row by row is told. So it
is where a budget ran out, whatever had been found by then: how far a machine came in its time is left out of what runs
report, `undecided (out of time)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nl2opt.bench.differences import KINDS, PERMUTED, differences
from nl2opt.bench.repairs import repair
from nl2opt.check.judge import Verdict, judge
from nl2opt.check.judge.matching import guesses
from nl2opt.check.judge.optima import crossed
from nl2opt.check.judge.side import Clock, Side
from nl2opt.check.judge.verdict import Breach
from nl2opt.ir.instance import Instance

JUDGING: Final = 5.0
"""Seconds a judgement may take, and as many again what explains it."""

OUT_OF_TIME: Final = "undecided (out of time)"

COLUMNS: Final = 2000
"""Variables up to which models are judged."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How an answer differs: ``kinds``, ``verdict`` (outcome, method and scope) and ``counterexample``, '' for none."""

    kinds: tuple[str, ...] = ()
    verdict: str = ""
    counterexample: str = ""


def compared(reference: Instance, answer: Instance, seconds: float = JUDGING) -> Compared:
    """Two instances -> Compared; those of very many variables row by row alone, for no clock stops their grounding."""
    if max(_size(reference), _size(answer)) > COLUMNS:
        return Compared(tuple(differences(answer, reference)), "undecided")
    found = judge(reference, answer, seconds=seconds)
    if found.seconds >= seconds:
        return Compared(tuple(differences(answer, reference)), OUT_OF_TIME)
    told = f"{found.outcome} ({found.method}, {found.scope})" if found.method != "none" else found.outcome
    if found.outcome == "equivalent":
        return Compared((), told)
    if found.outcome != "different" or found.counterexample is None:
        return Compared(tuple(differences(answer, reference)), told)
    clock = Clock(seconds)
    breaches = _breaches(reference, answer, found, clock)
    kinds = _kinds(reference, answer, found, breaches, clock)
    if clock.left <= 0:
        return Compared(tuple(differences(answer, reference)), told, found.counterexample.statement)
    statements = [found.counterexample.statement, *_shown(found, breaches)]
    return Compared(kinds, told, "; ".join(statements))


def _size(instance: Instance) -> int:
    return sum(len(family.domain) for family in instance.variables.values())


def _kinds(
    reference: Instance, answer: Instance, verdict: Verdict, breaches: tuple[Breach, ...] | None, clock: Clock
) -> tuple[str, ...]:
    rows = differences(answer, reference)
    if rows and _size(answer) == _size(reference) <= PERMUTED:
        return tuple(rows)
    if kind := repair(reference, answer, clock):
        return (kind,)
    if breaches:
        sides = {"missing constraint" if b.side == "reference" else "extra constraint" for b in breaches}
        return tuple(k for k in KINDS if k in sides)
    if kind := _of_statuses(verdict):
        return (kind,)
    if breaches is not None and _values_differ(verdict):
        return ("direction",) if _senses(reference) != _senses(answer) else ("data",)
    return tuple(rows)


def _breaches(reference: Instance, answer: Instance, verdict: Verdict, clock: Clock) -> tuple[Breach, ...] | None:
    """Constraints that a best solution of the other model breaks, on either side; None where their columns could not
    be laid over each other."""
    assert verdict.counterexample is not None
    if verdict.counterexample.breaches:
        return verdict.counterexample.breaches
    a, b = Side(reference, "reference", clock), Side(answer, "candidate", clock)
    matchings = guesses(a, b)
    if not matchings or not matchings[0].certain:
        return None
    found: dict[Breach, None] = {}
    for one, two in ((b, a), (a, b)):  # the first solution that breaks something is told: the answer's comes first
        told = crossed(one, two, matchings)
        if told is not None and told.counterexample is not None:
            found |= dict.fromkeys(told.counterexample.breaches)
    return tuple(found)


def _shown(verdict: Verdict, breaches: tuple[Breach, ...] | None) -> list[str]:
    """A broken constraint beside two optima, where the verdict does not tell one itself."""
    if not breaches or (verdict.counterexample is not None and verdict.counterexample.breaches):
        return []
    solver = "candidate" if breaches[0].side == "reference" else "reference"
    return [f"an optimal solution of the {solver} violates {breaches[0]}"]


def _of_statuses(verdict: Verdict) -> str:
    """What another status shows: the model without a solution, or without a limit, has more, or less, asked of it."""
    assert verdict.counterexample is not None
    match verdict.counterexample.statuses:
        case ("infeasible", _) | ("feasible", "unbounded"):
            return "missing constraint"
        case ("unbounded", _) | ("feasible", "infeasible"):
            return "extra constraint"
        case _:
            return ""


def _values_differ(verdict: Verdict) -> bool:
    c = verdict.counterexample
    return c is not None and None not in c.values and not c.data


def _senses(instance: Instance) -> list[str]:
    return [o.sense for o in sorted(instance.model.objectives, key=lambda o: -o.priority)]
