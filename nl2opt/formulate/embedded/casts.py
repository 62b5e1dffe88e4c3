"""Cast -> other casts worth trying: around other enumerations, with a decision less, without what is measured."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nl2opt.formulate.embedded.clusters import (
    Cast,
    cast_from,
    contrasting,
    distinct_names,
    founding_names,
    without_class_nouns,
)
from nl2opt.formulate.embedded.mentions import Mention, coordinated, read_mentions
from nl2opt.formulate.embedded.spans import Span


def without(people: Cast, dropped: int) -> Cast:
    """The cast without one of its decisions."""
    kept = [m for m in people.mentions if m.decision != dropped]
    final = tuple(Mention(m.start, m.end, m.text, m.roots, m.trust, m.decision - (m.decision > dropped)) for m in kept)
    names = tuple(name for k, name in enumerate(people.names) if k != dropped)
    return Cast(names, final, people.strain, people.guesses)


def other_casts(text: str, spans: Sequence[Span], people: Cast) -> list[Cast]:
    """Casts worth trying besides the first: around other enumerations, or with a decision less."""
    mentions = read_mentions(text, spans)
    sifted = without_class_nouns(text, mentions)
    sets: list[list[Mention]] = [distinct_names(group) for group in coordinated(text, mentions)]
    sets += [contrasting(sifted, 9), contrasting(sifted, 2)]
    bases = [people]
    measured = objects_of(text, spans, sifted)
    if measured:
        kinds = {m.roots for m in sifted if m in measured}
        mostly = {k for k in kinds if 2 * sum(m.roots == k for m in measured) >= sum(m.roots == k for m in sifted)}
        for kept in ([m for m in sifted if m not in measured], [m for m in sifted if m.roots not in mostly]):
            if kept:
                bases.append(cast_from(text, kept, founding_names(text, kept), closed=False, recover=False))
    for founders in sets:
        if len(founders) >= 2:
            bases += [cast_from(text, sifted, founders, closed=True), cast_from(text, sifted, founders, closed=False)]
    seen = {_signature(people)}
    fresh: list[Cast] = []
    wave = bases
    for _ in range(3):
        following: list[Cast] = []
        for candidate in wave:
            mark = _signature(candidate)
            if candidate is people or mark not in seen:
                seen.add(mark)
                if candidate is not people:
                    fresh.append(candidate)
                if len(candidate.names) > 2:
                    following += [without(candidate, k) for k in range(len(candidate.names))]
        wave = following
        if len(fresh) > MOST_CASTS:
            break
    return fresh[:MOST_CASTS]


MOST_CASTS = 40

"""How many other casts are tried at most."""


def objects_of(text: str, spans: Sequence[Span], mentions: Sequence[Mention]) -> list[Mention]:
    """Mentions that a coefficient counts: `fish` in "3 tons of fish", `oranges` in "15 oranges"."""
    numbers = [s.end for s in spans if s.label == "PARAM"]
    found = []
    for mention in mentions:
        for end in numbers:
            if 0 < mention.start - end < 40 and re.fullmatch(
                r"%?\s+(?:[\w-]+\s+){0,2}?(?:of\s+(?:the\s+|an?\s+)?)?[\"“]?", text[end : mention.start]
            ):
                found.append(mention)
                break
    return found


def _signature(people: Cast) -> tuple[tuple[int, int], ...]:
    return tuple((m.start, m.decision) for m in people.mentions)
