"""Run folder -> its two reports, the same bytes each time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nl2opt.bench.report.entries import entries
from nl2opt.bench.report.markdown import RULES, markdown
from nl2opt.bench.report.plots import plots
from nl2opt.bench.run import SUMMARY, read_run
from nl2opt.bench.summary import by_item, counting, ranking
from nl2opt.errors import Diagnostic, SolverFailure


def write_report(folder: Path, labels: str = "published") -> tuple[Path, ...]:
    """Write `report.md` and `report.html` beside the files of a run; ``labels``: the version that counts.

    Raises SolverFailure (E801) where the packages that draw the page are not installed; the Markdown is written first.
    """
    settings, items, answers, grades = read_run(folder)
    found: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    told = markdown(settings, found, labels)
    (folder / "report.md").write_text(told, encoding="utf-8")
    try:
        import jinja2
        import matplotlib  # noqa: F401  (asked for here, so that what is missing is told before any drawing)
    except ImportError as e:
        fix = "pip install 'nl2opt[bench]'; report.md is written"
        raise SolverFailure(Diagnostic("E801", f"the package {e.name} is not installed", fix=fix)) from None
    groups = by_item(counting(grades, labels))
    ranked = ranking(groups, {(a["id"], a["sample"]): a for a in answers})
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("nl2opt.bench.report", "."), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    page = environment.get_template("page.html.j2").render(
        title=settings["task"] or "a file", settings=settings, found=found, labels=labels, held=found["labels"][labels],
        plots=plots(found["labels"][labels], [r["hit"] for r in ranked]),
        rules=RULES, entries=entries(items, answers, grades, labels),
    )  # fmt: skip
    (folder / "report.html").write_text(page, encoding="utf-8")
    return folder / "report.md", folder / "report.html"
