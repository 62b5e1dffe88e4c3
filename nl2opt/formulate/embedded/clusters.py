"""Mentions -> decisions: which mentions name the same thing, and which the tagger missed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from nl2opt.formulate.embedded.mentions import JOIN, LINK, Mention, coordinated, mention_roots, read_mentions
from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.embedded.words import alike, root, split_words


@dataclass(slots=True)
class Cluster:
    """The mentions of one decision and the roots they use."""

    name: str
    mentions: list[Mention] = field(default_factory=list)
    roots: set[str] = field(default_factory=set)

    def add(self, mention: Mention) -> None:
        self.mentions.append(mention)
        self.roots.update(mention.roots)


@dataclass(frozen=True, slots=True)
class Cast:
    """The decisions of a text and the mentions in order; `strain` grows with guesses made while clustering."""

    names: tuple[str, ...]
    mentions: tuple[Mention, ...]
    strain: float
    guesses: tuple[str, ...]


def cast(text: str, spans: Sequence[Span]) -> Cast:
    """Cluster the mentions: an enumeration ("X, Y and Z") founds the decisions, the rest joins or is new."""
    mentions = without_class_nouns(text, read_mentions(text, spans))
    return cast_from(text, mentions, founding_names(text, mentions), closed=False)


def recovered(text: str, people: Sequence[Mention], taken: Sequence[tuple[int, int]]) -> list[Mention]:
    """Mentions the tagger missed: the full name anywhere, or its own word in an enumeration with another."""
    owners: dict[tuple[str, ...], int] = {}
    for mention in people:
        known = owners.setdefault(mention.roots, mention.decision)
        if known != mention.decision:
            owners[mention.roots] = -1
    words = [w for w in split_words(text) if w.root or w.low in ("a", "one", "two", "first", "second")]
    roots = [w.root or root(w.text) for w in words]
    blocked = [(m.start, m.end) for m in people] + list(taken)
    found: list[Mention] = []
    for name, decision in sorted(owners.items(), key=lambda pair: -len(pair[0])):
        if decision < 0 or not name or (len(name) == 1 and len(name[0]) < 2):
            continue
        for k in range(len(words) - len(name) + 1):
            if tuple(roots[k : k + len(name)]) != name:
                continue
            start, end = words[k].start, words[k + len(name) - 1].end
            if end - start > sum(len(part) for part in name) + 12 * len(name) or re.search(
                r"[.;!?]\s", text[start:end]
            ):
                continue
            if any(a < end and start < b for a, b in blocked):
                continue
            mention = Mention(start, end, text[start:end], name, 0.5, decision)
            if len(name) == 1 and re.search(r"\d\s+[\w-]+\s+of\s+$", text[max(0, start - 30) : start]):
                continue
            led = _PART_OF.search(text[max(0, start - 30) : start]) or re.search(
                r"\b(?:each|every|per|an?|one|than|more|\d+)\s$", text[max(0, start - 8) : start], re.I
            )
            if len(name) > 1 or led or _beside_another(text, mention, people) or not _modifies(text, end):
                found.append(mention)
                blocked.append((start, end))
    return found


_PART_OF = re.compile(r"(?:%|\b(?:per ?cent|half|thirds?|quarters?|fifths?|tenths?)) of the\s$", re.I)
"""What makes a word a name even before a noun: `80 % of the hydro output`."""


def _modifies(text: str, end: int) -> bool:
    """Whether a lone word is followed by a noun of its own: `boat` in "boat show"."""
    after = re.match(r"[\s-]+([a-z]+)", text[end:])
    return after is not None and after[1] not in _AFTER_NAME


_AFTER_NAME = frozenset(
    [
        "and",
        "or",
        "must",
        "should",
        "can",
        "cannot",
        "could",
        "may",
        "might",
        "is",
        "are",
        "was",
        "were",
        "be",
        "to",
        "for",
        "in",
        "on",
        "at",
        "by",
        "with",
        "of",
        "from",
        "as",
        "than",
        "that",
        "which",
        "who",
        "has",
        "have",
        "had",
        "will",
        "would",
        "each",
        "per",
        "need",
        "needs",
        "require",
        "requires",
        "cost",
        "costs",
        "take",
        "takes",
        "make",
        "makes",
        "used",
        "sold",
        "made",
        "while",
        "whereas",
        "but",
        "if",
        "there",
        "so",
        "produced",
        "bought",
        "hired",
        "built",
        "because",
        "since",
        "when",
        "given",
        "combined",
        "respectively",
    ]
)


def _beside_another(text: str, mention: Mention, people: Sequence[Mention]) -> bool:
    for other in people:
        if other.decision == mention.decision:
            continue
        low, high = (mention, other) if mention.start < other.start else (other, mention)
        gap = text[low.end : high.start]
        if len(gap) < 30 and low.end <= high.start and JOIN.fullmatch(gap) and LINK.search(gap):
            return True
    return False


def cast_from(
    text: str, mentions: Sequence[Mention], founders: Sequence[Mention], closed: bool, recover: bool = True
) -> Cast:
    """Cluster mentions around given founders; a closed cast takes in no others."""
    clusters = [Cluster(mention.text, [], set(mention.roots)) for mention in founders]
    generic = _generic(mentions, clusters)
    unsettled: list[Mention] = []
    for mention in mentions:
        best, score, runner = _nearest(mention, clusters, generic)
        if best is not None and score >= 0.5 and score - runner >= 0.1:
            best.add(mention)
        elif not closed and _is_new(mention, clusters, mentions, generic):
            clusters.append(Cluster(mention.text, [mention], set(mention.roots)))
        elif not closed or score > 0:
            unsettled.append(mention)
    placed = [(mention, k) for k, cluster in enumerate(clusters) for mention in cluster.mentions]
    guesses = []
    for mention in unsettled:
        guess = _by_contrast(text, mention, clusters, placed)
        guesses.append(mention.text)
        if guess is not None:
            placed.append((mention, guess))
    kept = [k for k in range(len(clusters)) if any(k == owner for _, owner in placed)]
    order = {k: position for position, k in enumerate(kept)}
    final = [Mention(m.start, m.end, m.text, m.roots, m.trust, order[k]) for m, k in placed]
    final += _short_names(text, final)
    if recover:
        final += recovered(text, final, [])
    final.sort(key=lambda mention: mention.start)
    return Cast(tuple(clusters[k].name for k in kept), tuple(final), 0.3 * len(guesses), tuple(guesses))


def _short_names(text: str, people: Sequence[Mention]) -> list[Mention]:
    """A decision's own word in an enumeration of the others: `Plus` between `Standard` and `Premium`."""
    owners: dict[str, set[int]] = {}
    for mention in people:
        for word in mention.roots:
            owners.setdefault(word, set()).add(mention.decision)
    found: list[Mention] = []
    for piece in split_words(text):
        seen = owners.get(piece.root, set())
        if len(seen) != 1 or any(m.start < piece.end and piece.start < m.end for m in people):
            continue
        mention = Mention(piece.start, piece.end, piece.text, (piece.root,), 0.4, next(iter(seen)))
        if _beside_another(text, mention, [*people, *found]) or _as_subject(text, mention):
            found.append(mention)
    return found


