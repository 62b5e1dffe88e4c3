"""The judge of models, from docs/EQUIVALENCE.md alone: what it must say of pairs whose truth is known, and must not."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

import nl2opt
from nl2opt.check.feasible import referee
from nl2opt.cli import app
from nl2opt.errors import DataError
from nl2opt.ir.instance import Point
from nl2opt.ir.model import Constraint
from nl2opt.ir.text import parse_expression

PROOFS = {"isomorphic", "implied"}
SCOPES = {"this data", "these data sets", "all data"}

Worth = tuple[float, ...] | str
"""The optima by falling priority, each counted as a cost, or the status where there is none."""


@dataclass(frozen=True)
class Pair:
    """A reference, a candidate, and what is known of them."""

    name: str
    reference: str
    candidate: str
    shows: str = ""
    """Where a difference shows: `optimum`, `choices`, `other data`; empty: there is none."""
    proof: bool = True
    """Whether a proof is demanded of the judge; else it may say that it does not know."""
    carried: bool = True
    """Whether a point is carried over by giving paired columns the same value; not where columns are held alone."""
    fails: str = ""


def _changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return text


def _pairs() -> list[Pair]:
    groups = yaml.safe_load((Path(__file__).parent / "judge_pairs.yaml").read_text(encoding="utf-8"))
    found = []
    for group, body in groups.items():
        for kind in ("equivalent", "different"):
            for name, entry in body.get(kind, {}).items():
                rest = dict(entry)
                candidate = rest.pop("candidate", None) or _changed(body["reference"], rest.pop("change"))
                assert ("shows" in rest) == (kind == "different"), name
                found.append(Pair(f"{group}-{name}", body["reference"], candidate, **rest))
    return found


PAIRS = _pairs()
BOTH_WAYS = [False, True]


def over(pairs: list[Pair]) -> pytest.MarkDecorator:
    """Once for each pair; a known failure must go on failing until it is mended."""
    return pytest.mark.parametrize(
        "pair",
        [
            pytest.param(p, id=p.name, marks=[pytest.mark.xfail(strict=True, reason=p.fails)] if p.fails else [])
            for p in pairs
        ],
    )


SAME = [p for p in PAIRS if not p.shows]
UNLIKE = [p for p in PAIRS if p.shows]


@cache
def verdict_of(pair: Pair, turned: bool) -> nl2opt.Verdict:
    texts = (pair.candidate, pair.reference) if turned else (pair.reference, pair.candidate)
    return nl2opt.judge(nl2opt.read(texts[0]), nl2opt.read(texts[1]), seconds=10.0 if pair.proof else 1.0)


def worth(model: nl2opt.Model) -> Worth:
    """What the refereed solve says, apart from the judge: the optima as costs, or the status."""
    answer = nl2opt.solve(model)
    if answer.report is None:
        return str(answer.result.termination.value)
    assert answer.report.ok
    return tuple(float(o.value) * (1 if o.sense == "minimize" else -1) for o in answer.report.objectives)


def alike(a: Worth, b: Worth) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return len(a) == len(b) and all(abs(x - y) <= 1e-4 + 1e-8 * abs(x) for x, y in zip(a, b, strict=True))


def fixed(model: nl2opt.Model, values: dict[tuple[str, tuple[Any, ...]], Any]) -> nl2opt.Model:
    """The model with columns held at values (a value of float type within 1e-7)."""
    rows = []
    for number, ((name, key), value) in enumerate(values.items()):
        column = name + (f"[{', '.join(map(repr, key))}]" if key else "")
        if isinstance(value, str):
            text = f"{column} == {value!r}"
        elif value == int(value):
            text = f"{column} == {int(value)}"
        else:
            text = f"{float(value) - 1e-7!r} <= {column} <= {float(value) + 1e-7!r}"
        rows.append(Constraint(f"held_{number}", parse_expression(text)))
    return replace(model, constraints=(*model.constraints, *rows))


# what is the same ----------------------------------------------------------------------------------------------------


def test_there_are_pairs_enough() -> None:
    """Many of each kind, and the names tell them apart."""
    assert len(SAME) >= 40
    assert len(UNLIKE) >= 40
    assert len({p.name for p in PAIRS}) == len(PAIRS)


@over(SAME)
def test_equivalent_by_construction(pair: Pair) -> None:
    """Never `different`, whichever is the reference; proved, with scope and method, where a proof is demanded."""
    for turned in BOTH_WAYS:
        verdict = verdict_of(pair, turned)
        assert verdict.outcome != "different", verdict.statement
        assert verdict.counterexample is None
        if pair.proof:
            assert verdict.outcome == "equivalent", verdict.statement


def test_most_of_what_is_equivalent_is_proved() -> None:
    """At most one in four may be left without a proof: pairs that none is demanded of are among them."""
    known = [p for p in SAME if not p.fails]
    assert sum(verdict_of(p, False).outcome == "equivalent" for p in known) >= len(known) * 3 / 4


@over([p for p in SAME if p.proof and p.carried])
def test_the_matching_of_a_proof_carries_the_optimum(pair: Pair) -> None:
    """An optimal choice of the reference, laid over the candidate's columns, is worth as much there."""
    reference, candidate = nl2opt.read(pair.reference), nl2opt.read(pair.candidate)
    verdict = verdict_of(pair, False)
    answer = nl2opt.solve(reference)
    if answer.report is None:
        assert alike(worth(reference), worth(candidate))
        return
    point = answer.report.point
    held = {p.candidate: point[p.reference[0]][p.reference[1]] for p in verdict.matching}
    assert held, "a proof lays columns over each other"
    assert alike(worth(fixed(candidate, held)), worth(reference))


