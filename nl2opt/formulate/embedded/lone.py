"""Spans -> Span: without the names that are hardly a variable's, seen over the whole text.

A tagger judges each place; a text names its variables again and again. A name said once or twice, akin to no other, in
a text with two well-attested variables, is a bystander ("for its coconuts") unless the tagger is certain.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from nl2opt.formulate.embedded.spans import Span
from nl2opt.formulate.embedded.wordpiece import stem_of

CERTAIN: Final = 0.95
"""Below it, of such names in the public corpus 5 were variables and 71 were not (tagged by networks that had not seen
the texts); above it 58 were and 24 not."""


def without_bystanders(spans: Sequence[Span]) -> list[Span]:
    """All spans but the doubtful lone names."""
    keys = [name_key(span.text) if span.label == "VAR" else () for span in spans]
    said = Counter(key for key in keys if key)
    kept = []
    for span, key in zip(spans, keys, strict=True):
        others = [other for other in said if other != key]
        attested = sum(said[other] > 1 for other in others) > 1
        akin = any(set(key) & set(other) for other in others)
        if key and said[key] < 3 and attested and not akin and span.scores["VAR"] < CERTAIN:
            continue
        kept.append(span)
    return kept


def name_key(name: str) -> tuple[str, ...]:
    """What one and several of a thing have in common: the stems of its words."""
    return tuple(stem_of(word) or word.lower() for word in re.findall(r"\w+", name))
