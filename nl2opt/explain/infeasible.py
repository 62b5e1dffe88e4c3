"""Instance without a solution -> a conflict among the person's own constraints, each with the sentence it came from.

A filter over whole constraints: one is left out, and where the rest still has no solution it stays out. What remains is
irreducible, not smallest: without any one member there is a solution, and another conflict may have fewer. First whole
families of constraints and declared bounds are tried, then the bindings of the families that remain.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from nl2opt.errors import SolverFailure, Unsupported
from nl2opt.ir.evaluate import bindings
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Anchor, Constraint, Element, Over
from nl2opt.ir.nodes import Compare, Expr, Label, Name, SetLiteral, Tuple, number
from nl2opt.ir.text import print_expression
from nl2opt.solvers.result import Result, Termination

Solve = Callable[[Instance], Result]
Method = Literal["auto", "deletion", "quickxplain"]

BINDINGS = 2_000
"""Families with more bindings are reported whole."""
DELETION = 20
"""Up to so many candidates `auto` leaves out one at a time; beyond, QuickXplain halves them."""


@dataclass(frozen=True, slots=True)
class Member:
    """What takes part in a conflict: a constraint (at a binding, or all of it) or the bounds of a variable."""

    name: str
    kind: Literal["constraint", "bounds"]
    binding: str
    text: str
    anchors: tuple[Anchor, ...]

    @property
    def quotes(self) -> tuple[str, ...]:
        """The pieces of the person's text it came from."""
        return tuple(a.text for a in self.anchors if a.kind == "quote")

    def sentence(self) -> str:
        """One line for a person: what it is, what it says, and the words it came from."""
        what = f"bounds of {self.name}" if self.kind == "bounds" else f"{self.name}{self.binding}"
        said = " and ".join(f'"{q}"' for q in self.quotes) or "; ".join(a.text for a in self.anchors)
        return f"{what}: {self.text}" + (f", from {said}" if said else "")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Constraints that cannot hold together.

    ``irreducible``: each member was shown to be needed. ``verified``: a second solver finds them infeasible, too (None:
    it could not say). ``notes`` say what limits the finding: time, a solver that cannot drop a bound.
    """

    members: tuple[Member, ...]
    irreducible: bool
    verified: bool | None
    solves: int
    seconds: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """A candidate: one constraint of the model, or a variable whose bounds may be dropped."""

    member: Member
    constraint: Constraint | None = None


class _Filter:
    """Is a selection of parts infeasible? Counts solves, keeps to the deadline, remembers what was not decided."""

    def __init__(self, instance: Instance, solve: Solve, verify: Solve | None, deadline: float) -> None:
        self.instance = instance
        self.solve = solve
        self.verify = verify
        self.deadline = deadline
        self.solves = 0
        self.bounds: Sequence[_Part] = ()
        self.late = False
        self.undecided = False

    def infeasible(self, parts: Sequence[_Part]) -> bool:
        """True where the parts are proved to have no solution together; False where not, or not in time."""
        if time.perf_counter() > self.deadline:
            self.late = True
            return False
        found = decide(selection(self.instance, parts), self.solve)
        if found is None and self.verify is not None:
            found = decide(selection(self.instance, parts), self.verify)
        self.solves += 1
        if found is None and self.bounds:
            # the same with every bound kept is narrower: a solution of it is one of the selection, too
            chosen = [*self.bounds, *(p for p in parts if p.constraint is not None)]
            found = False if decide(selection(self.instance, chosen), self.solve) is False else None
        if found is None:
            self.undecided = True
        return found is True

    def deletion(self, parts: Sequence[_Part], fixed: Sequence[_Part] = ()) -> list[_Part]:
        """Infeasible parts -> those of them that are needed, by leaving out one at a time."""
        kept = list(parts)
        for part in parts:
            without = [p for p in kept if p is not part]
            if self.infeasible([*fixed, *without]):
                kept = without
        return kept

    def quickxplain(self, parts: Sequence[_Part], fixed: Sequence[_Part] = ()) -> list[_Part]:
        """The same by halving. Source: Junker, QUICKXPLAIN, AAAI 2004."""
        return [] if fixed and self.infeasible(fixed) else self._halve(list(fixed), False, list(parts))

    def _halve(self, fixed: list[_Part], grown: bool, parts: list[_Part]) -> list[_Part]:
        if grown and self.infeasible(fixed):
            return []
        if len(parts) == 1:
            return parts
        first, second = parts[: len(parts) // 2], parts[len(parts) // 2 :]
        from_second = self._halve([*fixed, *first], True, second)
        from_first = self._halve([*fixed, *from_second], bool(from_second), first)
        return [*from_first, *from_second]

    def reduce(self, parts: Sequence[_Part], method: Method, fixed: Sequence[_Part] = ()) -> list[_Part]:
        """Infeasible parts -> those that are needed."""
        if method == "quickxplain" or (method == "auto" and len(parts) > DELETION):
            return self.quickxplain(parts, fixed)
        return self.deletion(parts, fixed)


def find_conflict(
    instance: Instance,
    solve: Solve,
    verify: Solve | None = None,
    method: Method = "auto",
    time_limit: float = 30.0,
) -> Conflict:
    """Infeasible instance -> Conflict, by ``solve`` (and by ``verify`` where that one cannot say), within seconds.

    The members are all of the constraints, labelled not irreducible, where nothing could be decided in time.
    """
    started = time.perf_counter()
    search = _Filter(instance, solve, verify, started + time_limit)
    hard = [_whole(c) for c in instance.model.constraints if c.penalty is None]
    bounds = [_bounds(instance, name) for name in _declared_bounds(instance)]
    search.bounds = bounds
    notes: list[str] = []
    if not search.infeasible([*bounds, *hard]):
        notes.append("the solver does not find the constraints infeasible by themselves")
        return Conflict((), False, None, search.solves, time.perf_counter() - started, tuple(notes))
    # what is tried first goes first: bounds, then constraints that quote nothing
    hard.sort(key=lambda p: bool(p.member.quotes))
    kept = search.reduce([*bounds, *hard], method)
    kept = _by_binding(search, instance, kept, method)
    if search.late:
        notes.append(f"stopped after {time_limit:g} s: members may remain that are not needed")
    if search.undecided:
        notes.append("the solver could not decide every selection: members may remain that are not needed")
    verified = decide(selection(instance, kept), verify) if verify is not None else None
    return Conflict(
        tuple(p.member for p in kept),
        not search.late and not search.undecided,
        verified,
        search.solves,
        time.perf_counter() - started,
        tuple(notes),
    )


def decide(instance: Instance, solve: Solve) -> bool | None:
    """True: proved infeasible; False: a solution exists; None: the solver cannot say."""
    try:
        result = solve(instance)
    except (Unsupported, SolverFailure):
        return None
    if result.termination in (Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED):
        return True  # a selection has no objective, so it is not unbounded
    if result.point is not None or result.termination in (Termination.OPTIMAL, Termination.UNBOUNDED):
        return False
    return None


def selection(instance: Instance, parts: Sequence[_Part]) -> Instance:
    """The instance with the selected constraints and bounds only, nothing to optimise, and no soft constraints.

    A variable whose bounds are left out is as if declared without: not negative, and without an upper bound.
    """
    bounded = {p.member.name for p in parts if p.constraint is None}
    variables = dict(instance.variables)
    for name in _declared_bounds(instance):
        if name not in bounded:
            keys = len(variables[name].lower)
            variables[name] = replace(variables[name], lower=(Fraction(0),) * keys, upper=(None,) * keys)
    chosen = tuple(p.constraint for p in parts if p.constraint is not None)
    free = {name for name in _declared_bounds(instance) if name not in bounded}
    declared = tuple(
        replace(v, lower=None, upper=None) if v.name in free else v for v in instance.model.variables
    )  # some routes read bounds from the declaration, some from the instance
    model = replace(instance.model, variables=declared, constraints=chosen, objectives=(), outputs=())
    return replace(instance, model=model, variables=variables)


# parts ---------------------------------------------------------------------------------------------------------------


def _declared_bounds(instance: Instance) -> tuple[str, ...]:
    """Variables whose bounds the person gave; that a quantity is not negative is the language's default, no member."""
    return tuple(
        v.name
        for v in instance.model.variables
        if v.within is None and v.type != "binary" and (v.lower is not None or v.upper is not None)
    )


