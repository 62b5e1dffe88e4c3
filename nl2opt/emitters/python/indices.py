"""Model -> Model: every index of every binding has a name, and each name stands for one coordinate.

Theorem: naming the position of an `over`, or naming the coordinates of a tuple index `a` and writing `(i, j)` for `a`,
changes no value (docs/SEMANTICS.md: `cost[i, j]` and `cost[a]` mean the same). Always exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Constraint, IndexedElements, Model, Over, Set
from nl2opt.ir.nodes import (
    Aggregate,
    Call,
    Comprehension,
    Expr,
    Generator,
    Name,
    SetLiteral,
    SetOperation,
    Subscript,
    Tuple,
)
from nl2opt.ir.walk import map_children, scopes, subexpressions, substitute
from nl2opt.passes.expand_arrays import expand_arrays


def name_indices(model: Model, instance: Instance) -> Model:
    """Model -> the model whose generators name each coordinate; ``instance`` knows the arity of its sets."""
    naming = _Naming(model, instance)
    expressions = tuple(Expr.__args__)

    def under(e: Expr | None, values: Mapping[str, Expr]) -> Expr | None:
        return None if e is None else naming.expression(substitute(e, values))

    sets = []
    for s in model.sets:
        over, values = naming.over(s.over)
        elements = under(s.elements, values) if isinstance(s.elements, expressions) else s.elements
        sets.append(replace(s, over=over, elements=elements))
    parameters = []
    for p in model.parameters:
        over, values = naming.over(p.over)
        value = under(p.value, values) if isinstance(p.value, expressions) else p.value
        parameters.append(replace(p, over=over, value=value, within=under(p.within, values)))
    variables = []
    for v in model.variables:
        over, values = naming.over(v.over)
        bounds = {k: under(getattr(v, k), values) for k in ("lower", "upper", "within")}
        variables.append(replace(v, over=over, **bounds))  # type: ignore[arg-type]
    named = []
    for n in model.expressions:
        over, values = naming.over(n.over)
        named.append(replace(n, over=over, expr=naming.expression(substitute(n.expr, values))))
    constraints = []
    for c in model.constraints:
        over, values = naming.over(c.over)
        expr = naming.expression(substitute(c.expr, values))
        constraints.append(replace(c, over=over, expr=expr, penalty=under(c.penalty, values)))
    return replace(
        model,
        sets=tuple(sets),
        parameters=tuple(parameters),
        variables=tuple(variables),
        expressions=tuple(named),
        constraints=tuple(constraints),
        objectives=tuple(replace(o, expr=naming.expression(o.expr)) for o in model.objectives),
    )


def prepared(model: Model, instance: Instance) -> Model:
    """Model -> the model a target's pipeline starts from: indices named, bare arrays in expressions spelled out."""
    model = name_indices(model, instance)
    as_constraints = tuple(Constraint(n.name, n.expr, n.over) for n in model.expressions)
    spelled, _ = expand_arrays(replace(model, constraints=as_constraints, objectives=()))
    expressions = (replace(n, expr=c.expr) for n, c in zip(model.expressions, spelled.constraints, strict=True))
    return replace(model, expressions=tuple(expressions))


