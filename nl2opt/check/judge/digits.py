"""Canonical -> the same with binary digits gathered: 2**0 * b[0] + 2**1 * b[1] + ... is one whole column.

Binaries of one family that differ in one place of their keys, numbered upwards there, and that stand together in every
sum as 1 : 2 : 4 : ..., are the digits of a number; each number has one way to be written so, so nothing is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from nl2opt.check.judge.canonical import Canonical, fitted
from nl2opt.check.judge.terms import Atom, Form, NotCanonical
from nl2opt.check.judge.translation import Image, Translation
from nl2opt.ir.instance import Key

FEWEST = 2
MOST = 32
"""Digits of a number that are looked for."""

Standing = dict[tuple[int, ...], Fraction]
"""The sums a column stands in, and with which factors -> its coefficient there."""


def gathered(c: Canonical, but: Iterable[Atom] = ()) -> Canonical:
    """A canonical form -> with a whole column for each row of digits, ``but`` some; itself where there are none."""
    kept = set(but)
    rows = tuple(row for row in _rows_of_digits(c) if kept.isdisjoint(row[2]))
    if not rows:
        return c
    t = c.terms
    made: dict[Atom, tuple[Atom, ...]] = {}
    images: dict[Atom, Image] = {x: t.of(x) for x in c.kept if x.args[2] != "element"}
    for x in c.kept:
        if x.args[2] == "element":
            images[x] = tuple(t.atom("is", (x, k), 0, 1, whole=True, condition=True) for k in range(int(x.high) + 1))
    for name, key, digits in rows:
        x = t.column(name, key, 0, 2 ** len(digits) - 1, True, "digits")
        made[x] = digits
        rest = [t.scale(t.of(b), -(2**d)) for d, b in enumerate(digits) if d]
        images[digits[0]] = t.add(t.of(x), *rest)  # all other digits cancel out
    translation = Translation(t, images)
    try:
        told = tuple(replace(r, condition=translation.condition(r.condition)) for r in c.rows)
        goals = tuple(replace(g, form=translation.number(g.form)) for g in c.goals)
    except NotCanonical:
        return c
    gone = {(b.args[0], b.args[1]): "digit" for digits in made.values() for b in digits}
    return fitted(replace(c, rows=told, goals=goals, gone={**c.gone, **gone}, made=made))


def _rows_of_digits(c: Canonical) -> Iterator[tuple[str, Key, tuple[Atom, ...]]]:
    """(name, the key without the place of the digit, digits from the lowest on)."""
    standing = _standing(c)
    families: dict[tuple[str, int, Key], dict[int, Atom]] = defaultdict(dict)
    for x in c.kept:
        if x.args[2] == "element" or not x.whole or (x.low, x.high) != (0, 1) or not standing.get(x):
            continue
        name, key, _ = x.args
        for place, label in enumerate(key):
            if isinstance(label, int):
                families[name, place, (*key[:place], *key[place + 1 :])][label] = x
    used: set[Atom] = set()
    for (name, _, rest), digits in families.items():
        row = tuple(digits[d] for d in sorted(digits))
        ordered = sorted(digits) == list(range(min(digits), min(digits) + len(digits)))
        if ordered and FEWEST <= len(row) <= MOST and not used & set(row) and _double(standing, row):
            used |= set(row)
            yield name, rest, row


def _double(standing: Mapping[Atom, Standing], row: Sequence[Atom]) -> bool:
    """Does each column stand where the one before it stands, with twice its coefficient?"""
    first = standing[row[0]]
    return all(
        standing[b].keys() == first.keys() and all(standing[b][k] == v * 2**d for k, v in first.items())
        for d, b in enumerate(row)
    )


def _standing(c: Canonical) -> dict[Atom, Standing]:
    """Column -> the sums it stands in; columns that stand anywhere else are left out."""
    found: dict[Atom, Standing] = defaultdict(dict)
    elsewhere: set[Atom] = set()
    seen: set[int] = set()
    sums = 0
    stack: list[object] = [r.condition for r in c.rows] + [g.form for g in c.goals]
    while stack:
        x = stack.pop()
        if isinstance(x, Form):
            sums += 1
            for a, k in x.terms.items():
                if a.op == "column":
                    found[a][sums,] = Fraction(k)
                elif a.op != "product":
                    stack.append(a)
                else:
                    for f in a.args:
                        found[f][sums, *(g.id for g in a.args if g is not f)] = Fraction(k)
                        if f.op != "column":
                            stack.append(f)
                        elif a.args.count(f) > 1:
                            elsewhere.add(f)
        elif isinstance(x, Atom):
            if x.op == "column":
                elsewhere.add(x)
            elif x.id not in seen:
                seen.add(x.id)
                stack.extend(x.args)
        elif isinstance(x, tuple):
            stack.extend(x)
    return {x: where for x, where in found.items() if x not in elsewhere}
