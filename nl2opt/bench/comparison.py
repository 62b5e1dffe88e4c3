"""Two run folders -> what tells them apart, item by item: paired, so that the items' own difficulty cancels."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from nl2opt.bench.run import read_run
from nl2opt.bench.statistics import bootstrap, mcnemar
from nl2opt.bench.summary import by_item, counting
from nl2opt.errors import DataError, Diagnostic


def compare(first: Path, second: Path, labels: str = "published") -> dict[str, Any]:
    """Two runs -> both accuracies on the items they share, their difference with its interval, McNemar's test.

    Of several samples of an item the first is paired. Raises DataError (D310) where no item is graded in both.
    """
    rates: list[dict[str, bool]] = []
    seed = 0
    for folder in (first, second):
        settings, _, _, grades = read_run(folder)
        rates.append({i: bool(group[0]["hit"]) for i, group in by_item(counting(grades, labels)).items()})
        seed = settings["seed"]
    shared = [i for i in rates[0] if i in rates[1]]
    if not shared:
        raise DataError(Diagnostic("D310", f"no item is graded in both runs under {labels!r}", f"{first}, {second}"))
    a, b = [rates[0][i] for i in shared], [rates[1][i] for i in shared]
    difference = [float(y) - float(x) for x, y in zip(a, b, strict=True)]
    low, high = bootstrap(difference, seed)
    return {
        "labels": labels, "items": len(shared), "first": sum(a) / len(a), "second": sum(b) / len(b),
        "difference": sum(difference) / len(difference), "low": low, "high": high, "paired": asdict(mcnemar(a, b)),
        "only_first": [i for i in shared if rates[0][i] and not rates[1][i]],
        "only_second": [i for i in shared if rates[1][i] and not rates[0][i]],
    }  # fmt: skip
