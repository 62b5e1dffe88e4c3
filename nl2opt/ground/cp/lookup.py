"""`name[indices]` with variables among the indices -> the entry they reach, and where there is one."""

from __future__ import annotations

from typing import NamedTuple

from nl2opt.ground.cp.arithmetic import Numeric, element, restrict
from nl2opt.ground.cp.builder import TABLE_ENTRIES
from nl2opt.ground.cp.conditions import coded, equal, table
from nl2opt.ground.cp.scope import Scope
from nl2opt.ground.cp.unsupported import unsupported
from nl2opt.ground.cp.values import (
    INFINITY,
    Affine,
    Choice,
    Formula,
    Scalar,
    combine,
    conjunction,
    denominator,
    disjunction,
    members,
    negation,
    size,
)
from nl2opt.ir.instance import Key
from nl2opt.ir.model import Element


class _Axis(NamedTuple):
    """One free coordinate: a whole value, and the key atom each of its values stands for."""

    value: Affine
    atoms: dict[str | int, int]


def look_up(s: Scope, name: str, index: tuple[Scalar, ...]) -> Scalar:
    """A name at coordinates of which some are variables -> the value of the entry they reach."""
    free = [k for k, v in enumerate(index) if isinstance(v, Affine | Choice)]
    keys = [key for key in s.keys(name) if all(k in free or key[k] == v for k, v in enumerate(index))]
    axes = [_axis(s, index[k], {key[k] for key in keys}) for k in free]
    keys = [key for key in keys if all(key[k] in a.atoms for k, a in zip(free, axes, strict=True))]
    if len(keys) > TABLE_ENTRIES:
        raise unsupported("a large table", s.b.where, f"{name}: {len(keys)} entries")
    if not keys:
        s.need(False)
        return 0
    rows = [tuple(a.atoms[key[k]] for k, a in zip(free, axes, strict=True)) for key in keys]
    if len(axes) == 1:
        place, defined = restrict(s.b, axes[0].value, sorted(r[0] for r in rows))
        codes = [r[0] for r in rows]
    else:
        place, defined, codes = _joined(s, axes, rows)
    s.need(defined)
    return _entries(s, name, place, dict(zip(codes, keys, strict=True)))


def _axis(s: Scope, value: Scalar, wanted: set[str | int]) -> _Axis:
    b = s.b
    if isinstance(value, Choice):
        if len(set(value.elements)) == len(value.elements):
            return _Axis(value.index, {e: i for i, e in enumerate(value.elements) if e in wanted})
        code: dict[Element, int] = {e: i for i, e in enumerate(dict.fromkeys(value.elements))}
        index = coded(b, value, code)
        assert isinstance(index, Affine)
        return _Axis(index, {e: i for e, i in code.items() if e in wanted})
    assert isinstance(value, Affine)
    atoms = sorted(w for w in wanted if isinstance(w, int))
    if denominator(value) > 1:
        return _Axis(_whole_copy(s, value, atoms), {w: w for w in atoms})
    low, high = b.whole_bounds(value)
    span = b.span(value) if low > -INFINITY and high < INFINITY else ((low, high),)
    possible = set(members(span)) if size(span) <= 10_000 else None
    return _Axis(value, {w: w for w in atoms if low <= w <= high and (possible is None or w in possible)})


def _whole_copy(s: Scope, value: Affine, atoms: list[int]) -> Affine:
    """An index that is not always whole -> a whole one equal to it wherever it reaches an entry."""
    inside = s.b.is_in(value, atoms)
    s.need(inside)
    copy = Affine({s.b.variable(((atoms[0], atoms[-1]),)): 1})
    s.b.require(s.b.compare(combine(value, copy, -1), "=="), (s.b.literal(inside, positive=False),))
    return copy


def _joined(s: Scope, axes: list[_Axis], rows: list[tuple[int, ...]]) -> tuple[Numeric, Formula, list[int]]:
    """Several free coordinates -> one place in the list of entries, the condition that there is one, and the codes."""
    values = [sorted({r[k] for r in rows}) for k in range(len(axes))]
    full = 1
    for v in values:
        full *= len(v)
    if full != len(rows):
        return _by_table(s, axes, rows)
    place: Numeric = 0
    defined: list[Formula] = []
    codes = [0] * len(rows)
    for k, (a, v) in enumerate(zip(axes, values, strict=True)):
        inside, ok = restrict(s.b, a.value, v)
        defined.append(ok)
        ordinal = {x: i for i, x in enumerate(v)}
        place = combine(element(s.b, inside, ordinal), place, len(v))
        codes = [c * len(v) + ordinal[r[k]] for c, r in zip(codes, rows, strict=True)]
    return place, conjunction(defined), codes


def _by_table(s: Scope, axes: list[_Axis], rows: list[tuple[int, ...]]) -> tuple[Numeric, Formula, list[int]]:
    """Keys with gaps: a table of (coordinates, place) over copies that always lie in it."""
    b = s.b
    defined = table(b, [a.value for a in axes], rows)
    place = Affine({b.variable(((0, len(rows) - 1),)): 1})
    literal = b.literal(defined, positive=False)
    b.require(table(b, [*(a.value for a in axes), place], [(*r, i) for i, r in enumerate(rows)]), (literal,))
    return place, defined, list(range(len(rows)))


def _entries(s: Scope, name: str, place: Numeric, keys: dict[int, Key]) -> Scalar:
    """The entry at a place: a number, or a choice among elements."""
    values: dict[int, Scalar] = {}
    for code, key in keys.items():
        values[code], needs = s.apart(lambda key=key: s.entry(name, key))  # type: ignore[misc]
        if needs is not True:  # an entry must be defined only where it is the one reached
            s.need(disjunction((negation(equal(s.b, place, code)), needs)))
    if any(isinstance(v, str | tuple | Choice) for v in values.values()):
        return chosen(s, place, values)
    return element(s.b, place, {c: s.b.number(v) for c, v in values.items()})


def chosen(s: Scope, place: Numeric, values: dict[int, Scalar]) -> Scalar:
    elements: dict[Element, int] = {}
    for v in values.values():
        for e in v.elements if isinstance(v, Choice) else (v,):
            if not isinstance(e, str | int | tuple):
                raise unsupported("a symbolic set", s.b.where, "labels and numbers in one array")
            elements.setdefault(e, len(elements))  # type: ignore[arg-type]
    index = element(s.b, place, {c: coded(s.b, v, elements) for c, v in values.items()})
    known = tuple(elements)
    return Choice(index, known) if isinstance(index, Affine) else known[int(index)]
