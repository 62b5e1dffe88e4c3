"""Model -> findings about declarations, anchors and conditions decided before any data."""

from __future__ import annotations

from collections import Counter
from functools import partial

from nl2opt.check.places import Findings, places, spots
from nl2opt.ir.infer.scope import Scope
from nl2opt.ir.model import Element, IndexedElements, Model, Parameter, Set, Variable
from nl2opt.ir.nodes import Aggregate, And, Boolean, Compare, Constant, Expr, Number
from nl2opt.ir.polynomial import difference


def check_declarations(model: Model, found: Findings) -> None:
    """Types of variables, data given twice, bounds of binaries, objectives."""
    for place, item in places(model):
        if isinstance(item, Variable):
            if item.type is None and item.within is None:
                found.add("E401", str(place), place.name, "type: real, integer or binary; or in: a set", "")
            elif item.type is not None and item.within is not None:
                found.add("E402", str(place), f"type: {item.type}, and in", "one of the two", "leave out type")
            if item.type == "binary":
                for name, bound in (("lower", item.lower), ("upper", item.upper)):
                    if _outside(bound):
                        found.add("E404", f"{place}.{name}", str(getattr(bound, "value", bound)), "0 or 1",
                                  "`type: integer` with these bounds")  # fmt: skip
            elif (
                isinstance(item.lower, Number)
                and isinstance(item.upper, Number)
                and item.lower.value > item.upper.value
            ):
                found.add("E406", str(place), "lower above upper", "lower <= upper", "")
        elif isinstance(item, Set):
            _check_elements(item, str(place), found)
        elif isinstance(item, Parameter) and item.value is not None and item.rows is not None:
            found.add("E403", str(place), place.name, "one of value and rows", "")
    priorities: dict[int, int] = {}
    scope = Scope.of(model)
    for i, objective in enumerate(model.objectives):
        where = f"objectives[{i}] `{objective.sense}`"
        if objective.priority in priorities:
            found.add("E405", where, f"priority {objective.priority}, as objectives[{priorities[objective.priority]}]",
                      "priorities that differ", "higher first; or one weighted sum")  # fmt: skip
        priorities.setdefault(objective.priority, i)
        if not scope.varies(objective.expr):
            found.add("W-objective", where, "no variable", "an expression over variables", "")


def _check_elements(s: Set, where: str, found: Findings) -> None:
    """Elements the document lists: of one kind, none twice; so for each list of an indexed set."""
    lists = s.elements.lists if isinstance(s.elements, IndexedElements) else (s.elements,)
    for elements in lists:
        if not isinstance(elements, tuple):
            continue
        kinds = {_kind(e): e for e in reversed(elements)}
        if len(kinds) > 1:
            second, *_, first = kinds.values()
            found.add("E409", where, f"{first!r} beside {second!r}", "elements of one kind",
                      "labels only, integers only, or tuples of one length")  # fmt: skip
        elif len(set(elements)) < len(elements):
            twice = Counter(elements).most_common(1)[0][0]
            found.add("E409", where, f"{twice!r} twice", "every element once", "keep one")


def _kind(e: Element) -> tuple[type, ...]:
    return tuple(map(type, e)) if isinstance(e, tuple) else (type(e),)


def _outside(bound: Expr | None) -> bool:
    match bound:
        case Number(value):
            return value not in (0, 1)
        case Constant():
            return True
        case _:
            return False


def check_truth(model: Model, found: Findings) -> None:
    """Constraints that hold, or fail, whatever the variables are."""
    for spot in spots(model):
        if spot.role != "constraint":
            continue
        report = partial(found.at, spot.place)
        for part in _parts(spot.expr):
            holds = truth(part)
            if holds is not None:
                code, expected = (
                    ("W-true", "a condition that can fail") if holds else ("E406", "a condition that can hold")
                )
                report(code, part, str(holds), expected, "")


def _parts(e: Expr) -> tuple[Expr, ...]:
    """A condition -> the conditions it demands, each on its own."""
    match e:
        case And(args):
            return tuple(p for a in args for p in _parts(a))
        case Aggregate("all", body, _):
            return tuple(p for p in _parts(body) if truth(p))
        case _:
            return (e,)


def truth(e: Expr) -> bool | None:
    """Condition -> what it is whatever its names stand for; None where that depends."""
    match e:
        case Boolean(value):
            return value
        case Compare(op, left, right):
            gap = difference(left, right)
            if gap is None:
                return None
            return {"<=": gap <= 0, ">=": gap >= 0, "==": gap == 0, "!=": gap != 0, "<": gap < 0, ">": gap > 0}[op]
        case _:
            return None


def check_anchors(model: Model, found: Findings) -> None:
    """Quotes that are no pieces of the text, where a text is given; anchors to assumptions nobody listed."""
    text = _folded(model.text)
    for place, item in places(model):
        for anchor in getattr(item, "anchors", ()):
            if anchor.kind == "assumption" and anchor.text not in model.assumptions:
                found.add("E408", str(place), anchor.text, "a sentence of `assumptions`", "list it there")
            elif anchor.kind == "quote" and text:
                count = text.count(_folded(anchor.text)) if _folded(anchor.text) else 0
                if count < anchor.nth:
                    expected = "a verbatim piece of the text" if not count else f"nth of at most {count}"
                    found.add("E407", str(place), anchor.text, expected, "copy it from the text")


def _folded(text: str) -> str:
    """Text with its blanks made one: line breaks of the document are not the person's."""
    return " ".join(text.split())