@over([p for p in PAIRS if p.shows != "optimum" and p.carried and not p.fails])
def test_a_proof_by_names_leaves_no_column_out_that_both_have(pair: Pair) -> None:
    """Only columns that one model alone has may be left open."""
    for turned in BOTH_WAYS:
        verdict = verdict_of(pair, turned)
        if (verdict.outcome, verdict.matched_by) == ("equivalent", "names"):
            laid = {p.reference for p in verdict.matching}
            assert columns(pair.reference) & columns(pair.candidate) <= laid


def columns(text: str) -> set[tuple[str, tuple[Any, ...]]]:
    variables = nl2opt.bind(nl2opt.read(text)).variables
    return {(name, key) for name, family in variables.items() for key in family.domain.keys}


@over([p for p in PAIRS if not p.fails])
def test_proved_never_stands_without_scope_and_method(pair: Pair) -> None:
    """`proved` is said of a proof alone; isomorphic and implied are the methods that prove."""
    for turned in BOTH_WAYS:
        verdict = verdict_of(pair, turned)
        assert verdict.scope in SCOPES
        said = verdict.statement.replace("not proved", "").split()
        assert any(w.startswith("proved") for w in said) == (verdict.outcome == "equivalent")
        match verdict.outcome:
            case "equivalent":
                assert verdict.method in PROOFS
                assert verdict.scope in verdict.statement
                if verdict.method == "implied":
                    assert verdict.scope == "this data"
                if verdict.scope == "these data sets":
                    assert verdict.data_sets > 1
            case "agrees":
                assert verdict.method in {"resampled", "optima", "status"}
                assert verdict.data_sets >= 1
            case "different":
                assert verdict.counterexample is not None
                assert verdict.counterexample.statement in verdict.statement
            case "undecided":
                assert verdict.reason
        assert set(verdict.unexercised) <= {c.name for c in nl2opt.read(pair.reference).constraints} | {
            c.name for c in nl2opt.read(pair.candidate).constraints
        }


# what is not the same ------------------------------------------------------------------------------------------------


