"""Set expressions and the order of sets -> values: ranges, unions, comprehensions, prev, next, position."""

from __future__ import annotations

from collections.abc import Callable

from nl2opt.ground.cp.arithmetic import tabulate
from nl2opt.ground.cp.conditions import coordinates, part
from nl2opt.ground.cp.scope import Scope, failure
from nl2opt.ground.cp.unsupported import unsupported
from nl2opt.ground.cp.values import CONDITIONS, Affine, Choice, Scalar, is_exact
from nl2opt.ir.instance import Key, SetValue, VariableDomain
from nl2opt.ir.model import Element, NamedExpression, Parameter, Set, Variable
from nl2opt.ir.nodes import Call, Comprehension, Expr, IfElse, Label, Name, SetLiteral, SetOperation, Subscript


def make_set(s: Scope, e: Expr) -> SetValue:
    """Set expression -> the set, in order and without duplicates."""
    match e:
        case Name(name):
            item = s.instance.model.symbols.get(name)
            if isinstance(item, Set) and not item.over:
                return s.instance.sets[name]
            return _unique([constant(s, v) for v in s.listing((e,))])
        case Subscript(name, index):
            key = tuple(a for i in index for a in _atoms(constant(s, s.value(i))))
            sets = s.instance.indexed_sets.get(name, {})
            if key not in sets:
                raise failure(s, "V101", f"an index outside the set of `{name}`", f"{name}{list(key)}")
            return sets[key]
        case SetLiteral(items):
            return _unique([constant(s, s.value(i)) for i in items])
        case Comprehension(_, body, generators):
            out = []
            for kept in s.each(generators):
                if not isinstance(kept, bool):
                    raise unsupported("a symbolic set", s.b.where, "a filter over variables in a set")
                if kept:
                    out.append(constant(s, s.value(body)))
            return _unique(out)
        case SetOperation(op, left, right):
            a, b = s.set_of(left), s.set_of(right)
            match op:
                case "|":
                    return _unique([*a, *b])
                case "&":
                    return _unique([x for x in a if x in b])
                case "-":
                    return _unique([x for x in a if x not in b])
        case Call("range", args):
            return SetValue("", tuple(range(*(whole(s, a) for a in args))))
    raise failure(s, "V105", "not a set")


def _unique(elements: list[Element]) -> SetValue:
    return SetValue("", tuple(dict.fromkeys(elements)))


def whole(s: Scope, e: Expr) -> int:
    """Expression -> its whole number, known before solving."""
    value = s.value(e)
    if not is_exact(value) or value.denominator != 1:
        raise failure(s, "V107", "not a whole number known before solving", repr(value))
    return int(value)


def constant(s: Scope, value: Scalar) -> Element:
    """Value -> the element it is. Raises where it depends on variables."""
    if isinstance(value, tuple):
        return tuple(x for item in value for x in _atoms(constant(s, item)))
    if isinstance(value, str):
        return value
    if isinstance(value, Affine | Choice | CONDITIONS):
        raise unsupported("a symbolic set", s.b.where, "an element that depends on variables")
    if not is_exact(value) or value.denominator != 1:
        raise failure(s, "V107", "not an element of a set", repr(value))
    return int(value)


def _atoms(e: Element) -> tuple[str | int, ...]:
    return e if isinstance(e, tuple) else (e,)


def origin(s: Scope, e: Expr) -> SetValue:
    """The set an element was drawn from, as declarations and bindings say it; a label's is the only set that has it."""
    match e:
        case Name(name) if name in s.origins:
            return s.origins[name]
        case Call("prev" | "next", (inner, *_), _):
            return origin(s, inner)
        case Call("first" | "last", (source,), _):
            return s.set_of(source)
        case IfElse(condition, then, otherwise):
            test = s.condition(condition)
            sets = [origin(s, x) for x, kept in ((then, test is not False), (otherwise, test is not True)) if kept]
            if sets[0].elements == sets[-1].elements:
                return sets[0]
        case Name(name) | Subscript(name, _) if name not in s.env:
            item = s.instance.model.symbols.get(name)
            if isinstance(item, NamedExpression):
                return _under(s, item, _key(s, e), lambda: origin(s, item.expr))
            if isinstance(item, Variable) and item.within is not None:
                return _variable_set(s, e, s.instance.variables[name])
            if isinstance(item, Parameter) and item.within is not None:
                return s.set_of(item.within)
        case Label(value):
            having = [found for found in s.instance.sets.values() if value in found]
            if len(having) == 1:
                return having[0]
    raise failure(s, "V104", "the set of an element is not known here", fix="take it from an index: `for t in T`")


