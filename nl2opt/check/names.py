"""Model -> findings about names: declared twice, reserved, defined by themselves, never used."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from nl2opt.check.places import Findings, Place, places, spots
from nl2opt.ir import limits
from nl2opt.ir.infer.scope import Scope, mentioned
from nl2opt.ir.model import Model, NamedExpression, Over, Parameter, Set, Variable
from nl2opt.ir.nodes import FUNCTIONS, ZERO, Aggregate, Call, Comprehension, Expr, Name, Subscript
from nl2opt.ir.walk import free_names, map_children, subexpressions

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_INSTEAD = {"next": "succ", "prev": "pred", "min": "lowest", "max": "highest", "sum": "total", "range": "reach"}
_DECLARED = ("sets", "parameters", "variables", "expressions")


def check_names(model: Model, found: Findings) -> None:
    """Duplicate and reserved names, names of indices included."""
    seen: dict[tuple[str, str], Place] = {}
    for place, _ in places(model):
        if place.section == "objectives":
            continue
        space = "declared" if place.section in _DECLARED else place.section
        if first := seen.get((space, place.name)):
            found.add("E202", str(place), place.name, "a name of its own", f"{first.section}[{first.position}] has it")
        seen.setdefault((space, place.name), place)
        _check_identifier(place.name, str(place), found, reserved=space == "declared")
    for place, over in _all_overs(model):
        for g in over:
            for target in g.targets:
                _check_identifier(target, f"{place}, index", found, reserved=True)


def _check_identifier(name: str, where: str, found: Findings, reserved: bool) -> None:
    if not _IDENTIFIER.fullmatch(name) or len(name) > limits.NAME_CHARACTERS:
        found.add("E203", where, name, f"letters, digits and _, at most {limits.NAME_CHARACTERS}", "")
    elif reserved and (keyword.iskeyword(name) or name in FUNCTIONS or name in ("inf", "pi")):
        found.add("E203", where, name, "no keyword and no function of the language", _INSTEAD.get(name, f"{name}_"))


def _all_overs(model: Model) -> Iterator[tuple[Place, Over]]:
    for place, item in places(model):
        yield place, getattr(item, "over", ())
    for spot in spots(model):
        for node in subexpressions(spot.expr):
            if isinstance(node, Aggregate | Comprehension):
                yield spot.place, node.generators


def check_cycles(model: Model, found: Findings) -> None:
    """Sets, parameters, bounds and named expressions that depend on themselves."""
    uses = {name: _uses(item, model) for name, item in model.symbols.items()}
    done: set[str] = set()
    for start in uses:
        path: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            stack.append((start, iter(sorted(uses[start]))))
            path.append(start)
        while stack:
            name, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                stack.pop()
                path.pop()
                done.add(name)
            elif following in path:
                loop = [*path[path.index(following) :], following]
                found.add("E205", following, " -> ".join(loop), "definitions in an order", "break the circle")
            elif following not in done:
                stack.append((following, iter(sorted(uses[following]))))
                path.append(following)


def _uses(item: Set | Parameter | Variable | NamedExpression, model: Model) -> set[str]:
    """Declared names an item's definition looks at. `len(p)` reads the shape of data, not a definition."""
    expressions: list[Expr] = [x for g in item.over for x in (g.source, *g.conditions)]
    match item:
        case Set(elements=elements):
            expressions += [elements] if isinstance(elements, Expr) else []
        case Parameter(value=value, default=default, within=within):
            expressions += [x for x in (value, default, within) if isinstance(x, Expr)]
        case Variable(lower=lower, upper=upper, within=within):
            expressions += [x for x in (lower, upper, within) if x is not None]
        case NamedExpression(expr=expr):
            expressions.append(expr)
    parameters = frozenset(p.name for p in model.parameters)
    used = frozenset().union(*(free_names(_without_shapes(e, parameters)) for e in expressions))
    own = {t for g in item.over for t in g.targets}
    return set((used - own) & model.symbols.keys())


def _without_shapes(e: Expr, parameters: frozenset[str]) -> Expr:
    """The expression with `len(p)` of parameters left out."""
    match e:
        case Call("len", (Name(name) | Subscript(name, _),)) if name in parameters:
            return ZERO
        case _:
            return map_children(e, lambda x: _without_shapes(x, parameters))


def check_use(model: Model, found: Findings) -> None:
    """Sets and parameters no expression mentions; variables no constraint and no objective depends on."""
    used: set[str] = set()
    for _, item in places(model):
        used.update(n for g in getattr(item, "over", ()) for x in (g.source, *g.conditions) for n in mentioned(x))
    for spot in spots(model):
        used.update(mentioned(spot.expr))
    scope = Scope.of(model)
    decided: set[str] = set()
    stack = [e for c in model.constraints for e in (c.expr,)] + [o.expr for o in model.objectives]
    while stack:
        for name in set(mentioned(stack.pop())) & scope.varying - decided:
            decided.add(name)
            if isinstance(symbol := model.symbols.get(name), NamedExpression):
                stack.append(symbol.expr)
    for place, item in places(model):
        if isinstance(item, Set | Parameter) and place.name not in used:
            found.add("W-unused", str(place), place.name, "", "remove it, or use it")
        elif isinstance(item, Variable) and place.name not in decided:
            found.add("W-free", str(place), place.name, "", "remove it, or link it to the others")
