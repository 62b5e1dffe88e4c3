"""Items, answers, grades -> the numbers of a run: accuracy, intervals, samples, abstention, failures, breakdowns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from nl2opt.bench.declarations import RULES, Counts
from nl2opt.bench.grading import TOLERANCE, TOLERANCES
from nl2opt.bench.items import Item, versions_of
from nl2opt.bench.statistics import area_under_risk, interval_of, pass_at, risk_coverage, vote, wilson
from nl2opt.records import Row

CURVE = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0)
"""Coverages at which the risk-coverage curve is told in words; the report draws all of it."""


def summarize(
    items: Sequence[Item], answers: Sequence[Row], grades: Sequence[Row], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything a report says in numbers, in plain data; the version of labels that counts is the published one."""
    seed, samples = settings["seed"], settings["samples"]
    versions = versions_of(list(items))
    outcomes = Counter(row["outcome"] for row in answers)
    return {
        "items": len(items), "answers": len(answers), "samples": samples,
        "outcomes": dict(sorted(outcomes.items())),
        "labels": {v: _of_labels(v, items, answers, grades, seed, samples) for v in versions},
        "table": _table(grades, versions),
        "input_tokens": sum(r["input_tokens"] for r in answers),
        "output_tokens": sum(r["output_tokens"] for r in answers),
        "verdicts": dict(Counter(a["verdict"] for a in answers if a.get("verdict")).most_common()),
        "cost": round(sum(r["cost"] for r in answers), 6),
        "calls": sum(len(r["calls"]) for r in answers),
    }  # fmt: skip


def counting(grades: Sequence[Row], version: str, tolerance: float = TOLERANCE) -> list[Row]:
    """The grades that count: one an answer, of items that can be graded."""
    return [g for g in grades if g["labels"] == version and g["tolerance"] == tolerance and g["counts"] and g["graded"]]


def by_item(grades: Sequence[Row]) -> dict[str, list[Row]]:
    """Grades in the order of samples, by item."""
    found: dict[str, list[Row]] = {}
    for g in grades:
        found.setdefault(g["id"], []).append(g)
    return found


def _of_labels(
    version: str, items: Sequence[Item], answers: Sequence[Row], grades: Sequence[Row], seed: int, samples: int
) -> dict[str, Any]:
    graded = counting(grades, version)
    groups = {i: g for i, g in by_item(graded).items() if len(g) == samples}
    rates = [sum(g["hit"] for g in group) / samples for group in groups.values()]
    traits = {item.id: item.traits for item in items}
    ranked = ranking(groups, {(a["id"], a["sample"]): a for a in answers})
    sure = [row for row in ranked if row["sure"]]
    return {
        "graded": len(groups),
        "accuracy": _rate(rates, seed),
        "wilson": list(wilson(round(sum(rates)), len(rates))) if samples == 1 else None,
        "pass": {str(k): _mean([pass_at(k, samples, sum(g["hit"] for g in group)) for group in groups.values()])
                 for k in _powers(samples)},
        "vote": {str(k): _mean([_voted(group[:k]) for group in groups.values()]) for k in _powers(samples) if k > 1},
        "readings": _readings(grades, version, seed),
        "sure": {"answered": len(sure), "coverage": len(sure) / len(ranked) if ranked else 0.0,
                 "precision": sum(r["hit"] for r in sure) / len(sure) if sure else None,
                 "interval": list(wilson(sum(r["hit"] for r in sure), len(sure)))},
        "curve": _curve([r["hit"] for r in ranked]),
        "area_under_risk": area_under_risk([r["hit"] for r in ranked]),
        "declarations": _declarations(answers, version),
        "failures": dict(Counter(g["failure"] for g in graded if g["failure"]).most_common()),
        "by": _breakdown(groups, traits, samples),
    }  # fmt: skip


def _powers(samples: int) -> list[int]:
    """1, 2, 4, ... and the number of samples itself."""
    found = [k for k in (2**e for e in range(20)) if k < samples]
    return [*found, samples]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _rate(values: Sequence[float], seed: int) -> dict[str, Any]:
    low, high = interval_of(values, seed)
    return {"mean": _mean(values), "low": low, "high": high, "sum": sum(values)}


