"""Constraints and objectives against their words: at most and at least, minimize and maximize (P05).

Three witnesses, the first that speaks decides: words that state a side or suggest one; and where the words are silent,
the objective. A limit stands against what the objective wants; one that only pushes the same way is idle, and where no
word asks for it, it was turned round.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction

from nl2opt.check.aims import aims_in, aims_of_nouns
from nl2opt.check.mentions import mentions, named
from nl2opt.check.places import Findings, places
from nl2opt.check.rows import Row, Term, inline, row_of
from nl2opt.check.slopes import Signs, signs_of
from nl2opt.check.wording import EQUAL, Direction, Side, implied_in, stated_in
from nl2opt.ir.infer import enter
from nl2opt.ir.infer.scope import Scope, mentioned, variables_of
from nl2opt.ir.model import Constraint, Model, Objective, Over, Parameter
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Expr,
    Implies,
    Label,
    Mul,
    Name,
    Number,
    Subscript,
    negative,
)
from nl2opt.ir.passage import Quantity, segment
from nl2opt.ir.polynomial import Polynomial
from nl2opt.ir.walk import subexpressions

_FIRM = re.compile(r"avail|budget|capacity|suppl|stock|need|requir|demand|limit|afford", re.I)
"""Suggestions that are not about something else: `has`, `wants`, `can` are."""

_PIECE = re.compile(r"\b(?:an?|each|every|one|per)\s+(?:\w+\s+){1,3}?(?:needs?|requires?|demands?)$", re.I)
_PIECES = re.compile(
    r"\b(?:an?|each|every|one|per)\s+(?:\w+\s+){1,3}?(?:needs?|requires?|demands?)\s+(?=[$£€]?\d|an?\b)", re.I
)
_HELD = re.compile(
    r"\b(?:there (?:is|are)|have|has|holds?|carry|carries|spend|deliver|allows?|covers?|gives?|room for|open for|"
    r"put in|runs?|ours for)\b(?!\s+to\b)(?:\s+(?:us|only|just|about|drivers|for))*\s*[$£€]?\s*$",
    re.I,
)
_OUGHT = re.compile(r"\b(?:must|should|shall|needs? to|ha(?:s|ve) to|wants? to|at least|at most)\b", re.I)
_TIMES: dict[Side, re.Pattern[str]] = {
    ">=": re.compile(
        r"\b(?:only\s+(?:\w+\s+){0,3}after|not\s+(?:\w+\s+){0,3}before|no (?:earlier|sooner) than|"
        r"(?:starts?|begins?|begun|opens?)\s+(?:\w+\s+){0,2}?after)\s+(?:\w+\s+){0,2}?$",
        re.I,
    ),
    "<=": re.compile(
        r"\b(?:no later than|not after|(?:ready|done|finished|over|ends?|back|delivered|leaves?|complete[d]?|printed|"
        r"home)\s+(?:\w+\s+){0,2}?(?:by|before|within|until|at))\s+(?:\w+\s+){0,2}?$",
        re.I,
    ),
}
"""Words before a time: the side on which a start or an end is."""

_LEFT = re.compile(
    r"(?:\s+\S+){0,4}?\s+(?:fit into|can be used|are there|is there|in the store|free|are left|in stock)\b", re.I
)
_OWED = re.compile(
    r"(?:\s+\S+){0,4}?\s+(?:ha(?:s|ve) to|must|needs? to) be (?:served|met|made|delivered|produced|filled|fed|done)\b",
    re.I,
)
_THAN = re.compile(
    r"\b(?:no|not|nobody|never|cannot|neither)\s+(?:any\s+)?(?:\S+\s+){0,6}?(more|higher|larger|greater|longer|later|"
    r"fewer|less|lower|smaller|shorter|earlier|sooner)\b(?!\s+than)[^.;]*?\bthan\b",
    re.I,
)
_UPPER_WORDS = frozenset(("more", "higher", "larger", "greater", "longer", "later"))
_BEHIND = re.compile(r"\s*(?:\S+\s+){0,2}?(?:at (?:most|least)|or (?:more|less|fewer)|and no more)\b", re.I)
_ASKS: dict[Side, re.Pattern[str]] = {
    ">=": re.compile(
        r"\b(?:needs?|needed|requir\w*|demand\w*|want\w*|wish\w*|order\w*|promis\w*|oblig\w*|must(?! not\b)|"
        r"ha(?:s|ve|d) to|least|minim\w*|enough|satisf\w*|guarant\w*|insist\w*|should|shall|"
        r"only (?:\w+ )?(?:when|if|after|where)|after|once|as soon as|more than|exceed\w*|beyond)\b",
        re.I,
    ),
    "<=": re.compile(
        r"\b(?:only|cannot|can't|avail\w*|capacit\w*|room|limit\w*|most|max\w*|fits?|budget\w*|left|no|not|never|"
        r"nobody|up to|within|until|before|in time|than|below|under|afford\w*|single|one|promis\w*|due|"
        r"deadlines?)\b",
        re.I,
    ),
}
"""Words without which nothing asks for an idle limit on that side."""

_MAY_ASK: dict[Side, re.Pattern[str]] = {
    ">=": re.compile(
        r"\b(?:cover\w*|serv\w*|me(?:et|ets|t)|fill\w*|deliver\w*|over|above|every|opens?|hired?|us(?:es|ed?)|keep\w*|"
        r"reach\w*|until|before)\b",
        re.I,
    ),
    "<=": re.compile(
        r"\b(?:can|hold\w*|stock\w*|there (?:is|are)|ha(?:s|ve)(?! to\b)|free|spaces?|stores?|by|allow\w*|gives?|runs?|"
        r"owns?|suppl\w*)\b",
        re.I,
    ),
}
"""Words that ask for it where none asks for the other side."""

_LAG = re.compile(r"\b(?:within|at most|no later|no longer|latest|no more|not more|up to|wait)\b", re.I)
"""Words of a greatest distance in time, the one thing an end after a start may mean."""

Desires = dict[str, set[int]]
"""Variable -> 1 where the objective wants it larger, -1 where smaller, directly or to make room for another."""


def check_directions(model: Model, found: Findings) -> None:
    """Constraints whose words, or else the objective, put the limit on the other side."""
    scope = Scope.of(model)
    wanted = desires(model)
    said = {"<=": "at most", ">=": "at least"}
    for place, item in places(model):
        if not isinstance(item, Constraint):
            continue
        words = [a.text for a in item.anchors if a.kind == "quote"]
        written = written_side(item.expr, item.over, scope, " ".join(words))
        told = told_side(words, _values_of(item.expr, model))
        if told and written and told != written:
            found.at(place, "P05", item.expr, f"the words say {said[told]}, the expression {said[written]}",
                     f"{said[told]}, or another quote", "turn the comparison round")  # fmt: skip
            continue
        if _backwards(item, model) and not any(_LAG.search(w) for w in words):
            found.at(place, "P05", item.expr, "an end that is no earlier than the next start",
                     "the end of one at most the start of the other", "turn the comparison round")  # fmt: skip
            continue
        side = idle_side(item, wanted, model, written) if words and told is None else None
        if side and not _asked(side, words):
            found.at(place, "P05", item.expr,
                         f"no word says {said[side]}, and the objective needs no such limit",
                         "a limit against what the objective wants", "turn the comparison round")  # fmt: skip


def _asked(side: Side, words: Sequence[str]) -> bool:
    """True where words may ask for a limit on a side."""
    plain = [_PIECES.sub(" ", w) for w in words]
    if any(EQUAL.search(w) or _ASKS[side].search(w) for w in plain):
        return True
    other: Side = "<=" if side == ">=" else ">="
    against = any(_ASKS[other].search(w) for w in plain)
    return not against and any(_MAY_ASK[side].search(w) for w in plain)


def check_aims(model: Model, found: Findings) -> None:
    """Objectives whose words state the other sense and not their own: those quoted, else those around them, else, of a
    single objective, those of the whole text."""
    for place, item in places(model):
        if not isinstance(item, Objective):
            continue
        quotes = [a.text for a in item.anchors if a.kind == "quote"]
        sentences = [s.text for s in segment(model.text).sentences if any(q in s.text for q in quotes)]
        whole = [model.text] if len(model.objectives) == 1 else []
        readings = [(aims_in, quotes), (aims_in, sentences), (aims_of_nouns, quotes), (aims_in, whole)]
        for reading, texts in readings:
            told = {sense for t in texts for sense in reading(t)}
            if item.sense in told:
                break
            if told:
                other = told.pop()
                found.add("P05", str(place), f"{item.sense}, and the words {other}", other, "turn the sense round")
                break


# what the words say ---------------------------------------------------------------------------------------------------


def told_side(quotes: Sequence[str], values: frozenset[Fraction] = frozenset()) -> Side | None:
    """Quotes -> the one side their words state, or suggest where none is stated; None where they differ or say nothing.

    Of several numbers only those among ``values`` are asked, where there are such.

    >>> told_side(["at most 40 crates"]), told_side(["must not exceed 40"]), told_side(["40 crates"])
    ('<=', '<=', None)
    """
    if any(EQUAL.search(text) for text in quotes):
        return None
    if compared := [m for text in quotes for m in _THAN.finditer(text)]:
        upper = {m[1].lower() in _UPPER_WORDS for m in compared}
        return None if len(upper) > 1 else "<=" if upper == {True} else ">="
    for reading in (stated_in, _firmly_implied, _held_or_owed):
        sides = {d.op for text in quotes for d in _directions(text, reading, values)}
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
    """Words without a side of their own: what there is bounds from above, what has to be served, or may only be after,
    from below."""
    for side, words in _TIMES.items():
        if last and (m := words.search(text, start, end)):
            return Direction(side, "implied", m.span())
    if last and (m := _HELD.search(text, start, end)) and not _OUGHT.search(text, start, end):
        return Direction("<=", "implied", m.span())
    if not last and (m := _LEFT.match(text, start, end)):
        return Direction("<=", "implied", m.span())
    if not last and (m := _OWED.match(text, start, end)):
        return Direction(">=", "implied", m.span())
    return None


def _directions(
    text: str, reading: Callable[[str, int, int, bool], Direction | None], values: frozenset[Fraction]
) -> Iterator[Direction]:
    """What a quote says of each of its numbers, by the words before it, else by those behind it."""
    numbers = [q for q in segment(text).quantities if q.kind != "name"]
    asked: Sequence[Quantity] = [q for q in numbers if q.value in values] or numbers
    for i, q in enumerate(numbers):
        if q not in asked:
            continue
        left = numbers[i - 1].end if i else 0
        right = numbers[i + 1].start if i + 1 < len(numbers) else len(text)
        behind = reading(text, q.end, right, False)
        first = behind if _BEHIND.match(text, q.end) else None
        if d := first or reading(text, left, q.start, True) or behind:
            yield d
    if not numbers and (d := reading(text, 0, len(text), True)):
        yield d


def _values_of(e: Expr, model: Model) -> frozenset[Fraction]:
    """The numbers of an expression: its literals, and the values of the single numbers it names."""
    found = {n.value for n in subexpressions(e) if isinstance(n, Number)}
    for name in set(mentioned(e)):
        symbol = model.symbols.get(name)
        if isinstance(symbol, Parameter) and isinstance(symbol.value, Number):
            found.add(symbol.value.value)
    return frozenset(found)


# what the expression says ---------------------------------------------------------------------------------------------


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

    Where they differ, amounts are compared: the one that is meant is named by its label or name, or named first.
    """
    one = len(row.terms) == 1 and isinstance(row.terms[0].atom, Call) and row.terms[0].atom.function in ("abs", "max")
    if not one and any(isinstance(t.atom, Mul | Binary | Call) for t in row.terms):
        return None  # of what is not linear the words may mean any part
    signs = {_sign(t.coefficient, t.scope.model) for t in row.terms}
    if len(signs) > 1:
        signs = {_sign(t.coefficient, t.scope.model) for t in _subjects(row, words)}
    elif not row.constant and len(row.terms) != 1:
        return None
    return "<=" if signs == {1} else ">=" if signs == {-1} else None


