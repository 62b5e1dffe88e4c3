"""VAR spans -> decisions: which mentions name the same thing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.embedded.words import STOP, alike, root, split_words


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a decision is named; `trust` is the tagger's probability, `decision` an index."""

    start: int
    end: int
    text: str
    roots: tuple[str, ...]
    trust: float
    decision: int = -1


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


_JOIN = re.compile(
    r"[\s,;:()“”\"'’\-–.$\\]*(?:(?:and/or|and|or|as well as|nor|versus|vs|plus|along with|together with|a|an|the|by|using|in|"
    r"with|also|either|then|some|its|his|her|their|through|via|on|for|to|two|another|new|called|named|respectively|"
    r"\d|i{1,3})\b[\s,;:()“”\"'’\-–.$\\]*){0,6}",
    re.I,
)
_LINK = re.compile(r",|;|\band\b|\bor\b|as well as|\bversus\b|\bplus\b|along with|\bnor\b|\(\d\)", re.I)
_EDGE = " \t\n.,;:!?\"“”'’‘()$\\-"


def read_mentions(text: str, spans: Sequence[Span]) -> list[Mention]:
    """The VAR spans as mentions, edges cleaned."""
    found = []
    for span in spans:
        if span.label != "VAR":
            continue
        start, end = span.start, span.end
        body = re.sub(r"['’]s$", "", text[start:end].rstrip(_EDGE))
        body_end = start + len(body)
        lead = re.match(rf"[{re.escape(_EDGE)}]*(?:(?:an?|the|each|per|of)\s+)?", body, re.I)
        start += lead.end() if lead else 0
        body = text[start:body_end]
        roots = mention_roots(body)
        if body and roots:
            found.append(Mention(start, body_end, body, roots, span.scores.get("VAR", 1.0)))
    return sorted(found, key=lambda mention: mention.start)


def mention_roots(text: str) -> tuple[str, ...]:
    """Roots of a name; letters and numbers in names count as roots."""
    roots = []
    for word in split_words(text):
        low = word.low
        keeps = word.root or (root(low) if low in ("one", "two", "a", "i", "first", "second", "more", "less") else "")
        if low == "a" and word.text != "A":
            keeps = ""
        if keeps and keeps not in "$%":
            roots.append(keeps)
    if not roots:
        roots = [root(word.text) for word in split_words(text) if root(word.text)]
    return tuple(roots)


def cast(text: str, spans: Sequence[Span]) -> Cast:
    """Cluster the mentions: an enumeration ("X, Y and Z") founds the decisions, the rest joins or is new."""
    mentions = read_mentions(text, spans)
    groups = coordinated(text, mentions)
    clusters: list[Cluster] = []
    founders: list[Mention] = []
    strain = 0.0
    guesses: list[str] = []
    for group in groups:
        distinct = _distinct(group)
        if len(distinct) >= 2:
            founders = distinct
            break
    for mention in founders:
        cluster = Cluster(mention.text)
        cluster.roots.update(mention.roots)
        clusters.append(cluster)
    unsettled: list[Mention] = []
    for mention in mentions:
        best, score, runner = _nearest(mention, clusters)
        if best is not None and score >= 0.6 and score - runner >= 0.15:
            best.add(mention)
        elif best is not None and founders and score > 0:
            unsettled.append(mention)
        elif founders and mention.trust < 0.5:
            continue
        elif _is_new(mention, clusters, mentions):
            fresh = Cluster(mention.text)
            fresh.add(mention)
            clusters.append(fresh)
        else:
            unsettled.append(mention)
    placed: list[tuple[Mention, int]] = [
        (mention, k) for k, cluster in enumerate(clusters) for mention in cluster.mentions
    ]
    for mention in unsettled:
        guess = _by_contrast(text, mention, clusters, placed)
        strain += 0.3
        guesses.append(mention.text)
        if guess is not None:
            placed.append((mention, guess))
    kept = [k for k, cluster in enumerate(clusters) if cluster.mentions]
    order = {k: position for position, k in enumerate(kept)}
    final = sorted(
        (
            Mention(m.start, m.end, m.text, m.roots, m.trust, order[k])
            for m, k in placed
            if k in order
        ),
        key=lambda m: m.start,
    )
    return Cast(tuple(clusters[k].name for k in kept), tuple(final), strain, tuple(guesses))


def coordinated(text: str, mentions: Sequence[Mention]) -> list[list[Mention]]:
    """Runs of mentions joined by nothing but commas, `and`, `or` and articles."""
    groups: list[list[Mention]] = []
    for mention in mentions:
        if groups:
            gap = text[groups[-1][-1].end : mention.start]
            if len(gap) < 60 and _JOIN.fullmatch(gap) and _LINK.search(gap) and not re.search(r"[.!?]\s", gap):
                groups[-1].append(mention)
                continue
        groups.append([mention])
    return groups


def _distinct(group: Sequence[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in group:
        if all(set(mention.roots) != set(other.roots) for other in kept):
            kept.append(mention)
    return kept


def _nearest(mention: Mention, clusters: Sequence[Cluster]) -> tuple[Cluster | None, float, float]:
    """The cluster a mention resembles most, with its score and the runner-up's."""
    if not clusters:
        return None, 0.0, 0.0
    owners = Counter(word for cluster in clusters for word in cluster.roots)
    scored = sorted(
        ((_resemblance(mention, cluster, owners), -k) for k, cluster in enumerate(clusters)), reverse=True
    )
    best = clusters[-scored[0][1]]
    runner = scored[1][0] if len(scored) > 1 else 0.0
    return best, scored[0][0], max(runner, 0.0)


def _resemblance(mention: Mention, cluster: Cluster, owners: Counter[str]) -> float:
    """Words the two share; a word that other clusters use too counts little."""
    if any(set(mention.roots) == set(known.roots) for known in cluster.mentions):
        return 3.0
    total = 0.0
    for word in set(mention.roots):
        if word in cluster.roots:
            total += 1.0 if owners[word] == 1 else 0.15
            continue
        fuzzy = max((alike(word, known) for known in cluster.roots), default=0.0)
        if fuzzy > 0 and owners[word] == 0:
            total += 0.75 * fuzzy
        elif owners[word] == 1:
            total -= 0.5
    initials = "".join(part[0] for part in mention.roots if part)
    if total <= 0 and any(len(known) >= 2 and known == initials for known in cluster.roots):
        total = 0.9
    return total


def _is_new(mention: Mention, clusters: Sequence[Cluster], mentions: Sequence[Mention]) -> bool:
    """Whether a name without kin is a decision of its own: it comes back, or nothing is known yet."""
    if len(clusters) < 2:
        return True
    repeats = sum(1 for other in mentions if set(other.roots) & set(mention.roots))
    return repeats >= 2 and mention.trust >= 0.5


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


__all__ = ["STOP", "Cast", "Mention", "cast", "coordinated", "mention_roots", "read_mentions"]