def _voted(group: Sequence[Row]) -> bool:
    """Whether the answer most samples give is right; printed solutions vote by their objective."""
    outcomes = [(g["status"], g["objective"]) if answered(g) else None for g in group]
    first, _ = vote(outcomes, TOLERANCE)
    return first is not None and bool(group[first]["hit"])


def answered(grade: Row) -> bool:
    """Whether a grade is of an answer at all: a status of a solved problem."""
    return grade["status"] in ("optimal", "infeasible", "unbounded")


def ranking(groups: Mapping[str, Sequence[Row]], answers: Mapping[tuple[str, int], Row]) -> list[Row]:
    """Items from the surest to the least sure: share of votes, no doubts, confidence; what has no answer comes last.

    The answer of an item is that of the vote. ``sure``: answered, without doubts, and by most samples.
    """
    found = []
    for item, group in groups.items():
        first, share = vote([(g["status"], g["objective"]) if answered(g) else None for g in group], TOLERANCE)
        if first is None:
            found.append({"id": item, "hit": False, "sure": False, "rank": (2, 0.0, 0.0, item)})
            continue
        row = answers[item, group[first]["sample"]]
        doubtful = bool(row["doubts"])
        rank = (int(doubtful), -share, -row["confidence"], item)
        sure = not doubtful and share > 0.5
        found.append({"id": item, "hit": bool(group[first]["hit"]), "sure": sure, "rank": rank})
    return sorted(found, key=lambda r: r["rank"])


def _curve(hits: Sequence[bool]) -> list[dict[str, float]]:
    points = risk_coverage(hits)
    return [{"coverage": c, "precision": points[max(1, round(c * len(points))) - 1]["precision"]}
            for c in CURVE] if points else []  # fmt: skip


def _readings(grades: Sequence[Row], version: str, seed: int) -> dict[str, Any]:
    """Every reading apart: how many labels expect something in it, how many answers agree."""
    found: dict[str, list[Row]] = {}
    for g in grades:
        if g["labels"] == version and g["tolerance"] == TOLERANCE and g["graded"]:
            found.setdefault(g["reading"], []).append(g)
    return {
        name: {"graded": len(rows), "hits": sum(r["hit"] for r in rows), **_rate([float(r["hit"]) for r in rows], seed)}
        for name, rows in found.items()
    }


def _declarations(answers: Sequence[Row], version: str) -> dict[str, Any]:
    """Rule -> the declarations of all labels that state a model and what the answers got wrong of them.

    Nothing where no answer is a model, as when programs were written: what these declare is not known.
    """
    if not any(a["model"] for a in answers):
        return {}
    found: dict[str, Any] = {}
    for rule in RULES:
        rows = []
        for answer in answers:  # an item of which a version says nothing keeps its published label
            of = {d["labels"]: d for d in answer.get("declarations", ()) if d["rule"] == rule}
            if row := of.get(version, of.get("published")):
                rows.append(row)
        each = [Counts(d["declared"], d["false_positives"], d["false_negatives"]) for d in rows]
        if each:
            total = sum(each, Counts())
            found[rule] = {"answers": len(each), **asdict(total), "accuracy": total.accuracy}
    return found


def _breakdown(
    groups: Mapping[str, Sequence[Row]], traits: Mapping[str, Mapping[str, str]], samples: int
) -> dict[str, dict[str, Any]]:
    """Trait -> its value -> items, mean hits and the interval of these."""
    found: dict[str, dict[str, list[float]]] = {}
    for item, group in groups.items():
        for trait, value in traits[item].items():
            rate = sum(g["hit"] for g in group) / samples
            found.setdefault(trait, {}).setdefault(value, []).append(rate)
    return {
        trait: {
            value: {"items": len(rates), "hits": sum(rates), "interval": list(wilson(round(sum(rates)), len(rates)))}
            for value, rates in sorted(values.items(), key=lambda kv: (-len(kv[1]), kv[0]))
        }
        for trait, values in sorted(found.items())
    }


def _table(grades: Sequence[Row], versions: Sequence[str]) -> list[dict[str, Any]]:
    """The same answers under every version of the labels and every tolerance: hits of those graded."""
    rows = []
    for version in versions:
        for tolerance in TOLERANCES:
            graded = counting(grades, version, tolerance)
            hits = sum(g["hit"] for g in graded)
            rate = hits / len(graded) if graded else 0.0
            rows.append({"labels": version, "tolerance": tolerance, "graded": len(graded), "hits": hits, "rate": rate})
    return rows
