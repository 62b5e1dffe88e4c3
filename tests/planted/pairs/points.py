"""A small discrete instance -> every decision it allows, each with its best objective values, by exhaustive search.

Variables take their values one after the other. A condition is looked at by the referee's evaluator as soon as it can
be: reading a variable that has no value yet stops it, and it waits for that variable. A continuous variable is taken
where the rest is known and an equation determines it; otherwise the instance is not enumerable.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from nl2opt.check.feasible import referee
from nl2opt.check.tolerance import Judge
from nl2opt.errors import EvaluationError
from nl2opt.ir.evaluate import Evaluator
from nl2opt.ir.instance import Instance, Key
from nl2opt.ir.model import Constraint
from nl2opt.ir.nodes import Compare, Expr
from planted.pairs.rows import Place, Rows

Decisions = dict[tuple[Any, ...], tuple[Any, ...]]
"""The values of the view -> the best objective values, each to be minimized, of all points with these values."""

BRANCHING = 6
"""A domain larger than this is not searched where an equation determines the value."""


class NotEnumerable(Exception):
    """The instance cannot be listed: an infinite domain, a continuous choice, or more points than the budget."""


class Extra(Exception):
    """A decision was found that is not among those it should be."""

    def __init__(self, decision: tuple[Any, ...]) -> None:
        super().__init__(decision)
        self.decision = decision


class _Unassigned(Exception):
    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.place = place


class _Family(dict[Key, Any]):
    """The values of one variable family so far; reading another stops the evaluation."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def get(self, key: Key, default: Any = None) -> Any:
        if key not in self:
            raise _Unassigned((self.name, key))
        return self[key]


@dataclass(frozen=True)
class _Row:
    constraint: Constraint
    env: Any


def decisions(
    instance: Instance,
    view: Sequence[Expr],
    rows: Rows,
    bounds: dict[Place, tuple[int, int]] | None = None,
    seconds: float = 4.0,
    among: Decisions | None = None,
) -> Decisions:
    """Instance and view -> every decision it allows. ``bounds`` closes integer domains the document leaves open.

    ``rows`` only cut branches off early; every condition is evaluated all the same. ``seconds`` are those of the
    processor. Raises NotEnumerable, and Extra at the first decision that is not ``among`` given ones.
    """
    return _Search(instance, view, rows, bounds or {}, time.process_time() + seconds, among).run()


class _Reach:
    """Least and greatest value each affine row can still take."""

    def __init__(self, rows: Rows, domains: dict[Place, Sequence[Any] | None]) -> None:
        spans = {
            p: (min(d), max(d))
            for p, d in domains.items()
            if d is not None and len(d) and not isinstance(d[0], str | tuple)
        }
        self.limits: list[tuple[Any, Any]] = []
        self.least: list[Any] = []
        self.greatest: list[Any] = []
        self.at: dict[Place, list[tuple[int, Any, Any, Any]]] = {}
        for row in rows.rows:
            if not all(p in spans for p in row.coefficients):
                continue
            scale = lcm(*(c.denominator for c in row.coefficients.values())) if row.coefficients else 1
            i, least, greatest = len(self.limits), 0, 0
            for p, c in row.coefficients.items():
                whole = int(c * scale)
                low, high = sorted((whole * spans[p][0], whole * spans[p][1]))
                self.at.setdefault(p, []).append((i, whole, low, high))
                least, greatest = least + low, greatest + high
            self.limits.append((row.lower * scale if row.lower is not None else None,
                                row.upper * scale if row.upper is not None else None))  # fmt: skip
            self.least.append(least)
            self.greatest.append(greatest)

    def assign(self, place: Place, value: Any, sign: int = 1) -> bool:
        """Count a value in (sign -1: out again); False where a row cannot be met any more."""
        fine = True
        for i, c, low, high in self.at.get(place, ()):
            self.least[i] += sign * (c * value - low)
            self.greatest[i] += sign * (c * value - high)
            lower, upper = self.limits[i]
            if (upper is not None and self.least[i] > upper) or (lower is not None and self.greatest[i] < lower):
                fine = False
        return fine


