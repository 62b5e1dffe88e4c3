"""Global constraints -> MiniZinc's own: tours, intervals, resources, rectangles, and what natives are recognised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nl2opt.emitters.mzn.declared import AND, CONJUNCTION, OR, Scope
from nl2opt.emitters.mzn.reasons import UNSUPPORTED
from nl2opt.emitters.mzn.writer import NOT_COUNTED, Writer
from nl2opt.emitters.natives import AllDifferent, GlobalCardinality, Increasing, Inverse, LexLess, native
from nl2opt.ir.model import Constraint, Over, Variable
from nl2opt.ir.nodes import (
    ONE,
    ZERO,
    Aggregate,
    And,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Expr,
    Generator,
    IfElse,
    Implies,
    In,
    ListLiteral,
    Name,
    Number,
    Tuple,
    add,
    conjunction,
    disjunction,
)
from nl2opt.ir.walk import children
from nl2opt.passes.facts import is_formula, is_known
from nl2opt.passes.rewrite import negation

_ORDERS = {"<": "strictly_increasing", "<=": "increasing", ">": "strictly_decreasing", ">=": "decreasing"}


class GlobalWriter(Writer):
    """Writes the constraints MiniZinc has a name for."""

    is_standing = False

    def required(self, c: Constraint) -> str:
        """A constraint with all its bindings -> source of a condition that must hold."""
        found = self.native(c)
        if found:
            return found
        if not c.over:
            return self.demanded(c.expr, {})
        clauses, scope = self.clauses(c.over, {})
        return f"forall({clauses})({self.demanded(c.expr, scope)})"

    def demanded(self, e: Expr, scope: Scope) -> str:
        """A condition that must hold; a membership of several variables is a table there."""
        match e:
            case In(Tuple(items), collection, False) if not is_known(e.item, self.model):
                return self.table(items, collection, scope)
            case Call(function, _, _) if function in NOT_COUNTED:
                return self.constraint(e, scope, counted=False)
            case Compare():
                with self.standing():
                    return self.compare(e, scope, demanded=True)[0]
            case And(args):
                return CONJUNCTION.join(self._part(a, scope, AND) for a in args)
            case Implies(condition, consequence) if is_known(condition, self.model):
                return f"{self.condition(condition, scope, OR)} -> {self._part(consequence, scope, OR)}"
            case Aggregate("all", body, generators) if not self.whole_array(body, generators, scope):
                clauses, inner = self.clauses(generators, scope)
                return f"forall({clauses})({self.demanded(body, inner)})"
            case _:
                return self.condition(e, scope)

    def _part(self, e: Expr, scope: Scope, level: int) -> str:
        """A condition that must hold, inside another."""
        if isinstance(e, Compare | And | Implies):
            text = self.demanded(e, scope)
            return f"({text})" if isinstance(e, Implies) or (level > AND and isinstance(e, And)) else text
        return self.demanded(e, scope) if isinstance(e, Call) and e.function in NOT_COUNTED else self.condition(
            e, scope, level)  # fmt: skip

    def table(self, items: tuple[Expr, ...], collection: Expr, scope: Scope) -> str:
        """`(x, y) in Rows` -> a table where all of a declared row is decided; else a row that fits exists."""
        table = self.rows_of(collection)
        decided = not any(is_known(i, self.model) for i in items) and all(map(self.is_whole, items))
        if table is None or not isinstance(collection, Name) or not decided:
            return self.condition(In(Tuple(items), collection), scope)
        self.includes.add("table")
        if collection.name not in self.tables:
            self.tables[collection.name] = self.identifiers.make(f"{table.name}_rows")
        return f"table([{', '.join(self.write(i, scope) for i in items)}], {self.tables[collection.name]})"

    # what the form shows --------------------------------------------------------------------------------------------

    def native(self, c: Constraint) -> str:
        """The constraint as a global one, '' where its form shows none."""
        match native(c, self.model):
            case AllDifferent(over, values) if self._is_whole_list(values):
                return self._family(over, lambda s: self.all_different(values, s))
            case GlobalCardinality() as found if self._is_whole_list(found.values):
                return self._cardinality(found)
            case Inverse(there, back, source) if self.is_stretch(source):
                self.includes.add("inverse")
                return f"inverse({self.names[there]}, {self.names[back]})"
            case Increasing(over, op, values) if self._is_whole_list(values) and self._in_order(values):
                name = _ORDERS[op]
                self.includes.add(name)
                return self._family(over, lambda s: f"{name}({self.listed(values, s)})")
            case LexLess(over, left, right, strict) if self._is_whole_list(left) and self._is_whole_list(right):
                if not self._in_order(left):
                    return ""
                name = "lex_less" if strict else "lex_lesseq"
                self.includes.add(name)
                return self._family(over, lambda s: f"{name}({self._lists(s, left, right)})")
            case _:
                return ""

    def _is_whole_list(self, values: Comprehension) -> bool:
        return self.is_whole(values.body) and not self.is_boolean(values.body) and not isinstance(values.body, Tuple)

    def _in_order(self, values: Comprehension) -> bool:
        return all(self.is_natural(g.source) for g in values.generators)

    def _family(self, over: Over, write: object) -> str:
        if not over:
            return write({})  # type: ignore[operator, no-any-return]
        clauses, scope = self.clauses(over, {})
        return f"forall({clauses})({write(scope)})"  # type: ignore[operator]

    def _lists(self, scope: Scope, *lists: Comprehension) -> str:
        """Lists that must have one index set: all are arrays of their own, or none."""
        whole = all(self.whole_array(x.body, x.generators, scope) for x in lists)
        return ", ".join(self.listed(x, scope, whole) for x in lists)

    def _cardinality(self, found: GlobalCardinality) -> str:
        """Counts of every value of a set; bounds of them must be known."""
        if not self.is_whole(found.times) or (found.op != "==" and not is_known(found.times, self.model)):
            return ""
        index = Generator((found.index,), found.cover)
        cover = Comprehension("list", Name(found.index), (index,))
        times = Comprehension("list", found.times, (index,))
        values = self.listed(found.values, {})
        if found.op == "==":
            self.includes.add("global_cardinality")
            return f"global_cardinality({values}, {self.listed(cover, {})}, {self.listed(times, {}, False)})"
        self.includes.add("global_cardinality_low_up")
        counted = Call("len", (found.cover,))
        none = self.listed(Comprehension("list", ZERO, (index,)), {})
        limit = self.listed(times, {}, False)
        if found.op == "<=":
            low, high = none, limit
        else:
            low, high = limit, self.listed(Comprehension("list", counted, (index,)), {})
            high = high.replace(self.write(counted, {}), f"length({values})", 1)
        return f"global_cardinality_low_up({values}, {self.listed(cover, {})}, {low}, {high})"

    # tours ----------------------------------------------------------------------------------------------------------

    def constraint(self, e: Call, scope: Scope, counted: bool = True) -> str:
        """A global constraint -> its call; one that may be ``counted`` says intervals two by two."""
        match e.function:
            case "circuit" | "subcircuit":
                return self._circuit(e, scope)
            case "no_overlap":
                text = self._no_overlap(e, scope, counted)
                return f"({text})" if "\\/" in text else text
            case "cumulative":
                return self._cumulative(e, scope)
            case "no_overlap_2d":
                return self._rectangles(e, scope)
            case "piecewise":
                return self._piecewise(e, scope)
            case _:
                return super().constraint(e, scope, counted)

    def _circuit(self, e: Call, scope: Scope) -> str:
        """A tour through a whole array, or through a row of one, which keeps its index set."""
        self.includes.add(e.function)
        array = e.args[0]
        match array:
            case Name(name) if isinstance(declared := self.model.symbols.get(name), Variable):
                frame = self.frames[name]
                if len(declared.over) == 1 and frame.full and frame.axes and self.is_stretch(declared.over[0].source):
                    return f"{e.function}({self.names[name]})"
            case Comprehension("list", _, (Generator((_,), source, ()),)) if self.is_stretch(source):
                listed = self.listed(array, scope, whole=False)
                return f"{e.function}(array1d({self.collection(source, scope)}, {listed}))"
            case _:
                pass
        raise self.refuse(f"`{e.function}`", UNSUPPORTED["order of a set"], e)

    # intervals ------------------------------------------------------------------------------------------------------

    def _columns(self, e: Expr, width: int, scope: Scope) -> tuple[list[list[Expr]], str, Scope]:
        """The list of tuples -> its columns, and the generator clauses where it has them."""
        if isinstance(e, Comprehension) and isinstance(e.body, Tuple):
            clauses, inner = self.clauses(e.generators, scope)
            columns = [[i] for i in e.body.items]
            suffix = f" | {clauses}"
        elif isinstance(e, ListLiteral) and all(isinstance(i, Tuple) for i in e.items):
            rows = [i.items for i in e.items if isinstance(i, Tuple)]
            longest = max((len(r) for r in rows), default=width)
            rows = [r if len(r) == longest else (*r, Boolean(True)) for r in rows]
            columns, suffix, inner = [list(c) for c in zip(*rows, strict=True)], "", scope
        else:
            raise self.refuse("these intervals", UNSUPPORTED["set of tuples as an expression"], e)
        if not all(self.is_whole(cell) for column in columns[: width if width != 3 else 3] for cell in column):
            raise self.refuse("intervals in continuous time", UNSUPPORTED["continuous scheduling"], e)
        return columns, suffix, inner

    def _array(self, cells: list[Expr], suffix: str, scope: Scope) -> str:
        return f"[{', '.join(self.write(c, scope) for c in cells)}{suffix}]"

    def _present(self, cells: list[Expr], suffix: str, scope: Scope, amounts: list[Expr] | None = None) -> str:
        """Amounts of intervals that may be absent: 0 there."""
        held = amounts or [ONE] * len(cells)
        texts = []
        for cell, amount in zip(cells, held, strict=True):
            present = f"bool2int({self.condition(cell, scope)})"
            texts.append(present if amount == ONE else f"{self.write(amount, scope, 9)} * {present}")
        return f"[{', '.join(texts)}{suffix}]"

    def _no_overlap(self, e: Call, scope: Scope, counted: bool) -> str:
        rows = e.args[0]
        whole = isinstance(rows, ListLiteral) and all(self.is_whole(c) for r in rows.items for c in children(r)[:2])
        if isinstance(rows, ListLiteral) and (counted or not whole):
            return self._in_pairs(rows, scope)
        columns, suffix, inner = self._columns(rows, 2, scope)
        start, length, *present = columns
        given = f"{self._array(start, suffix, inner)}, {self._array(length, suffix, inner)}"
        if not present:
            self.includes.add("disjunctive")
            return f"disjunctive({given})"
        self.includes.add("cumulative")
        return f"cumulative({given}, {self._present(present[0], suffix, inner)}, 1)"

    def _in_pairs(self, rows: ListLiteral, scope: Scope) -> str:
        """Intervals in continuous time: of each two, one ends before the other begins, or one occupies nothing."""
        pairs = []
        for k, second in enumerate(rows.items):
            for first in rows.items[:k]:
                (a, p, *present), (b, q, *other) = children(first), children(second)
                apart = [Compare("<=", add(a, p), b), Compare("<=", add(b, q), a)]
                empty = [Compare("<=", x, ZERO) for x in (p, q) if not isinstance(x, Number)]
                pairs.append(disjunction(*apart, *empty, *(negation(c) for c in (*present, *other))))
        return self.condition(conjunction(*pairs), scope)

    def _cumulative(self, e: Call, scope: Scope) -> str:
        columns, suffix, inner = self._columns(e.args[0], 3, scope)
        start, length, amount, *present = columns
        given = f"{self._array(start, suffix, inner)}, {self._array(length, suffix, inner)}"
        needed = (
            self._present(present[0], suffix, inner, amount) if present else self._array(amount, suffix, inner)
        )  # fmt: skip
        if not self.is_whole(e.args[1]):
            raise self.refuse("a capacity with decimals", UNSUPPORTED["continuous scheduling"], e)
        self.includes.add("cumulative")
        return f"cumulative({given}, {needed}, {self.write(e.args[1], scope)})"

    def _rectangles(self, e: Call, scope: Scope) -> str:
        columns, suffix, inner = self._columns(e.args[0], 4, scope)
        x, width, y, height = (self._array(c, suffix, inner) for c in columns)
        solid = all(isinstance(c, Number) and c.value > 0 for column in columns[1::2] for c in column)
        name = "diffn" if solid else "diffn_nonstrict"
        self.includes.add(name)
        return f"{name}({x}, {y}, {width}, {height})"

    def spell(self, e: Expr, scope: Scope) -> tuple[str, int]:
        """Node -> (source, binding strength); what is inside a condition, or a branch not taken for sure, may fail."""
        before = self.is_standing
        known = isinstance(e, IfElse) and is_known(e.condition, self.model)
        self.is_standing = before and not is_formula(e, self.model) and (known or not isinstance(e, IfElse))
        spelled = super().spell(e, scope)
        self.is_standing = before
        return spelled

    @contextmanager
    def standing(self) -> Iterator[None]:
        """What is written inside must be defined: it is an objective, or a comparison that must hold."""
        self.is_standing = True
        yield
        self.is_standing = False

    def _piecewise(self, e: Call, scope: Scope) -> str:
        if not self.is_standing:
            raise self.refuse("a piecewise function in a condition", UNSUPPORTED["piecewise as a condition"], e)
        columns, suffix, inner = self._columns_of_points(e.args[1], scope)
        xs, ys = (self._array(c, suffix, inner) for c in columns)
        self.includes.add("piecewise_linear")
        return f"piecewise_linear({self.write(e.args[0], scope)}, {xs}, {ys})"

    def _columns_of_points(self, e: Expr, scope: Scope) -> tuple[list[list[Expr]], str, Scope]:
        if isinstance(e, Comprehension) and isinstance(e.body, Tuple):
            clauses, inner = self.clauses(e.generators, scope)
            return [[i] for i in e.body.items], f" | {clauses}", inner
        if isinstance(e, ListLiteral) and all(isinstance(i, Tuple) for i in e.items):
            rows = [i.items for i in e.items if isinstance(i, Tuple)]
            return [list(c) for c in zip(*rows, strict=True)], "", scope
        raise self.refuse("these points", UNSUPPORTED["set of tuples as an expression"], e)
