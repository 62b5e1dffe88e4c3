"""What an expression is: one closed union of frozen nodes.

A node holds no type, no unit and no link to a parent; what can be known about it is computed by functions over it
(`walk`, `infer`, `evaluate`). Names are unique in a document (shadowing is an error), so a bare `Name` needs no
resolution step: it is the declared thing of that name, else an index bound by an enclosing generator.

Canonical form, kept by the constructors `add`, `mul`, `conjunction`, `disjunction`, `negative`: sums, products, `and`
and `or` are n-ary and flat, a subtraction is an addition of `Neg`, a chained comparison is an `And` of comparisons,
a negative literal is a `Number`. `parse(print(e)) == e` holds for every expression in canonical form.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

CompareOp = Literal["<=", ">=", "==", "!=", "<", ">"]
BinaryOp = Literal["/", "//", "%", "**"]
SetOperator = Literal["|", "&", "-"]
AggregateFunction = Literal["sum", "prod", "min", "max", "all", "any", "all_different"]


@dataclass(frozen=True, slots=True)
class Number:
    """An exact literal; `0.7` is 7/10."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Constant:
    """`inf` or `pi`."""

    name: Literal["inf", "pi"]


@dataclass(frozen=True, slots=True)
class Boolean:
    """`True` or `False`; counts 1 or 0."""

    value: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A quoted element of a label set."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """A declared set, parameter, variable or named expression, else a bound index."""

    name: str


@dataclass(frozen=True, slots=True)
class Subscript:
    """`name[i, j]`; the indices count coordinates after flattening tuples (`cost[a]` for an arc `a`)."""

    name: str
    index: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Tuple:
    """`(a, b)`: an element of a tuple set, or an interval of a global constraint."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class SetLiteral:
    """`{a, b}`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ListLiteral:
    """`[a, b]`, in outputs and in arguments of global constraints."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class SetOperation:
    """`A | B`, `A & B`, `A - B` between sets."""

    op: SetOperator
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Neg:
    """`-x`."""

    arg: Expr


