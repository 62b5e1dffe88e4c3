"""One random model in the making: the pairs most needed as rows that tell and an objective that is held back.

Every hard row excludes a point that the other rows leave, every part of a disjunction saves one, and at least two
points stay (or none, in an infeasible model); the best point of the objective is excluded. What stays trivial all the
same is counted by whoever uses the model.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from pieces import Pieces
from shapes import POINTS, points
from snippets import Needs, Pair

from nl2opt.check.static import check_model
from nl2opt.errors import Nl2optError
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.evaluate import Evaluator
from nl2opt.ir.evaluate.outcomes import Undefined
from nl2opt.ir.model import Constraint, Model, Objective, Sense
from nl2opt.ir.nodes import (
    Compare,
    CompareOp,
    Expr,
    Generator,
    Iff,
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
from nl2opt.ir.walk import free_names, substitute

NAMED, CLAUSES, REQUIRED, COUNTS, GOALS = 5, 5, 5, 3, 6
"""How many named expressions, disjunctions, rows that are a snippet and come after these, comparisons of counts, and
summands of the objective a model has at most."""

FIRST = (0.06, 0.5)
"""The parts of the points that each of the first rows leaves at least."""

LITERALS, SUMMANDS = 5, 5
"""How many pairs stand in a disjunction, and in a comparison of counts."""

FEW = 10
"""At how many points a piece is looked at first."""

TRIES = 16
"""How many pairs are tried for a row."""

LEFT = 6
"""How many points the rows leave that are made before the last ones."""

ROOM = 0.7
"""The part of the points left that a row should leave."""

Values = list[tuple[Any, ...]]
"""For each point, the values of a number at each k of K, or its only one; None where it has none."""

Masks = tuple[int, ...]
"""For each k of K, or once: the points where a condition holds, as the bits of a number."""


class Composer(Pieces):
    """One model; ``planted`` tells which pairs were tried, and whether they were placed."""

    def __init__(self, rng: random.Random, needs: Needs, mixed: bool) -> None:
        super().__init__(rng, needs, mixed)
        self.evaluators: list[Evaluator] = []
        self.base = Model()
        self.kept = 0
        self.excluded: list[int] = []
        self.planted: dict[Pair, bool] = {}
        self.rows: list[str] = []

    def document(self, name: str) -> str:
        """The whole text; '' where too little was found."""
        self.choose_variables()
        queue = sorted(self.allowed, key=self.needs.__getitem__)
        of = lambda *contexts: [p for p in queue if p.context in contexts]  # noqa: E731
        named = of("named expression")[:NAMED]
        for n, p in enumerate(named):
            self.made[f"made{n}"] = print_expression(self.value(p.snippet, Name("k"), p.context))
        self.base = read_document(self.text(name, [], []))
        if not _is_valid(self.base):
            return ""
        instance = bind(self.base)
        every = points(self.variables, instance.sets["K"].elements)
        chosen = every if len(every) <= POINTS else self.rng.sample(every, POINTS)
        self.evaluators = [Evaluator(instance, p) for p in chosen]
        self.kept = (1 << len(self.evaluators)) - 1
        self.demand(named)
        for part in FIRST:
            self.require(self.untried(of("required")), 1, part)
        self.forbid(of("positive", "negative"))
        self.require(self.untried(of("required")), REQUIRED)
        self.compare(of("counted", "filter"))
        if self.rng.random() < 0.4:
            self.soften(of("counted"))
        if self.rng.random() < 0.07:
            self.contradict()
        if len(self.rows) < 2:
            return ""
        goals = self.objectives(of("objective")[:GOALS] + self.untried(of("filter"))[:2], self.unused(self.rows))
        for m in self.unused([*self.rows, *goals]):
            del self.made[m]
        self.planted |= {p: f"made{n}" in self.made for n, p in enumerate(named)}
        return self.text(name, self.rows, goals)

    def unused(self, items: Iterable[str]) -> list[str]:
        """The named expressions that no item mentions."""
        text = "".join(items)
        return [m for m in self.made if m not in text]

    def untried(self, queue: list[Pair]) -> list[Pair]:
        """The pairs of a queue not tried yet."""
        return [p for p in queue if p not in self.planted]

    # values ----------------------------------------------------------------------------------------------------------

    def values(self, e: Expr, each: bool, among: Sequence[Evaluator] = ()) -> Values:
        """A number or a condition -> its values at every point, or at some, for each k of K where asked."""
        keys = self.evaluators[0].instance.sets["K"]
        bindings = [{"k": (k, keys)} for k in keys.elements] if each else [{}]
        return [tuple(_worth(evaluator, e, env) for env in bindings) for evaluator in among or self.evaluators]

    def few(self, among: int) -> list[Evaluator]:
        """A few of some points: what does not differ at them is not looked at everywhere."""
        places = [n for n in range(len(self.evaluators)) if among >> n & 1]
        return [self.evaluators[n] for n in self.rng.sample(places, min(len(places), FEW))]

    def masks(self, e: Expr, each: bool) -> Masks:
        """A condition -> where it holds."""
        return tuple(_mask(map(bool, column)) for column in zip(*self.values(e, each), strict=True))

    def index(self) -> tuple[Expr, bool]:
        """An index into K: the one a row is stated for each of, or one of its elements."""
        each = self.rng.random() < 0.25
        return (Name("k") if each else self.key()), each

    # rows ------------------------------------------------------------------------------------------------------------

    def tells(self, good: int, least: int = 2) -> bool:
        """True where a row that holds at ``good`` excludes a point by itself, leaves some, and makes no row idle."""
        left, bad = self.kept & good, ~good
        if left == self.kept or left.bit_count() < least:
            return False
        return all(mine & ~bad & ~self.others(n) for n, mine in enumerate(self.excluded))

    def others(self, place: int) -> int:
        """The points that the rows beside one exclude."""
        found = 0
        for n, excluded in enumerate(self.excluded):
            found |= excluded if n != place else 0
        return found

    def is_valid(self, e: Expr, soft: bool = False) -> bool:
        """True where the language takes a row."""
        names = free_names(e)
        over = (Generator(("k",), Name("K")),) if "k" in names else ()
        c = Constraint("row", e, over, penalty=number(1) if soft else None)
        named = tuple(n for n in self.base.expressions if n.name in names or n.name == "twice")
        return len(print_expression(e)) < 900 and _is_valid(replace(self.base, expressions=named, constraints=(c,)))

    def place(self, e: Expr, good: int, soft: bool = False) -> None:
        """Takes a row."""
        if not soft:
            self.kept &= good
            self.excluded.append(~good & ((1 << len(self.evaluators)) - 1))
        extra = ", for: k in K" * ("k" in free_names(e)) + f", penalty: {self.rng.choice((1, 2))}" * soft
        self.rows.append(f'  - {{name: r{len(self.rows)}{extra}, expr: "{print_expression(e)}"}}')

    def place_gentlest(self, rows: list[tuple[Expr, int]]) -> bool:
        """Takes the row that leaves most points, so that there is room for those after it; is there one?"""
        for e, good in sorted(rows, key=lambda row: -(self.kept & row[1]).bit_count())[:3]:
            if self.is_valid(e):
                self.place(e, good)
                return True
        return False

    def demand(self, named: list[Pair]) -> None:
        """Some of the named conditions as rows; those that the language lets stand nowhere else, or not at all."""
        for n, p in enumerate(named):
            e = Subscript(f"made{n}", (self.key(),))
            countable = self.counts(p.snippet) and self.is_valid(Compare("<=", e, number(1)))
            if not p.snippet.is_number and (self.rng.random() < 0.15 or not countable):
                (good,) = self.masks(e, False)
                if self.tells(good, LEFT) and self.is_valid(e):
                    self.place(e, good)
                    continue
            if not countable:
                del self.made[f"made{n}"]

    def require(self, queue: list[Pair], most: int, part: float = 0) -> None:
        """At most so many rows that are a snippet, or compare one; each leaves that part of the points at least."""
        most += len(self.rows)
        for p in queue[:TRIES]:
            if len(self.rows) >= most:
                break
            found: list[tuple[Expr, int]] = []
            least = max(LEFT, int(part * self.kept.bit_count()))
            for _ in range(2):
                found += [row for row in self.required(p) if self.tells(row[1], least)]
                if any((self.kept & good).bit_count() > ROOM * self.kept.bit_count() for _, good in found):
                    break
            self.planted[p] = self.place_gentlest(found)

    def required(self, p: Pair) -> Iterator[tuple[Expr, int]]:
        """A pair -> rows with it, and where they hold."""
        k, each = self.index()
        try:
            e = self.make(p.snippet, k, p.context)
            if len(set(self.values(e, each, self.few(self.kept)))) < 2:
                return
            if not p.snippet.is_number:
                yield e, _all(self.masks(e, each))
            else:
                yield from self.comparisons(e, self.values(e, each))
        except Nl2optError:
            return

    def comparisons(self, e: Expr, values: Values) -> Iterator[tuple[Expr, int]]:
        """A number -> it compared with values it takes, in random order, and the points where that holds."""
        taken = sorted({_between(v) for vs in values for v in vs if v is not None})
        tried = [(self.operator(e), v) for v in taken for _ in range(4)]
        self.rng.shuffle(tried)
        for op, v in dict.fromkeys(tried[:12]):
            holds = _HOLDS[op]
            yield Compare(op, e, number(v)), _mask(all(x is not None and holds(x, v) for x in vs) for vs in values)

    def forbid(self, queue: list[Pair]) -> None:
        """Rows that are disjunctions of what may hold and what may fail."""
        for _ in range(CLAUSES):
            k, each = self.index()
            taken: list[tuple[Pair, Expr, Masks]] = []
            open_points = self.kept
            for p in self.untried(queue)[:TRIES]:
                self.planted[p] = False
                try:
                    e = self.told(p, k, open_points) or self.told(p, k, open_points)
                    if e is None:
                        continue
                    masks = tuple(~m if p.context == "negative" else m for m in self.masks(e, each))
                except Nl2optError:
                    continue
                more = [*taken, (p, e, masks)]
                tells = self.parts_tell([m for _, _, m in more])
                if tells and (not self.mixed or self.is_valid(self.clause(more))):
                    taken, self.planted[p] = more, True
                    open_points = self.kept & ~_all(_any(m for _, _, m in taken))
                if len(taken) == LITERALS:
                    break
            if not taken:
                break
            good = _all(_any(m for _, _, m in taken))
            stands = any(p.context == "negative" or len(taken) > 1 for p, _, _ in taken)
            if not (stands and self.tells(good, LEFT) and self.place_gentlest([(self.clause(taken), good)])):
                self.planted |= dict.fromkeys((p for p, _, _ in taken), False)

    def told(self, p: Pair, at: Expr, among: int) -> Expr | None:
        """A pair at an index -> a condition that holds at some of the points and fails at others, if one is found."""
        k = Name("k")
        e = self.make(p.snippet, k, p.context)
        each = k.name in free_names(e)
        found = [v for vs in self.values(e, each, self.few(among)) for v in vs if v is not None]
        if len(set(found)) < 2:
            return None
        if p.snippet.is_number:
            tried = [(self.operator(e), _between(self.rng.choice(found))) for _ in range(6)]
            told = ((op, v) for op, v in tried if len({_HOLDS[op](x, v) for x in found}) > 1)
            op, v = next(told, (tried[0]))
            e = Compare(op, e, number(v))
        return substitute(e, {k.name: at})

    def parts_tell(self, parts: list[Masks]) -> bool:
        """True where the disjunction of some conditions excludes a point, and each of them saves one by itself."""
        if not self.kept & ~_all(_any(parts)):
            return False
        for n, mine in enumerate(parts):
            rest = _any([*parts[:n], *parts[n + 1 :]] or [(0,) * len(mine)])
            if not any(self.kept & m & ~r for m, r in zip(mine, rest, strict=True)):
                return False
        return True

    def clause(self, taken: list[tuple[Pair, Expr, Masks]]) -> Expr:
        """Conditions that may hold or fail -> their disjunction, in one of its spellings."""
        holds = [e for p, e, _ in taken if p.context == "positive"]
        fails = [e for p, e, _ in taken if p.context == "negative"]
        if not fails:
            return disjunction(*holds)
        if not holds:
            return Not(conjunction(*fails))
        if len(taken) % 2:
            return disjunction(*map(Not, fails), *holds)
        return Implies(conjunction(*fails), disjunction(*holds))

    def compare(self, queue: list[Pair]) -> None:
        """Rows that compare sums of what is counted, filtered and named."""
        made = self.unused(self.rows)
        for _ in range(COUNTS):
            k, each = self.index()
            terms: list[Expr] = [Subscript(made.pop(), (k,))] if made and self.rng.random() < 0.3 else []
            mine: list[Pair] = []
            for p in self.untried(queue)[:TRIES]:
                self.planted[p] = False
                try:
                    term = self.count(p, k)
                    tells = term and len(set(self.values(term, each, self.few(self.kept)))) > 1
                except Nl2optError:
                    continue
                if term and tells and (not self.mixed or self.is_valid(Compare("<=", term, number(1)))):
                    terms.append(term)
                    mine.append(p)
                if len(terms) == SUMMANDS:
                    break
            if not terms:
                break
            e = add(*terms)
            try:
                tried = list(self.comparisons(e, self.values(e, each)))
            except Nl2optError:
                continue
            if self.place_gentlest([row for row in tried if self.tells(row[1])]):
                self.planted |= dict.fromkeys(mine, True)

    def count(self, p: Pair, k: Expr) -> Expr | None:
        """A pair that is counted or filtered -> a number, if one is found that differs."""
        n = self.fresh()
        if p.context == "filter":
            e = self.told(p, Name(n), self.kept)
            return e and self.over_all("sum", Subscript("c", (Name(n),)), n, e)
        summed = self.rng.random() < 0.4
        e = self.told(p, Name(n) if summed else k, self.kept)
        if e is None:
            return None
        return self.over_all("sum", e, n) if summed else mul(number(self.rng.choice((1, 2, -1))), e)

    def soften(self, queue: list[Pair]) -> None:
        """A row that may be violated at a price."""
        for p in (self.untried(queue) or queue)[:TRIES]:
            k, each = self.index()
            try:
                mine = self.told(p, k, self.kept)
                if mine is None:
                    continue
                e = self.rng.choice((mine, Iff(mine, self.other(k, p.context))))
                good = _all(self.masks(e, each))
            except Nl2optError:
                continue
            self.planted[p] = bool(self.kept & good) and self.kept & ~good and self.is_valid(e, True)
            if self.planted[p]:
                self.place(e, good, soft=True)
                return

    def contradict(self) -> None:
        """A row that no point left satisfies, where one is found: the model is infeasible."""
        for _ in range(12):
            try:
                e = self.other(self.key(), "required")
                (good,) = self.masks(e, False)
            except Nl2optError:
                continue
            if good and not good & self.kept and self.is_valid(e):
                self.place(e, good)
                return

    # objectives ------------------------------------------------------------------------------------------------------

    def objectives(self, planted: list[Pair], made: list[str]) -> list[str]:
        """The planted pairs and unused named expressions in one objective, or two; their best point is excluded."""
        if self.rng.random() < 0.05:
            return []
        several = self.rng.random() < 0.12
        goals: list[str] = []
        for n, (some, names) in enumerate([(planted[1:], []), (planted[:1], made)] if several else [(planted, made)]):
            found = self.goal(some, names)
            if found:
                goals.append(f'  - {{{found[0]}: "{print_expression(found[1])}", priority: {2 - n}}}')
                self.planted |= dict.fromkeys(some, True)
        return goals

    def goal(self, some: list[Pair], names: list[str]) -> tuple[str, Expr] | None:
        """Pairs and named expressions -> sense and objective: the best point of it is excluded, where one is found."""
        terms: list[tuple[Expr, Values]] = []
        fresh = [Subscript(m, (Name(i),)) for m in names for i in (self.fresh(),)]
        for p in (*fresh, *(some or [self.rng.choice(self.allowed)])):
            for _ in range(3):
                try:
                    e = self.summand(p) if isinstance(p, Pair) else self.over_all("sum", p, p.index[0].name)
                    values = self.values(e, False) if e else []
                except Nl2optError:
                    continue
                if e and len(set(values)) > 1 and (not self.mixed or self.is_goal(e)):
                    terms.append((e, values))
                    break
        found = None
        for _ in range(8 if terms else 0):
            weights = [self.rng.choice((1, 1, 2, -1)) for _ in terms]
            sense: Sense = self.rng.choice(("minimize", "maximize"))
            worth = [_weighed(weights, vs) for vs in zip(*(values for _, values in terms), strict=True)]
            best = min if sense == "minimize" else max
            free = [v for v in worth if v is not None]
            mine = [v for n, v in enumerate(worth) if self.kept >> n & 1 and v is not None]
            found = sense, add(*(mul(number(w), e) for w, (e, _) in zip(weights, terms, strict=True)))
            if free and (not self.kept or (mine and best(mine) != best(free))):
                break
        return found if found and self.is_goal(found[1]) else None

    def is_goal(self, e: Expr) -> bool:
        """True where the language takes an objective."""
        model = replace(self.base, objectives=(Objective("minimize", e),))
        return len(print_expression(e)) < 1800 and _is_valid(model)

    def summand(self, p: Pair) -> Expr | None:
        """A pair -> a summand of the objective; summed over K half the time."""
        if p.context == "filter":
            return self.count(p, self.key())
        i = self.fresh()
        e = self.value(p.snippet, Name(i) if self.rng.random() < 0.5 else self.key(), p.context)
        return self.over_all("sum", e, i) if i in free_names(e) else e


def _weighed(weights: list[int], values: Iterable[tuple[Any, ...]]) -> Any:
    """Weights and the values of terms at a point -> their sum; None where one has no value."""
    worth = [v for (v,) in values]
    return None if None in worth else sum(w * v for w, v in zip(weights, worth, strict=True))


def _worth(evaluator: Evaluator, e: Expr, env: dict[str, Any]) -> Any:
    """The value of a number or a condition; None where it has none."""
    try:
        return evaluator.value(e, env)
    except Undefined:
        return None


def _between(value: int | Fraction | float) -> Fraction:
    """A value -> a number near it: itself, or where it is not exact one that it surely is not."""
    return Fraction(math.floor(value)) + Fraction(1, 2) if isinstance(value, float) else Fraction(value)


def _is_valid(model: Model) -> bool:
    return not any(d.severity == "error" for d in check_model(model))


def _mask(holds: Iterable[bool]) -> int:
    """Truth values -> the number whose bits they are."""
    return sum(1 << n for n, h in enumerate(holds) if h)


def _any(parts: Iterable[Masks]) -> Masks:
    """Where some of several conditions hold, for each k."""
    columns = zip(*parts, strict=True)
    return tuple(_or(column) for column in columns)


def _or(column: Iterable[int]) -> int:
    found = 0
    for mask in column:
        found |= mask
    return found


def _all(masks: Masks) -> int:
    """Where a condition holds for every k."""
    found = -1
    for mask in masks:
        found &= mask
    return found


_HOLDS: dict[CompareOp, Callable[[Any, Any], bool]] = {
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}