def _key(s: Scope, e: Name | Subscript) -> Key:
    index = e.index if isinstance(e, Subscript) else ()
    return tuple(a for i in index for a in _atoms(constant(s, s.value(i))))


def _under(s: Scope, item: NamedExpression, key: Key, compute: Callable[[], SetValue]) -> SetValue:
    """What ``compute`` gives under the indices of a named expression."""
    bound = s.bindings_of(item).get(key)
    if bound is None:
        raise failure(s, "V101", f"an index outside the set of `{item.name}`", f"{item.name}{list(key)}")
    outer = s.env, s.origins
    s.env, s.origins = dict(bound[0]), dict(bound[1])
    try:
        return compute()
    finally:
        s.env, s.origins = outer


def _variable_set(s: Scope, e: Name | Subscript, family: VariableDomain) -> SetValue:
    """The set of one variable of a family: its key's own, where the sets differ by key."""
    sets = family.within or ()
    if isinstance(e, Name) or all(found is sets[0] or found.elements == sets[0].elements for found in sets):
        return sets[0]
    key = _key(s, e)
    if key not in family.domain.position:
        raise failure(s, "V101", f"an index outside the set of `{e.name}`", f"{e.name}{list(key)}")
    return sets[family.domain.position[key]]


def ordered(s: Scope, e: Call) -> Scalar:
    """`first`, `last`, `prev`, `next`, `position`, `len`."""
    if e.function in ("first", "last", "len"):
        return _ends(s, e)
    value = s.value(e.args[0])
    home = origin(s, e.args[0])
    if e.function == "position":
        return _position(s, value, home)
    step = whole(s, e.args[1]) if len(e.args) > 1 else 1
    if e.function == "prev":
        step = -step
    if isinstance(value, Affine | Choice | CONDITIONS):
        return _neighbour(s, value, home, step, e.wrap)
    place = home.position.get(value)  # type: ignore[arg-type]
    if place is None:
        raise failure(s, "V104", f"{value!r} is no element of the set it was drawn from")
    place += step
    if e.wrap:
        place %= len(home)
    if not 0 <= place < len(home):
        raise failure(s, "V102", f"{e.function} of {value!r} leaves its set", fix="filter the binding, or wrap=True")
    return home.elements[place]


def _neighbour(s: Scope, value: Scalar, home: SetValue, step: int, wrap: bool) -> Scalar:
    """prev and next of a variable: undefined past the ends of its set."""
    place = _position(s, value, home)
    n = len(home)
    moves = {i: (i + step) % n if wrap else i + step for i in range(n)}
    target, defined = tabulate(
        s.b, s.b.number(place), {i: j for i, j in moves.items() if 0 <= j < n}, "a large table"
    )  # fmt: skip
    s.need(defined)
    return part(s.b, target, home.elements)


def _ends(s: Scope, e: Call) -> Scalar:
    if e.function == "len":
        arg = e.args[0]
        if isinstance(arg, Name | Subscript) and arg.name in s.instance.parameters:
            shape = s.instance.parameters[arg.name].domain.shape
            return shape[len(arg.index) if isinstance(arg, Subscript) else 0]
        return len(s.set_of(arg))
    elements = s.set_of(e.args[0]).elements
    if not elements:
        raise failure(s, "V104", f"{e.function} of an empty set")
    return elements[0 if e.function == "first" else -1]


def _position(s: Scope, value: Scalar, home: SetValue) -> Scalar:
    if isinstance(value, Choice):
        if value.elements == home.elements:
            return value.index
        return part(s.b, value.index, [home.position[x] for x in value.elements])
    if isinstance(value, Affine):
        places = {x: i for x, i in home.position.items() if isinstance(x, int)}
        found, defined = tabulate(s.b, value, places, "a large table")
        s.need(defined)
        return found
    element = coordinates(s.b, value) if isinstance(value, tuple) else value
    if element not in home.position:
        raise failure(s, "V104", f"{element!r} is no element of the set it was drawn from")
    return home.position[element]  # type: ignore[index]
