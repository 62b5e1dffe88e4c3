"""Elements of sets over variables -> positions: what every target that decides over integers shares.

A variable in a set of labels is a position in a list of the program (its *root*: the first declared set that holds all
its elements), so a label is written `Root.index("label")`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from fractions import Fraction

from nl2opt.emitters.python.decimals import Decimals, Reach, fractional_parameters
from nl2opt.emitters.python.known import BIT_OR, IF, OR, SUM, KnownWriter, Scope
from nl2opt.emitters.python.reasons import UNSUPPORTED
from nl2opt.ir.instance import Domain, Instance, SetValue
from nl2opt.ir.model import NamedExpression, Over, Parameter, Set, Variable
from nl2opt.ir.nodes import (
    Boolean,
    Call,
    Compare,
    Comprehension,
    Expr,
    IfElse,
    In,
    ListLiteral,
    Name,
    Not,
    Number,
    Subscript,
    Tuple,
)
from nl2opt.ir.walk import map_children
from nl2opt.passes.facts import is_known


class PositionWriter(KnownWriter, ABC):
    """Writes what is an element, and takes apart what is picked by one."""

    exact = True

    def __init__(self, instance: Instance, reserved: frozenset[str] = frozenset()) -> None:
        super().__init__(instance, reserved)
        self.decimals = Decimals(self, fractional_parameters(instance))
        self.roots = {v.name: self._root(v) for v in self.model.variables if self._is_labelled(v.name)}
        self.scaled = False

    @abstractmethod
    def choice(self, e: IfElse, then: str, otherwise: str, scope: Scope) -> tuple[str, int]:
        """A number that depends on a condition over variables -> (source, binding strength)."""

    @abstractmethod
    def reduced(self, function: str, listed: str) -> str:
        """`sum`, `min`, `max` of a list of numbers -> source."""

    @abstractmethod
    def magnitude(self, value: str) -> str:
        """The absolute value of a number -> source."""

    @abstractmethod
    def picked(self, e: Subscript, scope: Scope, scaled: bool = False) -> tuple[str, int]:
        """`a[x]` with a variable index -> (source, binding strength); ``scaled``: times `scale`, whole."""

    # positions ------------------------------------------------------------------------------------------------------

    def _is_labelled(self, variable: str) -> bool:
        within = self.instance.variables[variable].within
        return within is not None and not all(s.is_integer for s in within)

    def _root(self, v: Variable) -> str:
        needed = {e for s in self.instance.variables[v.name].within or () for e in s}
        for s in self.model.sets:
            if not s.over and needed <= set(self.instance.sets[s.name]):
                return s.name
        raise self.refuse("a variable in this set", UNSUPPORTED["labels of no declared set"], v.within)

    def root_of(self, e: Expr) -> str | None:
        """Decided expression -> the set its label's position is counted in; None for numbers."""
        match e:
            case Name(name) | Subscript(name, _):
                declared = self.model.symbols.get(name)
                if isinstance(declared, Parameter) and not is_known(e, self.model):
                    held = self.instance.parameters[name].elements
                    labels = held is not None and not all(isinstance(x, int) for x in held)
                    return self._holding(SetValue("", tuple(dict.fromkeys(held or ())))) if labels else None
                return self.roots.get(name)
            case IfElse(_, then, otherwise):
                return self.root_of(then) or self.root_of(otherwise)
            case _:
                return None

    def _holding(self, elements: SetValue) -> str:
        for s in self.model.sets:
            if not s.over and set(elements) <= set(self.instance.sets[s.name]):
                return s.name
        raise self.refuse("these labels", UNSUPPORTED["labels of no declared set"])

    def position(self, e: Expr, root: str, scope: Scope, level: int = 0) -> str:
        """Label or tuple, known or decided -> source of its position in the root."""
        if is_known(e, self.model):
            return f"{self.names[root]}.index({self.write(e, scope)})"
        own = self.root_of(e)
        if own != root and not isinstance(e, IfElse):
            raise self.refuse("this comparison", UNSUPPORTED["labels of different sets"], e)
        if isinstance(e, IfElse):
            then, otherwise = self.position(e.then, root, scope, OR), self.position(e.otherwise, root, scope, IF)
            text = self.choice(e, then, otherwise, scope)
            return f"({text[0]})" if text[1] < level else text[0]
        return self.write(e, scope, level)

    # indices --------------------------------------------------------------------------------------------------------

    def indexed_domain(self, e: Subscript) -> tuple[Over, Domain]:
        """`a[x]` -> the declared axes of `a` and its keys."""
        declared = self.model.symbols[e.name]
        if not isinstance(declared, Parameter | Variable | NamedExpression):
            raise self.refuse("an index by a variable", UNSUPPORTED["element of filtered keys"], e)
        held = self.instance.variables if isinstance(declared, Variable) else self.instance.parameters
        return declared.over, held[e.name].domain

    def is_dense(self, e: Subscript) -> bool:
        """True where `a` has a value for each combination of single elements of its axes."""
        _, domain = self.indexed_domain(e)
        return domain.dense and all(a.arity == 1 for a in domain.axes) and len(domain.axes) == len(e.index)

    def looked_into(
        self, e: Subscript, scope: Scope, scaled: bool = False
    ) -> tuple[str, list[tuple[str, str]], list[str]]:
        """`a[x, k]` of dense keys -> (its value at a key, loops over the axes of variable indices, their places)."""
        over, _ = self.indexed_domain(e)
        places: list[str] = []
        loops: list[tuple[str, str]] = []
        key: list[str] = []
        for g, i in zip(over, e.index, strict=True):
            if is_known(i, self.model):
                key.append(self.write(i, scope))
                continue
            name = self.identifiers.make("ijklmn"[len(loops)], "k")
            key.append(name)
            loops.append((name, self.source(g.source, {})))
            places.append(self.place(i, g.source, scope))
        value = f"{self.names[e.name]}[{', '.join(key)}]"
        root = self.root_of(e)
        if root is not None and isinstance(self.model.symbols[e.name], Parameter):
            value = f"{self.names[root]}.index({value})"
        for name, _ in loops:
            self.identifiers.release(name)
        return f"int(scale * {value})" if scaled else value, loops, places

    def place(self, i: Expr, axis: Expr, scope: Scope) -> str:
        """A decided index -> source of its place in the axis, from 0."""
        root = self.root_of(i)
        if root is not None:
            if axis != Name(root):
                raise self.refuse("an index by a variable", UNSUPPORTED["labels of different sets"], i)
            return self.position(i, root, scope)
        if not self.is_contiguous(axis):
            raise self.refuse("an index by a variable", UNSUPPORTED["element of a set with gaps"], i)
        self.whole(i)
        start = self._start(axis, scope)
        return self.write(i, scope) if start == "0" else f"{self.write(i, scope, SUM)} - {start}"

    def is_placed(self, axis: Expr) -> bool:
        """True where an element of the axis has a place in it, by its position or by counting from its first."""
        return self.is_contiguous(axis) or (isinstance(axis, Name) and axis.name in self.roots.values())

    def is_contiguous(self, axis: Expr) -> bool:
        """True for a range by its own expression, or whole numbers one after another in these data."""
        if self.is_consecutive(axis):
            return True
        elements = self.instance.sets[axis.name].elements if isinstance(axis, Name) else ()
        whole = [x for x in elements if isinstance(x, int)]
        return bool(whole) and whole == list(range(whole[0], whole[0] + len(elements)))

    def _start(self, axis: Expr, scope: Scope) -> str:
        """The first element of a range of integers, '0' where it is known to be."""
        source = axis
        if isinstance(axis, Name):
            declared = self.model.symbols[axis.name]
            if isinstance(declared, Set) and isinstance(declared.elements, Call):
                source = declared.elements
        if isinstance(source, Call) and source.function == "range" and len(source.args) == 1:
            return "0"
        return f"{self.collection(axis, scope)}[0]"

    def truth(self, e: Expr, scope: Scope, level: int = 0) -> str:
        """A known condition -> source of True or False, also where it is a number."""
        plain = isinstance(e, Compare | In | Not | Boolean)
        return self.write(e, scope, level) if plain else f"bool({self.write(e, scope)})"

    def whole(self, e: Expr) -> Expr:
        """A number whose value must be whole where it stands -> itself; decimals are refused."""
        if self.decimals.is_fractional(e):
            raise self.refuse("decimals here", UNSUPPORTED["decimals"], e)
        return e

    def scale(self, e: Expr, scope: Scope, over: Over = ()) -> str:
        """A condition just written with decimals -> source of the scale that makes them whole."""
        return self.common_scale([(over, e)], scope)

    def common_scale(self, parts: Iterable[tuple[Over, Expr]], scope: Scope) -> str:
        """The same for several expressions, each under its bindings."""
        found = [k for over, e in parts for k in self.decimals.coefficients(self._spread(e), Reach(over))]
        return self.decimals.scale(found, scope)

    def _spread(self, e: Expr) -> Expr:
        """Condition -> the same with every comparison that has decimals in the form `Decimals` scales."""
        if isinstance(e, Compare) and (self.decimals.is_fractional(e.left) or self.decimals.is_fractional(e.right)):
            sides = [x if is_known(x, self.model) else self.decimals.spread(x) for x in (e.left, e.right)]
            return Compare(e.op, *sides)
        return e if is_known(e, self.model) else map_children(e, self._spread)

    # lists of tuples ------------------------------------------------------------------------------------------------

    def successors(self, e: Call) -> tuple[str, int]:
        """The array of a circuit -> source of the list of places it goes to, and how many there are."""
        array = e.args[0]
        declared = self.model.symbols.get(array.name) if isinstance(array, Name) else None
        if not isinstance(declared, Variable) or len(declared.over) != 1:
            raise self.refuse(f"`{e.function}`", "its argument is one variable array over a set", e)
        axis, index = declared.over[0].source, declared.over[0].targets[0]
        place = self.place(Subscript(declared.name, (Name(index),)), axis, {index: axis})
        listed = f"[{place} for {self.names[index]} in {self.source(axis, {index: axis})}]"
        return listed, len(self.instance.variables[declared.name].domain)

    def columns(self, e: Expr, width: int, scope: Scope) -> tuple[list[list[Expr]], str, Scope]:
        """The list of intervals -> its columns, and the generator clauses where it has them."""
        if isinstance(e, Comprehension) and isinstance(e.body, Tuple):
            clauses, inner = self.clauses(e.generators, scope)
            return [[i] for i in e.body.items], f" {clauses}", inner
        if isinstance(e, ListLiteral) and all(isinstance(i, Tuple) for i in e.items):
            rows = [i.items for i in e.items if isinstance(i, Tuple)]
            if len({len(r) for r in rows}) == 1:
                return [list(c) for c in zip(*rows, strict=True)], "", scope
            longest = [
                r if len(r) == width + 1 else (*r, Compare("==", Number(Fraction(0)), Number(Fraction(0))))
                for r in rows
            ]
            return [list(c) for c in zip(*longest, strict=True)], "", scope
        raise self.refuse("these intervals", "they are written as a list of tuples", e)

    def column(self, cells: list[Expr], clauses: str, scope: Scope) -> str:
        """One column -> source of a list."""
        return f"[{', '.join(self.write(self.whole(c), scope, IF) for c in cells)}{clauses}]"

    def listed(self, values: Comprehension, scope: Scope) -> str:
        """A list of whole numbers or of elements -> source of the list of numbers or positions."""
        clauses, inner = self.clauses(values.generators, scope)
        root = self.root_of(values.body)
        if root is not None:
            return f"[{self.position(values.body, root, inner, IF)} {clauses}]"
        return f"[{self.write(self.whole(values.body), inner, IF)} {clauses}]"

    # tables ---------------------------------------------------------------------------------------------------------

    def table_rows(self, items: tuple[Expr, ...], collection: Expr, scope: Scope) -> tuple[list[str], list[str], str]:
        """`(x, i, y) in Rows` -> (the decided items, their cells in a row, clauses over the rows that fit the rest)."""
        columns = [self.identifiers.make(f"column_{k + 1}") for k in range(len(items))]
        kept, cells, decided = [], [], []
        for item, column in zip(items, columns, strict=True):
            if is_known(item, self.model):
                kept.append(f"{column} == {self.write(item, scope, BIT_OR)}")
                continue
            root = self.root_of(item)
            decided.append(self.write(self.whole(item), scope))
            cells.append(f"{self.names[root]}.index({column})" if root else column)
        for column in columns:
            self.identifiers.release(column)
        condition = f" if {' and '.join(kept)}" if kept else ""
        return decided, cells, f"for {', '.join(columns)} in {self.source(collection, scope)}{condition}"
