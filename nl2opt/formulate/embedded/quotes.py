"""Place in a text -> quote: a verbatim piece, with its number where it occurs more than once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from nl2opt.formulate.embedded.declarations import Place
from nl2opt.formulate.text import Passage

Quote = str | dict[str, Any]


def quote(text: str, place: Place) -> Quote:
    """`text[start:end]`, as `{text, nth}` if it also occurs earlier or later."""
    body = text[place[0] : place[1]]
    starts = [k for k in range(len(text) - len(body) + 1) if text.startswith(body, k)] if body else []
    if len(starts) <= 1:
        return body
    counted = _without_overlaps(starts, len(body))
    nth = next((n for n, k in enumerate(counted, start=1) if k == place[0]), 0)
    return {"text": body, "nth": nth} if nth else body


def _without_overlaps(starts: list[int], length: int) -> list[int]:
    kept: list[int] = []
    for start in starts:
        if not kept or start >= kept[-1] + length:
            kept.append(start)
    return kept


def quotes(text: str, places: Iterable[Place]) -> list[Quote]:
    """Quotes of several places, in text order, each once, pieces of larger pieces left out."""
    ordered = sorted(set(places))
    kept = [p for p in ordered if p[1] > p[0] and not any(q != p and q[0] <= p[0] and p[1] <= q[1] for q in ordered)]
    return [quote(text, place) for place in kept]


def phrase(passage: Passage, place: Place, words: int = 4) -> Place:
    """A number with a few words on either side, within its clause: what a person would underline."""
    text = passage.text
    sentence = passage.sentence_at(place[0])
    low, high = (sentence.start, sentence.end) if sentence else (0, len(text))
    left = text[low : place[0]]
    right = text[place[1] : high]
    left = re.split(r"[,;:()]\s|[.!?]\s", left)[-1] if left else ""
    stop = re.search(r"[,;:()](?=\s|$)|[.!?](?=\s|$)", right)
    right = right[: stop.start()] if stop else right
    before = list(re.finditer(r"\S+", left))[-words:]
    after = list(re.finditer(r"\S+", right))
    start = place[0] - len(left) + before[0].start() if before else place[0] - _glued(left)
    end = place[1]
    taken = 0
    for match in after:
        if match.start() == 0 or taken < words:
            end = place[1] + match.end()
            taken += match.start() != 0
        else:
            break
    return start, end


def _glued(left: str) -> int:
    """Length of what stands directly before a number, such as a currency sign."""
    match = re.search(r"\S+$", left)
    return len(match[0]) if match else 0
