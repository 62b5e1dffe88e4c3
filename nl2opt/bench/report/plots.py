"""Summary -> inline SVG drawings: risk and coverage, accuracy by trait. Drawn by matplotlib, the same each time."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from nl2opt.bench.statistics import risk_coverage

BLUE, GREY = "#2f6db5", "#8a8a8a"
VALUES: Final = 12
"""Values of a trait that are drawn; the tables have them all."""


def plots(held: Mapping[str, Any], ranked: Sequence[bool]) -> list[tuple[str, str]]:
    """The numbers under one version of the labels, hits from surest to least sure -> (title, SVG)."""
    found = [("Precision of the surest answers", _curve(ranked))] if ranked else []
    for name, values in held["by"].items():
        if len(values) > 1:
            found.append((f"By {name}", _bars(list(values.items())[:VALUES])))
    if held["failures"]:
        found.append(("Failures by kind", _counts(list(held["failures"].items()))))
    return found


def _curve(ranked: Sequence[bool]) -> str:
    points = risk_coverage(ranked)
    figure, axes = _figure(2.6)
    axes.step([100 * p["coverage"] for p in points], [100 * p["precision"] for p in points], where="post", color=BLUE)
    axes.set(xlim=(0, 100), ylim=(0, 103), xlabel="coverage, %", ylabel="precision, %")
    axes.grid(alpha=0.3)
    return _svg(figure)


def _bars(values: Sequence[tuple[str, Any]]) -> str:
    figure, axes = _figure(0.7 + 0.28 * len(values))
    for k, (_, v) in enumerate(values):
        rate = 100 * v["hits"] / v["items"]
        axes.barh(k, rate, color=BLUE, height=0.6)
        axes.plot([100 * x for x in v["interval"]], [k, k], color=GREY, linewidth=1.5)
    axes.set_yticks(range(len(values)), [f"{_short(name)} ({v['items']})" for name, v in values])
    axes.set(xlim=(0, 100), xlabel="right, % (line: 95 % interval)")
    axes.invert_yaxis()
    return _svg(figure)


def _counts(values: Sequence[tuple[str, int]]) -> str:
    figure, axes = _figure(0.7 + 0.28 * len(values))
    axes.barh(range(len(values)), [n for _, n in values], color=GREY, height=0.6)
    axes.set_yticks(range(len(values)), [f"{_short(name)} ({n})" for name, n in values])
    axes.set(xlabel="answers")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.invert_yaxis()
    return _svg(figure)


def _short(name: str) -> str:
    return name if len(name) <= 34 else name[:33] + "…"


def _figure(height: float) -> tuple[Any, Any]:
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "nl2opt", "font.size": 9})
    figure = Figure(figsize=(5.2, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: Any) -> str:
    """A figure -> its `svg` element, without what tells when and by what it was drawn."""
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    return re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
