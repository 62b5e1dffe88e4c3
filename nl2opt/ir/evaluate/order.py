"""Set expressions and the order of sets: `range`, `{...}`, `|`, `&`, `-`; first, last, prev, next, position, len."""

from __future__ import annotations

from typing import Any

from nl2opt.errors import Diagnostic, LimitExceeded
from nl2opt.ir import limits
from nl2opt.ir.evaluate.outcomes import Bound, Env, Outcome, Values, is_number, shown
from nl2opt.ir.instance import SetValue, flat
from nl2opt.ir.model import Element, NamedExpression, Parameter, Set, Variable
from nl2opt.ir.nodes import Call, Comprehension, Expr, IfElse, Label, ListLiteral, Name, SetLiteral, SetOperation
from nl2opt.ir.nodes import Subscript as Indexed
from nl2opt.ir.text import print_expression


def make_set(values: Values, e: Expr, env: Env) -> SetValue:
    """Set expression -> the set, in order and without duplicates."""
    match e:
        case SetOperation(op, left, right):
            a, b = values.set_of(left, env), values.set_of(right, env)
            if op == "|":
                return collected(values, [*a, *(x for x in b if x not in a)], e, env)
            return SetValue("", tuple(x for x in a if (x in b) == (op == "&")))
        case SetLiteral(items) | ListLiteral(items):
            return collected(values, [values.value(i, env) for i in items], e, env)
        case Comprehension(_, body, generators):
            elements = []
            for kept in values.generate(generators, env):
                if kept:
                    elements.append(values.value(body, env))
                    if len(elements) > limits.SET_ELEMENTS * 10:
                        break
            return collected(values, elements, e, env)
        case Call("range", args):
            return _range(values, [values.whole(a, env) for a in args], e, env)
        case _:
            value = values.value(e, env)
            if isinstance(value, SetValue):
                return value
            if isinstance(value, list):
                return collected(values, value, e, env)
            raise values.failure("V107", "not a set", env, found=f"{print_expression(e)} is {shown(value)}")


def _range(values: Values, bounds: list[int], e: Expr, env: Env) -> SetValue:
    if len(bounds) == 3 and bounds[2] == 0:
        raise values.failure("V103", "a range with step zero", env, found=print_expression(e))
    numbers = range(*bounds)
    if len(numbers) > limits.SET_ELEMENTS:
        raise _too_large(len(numbers), e)
    return SetValue("", tuple(numbers))


def _too_large(size: int, e: Expr) -> LimitExceeded:
    return LimitExceeded(Diagnostic("V113", "a set beyond the limit", found=f"{size} elements: {print_expression(e)}",
                                    expected=f"at most {limits.SET_ELEMENTS}"))  # fmt: skip


def collected(values: Values, elements: list[Outcome], e: Expr, env: Env) -> SetValue:
    """Values in order -> a set of labels, integers or tuples of these, of one kind and one arity."""
    unique: dict[Element, None] = {}
    for element in elements:
        unique[_element(values, element, e, env)] = None
    if len(unique) > limits.SET_ELEMENTS:
        raise _too_large(len(unique), e)
    kinds = {tuple(type(c) for c in flat(x)) for x in unique}
    if len(kinds) > 1:
        raise values.failure("V109", "a set of mixed elements", env, found=print_expression(e),
                             expected="labels only, integers only, or tuples of one length")  # fmt: skip
    return SetValue("", tuple(unique))


def _element(values: Values, value: Outcome, e: Expr, env: Env) -> Element:
    coordinates: list[Any] = []
    for c in value if isinstance(value, tuple) else (value,):
        if is_number(c) and c == c // 1:
            coordinates.append(int(c))
        elif isinstance(c, str):
            coordinates.append(c)
        else:
            raise values.failure("V109", "not an element of a set", env,
                                 found=f"{shown(value)} in {print_expression(e)}",
                                 expected="a label, an integer or a tuple of these")  # fmt: skip
    return tuple(coordinates) if isinstance(value, tuple) else coordinates[0]


# order ---------------------------------------------------------------------------------------------------------------


