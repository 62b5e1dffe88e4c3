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
from nl2opt.check.wording import EQUAL, NEGATION, Direction, Side, implied_in, stated_in
from nl2opt.ir.infer import enter
from nl2opt.ir.infer.scope import Scope, variables_of
from nl2opt.ir.model import Constraint, Model, Objective, Over, Parameter
from nl2opt.ir.nodes import (
    Add,
    Aggregate,
    And,
    Binary,
    Call,
    Compare,
    Comprehension,
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
    r"put in|runs?|ours for|only|takes?|lends?|keep(?:ing)? (?:\w+ )?to|"
    r"stick to|make do with|get by (?:with|on))\b(?!\s+to\b)(?:\s+(?:us|only|just|about|drivers|for))*\s*[$£€]?\s*$",
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
    r"(?:\s+\S+){0,4}?\s+(?:fit into|can be used|are there|is there|in (?:the )?store|free|are left|in stock)\b", re.I
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
_DOUBLY = re.compile(
    r"\b(?:not|never|no|nobody)\b[^.;]*\b(?:if|unless|when|where|without)\b[^.;]*\b(?:less|more|fewer|below)\b", re.I
)
"""What is said of what must not be."""

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
        r"nobody|down to|remain\w*|up to|within|until|before|in time|than|below|under|afford\w*|single|one|"
        r"different|apart|separate\w*|exclud\w*|either|promis\w*|due|"
        r"deadlines?)\b",
        re.I,
    ),
}
"""Words without which nothing asks for an idle limit on that side."""

_LEANS = re.compile(
    r"\b(?:(?:have|has|had|with) (?:\w+ )?room|room for|capacit\w*|avail\w*|fits?|in stock|on hand|at the latest)\b",
    re.I,
)
"""Words of what there is, which bounds from above wherever they stand."""

