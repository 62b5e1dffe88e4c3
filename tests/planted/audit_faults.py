"""Right translations -> the same with one mistake of reading each; what `check` flags of them, by kind.

Run as ``python -m planted.audit_faults`` from `tests`. Half of the texts, drawn by a hash of their names, were only
counted while the audit was mended: "blind" in the table. Another seed after ``--seed`` plants other faults. A fault is
flagged where `check` has a finding that the right model does not have. Two bars are reported: errors and warnings
alone, and with the notes (a sentence that is not used is a note); false alarms are the right models with such a
finding, at the same two bars.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import sha256
from random import Random

import nl2opt
from nl2opt.ir.model import Constraint, Model, Nested, Parameter
from nl2opt.ir.nodes import Compare, Expr, Name, Number, Subscript, number
from nl2opt.ir.walk import map_children, subexpressions
from planted.audit_texts import Translation, translations

SEED = 4
CAP = 2
"""Faults of one kind taken from one translation."""
FLIPPED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
Plant = Callable[[Model, Random], Iterator[tuple[str, Model]]]


@dataclass(frozen=True)
class Fault:
    """A right translation with one mistake: of which kind, and what was done."""

    translation: Translation
    kind: str
    what: str
    model: Model


def numbers_of(text: str) -> list[Fraction]:
    """The numbers a text writes in digits, each once: `1,200`, `2.5`; a percentage as its share."""
    found = []
    for digits, percent in re.findall(r"(?<![\w.])(\d+(?:,\d{3})*(?:\.\d+)?)\s*(%|percent|per cent)?", text):
        value = Fraction(digits.replace(",", ""))
        found.append(value / 100 if percent else value)
    return list(dict.fromkeys(found))


def entries(p: Parameter) -> list[tuple[tuple[int, ...], Fraction]]:
    """A parameter's plain numbers, each with its place."""
    if isinstance(p.value, Number):
        return [((), p.value.value)]
    if isinstance(p.value, Nested):
        return [(path, v) for path, v in _nested(p.value)]
    return [((i,), r[-1].value) for i, r in enumerate(p.rows or ()) if isinstance(r[-1], Number)]


def _nested(value: Nested) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    for i, item in enumerate(value.items):
        if isinstance(item, Nested):
            yield from (((i, *path), v) for path, v in _nested(item))
        elif isinstance(item, Number):
            yield (i,), item.value


def put(model: Model, p: Parameter, path: tuple[int, ...], value: Fraction) -> Model:
    """The model with another number at one place of a parameter."""
    if isinstance(p.value, Number):
        new = replace(p, value=number(value))
    elif isinstance(p.value, Nested):
        new = replace(p, value=_put_nested(p.value, path, value))
    else:
        rows = list(p.rows or ())
        rows[path[0]] = (*rows[path[0]][:-1], number(value))
        new = replace(p, rows=tuple(rows))
    return replace(model, parameters=tuple(new if q.name == p.name else q for q in model.parameters))


def _put_nested(value: Nested, path: tuple[int, ...], new: Fraction) -> Nested:
    item = value.items[path[0]]
    inner = _put_nested(item, path[1:], new) if isinstance(item, Nested) else number(new)
    return Nested((*value.items[: path[0]], inner, *value.items[path[0] + 1 :]))


def _places(model: Model) -> list[tuple[Parameter, tuple[int, ...], Fraction]]:
    """Every number of a parameter that quotes the text: where, and which."""
    return [(p, path, v) for p in model.parameters if p.anchors and not p.within for path, v in entries(p)]


def take_other_number(model: Model, rng: Random) -> Iterator[tuple[str, Model]]:
    """A number is lost and another one of the text stands in its place."""
    for p, path, v in _places(model):
        for other in numbers_of(model.text):
            if other != v and not (p.type != "real" and other.denominator != 1):
                yield f"`{p.name}`{list(path)}: {other} for {v}", put(model, p, path, other)


def lose_entry(model: Model, rng: Random) -> Iterator[tuple[str, Model]]:
    """One number of a table is overlooked and 0 stands there."""
    for p, path, v in _places(model):
        if path and v:
            yield f"`{p.name}`{list(path)}: 0 for {v}", put(model, p, path, Fraction(0))


def swap_scalars(model: Model, rng: Random) -> Iterator[tuple[str, Model]]:
    """Two parameters have each other's number."""
    scalars = [(p, path, v) for p, path, v in _places(model) if not path]
    for p, _, v in scalars:
        for q, _, w in scalars:
            if p.name < q.name and v != w and p.type == q.type:
                yield f"`{p.name}` and `{q.name}` swapped", put(put(model, p, (), w), q, (), v)


def swap_entries(model: Model, rng: Random) -> Iterator[tuple[str, Model]]:
    """Two elements of a table have each other's number."""
    for p, path, v in _places(model):
        for q, other, w in _places(model):
            if p is q and path < other and v != w:
                once = put(model, p, path, w)
                again = next(x for x in once.parameters if x.name == p.name)
                yield f"`{p.name}`{list(path)} and {list(other)} swapped", put(once, again, other, v)