def _subjects(row: Row, words: str) -> Sequence[Term]:
    """The terms of a comparison that its words speak of first."""
    labels = {id(t): [n.value for n in subexpressions(t.atom) if isinstance(n, Label)] for t in row.terms if t.atom}
    with_label = [t for t in row.terms if labels.get(id(t))]
    if with_label and len(with_label) < len(row.terms):
        return with_label
    if not with_label:
        labels = {id(t): [t.atom.name] for t in row.terms if isinstance(t.atom, Name)}
        if len(labels) < len(row.terms):
            return ()
    every = [label for found in labels.values() for label in found]
    where = {k: min(at) for k, at in named(words, every).items()}
    where |= {k: min(at) for k in every if (at := list(mentions(words, k)))}
    first = [(min((where[k] for k in labels[id(t)] if k in where), default=-1), t) for t in row.terms]
    if not with_label and sum(at >= 0 for at, _ in first) == 1:
        return [t for at, t in first if at >= 0]
    if any(at < 0 for at, _ in first) or len({at for at, _ in first}) < len(first):
        return ()
    return [min(first, key=lambda pair: pair[0])[1]]


def _sign(p: Polynomial, model: Model) -> int:
    """The sign of a coefficient: by the values of its single numbers where it has no others; else, of parameters that
    are not negative, that of its indexed part; 0 where it is not plain."""
    signs = {1 if c > 0 else -1 for c in p.values() if c}
    if len(signs) == 1:
        return signs.pop()
    values = [_valued(m, c, model) for m, c in p.items()]
    if all(v is not None for v in values):
        total = sum((v for v in values if v is not None), Fraction(0))
        return (total > 0) - (total < 0)
    indexed = {1 if c > 0 else -1 for m, c in p.items() if c and any(isinstance(a, Subscript) for a in m)}
    return indexed.pop() if len(indexed) == 1 else 0


