"""Tables against the sentences they quote: a value told for another label than the one it stands at (P06).

A sentence is read in every usual way: each label before its number (`oak costs 5, pine 3`), each number before its
label (`5 for oak, 3 for pine`), labels and then as many numbers (`oak and pine cost 5 and 3`), one number for several
labels, and, where no label is named, numbers in the order of the set. Nothing is found where one reading agrees with
the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise

from nl2opt.check.cells import Line, cells_of, lines_of
from nl2opt.check.mentions import named
from nl2opt.check.places import Findings, Place, places
from nl2opt.check.provenance import Span, locate
from nl2opt.check.unit_names import forms
from nl2opt.ir.model import Anchor, Model, Parameter
from nl2opt.ir.nodes import Number
from nl2opt.ir.passage import Passage, Quantity, segment
from nl2opt.ir.text import print_number

_NOTHING = re.compile(r"\b(?:nothing|none|nil|no(?!\s+(?:more|less|fewer|longer|other)\b))\b", re.I)
_OTHERS = re.compile(r"\b(?:others|the rest|(?:every|all|any) other|remaining)\b", re.I)
_JOINED = re.compile(r"[^.;:\d]{0,40}?(?:,|\band\b|\bor\b|&|/)[^.;:\d]{0,25}", re.I)
_ENDS = re.compile(r"[.;:?!](?:\s|$)")
_PRONOUN = re.compile(r"\b(?:him|her|he|she|it|them|the former|the latter)\b", re.I)
_BREAK = re.compile(r"[,;:]\s|\b(?:and|but|while|whereas)\b", re.I)
_BEFORE = re.compile(r"(\w+)\s*$")
_AFTER = re.compile(r"\s*(\w+|%)?")
MOST_CELLS = 400
"""Tables beyond this are data, and hardly told in a sentence."""


_Answer = tuple[list[str], dict[str, Fraction]]
"""Labels with another value in the text, and that value."""


@dataclass(frozen=True, slots=True)
class Token:
    """A label of the line, or a number, and where it stands."""

    at: int
    label: str = ""
    value: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What sentences tell for labels; ``whole`` where every label of the line has one number and none is left over."""

    told: dict[str, set[Fraction]]
    whole: bool

    def agrees(self, line: Line) -> bool:
        return all(line.values[k] in v for k, v in self.told.items())

    def swapped(self, line: Line) -> list[str]:
        """The labels that differ where the reading gives the same numbers to its labels in another way."""
        if any(len(v) != 1 for v in self.told.values()):
            return []
        values = sorted(next(iter(v)) for v in self.told.values())
        if values != sorted(line.values[k] for k in self.told):
            return []
        return [k for k, v in self.told.items() if line.values[k] not in v]

    def lost(self, line: Line) -> list[str]:
        """The one label that differs where the reading tells the whole line and agrees with all the rest."""
        wrong = [k for k, v in self.told.items() if line.values[k] not in v]
        return wrong if self.whole and len(wrong) == 1 and len(self.told) >= 2 else []


def check_pairs(model: Model, found: Findings) -> None:
    """Tables whose values the text gives to their labels in another way."""
    passage = segment(model.text)
    _check_singles(model, passage, found)
    for place, item in places(model):
        if not isinstance(item, Parameter):
            continue
        cells = cells_of(item, model)
        spans = [s for a in place.anchors if (s := locate(model.text, a))]
        if not 2 <= len(cells) <= MOST_CELLS or not spans:
            continue
        lines = list(lines_of(cells))
        if verdict := _verdict(lines, passage, spans):
            line, (labels, told) = verdict
            values = ", ".join(f"{print_number(line.values[k])} for {_at(k, line)}" for k in labels[:4])
            said = ", ".join(f"{print_number(told[k])} for {_at(k, line)}" for k in labels[:4])
            found.add("P06", str(place), values, said, "exchange the values, or correct the one that differs")


