"""A finding about a rewritten model -> the same said of the person's model: their constraint, their text.

Rewrites name what they make after the constraint it serves (`flow_product_off` serves `flow`), so that the source is
the longest name of a constraint that a generated name begins with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from nl2opt.errors import Diagnostic, EvaluationError, Unsupported
from nl2opt.ir.model import Model
from nl2opt.ir.text import print_expression
from nl2opt.ir.walk import all_names

_QUOTED = re.compile(r"(constraint )?`(\w+)`")
_INDEXED = re.compile(r"([^\W\d]\w*)\[")


@contextmanager
def told_of(model: Model) -> Iterator[None]:
    """Errors raised inside are said of ``model``, the source of what is worked on."""
    try:
        yield
    except (Unsupported, EvaluationError) as e:
        raise type(e)(of_source(d, model) for d in e.diagnostics) from None


@contextmanager
def inside(place: str) -> Iterator[None]:
    """Errors raised inside that name no item name this one: ``constraint `flow` ``."""
    try:
        yield
    except (Unsupported, EvaluationError) as e:
        raise type(e)(
            d if "`" in d.where else replace(d, where=f"{place} ({d.where})" if d.where else place)
            for d in e.diagnostics
        ) from None


def of_source(d: Diagnostic, model: Model) -> Diagnostic:
    """One finding -> with the source's constraint for a generated one, and its text for one with generated names."""
    expressions = {c.name: c.expr for c in model.constraints}
    where = _QUOTED.search(d.where)
    if where is None:
        return d
    name = where.group(2)
    if name not in expressions and name not in model.symbols:
        sources = [n for n in expressions if name.startswith(f"{n}_")]
        if not sources:
            return d
        name = max(sources, key=len)
        d = replace(d, where=d.where.replace(f"`{where.group(2)}`", f"`{name}`"))
    if name in expressions and _has_generated_names(d.found, model):
        d = replace(d, found=print_expression(expressions[name]))
    return d


def _has_generated_names(text: str, model: Model) -> bool:
    """True where a name followed by an index is none of the model's."""
    known = all_names(model)
    return any(name not in known for name in _INDEXED.findall(text))
