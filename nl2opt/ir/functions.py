"""The functions and operators of the language for a reader: form, meaning, one example each.

How many arguments each takes is said in `nodes.FUNCTIONS`. The examples are written for `WORLD`; a test reads and
binds every one of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One function or operator: ``form`` as it is written, ``meaning`` in one line, ``example`` in `WORLD`."""

    form: str
    meaning: str
    example: str


WORLD = """\
nl2opt: 1
name: examples
sets:
  Shops: [north, south, harbour]
  Days: range(1, 6)
  Colours: [red, blue]
  Roads: {elements: [[north, south], [south, harbour]]}
  near: {over: Shops, elements: {north: [south], south: [north, harbour], harbour: [south]}}
parameters:
  demand: {over: Days, type: integer, value: [4, 6, 5, 3, 2]}
  length: {over: "(a, b) in Roads", value: {north: {south: 7}, south: {harbour: 4}}}
  limit: 12
variables:
  x: {type: real, upper: 10}
  y: {type: integer, upper: 10}
  open: {over: Shops, type: binary}
  sell: {over: "Shops, Days", type: integer, upper: 9}
  start: {over: Days, type: integer, upper: 20}
  after: {over: Shops, in: Shops}
  paint: {over: Shops, in: Colours}
"""
"""The declarations that the examples mention."""

OPERATORS: tuple[Entry, ...] = (
    Entry("a if c else b", "a where the condition c holds, else b", "(x if open['north'] else 0) <= y"),
    Entry("c or d", "at least one holds", "open['north'] or open['south']"),
    Entry("c and d", "both hold", "open['north'] and x <= 3"),
    Entry("not c", "it does not hold", "not open['harbour']"),
    Entry("== != <= >= < >", "comparisons; a chain means each", "2 <= y <= 5"),
    Entry("e in S, e not in S", "the value is an element of the set", "paint['north'] in {'red'}"),
    Entry("A | B, A & B, A - B", "union, intersection, difference of sets", "y in Days - {3}"),
    Entry("a + b, a - b", "sum, difference", "x + y <= limit - 2"),
    Entry("a * b, a / b", "product, exact quotient", "2 * x / 3 <= y"),
    Entry("a // b, a % b", "whole quotient rounded down, its remainder", "y % 2 == 0"),
    Entry("-a", "negative", "x >= -y"),
    Entry("a ** b", "power", "x ** 2 <= limit"),
)
"""From the loosest to the tightest; brackets go before all of them."""

ENTRIES: dict[str, Entry] = {
    "sum": Entry("sum(e for i in I if c)", "sum over the elements for which c holds; of nothing 0",
                 "sum(sell[s, 1] for s in Shops if s != 'north') <= limit"),
    "prod": Entry("prod(e for i in I)", "product; of nothing 1", "prod(demand[d] for d in Days if d < 3) >= x"),
    "min": Entry("min(e for i in I), min(a, b)", "the least value", "min(x, y) >= 1"),
    "max": Entry("max(e for i in I), max(a, b)", "the greatest value", "max(start) <= 20"),
    "all": Entry("all(c for i in I)", "every condition holds; of nothing true",
                 "all(sell['north', d] <= 4 for d in Days)"),
    "any": Entry("any(c for i in I)", "some condition holds; of nothing false", "any(open[s] for s in Shops)"),
    "implies": Entry("implies(a, b)", "if a holds, so does b", "implies(open['north'], x >= 2)"),
    "iff": Entry("iff(a, b)", "a and b hold together or fail together", "iff(open['north'], y >= 1)"),
    "abs": Entry("abs(a)", "distance from zero", "abs(x - y) <= 2"),
    "floor": Entry("floor(a)", "the next whole number below; of data, or in outputs", "y <= floor(limit / 5)"),
    "ceil": Entry("ceil(a)", "the next whole number above; of data, or in outputs", "y >= ceil(limit / 5)"),
    "round": Entry("round(a), round(a, places)", "the nearest number of so many decimals; of data, or in outputs",
                   "y <= round(limit / 5)"),
    "sqrt": Entry("sqrt(a)", "square root", "x <= sqrt(limit)"),
    "exp": Entry("exp(a)", "e to the power a", "x <= exp(1)"),
    "log": Entry("log(a)", "natural logarithm", "x <= log(limit)"),
    "sin": Entry("sin(a)", "sine, in radians", "x <= 1 + sin(pi / 2)"),
    "cos": Entry("cos(a)", "cosine, in radians", "x <= 1 + cos(0)"),
    "first": Entry("first(S)", "the first element of a set", "start[first(Days)] == 0"),
    "last": Entry("last(S)", "the last element of a set", "start[last(Days)] <= 18"),
    "prev": Entry("prev(t), prev(t, k), prev(t, wrap=True)", "the element before t in its set, k before, or cyclic",
                  "all(start[d] >= start[prev(d)] for d in Days if d != first(Days))"),
    "next": Entry("next(t), next(t, k), next(t, wrap=True)", "the element after t in its set",
                  "all(sell['north', d] <= sell['north', next(d, wrap=True)] + 3 for d in Days)"),
    "position": Entry("position(e)", "the place of an element in its set, from 0", "position(paint['north']) <= 0"),
    "len": Entry("len(S)", "how many elements a set has; how many values data have", "y <= len(Shops)"),
    "range": Entry("range(n), range(a, b)", "the integers 0 to n - 1; a to b - 1", "y in range(2, 5)"),
    "all_different": Entry("all_different(x), all_different(e for i in I)", "no two values are equal",
                           "all_different(start)"),
    "circuit": Entry("circuit(x)", "following x visits every element once and returns", "circuit(after)"),
    "subcircuit": Entry("subcircuit(x)", "one tour through some elements; the others point at themselves",
                        "subcircuit(after)"),
    "no_overlap": Entry("no_overlap([(start, length), ...])",
                        "intervals that do not overlap; a third part says if one is there",
                        "no_overlap([(start[d], demand[d]) for d in Days])"),
    "no_overlap_2d": Entry("no_overlap_2d([(x, width, y, height), ...])", "rectangles that do not overlap",
                           "no_overlap_2d([(start[d], 2, y, 1) for d in Days])"),
    "cumulative": Entry("cumulative([(start, length, amount), ...], capacity)",
                        "at each time the amounts of running intervals stay within the capacity",
                        "cumulative([(start[d], 2, demand[d]) for d in Days], 9)"),
    "piecewise": Entry("piecewise(x, [(x0, y0), (x1, y1), ...])", "the height over x of the line through the points",
                       "piecewise(x, [(0, 0), (5, 8), (10, 10)]) >= 3"),
}  # fmt: skip
