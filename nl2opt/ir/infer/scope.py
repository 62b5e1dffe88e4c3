"""What a name means at a place: the declarations of a model and the indices bound around an expression."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from nl2opt.ir.infer.types import Type
from nl2opt.ir.model import Model, NamedExpression, Parameter, Set, Variable
from nl2opt.ir.nodes import Aggregate, Comprehension, Expr, Generator, In, Name, Subscript, Tuple
from nl2opt.ir.walk import free_names, scopes, subexpressions

Symbol = Set | Parameter | Variable | NamedExpression


@dataclass(frozen=True)
class Scope:
    """The names an expression may mention: ``symbols`` of the model, and ``indices`` with the type of each.

    ``varying`` are the declared names whose value depends on a variable; ``arities`` says for sets that data will bring
    how many coordinates the document reads from an element. ``cache`` holds types of declarations once they are known.
    ``coordinates`` are the indices that are a part of a tuple, and so were drawn from no set of their own.
    """

    model: Model
    varying: frozenset[str]
    arities: Mapping[str, int]
    indices: Mapping[str, Type]
    cache: dict[str, Type]
    coordinates: frozenset[str] = frozenset()

    @staticmethod
    def of(model: Model) -> Scope:
        """Model -> the scope of its declarations, with no index bound."""
        return Scope(model, _varying(model), _arities(model), {}, {})

    @property
    def symbols(self) -> dict[str, Symbol]:
        """Declared name -> its declaration."""
        return self.model.symbols

    def bind(self, indices: Mapping[str, Type]) -> Scope:
        """The scope with further indices bound; of several, each is a coordinate of one element."""
        parts = self.coordinates | indices.keys() if len(indices) > 1 else self.coordinates - indices.keys()
        return replace(self, indices={**self.indices, **indices}, coordinates=parts) if indices else self

    def outermost(self) -> Scope:
        """The scope with no index bound."""
        return replace(self, indices={}, coordinates=frozenset()) if self.indices else self

    def known(self) -> list[str]:
        """Every name that may be mentioned here."""
        return [*self.indices, *self.symbols]

    def varies(self, e: Expr) -> bool:
        """True where the value of ``e`` depends on a variable; an index that shadows one (an error) does not count."""
        if not any(name in self.varying for name in mentioned(e)):
            return False
        return not self.varying.isdisjoint(free_names(e) - self.indices.keys())


def mentioned(e: Expr) -> Iterator[str]:
    """Node -> every name below it, indices included, as often as it stands there."""
    for node in subexpressions(e):
        if isinstance(node, Name | Subscript):
            yield node.name


def variables_of(e: Expr, scope: Scope) -> frozenset[str]:
    """Node -> the variables its value depends on, those of named expressions included."""
    found: set[str] = set()
    stack, seen = [e], set[str]()
    while stack:
        for name in set(mentioned(stack.pop())) & scope.varying - seen:
            seen.add(name)
            symbol = scope.symbols[name]
            if isinstance(symbol, NamedExpression):
                stack.append(symbol.expr)
            else:
                found.add(name)
    return frozenset(found)


def _varying(model: Model) -> frozenset[str]:
    varying = {v.name for v in model.variables}
    open_ones = {n.name: frozenset(mentioned(n.expr)) for n in model.expressions}
    while found := {name for name, used in open_ones.items() if used & varying}:
        varying |= found
        open_ones = {name: used for name, used in open_ones.items() if name not in found}
    return frozenset(varying)


def _arities(model: Model) -> dict[str, int]:
    found: dict[str, int] = {}

    def read(generators: tuple[Generator, ...]) -> None:
        for g in generators:
            if isinstance(g.source, Name | Subscript) and len(g.targets) > 1:
                found.setdefault(g.source.name, len(g.targets))

    for over, expressions in scopes(model):
        read(over)
        filters = [x for g in over for x in (g.source, *g.conditions)]
        for node in (n for e in (*expressions, *filters) for n in subexpressions(e)):
            match node:
                case Aggregate(_, _, generators) | Comprehension(_, _, generators):
                    read(generators)
                case In(Tuple(items), Name(name) | Subscript(name, _), _):
                    found.setdefault(name, len(items))
    return found
