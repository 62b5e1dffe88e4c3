"""Instance, rewritten Model -> LinearProgram: flat arrays a solver takes in one call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from nl2opt.errors import Diagnostic, LimitExceeded, Unsupported
from nl2opt.ground.linear import propagation
from nl2opt.ground.linear.affine import MINUS, Term, Variables, affine, scaled
from nl2opt.ground.linear.axes import Array, Frame
from nl2opt.ground.linear.binding import bind
from nl2opt.ground.linear.by_column import matrix_by_column
from nl2opt.ground.linear.constants import Constants
from nl2opt.ground.linear.families import Family
from nl2opt.ground.linear.granularity import step_values
from nl2opt.ground.linear.rows import arranged, make_block
from nl2opt.ground.size import check_size
from nl2opt.ir import limits
from nl2opt.ir.instance import Instance, Key
from nl2opt.ir.model import Constraint, Model, Objective, Sense
from nl2opt.ir.nodes import Compare, Expr
from nl2opt.ir.text import print_expression
from nl2opt.passes.declared import Indicator, InferredStep
from nl2opt.passes.told import inside, told_of
from nl2opt.passes.unsupported import UNSUPPORTED

Floats = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Ints = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Columns:
    """The variables: bounds, and 1 where whole; ``first`` is where each family's columns begin."""

    lower: Floats
    upper: Floats
    integrality: Int32
    first: dict[str, int]
    families: dict[str, Family]

    def __len__(self) -> int:
        return len(self.lower)

    def part(self, name: str) -> slice:
        """A variable family -> its columns."""
        return slice(self.first[name], self.first[name] + self.families[name].size)


@dataclass(frozen=True)
class RowFamily:
    """The rows of one constraint, in the order of its bindings."""

    name: str
    first: int
    frame: Frame

    @property
    def count(self) -> int:
        """Number of rows."""
        return self.frame.size


@dataclass(frozen=True)
class Goal:
    """One objective over the columns."""

    sense: Sense
    priority: int
    cost: Floats
    offset: float


@dataclass(frozen=True)
class LinearProgram:
    """lower <= A x <= upper, objectives in order of priority.

    A is ``start``, ``index``, ``value`` by rows, or by columns where that is cheaper (``by_row`` False).
    """

    columns: Columns
    start: Int32
    index: Int32
    value: Floats
    lower: Floats
    upper: Floats
    rows: tuple[RowFamily, ...]
    goals: tuple[Goal, ...]
    constants: Constants
    by_row: bool = True

    @property
    def is_mip(self) -> bool:
        """True where some variable is whole."""
        return bool(self.columns.integrality.any())

    def entries(self) -> tuple[Ints, Ints, Floats]:
        """Every entry: its row, column and value."""
        major = np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))
        return (major, self.index, self.value) if self.by_row else (self.index, major, self.value)

    def bindings(self, family: RowFamily) -> list[Key]:
        """A constraint's rows -> the elements bound in each."""
        frame = family.frame
        parts = [c for name in frame.names for c in self.constants.coordinates(frame.name(name))]
        columns = []
        for p in parts:
            data = np.broadcast_to(frame.expand(p, frame.axes), frame.shape).reshape(-1).tolist()
            columns.append([self.constants.atoms.labels[v] for v in data] if p.kind == "label" else data)
        return list(zip(*columns, strict=True)) if columns else [()] * frame.size

    @cached_property
    def nonzeros(self) -> int:
        """Number of entries of the matrix."""
        return len(self.index)


def ground(instance: Instance, model: Model | None = None) -> LinearProgram:
    """An instance and a model its model was rewritten to (None: itself) -> arrays.

    Raises Unsupported where the model is not affine, LimitExceeded before memory is used for more than
    limits.GROUNDED_TERMS entries, EvaluationError where a constant is undefined.
    """
    check_size(instance, filters=False)  # filtered rows are counted below, each before it is made
    with told_of(instance.model):
        return _grounded(instance, model)


