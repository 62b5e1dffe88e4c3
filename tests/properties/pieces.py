"""Variables for the pairs most needed, and random expressions over them: snippets of the probes, one in another."""

from __future__ import annotations

import itertools
import random
from typing import Any

from shapes import POINTS, SHAPES, TWICE, Specification, cost, declarations, specifications, telling, variable_lines
from snippets import REAL, Needs, Pair, Snippet, pairs, places

from nl2opt.ir.nodes import (
    Aggregate,
    Binary,
    Compare,
    CompareOp,
    Expr,
    Generator,
    Name,
    Subscript,
    number,
)
from nl2opt.ir.walk import bound_names, map_children, subexpressions, substitute
from nl2opt.passes.rewrite import apart

_OPERATORS: tuple[CompareOp, ...] = ("<=", ">=", "==", "!=", "<", ">")
_CLOSED: tuple[CompareOp, ...] = ("<=", ">=", "<=", ">=", "<", ">")
_TAKEN = frozenset(("k", "K", "L", "S", "T", "near", "c", "d", "e", "home", "open", "twice"))


class Pieces:
    """The variables of one model, and expressions over them; ``made`` are its named expressions."""

    def __init__(self, rng: random.Random, needs: Needs, mixed: bool) -> None:
        self.rng = rng
        self.mixed = mixed
        self.needs = {p: needs.of(p) + rng.random() / 2 for p in pairs() if p.routes}
        self.shape = SHAPES[0]
        self.routes: frozenset[str] = frozenset()
        self.variables: dict[str, Specification] = {}
        self.allowed: list[Pair] = []
        self.menus: dict[tuple[str, bool, bool], list[Pair]] = {}
        self.taken = _TAKEN | {v for p in pairs() for v in p.snippet.variables}
        self.made: dict[str, str] = {}

    # the declarations -----------------------------------------------------------------------------------------------

    def choose_variables(self) -> None:
        """The variables of the pair most needed, and of others by need while the points stay few."""
        first = min((p for p in self.needs if p.is_real == self.mixed), key=self.needs.__getitem__)
        mine = first.snippet.variables
        tells = [s for s in SHAPES if first.snippet.node in telling(s)]
        least = min(cost(mine, s) for s in tells)
        self.shape = self.rng.choice([s for s in tells if cost(mine, s) <= max(POINTS, least)])
        self.routes = first.routes
        menu = [p for p in self.needs if self.routes <= p.routes and (self.mixed or not p.is_real)]
        menu = [p for p in menu if p.snippet.node in telling(self.shape)]
        chosen = dict.fromkeys(sorted(mine))
        for p in sorted(menu, key=self.needs.__getitem__):
            if cost({*chosen, *p.snippet.variables}, self.shape) <= POINTS:
                chosen |= dict.fromkeys(sorted(p.snippet.variables))
        self.variables = {v: specifications(self.shape)[v] for v in chosen}
        self.allowed = [p for p in menu if p.snippet.variables <= self.variables.keys()]

    def text(self, name: str, rows: list[str], goals: list[str]) -> str:
        """The document of what was found."""
        made = [f'  {m}: {{over: k in K, expr: "{e}"}}' for m, e in self.made.items()]
        sections = {
            "variables": variable_lines(self.variables),
            "expressions": [TWICE] * ("x" in self.variables) + made,
            "constraints": rows,
            "objectives": goals,
        }
        return declarations(name, self.shape, sections)

    # expressions -----------------------------------------------------------------------------------------------------

    def counts(self, s: Snippet) -> bool:
        """True where the model's routes say a snippet as a number: in a sum, and in an objective."""
        return all(self.routes <= p.routes for p in places(s.node) if p.context in ("counted", "objective"))

    def draw(self, context: str, whole: bool = False, inner: bool = False) -> Snippet:
        """A snippet that may stand in a context, as a number ``inner``: of a few the one most needed there."""
        wanted = (context, whole, inner)
        if wanted not in self.menus:
            self.menus[wanted] = [
                p for p in self.allowed
                if p.context == context and (p.snippet.whole or not whole)
                and (not inner or p.snippet.is_number or self.counts(p.snippet))
            ]  # fmt: skip
        menu = self.menus[wanted]
        few = self.rng.choices(menu or self.allowed, k=4)
        return min(few, key=self.needs.__getitem__).snippet

    def make(self, s: Snippet, k: Expr, context: str, depth: int = 2) -> Expr:
        """A snippet at the index ``k``, some of its variables replaced by other snippets."""
        e = apart(s.expr, self.taken)
        for inner in subexpressions(e):
            self.taken |= bound_names(getattr(inner, "generators", ()))
        return self.nested(substitute(e, {"k": k}), k, context, depth, False)

    def nested(self, e: Expr, k: Expr, context: str, depth: int, index: bool) -> Expr:
        """Some of the numbers y and z of an expression become others; whole ones where only these fit."""
        if isinstance(e, Name) and e.name in ("y", "z") and depth and self.rng.random() < 0.35:
            whole = index or self.rng.random() < 0.7
            return self.make(self.draw(context, whole, True), k, context, depth - 1)
        if isinstance(e, Subscript):
            return Subscript(e.name, tuple(self.nested(i, k, context, depth, True) for i in e.index))
        index = index or (isinstance(e, Binary) and e.op in ("//", "%"))
        return map_children(e, lambda x: self.nested(x, k, context, depth, index))

    def condition(self, s: Snippet, k: Expr, context: str, depth: int = 2) -> Expr:
        """A snippet as a condition."""
        e = self.make(s, k, context, depth)
        return Compare(self.operator(e), e, number(self.rng.randint(-1, 3))) if s.is_number else e

    def operator(self, e: Expr) -> CompareOp:
        """An operator to compare a number by: continuous ones are not told equal."""
        is_real = any(isinstance(n, Name) and n.name in REAL for n in subexpressions(e))
        return self.rng.choice(_CLOSED if is_real else _OPERATORS)

    def value(self, s: Snippet, k: Expr, context: str) -> Expr:
        """A snippet as a number."""
        return self.make(s, k, context) if s.is_number else self.condition(s, k, context)

    def other(self, k: Expr, context: str) -> Expr:
        """Any condition, not deep."""
        return self.condition(self.draw(context), k, context, 1)

    def key(self) -> Expr:
        """An index into K."""
        return number(self.rng.randrange(self.shape[0]))

    def over_all(self, function: Any, body: Expr, name: str, *conditions: Expr) -> Expr:
        """A sum, `all` or `any` over K."""
        return Aggregate(function, body, (Generator((name,), Name("K"), conditions),))

    def fresh(self) -> str:
        """An index name not used yet."""
        name = next(f"n{i}" for i in itertools.count() if f"n{i}" not in self.taken)
        self.taken |= {name}
        return name
