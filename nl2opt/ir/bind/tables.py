"""Raw values of one parameter -> ParameterValue: dense lists and arrays, keyed maps, rows; what is wrong is listed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from nl2opt.errors import Diagnostic
from nl2opt.ir import limits
from nl2opt.ir.bind.elements import coordinate_kinds, fit, fit_key, read_arithmetic, read_number
from nl2opt.ir.evaluate.outcomes import shown_key
from nl2opt.ir.instance import Domain, Key, ParameterValue, SetValue, flat
from nl2opt.ir.model import Element, NumberType
from nl2opt.ir.spelling import nearest

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Records:
    """Rows of a parameter read from a file: ``rows`` [key ..., value], ``places`` names the file and cell of each."""

    rows: Sequence[Sequence[Any]]
    places: Sequence[str]


class TableReader:
    """One parameter's raw values on their way to a ParameterValue; reports through ``found``."""

    def __init__(
        self, name: str, domain: Domain, kind: NumberType, symmetric: bool, found: list[Diagnostic],
        within: Callable[[Key], SetValue] | None, default: Callable[[Key], Any] | None,
    ) -> None:  # fmt: skip
        self.name = name
        self.domain = domain
        self.kind = kind
        self.symmetric = symmetric
        self.found = found
        self.within = within
        self.default = default
        self.misshapen = False
        self.cells: dict[Key, str] = {}
        self.problems: dict[tuple[str, str, str], list[str]] = {}

    def read(self, raw: Any) -> ParameterValue | None:
        """Data in any of the forms -> the value; None where something was reported."""
        if (
            isinstance(raw, np.ndarray)
            and raw.dtype.kind in ("iufb" if self.kind == "binary" else "iuf")
            and self.within is None
        ):
            value = self.array(raw)
        else:
            given = self.given(raw.tolist() if isinstance(raw, np.ndarray) else raw)
            value = given if isinstance(given, ParameterValue | None) else self.complete(given)
        self.report()
        return value if not self.problems and not self.misshapen else None

    def report(self) -> None:
        for (code, message, fix), items in self.problems.items():
            more = f", ... ({len(items)} in all)" if len(items) > _SHOWN else ""
            self.found.append(
                Diagnostic(code, message, f"parameter `{self.name}`", ", ".join(items[:_SHOWN]) + more, fix=fix)
            )

    def problem(self, code: str, message: str, item: str, fix: str = "") -> None:
        self.problems.setdefault((code, message, fix), []).append(item)

    def place(self, key: Key) -> str:
        return f"{self.name}{shown_key(key)}"

    def cell(self, key: Key) -> str:
        """The cell a value was read from, to be said behind it; '' where none is known."""
        return f" ({self.cells[key]})" if key in self.cells else ""

    # forms -----------------------------------------------------------------------------------------------------------

    def given(self, raw: Any) -> dict[Key, Any] | ParameterValue | None:
        """Raw data -> key -> raw value, or a finished value for plain numbers."""
        if not self.domain.axes and not isinstance(raw, Records):
            if isinstance(raw, list | tuple | Mapping):
                self.shape_error(_shape(raw))
                return None
            return {(): raw}
        if isinstance(raw, Records):
            return self.keyed(((tuple(r[:-1]), r[-1], p) for r, p in zip(raw.rows, raw.places, strict=True)))
        if isinstance(raw, Mapping):
            if set(raw) == {"rows"} and isinstance(raw["rows"], list):
                return self.rows(raw["rows"])
            axes = self.domain.axes if self.domain.dense and self.domain.arity == len(self.domain.axes) else ()
            return self.keyed((k, v, "") for k, v in _entries(raw, (), self.domain.arity, axes))
        if isinstance(raw, list | tuple):
            return self.listed(raw)
        self.shape_error(None, raw)
        return None

    def listed(self, raw: Sequence[Any]) -> dict[Key, Any] | ParameterValue | None:
        """A list: dense in set order where the shape fits, else rows."""
        shape = self.domain.shape
        values = _flattened(raw, shape)
        if values is not None and all(isinstance(v, list | tuple) for v in values) and values:
            values = None
        if values is None and not self.domain.dense:
            flat_values = _flattened(raw, (len(self.domain),))
            if flat_values is not None and not any(isinstance(v, list | tuple) for v in flat_values):
                return dict(zip(self.domain.keys, flat_values, strict=True))
        if values is None:
            if raw and all(isinstance(r, list | tuple) and len(r) == self.domain.arity + 1 for r in raw):
                wanted = coordinate_kinds(self.domain.axes)
                if any(fit_key(tuple(r[:-1]), wanted) in self.domain.position for r in raw):
                    return self.rows(raw)
            self.shape_error(_shape(raw), raw)
            return None
        if not self.domain.dense:
            return {
                k: v for k, v in zip(Domain(self.domain.axes).keys, values, strict=True) if k in self.domain.position
            }
        if self.within is None and set(map(type, values)) <= {int, float} and values:
            try:
                return self.array(np.array(values, dtype=np.float64), exact_source=values)
            except OverflowError:
                pass
        return dict(zip(self.domain.keys, values, strict=True))

    def rows(self, raw: Sequence[Any]) -> dict[Key, Any] | None:
        for row in raw:
            if not isinstance(row, list | tuple) or len(row) < 2:
                self.problem("D105", "a row is [key ..., value]", repr(row)[:60])
                return None
        return self.keyed((tuple(row[:-1]), row[-1], "") for row in raw)

    def keyed(self, entries: Iterator[tuple[tuple[Any, ...], Any, str]]) -> dict[Key, Any]:
        """Keyed entries -> key -> raw value; keys that are none, or come twice, are reported."""
        wanted = coordinate_kinds(self.domain.axes)
        out: dict[Key, Any] = {}
        for raw_key, value, place in entries:
            coordinates = tuple(c for part in raw_key for c in (part if isinstance(part, list | tuple) else (part,)))
            key = fit_key(coordinates, wanted)
            at = f" ({place})" * bool(place)
            if key is None and len(coordinates) != len(wanted):
                self.problem("D104", f"a key of `{self.name}` has {len(wanted)} coordinates",
                             f"{shown_key(coordinates)}{at}")  # fmt: skip
            elif key is None or key not in self.domain.position:
                self.problem("D104", f"not a key of `{self.name}`", f"{shown_key(key or coordinates)}{at}",
                             self.suggestion(key))  # fmt: skip
            elif key in out:
                self.problem("D106", "a key given twice", f"{self.place(key)}{at}", "keep one")
            else:
                out[key] = value
                if place:
                    self.cells[key] = place
        if self.symmetric:
            for (i, j), value in list(out.items()):
                if (j, i) in self.domain.position:
                    out.setdefault((j, i), value)
        return out

    def suggestion(self, key: Key | None) -> str:
        """The nearest spelling of the first coordinate that is in no axis."""
        if key is None:
            return ""
        for n, atom in enumerate(key):
            known = {k[n] for k in self.domain.keys[:100_000]}
            if atom not in known:
                return nearest(str(atom), map(str, known))
        return ""

    def shape_error(self, found: tuple[int, ...] | None, raw: Any = None) -> None:
        """Report data of the wrong shape."""
        expected = "one number" if not self.domain.axes else f"{_spelled(self.domain.shape)} values"
        sets = " x ".join(a.name or "{...}" for a in self.domain.axes)
        got = f"{_spelled(found)} values" if found is not None else f"one value, {raw!r:.40}"
        got = _ragged(raw) or got
        self.found.append(Diagnostic("D105", "data of the wrong shape", f"parameter `{self.name}`", got,
                                     f"{expected} ({sets})" if sets else expected))  # fmt: skip
        self.misshapen = True

    # values ----------------------------------------------------------------------------------------------------------

    def array(self, raw: Any, exact_source: Sequence[int | float] | None = None) -> ParameterValue | None:
        """A numeric array -> the value without making a fraction of any number."""
        expected = self.domain.shape
        if exact_source is None and raw.shape != expected:
            if not self.domain.dense and raw.shape == (len(self.domain),):
                expected = raw.shape
            else:
                self.shape_error(raw.shape)
                return None
        elif not self.domain.dense and raw.shape == self.domain.shape:
            full = Domain(self.domain.axes)
            raw = raw.ravel()[[full.position[k] for k in self.domain.keys]]
        if raw.dtype == np.float32 or raw.dtype == np.float16:
            raw = np.array([float(str(v)) for v in raw.ravel()])  # the shortest decimal of the narrow float
        if raw.dtype.kind in "iu" and raw.size and max(int(raw.max()), -int(raw.min())) > limits.EXACT_INTEGER:
            self.problem("D112", "numbers beyond 2^53", self.name, "scale the unit")
            return None
        values = np.array(raw, dtype=np.float64).ravel()
        bad = ~np.isfinite(values) | (np.abs(values) > limits.EXACT_INTEGER)
        self.array_problems(bad, values, "D107", "not a finite number within 2^53",
                            _LIMITLESS if np.isinf(values).any() else "")  # fmt: skip
        if self.kind != "real":
            wrong = (values != np.floor(values)) if self.kind == "integer" else (values != 0) & (values != 1)
            self.array_problems(wrong & ~bad, values, "D109", _TYPE_MESSAGES[self.kind])
        return ParameterValue(self.domain, array=values)

    def array_problems(self, bad: Any, values: Any, code: str, message: str, fix: str = "") -> None:
        for i in np.flatnonzero(bad)[: _SHOWN + 1]:
            self.problem(code, message, f"{self.place(self.domain.keys[int(i)])} = {float(values[i])!r}", fix)

    def complete(self, given: Mapping[Key, Any]) -> ParameterValue | None:
        """Key -> raw value, with defaults for the rest -> the value."""
        read: list[Any] = []
        for key in self.domain.keys:
            raw = given.get(key)
            if raw is None and self.default is not None:
                raw = self.default(key)
            if raw is None:
                message = "a value is missing" if not key else "keys without a value"
                self.problem("D103", message, self.place(key), "give a value for every key, or declare a default")
                continue
            read.append(self.element(raw, key) if self.within is not None else self.number(raw, key))
        if self.problems:
            return None
        if self.within is not None:
            return ParameterValue(self.domain, elements=tuple(read))
        return ParameterValue(self.domain, exact=tuple(read))

    def number(self, raw: Any, key: Key) -> Fraction:
        value = read_number(raw) if not isinstance(raw, bool | np.bool_) or self.kind == "binary" else None
        if value is None and isinstance(raw, str) and not _numeric(raw) and key not in self.cells:
            value = read_arithmetic(raw)
        if value is None:
            text = f"{raw!r:.40}" if not isinstance(raw, str) else f"the text {raw!r:.40}"
            fix = "write the number without quotes" if isinstance(raw, str) and _numeric(raw) else ""
            fix = _LIMITLESS if _infinite(raw) else fix
            self.problem("D107", "not a number", f"{self.place(key)} is {text}{self.cell(key)}", fix)
            return Fraction(0)
        if abs(value) > limits.EXACT_INTEGER:
            self.problem("D112", "a number beyond 2^53", f"{self.place(key)} = {float(value):g}{self.cell(key)}",
                         "scale the unit")  # fmt: skip
        if (self.kind == "integer" and value.denominator != 1) or (self.kind == "binary" and value not in (0, 1)):
            self.problem("D109", _TYPE_MESSAGES[self.kind], f"{self.place(key)} = {float(value):g}{self.cell(key)}")
        return value

    def element(self, raw: Any, key: Key) -> Element:
        assert self.within is not None
        allowed = self.within(key)
        element = fit(raw, allowed)
        if element is None:
            name = f"the set `{allowed.name}`" if allowed.name else "its set"
            self.problem("D108", f"not an element of {name}", f"{self.place(key)} is {raw!r:.40}{self.cell(key)}",
                         nearest(str(raw), (str(e) for e in allowed)))  # fmt: skip
            return ""
        return element