def _grounded(instance: Instance, model: Model | None) -> LinearProgram:
    constants = Constants(instance, model)
    variables = Variables(constants)
    _check_columns(variables)
    infer(constants, variables)
    columns = make_columns(variables)
    rows: list[Rows] = []
    total = 0
    for c in constants.model.constraints:
        rows.append(_rows(c, variables, total))
        total += rows[-1].size
    by_column = matrix_by_column([(r.frame, r.terms) for r in rows], variables)
    starts, index, value = by_column if by_column is not None else _by_row(rows)
    families: list[RowFamily] = []
    first = 0
    for r in rows:
        families.append(RowFamily(r.name, first, r.frame))
        first += r.frame.size
    program = LinearProgram(
        columns,
        starts.astype(np.int32),
        index,
        value,
        np.concatenate([r.lower for r in rows]) if rows else np.zeros(0),
        np.concatenate([r.upper for r in rows]) if rows else np.zeros(0),
        tuple(families),
        tuple(_goal(o, variables) for o in sorted(constants.model.objectives, key=lambda o: -o.priority)),
        constants,
        by_column is None,
    )
    _check_finite(program)
    return program


def _check_columns(variables: Variables) -> None:
    """Refuse more columns than terms are allowed: the binaries a rewrite gives every element of large sets."""
    if variables.count <= limits.GROUNDED_TERMS:
        return
    name, family = max(variables.families.items(), key=lambda f: f[1].size)
    item = variables.constants.model.symbols[name]
    told = item.variable if isinstance(item, Indicator) else name
    each = f", one for each element of `{told}`" if told != name else ""
    raise LimitExceeded(
        Diagnostic(
            "V114",
            "the grounded model is too large",
            f"variable `{told}`",
            f"{family.size:,} columns of {variables.count:,}{each}",
            f"at most {limits.GROUNDED_TERMS:,} columns",
            "fewer elements, or `--solver cpsat`, which needs no column for each of them",
        )
    )


def _by_row(rows: list[Rows]) -> tuple[Ints, Int32, Floats]:
    """The matrix by rows, each constraint written into its part of the final arrays."""
    blocks = [make_block(r.terms, r.frame) for r in rows]
    total = sum(b.entries for b in blocks)
    index, value = np.empty(total, np.int32), np.empty(total)
    starts: list[Ints] = []
    at = 0
    for b in blocks:
        n = b.frame.size
        if isinstance(b.counts, int):
            starts.append(np.arange(at, at + n * b.counts, b.counts) if b.counts else np.full(n, at))
        else:
            starts.append(at + np.cumsum(b.counts) - b.counts)
        b.write(index[at : at + b.entries], value[at : at + b.entries])
        at += b.entries
    return np.concatenate([*starts, [at]]), index, value


def _check_finite(program: LinearProgram) -> None:
    """An infinite coefficient is a big-M without propagation."""
    k = program.constants
    if not k.inferred or np.isfinite(program.value).all():
        return
    rows, _, values = program.entries()
    row = int(rows[~np.isfinite(values)].min())
    name = next(f.name for f in program.rows if f.first <= row < f.first + f.count)
    raise propagation.unbounded(name, k.model, k)


def infer(constants: Constants, variables: Variables | None = None) -> None:
    """Give every `InferredStep` and `InferredBound` its value, these by propagation over the rows that need none."""
    model = constants.model
    constants.inferred.update(
        {p.name: step_values(p, constants) for p in model.parameters if isinstance(p, InferredStep)}
    )
    asked = propagation.inferred_bounds(model)
    if not asked:
        return
    variables = variables if variables is not None else Variables(constants)
    names = propagation.dependent(model)
    columns = make_columns(variables, without=names)
    rows: list[Rows] = []
    total = 0
    for c in model.constraints:
        if not propagation.depends(c, names):
            rows.append(_rows(c, variables, total))
            total += rows[-1].size
    starts, index, value = _by_row(rows)
    used = value != 0
    entries = propagation.Rows(
        np.repeat(np.arange(len(starts) - 1), np.diff(starts))[used],
        index[used],
        value[used],
        np.concatenate([r.lower for r in rows]) if rows else np.zeros(0),
        np.concatenate([r.upper for r in rows]) if rows else np.zeros(0),
    )
    low, high = propagation.propagate(entries, columns.lower, columns.upper, columns.integrality.astype(bool))
    constants.inferred.update(
        {p.name: propagation.values(p, low[columns.part(p.variable)], high[columns.part(p.variable)]) for p in asked}
    )


