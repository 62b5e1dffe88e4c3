"""Grids + model -> data by name: long tables, matrices, lists of elements, tables of names and values.

A *long* table has a header that names parameters; its other columns are their indices, found by the names of the sets
or of the indices in `over`, else by position where their number fits. A grid whose file or sheet is named after a
parameter may be a matrix with row and column headers, one named after a set lists its elements, and a table of two
columns may give scalar parameters by name. Everything wrong is reported with file, sheet, row and column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from nl2opt.ir.bind.tables import Records
from nl2opt.ir.datafiles.columns import read_column
from nl2opt.ir.datafiles.grid_sets import GridSets, Long, Row, Slot, first_cell, row_number, singular
from nl2opt.ir.datafiles.grids import Cell, Grid
from nl2opt.ir.datafiles.labels import Match, closest, folded, match_name, typed
from nl2opt.ir.evaluate.outcomes import shown_key
from nl2opt.ir.instance import Atom, flat
from nl2opt.ir.model import Parameter
from nl2opt.ir.nodes import Name


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a table: its key, its cell (None: empty), and where it stands or should."""

    key: tuple[Atom, ...]
    cell: Cell | None
    row: int
    column: int


class Tabular(GridSets):
    """The grids of all files on their way to data."""

    def read(self, grids: Sequence[Grid]) -> None:
        """Bind every grid; sets first, so that labels can be matched to them."""
        rest = [g for g in grids if g.rows and not self.read_long_header(g)]
        pending = [g for g in rest if not self.read_set(g)]
        self.derive_sets()
        for long in self.longs:
            self.read_long(long)
        for g in pending:
            if not self.read_parameter(g) and not self.read_scalars(g):
                self.unbound(g, alone=len([x for x in grids if x.file == g.file]) == 1)

    def unbound(self, g: Grid, alone: bool) -> None:
        """A grid that binds to nothing: an error if it is the whole file, a note beside other sheets."""
        first = ", ".join(c.text for c in g.rows[0].values())[:80]
        if alone:
            names = ", ".join([*self.sets, *self.parameters][:12])
            self.report("D202", "nothing in this table is named after a set or a parameter of the model",
                        g.where(row_number(g.rows[0])), f"header: {first}",
                        f"columns or files named {names}")  # fmt: skip
        else:
            self.note("D252", "a sheet that binds to nothing", f"{g.file} sheet '{g.sheet}'", first)

    # headers ---------------------------------------------------------------------------------------------------------

    def read_long_header(self, g: Grid) -> bool:
        """Find a header that names parameters in the first rows; titles above it get a note."""
        for n, row in enumerate(g.rows[:4]):
            named = {c: match_name(cell.text, self.parameters) for c, cell in row.items() if cell.kind == "text"}
            values = {c: m for c, m in named.items() if m.name is not None}
            if values and (len(row) > 1 or len(g.rows) > n + 1) and not self.is_scalar_table(g, n, values):
                corner = min(row) if len(row) > 2 else None
                only = self.parameters[str(next(iter(values.values())).name)]
                if any(len(above) > 1 for above in g.rows[:n]) or (list(values) == [corner] and len(only.over) == 2):
                    return False  # a matrix with its name in the corner
                for above in g.rows[:n]:
                    self.note("D253", "a title above the header", g.where(row_number(above)), first_cell(above).text)
                self.long(g, n, values)
                return True
            if len(row) > 1:
                return False
        return False

    def is_scalar_table(self, g: Grid, n: int, named: dict[int, Match]) -> bool:
        """True where the matched names stand in the first column of a table of scalar parameters."""
        scalar = [c for c, m in named.items() if not self.parameters[str(m.name)].over]
        return scalar == list(named) == [min(g.rows[n])] and len(g.rows[n]) == 2

    def long(self, g: Grid, n: int, named: dict[int, Match]) -> None:
        header = g.rows[n]
        g.header = {c: cell.text for c, cell in header.items()}
        self.headers.setdefault(g.file, []).extend(g.header.values())
        values: dict[int, Parameter] = {}
        for c, m in named.items():
            p = self.parameters[str(m.name)]
            if p in values.values():
                self.report(
                    "D205", f"the column `{p.name}` stands twice", g.where(row_number(header), c), fix="keep one"
                )
                continue
            values[c] = p
            if m.respelled:
                self.note("D254", f"taken as `{p.name}`", g.where(row_number(header), c), g.header[c])
        rows = g.rows[n + 1 :]
        if not rows:
            self.report(
                "D202", "a header and no rows", g.where(row_number(header) + 1), fix="rows of data below the header"
            )
        free = [c for c in header if c not in named]
        used: set[int] = set()
        keys: dict[str, list[int]] = {}
        for p in values.values():
            columns = self.key_columns(g, header, p, free)
            if columns is not None:
                keys[p.name] = columns
                used.update(columns)
        for c in free:
            if c not in used:
                self.note("D252", "a column that binds to nothing", g.where(row_number(header), c), g.header[c])
        self.longs.append(Long(g, rows, {c: p for c, p in values.items() if p.name in keys}, keys))
        if g.name in self.sets or match_name(g.name, self.sets).name:
            self.set_from_long(str(match_name(g.name, self.sets).name), self.longs[-1])

    def key_columns(self, g: Grid, header: Row, p: Parameter, free: list[int]) -> list[int] | None:
        """The columns of the indices of a parameter: by name, else by position."""
        slots = self.slots(p.over)
        by_name: list[int] = []
        lost: list[str] = []
        for slot in slots:
            unique = sum(s.set_name == slot.set_name for s in slots) == 1
            names = {folded(slot.index)} if slot.index else set()
            if slot.set_name and unique:
                names |= {folded(slot.set_name), singular(folded(slot.set_name))}
            hits = [c for c in free if folded(g.header[c]) in names or singular(folded(g.header[c])) in names]
            if len(hits) == 1 and hits[0] not in by_name:
                by_name.append(hits[0])
            else:
                lost.append(slot.set_name or slot.index or "an index")
        if len(by_name) == len(slots):
            for c, slot in zip(by_name, slots, strict=True):
                if g.header[c] not in (slot.set_name, slot.index) and folded(g.header[c]) == folded(slot.set_name):
                    self.note("D254", f"taken as `{slot.set_name}`", g.where(row_number(header), c), g.header[c])
            return by_name
        if len(free) == len(slots):
            return list(free)
        nearest = "; ".join(f"for {name}: {', '.join(closest(name, (g.header[c] for c in free)))}" for name in lost[:3])
        self.report("D202", f"the index columns of `{p.name}` cannot be told", g.where(row_number(header)),
                    f"columns nearest {nearest}" if nearest and free else f"{len(free)} columns beside the values",
                    f"columns for {', '.join(s.set_name or s.index or 'an index' for s in slots) or 'no index'}",
                    "name the columns after the sets")  # fmt: skip
        return None

    # tables ----------------------------------------------------------------------------------------------------------

    def read_long(self, long: Long) -> None:
        g = long.grid
        self.check_rows(g, long.rows, list(g.header))
        for column, p in long.values.items():
            keys = long.keys[p.name]
            slots = self.slots(p.over)
            entries: list[tuple[tuple[Atom, ...], Row]] = []
            seen: dict[tuple[Atom, ...], int] = {}
            for row in long.rows:
                key = self.key(g, row, keys, slots)
                if key is None:
                    continue
                if key in seen:
                    self.duplicate(g, key, seen[key], row, keys[0] if keys else column)
                    continue
                seen[key] = row_number(row)
                entries.append((key, row))
            self.check_complete(long, p, slots, seen)
            self.take(g, p, [Entry(key, row.get(column), row_number(row), column) for key, row in entries])

    def check_complete(
        self, long: Long, p: Parameter, slots: Sequence[Slot], seen: dict[tuple[Atom, ...], int]
    ) -> None:
        """Report keys of known sets that have no row."""
        if (
            p.default is not None
            or p.symmetric
            or any(o.conditions for o in p.over)
            or not all(s.single for s in slots)
        ):
            return
        sets = [self.elements(s.set_name) for s in slots]
        if not slots or any(s is None for s in sets):
            return
        known = [s for s in sets if s is not None]
        total = 1
        for s in known:
            total *= len(s)
        if len(seen) >= total or self.found:
            return
        missing = islice((k for k in product(*known) if k not in seen), 5)
        columns = ", ".join(f"'{long.grid.header[c]}'" for c in long.keys[p.name])
        self.report("D103", f"`{p.name}` has no row for every key", f"{long.grid.file}, column {columns}",
                    f"no row for {', '.join(shown_key(flat(k)) for k in missing)}",  # type: ignore[arg-type]
                    f"{total} rows", "give a row for every key, or declare a default")  # fmt: skip

    def take(self, g: Grid, p: Parameter, entries: Sequence[Entry]) -> None:
        """Cells by key -> the records of a parameter."""
        rows: list[list[Any]] = []
        places: list[str] = []
        held = [(e.key, e.cell) for e in entries if e.cell is not None]
        if p.default is None:
            for e in entries:
                if e.cell is None:
                    self.report("D204", "a value is missing", g.where(e.row, e.column), "an empty cell",
                                fix="write the value; empty is not 0")  # fmt: skip
        for (key, cell), value in zip(held, self.values_of(g, p, [c for _, c in held]), strict=True):
            rows.append([*key, value])
            places.append(g.where(cell.row, cell.column))
        records: Any = Records(rows, places)
        if not p.over:
            if len(rows) != 1:
                if rows:
                    where = g.where(entries[0].row, entries[0].column)
                    self.report("D205", f"`{p.name}` is one number", where, f"{len(rows)} rows")
                return
            records = rows[0][-1]
        self.claim(p.name, g, records, "" if p.over else places[0])

    def values_of(self, g: Grid, p: Parameter, cells: Sequence[Cell]) -> Iterator[Any]:
        """Cells -> raw values of a parameter: numbers, or labels where it is `in` a set."""
        if p.within is not None:
            name = p.within.name if isinstance(p.within, Name) else ""
            labels = self.labels(name) if name else None
            for cell in cells:
                text = self.label(g, cell)
                match = labels.match(text) if labels is not None else None
                yield match.name if match is not None and match.name is not None else text
            return
        for cell, reading in zip(cells, read_column(cells, g.delimiter == ","), strict=True):
            where = g.where(cell.row, cell.column)
            if cell.kind == "boolean" and p.type == "binary":
                yield int(cell.value)
                continue
            if reading.value is None:
                self.report("D203", "not a number", where, reading.problem, fix=reading.fix)
            elif reading.note:
                self.note("D256", reading.note, where, str(cell.value))
            elif cell.kind == "text" and g.sheet:
                self.note("D256", "a number stored as text", where, str(cell.value))
            yield reading.value if reading.value is not None else 0

    def read_parameter(self, g: Grid) -> bool:
        """A grid named after a parameter, its header naming none -> its values: a list with keys, or a matrix."""
        name = match_name(g.name, self.parameters).name
        if name is None and 0 in g.rows[0] and len(g.rows[0]) > 2:
            name = match_name(g.rows[0][0].text, self.parameters).name
        if name is None:
            return False
        p = self.parameters[str(name)]
        slots = self.slots(p.over)
        header, rows = g.rows[0], g.rows[1:]
        width = max(max(r) for r in g.rows) + 1
        if not slots and len(g.rows) == 1 and len(header) == 1:
            self.take(g, p, [Entry((), first_cell(header), row_number(header), 0)])
        elif len(slots) == 2 and (width != 3 or self.is_matrix(g, slots)):
            self.matrix(g, p, slots)
        elif width == len(slots) + 1:
            g.header = {c: cell.text for c, cell in header.items()}
            self.longs.append(Long(g, rows, {width - 1: p}, {p.name: list(range(width - 1))}))
            self.read_long(self.longs[-1])
        else:
            self.report("D202", f"the table of `{p.name}` has {width} columns", g.where(row_number(header)),
                        expected=f"{len(slots)} index columns and one of values")  # fmt: skip
        return True

    def is_matrix(self, g: Grid, slots: Sequence[Slot]) -> bool:
        """A table of three columns: a matrix of two, where the corner is empty or the header holds elements."""
        header = g.rows[0]
        labels = self.labels(slots[1].set_name) if slots[1].set_name else None
        if 0 not in header or labels is None:
            return 0 not in header
        return all(labels.match(cell.text).name is not None for c, cell in header.items() if c > 0)

    def matrix(self, g: Grid, p: Parameter, slots: Sequence[Slot]) -> None:
        """Row headers down the first column, column headers along the first row."""
        header = g.rows[0]
        columns = [c for c in header if c > 0]
        g.header = {c: header[c].text for c in columns}
        self.headers.setdefault(g.file, []).extend(g.header.values())
        for slot, texts in ((slots[0], [r[0].text for r in g.rows[1:] if 0 in r]), (slots[1], list(g.header.values()))):
            s = self.sets.get(slot.set_name)
            if s is not None and s.elements is None and s.name not in self.values:
                self.values[s.name] = list(dict.fromkeys(typed(texts)))
                self._labels.pop(s.name, None)
        self.check_rows(g, g.rows[1:], [0, *columns])
        labels = {c: self.key(g, header, [c], slots[1:]) for c in columns}
        cells: list[Entry] = []
        seen: dict[tuple[Atom, ...], int] = {}
        for row in g.rows[1:]:
            first = self.key(g, row, [0], slots[:1])
            for c in columns:
                second = labels[c]
                if first is None or second is None:
                    continue
                key = (*first, *second)
                if key in seen:
                    self.duplicate(g, key, seen[key], row, c)
                    continue
                seen[key] = row_number(row)
                cells.append(Entry(key, row.get(c), row_number(row), c))
        self.take(g, p, cells)

    def read_scalars(self, g: Grid) -> bool:
        """A table of two columns, names and values of scalar parameters."""
        scalars = [p.name for p in self.model.parameters if not p.over]
        if any(len(r) != 2 or len({*r} | {*g.rows[0]}) != 2 for r in g.rows) or not scalars:
            return False
        pairs = [tuple(r[c] for c in sorted(r)) for r in g.rows]
        matches = [match_name(name.text, scalars) for name, _ in pairs]
        if not any(m.name is not None for m in matches):
            return False
        for i, ((name, value), m) in enumerate(zip(pairs, matches, strict=True)):
            if m.name is None:
                if i > 0:
                    self.report("D202", "unknown to the model", g.where(name.row, name.column), name.text, fix=m.fix)
                continue
            if m.name in self.values:
                self.report("D205", f"`{m.name}` is given twice", g.where(name.row, name.column), fix="keep one")
                continue
            self.take(g, self.parameters[str(m.name)], [Entry((), value, value.row, value.column)])
        return True
