"""Conditions that must hold -> statements of an OR-Tools program that add constraints to `model`.

``on`` are literals under which a constraint is enforced: `implies(a, b)` enforces b on a, so that only the conditions
of implications need a literal of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from nl2opt.emitters.python.cpsat_globals import IntervalWriter
from nl2opt.emitters.python.kept import Kept
from nl2opt.emitters.python.known import ATOM, IF, Scope
from nl2opt.emitters.python.signs import is_nonnegative
from nl2opt.ir.model import Over
from nl2opt.ir.nodes import (
    ONE,
    Add,
    Aggregate,
    And,
    Binary,
    Boolean,
    Call,
    Compare,
    CompareOp,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    Mul,
    Name,
    Not,
    Or,
    Subscript,
    Tuple,
    conjunction,
    disjunction,
)
from nl2opt.passes.facts import is_binary, is_formula, is_known
from nl2opt.passes.rewrite import negation

_MIRRORED: dict[CompareOp, CompareOp] = {"<=": ">=", ">=": "<=", "<": ">", ">": "<", "==": "==", "!=": "!="}
_CARDINALITY = {"==": "add_exactly_one", "<=": "add_at_most_one", ">=": "add_at_least_one"}

On = tuple[str, ...]
"""Sources of the literals a statement is enforced on."""


class StatementWriter(IntervalWriter):
    """Writes statements; each is a list of lines, inner ones indented."""

    def required(self, e: Expr, scope: Scope, on: On = ()) -> list[str]:
        """A condition that must hold where all of ``on`` do -> statements."""
        if is_known(e, self.model):
            plain = isinstance(e, Compare | In | Not | Boolean)
            text = self.write(e, scope)
            return [self._added(f"model.add({text if plain else f'bool({text})'})", on)]
        match e:
            case And(args):
                return self._every(args, scope, on)
            case Call("all", args, _):
                return self._every(args, scope, on)
            case Aggregate("all", body, generators):
                head, inner, depth = self.loops(generators, scope)
                return [*head, *indented(self.required(body, inner, on), depth)]
            case Or(args):
                return self._some(args, scope, on)
            case Call("any", args, _):
                return self._some(args, scope, on)
            case Aggregate("any", body, generators):
                clauses, inner = self.clauses(generators, scope)
                return [self._added(f"model.add_bool_or({self._listed(body, inner, IF)} {clauses})", on)]
            case Implies(condition, consequence) if is_known(condition, self.model):
                return self._if(condition, consequence, scope, on)
            case Implies(condition, consequence):
                return self._implied((condition,), consequence, scope, on)
            case IfElse(condition, then, otherwise):
                first, second = Implies(condition, then), Implies(negation(condition), otherwise)
                return [*self.required(first, scope, on), *self.required(second, scope, on)]
            case Iff(left, right):
                return self._same(left, right, scope, on)
            case Not(arg):
                opposite = negation(arg)
                if not isinstance(opposite, Not):
                    return self.required(opposite, scope, on)
                return self._fact(arg, False, scope, on)
            case Compare():
                return self._compared(e, scope, on)
            case In(Tuple(items), collection, negated) if is_known(collection, self.model):
                return [self._tabled(items, collection, negated, scope, on)]
            case In() if self.is_of_values(e):
                root = self.root_of(e.item)
                allowed = self.allowed(e.collection, root, scope)
                domain = f"cp_model.Domain.from_values({allowed})" + (".complement()" if e.negated else "")
                item = self.write(self.whole(e.item), scope)
                return [self._added(f"model.add_linear_expression_in_domain({item}, {domain})", on)]
            case Aggregate("all_different") | Call("all_different"):
                listed = self.distinct_values(e, scope)
                inside = listed[1:-1] if isinstance(e, Aggregate) else listed
                return [self._added(f"model.add_all_different({inside})", on)]
            case Call() if is_formula(e, self.model):
                return [self._added(self.constraint(e, scope), on)]
            case _:
                return self._fact(e, True, scope, on)

    def loops(self, generators: Over, scope: Scope) -> tuple[list[str], Scope, int]:
        """Generators -> the heads of nested loops and filters, the scope inside, how deep that is."""
        lines: list[str] = []
        inner = dict(scope)
        for g in generators:
            lines.append("    " * len(lines) + f"for {self.target(g.targets)} in {self.source(g.source, inner)}:")
            inner |= dict.fromkeys(g.targets, g.source)
            for condition in g.conditions:
                lines.append("    " * len(lines) + f"if {self.write(condition, inner)}:")
        return lines, inner, len(lines)

    def _added(self, call: str, on: On) -> str:
        return f"{call}.only_enforce_if({', '.join(on)})" if on else call

    # logic ----------------------------------------------------------------------------------------------------------

    def variables(self, listed: str) -> str:
        """A list of places -> of variables, for a constraint that takes no expressions."""
        body, _, clauses = listed[1:-1].partition(" for ")
        plain = " - " not in body
        return listed if plain else f"[{self.use('variable')}(model, {body}) for {clauses}]"

    def is_simple(self, e: Expr) -> bool:
        """True for a binary variable or its negation: a literal already."""
        inner = e.arg if isinstance(e, Not) else e
        plain = not isinstance(inner, Subscript) or all(is_known(i, self.model) for i in inner.index)
        return is_binary(inner, self.model) and plain

    def _every(self, args: Iterable[Expr], scope: Scope, on: On) -> list[str]:
        """Each condition after those known before it, which decide whether it is looked at."""
        lines: list[str] = []
        depth = 0
        for a in args:
            lines += indented(self.required(a, scope, on), depth)
            if is_known(a, self.model):
                lines += indented([f"if {self.write(a, scope)}:"], depth)
                depth += 1
        return [*lines, *indented(["pass"], depth)] if depth and lines[-1].endswith(":") else lines

    def _if(self, condition: Expr, consequence: Expr, scope: Scope, on: On) -> list[str]:
        return [f"if {self.write(condition, scope)}:", *indented(self.required(consequence, scope, on), 1)]

    def _some(self, args: tuple[Expr, ...], scope: Scope, on: On) -> list[str]:
        """A disjunction: enforced on the opposites where all but one are literals already."""
        known = [a for a in args if is_known(a, self.model)]
        decided = tuple(a for a in args if not is_known(a, self.model))
        if known:
            return self._if(negation(disjunction(*known)), disjunction(*decided), scope, on)
        heavy = [a for a in decided if not self.is_simple(a)]
        if len(heavy) == 1 and len(decided) > 1:
            return self._implied([negation(a) for a in decided if a is not heavy[0]], heavy[0], scope, on)
        listed = ", ".join(self._listed(a, scope, 0) for a in decided)
        return [self._added(f"model.add_bool_or({listed})", on)]

    def _listed(self, e: Expr, scope: Scope, level: int) -> str:
        text, own = self.literal(e, scope, positive=True)
        return f"({text})" if own < level else text

    def _implied(self, conditions: Iterable[Expr], consequence: Expr, scope: Scope, on: On) -> list[str]:
        """A condition enforced on others; one that is no variable is named where it is needed more than once."""
        literals = [part for c in conditions for part in self._conjuncts(c)]
        texts = tuple(self._listed_negative(c, scope) for c in literals)
        lines = self.required(consequence, scope, (*on, *texts))
        made = [t for t in texts if "(" in t]
        if not made or (len(lines) == 1 and not lines[0].startswith("for ")):
            return lines
        names = {t: self.identifiers.make("holds") for t in made}
        lines = self.required(consequence, scope, (*on, *(names.get(t, t) for t in texts)))
        for name in names.values():
            self.identifiers.release(name)
        return [*(f"{name} = {text}" for text, name in names.items()), *lines]

    def _conjuncts(self, e: Expr) -> tuple[Expr, ...]:
        if isinstance(e, And) and not any(is_known(a, self.model) for a in e.args):
            return tuple(p for a in e.args for p in self._conjuncts(a))
        opposite = negation(e.arg) if isinstance(e, Not) else e
        return self._conjuncts(opposite) if isinstance(opposite, And) else (opposite,)

    def _listed_negative(self, e: Expr, scope: Scope) -> str:
        text, own = self.literal(e, scope)
        return f"({text})" if own < IF else text

    def _same(self, left: Expr, right: Expr, scope: Scope, on: On) -> list[str]:
        """Two conditions, both true or both false: where one is a literal the other is enforced on it."""
        if self.is_simple(right) and not self.is_simple(left):
            left, right = right, left
        if self.is_simple(left) and isinstance(right, Compare | In) and not is_known(right, self.model):
            yes = self._implied((left,), right, scope, on)
            return [*yes, *self._implied((negation(left),), negation(right), scope, on)]
        text = f"model.add({self.counted(left, scope)} == {self.counted(right, scope)})"
        return [self._added(text, on)]

    def _fact(self, e: Expr, value: bool, scope: Scope, on: On) -> list[str]:
        """A literal that must be true, or false."""
        if isinstance(e, In) and isinstance(e.item, Tuple) and is_known(e.collection, self.model):
            return [self._tabled(e.item.items, e.collection, e.negated == value, scope, on)]
        if isinstance(e, Subscript) and self.is_picked(e) and self.is_listed(e):
            place, values = self.place_and_list(e, scope)
            return [self._added(f"model.add_element({place}, {values}, {int(value)})", on)]
        text, own = self.literal(e, scope, positive=value)
        if len(on) == 1:
            tilde = "" if value else "~"
            target = f"({text})" if tilde and own < ATOM else text
            return [f"model.add_implication({on[0]}, {tilde}{target})"]
        return [self._added(f"model.add({text} == {int(value)})", on)]

    # comparisons ----------------------------------------------------------------------------------------------------

    def _compared(self, e: Compare, scope: Scope, on: On) -> list[str]:
        if self.is_of_tuples(e):
            return self.required(self.equalities(e), scope, on)
        for c in (e, Compare(_MIRRORED[e.op], e.right, e.left)):
            lines = self._extremes(c, scope, on) or self._cardinality(c, scope, on) or self._defined(c, scope, on)
            if lines:
                return lines
        conditions = e.op in ("==", "!=") and self._is_truth(e.left) and self._is_truth(e.right)
        if conditions and (e.op == "==" or self.is_simple(e.left) or self.is_simple(e.right)):
            return self._same(e.left, e.right if e.op == "==" else negation(e.right), scope, on)
        return [self._added(f"model.add({self.comparison(e, scope)})", on)]

    def _extremes(self, e: Compare, scope: Scope, on: On) -> list[str]:
        """The greatest of several below a number: each of them is."""
        wanted = "max" if e.op in ("<=", "<") else "min" if e.op in (">=", ">") else ""
        match e.left:
            case Aggregate(function, body, generators) if function == wanted:
                inside = Compare(e.op, body, e.right)
                return self.required(Aggregate("all", inside, generators), scope, on)
            case Call(function, args, _) if function == wanted:
                return self.required(conjunction(*(Compare(e.op, a, e.right) for a in args)), scope, on)
        return []

    def _cardinality(self, e: Compare, scope: Scope, on: On) -> list[str]:
        """How many of some literals hold, compared with one."""
        if e.right != ONE or e.op not in _CARDINALITY:
            return []
        call = _CARDINALITY[e.op]
        match e.left:
            case Aggregate("sum", body, generators) if self._is_truth(body):
                clauses, inner = self.clauses(generators, scope)
                return [self._added(f"model.{call}({self._listed_negative(body, inner)} {clauses})", on)]
            case Add(terms) if all(map(self._is_truth, terms)):
                return [self._added(f"model.{call}({', '.join(self._listed_negative(t, scope) for t in terms)})", on)]
        return []

    def _is_truth(self, e: Expr) -> bool:
        return not is_known(e, self.model) and (self.is_simple(e) or is_formula(e, self.model))

    def _defined(self, e: Compare, scope: Scope, on: On) -> list[str]:
        """A variable equal to a function of others: the constraint that says so."""
        if e.op == "==" and is_known(e.left, self.model):
            return self._looked_up(e.left, e.right, scope, on)
        own = isinstance(e.left, Name | Subscript) and not is_known(e.left, self.model) and self.is_plain(e.left)
        labelled = self.root_of(e.left) is not None or self.root_of(e.right) is not None
        if e.op != "==" or not own or labelled or self.decimals.is_fractional(e.right) or is_known(e.right, self.model):
            return []
        name = self.write(e.left, scope)

        def listed(values: Iterable[Expr]) -> str:
            return f"[{', '.join(self.write(v, scope, IF) for v in values)}]"

        match e.right:
            case Aggregate("min" | "max" | "prod", body, generators):
                clauses, inner = self.clauses(generators, scope)
                values = f"[{self.write(body, inner, IF)} {clauses}]"
                function = {"min": "min", "max": "max", "prod": "multiplication"}[e.right.function]
                call = f"model.add_{function}_equality({name}, {values})"
            case Call("min" | "max", args, _):
                call = f"model.add_{e.right.function}_equality({name}, {listed(args)})"
            case Call("abs", (arg,), _):
                call = f"model.add_abs_equality({name}, {self.write(arg, scope)})"
            case Mul(factors) if not any(is_known(f, self.model) for f in factors):
                call = f"model.add_multiplication_equality({name}, {listed(factors)})"
            case Binary("//" | "%" as op, left, right) if is_nonnegative(left, self.instance) and self.is_positive(
                right
            ):
                function = "division" if op == "//" else "modulo"
                a, b = self.write(self.whole(left), scope), self.write(self.whole(right), scope)
                call = f"model.add_{function}_equality({name}, {a}, {b})"
            case Subscript() if self.is_picked(e.right) and self.is_listed(e.right):
                place, values = self.place_and_list(e.right, scope)
                call = f"model.add_element({place}, {values}, {name})"
            case _:
                return []
        return [self._added(call, on)]

    def _looked_up(self, value: Expr, e: Expr, scope: Scope, on: On) -> list[str]:
        """An element that must be a known number or label."""
        decimal = self.decimals.is_fractional(value) or self.decimals.is_fractional(e)
        if decimal or not isinstance(e, Subscript) or not self.is_picked(e) or not self.is_listed(e):
            return []
        place, values = self.place_and_list(e, scope)
        root = self.root_of(e)
        target = self.position(value, root, scope) if root is not None else self.write(value, scope)
        return [self._added(f"model.add_element({place}, {values}, {target})", on)]

    def is_picked(self, e: Subscript) -> bool:
        """True for a reference with an index that is decided."""
        return not all(is_known(i, self.model) for i in e.index)

    def is_plain(self, e: Expr) -> bool:
        """True for a reference to a variable with known indices."""
        if isinstance(e, Name | Subscript) and isinstance(self.model.symbols.get(e.name), Kept):
            return False
        return not isinstance(e, Subscript) or all(is_known(i, self.model) for i in e.index)

    def _tabled(self, items: tuple[Expr, ...], collection: Expr, negated: bool, scope: Scope, on: On) -> str:
        """A tuple in a table, or in none of its rows."""
        decided, cells, rows = self.table_rows(items, collection, scope)
        source = self.source(collection, scope)
        whole = len(cells) == len(items) and rows == f"for {', '.join(cells)} in {source}"
        listed = source if whole else f"[({', '.join(cells)}{',' if len(cells) == 1 else ''}) {rows}]"
        kind = "forbidden" if negated else "allowed"
        return self._added(f"model.add_{kind}_assignments([{', '.join(decided)}], {listed})", on)


def indented(lines: Iterable[str], depth: int) -> list[str]:
    """Lines -> the same, deeper."""
    return ["    " * depth + line for line in lines]
