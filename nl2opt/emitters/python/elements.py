"""Elements of sets over variables -> CPMpy source: indices by a variable, membership, tables."""

from __future__ import annotations

from abc import abstractmethod

from nl2opt.emitters.python.known import ATOM, SUM, UNARY, Scope
from nl2opt.emitters.python.positions import PositionWriter
from nl2opt.emitters.python.reasons import UNSUPPORTED
from nl2opt.ir.nodes import Compare, Expr, IfElse, In, Name, Or, SetLiteral, Subscript, Tuple
from nl2opt.passes.facts import is_known
from nl2opt.passes.rewrite import negation


class ElementWriter(PositionWriter):
    """Writes what is picked by an element."""

    @abstractmethod
    def is_expression(self, e: Expr) -> bool:
        """True where the source of ``e`` is a CPMpy expression, no plain value, with these data."""

    def as_expression(self, e: Expr, text: str) -> str:
        """The source of ``e`` -> the same as a CPMpy expression also where data alone decide it."""
        if self.is_expression(e):
            return text
        self.functions.add("expression")
        return f"expression({text})"

    def choice(self, e: IfElse, then: str, otherwise: str, scope: Scope) -> tuple[str, int]:
        """Each branch times its truth."""
        yes, no = self.write(e.condition, scope, UNARY), self.write(negation(e.condition), scope, UNARY)
        parts = [f"{t} * {c}" for t, c in ((then, yes), (otherwise, no)) if t != "0"]
        return " + ".join(parts) or "0", SUM

    def reduced(self, function: str, listed: str) -> str:
        """CPMpy's own."""
        return f"cp.{function}({listed})"

    def magnitude(self, value: str) -> str:
        """CPMpy's own."""
        return f"cp.abs({value})"

    def _subscript(self, e: Subscript, scope: Scope) -> tuple[str, int]:
        if all(is_known(i, self.model) for i in e.index):
            return f"{self.names[e.name]}[{', '.join(self.write(i, scope) for i in e.index)}]", ATOM
        return self.picked(e, scope)

    def picked(self, e: Subscript, scope: Scope, scaled: bool = False) -> tuple[str, int]:
        """An Element, or an array indexed by several variables; a place out of range is CPMpy's own undefined."""
        if not self.is_dense(e):
            raise self.refuse("an index by a variable", UNSUPPORTED["element of filtered keys"], e)
        table, loops, places = self.looked_into(e, scope, scaled)
        for name, source in reversed(loops):
            table = f"[{table} for {name} in {source}]"
        if len(loops) == 1:
            return f"cp.Element({table}, {places[0]})", ATOM
        return f"cp.cpm_array({table})[{', '.join(places)}]", ATOM

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
            item = self.as_expression(e.item, self.write(self.whole(e.item), scope))
            text = f"cp.InDomain({item}, {allowed})"
        return f"{tilde}{text}", UNARY if tilde else ATOM

    def _table(self, items: tuple[Expr, ...], collection: Expr, scope: Scope, required: bool = False) -> str:
        """`(x, i, y) in Rows`: one of the rows that fit what is known."""
        decided, cells, rows = self.table_rows(items, collection, scope)
        sought = [i for i in items if not is_known(i, self.model)]
        decided = [self.as_expression(i, text) for i, text in zip(sought, decided, strict=True)]
        if len(decided) == 1:
            return f"cp.InDomain({decided[0]}, [{cells[0]} {rows}])"
        if required:
            whole = rows == f"for {', '.join(cells)} in {self.source(collection, scope)}"
            allowed = self.source(collection, scope) if whole else f"[({', '.join(cells)}) {rows}]"
            filtered = " if " in rows
            if isinstance(collection, Name) and not filtered and self.instance.sets[collection.name].elements:
                return f"cp.Table([{', '.join(decided)}], {allowed})"
            self.functions.add("table")
            return f"table([{', '.join(decided)}], {allowed})"
        tests = " & ".join(f"({d} == {c})" for d, c in zip(decided, cells, strict=True))
        return f"cp.any([{tests} {rows}])"
