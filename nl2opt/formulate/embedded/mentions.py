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
    clusters = _founded(text, mentions)
    generic = _generic(mentions, clusters)
    unsettled: list[Mention] = []
    for mention in mentions:
        best, score, runner = _nearest(mention, clusters, generic)
        if best is not None and score >= 0.5 and score - runner >= 0.1:
            best.add(mention)
        elif _is_new(mention, clusters, mentions, generic):
            clusters.append(Cluster(mention.text, [mention], set(mention.roots)))
        else:
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
    final.sort(key=lambda mention: mention.start)
    return Cast(tuple(clusters[k].name for k in kept), tuple(final), 0.3 * len(guesses), tuple(guesses))


def _founded(text: str, mentions: Sequence[Mention]) -> list[Cluster]:
    """The first clusters: from the enumeration that explains most mentions, else from names that differ."""
    candidates = []
    for group in coordinated(text, mentions):
        distinct = _distinct(group)
        if len(distinct) >= 2 and distinct not in candidates:
            candidates.append(distinct)
    contrast: list[Mention] = []
    for mention in mentions:
        roots = set(mention.roots)
        if len(contrast) < 2 and all(not (roots <= set(o.roots) or set(o.roots) <= roots) for o in contrast):
            contrast.append(mention)
    candidates.append(contrast)
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
    return [Cluster(mention.text, [], set(mention.roots)) for mention in best]


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
        if cluster.roots <= found and not any(other is not cluster and cluster.roots < other.roots for other in clusters):
            found -= {word for word in cluster.roots if owners[word] == 1}
    return found


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


def _nearest(
    mention: Mention, clusters: Sequence[Cluster], generic: set[str]
) -> tuple[Cluster | None, float, float]:
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
            total += 0.75 * fuzzy
    for other in clusters:
        if other.roots < cluster.roots and other.roots <= roots and not _modifiers(cluster, other) & roots:
            total -= 1.0
        elif cluster.roots < other.roots and cluster.roots <= roots and not _modifiers(other, cluster) & roots:
            total += 2.0
    for word in cluster.roots - roots - generic:
        if max((alike(word, other) for other in roots), default=0.0) == 0:
            total -= 0.1
    initials = "".join(part[0] for part in mention.roots if part)
    if total <= 0 and any(len(known) >= 2 and known == initials for known in cluster.roots):
        total = 0.9
    return total


def _modifiers(longer: Cluster, shorter: Cluster) -> set[str]:
    """What stands before the shorter name inside the longer: `dark` for "dark blue shirts" and "blue"."""
    roots = mention_roots(longer.name)
    first = min((k for k, word in enumerate(roots) if word in shorter.roots), default=0)
    return set(roots[:first])


def _is_new(
    mention: Mention, clusters: Sequence[Cluster], mentions: Sequence[Mention], generic: set[str]
) -> bool:
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


__all__ = ["STOP", "Cast", "Mention", "cast", "coordinated", "mention_roots", "read_mentions"]
