"""Text -> Span: the labelled pieces of a question, the words the tagger and the assembly share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LABELS: Final = ("VAR", "PARAM", "LIMIT", "CONST_DIR", "OBJ_DIR", "OBJ_NAME")
"""What a span can be: a decision variable's name; a coefficient; the bound of a constraint; the words that
state a constraint's direction; the words that state the objective's; the name of what is optimised."""

OUTSIDE: Final = "O"
"""The label of text that is none of these; a key of `Span.scores`, never a `Span.label`."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the text with its label: `source[start:end] == text`, never empty, no blank at either end.

    `scores` holds a probability for each of LABELS and OUTSIDE, summing to 1: the mean over the span's words of the
    probability that the word bears the label. The label need not be the likeliest one (decoding looks at the whole
    sequence); a second score close to the first marks a tag worth flipping.
    """

    label: str
    start: int
    end: int
    text: str
    scores: Mapping[str, float]
