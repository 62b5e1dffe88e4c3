"""Instance -> PlainProgram: columns, rows and switched rows, and the objectives as affine forms.

The lowering of the third native route. It shares no code with the rewrites (`passes`), with the arrays of HiGHS
(`ground/linear`), with the protos of CP-SAT (`ground/cp`) or with the referee (`ir/evaluate`). What it shares with all
of them is the instance: the nodes, and the sets, parameter values and variable domains that `bind` worked out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil, floor

from nl2opt.ground.plain.arithmetic import choose, is_whole, maximum, of_cases, product
from nl2opt.ground.plain.expressions import Walk
from nl2opt.ground.plain.forms import (
    INFINITY,
    Affine,
    Bound,
    Choice,
    Formula,
    Number,
    Scalar,
    minus,
    opposite,
    plus,
    scaled,
)
from nl2opt.ground.plain.store import Store
from nl2opt.ground.plain.unsupported import unsupported
from nl2opt.ground.size import check_size
from nl2opt.ir.instance import Instance, Key, SetValue, VariableDomain
from nl2opt.ir.model import Constraint, Sense
from nl2opt.ir.nodes import Compare


@dataclass(frozen=True, slots=True)
class PlainGoal:
    """One level of the solve plan: an affine form to be minimized or maximized."""

    sense: Sense
    value: Number
    priority: int


@dataclass(frozen=True, slots=True)
class PlainProgram:
    """What was written down, the value of each variable of the instance in it, and the goals, most urgent first."""

    store: Store
    variables: dict[str, dict[Key, Scalar]]
    goals: tuple[PlainGoal, ...]


def ground_plain(instance: Instance, nonlinear: bool = False) -> PlainProgram:
    """Instance -> PlainProgram. Raises Unsupported, LimitExceeded, EvaluationError.

    ``nonlinear``: products, powers, quotients and smooth functions of variables stay, as equations of the store.
    """
    check_size(instance)
    store = Store(nonlinear)
    variables = {}
    for name, family in instance.variables.items():
        store.where = f"variables.{name}"
        variables[name] = {k: _column(store, family, n) for n, k in enumerate(family.domain.keys)}
    walk = Walk(store, instance, variables)
    for c in instance.model.constraints:
        if c.penalty is None:
            for formula in _conditions(walk, c):
                store.require(formula)
    goals = _goals(walk, instance)
    return PlainProgram(store, variables, goals)


# variables -----------------------------------------------------------------------------------------------------------


def _column(store: Store, family: VariableDomain, place: int) -> Scalar:
    if family.within is not None:
        return _in_set(store, family.within[place])
    low: Bound | None = family.lower[place]
    high: Bound | None = family.upper[place]
    low = -INFINITY if low is None else low
    high = INFINITY if high is None else high
    if family.type == "binary":
        low, high = max(low, 0), min(high, 1)
    if family.type != "real":
        low = low if abs(low) == INFINITY else ceil(low)
        high = high if abs(high) == INFINITY else floor(high)
    return store.column(low, high, family.type != "real")


def _in_set(store: Store, within: SetValue) -> Scalar:
    """One binary column an element, of which exactly one is 1; integers are a column of their own beside them.

    The column keeps the least and the greatest element as its bounds: sums over the binary columns would not.
    """
    if within.is_integer and 0 < len(within.elements) <= 2:
        low, high = min(within.elements), max(within.elements)
        assert isinstance(low, int) and isinstance(high, int)
        return plus(low, scaled(store.column(0, 1, True), high - low)) if high > low else low
    picks: list[Formula] = [store.binary() for _ in within]
    store.require(store.compare(minus(store.total(picks), 1), "=="))
    if not within.is_integer or not within.elements:
        return Choice(within.elements, tuple(picks))
    values = [e for e in within if isinstance(e, int)]
    return of_cases(store, tuple(zip(values, picks, strict=True)))


# constraints and goals -----------------------------------------------------------------------------------------------


def _conditions(walk: Walk, c: Constraint) -> Iterator[Formula]:
    """A constraint -> its condition at each binding. Errors name the constraint and the binding."""
    for _ in _bound(walk, c):
        yield walk.condition(c.expr)


def _bound(walk: Walk, c: Constraint) -> Iterator[None]:
    walk.store.where = f"constraint `{c.name}`"
    for _ in walk.each(c.over):
        binding = ", ".join(f"{k} = {v}" for k, v in walk.indices.values.items())
        walk.store.where = f"constraint `{c.name}`{f' ({binding})' * bool(binding)}"
        yield


def _goals(walk: Walk, instance: Instance) -> tuple[PlainGoal, ...]:
    """Objectives by priority; penalties belong to the last, and are minimized where there is none."""
    goals = []
    for n, o in enumerate(sorted(instance.model.objectives, key=lambda o: -o.priority)):
        walk.store.where = f"objectives[{n}]"
        value, needs = walk.apart(lambda o=o: walk.number(o.expr))  # type: ignore[misc]
        walk.store.require(needs)
        goals.append(PlainGoal(o.sense, value, o.priority))
    soft = [c for c in instance.model.constraints if c.penalty is not None]
    if not soft:
        return tuple(goals)
    cost: Number = 0
    for c in soft:
        assert c.penalty is not None
        for _ in _bound(walk, c):
            cost = plus(cost, product(walk.store, walk.number(c.penalty), _violation(walk, c)))
    if not goals:
        return (PlainGoal("minimize", cost, 0),)
    last = goals[-1]
    goals[-1] = replace(last, value=plus(last.value, cost if last.sense == "minimize" else scaled(cost, -1)))
    return tuple(goals)


def _violation(walk: Walk, c: Constraint) -> Number:
    """The amount by which a comparison is violated, 1 where it is undefined; of any other condition 0 or 1."""
    s, e = walk.store, c.expr
    if isinstance(e, Compare) and e.op != "!=":
        reals = walk.reals
        (left, right), needs = walk.apart(lambda: (walk.value(e.left), walk.value(e.right)))
        if not any(isinstance(v, Choice | str | tuple | float) for v in (left, right)):
            sides = s.number(left), s.number(right)
            excess = _excess(s, e.op, *sides, walk.reals > reals)
            return s.number(choose(s, [(needs, excess), (opposite(needs), 1)]))
    return s.count(opposite(walk.condition(e)))


def _excess(s: Store, op: str, left: Number, right: Number, continuous: bool) -> Number:
    """How far ``left op right`` is from holding; a strict comparison of whole sides asks for one more."""
    if op in (">=", ">"):
        left, right = right, left
    difference = minus(left, right)
    if op in ("<", ">") and not continuous:
        if is_whole(s, left) and is_whole(s, right):
            difference = plus(difference, 1)
        elif isinstance(left, Affine) or isinstance(right, Affine):
            raise unsupported("a strict soft comparison of fractions", s.where)
    if op == "==":
        return maximum(s, (difference, scaled(difference, -1)))
    return maximum(s, (difference, 0))
