"""Two sides -> may they be laid over each other as far as columns go that bounds hold at one value?

Such columns are no unknowns, so that no form has them; yet a model that holds them at other values is another model.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Set
from fractions import Fraction

from nl2opt.check.judge.canonical import Canonical
from nl2opt.check.judge.frames import Frame
from nl2opt.check.judge.labels import Naming, common_words, naming, plain, plain_key
from nl2opt.check.judge.matching import Matching
from nl2opt.check.judge.side import Side
from nl2opt.check.judge.terms import Atom, Form, tidy

Values = Mapping[Hashable, Counter[str]]
Shift = tuple[Fraction, Fraction]
"""(start, factor): what a column of the reference's family counts is start + factor * it in the candidate's."""


def held_alike(
    a: Side,
    b: Side,
    shifts: Mapping[str, Shift],
    mine: Set[Atom] | None = None,
    theirs: Set[Atom] | None = None,
) -> bool:
    """Can what is held in one be what is held in the other, or columns of its own?

    The same name and labels in any order: the same values. Else the same values, counted as the other columns of the
    family are (``shifts``), under the labels both know. What one side has more of must not be what the other side
    eliminated, or has without a partner (``mine``, ``theirs``: the columns that have one).
    """
    if a.canonical is None or b.canonical is None:
        return True
    called = naming(a.canonical, b.canonical)
    one, two = _by_name(a.canonical, called), _by_name(b.canonical, called)
    if any(two[k].total() == found.total() and two[k] != found for k, found in one.items()):
        return False
    words = common_words(a, b)
    one, two = _by_words(a.canonical, words, shifts), _by_words(b.canonical, words, {})
    more, less = _surplus(one, two), _surplus(two, one)
    if more and less:
        return False
    if less and (a.canonical.gone or (mine is not None and not mine >= set(a.atoms.values()))):
        return False
    return not (more and (b.canonical.gone or (theirs is not None and not theirs >= set(b.atoms.values()))))


def by_images(m: Matching) -> dict[str, Shift]:
    """The families of the reference that a matching counts in one way in the candidate."""
    found = [
        (str(x.args[0]), (Fraction(image.const), Fraction(k)))
        for image in m.candidate.values()
        if isinstance(image, Form) and len(image.terms) == 1
        for x, k in image.terms.items()
        if x.op == "column"
    ]
    return _alone(found)


def by_frames(
    pairs: Mapping[Atom, Atom], frames: Mapping[Atom, Frame], others: Mapping[Atom, Frame]
) -> dict[str, Shift]:
    """The same of columns that are each other's in their frames."""
    found = []
    for x, y in pairs.items():
        (start, step), (other, width) = frames.get(x, _PLAIN), others.get(y, _PLAIN)
        k = width / step
        found.append((str(x.args[0]), (other - start * k, k)))
    return _alone(found)


_PLAIN: Frame = (Fraction(0), Fraction(1))


def _alone(found: Iterable[tuple[str, Shift]]) -> dict[str, Shift]:
    """Families with one shift."""
    shifts: dict[str, set[Shift]] = defaultdict(set)
    for name, shift in found:
        shifts[name].add(shift)
    return {name: next(iter(s)) for name, s in shifts.items() if len(s) == 1}


def _surplus(one: Values, two: Values) -> bool:
    return any(found - two.get(k, Counter()) for k, found in one.items())


def _by_name(c: Canonical, called: Naming) -> dict[Hashable, Counter[str]]:
    found: dict[Hashable, Counter[str]] = defaultdict(Counter)
    for k in c.ground.columns:
        if k.atom is None:
            name, key = called(k.name, k.key)
            found[name, tuple(sorted(key))][plain(k.value)] += 1
    return found


def _by_words(c: Canonical, words: Set[str], shifts: Mapping[str, Shift]) -> dict[Hashable, Counter[str]]:
    found: dict[Hashable, Counter[str]] = defaultdict(Counter)
    for k in c.ground.columns:
        if k.atom is None:
            value = k.value
            if k.name in shifts and isinstance(value, int | Fraction):
                start, factor = shifts[k.name]
                value = tidy(start + factor * value)
            found[tuple(sorted(w for w in plain_key(k.key) if w in words))][plain(value)] += 1
    return found
