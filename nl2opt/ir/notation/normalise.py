"""Expression text -> the same text as the language spells it, and notes of what was taken as what.

The rules stand in one table and run in its order, each over every level of brackets, inner ones first. A rule answers
the level it got where it has nothing to say, so that canonical text comes out as it went in. What could mean two
things is refused with both readings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from nl2opt.ir.notation.characters import (
    characters,
    double_subscripts,
    equals,
    power,
    quotes,
    thousands,
    words,
)
from nl2opt.ir.notation.level import is_operand, targets
from nl2opt.ir.notation.logic import logic
from nl2opt.ir.notation.names import Names, Note, Place, Position
from nl2opt.ir.notation.quantifiers import applied, arguments, bindings_of_over, comma_bindings, for_all, where_filters
from nl2opt.ir.notation.references import (
    braced_ranges,
    functions,
    labels,
    multiplication,
    products,
    ranges,
    slices,
)
from nl2opt.ir.notation.tokens import Group, Item, Items, is_group, is_symbol, is_word, read_items, write_items

Apply = Callable[[Items, Place], Items]


@dataclass(frozen=True, slots=True)
class Rule:
    """One spelling: ``kind`` says it in a note; ``written`` and ``taken`` are an example ('' where it is refused),
    ``also`` are more.

    ``sign`` is a pattern without which the rule has nothing to do.
    """

    apply: Apply
    sign: str
    kind: str
    written: str
    taken: str
    also: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The rule's own name, by which its notes are known."""
        return self.apply.__name__


RULES: tuple[Rule, ...] = (
    Rule(characters, r"[^\x00-\x7f]|=<|<>", "a mathematical character", "x² ≤ 9", "x ** 2 <= 9"),
    Rule(quotes, "[“‘]", "typographic quotes", "colour[r] == “red”", "colour[r] == 'red'"),
    Rule(thousands, r"\d,\d", "a thousands separator", "x <= 5,000", ""),
    Rule(double_subscripts, r"\]\s*\[", "a bracket for each index", "cost[i][j] * x", "cost[i, j] * x"),
    Rule(power, r"\^", "a power", "x ^ 2", "x ** 2"),
    Rule(words, r"\b(?:[Tt]rue|TRUE|[Ff]alse|FALSE|AND|OR|NOT|[Ii]nfinity)\b", "a word in another case",
         "open[i] AND true", "open[i] and True"),
    Rule(equals, r"(?<![<>=!:])=(?!=)|===", "one `=` in a condition", "x = 3", "x == 3"),
    Rule(where_filters, r"\bwhere\b", "a filter", "sum(w[i] for i in I where i != j)",
         "sum(w[i] for i in I if i != j)"),
    Rule(for_all, r"\bfor|\bFor|\b(?:all|each|every)\b", "`for all`", "w[i] <= 3 for all i in I",
         "all(w[i] <= 3 for i in I)", (("∀ i ∈ I: w[i] <= 3", "all(w[i] <= 3 for i in I)"),)),
    Rule(comma_bindings, r"(?s)\bfor\b.*,", "bindings in one `for`", "sum(f[i, j] for i in I, j in J)",
         "sum(f[i, j] for i in I for j in J)"),
    Rule(bindings_of_over, "", "index bindings", "i, j in I", "i in I, j in I"),
    Rule(applied, r"_\s*\{|\)\s*[-\w(\[{'\"]", "a quantifier before its body", "sum_{i in I} w[i] <= 3",
         "sum(w[i] for i in I) <= 3", (("forall(i in I)(w[i] <= 3)", "all(w[i] <= 3 for i in I)"),)),
    Rule(arguments, r"(?s),.*\bin\b|\bin\b.*[,:]", "bindings as arguments", "sum(w[i], i in I)",
         "sum(w[i] for i in I)"),
    Rule(logic, r"[&|~¬∧∨→⇒⟹↔⇔⟺]|!(?!=)|->|=>", "logic", "a == 1 & b == 2", "a == 1 and b == 2",
         (("a && !b", "a and (not b)"), ("a -> b", "implies(a, b)"), ("x >= 3 => a", "implies(x >= 3, a)"),
          ("a <-> x >= 1", "iff(a, x >= 1)"))),
    Rule(ranges, r"\.\.", "a range", "x in 1..n", "x in range(1, n + 1)", (("x in {1..4}", "x in range(1, 5)"),)),
    Rule(braced_ranges, r"[{\[]\s*range", "brackets around a range", "x in {range(1, 5)}", "x in range(1, 5)"),
    Rule(functions, r"\w\s*\(", "a function's name", "AllDifferent(w)", "all_different(w)",
         (("NoOverlap([(w[i], 2) for i in I])", "no_overlap([(w[i], 2) for i in I])"),)),
    Rule(slices, r"(?:[:*]|\.\.)\s*[,\]]", "a slice", "sum(f[:, j])", "sum(f[i, j] for i in I)"),
    Rule(multiplication, r"[\d.]\s*(?:[^\W\d]|\()", "a product without its sign", "2x <= 9", "2 * x <= 9",
         (("2(x + 1) <= 9", "2 * (x + 1) <= 9"),)),
    Rule(products, r"[\w)\]](?:\s*\(|\s+\w)|[)\]]\w", "a product without its sign", "(x + 1)(n + 1)", ""),
    Rule(labels, "", "a label without quotes", "colour[r] == red", "colour[r] == 'red'"),
)  # fmt: skip
_KINDS = {r.name: r.kind for r in RULES} | {
    "arrows": "an implication", "junctions": "`and` or `or`", "negations": "`not`", "bits": "`and` or `or`",
}  # fmt: skip
_OF_SETS = ("first", "last", "len")


