"""What data call an element or a number -> what the model calls it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

from nl2opt.errors import DocumentError
from nl2opt.ir.instance import Atom, Key, SetValue, flat
from nl2opt.ir.model import Element
from nl2opt.ir.nodes import Add, Binary, Expr, Mul, Neg, Number
from nl2opt.ir.text import parse_expression


def read_atom(raw: Any) -> Atom | None:
    """A label or a whole number as data spell it -> the atom; None for anything else."""
    if isinstance(raw, str):
        return str(raw)
    if isinstance(raw, bool):
        return None
    if isinstance(raw, Integral):
        return int(raw)
    if isinstance(raw, Real | Decimal):
        exact = read_number(raw)
        return exact.numerator if exact is not None and exact.denominator == 1 else None
    return None


def read_element(raw: Any) -> Element | None:
    """An element as data spell it (a tuple may be a list) -> the element; None for anything else."""
    if not isinstance(raw, list | tuple):
        return read_atom(raw)
    atoms = tuple(read_atom(r) for r in raw)
    if len(atoms) < 2 or None in atoms:
        return None
    return atoms  # type: ignore[return-value]


def read_number(raw: Any) -> Fraction | None:
    """A finite number as data spell it -> exactly that number; a float is its shortest decimal. None otherwise."""
    if isinstance(raw, Fraction):
        return raw
    if isinstance(raw, float):  # includes np.float64
        return Fraction(repr(float(raw))) if math.isfinite(raw) else None
    if isinstance(raw, Integral):
        return Fraction(int(raw))
    if isinstance(raw, Decimal):
        return Fraction(raw) if raw.is_finite() and abs(raw.adjusted()) < 400 else None
    if isinstance(raw, Real):  # other numpy floats
        return Fraction(str(raw)) if math.isfinite(raw) else None
    return None


def read_arithmetic(text: str) -> Fraction | None:
    """`1/4`, `2 * 60` -> the number, as `value` in a document reads it; None for anything but sums and products."""
    try:
        return _computed(parse_expression(text))
    except (DocumentError, ZeroDivisionError):
        return None


def _computed(e: Expr) -> Fraction | None:
    match e:
        case Number(value):
            return value
        case Neg(arg):
            inner = _computed(arg)
            return None if inner is None else -inner
        case Add(parts) | Mul(parts):
            values = [v for p in parts if (v := _computed(p)) is not None]
            total = sum(values, Fraction(0)) if isinstance(e, Add) else math.prod(values, start=Fraction(1))
            return total if len(values) == len(parts) else None
        case Binary("/", left, right):
            above, below = _computed(left), _computed(right)
            return None if above is None or below is None else above / below
        case _:
            return None


def kinds(axis: SetValue) -> tuple[type, ...]:
    """A set -> for each coordinate of its elements, int or str."""
    return tuple(type(c) for c in flat(axis.elements[0])) if axis.elements else (str,)


def fit_atom(raw: Any, kind: type) -> Atom | None:
    """An atom of data for a coordinate of ``kind``: an integer set takes text that spells an integer, a label set takes
    a number by its text."""
    atom = read_atom(raw)
    if atom is None or isinstance(atom, kind):
        return atom
    if isinstance(atom, int):
        return str(atom)
    text = atom.strip()
    return int(text) if text.lstrip("+-").isdecimal() and len(text) < 20 and text.isascii() else atom


def fit(raw: Any, axis: SetValue) -> Element | None:
    """An element of data -> the element of ``axis`` it names; None if there is none."""
    if isinstance(raw, list | tuple):
        wanted = kinds(axis)
        if len(raw) != len(wanted):
            return None
        atoms = tuple(fit_atom(r, k) for r, k in zip(raw, wanted, strict=True))
        return atoms if atoms in axis else None  # type: ignore[return-value]
    atom = fit_atom(raw, kinds(axis)[0])
    return atom if atom is not None and atom in axis else None


def coordinate_kinds(axes: Iterable[SetValue]) -> tuple[type, ...]:
    """Axes -> int or str for each coordinate of a key."""
    return tuple(k for a in axes for k in kinds(a))


def fit_key(raw: tuple[Any, ...], wanted: tuple[type, ...]) -> Key | None:
    """Coordinates of data -> a key with the kinds of the axes (it need not be in the domain); None if unreadable."""
    if len(raw) != len(wanted):
        return None
    atoms = tuple(fit_atom(r, k) for r, k in zip(raw, wanted, strict=True))
    return None if None in atoms else atoms  # type: ignore[return-value]
