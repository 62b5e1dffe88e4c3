"""Words that state a rule and are cited by nothing that could hold it (P08, P09).

A piece of a sentence between the quotes states a rule where it sets a limit, speaks of one or the same of something
that is chosen, or says what must be of something the model lists. Introductions (all of a set is listed), reasons,
questions and aims are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nl2opt.check.accounts import expressions_of
from nl2opt.check.mentions import named as names_in
from nl2opt.check.places import Findings, places
from nl2opt.check.provenance import Span, locate
from nl2opt.check.unit_names import forms
from nl2opt.ir.infer.scope import mentioned
from nl2opt.ir.model import Model, Objective, Parameter, Variable
from nl2opt.ir.nodes import Name, Number, Subscript
from nl2opt.ir.passage import Sentence, segment

_LIMIT = re.compile(
    r"\b(?:at most|at least|exactly|no two|may not|must not|limited to|a (?:minimum|maximum) of|"
    r"(?:no|not|never|nobody|nothing|none|neither|cannot)\s+(?:\S+\s+){0,4}?(?:more|less|fewer|greater|larger|smaller|"
    r"higher|lower|longer|shorter|later|earlier|exceed|late|early)\b|"
    r"(?:nothing|none|nobody|no \w+) (?:may|can|must|shall)|(?:can|may|must) only|only (?:\w+ )?(?:if|when|after|once)|"
    r"must be the same)\b",
    re.I,
)
"""Words that set a limit: without a use, something is missing."""

_RULE = re.compile(r"\b(?:must|cannot|can't|shall|has to|have to|never|nobody)\b", re.I)
"""Words that may state a rule, or only tell how things are."""

_DEMAND = re.compile(r"\b(?:must|cannot|can't|shall|ha(?:s|ve) to)\b", re.I)
"""Words that make a rule of a whole sentence, but the first, which introduces."""

_MODAL = re.compile(
    r"\b(?:must|cannot|can't|shall|has to|have to|needs? to|never|nobody|every|all of them|wants?|wishes|too|only|if|"
    r"either|not)\b",
    re.I,
)
"""Words that make a rule of what is said of the things the model lists."""

_TAKEN = (
    "takes?|gets?|has|have|gives?|on|in|at|to|by|from|does|uses?|makes?|serves?|visits?|holds?|needs?|chooses?|wears?|"
    "prints?|drives?|works?|builds?|grows?|carries|carry|bears?|sends?|receives?"
)
_TAKEN_BACK = re.compile(
    r"\b(?:no|sorry|wait),? (?:drop|forget|scratch|sorry|wait|not)\b|\bnever mind\b|\.\.\. (?:no|sorry|wait)\b", re.I
)
_RANGE = re.compile(r"\bfrom \w+ to \w+", re.I)
MOST_WORDS = 12
"""Of a short sentence, such as a clue."""

_REASON = re.compile(r"[\s,;]*(?:as|because|since|for|so that)\b", re.I)
_QUESTION = re.compile(r"\s*(?:how|find|determine|decide)\b", re.I)
_TABLE = re.compile(
    r"\b(?:the|a|this|following) (?:\w+ )?(?:tables?|list|file|sheet|figure) (?:says?|shows?|gives?|lists?)\b", re.I
)
_AIM = re.compile(r"\b(?:minimi[sz]\w*|maximi[sz]\w*|as \w+ as possible)\b", re.I)


def check_rules(model: Model, found: Findings) -> None:
    """Sentences, and parts of one between its quotes, that state a rule no item cites, or that only a number cites
    which no rule reads; asked where items quote."""
    anchors = [a for _, item in places(model) for a in getattr(item, "anchors", ())]
    spans = [span for a in anchors if (span := locate(model.text, a))]
    if not spans:
        return
    listed = _listed(model)
    chosen = _chosen(model)
    for i, s in enumerate(segment(model.text).sentences):
        if s.text.endswith(("?", ":")) or _QUESTION.match(s.text) or _TABLE.search(s.text):
            continue
        for gap in _gaps(model.text, s, spans):
            shown = " ".join(gap.split())[:80]
            if _REASON.match(gap) or _TAKEN_BACK.search(gap) or _AIM.search(gap) or len(gap.split()) < 3:
                continue
            named = [set(names_in(_RANGE.sub(" ", gap), labels)) for labels in listed]
            introduces = any(len(n) == len(labels) for n, labels in zip(named, listed, strict=True))
            rule = (chosen and chosen.search(gap)) or _rules(gap, gap == s.text, named)
            demand = i > 0 and gap == s.text and _DEMAND.search(gap)
            ends = gap.rstrip()[-1:] in ",;.!)"
            if _limits(gap) or demand or (rule and ends and not introduces):
                found.add("P09", s.id, shown, "a quote of it", "say it in a constraint, or quote it where it is said")
            elif _RULE.search(gap):
                found.add("P08", s.id, shown, "a quote of it", "say it in a constraint, or quote it")
    used, limits = _used_by_rules(model, model.objectives), _used_by_rules(model, ())
    for place, item in places(model):
        if isinstance(item, Parameter) and item.name not in limits and (item.value or item.rows):
            for a in place.anchors:
                if a.kind == "quote" and (item.name not in used or _limited(item, a.text)):
                    found.add("P09", str(place), a.text, f"a constraint with `{item.name}`", "say it in a constraint")


def _limited(p: Parameter, quote: str) -> bool:
    """True where a quote sets a limit right before a parameter's own number."""
    own = [q for q in segment(quote).quantities if isinstance(p.value, Number) and q.value == p.value.value]
    return any(q.start - 12 <= m.end() <= q.start for q in own for m in _LIMIT.finditer(quote))


