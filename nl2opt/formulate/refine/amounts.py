"""Model, labels a sentence names -> the amount it speaks of: a member of a family, a sum over it, or a count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from nl2opt.check.conversions import money
from nl2opt.formulate.refine.understanding import Misunderstood
from nl2opt.formulate.refine.vocabulary import Mention, sets_of, shared_words, stems
from nl2opt.ir.instance import flat
from nl2opt.ir.model import Model, Over, Set, Variable
from nl2opt.ir.nodes import (
    Aggregate,
    Compare,
    Expr,
    Generator,
    Label,
    Name,
    Number,
    SetLiteral,
    add,
    conjunction,
    subscript,
)

_EACH = re.compile(
    r"\b(?:each|every|per|any one|any single|any|no(?=\s+\w+\b[^.]*\bmore than))\s+(?!more\b)(\w+)", re.I
)
_NO = re.compile(r"^\W*no\s+(?!more\b|fewer\b|less\b)(\w+)", re.I)
_OF = re.compile(r"\bof\s+(?:the\s+)?(\w+)", re.I)
_GENERAL = frozenset(("all", "everything", "total", "whole", "them", "these", "both", "each", "sum", "one", "two"))
"""Words behind `of` that are about no thing of their own."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An expression, and the bindings for each of which it is meant."""

    expr: Expr
    over: Over
    variable: Variable

    @property
    def is_money(self) -> bool:
        """True for an amount measured in a currency, or one whose unit is not said."""
        return not self.variable.unit or money(self.variable.unit.lower())


@dataclass(frozen=True, slots=True)
class Axis:
    """One binding of a family: its index names, its set, and the labels of that set the sentence names."""

    names: tuple[str, ...]
    source: Expr
    set_name: str
    elements: tuple[object, ...]
    chosen: tuple[str | int, ...]
    is_each: bool

    @property
    def generator(self) -> Generator:
        """The binding over the whole set."""
        return Generator(self.names, self.source)


def amount(sentence: str, labels: Sequence[Mention], model: Model) -> Amount:
    """What is counted by a sentence: the family that fits its labels and words best. Raises Misunderstood.

    A word behind `each`, `no` or `of` must be one the model has: what it does not know is not left out in silence.
    """
    _check_known(sentence, labels, model)
    scored: list[tuple[float, Amount]] = []
    for v in model.variables:
        found = _of_family(v, sentence, labels, model)
        if found is not None:
            scored.append(found)
    best = max((score for score, _ in scored), default=0.0)
    meant = [a for score, a in scored if score == best]
    if not meant or best <= 0.0:
        known = ", ".join(v.name for v in model.variables[:6])
        raise Misunderstood("an amount that the model decides", "none of its words", f"it decides {known}")
    if len(meant) > 1:
        names = ", ".join(a.variable.name for a in meant)
        raise Misunderstood("one amount", f"it could be any of {names}", "name it as the model does")
    return meant[0]


def _check_known(sentence: str, labels: Sequence[Mention], model: Model) -> None:
    declared: tuple[Set | Variable, ...] = (*model.sets, *model.variables)
    names = [x.name.replace("_", " ") for x in declared]
    units = [v.unit for v in model.variables]
    indices = [t for v in model.variables for g in v.over for t in g.targets]
    known = {w for text in (*names, *units, *indices) for w, _, _ in stems(text)}
    known |= {w for m in labels for w, _, _ in stems(sentence[m.start : m.end])} | _GENERAL
    for m in (*_EACH.finditer(sentence), *_NO.finditer(sentence), *_OF.finditer(sentence)):
        if not {w for w, _, _ in stems(m[1])} & known and not any(x.start <= m.start(1) < x.end for x in labels):
            raise Misunderstood("a word of the model", m[0])


def _of_family(v: Variable, sentence: str, labels: Sequence[Mention], model: Model) -> tuple[float, Amount] | None:
    """A family as the amount meant, and how well it fits; None where a label has no place in it."""
    axes = _axes(v, sentence, labels, model)
    placed = {label for a in axes for label in a.chosen}
    rest = {m.label for m in labels} - placed
    words = shared_words(sentence, v.name.replace("_", " "), v.unit, v.description)
    score = 2.0 * len(placed) + len(words) + 0.5 * any(a.is_each for a in axes)
    if v.within is not None:
        inside = _elements(v.within, model)
        values = [label for label in rest if label in inside]
        if len(values) != 1 or rest - set(values):
            return None
        inner, over, conditions = _split(axes)
        member = _member(v, axes)
        counted: Expr = Compare("==", member, Label(values[0]) if isinstance(values[0], str) else _number(values[0]))
        return score + 2.0, Amount(_summed(counted, inner, conditions), over, v)
    if rest:
        return None
    inner, over, conditions = _split(axes)
    return score, Amount(_summed(_member(v, axes), inner, conditions), over, v)


