"""Two sides -> the columns of one that take one of several values, as rows of binaries of the other, one a value."""

from __future__ import annotations

from nl2opt.check.judge.side import Side
from nl2opt.check.judge.terms import Atom, Terms
from nl2opt.check.judge.translation import Image

Labels = tuple[str, ...]
MOST = 500
"""The most values of a column that are looked for as binaries."""
Rows = dict[Atom, list[Atom | None]]
"""Column of one side -> the binary of the other for each of its values; None where there is none: it is not taken."""


def one_hot(compact: Side, hot: Side) -> tuple[Rows, dict[Atom, Image], dict[Atom, Image]] | None:
    """Columns over values, and binaries over (key, value) or (value, key): which is which, by their labels.

    -> the rows; the columns and conditions of ``compact`` over ``hot``; the binaries of ``hot`` over ``compact``.
    """
    if compact.canonical is None or hot.canonical is None:
        return None
    rows: Rows = {}
    for names in {name for name, _ in hot.atoms}:
        binaries = {
            tuple(map(_plain, key)): x
            for (name, key), x in hot.atoms.items()
            if name == names and x.whole and (x.low, x.high) == (0, 1)
        }
        for family in {name for name, _ in compact.atoms}:
            columns = {tuple(map(_plain, key)): x for (name, key), x in compact.atoms.items() if name == family}
            found = _rows(compact, columns, binaries)
            if found is not None:
                rows.update(found)
    if not rows:
        return None
    t, u = compact.canonical.ground.terms, hot.canonical.ground.terms
    over_hot: dict[Atom, Image] = {}
    over_compact: dict[Atom, Image] = {}
    for column, row in rows.items():
        taken = [False if x is None else u.truth(u.of(x)) for x in row]
        asked = [_takes(t, column, k) for k in range(len(row))]
        if column.args[2] == "element":
            over_hot[column] = taken
        else:
            low = int(column.low)
            over_hot[column] = u.add(*(u.scale(u.of(x), low + k) for k, x in enumerate(row) if x is not None))
            for a, x in zip(asked, row, strict=True):
                if isinstance(a, Atom):
                    over_hot[a] = 0 if x is None else u.of(x)
        for x, a in zip(row, asked, strict=True):
            if x is not None:
                over_compact[x] = t.number(a)
    return rows, over_hot, over_compact


def _takes(t: Terms, column: Atom, k: int) -> Atom | bool:
    """The condition that a column takes its k-th value."""
    if column.args[2] == "element":
        return t.atom("is", (column, k), 0, 1, whole=True, condition=True)
    return t.is_zero(t.minus(t.of(column), int(column.low) + k))


def _rows(compact: Side, columns: dict[Labels, Atom], binaries: dict[Labels, Atom]) -> Rows | None:
    """The rows where every binary finds its column and value, and every column has two values or more."""
    for values_last in (True, False):
        rows: Rows = {}
        for key, x in binaries.items():
            if len(key) < 1:
                return None
            own, value = (key[:-1], key[-1]) if values_last else (key[1:], key[0])
            column = columns.get(own)
            values = _values(compact, column) if column is not None else []
            if column is None or value not in values:
                break
            rows.setdefault(column, [None] * len(values))[values.index(value)] = x
        else:
            if len(rows) == len(columns) and all(sum(x is not None for x in row) > 1 for row in rows.values()):
                return rows
    return None


def _values(side: Side, column: Atom) -> list[str | int]:
    """The values a column can take, as plain texts."""
    if column.args[2] == "element":
        name, key, _ = column.args
        family = side.instance.variables[name]
        assert family.within is not None
        elements = family.within[family.domain.position[key]].elements
        return [_plain(e) if isinstance(e, str | int) else str(e) for e in elements]
    if (
        not column.whole
        or isinstance(column.low, float)
        or isinstance(column.high, float)
        or column.high - column.low > 500
    ):
        return []
    return [str(v) for v in range(int(column.low), int(column.high) + 1)]


def _plain(label: str | int) -> str:
    return str(label).casefold().replace("_", "")
