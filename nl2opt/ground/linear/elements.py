"""Set elements as arrays: labels as codes, integers as themselves, tuples by coordinate; and finding them by value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from nl2opt.ir.instance import Atom, SetValue
from nl2opt.ir.model import Element

Ints = npt.NDArray[np.int64]
_DENSE = 1 << 24


class Atoms:
    """Labels of one grounding and their codes, which count up from 0."""

    def __init__(self) -> None:
        self.code: dict[str, int] = {}
        self.labels: list[str] = []

    def encode(self, atoms: Sequence[Atom]) -> tuple[Ints, bool]:
        """Labels or integers -> (codes or values, are they labels)."""
        if not atoms or isinstance(atoms[0], int):
            return np.fromiter(atoms, np.int64, len(atoms)), False
        get, code = self.code.get, self.code
        out = np.empty(len(atoms), np.int64)
        for n, a in enumerate(atoms):
            k = get(a)  # type: ignore[arg-type]
            if k is None:
                k = code[a] = len(code)  # type: ignore[index]
                self.labels.append(a)  # type: ignore[arg-type]
            out[n] = k
        return out, True

    def label(self, text: str) -> int:
        """A label -> its code."""
        return int(self.encode((text,))[0][0])


class Elements:
    """Elements in order: one column a coordinate. `distinct`: no element twice."""

    def __init__(self, columns: tuple[Ints, ...], labels: tuple[bool, ...], atoms: Atoms) -> None:
        self.columns = columns
        self.labels = labels
        self.atoms = atoms

    @staticmethod
    def of_set(s: SetValue, atoms: Atoms) -> Elements:
        """A bound set -> arrays; those of integers are kept by the set."""
        table = s.integers
        if table is None:
            return Elements.of(s.elements, atoms)
        columns = tuple(np.ascontiguousarray(table[:, k]) for k in range(table.shape[1]))
        return Elements(columns, (False,) * len(columns), atoms)

    @staticmethod
    def of(elements: Sequence[Element], atoms: Atoms) -> Elements:
        """Python elements -> arrays."""
        if elements and isinstance(elements[0], tuple):
            arity = len(elements[0])
            if all(isinstance(x, int) for x in elements[0]):
                flat = np.fromiter(chain.from_iterable(elements), np.int64, arity * len(elements))  # type: ignore[arg-type]
                table = flat.reshape(len(elements), arity)
                return Elements(tuple(np.ascontiguousarray(table[:, k]) for k in range(arity)), (False,) * arity, atoms)
            encoded = [atoms.encode(c) for c in zip(*elements, strict=True)]
        else:
            encoded = [atoms.encode(elements)]  # type: ignore[arg-type]
        return Elements(tuple(c for c, _ in encoded), tuple(is_label for _, is_label in encoded), atoms)

    def __len__(self) -> int:
        return len(self.columns[0])

    @property
    def arity(self) -> int:
        """Coordinates of an element."""
        return len(self.columns)

    @cached_property
    def index(self) -> Index:
        """The places of the elements by value."""
        return Index(self.columns)

    def element(self, place: int) -> Element:
        """A place -> the element as the person wrote it."""
        atoms: list[Any] = [
            self.atoms.labels[c[place]] if is_label else int(c[place])
            for c, is_label in zip(self.columns, self.labels, strict=True)
        ]
        return atoms[0] if len(atoms) == 1 else tuple(atoms)

    def python(self) -> list[Element]:
        """Every element as the person wrote it, in order."""
        columns: list[list[Any]] = []
        for c, is_label in zip(self.columns, self.labels, strict=True):
            values = c.tolist()
            columns.append([self.atoms.labels[v] for v in values] if is_label else values)
        return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))


class Column:
    """Values of one coordinate -> dense codes 0..count-1; -1 for a value that is not there."""

    def __init__(self, values: Ints) -> None:
        n = len(values)
        low = int(values.min()) if n else 0
        high = int(values.max()) if n else -1
        self.low, self.count = low, high - low + 1
        self.sorted: Ints | None = None
        self.rank: Ints | None = None
        if self.count == n and n and bool((values == np.arange(low, high + 1)).all()):
            return
        unique = np.unique(values)
        if self.count <= 4 * n + 1024:
            self.rank = np.full(self.count, -1, np.int64)
            self.rank[unique - low] = np.arange(len(unique))
        else:
            self.sorted = unique
        self.count = len(unique)

    def codes(self, values: npt.NDArray[Any]) -> Ints:
        """Values of any shape -> codes."""
        if self.sorted is not None:
            place = np.searchsorted(self.sorted, values)
            place = np.minimum(place, len(self.sorted) - 1)
            return np.where(self.sorted[place] == values, place, -1)
        span = self.count if self.rank is None else len(self.rank)
        shifted = np.asarray(values - self.low, dtype=np.int64)
        inside = (shifted >= 0) & (shifted < span)
        if self.rank is None:
            return shifted if inside.all() else np.where(inside, shifted, -1)
        return np.where(inside, self.rank[np.where(inside, shifted, 0)], -1) if span else np.full(shifted.shape, -1)


class Index:
    """Rows of columns -> their place, by value."""

    def __init__(self, columns: Sequence[Ints]) -> None:
        self.columns = [Column(c) for c in columns]
        self.strides: list[int] = []
        span = 1
        for c in reversed(self.columns):
            self.strides.insert(0, span)
            span *= max(c.count, 1)
        self.table: Ints | None = None
        self.keys: Ints | None = None
        self.places: Ints | None = None
        codes = sum((c.codes(v) * s for c, v, s in zip(self.columns, columns, self.strides, strict=True)), np.int64(0))
        n = len(columns[0])
        if span <= max(_DENSE, 8 * n):
            self.table = np.full(span, -1, np.int64)
            self.table[codes] = np.arange(n)
        else:
            self.places = np.argsort(codes)
            self.keys = np.asarray(codes)[self.places]

    def find(self, values: Iterable[npt.NDArray[Any]]) -> Ints:
        """Columns of values that broadcast together -> places; -1 where there is no such row."""
        packed: Any = np.int64(0)
        bad: Any = False
        for c, v, s in zip(self.columns, values, self.strides, strict=True):
            code = c.codes(v)
            bad = bad | (code < 0)
            packed = packed + code * s
        packed = np.where(bad, 0, packed)
        if self.table is not None:
            return np.where(bad, -1, self.table[packed]) if len(self.table) else np.full(np.shape(packed), -1)
        assert self.keys is not None and self.places is not None
        if not len(self.keys):
            return np.full(np.shape(packed), -1)
        place = np.minimum(np.searchsorted(self.keys, packed), len(self.keys) - 1)
        return np.where(bad | (self.keys[place] != packed), -1, self.places[place])
