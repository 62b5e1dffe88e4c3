"""Under a matching: does every solution of one model satisfy the other, and is it worth the same? Proved, or a point.

For each row of the other model that is not a row of this one: is there a solution of this model that violates it? Of
continuous rows the violation is maximized, of the rest a solution with its negation is asked for. Columns of the other
model that are not matched must be defined by one of its equations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import prod

from nl2opt.check.feasible import referee
from nl2opt.check.judge.definitions import definitions
from nl2opt.check.judge.grounding import Row
from nl2opt.check.judge.side import ASKED, Clock, Side
from nl2opt.check.judge.terms import Atom, Condition, Form, NotCanonical, Number, Terms, columns_in, form_of
from nl2opt.check.judge.translation import Image, Missing, Saying, Translation
from nl2opt.ir.instance import Point
from nl2opt.ir.nodes import Compare, Expr, disjunction
from nl2opt.ir.nodes import Number as Literal
from nl2opt.solvers.result import Termination

MOST_CLAUSES = 64
"""Clauses a condition is taken apart into."""
MOVED = 1e-6
TOLERANCE = Fraction(1, 10**6)
"""A row violated by at most this, relative to 1 + its constant, is satisfied: never more than docs/SEMANTICS.md allows,
which takes its largest term."""


@dataclass(frozen=True, slots=True)
class Implication:
    """What was found: ``holds`` True (proved), False (``point`` of this model shows it) or None (``why``).

    ``rows`` are the rows of the other model that the point violates, each with by how much (1 for a condition that is
    no comparison); none where both take it and value it differently.
    """

    holds: bool | None
    exact: bool = True
    point: Point | None = None
    rows: tuple[tuple[Row, float], ...] = ()
    why: str = ""


def implied(
    by: Side,
    other: Side,
    images: Mapping[Atom, Image],
    clock: Clock,
    fixed: Mapping[Atom, Image] | None = None,
    *,
    partners: Mapping[Atom, Image] | None = None,
    one_of: Sequence[Sequence[Condition]] = (),
) -> Implication:
    """Does every solution of ``by`` satisfy ``other``, at the same value?

    ``images`` are columns (or conditions) of ``other`` over those of ``by``; ``fixed`` the columns of ``by`` whose
    namesakes the bounds of ``other`` fix, with the values they must have; ``partners`` the columns of ``by`` over those
    of ``other``: where that is all of them, those of ``other`` may be completed in any way; ``one_of`` conditions of
    ``by`` of which exactly one must hold for the images to have a meaning.
    """
    assert by.canonical is not None and other.canonical is not None
    images = dict(images)
    try:
        defined = _define(by, other, images)
        if partners is not None and partners.keys() >= set(by.atoms.values()):
            _complete(by, other, images)
    except Missing as m:
        return Implication(None, why=f"nothing defines {m} of the {other.name}")
    translation = Translation(by.canonical.ground.terms, images)
    own = _own(by)
    left: list[tuple[Row, Condition]] = []
    try:
        for row in (
            *_exactly_one(one_of, by),
            *_fixed(fixed or {}, by),
            *_domains(other, images, by),
            *defined,
            *other.canonical.rows,
        ):
            if clock.left <= 0:
                return Implication(None, why="the time is over")
            condition = row.condition if row.source == "" else translation.condition(row.condition)
            left += [(row, c) for c in _parts(condition, by) if c is not True and not _stated(c, own)]
        aims = _aims(by, other, translation)
    except Missing as m:
        return Implication(None, why=f"nothing defines {m} of the {other.name}")
    except NotCanonical as e:
        return Implication(None, why=str(e))
    if isinstance(aims, str):
        return Implication(None, why=aims)
    return _solved(by, left, aims, clock)


def _define(by: Side, other: Side, images: dict[Atom, Image]) -> list[Row]:
    """Columns of ``other`` without an image get that of the equation that defines them; -> their bounds, translated.

    Raises Missing where a column that is used has no definition.
    """
    assert by.canonical is not None and other.canonical is not None
    t, u = _terms(by), _terms(other)
    rows: list[Row] = []
    waiting = {a for a in other.atoms.values() if a not in images and a.args[2] != "element"}
    found = list(definitions(u, other.canonical.rows, waiting))
    progress = True
    while waiting and progress and by.clock.left > 0:
        progress = False
        for column, values, sign, _ in found:
            if column not in waiting or not columns_in(values) <= images.keys():
                continue
            told = Translation(t, images)
            value = t.scale(t.maximum([told.number(v) for v in values]), sign)
            if column.whole and not t.is_whole(value):
                continue
            images[column] = value
            rows += _bounds(column, value, by)
            waiting.remove(column)
            progress = True
    return rows


def _complete(by: Side, other: Side, images: dict[Atom, Image]) -> None:
    """Binaries that nothing defines, alone in a row with an amount: it may say that there is one.

    A guess is enough here: whatever completes a solution shows that it can be completed.
    """
    assert other.canonical is not None
    t = _terms(by)
    binaries = {y for y in other.atoms.values() if y not in images and y.whole and (y.low, y.high) == (0, 1)}
    for row in other.canonical.rows if binaries else ():
        pair = columns_in(row.condition)
        for y in pair & binaries if len(pair) == 2 else ():
            (x,) = pair - {y}
            image = images.get(x)
            if y not in images and isinstance(image, int | Fraction | Form) and x.whole and x.low == 0:
                images[y] = t.number(t.at_most_zero(t.minus(1, image)))


def _domains(other: Side, images: dict[Atom, Image], by: Side) -> list[Row]:
    """What the matched columns of ``other`` ask of their images: bounds, and whole values."""
    rows: list[Row] = []
    for column in other.atoms.values():
        image = images.get(column)
        if isinstance(image, int | Fraction | Form):
            rows += _bounds(column, image, by)
    return rows


def _fixed(fixed: Mapping[Atom, Image], by: Side) -> list[Row]:
    """Columns of a side and the values they must have -> rows that say so."""
    assert by.canonical is not None
    t = by.canonical.ground.terms
    rows: list[Row] = []
    for column, value in fixed.items():
        if isinstance(value, int | Fraction):
            short, over = t.minus(value, t.of(column)), t.minus(t.of(column), value)
            rows += [Row(t.at_most_zero(x), "", column.args[1]) for x in (short, over)]
        elif isinstance(value, Sequence):
            k = list(value).index(True)
            rows.append(Row(t.atom("is", (column, k), 0, 1, whole=True, condition=True), "", column.args[1]))
    return rows


def _exactly_one(one_of: Sequence[Sequence[Condition]], by: Side) -> list[Row]:
    """Conditions of which exactly one must hold -> rows that say so."""
    t = _terms(by)
    rows: list[Row] = []
    for conditions in one_of:
        excess = t.add(-1, *(t.number(c) for c in conditions))
        rows += [Row(t.at_most_zero(x), "", ()) for x in (excess, t.scale(excess, -1))]
    return rows


def _bounds(column: Atom, value: Number, by: Side) -> list[Row]:
    assert by.canonical is not None
    t = by.canonical.ground.terms
    conditions: list[Condition] = []
    if not isinstance(column.low, float):
        conditions.append(t.at_most_zero(t.minus(column.low, value)))
    if not isinstance(column.high, float):
        conditions.append(t.at_most_zero(t.minus(value, column.high)))
    if column.whole and not t.is_whole(value):
        conditions.append(t.atom("whole", (value,), 0, 1, whole=True, condition=True))
    return [Row(c, "", column.args[1]) for c in conditions]


def _own(side: Side) -> dict[object, Form | None]:
    """The rows of a side by what they are over: linear ones by their terms."""
    assert side.canonical is not None
    out: dict[object, Form | None] = {}
    for r in side.canonical.rows:
        form = form_of(r.condition)
        out[r.condition if form is None else form.key[0]] = form
    return out


def stated(by: Side, other: Side, images: Mapping[Atom, Image]) -> float:
    """The share of the rows of ``other`` that are rows of ``by`` under a matching."""
    assert by.canonical is not None and other.canonical is not None
    translation = Translation(_terms(by), images)
    own = _own(by)
    rows = other.canonical.rows
    try:
        return sum(_stated(translation.condition(r.condition), own) for r in rows) / max(1, len(rows))
    except (Missing, NotCanonical):
        return 0.0


def _stated(c: Condition, own: dict[object, Form | None]) -> bool:
    """True where a side's own rows say the condition, or a tighter one over the same sum."""
    form = form_of(c)
    if form is None:
        return c is True or c in own
    mine = own.get(form.key[0])
    return mine is not None and mine.const >= form.const


