"""Conditions over variables -> clauses of binaries and guarded comparisons.

Theorem: `c1 or ... or cn` holds exactly where binaries exist with z1 + ... + zn >= 1 and each `implies(zk, ck)`; a
condition counted in a sum is a binary z with `implies(z, c)` and `implies(not z, not c)`, of which the sign of its
place may ask for one only; `implies(a and b, c)` with binaries a, b guards c by both. Exact, with the closed sides of
docs/SEMANTICS.md over continuous expressions: `a < b` that must hold is `a <= b`, and so is the false side of `b <= a`;
of whole numbers it is `a + 1 <= b`. A continuous `==` that must fail is unsupported. What is left are comparisons, each
guarded by binaries or by none.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(linearize_logic, '''
... sets: {I: [a, b]}
... variables: {x: {over: I, type: integer, upper: 9}, on: {over: I, type: binary}}
... constraints:
...   - {name: link, for: i in I, expr: "implies(not on[i], x[i] == 0)"}
...   - {name: one, expr: "on['a'] or not on['b']"}
...   - {name: few, expr: "sum(x[i] >= 5 for i in I) <= 1"}
... '''))
x[I] integer <= 9
on[I] binary
few_holds[i in I] binary
link: implies(not on[i], x[i] == 0) for i in I
one: on['a'] - on['b'] >= 0
few: sum(few_holds[i] for i in I) <= 1
few_holds_when: implies(not few_holds[i], x[i] <= 4) for i in I
"""

from __future__ import annotations

from dataclasses import replace

from nl2opt.ir.model import Constraint, Model, Over
from nl2opt.ir.nodes import (
    ONE,
    ZERO,
    Aggregate,
    And,
    Boolean,
    Compare,
    Expr,
    IfElse,
    Iff,
    Implies,
    Not,
    Or,
    conjunction,
    disjunction,
)
from nl2opt.passes.facts import is_formula, is_known, is_literal
from nl2opt.passes.literals import as_number, at_least_one, opposite, plain
from nl2opt.passes.rewrite import Context, Draft, Undo, descend, negation, unchanged
from nl2opt.passes.strictness import closed, is_testable
from nl2opt.passes.unsupported import unsupported

Guard = tuple[Expr, ...]


def linearize_logic(model: Model) -> tuple[Model, Undo]:
    """Model -> the model whose constraints are comparisons, each perhaps guarded by binaries."""
    logic = _Logic(model)
    constraints: list[Constraint] = []
    for c in model.constraints:
        constraints += logic.item(c)
    objectives = [logic.draft.objective(o, logic.number) for o in model.objectives]
    return logic.draft.finish(constraints, objectives), unchanged


