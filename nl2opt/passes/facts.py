"""Expression -> what a rewrite may rely on before data: is it known, a formula, whole-valued, of one sign?"""

from __future__ import annotations

from fractions import Fraction

from nl2opt.ir.model import IndexedElements, Model, NamedExpression, Over, Parameter, Set, Variable
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Constant,
    Expr,
    IfElse,
    Iff,
    Implies,
    In,
    Label,
    Mul,
    Name,
    Neg,
    Not,
    Number,
    Or,
    SetLiteral,
    SetOperation,
    Subscript,
)
from nl2opt.ir.walk import subexpressions

GLOBALS = frozenset(("all_different", "circuit", "subcircuit", "no_overlap", "no_overlap_2d", "cumulative"))
"""Functions that are conditions over arrays or lists."""


def is_known(e: Expr, model: Model) -> bool:
    """True where no variable decides the value of ``e``."""
    symbols = model.symbols
    for node in subexpressions(e):
        if isinstance(node, Name | Subscript):
            symbol = symbols.get(node.name)
            if isinstance(symbol, Variable):
                return False
            if isinstance(symbol, NamedExpression) and not is_known(symbol.expr, model):
                return False
    return True


def is_formula(e: Expr, model: Model) -> bool:
    """True for nodes that are conditions by their form; a binary variable alone is not one of them."""
    match e:
        case Compare() | In() | And() | Or() | Not() | Implies() | Iff() | Boolean():
            return True
        case Aggregate(function, _, _):
            return function in ("all", "any", "all_different")
        case Call(function, _, _):
            return function in GLOBALS or function in ("all", "any")
        case IfElse(_, then, otherwise):
            parts = (then, otherwise)
            conditions = all(is_formula(x, model) or is_binary(x, model) for x in parts)
            return conditions and any(is_formula(x, model) for x in parts)
        case _:
            return False


def is_binary(e: Expr, model: Model) -> bool:
    """True for a reference to a binary variable."""
    if not isinstance(e, Name | Subscript):
        return False
    symbol = model.symbols.get(e.name)
    return isinstance(symbol, Variable) and symbol.type == "binary"


def is_literal(e: Expr, model: Model) -> bool:
    """True where ``e`` is 0 or 1 and affine: a binary variable, its negation, a known condition, a known choice."""
    match e:
        case Boolean():
            return True
        case Number(value):
            return value in (0, 1)
        case Not(arg):
            return is_literal(arg, model)
        case IfElse(condition, then, otherwise):
            return is_known(condition, model) and is_literal(then, model) and is_literal(otherwise, model)
        case _:
            return is_binary(e, model) or (is_formula(e, model) and is_known(e, model))


def is_integral(e: Expr, model: Model, over: Over = ()) -> bool:
    """True where the declared types make ``e`` whole-valued; a `real` with whole data is still real.

    ``over``: the bindings in scope, which tell that an index is a natural number.
    """

    def whole(*parts: Expr) -> bool:
        return all(is_integral(x, model, over) for x in parts)

    match e:
        case Number(value):
            return value.denominator == 1
        case Constant() | Label():
            return False
        case Name(name) | Subscript(name, _):
            symbol = model.symbols.get(name)
            if isinstance(symbol, Parameter | Variable):
                return symbol.within is not None or symbol.type in ("integer", "binary")
            return not isinstance(symbol, NamedExpression) or is_integral(symbol.expr, model, symbol.over)
        case Neg(arg):
            return whole(arg)
        case Add(terms) | Mul(terms):
            return whole(*terms)
        case Binary("//", _, _):
            return True
        case Binary("%", left, right):
            return whole(left, right)
        case Binary("**", left, right):
            return whole(left) and is_natural(right, model, over)
        case Aggregate("sum" | "prod" | "min" | "max", body, generators):
            return is_integral(body, model, (*over, *generators))
        case Call("abs" | "min" | "max" | "sum" | "prod", args, _):
            return whole(*args)
        case Call("floor" | "ceil" | "len" | "position" | "first" | "last" | "prev" | "next", _, _):
            return True
        case IfElse(_, then, otherwise):
            return whole(then, otherwise)
        case _:
            return is_formula(e, model)


