"""Right documents -> the same with one unit mistake each; what `check` finds of them, by kind.

Run as ``python -m planted.unit_faults`` from `tests`. Dimensions are computed here from the declared units alone, by
code that shares nothing with the package's own, so that a fault is known to be one. A fault is left out, and counted,
where no check could know it: neither side of the comparison declares a unit, or nothing is left to compare with.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from random import Random

import nl2opt
from nl2opt.ir.document import read_document
from nl2opt.ir.model import Model, Parameter, Variable, set_names
from nl2opt.ir.nodes import Add, Aggregate, Binary, Call, Compare, Expr, Mul, Name, Neg, Number, Subscript, add, mul
from nl2opt.ir.walk import map_children, subexpressions

ROOT = Path(__file__).parents[2]
SEED = 20
CAP = 3
"""Faults of one kind taken from one document."""

Dimension = dict[str, int]
TIMES = ("minute", "hour", "day", "week", "month", "year")
ANOTHER_MEASURE = {
    "minute": "hour", "hour": "minute", "day": "hour", "kg": "tonne", "tonne": "kg", "gram": "kg", "litre": "m3",
    "m3": "litre", "cm": "m", "m": "cm", "metre": "km", "km": "metre", "EUR": "cent", "USD": "cent", "cent": "EUR",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """A right document with one mistake: where it stands, what was done, and whether any check could know."""

    document: str
    kind: str
    what: str
    model: Model
    hidden: str = ""
    """Why no check of units could find it; '' where one could."""


def dimension(unit: str) -> Dimension:
    """`kg/(unit*month)` -> {kg: 1, unit: -1, month: -1}; the plain number is {}."""
    powers: Counter[str] = Counter()
    sign, group = 1, 1
    for token in re.findall(r"[A-Za-z_]\w*|[/*()]", unit):
        if token == "/":
            sign = -1
        elif token == "(":
            group, sign = sign * group, 1
        elif token == ")":
            group = sign = 1
        elif token == "*":
            sign = 1
        else:
            powers[token] += sign * group
            sign = 1
    return {k: v for k, v in powers.items() if v}


def documents() -> dict[str, Model]:
    """Every right document, by its folder."""
    paths = sorted([*ROOT.glob("datasets/*/*/model.yaml"), *ROOT.glob("tests/cases/*/model.yaml")])
    return {path.parent.relative_to(ROOT).as_posix(): read_document(path) for path in paths}


def unit_of(model: Model, name: str) -> str:
    """A declared name -> its declared unit, '' for none and for sets."""
    return getattr(model.symbols.get(name), "unit", "")


def declared(model: Model, e: Expr) -> list[str]:
    """Expression -> the names in it that carry a unit, outside the subscripts' own indices."""
    names = (x.name for x in subexpressions(e) if isinstance(x, Name | Subscript))
    return [n for n in names if unit_of(model, n)]


def places(model: Model) -> Iterator[tuple[str, Expr, Callable[[Expr], Model]]]:
    """Every constraint and objective: where, its expression, and the model with another expression there."""
    for i, c in enumerate(model.constraints):
        yield (
            f"constraint `{c.name}`",
            c.expr,
            lambda e, i=i, c=c: replace(  # type: ignore[misc]
                model, constraints=(*model.constraints[:i], replace(c, expr=e), *model.constraints[i + 1 :])
            ),
        )
    for i, o in enumerate(model.objectives):
        yield (
            f"objective {i}",
            o.expr,
            lambda e, i=i, o=o: replace(  # type: ignore[misc]
                model, objectives=(*model.objectives[:i], replace(o, expr=e), *model.objectives[i + 1 :])
            ),
        )


def swap_node(e: Expr, old: Expr, new: Expr) -> Expr:
    """Expression -> the same with the very node ``old`` (by identity) replaced."""
    return new if e is old else map_children(e, lambda x: swap_node(x, old, new))


def _without_terms(e: Expr, node: Expr) -> list[Expr]:
    """What a term is compared with: the other sides and terms around ``node``, from the inside out."""
    if e is node:
        return []
    match e:
        case Compare(_, left, right):
            for here, there in ((left, right), (right, left)):
                if _holds(here, node):
                    return [*_without_terms(here, node), there]
        case Add(terms):
            for t in terms:
                if _holds(t, node):
                    return [*_without_terms(t, node), *(x for x in terms if x is not t)]
        case _:
            for child in _parts(e):
                if _holds(child, node):
                    return _without_terms(child, node)
    return []