def make_columns(variables: Variables, without: frozenset[str] = frozenset()) -> Columns:
    """Variable families -> bounds and integrality of every column; bounds that mention ``without`` are left open."""
    k = variables.constants
    lower, upper = np.zeros(variables.count), np.full(variables.count, np.inf)
    integrality = np.zeros(variables.count, np.int32)
    for v in k.model.variables:
        family, frame = k.domain(v)
        part = slice(variables.first[v.name], variables.first[v.name] + family.size)
        if v.type != "real":
            integrality[part] = 1
        for side, bound, default in ((lower, v.lower, 0.0), (upper, v.upper, 1.0 if v.type == "binary" else np.inf)):
            if side is upper and default == 1.0:
                side[part] = default
            if bound is not None and without and propagation.mentions(bound) & without:
                side[part] = -np.inf if side is lower else default
            elif bound is not None:
                side[part].reshape(frame.shape)[...] = frame.expand(k.number(bound, frame), frame.axes)
        if v.type == "binary" and (v.lower is not None or v.upper is not None):
            lower[part], upper[part] = np.maximum(lower[part], 0), np.minimum(upper[part], 1)
    return Columns(lower, upper, integrality, variables.first, variables.families)


@dataclass(frozen=True)
class Rows:
    """The rows of one constraint: their bindings, terms and bounds; ``size`` counts the terms."""

    name: str
    frame: Frame
    terms: list[Term]
    lower: Floats
    upper: Floats
    size: int


def _rows(c: Constraint, variables: Variables, before: int) -> Rows:
    """One constraint -> its rows. Errors name it."""
    with inside(f"constraint `{c.name}`"):
        return _rows_of(c, variables, before)


def _rows_of(c: Constraint, variables: Variables, before: int) -> Rows:
    """A constraint -> its rows."""
    e = c.expr
    if not isinstance(e, Compare) or e.op not in ("<=", ">=", "=="):
        raise Unsupported(Diagnostic("E603", "a constraint that is no linear comparison", f"constraint `{c.name}`",
                                     print_expression(e), UNSUPPORTED["this condition"]))  # fmt: skip
    where = f"constraint `{c.name}`"
    try:
        frame = bind(variables.constants, Frame(), c.over)
        left, right = affine(e.left, frame, variables), affine(e.right, frame, variables)
    except LimitExceeded as limit:
        raise LimitExceeded(replace(d, where=d.where or where) for d in limit.diagnostics) from None
    moved = scaled(right, MINUS, frame)
    terms = [*left.terms, *moved.terms]
    size = sum(t.size for t in terms)
    if before + size > limits.GROUNDED_TERMS:
        found = f"{frame.size:,} rows with {size:,} terms" + (f", after {before:,} of earlier ones" if before else "")
        expected = f"at most {limits.GROUNDED_TERMS:,} terms"
        raise LimitExceeded(
            Diagnostic(
                "V114",
                "the grounded model is too large",
                where,
                found,
                expected,
                "filter the bindings, or aggregate the data",
            )
        )
    dims, (x, y) = frame.aligned(right.constant, left.constant)
    bound = np.ascontiguousarray(frame.full(Array(np.asarray(x - y, dtype=np.float64), dims), frame.axes)).reshape(-1)
    free = np.full(frame.size, np.inf)
    lower = bound if e.op in (">=", "==") else -free
    upper = bound if e.op in ("<=", "==") else free
    return Rows(c.name, frame, terms, lower, upper, size)


def _goal(o: Objective, variables: Variables) -> Goal:
    """An objective -> its cost of every column."""
    return Goal(o.sense, o.priority, *linear_cost(o.expr, variables))


def linear_cost(e: Expr, variables: Variables) -> tuple[Floats, float]:
    """An affine expression without bindings -> cost of every column, offset."""
    found = affine(e, Frame(), variables)
    cost = np.zeros(variables.count)
    for t in found.terms:
        _add_cost(cost, t)
    return cost, float(found.constant.data)


def _add_cost(cost: Floats, t: Term) -> None:
    axes = t.frame.axes
    shape = t.frame.shape
    if t.product is not None and len(t.product) == len(axes):
        part = cost[t.first : t.first + t.size].reshape(tuple(a.size for a in t.product))
        part += arranged(t.coefficient.data, t.coefficient.dims, t.product)
        return
    values = np.broadcast_to(t.frame.expand(t.coefficient, axes), shape)
    if set(t.frame.origins) <= t.settled and t.size:
        cost[np.broadcast_to(t.frame.expand(t.column, axes), shape)] += values
        return
    columns = np.broadcast_to(t.frame.expand(t.column, axes), shape).reshape(-1)
    np.add.at(cost, columns, values.reshape(-1))