def is_natural(e: Expr, model: Model, over: Over = ()) -> bool:
    """True where the form of ``e``, or of the set an index is drawn from, makes it a whole number of at least 0."""
    match e:
        case Number(value):
            return value.denominator == 1 and value >= 0
        case Name(name) if name not in model.symbols:
            sources = [g.source for g in over if g.targets == (name,)]
            return bool(sources) and natural_elements(sources[-1], model)
        case Add(terms) | Mul(terms):
            return all(is_natural(t, model, over) for t in terms)
        case Call("len" | "position", _, _):
            return True
        case _:
            return False


def natural_elements(source: Expr, model: Model) -> bool:
    """Set expression -> True where its form says that its elements are whole numbers of at least 0."""
    match source:
        case Call("range", (_,), _):
            return True
        case Call("range", (Number(first), _), _):
            return first >= 0
        case SetLiteral(items):
            return all(isinstance(i, Number) and i.value >= 0 and i.value.denominator == 1 for i in items)
        case Name(name) if isinstance(symbol := model.symbols.get(name), Set):
            elements = symbol.elements
            if isinstance(elements, tuple):
                return all(isinstance(x, int) and x >= 0 for x in elements)
            return isinstance(elements, Expr) and natural_elements(elements, model)
        case _:
            return False


def sign_of(e: Expr, model: Model) -> int:
    """Known expression -> 1 where its form makes it >= 0, -1 where it makes it <= 0, else 0."""
    match e:
        case Number(value):
            return 1 if value >= 0 else -1
        case Constant() | Boolean():
            return 1
        case Neg(arg):
            return -sign_of(arg, model)
        case Mul(factors):
            signs = [sign_of(f, model) for f in factors]
            return 0 if 0 in signs else -1 if signs.count(-1) % 2 else 1
        case Add(terms):
            signs = [sign_of(t, model) for t in terms]
            return signs[0] if len(set(signs)) == 1 else 0
        case Binary("/", left, right):
            return sign_of(left, model) * sign_of(right, model)
        case Binary("**", left, _) if sign_of(left, model) > 0:
            return 1
        case Name(name) | Subscript(name, _):
            symbol = model.symbols.get(name)
            return int(isinstance(symbol, Parameter | Variable) and symbol.type == "binary" and symbol.within is None)
        case Call("abs" | "len" | "position", _, _):
            return 1
        case Aggregate("sum" | "prod", body, _):
            return sign_of(body, model) if sign_of(body, model) >= 0 else 0
        case _:
            return int(is_formula(e, model))


def whole_elements(source: Expr, model: Model) -> bool | None:
    """Set expression -> are its elements integers? None where only data can say."""
    match source:
        case Call("range", _, _):
            return True
        case SetLiteral(items):
            return all(isinstance(i, Number) for i in items)
        case SetOperation(_, left, _):
            return whole_elements(left, model)
        case Comprehension(_, body, _):
            return True if isinstance(body, Add | Mul | Neg | Number | Binary) else None
        case Name(name) | Subscript(name, _):
            symbol = model.symbols.get(name)
            if not isinstance(symbol, Set):
                return None
            elements = symbol.elements
            if isinstance(elements, tuple):
                return all(isinstance(x, int) for x in elements)
            if isinstance(elements, IndexedElements):
                return all(isinstance(x, int) for part in elements.lists for x in part)
            return whole_elements(elements, model) if elements is not None else None
        case _:
            return None


def one_number(e: Expr) -> Fraction | None:
    """A literal number or Boolean -> its value."""
    if isinstance(e, Number):
        return e.value
    return Fraction(int(e.value)) if isinstance(e, Boolean) else None