class _Search:
    def __init__(
        self,
        instance: Instance,
        view: Sequence[Expr],
        rows: Rows,
        bounds: Any,
        deadline: float,
        among: Decisions | None,
    ) -> None:
        self.among = among
        self.instance, self.view, self.deadline = instance, view, deadline
        self.point = {name: _Family(name) for name in instance.variables}
        self.named = bool(instance.model.expressions)
        self._evaluator = Evaluator(instance, self.point)
        self.real: set[Place] = set()
        self.domains: dict[Place, Sequence[Any] | None] = {}
        for name, family in instance.variables.items():
            for i, key in enumerate(family.domain.keys):
                self.domains[name, key] = self._domain(name, key, i, bounds)
        self.soft = any(c.penalty is not None for c in instance.model.constraints)
        self.found: Decisions = {}
        self.reach = _Reach(rows, self.domains)

    def _domain(self, name: str, key: Key, i: int, bounds: Any) -> Sequence[Any] | None:
        family = self.instance.variables[name]
        if family.within is not None:
            return family.within[i].elements
        if family.type == "real":
            self.real.add((name, key))
            return None
        lower, upper = family.lower[i], family.upper[i]
        low, high = bounds.get((name, key), (None, None))
        low = low if lower is None else -(-lower // 1)
        high = high if upper is None else upper // 1
        if low is None or high is None:
            return None
        if high - low > 10_000:
            raise NotEnumerable(f"{name}{key} has a wide domain")
        return range(int(low), int(high) + 1)

    def evaluator(self) -> Evaluator:
        return Evaluator(self.instance, self.point) if self.named else self._evaluator

    def run(self) -> Decisions:
        evaluator = Evaluator(self.instance)
        rows = [
            _Row(c, dict(env))
            for c in self.instance.model.constraints
            if c.penalty is None
            for env, _ in evaluator.keyed_bindings(c.over, {})
        ]
        waiting: dict[Place, list[_Row]] = {}
        if self._look(rows, waiting):
            self._extend(waiting)
        return self.found

    def _look(self, rows: Sequence[_Row], waiting: dict[Place, list[_Row]]) -> bool:
        """Evaluate rows; those that cannot be yet wait. False where one fails."""
        for row in rows:
            if time.process_time() > self.deadline:
                raise NotEnumerable("out of time")
            evaluator = self.evaluator()
            try:
                if self.real:
                    holds = evaluator.closed(
                        lambda r=row, e=evaluator: Judge(e, True).verdict(r.constraint.expr, r.env).holds
                    )
                else:
                    holds = evaluator.condition(row.constraint.expr, row.env)
            except _Unassigned as e:
                waiting.setdefault(e.place, []).append(row)
                continue
            if not holds:
                return False
        return True

    def _extend(self, waiting: dict[Place, list[_Row]]) -> None:
        open_places = [p for p in self.domains if p[1] not in self.point[p[0]]]
        if not open_places:
            self._record()
            return

        def rank(p: Place) -> tuple[Any, ...]:
            domain = self.domains[p]
            size = 10**6 if domain is None else len(domain)
            return (
                size > 1 and p in self.real,
                size > 1 and size > 200,
                -len(waiting.get(p, ())) if size > 1 else -99,
                size,
            )

        chosen = min(open_places, key=rank)
        domain = self.domains[chosen]
        if domain is None or len(domain) > BRANCHING:
            value = None
            tried = open_places if domain is None else [chosen]
            for p in tried:
                value = self._determined(p, waiting.get(p, ()))
                if value is not None:
                    chosen = p
                    break
            if value is not None:
                whole = int(value) if value.denominator == 1 else value
                domain = (whole,) if self._allowed(chosen, value) else ()
        if domain is None:
            raise NotEnumerable(f"{chosen[0]}{list(chosen[1])} is free")
        name, key = chosen
        rest = {p: rows for p, rows in waiting.items() if p != chosen}
        for value in domain:
            if self.reach.assign(chosen, value):
                self.point[name][key] = value
                after = {p: list(rows) for p, rows in rest.items()}
                if self._look(waiting.get(chosen, ()), after):
                    self._extend(after)
                del self.point[name][key]
            self.reach.assign(chosen, value, -1)
            if time.process_time() > self.deadline:
                raise NotEnumerable("out of time")

    def _allowed(self, place: Place, value: Fraction) -> bool:
        name, key = place
        family = self.instance.variables[name]
        i = family.domain.position[key]
        lower, upper = family.lower[i], family.upper[i]
        whole = family.type == "real" or value.denominator == 1
        return whole and (lower is None or value >= lower) and (upper is None or value <= upper)

    def _determined(self, place: Place, rows: Sequence[_Row]) -> Fraction | None:
        """The value an equation gives a variable that nothing else in it leaves open; None where there is none."""
        name, key = place
        if self.instance.variables[name].within is not None:
            return None
        for row in rows:
            e = row.constraint.expr
            if not (isinstance(e, Compare) and e.op == "=="):
                continue
            gaps = []
            try:
                for probe in (0, 1, 3):
                    self.point[name][key] = probe
                    evaluator = self.evaluator()
                    gaps.append(
                        Fraction(evaluator.number(e.left, row.env)) - Fraction(evaluator.number(e.right, row.env))
                    )
            except (_Unassigned, EvaluationError):
                continue
            finally:
                del self.point[name][key]
            slope = gaps[1] - gaps[0]
            if slope and gaps[2] - gaps[0] == 3 * slope:
                return -gaps[0] / slope
        return None

    def _record(self) -> None:
        evaluator = self.evaluator()
        seen = tuple(_plain(evaluator.evaluate(e)) for e in self.view)
        if self.among is not None and seen not in self.among:
            raise Extra(seen)
        model = self.instance.model
        if self.soft:
            point = {n: dict(f) for n, f in self.point.items()}
            goals = tuple(
                Fraction(o.value) * (1 if o.sense == "minimize" else -1)
                for o in referee(self.instance, point).objectives
            )
        else:
            ordered = sorted(model.objectives, key=lambda o: -o.priority)
            goals = tuple(
                Fraction(evaluator.evaluate(o.expr)) * (1 if o.sense == "minimize" else -1)  # type: ignore[arg-type]
                for o in ordered
            )
        if seen not in self.found or goals < self.found[seen]:
            self.found[seen] = goals


def _plain(value: Any) -> Any:
    return Fraction(value) if isinstance(value, bool | int | float | Fraction) else value
