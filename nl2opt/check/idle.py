"""Model -> findings about parts that do nothing: elements no row reads, constraints and sums without a variable."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain

from nl2opt.check.declarations import truth
from nl2opt.check.places import Findings, places, spots
from nl2opt.check.rows import inline
from nl2opt.ir.infer.scope import Scope, mentioned
from nl2opt.ir.model import Element, Model, NamedExpression, Over, Parameter, Set, Variable, set_names
from nl2opt.ir.nodes import Add, Aggregate, Call, Comprehension, Expr, Label, Name, Neg, Number, Subscript
from nl2opt.ir.walk import free_names, subexpressions
from nl2opt.passes.facts import is_formula


def check_elements(model: Model, found: Findings) -> None:
    """Elements a document lists of which no constraint, objective, expression or output reads anything.

    A set that is ranged over uses all its elements; one that is only read by its labels uses those.
    """
    read = {s.name: set[Element]() for s in model.sets if isinstance(s.elements, tuple) and not s.over and s.elements}
    ranged = _ranged(model)
    indexed = {
        name
        for over in (*(p.over for p in model.parameters), *(v.over for v in model.variables))
        for name in set_names(over)
    }
    for spot in spots(model):
        if spot.role in ("set", "value", "bound"):
            continue
        for node in subexpressions(spot.expr):
            ranged |= _note(node, model, read)
    for place, item in places(model):
        if not isinstance(item, Set) or item.name in ranged or item.name not in read or item.name not in indexed:
            continue
        assert isinstance(item.elements, tuple)
        left = [e for e in item.elements if e not in read[item.name]]
        if left and len(left) < len(item.elements):
            shown = ", ".join(map(str, left[:6])) + (", ..." if len(left) > 6 else "")
            found.add("W-element", str(place), shown, "an element that some row reads", "use it, or leave it out")


def _ranged(model: Model) -> set[str]:
    """Sets all of whose elements are used: ranged over by an item, drawn from, or part of another set."""
    found: set[str] = set()
    for place, item in places(model):
        if place.section in ("constraints", "expressions"):
            found.update(n for g in getattr(item, "over", ()) for x in (g.source, *g.conditions) for n in mentioned(x))
        within = getattr(item, "within", None)
        if within is not None:
            found.update(mentioned(within))
    for spot in spots(model):
        if spot.role == "set":
            found.update(mentioned(spot.expr))
    return found


def _note(node: Expr, model: Model, read: dict[str, set[Element]]) -> set[str]:
    """A node -> the sets it uses wholly; a label in an index is noted in ``read``."""
    match node:
        case Aggregate(_, _, generators) | Comprehension(_, _, generators):
            return {n for g in generators for x in (g.source, *g.conditions) for n in mentioned(x)}
        case Name(name):
            symbol = model.symbols.get(name)
            return {name} if isinstance(symbol, Set) else set(set_names(_over(symbol)))
        case Subscript(name, index):
            positions = list(_positions(_over(model.symbols.get(name))))
            whole = set(positions) - {""} if len(positions) != len(index) else set[str]()
            for set_name, i in zip(positions, index, strict=False):
                match i:
                    case Label(value):
                        read.get(set_name, set()).add(value)
                    case Number(value) if value.denominator == 1:
                        read.get(set_name, set()).add(int(value))
                    case _:
                        whole.add(set_name)
            return whole
        case _:
            return set()


def _over(symbol: object) -> Over:
    return symbol.over if isinstance(symbol, Parameter | Variable | NamedExpression | Set) else ()


def _positions(over: Over) -> Iterator[str]:
    """The set each coordinate of an index ranges over, '' where it is one coordinate of several."""
    for g, name in zip(over, set_names(over), strict=True):
        yield from [name] if len(g.targets) <= 1 else [""] * len(g.targets)


def check_constants(model: Model, found: Findings) -> None:
    """Constraints no variable takes part in, and sums of an objective that leave out the choice they belong to."""
    scope = Scope.of(model)
    for spot in spots(model):
        report = partial(found.at, spot.place)
        if spot.role == "constraint" and not scope.varies(spot.expr) and truth(spot.expr) is None:
            report("W-constant", spot.expr, "data alone", "a condition over variables",
                   "multiply by the variable that is meant, or remove it")  # fmt: skip
        elif spot.role == "objective" and scope.varies(spot.expr):
            for part, sets in _summed(inline(spot.expr, model), frozenset(), scope):
                if choice := _left_out(part, sets, model):
                    told = f"data summed over {', '.join(sorted(sets))}, while `{choice}` is decided"
                    report("W-constant", part, told, "a term over variables", f"multiply by `{choice}`, if it is meant")


def _summed(e: Expr, sets: frozenset[str], scope: Scope) -> Iterator[tuple[Expr, frozenset[str]]]:
    """The parts of a sum that no variable takes part in, with the sets they are summed over.

    What a variable is taken from (`wanted[i] - served[i]`) is no such part: together they are one amount.
    """
    match e:
        case Neg(arg):
            yield from _summed(arg, sets, scope)
        case Aggregate("sum", body, generators):
            yield from _summed(body, sets | set(set_names(generators)), scope)
        case Call("sum", (Name(name),)) if not scope.varies(e):
            yield e, sets | set(set_names(_over(scope.symbols.get(name))))
        case Add(terms) if scope.varies(e):
            if not any(isinstance(_positive(t), Name | Subscript) and scope.varies(t) for t in terms):
                for t in terms:
                    yield from _summed(t, sets, scope)
        case _:
            if sets and not scope.varies(e):
                yield e, sets


def _positive(e: Expr) -> Expr:
    return e.arg if isinstance(e, Neg) else e


def _left_out(e: Expr, sets: frozenset[str], model: Model) -> str | None:
    """Data summed over sets -> a binary, or a condition, that is decided for each combination of these sets."""
    if "" in sets or not any(isinstance(model.symbols.get(n), Parameter) for n in free_names(e)):
        return None
    chosen = (v.name for v in model.variables if v.type == "binary" and set(set_names(v.over)) == sets)
    tested = (n.name for n in model.expressions if is_formula(n.expr, model) and set(set_names(n.over)) == sets)
    return next(chain(chosen, tested), None)
