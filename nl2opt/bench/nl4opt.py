"""NL4Opt declarations -> score of the embedded translator: optimum, full model, coverage and precision.

    python -m nl2opt.bench.nl4opt FILE [--corrections F] [--details] [--json OUT] [--gold-spans]

Both the label and the answer become flat models under the same domains (all real, then all whole numbers); a question
is hit when status and optimum agree to a relative 1e-6. Labels without an optimum are left out. Of all questions the
declarations are counted as the competition did (see nl2opt.bench.declarations).
Misses are listed by id.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any, Final

from nl2opt.bench.declarations import NOTHING, RULES, Counts, Declared, Rule, count
from nl2opt.bench.flat import Flat, Outcome, flat_of, same_model, same_outcome, solve
from nl2opt.bench.nl4opt_labels import corrected_model, label_model
from nl2opt.bench.nl4opt_parts import PartsSummary, parts_of, summary_of
from nl2opt.formulate.embedded import Formulation, formulate_embedded
from nl2opt.formulate.embedded.spans import LABELS, OUTSIDE, Span

TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one question. `lp`, `whole`, `full` are None where the label has no optimum to compare with.

    `counts` are the declarations of the label by rule, and what the answer got wrong of them.
    """

    id: str
    lp: bool | None
    whole: bool | None
    full: bool | None
    doubts: tuple[str, ...]
    refused: bool
    confidence: float
    seconds: float
    counts: Mapping[Rule, Counts]


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; 0 when the file could be scored."""
    parser = argparse.ArgumentParser(prog="python -m nl2opt.bench.nl4opt", description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--corrections", type=Path, help="corrected labels, scored beside those published")
    parser.add_argument("--details", action="store_true", help="list the misses by id with their doubts")
    parser.add_argument("--json", type=Path, help="write all verdicts to a file")
    parser.add_argument("--gold-spans", action="store_true", help="use the spans of the file instead of the tagger's")
    options = parser.parse_args(arguments)
    questions = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    corrections = json.loads(options.corrections.read_text(encoding="utf-8")) if options.corrections else []
    by_id = {item["id"]: item for item in corrections}
    answers = [_answer(question, options.gold_spans) for question in questions]
    report: dict[str, Any] = {"file": options.file.name, "questions": len(questions)}
    published = [_judge(q, label_model(q), a) for q, a in zip(questions, answers, strict=True)]
    report["published"] = _summary(published)
    _print("labels as published", published, report["published"], options.details)
    parts = [parts_of(q, q["constraints"], a.formulation) for q, a in zip(questions, answers, strict=True)]
    _print_parts("labels as published", summary_of(parts))
    if by_id:
        corrected = [
            parts_of(q, by_id[q["id"]]["constraints"] if q["id"] in by_id else q["constraints"], a.formulation)
            for q, a in zip(questions, answers, strict=True)
        ]
        _print_parts("labels corrected", summary_of(corrected))
        mended = [
            _judge(q, corrected_model(by_id[q["id"]]) if q["id"] in by_id else label_model(q), a)
            for q, a in zip(questions, answers, strict=True)
        ]
        report["corrected"] = _summary(mended)
        _print("labels corrected", mended, report["corrected"], options.details)
    if options.json:
        report["verdicts"] = [_row(v) for v in published]
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    return 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A formulation and the time it took; none after a crash."""

    formulation: Formulation | None
    seconds: float


def _answer(question: Mapping[str, Any], gold: bool) -> Answer:
    spans = [_span(s) for s in question["spans"]] if gold else None
    start = time.perf_counter()
    try:
        formulation = formulate_embedded(question["question"], spans)
    except Exception:  # a crash is a miss and is shown; it must not end the measurement
        traceback.print_exc(file=sys.stderr)
        return Answer(None, time.perf_counter() - start)
    return Answer(formulation, time.perf_counter() - start)


def _span(raw: Mapping[str, Any]) -> Span:
    scores = {**dict.fromkeys((*LABELS, OUTSIDE), 0.0), raw["label"]: 1.0}
    return Span(raw["label"], raw["start"], raw["end"], raw["text"], scores)


