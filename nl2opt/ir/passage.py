"""Text -> Passage: sentences S1, S2, ... and quantities N1, N2, ..., with exact offsets and exact values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

from nl2opt.ir.numerals import (
    DIGITS,
    GROUPS,
    LETTER_MAGNITUDES,
    MAGNITUDES,
    MULTIPLES,
    PARTS,
    TENS,
    UNITS,
    VULGAR,
    WORD,
    number_value,
)

QuantityKind = Literal["number", "percent", "fraction", "multiple", "time", "name"]
"""`percent` and `fraction` are parts of a whole, `multiple` compares ("twice", "3 times as many"), `time` is a clock
time (value in minutes after midnight), `name` is a number that belongs to a name ("No. 5", "3-piece")."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the text: `source[start:end] == text`."""

    id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of the text with its exact value; 30 % is 3/10. `currency` is the sign before or after it, if any."""

    id: str
    start: int
    end: int
    text: str
    value: Fraction
    kind: QuantityKind
    sentence: str
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text cut into sentences and quantities, both in text order."""

    text: str
    sentences: tuple[Sentence, ...]
    quantities: tuple[Quantity, ...]

    def sentence_at(self, offset: int) -> Sentence | None:
        """The sentence that covers a character offset."""
        return next((s for s in self.sentences if s.start <= offset < s.end), None)


ABBREVIATIONS: Final = frozenset(
    [
        "e.g",
        "i.e",
        "etc",
        "vs",
        "no",
        "nos",
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "st",
        "approx",
        "ca",
        "cf",
        "fig",
        "sq",
        "ft",
        "oz",
        "lb",
        "lbs",
        "hr",
        "hrs",
        "min",
        "mins",
        "sec",
        "max",
        "avg",
        "inc",
        "ltd",
        "co",
        "corp",
        "dept",
        "est",
        "a.m",
        "p.m",
        "u.s",
        "u.k",
        "gal",
        "qty",
        "wt",
        "vol",
        "temp",
    ]
)
ALWAYS_OPEN: Final = frozenset(
    ["e.g", "i.e", "vs", "no", "nos", "mr", "mrs", "ms", "dr", "prof", "approx", "ca", "cf", "fig"]
)
BULLET: Final = re.compile(r"[ \t]*(?:[-*•‣–]|\(?\d{1,2}[.)]|\(?[a-z][.)])[ \t]+")


@lru_cache(maxsize=512)
def segment(text: str) -> Passage:
    """Cut a text into sentences and find its quantities."""
    sentences = tuple(
        Sentence(f"S{k}", start, end, text[start:end]) for k, (start, end) in enumerate(_cuts(text), start=1)
    )
    found = []
    for start, end, kind, value, currency in sorted(_numbers(text)):
        home = next((s.id for s in sentences if s.start <= start < s.end), "")
        found.append((start, end, kind, value, currency, home))
    quantities = tuple(
        Quantity(f"N{k}", start, end, text[start:end], value, kind, home, currency)
        for k, (start, end, kind, value, currency, home) in enumerate(found, start=1)
    )
    return Passage(text, sentences, quantities)


# Sentences


def _cuts(text: str) -> list[tuple[int, int]]:
    """Offsets of the sentences, blanks at either end left out."""
    ends: list[int] = []
    for match in re.finditer(r"[.!?]+[\"'”’)\]]*(?=\s|$)|\n+|(?<=[a-z])[.!?](?=[A-Z][a-z])", text):
        if match[0][0] == "\n":
            after = text[match.end() :]
            before = text[: match.start()].rstrip()
            if (
                len(match[0]) > 1
                or BULLET.match(after)
                or before.endswith((":", ".", "!", "?", ";"))
                or (after[:1].isupper() and len(before.rsplit("\n", 1)[-1]) < 60)
            ):
                ends.append(match.start())
        elif _ends_sentence(text, match.start(), match.end()):
            ends.append(match.end())
    pieces: list[tuple[int, int]] = []
    start = 0
    for end in sorted({*ends, len(text)}):
        piece = text[start:end]
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            pieces.append((start + lead, start + len(piece.rstrip())))
        start = end
    return pieces


def _ends_sentence(text: str, at: int, end: int) -> bool:
    """Whether the punctuation at `at` closes a sentence, not an abbreviation or a bullet number."""
    if text[at] != ".":
        return True
    word_match = re.search(r"[\w.]*$", text[:at])
    word = word_match[0].lower().strip(".") if word_match else ""
    following = text[end:].lstrip()
    if not following:
        return True
    if word in ALWAYS_OPEN and not (word in ("no", "nos") and not following[0].isdigit()):
        return False
    starts_new = following[0].isupper() or following[0].isdigit() or following[0] in "\"“'‘([$£€-•*"
    if not starts_new:
        return False
    if word in ABBREVIATIONS and word not in ("co", "inc", "ltd", "corp", "min", "max", "etc"):
        return following[0].isupper() and not re.match(r"[A-Z]\.", following)
    line = text[: at - len(word)].rsplit("\n", 1)[-1].strip(" (*-")
    if not line and re.fullmatch(r"\d{1,2}|[a-z]", word):
        return False
    if len(word) == 1 and word.isalpha() and text[at - 1].isupper():
        previous = re.search(r"([\w']+)\W+$", text[: at - 1])
        return not (
            previous is None or (previous[1][0].isupper() and text[end : end + 1] == " " and _is_name(previous[1]))
        )
    return True