@dataclass(frozen=True, slots=True)
class Add:
    """`a + b - c`, two or more terms; a subtracted term is a `Neg`. Of lists: one after the other (`joined_lists`)."""

    terms: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Mul:
    """`a * b * c`, two or more factors."""

    factors: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """`/` real division, `//` and `%` floor division and its remainder, `**` power."""

    op: BinaryOp
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison; 1 where it holds, else 0."""

    op: CompareOp
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class In:
    """`item in collection`, `item not in collection`: membership, a table when the item is a tuple."""

    item: Expr
    collection: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True)
class And:
    """Conjunction of two or more conditions."""

    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Disjunction of two or more conditions."""

    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Negation of a condition."""

    arg: Expr


@dataclass(frozen=True, slots=True)
class Implies:
    """`implies(a, b)`."""

    condition: Expr
    consequence: Expr


@dataclass(frozen=True, slots=True)
class Iff:
    """`iff(a, b)`."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class IfElse:
    """`x if p else y`; a condition known at grounding takes one branch and never looks at the other."""

    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Generator:
    """`for target in source if condition ...`.

    ``targets`` has one name, or one a coordinate for `(i, j) in Arcs`; it is empty for an `over` by position
    (`over: Plants`), where no expression mentions the index.
    """

    targets: tuple[str, ...]
    source: Expr
    conditions: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`sum(body for i in I if ...)` and its kin: prod, min, max, all, any, all_different."""

    function: AggregateFunction
    body: Expr
    generators: tuple[Generator, ...]


@dataclass(frozen=True, slots=True)
class Comprehension:
    """`[body for ...]` or `{body for ...}`."""

    kind: Literal["list", "set"]
    body: Expr
    generators: tuple[Generator, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """Any other function of the language, by name; `wrap` belongs to prev and next."""

    function: str
    args: tuple[Expr, ...]
    wrap: bool = False


Expr = (
    Number | Constant | Boolean | Label | Name | Subscript | Tuple | SetLiteral | ListLiteral | SetOperation
    | Neg | Add | Mul | Binary | Compare | In | And | Or | Not | Implies | Iff | IfElse
    | Aggregate | Comprehension | Call
)  # fmt: skip

AGGREGATES: frozenset[str] = frozenset(("sum", "prod", "min", "max", "all", "any", "all_different"))

# name -> (fewest, most) positional arguments; None = no limit. Aggregates may also take one generator.
FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "sum": (1, None), "prod": (1, None), "min": (1, None), "max": (1, None), "all": (1, None), "any": (1, None),
    "implies": (2, 2), "iff": (2, 2),
    "abs": (1, 1), "floor": (1, 1), "ceil": (1, 1), "round": (1, 2),
    "sqrt": (1, 1), "exp": (1, 1), "log": (1, 1), "sin": (1, 1), "cos": (1, 1),
    "first": (1, 1), "last": (1, 1), "prev": (1, 2), "next": (1, 2), "position": (1, 1), "len": (1, 1),
    "range": (1, 3),
    "all_different": (1, None), "circuit": (1, 1), "subcircuit": (1, 1),
    "no_overlap": (1, 1), "no_overlap_2d": (1, 1), "cumulative": (2, 2), "piecewise": (2, 2),
}  # fmt: skip
LIST_FORMS: dict[str, str] = {
    "no_overlap": "no_overlap([(start, length), ...])",
    "no_overlap_2d": "no_overlap_2d([(x, width, y, height), ...])",
    "cumulative": "cumulative([(start, length, amount), ...], capacity)",
    "piecewise": "piecewise(x, [(x0, y0), (x1, y1), ...])",
}
"""Function of a list of tuples -> how it is written, for messages."""

ZERO = Number(Fraction(0))
ONE = Number(Fraction(1))


def number(value: int | float | str | Fraction) -> Number:
    """A Python number or decimal string -> an exact literal; a float is read as its shortest decimal."""
    return Number(Fraction(repr(value)) if isinstance(value, float) else Fraction(value))


def negative(arg: Expr) -> Expr:
    """-arg in canonical form."""
    match arg:
        case Number(value):
            return Number(-value)
        case Neg(inner):
            return inner
        case _:
            return Neg(arg)


def add(*terms: Expr) -> Expr:
    """Sum in canonical form: flat; one term is itself, none is 0; lists beside each other are one list."""
    flat: list[Expr] = []
    for term in terms:
        for part in term.terms if isinstance(term, Add) else (term,):
            if flat and isinstance(part, ListLiteral) and isinstance(before := flat[-1], ListLiteral):
                flat[-1] = ListLiteral((*before.items, *part.items))
            else:
                flat.append(part)
    if not flat:
        return ZERO
    return flat[0] if len(flat) == 1 else Add(tuple(flat))


def joined_lists(e: Expr) -> tuple[Expr, ...]:
    """`[...] + [... for ...]` -> its lists, in order; () for every other expression."""
    lists = isinstance(e, Add) and all(
        isinstance(t, ListLiteral) or (isinstance(t, Comprehension) and t.kind == "list") for t in e.terms
    )
    return e.terms if isinstance(e, Add) and lists else ()


def subtract(left: Expr, right: Expr) -> Expr:
    """left - right in canonical form."""
    return add(left, negative(right))


def mul(*factors: Expr) -> Expr:
    """Product in canonical form: flat; one factor is itself, none is 1."""
    flat: list[Expr] = []
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Mul) else (factor,))
    if not flat:
        return ONE
    return flat[0] if len(flat) == 1 else Mul(tuple(flat))


def conjunction(*args: Expr) -> Expr:
    """`and` in canonical form: flat; one condition is itself, none is True."""
    flat: list[Expr] = []
    for arg in args:
        flat.extend(arg.args if isinstance(arg, And) else (arg,))
    if not flat:
        return Boolean(True)
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def disjunction(*args: Expr) -> Expr:
    """`or` in canonical form: flat; one condition is itself, none is False."""
    flat: list[Expr] = []
    for arg in args:
        flat.extend(arg.args if isinstance(arg, Or) else (arg,))
    if not flat:
        return Boolean(False)
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def subscript(name: str, *index: Expr) -> Subscript:
    """name[index...] in canonical form: a tuple among the indices counts as its coordinates."""
    flat: list[Expr] = []
    for i in index:
        flat.extend(i.items if isinstance(i, Tuple) else (i,))
    return Subscript(name, tuple(flat))
