"""Text -> words with roots and offsets; how alike two words are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

STOP: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "by",
        "with",
        "from",
        "and",
        "or",
        "nor",
        "but",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "it",
        "its",
        "they",
        "them",
        "their",
        "he",
        "she",
        "his",
        "her",
        "him",
        "this",
        "that",
        "these",
        "those",
        "there",
        "which",
        "who",
        "whom",
        "whose",
        "what",
        "when",
        "where",
        "how",
        "if",
        "then",
        "than",
        "so",
        "such",
        "each",
        "every",
        "either",
        "both",
        "one",
        "ones",
        "any",
        "all",
        "some",
        "per",
        "will",
        "would",
        "can",
        "could",
        "may",
        "might",
        "must",
        "should",
        "shall",
        "do",
        "does",
        "did",
        "has",
        "have",
        "had",
        "not",
        "no",
        "also",
        "only",
        "just",
        "while",
        "whereas",
        "since",
        "because",
        "due",
        "into",
        "out",
        "up",
        "over",
        "about",
        "i",
        "we",
        "you",
        "our",
        "your",
        "my",
        "us",
        "me",
        "between",
        "among",
        "more",
        "less",
        "most",
        "least",
        "many",
        "much",
        "few",
        "amount",
        "number",
        "types",
        "type",
        "kinds",
        "kind",
        "way",
        "ways",
        "additionally",
        "further",
        "furthermore",
        "however",
        "therefore",
        "moreover",
        "addition",
        "first",
        "second",
        "finally",
        "lastly",
        "get",
        "gets",
        "make",
        "makes",
        "made",
        "use",
        "uses",
        "used",
        "using",
        "take",
        "takes",
        "taken",
        "need",
        "needs",
        "needed",
        "require",
        "requires",
        "required",
        "contain",
        "contains",
        "has",
        "given",
        "via",
        "other",
        "another",
        "same",
        "different",
        "own",
        "whether",
        "too",
        "very",
    ]
)
"""Words that tell nothing about what is counted."""

IRREGULAR: Final = {
    "men": "man", "women": "woman", "people": "person", "persons": "person", "children": "child", "feet": "foot",
    "mice": "mouse", "geese": "goose", "teeth": "tooth", "shelves": "shelf", "knives": "knife", "loaves": "loaf",
    "leaves": "leaf", "halves": "half", "buses": "bus", "busses": "bus", "gases": "gas", "lenses": "lens",
    "lens": "lens", "ads": "ad",
    "lbs": "lb", "hrs": "hour", "hr": "hour", "mins": "minute", "min": "minute", "secs": "second", "kgs": "kg",
    "kilogram": "kg", "kilograms": "kg", "grams": "g", "gram": "g", "pounds": "lb", "pound": "lb", "ounces": "oz",
    "ounce": "oz", "litres": "litre", "liters": "litre", "liter": "litre", "metre": "meter", "metres": "meter",
    "milligrams": "mg", "milligram": "mg", "dollars": "$", "dollar": "$", "usd": "$", "tonnes": "ton", "tonne": "ton",
    "movies": "movie", "cookies": "cookie", "calories": "calorie", "pies": "pie", "ties": "tie", "selfies": "selfie",
    "bought": "buy", "sold": "sell", "spent": "spend", "paid": "pay", "built": "build", "hired": "hire",
    "analyses": "analysis", "data": "data", "series": "series", "glasses": "glass", "gasoline": "gas", "tyres": "tire",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a mark of the text; `root` is what it is compared by ("" for marks and stop words)."""

    text: str
    start: int
    end: int
    root: str

    @property
    def low(self) -> str:
        """The word in lower case."""
        return self.text.lower()


_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?|\d[\d,]*(?:\.\d+)?|[$£€%]|[.,;:!?()\"“”]|[^\s\w]")


@lru_cache(maxsize=512)
def split_words(text: str) -> tuple[Word, ...]:
    """All words and marks in order; hyphens separate words."""
    words = []
    for match in _WORD.finditer(text):
        body = match[0]
        letter = body == "A" and not re.match(r"\s+[a-z]", text[match.end() :])
        words.append(Word(body, match.start(), match.end(), "" if body.lower() in STOP and not letter else root(body)))
    return tuple(words)


@lru_cache(maxsize=8192)
def root(word: str) -> str:
    """What a word is compared by: lower case, singular, without -ing, -ed; "" for marks."""
    if re.fullmatch(r"[A-Z]{2,}s", word):
        word = word[:-1]
    low = re.sub(r"['’]s?$", "", word.lower())
    if low in IRREGULAR:
        return IRREGULAR[low]
    if low in "$£€":
        return "$"
    if low == "%":
        return "%"
    if not low or not (low[0].isalpha() or low[0].isdigit()):
        return ""
    if low[0].isdigit():
        return low
    return _bare(singular(low))


def singular(low: str) -> str:
    """`boxes` -> `box`, `berries` -> `berry`."""
    if low in IRREGULAR:
        return IRREGULAR[low]
    if len(low) <= 3 or low.endswith(("ss", "us", "is")):
        return low
    if low.endswith("ies") and len(low) > 4:
        return low[:-3] + "y"
    if low.endswith(("sses", "shes", "ches", "xes", "zes")):
        return low[:-2]
    if low.endswith("oes"):
        return low[:-2]
    return low[:-1] if low.endswith("s") else low


def _bare(low: str) -> str:
    stem = _stem(low)
    return re.sub(r"(?:ie|y)$", "i", stem) if len(stem) > 3 else stem


def _stem(low: str) -> str:
    for ending in ("ation", "ing", "ed", "er", "ly", "ment", "e"):
        stem = low[: -len(ending)]
        if low.endswith(ending) and len(stem) >= 4 and re.search(r"[aeiouy]", stem):
            if ending in ("ing", "ed", "er") and len(stem) > 4 and stem[-1] == stem[-2] and stem[-1] not in "lsz":
                stem = stem[:-1]
            return stem[:-1] if stem.endswith("e") and len(stem) > 4 else stem
    return low


@lru_cache(maxsize=65536)
def alike(left: str, right: str) -> float:
    """How alike two roots are, 0 to 1: equal, or a long common beginning."""
    if left == right:
        return 1.0 if left else 0.0
    if not left or not right or left[0] != right[0]:
        return 0.0
    short, long = sorted((left, right), key=len)
    common = 0
    while common < len(short) and short[common] == long[common]:
        common += 1
    if common < 4:
        return 0.0
    part = common / len(long)
    if common == len(short) and len(long) - common <= 4:
        return 0.85
    return 0.7 * part if part >= 0.55 else 0.0
