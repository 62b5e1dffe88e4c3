"""Instance -> the types of its elements: enums of labels that are met in the same sets, integers, rows of tuples.

A MiniZinc set is in the order of its type, and a constructor belongs to one enum. So sets that share a label share an
enum: the first declared set that holds all their labels, else one that is made for them. A set of tuples is a set of
row numbers with one array a column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from nl2opt.emitters.python.identifiers import Identifiers
from nl2opt.emitters.python.indices import generators
from nl2opt.ir.instance import Instance, SetValue, flat
from nl2opt.ir.model import Element, Set
from nl2opt.ir.nodes import Comprehension, Expr, Generator, Label, Name, SetLiteral, Subscript, Tuple
from nl2opt.ir.walk import bound_names, free_names, scopes, subexpressions

_EXPRESSIONS = tuple(Expr.__args__)


@dataclass(frozen=True)
class Enum:
    """A type of labels: its identifier, its labels in order, and the set of the model it is, None where it is made."""

    identifier: str
    labels: tuple[str, ...]
    declared: str | None

    @property
    def position(self) -> dict[str, int]:
        """Label -> its place."""
        return {label: i for i, label in enumerate(self.labels)}


@dataclass
class Rows:
    """A set of tuples: ``name`` is the set of its row numbers, ``columns`` the arrays, ``bases`` their types.

    The first ``keys`` columns are the index of an indexed set; ``values`` the rows.
    """

    name: str
    columns: tuple[str, ...]
    bases: tuple[str, ...]
    keys: int
    values: tuple[tuple[str | int, ...], ...]
    counters: list[str] = field(default_factory=list)


class Bases:
    """Knows the type of every element of one instance."""

    def __init__(self, instance: Instance, identifiers: Identifiers, names: dict[str, str]) -> None:
        self.instance = instance
        self.model = instance.model
        self.identifiers = identifiers
        self.names = names
        self.enums = list(self._enums())
        self.enum_of = {label: e for e in self.enums for label in e.labels}
        self.constructors = {
            label: identifiers.make(label, "label") for e in self.enums for label in e.labels
        }  # fmt: skip
        self.rows: dict[str, Rows] = {}
        for s in self.model.sets:
            if self.is_of_tuples(s):
                self.rows[s.name] = self._rows(s)

    # labels ---------------------------------------------------------------------------------------------------------

    def _enums(self) -> Iterator[Enum]:
        for group in _merged(self._groups()):
            found = [s for s in self.model.sets if self._may_be_enum(s) and group == set(self._values(s))]
            if found:
                yield Enum(self.names[found[0].name], tuple(self._values(found[0])), found[0].name)
                continue
            longest = max((list(g) for g in self._groups() if set(g) <= group), key=len)
            order = dict.fromkeys([*longest, *(x for g in self._groups() if set(g) <= group for x in g)])
            yield Enum(self.identifiers.make("Label", "Label"), tuple(order), None)

    def _values(self, s: Set) -> tuple[str, ...]:
        return self.instance.sets[s.name].elements  # type: ignore[return-value]

    def _may_be_enum(self, s: Set) -> bool:
        return not s.over and not is_computed(s) and all(isinstance(e, str) for e in self.instance.sets[s.name])

    def _groups(self) -> list[tuple[str, ...]]:
        """Labels that stand in one set, or one column of a set of tuples."""
        found: list[tuple[str, ...]] = []

        def collect(elements: Iterable[Element]) -> None:
            rows = [flat(e) for e in elements]
            for column in zip(*rows, strict=True):
                labels = tuple(dict.fromkeys(x for x in column if isinstance(x, str)))
                if labels:
                    found.append(labels)

        for value in self.instance.sets.values():
            collect(value)
        for family in self.instance.indexed_sets.values():
            collect(e for value in family.values() for e in value)
            collect(family)
        for v in self.instance.variables.values():
            collect(e for value in (v.within or ()) for e in value)
            collect(v.domain.keys)
        for p in self.instance.parameters.values():
            collect(p.elements or ())
            collect(p.domain.keys)
        for over, expressions in scopes(self.model):
            for e in (*expressions, *(x for g in over for x in (g.source, *g.conditions))):
                for node in subexpressions(e):
                    if isinstance(node, Label):
                        found.append((node.value,))
                    elif isinstance(node, SetLiteral) and all(isinstance(i, Label) for i in node.items):
                        found.append(tuple(i.value for i in node.items if isinstance(i, Label)))
        return [g for g in found if g]

    def label(self, text: str) -> str:
        """Label -> its constructor."""
        return self.constructors[text]

    def base(self, elements: Iterable[str | int]) -> str:
        """Elements of one kind -> the identifier of their enum, or `int`."""
        for e in elements:
            return self.enum_of[e].identifier if isinstance(e, str) else "int"
        return "int"

    def enum(self, identifier: str) -> Enum | None:
        """Identifier of a type -> its enum."""
        return next((e for e in self.enums if e.identifier == identifier), None)

    def place(self, e: str | int) -> int:
        """Element -> its place in the order of its type."""
        return self.enum_of[e].position[e] if isinstance(e, str) else e

    def is_natural(self, elements: Iterable[Element]) -> bool:
        """True where the elements are in the order of their type."""
        places = [self.place(e) for e in elements if not isinstance(e, tuple)]
        return places == sorted(places)

    def is_contiguous(self, elements: Iterable[Element]) -> bool:
        """True where the elements are all of a stretch of their type, so that they may index an array."""
        places = sorted(self.place(e) for e in elements if not isinstance(e, tuple))
        return places == list(range(places[0], places[0] + len(places))) if places else True

    def is_enum(self, s: Set) -> bool:
        """True for the set that is an enum itself."""
        return any(e.declared == s.name for e in self.enums)

    # tuples ---------------------------------------------------------------------------------------------------------

    def is_of_tuples(self, s: Set) -> bool:
        """True where elements of the set, or of a member of the indexed set, are tuples."""
        values = self.instance.indexed_sets[s.name].values() if s.over else (self.instance.sets[s.name],)
        return any(v.arity > 1 for v in values) or (not any(map(len, values)) and _shape(s) > 1)

    def _rows(self, s: Set) -> Rows:
        values: tuple[tuple[str | int, ...], ...]
        if s.over:
            family = self.instance.indexed_sets[s.name]
            values = tuple((*key, *flat(e)) for key, value in family.items() for e in value)
            keys = [t for g in s.over for t in g.targets]
        else:
            values = tuple(flat(e) for e in self.instance.sets[s.name])
            keys = []
        arity = len(values[0]) - len(keys) if values else _shape(s)
        targets = [*keys, *self._targets(s.name, arity)]
        name = self.names[s.name]
        columns = tuple(self.identifiers.make(f"{name}_{t}", "column") for t in targets)
        bases = tuple(self.base(c) for c in zip(*values, strict=True)) if values else ("int",) * len(targets)
        return Rows(name, columns, bases, len(keys), values)

    def _targets(self, name: str, arity: int) -> list[str]:
        for g in generators(self.model):
            if len(g.targets) == arity and g.source in (Name(name),) and g.targets:
                return list(g.targets)
            if len(g.targets) == arity and isinstance(g.source, Subscript) and g.source.name == name:
                return list(g.targets)
        return [str(i + 1) for i in range(arity)]

    def counter(self, rows: Rows, taken: Iterable[str]) -> str:
        """A name for a row number that no generator around uses."""
        used = set(taken)
        for name in rows.counters:
            if name not in used:
                return name
        letter = rows.name[:1].lower()
        rows.counters.append(self.identifiers.make(letter if letter.isalpha() else "r", "r"))
        return rows.counters[-1]


def is_computed(s: Set) -> bool:
    """True where the model says the set by an expression that MiniZinc can compute; otherwise it is data."""
    e = s.elements
    if not isinstance(e, _EXPRESSIONS):
        return False
    if isinstance(e, SetLiteral):
        return bool(free_names(e))
    if _shape(s) > 1:
        return not s.over and isinstance(e, Comprehension) and _is_identity(e)
    return True


def _shape(s: Set) -> int:
    e = s.elements
    if isinstance(e, Comprehension):
        return len(e.body.items) if isinstance(e.body, Tuple) else 1
    return 1


def _is_identity(e: Comprehension) -> bool:
    """True where each binding gives another tuple."""
    items = e.body.items if isinstance(e.body, Tuple) else (e.body,)
    names = [i.name for i in items if isinstance(i, Name)]
    return set(names) >= set(bound_names(e.generators))


def ranges(generators: Iterable[Generator]) -> list[Generator]:
    """Generators as a list; their order is that of nested loops."""
    return list(generators)


def _merged(groups: list[tuple[str, ...]]) -> list[set[str]]:
    """Groups of labels -> the unions of those that share one, in the order they are first met."""
    merged: list[set[str]] = []
    for group in groups:
        met = [m for m in merged if m & set(group)]
        union = set(group).union(*met)
        place = merged.index(met[0]) if met else len(merged)
        merged = [m for m in merged if m not in met]
        merged.insert(place, union)
    return merged


def contiguous(value: SetValue, bases: Bases) -> bool:
    """True where a set may be the index set of an array."""
    return value.arity == 1 and bases.is_contiguous(value)