class _Naming:
    """Knows which names the model itself gives to indices drawn from a set, and prefers those."""

    def __init__(self, model: Model, instance: Instance) -> None:
        self.model = model
        self.instance = instance
        self.declared = frozenset(model.symbols)
        self.habit: dict[Expr, Counter[tuple[str, ...]]] = {}
        for g in generators(model):
            if g.targets:
                self.habit.setdefault(g.source, Counter())[g.targets] += 1

    def over(self, over: Over, around: Iterable[str] = ()) -> tuple[Over, dict[str, Expr]]:
        """Bindings -> named bindings, and what stands for a tuple index."""
        taken = set(around) | {t for g in over for t in g.targets}
        out: list[Generator] = []
        values: dict[str, Expr] = {}
        for g in over:
            source = self.expression(substitute(g.source, values))
            targets = self.targets(replace(g, source=source), taken)
            taken |= set(targets)
            if len(g.targets) == 1 and len(targets) > 1:
                values[g.targets[0]] = Tuple(tuple(Name(t) for t in targets))
            conditions = tuple(self.expression(substitute(c, values)) for c in g.conditions)
            out.append(Generator(targets, source, conditions))
        return tuple(out), values

    def targets(self, g: Generator, taken: set[str]) -> tuple[str, ...]:
        arity = max(self.arity(g.source), len(g.targets))
        if len(g.targets) == arity:
            return g.targets
        if g.targets:
            (name,) = g.targets
            return tuple(_free([f"{name}_{k + 1}"], taken | self.declared) for k in range(arity))
        for habit, _ in self.habit.get(g.source, Counter()).most_common():
            if len(habit) == arity and not set(habit) & taken:
                return habit
        names: list[str] = []
        initial = g.source.name[:1].lower() if isinstance(g.source, Name) and arity == 1 else ""
        wanted = [initial] if initial.isalpha() else []
        for _ in range(arity):
            names.append(_free([*wanted, *"ijklmn"], taken | self.declared | set(names)))
        return tuple(names)

    def expression(self, e: Expr) -> Expr:
        """Node -> the node with every generator in it named."""
        if isinstance(e, Aggregate | Comprehension):
            generators, values = self.over(e.generators)
            return replace(e, generators=generators, body=self.expression(substitute(e.body, values)))
        return map_children(e, self.expression)

    def arity(self, source: Expr) -> int:
        """Set expression -> coordinates of an element."""
        match source:
            case Name(name) if name in self.instance.sets:
                return self.instance.sets[name].arity
            case Name(name) if isinstance(made := getattr(self.model.symbols.get(name), "elements", None), Expr):
                return self.arity(made)
            case Subscript(name, _) if name in self.instance.indexed_sets:
                return max((s.arity for s in self.instance.indexed_sets[name].values()), default=1)
            case SetOperation(_, left, _):
                return self.arity(left)
            case SetLiteral(items) if items:
                return len(items[0].items) if isinstance(items[0], Tuple) else 1
            case Comprehension(_, body, generators):
                return len(body.items) if isinstance(body, Tuple) else self._body_arity(body, generators)
            case _:
                return 1

    def _body_arity(self, body: Expr, generators: Over) -> int:
        for g in generators:
            if body == Name(g.targets[0] if len(g.targets) == 1 else ""):
                return self.arity(g.source)
        return 1


def _free(wanted: list[str], taken: set[str] | frozenset[str]) -> str:
    for name in wanted:
        if name not in taken:
            return name
    n = 2
    while f"{wanted[0]}_{n}" in taken:
        n += 1
    return f"{wanted[0]}_{n}"


def generators(model: Model) -> list[Generator]:
    """Model -> every generator in it, of declarations and inside expressions."""
    found: list[Generator] = []
    for over, expressions in scopes(model):
        found.extend(over)
        for e in (*expressions, *(x for g in over for x in (g.source, *g.conditions))):
            for node in subexpressions(e):
                if isinstance(node, Aggregate | Comprehension):
                    found.extend(node.generators)
    return found


def dependent(over: Over) -> bool:
    """True where a later source mentions an earlier index, so that the bindings are no product."""
    seen: set[str] = set()
    for g in over:
        if any(isinstance(n, Name) and n.name in seen for n in subexpressions(g.source)):
            return True
        seen |= set(g.targets)
    return False


def plain_sources(over: Over, model: Model) -> bool:
    """True where the keys are the whole product of declared sets or ranges."""
    return not dependent(over) and all(
        not g.conditions and (_is_declared(g.source, model) or isinstance(g.source, Call)) for g in over
    )


def _is_declared(source: Expr, model: Model) -> bool:
    if not isinstance(source, Name):
        return False
    declared = model.symbols.get(source.name)
    return isinstance(declared, Set) and not declared.over and not isinstance(declared.elements, IndexedElements)
