"""Expression -> what the patterns ask of its form: is it always defined, which of two indices comes first?"""

from __future__ import annotations

from collections.abc import Mapping

from nl2opt.ir.model import Model, Set
from nl2opt.ir.nodes import Binary, Call, Compare, Expr, Name, Subscript
from nl2opt.ir.walk import subexpressions, substitute
from nl2opt.passes.facts import is_known, whole_elements


def is_total(e: Expr, model: Model) -> bool:
    """True where no value of the variables makes ``e`` undefined: no index and no divisor is decided."""
    for node in subexpressions(e):
        if isinstance(node, Subscript) and not all(is_known(i, model) for i in node.index):
            return False
        if isinstance(node, Binary) and node.op in ("/", "//", "%") and not is_known(node.right, model):
            return False
    return True


def is_before(condition: Expr, first: str, second: str, source: Expr, model: Model) -> bool:
    """True where ``condition`` orders two indices of one set, each pair one way: `i < j` of integers, `position(i) <
    position(j)` of anything."""
    match condition:
        case Compare("<", Name(a), Name(b)) | Compare(">", Name(b), Name(a)):
            return (a, b) == (first, second) and whole_elements(source, model) is True
        case Compare("<", Call("position", (Name(a),)), Call("position", (Name(b),))):
            return (a, b) == (first, second)
        case Compare(">", Call("position", (Name(b),)), Call("position", (Name(a),))):
            return (a, b) == (first, second)
        case _:
            return False


def is_range(source: Expr, model: Model) -> bool:
    """True for a set whose order is that of its consecutive integers, whatever the data."""
    if isinstance(source, Name):
        declared = model.symbols.get(source.name)
        elements = declared.elements if isinstance(declared, Set) and not declared.over else None
        return isinstance(elements, Call) and is_range(elements, model)
    return isinstance(source, Call) and source.function == "range" and len(source.args) <= 2


def renamed(e: Expr, values: Mapping[str, str]) -> Expr:
    """Node -> the same with indices renamed."""
    return substitute(e, {old: Name(new) for old, new in values.items()})