def invent_value(model: Model, rng: Random) -> Iterator[tuple[str, Model]]:
    """A number that the text does not have."""
    said = {x for v in numbers_of(model.text) for x in (v, v * 60, v / 60, v * 100, v / 100, v * 1000, v / 1000)}
    for p, path, v in _places(model):
        for factor in (Fraction(11, 10), Fraction(10), Fraction(1, 2)):
            new = v * factor
            if p.type != "real":
                new = Fraction(round(new))
            if new != v and new not in said and new > 20:
                yield f"`{p.name}`{list(path)}: {new} for {v}", put(model, p, path, new)


def invent_rule(model: Model, rng: Random) -> Iterator[tuple[str, Model]]:
    """A limit nobody asked for, with a number the text does not have, citing a sentence that is there."""
    said = numbers_of(model.text)
    for c in model.constraints:
        if isinstance(c.expr, Compare) and c.anchors:
            new = next(Fraction(n) for n in range(rng.randint(37, 480), 1000) if Fraction(n) not in said)
            rule = replace(c, name=f"{c.name}_too", template="", expr=Compare("<=", c.expr.left, number(new)))
            yield f"`{rule.name}` <= {new}", replace(model, constraints=(*model.constraints, rule))


def ignore_sentence(model: Model, rng: Random) -> Iterator[tuple[str, Model]]:
    """A sentence is overlooked: every constraint that cites it is gone, and what only these used."""
    for quote in dict.fromkeys(a.text for c in model.constraints for a in c.anchors if a.kind == "quote"):
        gone = [c for c in model.constraints if any(a.text == quote for a in c.anchors)]
        kept = tuple(c for c in model.constraints if c not in gone)
        yield f"without “{quote}”", _without(model, kept)


def _without(model: Model, kept: tuple[Constraint, ...]) -> Model:
    """The model with these constraints only, and without the parameters that no expression mentions any more."""
    shorter = replace(model, constraints=kept)
    before, after = _mentioned(model), _mentioned(shorter)
    rest = tuple(p for p in model.parameters if p.name in after or p.name not in before)
    return replace(shorter, parameters=rest)


def _mentioned(model: Model) -> set[str]:
    exprs: list[Expr] = [c.expr for c in model.constraints] + [o.expr for o in model.objectives]
    exprs += [x.expr for x in model.expressions] + [x.expr for x in model.outputs]
    exprs += [b for v in model.variables for b in (v.lower, v.upper, v.within) if b is not None]
    exprs += [c.penalty for c in model.constraints if c.penalty is not None]
    overs = [x.over for x in (*model.sets, *model.parameters, *model.variables, *model.expressions)]
    overs += [c.over for c in model.constraints]
    exprs += [x for over in overs for g in over for x in (g.source, *g.conditions)]
    exprs += [s.elements for s in model.sets if s.elements is not None and not isinstance(s.elements, tuple)]  # type: ignore[misc]
    exprs += [p.value for p in model.parameters if p.value is not None and not isinstance(p.value, Nested)]
    names: set[str] = set()
    for e in exprs:
        if isinstance(e, Expr):
            names |= {x.name for x in subexpressions(e) if isinstance(x, Name | Subscript)}
    return names


def flip_direction(model: Model, rng: Random) -> Iterator[tuple[str, Model]]:
    """At most is taken for at least, or the other way."""
    for i, c in enumerate(model.constraints):
        if isinstance(c.expr, Compare) and c.expr.op in FLIPPED and any(a.kind == "quote" for a in c.anchors):
            turned = replace(c, template="", expr=replace(c.expr, op=FLIPPED[c.expr.op]))
            rows = (*model.constraints[:i], turned, *model.constraints[i + 1 :])
            yield f"`{c.name}`: {FLIPPED[c.expr.op]} for {c.expr.op}", replace(model, constraints=rows)


def flip_sense(model: Model, rng: Random) -> Iterator[tuple[str, Model]]:
    """The objective is minimized where it should be maximized, or the other way."""
    for i, o in enumerate(model.objectives):
        if any(a.kind == "quote" for a in o.anchors):
            turned = replace(o, sense="minimize" if o.sense == "maximize" else "maximize")
            rows = (*model.objectives[:i], turned, *model.objectives[i + 1 :])
            yield f"objective {i}: {turned.sense}", replace(model, objectives=rows)


def drop_number(model: Model, rng: Random) -> Iterator[tuple[str, Model]]:
    """A number falls out of a comparison (`share * total` becomes `total`, `<= limit` becomes nothing)."""
    scalars = {p.name for p in model.parameters if not p.over and p.anchors and isinstance(p.value, Number)}
    for i, c in enumerate(model.constraints):
        for x in subexpressions(c.expr):
            if isinstance(x, Name) and x.name in scalars:
                bare = isinstance(c.expr, Compare) and x in (c.expr.left, c.expr.right)
                rows = model.constraints[:i] + model.constraints[i + 1 :]
                if not bare:
                    one = replace(c, template="", expr=_replaced(c.expr, x, number(1)))
                    rows = (*model.constraints[:i], one, *model.constraints[i + 1 :])
                yield f"`{c.name}` without `{x.name}`", _without(model, rows)


