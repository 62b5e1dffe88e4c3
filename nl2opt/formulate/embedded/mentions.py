"""VAR spans -> decisions: which mentions name the same thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.embedded.words import root, split_words


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a decision is named; `trust` is the tagger's probability, `decision` an index."""

    start: int
    end: int
    text: str
    roots: tuple[str, ...]
    trust: float
    decision: int = -1


JOIN = re.compile(
    r"[\s,;:()“”\"'’\-–.$\\]*(?:(?:and/or|and|or|as well as|nor|versus|vs|plus|along with|together with|"
    r"a|an|the|by|using|in|with|also|either|then|some|its|his|her|their|through|via|on|for|to|two|another|new|called|named|respectively|"
    r"\d|i{1,3})\b[\s,;:()“”\"'’\-–.$\\]*){0,6}",
    re.I,
)

LINK = re.compile(r",|;|\band\b|\bor\b|as well as|\bversus\b|\bplus\b|along with|\bnor\b|\(\d\)", re.I)

_EDGE = " \t\n.,;:!?\"“”'’‘()$\\-"


def read_mentions(text: str, spans: Sequence[Span]) -> list[Mention]:
    """The VAR spans as mentions, cut at sentence ends, edges cleaned."""
    found = []
    for span in spans:
        if span.label != "VAR":
            continue
        start = span.start
        for cut in [*(m.end() for m in re.finditer(r"[.!?;]\s+", text[span.start : span.end])), None]:
            end = span.end if cut is None else span.start + cut
            mention = _cleaned(text, start, end, span.scores.get("VAR", 1.0))
            if mention is not None:
                found.append(mention)
            start = end
    found.sort(key=lambda mention: mention.start)
    found = [_without_number(text, mention, found) for mention in found]
    return _with_modifiers(text, _with_numbers(text, found))


def _with_modifiers(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Take the word before into a name that lacks its beginning: `refrigerated` before `truck trips`."""
    inner = {word for m in mentions for word in m.roots[1:]}
    openers = {m.roots[0] for m in mentions if len(m.roots) > 1} - inner
    found: list[Mention] = []
    for mention in mentions:
        match = re.search(r"([A-Za-z]+)[\s-]$", text[max(0, mention.start - 30) : mention.start])
        if match and mention.roots[0] not in openers and not (found and found[-1].end >= mention.start - 1):
            opener = mention_roots(match[1])
            known = any(
                m.roots[0] in opener and set(m.roots) & set(mention.roots) for m in mentions if len(m.roots) > 1
            )
            if opener and opener[0] in openers and known:
                start = mention.start - len(match[0])
                body = text[start : mention.end]
                mention = Mention(start, mention.end, body, mention_roots(body), mention.trust)
        found.append(mention)
    return found


def _cleaned(text: str, start: int, end: int, trust: float) -> Mention | None:
    if match := re.match(r"(?:-[A-Za-z]+|[A-Za-z]+)+", text[end:]):
        end += match.end()
    if match := re.search(r"[\w-]*\w-?$", text[max(0, start - 25) : start]):
        start -= len(match[0])
    if match := re.match(r"\d+\s+(?=\d)", text[start:end]):
        start += match.end()
    body = re.sub(r"['’]s$", "", text[start:end].rstrip(_EDGE))
    body_end = start + len(body)
    lead = re.match(rf"[{re.escape(_EDGE)}]*(?:(?:an?|the|each|per|of)\s+)?", body, re.I)
    start += lead.end() if lead else 0
    body = text[start:body_end]
    roots = mention_roots(body)
    return Mention(start, body_end, body, roots, trust) if body and roots else None


def _without_number(text: str, mention: Mention, all_of_them: Sequence[Mention]) -> Mention:
    """Cut a number off a name that has it only once and goes without elsewhere: `hydro` for "hydro 31, wind 52"."""
    match = re.fullmatch(r"(.*[^\W\d])\s+\d+(?:[.,]\d+)*", mention.text)
    if match is None or text.count(mention.text) > 1:
        return mention
    base = mention_roots(match[1])
    bare = sum(other.roots == base for other in all_of_them)
    numbered = sum(len(other.roots) == len(base) + 1 and other.roots[:-1] == base for other in all_of_them)
    if bare < max(2, numbered):
        return mention
    return Mention(mention.start, mention.start + len(match[1]), match[1], base, mention.trust)


def _with_numbers(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Take a number into a name if the name has it elsewhere: `Analyzer` before `3000`."""
    full = {m.roots for m in mentions}
    found = []
    for mention in mentions:
        match = re.match(r"\s(\d[\w.]*)\b", text[mention.end :])
        if match and (*mention.roots, match[1].lower()) in {roots[: len(mention.roots) + 1] for roots in full}:
            end = mention.end + match.end()
            mention = Mention(
                mention.start, end, text[mention.start : end], mention_roots(text[mention.start : end]), mention.trust
            )
        found.append(mention)
    return found


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


def coordinated(text: str, mentions: Sequence[Mention]) -> list[list[Mention]]:
    """Runs of mentions joined by nothing but commas, `and`, `or` and articles."""
    groups: list[list[Mention]] = []
    for mention in mentions:
        if groups:
            gap = text[groups[-1][-1].end : mention.start]
            if len(gap) < 60 and JOIN.fullmatch(gap) and LINK.search(gap) and not re.search(r"[.!?]\s", gap):
                groups[-1].append(mention)
                continue
        groups.append([mention])
    return groups
