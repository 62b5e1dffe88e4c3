"""Direct -> the other ways to read its sentences, in rank order."""

from __future__ import annotations

from dataclasses import dataclass

from nl2opt.formulate.embedded.assembly import Parse
from nl2opt.formulate.embedded.declarations import Bound, Comparison, Constraint, LinearRow, Share, TotalBound
from nl2opt.formulate.embedded.direct.covers import Cover
from nl2opt.formulate.embedded.direct.parse import CLOSE, Direct, assembled
from nl2opt.formulate.text import Passage


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading: what it makes of a sentence, the whole parse, and how much less likely it is."""

    sentence: str
    message: str
    parse: Parse
    gap: float


def alternatives(passage: Passage, direct: Direct) -> tuple[Alternative, ...]:
    """One reading for each sentence that can be taken otherwise, likeliest first."""
    found: list[Alternative] = []
    for place, read in enumerate(direct.sentences):
        best = read.ways[direct.choice[place]]
        for k, way in enumerate(read.ways):
            gap = way.cost - best.cost
            if k == direct.choice[place] or not way.complete or gap > CLOSE or _left(way) > _left(best):
                continue
            choice = (*direct.choice[:place], k, *direct.choice[place + 1 :])
            other = assembled(passage, direct.roster, direct.sentences, choice)
            if other.complete and other.parse.constraints != direct.parse.constraints:
                told = told_of(other.parse, direct.parse)
                if told:
                    found.append(Alternative(read.sentence.id, told, other.parse, gap))
    return tuple(sorted(found, key=lambda alternative: alternative.gap))


def _left(way: Cover) -> int:
    """How many names and signs a way leaves out; one that leaves out more than another reads less, not otherwise."""
    return sum(t.mark in ("name", "difference", "plus", "minus", "more") for t in way.left_over)


def told_of(other: Parse, first: Parse) -> str:
    """What the other reading says that the first does not, in words."""
    new = [c for c in other.constraints if c not in first.constraints]
    names = [d.name for d in other.decisions]
    lost = [c for c in first.constraints if c not in other.constraints]
    if not new and lost:
        return "without " + " and ".join(dict.fromkeys(said(c, names) for c in lost))
    return " and ".join(dict.fromkeys(said(c, names) for c in new))


def said(constraint: Constraint, names: list[str]) -> str:
    """A constraint in a few words: `X + Y <= 10`."""
    match constraint:
        case Bound():
            return f"{names[constraint.decision]} {constraint.op} {constraint.bound.value}"
        case TotalBound():
            return f"{' + '.join(names[d] for d in constraint.members)} {constraint.op} {constraint.bound.value}"
        case LinearRow():
            terms = [f"{c.value} {names[d]}" for d, c in enumerate(constraint.cells) if c is not None and c.value]
            return f"{' + '.join(terms).replace('+ -', '- ')} {constraint.op} {constraint.bound.value}"
        case Share():
            return f"{names[constraint.decision]} {constraint.op} {constraint.part.value} of everything"
        case Comparison():
            times = f"{constraint.factor.value} " if constraint.factor else ""
            plus = f" + {constraint.offset.value}" if constraint.offset else ""
            right = " + ".join(names[d] for d in (constraint.right, *constraint.others))
            return f"{names[constraint.left]} {constraint.op} {times}{right}{plus}"
        case _:
            return ", ".join(names[d] for d in constraint.members)