def _parts(e: Expr) -> list[Expr]:
    found: list[Expr] = []
    map_children(e, lambda x: found.append(x) or x)  # type: ignore[func-returns-value]
    return found


def _holds(e: Expr, node: Expr) -> bool:
    return any(x is node for x in subexpressions(e))


def hidden(model: Model, whole: Expr, node: Expr, new: Expr) -> str:
    """Why nobody could see by units that ``new`` stands where ``node`` stood; '' where one could."""
    around = _without_terms(whole, node)
    if not any(declared(model, x) for x in around):
        return "nothing with a unit to compare with"
    if not declared(model, new) and not any(isinstance(x, Name | Subscript) for x in subexpressions(new)):
        return "only literals are left"
    return ""


def products(e: Expr) -> Iterator[Mul]:
    """Expression -> its products of two or more factors."""
    return (x for x in subexpressions(e) if isinstance(x, Mul))


def named(e: Expr) -> str:
    return e.name if isinstance(e, Name | Subscript) else ""


def forget_factor(model: Model, rng: Random) -> Iterator[tuple[str, Model, str]]:
    """The amounts are added where amount times need per piece was meant."""
    for where, e, put in places(model):
        for p in products(e):
            for f in p.factors:
                if dimension(unit_of(model, named(f))) and isinstance(model.symbols[named(f)], Parameter):
                    rest = mul(*(x for x in p.factors if x is not f))
                    yield f"{where}: `{named(f)}` forgotten", put(swap_node(e, p, rest)), hidden(model, e, p, rest)


def take_wrong_parameter(model: Model, rng: Random) -> Iterator[tuple[str, Model, str]]:
    """Another parameter over the same sets, of another dimension, stands where one was meant."""
    for where, e, put in places(model):
        for x in subexpressions(e):
            meant = model.symbols.get(named(x))
            if not isinstance(meant, Parameter) or not dimension(meant.unit):
                continue
            for other in _alike(model, meant):
                new = replace(x, name=other.name)  # type: ignore[type-var]
                yield f"{where}: `{other.name}` for `{meant.name}`", put(swap_node(e, x, new)), hidden(model, e, x, new)


def _alike(model: Model, meant: Parameter) -> list[Parameter]:
    """Parameters that could be mistaken: the same sets, numbers too, another dimension."""
    mine = dimension(meant.unit)
    return [
        p
        for p in model.parameters
        if p.within is None and dimension(p.unit) not in ({}, mine) and set_names(p.over) == set_names(meant.over)
    ]


def take_wrong_measure(model: Model, rng: Random) -> Iterator[tuple[str, Model, str]]:
    """Hours are declared where minutes are meant, kilos for tonnes: the unit changes, the rest does not."""
    for item in (*model.parameters, *model.variables):
        bases = [b for b in dimension(item.unit) if b in ANOTHER_MEASURE]
        for base in bases:
            unit = re.sub(rf"\b{base}\b", ANOTHER_MEASURE[base], item.unit)
            yield f"`{item.name}` in {unit} for {item.unit}", _redeclared(model, item, unit), _lonely(model, item)


def take_wrong_denominator(model: Model, rng: Random) -> Iterator[tuple[str, Model, str]]:
    """A price per piece is declared where the price per something else of the model is meant."""
    bases = sorted({b for n in model.symbols for b in dimension(unit_of(model, n))})
    for item in model.parameters:
        under = [b for b, power in dimension(item.unit).items() if power < 0]
        top = [b for b, power in dimension(item.unit).items() if power > 0]
        for base in under:
            for other in [b for b in bases if b not in (*under, *top)]:
                unit = re.sub(rf"\b{base}\b", other, item.unit)
                yield f"`{item.name}` in {unit} for {item.unit}", _redeclared(model, item, unit), _lonely(model, item)


def declare_rate(model: Model, rng: Random) -> Iterator[tuple[str, Model, str]]:
    """A capacity a day is declared and compared with a total, with no factor of days."""
    known = {b for n in model.symbols for b in dimension(unit_of(model, n))}
    if known & set(TIMES) or any(_periods(s.name) for s in model.sets):
        return  # an amount in a period may be an amount a period: there it need not be a fault
    for item in model.parameters:
        if dimension(item.unit) and "/" not in item.unit:
            unit = f"{item.unit}/day"
            yield f"`{item.name}` in {unit} for {item.unit}", _redeclared(model, item, unit), _lonely(model, item)


def _periods(name: str) -> bool:
    stems = ("day", "week", "month", "year", "hour", "period", "shift", "quarter", "time", "season", "night", "slot")
    return any(stem in name.lower() for stem in stems)


