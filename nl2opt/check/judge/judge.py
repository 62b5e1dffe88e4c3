"""Reference and candidate -> Verdict: the strictest that can be said within the budget, cheapest first.

1. Models, or their ground forms, that are the same but for names are equivalent, for all data or on the data given.
2. Else both are solved: another status or optimum tells them apart; each one's optimal solution is put to the other.
3. Else new data sets with the numbers tied: another status or optimum on one of them tells them apart.
4. On request (``prove``): under a matching, each row of one is proved to hold in all solutions of the other.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from nl2opt.check.judge.certain import every_matching
from nl2opt.check.judge.held import by_frames, held_alike
from nl2opt.check.judge.indexed import same_for_all_data
from nl2opt.check.judge.isomorphism import OutOfTime, isomorphism
from nl2opt.check.judge.labels import shared, transposed
from nl2opt.check.judge.matching import Matching, by_isomorphism, guesses
from nl2opt.check.judge.optima import crossed, pairings, status
from nl2opt.check.judge.proofs import proved
from nl2opt.check.judge.resample import Ties, ties
from nl2opt.check.judge.sampling import renewed, resampled, untied
from nl2opt.check.judge.side import Clock, Side
from nl2opt.check.judge.verdict import Counterexample, Verdict
from nl2opt.ir.bind import bind
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model

DATA_SETS = 4
"""New data sets that are drawn, of which those count on which the reference has an optimum."""
SAME_FORM = 2
"""New data sets on which ground forms that are the same are compared again."""
SEARCH = 2.0
"""The most seconds a search for an isomorphism takes."""


def judge(
    reference: Model | Instance,
    candidate: Model | Instance,
    data: Mapping[str, Any] | None = None,
    *,
    candidate_data: Mapping[str, Any] | None = None,
    prove: bool = True,
    affine: bool = False,
    seconds: float = 5.0,
    data_sets: int = DATA_SETS,
    seed: int = 0,
) -> Verdict:
    """Two models, each with data (or bound) -> Verdict.

    ``data`` are the reference's; of what the candidate has no values for, the candidate's too. ``seconds`` is the
    budget of it all. ``prove`` False leaves out the proofs that solve. ``affine``: an objective may be a positive
    multiple of the other one, from another start; else each solution must be worth the same in both (the maximum of x
    and the minimum of -x are one aim). Raises DataError where one does not bind.
    """
    clock = Clock(seconds)
    mine = reference if isinstance(reference, Instance) else bind(reference, data)
    theirs = _bound(candidate, data if candidate_data is None else candidate_data)
    a = Side(mine, "reference", clock, affine=affine)
    b = Side(theirs, "candidate", clock, affine=affine)
    verdict = _judged(a, b, clock, prove, data_sets, random.Random(seed))
    return replace(verdict, seconds=clock.spent)


def _bound(candidate: Model | Instance, data: Mapping[str, Any] | None) -> Instance:
    """The candidate with those of the data that it declares."""
    if isinstance(candidate, Instance):
        return candidate
    wanted = {s.name for s in candidate.sets if s.elements is None}
    wanted |= {p.name for p in candidate.parameters if p.value is None and p.rows is None}
    return bind(candidate, {k: v for k, v in (data or {}).items() if k in wanted})


def _judged(a: Side, b: Side, clock: Clock, prove: bool, data_sets: int, rng: random.Random) -> Verdict:
    tied = ties(a.instance, b.instance)
    matching = same_form(a, b, clock)
    less = (a, b)
    if matching is None and len(a.atoms) != len(b.atoms):
        less = (a.reduced(b), b.reduced(a))
        matching = same_form(*less, clock)
    if matching is not None:
        return _same(*less, matching, tied, clock, rng)
    if b.meaningless and a.canonical is not None:
        told = Counterexample(f"on this data the candidate has no meaning: {b.meaningless}")
        return Verdict("different", "status", "this data", counterexample=told)
    apart = status(a, b)
    if apart is not None:
        return apart
    found = guesses(a, b) if a.canonical is not None and b.canonical is not None else []
    apart = crossed(a, b, found)
    if apart is not None:
        return apart
    verdict = resampled(a, b, tied, clock, data_sets, rng)
    if not prove:
        return verdict
    tries = [(a, b, _possible(a, b, found))]
    if less != (a, b):
        tries.append((*less, _possible(*less, guesses(*less))))
    shown = proved(tries, clock, verdict)
    if verdict.outcome == "different":  # on new data: on the given ones they may be the same all the same
        return replace(shown, reason=verdict.statement) if shown.outcome == "equivalent" else verdict
    return shown


def _possible(a: Side, b: Side, found: list[Matching]) -> list[Matching]:
    """The matchings worth a try; first, where they are known, all there can be."""
    return found if any(m.certain for m in found) else [*every_matching(a, b), *found]


def _same(a: Side, b: Side, matching: Matching, tied: Ties, clock: Clock, rng: random.Random) -> Verdict:
    """The verdict on sides whose ground forms are the same: is it so for all data, or on some new ones too?"""
    told = Verdict(
        "equivalent", "isomorphic", "this data", "exact", data_sets=1, matching=pairings(matching),
        matched_by=matching.by, ambiguous=untied(tied),
    )  # fmt: skip
    if same_for_all_data(a.instance, b.instance, min(SEARCH, clock.left)):
        return replace(told, scope="all data")
    if not tied.complete or not tied.common:
        return told
    for _ in range(SAME_FORM):
        pair = renewed(a, b, tied, rng)
        if pair is None or clock.left <= 0:
            return told
        one, two = pair
        if same_form(one, two, clock) is None and same_form(one.reduced(two), two.reduced(one), clock) is None:
            return told
    return replace(told, scope="these data sets", data_sets=1 + SAME_FORM)


def same_form(a: Side, b: Side, clock: Clock) -> Matching | None:
    """The matching under which both ground forms are the same; None where there is none, or was none in time."""
    if a.canonical is None or b.canonical is None or a.canonical.infeasible or b.canonical.infeasible:
        return None
    if len(a.canonical.kept) != len(b.canonical.kept):
        return None
    mine, theirs = shared(a, b)
    left = next(a.drawings(mine))
    try:
        for right in chain(b.drawings(theirs), *(b.drawings(t) for t in transposed(b, theirs))):
            vertices = isomorphism(left.graph, right.graph, min(SEARCH, clock.left))
            if vertices is None:
                continue
            matching = by_isomorphism(a, left, b, right, vertices)
            shifts = by_frames(matching.pairs, left.form.frames, right.form.frames)
            if held_alike(a, b, shifts) and (matching.pairs or not (a.canonical.gone or b.canonical.gone)):
                return matching
    except OutOfTime:
        pass
    return None