def _parts(c: Condition, by: Side) -> list[Condition]:
    """What must hold for a condition to hold, one by one; alternatives with continuous ones among them as clauses."""
    if not isinstance(c, Atom):
        return [c]
    if c.op == "and":
        return [p for x in c.args for p in _parts(x, by)]
    if c.op == "or" and any(_continuous(x) or x.op == "and" for x in c.args):
        choices = [_parts(x, by) for x in c.args]
        if prod(map(len, choices)) <= MOST_CLAUSES and any(_continuous(x) for xs in choices for x in xs):
            return [_terms(by).some(clause) for clause in product(*choices)]
    return [c]


def _continuous(c: Condition) -> bool:
    form = form_of(c)
    return form is not None and not all(a.whole for a in form.terms)


def _terms(side: Side) -> Terms:
    assert side.canonical is not None
    return side.canonical.ground.terms


def _aims(by: Side, other: Side, translation: Translation) -> list[Number] | str:
    """The differences of the objectives that are not zero by their terms; a text where they cannot be compared."""
    assert by.canonical is not None and other.canonical is not None
    mine, theirs = by.canonical.goals, other.canonical.goals
    if len(mine) != len(theirs):
        return "another number of objectives"
    t = by.canonical.ground.terms
    differences = []
    for m, o in zip(mine, theirs, strict=True):
        form, image = t.even(m.form), t.even(translation.number(o.form))
        if by.affine and isinstance(image, Form) and isinstance(form, Form):
            image = t.scale(image, _weight(form) / _weight(image))
            image = t.add(image, form.const - image.const if isinstance(image, Form) else 0)
        differences.append(t.minus(form, image))
    return [d for d in differences if d != 0]


