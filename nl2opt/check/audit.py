"""Model with its text -> findings where the words and the algebra disagree: a direction, a pairing, a number.

Nothing is concluded from silence: a rule speaks only where the quoted words say one thing and the model another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from nl2opt.check.mentions import mentions
from nl2opt.check.pairs import check_pairs
from nl2opt.check.places import Findings, places, spots
from nl2opt.check.provenance import account, is_counted, locate
from nl2opt.check.rows import Row, Term, row_of
from nl2opt.check.sources import CONVENTIONS
from nl2opt.check.wording import EQUAL, Direction, Side, implied_in, stated_in
from nl2opt.errors import Diagnostic
from nl2opt.ir.infer import enter
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.model import Constraint, Model, Nested, Objective, Over, Value
from nl2opt.ir.nodes import Aggregate, And, Binary, Call, Compare, Expr, Label, Mul, Number, Subscript
from nl2opt.ir.passage import Quantity, segment
from nl2opt.ir.polynomial import Polynomial
from nl2opt.ir.walk import subexpressions

_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_RULE = re.compile(
    r"\b(?:must|cannot|can't|may not|shall|at most|at least|no more than|not more than|no less than|no two|exactly|"
    r"never|nobody)\s+(?:\S+\s+){2,}\S+",
    re.I,
)
"""Words that state a rule, and what it is about."""

_FIRM = re.compile(r"avail|budget|capacity|suppl|stock|need|requir|demand|limit|afford", re.I)
"""Suggestions that are not about something else: `has`, `wants`, `can` are."""

_PIECE = re.compile(r"\b(?:an?|each|every|one|per)\s+(?:\w+\s+){1,3}?(?:needs?|requires?|demands?)$", re.I)
_AIMS: dict[str, re.Pattern[str]] = {
    "minimize": re.compile(
        r"\b(?:minimi[sz]\w*|cheap\w*|least|lowest|fewest|as (?:little|few|low|cheaply|short) as|smallest|shortest)\b",
        re.I,
    ),
    "maximize": re.compile(
        r"\b(?:maximi[sz]\w*|most|highest|greatest|as (?:much|many|high) as|largest|best profit|earn\w*|profit)\b", re.I
    ),
}
"""Words of an aim."""

_HELD = re.compile(
    r"\b(?:there (?:is|are)|have|has|holds?|carry|carries|spend|deliver|allows?|covers?|gives?|room for|open for|"
    r"put in|runs?|ours for)\b(?!\s+to\b)(?:\s+(?:us|only|just|about|drivers|for))*\s*[$£€]?\s*$",
    re.I,
)
_OUGHT = re.compile(r"\b(?:must|should|shall|needs? to|ha(?:s|ve) to|wants? to|at least|at most)\b", re.I)
_LEFT = re.compile(
    r"(?:\s+\S+){0,4}?\s+(?:fit into|can be used|are there|is there|in the store|free|are left|in stock)\b", re.I
)
_OWED = re.compile(
    r"(?:\s+\S+){0,4}?\s+(?:ha(?:s|ve) to|must|needs? to) be (?:served|met|made|delivered|produced|filled|fed|done)\b",
    re.I,
)
_THAN = re.compile(
    r"\b(?:no|not)\s+(?:any\s+)?(more|higher|larger|greater|fewer|less|lower|smaller)\b(?!\s+than)[^.;]*?\bthan\b", re.I
)
_BEHIND = re.compile(r"\s*(?:\S+\s+){0,2}?(?:at (?:most|least)|or (?:more|less|fewer)|and no more)\b", re.I)


def check_audit(model: Model) -> tuple[Diagnostic, ...]:
    """Model (statically valid) -> findings; none for a model without a text."""
    found = Findings()
    if model.text:
        _check_directions(model, found)
        _check_aims(model, found)
        check_pairs(model, found)
        _check_values(model, found)
        _check_gaps(model, found)
    return tuple(found.found.values())


# directions -----------------------------------------------------------------------------------------------------------


def _check_directions(model: Model, found: Findings) -> None:
    scope = Scope.of(model)
    for place, item in places(model):
        if not isinstance(item, Constraint):
            continue
        words = [a.text for a in item.anchors if a.kind == "quote"]
        told = told_side(words)
        written = written_side(item.expr, item.over, scope, " ".join(words))
        if told is None or written is None or told == written:
            continue
        said = {"<=": "at most", ">=": "at least"}
        found.at(place, "P05", item.expr, f"the words say {said[told]}, the expression {said[written]}",
                 f"{said[told]}, or another quote", "turn the comparison round")  # fmt: skip


def _check_aims(model: Model, found: Findings) -> None:
    """Objectives whose words state the other sense and not their own; `at least`, `at most` are no aims."""
    for place, item in places(model):
        if isinstance(item, Objective):
            words = re.sub(
                r"\bat (?:least|most)\b", "", " ".join(a.text for a in item.anchors if a.kind == "quote"), flags=re.I
            )
            other = "maximize" if item.sense == "minimize" else "minimize"
            if _AIMS[other].search(words) and not _AIMS[item.sense].search(words):
                found.add("P05", str(place), f"{item.sense}, and the words {other}", other, "turn the sense round")


def told_side(quotes: Sequence[str]) -> Side | None:
    """Quotes -> the one side their words state, or suggest where none is stated; None where they differ or say nothing.

    >>> told_side(["at most 40 crates"]), told_side(["must not exceed 40"]), told_side(["40 crates"])
    ('<=', '<=', None)
    """
    if any(EQUAL.search(text) for text in quotes):
        return None
    if compared := [m for text in quotes for m in _THAN.finditer(text)]:
        upper = {m[1].lower() in ("more", "higher", "larger", "greater") for m in compared}
        return None if len(upper) > 1 else "<=" if upper == {True} else ">="
    for reading in (stated_in, _firmly_implied, _held_or_owed):
        sides = {d.op for text in quotes for d in _directions(text, reading)}
        if sides:
            return "<=" if sides == {"<="} else ">=" if sides == {">="} else None
    return None


def _firmly_implied(text: str, start: int, end: int, last: bool) -> Direction | None:
    """Words that suggest a side; `a chair needs 3 hours` is no limit, and says none of the number after it."""
    d = implied_in(text, start, end, last)
    if d is None or d.place is None or not _FIRM.search(text, *d.place):
        return None
    return None if _PIECE.search(text, max(0, d.place[0] - 40), d.place[1]) else d


def _held_or_owed(text: str, start: int, end: int, last: bool) -> Direction | None:
    """Words without a side of their own: what there is bounds from above, what has to be served from below."""
    if last and (m := _HELD.search(text, start, end)) and not _OUGHT.search(text, start, end):
        return Direction("<=", "implied", m.span())
    if not last and (m := _LEFT.match(text, start, end)):
        return Direction("<=", "implied", m.span())
    if not last and (m := _OWED.match(text, start, end)):
        return Direction(">=", "implied", m.span())
    return None


def _directions(text: str, reading: Callable[[str, int, int, bool], Direction | None]) -> Iterator[Direction]:
    """What a quote says of each of its numbers, by the words before it, else by those behind it."""
    numbers = [q for q in segment(text).quantities if q.kind != "name"]
    for i, q in enumerate(numbers):
        left = numbers[i - 1].end if i else 0
        right = numbers[i + 1].start if i + 1 < len(numbers) else len(text)
        behind = reading(text, q.end, right, False)
        first = behind if _BEHIND.match(text, q.end) else None
        if d := first or reading(text, left, q.start, True) or behind:
            yield d
    if not numbers and (d := reading(text, 0, len(text), True)):
        yield d


def written_side(e: Expr, over: Over, scope: Scope, words: str = "") -> Side | None:
    """A constraint -> the side on which it holds what ``words`` speak of first; None for every other form."""
    scope = enter(over, scope)
    match e:
        case Compare("<=" | ">=" | "<" | ">"):
            return _side(row_of(e, scope, scope.varies), words)
        case Aggregate("all", body, generators):
            return written_side(body, generators, scope, words)
        case And(args):
            sides = {written_side(a, (), scope, words) for a in args}
            return sides.pop() if len(sides) == 1 else None
        case _:
            return None


def _side(row: Row, words: str) -> Side | None:
    """terms + constant <= 0: an upper bound where the signs of the terms are plus, a lower one where they are minus.

    Where they differ, amounts are compared: the one that is meant is named by its label, or named first.
    """
    if any(isinstance(t.atom, Mul | Binary | Call) for t in row.terms):
        return None  # of what is not linear the words may mean any part
    signs = {_sign(t.coefficient) for t in row.terms}
    if len(signs) > 1:
        signs = {_sign(t.coefficient) for t in _subjects(row, words)}
    elif not row.constant and len(row.terms) != 1:
        return None
    return "<=" if signs == {1} else ">=" if signs == {-1} else None


def _subjects(row: Row, words: str) -> Sequence[Term]:
    """The terms of a comparison that its words speak of first."""
    named = {id(t): [n.value for n in subexpressions(t.atom) if isinstance(n, Label)] for t in row.terms if t.atom}
    with_label = [t for t in row.terms if named.get(id(t))]
    if len(with_label) < len(row.terms):
        return with_label
    first = [(min((at for label in named[id(t)] for at in mentions(words, label)), default=-1), t) for t in with_label]
    if any(at < 0 for at, _ in first):
        return ()
    return [min(first, key=lambda pair: pair[0])[1]]


def _sign(p: Polynomial) -> int:
    """The sign of a coefficient whose parameters are not negative: that of its indexed part where it has others; 0
    where it is not plain."""
    signs = {1 if c > 0 else -1 for c in p.values() if c}
    if len(signs) == 1:
        return signs.pop()
    indexed = {1 if c > 0 else -1 for m, c in p.items() if c and any(isinstance(a, Subscript) for a in m)}
    return indexed.pop() if len(indexed) == 1 else 0


# rules that nothing cites ---------------------------------------------------------------------------------------------


def _check_gaps(model: Model, found: Findings) -> None:
    """Parts of a sentence between its quotes that state a rule; a sentence without any quote is P03's."""
    quoted = (locate(model.text, a) for _, item in places(model) for a in getattr(item, "anchors", ()))
    spans = [span for span in quoted if span is not None]
    for s in segment(model.text).sentences:
        own = sorted((max(a, s.start), min(b, s.end)) for a, b in spans if a < s.end and s.start < b)
        at = s.start
        for a, b in [*own, (s.end, s.end)] if own else []:
            gap = model.text[at:a]
            if a > at and _RULE.search(gap) and len(gap.split()) >= 4:
                found.add(
                    "P08", s.id, " ".join(gap.split())[:80], "a quote of it", "say it in a constraint, or quote it"
                )
            at = max(at, b)