class _Logic:
    """One model on its way; a condition met twice under the same bindings is one binary."""

    def __init__(self, model: Model) -> None:
        self.draft = Draft(model)
        self.made: dict[tuple[Expr, Over], tuple[Expr, str, set[int]]] = {}
        self.out: list[Constraint] = []
        self.like: Constraint | None = None
        self.name = ""

    @property
    def model(self) -> Model:
        return self.draft.model

    def item(self, c: Constraint) -> list[Constraint]:
        """One constraint -> the comparisons it amounts to, the first under its own name."""
        self.out, self.like, self.name = [], c, c.name
        self.hold(c.expr, Context(c.name, c.over), ())
        first = [replace(x, name=c.name) if n == 0 else x for n, x in enumerate(self.out)]
        if first:
            self.draft.names.add(c.name)
        return first

    def emit(self, expr: Expr, at: Context, guard: Guard) -> None:
        """A comparison that holds where the guard does."""
        name = self.name if not self.out and self.like and self.name == self.like.name else self.draft.fresh(self.name)
        anchors = self.like.anchors if self.like else ()
        made = Constraint(name, Implies(conjunction(*guard), expr) if guard else expr, at.bindings, anchors=anchors)
        (self.out if self.like else self.draft.constraints).append(made)

    # what must hold --------------------------------------------------------------------------------------------------

    def hold(self, c: Expr, at: Context, guard: Guard) -> None:
        """``c`` holds wherever every literal of ``guard`` does."""
        model = self.model
        c = plain(c, model)
        if is_known(c, model):
            self.refuse(c, at, guard)
            return
        if is_literal(c, model):
            self.emit(at_least_one([c, *map(opposite, guard)]), at, ())
            return
        match c:
            case And(args):
                for a in args:
                    self.hold(a, at, guard)
                    at = at.given(a) if is_known(a, model) else at
            case Aggregate("all", body, generators):
                self.hold(body, at.bind(generators), guard)
            case Not(arg) if not is_formula(arg, model):
                self.hold(Compare("<=", arg, ZERO), at, guard)
            case Not(arg) if negation(arg) != c:
                self.hold(negation(arg), at, guard)
            case Or() | Implies() | Aggregate("any", _, _):
                self.clause(c, at, guard)
            case Iff(left, right):
                self.equivalent(left, right, at, guard)
            case IfElse(condition, then, otherwise):
                if is_known(condition, model):
                    self.hold(then, at.given(condition), guard)
                    self.hold(otherwise, at.given(negation(condition)), guard)
                else:
                    self.hold(disjunction(negation(condition), then), at, guard)
                    self.hold(disjunction(condition, otherwise), at, guard)
            case Compare("!=", left, right):
                self.testable(c, at)
                self.clause(Or((Compare("<", left, right), Compare(">", left, right))), at, guard)
            case Compare():
                inner = replace(at, guarded=at.guarded or bool(guard))
                self.emit(closed(self.comparison(c, inner), at, self.draft), at, guard)
            case _ if is_formula(c, model):
                raise unsupported("this condition", at.item, _named(c))
            case _:
                self.hold(Compare(">=", c, ONE), at, guard)

    def refuse(self, c: Expr, at: Context, guard: Guard) -> None:
        """A known condition: where it fails, the guard must."""
        if c == Boolean(True):
            return
        at = at if c == Boolean(False) else at.given(negation(c))
        self.emit(at_least_one([opposite(g) for g in guard]) if guard else Compare(">=", ZERO, ONE), at, ())

    def comparison(self, c: Compare, at: Context) -> Compare:
        """Both sides with their conditions counted by binaries."""
        made = descend(c, replace(at, sign=1, counted=False), self.number, self.model)
        assert isinstance(made, Compare)
        return made

    def equivalent(self, left: Expr, right: Expr, at: Context, guard: Guard) -> None:
        """`iff`: one side, as a literal, guards the other and its negation."""
        if is_literal(right, self.model) and not is_literal(left, self.model):
            left, right = right, left
        if is_known(left, self.model):
            self.hold(IfElse(left, right, negation(right)), at, guard)
            return
        literal = self.literal(left, at, 0)
        if is_literal(right, self.model) and not guard:
            self.emit(Compare("==", as_number(literal), as_number(right)), at, ())
            return
        self.hold(right, at, (*guard, literal))
        self.hold(negation(right), at, (*guard, opposite(literal)))

    def clause(self, c: Expr, at: Context, guard: Guard) -> None:
        """One of several conditions holds: literals at once, all but one of the others by a binary each."""
        literals: list[Expr] = []
        heavy: list[tuple[Expr, Context]] = []
        for arg, here in self.disjuncts(c, at):
            if is_known(arg, self.model):
                at = here.given(negation(arg))
            elif is_literal(arg, self.model):
                literals.append(arg)
            elif isinstance(arg, Aggregate) and arg.function == "any":
                inner = self.literal(arg.body, here.bind(arg.generators), -1)
                literals.append(Aggregate("any", inner, arg.generators))
            else:
                heavy.append((arg, here))
        literals += [self.literal(arg, here, -1) for arg, here in heavy[:-1]]
        if heavy:
            last, here = heavy[-1]
            self.hold(last, at.given(*here.known[len(at.known) :]), (*guard, *map(opposite, literals)))
        else:
            self.emit(at_least_one([*literals, *map(opposite, guard)]), at, ())

    def disjuncts(self, c: Expr, at: Context) -> list[tuple[Expr, Context]]:
        """A disjunction -> its members, flat, what is known on the left guarding those to its right."""
        c = plain(c, self.model)
        match c:
            case Or(args):
                parts = args
            case Implies(condition, consequence):
                parts = (negation(condition), consequence)
            case Not(arg) if is_formula(arg, self.model) and not is_known(arg, self.model) and negation(arg) != c:
                return self.disjuncts(negation(arg), at)
            case _:
                return [(c, at)]
        out: list[tuple[Expr, Context]] = []
        for p in parts:
            out += self.disjuncts(p, at)
            if is_known(p, self.model):
                at = at.given(negation(p))
        return out

    # what is counted -------------------------------------------------------------------------------------------------

    def number(self, e: Expr, at: Context) -> Expr:
        """A number whose conditions over variables become binaries."""
        if is_known(e, self.model):
            return e
        if is_formula(e, self.model):
            return as_number(self.literal(e, at, at.sign))
        return descend(e, at, self.number, self.model)

    def literal(self, c: Expr, at: Context, sign: int) -> Expr:
        """A condition -> a literal: equal to it (sign 0), at least it (1), at most it (-1)."""
        model = self.model
        c = plain(c, model)
        if is_literal(c, model):
            return c
        match c:
            case Not(arg):
                return opposite(self.literal(arg, at, -sign))
            case And((first, *rest)) if is_known(first, model):
                return IfElse(first, self.literal(conjunction(*rest), at.given(first), sign), Boolean(False))
            case Or((first, *rest)) if is_known(first, model):
                return IfElse(first, Boolean(True), self.literal(disjunction(*rest), at.given(negation(first)), sign))
            case Implies(first, then) if is_known(first, model):
                return IfElse(first, self.literal(then, at.given(first), sign), Boolean(True))
            case IfElse(condition, then, otherwise) if is_known(condition, model):
                return IfElse(
                    condition,
                    self.literal(then, at.given(condition), sign),
                    self.literal(otherwise, at.given(negation(condition)), sign),
                )
            case Compare("!=", left, right):
                return opposite(self.literal(Compare("==", left, right), at, -sign))
            case _:
                return self.reified(c, at, sign)

    def reified(self, c: Expr, at: Context, sign: int) -> Expr:
        """A binary for ``c``, bound to it on the sides the sign asks for."""
        key = (c, at.defining(c))
        if key in self.made:
            z, name, sides = self.made[key]
        else:
            z = self.draft.variable(f"{at.item}_holds", at.family(c), "binary")
            name, sides = self.model.variables[-1].name, set()
            self.made[key] = (z, name, sides)
        scope = Context(at.item, at.defining(c), guarded=True)
        kept = (self.out, self.like, self.name)
        self.like, self.name = None, f"{name}_when"
        if sign <= 0 and 1 not in sides:
            sides.add(1)
            self.hold(c, scope, (z,))
        if sign >= 0 and -1 not in sides:
            sides.add(-1)
            self.hold(negation(c), scope, (Not(z),))
        self.out, self.like, self.name = kept
        return z

    def testable(self, c: Compare, at: Context) -> None:
        if not is_testable(c, self.model):
            raise unsupported(
                "`==` over continuous expressions that must fail", at.item, fix="a band, or make it integer",
            )  # fmt: skip


def _named(c: Expr) -> str:
    return getattr(c, "function", type(c).__name__.lower())
