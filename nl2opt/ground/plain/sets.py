"""Set expressions of an instance -> sets; first, last, prev, next, position, len."""

from __future__ import annotations

from nl2opt.errors import Diagnostic, LimitExceeded
from nl2opt.ground.plain.arithmetic import coordinate_cases
from nl2opt.ground.plain.forms import OPEN, Affine, Choice, Scalar, every, opposite, weighted
from nl2opt.ground.plain.names import Names
from nl2opt.ground.plain.unsupported import unsupported
from nl2opt.ir import limits
from nl2opt.ir.instance import Key, SetValue, flat
from nl2opt.ir.model import Element, NamedExpression, Parameter, Set, Variable
from nl2opt.ir.nodes import (
    Call,
    Comprehension,
    Expr,
    IfElse,
    Label,
    ListLiteral,
    Name,
    SetLiteral,
    SetOperation,
    Subscript,
)

Drawn = tuple[Scalar, SetValue | None]
"""A value for an element, and the set it was drawn from (None: not known)."""


class Sets(Names):
    """Sets and their order, for the walk."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self._sets: dict[int, tuple[Expr, SetValue]] = {}

    def constant(self, e: Expr) -> Element:
        """Expression -> the element it is, known before solving."""
        value = self.value(e)
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, str | int):
            return value
        if isinstance(value, tuple) and all(isinstance(c, str | int) for c in value):
            return value  # type: ignore[return-value]
        raise unsupported("a symbolic set", self.store.where, "an element that is not known before solving")

    def whole(self, e: Expr) -> int:
        """Expression -> its whole number, known before solving."""
        value = self.constant(e)
        if isinstance(value, int):
            return value
        raise self.failure("V107", "not a whole number", str(value))

    def set_of(self, e: Expr) -> SetValue:
        """Set expression -> the set; one outside all bindings is made once."""
        if isinstance(e, Name) and e.name in self.instance.sets:
            return self.instance.sets[e.name]
        if self.indices.values:
            return self._made(e)
        if id(e) not in self._sets:
            self._sets[id(e)] = (e, self._made(e))
        return self._sets[id(e)][1]

    def _made(self, e: Expr) -> SetValue:
        match e:
            case Subscript(name, index) if name in self.instance.indexed_sets:
                atoms = [self.constant(i) for i in index]
                key: Key = tuple(c for a in atoms for c in flat(a))
                sets = self.instance.indexed_sets[name]
                if key not in sets:
                    raise self.outside(name, key)
                return sets[key]
            case SetOperation("|", left, right):
                return SetValue("", tuple(dict.fromkeys((*self.set_of(left), *self.set_of(right)))))
            case SetOperation(op, left, right):
                other = self.set_of(right)
                return SetValue("", tuple(x for x in self.set_of(left) if (x in other) == (op == "&")))
            case SetLiteral(items) | ListLiteral(items):
                return SetValue("", tuple(dict.fromkeys(map(self.constant, items))))
            case Comprehension(_, body, generators):
                found: dict[Element, None] = {}
                for kept in self.each(generators):
                    if not isinstance(kept, bool):
                        raise unsupported("a symbolic set", self.store.where, "a filter over variables")
                    if kept:
                        found[self.constant(body)] = None
                return SetValue("", tuple(found))
            case Call("range", args):
                numbers = range(*map(self.whole, args))
                if len(numbers) > limits.SET_ELEMENTS:
                    raise LimitExceeded(Diagnostic("V113", "a set beyond the limit", self.store.where,
                                                   f"{len(numbers)} elements"))  # fmt: skip
                return SetValue("", tuple(numbers))
            case _:
                raise unsupported("a symbolic set", self.store.where, type(e).__name__)

    # order -----------------------------------------------------------------------------------------------------------

    def drawn(self, e: Expr) -> Drawn:
        """An expression for an element -> its value and the set it was drawn from."""
        match e:
            case Name(name) if name in self.indices.values:
                return self.indices.values[name], self.indices.drawn.get(name)
            case Call("prev" | "next"):
                return self._neighbour(e)
            case Call("first" | "last" as function, args):
                source = self.set_of(args[0])
                if not source.elements:
                    raise self.failure("V104", f"`{function}` of an empty set")
                return source.elements[0 if function == "first" else -1], source
            case IfElse(condition, then, otherwise):
                known = self.known_first((condition,), stop=False)
                if isinstance(known, bool):
                    return self.drawn(then if known else otherwise)
                return self.value(e), None
            case Label(label):
                holding = [s for s in self.instance.sets.values() if label in s]
                return label, holding[0] if len(holding) == 1 else None
            case Name(name):
                return self.value(e), self._origin(name, ())
            case Subscript(name, index):
                value = self.value(e)
                first = self.keys(name)[0]
                fixed = tuple(c for i in index for c in _flat(self.value(i)))
                key = fixed if all(isinstance(c, str | int) for c in fixed) else first
                return value, self._origin(name, key)  # type: ignore[arg-type]
            case _:
                return self.value(e), None

    def _origin(self, name: str, key: Key) -> SetValue | None:
        match item := self.symbols.get(name):
            case Variable():
                family = self.instance.variables[name]
                place = family.domain.position.get(key)
                return family.within[place] if family.within is not None and place is not None else None
            case Parameter() if item.within is not None and not item.over:
                return self.set_of(item.within)
            case Parameter() if item.within is not None and isinstance(item.within, Name):
                return self.instance.sets.get(item.within.name)
            case NamedExpression() if key in self.bindings(item):
                outer, self.indices = self.indices, self.bindings(item)[key].copy()
                try:
                    return self.apart(lambda: self.drawn(item.expr))[0][1]
                finally:
                    self.indices = outer
            case _:
                return None

    def place(self, e: Call) -> Scalar:
        """`position(element)`."""
        return self._placed(e, *self.drawn(e.args[0]))

    def _placed(self, e: Call, element: Scalar, source: SetValue | None) -> Scalar:
        if source is None:
            raise self.failure("V102", f"`{e.function}` of an element whose set is not known")
        if isinstance(element, Affine | Choice | OPEN):
            cases = coordinate_cases(self.store, element)
            self.need(every(opposite(f) for v, f in cases if v not in source))
            return weighted((source.position[v], self.store.count(f)) for v, f in cases if v in source)  # type: ignore[index]
        if element not in source:
            raise self.failure("V101", "an element outside its set", str(element))
        return source.position[element]  # type: ignore[index]

    def _neighbour(self, e: Call) -> Drawn:
        element, source = self.drawn(e.args[0])
        place = self._placed(e, element, source)
        steps = self.whole(e.args[1]) if len(e.args) > 1 else 1
        if not isinstance(place, int) or source is None:
            raise unsupported("a symbolic set", self.store.where, f"`{e.function}` of a variable")
        target = place + (steps if e.function == "next" else -steps)
        if e.wrap:
            target %= len(source)
        if not 0 <= target < len(source):
            end = "last" if target >= len(source) else "first"
            raise self.failure("V102", f"`{e.function}` goes past the {end} element",
                               fix="filter the binding, write `... if ... else ...`, or wrap=True")  # fmt: skip
        return source.elements[target], source

    def length(self, e: Expr) -> int:
        """`len(...)` of a set or an array."""
        item = self.symbols.get(e.name) if isinstance(e, Name) and e.name not in self.indices.values else None
        if item is not None and item.over:
            return len(self.instance.indexed_sets[item.name]) if isinstance(item, Set) else len(self.keys(item.name))
        return len(self.set_of(e))


def _flat(value: Scalar) -> tuple[Scalar, ...]:
    return value if isinstance(value, tuple) else (value,)
