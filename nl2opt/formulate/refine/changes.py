"""A sentence that changes what is there -> its edit: another value for a number, a rule that is to go."""

from __future__ import annotations

import re
from fractions import Fraction

from nl2opt.check.conversions import KNOWN
from nl2opt.errors import Nl2optError
from nl2opt.formulate.refine.edits import ChangeNumber, DropConstraint, key_of
from nl2opt.formulate.refine.understanding import Misunderstood
from nl2opt.formulate.refine.vocabulary import mentions, overlap, quoted, shared_words, stems
from nl2opt.ir.bind import bind
from nl2opt.ir.model import Anchor, Model, Nested, Parameter
from nl2opt.ir.nodes import Number
from nl2opt.ir.passage import Quantity, segment

_DROP = re.compile(
    r"^\W*(?:please\s+|and\s+|also\s+)*(?:drop|remove|delete|forget|ignore|lift|leave out|take out|scrap|cancel)\b",
    re.I,
)
_CHANGE = re.compile(
    r"\b(?:instead of|rather than|change[ds]?|set|raise[ds]?|lower(?:ed|s)?\b(?! than)|increase[ds]?|reduce[ds]?|"
    r"becomes?|(?:went|goes|gone|rose|rises|fell|falls|dropped|grew) (?:up |down )?to|"
    r"(?:is|are) (?:now|really|actually)|"
    r"now (?:is|are|only)|correct(?:ed)? to|make it)\b|\bnow\W*$",
    re.I,
)
_BY = re.compile(r"\bby\s+[$£€]?\s*$", re.I)
_INSTEAD = re.compile(r"\b(?:instead of|rather than|not|from)\s+[$£€]?\s*$", re.I)
_UNITS = {"min": "minute", "h": "hour", "hr": "hour", "sec": "second", "kilo": "kg", "kilogram": "kg", "gram": "g",
          "ton": "tonne"}  # fmt: skip
_LESS = re.compile(r"\b(?:lower|reduce|decrease|cut)", re.I)


def drop(sentence: str, model: Model) -> DropConstraint | None:
    """`Forget the rule about wood` -> the constraint meant; None for any other sentence."""
    if not _DROP.search(sentence):
        return None
    scores = {c.name: overlap(sentence, c.name.replace("_", " "), quoted(c.anchors)) for c in model.constraints}
    best = max(scores.values(), default=0.0)
    meant = [name for name, score in scores.items() if score == best]
    if best == 0.0 or len(meant) > 1:
        raise Misunderstood(
            "one constraint, by its name or its words", ", ".join(meant[:5]) if best else "none of them"
        )
    return DropConstraint(meant[0])


def change(sentence: str, model: Model) -> ChangeNumber | None:
    """`The oven is now free for 350 minutes`, `12 instead of 10 dollars` -> the number meant; None otherwise."""
    if not _CHANGE.search(sentence):
        return None
    numbers = [q for q in segment(sentence).quantities if q.kind != "name"]
    if not numbers:
        return None
    old = next((q for q in numbers if _INSTEAD.search(sentence[: q.start])), None)
    new = next((q for q in reversed(numbers) if q is not old), None)
    if new is None:
        return None
    rest = [q.text for q in numbers if q is not old and q is not new]
    if rest:
        raise Misunderstood("one number to change; say other requests in sentences of their own", ", ".join(rest))
    parameter, key, before = _meant(sentence, model, old)
    after = new.value * _factor(sentence[new.end :], parameter.unit)
    if _BY.search(sentence[: new.start]):
        step = before * new.value if new.kind == "percent" else after
        after = before - step if _LESS.search(sentence) else before + step
    return ChangeNumber(parameter.name, key, before, after, Anchor("quote", sentence))


def _meant(sentence: str, model: Model, old: Quantity | None) -> tuple[Parameter, tuple[str | int, ...], Fraction]:
    """The number of the model a sentence speaks of: by its words, its labels, and the value it had."""
    labels = {m.label for m in mentions(sentence, model)}
    found: list[tuple[float, Parameter, tuple[str | int, ...], Fraction]] = []
    for p in model.parameters:
        for key, value in _numbers(p):
            if old is not None and value != old.value:
                continue
            if labels & set(key) != labels and key:
                continue
            words = (p.name.replace("_", " "), p.description, quoted(p.anchors), p.unit)
            if labels and not key and not shared_words(sentence, words[0]):
                continue  # the sentence is about something else
            score = len(shared_words(sentence, words[0])) + overlap(sentence, *words) + len(labels & set(key))
            found.append((score + (1.0 if old is not None else 0.0), p, key, value))
    best = max((score for score, *_ in found), default=0.0)
    meant = [f for f in found if f[0] == best]
    if best <= 0.0 or len(meant) > 1:
        names = ", ".join(f"{p.name}{list(key) if key else ''}" for _, p, key, _ in meant[:4])
        raise Misunderstood("one number of the model, by its name, its words or its value", names if best else "none")
    _, p, key, value = meant[0]
    return p, key, value


def _factor(behind: str, unit: str) -> Fraction:
    """What a number told in one unit is multiplied by for a parameter in another: hours for minutes 60."""
    told = next((_UNITS.get(w, w) for w, _, _ in stems(behind)), "")
    if told not in KNOWN or unit not in KNOWN or KNOWN[told][1] != KNOWN[unit][1]:
        return Fraction(1)
    return KNOWN[told][0] / KNOWN[unit][0]


def _numbers(p: Parameter) -> list[tuple[tuple[str | int, ...], Fraction]]:
    """The plain numbers of a parameter by key, a sum of numbers too; none where they come from data."""
    if p.rows is not None:
        return [(key_of(row), row[-1].value) for row in p.rows if isinstance(row[-1], Number)]
    if p.over or p.value is None or isinstance(p.value, Nested):
        return []
    try:
        value = bind(Model(parameters=(p,))).parameters[p.name].exact[0]
    except (Nl2optError, AssertionError):  # of other parameters, or an element of a set
        return []
    return [((), value)]