def _valued(monomial: Iterable[Expr], coefficient: Fraction, model: Model) -> Fraction | None:
    """A product of single numbers -> its value; None where one is no literal."""
    for atom in monomial:
        p = model.symbols.get(atom.name) if isinstance(atom, Name) else None
        value = p.value if isinstance(p, Parameter) else None
        match value:
            case Number(v):
                coefficient *= v
            case Binary("/", Number(a), Number(b)) if b:
                coefficient *= a / b
            case _:
                return None
    return coefficient


# what the objective wants ---------------------------------------------------------------------------------------------


def desires(model: Model) -> Desires:
    """Model -> what its objective wants of each variable, through the limits that stand in the way.

    A limit that keeps a wanted variable back makes the others in it wanted so that they give way: those that make room
    for it, and those beside it that the objective does not speak of. What stands in anything but a comparison of sums
    may be wanted either way.
    """
    varying = {v.name for v in model.variables}
    wanted: Desires = {}
    for o in sorted(model.objectives, key=lambda o: -(o.priority or 0)):
        signs = signs_of(inline(o.expr, model), -1 if o.sense == "minimize" else 1, model, 1)
        for name in signs.keys() & varying - wanted.keys():
            wanted[name] = {-1, 1} if 0 in signs[name] else set(signs[name])
    scope = Scope.of(model)
    direct = set(wanted)
    rows: list[Signs] = []
    for c in model.constraints:
        own = list(_rows(inline(c.expr, model), model))
        rows += own
        if not own:
            for name in variables_of(c.expr, scope) - direct:
                wanted[name] = {-1, 1}
    changed = True
    while changed:
        changed = False
        for row in rows:
            for name in row.keys() & varying:
                way = _way(name, row, wanted, name in direct)
                if not way <= wanted.get(name, set()):
                    wanted.setdefault(name, set()).update(way)
                    changed = True
    return wanted


