"""Pair -> what is true of it, found by listing every decision of both, or by optimizing directions over both.

Definition: a *decision* is the values of the view at a point. Two models are the same where they allow the same
decisions, and where at each decision their best objective values are equal: all objectives by falling priority, each
counted as minimized (so a maximized one is negated). They are the same up to an affine change where each objective of
one is a positive multiple of the other's plus a constant, over all decisions.

Listing (`points`) settles both ways, exactly. Directions (`rows`, and the package's solvers for what is not linear)
settle one way: two sets that reach differently far in one direction differ. Nothing here is shared with the judge that
is measured, nor with what makes the pairs.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from importlib import import_module
from itertools import combinations
from random import Random
from typing import Any, Literal

import numpy as np

from nl2opt.check.feasible import referee
from nl2opt.errors import Nl2optError
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.evaluate import Evaluator, bindings
from nl2opt.ir.instance import Instance, SetValue
from nl2opt.ir.model import Constraint, Objective
from nl2opt.ir.nodes import Compare, Comprehension, Expr, Label, ListLiteral, Name, Subscript, add, joined_lists, mul
from nl2opt.ir.nodes import Number as Literal_
from nl2opt.ir.text import parse_expression
from nl2opt.ir.walk import map_children, substitute
from nl2opt.solvers.auto import choose, second_route
from nl2opt.solvers.result import Result, SolveOptions, Termination
from planted.pairs.pair import Pair
from planted.pairs.points import Decisions, Extra, NotEnumerable, decisions
from planted.pairs.rows import Affine, NotAffine, Probe, Program, Row, Rows, affine_rows, integer_bounds

Word = Literal["same", "affine", "different", "unknown"]
MOST_EXCHANGED = 16
"""Decisions that are exchanged two by two."""
RELATIVE = 1e-5
"""Two optima differ where they are farther apart than this times 1 + their size."""


@dataclass(frozen=True)
class Truth:
    """What is true of a pair, how it was found, and for "different" a witness."""

    word: Word
    method: str
    why: str = ""


@dataclass(frozen=True)
class Side:
    """One model of a pair at its data, with the view over it."""

    instance: Instance
    view: tuple[Expr, ...]

    @cached_property
    def rows(self) -> Rows:
        return affine_rows(self.instance)

    @cached_property
    def program(self) -> Program:
        return Program(self.rows)

    @cached_property
    def affine_view(self) -> tuple[Affine, ...] | None:
        probe = Probe(self.instance)
        try:
            return tuple(probe.affine(e, {}) for e in self.view)
        except NotAffine:
            return None

    @property
    def linear(self) -> bool:
        return self.rows.complete and self.affine_view is not None


def side(document: str, data: Mapping[str, Any] | None, view: Sequence[str]) -> Side:
    """A document, its data and its half of a view -> Side."""
    instance = bind(read_document(document), data)
    items = [e for text in view for e in scalars(parse_expression(text), instance)]
    return Side(instance, tuple(items))


def scalars(e: Expr, instance: Instance) -> list[Expr]:
    """A number or a list of numbers over an instance -> its numbers, with no index left."""
    match e:
        case ListLiteral(items):
            return [x for i in items for x in scalars(i, instance)]
        case Comprehension("list", body, generators):
            out: list[Expr] = []
            for _, env in bindings(generators, instance):
                values = {n: _literal(v[0] if isinstance(v, tuple) and isinstance(v[1], SetValue | None) else v)
                          for n, v in env.items()}  # fmt: skip
                out += scalars(substitute(body, values), instance)
            return out
        case Name(name) if name in instance.variables and instance.model.symbols[name].over:  # type: ignore[union-attr]
            return [Subscript(name, tuple(map(_literal, k))) for k in instance.variables[name].domain.keys]
        case _ if parts := joined_lists(e):
            return [x for p in parts for x in scalars(p, instance)]
        case _:
            return [e]


def _literal(value: Any) -> Expr:
    return Label(value) if isinstance(value, str) else Literal_(Fraction(value))


def truth(pair: Pair, seconds: float = 4.0, directions: int = 24, patience: float = 10.0) -> Truth:
    """Pair -> what is true of it.

    ``seconds`` of the processor to list a side, ``directions`` to try, no further one after ``patience`` seconds where
    the solvers of the package are needed.
    """
    a = _reference(pair.reference, repr(pair.data), tuple(r for r, _ in pair.view), Kept(pair.data))
    b = side(pair.candidate, pair.candidate_data, [c for _, c in pair.view])
    if len(a.view) != len(b.view):
        raise ValueError(f"{pair.id}: the view has {len(a.view)} values over one side, {len(b.view)} over the other")
    return _compared(a, b, seconds, directions, patience)


def exchanged(pair: Pair, seconds: float = 0.5, patience: float = 1.0) -> bool:
    """Could a candidate with other names than the reference be it, two of its decisions or labels changing places?

    True where `truth` finds no difference once two of the values it decides, or two labels of a set in them, have been
    exchanged. Where all names are new nothing but the order tells such a candidate from the reference.
    """
    a = _reference(pair.reference, repr(pair.data), tuple(r for r, _ in pair.view), Kept(pair.data))
    b = side(pair.candidate, pair.candidate_data, [c for _, c in pair.view])
    views = []
    for i, j in combinations(range(min(len(b.view), MOST_EXCHANGED)), 2):
        turned = list(b.view)
        turned[i], turned[j] = turned[j], turned[i]
        views.append(tuple(turned))
    for s in b.instance.sets.values():
        for x, y in combinations([e for e in s.elements if isinstance(e, str)][:MOST_EXCHANGED], 2):
            views.append(tuple(_exchanged(e, x, y) for e in b.view))
    return any(_compared(a, replace(b, view=v), seconds, 8, patience).word != "different" for v in dict.fromkeys(views))


def _exchanged(e: Expr, x: str, y: str) -> Expr:
    """An expression with two labels exchanged."""
    if isinstance(e, Label) and e.value in (x, y):
        return Label(y if e.value == x else x)
    return map_children(e, lambda inner: _exchanged(inner, x, y))


def _compared(a: Side, b: Side, seconds: float, directions: int, patience: float) -> Truth:
    """Two sides whose views are laid over each other -> what is true of them."""
    found = _directions(a, b, directions, patience) if a.linear and b.linear else None
    if found is not None and found.word == "different":
        return found
    try:
        ours = _decisions_of_reference(a, seconds)
        return _listed(ours, decisions(b.instance, b.view, b.rows, integer_bounds(b.rows), seconds, among=ours))
    except Extra as extra:
        return Truth("different", f"listed {len(ours)} decisions", f"only the candidate allows {shown(extra.decision)}")
    except NotEnumerable:
        return found or _directions(a, b, directions, patience)


@dataclass(frozen=True, eq=True)
class Kept:
    """Data that ride along with what identifies them: equal to any other."""

    data: Any = field(compare=False, hash=False)


@lru_cache(maxsize=256)
def _reference(document: str, _data: str, view: tuple[str, ...], kept: Kept) -> Side:
    """A reference's side, made once for all pairs of it."""
    return side(document, kept.data, view)


