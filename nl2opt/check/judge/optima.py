"""Both models solved: another status or optimum tells them apart; an optimal solution is put to the other model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from nl2opt.check.feasible import referee
from nl2opt.check.judge.matching import Matching
from nl2opt.check.judge.side import Side
from nl2opt.check.judge.verdict import Breach, Counterexample, Method, Pairing, Verdict
from nl2opt.ir.instance import Point
from nl2opt.solvers.result import Result, Termination

CLOSE = 1e-6
"""Optima that differ by at most this, relative to 1 + |optimum|, are the same."""


def status(a: Side, b: Side, data: str = "") -> Verdict | None:
    """A verdict where one is feasible, or bounded, and the other is not, or their optima differ."""
    x, y = a.result, b.result
    if x is None or y is None or not a.finished or not b.finished or not a.trusted or not b.trusted:
        return None
    where = f" on new data ({data})" if data else ""
    if _kind(x) != _kind(y):
        statement = f"the reference is {_kind(x)}, the candidate {_kind(y)}{where}"
        return _different(
            Counterexample(statement, (x.objective, y.objective), data=data, statuses=(_kind(x), _kind(y)))
        )
    if x.termination is not Termination.OPTIMAL or a.affine:
        return None
    for k, (p, q) in enumerate(zip(aims(a, x), aims(b, y), strict=False)):
        if abs(p - q) > CLOSE * (1 + abs(p)):
            which = f", of the objective that comes {_PLACES[min(k, 2)]}," if k else ""
            mine, theirs = (_as_told(side, k, v) for side, v in ((a, p), (b, q)))
            senses = [_senses(side)[k : k + 1] for side in (a, b)]
            told = [f" ({sense[0]}d)" if sense and senses[0] != senses[1] else "" for sense in senses]
            statement = (
                f"the reference's optimum{which} is {mine:.10g}{told[0]}, the candidate's {theirs:.10g}{told[1]}{where}"
            )
            return _different(Counterexample(statement, (mine, theirs), data=data))
    return None


_PLACES = ("first", "second", "later")


def _different(c: Counterexample, method: Method = "status") -> Verdict:
    if c.data:
        return Verdict("different", "resampled", "these data sets", counterexample=c)
    return Verdict("different", method, "this data", counterexample=c)


def _kind(r: Result) -> str:
    if r.termination is Termination.OPTIMAL:
        return "feasible"
    return str(r.termination.value)


def aims(side: Side, result: Result) -> list[float]:
    """The values of the objectives of the minimized form, the first first: the maximum of x and the minimum of -x are
    one aim. Where counted comparisons leave two readings of an objective, what comes after it is not told."""
    if result.objective is None or result.point is None:
        return []
    first = -result.objective if _senses(side)[:1] == ["maximize"] else result.objective
    found = [first]
    told = sorted(referee(side.instance, result.point).objectives, key=lambda o: -o.priority)
    for before, o in pairwise(told):
        if before.least != before.greatest or o.least != o.greatest:
            break
        found.append(float(-o.value if o.sense == "maximize" else o.value))
    return found


def _as_told(side: Side, k: int, value: float) -> float:
    """A value of the minimized form in the sense of the k-th objective."""
    return -value if _senses(side)[k : k + 1] == ["maximize"] else value


def _senses(side: Side) -> list[str]:
    return [o.sense for o in sorted(side.instance.model.objectives, key=lambda o: -o.priority)]


def crossed(a: Side, b: Side, found: list[Matching]) -> Verdict | None:
    """Each one's optimal solution put to the other, where their columns have the same names: a row it violates."""
    if not found or not found[0].certain:
        return None
    for one, two in ((a, b), (b, a)):
        point = one.result.point if one.result is not None else None
        if point is None:
            continue
        moved = moved_to(two, one, found[0], point)
        if moved is None:
            continue
        breaches = breaches_of(two, moved)
        if breaches:
            statement = f"an optimal solution of the {one.name} violates {breaches[0]}"
            return replace(
                _different(Counterexample(statement, side=one.name, point=point, breaches=breaches), "optima"),
                matching=pairings(found[0]), matched_by=found[0].by,
            )  # fmt: skip
        best = one.result is not None and one.result.termination is Termination.OPTIMAL
        if best and (short := _falls_short(two, moved)):
            statement = f"an optimal solution of the {one.name} is no optimal one of the {two.name}: {short}"
            return replace(
                _different(Counterexample(statement, side=one.name, point=point), "optima"),
                matching=pairings(found[0]), matched_by=found[0].by,
            )  # fmt: skip
    return None


def _falls_short(side: Side, point: Point) -> str:
    """A point that a side takes -> by how much it misses the side's optimum; '' where it does not."""
    if side.result is None or side.result.termination is not Termination.OPTIMAL:
        return ""
    here = aims(side, replace(side.result, point=point, objective=worth(side, point)))
    for k, (p, q) in enumerate(zip(here, aims(side, side.result), strict=False)):
        if abs(p - q) > CLOSE * (1 + abs(q)):
            there, best = _as_told(side, k, p), _as_told(side, k, q)
            return f"it is worth {there:.10g}, the optimum is {best:.10g}" if p > q else ""
    return ""


def worth(side: Side, point: Point) -> float | None:
    """The value of the first objective at a point."""
    told = sorted(referee(side.instance, point).objectives, key=lambda o: -o.priority)
    return float(told[0].value) if told else None


def moved_to(two: Side, one: Side, matching: Matching, point: Point) -> Point | None:
    """A point of one side at the columns of the other; None unless every column of the other has a namesake."""
    assert one.canonical is not None and two.canonical is not None
    images = matching.candidate if two.name == "candidate" else matching.reference
    values = one.values(point)
    out: dict[str, dict[Any, Any]] = {}
    for c in two.canonical.ground.columns:
        value: Any = c.value
        if c.atom is None:  # a namesake need not be what the bounds fix it at
            value = point.get(c.name, {}).get(c.key, value) if matching.by == "names" else value
        else:
            if c.atom not in images:
                return None
            image = images[c.atom]
            if isinstance(image, Sequence):
                family = two.instance.variables[c.name]
                assert family.within is not None
                taken = [k for k, condition in enumerate(image) if values.holds(condition)]
                value = family.within[family.domain.position[c.key]].elements[taken[0]]
            else:
                value = values.number(image)
                if c.atom.whole:
                    value = round(value)
        out.setdefault(c.name, {})[c.key] = value
    return out


def breaches_of(side: Side, point: Point) -> tuple[Breach, ...]:
    quotes = {
        c.name: tuple(x.text for x in c.anchors if x.kind == "quote") for c in side.instance.model.constraints
    }  # fmt: skip
    report = referee(side.instance, point)
    return tuple(
        Breach(side.name, f"{v.name}{f' ({v.binding})' if v.binding else ''}", v.text, v.amount, quotes.get(v.name, ()))
        for v in report.violations
    )


def pairings(matching: Matching) -> tuple[Pairing, ...]:
    """A matching as it is told."""
    return tuple(Pairing((str(a.args[0]), a.args[1]), (str(b.args[0]), b.args[1])) for a, b in matching.pairs.items())
