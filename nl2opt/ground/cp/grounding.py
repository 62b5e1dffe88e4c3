"""Instance -> CpProgram: a CP-SAT proto, where each variable went, and the objectives as affine forms.

A lowering of its own: it shares no code with the passes of the MILP route or with the referee's evaluator, so that two
routes that agree are evidence. Everything is ground one binding at a time, constants folded exactly, known conditions
first. Conditions become literals where they are reified (`cp_builder`), each made once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Any

from nl2opt.errors import Diagnostic, Nl2optError, Unsupported
from nl2opt.ground.cp.arithmetic import Numeric, absolute, choose, maximum, product
from nl2opt.ground.cp.bounds import propagate
from nl2opt.ground.cp.builder import Builder
from nl2opt.ground.cp.expressions import Grounder
from nl2opt.ground.cp.unsupported import unsupported
from nl2opt.ground.cp.values import (
    INFINITY,
    Affine,
    Bound,
    Choice,
    Scalar,
    Span,
    combine,
    denominator,
    negation,
    span_of,
    times,
)
from nl2opt.ground.size import check_size
from nl2opt.ir.instance import Instance, Key, SetValue, VariableDomain
from nl2opt.ir.model import Constraint, Sense
from nl2opt.ir.nodes import Compare, CompareOp

ROUNDS = 3
"""How often the instance is ground anew on the bounds inferred so far: nonlinear parts pass bounds on, too."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One level of the solve plan: an exact value to be minimized or maximized."""

    sense: Sense
    value: Numeric
    priority: int


@dataclass(frozen=True, slots=True)
class CpProgram:
    """A proto without objective, the value of each variable of the instance in it, and the goals, most urgent first.
    ``inferred`` names the variables whose bounds follow from the constraints.
    """

    proto: Any
    builder: Builder
    variables: dict[str, dict[Key, Scalar]]
    goals: tuple[Goal, ...]
    inferred: tuple[str, ...]
    infeasible: bool = False


def ground_cp(instance: Instance) -> CpProgram:
    """Instance -> CpProgram. Raises Unsupported, LimitExceeded, EvaluationError."""
    check_size(instance)
    bounds = infer_bounds(instance)
    b = Builder()
    if bounds is None:
        b.require(False)
        return CpProgram(b.proto, b, {}, (), (), infeasible=True)
    variables = _declare(b, instance, bounds)
    inferred = tuple(f"bounds of {n} follow from the constraints" for n in dict.fromkeys(n for n, _ in bounds))
    g = Grounder(b, instance, variables)
    for c in instance.model.constraints:
        if c.penalty is None:
            for formula in _conditions(g, c):
                b.require(formula)
    return CpProgram(b.proto, b, variables, _goals(g, instance), inferred)


# variables -----------------------------------------------------------------------------------------------------------

Inferred = dict[tuple[str, Key], tuple[Bound, Bound]]


def _declared(family: VariableDomain, place: int) -> tuple[Bound, Bound]:
    low, high = family.lower[place], family.upper[place]
    if family.type == "binary":
        return (max(0, ceil(low or 0)), min(1, 1 if high is None else floor(high)))
    return (-INFINITY if low is None else ceil(low), INFINITY if high is None else floor(high))


def _open(instance: Instance) -> bool:
    return any(
        None in (*family.lower, *family.upper) and family.within is None and family.type == "integer"
        for family in instance.variables.values()
    )


def _declare(b: Builder, instance: Instance, inferred: Inferred) -> dict[str, dict[Key, Scalar]]:
    """Make the variables of the proto; every variable that cannot be made is named, all at once."""
    slips: list[Diagnostic] = []
    out: dict[str, dict[Key, Scalar]] = {}
    for name, family in instance.variables.items():
        values: dict[Key, Scalar] = {}
        for place, key in enumerate(family.domain.keys):
            b.where = f"variables.{name}"
            try:
                values[key] = _variable(b, family, place, key, inferred)
            except Unsupported as e:
                slips.extend(e.diagnostics)
                break
        out[name] = values
    if slips:
        raise Unsupported(slips)
    return out


def _variable(b: Builder, family: VariableDomain, place: int, key: Key, inferred: Inferred) -> Scalar:
    if family.within is not None:
        return _in_set(b, family.within[place])
    shown = f"{family.name}[{', '.join(map(str, key))}]" if key else family.name
    if family.type == "real":
        low, high = family.lower[place], family.upper[place]
        if low is not None and low == high:
            return low.numerator if low.denominator == 1 else low
        raise unsupported("real variable", b.where, shown)
    low_, high_ = inferred.get((family.name, key), _declared(family, place))
    missing = [side for side, x in (("lower", low_), ("upper", high_)) if abs(x) == INFINITY]
    if missing and not b.dry:
        fix = f"give {family.name} {' and '.join(f'`{m}`' for m in missing)}, or solve with HiGHS"
        raise unsupported("unbounded integer", b.where, f"{shown} has no {' and no '.join(missing)} bound", fix)
    return _over(b, ((low_, high_),) if low_ <= high_ else ())


def _in_set(b: Builder, within: SetValue) -> Scalar:
    if within.is_integer and within.elements:
        return _over(b, span_of(e for e in within if isinstance(e, int)))
    if not within.elements:
        b.require(False)
        return 0
    index = _over(b, ((0, len(within) - 1),))
    return Choice(index, within.elements)