_LISTED: dict[tuple[int, float], tuple[Side, Decisions | None]] = {}


def _decisions_of_reference(s: Side, seconds: float) -> Decisions:
    """The decisions of a side that many pairs share, listed once."""
    key = (id(s), seconds)
    if key not in _LISTED:
        try:
            _LISTED[key] = (s, decisions(s.instance, s.view, s.rows, integer_bounds(s.rows), seconds))
        except NotEnumerable:
            _LISTED[key] = (s, None)
    found = _LISTED[key][1]
    if found is None:
        raise NotEnumerable
    return found


# listing -------------------------------------------------------------------------------------------------------------


def _listed(a: Decisions, b: Decisions) -> Truth:
    method = f"listed {len(a)} and {len(b)} decisions"
    for ours, others, who in ((a, b, "reference"), (b, a, "candidate")):
        extra = next((d for d in ours if d not in others), None)
        if extra is not None:
            return Truth("different", method, f"only the {who} allows {shown(extra)}")
    return _goals([(shown(d), a[d], b[d]) for d in a], method)


def _goals(values: list[tuple[str, tuple[Any, ...], tuple[Any, ...]]], method: str, exact: bool = True) -> Truth:
    """Objective values of both at the same decisions -> Truth, where the decisions are known to be the same."""
    if not values:
        return Truth("same" if exact else "unknown", method, "neither allows any decision")
    if len({len(v) for _, *both in values for v in both}) > 1:
        return Truth("different", method, "the number of objectives")
    close = 0.0 if exact else RELATIVE
    apart = next((v for v in values if not _equal(v[1], v[2], close)), None)
    if apart is None:
        return Truth("same" if exact else "unknown", method, "no difference" if not exact else "")
    for k in range(len(apart[1])):
        pairs = sorted({(x[k], y[k]) for _, x, y in values})
        low, high = pairs[0], pairs[-1]
        slope = 1 if high[0] == low[0] else (high[1] - low[1]) / (high[0] - low[0])
        if slope <= 0 or any(not _equal((low[1] + slope * (x - low[0]),), (y,), close) for x, y in pairs):
            return Truth("different", method, f"objective at {apart[0]}: {_numbers(apart[1])} and {_numbers(apart[2])}")
    return Truth("affine" if exact else "unknown", method, "objectives differ by an affine map")


