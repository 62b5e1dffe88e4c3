"""Target or route -> which construct in which context it says, else the reason: computed by trying, not by hand.

A probe is a small document that holds one construct (node) in one context. It is emitted for a target, lowered for a
native route; nothing is solved here. That what is said also means the right thing is the conformance tests' work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from nl2opt.emitters import targets, write
from nl2opt.errors import Unsupported
from nl2opt.ground.cp import ground_cp
from nl2opt.ground.linear.grounding import ground
from nl2opt.ground.plain import ground_plain
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.document.loading import load
from nl2opt.ir.instance import Instance
from nl2opt.passes.pipeline import MILP, apply
from nl2opt.solvers import cpsat, highs, scip, scip_nonlinear

CONTEXTS: Final = ("required", "positive", "negative", "counted", "objective", "named expression", "filter")
"""Where an expression stands: in a row that must hold; in a condition that may hold, that may fail, that is counted;
in an objective; in a named expression; in a filter over a set."""

LOWERINGS: Final[Mapping[str, Callable[[Instance], object]]] = {
    "highs": lambda instance: ground(instance, apply(instance.model, MILP)[0]),
    "cpsat": ground_cp,
    "scip": ground_plain,
    "scip_nlp": lambda instance: ground_plain(instance, nonlinear=True),
}
"""Native route -> its lowering, which is where it refuses a model."""

_MODULES: Final = {"highs": highs, "cpsat": cpsat, "scip": scip, "scip_nlp": scip_nonlinear}

Support = Mapping[tuple[str, str], str | None]
"""(node, context) -> None where it is said, else the reason."""


@dataclass(frozen=True, eq=False)
class Probe:
    """A node in a context: the plain data of a document with no other declarations than it needs."""

    node: str
    context: str
    document: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The document as JSON, which is YAML too."""
        return json.dumps(self.document, default=float)

    @property
    def instance(self) -> Instance:
        """The bound model."""
        return bind(read_document(self.text))


@cache
def _table() -> tuple[tuple[bool, Probe], ...]:
    """Every node in every context, and whether the language allows it; in the order of `probes.yaml`."""
    content = load(Path(__file__).with_name("probes.yaml").read_text(encoding="utf-8"))
    return tuple(
        (
            context not in node.get("but", ()),
            Probe(node["node"], context, _document(node, context, content["declarations"])),
        )
        for node in content["nodes"]
        for context in CONTEXTS
    )


def probes() -> tuple[Probe, ...]:
    """-> every (node, context) the language allows, as documents; in the order of `probes.yaml`."""
    return tuple(probe for allowed, probe in _table() if allowed)


def refused_probes() -> tuple[Probe, ...]:
    """-> every (node, context) that the language itself refuses: each of these documents has a static error."""
    return tuple(probe for allowed, probe in _table() if not allowed)


def routes() -> tuple[str, ...]:
    """-> the native routes and the targets, whose support can be asked for."""
    return (*LOWERINGS, *targets())


def declared_reasons(route: str) -> frozenset[str]:
    """A target or native route -> the reasons of its `UNSUPPORTED`."""
    module = targets()[route] if route not in LOWERINGS else _MODULES[route]
    return frozenset(module.UNSUPPORTED.values())


def support(route: str) -> Support:
    """A target or native route -> for each (node, context) None, or the reason it is refused."""
    lower = LOWERINGS.get(route) or (lambda instance: write(instance, route))
    return {(p.node, p.context): _refusal(lower, p) for p in probes()}


def _refusal(lower: Callable[[Instance], object], probe: Probe) -> str | None:
    try:
        lower(_instance(probe.node, probe.context))
    except Unsupported as e:
        return e.diagnostics[0].expected or e.diagnostics[0].message
    return None


@cache
def _instance(node: str, context: str) -> Instance:
    """The probe's instance, bound once for all routes."""
    return next(p for p in probes() if (p.node, p.context) == (node, context)).instance


# documents -----------------------------------------------------------------------------------------------------------


def _document(node: Mapping[str, str], context: str, declared: Mapping[str, Any]) -> dict[str, Any]:
    """A node in a context -> a document."""
    number = node.get("number")
    condition = node["condition"] if number is None else f"{number} {node.get('compare', '<= 2')}"
    value = f"({condition})" if number is None else number
    section, item = _item(context, condition, value, number is None)
    document: dict[str, Any] = {"nl2opt": 1, "name": "probe", section: [item]}
    if section == "expressions":
        document["constraints"] = [{"for": "k in K", "expr": "named[k]" if number is None else
                                    f"named[k] {node.get('compare', '<= 2')}"}]  # fmt: skip
    return _declared(document, declared)


def _item(context: str, condition: str, value: str, holds: bool) -> tuple[str, dict[str, Any]]:
    """Context, node as a condition and as a value -> the section and the item that holds the node there."""
    match context:
        case "required":
            return "constraints", _bound({"expr": condition})
        case "positive":
            return "constraints", _bound({"expr": f"implies(on, {condition})"})
        case "negative":
            return "constraints", _bound({"expr": f"implies({condition}, on)"})
        case "counted":
            return "constraints", {"expr": f"sum(({condition}) for k in K) + on == 3"}
        case "objective":
            return "objectives", {"sense": "minimize", "expr": f"sum({value} for k in K)"}
        case "named expression":
            return "expressions", {"name": "named", "over": "k in K", "expr": value}
        case _:
            return "constraints", {"expr": f"sum(c[k] for k in K if {condition}) <= 4"}


def _bound(item: dict[str, Any]) -> dict[str, Any]:
    """An item that mentions the index k -> the same for each k of K."""
    return {"for": "k in K", **item} if "k" in _words(item) else item


def _words(item: object) -> set[str]:
    return set(re.findall(r"\b[A-Za-z_]\w*", json.dumps(item, default=str)))


def _declared(document: dict[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    """A document -> the same with the declarations it mentions, and those that they mention."""
    needed = _words(document)
    while more := {w for items in declared.values() for n, i in items.items() if n in needed for w in _words(i)}:
        if more <= needed:
            break
        needed |= more
    kept = {section: {n: i for n, i in items.items() if n in needed} for section, items in declared.items()}
    if "expressions" in document:
        kept["expressions"] = {**kept["expressions"], **{i["name"]: i for i in document["expressions"]}}
    named = {s: [{"name": n, **_fields(s, i)} for n, i in items.items()] for s, items in kept.items() if items}
    return {"nl2opt": 1, "name": "probe", **named, **{s: document[s] for s in ("constraints", "objectives")
                                                     if s in document}}  # fmt: skip


def _fields(section: str, item: object) -> dict[str, Any]:
    """A declaration in either spelling -> its fields."""
    return dict(item) if isinstance(item, Mapping) else {"elements" if section == "sets" else "expr": item}
