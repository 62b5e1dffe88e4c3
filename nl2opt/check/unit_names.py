"""Units as people write them -> powers of base units: `EUR/(crate*month)`, `minutes per visit`, `m2`, `1/day`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction

from nl2opt.ir.model import Model

Powers = Mapping[str, Fraction]
"""Base unit -> its power, none of them 0; empty is a plain number."""

_SAME = {
    "$": "usd", "dollar": "usd", "€": "eur", "euro": "eur", "£": "gbp", "pound": "gbp", "franc": "chf", "yen": "jpy",
    "¥": "jpy", "rupee": "inr", "₹": "inr", "k€": "keur", "m€": "meur", "k$": "kusd", "m$": "musd", "zloty": "pln",
    "h": "hour", "hr": "hour", "min": "minute", "s": "second", "sec": "second", "ms": "millisecond", "d": "day",
    "wk": "week", "mo": "month", "yr": "year", "kilogram": "kg", "kilo": "kg", "kgs": "kg", "gram": "g",
    "gramme": "g", "milligram": "mg", "ton": "tonne", "t": "tonne", "kt": "kilotonne", "lbs": "lb", "oz": "ounce",
    "millimetre": "mm", "millimeter": "mm", "centimetre": "cm", "centimeter": "cm", "metre": "m", "meter": "m",
    "kilometre": "km", "kilometer": "km", "ft": "foot", "feet": "foot", "mi": "mile", "ha": "hectare",
    "l": "litre", "liter": "litre", "ml": "millilitre", "milliliter": "millilitre", "cl": "centilitre",
    "dl": "decilitre", "hl": "hectolitre", "m3": "cubic_metre", "m2": "square_metre", "km2": "square_kilometre",
    "m³": "cubic_metre", "m²": "square_metre", "sqm": "square_metre", "cbm": "cubic_metre",
    "cubic_meter": "cubic_metre", "square_meter": "square_metre", "j": "joule", "kj": "kilojoule",
    "mj": "megajoule", "gj": "gigajoule", "kilowatt": "kw", "megawatt": "mw", "w": "watt", "gigawatt": "gw",
    "pc": "piece", "pcs": "piece", "unit": "piece", "item": "piece", "people": "person", "persons": "person",
    "degree_celsius": "celsius",
}  # fmt: skip
"""Spellings of one base, singular and in lower case."""

_IRREGULAR = {
    "children": "child", "men": "man", "women": "woman", "teeth": "tooth", "geese": "goose", "mice": "mouse",
    "oxen": "ox", "pennies": "penny", "pence": "penny", "loaves": "loaf", "shelves": "shelf", "halves": "half",
    "leaves": "leaf", "knives": "knife", "wolves": "wolf", "calves": "calf", "scarves": "scarf", "thieves": "thief",
    "sheaves": "sheaf", "wives": "wife", "buses": "bus", "gases": "gas", "lenses": "lens",
}  # fmt: skip
_PLAIN = frozenset(("1", "%", "percent", "ratio", "fraction", "share", "proportion", "dimensionless", "count"))
_OPEN = frozenset(("various", "mixed", "any", "n/a", "na", "none", "-", "varies", "per resource", "scale"))
_JOINED = re.compile(r"\b(square|cubic|thousand|million|billion|degree|degrees)\s+(?=[^\W\d])", re.I)
_TOKEN = re.compile(
    r"\s*(?:(?P<word>[^\W\d][\w²³]*(?:-(?=[^\W\d])[^\W\d]\w*)*[$€]?|[$€£¥₹])"
    r"(?:\s*(?:\^|\*\*)\s*\(?(?P<power>-?\d)\)?)?|(?P<mark>[*/·×().])|(?P<one>1)(?![\d.]))"
)


def forms(word: str) -> tuple[str, ...]:
    """A word -> what its singular may be, the likeliest first, itself last."""
    if word in _IRREGULAR:
        return (_IRREGULAR[word], word)
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return (word,)
    if word.endswith("ies"):
        return (word[:-3] + "y", word[:-1], word)
    if word.endswith("ves"):
        return (word[:-1], word[:-3] + "f", word[:-3] + "fe", word)
    if re.search(r"(?:x|ch|sh|ss|zz)es$", word):
        return (word[:-2], word[:-1], word)
    return (word[:-1], word[:-2], word) if word.endswith("es") else (word[:-1], word)


class Vocabulary:
    """The words of a model's units: plural and singular are one base where both are written, or by the usual rule."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.shown: dict[str, str] = {}
        words = [[w.lower() for w in _words(t)] for t in texts]
        self.words = {w for one in words for w in one}
        self.counted = {w for one in words if len(one) > 1 for w in one}

    @staticmethod
    def of(model: Model) -> Vocabulary:
        """Model -> the words of every unit it declares."""
        return Vocabulary(units_of(model))

    def base(self, word: str) -> str:
        """A word of a unit -> its base unit."""
        lower = word.lower()
        singular = next((f for f in forms(lower)[:-1] if f in self.words), forms(lower)[0])
        found = next((_SAME[f] for f in (lower, singular) if f in _SAME), singular)
        if found not in self.shown:
            self.shown[found] = word if lower in (found, singular) and found == singular else _shown(found)
        return found

    def parse(self, text: str) -> Powers | None:
        """`EUR/crate` -> {eur: 1, crate: -1}; None where nothing is declared or it cannot be read."""
        text = _tidy(text)
        if not text or text.lower() in _OPEN:
            return None
        if text.lower() in _PLAIN and text.lower() not in self.counted:  # with USD/share a share is a thing
            return {}
        unit: dict[str, Fraction] = {}
        sign, at, below = 1, 0, [1]  # a word without a mark before it stands where the word before it stood
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                return None
            mark = match["mark"]
            if match["word"]:
                for part in match["word"].split("-"):
                    base = self.base(part)
                    power = Fraction(int(match["power"] or 1))
                    unit[base] = unit.get(base, Fraction(0)) + sign * below[-1] * power
            elif mark == "/":
                sign = -1
            elif mark in ("*", "·", "×", "."):
                sign = 1
            elif mark == "(":
                below.append(below[-1] * sign)
                sign = 1
            elif mark == ")":
                if len(below) == 1:
                    return None
                below.pop()
                sign = 1
            elif match["one"]:
                sign = 1
            at = match.end()
        return {b: p for b, p in unit.items() if p} if len(below) == 1 else None

    def show(self, powers: Powers) -> str:
        """Powers of base units -> `EUR/crate`; a plain number is `1`."""
        above = [self._power(b, p) for b, p in powers.items() if p > 0]
        below = [self._power(b, -p) for b, p in powers.items() if p < 0]
        return "*".join(above or ["1"]) + "".join(f"/{b}" for b in below)

    def _power(self, base: str, power: Fraction) -> str:
        name = self.shown.get(base, base)
        return name if power == 1 else f"{name}^{power}"


def units_of(model: Model) -> tuple[str, ...]:
    """Model -> the text of every unit it declares."""
    return tuple(
        text
        for texts in (
            (p.unit for p in model.parameters),
            (v.unit for v in model.variables),
            (n.unit for n in model.expressions),
        )
        for text in texts
        if text.strip()
    )


def _shown(base: str) -> str:
    """A base that was written as a symbol or a synonym -> how it is shown."""
    if len(base) == 3 and base in ("eur", "usd", "gbp", "chf", "jpy", "inr", "pln"):
        return base.upper()
    return {"kw": "kW", "mw": "MW", "gw": "GW", "kwh": "kWh", "mwh": "MWh"}.get(base, base.replace("_", " "))


def _tidy(text: str) -> str:
    """Unit text -> the same with `per` as `/`, and words that are one name joined."""
    text = re.sub(r"\bper\b", "/", " ".join(text.split()))
    return _JOINED.sub(lambda m: m[1].lower().rstrip("s") + "_", text)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d]\w*", _tidy(text))