def _weight(form: Form) -> Fraction:
    """The size of a sum, which a factor changes by itself."""
    return sum((abs(Fraction(c)) for c in form.terms.values()), Fraction(0))


def _solved(by: Side, left: list[tuple[Row, Condition]], aims: list[Number], clock: Clock) -> Implication:
    assert by.canonical is not None
    saying = by.saying
    discrete: list[tuple[Row, Condition]] = []
    exact = True
    for row, condition in left:
        if isinstance(condition, Atom) and condition.op == "whole":
            found = _fractional(by, saying, condition.args[0], clock)
            if found.holds is not True:
                return found if found.holds is None else replace(found, rows=((row, 1.0),))
            continue
        either = condition.args if isinstance(condition, Atom) and condition.op == "or" else (condition,)
        measured = next((c for c in either if _continuous(c)), None)
        if measured is None:
            discrete.append((row, condition))
            continue
        exact = False
        form = form_of(measured)
        assert form is not None
        found = _exceeds(by, saying, form, clock, [c for c in either if c is not measured])
        if found.holds is not True:
            return _shown(by, found, [(row, condition)])
    if discrete:
        found = _contradicts(by, saying, [c for _, c in discrete], clock)
        if found.holds is not True:
            return _shown(by, found, discrete)
        exact = exact and found.exact
    for aim in aims:
        for sign in (1, -1):
            found = _exceeds(by, saying, by.canonical.ground.terms.scale(aim, sign), clock)
            if found.holds is not True:
                return found
        exact = False
    return Implication(True, exact)


def _shown(by: Side, found: Implication, asked: list[tuple[Row, Condition]]) -> Implication:
    """A point that should violate one of the rows -> with the rows it does violate, beyond the tolerance."""
    if found.point is None:
        return found
    assert by.canonical is not None
    try:
        values = by.values(found.point)
        violated = tuple((row, values.excess(condition)) for row, condition in asked if not values.holds(condition))
    except NotCanonical as e:
        return Implication(None, why=str(e))
    if not violated:
        return Implication(None, why="the two differ on a boundary only")
    return replace(found, rows=violated)


