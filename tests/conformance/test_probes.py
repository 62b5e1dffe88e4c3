"""Every construct in every context through every route: the right optimum, or a refusal with a declared reason.

The truth of a discrete probe is found by trying every point; of one with continuous variables, by every route that
takes it: the referee accepts each point, and all reach the same objective. Probes that ask for nothing are given an
objective over their variables, so that a row that is too loose or too tight shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec

import pytest
from enumeration import Truth, disagreement, discrete, enumerate_points
from programs import forked_programs

from nl2opt.check.feasible import referee
from nl2opt.check.model import check_model
from nl2opt.errors import SolverFailure, Unsupported
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model, Variable
from nl2opt.ir.nodes import Name
from nl2opt.solvers.result import Result, SolveOptions
from nl2opt.solvers.routes import ROUTES
from nl2opt.support import CONTEXTS, LOWERINGS, Probe, declared_reasons, probes, refused_probes, routes, support

OPTIONS = SolveOptions(time_limit=30)
INSTALLED = tuple(r for r in ROUTES if r != "scip_nlp" or find_spec("pyscipopt"))
NATIVE = tuple(r for r in INSTALLED if r in LOWERINGS and r != "scip_nlp")
SOLVED = tuple(r for r in INSTALLED if r not in NATIVE)
"""Routes that run another process for each model."""


def _weighed(model: Model, sense: str) -> str:
    """A model -> an objective that tells its points apart."""
    terms = [_term(v, 2 * n + 1) for n, v in enumerate(model.variables)]
    return f'objectives: [{{{sense}: "{" + ".join(terms) or "0"}"}}]'


def _term(v: Variable, weight: int) -> str:
    if v.over:
        return f"{weight} * sum((position(w) + 1) * {v.name}[w] for w in K)"
    if v.within == Name("L"):
        return f"{weight} * position({v.name})"
    return f"{weight} * ({v.name} == (1, 3))" if v.within == Name("T") else f"{weight} * {v.name}"


@cache
def instance_of(probe: Probe, sense: str) -> Instance:
    """A probe -> its instance, with an objective where it has none."""
    document = {**probe.document}
    if "objectives" in document:
        document["objectives"] = [{**document["objectives"][0], "sense": sense}]
        return bind(read_document(Probe("", "", document).text))
    model = read_document(probe.text)
    aim = read_document(f"nl2opt: 1\n{_weighed(model, sense)}").objectives
    return bind(Model(**{f: getattr(model, f) for f in Model.__dataclass_fields__} | {"objectives": aim}))


@cache
def truth_of(probe: Probe, sense: str) -> Truth:
    """The truth about a discrete probe."""
    return enumerate_points(instance_of(probe, sense))


@cache
def agreed(probe: Probe, sense: str) -> dict[str, float | None]:
    """Route -> objective of a probe with continuous variables, as its first asker found them."""
    return {}


def wrong_about(probe: Probe, sense: str, route: str) -> str:
    """What a route gets wrong about a probe; '' where it is right, or refuses it with a declared reason."""
    instance = instance_of(probe, sense)
    try:
        result = ROUTES[route](instance, OPTIONS)
    except Unsupported as refusal:
        reason = refusal.diagnostics[0].expected
        return "" if reason in declared_reasons(route) else f"refuses without a declared reason: {refusal}"
    except SolverFailure as missing:  # a MiniZinc may have no solver for continuous variables
        return "" if route == "minizinc" and not discrete(instance) else f"SolverFailure: {missing}"
    except Exception as e:  # a crash must not hide the others
        return f"{type(e).__name__}: {e}"
    if discrete(instance):
        return disagreement(instance, result, truth_of(probe, sense))
    return _unlike_others(probe, sense, route, instance, result)


def _unlike_others(probe: Probe, sense: str, route: str, instance: Instance, result: Result) -> str:
    if result.point is None:
        return f"{result.termination.value}, but every probe has a solution"
    judged = referee(instance, result.point, result.objective)
    if not judged.ok:
        return f"the referee refuses its point: {', '.join(map(str, judged.violations)) or judged.verdict}"
    found = agreed(probe, sense)
    found[route] = result.objective
    apart = [f"{r}: {v}" for r, v in found.items() if abs((v or 0) - (result.objective or 0)) > 1e-5]
    return f"objective {result.objective}, but {', '.join(apart)}" if apart else ""


def _sense(probe: Probe) -> str:
    """One of the two senses, by the probe's name."""
    return ("minimize", "maximize")[sum(map(ord, probe.node + probe.context)) % 2]


def _findings(probes_: tuple[Probe, ...], senses: tuple[str, ...], route: str) -> list[str]:
    return [
        f"{route}, {p.node} ({p.context}), {sense}: {wrong}"
        for p in probes_
        for sense in (senses or (_sense(p),))
        if (wrong := wrong_about(p, sense, route))
    ]


@pytest.fixture(scope="module")
def forked() -> Iterator[None]:
    """Emitted programs are forked, not started."""
    with forked_programs():
        yield


@pytest.mark.parametrize("route", NATIVE)
def test_native_routes(route: str) -> None:
    """About half of the constructs in some context, other ones for each route, by the routes of the package's own."""
    turn = NATIVE.index(route)
    chosen = tuple(p for n, p in enumerate(probes()) if n % 13 == 3 * turn)
    found = _findings(chosen, (), route)
    assert not found, "\n\n".join(found)


@pytest.mark.parametrize("route", SOLVED)
@pytest.mark.usefixtures("forked")
def test_programs_of_a_sample(route: str) -> None:
    """Some constructs, each time in another context, through emitted programs."""
    chosen = tuple(p for n, p in enumerate(probes()) if n % 71 == 3)
    found = _findings(chosen, (), route)
    assert not found, "\n\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("route", INSTALLED)
@pytest.mark.usefixtures("forked")
def test_every_route_at_length(route: str, context: str) -> None:
    """Every construct in a context through every route, minimized and maximized."""
    found = _findings(tuple(p for p in probes() if p.context == context), ("minimize", "maximize"), route)
    assert not found, "\n\n".join(found)


@pytest.mark.parametrize("route", routes())
def test_refusals_have_declared_reasons(route: str) -> None:
    """What a target or route does not say, its table explains; most of the language it says."""
    table = support(route)
    undeclared = {key: r for key, r in table.items() if r is not None and r not in declared_reasons(route)}
    assert not undeclared
    assert sum(r is None for r in table.values()) > len(table) / 2


def test_probes_are_valid() -> None:
    """A probe has no static error; what is left out of the probes has one, or no value."""
    for probe in probes():
        assert not [d for d in check_model(read_document(probe.text)) if d.severity == "error"], (
            probe.node,
            probe.context,
        )
    for probe in refused_probes():
        assert [d for d in check_model(read_document(probe.text)) if d.severity == "error"], (probe.node, probe.context)


def test_probes_are_not_trivial() -> None:
    """Every row of a discrete probe holds at some points and fails at others."""
    plain = [p for p in probes() if p.context in ("required", "negative", "counted") and discrete(p.instance)]
    trivial = [
        (p.node, p.context) for p in plain if not 0 < truth_of(p, _sense(p)).feasible < truth_of(p, _sense(p)).total
    ]
    assert not trivial