@over(UNLIKE)
def test_never_equivalent_where_one_thing_differs(pair: Pair) -> None:
    """Whichever is the reference; where only other data would show it, not for all data."""
    for turned in BOTH_WAYS:
        verdict = verdict_of(pair, turned)
        if pair.shows == "other data":
            assert (verdict.outcome, verdict.scope) != ("equivalent", "all data")
        else:
            assert verdict.outcome != "equivalent", verdict.statement


@over([p for p in UNLIKE if p.shows == "optimum" and not p.fails])
def test_unlike_optima_are_told(pair: Pair) -> None:
    """Two solves that the referee confirms differ, so the verdict is `different`, on this data."""
    assert not alike(worth(nl2opt.read(pair.reference)), worth(nl2opt.read(pair.candidate)))
    for turned in BOTH_WAYS:
        verdict = verdict_of(pair, turned)
        assert verdict.outcome == "different", verdict.statement
        assert verdict.scope == "this data"


@over([p for p in UNLIKE if p.shows != "other data" and not p.fails])
def test_what_tells_two_apart_is_so(pair: Pair) -> None:
    """The optima are those of a solve apart; a point is one of its side, and the other refuses or values it unlike."""
    for turned in BOTH_WAYS:
        confirm(pair, turned)


def confirm(pair: Pair, turned: bool) -> None:
    verdict = verdict_of(pair, turned)
    if verdict.outcome != "different":
        assert pair.shows == "choices"
        return
    texts = (pair.candidate, pair.reference) if turned else (pair.reference, pair.candidate)
    models = (nl2opt.read(texts[0]), nl2opt.read(texts[1]))
    shown = verdict.counterexample
    assert shown is not None
    if shown.point is None:
        if counts := re.findall(r"(?:allows|candidate) (\d+)", shown.statement):
            assert len(set(counts)) == 2
        elif not shown.data:
            confirm_optima(models, shown.values)
        return
    side, other = models if shown.side == "reference" else models[::-1]
    assert referee(nl2opt.bind(side), shown.point).ok
    here, there = {}, {}
    for p in verdict.matching:
        own, its = (p.reference, p.candidate) if shown.side == "reference" else (p.candidate, p.reference)
        here[own] = there[its] = shown.point[own[0]][own[1]]
    if here.keys() == there.keys():
        # By names: a matching may leave out columns that both hold at one value.
        for own in columns(pair.reference) & columns(pair.candidate):
            here[own] = there[own] = shown.point[own[0]][own[1]]
    assert not alike(worth(fixed(side, here)), worth(fixed(other, there)))
    if there.keys() == columns(pair.candidate if (shown.side == "reference") != turned else pair.reference):
        report = referee(nl2opt.bind(other), as_point(there))
        assert report.ok == (not shown.breaches)
        assert all(b.amount > 0 and b.text for b in shown.breaches)


def as_point(values: dict[tuple[str, tuple[Any, ...]], Any]) -> Point:
    point: dict[str, dict[Any, Any]] = {}
    for (name, key), value in values.items():
        point.setdefault(name, {})[key] = value
    return point


def confirm_optima(models: tuple[nl2opt.Model, nl2opt.Model], values: tuple[float | None, float | None]) -> None:
    """Each value told is an optimum of its side (None: it has none), and the two aims differ."""
    worths = worth(models[0]), worth(models[1])
    assert not alike(*worths)
    for told, found in zip(values, worths, strict=True):
        if told is None:
            assert any(isinstance(w, str) for w in worths)
        else:
            assert not isinstance(found, str)
            assert any(abs(abs(told) - abs(v)) <= 1e-5 * (1 + abs(v)) for v in found)


# what a verdict tells ------------------------------------------------------------------------------------------------

LIMITED = """
nl2opt: 1
sets: {T: "range(4)"}
parameters: {gain: {over: T, value: [3, 5, 2, 6]}}
variables: {x: {over: T, type: integer, upper: 3}}
constraints: [{name: near, for: "t in T if t > 0", expr: "x[t] + x[t - 1] <= 4", quotes: ["two in a row at most four"]}]
objectives: [{maximize: "sum(gain[t] * x[t] for t in T)"}]
"""
CYCLIC = LIMITED.replace("t in T if t > 0", "t in T").replace("x[t - 1]", "x[prev(t, wrap=True)]")