def _over(b: Builder, span: Span) -> Affine:
    """A variable over a span; over an empty one the program has no solution."""
    if not span:
        b.require(False)
        span = ((0, 0),)
    return Affine({b.variable(span): 1})


def infer_bounds(instance: Instance) -> Inferred | None:
    """Bounds that follow from the constraints, for integer variables declared without; None where none is left."""
    found: Inferred = {}
    if not _open(instance):
        return found
    for _ in range(ROUNDS):
        b = Builder(dry=True)
        reals = {n: f for n, f in instance.variables.items() if f.type == "real" and f.within is None}
        if reals:
            return found
        variables = _declare(b, instance, found)
        g = Grounder(b, instance, variables)
        for c in instance.model.constraints:
            if c.penalty is None:
                _ground_for_bounds(g, c)
        lower, upper = list(b.lower), list(b.upper)
        if not propagate(b.rows, lower, upper):
            return None
        before = dict(found)
        for name, family in instance.variables.items():
            if family.within is not None or family.type == "binary":
                continue
            for place, key in enumerate(family.domain.keys):
                low, high = _declared(family, place)
                value = variables[name][key]
                if max(abs(low), abs(high)) == INFINITY and isinstance(value, Affine):
                    (v,) = value.terms
                    found[name, key] = (lower[v], upper[v])
        if before == found:
            break
    return found


def unbounded(instance: Instance) -> tuple[str, ...]:
    """Integer variables without a finite bound on both sides, given or following from the constraints."""
    if not _open(instance):
        return ()
    check_size(instance)
    found = infer_bounds(instance)
    if found is None:
        return ()
    missing = []
    for name, family in instance.variables.items():
        for place, key in enumerate(family.domain.keys):
            if family.within is None and family.type == "integer":
                low, high = found.get((name, key), _declared(family, place))
                if max(abs(low), abs(high)) == INFINITY:
                    missing.append(f"{name}[{', '.join(map(str, key))}]" if key else name)
    return tuple(missing)


def _ground_for_bounds(g: Grounder, c: Constraint) -> None:
    """Root rows of one constraint; bindings that need finite bounds already are left out."""
    g.b.where = f"constraint `{c.name}`"
    for _ in g.each(c.over):
        try:
            g.b.require(g.condition(c.expr))
        except Unsupported:
            continue


# constraints and goals -----------------------------------------------------------------------------------------------


def _conditions(g: Grounder, c: Constraint) -> Iterator[Any]:
    """A constraint -> its condition at each binding. Errors name the constraint and the binding."""
    g.b.where = f"constraint `{c.name}`"
    try:
        for _ in g.each(c.over):
            yield g.condition(c.expr)
    except Unsupported as e:
        raise _bound(e, g) from None


def _bound(e: Nl2optError, g: Grounder) -> Nl2optError:
    binding = ", ".join(f"{k} = {v}" for k, v in g.env.items())
    return type(e)([replace(d, where=f"{d.where} ({binding})" if binding else d.where) for d in e.diagnostics])


def _goals(g: Grounder, instance: Instance) -> tuple[Goal, ...]:
    """Objectives by priority, penalties added to the last one; with no objective, penalties are minimized."""
    goals = []
    for i, o in enumerate(sorted(instance.model.objectives, key=lambda o: -o.priority)):
        g.b.where = f"objectives[{i}]"
        value, needs = g.apart(lambda o=o: g.number(o.expr))  # type: ignore[misc]
        g.b.require(needs)
        goals.append(Goal(o.sense, value, o.priority))
    soft = [c for c in instance.model.constraints if c.penalty is not None]
    if not soft:
        return tuple(goals)
    cost: Numeric = 0
    for c in soft:
        cost = combine(cost, _penalties(g, c))
    if not goals:
        return (Goal("minimize", cost, 0),)
    last = goals[-1]
    goals[-1] = replace(last, value=combine(last.value, cost, 1 if last.sense == "minimize" else -1))
    return tuple(goals)


def _penalties(g: Grounder, c: Constraint) -> Numeric:
    """What violating a soft constraint costs, over all its bindings."""
    g.b.where = f"constraint `{c.name}`"
    assert c.penalty is not None
    cost: Numeric = 0
    for _ in g.each(c.over):
        weight = g.number(c.penalty)
        cost = combine(cost, product(g.b, weight, _violation(g, c)))
    return cost


def _violation(g: Grounder, c: Constraint) -> Numeric:
    """The amount by which a comparison is violated, 1 where it is undefined; of any other condition 0 or 1."""
    b = g.b
    if isinstance(c.expr, Compare) and c.expr.op != "!=":
        expr = c.expr
        (left, right), needs = g.apart(lambda: (g.value(expr.left), g.value(expr.right)))
        if not any(isinstance(v, Choice | str | tuple | float) for v in (left, right)):
            difference = combine(b.number(left), b.number(right), -1)
            return choose(b, needs, _excess(b, expr.op, difference), 1)
    return b.count(negation(g.condition(c.expr)))


def _excess(b: Builder, op: CompareOp, difference: Numeric) -> Numeric:
    """How far `difference op 0` is from holding; a strict comparison of whole sides asks for one more."""
    if op == "==":
        return absolute(b, difference)
    if op in (">=", ">"):
        difference = times(difference, -1)
    if op in ("<", ">"):
        if denominator(difference) > 1:
            raise unsupported("strict soft comparison of fractions", b.where)
        difference = combine(difference, 1)
    return maximum(b, (difference, 0))