def order_call(values: Values, e: Call, env: Env) -> Outcome:
    """first, last, prev, next, position, len -> value."""
    if e.function == "len":
        return _length(values, e.args[0], env)
    if e.function in ("first", "last"):
        return _end(values, e, env)[0]
    if e.function in ("prev", "next"):
        return _neighbour(values, e, env)[0]
    before = values.reads
    element, source = drawn(values, e.args[0], env)
    return _place(values, element, source, e, env, values.reads > before)


def drawn(values: Values, e: Expr, env: Env) -> Bound:
    """An expression for an element -> the element and the set it was drawn from (None where that is not known)."""
    match e:
        case Name(name) if name in env:
            return env[name]
        case Call("prev" | "next"):
            return _neighbour(values, e, env)
        case Call("first" | "last"):
            return _end(values, e, env)
        case IfElse(condition, then, otherwise):
            return drawn(values, then if values.condition(condition, env) else otherwise, env)
        case Name(name) | Indexed(name, _):
            value = values.value(e, env)
            key = () if isinstance(e, Name) else tuple(c for i in e.index for c in flat(values.value(i, env)))
            return value, _declared_source(values, name, key, env)
        case Label(value):
            holding = [s for s in values.instance.sets.values() if value in s]
            return value, holding[0] if len(holding) == 1 else None
        case _:
            return values.value(e, env), None


def _declared_source(values: Values, name: str, key: tuple[Any, ...], env: Env) -> SetValue | None:
    match item := values.symbols.get(name):
        case Variable():
            family = values.instance.variables[name]
            return family.within[family.domain.position[key]] if family.within is not None else None
        case Parameter() if item.within is not None:
            own = values.bind(item.over, key)
            return values.set_of(item.within, own) if own is not None else None
        case NamedExpression():
            own = values.bind(item.over, key)
            return drawn(values, item.expr, own)[1] if own is not None else None
        case _:
            return None


def _end(values: Values, e: Call, env: Env) -> Bound:
    source = values.set_of(e.args[0], env)
    if not source.elements:
        raise values.failure("V104", f"`{e.function}` of an empty set", env, found=print_expression(e))
    return source.elements[0 if e.function == "first" else -1], source


def _place(values: Values, element: Element, source: SetValue | None, e: Call, env: Env, dependent: bool) -> int:
    if source is None:
        raise values.failure("V102", f"`{e.function}` of an element whose set is not known", env,
                             found=print_expression(e), expected="an index drawn from a set, `t in T`")  # fmt: skip
    if element not in source:
        raise values.failure("V101", f"an element outside its set{f' `{source.name}`' * bool(source.name)}", env,
                             dependent, f"{print_expression(e)}: {shown(element)}")  # fmt: skip
    return source.position[element]


def _neighbour(values: Values, e: Call, env: Env) -> Bound:
    before = values.reads
    element, source = drawn(values, e.args[0], env)
    steps = values.whole(e.args[1], env) if len(e.args) > 1 else 1
    dependent = values.reads > before
    place = _place(values, element, source, e, env, dependent)
    assert source is not None
    target = place + (steps if e.function == "next" else -steps)
    if e.wrap:
        target %= len(source)
    if not 0 <= target < len(source):
        end = "last" if target >= len(source) else "first"
        raise values.failure("V102", f"`{e.function}` goes past the {end} element", env, dependent,
                             print_expression(e), fix="filter the binding, write `... if ... else ...`, or wrap=True"
                             )  # fmt: skip
    return source.elements[target], source


def _length(values: Values, e: Expr, env: Env) -> int:
    match e:
        case Name(name) | Indexed(name, _) if not (isinstance(e, Name) and name in env):
            index = e.index if isinstance(e, Indexed) else ()
            known = values.length(name, index, env)
            if known is not None:
                return known
            if isinstance(item := values.symbols.get(name), Set) and item.over and not index:
                return len(values.instance.indexed_sets[name])
        case _:
            pass
    value = values.value(e, env)
    if isinstance(value, list | SetValue):
        return len(value)
    return len(values.set_of(e, env))
