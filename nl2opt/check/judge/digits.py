"""Two sides -> the whole columns of one that are written in binary digits in the other: x = sum of 2**d * b[d]."""

from __future__ import annotations

from collections import defaultdict

from nl2opt.check.judge.side import Side
from nl2opt.check.judge.terms import Atom, Condition
from nl2opt.check.judge.translation import Image

MOST = 128
"""The most values of a column whose digits are looked for."""

Digits = dict[Atom, list[Atom]]
"""Column of one side -> its digits in the other, the lowest first."""


def in_digits(compact: Side, spelled: Side) -> tuple[dict[Atom, Atom], dict[Atom, Image], dict[Atom, Image]] | None:
    """-> digit -> its column; the columns of ``compact`` over ``spelled``; the digits of ``spelled`` over ``compact``.

    Columns and digits belong together by their keys, (key, d) with d from 0 on.
    """
    if compact.canonical is None or spelled.canonical is None:
        return None
    families: dict[str, dict[tuple[str, ...], dict[int, Atom]]] = defaultdict(lambda: defaultdict(dict))
    for (name, key), x in spelled.atoms.items():
        if key and isinstance(key[-1], int) and x.whole and (x.low, x.high) == (0, 1):
            families[name][tuple(map(str, key[:-1]))][key[-1]] = x
    digits: Digits = {}
    columns: dict[str, dict[tuple[str, ...], Atom]] = defaultdict(dict)
    for (name, key), x in compact.atoms.items():
        if x.whole and x.args[2] == "number" and x.low == 0 and 2 < x.high < MOST:
            columns[name][tuple(map(str, key))] = x
    for found in columns.values():
        for rows in families.values():
            if rows.keys() == found.keys() and all(sorted(r) == list(range(len(r))) for r in rows.values()):
                digits.update({found[key]: [r[d] for d in range(len(r))] for key, r in rows.items()})
                break
    if not digits:
        return None
    t, u = compact.canonical.terms, spelled.canonical.terms
    whole: dict[Atom, Image] = {}
    parts: dict[Atom, Image] = {}
    for x, row in digits.items():
        whole[x] = u.add(*(u.scale(u.of(b), 2**d) for d, b in enumerate(row)))
        takes: list[Condition] = [t.is_zero(t.minus(t.of(x), v)) for v in range(int(x.high) + 1)]
        for d, b in enumerate(row):
            parts[b] = t.number(t.some(c for v, c in enumerate(takes) if v >> d & 1))
    return {b: x for x, row in digits.items() for b in row}, whole, parts
