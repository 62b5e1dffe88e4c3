"""A model that shows a fault, and how to tell -> a small model that shows it: delta debugging over the model's tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from nl2opt.check.static import check_model
from nl2opt.errors import Nl2optError
from nl2opt.ir.document import read_document
from nl2opt.ir.document.printer import print_yaml
from nl2opt.ir.model import Model
from nl2opt.ir.nodes import Boolean, Expr, Number, number
from nl2opt.ir.walk import all_names, children, map_children, subexpressions

Shows = Callable[[str], bool]
"""Does the document of this text still show the fault?"""


def shrink(text: str, shows: Shows, tries: int = 600) -> str:
    """The text of a document that shows a fault -> a shorter one that does, found in at most ``tries`` tries."""
    model, left = read_document(text), tries
    smaller = True
    while smaller and left > 0:
        smaller = False
        for candidate in _smaller(model):
            left -= 1
            if left < 0:
                break
            if _holds(candidate, shows):
                model, smaller = candidate, True
                break
    return print_yaml(model)


def _holds(model: Model, shows: Shows) -> bool:
    try:
        return not any(d.severity == "error" for d in check_model(model)) and shows(print_yaml(model))
    except Nl2optError:
        return False


def _smaller(model: Model) -> Iterator[Model]:
    """Models with an item less, then with a simpler expression."""
    for section in ("constraints", "objectives", "expressions", "variables", "parameters", "sets"):
        items = getattr(model, section)
        for n, item in enumerate(items):
            used = section not in ("constraints", "objectives") and item.name in all_names(_without(model, section, n))
            if not used or section == "expressions":
                yield _without(model, section, n)
    for section in ("constraints", "objectives", "expressions"):
        items = getattr(model, section)
        for n, item in enumerate(items):
            if section == "constraints" and item.penalty is not None:
                yield _with(model, section, n, replace(item, penalty=None))
            for e in _simpler(item.expr):
                yield _with(model, section, n, replace(item, expr=e))


def _without(model: Model, section: str, n: int) -> Model:
    items = getattr(model, section)
    return replace(model, **{section: (*items[:n], *items[n + 1 :])})


def _with(model: Model, section: str, n: int, item: object) -> Model:
    items = getattr(model, section)
    return replace(model, **{section: (*items[:n], item, *items[n + 1 :])})


def _simpler(e: Expr) -> Iterator[Expr]:
    """Expressions with one node replaced by a child of it, or by a constant; large cuts first."""
    for node in subexpressions(e):
        if isinstance(node, Number | Boolean):
            continue
        for child in children(node):
            yield _replaced(e, node, child)
        yield _replaced(e, node, Boolean(True))
        yield _replaced(e, node, number(1))
    for node in subexpressions(e):
        if hasattr(node, "terms") or hasattr(node, "args") or hasattr(node, "factors"):
            yield from (_replaced(e, node, shorter) for shorter in _shorter(node))


def _shorter(node: Expr) -> Iterator[Expr]:
    for name in ("terms", "args", "factors"):
        parts = getattr(node, name, ())
        if isinstance(parts, tuple) and len(parts) > 2:
            for n in range(len(parts)):
                yield replace(node, **{name: (*parts[:n], *parts[n + 1 :])})


def _replaced(e: Expr, old: Expr, new: Expr) -> Expr:
    return new if e is old else map_children(e, lambda x: _replaced(x, old, new))