def _check_singles(model: Model, passage: Passage, found: Findings) -> None:
    """Single numbers that quote the same words, `6 m long and 5 m wide`, each told beside a word of its name."""
    groups: dict[tuple[Anchor, ...], list[tuple[Place, Parameter]]] = {}
    for place, item in places(model):
        if isinstance(item, Parameter) and not item.over and isinstance(item.value, Number) and item.anchors:
            groups.setdefault(item.anchors, []).append((place, item))
    for anchors, group in groups.items():
        values = {p.name: p.value.value for _, p in group if isinstance(p.value, Number)}
        spans = [s for a in anchors if (s := locate(model.text, a))]
        if len(set(values.values())) < 2 or not spans:
            continue
        line = Line(values)
        pieces = _pieces(line, [line], passage, spans)
        if {k for a, b in pieces for k in _named(passage.text[a:b], line)} != values.keys():
            continue
        _, answer = _answer(line, [line], passage, spans)
        if answer:
            labels, told = answer
            place = next(at for at, p in group if p.name == labels[0])
            found.add("P06", str(place), print_number(values[labels[0]]), print_number(told[labels[0]]),
                      "exchange the values, or correct the one that differs")  # fmt: skip


def _flat(lines: Sequence[Line], passage: Passage, spans: Sequence[Span]) -> tuple[Line, _Answer] | None:
    """Lines of a table of two axes, told as a whole: the one or two places that differ where the rest agrees."""
    for first in ("label", "number"):
        told: list[tuple[Line, str, Fraction]] = []
        for line in lines:
            pieces = list(_pieces(line, lines, passage, spans))
            for a, b in pieces:
                where = _named(passage.text[a:b], line)
                quoted = [q for q in passage.quantities if any(x <= q.start and q.end <= y for x, y in spans)]
                numbers = [q for q in quoted if a <= q.start < b and q.kind != "name"]
                tokens = _tokens(a, where, numbers)
                told += [(line, k, v) for k, v in _paired(tokens, first, passage.text)[0]]
        wrong = [(line, k, v) for line, k, v in told if line.values[k] != v]
        if 1 <= len(wrong) <= 2 and len(told) - len(wrong) >= 2 * len(wrong):
            line = wrong[0][0]
            return line, ([k for at, k, _ in wrong if at is line], {k: v for at, k, v in wrong if at is line})
    return None


def _verdict(lines: Sequence[Line], passage: Passage, spans: Sequence[Span]) -> tuple[Line, _Answer] | None:
    """The first line that is told in another way, along the axis in which the text tells most lines; None for none."""
    axes: dict[tuple[str, ...], list[tuple[Line, bool, _Answer | None]]] = {}
    for line in lines:
        agrees, answer = _answer(line, lines, passage, spans)
        axes.setdefault(tuple(line.values), []).append((line, agrees, answer))
    told = [[(line, agrees, answer) for line, agrees, answer in axis if agrees or answer] for axis in axes.values()]
    best = max(told, key=lambda axis: (len(axis), sum(agrees for _, agrees, _ in axis)), default=[])
    if found := next(((line, answer) for line, _, answer in best if answer), None):
        return found
    if len(axes) == 2 and len(best) < len(next(iter(axes.values()))):
        return _flat([line for line, _, _ in next(iter(axes.values()))], passage, spans)
    return None


def _at(label: str, line: Line) -> str:
    return " and ".join((label, *line.around))


def _answer(line: Line, lines: Sequence[Line], passage: Passage, spans: Sequence[Span]) -> tuple[bool, _Answer | None]:
    """A line -> whether a reading agrees with it; else its labels with another value in the text, and that value."""
    readings = [r for r in _readings(line, lines, passage, spans) if len(r.told) >= 2]
    most = max((len(r.told) for r in readings), default=0)
    readings = [r for r in readings if len(r.told) == most]
    if any(r.agrees(line) for r in readings):
        return True, None
    for r in readings:
        if wrong := r.swapped(line) or r.lost(line):
            return False, (wrong, {k: next(iter(v)) for k, v in r.told.items()})
    return False, None


