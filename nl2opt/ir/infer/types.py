"""What an expression can be before any data are known: a small closed union of types, and how two of them fit.

A *family* is the set of declared set names an element can be traced to: an index drawn from `Pads`, a filter over
`Sites`, has the family {Pads, Sites}. Two families without a common name are unrelated; an empty family is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from nl2opt.ir.model import Element, NumberType

Family = frozenset[str]
NO_FAMILY: Family = frozenset()


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number; `binary` is also a condition. ``family`` is that of an index over a set of integers.

    ``values`` are the integers it can be, where that is known (an index over an inline set).
    """

    type: NumberType
    family: Family = NO_FAMILY
    values: frozenset[Element] | None = None


@dataclass(frozen=True, slots=True)
class Labelled:
    """An element of a label set. ``values`` are the labels it can be, where that is known."""

    family: Family = NO_FAMILY
    values: frozenset[Element] | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """An element of a set that data will bring: a label, an integer or a tuple."""

    family: Family = NO_FAMILY


@dataclass(frozen=True, slots=True)
class TupleOf:
    """A tuple of elements, or an interval of a global constraint."""

    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class SetOf:
    """A set whose elements are ``item``."""

    item: Type


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list, in outputs and in arguments of global constraints."""

    item: Type


@dataclass(frozen=True, slots=True)
class ArrayOf:
    """A bare array name: every element of an indexed parameter, variable or expression."""

    name: str
    item: Type
    positions: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known, because an error was reported already."""


Type = Numeric | Labelled | Open | TupleOf | SetOf | ListOf | ArrayOf | Unknown

REAL = Numeric("real")
INTEGER = Numeric("integer")
BINARY = Numeric("binary")
UNKNOWN = Unknown()
_WIDTH: dict[NumberType, int] = {"binary": 0, "integer": 1, "real": 2}


def wider(*types: NumberType) -> NumberType:
    """Number types -> the narrowest that holds all of them."""
    return max(types, key=lambda t: _WIDTH[t], default="binary")


def element_type(elements: tuple[Element, ...], name: str) -> Type:
    """Inline elements of the set ``name`` -> the type of one."""
    if not elements:
        return Open(frozenset((name,)) if name else NO_FAMILY)
    first = elements[0]
    if isinstance(first, tuple):
        columns = zip(*(e for e in elements if isinstance(e, tuple) and len(e) == len(first)), strict=True)
        return TupleOf(tuple(element_type(tuple(c), "") for c in columns))
    family = frozenset((name,)) if name else NO_FAMILY
    values = frozenset(elements)
    return Numeric("integer", family, values) if isinstance(first, int) else Labelled(family, values)


def with_family(t: Type, name: str) -> Type:
    """Type of an element -> the same, drawn from the set ``name`` as well."""
    if isinstance(t, Numeric | Labelled | Open):
        return replace(t, family=t.family | {name})
    return t


def family(t: Type) -> Family:
    """Type of an element -> the sets it can be traced to; empty where unknown."""
    return t.family if isinstance(t, Numeric | Labelled | Open) else NO_FAMILY


def values(t: Type) -> frozenset[Element] | None:
    """Type of an element -> what it can be, None where data decide."""
    return t.values if isinstance(t, Numeric | Labelled) else None


def join(a: Type, b: Type) -> Type:
    """Types of two branches, or of the elements of two sets -> a type that holds both."""
    match a, b:
        case Numeric(), Numeric():
            both = a.values | b.values if a.values is not None and b.values is not None else None
            return Numeric(wider(a.type, b.type), a.family | b.family, both)
        case Labelled(), Labelled():
            both = a.values | b.values if a.values is not None and b.values is not None else None
            return Labelled(a.family | b.family, both)
        case Open(), Numeric() | Labelled() | Open():
            return Open(a.family | family(b))
        case Numeric() | Labelled(), Open():
            return Open(family(a) | b.family)
        case TupleOf(), TupleOf() if len(a.items) == len(b.items):
            return TupleOf(tuple(join(x, y) for x, y in zip(a.items, b.items, strict=True)))
        case ListOf(), ListOf():
            return ListOf(join(a.item, b.item))
        case SetOf(), SetOf():
            return SetOf(join(a.item, b.item))
        case _:
            return a if a == b else UNKNOWN


Fit = Literal["fits", "kinds", "disjoint", "unrelated"]


def fit(a: Type, b: Type) -> Fit:
    """Two types of elements -> can they be equal?

    `kinds`: never, one is a number and the other a label, or a tuple of another length; `disjoint`: never, their known
    elements have nothing in common; `unrelated`: their sets are not known to share anything.
    """
    match a, b:
        case TupleOf(), TupleOf():
            if len(a.items) != len(b.items):
                return "kinds"
            fits = [fit(x, y) for x, y in zip(a.items, b.items, strict=True)]
            return next((f for f in ("kinds", "disjoint", "unrelated") if f in fits), "fits")
        case (Numeric(), Labelled()) | (Labelled(), Numeric()):
            return "kinds"
        case (TupleOf(), Numeric() | Labelled()) | (Numeric() | Labelled(), TupleOf()):
            return "kinds"
        case (SetOf() | ListOf(), SetOf() | ListOf()):
            return fit(a.item, b.item)
        case (SetOf() | ListOf(), Numeric() | Labelled() | TupleOf()):
            return "kinds"
        case (Numeric() | Labelled() | TupleOf(), SetOf() | ListOf()):
            return "kinds"
        case (Labelled(), Labelled()) if a.values is not None and b.values is not None:
            return "fits" if a.values & b.values else "disjoint"
        case (Numeric() | Labelled() | Open(), Numeric() | Labelled() | Open()):
            return "unrelated" if a.family and b.family and not a.family & b.family else "fits"
        case _:
            return "fits"


def describe(t: Type) -> str:
    """Type -> the words a message uses."""
    match t:
        case Numeric(type=kind, family=names):
            return f"{kind}{_of(names)}"
        case Labelled(names, known):
            if not names and known is not None and len(known) == 1:
                return f"the label {next(iter(known))!r}"
            return f"a label{_of(names)}"
        case Open(names):
            return f"an element{_of(names)}"
        case TupleOf(items):
            return f"a tuple ({', '.join(describe(i) for i in items)})"
        case SetOf(item):
            return f"a set of {describe(item)}"
        case ListOf(item):
            return f"a list of {describe(item)}"
        case ArrayOf(name, item, positions):
            return f"the array {name} of {describe(item)} with {len(positions)} indices"
        case Unknown():
            return "something unknown"


def _of(names: Family) -> str:
    return f" of {', '.join(sorted(names))}" if names else ""
