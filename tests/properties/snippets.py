"""The constructs of the probes as pieces of random models: what each reads, where it may stand, which routes say it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from census import census

import nl2opt
from nl2opt.ir.document import read_document
from nl2opt.ir.document.loading import load
from nl2opt.ir.nodes import Expr
from nl2opt.ir.text import parse_expression
from nl2opt.ir.walk import free_names
from nl2opt.support import LOWERINGS, probes, support

NATIVE = tuple(r for r in LOWERINGS if r != "scip_nlp")
"""The routes every random model goes through."""

REAL = frozenset(("u", "v"))
"""The continuous variables of the probes."""

_FRACTIONAL = ("number", "pi", "parameter", "division", "fractions", "ceil", "round", "sqrt", "piecewise", "real")
"""Words in the names of snippets whose values need not be whole."""


@dataclass(frozen=True)
class Snippet:
    """A construct as an expression, and the variables it reads."""

    node: str
    expr: Expr
    is_number: bool
    variables: frozenset[str]

    @property
    def whole(self) -> bool:
        """True where its values are whole numbers."""
        return self.is_number and not any(w in self.node for w in _FRACTIONAL)


@dataclass(frozen=True, eq=False)
class Pair:
    """A snippet to be put into a context: what the census finds in its probe, and the routes that say it there."""

    snippet: Snippet
    context: str
    found: frozenset[tuple[str, str]]
    routes: frozenset[str]

    @property
    def is_real(self) -> bool:
        """True where it reads continuous variables."""
        return bool(self.snippet.variables & REAL)


@cache
def pairs() -> tuple[Pair, ...]:
    """Every snippet in every context the language allows it."""
    content = load((Path(nl2opt.__file__).parent / "probes.yaml").read_text(encoding="utf-8"))
    names = frozenset(content["declarations"]["variables"])
    snippets = {
        n["node"]: Snippet(
            n["node"], e, "number" in n,
            (free_names(e) & names) | (frozenset(("x",)) if "twice" in free_names(e) else frozenset()),
        )
        for n in content["nodes"]
        for e in (parse_expression(n.get("number") or n["condition"]),)
    }  # fmt: skip
    tables = {route: support(route) for route in NATIVE}
    return tuple(
        Pair(
            snippets[p.node], p.context, frozenset(census(read_document(p.text))),
            frozenset(r for r in NATIVE if tables[r][p.node, p.context] is None),
        )
        for p in probes()
    )  # fmt: skip


@cache
def places(node: str) -> tuple[Pair, ...]:
    """A snippet by its name -> its pairs."""
    return tuple(p for p in pairs() if p.snippet.node == node)


@cache
def wanted() -> frozenset[tuple[str, str]]:
    """Every (node, context) that the probes hold and some native route says."""
    return frozenset(found for p in pairs() if p.routes for found in p.found)


def unsaid() -> dict[tuple[str, str], str]:
    """(node, context) that the probes hold and every native route refuses -> the routes' reasons."""
    tables = [support(route) for route in NATIVE]
    return {
        found: "; ".join(dict.fromkeys(reason for t in tables if (reason := t[p.snippet.node, p.context])))
        for p in pairs()
        if not p.routes
        for found in p.found - wanted()
    }


@dataclass
class Needs:
    """How often each (node, context) stands in the models made so far, each model counting once."""

    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def of(self, pair: Pair) -> float:
        """A pair -> how often what is rarest in its probe was seen; what could not be placed waits a little."""
        fails = self.failed[pair.snippet.node, pair.context]
        return min(self.seen[found] for found in pair.found) + fails / 12

    def add(self, text: str, planted: dict[Pair, bool]) -> None:
        """The document of a model that was made, and which pairs were tried with what success."""
        self.seen.update(census(read_document(text)).keys())
        for pair, placed in planted.items():
            if not placed:
                self.failed[pair.snippet.node, pair.context] += 1