def _equal(a: Sequence[Any], b: Sequence[Any], close: float) -> bool:
    return all(
        x == y or (close and abs(float(x) - float(y)) <= 10 * close * (1 + abs(float(x))))
        for x, y in zip(a, b, strict=True)
    )


def _numbers(values: Sequence[Any]) -> str:
    return ", ".join(f"{float(v):g}" for v in values)


def shown(values: Sequence[Any]) -> str:
    """A decision in a line."""
    text = ", ".join(f"{float(v):g}" if isinstance(v, Fraction | float | int) else str(v) for v in values[:40])
    return f"({text}{', ...' if len(values) > 40 else ''})"


# directions ----------------------------------------------------------------------------------------------------------


def _directions(a: Side, b: Side, count: int, patience: float) -> Truth:
    """Greatest values of the same weighted sums of the view over both, then objectives where they meet."""
    slow = not (a.linear and b.linear)
    tried, started = 0, time.monotonic()
    meeting: list[tuple[float, ...]] = []
    for weights in _weights(a, b, count // 2 if slow else count):
        if slow and time.monotonic() > started + patience:
            break
        try:
            (best_a, view_a), (best_b, _) = _reach(a, weights), _reach(b, weights)
        except (RuntimeError, Nl2optError):
            continue
        tried += 1
        if best_a is None and best_b is None:
            return Truth("unknown", "directions", "neither allows any decision")
        if best_a is None or best_b is None or _apart(best_a, best_b):
            text = " + ".join(f"{w:g} * v{k}" for k, w in enumerate(weights) if w)
            return Truth("different", "directions", f"max of {text}: {best_a} and {best_b}")
        if view_a and len(meeting) < (4 if slow else 12) and view_a not in meeting:
            meeting.append(view_a)
    values = []
    for decision in meeting:
        try:
            both = _best_at(a, decision), _best_at(b, decision)
        except (RuntimeError, Nl2optError):
            continue
        if None not in both:
            values.append((shown(decision), *both))
    return _goals(values, f"{tried} directions, {len(values)} decisions", exact=False)  # type: ignore[arg-type]


def _apart(x: float, y: float) -> bool:
    if math.isinf(x) or math.isinf(y):
        return x != y
    return abs(x - y) > RELATIVE * 10 * (1 + abs(x) + abs(y))


def _weights(a: Side, b: Side, count: int) -> list[tuple[float, ...]]:
    """The normals of the rows of both, as far as they are sums of the view; single values; random sums."""
    n, rng = len(a.view), Random(11)
    found: list[tuple[float, ...]] = []
    for s in (b, a):
        if s.affine_view is None:
            continue
        columns = {p: i for i, p in enumerate(s.rows.places)}
        matrix = np.zeros((len(columns), n))
        for k, e in enumerate(s.affine_view):
            for p, c in e.coefficients.items():
                matrix[columns[p], k] = float(c)
        for row in s.rows.rows:
            normal = np.zeros(len(columns))
            for p, c in row.coefficients.items():
                normal[columns[p]] = float(c)
            w, *_ = np.linalg.lstsq(matrix, normal, rcond=None)
            if np.allclose(matrix @ w, normal, atol=1e-9) and np.any(w):
                signs = ([1.0] if row.upper is not None else []) + ([-1.0] if row.lower is not None else [])
                found += [tuple(float(round(x * sign, 12)) for x in w) for sign in signs]
    rng.shuffle(found)
    units = [tuple(sign if i == k else 0.0 for i in range(n)) for k in range(n) for sign in (1.0, -1.0)]
    rng.shuffle(units)
    mixed = [tuple(float(rng.randint(-3, 3)) for _ in range(n)) for _ in range(count // 4 + 1)]
    chosen = list(dict.fromkeys([*mixed[:2], *found[: count // 2], *units[: count // 3], *mixed[2:]]))
    return [w for w in chosen if any(w)]


def _reach(s: Side, weights: Sequence[float]) -> tuple[float | None, tuple[float, ...]]:
    """Greatest weighted sum of the view, and the decision; None where infeasible, inf where unbounded."""
    if s.linear:
        assert s.affine_view is not None
        total: dict[Any, Fraction] = {}
        constant = Fraction(0)
        for w, e in zip(weights, s.affine_view, strict=True):
            exact = Fraction(w)
            constant += exact * e.constant
            for p, c in e.coefficients.items():
                total[p] = total.get(p, Fraction(0)) + exact * c
        best, point = s.program.maximize(Affine({p: c for p, c in total.items() if c}, constant))
        if not point:
            return best, ()
        seen = tuple(
            float(e.constant) + sum(float(c) * point[p] for p, c in e.coefficients.items()) for e in s.affine_view
        )
        return best, tuple(round(x, 7) for x in seen)
    goal = add(*(mul(Literal_(Fraction(w)), e) for w, e in zip(weights, s.view, strict=True) if w))
    point, best = _solve(s, (Objective("maximize", goal),), ())
    return best, tuple(round(float(x), 7) for x in _seen(s, point)) if point is not None else ()


def _best_at(s: Side, decision: Sequence[float]) -> tuple[float, ...] | None:
    """Best objective values, each to be minimized, where the view has these values; None where nothing has."""
    if not s.instance.model.objectives and not any(c.penalty is not None for c in s.instance.model.constraints):
        return ()
    if s.linear and s.rows.objectives is not None and len(s.rows.objectives) == 1:
        assert s.affine_view is not None
        sense, goal = s.rows.objectives[0]
        extra = []
        for e, v in zip(s.affine_view, decision, strict=True):
            slack = Fraction(1, 10**6) * (1 + abs(int(v)))
            level = Fraction(v) - e.constant
            if e.coefficients:
                extra.append(Row(e.coefficients, level - slack, level + slack))
        sign = -1 if sense == "minimize" else 1
        wanted = Affine({p: sign * c for p, c in goal.coefficients.items()}, sign * goal.constant)
        best, _ = Program(s.rows, extra=extra).maximize(wanted)
        return None if best is None or math.isinf(best) else (-best,)
    rows = []
    for k, (e, v) in enumerate(zip(s.view, decision, strict=True)):
        slack = Fraction(1, 10**6) * (1 + abs(int(v)))
        low, high = Literal_(Fraction(v) - slack), Literal_(Fraction(v) + slack)
        rows += [
            Constraint(f"at_least_{k}_", Compare(">=", e, low)),
            Constraint(f"at_most_{k}_", Compare("<=", e, high)),
        ]
    point, _ = _solve(s, s.instance.model.objectives, tuple(rows), soft=True)
    if point is None:
        return None
    report = referee(s.instance, point)
    return tuple(float(o.value) * (1 if o.sense == "minimize" else -1) for o in report.objectives)


def _run(name: str, instance: Instance) -> Result:
    module = {"scip_nlp": "scip_nonlinear"}.get(name, name)
    return import_module(f"nl2opt.solvers.{module}").solve(instance, SolveOptions(time_limit=2.0))  # type: ignore[no-any-return]


def _seen(s: Side, point: Any) -> list[Any]:
    evaluator = Evaluator(s.instance, point)
    return [evaluator.evaluate(e) for e in s.view]


def _solve(
    s: Side, objectives: tuple[Objective, ...], extra: tuple[Constraint, ...], soft: bool = False
) -> tuple[Any, float | None]:
    """The instance with other objectives and more rows -> (point, objective), by a solver of the package."""
    model = s.instance.model
    kept = tuple(c for c in model.constraints if soft or c.penalty is None)
    changed = replace(s.instance, model=replace(model, objectives=objectives, constraints=(*kept, *extra)))
    name, _ = choose(changed)
    result = _run(name, changed)
    match result.termination:
        case Termination.OPTIMAL:
            return result.point, result.objective
        case Termination.INFEASIBLE:
            # a presolve has called feasible programs infeasible: another route has to say so too
            if _run(second_route(changed, name), changed).termination is not Termination.INFEASIBLE:
                raise RuntimeError("two routes disagree")
            return None, None
        case Termination.UNBOUNDED:
            return None, math.inf
        case _:
            raise RuntimeError(result.termination.value)