def _exceeds(by: Side, saying: Saying, form: Number, clock: Clock, failing: Sequence[Condition] = ()) -> Implication:
    """Can ``form`` be above 0 in a solution of ``by`` in which the conditions ``failing`` fail?"""
    assert by.canonical is not None
    if not isinstance(form, Form):
        if form <= 0:
            return Implication(True)
        return _any_point(by, clock)
    try:
        aim = saying.number(form)
        given = [saying.condition(_fails(by.canonical.ground.terms, c)) for c in failing]
    except NotCanonical as e:
        return Implication(None, why=str(e))
    result = by.solve(by.with_rows(given, ("maximize", aim)), clock.share)
    if result is None:
        return Implication(None, why="no solver takes the question, or the time is over")
    if result.termination is Termination.INFEASIBLE:
        return Implication(True)
    if result.termination is Termination.OPTIMAL:
        if Fraction(result.objective or 0.0) <= TOLERANCE * (1 + abs(Fraction(form.const))):
            return Implication(True, exact=False)
        return _refereed(by, result.point)
    if result.termination in (Termination.UNBOUNDED, Termination.INFEASIBLE_OR_UNBOUNDED):
        below = _terms(by).at_most_zero(_terms(by).minus(form, 1))
        return _contradicts(by, saying, [_terms(by).some((below, *failing))], clock)
    return Implication(None, why=f"a question stopped at its limit ({result.termination.value})")


def _contradicts(by: Side, saying: Saying, conditions: list[Condition], clock: Clock) -> Implication:
    """Can one of the conditions fail in a solution of ``by``?"""
    assert by.canonical is not None
    try:
        terms = by.canonical.ground.terms
        negated: list[Expr] = [saying.condition(_fails(terms, c)) for c in conditions]
    except NotCanonical as e:
        return Implication(None, why=str(e))
    result = by.solve(by.with_rows((disjunction(*negated),), None), clock.share)
    if result is None:
        return Implication(None, why="no solver takes the question, or the time is over")
    if result.termination is Termination.INFEASIBLE:
        return Implication(True, exact=result.solver.startswith("CP-SAT") or "cpsat" in result.route)
    if result.point is not None:
        return _refereed(by, result.point)
    return Implication(None, why=f"a question stopped at its limit ({result.termination.value})")


def _fails(t: Terms, c: Condition) -> Condition:
    """The condition that a condition fails, and a continuous comparison by more than the tolerance."""
    if isinstance(c, bool):
        return not c
    form = form_of(c)
    if form is not None and not all(a.whole for a in form.terms):
        return t.at_most_zero(t.minus(2 * TOLERANCE * (1 + abs(Fraction(form.const))), form))
    if c.op == "and":
        return t.some(_fails(t, x) for x in c.args)
    if c.op == "or":
        return t.every(_fails(t, x) for x in c.args)
    return t.negation(c)


def _fractional(by: Side, saying: Saying, form: Number, clock: Clock) -> Implication:
    """Is a number whole in every solution of ``by``? Refuted by a solution in which it is not."""
    try:
        said = saying.number(form)
    except NotCanonical as e:
        return Implication(None, why=str(e))
    ends = []
    for sense in ("minimize", "maximize"):
        result = by.solve(by.with_rows((), (sense, said)), clock.share)
        if result is not None and result.termination is Termination.INFEASIBLE:
            return Implication(True)
        ends.append(result.objective if result is not None and result.termination is Termination.OPTIMAL else None)
    low, high = ends
    if low is not None and high is not None and high - low < MOVED and abs(low - round(low)) < MOVED:
        return Implication(True, exact=False)
    start = Fraction(round(low if low is not None else high if high is not None else 0))
    for step in (Fraction(1, 2), Fraction(-1, 2), Fraction(1, 4), Fraction(7, 3)):
        value = start + step
        if (low is None or value >= low) and (high is None or value <= high):
            result = by.solve(by.with_rows((Compare("==", said, Literal(value)),), None), clock.share)
            if result is not None and result.point is not None:
                return _refereed(by, result.point)
    return Implication(None, why="whole values of one may not be whole in the other")


def _any_point(by: Side, clock: Clock) -> Implication:
    result = by.solve(by.with_rows((), None), clock.share)
    if result is not None and result.termination is Termination.INFEASIBLE:
        return Implication(True)
    if result is None or result.point is None:
        return Implication(None, why="no solution was found to compare with")
    return _refereed(by, result.point)


def _refereed(by: Side, point: Point | None) -> Implication:
    """A point a solver found -> a counterexample if the referee takes it as a solution."""
    if point is None:
        return Implication(None, why="a solver gave no point")
    report = referee(by.instance, point)
    if any(v.kind != "constraint" or not v.name.startswith(ASKED) for v in report.violations):
        return Implication(None, why="a solver's point is no solution by the referee")
    return Implication(False, point=report.point)