def _readings(line: Line, lines: Sequence[Line], passage: Passage, spans: Sequence[Span]) -> Iterator[Reading]:
    pieces = list(_pieces(line, lines, passage, spans))
    where = [_named(passage.text[a:b], line) for a, b in pieces]
    inside = [[q for q in passage.quantities if a <= q.start < b and q.kind != "name"] for a, b in pieces]
    groups = list(_groups(passage.text, [q for qs in inside for q in qs], line, spans))
    by_label = sum(len(w) for w in where) >= 2 and len({k for w in where for k in w}) >= 2
    for group in groups:
        numbers = [[q for q in qs if q in group] for qs in inside]
        if by_label:
            yield from _labelled(line, passage.text, pieces, where, numbers)
        flat = [q for qs in numbers for q in qs]
        if len(flat) == len(line.values) and _listed(flat, passage.text) and (not by_label or _in_order(line, where)):
            yield Reading({k: {q.value} for k, q in zip(line.values, flat, strict=True)}, not by_label)


def _listed(numbers: Sequence[Quantity], text: str) -> bool:
    """True where numbers may be one list: nothing ends between two of them, or between all, and no pronoun stands for a
    label."""
    between = [text[a.end : b.start] for a, b in pairwise(numbers)]
    ends = [_ENDS.search(gap) is not None for gap in between]
    return (not any(ends) or all(ends)) and not _PRONOUN.search(" ".join(between))


def _in_order(line: Line, where: Sequence[dict[str, tuple[int, ...]]]) -> bool:
    """True where some labels are not named and the others are named in the order of the set: a list may stand there."""
    first = {k: (i, min(at)) for i, found in reversed(list(enumerate(where))) for k, at in found.items()}
    placed = [first[k] for k in line.values if k in first]
    return len(first) < len(line.values) and placed == sorted(placed)


def _named(text: str, line: Line) -> dict[str, tuple[int, ...]]:
    """Where a piece names the labels of a line; `the others` are those it does not name. Numbers name nothing."""
    found = named(text, [k for k in line.values if not k.isdigit()])
    if found and (rest := _OTHERS.search(text)):
        found |= {k: (rest.start(),) for k in line.values if k not in found}
    return found


def _pieces(line: Line, lines: Sequence[Line], passage: Passage, spans: Sequence[Span]) -> Iterator[Span]:
    """The quoted sentences that speak of a line: all of them for a table of one axis, else from one label of the other
    axis to the next."""
    quoted = [(s.start, s.end) for s in passage.sentences if any(a < s.end and s.start < b for a, b in spans)]
    if not line.around:
        yield from quoted
        return
    if len(line.around) > 1:
        return
    others = {other.around[0] for other in lines if other.values.keys() == line.values.keys()}
    for a, b in quoted:
        found = named(passage.text[a:b], others)
        starts = sorted((a + at, label) for label, ats in found.items() for at in ats)
        for (start, label), (end, _) in pairwise([*starts, (b, "")]):
            if label == line.around[0]:
                yield start, end


def _groups(text: str, numbers: Sequence[Quantity], line: Line, spans: Sequence[Span]) -> Iterator[frozenset[Quantity]]:
    """The numbers that may be those of the line: the quoted ones, those of one unit, those it has."""
    quoted = frozenset(q for q in numbers if any(a <= q.start and q.end <= b for a, b in spans))
    values = set(line.values.values())
    seen = {quoted}
    yield quoted
    by_unit: dict[tuple[str, ...], set[Quantity]] = {}
    for q in numbers:
        behind, before = _AFTER.match(text, q.end), _BEFORE.search(text, max(0, q.start - 30), q.start)
        unit = forms((behind[1] or "").lower())[0] if behind else ""
        by_unit.setdefault((q.currency, q.kind, unit), set()).add(q)
        if before:
            by_unit.setdefault(("before", before[1].lower()), set()).add(q)
    for group in (
        frozenset(q for q in quoted if q.value in values), *map(frozenset, by_unit.values()),
        *(frozenset(q for q in quoted if a <= q.start and q.end <= b) for a, b in spans),
        *(frozenset(g & quoted) for g in by_unit.values()), frozenset(q for q in numbers if q.value in values),
    ):  # fmt: skip
        if len(group) >= 2 and group not in seen:
            seen.add(group)
            yield group


