"""Rows -> the columns they define: by an equation, or as the greatest or the least of several numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from nl2opt.check.judge.grounding import Row
from nl2opt.check.judge.terms import Atom, Form, Number, Terms, form_of

Definition = tuple[Atom, tuple[Number, ...], int, int]
"""(column, numbers, sign, place of a row that says so): sign * column = the greatest of the numbers."""


def definitions(t: Terms, rows: Sequence[Row], wanted: Iterable[Atom]) -> Iterator[Definition]:
    """What the rows say that each wanted column is. Several may define one column, and columns each other."""
    wanted = set(wanted)
    forms = {form_of(r.condition): i for i, r in enumerate(rows)}
    for form, place in forms.items():
        if form is None or t.scale(form, -1) not in forms:
            continue
        for column in form.terms:
            if column in wanted:
                value = t.scale(without(t, form, column), Fraction(-1) / form.terms[column])
                if not column.whole or t.is_whole(value):
                    yield column, (value,), 1, place
    for place, row in enumerate(rows):
        c = row.condition
        if isinstance(c, Atom) and c.op == "or":
            yield from _extreme(t, c, forms, wanted, place)


def _extreme(t: Terms, c: Atom, forms: dict[Form | None, int], wanted: set[Atom], place: int) -> Iterator[Definition]:
    """`x <= a or x <= b`, with rows `x >= a` and `x >= b`: x is the greatest of a and b (or the least, turned)."""
    parts = [form for x in c.args if (form := form_of(x)) is not None]
    if len(parts) < len(c.args) or any(t.scale(f, -1) not in forms for f in parts):
        return
    shared = set.intersection(*(set(f.terms) for f in parts)) & wanted
    for column in shared:
        signs = {f.terms[column] > 0 for f in parts}
        values = [t.scale(without(t, f, column), -1 / abs(Fraction(f.terms[column]))) for f in parts]
        if len(signs) == 1 and not (column.whole and not all(t.is_whole(v) for v in values)):
            yield column, tuple(values), 1 if signs.pop() else -1, place


def without(t: Terms, form: Number, column: Atom) -> Number:
    """A number less the term of a column."""
    if not isinstance(form, Form):
        return form
    return t.add(form, t.scale(t.of(column), -form.terms[column]))