def _way(name: str, row: Signs, wanted: Desires, direct: bool) -> set[int]:
    """Where a variable should go so that a row gives way to the others it keeps back; empty where it keeps none."""
    kept = {k: v for k, v in row.items() if k != name and k in wanted and (0 in v or v & wanted[k])}
    beside = all(v == row[name] for v in kept.values())
    if not kept or (direct and beside):
        return set()
    return {-1, 1} if 0 in row[name] else {-s for s in row[name]}


def _resists(row: Signs, wanted: Desires) -> bool:
    """True where a row `sum <= 0` may keep back what is wanted."""
    return any(0 in signs or signs & wanted.get(name, set()) for name, signs in row.items() if name in wanted)


def _rows(e: Expr, model: Model) -> Iterator[Signs]:
    """A constraint -> its sums that are at most 0, as signs; none where it is of another form."""
    match e:
        case Compare("<=" | "<", left, right):
            yield signs_of(Add((left, negative(right))), 1, model, 1)
        case Compare(">=" | ">", left, right):
            yield signs_of(Add((right, negative(left))), 1, model, 1)
        case Compare("==", left, right):
            signs = signs_of(Add((left, negative(right))), 1, model, 1)
            yield signs
            yield {name: {-s for s in found} for name, found in signs.items()}
        case Implies(condition, consequence):
            under = list(_rows(condition, model)) or [signs_of(condition, -1, model, 1)]
            then = list(_rows(consequence, model)) or [signs_of(consequence, -1, model, 1)]
            for first in under:
                for then_ in then:
                    turned = {name: {-s for s in found} for name, found in first.items()}
                    yield {name: turned.get(name, set()) | then_.get(name, set()) for name in {*turned, *then_}}
        case Aggregate("all", body, _):
            yield from _rows(body, model)
        case And(args):
            for a in args:
                yield from _rows(a, model)
        case _:
            return


def _backwards(c: Constraint, model: Model) -> bool:
    """True for `start[a] + days[a] >= start[b]`: an order of two of a kind, the length on the larger side."""
    match c.expr:
        case Compare(">=" | ">", Add(terms), Subscript(name, index)) | Compare(
            "<=" | "<", Subscript(name, index), Add(terms)
        ):
            own = [t for t in terms if isinstance(t, Subscript) and t.name == name and t.index != index]
            lengths = [
                t for t in terms if isinstance(t, Subscript) and isinstance(model.symbols.get(t.name), Parameter)
            ]
            return len(terms) == 2 and len(own) == 1 and len(lengths) == 1 and lengths[0].index == own[0].index
        case _:
            return False


def idle_side(c: Constraint, wanted: Desires, model: Model, written: Side | None) -> Side | None:
    """A constraint -> the side it is written on where it keeps nothing back that is wanted; None for every other."""
    match c.expr:
        case Compare("<=" | "<" | ">=" | ">" as op, _, _):
            (row,) = _rows(inline(c.expr, model), model)
        case _:
            return None
    asked = {name for name in row if name in wanted}
    if not asked or c.penalty is not None or _resists(row, wanted):
        return None
    return written or ("<=" if op in ("<=", "<") else ">=")
