"""Two units that differ -> what a person is told, or nothing where a count or a period explains it."""

from __future__ import annotations

from fractions import Fraction

from nl2opt.check.periods import ANY, LENGTHS
from nl2opt.check.quantities import Clash, Quantity, joined
from nl2opt.check.unit_names import Powers, Vocabulary

Told = tuple[str, str, str, str]
"""Code, found, expected, fix."""


def tell(clash: Clash, op: str, words: Vocabulary) -> Told | None:
    """A clash -> its finding; None where a binary counts what is missing, or an index runs through periods."""
    from nl2opt.check import conversions  # the table of measures is needed only where units differ

    gap = _uncounted(clash)
    if not gap or (factor := conversions.factor(gap)) == 1:
        return None
    period = next((t for t in LENGTHS if _is_period(gap, t)), None)
    periods = clash.left.periods | clash.right.periods
    if period is not None and _covered(period, periods, gap):
        return None
    # people write `unit` for whatever is counted
    vague = "piece" in gap and len(gap) == 2 and all(map(conversions.is_noun, gap))
    code = "W-unit" if clash.inferred or period is not None or vague else "U03"
    found = f"{words.show(clash.left.powers)} {op} {words.show(clash.right.powers)}"
    because = (*clash.left.because, *(b for b in clash.right.because if b not in clash.left.because))
    expected = "the same unit on both sides" + (f"; the unit of {', of '.join(because)}" if because else "")
    fix = f"multiply by something in {words.show(gap)}"
    if factor is not None:
        fix = _convert(gap, factor, words)
    return code, found, expected, fix


def _covered(period: str, periods: frozenset[str], gap: Powers) -> bool:
    """True where an index runs through such periods, or parts of them; a set whose name only says that it is time may
    run through shifts and longer ones, and through whatever links power and energy.
    """
    long = LENGTHS[period] >= LENGTHS["shift"] or len(gap) > 1
    return any(long if p == ANY else LENGTHS[p] <= LENGTHS[period] for p in periods)


def _uncounted(clash: Clash) -> Powers:
    """The gap without the things that binaries and numbers of things count."""
    from nl2opt.check.conversions import is_noun

    periods = clash.left.periods | clash.right.periods
    measured = clash.left.measured | clash.right.measured
    more, less = clash.left.up + clash.right.down, clash.left.down + clash.right.up
    countable = {
        b: p
        for b, p in clash.gap.items()
        if b not in measured and (is_noun(b) or b in periods or (ANY in periods and b in LENGTHS))
    }
    above = sum((p for p in countable.values() if p > 0), Fraction(0))
    below = sum((-p for p in countable.values() if p < 0), Fraction(0))
    if above > more or below > less:
        return clash.gap
    return {b: p for b, p in clash.gap.items() if b not in countable}


def _is_period(gap: Powers, period: str) -> bool:
    """True where a gap is one period above or below: kg and kg/week, MW and MWh an hour."""
    from nl2opt.check.conversions import factor

    if set(gap) == {period}:
        return abs(gap[period]) == 1
    return any(factor(joined(gap, {period: Fraction(1)}, Fraction(s))) == 1 for s in (1, -1)) if len(gap) > 1 else False


def _convert(gap: Powers, factor: Fraction, words: Vocabulary) -> str:
    """The factor between two measures of one thing, in words: `1 hour is 60 minute`."""
    large, small = (gap, factor) if factor > 1 else ({b: -p for b, p in gap.items()}, 1 / factor)
    above = words.show({b: p for b, p in large.items() if p > 0})
    below = words.show({b: -p for b, p in large.items() if p < 0})
    number = str(small) if small.denominator == 1 else f"{float(small):.7g}"
    return f"1 {above} is {number} {below}: multiply or divide by {number}"


def implausible(q: Quantity, words: Vocabulary) -> tuple[str, str, str] | None:
    """The unit of an objective -> found, expected, fix where it looks like a factor is missing, or another was meant.

    Money times a thing or measure that did not cancel (EUR*crate), or things that nothing below cancels
    (crate*minute/visit).
    """
    from nl2opt.check.conversions import factor, money

    powers = q.powers
    if q.unknowns or not powers:
        return None
    above = [b for b, p in powers.items() if p > 0]
    below = [b for b, p in powers.items() if p < 0]
    paid = [b for b in above if money(b)]
    counted = [b for b in above if b not in LENGTHS and not money(b)]
    if (plain := factor(powers)) is not None:
        return f"an objective in {words.show(powers)}", "one unit", _convert(powers, plain, words)
    crossed = len(above) > 1 and bool(below)
    if crossed or (paid and counted and powers[paid[0]] == 1):
        return (f"an objective in {words.show(powers)}", "units that cancel",
                "a factor is missing, or one in another unit is meant")  # fmt: skip
    return None