def _replaced(e: Expr, old: Expr, new: Expr) -> Expr:
    return new if e is old else map_children(e, lambda x: _replaced(x, old, new))


KINDS: dict[str, Plant] = {
    "number dropped": drop_number,
    "number dropped from a table": lose_entry,
    "another number of the text": take_other_number,
    "two parameters swapped": swap_scalars,
    "two entries of a table swapped": swap_entries,
    "number invented": invent_value,
    "rule invented": invent_rule,
    "sentence ignored": ignore_sentence,
    "direction flipped": flip_direction,
    "objective's sense flipped": flip_sense,
}


def is_blind(name: str) -> bool:
    """True for the texts whose faults nobody looked at."""
    return sha256(name.encode()).digest()[0] % 2 == 1


def plant(right: list[Translation], seed: int = SEED) -> list[Fault]:
    """Right translations -> faults, at most CAP of a kind from each, drawn by a seed, name and kind."""
    faults = []
    for t in right:
        for kind, make in KINDS.items():
            rng = Random(int(sha256(f"{seed}|{t.name}|{kind}".encode()).hexdigest(), 16))
            found = list(make(t.model, rng))
            faults += [Fault(t, kind, what, m) for what, m in rng.sample(found, min(CAP, len(found)))]
    return faults


Finding = tuple[str, str, str, str]


def findings(model: Model) -> Counter[Finding]:
    """Model -> its findings as code, place without its running number, what was found, severity."""
    return Counter((d.code, re.sub(r"\[\d+\]", "", d.where), d.found, d.severity) for d in nl2opt.check(model))


def without_notes(found: Counter[Finding]) -> Counter[Finding]:
    """The errors and warnings among findings."""
    return Counter({key: n for key, n in found.items() if key[3] != "note"})


@dataclass(frozen=True)
class Outcome:
    """A fault and the findings it adds to those of its right translation."""

    fault: Fault
    new: Counter[Finding]

    @property
    def flagged(self) -> bool:
        return bool(without_notes(self.new))


@dataclass(frozen=True)
class Measured:
    """Every fault with what it adds, and what `check` finds of each right translation."""

    outcomes: list[Outcome]
    right: dict[str, Counter[Finding]]

    def of(self, *kinds: str, source: str = "") -> list[Outcome]:
        """The outcomes of some kinds, from one source where it is given."""
        return [o for o in self.outcomes if o.fault.kind in kinds and source in ("", o.fault.translation.source)]

    def blind(self, *kinds: str) -> list[Outcome]:
        """The outcomes of some kinds in the texts that were only counted."""
        return [o for o in self.of(*kinds) if is_blind(o.fault.translation.name)]

    @property
    def alarms(self) -> dict[str, Counter[Finding]]:
        """The errors and warnings of right translations, of those that have some."""
        return {name: kept for name, found in self.right.items() if (kept := without_notes(found))}


def measure(seed: int = SEED) -> Measured:
    """Every planted fault checked against its right translation."""
    right = translations()
    clean = {t.name: findings(t.model) for t in right}
    faults = plant(right, seed)
    return Measured([Outcome(f, findings(f.model) - clean[f.translation.name]) for f in faults], clean)


def share(outcomes: list[Outcome]) -> float:
    """Of outcomes, the share that is flagged by errors and warnings."""
    return sum(o.flagged for o in outcomes) / len(outcomes)


def main() -> None:
    """Print the table; with `-v` also every fault that was not flagged."""
    m = measure(int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else SEED)
    line = "{:<32}{:>8}{:>8}{:>7}{:>8}{:>11}{:>12}{:>11}  {}"
    print(line.format("kind", "planted", "flagged", "%", "blind", "translator", "documents", "with notes", "by"))
    for name, kinds in (*((k, (k,)) for k in KINDS), ("all", tuple(KINDS))):
        outcomes = m.of(*kinds)
        codes = Counter(code for o in outcomes for code in {key[0] for key in without_notes(o.new)})
        print(
            line.format(
                name, len(outcomes), sum(o.flagged for o in outcomes), f"{100 * share(outcomes):.1f}",
                f"{100 * share(m.blind(*kinds)):.1f}",
                *(f"{100 * share(m.of(*kinds, source=s)):.1f}" for s in ("translator", "document")),
                f"{100 * sum(bool(o.new) for o in outcomes) / len(outcomes):.1f}",
                " ".join(f"{c} {n}" for c, n in codes.most_common(4)) if len(kinds) == 1 else "",
            )
        )  # fmt: skip
    noted = {name: found for name, found in m.right.items() if found}
    for bar, alarms in (("errors and warnings", m.alarms), ("with notes", noted)):
        n = sum(found.total() for found in alarms.values())
        print(f"false alarms, {bar}: {n} findings on {len(alarms)} of {len(m.right)} right translations")
    for name, found in m.alarms.items():
        print(*(f"  {name}: {' | '.join(key)}" for key in found), sep="\n")
    if "-v" in sys.argv:
        for o in m.outcomes:
            if not o.flagged:
                print(f"missed  {o.fault.translation.name}  {o.fault.kind}: {o.fault.what}")


if __name__ == "__main__":
    main()
