"""Bases of units a person may measure in -> how much each is of its dimension; loaded only where units do not fit.

A base that is not listed here is a noun: a thing that is counted (`crate`, `trip`, `person`).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

Dimension = tuple[tuple[str, int], ...]

_TIME: Dimension = (("time", 1),)
_CALENDAR: Dimension = (("calendar", 1),)
_MASS: Dimension = (("mass", 1),)
_LENGTH: Dimension = (("length", 1),)
_AREA: Dimension = (("length", 2),)
_VOLUME: Dimension = (("length", 3),)
_ENERGY: Dimension = (("energy", 1),)
_POWER: Dimension = (("energy", 1), ("time", -1))

_HOUR = Fraction(3600)

KNOWN: dict[str, tuple[Fraction, Dimension]] = {
    "millisecond": (Fraction(1, 1000), _TIME), "second": (Fraction(1), _TIME), "minute": (Fraction(60), _TIME),
    "hour": (_HOUR, _TIME), "day": (24 * _HOUR, _TIME), "week": (168 * _HOUR, _TIME), "night": (24 * _HOUR, _TIME),
    "month": (Fraction(1), _CALENDAR), "quarter": (Fraction(3), _CALENDAR), "year": (Fraction(12), _CALENDAR),
    "mg": (Fraction(1, 10**6), _MASS), "g": (Fraction(1, 1000), _MASS), "hectogram": (Fraction(1, 10), _MASS),
    "kg": (Fraction(1), _MASS), "tonne": (Fraction(1000), _MASS), "kilotonne": (Fraction(10**6), _MASS),
    "lb": (Fraction("0.45359237"), _MASS), "ounce": (Fraction("0.028349523125"), _MASS),
    "mm": (Fraction(1, 1000), _LENGTH), "cm": (Fraction(1, 100), _LENGTH), "dm": (Fraction(1, 10), _LENGTH),
    "m": (Fraction(1), _LENGTH), "km": (Fraction(1000), _LENGTH), "inch": (Fraction("0.0254"), _LENGTH),
    "foot": (Fraction("0.3048"), _LENGTH), "yard": (Fraction("0.9144"), _LENGTH),
    "mile": (Fraction("1609.344"), _LENGTH), "hectare": (Fraction(10**4), _AREA),
    "acre": (Fraction("4046.8564224"), _AREA), "millilitre": (Fraction(1, 10**6), _VOLUME),
    "centilitre": (Fraction(1, 10**5), _VOLUME), "decilitre": (Fraction(1, 10**4), _VOLUME),
    "litre": (Fraction(1, 1000), _VOLUME), "hectolitre": (Fraction(1, 10), _VOLUME),
    "cubic_metre": (Fraction(1), _VOLUME), "square_metre": (Fraction(1), _AREA),
    "square_kilometre": (Fraction(10**6), _AREA), "gallon": (Fraction("0.003785411784"), _VOLUME),
    "joule": (Fraction(1), _ENERGY), "kilojoule": (Fraction(1000), _ENERGY), "megajoule": (Fraction(10**6), _ENERGY),
    "gigajoule": (Fraction(10**9), _ENERGY), "wh": (_HOUR, _ENERGY), "kwh": (1000 * _HOUR, _ENERGY),
    "mwh": (10**6 * _HOUR, _ENERGY), "gwh": (10**9 * _HOUR, _ENERGY), "twh": (10**12 * _HOUR, _ENERGY),
    "kcal": (Fraction(4184), _ENERGY), "calorie": (Fraction(4184), _ENERGY),
    "watt": (Fraction(1), _POWER), "kw": (Fraction(1000), _POWER), "mw": (Fraction(10**6), _POWER),
    "gw": (Fraction(10**9), _POWER),
    "celsius": (Fraction(1), (("temperature", 1),)),
}  # fmt: skip
"""Base -> (how many of the dimension's own unit it is, the dimension). Source: the definitions of the SI and of the
international yard and pound; `calorie` is the kilocalorie of food tables."""

MONEY = frozenset(
    "AED ARS AUD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KRW MAD MXN MYR NGN NOK NZD PEN "
    "PHP PKR PLN RON RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR".lower().split()
)
_MOST_POWER = 12
"""Powers beyond it are no measures, and their factors numbers without end."""
_SMALL = {"cent": ("eur", "usd", "aud", "cad", "nzd"), "penny": ("gbp",)}
_LARGE = {"k": 10**3, "m": 10**6, "bn": 10**9, "thousand_": 10**3, "million_": 10**6, "billion_": 10**9}


def money(base: str) -> bool:
    """True for a currency, `money`, its hundredth part, or thousands and millions of it."""
    return base in MONEY or base == "money" or base in _SMALL or _many(base) is not None


def _many(base: str) -> tuple[int, str] | None:
    """`keur` -> (1000, `eur`)."""
    return next(
        ((n, base.removeprefix(k)) for k, n in _LARGE.items() if base.startswith(k) and base.removeprefix(k) in MONEY),
        None,
    )


def is_noun(base: str) -> bool:
    """True for a base that is counted, not measured."""
    return base not in KNOWN and not money(base)


def factor(powers: Mapping[str, Fraction]) -> Fraction | None:
    """A product of bases -> the plain number it is (hour/minute is 60); None where it is none."""
    total = Fraction(1)
    left: dict[str, Fraction] = {}
    currencies = {b for b in powers if b in MONEY} | {m[1] for b in powers if (m := _many(b))}
    for base, power in powers.items():
        if power.denominator != 1 or abs(power) > _MOST_POWER:
            return None
        amount, dimension = _measure(base, currencies)
        total *= amount ** int(power)
        for name, exponent in dimension:
            left[name] = left.get(name, Fraction(0)) + exponent * power
    return None if any(left.values()) else total


def _measure(base: str, currencies: set[str]) -> tuple[Fraction, Dimension]:
    if base in KNOWN:
        return KNOWN[base]
    if many := _many(base):
        return Fraction(many[0]), ((many[1], 1),)
    if base in _SMALL:
        whole = next((c for c in _SMALL[base] if c in currencies), None)
        return (Fraction(1, 100), ((whole, 1),)) if whole else (Fraction(1), ((base, 1),))
    return Fraction(1), ((base, 1),)
