"""(seed, index) -> a random model that puts constructs into constructs: the snippets of the probes, one in another.

Snippets are drawn so that rare constructs come as often as common ones, their variables are replaced by other snippets,
and every constraint is chosen by trying it: it excludes some points and leaves others, and the objective's best point
is excluded. What stays trivial all the same is counted by whoever uses the model.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from census import census

import nl2opt
from nl2opt.check.static import check_model
from nl2opt.errors import Nl2optError
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.document.loading import load
from nl2opt.ir.evaluate import Evaluator
from nl2opt.ir.evaluate.arithmetic import Number as Value
from nl2opt.ir.instance import Instance, Point
from nl2opt.ir.nodes import (
    Aggregate,
    Compare,
    CompareOp,
    Expr,
    Generator,
    Implies,
    Name,
    Not,
    Subscript,
    add,
    conjunction,
    disjunction,
    mul,
    number,
)
from nl2opt.ir.printing import print_expression
from nl2opt.ir.text import parse_expression
from nl2opt.ir.walk import bound_names, free_names, map_children, subexpressions, substitute
from nl2opt.passes.rewrite import apart
from nl2opt.support import CONTEXTS, LOWERINGS, probes, support

POINTS = 80
"""The most points of a discrete model."""

PLANTED = 9
"""How many snippets a model is built around."""

_OPERATORS: tuple[CompareOp, ...] = ("<=", ">=", "==", "!=", "<", ">")
_FRACTIONAL = ("number", "pi", "parameter", "division", "fractions", "ceil", "round", "sqrt", "piecewise", "real")
"""Words in the names of snippets whose values need not be whole."""


@dataclass(frozen=True)
class Snippet:
    """A construct as an expression, the variables it reads, how often it is drawn, contexts the language refuses."""

    node: str
    expr: Expr
    is_number: bool
    but: tuple[str, ...]
    variables: frozenset[str]
    weight: float

    @property
    def whole(self) -> bool:
        """True where its values are whole numbers."""
        return self.is_number and not any(w in self.node for w in _FRACTIONAL)


@cache
def snippets() -> tuple[Snippet, ...]:
    """Every snippet of the probes; the rarer its rarest node among them, the more it weighs."""
    content = load((Path(nl2opt.__file__).parent / "probes.yaml").read_text(encoding="utf-8"))
    names = frozenset(content["declarations"]["variables"])
    kinds = {p.node: {n for n, _ in census(read_document(p.text))} for p in probes() if p.context == "required"}
    seen = Counter(k for kind in kinds.values() for k in kind)
    return tuple(
        Snippet(
            n["node"], e, "number" in n, tuple(n.get("but", ())),
            (free_names(e) & names) | (frozenset(("x",)) if "twice" in free_names(e) else frozenset()),
            max(1 / seen[k] for k in kinds[n["node"]]),
        )
        for n in content["nodes"]
        for e in (parse_expression(n.get("number") or n["condition"]),)
    )  # fmt: skip


@cache
def said_by_all() -> frozenset[str]:
    """The nodes that no native route refuses in any context: models of these are compared by all of them."""
    tables = [support(route) for route in LOWERINGS]
    real = {s.node for s in snippets() if s.variables & {"u", "v"}}
    refused = {node for table in tables for (node, _), reason in table.items() if reason is not None}
    return frozenset(s.node for s in snippets()) - (refused - real)


def document(seed: int, index: int, mixed: bool = False) -> str:
    """(seed, index) -> the text of a model; ``mixed``: with continuous variables."""
    for attempt in range(50):
        digest = hashlib.sha256(f"{seed}:{index}:{attempt}:{mixed}".encode()).digest()
        composer = _Composer(random.Random(int.from_bytes(digest[:8], "big")), mixed)
        try:
            text = composer.document(f"composed_{seed}_{index}")
            if text and not any(d.severity == "error" for d in check_model(read_document(text))):
                return text
        except Nl2optError:  # a composition without a meaning: undefined constants, numbers too large
            continue
    raise AssertionError(f"no model for seed {seed}, index {index}")


class _Composer:
    """One model in the making."""

    def __init__(self, rng: random.Random, mixed: bool) -> None:
        self.rng = rng
        self.mixed = mixed
        self.size = rng.choice((2, 2, 2, 3))
        self.menu = [s for s in snippets() if s.node in said_by_all()] if rng.random() < 0.6 else list(snippets())
        self.variables: dict[str, tuple[str, list[Any]]] = {}
        self.taken: set[str] = {"k", "K", "L", "S", "T", "near", "c", "d", "e", "home", "open", "twice", "made"}
        self.taken |= {v for s in snippets() for v in s.variables}
        self.made = ""
        self.points: list[Point] = []
        self.instance: Instance | None = None
        self.allowed: list[Snippet] = []

    # the document ----------------------------------------------------------------------------------------------------

    def document(self, name: str) -> str:
        """The whole text; '' where nothing worth solving was found."""
        self.choose_variables()
        planted = [self.draw() for _ in range(PLANTED)]
        contexts = [self.rng.choice([c for c in CONTEXTS if c not in s.but]) for s in planted]
        pairs = list(zip(planted, contexts, strict=True))
        named = [s for s, c in pairs if c == "named expression"]
        if named:
            self.made = self.named_expression(named[0])
        self.instance = bind(read_document(self.text(name, [], [])))
        self.points = self.some_points()
        rows = self.constraints(pairs)
        if not rows:
            return ""
        goals = self.objectives([s for s, c in pairs if c == "objective"], self.kept)
        return self.text(name, rows, goals)

    def choose_variables(self) -> None:
        """The variables of one snippet, and others while the points stay few."""
        menu = list(self.specifications())
        first = self.rng.choices(self.menu, [s.weight for s in self.menu])[0]
        self.rng.shuffle(menu)
        budget, real = POINTS, False
        for v in sorted(menu, key=lambda v: v not in first.variables):
            spec, values = self.specifications()[v]
            needed = v in first.variables or (self.mixed and v in ("u", "v") and not real)
            count = len(values) ** (self.size if "over" in spec else 1)
            if v in ("u", "v") and not self.mixed:
                continue
            if needed or count <= budget:
                self.variables[v] = (spec, values)
                budget //= max(count, 1)
                real = real or v in ("u", "v")
        self.allowed = [s for s in self.menu if s.variables <= self.variables.keys()]

    def specifications(self) -> dict[str, tuple[str, list[Any]]]:
        """Variable -> its declaration and the values of an element."""
        keys = list(range(self.size))
        low, high, top = (-1, 2, 2) if self.size == 2 else (-1, 2, 1)
        return {
            "on": ("type: binary", [0, 1]),
            "b": ("over: K, type: binary", [0, 1]),
            "x": (f"over: K, type: integer, upper: {top}", list(range(top + 1))),
            "y": (f"type: integer, lower: {low}, upper: {high}", list(range(low, high + 1))),
            "z": ("type: integer, upper: 2", [0, 1, 2]),
            "p": ("in: L", ["red", "green", "blue"]),
            "r": ("in: L", ["red", "green", "blue"]),
            "q": ("in: S", [1, 3, 4]),
            "s": ("over: K, in: K", keys),
            "a": ("in: T", [(0, 1), (1, 3), (2, 2), (3, 1)]),
            "u": ("type: real, lower: -2, upper: 3", [Fraction(n, 2) for n in (-4, -1, 0, 3, 6)]),
            "v": ("type: real, upper: 3", [Fraction(n, 2) for n in (0, 1, 3, 6)]),
        }

    def text(self, name: str, rows: list[str], goals: list[str]) -> str:
        """The document of what was found."""
        n = self.size
        cut = lambda values: "[" + ", ".join(map(str, values[:n])) + "]"  # noqa: E731
        twice = '  twice: {over: i in K, expr: "2 * x[i] - 1"}\n' if "x" in self.variables else ""
        expressions = f"expressions:\n{twice}{self.made}" if twice or self.made else ""
        table = ", ".join(cut(row) for row in ([1, 4, 2], [3, 0, 5], [2, 2, 1]))
        return (
            f"nl2opt: 1\nname: {name}\nsets:\n  K: range({n})\n  L: [red, green, blue]\n  S: {{elements: [1, 3, 4]}}\n"
            "  T: {elements: [[0, 1], [1, 3], [2, 2], [3, 1]]}\n"
            '  near: {over: i in K, elements: "{j for j in K if j != i}"}\n'
            f"parameters:\n  c: {{over: K, type: integer, value: {cut([2, 1, 3])}}}\n"
            f"  d: {{over: K, value: {cut([0.5, -1.25, -2])}}}\n"
            f'  e: {{over: "L, K", type: integer, value: [{table}]}}\n'
            f"  home: {{over: K, in: L, value: {cut(['green', 'red', 'green'])}}}\n"
            f"  open: {{over: K, type: binary, value: {cut([1, 0, 1])}}}\nvariables:\n"
            + "".join(f"  {v}: {{{spec}}}\n" for v, (spec, _) in self.variables.items())
            + expressions + ("constraints:\n" + "\n".join(rows) + "\n" if rows else "")
            + ("objectives:\n" + "\n".join(goals) + "\n" if goals else "")
        )  # fmt: skip

    # expressions -----------------------------------------------------------------------------------------------------

    def draw(self, whole: bool = False) -> Snippet:
        """A snippet over the model's variables."""
        menu = [s for s in self.allowed if s.whole or not whole] or self.allowed
        return self.rng.choices(menu, [s.weight for s in menu])[0]

    def make(self, s: Snippet, k: Expr, depth: int = 2) -> Expr:
        """A snippet at the index ``k``, some of its variables replaced by other snippets."""
        e = apart(s.expr, self.taken)
        for inner in subexpressions(e):
            self.taken |= bound_names(getattr(inner, "generators", ()))
        return self.nested(substitute(e, {"k": k}), k, depth, False)

    def nested(self, e: Expr, k: Expr, depth: int, index: bool) -> Expr:
        """Some of the numbers y and z of an expression become others; whole ones in an index."""
        if isinstance(e, Name) and e.name in ("y", "z") and depth and self.rng.random() < 0.35:
            choice = self.draw(whole=True) if index or self.rng.random() < 0.7 else self.draw()
            return self.make(choice, k, depth - 1)
        if isinstance(e, Subscript):
            return Subscript(e.name, tuple(self.nested(i, k, depth, True) for i in e.index))
        return map_children(e, lambda x: self.nested(x, k, depth, index))

    def condition(self, s: Snippet, k: Expr, depth: int = 2) -> Expr:
        """A snippet as a condition."""
        e = self.make(s, k, depth)
        if not s.is_number:
            return e
        return Compare(self.rng.choice(_OPERATORS), e, number(self.rng.randint(-1, 3)))

    def value(self, s: Snippet, k: Expr) -> Expr:
        """A snippet as a number."""
        return self.make(s, k) if s.is_number else self.condition(s, k)

    def other(self, k: Expr) -> Expr:
        """Any condition, not deep."""
        return self.condition(self.draw(), k, 1)

    def key(self) -> Expr:
        """An index into K."""
        return number(self.rng.randrange(self.size))

    def over_all(self, function: Any, body: Expr, name: str, *conditions: Expr) -> Expr:
        """A sum, `all` or `any` over K."""
        return Aggregate(function, body, (Generator((name,), Name("K"), conditions),))

    def fresh(self) -> str:
        """An index name not used yet."""
        name = next(f"n{i}" for i in itertools.count() if f"n{i}" not in self.taken)
        self.taken.add(name)
        return name

    # items -----------------------------------------------------------------------------------------------------------

    def named_expression(self, s: Snippet) -> str:
        """A named expression over K that holds a snippet."""
        return f'  made: {{over: k in K, expr: "{print_expression(self.value(s, Name("k")))}"}}\n'

    def candidate(self, s: Snippet, context: str) -> tuple[Expr, bool]:
        """A snippet in a context -> a condition, and whether it stands for each k of K."""
        each = self.rng.random() < 0.25
        k = Name("k") if each else self.key()
        match context:
            case "positive":
                other = self.other(k)
                mine = self.condition(s, k)
                return (disjunction(other, mine) if self.rng.random() < 0.5 else Implies(other, mine)), each
            case "negative":
                mine = self.condition(s, k)
                options = (
                    lambda: Not(mine),
                    lambda: Implies(mine, self.other(k)),
                    lambda: Not(conjunction(mine, self.other(k))),
                )
                return self.rng.choice(options)(), each
            case "counted":
                n = self.fresh()
                if self.rng.random() < 0.5:
                    return self.bounded(self.over_all("sum", self.condition(s, Name(n)), n)), False
                return self.bounded(add(self.condition(s, k), mul(number(2), self.other(k)))), False
            case "filter":
                n = self.fresh()
                kept = self.condition(s, Name(n))
                if self.rng.random() < 0.5:
                    return self.bounded(self.over_all("sum", Subscript("c", (Name(n),)), n, kept)), False
                return self.over_all(self.rng.choice(("all", "any")), self.other(Name(n)), n, kept), False
            case "named expression" if self.made:
                e = Subscript("made", (k,))
                return (Compare(self.rng.choice(_OPERATORS), e, number(self.rng.randint(0, 2)))), each
            case _:
                return (self.bounded(self.make(s, k)) if s.is_number and not each else self.condition(s, k)), each

    def bounded(self, e: Expr) -> Expr:
        """A number -> a comparison with one of the values it takes."""
        values = sorted({v for v in (self.worth(e, p) for p in self.points) if v is not None})
        if not values:
            return Compare("<=", e, number(1))
        return Compare(self.rng.choice(_OPERATORS), e, number(Fraction(self.rng.choice(values)).limit_denominator(64)))

    # trying ----------------------------------------------------------------------------------------------------------

    def some_points(self) -> list[Point]:
        """Every point of a discrete model; some of a mixed one."""
        assert self.instance is not None
        slots = [
            (v, key, values)
            for v, (_, values) in self.variables.items()
            for key in self.instance.variables[v].domain.keys
        ]
        every = itertools.product(*(values for _, _, values in slots))
        chosen = list(itertools.islice(every, 4 * POINTS))
        points = []
        for combination in chosen:
            point: dict[str, dict[Any, Any]] = {v: {} for v in self.variables}
            for (v, key, _), x in zip(slots, combination, strict=True):
                point[v][key] = x
            points.append(point)
        return points

    def worth(self, e: Expr, point: Point) -> Value | None:
        """The value of a number at a point; None where it has none."""
        assert self.instance is not None
        try:
            found = Evaluator(self.instance, point).evaluate(e)
        except Nl2optError as error:
            if any(d.code == "V101" or d.code == "V103" for d in error.diagnostics):
                return None
            raise
        return found if isinstance(found, int | Fraction) else None

    def holds(self, e: Expr, each: bool, point: Point) -> bool:
        """Does a condition hold, for each k of K where asked?"""
        assert self.instance is not None
        evaluator = Evaluator(self.instance, point)
        keys = self.instance.sets["K"].elements if each else (0,)
        among = self.instance.sets["K"]
        return evaluator.closed(lambda: all(evaluator.condition(e, {"k": (k, among)} if each else {}) for k in keys))

    def constraints(self, pairs: list[tuple[Snippet, str]]) -> list[str]:
        """The planted snippets as constraints that bite; ``kept`` are the places of the points they leave."""
        self.kept = set(range(len(self.points)))
        rows: list[str] = []
        for s, context in pairs:
            if context == "objective":
                continue
            for _ in range(6):
                try:
                    e, each = self.candidate(s, context)
                    good = {i for i, p in enumerate(self.points) if self.holds(e, each, p)}
                except Nl2optError:
                    continue
                soft = self.rng.random() < 0.06
                left = self.kept & good
                bites = 0 < len(good) < len(self.points)
                if not soft and (not bites or (len(left) < 2 and (len(rows) < 2 or self.rng.random() < 0.9))):
                    continue
                if len(print_expression(e)) > 600:
                    continue
                self.kept = self.kept if soft else left
                extra = (", for: k in K" if each else "") + (f", penalty: {self.rng.choice((1, 2))}" if soft else "")
                rows.append(f'  - {{name: r{len(rows)}{extra}, expr: "{print_expression(e)}"}}')
                break
        return rows

    def objectives(self, planted: list[Snippet], kept: set[int]) -> list[str]:
        """Goals whose best point is excluded, where one is found."""
        goals: list[str] = []
        for n in range(2 if self.rng.random() < 0.12 else 1):
            for attempt in range(10):
                chosen = [*planted[n : n + 2], self.draw(whole=True)] if attempt < 8 else [self.draw(), self.draw()]
                index = self.fresh()
                parts = [
                    mul(number(self.rng.choice((1, 1, 2, -1))), self.over_all("sum", self.value(s, Name(index)), index)
                        if self.rng.random() < 0.5 else self.value(s, self.key()))
                    for s in chosen
                ]  # fmt: skip
                e = add(*parts)
                try:
                    values = [self.worth(e, p) for p in self.points]
                except Nl2optError:
                    continue
                sense = self.rng.choice(("minimize", "maximize"))
                best = min if sense == "minimize" else max
                free = [v for v in values if v is not None]
                mine = [v for i, v in enumerate(values) if i in kept and v is not None]
                told = mine and best(mine) != best(free)
                if (told or (attempt > 6 and free)) and len(print_expression(e)) < 900:
                    goals.append(f'  - {{{sense}: "{print_expression(e)}", priority: {2 - n}}}')
                    break
        return goals if self.rng.random() < 0.93 else []
