"""Model, pipeline -> Model and the way back: the rewrites in their order.

`MILP` leaves linear comparisons between numbers. What a pipeline makes is still an indexed model: new variables and
big-M's are families over the bindings in scope, named after the constraint they serve. `outputs` belong to the source
model, which the referee evaluates, and are left out.
"""

from __future__ import annotations

from dataclasses import replace

from nl2opt.ir.instance import Point
from nl2opt.ir.model import Model
from nl2opt.passes.comparison_to_big_m import comparison_to_big_m
from nl2opt.passes.expand_all_different import expand_all_different
from nl2opt.passes.expand_arrays import expand_arrays
from nl2opt.passes.expand_circuits import expand_circuits
from nl2opt.passes.expand_elements import expand_elements
from nl2opt.passes.expand_intervals import expand_intervals
from nl2opt.passes.expand_memberships import expand_memberships
from nl2opt.passes.expand_variables_in_sets import expand_variables_in_sets
from nl2opt.passes.features import Feature, features
from nl2opt.passes.inline_expressions import inline_expressions
from nl2opt.passes.linearize_absolute import linearize_absolute
from nl2opt.passes.linearize_choice import linearize_choice
from nl2opt.passes.linearize_division import linearize_division
from nl2opt.passes.linearize_logic import linearize_logic
from nl2opt.passes.linearize_min_max import linearize_min_max
from nl2opt.passes.linearize_piecewise import linearize_piecewise
from nl2opt.passes.linearize_product import linearize_product
from nl2opt.passes.rewrite import Rewrite, Undo
from nl2opt.passes.soften_penalties import soften_penalties
from nl2opt.passes.split_conjunctions import split_conjunctions
from nl2opt.passes.told import told_of
from nl2opt.passes.variables_as_filters import variables_as_filters

MILP: tuple[Rewrite, ...] = (
    expand_arrays,
    soften_penalties,
    inline_expressions,
    variables_as_filters,
    expand_circuits,
    expand_intervals,
    expand_all_different,
    expand_memberships,
    expand_elements,  # before conditions are negated: what is undefined is false, and so is its opposite
    split_conjunctions,
    expand_variables_in_sets,
    linearize_piecewise,
    linearize_absolute,
    linearize_division,
    linearize_min_max,
    linearize_choice,
    linearize_logic,
    linearize_product,
    comparison_to_big_m,
)
"""To linear comparisons between numbers; every step exact (docstring of each file), or Unsupported with the reason."""


_NEEDED: dict[Rewrite, frozenset[Feature]] = {
    expand_arrays: frozenset(("array",)),
    inline_expressions: frozenset(("expression",)),
    variables_as_filters: frozenset(("filter",)),
    soften_penalties: frozenset(("penalty",)),
    expand_circuits: frozenset(("circuit",)),
    expand_intervals: frozenset(("interval",)),
    expand_all_different: frozenset(("different",)),
    split_conjunctions: frozenset(("logic",)),
    expand_memberships: frozenset(("logic",)),
    expand_elements: frozenset(("member",)),
    expand_variables_in_sets: frozenset(("member",)),
    linearize_piecewise: frozenset(("piecewise",)),
    linearize_absolute: frozenset(("absolute",)),
    linearize_division: frozenset(("division",)),
    linearize_min_max: frozenset(("extreme",)),
    linearize_choice: frozenset(("choice",)),
    linearize_logic: frozenset(("logic",)),
    linearize_product: frozenset(("product",)),
    comparison_to_big_m: frozenset(("logic",)),
}
"""Rewrite -> the constructs without which it changes nothing; a rewrite that is not listed always runs."""


def apply(model: Model, pipeline: tuple[Rewrite, ...] = MILP) -> tuple[Model, Undo]:
    """Model -> the rewritten model, and the way back for its points. Raises Unsupported."""
    undos: list[Undo] = []
    source = model
    model = replace(model, outputs=())
    found = features(model)
    for rewrite in pipeline:
        if rewrite in _NEEDED and not _NEEDED[rewrite] & found:
            continue
        with told_of(source):
            model, undo = rewrite(model)
        found = features(model)
        undos.append(undo)
    return model, lambda point: _back(point, undos)


def _back(point: Point, undos: list[Undo]) -> Point:
    for undo in reversed(undos):
        point = undo(point)
    return point
