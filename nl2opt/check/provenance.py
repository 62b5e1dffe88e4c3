"""Model with its text -> what of the text the model uses, and which of its numbers the text does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from nl2opt.check.places import Findings, places
from nl2opt.check.sources import CONVENTIONS, numbers_of_anchors, numbers_of_text
from nl2opt.check.unit_names import forms
from nl2opt.errors import Diagnostic
from nl2opt.ir.infer.ranges import range_values
from nl2opt.ir.model import Anchor, Model, Nested, Parameter, Set, Value
from nl2opt.ir.nodes import Call, Expr, Number
from nl2opt.ir.passage import Passage, Quantity, Sentence, segment
from nl2opt.ir.text import print_number
from nl2opt.ir.walk import subexpressions

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Use:
    """A piece of the text, and the places of the model that quote it."""

    piece: Sentence | Quantity
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sourced:
    """A number of the data, where it stands, and where it comes from: `quote`, `text`, `convention`, `data` or ''."""

    where: str
    value: Fraction
    source: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """The account of a model: sentences and quantities of its text with their uses, numbers with their sources.

    ``sizes`` are the sizes of sets the document lists: "three kinds of bread" needs no quote where three are listed.
    ``told`` are the ids of quantities whose words say that no number of the model is meant: "between two places",
    and "six jobs" where data bring the jobs.
    """

    sentences: tuple[Use, ...]
    quantities: tuple[Use, ...]
    numbers: tuple[Sourced, ...]
    sizes: frozenset[int]
    told: frozenset[str] = frozenset()

    @property
    def unused_quantities(self) -> tuple[Quantity, ...]:
        """Quantities of the text that no item cites: no numbers of names, no `one`, no sizes of listed sets."""
        return tuple(
            q
            for u in self.quantities
            if not u.places and isinstance(q := u.piece, Quantity)
            if is_counted(q, self.sizes) and q.id not in self.told
        )

    @property
    def unsourced(self) -> tuple[Sourced, ...]:
        """Numbers that neither a quote, nor the text, nor a convention contains."""
        return tuple(n for n in self.numbers if not n.source)


def is_counted(q: Quantity, sizes: frozenset[int]) -> bool:
    """True for a quantity a model should hold: no number of a name, no `one`, no size of a listed set."""
    return q.kind != "name" and q.value not in sizes and not _counts_nothing(q)


def _counts_nothing(q: Quantity) -> bool:
    """True for `one`, `four quarters` and a bare `quarters`, which is a time rather than a part."""
    plural = q.text.lower().endswith("s") and q.kind == "fraction"
    return plural or (q.value == 1 and q.text.replace(" ", "").isalpha())


def locate(text: str, anchor: Anchor) -> Span | None:
    """Text, quote -> the offsets of its nth occurrence, None where it is not there; blanks count alike."""
    words = anchor.text.split()
    if anchor.kind != "quote" or not words:
        return None
    squeezed, offsets = _squeezed(text)
    wanted = " ".join(words)
    at = -1
    for _ in range(anchor.nth):
        at = squeezed.find(wanted, at + 1)
        if at < 0:
            return None
    return offsets[at], offsets[at + len(wanted) - 1] + 1


def _squeezed(text: str) -> tuple[str, list[int]]:
    """Text with every run of blanks made one, and the offset each character had."""
    out: list[str] = []
    offsets: list[int] = []
    for i, c in enumerate(text):
        if not c.isspace():
            out.append(c)
            offsets.append(i)
        elif out and out[-1] != " ":
            out.append(" ")
            offsets.append(i)
    return "".join(out), offsets


def account(model: Model) -> Provenance:
    """Model -> its provenance. A sentence or quantity is used where a quote overlaps it."""
    passage = segment(model.text)
    quoted: list[tuple[Span, str]] = []
    for place, item in places(model):
        for anchor in getattr(item, "anchors", ()):
            if span := locate(model.text, anchor):
                quoted.append((span, f"{place.section}[{place.position}] `{place.name}`"))
    sentences = tuple(Use(s, _users(s.start, s.end, quoted)) for s in passage.sentences)
    quantities = tuple(Use(q, _users(q.start, q.end, quoted)) for q in passage.quantities)
    return Provenance(sentences, quantities, tuple(_numbers(model)), frozenset(_sizes(model)),
                      frozenset(_told(passage, model)))  # fmt: skip


_BETWEEN = re.compile(r"\b(?:between|either of)\s+(?:the\s+|any\s+)?$", re.IGNORECASE)
_TURNED = re.compile(r"\b(?:turn|rotat)\w*\s+(?:\w+\s+){0,2}by\s+$", re.IGNORECASE)

_PERIOD = re.compile(r"\b(?:in|per|every|each|during|over|any)\s+$", re.IGNORECASE)
_OF_THE_WHOLE = re.compile(
    r"\bof (?:the |its |their )?(?:total|whole|all|entire|everything)\b|\bof all\b", re.IGNORECASE
)
"""Words of a share, which is no more than one."""

_UNIT = re.compile(r"(?:\b(?:of|for|per|in|every|each)|(?:^|[.:;]))\s+$", re.IGNORECASE)
_SCALES = re.compile(r"(?:an? )?(?:hundred|thousand|million|dozen)s?", re.IGNORECASE)
_NEVER = re.compile(r"\b(?:never|not|no)\s+(?:\w+\s+){0,4}$", re.IGNORECASE)
_ALL = re.compile(r"\b(?:no|all|all of the|these|those)\s+$", re.IGNORECASE)
_THERE = re.compile(r"(?:(?:^|[.!?:]\s+)|\bthere\s+are\s+|\b(?:all\s+the|the|these|all)\s+)$", re.IGNORECASE)
_COUNTED = re.compile(r"\s+([^\W\d]+)\b(?!\s+(?:per|an?|each|every|at\s+(?:most|least)|or)\b)", re.IGNORECASE)


def _told(passage: Passage, model: Model) -> Iterator[str]:
    """The ids of quantities that only say how many places lie between, how far a thing is turned, in which period, in
    what unit, how many all of them are, and how many elements a set has that data bring."""
    brought = {w for s in model.sets if not s.over and _size(s) is None for w in _singulars(s.name)}
    for q in passage.quantities:
        before, after = passage.text[: q.start], passage.text[q.end :]
        counted = _COUNTED.match(after) if q.kind == "number" and not q.currency and _THERE.search(before) else None
        words = set(_singulars(counted[1])) if counted else set()
        between = q.value == 2 and _BETWEEN.search(before)
        barred = q.kind == "multiple" and _NEVER.search(before)
        every = q.kind == "number" and q.text.isalpha() and _ALL.search(before)
        turned = q.kind == "fraction" and _TURNED.search(before)
        period = q.text.lower().split()[-1] == "quarter" and _PERIOD.search(before)
        unit = _SCALES.fullmatch(q.text) and _UNIT.search(before)
        if between or turned or period or every or unit or barred or (q.value.denominator == 1 and words & brought):
            yield q.id


def _singulars(text: str) -> Iterator[str]:
    for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", text):
        yield forms(word.lower())[0]


def _sizes(model: Model) -> Iterator[int]:
    yield from (size for s in model.sets if (size := _size(s)) is not None)


def _size(s: Set) -> int | None:
    """How many elements the document gives a set; None where data decide."""
    if isinstance(s.elements, tuple):
        return len(s.elements)
    known = range_values(s.elements.args) if isinstance(s.elements, Call) else None
    return None if known is None else len(known)


def _users(start: int, end: int, quoted: list[tuple[Span, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(where for (a, b), where in quoted if a < end and start < b))


def _numbers(model: Model) -> Iterator[Sourced]:
    told = numbers_of_text(model.text)
    for place, item in places(model):
        if not isinstance(item, Parameter):
            continue
        quoted = numbers_of_anchors(item.anchors)
        for cell in _cells(item):
            for node in subexpressions(cell):
                if isinstance(node, Number):
                    yield Sourced(str(place), node.value, _source(node, cell, quoted, told, item.anchors))


def _source(
    node: Number, cell: Expr, quoted: frozenset[Fraction], told: frozenset[Fraction], anchors: tuple[Anchor, ...]
) -> str:
    value = abs(node.value)
    if any(a.kind == "cell" for a in anchors):
        return "data"
    if value == 0 or value in quoted:
        return "quote"
    if 1 / value in quoted and not (node is cell and value > 1 and any(_OF_THE_WHOLE.search(a.text) for a in anchors)):
        return "quote"
    if node is not cell and (value == 1 or value in CONVENTIONS):
        return "convention"
    if value * 100 in quoted and any("%" in a.text or "per" in a.text for a in anchors):
        return "quote"  # of "30, 50 and 20 percent" all three are
    if value in told:
        return "text"
    return "" if value != 1 or not anchors else "quote"


def _cells(p: Parameter) -> Iterator[Expr]:
    """The values a parameter is given, default included."""
    stack: list[Value] = [] if p.value is None else [p.value]
    while stack:
        cell = stack.pop()
        if isinstance(cell, Nested):
            stack.extend(reversed(cell.items))
        else:
            yield cell
    yield from (row[-1] for row in p.rows or () if row)
    if p.default is not None:
        yield p.default


def check_provenance(model: Model) -> tuple[Diagnostic, ...]:
    """Model -> findings: quantities and sentences of the text no item cites, values their quotes do not contain.

    A model without a text is not asked; nor are the quantities where no item quotes anything.
    """
    if not model.text:
        return ()
    found = Findings()
    provenance = account(model)
    if any(u.places for u in provenance.sentences):
        for q in provenance.unused_quantities:
            found.add("P01", f"{q.sentence}, {q.id}", q.text, "a quote that contains it", "use it, or say why not")
        for u in provenance.sentences:
            if not u.places and isinstance(u.piece, Sentence):
                found.add("P03", u.piece.id, u.piece.text, "", "")
    without: dict[str, list[Fraction]] = {}
    for n in provenance.numbers:
        if n.source in ("", "text"):
            without.setdefault(n.where, []).append(n.value)
    anchored = {str(place) for place, item in places(model) if getattr(item, "anchors", ())}
    for where, values in without.items():
        shown = ", ".join(print_number(v) for v in values[:6]) + (", ..." if len(values) > 6 else "")
        told = numbers_of_text(model.text)
        if where in anchored:
            found.add("P02", where, shown, "numbers of its quotes", "quote their source, or state an assumption")
        elif len(values) > 1 and not all(v in told for v in values):
            found.add("P04", where, shown, "", "")
        elif not all(v in told for v in values):
            found.add("P02", where, shown, "a number of the text", "quote its source, or state an assumption")
    return tuple(found.found.values())