def forget_time(model: Model, rng: Random) -> Iterator[tuple[str, Model, str]]:
    """A rate is compared with a total: the time it runs for, or the literal that converts it, is dropped."""
    for where, e, put in places(model):
        for p in products(e):
            for f in p.factors:
                conversion = isinstance(f, Number) and f.value in (60, 24, 1000, 100, 7)
                time = set(dimension(unit_of(model, named(f)))) & set(TIMES) and dimension(
                    unit_of(model, named(f))
                ).keys() <= set(TIMES)
                if conversion or time:
                    rest = mul(*(x for x in p.factors if x is not f))
                    said = named(f) or str(f.value)  # type: ignore[union-attr]
                    yield f"{where}: {said} dropped", put(swap_node(e, p, rest)), hidden(model, e, p, rest)


def add_other_quantity(model: Model, rng: Random) -> Iterator[tuple[str, Model, str]]:
    """A quantity of another dimension is added to a side, or subtracted from the objective."""
    for where, e, put in places(model):
        sides = [e.left, e.right] if isinstance(e, Compare) else [e] if where.startswith("objective") else []
        for side in sides:
            mine = {tuple(sorted(dimension(d).items())) for d in (unit_of(model, n) for n in declared(model, side))}
            if not mine:
                continue
            for item in (*model.parameters, *model.variables):
                unit = tuple(sorted(dimension(item.unit).items()))
                if not unit or unit in mine or (isinstance(item, Parameter) and item.within):
                    continue
                term: Expr = Call("sum", (Name(item.name),)) if item.over else Name(item.name)
                new = add(side, term) if side is not e or rng.random() < 0.5 else add(side, Neg(term))
                if _same_dimension(model, side, dict(unit)):
                    continue
                yield f"{where}: `{item.name}` added", put(swap_node(e, side, new)), ""


def _same_dimension(model: Model, e: Expr, other: Dimension) -> bool:
    """Whether a term of ``e`` has, by its declared units, the dimension ``other`` (a product of known factors)."""
    match e:
        case Add(terms):
            return any(_same_dimension(model, t, other) for t in terms)
        case Neg(arg):
            return _same_dimension(model, arg, other)
        case Aggregate(_, body, _):
            return _same_dimension(model, body, other)
        case Call(_, args, _):
            return any(_same_dimension(model, a, other) for a in args)
    return _dimension_of(model, e) == other


def _dimension_of(model: Model, e: Expr) -> Dimension:
    powers: Counter[str] = Counter()
    match e:
        case Mul(factors):
            for f in factors:
                powers.update(_dimension_of(model, f))
        case Binary("/", left, right):
            powers.update(_dimension_of(model, left))
            powers.subtract(_dimension_of(model, right))
        case Name(name) | Subscript(name, _):
            powers.update(dimension(unit_of(model, name)))
    return {k: v for k, v in powers.items() if v}


def swap_limits(model: Model, rng: Random) -> Iterator[tuple[str, Model, str]]:
    """The total is held against the limit of another constraint, which limits something else."""
    bare = [
        (c, c.expr.right)
        for c in model.constraints
        if isinstance(c.expr, Compare) and isinstance(c.expr.right, Name | Subscript)
    ]
    for c, mine in bare:
        for d, other in bare:
            a, b = dimension(unit_of(model, named(mine))), dimension(unit_of(model, named(other)))
            if (
                d is c
                or not a
                or not b
                or a == b
                or len(c.over) != len(d.over)
                or set_names(c.over) != set_names(d.over)
            ):
                continue
            if isinstance(other, Subscript) and [g.targets for g in c.over] != [g.targets for g in d.over]:
                continue
            new = replace(c, expr=replace(c.expr, right=other))  # type: ignore[type-var]
            rows = tuple(new if x is c else x for x in model.constraints)
            why = "" if declared(model, c.expr) else "nothing with a unit to compare with"
            yield f"constraint `{c.name}`: {named(other)} for {named(mine)}", replace(model, constraints=rows), why


def _redeclared(model: Model, item: Parameter | Variable, unit: str) -> Model:
    new = replace(item, unit=unit)
    if isinstance(item, Parameter):
        return replace(model, parameters=tuple(new if p is item else p for p in model.parameters))  # type: ignore[misc]
    return replace(model, variables=tuple(new if v is item else v for v in model.variables))  # type: ignore[misc]


