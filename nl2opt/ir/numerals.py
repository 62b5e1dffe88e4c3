"""Words -> exact numbers: numerals in digits and in English words, as `Fraction`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

UNITS: Final = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
TENS: Final = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
} | {"fourty": 40}
MAGNITUDES: Final = {
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
GROUPS: Final = {"dozen": 12, "dozens": 12}
PARTS: Final = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "fourth": 4,
    "fourths": 4,
    "fifth": 5,
    "fifths": 5,
    "sixth": 6,
    "sixths": 6,
    "seventh": 7,
    "eighth": 8,
    "eighths": 8,
    "tenth": 10,
    "tenths": 10,
}
MULTIPLES: Final = {
    "twice": 2,
    "thrice": 3,
    "double": 2,
    "triple": 3,
    "quadruple": 4,
    "doubled": 2,
    "tripled": 3,
}
VULGAR: Final = {
    "½": Fraction(1, 2),
    "⅓": Fraction(1, 3),
    "⅔": Fraction(2, 3),
    "¼": Fraction(1, 4),
    "¾": Fraction(3, 4),
    "⅕": Fraction(1, 5),
    "⅛": Fraction(1, 8),
}
LETTER_MAGNITUDES: Final = {"k": 1000, "K": 1000, "M": 10**6, "bn": 10**9}

WORD: Final = "|".join(sorted((*UNITS, *TENS, *MAGNITUDES), key=len, reverse=True))
DIGITS: Final = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"


def digits_value(text: str) -> Fraction:
    """`1,250.5` -> 2501/2, exactly as written."""
    return Fraction(text.replace(",", ""))


def words_value(words: list[str]) -> Fraction | None:
    """`one hundred and twenty thousand` -> 120000; None if the words are not one cardinal number."""
    total = 0
    group = 0
    seen = False
    last_unit = False
    for word in words:
        if word == "and":
            last_unit = False
        elif word in UNITS:
            if last_unit:
                return None
            group += UNITS[word]
            seen = last_unit = True
        elif word in TENS:
            if last_unit:
                return None
            group += TENS[word]
            seen = True
        elif word in MAGNITUDES:
            size = MAGNITUDES[word]
            group = max(group, 1) * size
            if size >= 1000:
                total, group = total + group, 0
            seen, last_unit = True, False
        else:
            return None
    return Fraction(total + group) if seen else None


def number_value(text: str) -> Fraction | None:
    """The exact value of one written number: `$1.5 million`, `30%`, `a third`, `3 times`, `one hundred`; else None."""
    body = text.strip().strip("$£€ ").lower().rstrip(".,")
    if re.search(r"%|per ?cent\b|\bpercent", body):
        inner = number_value(re.sub(r"%|per ?cent\b|percent(age points)?", " ", body))
        return None if inner is None else inner / 100
    body = re.sub(r"^(?:an?|the)\s+", "", body)
    body = re.sub(r"\s*\b(?:times|as many|as much|of|the|more|dollars?)\b\s*", " ", body).strip(" $£€")
    if body in VULGAR:
        return VULGAR[body]
    if match := re.fullmatch(r"(\d+)\s*/\s*(\d+)", body):
        return Fraction(int(match[1]), int(match[2])) if int(match[2]) else None
    if match := re.fullmatch(r"(\d+)[\s-]+(\d+)\s*/\s*(\d+)", body):
        return int(match[1]) + Fraction(int(match[2]), int(match[3])) if int(match[3]) else None
    if match := re.match(rf"({DIGITS})\s*(x|[a-z]+)?", body):
        value = digits_value(match[1])
        return value * MAGNITUDES.get(match[2] or "", LETTER_MAGNITUDES.get(match[2] or "", 1))
    words = [word for word in re.split(r"[\s-]+", body) if word]
    return _phrase_value(words)


def _phrase_value(words: list[str]) -> Fraction | None:
    if not words:
        return None
    if words[0] in MULTIPLES and len(words) == 1:
        return Fraction(MULTIPLES[words[0]])
    if words[0] == "half" and len(words) > 1:
        rest = _phrase_value([word for word in words[1:] if word != "a"])
        return None if rest is None else rest / 2
    if words[-1] in GROUPS:
        count = _phrase_value(words[:-1]) if words[:-1] not in ([], ["a"]) else Fraction(1)
        return None if count is None else count * GROUPS[words[-1]]
    if words[-1] in PARTS:
        part = Fraction(1, PARTS[words[-1]])
        head = words[:-1]
        if not head or head == ["a"]:
            return part
        if head[-2:] == ["and", "a"]:
            whole = words_value(head[:-2])
            return None if whole is None else whole + part
        count = words_value(head)
        return None if count is None else count * part
    if len(words) >= 5 and words[-1] in MAGNITUDES and words[-4:-1] == ["and", "a", "half"]:
        whole = words_value(words[:-4])
        return None if whole is None else (whole + Fraction(1, 2)) * MAGNITUDES[words[-1]]
    return words_value(words)