def judged(reference: str, candidate: str, data: Any = None, seconds: float = 5.0) -> nl2opt.Verdict:
    return nl2opt.judge(nl2opt.read(reference), nl2opt.read(candidate), data, seconds)


def test_a_breach_is_told_in_the_words_of_the_text() -> None:
    """A point of the candidate violates a row of the reference, named with its expression and its sentence."""
    ends = LIMITED.replace("[3, 5, 2, 6]", "[1, 0, 0, 1]")
    shown = judged(ends, ends.replace("<= 4", "<= 5")).counterexample
    assert shown is not None
    assert shown.side == "candidate"
    assert [b.side for b in shown.breaches] == ["reference"]
    assert shown.breaches[0].constraint.split()[0] == "near"
    assert shown.breaches[0].quotes == ("two in a row at most four",)
    assert shown.breaches[0].amount == pytest.approx(1)


def test_data_on_which_the_optima_differ_are_found() -> None:
    """The optima agree on the data given and not on others with the same structure."""
    assert alike(worth(nl2opt.read(LIMITED)), worth(nl2opt.read(CYCLIC)))
    verdict = judged(LIMITED, CYCLIC)
    assert (verdict.outcome, verdict.method) == ("different", "resampled")
    shown = verdict.counterexample
    assert shown is not None
    assert shown.data
    assert shown.values[0] != shown.values[1]


def test_data_on_which_the_optima_differ_are_told() -> None:
    """What tells two models apart can be tried again: the numbers are named."""
    shown = judged(LIMITED, CYCLIC).counterexample
    assert shown is not None
    assert "gain" in shown.data


def test_a_point_of_unlike_worth_is_told_with_both_values() -> None:
    """Where both take a point and value it differently, the values are those of reference and candidate."""
    twins = "nl2opt: 1\nvariables: {x: {type: integer, upper: 3}, y: {type: integer, upper: 3}}\n"
    twins += "constraints: [{name: one, expr: x + y <= 3}]\nobjectives: [{maximize: 2*x + 3*y}]\n"
    shown = judged(twins, twins.replace("2*x", "1*x")).counterexample
    assert shown is not None
    assert not shown.breaches
    point: Any = shown.point
    x, y = point["x"][()], point["y"][()]
    assert shown.values == (2 * x + 3 * y, x + 3 * y)


def test_numbers_that_could_not_be_tied_are_named() -> None:
    """A candidate without the weights: the reference's numbers are named, and nothing is said for other data."""
    pair = next(p for p in PAIRS if p.name == "gates-label_for_the_condition")
    verdict = verdict_of(pair, False)
    assert verdict.scope == "this data"
    assert all(any(number in said for said in verdict.ambiguous) for number in ("3", "6", "8"))


# data ----------------------------------------------------------------------------------------------------------------

OPEN = """
nl2opt: 1
parameters: {a: {type: real}, b: {type: real}}
variables: {x: {type: real}, y: {type: real}}
constraints: [{name: c1, expr: x <= a}, {name: c2, expr: y <= b}]
objectives: [{maximize: x + 2*y}]
"""
CROSSED = OPEN.replace("x <= a", "x <= b").replace("y <= b", "y <= a")


def test_the_candidate_shares_the_data_of_the_reference() -> None:
    """Data given are both models' where the candidate has no values for them."""
    assert judged(OPEN, OPEN, {"a": 5, "b": 6}).outcome == "equivalent"
    assert judged(OPEN, CROSSED, {"a": 5, "b": 6}).outcome == "different"


def test_all_data_means_all_that_both_may_share() -> None:
    """`all data` may not stand where the same two models, given other data, are told different."""
    verdict = judged(OPEN, CROSSED, {"a": 5, "b": 5})
    assert (verdict.outcome, verdict.scope) != ("equivalent", "all data")


