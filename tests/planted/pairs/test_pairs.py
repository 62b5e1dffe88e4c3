"""The generators keep their word: labels are found again by listing every decision, and seeds give the same pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice, product

import pytest

from nl2opt.check.feasible import referee
from nl2opt.errors import EvaluationError
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model
from nl2opt.ir.text import parse_expression
from planted.pairs.alternatives import alternatives
from planted.pairs.collection import VERDICTS, Verdicts, digest
from planted.pairs.mistakes_rows import Mistake
from planted.pairs.modelling import finish, view_texts, with_view
from planted.pairs.mutants import MISTAKES, mutants
from planted.pairs.pair import Pair
from planted.pairs.points import NotEnumerable, decisions
from planted.pairs.references import ROOT
from planted.pairs.rewrites import AFFINE, REWRITES, rewrites, seeded
from planted.pairs.rewrites_spelling import safe
from planted.pairs.rows import affine_rows, integer_bounds
from planted.pairs.truth import scalars, truth

SMALL = (
    *(f"tests/planted/pairs/alternatives/{n}" for n in (
        "bread_days/reference", "crane_crew/reference", "vase_sets/reference", "round_of_four/reference",
        "reading_projects/reference", "radio_masts/reference", "two_depots/reference", "water_bill/reference",
        "duty_pairs/reference", "soft_orders/reference", "fair_shares/reference", "toy_workshop/reference",
        "brewery_seasonals/linking_rows", "set_cover/not_built", "assignment/table_of_binaries",
        "bread_days/kneading_eliminated",
    )),
    *(f"tests/cases/{n}/model" for n in (
        "a14_brewery_seasonals", "a11_fishing_trips", "b02_assignment", "a07_foundry_charge", "b12_decimal_blend",
        "b11_element",
    )),
    *(f"datasets/examples/{n}/model" for n in ("choir_bus", "ice_cream_summer", "herring_orders", "night_watch")),
)  # fmt: skip
"""Documents with their data inside, few enough decisions to look at all of them."""

TWO = """
nl2opt: 1
variables: {x: {type: integer, upper: 3}, y: {type: binary}}
constraints: [{name: c, expr: x + 2 * y <= 4}]
objectives: [{maximize: x + y}]
"""


@cache
def small(name: str) -> tuple[str, Model, Instance, list[str]]:
    """A small document: its text, its model with the view carried along, the instance, the view."""
    document = (ROOT / f"{name}.yaml").read_text()
    model = read_document(document)
    texts = view_texts(bind(model))
    model = with_view(model, texts)
    return document, model, bind(model), texts


def pair(reference: str, candidate: str, *view: tuple[str, str], goal: str = "equal") -> Pair:
    """Two documents and a view, of which nothing is claimed."""
    return Pair("test", reference, candidate, "equivalent", "test", "rewrite", goal=goal, view=view)  # type: ignore[arg-type]


# the truth -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "view", "word"),
    [
        (("x + 2 * y <= 4", "2 * x + 4 * y <= 9"), ("y", "y"), "same"),
        (("maximize: x + y", "minimize: -x - y"), ("y", "y"), "same"),
        (("maximize: x + y", "maximize: 3 * x + 3 * y + 7"), ("y", "y"), "affine"),
        (("maximize: x + y", "maximize: x"), ("y", "y"), "different"),
        (("maximize: x + y", "minimize: x + y"), ("y", "y"), "different"),
        (("x + 2 * y <= 4", "x + 2 * y < 4"), ("y", "y"), "different"),
        (("y: {type: binary}", "y: {type: real, upper: 1}"), ("y", "y"), "different"),
        (("y: {type: binary}", "y: {type: integer, lower: -1, upper: 0}"), ("y", "1 + y"), "different"),
    ],
)
def test_truth_of_a_small_change(change: tuple[str, str], view: tuple[str, str], word: str) -> None:
    """What differs in a point, in the objective, or not at all is told apart."""
    assert truth(pair(TWO, TWO.replace(*change), ("x", "x"), view)).word == word


def test_an_auxiliary_is_projected_out() -> None:
    """A variable outside the view counts by its best value only."""
    with_slack = TWO.replace("x + 2 * y <= 4", "x + 2 * y + s == 4").replace(
        "variables: {", "variables: {s: {type: integer}, "
    )
    assert truth(pair(TWO, with_slack, ("x", "x"), ("y", "y"))).word == "same"
    real = TWO.replace("x + 2 * y <= 4", "x + 2 * y + s == 4").replace("variables: {", "variables: {s: {type: real}, ")
    assert truth(pair(TWO, real, ("x", "x"), ("y", "y"))).word == "same"


def test_continuous_models_differ_one_way_only() -> None:
    """Directions show a difference, and never claim that there is none."""
    real = TWO.replace("type: integer", "type: real")
    assert truth(pair(real, real, ("x", "x"), ("y", "y"))).word == "unknown"
    assert truth(pair(real, real.replace("<= 4", "<= 4.5"), ("x", "x"), ("y", "y"))).word == "different"


@pytest.mark.parametrize("name", ["radio_masts", "soft_orders", "crane_crew", "vase_sets"])
def test_search_finds_what_a_plain_product_finds(name: str) -> None:
    """The pruned search lists the points the referee accepts among all combinations of values, and their values."""
    instance = small(f"tests/planted/pairs/alternatives/{name}/reference")[2]
    view = [e for t in view_texts(instance) for e in scalars(parse_expression(t), instance)]
    rows = affine_rows(instance)
    found = decisions(instance, view, rows, integer_bounds(rows), 20)
    places, domains = [], []
    for v, family in instance.variables.items():
        for i, key in enumerate(family.domain.keys):
            places.append((v, key))
            low, high = (0, 0) if family.within is not None else (family.lower[i], family.upper[i])
            domains.append(
                family.within[i].elements if family.within is not None else range(int(low or 0), int(high or 0) + 1)
            )
    accepted = Counter()  # type: ignore[var-annotated]
    for values in product(*domains):
        point: dict[str, dict] = {v: {} for v in instance.variables}  # type: ignore[type-arg]
        for (v, key), value in zip(places, values, strict=True):
            point[v][key] = value
        report = referee(instance, point)
        if report.ok:
            accepted[tuple(o.value if o.sense == "minimize" else -o.value for o in report.objectives)] += 1
    assert Counter(found.values()) == accepted


# the makers ----------------------------------------------------------------------------------------------------------


def changed(kind: str, f: Mistake) -> Iterator[Pair]:
    """One change made to each of the small models that it can be made to."""
    for name in SMALL:
        document, model, instance, texts = small(name)
        new = safe(f, model, seeded("test", kind, name), instance)
        finished = finish(new) if new is not None and new != model else None
        if finished is not None:
            yield pair(document, finished[0], *zip(texts, finished[1], strict=True))


@pytest.mark.parametrize("kind", REWRITES)
def test_a_rewrite_changes_the_text_and_not_the_truth(kind: str) -> None:
    """Every rewrite can be done to some small model, and listing finds the same decisions at the same values."""
    made = list(islice(changed(kind, REWRITES[kind]), 2))
    assert made, f"{kind} applies to no small model"
    words = [truth(p, 0.4, 8, patience=1.0).word for p in made]
    assert set(words) <= ({"affine", "unknown"} if kind in AFFINE else {"same", "unknown"})


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_one(kind: str) -> None:
    """Every mistake can be made in some small model so that the truth is another."""
    assert any(differs(p) for p in changed(kind, MISTAKES[kind]))


def differs(p: Pair) -> bool:
    """Is the truth of a pair that it differs? A mistake may also leave an expression without a value."""
    try:
        return truth(p, 0.4, 8, patience=1.0).word == "different"
    except EvaluationError:
        return False


def test_alternatives_are_many_and_valid() -> None:
    """At least 60 formulations and 25 near misses, each with a card that says what is decided."""
    levels = Counter(p.level for p in alternatives())
    assert levels["alternative"] >= 60
    assert levels["near miss"] >= 25
    for p in alternatives():
        assert p.view and p.kind and p.note
        assert bind(read_document(p.candidate), p.candidate_data).variables


@pytest.mark.parametrize(
    "name", ["bread_days", "crane_crew", "vase_sets", "round_of_four", "reading_projects", "radio_masts"]
)
def test_alternatives_keep_their_labels(name: str) -> None:
    """The cards of a folder are what listing finds."""
    for p in alternatives():
        if p.of == name:
            word = {"different": "different", "equivalent": "affine" if p.goal == "affine" else "same"}[p.label]
            assert truth(p, seconds=5.0).word == word, p.id


def test_seeds_give_the_same_pairs() -> None:
    """The same seed gives the same documents, another seed others."""
    for maker in (rewrites, mutants):
        first = [digest(p) for p in islice(maker(3, 400), 6)]
        assert first == [digest(p) for p in islice(maker(3, 400), 6)]
        assert first != [digest(p) for p in islice(maker(4, 400), 6)]


def test_verdicts_are_of_these_pairs() -> None:
    """The stored verdicts belong to the pairs the seed in use gives; every near miss and its label among them."""
    known = Verdicts(VERDICTS).known
    for p in alternatives():
        word = known[digest(p)][0]
        assert word == "different" if p.label == "different" else word in ("same", "unknown", p.goal), p.id


def test_what_cannot_be_listed_says_so() -> None:
    """A free continuous variable is no list of points."""
    instance = bind(read_document(TWO.replace("type: integer", "type: real")))
    with pytest.raises(NotEnumerable):
        decisions(instance, [parse_expression("x")], affine_rows(instance))
