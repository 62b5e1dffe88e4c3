"""A sentence that adds a rule -> its constraint, by the templates of bounds, shares, comparisons and choices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from nl2opt.check.wording import implied_in, stated_in
from nl2opt.formulate.refine.amounts import amount, members, total, whole
from nl2opt.formulate.refine.understanding import Misunderstood
from nl2opt.formulate.refine.vocabulary import Mention, mentions
from nl2opt.ir.model import Anchor, Constraint, Model, Over
from nl2opt.ir.nodes import Compare, CompareOp, Expr, Implies, Not, Number, disjunction, mul
from nl2opt.ir.passage import Quantity, segment

_BOTH = re.compile(
    r"\b(?:not|never|cannot|can't|without)\b[^.]*\bboth\b|\bat most one of\b|\bexclude each other\b", re.I
)
_EXACTLY = re.compile(r"\b(?:exactly|precisely|one and only) one of\b|\beither\b[^.]*\bbut not both\b", re.I)
_SOME = re.compile(r"\bat least one of\b|\bone or more of\b|\beither\b[^.]*\bor\b", re.I)
_IF = re.compile(r"\b(?:if|when(?:ever)?)\b(.*?)(?:,|\bthen\b)(.*)", re.I | re.S)
_NEVER = re.compile(r"\b(?:not|no|none|never|neither|cannot|can't|without)\b", re.I)
_MORE = re.compile(r"\b(?:as (?:many|much)|more|fewer|less)\b[^.]*?\b(?:as|than)\b", re.I)
_UPPER = re.compile(r"\b(?:at most|no more than|not(?: be)? more than|not exceed|cannot exceed|fewer|less)\b", re.I)
_OF = re.compile(r"\s*(?:per\s?cent|percent|%)?\s*of\s+(.*)", re.I | re.S)
_MORE_OF = re.compile(r"\s*(?:more|fewer|less|extra|additional)\b(?!\s+than)", re.I)
_MONEY = re.compile(r"\s*(?:EUR|USD|GBP|CHF|euros?|dollars?|pounds?|francs?|cents?)\b", re.I)
_SHARE = re.compile(r"\b(?:of (?:all|everything|the (?:total|whole|sum))|in total|overall)\b", re.I)


def rule(sentence: str, model: Model) -> Constraint:
    """Sentence -> the constraint it adds. Raises Misunderstood."""
    labels = mentions(sentence, model)
    expr, over, template = _read(sentence, labels, model)
    return Constraint(_name(sentence, model), expr, over, template, anchors=(Anchor("quote", sentence),))


def _read(sentence: str, labels: Sequence[Mention], model: Model) -> tuple[Expr, Over, str]:
    if choice := _choice(sentence, labels, model):
        return choice[0], (), choice[1]
    numbers = [q for q in segment(sentence).quantities if q.kind != "name" and not _is_label(q, labels)]
    if len(labels) == 2 and _MORE.search(sentence):
        return _comparison(sentence, labels, numbers, model), (), "comparison"
    if len(numbers) != 1:
        found = "no number" if not numbers else ", ".join(q.text for q in numbers)
        raise Misunderstood("one number, or a choice among yes-or-no decisions", found)
    q = numbers[0]
    if _MORE_OF.match(sentence, q.end):
        raise Misunderstood("a limit, not an amount more or less", sentence[q.start : q.end + 6])
    op = _side(sentence, q)
    if q.kind in ("percent", "fraction"):
        return _share(sentence, labels, q, op, model), (), f"{'upper' if op == '<=' else 'lower'}_bound_share"
    meant = amount(sentence, labels, model)
    if (q.currency or _MONEY.match(sentence, q.end)) and not meant.is_money:
        raise Misunderstood(f"an amount of {meant.variable.unit or meant.variable.name}", f"{q.currency}{q.text}")
    return Compare(op, meant.expr, Number(q.value)), meant.over, ""


def _share(sentence: str, labels: Sequence[Mention], q: Quantity, op: CompareOp, model: Model) -> Expr:
    """`At most 40 % of everything`, `of wheat and peas together`: the label before is a part of what stands behind."""
    behind = _OF.match(sentence, q.end)
    inside = [m for m in labels if behind and m.start >= behind.start(1)]
    parts = [m for m in labels if m not in inside]
    if not parts and _SHARE.search(sentence):
        parts, inside = list(labels), []
    if len(parts) != 1 or not (behind or _SHARE.search(sentence)):
        raise Misunderstood("one label, and the whole it is a share of", ", ".join(str(m.label) for m in labels))
    (part,) = members(parts, model, binary=False)
    of = (
        total(members(inside, model, binary=False)) if inside else whole(amount(sentence, parts, model).variable, model)
    )
    return Compare(op, part, mul(Number(q.value), of))


def _choice(sentence: str, labels: Sequence[Mention], model: Model) -> tuple[Expr, str] | None:
    """Choices among binary decisions; None where the words are not those of a choice."""
    condition = _IF.search(sentence)
    if condition and len(labels) == 2:
        first, second = sorted(labels, key=lambda m: not condition.start(1) <= m.start < condition.end(1))
        a, b = members((first, second), model, binary=True)
        negated = bool(_NEVER.search(condition[2]))
        return Implies(a, Not(b) if negated else b), "" if negated else "implication"
    for words, op, template in (
        (_EXACTLY, "==", "exactly_one"), (_BOTH, "<=", "at_most_one"), (_SOME, ">=", "at_least_one"),
    ):  # fmt: skip
        if words.search(sentence) and len(labels) >= 2:
            parts = members(labels, model, binary=True)
            if template == "at_least_one":
                return disjunction(*parts), template
            return Compare(op, total(parts), Number(Fraction(1))), template  # type: ignore[arg-type]
    return None


def _comparison(sentence: str, labels: Sequence[Mention], numbers: Sequence[Quantity], model: Model) -> Expr:
    """`At least twice as many loaves as cakes`, `more pies than cakes`."""
    if len(numbers) > 1 or (numbers and numbers[0].kind not in ("multiple", "fraction", "percent")):
        raise Misunderstood("a multiple, such as twice", ", ".join(q.text for q in numbers))
    first, second = members(labels, model, binary=False)
    factor = Number(numbers[0].value) if numbers else Number(Fraction(1))
    right = mul(factor, second) if numbers else second
    if _UPPER.search(sentence):
        return Compare("<=", first, right)
    return Compare(">=", first, right)


def _side(sentence: str, q: Quantity) -> CompareOp:
    """At most, at least or exactly, by the words around the number. Raises Misunderstood where none says it."""
    if re.search(r"\b(?:exactly|precisely|just)\s+[$£€]?\s*$", sentence[: q.start], re.I):
        return "=="
    found = (
        stated_in(sentence, 0, q.start, last=True)
        or stated_in(sentence, q.end, len(sentence), last=False)
        or implied_in(sentence, 0, q.start, last=True)
    )
    if found is None:
        raise Misunderstood("a direction: at least, at most, exactly", q.text)
    return found.op


def _is_label(q: Quantity, labels: Sequence[Mention]) -> bool:
    return any(m.start <= q.start < m.end for m in labels)


def _name(sentence: str, model: Model) -> str:
    """A new name from the first telling words of a sentence."""
    words = [w.lower() for w in re.findall(r"[A-Za-z]{3,}", sentence)]
    kept = [w for w in words if w not in ("also", "the", "and", "please", "there", "must", "should", "are")][:3]
    base = "_".join(kept) or "added"
    names = {c.name for c in model.constraints}
    name, n = base, 2
    while name in names:
        name, n = f"{base}_{n}", n + 1
    return name
