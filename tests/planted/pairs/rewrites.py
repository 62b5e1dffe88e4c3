"""Reference + seed -> pairs that are equivalent by construction: one to three rewrites in a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any

from nl2opt.ir.bind import bind
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model, Nested, Value
from nl2opt.ir.nodes import Expr, Label, Number
from planted.pairs import rewrites_rows as rows
from planted.pairs import rewrites_spelling as spelling
from planted.pairs import rewrites_variables as variables
from planted.pairs.modelling import everywhere, finish, rebound, view_texts, with_data, with_view
from planted.pairs.pair import Pair
from planted.pairs.references import references

Rewrite = Callable[[Model, Random, Instance], Model | None]

REWRITES: dict[str, Rewrite] = {
    f.__name__: f
    for f in (
        spelling.rename, spelling.relabel, spelling.reorder_sets, spelling.reorder_declarations, spelling.reorder_terms,
        spelling.swap_generators, spelling.inline_parameters, spelling.pull_parameters, spelling.inline_expressions,
        spelling.name_the_objective, spelling.expand_family, spelling.expand_sums, spelling.merge_or_split_conditions,
        spelling.negate_objective, spelling.shift_objective, spelling.scale_objective,
        rows.scale_rows, rows.flip_sides, rows.move_terms, rows.split_equality, rows.introduce_slack,
        rows.duplicate_row, rows.dominated_row, rows.bounds_to_rows, rows.rows_to_bounds, rows.whole_strictness,
        rows.definition_variable, rows.objective_variable, rows.logic_shape,
        variables.complement_binary, variables.change_unit, variables.shift_variable, variables.turn_around,
        variables.swap_axes, variables.binary_as_integer, variables.integer_by_digits, variables.pairwise_different,
        variables.labels_as_assignment,
    )
}  # fmt: skip
AFFINE = frozenset(("shift_objective", "scale_objective"))
THIS_DATA = frozenset((
    "inline_parameters", "expand_family", "expand_sums", "whole_strictness", "introduce_slack", "integer_by_digits",
    "pull_parameters", "definition_variable", "objective_variable", "rows_to_bounds", "relabel", "reorder_sets",
    "shift_variable", "change_unit",
))  # fmt: skip
"""Rewrites that look at the data, or write them out, so that the candidate stands for these only."""


def seeded(*parts: object) -> Random:
    """Any parts -> a generator of its own."""
    return Random(int.from_bytes(sha256(repr(parts).encode()).digest()[:8], "big"))


@cache
def prepared(name: str) -> tuple[Model, Instance, tuple[str, ...]]:
    """A reference -> its model with the data inside and its view carried along, its instance, the view over itself."""
    reference = next(r for r in references() if r.name == name)
    instance = reference.instance()
    texts = view_texts(instance)
    model = with_view(with_data(reference.model(), instance, reference.data), texts)
    return model, bind(model), tuple(texts)


def rewritten(
    model: Model, instance: Instance | None, rng: Random, count: int, used: Counter[str]
) -> tuple[Model, list[str]]:
    """A model that carries its view -> the model after up to ``count`` rewrites, and their names.

    They are all different, and the first is of the rarest kind that can be done.
    """
    done: list[str] = []
    by_rarity = sorted(REWRITES, key=lambda n: (used[n], rng.random()))
    rest = rng.sample(by_rarity, len(by_rarity))
    while len(done) < count and instance is not None and (rest if done else by_rarity):
        name = (rest if done else by_rarity).pop(0)
        if name in done:
            continue
        new = spelling.safe(REWRITES[name], model, rng, instance)
        if new is None or new == model:
            continue
        bound = rebound(new)
        if bound is None:
            continue
        model, instance = new, bound
        done.append(name)
    return model, done


def without_evidence(model: Model) -> Model:
    """The model without quotes, units, descriptions and assumptions: as written by somebody who gives no reasons."""
    return replace(
        everywhere(model, lambda e: e),
        description="",
        text="",
        assumptions=(),
        sets=tuple(replace(s, anchors=(), description="") for s in model.sets),
        parameters=tuple(replace(p, anchors=(), description="", unit="") for p in model.parameters),
        variables=tuple(replace(v, anchors=(), description="", unit="") for v in model.variables),
        expressions=tuple(replace(e, anchors=(), description="", unit="") for e in model.expressions),
        constraints=tuple(replace(c, anchors=(), template="") for c in model.constraints),
        objectives=tuple(replace(o, anchors=(), template="") for o in model.objectives),
    )


def data_apart(model: Model) -> tuple[Model, dict[str, Any]]:
    """A model with its numbers inside -> the model that asks for them, and the numbers as data."""
    data: dict[str, Any] = {}
    parameters = []
    for p in model.parameters:
        found = _plain_rows(p.rows) if p.rows is not None else _plain(p.value)
        if found is not None and not p.symmetric and p.default is None:
            data[p.name] = found
            p = replace(p, value=None, rows=None)
        parameters.append(p)
    return replace(model, parameters=tuple(parameters)), data


def _plain_rows(rows: tuple[tuple[Expr, ...], ...]) -> list[Any] | None:
    out = [[_plain(e) for e in row] for row in rows]
    return None if not out or any(x is None for row in out for x in row) else out


def _plain(value: Value | None) -> Any:
    """A literal as data hold it; None for what is no literal, or has no decimal."""
    match value:
        case Nested(items):
            found = [_plain(i) for i in items]
            return None if any(x is None for x in found) else found
        case Number(v):
            whole = v.denominator == 1
            return int(v) if whole else float(v) if Fraction(repr(float(v))) == v else None
        case Label(text):
            return text
        case _:
            return None


def rewrites(seed: int, count: int = 400) -> Iterator[Pair]:
    """Seed -> pairs, going round the references, one to three rewrites each."""
    used: Counter[str] = Counter()
    available = references()
    made = turn = 0
    while made < count and turn < count * 3:
        reference = available[turn % len(available)]
        rng = seeded("rewrite", seed, turn)
        turn += 1
        model, instance, texts = prepared(reference.name)
        if rng.random() < 0.5:
            model = without_evidence(model)
        model, done = rewritten(model, instance, rng, rng.choice((1, 2, 2, 3)), used)
        if done and len(done) < 3 and rng.random() < 0.4 and "rename" not in done:
            model, done = spelling.rename(model, rng, instance) or model, [*done, "rename"]
        data: dict[str, Any] = {}
        if done and seeded("data apart", seed, turn).random() < 0.15:
            model, data = data_apart(model)
            done = [*done, "data_apart"] if data else done
        finished = finish(model, data) if done else None
        if finished is None:
            continue
        used.update(done)
        made += 1
        document, view = finished
        yield Pair(
            id=f"rewrite-{seed}-{turn:04}",
            reference=reference.document,
            candidate=document,
            label="equivalent",
            kind="+".join(done),
            level="rewrite",
            data=reference.data,
            candidate_data=data or None,
            scope="this data" if THIS_DATA & set(done) or reference.data is not None else "all data",
            goal="affine" if AFFINE & set(done) else "equal",
            view=tuple(zip(texts, view, strict=True)),
            of=reference.name,
        )