def test_a_candidate_of_other_data_is_another_instance() -> None:
    """Two instances of one model with unlike data differ; with the data swapped along with the names they do not."""
    read = nl2opt.read(OPEN)
    ours = nl2opt.bind(read, {"a": 5, "b": 6})
    assert nl2opt.judge(ours, nl2opt.bind(read, {"a": 5, "b": 7})).outcome == "different"
    assert nl2opt.judge(ours, nl2opt.bind(nl2opt.read(CROSSED), {"a": 6, "b": 5})).outcome == "equivalent"


def test_models_without_data_ask_for_them() -> None:
    """Missing data are a DataError that names what is asked for, on either side."""
    whole = OPEN.replace("{type: real}, b: {type: real}}", "5, b: 6}")
    for pair in ((OPEN, whole), (whole, OPEN.replace("x <= a", "x <= c").replace("{a:", "{c:"))):
        with pytest.raises(DataError) as raised:
            judged(*pair)
        assert raised.value.diagnostics[0].code == "D101"


# the budget ----------------------------------------------------------------------------------------------------------

STEPS = 9
DISTANCES = [[abs(i - j) * (3 + i * j % 5) for j in range(STEPS)] for i in range(STEPS)]
TOUR = f"""
nl2opt: 1
sets: {{N: "range({STEPS})"}}
parameters: {{d: {{over: "N, N", value: {DISTANCES}}}}}
variables: {{go: {{over: N, in: N}}}}
constraints: [{{name: tour, expr: circuit(go)}}]
objectives: [{{minimize: "sum(d[i, go[i]] for i in N)"}}]
"""
ARCS = f"""
nl2opt: 1
sets: {{N: "range({STEPS})"}}
parameters: {{d: {{over: "N, N", value: {DISTANCES}}}}}
variables: {{arc: {{over: "i in N, j in N if i != j", type: binary}}, u: {{over: N, type: real, upper: {STEPS - 1}}}}}
constraints:
  - {{name: out, for: i in N, expr: "sum(arc[i, j] for j in N if j != i) == 1"}}
  - {{name: into, for: j in N, expr: "sum(arc[i, j] for i in N if j != i) == 1"}}
  - {{name: order, for: "i in N, j in N if i != j and j > 0", expr: "u[j] >= u[i] + 1 - {STEPS} * (1 - arc[i, j])"}}
objectives: [{{minimize: "sum(d[i, j] * arc[i, j] for i in N, j in N if i != j)"}}]
"""


@pytest.mark.parametrize("turned", BOTH_WAYS)
def test_a_short_budget_is_kept(turned: bool) -> None:
    """Two tellings of a tour in a fifth of a second: no exception, no `different`, and a reason where undecided."""
    pair = (ARCS, TOUR) if turned else (TOUR, ARCS)
    began = time.monotonic()
    verdict = judged(*pair, seconds=0.2)
    assert time.monotonic() - began < 2
    assert verdict.outcome != "different"
    if verdict.outcome == "undecided":
        assert verdict.reason
        assert "proved" not in verdict.statement
    else:
        assert verdict.method != "none"


