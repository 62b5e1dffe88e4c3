"""The declarations that random models share, by shape: small enough that every point can be tried."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from snippets import REAL, Snippet, pairs

from nl2opt.errors import EvaluationError
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.evaluate import evaluate
from nl2opt.ir.instance import Instance, Point
from nl2opt.ir.model import Element

POINTS = 128
"""The most points of a discrete model, and of the grid a mixed one is tried on."""

Shape = tuple[int, int]
"""How many elements K has, and the upper bound of x."""

SHAPES: tuple[Shape, ...] = ((2, 2), (2, 3), (3, 1))

Specification = tuple[str, list[Any]]
"""The declaration of a variable, and the values of an element."""


@cache
def specifications(shape: Shape) -> dict[str, Specification]:
    """A shape -> its variables."""
    size, top = shape
    labels = ["red", "green", "blue"]
    return {
        "on": ("type: binary", [0, 1]),
        "b": ("over: K, type: binary", [0, 1]),
        "x": (f"over: K, type: integer, upper: {top}", list(range(top + 1))),
        "y": ("type: integer, lower: -1, upper: 2", [-1, 0, 1, 2]),
        "z": ("type: integer, upper: 2", [0, 1, 2]),
        "p": ("in: L", labels),
        "r": ("in: L", labels),
        "q": ("in: S", [1, 3, 4]),
        "s": ("over: K, in: K", list(range(size))),
        "a": ("in: T", [(0, 1), (1, 3), (2, 2), (3, 1)]),
        "u": ("type: real, lower: -2, upper: 3", [-2, Fraction(-1, 2), 0, Fraction(3, 2), 3]),
        "v": ("type: real, upper: 3", [0, Fraction(1, 2), Fraction(3, 2), 3]),
    }


def declarations(name: str, shape: Shape, sections: Mapping[str, Sequence[str]]) -> str:
    """A shape and the lines of the other sections -> the text of a document."""
    n = shape[0]
    cut = lambda values: "[" + ", ".join(map(str, values[:n])) + "]"  # noqa: E731
    table = ", ".join(cut(row) for row in ([1, 4, 2], [3, 0, 5], [2, 2, 1]))
    return (
        f"nl2opt: 1\nname: {name}\nsets:\n  K: range({n})\n  L: [red, green, blue]\n  S: {{elements: [1, 3, 4]}}\n"
        "  T: {elements: [[0, 1], [1, 3], [2, 2], [3, 1]]}\n"
        '  near: {over: i in K, elements: "{j for j in K if j != i}"}\n'
        f"parameters:\n  c: {{over: K, type: integer, value: {cut([2, 1, 3])}}}\n"
        f"  d: {{over: K, value: {cut([0.5, -1.25, -2])}}}\n"
        f'  e: {{over: "L, K", type: integer, value: [{table}]}}\n'
        f"  home: {{over: K, in: L, value: {cut(['green', 'red', 'green'])}}}\n"
        f"  open: {{over: K, type: binary, value: {cut([1, 0, 1])}}}\n"
        + "".join(f"{s}:\n" + "\n".join(items) + "\n" for s, items in sections.items() if items)
    )


def variable_lines(variables: Mapping[str, Specification]) -> list[str]:
    """Variables -> their lines in a document."""
    return [f"  {v}: {{{spec}}}" for v, (spec, _) in variables.items()]


TWICE = '  twice: {over: i in K, expr: "2 * x[i] - 1"}'
"""The named expression the probes read."""


def points(variables: Mapping[str, Specification], keys: Iterable[Element]) -> list[Point]:
    """Variables -> every point of them; continuous ones on their grid."""
    slots = [(v, key, values) for v, (spec, values) in variables.items()
             for key in (((k,) for k in keys) if "over" in spec else ((),))]  # fmt: skip
    found = []
    for combination in itertools.product(*(values for _, _, values in slots)):
        point: dict[str, dict[Any, Any]] = {v: {} for v in variables}
        for (v, key, _), x in zip(slots, combination, strict=True):
            point[v][key] = x
        found.append(point)
    return found


def cost(variables: Iterable[str], shape: Shape) -> int:
    """How many points some variables have; continuous ones count little, for their grid is sampled."""
    count = 1
    for v in variables:
        spec, values = specifications(shape)[v]
        count *= (2 if v in REAL else len(values)) ** (shape[0] if "over" in spec else 1)
    return count


@cache
def telling(shape: Shape) -> frozenset[str]:
    """The snippets that differ from point to point in a shape."""
    return frozenset(s.node for s in {p.snippet.node: p.snippet for p in pairs()}.values() if _differs(s, shape))


def _differs(s: Snippet, shape: Shape) -> bool:
    variables = {v: specifications(shape)[v] for v in sorted(s.variables)}
    sections = {"variables": variable_lines(variables), "expressions": [TWICE] * ("x" in variables)}
    instance = bind(read_document(declarations("shape", shape, sections)))
    keys = instance.sets["K"]
    found = (_worth(s, instance, p, k) for p in points(variables, keys.elements) for k in keys.elements)
    first = next(found)
    return any(other != first for other in found)


def _worth(s: Snippet, instance: Instance, point: Point, k: Element) -> Any:
    try:
        return evaluate(s.expr, instance, point, {"k": (k, instance.sets["K"])})
    except EvaluationError:
        return "undefined"
