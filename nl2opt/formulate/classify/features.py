"""Sentence -> features: words with numbers, money, times and names made alike, and their short sequences.

A sentence's template is told by its small words; what it is about changes from text to text. So numbers keep only how
large they are and what they count, names and letters only that they are names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from nl2opt.formulate.embedded.wordpiece import word_set

_TOKEN: Final = re.compile(
    r"(?P<money>[$£€]\s?\d[\d.,]*\s?(?:k|m|million|billion|thousand)?\b|"
    r"\b\d[\d.,]*\s?(?:k|million|thousand)?\s?(?:euros?|dollars?|pounds sterling|eur|usd|gbp|cents?|francs?)\b|"
    r"\b\d+k\b)"
    r"|(?P<share>\b\d[\d.,]*\s?(?:%|percent\b|per cent\b))"
    r"|(?P<time>\b\d{1,2}[:.]\d\d\b(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}\s?[ap]\.?m\b\.?|\b\d{1,2}\s+o'clock\b|\bnoon\b|"
    r"\bmidnight\b)"
    r"|(?P<ratio>\b\d+\s?:\s?\d+\b)"
    r"|(?P<number>(?<![\w.])-?\d[\d.,]*\d|(?<![\w.])\d)(?P<unit>\s?(?:kg|g|mg|km|cm|mm|m|m2|m3|mw|mwh|kwh|kw|gb|mb|l|"
    r"ft)\b)?"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?\d*|\w+)"
    r"|(?P<mark>[,;:?()=<>+*/-])",
    re.I,
)
_SMALL: Final = word_set("two three four five six seven eight nine ten eleven twelve")
_LARGE: Final = word_set(
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred thousand million billion dozen"
)
_PART: Final = word_set("third thirds quarter quarters fifth fifths tenth tenths sixth")
_DAYS: Final = word_set("monday tuesday wednesday thursday friday saturday sunday")
_MONTHS: Final = word_set("january february march april june july august september october november december")
_LONGEST: Final = 3
"""Words of the longest sequence."""
_APART: Final = 4
"""How many words further the second word of a pair may stand."""


def tokens(sentence: str) -> list[str]:
    """The words and marks of a sentence, with what only fills it made alike: `#few`, `#money`, `#name`, ..."""
    sentence = unicodedata.normalize("NFKC", sentence).replace("’", "'")
    found: list[str] = []
    for match in _TOKEN.finditer(sentence):
        kind = match.lastgroup
        if kind in ("unit", "number"):
            found.append(_number(match["number"]))
            if match["unit"]:
                found.append("#unit")
        elif kind == "word":
            found.extend(_word(match[0], first=match.start() == 0))
        elif kind == "mark":
            found.append(match[0])
        else:
            found.append(f"#{kind}")
    return found


def _number(text: str) -> str:
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return "#many"
    if value in (0, 1):
        return ("zero", "one")[int(value)]
    return "#few" if value <= 12 and value == int(value) else "#part" if 0 < value < 1 else "#many"


def _word(word: str, first: bool) -> Iterator[str]:
    lower = word.lower()
    if lower.endswith("n't"):
        yield from ("can" if lower == "can't" else lower[:-3], "not")
    elif lower == "cannot":
        yield from ("can", "not")
    elif lower in _SMALL:
        yield "#few"
    elif lower in _LARGE:
        yield "#many"
    elif lower in _PART:
        yield "#part"
    elif lower in _DAYS or lower.rstrip("s") in _DAYS:
        yield "#day"
    elif lower in _MONTHS:
        yield "#month"
    elif _is_letter(word, first) or re.fullmatch(r"[A-Za-z]{1,2}\d+", word):
        yield "#letter"
    elif word[0].isupper() and not first:
        yield "#name"
    else:
        yield lower.removesuffix("'s")


def _is_letter(word: str, first: bool) -> bool:
    """Whether it names something, as in `site A`; `I` and `a` are words, and so may the first letter be."""
    return len(word) == 1 and word not in ("a", "i", "o") and not (first and word in ("A", "I"))


def grams(found: Sequence[str]) -> Iterator[str]:
    """Sequences of up to three words, pairs of words some words apart, and the first words of the sentence."""
    padded = ["^", *found, "$"]
    for size in range(1, _LONGEST + 1):
        for i in range(len(padded) - size + 1):
            yield " ".join(padded[i : i + size])
    for i, left in enumerate(padded):
        for right in padded[i + 2 : i + 2 + _APART]:
            yield f"{left} .. {right}"