def test_a_longer_budget_never_contradicts_a_shorter_one() -> None:
    """What is told in a fifth of a second still holds in one second."""
    for pair in PAIRS[:: len(PAIRS) // 8]:
        short = judged(pair.reference, pair.candidate, seconds=0.2).outcome
        assert {short, verdict_of(pair, False).outcome} != {"equivalent", "different"}


# the command ---------------------------------------------------------------------------------------------------------


def compare(folder: Path, reference: str, candidate: str, *options: str) -> Result:
    for name, text in (("reference.yaml", reference), ("candidate.yaml", candidate)):
        (folder / name).write_text(text, encoding="utf-8")
    words = ["compare", str(folder / "reference.yaml"), str(folder / "candidate.yaml"), *options]
    done = CliRunner().invoke(app, words)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


SCALARS = next(p for p in PAIRS if p.name == "scalars-chained_comparison")


@pytest.mark.parametrize(
    ("name", "code"),
    [("scalars-chained_comparison", 0), ("scalars-lower_bound", 1), ("scalars-sign", 1), ("free-split_in_two", 8)],
)
def test_the_command_tells_the_verdict_as_json(tmp_path: Path, name: str, code: int) -> None:
    """One JSON object with outcome, scope and method, those of `judge`; the exit code is the outcome's."""
    pair = next(p for p in PAIRS if p.name == name)
    done = compare(tmp_path, pair.reference, pair.candidate, "--json")
    assert done.exit_code == code
    told = json.loads(done.stdout)
    verdict = verdict_of(pair, False)
    for field in ("outcome", "scope", "method", "statement", "tolerance"):
        assert told[field] == getattr(verdict, field)
    assert told.keys() == verdict.as_json().keys()
    assert {"equivalent": 0, "different": 1, "agrees": 8, "undecided": 8}[told["outcome"]] == code
    assert (told["counterexample"] is None) == (told["outcome"] != "different")


def test_the_command_tells_a_person_the_same(tmp_path: Path) -> None:
    """The statement stands first, whatever the width."""
    done = compare(tmp_path, SCALARS.reference, SCALARS.candidate)
    assert done.exit_code == 0
    assert " ".join(done.stdout.split()).startswith(verdict_of(SCALARS, False).statement)


def test_a_factor_and_a_constant_may_differ_where_that_is_asked(tmp_path: Path) -> None:
    """With --affine a positive factor and a constant are no difference; a negative factor is, and so is a row."""
    scaled = _changed(SCALARS.reference, {"3*x - 7*y": "6*x - 14*y + 5"})
    assert compare(tmp_path, SCALARS.reference, scaled).exit_code == 1
    assert compare(tmp_path, SCALARS.reference, scaled, "--affine").exit_code == 0
    turned = _changed(SCALARS.reference, {"3*x - 7*y": "7*y - 3*x"})
    assert compare(tmp_path, SCALARS.reference, turned, "--affine").exit_code == 1
    assert compare(tmp_path, SCALARS.reference, _changed(scaled, {"<= 25": "<= 23"}), "--affine").exit_code == 1


def test_the_command_takes_data_for_each_side(tmp_path: Path) -> None:
    """--data are the reference's and shared; --candidate-data are the candidate's own."""
    ours, theirs = tmp_path / "ours.json", tmp_path / "theirs.json"
    ours.write_text('{"a": 5, "b": 6}', encoding="utf-8")
    theirs.write_text('{"a": 5, "b": 7}', encoding="utf-8")
    assert compare(tmp_path, OPEN, OPEN, "--data", str(ours)).exit_code == 0
    assert compare(tmp_path, OPEN, OPEN, "--data", str(ours), "--candidate-data", str(theirs)).exit_code == 1
    done = compare(tmp_path, OPEN, OPEN)
    assert done.exit_code == 4
    assert "D101" in done.output


def test_wrong_usage_and_a_text_that_is_no_document(tmp_path: Path) -> None:
    """A budget below the least is wrong usage; a broken text is no valid model."""
    assert compare(tmp_path, SCALARS.reference, SCALARS.candidate, "--seconds", "0.01").exit_code == 2
    assert compare(tmp_path, SCALARS.reference, "nl2opt: 1\nvariables: {x: {type: real\n").exit_code == 3


def test_a_document_with_errors_is_no_valid_model(tmp_path: Path) -> None:
    """An unknown name is an error of the document, as for every verb: exit code 3."""
    wrong = _changed(SCALARS.reference, {"2*x + 3*y": "2*x + 3*z"})
    assert any(d.severity == "error" for d in nl2opt.check(nl2opt.read(wrong)))
    assert compare(tmp_path, SCALARS.reference, wrong).exit_code == 3
