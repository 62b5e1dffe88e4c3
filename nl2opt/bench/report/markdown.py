"""Settings, summary -> report.md: the numbers of a run, as they are put in a note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def markdown(settings: Mapping[str, Any], found: Mapping[str, Any], labels: str) -> str:
    """The whole report under one version of the labels, with all versions in one table."""
    held, asking = found["labels"][labels], settings["asking"]
    a, sure = held["accuracy"], held["sure"]
    model = f" ({asking['model']})" if asking["model"] else ""
    parts = [
        f"# {settings['task'] or 'A file'}: {asking['translator']}{model}",
        f"nl2opt {settings['nl2opt']}, seed {settings['seed']}, {found['samples']} sample(s) an item, time limit "
        f"{asking['time_limit']:g} s, labels `{labels}`; items {settings['items'][:12]}.",
        f"**{a['sum']:g} of {held['graded']} right: {percent(a['mean'])}** (95 % interval {percent(a['low'])} to "
        f"{percent(a['high'])}, bootstrap over items, Wilson where all are alike). "
        f"Sure {sure['answered']} = {percent(sure['coverage'])}, "
        f"of these right {percent(sure['precision'])} ({percent(sure['interval'][0])} to "
        f"{percent(sure['interval'][1])}). Area under the risk-coverage curve {held['area_under_risk']:.3f}.",
        _readings(held),
        _declarations(held),
        _samples(found, held),
        "## Every version of the labels, every tolerance\n\n"
        + table(("labels", "tolerance", "right", "graded", "accuracy"),
                [(r["labels"], f"{r['tolerance']:g}", r["hits"], r["graded"], percent(r["rate"]))
                 for r in found["table"]]),
        "## Risk and coverage\n\n"
        + table(("coverage", "precision"), [(percent(p["coverage"]), percent(p["precision"])) for p in held["curve"]]),
        "## Failures\n\n" + table(("kind", "answers"), list(held["failures"].items())),
        _verdicts(found),
        *(_trait(name, values) for name, values in held["by"].items()),
        "## Outcomes and cost\n\n"
        + table(("outcome", "answers"), list(found["outcomes"].items()))
        + f"\n\n{found['calls']} calls, {found['input_tokens']} tokens in, {found['output_tokens']} out, cost "
          f"{found['cost']:g}.",
    ]  # fmt: skip
    return "\n\n".join(p for p in parts if p) + "\n"


def _readings(held: Mapping[str, Any]) -> str:
    rows = [
        (name, r["hits"], r["graded"], percent(r["mean"]), f"{percent(r['low'])} to {percent(r['high'])}")
        for name, r in held["readings"].items()
    ]
    if len(rows) < 2:
        return ""
    titles = ("reading", "right", "graded", "accuracy", "95 % interval")
    return "## Readings\n\nThe first counts.\n\n" + table(titles, rows)


def _verdicts(found: Mapping[str, Any]) -> str:
    if not found["verdicts"]:
        return ""
    return "## Beside the reference models\n\n" + table(("verdict", "answers"), list(found["verdicts"].items()))


RULES = {"scored": "as the competition scores", "meant": "by what is meant"}


def _declarations(held: Mapping[str, Any]) -> str:
    rows = [
        (RULES[rule], percent(d["accuracy"]), d["declared"], d["false_positives"], d["false_negatives"], d["answers"])
        for rule, d in held["declarations"].items()
    ]
    if not rows:
        return ""
    titles = ("rule", "accuracy", "declared", "matching none (FP)", "too few (FN)", "answers")
    told = "1 - (FP + FN) / declared; an objective and each constraint is a declaration, no answer has none right."
    return f"## Declarations\n\n{told}\n\n" + table(titles, rows)


def _samples(found: Mapping[str, Any], held: Mapping[str, Any]) -> str:
    if found["samples"] < 2:
        return ""
    rows = [(k, percent(v), percent(held["vote"].get(k))) for k, v in held["pass"].items()]
    return "## Samples\n\n" + table(("k", "pass@k", "vote@k"), rows)


def _trait(name: str, values: Mapping[str, Any]) -> str:
    rows = [
        (value, f"{v['hits']:g}", v["items"], percent(v["hits"] / v["items"]),
         f"{percent(v['interval'][0])} to {percent(v['interval'][1])}")
        for value, v in list(values.items())[:20]
    ]  # fmt: skip
    more = f"\n\n{len(values) - 20} more values." if len(values) > 20 else ""
    return f"## By {name}\n\n" + table((name, "right", "items", "accuracy", "95 % interval"), rows) + more


def table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Titles and rows -> a Markdown table; nothing where there are no rows.

    >>> print(table(("a", "b"), [("x|y", 1)]))
    | a | b |
    |---|---|
    | x\\|y | 1 |
    """
    if not rows:
        return "None."
    lines = [list(titles), ["---"] * len(titles), *rows]
    told = ["| " + " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in line) + " |" for line in lines]
    told[1] = "|" + "---|" * len(titles)
    return "\n".join(told)


def percent(value: float | None) -> str:
    """A share -> per cent, or a dash."""
    return "-" if value is None else f"{100 * value:.1f} %"
