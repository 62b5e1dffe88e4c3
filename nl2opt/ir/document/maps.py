"""Lists under the keys of a map (`{a: [1, 2], b: [3, 4]}`), maps in a list -> keys throughout, or lists throughout.

Data files may mix the two because their sets are known by then. A document is read before its sets are, so a list
finds its keys only where the document lists the set, or spells a range of integers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from nl2opt.errors import DocumentError
from nl2opt.ir import limits
from nl2opt.ir.document.declared import elements_of
from nl2opt.ir.model import Over
from nl2opt.ir.nodes import Call, Number
from nl2opt.ir.text import parse_set, print_expression

Atoms = tuple[str | int, ...]


def is_mixed(value: Any) -> bool:
    """True for a map with lists under its keys, and for a list of maps, at any depth."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    other = list if isinstance(value, Mapping) else Mapping
    return any(isinstance(v, other) or is_mixed(v) for v in inner)


def with_keys(value: Any, over: Over, sets: Mapping[str, Any]) -> Any:
    """A value of maps and lists -> the same with keys throughout, else as lists; None where neither can be told."""
    if any(g.conditions for g in over):
        return None
    axes = [_atoms(print_expression(g.source), sets) for g in over]
    keyed = _keyed(value, axes)
    return _nested(value, axes) if keyed is None else keyed


def _keyed(value: Any, axes: Sequence[Atoms | None]) -> Any:
    """Every list -> a map by the elements of its axis; None where an axis is not listed, or not as long."""
    if not isinstance(value, list | Mapping):
        return value
    if not axes:
        return None
    if isinstance(value, list):
        if axes[0] is None or len(axes[0]) != len(value):
            return None
        value = dict(zip(axes[0], value, strict=True))
    inner = {k: _keyed(v, axes[1:]) for k, v in value.items()}
    return None if any(v is None for v in inner.values()) else inner


def _nested(value: Any, axes: Sequence[Atoms | None]) -> Any:
    """Every map -> a list in the order of its axis; None where an axis is not listed, or a key is missing."""
    if not isinstance(value, list | Mapping):
        return value
    if not axes:
        return None
    if isinstance(value, Mapping):
        by_text = {str(k): v for k, v in value.items()}
        if axes[0] is None or set(by_text) != set(map(str, axes[0])):
            return None
        value = [by_text[str(a)] for a in axes[0]]
    inner = [_nested(v, axes[1:]) for v in value]
    return None if any(v is None for v in inner) else inner


def _atoms(text: str, sets: Mapping[str, Any], depth: int = 0) -> Atoms | None:
    """The text of a set -> its elements, where the document lists them or spells a range."""
    elements = elements_of(sets[text]) if text in sets else text
    if isinstance(elements, list):
        plain = all(isinstance(e, str | int) and not isinstance(e, bool) for e in elements)
        return tuple(elements) if plain else None
    if not isinstance(elements, str) or depth > limits.EXPRESSION_DEPTH:
        return None
    if elements in sets:
        return _atoms(elements, sets, depth + 1)
    try:
        e = parse_set(elements)
    except DocumentError:
        return None
    match e:
        case Call("range", args, _) if all(isinstance(a, Number) and a.value.denominator == 1 for a in args):
            ends = [int(Fraction(a.value)) for a in args if isinstance(a, Number)]
            steps = range(*ends) if 1 <= len(ends) <= 3 and 0 not in ends[2:] else range(0)
            return tuple(steps) if len(steps) <= limits.SET_ELEMENTS else None
        case _:
            return None