def _axes(v: Variable, sentence: str, labels: Sequence[Mention], model: Model) -> list[Axis]:
    each = {w for m in _EACH.finditer(sentence) for w, _, _ in stems(m[1])}
    taken = set(model.symbols) | {t for g in v.over for t in g.targets}
    axes = []
    for g in v.over:
        name = g.source.name if isinstance(g.source, Name) else ""
        elements = _elements(g.source, model)
        arity = len(flat(elements[0])) if elements else max(1, len(g.targets))  # type: ignore[arg-type]
        names = g.targets or tuple(_fresh(name, taken) for _ in range(arity))
        atoms = {a for e in elements for a in flat(e)}  # type: ignore[arg-type]
        chosen = tuple(m.label for m in labels if m.label in atoms)
        own = {w for w, _, _ in stems(name)} | {w for n in names for w, _, _ in stems(n)}
        axes.append(Axis(names, g.source, name, elements, chosen, bool(each & own) and not chosen))
    return axes


def _elements(source: Expr, model: Model) -> tuple[object, ...]:
    return sets_of(model).get(source.name, ()) if isinstance(source, Name) else ()


def _fresh(set_name: str, taken: set[str]) -> str:
    letters = (set_name[:1].lower() or "i") + "ijkmnpqrstuvw"
    name = next(c for c in letters if c.isalpha() and c not in taken)
    taken.add(name)
    return name


def _split(axes: Sequence[Axis]) -> tuple[list[Generator], Over, list[Expr]]:
    """Axes -> the generators to sum over, the bindings meant one by one, and the filters of tuples."""
    inner: list[Generator] = []
    over: list[Generator] = []
    conditions: list[Expr] = []
    for a in axes:
        if a.is_each:
            over.append(a.generator)
        elif len(a.names) > 1:
            inner.append(a.generator)
            for place, name in enumerate(a.names):
                named = [x for x in a.chosen if any(flat(e)[place] == x for e in a.elements)]  # type: ignore[arg-type]
                if len(named) == 1:
                    conditions.append(Compare("==", Name(name), _literal(named[0])))
        elif len(a.chosen) != 1:
            source: Expr = SetLiteral(tuple(_literal(x) for x in a.chosen)) if a.chosen else a.source
            inner.append(Generator(a.names, source))
    return inner, tuple(over), conditions


def _member(v: Variable, axes: Sequence[Axis]) -> Expr:
    if not axes:
        return Name(v.name)
    index: list[Expr] = []
    for a in axes:
        fixed = len(a.names) == 1 and len(a.chosen) == 1
        index += [_literal(a.chosen[0])] if fixed else [Name(n) for n in a.names]
    return subscript(v.name, *index)


def _summed(e: Expr, generators: Sequence[Generator], conditions: Sequence[Expr]) -> Expr:
    if not generators:
        return e
    last = generators[-1]
    filtered = Generator(last.targets, last.source, (conjunction(*conditions),) if conditions else ())
    return Aggregate("sum", e, (*generators[:-1], filtered))


def members(labels: Sequence[Mention], model: Model, binary: bool) -> list[Expr]:
    """Labels -> the members of the one family over their set that they name. Raises Misunderstood."""
    names = {m.set_name for m in labels}
    families = [
        v for v in model.variables
        if len(v.over) == 1 and isinstance(v.over[0].source, Name) and v.over[0].source.name in names
        and v.within is None and (not binary or v.type == "binary")
    ]  # fmt: skip
    if len(names) != 1 or len(families) != 1:
        kind = "yes-or-no decision" if binary else "amount"
        raise Misunderstood(f"labels of one set with one {kind} each", ", ".join(str(m.label) for m in labels))
    return [subscript(families[0].name, _literal(m.label)) for m in labels]


def whole(variable: Variable, model: Model) -> Expr:
    """The sum of a whole family."""
    axes = _axes(variable, "", (), model)
    inner, _, _ = _split(axes)
    return _summed(_member(variable, axes), inner, [])


def _literal(x: str | int) -> Expr:
    return Label(x) if isinstance(x, str) else _number(x)


def _number(x: int | str) -> Expr:
    return Number(Fraction(x))


def total(parts: Sequence[Expr]) -> Expr:
    """The sum of expressions."""
    return add(*parts)
