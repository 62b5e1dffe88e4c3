"""Grids + model -> the elements of sets, from a list or from the index columns of tables; labels matched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from nl2opt.errors import Diagnostic, Nl2optError
from nl2opt.ir.bind.places import FileValues
from nl2opt.ir.bind.tables import Records
from nl2opt.ir.datafiles.grids import Cell, Grid
from nl2opt.ir.datafiles.labels import Labels, folded, match_name, typed
from nl2opt.ir.evaluate import evaluate_set
from nl2opt.ir.instance import Atom, Instance, SetValue
from nl2opt.ir.model import IndexedElements, Model, Over, Parameter
from nl2opt.ir.nodes import Name

Row = dict[int, Cell]
ALIKE = 100
"""Findings of one kind in one file that are listed one by one."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One coordinate of a key: the set it comes from ('' if an expression), its index name, and its generator."""

    set_name: str
    index: str
    generator: int
    single: bool


@dataclass(slots=True)
class Long:
    """A table with parameters in its header: the value columns, and the key columns of each parameter."""

    grid: Grid
    rows: list[Row]
    values: dict[int, Parameter]
    keys: dict[str, list[int]]


class GridSets:
    """What the grids say of the sets; `Tabular` adds the parameters."""

    def __init__(self, model: Model, values: FileValues, found: list[Diagnostic], notes: list[Diagnostic]) -> None:
        self.model = model
        self.values = values
        self.found = found
        self.notes = notes
        self.parameters = {p.name: p for p in model.parameters}
        self.sets = {s.name: s for s in model.sets}
        self.headers: dict[str, list[str]] = {}
        self.given_by: dict[str, str] = {}
        self.longs: list[Long] = []
        self._seen: set[Diagnostic] = set()
        self._alike: dict[tuple[str, str, str], int] = {}
        self._labels: dict[str, Labels | None] = {}

    def report(self, code: str, message: str, where: str, found: str = "", expected: str = "", fix: str = "") -> None:
        """Report a fault once (two parameters may share the index columns of their table)."""
        self._keep(self.found, Diagnostic(code, message, where, found, expected, fix))

    def note(self, code: str, message: str, where: str, found: str = "") -> None:
        """Remark how something was read."""
        self._keep(self.notes, Diagnostic(code, message, where, found, severity="note"))

    def _keep(self, findings: list[Diagnostic], item: Diagnostic) -> None:
        """Add a finding that is new; of one kind in one file or sheet the first `ALIKE` are enough."""
        if item in self._seen:
            return
        self._seen.add(item)
        kind = (item.code, item.message, re.split(r" row | cell ", item.where)[0])
        self._alike[kind] = self._alike.get(kind, 0) + 1
        if self._alike[kind] <= ALIKE:
            findings.append(item)
        elif self._alike[kind] == ALIKE + 1:
            findings.append(replace(item, message=f"{item.message}; more like it are not listed"))

    def claim(self, name: str, g: Grid, value: Any, cell: str = "") -> None:
        """Take a value for a name, from a ``cell`` where it is one; a second one for the same name is an error."""
        place = g.file + (f" sheet '{g.sheet}'" if g.sheet else "")
        if (name in self.given_by and self.given_by[name] != place) or name in self.values:
            other = self.given_by.get(name, "JSON")
            self.report("D205", f"`{name}` is given twice", place, f"also in {other}", fix="keep one")
            return
        self.given_by[name] = place
        self.values[name] = value
        self.values.files[name] = cell or place

    def slots(self, over: Over) -> list[Slot]:
        """Index bindings -> the coordinates of a key."""
        out: list[Slot] = []
        for n, g in enumerate(over):
            name = g.source.name if isinstance(g.source, Name) else ""
            if len(g.targets) > 1:
                out += [Slot("", t, n, False) for t in g.targets]
                continue
            elements = self.elements(name) if name else None
            arity = elements.arity if elements is not None else 1
            if arity == 1:
                out.append(Slot(name, g.targets[0] if g.targets else "", n, True))
            else:
                out += [Slot("", "", n, False)] * arity
        return out

    # sets ------------------------------------------------------------------------------------------------------------

    def elements(self, name: str) -> SetValue | None:
        """The elements of a set as far as they are known before binding: inline, derived from literals, or read."""
        labels = self.labels(name)
        return labels.elements if labels is not None else self._tuples(name)

    def _tuples(self, name: str) -> SetValue | None:
        s = self.sets.get(name)
        if s is None or s.over:
            return None
        raw = self.values.get(name, s.elements)
        if isinstance(raw, Records):
            raw = [tuple(r) if len(r) > 1 else r[0] for r in raw.rows]
        if isinstance(raw, list | tuple):
            try:
                return SetValue(name, tuple(tuple(e) if isinstance(e, list) else e for e in raw))
            except TypeError:
                return None
        if raw is None or isinstance(raw, IndexedElements):
            return None
        known = {n: v for n in self.sets if n != name and (v := self.plain_elements(n)) is not None}
        try:
            return SetValue(name, evaluate_set(raw, Instance(self.model, known, {}, {}, {})).elements)
        except (Nl2optError, KeyError):
            return None

    def plain_elements(self, name: str) -> SetValue | None:
        raw = self.values.get(name, self.sets[name].elements)
        return SetValue(name, tuple(raw)) if isinstance(raw, list | tuple) else None

    def labels(self, name: str) -> Labels | None:
        """The elements of a known set of single elements, as files spell them."""
        if name not in self._labels:
            elements = self._tuples(name)
            plain = elements is not None and all(not isinstance(e, tuple | list | dict) for e in elements)
            if elements is None:
                return None
            self._labels[name] = Labels(elements) if plain else None
        return self._labels[name]

    def read_set(self, g: Grid) -> bool:
        """A grid named after a set, without parameters in its header -> the elements of the set."""
        name = match_name(g.name, self.sets).name
        if name is None and len(g.rows[0]) == 1:
            name = match_name(first_cell(g.rows[0]).text, self.sets).name
        if name is None:
            return False
        s = self.sets[str(name)]
        header, rows = g.rows[0], g.rows[1:]
        g.header = {c: cell.text for c, cell in header.items()}
        self.headers.setdefault(g.file, []).extend(g.header.values())
        width = len(header)
        titled = any(singular(folded(t)) in (singular(folded(s.name)), "element", "name") for t in g.header.values())
        if width == 1 and not titled:
            self.report("D202", f"the first row is no header of the set `{s.name}`", g.where(row_number(header)),
                        first_cell(header).text, f"`{s.name}`", f"write `{s.name}` above the elements")  # fmt: skip
            return True
        listed = [self.key(g, row, list(header), [Slot("", "", 0, False)] * width) for row in rows]
        columns = [typed([str(k[i]) for k in listed if k]) for i in range(width)]
        elements = list(zip(*columns, strict=True))
        self.check_rows(g, rows, list(header))
        self.check_duplicates(g, rows, elements, list(header))
        self.claim(s.name, g, Records([list(e) for e in elements], [g.where(row_number(r)) for r in rows])
                   if s.over else [e if width > 1 else e[0] for e in elements])  # fmt: skip
        return True

    def check_duplicates(self, g: Grid, rows: Sequence[Row], elements: Sequence[Any], columns: Sequence[int]) -> None:
        seen: dict[Any, int] = {}
        for row, e in zip(rows, elements, strict=False):
            if e in seen:
                self.duplicate(g, e, seen[e], row, columns[0])
            seen.setdefault(e, row_number(row))

    def duplicate(self, g: Grid, key: Sequence[Atom], first: int, row: Row, column: int) -> None:
        self.report("D205", "a key given twice", g.where(row_number(row), column),
                    f"{', '.join(map(str, key))} stands in rows {first} and {row_number(row)}",
                    fix="keep one")  # fmt: skip

    def derive_sets(self) -> None:
        """Sets without elements anywhere else: the labels of the columns that index by them."""
        for simple in (True, False):
            for long in self.longs:
                for p in long.values.values():
                    if (len(p.over) == 1) == simple:
                        self.set_from_keys(long, p)

    def set_from_long(self, name: str, long: Long) -> None:
        """A long table named after a set lists its elements."""
        for p in long.values.values():
            if len(p.over) == 1 and isinstance(p.over[0].source, Name) and p.over[0].source.name == name:
                self.set_from_keys(long, p)
                return

    def set_from_keys(self, long: Long, p: Parameter) -> None:
        slots = self.slots(p.over)
        columns = long.keys[p.name]
        for n, generator in enumerate(p.over):
            name = generator.source.name if isinstance(generator.source, Name) else ""
            s = self.sets.get(name)
            if s is None or s.elements is not None or s.name in self.values or s.over:
                continue
            own = [c for c, slot in zip(columns, slots, strict=True) if slot.generator == n]
            rows = [r for r in long.rows if all(c in r for c in own)]
            listed = [typed([self.label(long.grid, r[c]) for r in rows]) for c in own]
            elements = list(dict.fromkeys(zip(*listed, strict=True)))
            self.values[name] = [e if len(own) > 1 else e[0] for e in elements]
            self._labels.pop(name, None)

    # labels and keys -------------------------------------------------------------------------------------------------

    def label(self, g: Grid, cell: Cell) -> str:
        """A cell as a label; a date becomes ISO text with a note, an error or an uncomputed formula is reported."""
        if cell.kind == "date":
            self.note("D255", "a date taken as text", g.where(cell.row, cell.column), cell.text)
        elif cell.kind in ("error", "formula", "boolean"):
            self.report("D203", "a cell that is no label", g.where(cell.row, cell.column), str(cell.value))
        return cell.text

    def key(self, g: Grid, row: Row, columns: Sequence[int], slots: Sequence[Slot]) -> tuple[Atom, ...] | None:
        """The key of a row, its labels matched to their sets; None where something was reported."""
        out: list[Atom] = []
        for c, slot in zip(columns, slots, strict=True):
            cell = row.get(c)
            if cell is None:
                self.report("D204", "a key is missing", g.where(row_number(row), c), "an empty (or merged) cell",
                            fix="write the key in every row")  # fmt: skip
                return None
            text = self.label(g, cell)
            labels = self.labels(slot.set_name) if slot.set_name else None
            if labels is None:
                out.append(text)
                continue
            match = labels.match(text)
            if match.name is None:
                self.report(
                    "D203", f"not an element of `{slot.set_name}`", g.where(row_number(row), c), text, fix=match.fix
                )
                return None
            if match.respelled and text != str(match.name):
                self.note(
                    "D254", "labels spelled otherwise than in the set", f"{g.file}, column '{g.header.get(c, c)}'"
                )
            out.append(match.name)
        return tuple(out)

    def check_rows(self, g: Grid, rows: Sequence[Row], columns: Sequence[int]) -> None:
        """Report cells under no header."""
        for row in rows:
            for c, cell in row.items():
                if c not in columns:
                    self.report("D206", "a cell under no header", g.where(row_number(row), c), cell.text[:40],
                                f"{len(columns)} columns",
                                "quote a cell that holds the delimiter, or give the column a name"
                                )  # fmt: skip
                    break


def row_number(row: Row) -> int:
    return first_cell(row).row


def first_cell(row: Row) -> Cell:
    return next(iter(row.values()))


def singular(text: str) -> str:
    return text[:-1] if text.endswith("s") and len(text) > 2 else text