def _lonely(model: Model, item: Parameter | Variable) -> str:
    """Why no comparison shows the unit of a declaration; '' where one does."""
    bounds = [
        (v.name, b) for v in model.variables for b in (v.lower, v.upper) if b is not None and item.name in _names(b)
    ]
    if any(unit_of(model, name) for name, _ in bounds):
        return ""
    if isinstance(item, Variable) and any(declared(model, b) for b in (item.lower, item.upper) if b is not None):
        return ""
    for _, e, _ in places(model):
        for x in subexpressions(e):
            if isinstance(x, Name | Subscript) and x.name == item.name:
                around = _without_terms(e, x)
                if any(n != item.name for y in around for n in declared(model, y)):
                    return ""
    for x in model.expressions:
        if x.unit and item.name in _names(x.expr):
            return ""
    return "nothing with a unit to compare with"


def _names(e: Expr) -> set[str]:
    return {x.name for x in subexpressions(e) if isinstance(x, Name | Subscript)}


KINDS: dict[str, Callable[[Model, Random], Iterator[tuple[str, Model, str]]]] = {
    "factor forgotten": forget_factor,
    "parameter of another unit": take_wrong_parameter,
    "hours for minutes, kilos for tonnes": take_wrong_measure,
    "price per another thing": take_wrong_denominator,
    "rate with a total: time or conversion dropped": forget_time,
    "capacity a day against a total": declare_rate,
    "two quantities added": add_other_quantity,
    "limit of another constraint": swap_limits,
}


def plant(right: dict[str, Model]) -> list[Fault]:
    """Right documents -> faults, at most CAP of a kind from a document, drawn by a seed of document and kind."""
    faults = []
    for document, model in right.items():
        if sum(bool(unit_of(model, name)) for name in model.symbols) < 2:
            continue
        for kind, make in KINDS.items():
            rng = Random(int(sha256(f"{SEED}|{document}|{kind}".encode()).hexdigest(), 16))
            found = list(make(model, rng))
            drawn = rng.sample(found, min(CAP, len(found)))
            faults += [Fault(document, kind, what, wrong, why) for what, wrong, why in drawn]
    return faults


def findings(model: Model) -> Counter[tuple[str, str, str]]:
    """Model -> its errors and warnings, each as code, place and what was found."""
    return Counter((d.code, d.where, d.found) for d in nl2opt.check(model) if d.severity != "note")


@dataclass(frozen=True)
class Measured:
    """Of each kind: planted and detectable, found by any finding, found by one about units, and those missed."""

    planted: Counter[str]
    found: Counter[str]
    by_unit: Counter[str]
    hidden: Counter[str]
    missed: list[Fault]
    documents: int
    false_alarms: list[str]


def measure() -> Measured:
    """Every planted fault checked against its right document."""
    right = documents()
    clean = {name: findings(model) for name, model in right.items()}
    alarms = [f"{n}: {k}" for n, found in clean.items() for k in found if k[0] in ("U03", "W-unit")]
    counts: tuple[Counter[str], ...] = (Counter(), Counter(), Counter(), Counter())
    planted, found, by_unit, unseen = counts
    missed = []
    for fault in plant(right):
        if fault.hidden:
            unseen[fault.kind] += 1
            continue
        planted[fault.kind] += 1
        new = findings(fault.model) - clean[fault.document]
        found[fault.kind] += bool(new)
        by_unit[fault.kind] += any(code in ("U03", "W-unit") for code, _, _ in new)
        if not new:
            missed.append(fault)
    return Measured(planted, found, by_unit, unseen, missed, len(right), alarms)


def main() -> None:
    """Print the table; with `-v` also every fault that was missed."""
    m = measure()
    line = "{:<46}{:>9}{:>7}{:>7}{:>10}{:>14}"
    print(line.format("kind", "planted", "found", "%", "by units", "undetectable"))
    for kind in KINDS:
        n = m.planted[kind]
        share = f"{100 * m.found[kind] / n:.1f}" if n else "-"
        print(line.format(kind, n, m.found[kind], share, m.by_unit[kind], m.hidden[kind]))
    n, k = m.planted.total(), m.found.total()
    print(line.format("all", n, k, f"{100 * k / n:.1f}", m.by_unit.total(), m.hidden.total()))
    print(f"{len(m.false_alarms)} findings about units on {m.documents} right documents", *m.false_alarms, sep="\n  ")
    if "-v" in sys.argv:
        for f in m.missed:
            print(f"missed  {f.document}  {f.kind}: {f.what}")


if __name__ == "__main__":
    main()