def kind_of(rule: str) -> str:
    """A rule's name -> how a note calls the slip."""
    return _KINDS[rule]


def normalise(text: str, position: Position = "inner", names: Names | None = None) -> tuple[str, tuple[Note, ...]]:
    """Expression text -> (canonical text, notes). Raises `Refused` where it could mean two things.

    Without ``names`` only those slips are taken that need no declarations. Text whose brackets or quotes do not close
    comes back as it is.
    """
    items = read_items(text)
    if items is None:
        return text, ()
    found: dict[Note, None] = {}
    place = Place(names, position, lambda rule, written, taken: found.setdefault(Note(rule, written, taken)))
    shown = write_items(items)
    for rule in RULES:
        if re.search(rule.sign, shown):
            items = _descend(items, place, rule.apply)
            shown = write_items(items)
    return shown, tuple(found)


def _descend(items: Items, place: Place, apply: Apply) -> Items:
    """A rule over every level below, then over this one."""
    own = targets(items, over=place.position == "over")
    bound = place.bound | set(own) if own else place.bound
    inner: list[Item] = []
    for k, i in enumerate(items):
        if isinstance(i, Group):
            doubled = place.function if len(items) == 1 and i.open == "(" else ""
            function = _function(items, k) or doubled
            below = Place(place.names, _position(items, k, place), place.note, bound, function, i.open)
            found = _descend(i.items, below, apply)
            i = i if found is i.items else Group(i.open, found, i.space, i.end)
        inner.append(i)
    level = items if all(a is b for a, b in zip(inner, items, strict=True)) else tuple(inner)
    return apply(level, place if bound is place.bound or apply in _OUTSIDE else replace(place, bound=bound))


_OUTSIDE = (arguments, applied)
"""Rules that bind indices themselves: what this level binds is not yet around them."""


def _function(items: Items, k: int) -> str:
    before = items[k - 1] if k else None
    return write_items([before]).strip() if is_group(items[k], "(") and before and is_word(before) and (
        is_operand(before)) else ""  # fmt: skip


def _position(items: Items, k: int, place: Place) -> Position:
    """What stands in a bracket: a set in `len(...)`, after `in`, and in a bracket of a set; else whatever compares."""
    if is_group(items[k], "[{"):
        return "inner"
    function = _function(items, k)
    if function:
        return "set" if function in _OF_SETS else "inner"
    for before in reversed(items[:k]):
        if is_word(before, "in"):
            return "set"
        if not (is_symbol(before, "|", "&", "-") or is_operand(before)):
            break
    top = place.position == "set" and not any(is_word(i, "if", "for") for i in items[:k])
    return "set" if top else "inner"


__all__ = ["RULES", "Rule", "kind_of", "normalise"]
