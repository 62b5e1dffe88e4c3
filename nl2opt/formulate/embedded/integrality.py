"""Text -> whole, real or yes-or-no amounts: the policy, and the sentence that states it as an assumption."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from nl2opt.formulate.embedded.words import singular

AmountType = Literal["integer", "real", "binary"]

DIVISIBLE: Final = frozenset(
    [
        "hour",
        "hours",
        "minute",
        "minutes",
        "second",
        "seconds",
        "day",
        "days",
        "week",
        "weeks",
        "month",
        "months",
        "year",
        "years",
        "time",
        "acre",
        "acres",
        "hectare",
        "hectares",
        "land",
        "area",
        "kg",
        "kilogram",
        "kilograms",
        "kilo",
        "kilos",
        "gram",
        "grams",
        "g",
        "mg",
        "milligram",
        "milligrams",
        "pound",
        "pounds",
        "lb",
        "lbs",
        "ounce",
        "ounces",
        "oz",
        "ton",
        "tons",
        "tonne",
        "tonnes",
        "litre",
        "litres",
        "liter",
        "liters",
        "l",
        "ml",
        "millilitres",
        "milliliters",
        "gallon",
        "gallons",
        "barrel",
        "barrels",
        "quart",
        "quarts",
        "pint",
        "pints",
        "meter",
        "meters",
        "metre",
        "metres",
        "km",
        "mile",
        "miles",
        "foot",
        "feet",
        "kwh",
        "mwh",
        "dollar",
        "dollars",
        "euro",
        "euros",
        "money",
        "cash",
        "percent",
        "percentage",
        "fraction",
        "proportion",
        "share",
        "portion",
        "amount",
        "budget",
        "capital",
        "resources",
        "energy",
        "power",
        "water",
    ]
)
"""What can be split at will; everything else that is counted comes in whole pieces."""

_WHOLE: Final = re.compile(
    r"\b(?:whole numbers?|integers?|integral|indivisible|whole units?|cannot be (?:split|divided|fractional)|"
    r"no fraction\w*|"
    r"can(?:no|')t (?:make|build|complete|buy|sell|hire) (?:a )?(?:half|fraction)\w*)\b",
    re.I,
)
_SPLIT: Final = re.compile(
    r"\b(?:fraction\w* (?:\w+ ){0,4}(?:okay|ok|allowed|fine|acceptable|permitted|possible)|continuous|divisib\w+|"
    r"(?:any|in any) (?:fractions?|amounts?|proportions?|quantit(?:y|ies))\b(?! of (?:each|the))|"
    r"not (?:necessarily |need (?:to )?be )?(?:an )?(?:integers?|whole))\b",
    re.I,
)
_MANY: Final = re.compile(r"\bhow many (?:more |whole |total )?([\w-]+(?: [\w-]+){0,2})", re.I)
_MUCH: Final = re.compile(r"\bhow much\b(?: of)?(?: each| every)?(?: type of| kind of)?\s*([\w-]*)", re.I)
_INVEST: Final = re.compile(
    r"\b(?:invest|invests|invested|investing|investments?|portfolio|allocate[sd]? (?:the |its |his |her )?money)\b",
    re.I,
)
_MIX: Final = re.compile(r"\b(?:blend|mixture|mix|what (?:percentage|proportion|fraction)|proportion of)\b", re.I)
_CHOOSE: Final = re.compile(
    r"\b(?:which (?:of |ones?\b|[a-z]+s\b|\w+ (?:\w+ )?(?:should|must|to|are|can|does|do)\b)|"
    r"whether (?:or not )?to\b|whether each\b|"
    r"(?:select|choose|pick|accept|approve|fund|open|build|undertake) (?:a subset|some|which|among|from)\b|"
    r"yes[- ]or[- ]no|subset of)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Integrality:
    """The type of the amounts, what they are counted in ("" if not said), and the assumption in words."""

    type: AmountType
    unit: str
    assumption: str


def integrality(text: str, names: Sequence[str]) -> Integrality:
    """Whole pieces for things that are counted, real amounts for what is measured, yes or no for what is picked."""
    listed = " and ".join(names) if len(names) < 3 else ", ".join(names[:-1]) + " and " + names[-1]
    many = [match[1].lower().split() for match in _MANY.finditer(text)]
    much = _MUCH.search(text)
    unit = _unit(many)
    if _SPLIT.search(text):
        return Integrality("real", unit, "Amounts may be fractions, as the text allows.")
    if _WHOLE.search(text):
        return Integrality("integer", unit, "Amounts are whole numbers, as the text asks.")
    if not many and not much and _CHOOSE.search(text):
        return Integrality("binary", "", f"Each of {listed} is either chosen or not.")
    if many:
        word = many[-1][0] if many[-1][0] not in ("of", "square") else (many[-1][1] if many[-1][0] == "square" else "")
        if word in DIVISIBLE:
            return Integrality("real", unit, f"Amounts may be fractions: {word} are measured, not counted.")
        if _INVEST.search(text) and word in ("", "dollars"):
            return Integrality("real", unit, "Amounts may be fractions: money is divided at will.")
        return Integrality("integer", unit, f"Amounts are whole numbers: {listed} are counted.")
    if much:
        return Integrality("real", "", "Amounts may be fractions: the text asks how much.")
    if _INVEST.search(text):
        return Integrality("real", "", "Amounts may be fractions: money is divided at will.")
    if _MIX.search(text) or re.search(r"\bproportion of (?:land|lands|area)", text, re.I):
        return Integrality("real", "", "Amounts may be fractions: the parts of a mixture are measured.")
    return Integrality("integer", "", f"Amounts are whole numbers: {listed} are counted.")


def _unit(many: Sequence[Sequence[str]]) -> str:
    """The measure in `how many acres of each`, in the singular; none for "how many of each"."""
    for words in reversed(many):
        word = words[0]
        follows = words[1] if len(words) > 1 else ""
        if (
            word.isalpha()
            and word not in ("of", "units", "items", "square", "each")
            and follows in ("of", "should", "each")
        ):
            return singular(word)
    return ""