_TYPE_MESSAGES: dict[NumberType, str] = {
    "real": "",
    "integer": "not a whole number, but the type is integer",
    "binary": "not 0 or 1, but the type is binary",
}  # fmt: skip


_LIMITLESS = "data are finite: leave the key out, and state the limit for the subset that has one"


def _infinite(raw: Any) -> bool:
    text = str(raw).strip().lstrip("+-").lower() if isinstance(raw, str | float) else ""
    return text in ("inf", "infinity", "\u221e")


def _entries(
    raw: Any, key: tuple[Any, ...], arity: int, axes: Sequence[SetValue]
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Nested maps, and lists under them, -> key, raw value. A list stands in the order of its axis, if there is one."""
    if isinstance(raw, Mapping) and len(key) < arity:
        for k, v in raw.items():
            yield from _entries(v, (*key, *(k if isinstance(k, tuple) else (k,))), arity, axes)
    elif isinstance(raw, list | tuple) and len(key) < arity:
        order = axes[len(key)].elements if axes else ()
        for n, v in enumerate(raw):
            yield from _entries(v, (*key, order[n] if n < len(order) else n), arity, axes)
    else:
        yield key, raw


def _flattened(raw: Any, shape: tuple[int, ...]) -> list[Any] | None:
    """Nested lists -> their values row by row; None where a length differs from ``shape``."""
    level = [raw]
    for n in shape:
        if any(not isinstance(r, list | tuple) or len(r) != n for r in level):
            return None
        level = [x for r in level for x in r]
    return level


def _shape(raw: Any) -> tuple[int, ...]:
    shape: list[int] = []
    while isinstance(raw, list | tuple | Mapping):
        shape.append(len(raw))
        raw = next(iter(raw.values() if isinstance(raw, Mapping) else raw), None)
    return tuple(shape)


def _ragged(raw: Any) -> str:
    """Lists of different lengths beside each other -> their lengths; '' where there are none."""
    level = [raw]
    while level and all(isinstance(r, list | tuple) for r in level):
        lengths = [len(r) for r in level]
        if len(set(lengths)) > 1:
            return f"lists of {', '.join(map(str, lengths[:6]))} values"
        level = [x for r in level[:1000] for x in r[:1000]]
    return ""


def _spelled(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) if shape else "1"


def _numeric(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


__all__ = ["Records", "TableReader", "flat"]