def _judge(question: Mapping[str, Any], label: Flat, answer: Answer) -> Verdict:
    formulation = answer.formulation
    expected = {whole: solve(label, whole) for whole in (False, True)}
    doubts = tuple(doubt.code for doubt in formulation.doubts) if formulation else ("crash",)
    refused = formulation is None or formulation.document is None
    confidence = formulation.confidence if formulation else 0.0
    mine = flat_of(formulation) if formulation is not None and formulation.document is not None else None
    counts = {rule: count(label, NOTHING if mine is None else Declared(mine), rule) for rule in RULES}
    if expected[False].status != "optimal":
        return Verdict(question["id"], None, None, None, doubts, refused, confidence, answer.seconds, counts)
    hits = {False: False, True: False}
    full = False
    if mine is not None:
        hits = {whole: same_outcome(expected[whole], solve(mine, whole), TOLERANCE) for whole in (False, True)}
        full = same_model(label, mine)
    return Verdict(question["id"], hits[False], hits[True], full, doubts, refused, confidence, answer.seconds, counts)


def _summary(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    scored = [v for v in verdicts if v.lp is not None]
    sure = [v for v in scored if not v.doubts and not v.refused]
    ranked = sorted(scored, key=lambda v: (bool(v.doubts) or v.refused, -v.confidence))
    curve = []
    for part in (0.25, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0):
        head = ranked[: max(1, round(part * len(ranked)))]
        curve.append({"coverage": part, "precision": sum(bool(v.whole) for v in head) / len(head)})
    return {
        "scored": len(scored),
        "lp": sum(bool(v.lp) for v in scored),
        "whole": sum(bool(v.whole) for v in scored),
        "full": sum(bool(v.full) for v in scored),
        "refused": sum(v.refused for v in scored),
        "without_doubts": len(sure),
        "coverage": len(sure) / len(scored) if scored else 0.0,
        "precision": sum(bool(v.whole) for v in sure) / len(sure) if sure else 0.0,
        "curve": curve,
        "declarations": {rule: _counted([v.counts[rule] for v in verdicts]) for rule in RULES},
        "median_seconds": median(v.seconds for v in verdicts) if verdicts else 0.0,
    }


def _counted(counts: Sequence[Counts]) -> dict[str, Any]:
    total = sum(counts, Counts())
    return {**asdict(total), "accuracy": total.accuracy}


def _print(title: str, verdicts: Sequence[Verdict], summary: Mapping[str, Any], details: bool) -> None:
    n = summary["scored"]
    print(f"{title}: {n} of {len(verdicts)} labels have an optimum")
    print(
        f"  optimum as LP {summary['lp']}, in whole numbers {summary['whole']}, full model {summary['full']} (of {n})"
    )
    print(
        f"  without doubts {summary['without_doubts']} = {summary['coverage']:.1%}, "
        f"of these right {summary['precision']:.1%}"
    )
    curve = ", ".join(f"{point['coverage']:.0%}: {point['precision']:.1%}" for point in summary["curve"])
    print(f"  precision of the most confident: {curve}")
    for rule, found in summary["declarations"].items():
        print(
            f"  declarations {rule}: {found['accuracy']:.1%} of {found['declared']} in {len(verdicts)} questions, "
            f"matching none {found['false_positives']}, too few {found['false_negatives']}"
        )
    print(f"  median {1000 * summary['median_seconds']:.0f} ms a question")
    misses = [v for v in verdicts if v.lp is not None and not (v.lp and v.whole and v.full)]
    for v in misses if details else [v for v in misses if not v.whole]:
        marks = " ".join(
            f"{name}={'yes' if value else 'NO'}" for name, value in (("lp", v.lp), ("whole", v.whole), ("full", v.full))
        )
        print(f"  {v.id}: {marks}{' refused' if v.refused else ''} {','.join(v.doubts) if details else ''}")


def _print_parts(title: str, found: PartsSummary) -> None:
    print(
        f"{title}: variables exactly found in {found.variables} of {found.questions} questions, template and number of "
        f"{found.templates} of {found.constraints} constraints = {found.templates / max(found.constraints, 1):.1%}, "
        f"macro-F1 {found.macro_f1:.1%}"
    )
    print("  F1 by template: " + ", ".join(f"{name} {value:.0%}" for name, value in found.f1.items()))


def _row(v: Verdict) -> dict[str, Any]:
    return {
        "id": v.id, "lp": v.lp, "whole": v.whole, "full": v.full, "doubts": list(v.doubts), "refused": v.refused,
        "confidence": v.confidence, "seconds": v.seconds, "declarations": {k: asdict(c) for k, c in v.counts.items()},
    }  # fmt: skip


__all__ = ["Fraction", "Outcome", "Verdict", "main"]

if __name__ == "__main__":
    sys.exit(main())