def _is_name(word: str) -> bool:
    """A title before an initial, as in `Mr J. Smith`."""
    return word.lower() in {"mr", "mrs", "ms", "dr", "prof"}


# Quantities

_Number = tuple[int, int, QuantityKind, Fraction, str]
_SCALE = "|".join(MAGNITUDES)
_PART = "|".join(sorted(PARTS, key=len, reverse=True))
_SUMS = "|".join(rf"(?<={m})" for m in MAGNITUDES)
_WORDS = rf"(?:{WORD})(?:(?:[\s-]+|(?:{_SUMS})\s+and\s+)(?:{WORD}))*"
_PERCENT = r"\s*(?:%|per\s?cent\b|percent\b)"

PATTERN: Final = re.compile(
    rf"""
    (?P<clock>\b(?:[01]?\d|2[0-3]):[0-5]\d(?:\s?[ap]\.?m\b\.?)?)
  | (?P<mixed>(?<![\w.,/])\d+[\s-]+\d+/\d+(?![\d/]))
  | (?P<ratio>(?<![\w.,/])\d+/\d+(?![\d/]))
  | (?P<vulgar>\d*\s?[{"".join(VULGAR)}])
  | (?P<digits>(?<![\w.])(?<!\d,)(?:(?<=[\d%$£€])-)?{DIGITS})
    (?:(?P<percent>{_PERCENT})|\s*-?\s*(?P<scale>(?:hundred\s+)?(?:{_SCALE})s?|dozen)\b|(?P<letter>k|K|M|bn)\b)?
  | \b(?P<halfgroup>half\s+(?:an?\s+)?(?:dozen|{_SCALE}))\b
  | \b(?P<group>(?:a\s+|{_WORDS}\s+)?dozens?)\b
  | \b(?P<wholepart>{_WORDS}\s+and\s+a\s+(?:half|quarter|third)(?:\s+(?:{_SCALE}))?)\b
  | \b(?P<part>(?:(?:an?|{_WORDS})[\s-]+)?(?:{_PART}))\b
  | \b(?P<wordpercent>{_WORDS}){_PERCENT}
  | \b(?P<scaled>an?\s+(?:{_SCALE}))\b
  | \b(?P<words>{_WORDS})\b
  | \b(?P<multiple>{"|".join(MULTIPLES)})\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TIMES = re.compile(
    r"\s*(?:times\b|x\b|[×])(?!\s*(?:a|an|per|each|every|daily|weekly|monthly|in|this|during)\b)(?!\s*(?:[.?!,;]|$))",
    re.I,
)
_CURRENCY_BEFORE = re.compile(r"(US\$|\$|£|€|¥)\s?\\?$")
_CURRENCY_AFTER = re.compile(r"\s?(\$|£|€|¥)(?![\d.])")
_CLASSES = re.compile(
    r"\s+(?:\w+\s+){0,2}?(?:types?|kinds?|sorts?|methods?|ways?|models?|options?|sizes?|sized|varieties|brands?|versions?|"
    r"grades?|channels?|forms?|sources?|styles?|processes|categories)\b",
    re.I,
)
_UNCOUNTED = re.compile(
    r"(?:\b(?:no|any|every|some|which|this|that|each|another|only|premium|regular)\s+|\b(?:the|other)\s+)$", re.I
)


def _numbers(text: str) -> list[_Number]:
    found: list[_Number] = []
    for match in PATTERN.finditer(text):
        number = _read(text, match)
        if number is not None:
            found.append(number)
    return found


def _read(text: str, match: re.Match[str]) -> _Number | None:
    start, end = match.span()
    group = match.lastgroup or ""
    groups = {name for name, value in match.groupdict().items() if value is not None}
    body = match[0]
    before, after = text[:start], text[end:]
    if "clock" in groups:
        return start, end, "time", _clock(body), ""
    if groups & {"part", "words", "group", "scaled", "multiple"} and not _is_counted(text, match, groups):
        return None
    if "digits" in groups and _is_label(before, after, match):
        value = number_value(match["digits"].lstrip("-"))
        if re.search(r"(?:^|\s)\($", before) and re.match(r"\)\s", after):
            return None
        name_end = start + len(match["digits"])
        return None if value is None else (start, name_end, "name", value, "")
    value = _value(match, groups)
    if value is None:
        return None
    currency_match = _CURRENCY_BEFORE.search(before)
    formula = before.endswith("$") and after.startswith("$") and not before.endswith("\\$")
    currency = currency_match[1] if currency_match and not formula else ""
    if not currency and not formula and (behind := _CURRENCY_AFTER.match(after)):
        currency = behind[1]
    kind: QuantityKind = "number"
    if groups & {"percent", "wordpercent"}:
        kind = "percent"
    elif "multiple" in groups or _TIMES.match(after):
        kind = "multiple"
        if times := re.match(r"\s*times\b", after):
            end += times.end()
    elif "part" in groups or (groups & {"ratio", "vulgar"} and value < 1):
        kind = "fraction"
    if group == "" and not body.strip():
        return None
    return start, end, kind, value, currency


def _value(match: re.Match[str], groups: set[str]) -> Fraction | None:
    if "digits" in groups:
        value = number_value(match["digits"].lstrip("-"))
        if value is None:
            return None
        if match["percent"]:
            return value / 100
        for word in re.split(r"\s+", (match["scale"] or "").lower()):
            value *= MAGNITUDES.get(word.removesuffix("s"), GROUPS.get(word, 1))
        return value * LETTER_MAGNITUDES.get(match["letter"] or "", 1)
    if "vulgar" in groups:
        whole = match[0][:-1].strip()
        return (int(whole) if whole else 0) + VULGAR[match[0][-1]]
    if "wordpercent" in groups:
        inner = number_value(match["wordpercent"])
        return None if inner is None else inner / 100
    return number_value(match[0])


def _is_counted(text: str, match: re.Match[str], groups: set[str]) -> bool:
    """Whether a number word counts something: not `each one`, `the third machine`, `this quarter`, `double room`."""
    body = match[0].lower()
    before, after = text[: match.start()], text[match.end() :].lower()
    if "part" in groups:
        if body in ("second", "seconds"):
            return False
        if body.split()[-1].split("-")[-1] in ("half", "halves", "thirds", "quarters", "fifths", "tenths"):
            return not after.startswith("-")
        if re.match(r"\s*(?:of\b|the\b|as\b|[.,;?]|$|times\b|more\b|must\b)", after) is None and not re.match(
            r"(?:an?|one)\b", body
        ):
            return False
        if re.match(r"(?:an?|one)\b", body):
            return True
        return (
            re.search(r"\b(?:least|most|than|be|exceed|only|about|exactly|over|under|by)\s+$", before.lower())
            is not None
        )
    if "multiple" in groups:
        if body in ("double", "triple", "quadruple"):
            return re.match(r"\s+(?:the\b|as\b|that\b|of\b|what\b|its\b|their\b|those\b|these\b)", after) is not None
        return True
    if body in ("one", "zero") and "words" in groups:
        if _UNCOUNTED.search(before) or re.match(
            r"(?:\s*(?:[.,;:?!)’']|$)|\s+(?:of|by|and|or|that|which|another)\b|-by-)", after
        ):
            return False
        return not re.search(r"\b(?:type|area|option|method|no\.|number|[a-z]+er|[a-z]+or|new)\s+$", before.lower())
    if re.search(r"\b(?:these|those|both|the|its|their|his|her|other)\s+$", before.lower()) and "words" in groups:
        return body not in ("two", "three", "four", "five", "six")
    if body in ("two", "three", "four", "five", "six") and _CLASSES.match(after):
        return False
    return not (body in ("two", "three") and re.match(r"\s+different\b", after))


def _is_label(before: str, after: str, match: re.Match[str]) -> bool:
    """Whether digits are part of a name or an enumeration: `No. 5`, `3-piece`, `(1)`, `# 2`."""
    if match["percent"] or match["scale"]:
        return False
    if re.search(r"(?:\bNo\.?|#|\bRoute|\bHighway|\bPhase|\bVersion|\bv)\s*$", before):
        return True
    if re.search(r"(?:^|\s)\($", before) and re.match(r"\)\s", after):
        return True
    if re.match(r"[A-Z](?![A-Za-z])", after):
        return True
    priced = _CURRENCY_BEFORE.search(before) or re.match(r"\s+(?:for|per|on|in)\b", after)
    if len(match["digits"]) == 1 and _CLASSES.match(after) and not priced:
        return True
    if re.match(r"-(?!to-|\d)[A-Za-z]", after) and not re.match(
        r"-(?:hours?|minutes?|days?|weeks?|months?|years?|seconds?)\b", after
    ):
        return True
    return bool(re.search(r"(?:^|\n)[ \t]*$", before) and re.match(r"[.)]\s", after) and len(match["digits"]) <= 2)


def _clock(body: str) -> Fraction:
    hours, minutes = re.findall(r"\d+", body)[:2]
    late = re.search(r"p", body, re.I) is not None and int(hours) < 12
    return Fraction((int(hours) + 12 * late) * 60 + int(minutes))


__all__ = ["TENS", "UNITS", "Passage", "Quantity", "QuantityKind", "Sentence", "segment"]
