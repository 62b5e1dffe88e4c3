"""Sets over MiniZinc -> source: set expressions, generators, keys, and the order of elements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from nl2opt.emitters.mzn.arrays import Frame
from nl2opt.emitters.mzn.bases import Rows
from nl2opt.emitters.mzn.declared import (
    AND,
    ATOM,
    COMPARISON,
    CONJUNCTION,
    PRODUCT,
    RANGE,
    SUM,
    UNION,
    Declared,
    Index,
    Scope,
)
from nl2opt.emitters.mzn.reasons import UNSUPPORTED
from nl2opt.ir.model import Over, Set
from nl2opt.ir.nodes import (
    ONE,
    Add,
    Call,
    Comprehension,
    Expr,
    Generator,
    In,
    Label,
    Name,
    Number,
    SetLiteral,
    SetOperation,
    Subscript,
    Tuple,
    add,
    negative,
    subtract,
)
from nl2opt.ir.walk import free_names
from nl2opt.passes.facts import is_known


class SetWriter(Declared):
    """Writes sets, what ranges over them, and neighbours in them."""

    # generators -----------------------------------------------------------------------------------------------------

    def clauses(self, over: Over, scope: Scope) -> tuple[str, Scope]:
        """Generators -> `i in I, j in J where c` and the scope inside."""
        parts: list[tuple[list[str], str, list[str]]] = []
        inner: dict[str, Index] = dict(scope)
        for g in over:
            self._generator(g, inner, parts)
        texts: list[str] = []
        for names, source, conditions in parts:
            where = f" where {CONJUNCTION.join(conditions)}" if conditions else ""
            texts.append(f"{', '.join(names)} in {source}{where}")
        return ", ".join(texts), inner

    def _generator(self, g: Generator, scope: dict[str, Index], parts: list[tuple[list[str], str, list[str]]]) -> None:
        conditions: list[str] = []
        table = self.rows_of(g.source)
        if table is not None:
            counter = self.bases.counter(table, [i.counter for i in scope.values()])
            source = table.name
            if isinstance(g.source, Subscript):
                for column, i in zip(table.columns, g.source.index, strict=False):
                    conditions.append(f"{column}[{counter}] = {self.write(i, scope, UNION)}")
            name = g.source.name  # type: ignore[union-attr]
            for k, t in enumerate(g.targets):
                cell = f"{table.columns[table.keys + k]}[{counter}]"
                scope[t] = Index(cell, g.source, name, counter, k)
            parts.append(([counter], source, conditions))
        elif isinstance(g.source, Comprehension) and len(g.targets) > 1:
            if not isinstance(g.source.body, Tuple):
                raise self.refuse("a set of tuples", UNSUPPORTED["set of tuples as an expression"], g.source)
            for inner in g.source.generators:
                self._generator(inner, scope, parts)
            for t, item in zip(g.targets, g.source.body.items, strict=True):
                scope[t] = Index(self.write(item, scope, ATOM), g.source)
            conditions = parts[-1][2]
        elif isinstance(g.source, SetOperation) and len(g.targets) > 1 and g.source.op != "|":
            self._generator(Generator(g.targets, g.source.left), scope, parts)
            member = In(Tuple(tuple(Name(t) for t in g.targets)), g.source.right, g.source.op == "-")
            conditions = parts[-1][2]
            conditions.append(self.condition(member, scope, COMPARISON))
        elif len(g.targets) > 1:
            raise self.refuse("a set of tuples", UNSUPPORTED["set of tuples as an expression"], g.source)
        else:
            (target,) = g.targets
            text = self.names[target]
            source = self.collection(g.source, scope, UNION)
            scope[target] = Index(text, g.source)
            if parts and parts[-1][1] == source and not parts[-1][2]:
                parts[-1][0].append(text)
                conditions = parts[-1][2]
            else:
                parts.append(([text], source, conditions))
        conditions += [self.condition(c, scope, AND) for c in g.conditions]

    def rows_of(self, source: Expr) -> Rows | None:
        """The rows a set of tuples has as a declaration."""
        return self.bases.rows.get(source.name) if isinstance(source, Name | Subscript) else None

    # sets -----------------------------------------------------------------------------------------------------------

    def collection(self, e: Expr, scope: Scope, level: int = 0) -> str:
        """Set expression of single elements -> a set."""
        text, own = self._set(e, scope)
        return f"({text})" if own < level else text

    def _set(self, e: Expr, scope: Scope) -> tuple[str, int]:
        match e:
            case Name(name) if name in self.names and name not in scope:
                return self.names[name], ATOM
            case Subscript(name, index):
                return f"{self.names[name]}[{', '.join(self.write(i, scope) for i in index)}]", ATOM
            case Call("range", (stop,), _):
                return f"0..{self._minus_one(stop, scope)}", RANGE
            case Call("range", (start, stop), _):
                return f"{self.write(start, scope, SUM)}..{self._minus_one(stop, scope)}", RANGE
            case Call("range", (start, stop, Number(step)), _) if step > 0:
                low, high = self.write(start, scope, SUM), self._minus_one(stop, scope)
                offset = "" if low == "0" else f" - {self.write(start, scope, PRODUCT)}"
                test = f"(other{offset})" if offset else "other"
                return f"{{other | other in {low}..{high} where {test} mod {step} = 0}}", ATOM
            case SetLiteral(items):
                return f"{{{', '.join(self.write(i, scope) for i in items)}}}", ATOM
            case SetOperation(op, left, right):
                word = {"|": "union", "&": "intersect", "-": "diff"}[op]
                return f"{self.collection(left, scope, UNION)} {word} {self.collection(right, scope, RANGE)}", UNION
            case Comprehension("set", body, over):
                clauses, inner = self.clauses(over, scope)
                return f"{{{self.write(body, inner)} | {clauses}}}", ATOM
            case _:
                raise self.refuse("this set", UNSUPPORTED["set of tuples as an expression"], e)

    def _minus_one(self, e: Expr, scope: Scope) -> str:
        """`n - 1`, `n` for `n + 1`."""
        if isinstance(e, Number):
            return self.number(e.value - 1)[0]
        return self.write(tidy(subtract(e, ONE)), scope, SUM)

    def subscript(self, e: Subscript, scope: Scope) -> str:
        """`a[i, j]` -> a cell of its array."""
        if e.name in self.instance.indexed_sets:
            return self.collection(e, scope)
        name, frame = self.names[e.name], self.frames.get(e.name)
        if frame is None:
            raise self.refuse(f"`{e.name}`", UNSUPPORTED["an element that is a tuple"], e)
        if frame.rows is not None:
            first = e.index[0]
            assert isinstance(first, Name)
            return f"{name}[{scope[first.name].counter}]"
        texts = [self.write(i, scope) for i in e.index]
        cell = f"{name}[{', '.join(texts)}]"
        if frame.full or all(is_known(i, self.model) for i in e.index):
            return cell
        tests = self.key_tests(self.model.symbols[e.name].over, frame, texts)
        return f"let {{ constraint {CONJUNCTION.join(tests)} }} in {cell}"

    def key_tests(self, over: Over, frame: Frame, texts: Sequence[str]) -> Iterator[str]:
        """What makes indices of a hull, written as ``texts``, a key."""
        scope: dict[str, Index] = {}
        place = 0
        for g in over:
            axis, given = frame.axes[place], texts[place : place + len(g.targets)]
            place += len(g.targets)
            if len(g.targets) == 1:
                scope[g.targets[0]] = Index(f"({given[0]})" if " " in given[0] else given[0], g.source)
                if axis.source is None:
                    yield f"{given[0]} in {self.collection(g.source, scope, UNION)}"
                yield from (self.condition(c, scope, AND) for c in g.conditions)
                continue
            clauses, inner = self.clauses((g,), scope)
            cells = [inner[t].text for t in g.targets]
            if set(given) & set(cells):
                raise self.refuse("these keys", UNSUPPORTED["set of tuples as an expression"])
            scope |= {t: inner[t] for t in g.targets}
            yield f"exists({clauses})({CONJUNCTION.join(f'{c} = {t}' for c, t in zip(cells, given, strict=True))})"

    # order ----------------------------------------------------------------------------------------------------------

    def ordered(self, e: Expr, scope: Scope) -> str:
        """A set whose order is asked for: it must be that of its type."""
        if not self.is_natural(e):
            raise self.refuse("the order of a set", UNSUPPORTED["order of a set"], e)
        return self.collection(e, scope)

    def is_natural(self, e: Expr) -> bool:
        match e:
            case Name(name) if name in self.instance.sets:
                return name not in self.bases.rows and self.bases.is_natural(self.instance.sets[name])
            case Subscript(name, _) if name in self.instance.indexed_sets:
                return name not in self.bases.rows and all(
                    self.bases.is_natural(s) for s in self.instance.indexed_sets[name].values()
                )
            case Call("range", args, _):
                return len(args) < 3
            case SetOperation("&" | "-", left, _):
                return self.is_natural(left)
            case Comprehension("set", Name(name), (Generator((target,), source, _),)):
                return name == target and self.is_natural(source)
            case _:
                return False

    def is_stretch(self, e: Expr) -> bool:
        """True where a set is a stretch of its type, in its order."""
        if isinstance(e, Name) and e.name in self.instance.sets and e.name not in self.bases.rows:
            value = self.instance.sets[e.name]
            return self.is_natural(e) and self.bases.is_contiguous(value)
        return isinstance(e, Call) and e.function == "range" and len(e.args) < 3

    def is_labelled(self, e: Expr) -> bool:
        """True for a set of labels."""
        match e:
            case Name(name):
                return any(isinstance(x, str) for x in self.instance.sets.get(name, ()))
            case Subscript(name, _):
                return any(isinstance(x, str) for s in self.instance.indexed_sets[name].values() for x in s)
            case SetOperation(_, left, _):
                return self.is_labelled(left)
            case Comprehension(_, Name(name), (Generator((target,), source, _),)) if name == target:
                return self.is_labelled(source)
            case SetLiteral(items):
                return any(isinstance(i, Label) for i in items)
            case _:
                return False

    def drawn(self, e: Expr, scope: Scope) -> Expr:
        """An element -> the set expression it was drawn from."""
        match e:
            case Name(name) if name in scope:
                return scope[name].source
            case Call("prev" | "next", (inner, *_), _):
                return self.drawn(inner, scope)
            case Call("first" | "last", (source,), _):
                return source
            case Name(name) | Subscript(name, _):
                declared = self.model.symbols.get(name)
                within = getattr(declared, "within", None)
                if within is not None and free_names(within) <= set(self.model.symbols):
                    return within  # type: ignore[no-any-return]
        raise self.refuse("the place of an element", UNSUPPORTED["order of a set"], e)

    def position(self, e: Expr, scope: Scope) -> tuple[str, int]:
        """The place of an element in its set, from 0."""
        source = self.drawn(e, scope)
        if not self.is_stretch(source):
            order = self.ordered(source, scope)
            return f"count(other in {order})(other < {self.write(e, scope, UNION)})", ATOM
        first = self._first(source, scope)
        return (self.write(e, scope), ATOM) if first == "0" else (f"{self.write(e, scope, SUM)} - {first}", SUM)

    def _is_whole_enum(self, source: Expr) -> bool:
        return isinstance(source, Name) and any(e.declared == source.name for e in self.bases.enums)

    def _first(self, source: Expr, scope: Scope) -> str:
        """The first element of a stretch, as a number."""
        if self._is_whole_enum(source):
            return "1"
        made = source
        if isinstance(source, Name):
            declared = self.model.symbols[source.name]
            if isinstance(declared, Set) and isinstance(declared.elements, Call):
                made = declared.elements
        if isinstance(made, Call) and made.function == "range":
            return "0" if len(made.args) == 1 else self.write(made.args[0], scope, PRODUCT)
        return f"min({self.collection(source, scope)})"

    def neighbour(self, e: Call, scope: Scope) -> tuple[str, int]:
        """`prev`, `next` -> arithmetic on integers, `enum_next` on labels; `wrap` is cyclic."""
        source = self.drawn(e.args[0], scope)
        steps = e.args[1] if len(e.args) > 1 else ONE
        forward = e.function == "next"
        order = self.ordered(source, scope)
        element = self.write(e.args[0], scope)
        labelled = self.is_labelled(source)
        if not self.is_stretch(source):
            if steps != ONE or e.wrap or not is_known(e.args[0], self.model):
                raise self.refuse("a neighbour", UNSUPPORTED["order of a set"], e)
            pick, test = ("min", ">") if forward else ("max", "<")
            return f"{pick}({{other | other in {order} where other {test} {element}}})", ATOM
        if steps == ONE and labelled:
            step = f"enum_{'next' if forward else 'prev'}({order}, {element})"
            if not e.wrap:
                return step, ATOM
            end, start = ("max", "min") if forward else ("min", "max")
            return f"if {element} = {end}({order}) then {start}({order}) else {step} endif", ATOM
        shift = steps if forward else negative(steps)
        first = self._first(source, scope)
        if not e.wrap:
            place = self.write(tidy(add(e.args[0], shift)), scope)
        elif first.isdigit():
            moved = tidy(add(e.args[0], shift, Number(Fraction(-int(first)))))
            place = self._cyclic(self.write(moved, scope), f"card({order})", shift, first)
        else:
            moved_by = self.write(add(e.args[0], shift), scope, SUM)
            place = self._cyclic(f"{moved_by} - {first}", f"card({order})", shift, first)
        if not labelled:
            return place, SUM
        return f"to_enum({self._enum(source)}, {place})", ATOM

    def _cyclic(self, place: str, size: str, shift: Expr, first: str) -> str:
        """A place that may lie beyond the ends -> the element there, counted on from the other end."""
        start = "" if first == "0" else f" + {first}"
        if isinstance(shift, Number) and shift.value >= 0:
            return f"({place}) mod {size}{start}"
        if shift == Number(Fraction(-1)):
            return f"({place} + {size}) mod {size}{start}"
        self.functions.add("floor_mod")
        return f"floor_mod({place}, {size}){start}"

    def _enum(self, source: Expr) -> str:
        """The enum that the labels of a declared set belong to."""
        elements = self.instance.sets[source.name].elements if isinstance(source, Name) else ()
        return self.bases.base(x for x in elements if isinstance(x, str))


def tidy(e: Expr) -> Expr:
    """Sum -> the same with its literal numbers added up."""
    if not isinstance(e, Add):
        return e
    total = sum((t.value for t in e.terms if isinstance(t, Number)), Fraction(0))
    rest = [t for t in e.terms if not isinstance(t, Number)]
    terms = [*rest, *([Number(total)] if total else [])]
    return Number(Fraction(0)) if not terms else terms[0] if len(terms) == 1 else Add(tuple(terms))