def _as_subject(text: str, mention: Mention) -> bool:
    """`the train, which can take`: a lone word that does something."""
    before = re.search(r"\b(?:the|an?|each|by|every)\s+$", text[max(0, mention.start - 12) : mention.start], re.I)
    after = re.match(
        r"\s*,?\s+(?:which|that|can|costs?|takes?|requires?|needs?|produces?|carries|holds?)\b", text[mention.end :]
    )
    return before is not None and after is not None


def without_class_nouns(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Leave out names of the whole class: `energy companies` beside solar and wind energy companies."""
    kinds = {frozenset(m.roots) for m in mentions}
    listed = {frozenset(m.roots) for group in coordinated(text, mentions) if len(group) > 1 for m in group}
    classes = set()
    for kind in kinds - listed:
        longer = [other - kind for other in kinds if kind < other]
        if any(not any(alike(x, y) for x in a for y in b) for a in longer for b in longer if a != b):
            classes.add(kind)
    return [m for m in mentions if frozenset(m.roots) not in classes]


def contrasting(mentions: Sequence[Mention], most: int) -> list[Mention]:
    """The first names that neither contain nor are contained in one another."""
    chosen: list[Mention] = []
    for mention in mentions:
        roots = set(mention.roots)
        if len(chosen) < most and all(not (roots <= set(o.roots) or set(o.roots) <= roots) for o in chosen):
            chosen.append(mention)
    return chosen


def founding_names(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The founding names: the enumeration that explains most mentions, else two names that differ."""
    candidates = []
    for group in coordinated(text, mentions):
        distinct = distinct_names(group)
        if len(distinct) >= 2 and distinct not in candidates:
            candidates.append(distinct)
    candidates.append(contrasting(mentions, 2))
    best: list[Mention] = []
    best_score = -1.0
    for founders in candidates:
        clusters = [Cluster(mention.text, [], set(mention.roots)) for mention in founders]
        generic = _generic(mentions, clusters)
        score = 0.0
        for mention in mentions:
            _, first, second = _nearest(mention, clusters, generic)
            score += mention.trust * (first >= 0.5 and first - second >= 0.1)
        if score > best_score + 0.5:
            best, best_score = founders, score
    return best


def _generic(mentions: Sequence[Mention], clusters: Sequence[Cluster]) -> set[str]:
    """Words that go with names of several clusters: `mobile` in "economical mobile phone" and "premium mobile"."""
    owners = Counter(word for cluster in clusters for word in cluster.roots)
    found = {word for word, count in owners.items() if count > 1}
    homes: dict[str, set[int]] = {}
    for roots in {frozenset(mention.roots) for mention in mentions}:
        for k, cluster in enumerate(clusters):
            own = {word for word in cluster.roots if owners[word] == 1}
            for word in roots:
                if any(other in own and other != word for other in roots):
                    homes.setdefault(word, set()).add(k)
    for word, seen in homes.items():
        if len(seen) > 1:
            found.add(word)
    for cluster in clusters:
        if cluster.roots <= found and not any(
            other is not cluster and cluster.roots < other.roots for other in clusters
        ):
            found -= {word for word in cluster.roots if owners[word] == 1}
    return found


def distinct_names(group: Sequence[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in group:
        if all(set(mention.roots) != set(other.roots) for other in kept):
            kept.append(mention)
    return kept


def _nearest(mention: Mention, clusters: Sequence[Cluster], generic: set[str]) -> tuple[Cluster | None, float, float]:
    """The cluster a mention resembles most, with its score and the runner-up's."""
    if not clusters:
        return None, 0.0, 0.0
    scored = sorted(
        ((_resemblance(mention, cluster, clusters, generic), -k) for k, cluster in enumerate(clusters)), reverse=True
    )
    runner = scored[1][0] if len(scored) > 1 else 0.0
    return clusters[-scored[0][1]], scored[0][0], max(runner, 0.0)


def _resemblance(mention: Mention, cluster: Cluster, clusters: Sequence[Cluster], generic: set[str]) -> float:
    """Words a mention shares with the founding name of a cluster; generic ones count little."""
    roots = set(mention.roots)
    if roots == cluster.roots:
        return 3.0
    total = 0.0
    elsewhere = {word for other in clusters if other is not cluster for word in other.roots}
    for word in roots:
        if word in cluster.roots:
            total += 0.1 if word in generic else 1.0
        elif word in generic:
            continue
        elif word in elsewhere:
            total -= 0.4
        else:
            fuzzy = max((alike(word, known) for known in cluster.roots - generic), default=0.0)
            total += 0.75 * fuzzy if fuzzy else -0.25
    for other in clusters:
        if other.roots < cluster.roots and other.roots <= roots and not _modifiers(cluster, other) & roots:
            total -= 1.0
        elif cluster.roots < other.roots and cluster.roots <= roots and not _modifiers(other, cluster) & roots:
            total += 2.0
    for word in cluster.roots - roots - generic:
        if max((alike(word, other) for other in roots), default=0.0) == 0:
            total -= 0.25
    initials = "".join(part[0] for part in mention.roots if part)
    if total <= 0 and any(len(known) >= 2 and known == initials for known in cluster.roots):
        total = 0.9
    return total


def _modifiers(longer: Cluster, shorter: Cluster) -> set[str]:
    """What stands before the shorter name inside the longer: `dark` for "dark blue shirts" and "blue"."""
    roots = mention_roots(longer.name)
    first = min((k for k, word in enumerate(roots) if word in shorter.roots), default=0)
    return set(roots[:first])


def _is_new(mention: Mention, clusters: Sequence[Cluster], mentions: Sequence[Mention], generic: set[str]) -> bool:
    """Whether a name without kin is a decision of its own: it comes back, or shares only generic words."""
    if not clusters:
        return True
    own = set(mention.roots) - generic - {word for cluster in clusters for word in cluster.roots}
    if not own or mention.trust < 0.5:
        return False
    repeats = sum(1 for other in mentions if own & set(other.roots))
    shares = any(set(mention.roots) & cluster.roots for cluster in clusters)
    return repeats >= 2 or shares


def _by_contrast(
    text: str, mention: Mention, clusters: Sequence[Cluster], placed: Sequence[tuple[Mention, int]]
) -> int | None:
    """The one decision its sentence (or its neighbour) does not name already."""
    if not clusters:
        return None
    start = max(text.rfind(". ", 0, mention.start), text.rfind("\n", 0, mention.start))
    stop = text.find(". ", mention.end)
    stop = len(text) if stop < 0 else stop
    named = {k for m, k in placed if start <= m.start < stop}
    missing = [k for k in range(len(clusters)) if k not in named]
    if len(missing) == 1:
        return missing[0]
    before = [k for m, k in placed if m.end <= mention.start]
    if before and len(clusters) == 2:
        return 1 - before[-1]
    scored = [(len(set(mention.roots) & cluster.roots), -k) for k, cluster in enumerate(clusters)]
    best = max(scored)
    return -best[1] if best[0] > 0 else None
