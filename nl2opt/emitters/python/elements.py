"""Elements of sets over variables -> CPMpy source: positions of labels, indices by a variable, membership, tables.

A variable in a set of labels is a position in a list of the program (its *root*: the first declared set that holds all
its elements), so a label is written `Root.index("label")`.
"""

from __future__ import annotations

from nl2opt.emitters.python.decimals import Decimals, fractional_parameters
from nl2opt.emitters.python.known import (
    ATOM,
    BIT_OR,
    IF,
    OR,
    SUM,
    UNARY,
    KnownWriter,
    Scope,
)
from nl2opt.emitters.python.reasons import UNSUPPORTED
from nl2opt.ir.instance import Instance, SetValue
from nl2opt.ir.model import NamedExpression, Parameter, Set, Variable
from nl2opt.ir.nodes import (
    Call,
    Compare,
    Expr,
    IfElse,
    In,
    Name,
    Or,
    SetLiteral,
    Subscript,
    Tuple,
)
from nl2opt.passes.facts import is_known
from nl2opt.passes.rewrite import negation


class ElementWriter(KnownWriter):
    """Writes what is an element, or picked by one."""

    exact = True

    def __init__(self, instance: Instance, reserved: frozenset[str] = frozenset()) -> None:
        super().__init__(instance, reserved)
        self.decimals = Decimals(self, fractional_parameters(instance))
        self.roots = {v.name: self._root(v) for v in self.model.variables if self._is_labelled(v.name)}
        self.scaled = False

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
            text = self._choice(e.condition, then, otherwise, scope)
            return f"({text[0]})" if text[1] < level else text[0]
        return self.write(e, scope, level)

    def _choice(self, condition: Expr, then: str, otherwise: str, scope: Scope) -> tuple[str, int]:
        """A number that depends on a condition: each branch times its truth."""
        yes, no = self.write(condition, scope, UNARY), self.write(negation(condition), scope, UNARY)
        parts = [f"{t} * {c}" for t, c in ((then, yes), (otherwise, no)) if t != "0"]
        return " + ".join(parts) or "0", SUM

    # elements and tables --------------------------------------------------------------------------------------------

    def _subscript(self, e: Subscript, scope: Scope) -> tuple[str, int]:
        if all(is_known(i, self.model) for i in e.index):
            return f"{self.names[e.name]}[{', '.join(self.write(i, scope) for i in e.index)}]", ATOM
        declared = self.model.symbols[e.name]
        if not isinstance(declared, Parameter | Variable | NamedExpression):
            raise self.refuse("an index by a variable", UNSUPPORTED["element of filtered keys"], e)
        domain = (
            self.instance.variables[e.name].domain
            if isinstance(declared, Variable)
            else self.instance.parameters[e.name].domain
        )
        if not domain.dense or any(a.arity > 1 for a in domain.axes) or len(domain.axes) != len(e.index):
            raise self.refuse("an index by a variable", UNSUPPORTED["element of filtered keys"], e)
        places: list[str] = []
        loops: list[tuple[str, str]] = []
        key: list[str] = []
        for g, i in zip(declared.over, e.index, strict=True):
            if is_known(i, self.model):
                key.append(self.write(i, scope))
                continue
            name = self.identifiers.make("ijklmn"[len(loops)], "k")
            key.append(name)
            loops.append((name, self.source(g.source, {})))
            places.append(self._place(i, g.source, scope))
        value = f"{self.names[e.name]}[{', '.join(key)}]"
        root = self.root_of(e)
        if root is not None and isinstance(declared, Parameter):
            value = f"{self.names[root]}.index({value})"
        table = value
        for name, source in reversed(loops):
            table = f"[{table} for {name} in {source}]"
        for name, _ in loops:
            self.identifiers.release(name)
        if len(loops) == 1:
            return f"cp.Element({table}, {places[0]})", ATOM
        return f"cp.cpm_array({table})[{', '.join(places)}]", ATOM

    def _place(self, i: Expr, axis: Expr, scope: Scope) -> str:
        """A decided index -> source of its place in the axis, from 0; out of range is CPMpy's own undefined."""
        root = self.root_of(i)
        if root is not None:
            if axis != Name(root):
                raise self.refuse("an index by a variable", UNSUPPORTED["labels of different sets"], i)
            return self.position(i, root, scope)
        if not self.is_consecutive(axis):
            elements = self.instance.sets[axis.name].elements if isinstance(axis, Name) else ()
            whole = [x for x in elements if isinstance(x, int)]
            if not whole or whole != list(range(whole[0], whole[0] + len(elements))):
                raise self.refuse("an index by a variable", UNSUPPORTED["element of a set with gaps"], i)
        start = self._start(axis, scope)
        return self.write(i, scope) if start == "0" else f"{self.write(i, scope, SUM)} - {start}"

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

    def _membership(self, e: In, scope: Scope) -> tuple[str, int]:
        if isinstance(e.collection, SetLiteral) and not all(is_known(i, self.model) for i in e.collection.items):
            anyof: Expr = Or(tuple(Compare("==", e.item, i) for i in e.collection.items))
            anyof = anyof.args[0] if isinstance(anyof, Or) and len(anyof.args) == 1 else anyof
            return self.spell(negation(anyof) if e.negated else anyof, scope)
        tilde = "~" if e.negated else ""
        if isinstance(e.item, Tuple):
            text = self._table(e.item.items, e.collection, scope)
        else:
            if is_known(e.item, self.model):
                raise self.refuse("a set of variables", UNSUPPORTED["labels of no declared set"], e)
            root = self.root_of(e.item)
            allowed = self.source(e.collection, scope)
            if root is not None:
                if isinstance(e.collection, SetLiteral):
                    items = ", ".join(self.position(i, root, scope) for i in e.collection.items)
                    allowed = f"[{items}]"
                else:
                    allowed = f"[{self.names[root]}.index(value) for value in {allowed}]"
            text = f"cp.InDomain({self.write(e.item, scope)}, {allowed})"
        return f"{tilde}{text}", UNARY if tilde else ATOM

    def _table(self, items: tuple[Expr, ...], collection: Expr, scope: Scope, required: bool = False) -> str:
        """`(x, i, y) in Rows`: one of the rows that fit what is known."""
        columns = [self.identifiers.make(f"column_{k + 1}") for k in range(len(items))]
        kept, cells, decided = [], [], []
        for item, column in zip(items, columns, strict=True):
            if is_known(item, self.model):
                kept.append(f"{column} == {self.write(item, scope, BIT_OR)}")
                continue
            root = self.root_of(item)
            decided.append(self.write(item, scope))
            cells.append(f"{self.names[root]}.index({column})" if root else column)
        for column in columns:
            self.identifiers.release(column)
        condition = f" if {' and '.join(kept)}" if kept else ""
        source = self.source(collection, scope)
        rows = f"for {', '.join(columns)} in {source}{condition}"
        if len(decided) == 1:
            return f"cp.InDomain({decided[0]}, [{cells[0]} {rows}])"
        if required:
            allowed = source if cells == columns else f"[({', '.join(cells)}) {rows}]"
            if isinstance(collection, Name) and not kept and self.instance.sets[collection.name].elements:
                return f"cp.Table([{', '.join(decided)}], {allowed})"
            self.functions.add("table")
            return f"table([{', '.join(decided)}], {allowed})"
        tests = " & ".join(f"({d} == {c})" for d, c in zip(decided, cells, strict=True))
        return f"cp.any([{tests} {rows}])"
