"""NL4Opt declarations, as published or corrected -> flat models."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from nl2opt.bench.flat import Flat, FlatRow
from nl2opt.formulate.embedded.declarations import Op, Sense
from nl2opt.formulate.numerals import number_value

_MINIMIZE: Final = re.compile(r"minim|reduc|decreas|lower|least|cheap|fewest|smallest|shortest", re.I)
OPS: Final[Mapping[str, Op]] = {
    "LESS_OR_EQUAL": "<=",
    "GREATER_OR_EQUAL": ">=",
    "EQUAL": "==",
    "LE": "<=",
    "GE": ">=",
    "EQ": "==",
}


def label_model(question: Mapping[str, Any]) -> Flat:
    """The model a published label states; terms whose mention is not mapped are lost, as published."""
    variables = tuple(question["variables"])
    place = {name: k for k, name in enumerate(variables)}
    mapped = question["var_mention_to_first_var"]

    def index(mention: str) -> int | None:
        return place.get(mapped.get(mention, mention))

    count = len(variables)
    goal = question["objective"]
    sense: Sense = "minimize" if _MINIMIZE.search(goal["direction"]) else "maximize"
    plain = goal["type"] == "objvar"
    objective = (Fraction(1),) * count if plain else _terms(goal["terms"], index, count)
    rows = [row for declared in question["constraints"] if (row := _row(declared, index, count)) is not None]
    return Flat(variables, sense, objective, tuple(rows))


def _terms(terms: Mapping[str, str], index: Any, count: int) -> tuple[Fraction, ...]:
    values = [Fraction(0)] * count
    for mention, text in terms.items():
        k = index(mention)
        if k is not None:
            values[k] = number_of(text)
    return tuple(values)


def number_of(text: str) -> Fraction:
    """The number in a label's words. Raises ValueError where there is none."""
    value = number_value(text)
    if value is None:
        match = re.search(r"\d[\d,]*(?:\.\d+)?%?", text)
        value = number_value(match[0]) if match else None
    if value is None:
        raise ValueError(f"not a number: {text!r}")
    return value


def _row(declared: Mapping[str, Any], index: Any, count: int) -> FlatRow | None:
    op = OPS[declared["operator"]]
    kind = declared["type"]
    values = [Fraction(0)] * count
    if kind == "linear":
        return FlatRow(_terms(declared["terms"], index, count), op, number_of(declared["limit"]))
    if kind == "sum":
        return FlatRow((Fraction(1),) * count, op, number_of(declared["limit"]))
    if kind in ("lowerbound", "upperbound"):
        return _single(index(declared["var"]), values, op, number_of(declared["limit"]))
    if kind == "ratio":
        part = number_of(declared["limit"])
        row = _single(index(declared["var"]), values, op, Fraction(0))
        return None if row is None else FlatRow(tuple(v - part for v in row.coefficients), op, Fraction(0))
    if kind in ("xy", "xby"):
        left, right = index(declared["x_var"]), index(declared["y_var"])
        if left is None or right is None:
            return None
        values[left] += 1
        values[right] -= number_of(declared["param"]) if kind == "xby" else 1
        return FlatRow(tuple(values), op, Fraction(0))
    raise ValueError(f"unknown declaration type {kind!r}")


def _single(k: int | None, values: list[Fraction], op: Op, bound: Fraction) -> FlatRow | None:
    if k is None:
        return None
    values[k] = Fraction(1)
    return FlatRow(tuple(values), op, bound)


def corrected_model(correction: Mapping[str, Any]) -> Flat:
    """The model a corrected label states: terms in the order of the variables, decisions by index."""
    variables = tuple(correction["variables"])
    count = len(variables)
    sense: Sense = "minimize" if correction["objective"]["direction"].startswith("min") else "maximize"
    rows = [_corrected_row(item, count) for item in correction["constraints"]]
    return Flat(variables, sense, _exact(correction["objective"]["terms"]), tuple(rows))


def _exact(values: Sequence[float]) -> tuple[Fraction, ...]:
    return tuple(Fraction(str(value)) for value in values)


def _corrected_row(item: Mapping[str, Any], count: int) -> FlatRow:
    op = OPS[item["op"]]
    bound = Fraction(str(item.get("k", 0)))
    values = [Fraction(0)] * count
    match item["type"]:
        case "linear":
            return FlatRow(_exact(item["terms"]), op, bound)
        case "sum":
            return FlatRow((Fraction(1),) * count, op, bound)
        case "bound":
            values[item["var"]] = Fraction(1)
            return FlatRow(tuple(values), op, bound)
        case "ratio":
            values[item["var"]] = Fraction(1)
            return FlatRow(tuple(v - bound for v in values), op, Fraction(0))
        case "xy" | "xby":
            values[item["x"]] += 1
            values[item["y"]] -= bound if item["type"] == "xby" else 1
            return FlatRow(tuple(values), op, Fraction(0))
    raise ValueError(f"unknown correction type {item['type']!r}")
