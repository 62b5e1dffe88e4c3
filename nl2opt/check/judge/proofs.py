"""Proofs by solving: under a matching, each row of one model holds in all solutions of the other, or a point tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from nl2opt.check.judge.affine import by_affine_map
from nl2opt.check.judge.counting import by_counting
from nl2opt.check.judge.held import by_images, held_alike
from nl2opt.check.judge.implied import Implication, implied
from nl2opt.check.judge.labels import shared
from nl2opt.check.judge.listing import listed
from nl2opt.check.judge.matching import Matching, constants
from nl2opt.check.judge.optima import breaches_of, moved_to, pairings, worth
from nl2opt.check.judge.side import Clock, Side
from nl2opt.check.judge.terms import Atom, NotCanonical
from nl2opt.check.judge.translation import Image
from nl2opt.check.judge.verdict import Breach, Counterexample, Verdict
from nl2opt.ir.text import print_expression

How = Callable[[Side, Side, Matching, Mapping[Atom, Image]], Implication]
"""One model, the other, a matching and the images of the other's columns -> does the one imply the other?"""


Try = tuple[Side, Side, list[Matching]]


def proved(tries: Sequence[Try], clock: Clock, sofar: Verdict) -> Verdict:
    """Pairs of sides with their matchings, each tried row by row; else they are counted, and tried choice by choice."""
    proofs = Proofs(clock)
    for a, b, found in _each(tries, clock):
        sofar = _tried(a, b, found, proofs.by_rows, sofar)
        if sofar.method == "implied":
            return sofar
    counted = by_counting(*tries[0][:2], clock)
    if counted is not None:
        return counted
    for a, b, found in tries:
        sofar = _tried(a, b, found, proofs.by_choices, sofar)
        if sofar.method == "implied":
            return sofar
    return sofar


def _each(tries: Sequence[Try], clock: Clock) -> Iterator[Try]:
    """The pairs of sides with their matchings; at last with an affine map, which takes longer to find."""
    yield from tries
    a, b, _ = tries[0]
    mapped = by_affine_map(a, b, clock)
    if mapped is not None:
        yield a, b, [mapped]


def _tried(a: Side, b: Side, found: list[Matching], how: How, sofar: Verdict) -> Verdict:
    """Each matching tried: both directions proved; or under each of those that are certain a point tells them apart."""
    reason = a.why_not or b.why_not or "no matching of their columns was found"
    certain = sum(m.certain for m in found)
    refuted: list[Verdict] = []
    for matching in found:
        there = how(a, b, matching, matching.candidate)
        back = how(b, a, matching, matching.reference) if there.holds else None
        if there.holds and back is not None and back.holds:
            if not _namesakes_paired(a, b, matching):
                reason = "columns of the same name are not each other"
                continue
            if not held_alike(a, b, by_images(matching), matching.reference.keys(), matching.candidate.keys()):
                reason = "columns are held at values that the other model does not hold"
                continue
            return Verdict(
                "equivalent", "implied", "this data", "exact" if there.exact and back.exact else "within 1e-6",
                matching=pairings(matching), matched_by=matching.by,
                data_sets=sofar.data_sets, unexercised=sofar.unexercised, ambiguous=sofar.ambiguous,
            )  # fmt: skip
        failed, one, two = (there, a, b) if not there.holds else (back, b, a)
        assert failed is not None
        if failed.holds is False and matching.certain:
            refuted.append(_told_apart(failed, one, two, matching))
            if len(refuted) == certain:
                return refuted[0]
        reason = failed.why or "their columns do not correspond in a way that could be proved"
    if sofar.outcome == "agrees":
        return replace(sofar, reason=reason)
    return replace(sofar, outcome="undecided", method="none", reason=reason)


def _namesakes_paired(a: Side, b: Side, m: Matching) -> bool:
    """Has each column that both sides have by the same name a partner?"""
    mine, theirs = shared(a, b)
    return mine.named <= m.reference.keys() and theirs.named <= m.candidate.keys()


class Proofs:
    """The two ways to show that one model implies another under a matching; what was asked once is kept."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._asked: dict[tuple[int, int], tuple[Matching, Implication]] = {}

    def by_rows(self, by: Side, other: Side, m: Matching, images: Mapping[Atom, Image]) -> Implication:
        """Row by row; under their names a column must be what its namesake is fixed at."""
        place = (id(m), id(by))
        if place not in self._asked:  # with the matching, whose place nothing else may take
            own = m.reference if images is m.candidate else m.candidate
            one_of = m.chosen if images is m.candidate else m.choices
            fixed = _fixed(by, other, m)
            self._asked[place] = m, implied(by, other, images, self.clock, fixed, partners=own, one_of=one_of)
        return self._asked[place][1]

    def by_choices(self, by: Side, other: Side, m: Matching, images: Mapping[Atom, Image]) -> Implication:
        """Row by row where that settled it, else choice by choice."""
        found = self.by_rows(by, other, m, images)
        if found.holds is not None or _fixed(by, other, m):
            return found
        own, one_of = (m.reference, m.chosen) if images is m.candidate else (m.candidate, m.choices)
        try:
            each = listed(by, other, images, own, self.clock, one_of)
        except NotCanonical as e:
            return replace(found, why=f"{found.why}; {e}")
        return replace(each, why=f"{found.why}; {each.why}") if each.holds is None else each


def _fixed(by: Side, other: Side, m: Matching) -> Mapping[Atom, Image]:
    """The columns whose namesakes the bounds of the other side fix."""
    return constants(other, by) if m.by == "names" and m.certain else {}


def _told_apart(failed: Implication, one: Side, two: Side, matching: Matching) -> Verdict:
    assert failed.point is not None
    amounts: dict[str, float] = {}
    for row, amount in failed.rows:
        amounts[row.source or "a bound"] = max(amount, amounts.get(row.source or "a bound", 0.0))
    moved = moved_to(two, one, matching, failed.point) if amounts else None
    breaches = breaches_of(two, moved) if moved is not None else ()
    breaches = breaches or tuple(_breach(two, name, amount) for name, amount in amounts.items())
    values: tuple[float | None, float | None] = (None, None)
    if breaches:
        statement = f"a solution of the {one.name} violates {breaches[0]}"
    else:
        statement = f"a solution of both is worth more in one than in the other (found in the {one.name})"
        there = moved_to(two, one, matching, failed.point)
        mine, theirs = worth(one, failed.point), None if there is None else worth(two, there)
        values = (mine, theirs) if one.name == "reference" else (theirs, mine)
    c = Counterexample(statement, values, side=one.name, point=failed.point, breaches=breaches)
    return Verdict(
        "different", "implied", "this data", counterexample=c, matching=pairings(matching), matched_by=matching.by
    )


def _breach(side: Side, name: str, amount: float) -> Breach:
    for c in side.instance.model.constraints:
        if c.name == name:
            quotes = tuple(x.text for x in c.anchors if x.kind == "quote")
            return Breach(side.name, name, print_expression(c.expr), amount, quotes)
    return Breach(side.name, name, "its domain", amount)