_MAY_ASK: dict[Side, re.Pattern[str]] = {
    ">=": re.compile(
        r"\b(?:cover\w*|serv\w*|me(?:et|ets|t)|fill\w*|deliver\w*|over|above|every|opens?|hired?|us(?:es|ed?)|"
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

_COMPARED: dict[Side, re.Pattern[str]] = {
    "<=": re.compile(
        r"\b(?:before|earlier|sooner|(?:to the |on the )?left of|below|fewer|less|lower|smaller|younger|shorter|"
        r"cheaper|lighter|nearer)\b",
        re.I,
    ),
    ">=": re.compile(
        r"\b(?:after|later|(?:to the |on the )?right of|above|more|larger|greater|higher|bigger|older|taller|longer|"
        r"dearer|heavier|farther|exceeds?)\b",
        re.I,
    ),
}
"""Comparatives between two things."""

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
        told = told_side(words, *_values_of(item.expr, model))
        if told and (by_number := _side_of_number(item, words, model)):
            written = by_number
        elif told is None and written and _two_things(item, model):
            told = compared_side(words)
        if told is None and written == ">=" and any(_LEANS.search(w) for w in words) and not _asked(written, words):
            told = "<="
        if told and written and told != written:
            found.at(place, "P05", item.expr, f"the words say {said[told]}, the expression {said[written]}",
                     f"{said[told]}, or another quote", "turn the comparison round")  # fmt: skip
            continue
        if _backwards(item, model) and not any(_LAG.search(w) for w in words):
            found.at(place, "P05", item.expr, "an end that is no earlier than the next start",
                     "the end of one at most the start of the other", "turn the comparison round")  # fmt: skip
            continue
        plain = bool(words) and told is None and not any(_DOUBLY.search(w) for w in words)
        side = idle_side(item, wanted, model, written) if plain else None
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


def told_side(
    quotes: Sequence[str], values: frozenset[Fraction] = frozenset(), others: frozenset[Fraction] = frozenset()
) -> Side | None:
    """Quotes -> the one side their words state, or suggest where none is stated; None where they differ or say nothing.

    Of several numbers only those among ``values`` are asked, where there are such, and none among ``others``.

    >>> told_side(["at most 40 crates"]), told_side(["must not exceed 40"]), told_side(["40 crates"])
    ('<=', '<=', None)
    """
    if any(EQUAL.search(text) or _DOUBLY.search(text) for text in quotes):
        return None
    if compared := [m for text in quotes for m in _THAN.finditer(text)]:
        upper = {m[1].lower() in _UPPER_WORDS for m in compared}
        return None if len(upper) > 1 else "<=" if upper == {True} else ">="
    for reading in (stated_in, _firmly_implied, _held_or_owed):
        sides = {d.op for text in quotes for d in _directions(text, reading, values, others)}
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
    text: str,
    reading: Callable[[str, int, int, bool], Direction | None],
    values: frozenset[Fraction],
    others: frozenset[Fraction],
) -> Iterator[Direction]:
    """What a quote says of each of its numbers, by the words before it, else by those behind it."""
    numbers = [q for q in segment(text).quantities if q.kind != "name"]
    asked: Sequence[Quantity] = [q for q in numbers if q.value in values] or numbers
    for i, q in enumerate(numbers):
        if q not in asked or q.value in others:
            continue
        left = numbers[i - 1].end if i else 0
        right = numbers[i + 1].start if i + 1 < len(numbers) else len(text)
        behind = reading(text, q.end, right, False)
        first = behind if _BEHIND.match(text, q.end) else None
        if d := first or reading(text, left, q.start, True) or behind:
            yield d
    if not numbers and reading is stated_in and (d := reading(text, 0, len(text), True)):
        yield d


def _values_of(e: Expr, model: Model) -> tuple[frozenset[Fraction], frozenset[Fraction]]:
    """The numbers an expression computes with, literals and single numbers it names; and those that only choose what it
    speaks of, in its filters."""
    filters = [
        x
        for n in subexpressions(e)
        if isinstance(n, Aggregate | Comprehension)
        for g in n.generators
        for x in g.conditions
    ]
    chosen, every = [x for f in filters for x in _single(f, model)], list(_single(e, model))
    for v in chosen:
        every.remove(v)
    return frozenset(every), frozenset(chosen) - frozenset(every)


def _single(e: Expr, model: Model) -> Iterator[Fraction]:
    for n in subexpressions(e):
        symbol = model.symbols.get(n.name) if isinstance(n, Name) else n
        value = symbol.value if isinstance(symbol, Parameter) else symbol
        if isinstance(value, Number):
            yield value.value


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


def _side_of_number(c: Constraint, words: Sequence[str], model: Model) -> Side | None:
    """The side on which a constraint holds what is compared with the one number of its words: `<=` where that number
    stands with what is larger. None where it is not plain.

    In `weight * goes <= 50 * made` the 50 is an upper bound, whatever the words speak of first.
    """
    if not isinstance(c.expr, Compare) or c.expr.op in ("==", "!="):
        return None
    numbers = {q.value for w in words for q in segment(w).quantities if q.kind != "name"}
    scope = enter(c.over, Scope.of(model))
    row = row_of(c.expr, scope, scope.varies)
    if any(isinstance(t.atom, Binary | Call) for t in row.terms):
        return None
    signs: set[int] = set()
    for p in (row.constant, *(t.coefficient for t in row.terms)):
        for monomial, coefficient in p.items():
            if any(n in numbers for n in _numbers_in(monomial, coefficient, model)):
                signs.add(1 if coefficient > 0 else -1)
    return None if len(signs) != 1 else "<=" if signs == {-1} else ">="


def _numbers_in(monomial: Iterable[Expr], coefficient: Fraction, model: Model) -> Iterator[Fraction]:
    """The numbers of a product: its coefficient, and the single numbers of the document in it."""
    if abs(coefficient) != 1:
        yield abs(coefficient)
    for atom in monomial:
        symbol = model.symbols.get(atom.name) if isinstance(atom, Name) else None
        if isinstance(symbol, Parameter) and isinstance(symbol.value, Number):
            yield abs(symbol.value.value)


def compared_side(quotes: Sequence[str]) -> Side | None:
    """Quotes -> how the first thing they name compares with the second, by one comparative: `before`, `larger than`.

    >>> compared_side(["The Tower comes before the Dragon"]), compared_side(["not before the Dragon"])
    ('<=', None)
    """
    sides: set[Side] = set()
    for text in quotes:
        for side, words in _COMPARED.items():
            for m in words.finditer(text):
                if NEGATION.search(text, 0, m.start()):
                    return None
                sides.add(side)
    return sides.pop() if len(sides) == 1 else None


def _two_things(c: Constraint, model: Model) -> bool:
    """True where a constraint compares one variable with another, a number aside."""
    if not isinstance(c.expr, Compare):
        return False
    scope = enter(c.over, Scope.of(model))
    row = row_of(c.expr, scope, scope.varies)
    plain = all(isinstance(t.atom, Subscript | Name) and not t.generators for t in row.terms)
    return len(row.terms) == 2 and plain and all(not m for m in row.constant)


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

    A limit that keeps a wanted variable back makes those in it of which the objective does not speak wanted so that
    they give way; in anything but a comparison of sums they may be wanted either way.
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
            for name in row.keys() & varying - direct:
                way = _way(name, row, wanted)
                if not way <= wanted.get(name, set()):
                    wanted.setdefault(name, set()).update(way)
                    changed = True
    return wanted


def _way(name: str, row: Signs, wanted: Desires) -> set[int]:
    """Where a variable should go so that a row gives way to the others it keeps back; empty where it keeps none."""
    if not any(0 in v or v & wanted[k] for k, v in row.items() if k != name and k in wanted):
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