def _labelled(
    line: Line,
    text: str,
    pieces: Sequence[Span],
    where: Sequence[dict[str, tuple[int, ...]]],
    numbers: Sequence[Sequence[Quantity]],
) -> Iterator[Reading]:
    """The readings of pieces by the labels they name: labels first, and numbers first where a piece leaves it open."""
    zero = Fraction(0) in line.values.values()
    cut = []
    for (a, b), labels, qs in zip(pieces, where, numbers, strict=True):
        tokens = _tokens(a, labels, qs)
        if zero:
            tokens += [Token(m.start(), value=Fraction(0)) for m in _NOTHING.finditer(text, a, b)]
        cut.append(sorted(tokens, key=lambda t: t.at))
    for first in ("label", "number"):
        told: dict[str, set[Fraction]] = {}
        whole = True
        for tokens in cut:
            pairs, plain = _paired(tokens, first, text)
            for k, v in pairs:
                told.setdefault(k, set()).add(v)
            whole = whole and plain
        single = all(len(v) == 1 for v in told.values())
        yield Reading(told, whole and single and told.keys() == line.values.keys())
    yield Reading(dict(_by_clause(cut, text)), False)


def _tokens(start: int, labels: dict[str, tuple[int, ...]], numbers: Sequence[Quantity]) -> list[Token]:
    """The labels and numbers of a piece, in order."""
    tokens = [Token(start + at, label) for label, ats in labels.items() for at in ats]
    return sorted([*tokens, *(Token(q.start, value=q.value) for q in numbers)], key=lambda t: t.at)


def _by_clause(cut: Sequence[Sequence[Token]], text: str) -> Iterator[tuple[str, set[Fraction]]]:
    """The clauses of pieces that have one label and one number: `20 litres of oak, and of pine up to 12`."""
    for tokens in cut:
        clauses: list[list[Token]] = [[]]
        for t in tokens:
            last = clauses[-1][-1] if clauses[-1] else None
            if last and _BREAK.search(text, last.at, t.at):
                clauses.append([])
            clauses[-1].append(t)
        for clause in clauses:
            labels = [t.label for t in clause if t.value is None]
            values = [t.value for t in clause if t.value is not None]
            if len(labels) == len(values) == 1:
                yield labels[0], {values[0]}


def _paired(tokens: Sequence[Token], first: str, text: str) -> tuple[list[tuple[str, Fraction]], bool]:
    """Tokens of a piece -> labels with their numbers, and whether nothing was left over.

    A piece that begins with a label and ends with a number is read labels first whatever is asked, and the other way.
    """
    runs = [list(g) for _, g in groupby(tokens, key=lambda t: t.value is None)]
    if len(runs) < 2:
        return [], not runs or runs[0][0].value is None
    if len(runs) % 2 == 0:
        first = "label" if runs[0][0].value is None else "number"
    if (runs[0][0].value is None) != (first == "label"):
        runs = runs[1:]
    pairs: list[tuple[str, Fraction]] = []
    plain = len(runs) % 2 == 0
    for one, two in zip(runs[::2], runs[1::2], strict=False):
        labels, values = (one, two) if first == "label" else (two, one)
        ks = [t.label for t in labels]
        vs = [t.value for t in values if t.value is not None]
        if len(ks) == len(vs):
            pairs += zip(ks, vs, strict=True)
        elif (
            len(vs) == 1
            and len(set(ks)) == len(ks)
            and all(a.at == b.at or _JOINED.fullmatch(text, a.at, b.at) for a, b in pairwise(labels))
        ):
            pairs += [(k, vs[0]) for k in ks]
        else:
            plain = False
            near = (ks[-1], vs[0]) if first == "label" else (ks[0], vs[-1])
            pairs.append(near)
    return pairs, plain
