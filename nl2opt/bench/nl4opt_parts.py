"""NL4Opt declarations, formulation -> what was found of them: the variables, and the template of each constraint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from nl2opt.bench.nl4opt_labels import OPS, number_of
from nl2opt.formulate.embedded import Formulation
from nl2opt.formulate.embedded.declarations import (
    Bound,
    Choice,
    Comparison,
    Constraint,
    LinearRow,
    Share,
    TotalBound,
)
from nl2opt.formulate.embedded.mentions import mention_roots

_SIDES: Final = {"<=": "upper_bound", ">=": "lower_bound", "==": "fixed"}
_KINDS: Final = {
    "linear": "weighted_sum", "sum": "sum", "lowerbound": "variable", "upperbound": "variable", "bound": "variable",
    "ratio": "share",
}  # fmt: skip

Part = tuple[str, Fraction]
"""A template and the number of its bound, share or factor."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What one question has and what of it was found; `told` and `found` are multisets of parts."""

    variables: bool
    told: Counter[Part]
    found: Counter[Part]


def parts_of(
    question: Mapping[str, Any], constraints: Sequence[Mapping[str, Any]], answer: Formulation | None
) -> Parts:
    """One question; `constraints` are its labels, published or corrected."""
    told = Counter(_labelled(c) for c in constraints)
    if answer is None or answer.document is None:
        return Parts(False, told, Counter())
    found = Counter(part for c in answer.constraints if (part := _declared(c)) is not None)
    return Parts(_same_variables(question, answer), told, found)


def _labelled(label: Mapping[str, Any]) -> Part:
    kind = label["type"]
    op = OPS[label.get("operator") or label["op"]]
    raw = label.get("limit", label.get("param", label.get("k")))
    if kind in ("xy", "xby"):
        return "comparison", Fraction(1) if kind == "xy" else number_of(str(raw))
    return f"{_SIDES[op]}_{_KINDS[kind]}", number_of(str(raw))


def _declared(constraint: Constraint) -> Part | None:
    match constraint:
        case LinearRow():
            return f"{_SIDES[constraint.op]}_weighted_sum", constraint.bound.value
        case Bound():
            return f"{_SIDES[constraint.op]}_variable", constraint.bound.value
        case TotalBound():
            return f"{_SIDES[constraint.op]}_sum", constraint.bound.value
        case Share():
            return f"{_SIDES[constraint.op]}_share", constraint.part.value
        case Comparison() if constraint.others:  # a label says a sum compared with one of its terms by its coefficients
            return f"{_SIDES[constraint.op]}_weighted_sum", constraint.offset.value if constraint.offset else Fraction(
                0
            )
        case Comparison():
            return "comparison", constraint.factor.value if constraint.factor else Fraction(1)
        case Choice():
            return None


def _same_variables(question: Mapping[str, Any], answer: Formulation) -> bool:
    """Whether every decision's mentions are those of one variable of the label, each of its own, none left over."""
    variables = list(question["variables"])
    owners: dict[tuple[str, ...], str] = {mention_roots(name): name for name in variables}
    for mention, first in question["var_mention_to_first_var"].items():
        owners.setdefault(mention_roots(mention), first)
    taken = []
    for decision in answer.decisions:
        texts = [decision.name, *(answer.text[a:b] for a, b in decision.places)]
        votes = Counter(owners[r] for t in texts if (r := mention_roots(t)) in owners)
        taken.append(votes.most_common(1)[0][0] if votes else "")
    return sorted(taken) == sorted(variables)


@dataclass(frozen=True, slots=True)
class PartsSummary:
    """Questions with exactly the variables of their labels, constraints with their template, F1 by template."""

    questions: int
    variables: int
    constraints: int
    templates: int
    f1: Mapping[str, float]

    @property
    def macro_f1(self) -> float:
        """The mean over the templates of the labels."""
        return sum(self.f1.values()) / len(self.f1) if self.f1 else 0.0


def summary_of(parts: Sequence[Parts]) -> PartsSummary:
    """Over all questions; a constraint is found where the answer has one of its template with its number."""
    told: Counter[str] = Counter()
    found: Counter[str] = Counter()
    both: Counter[str] = Counter()
    for part in parts:
        for (template, _), n in part.told.items():
            told[template] += n
        for (template, _), n in part.found.items():
            found[template] += n
        for (template, _), n in (part.told & part.found).items():
            both[template] += n
    f1 = {t: 2 * both[t] / (told[t] + found[t]) for t in sorted(told)}
    return PartsSummary(len(parts), sum(p.variables for p in parts), told.total(), both.total(), f1)
