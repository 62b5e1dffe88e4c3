"""Passage -> names for sets, coefficients and limits, taken from the text's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from nl2opt.formulate.embedded.contexts import CONCEPTS, MEASURES
from nl2opt.formulate.embedded.declarations import Cell, Place
from nl2opt.formulate.embedded.words import IRREGULAR, STOP, root, singular, split_words
from nl2opt.formulate.text import Passage

_CLASS: Final = re.compile(
    r"\b(?:types?|kinds?|sorts?|models?|sizes?|forms?|methods?|modes?|varieties|versions?|grades?|brands?|"
    r"styles?) of (?:the |its |their )?([a-z-]+(?: [a-z-]+)?)",
    re.I,
)
_MANY: Final = {one: many for many, one in IRREGULAR.items() if many.endswith(("ves", "men", "ren", "ople"))}
"""Singular -> plural, where no rule says it: `loaf` -> `loaves`."""
_STOP_WORDS: Final = STOP | frozenset(
    [
        "available",
        "daily",
        "weekly",
        "every",
        "day",
        "week",
        "month",
        "year",
        "used",
        "using",
        "produced",
        "made",
        "sold",
        "respectively",
        "if",
    ]
)


def set_name(text: str, names: Sequence[str]) -> str:
    """What all decisions are: the class noun of the text, or the word their names share, else `Options`."""
    shared = set.intersection(*(set(_nouns(name)) for name in names)) if names else set()
    for name in names:
        for word in reversed(_nouns(name)):
            if word in shared:
                return _plural(word).capitalize()
    for match in _CLASS.finditer(text):
        words = [w for w in match[1].lower().split() if w not in _STOP_WORDS and not w.endswith("ing")]
        if words:
            return "_".join(part.capitalize() for part in [*words[:-1], _plural(singular(words[-1]))])
    return "Options"


def _nouns(name: str) -> list[str]:
    return [
        singular(w.low) for w in split_words(name) if w.text.isalpha() and len(w.text) > 1 and w.low not in _STOP_WORDS
    ]


def _plural(word: str) -> str:
    if word in _MANY:
        return _MANY[word]
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh", "z")) else "s")


def coefficient_name(passage: Passage, cells: Sequence[Cell | None]) -> str:
    """What a row measures: `profit`, `human_labor`, `minutes`."""
    counted: list[str] = []
    for cell in cells:
        if cell is None:
            continue
        money = re.search(r"[$£€¥]\s?$", passage.text[: cell.place[0]]) is not None
        words = [] if money else _after(passage, cell.place)
        words = words or _money_word(passage, cell.place) or words
        if words:
            counted.append("_".join(words))
    if not counted:
        return "coefficient"
    return max(counted, key=lambda name: (counted.count(name), -counted.index(name)))


def _after(passage: Passage, place: Place) -> list[str]:
    """The nouns after a number, a leading measure left out if something is measured in it."""
    words: list[str] = []
    for word in split_words(passage.text[place[1] : place[1] + 60]):
        if word.low in ("of", "the", "a", "an") and words:
            continue
        if not word.text.isalpha() or word.low in _STOP_WORDS:
            break
        words.append(word.low)
        if len(words) == 3:
            break
    if len(words) > 1 and root(words[0]) in MEASURES:
        words = words[1:]
    return words[:2]


def _money_word(passage: Passage, place: Place) -> list[str]:
    """The nearest word of gain or cost in the sentence: `profit` in "the profit per chair is $75"."""
    sentence = passage.sentence_at(place[0])
    low, high = (sentence.start, sentence.end) if sentence else (0, len(passage.text))
    found: list[tuple[int, str]] = []
    for word in split_words(passage.text[low:high]):
        if word.root in CONCEPTS["gain"] or word.root in CONCEPTS["cost"]:
            distance = abs(word.start + low - place[0])
            found.append((distance, singular(word.low)))
    return [min(found)[1]] if found else []


def limit_name(passage: Passage, cell: Cell, measured: str, op: str) -> str:
    """A name for a limit: `budget`, `labor_available`, `labor_needed`."""
    sentence = passage.sentence_at(cell.place[0])
    told = sentence is not None and re.search(r"\bbudget", sentence.text, re.I) is not None
    if told and op == "<=" and re.search(r"[$£€¥]\s?$", passage.text[: cell.place[0]]):
        return "budget"
    return f"{measured}_{'available' if op == '<=' else 'needed' if op == '>=' else 'fixed'}"
