"""Sample, style -> Narration: the instance in words, by a template of its family."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.synth.family import Family
from nl2opt.synth.sample import Sample


@dataclass(frozen=True, slots=True)
class Narration:
    """A problem as a person might tell it; ``style`` is the place of its template in the family."""

    text: str
    style: int


def narrate(family: Family, drawn: Sample, style: int | None = None) -> Narration:
    """The sample told in a style, one chosen by its seed where none is given. Raises DocumentError (E041)."""
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    chosen = drawn.seed % len(family.narrations) if style is None else style
    room = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    room.filters |= {"listed": listed, "singular": singular}
    try:
        told = room.from_string(family.narrations[chosen]).render(_words(drawn))
    except (TemplateError, KeyError) as e:
        raise DocumentError(
            Diagnostic("E041", "a narration cannot be told", f"{family.name} {chosen}", str(e))
        ) from None
    return Narration(" ".join(told.split()), chosen)


def _words(drawn: Sample) -> dict[str, Any]:
    """What a narration may say: the scenario's words, sets as lists, data by key."""
    words: dict[str, Any] = {k: v for k, v in drawn.words.items() if isinstance(v, str)}
    for name, value in drawn.words.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            words[name.removesuffix("s")] = {item["name"]: item for item in value}
    for s in drawn.instance.model.sets:
        words[s.name] = list(drawn.data[s.name])
    for p in drawn.instance.model.parameters:
        held = drawn.data[p.name]
        words[p.name] = {_key(row): row[-1] for row in held} if isinstance(held, list) else held
    return words


def _key(row: Sequence[Any]) -> Any:
    return row[0] if len(row) == 2 else tuple(row[:-1])


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`.

    >>> listed(["bowls", "mugs", "plates"])
    'bowls, mugs and plates'
    """
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def singular(noun: str) -> str:
    """A plural noun of a scenario -> its singular.

    >>> [singular(n) for n in ("chairs", "loaves", "benches", "pies", "shelves", "vases")]
    ['chair', 'loaf', 'bench', 'pie', 'shelf', 'vase']
    """
    if noun.endswith("ves"):
        return noun[:-3] + "f"
    if re.search(r"(ch|sh|x|ss)es$", noun):
        return noun[:-2]
    return noun.removesuffix("s")