def _whole(c: Constraint) -> _Part:
    return _Part(Member(c.name, "constraint", "", print_expression(c.expr), c.anchors), c)


def _bounds(instance: Instance, name: str) -> _Part:
    family = instance.variables[name]
    lows = {b for b in family.lower if b is not None}
    highs = {b for b in family.upper if b is not None}
    parts = []
    if lows:
        parts.append(f">= {float(min(lows)):g}" if len(lows) == 1 else "its lower bounds")
    if highs:
        parts.append(f"<= {float(max(highs)):g}" if len(highs) == 1 else "its upper bounds")
    declared = next((v for v in instance.model.variables if v.name == name), None)
    anchors = declared.anchors if declared is not None else ()
    return _Part(Member(name, "bounds", "", f"{name} " + " and ".join(parts or ["is free"]), anchors))


def _by_binding(search: _Filter, instance: Instance, kept: list[_Part], method: Method) -> list[_Part]:
    """Families of several bindings -> the bindings that are needed."""
    for family in [p for p in kept if p.constraint is not None and p.constraint.over]:
        pieces = _pieces(instance, family)
        if len(pieces) <= 1:
            if pieces:
                kept = [pieces[0] if p is family else p for p in kept]
            continue
        others = [p for p in kept if p is not family]
        needed = search.reduce(pieces, method, others)
        place = kept.index(family)
        kept = [*kept[:place], *needed, *kept[place + 1 :]]
    return search.deletion(kept) if len(kept) > 1 and _split(kept) else kept


