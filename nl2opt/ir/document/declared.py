"""Plain data of a document -> the names it declares, before any expression is read: near misses need to know them.

Nothing is reported here: what cannot be read is found by the reader in its turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from nl2opt.errors import DocumentError
from nl2opt.ir.model import Over
from nl2opt.ir.nodes import Call, Comprehension, Expr, Name, SetLiteral, SetOperation, Tuple
from nl2opt.ir.notation.names import Declared, Names
from nl2opt.ir.text import Spelling, parse_over, parse_set, print_expression

_DECLARING = ("sets", "parameters", "variables", "expressions")


def declared_names(raw: Mapping[Any, Any]) -> Names:
    """Document -> what each name of its four declaring sections is; the first declaration of a name counts."""
    items: dict[str, tuple[str, Any]] = {}
    for section in _DECLARING:
        for name, item in named_items(raw.get(section)):
            items.setdefault(name, (section, item))
    arities = {name: 0 for name, (section, _) in items.items() if section == "sets"}
    for _ in range(2):  # a set defined by a later one needs a second look
        arities = {name: _arity(elements_of(items[name][1]), arities) for name in arities}
    found = {
        name: Declared(
            section, (), arities.get(name, 0), _labels(elements_of(item)) if section == "sets" else frozenset()
        )
        for name, (section, item) in items.items()
    }
    names = Names(found)
    for name, (_, item) in items.items():
        over = item.get("over") if isinstance(item, Mapping) else None
        found[name] = replace(found[name], positions=_positions(quiet_over(over, names), arities))
    return names


def named_items(raw: Any) -> Iterator[tuple[str, Any]]:
    """A section in either spelling -> its items by name."""
    if isinstance(raw, Mapping):
        yield from ((k, v) for k, v in raw.items() if isinstance(k, str))
    elif isinstance(raw, list):
        yield from ((v["name"], v) for v in raw if isinstance(v, Mapping) and isinstance(v.get("name"), str))


def bound_indices(over: Any, names: Names) -> dict[str, str]:
    """The field `for` or `over` -> each index it binds, with the text of its set."""
    return {t: print_expression(g.source) for g in quiet_over(over, names) for t in g.targets}


def quiet_over(over: Any, names: Names) -> Over:
    """The field `for` or `over` -> its bindings; none where they cannot be read."""
    text = ", ".join(map(str, over)) if isinstance(over, list) else over
    try:
        return parse_over(text, spelling=Spelling(names)) if isinstance(text, str) else ()
    except DocumentError:
        return ()


def elements_of(item: Any) -> Any:
    """An item of `sets` in either spelling -> its elements as written."""
    return item.get("elements") if isinstance(item, Mapping) and ("elements" in item or "over" in item) else item


def _arity(elements: Any, arities: Mapping[str, int]) -> int:
    """Elements -> coordinates of one; 0 where that is not known."""
    if isinstance(elements, list) and elements:
        return len(elements[0]) if isinstance(elements[0], list) else 1
    if not isinstance(elements, str):
        return 0
    try:
        return _arity_of(parse_set(elements), arities)
    except DocumentError:
        return 0


def _arity_of(e: Expr, arities: Mapping[str, int]) -> int:
    match e:
        case Name(name):
            return arities.get(name, 0)
        case Call("range"):
            return 1
        case SetLiteral((first, *_)) | Comprehension(_, first, _):
            return len(first.items) if isinstance(first, Tuple) else 1 if not isinstance(first, Name) else 0
        case SetOperation(_, left, right):
            return _arity_of(left, arities) or _arity_of(right, arities)
        case _:
            return 0


def _labels(elements: Any) -> frozenset[str]:
    return frozenset(e for e in elements if isinstance(e, str)) if isinstance(elements, list) else frozenset()


def _positions(over: Over, arities: Mapping[str, int]) -> tuple[tuple[str, str], ...] | None:
    """Bindings -> (index, set) of each position; None where a position depends on another or an element has several."""
    found: list[tuple[str, str]] = []
    for g in over:
        source = g.source
        plain = (isinstance(source, Name) and arities.get(source.name) == 1) or isinstance(source, Call)
        if not plain or g.conditions or len(g.targets) > 1:
            return None
        found.append((g.targets[0] if g.targets else "", print_expression(source)))
    return tuple(found)