def _limits(gap: str) -> bool:
    """True where a piece sets a limit to something it says after it."""
    m = _LIMIT.search(gap)
    return m is not None and bool(gap[m.end() :].strip(" ,.;"))


def _rules(gap: str, whole: bool, named: Sequence[set[str]]) -> bool:
    """True where a piece says what must be of a thing the model lists, or a short sentence brings two of them
    together."""
    count = sum(map(len, named))
    return count > 0 and (_MODAL.search(gap) is not None or (whole and count >= 2 and len(gap.split()) <= MOST_WORDS))


def _listed(model: Model) -> list[frozenset[str]]:
    """The labels of each set of two or more that the document lists."""
    found = (s.elements for s in model.sets if isinstance(s.elements, tuple))
    labels = (frozenset(e for e in elements if isinstance(e, str) and not e.isdigit()) for elements in found)
    return [one for one in labels if len(one) >= 2]


def _chosen(model: Model) -> re.Pattern[str] | None:
    """One, the same or different of what the model has a set of: `takes one place`, `on the same press`."""
    names = {
        f for s in model.sets for w in re.findall(r"[A-Z]?[a-z]{2,}", s.name) for f in (w.lower(), *forms(w.lower()))
    }
    if not names:
        return None
    things = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.compile(
        rf"\b(?:(?:{_TAKEN})\s+(?:only\s+|just\s+|exactly\s+)?(?:one|a single)|(?:the )?same|different)\s+"
        rf"(?:\w+\s+)?(?:{things})\b", re.I,
    )  # fmt: skip


def _used_by_rules(model: Model, objectives: Sequence[Objective]) -> set[str]:
    """The names that constraints, bounds and these objectives read; a number that is part of a bound's sum is not its
    rule."""
    stack = [n for item in (*model.constraints, *objectives) for e in expressions_of(item) for n in mentioned(e)]
    for v in model.variables:
        stack += [e.name for e in (v.lower, v.upper) if isinstance(e, Name | Subscript)]
        stack += [n for g in v.over for e in (g.source, *g.conditions) for n in mentioned(e)]
    used: set[str] = set()
    while stack:
        name = stack.pop()
        if name not in used:
            used.add(name)
            symbol = model.symbols.get(name)
            if not isinstance(symbol, Variable):
                stack += [n for e in expressions_of(symbol) for n in mentioned(e)]
    return used


def _gaps(text: str, s: Sentence, spans: Sequence[Span]) -> Iterator[str]:
    """The pieces of a sentence that no quote covers."""
    own = sorted((max(a, s.start), min(b, s.end)) for a, b in spans if a < s.end and s.start < b)
    at = s.start
    for a, b in [*own, (s.end, s.end)]:
        if a > at:
            yield text[at:a]
        at = max(at, b)