def _split(kept: Sequence[_Part]) -> bool:
    """True where two or more families were split: a binding of one may make one of another needless."""
    return len({p.member.name for p in kept if p.member.binding}) > 1


def _pieces(instance: Instance, family: _Part) -> list[_Part]:
    """A family -> one part a binding; none where its indices have no names or there are too many."""
    c = family.constraint
    assert c is not None
    names = [t for g in c.over for t in g.targets]
    if not all(g.targets for g in c.over):
        return []
    out: list[_Part] = []
    for _, env in bindings(c.over, instance):
        if len(out) >= BINDINGS:
            return []
        values = {n: env[n][0] for n in names}
        binding = f"[{', '.join(f'{n} = {_shown(v)}' for n, v in values.items())}]"
        single = replace(c, over=_only(c.over, values))
        out.append(_Part(replace(family.member, binding=binding), single))
    return out


def _shown(value: Element) -> str:
    return f"({', '.join(map(str, value))})" if isinstance(value, tuple) else str(value)


def _only(over: Over, values: dict[str, Element]) -> Over:
    """Index bindings -> the same, filtered down to one combination."""
    out = []
    for g in over:
        if len(g.targets) == 1 and isinstance(values[g.targets[0]], tuple):
            element = values[g.targets[0]]
            assert isinstance(element, tuple)
            out.append(replace(g, source=SetLiteral((Tuple(tuple(map(_literal, element))),))))
            continue
        own: tuple[Expr, ...] = tuple(Compare("==", Name(t), _literal(values[t])) for t in g.targets)
        out.append(replace(g, conditions=(*own, *g.conditions)))
    return tuple(out)


def _literal(value: Element) -> Expr:
    assert not isinstance(value, tuple)
    return Label(value) if isinstance(value, str) else number(value)