# values ---------------------------------------------------------------------------------------------------------------


def _check_values(model: Model, found: Findings) -> None:
    """Quantities that items quote and whose value is nowhere in the model, neither as told nor converted.

    Small numbers in words mostly count what the model lists: `five patients`.
    """
    held = {abs(v) for v in _values(model)}
    provenance = account(model)
    for use in provenance.quantities:
        q = use.piece
        if not isinstance(q, Quantity) or not use.places or (q.kind == "number" and not _DIGIT.search(q.text)):
            continue
        if is_counted(q, provenance.sizes) and not held & _forms(q):
            found.add("P07", f"{q.sentence}, {q.id}", q.text, "its value somewhere in the model", "use it")


def _forms(q: Quantity) -> set[Fraction]:
    """The values a quantity may take in a model: as told, as a percentage or its rest, inverted, or by a convention."""
    v = q.value
    forms = {v}
    if q.kind in ("percent", "fraction"):
        forms |= {1 - v, 1 + v, 100 * v}
    if q.kind in ("multiple", "fraction") and v:
        forms.add(1 / v)
    conversions = (*CONVENTIONS, Fraction(10**6))
    factors = (Fraction(1), *conversions, *(1 / c for c in conversions))
    return {abs(f * c) for f in forms for c in factors}


def _values(model: Model) -> Iterator[Fraction]:
    """Every number of a model, and what its constant parts come to."""
    for spot in spots(model):
        yield from (n.value for n in subexpressions(spot.expr) if isinstance(n, Number))
    for p in model.parameters:
        stack: list[Value] = [p.value] if p.value is not None else []
        while stack:
            cell = stack.pop()
            if isinstance(cell, Nested):
                stack.extend(cell.items)
            else:
                yield from (n.value for n in subexpressions(cell) if isinstance(n, Number))
        for row in p.rows or ():
            yield from (n.value for n in row if isinstance(n, Number))
        if isinstance(p.default, Number):
            yield p.default.value
    for s in model.sets:
        for e in s.elements if isinstance(s.elements, tuple) else ():
            yield from (Fraction(c) for c in (e if isinstance(e, tuple) else (e,)) if isinstance(c, int))
            yield from (Fraction(d) for c in (e if isinstance(e, tuple) else (e,)) for d in re.findall(r"\d+", str(c)))
    yield Fraction(1)
    yield Fraction(0)
    for text in model.assumptions:
        yield from (q.value for q in segment(text).quantities)
