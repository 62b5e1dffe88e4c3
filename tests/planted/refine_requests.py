"""Requests in words with the edit meant -> right, refused, partial or wrong, by what the refined model allows.

Run as ``python -m planted.refine_requests`` from `tests`. Two models are called the same where every direction tried
(each variable up and down, fixed mixtures, the objective itself) has the same optimum over both: how an edit is
written does not matter, what it allows does.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import yaml

import nl2opt
from nl2opt.formulate.refine import refine
from nl2opt.ir.document import read_document
from nl2opt.ir.model import Model, Objective
from nl2opt.ir.nodes import Expr, Label, Mul, Name, Number, Subscript, add
from nl2opt.solvers.highs import solve
from nl2opt.solvers.result import SolveOptions

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).with_suffix(".yaml")
Edit = dict[str, Any]
VERDICTS = ("right", "refused", "partial", "wrong")


@dataclass(frozen=True)
class Case:
    """One request, the document it is made of, and the edits meant; none where it must be refused."""

    document: str
    request: str
    meant: tuple[Edit, ...]


@dataclass(frozen=True)
class Outcome:
    """What a request became: `right`, `refused` with nothing changed, `partial` (some of what was meant, the rest
    refused by name) or `wrong`, with the difference that was made."""

    case: Case
    verdict: str
    difference: str


def cases() -> list[Case]:
    """Every request of the file beside this one."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return [Case(document, r["request"], tuple(r["meant"])) for document, rows in raw.items() for r in rows]


def apply(document: str, edits: Sequence[Edit]) -> Model:
    """A document and edits as the file writes them -> the model meant."""
    raw = yaml.safe_load((ROOT / document / "model.yaml").read_text(encoding="utf-8"))
    for i, edit in enumerate(edits):
        if "add" in edit:
            row = {"name": f"meant_{i}", "expr": edit["add"]} | ({"for": edit["for"]} if "for" in edit else {})
            raw["constraints"].append(row)
        elif "drop" in edit:
            assert edit["drop"] in [c["name"] for c in raw["constraints"]]
            raw["constraints"] = [c for c in raw["constraints"] if c["name"] != edit["drop"]]
        else:
            item = raw["parameters"][edit["set"]]
            if "of" in edit:
                sets = raw["sets"][item["over"]]
                labels = sets["elements"] if isinstance(sets, dict) else sets
                old = item["value"]
                values = dict(old) if isinstance(old, dict) else dict(zip(labels, old, strict=True))
                assert edit["of"] in values
                item["value"] = values | {edit["of"]: edit["to"]}
            else:
                item["value"] = edit["to"]
    return read_document(yaml.safe_dump(raw, sort_keys=False, allow_unicode=True))


def region(model: Model, document: str) -> tuple[tuple[str, float], ...]:
    """Model -> how it ends and what it reaches, for the objective and in each direction."""
    files = sorted(str(p) for p in (ROOT / document).glob("data_*.json"))
    found = []
    for m in (model, *_directions(model)):
        result = solve(nl2opt.bind(m, files or None), SolveOptions(time_limit=20))
        found.append((result.termination.value, round(result.objective or 0.0, 5)))
    return tuple(found)


def same(a: Sequence[tuple[str, float]], b: Sequence[tuple[str, float]]) -> bool:
    """Whether two regions end alike, and reach alike within 1e-5 of the size."""
    return len(a) == len(b) and all(
        s == t and abs(x - y) <= 1e-5 * (1 + abs(x)) for (s, x), (t, y) in zip(a, b, strict=True)
    )


def _directions(model: Model) -> Iterator[Model]:
    """The model with other objectives: up to eight elements, the sum of each variable, eight mixtures; up and down."""
    groups = [_elements(model, v.name) for v in model.variables]
    elements = [e for group in groups for e in group]
    rng = Random(7)
    rows = [[Fraction(int(i == j)) for j in range(len(elements))] for i in range(min(len(elements), 8))]
    rows += [[Fraction(int(e in group)) for e in elements] for group in groups if group]
    rows += [[Fraction(rng.randint(-3, 5)) for _ in elements] for _ in range(8)]
    for row in rows:
        expr = add(*(Mul((Number(c), e)) for c, e in zip(row, elements, strict=True) if c))
        for sense in ("minimize", "maximize"):
            yield replace(model, objectives=(Objective(sense, expr),))


def _elements(model: Model, name: str) -> list[Expr]:
    """A variable -> its elements where the document lists its set; none where the data do."""
    item = model.symbols[name]
    if not item.over:  # type: ignore[union-attr]
        return [Name(name)]
    sets = [getattr(model.symbols[g.source.name], "elements", None) for g in item.over]  # type: ignore[union-attr]
    if len(sets) != 1 or not isinstance(sets[0], tuple):
        return []
    return [Subscript(name, (Label(str(e)),)) for e in sets[0]]


@cache
def original(document: str) -> tuple[tuple[str, float], ...]:
    """A document -> its region before any request."""
    return region(apply(document, ()), document)


def judge(case: Case) -> Outcome:
    """Run one request and say what became of it."""
    before = nl2opt.read(ROOT / case.document / "model.yaml")
    found = refine(before, case.request)
    changed = bool(found.edits) and found.after != before
    if not changed:
        return Outcome(case, "refused" if case.meant else "right", "")
    try:
        after = region(found.after, case.document)
    except nl2opt.Nl2optError as error:
        return Outcome(case, "wrong", f"{found.difference}\n{error}")
    if case.meant and same(after, region(apply(case.document, case.meant), case.document)):
        return Outcome(case, "right", found.difference)
    parts = [p for n in range(1, len(case.meant)) for p in combinations(case.meant, n)]
    if found.refused and any(same(after, region(apply(case.document, p), case.document)) for p in parts):
        return Outcome(case, "partial", found.difference)
    return Outcome(case, "wrong", found.difference)


def measure() -> list[Outcome]:
    """Every request of the file, judged."""
    return [judge(c) for c in cases()]


def main() -> None:
    """Print the table by document, then what is wrong; with `-v` also what was refused."""
    outcomes = measure()
    print(f"{'document':<36}" + "".join(f"{v:>9}" for v in VERDICTS))
    for document in dict.fromkeys(o.case.document for o in outcomes):
        count = Counter(o.verdict for o in outcomes if o.case.document == document)
        print(f"{document:<36}" + "".join(f"{count[v]:>9}" for v in VERDICTS))
    count = Counter(o.verdict for o in outcomes)
    print(f"{'all ' + str(len(outcomes)):<36}" + "".join(f"{count[v]:>9}" for v in VERDICTS))
    for o in outcomes:
        if o.verdict == "wrong" or (o.verdict != "right" and "-v" in sys.argv):
            print(f"\n{o.verdict}  {o.case.document}: {o.case.request}\n  meant {list(o.case.meant)}\n{o.difference}")


if __name__ == "__main__":
    main()
