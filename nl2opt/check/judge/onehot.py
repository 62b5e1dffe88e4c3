"""Two sides -> the columns of one that take one of several values, and the conditions of the other that they do.

The other side has a binary for each key and value, or columns of its own the other way round: which job a person does,
and which person does a job.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

from nl2opt.check.judge.labels import common_words, elements, plain, plain_key
from nl2opt.check.judge.side import Side
from nl2opt.check.judge.terms import Atom, Condition, Terms
from nl2opt.check.judge.translation import Image
from nl2opt.ir.instance import Key

MOST_COLUMNS = 1500
"""Columns of both sides together among which values are looked for."""
MOST = 500
"""The most values of a column that are looked for."""

Labels = tuple[str, ...]
Literal = tuple[Atom | None, int, Condition]
Literals = dict[Labels, Literal]
"""Labels -> a column (None: it is fixed), the place of a value of it (0 of a binary), and the condition that it takes
it."""
OneOf = tuple[tuple[Condition, ...], ...]
Found = tuple[dict[Atom, Atom], dict[Atom, Image], dict[Atom, Image], OneOf, OneOf]
"""Columns of the other side with one of this side each; this side's columns and conditions over the other's; the
other's columns over this side's; conditions of the other side, and of this one, of which exactly one must hold."""


class Naming:
    """What keys and values of a side are called: by their labels; or those that are no ``words`` by their places."""

    def __init__(self, side: Side, words: Set[str] | None) -> None:
        self.side = side
        self.words = words
        self._places: dict[str, list[dict[str | int, str]]] = {}

    def key(self, name: str, key: Key) -> Labels:
        """The key of a column."""
        if self.words is None:
            return plain_key(key)
        if name not in self._places:
            family = self.side.instance.variables.get(name)
            labels = [dict.fromkeys(part) for part in zip(*family.domain.keys, strict=True)] if family else []
            self._places[name] = [{x: str(k) for k, x in enumerate(self._ordered(list(found)))} for found in labels]
        return tuple(
            plain(label) if plain(label) in self.words else place.get(label, plain(label))
            for label, place in zip(key, self._places[name], strict=False)
        )

    def _ordered(self, labels: list[str | int]) -> list[str | int]:
        """Numbers by size, other labels as a set of the model lists them."""
        if all(isinstance(x, int) for x in labels):
            return sorted(labels)
        for s in self.side.instance.sets.values():
            if len(s.elements) == len(labels) and set(s.elements) == set(labels):
                return [x for x in s.elements if not isinstance(x, tuple)]
        return labels

    def values(self, column: Atom) -> list[str]:
        """The values a column can take."""
        found, words = _values(self.side, column), self.words
        return found if words is None else [x if x in words else str(k) for k, x in enumerate(found)]


def one_hot(compact: Side, hot: Side, by_place: bool = False) -> Found | None:
    """Columns of ``compact`` over values, and conditions of ``hot``, by their labels: (key, value) or (value, key).

    ``by_place``: of labels that only one of them knows the first is the first.
    """
    if compact.canonical is None or hot.canonical is None or len(compact.atoms) + len(hot.atoms) > MOST_COLUMNS:
        return None
    words = common_words(compact, hot) if by_place else None
    mine, theirs = Naming(compact, words), Naming(hot, words)
    t, u = compact.canonical.terms, hot.canonical.terms
    columns: dict[str, dict[Labels, Atom]] = defaultdict(dict)
    for (name, key), x in compact.atoms.items():
        if len(_values(compact, x)) > 1 and (x.args[2] == "element" or (x.low, x.high) != (0, 1)):
            columns[name][mine.key(name, key)] = x
    pairs: dict[Atom, Atom] = {}
    over_hot: dict[Atom, Image] = {}
    over_compact: dict[Atom, Image] = {}
    one_of_hot: list[tuple[Condition, ...]] = []
    one_of_compact: list[tuple[Condition, ...]] = []
    for literals, turned in _literals(hot, theirs):
        for family in columns.values():
            found = _rows(mine, family, literals, turned)
            if found is None or any(x in over_hot for x in found[0]):
                continue
            rows, never = found
            asked: dict[Atom, dict[int, Condition]] = defaultdict(dict)
            for y, _, _ in never:
                if y is not None:
                    asked[y] = {}
            for x, row in rows.items():
                taken = _taken(u, [None if e is None else e[2] for e in row])
                over_hot.update(_over(t, u, x, taken))
                one_of_hot.append(tuple(taken))
                for k, entry in enumerate(row):
                    if entry is not None and entry[0] is not None:
                        asked[entry[0]][entry[1]] = _takes(t, x, k)
                        pairs[entry[0]] = x
            for y, conditions in asked.items():
                if y.args[2] != "element" and (y.low, y.high) == (0, 1) and not turned:
                    over_compact[y] = t.number(conditions.get(0, False))
                else:
                    size = int(y.high - y.low) + 1
                    values = _taken(t, [conditions.get(k) for k in range(size)])
                    over_compact.update(_over(u, t, y, values))
                    one_of_compact.append(tuple(values))
            break
    return (pairs, over_hot, over_compact, tuple(one_of_hot), tuple(one_of_compact)) if pairs else None


def _taken(u: Terms, conditions: list[Condition | None]) -> list[Condition]:
    """The conditions of the values of a column; a value without one is taken where no other is."""
    left = u.every(u.negation(c) for c in conditions if c is not None) if conditions.count(None) == 1 else False
    return [left if c is None else c for c in conditions]


def _over(t: Terms, u: Terms, x: Atom, taken: list[Condition]) -> dict[Atom, Image]:
    """A column of ``t`` by the conditions of its values in ``u``."""
    if x.args[2] == "element":
        return {x: taken}
    low = int(x.low)
    out: dict[Atom, Image] = {x: u.add(*(u.scale(u.number(c), low + k) for k, c in enumerate(taken)))}
    for k, c in enumerate(taken):
        asked = _takes(t, x, k)
        if isinstance(asked, Atom):
            out[asked] = u.number(c)
    return out


def _takes(t: Terms, column: Atom, k: int) -> Condition:
    """The condition that a column takes its k-th value."""
    if column.args[2] == "element":
        return t.atom("is", (column, k), 0, 1, whole=True, condition=True)
    return t.is_zero(t.minus(t.of(column), int(column.low) + k))


def _literals(side: Side, naming: Naming) -> list[tuple[Literals, bool]]:
    """The families of a side as literals: binaries by their keys, columns over values by (key, value); ``turned``."""
    assert side.canonical is not None
    t = side.canonical.terms
    binaries: dict[str, Literals] = defaultdict(dict)
    columns: dict[str, Literals] = defaultdict(dict)
    for (name, key), x in side.atoms.items():
        if x.args[2] != "element" and x.whole and (x.low, x.high) == (0, 1):
            if key:
                binaries[name][naming.key(name, key)] = (x, 0, t.truth(t.of(x)))
        elif len(key) == 1:
            for k, value in enumerate(naming.values(x)):
                columns[name][(*naming.key(name, key), value)] = (x, k, _takes(t, x, k))
    for c in side.canonical.ground.columns:
        if c.atom is None and c.name in binaries and c.value in (0, 1):
            binaries[c.name][naming.key(c.name, c.key)] = (None, 0, bool(c.value))
    return [*((f, False) for f in binaries.values()), *((f, True) for f in columns.values())]


Rows = dict[Atom, list[Literal | None]]


def _rows(
    naming: Naming, columns: dict[Labels, Atom], literals: Literals, turned: bool
) -> tuple[Rows, list[Literal]] | None:
    """The rows where every literal finds its column and value, and every column has two values or more; and the rest.

    A literal without a value may be one that is never taken, if the others are more. Columns over values count as
    literals only the other way round, or of another kind: else they are the columns themselves.
    """
    same = turned and {x.args[2] for x in columns.values()} & {e[0].args[2] for e in literals.values() if e[0]}
    for values_last in (False,) if same else (True, False):
        rows: Rows = {}
        never: list[Literal] = []
        for key, entry in literals.items():
            own, value = (key[:-1], key[-1]) if values_last else (key[1:], key[0])
            column = columns.get(own)
            values = naming.values(column) if column is not None else []
            if column is None or value not in values:
                never += [entry] if entry[2] is not False else []
            else:
                rows.setdefault(column, [None] * len(values))[values.index(value)] = entry
        whole = len(rows) == len(columns) and all(sum(e is not None for e in row) > 1 for row in rows.values())
        if whole and len(never) < sum(e is not None for row in rows.values() for e in row):
            return rows, never
    return None


def _values(side: Side, column: Atom) -> list[str]:
    """The values a column can take, as plain texts."""
    if column.args[2] == "element":
        return elements(side.instance, column)
    if not column.whole or not column.high - column.low <= MOST:
        return []
    return [plain(v) for v in range(int(column.low), int(column.high) + 1)]
