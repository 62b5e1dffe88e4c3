"""Folders of model documents with instances of their own -> a table: stated, solved by how many routes, what fails.

    python -m nl2opt.bench.documents FOLDER [--rows FILE.jsonl] [--only ID ...] [--time-limit S] [--json OUT]

A document's folder holds

    problem.txt     what the person told, where it is our own: quotes are pieces of it
    model.yaml      the document, its data apart
    data_*.json     data of instances of its own; none where the document holds all its data
    given_*.json    data of instances of its own by the names and in the form of the benchmark's row, as a program that
                    was written for the row reads them; bound by `row.json` as the row's data are
    *.csv           all together the data of one instance, `tables`
    expected.json   instance (file stem, `tables`, or `model` without data) -> {status, optimum, outputs}, `outputs`
                    only where no others are optimal; `conflict`: names of the constraints that cannot hold together;
                    `answers`: how many differ in the outputs; `warnings`: code -> why it stays. What no two routes
                    take says how many do, `routes`, and holds an optimal point that was found otherwise, `point`, as
                    in perturbed.json
    perturbed.json  points that must be rejected: {instance, point, violates: NAME} or {instance, point, suboptimal};
                    a point gives each variable one value, or the list of its values in the order of its keys
    row.json        where a row of a benchmark needs other names (see nl2opt.bench.benchmark_rows)

Every instance is solved by every route that takes it; the referee judges each route's point; statuses and optima must
agree with each other and with what is expected. With `--rows` the same for the row's data, without expectation but the
row's optimum and the shape of its outputs.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from nl2opt.bench.benchmark_rows import data_of_row, rows_by_name, shape_faults
from nl2opt.check.feasible import referee
from nl2opt.check.model import check_model
from nl2opt.check.printed import outputs_of
from nl2opt.errors import Nl2optError
from nl2opt.explain.answer import AGREEMENT
from nl2opt.explain.infeasible import find_conflict
from nl2opt.ir.bind import bind
from nl2opt.ir.datafiles import read_data
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance, Point
from nl2opt.ir.model import Model
from nl2opt.solvers.auto import has_continuous
from nl2opt.solvers.cpsat_solutions import solutions
from nl2opt.solvers.result import SolveOptions, Termination
from nl2opt.solvers.routes import ROUTES

VERIFIED_BY: Final = tuple(r for r in ("cpsat", "cpmpy", "minizinc", "highs") if r in ROUTES)
OTHERWISE: Final = ("scip", "pyomo")
"""Asked in this order while fewer than two routes have finished: CP takes no continuous variable."""
FINISHED: Final = (Termination.OPTIMAL, Termination.INFEASIBLE, Termination.UNBOUNDED)


@dataclass(frozen=True)
class Folder:
    """One document and what lies beside it."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @cached_property
    def model(self) -> Model:
        model = read_document(self.path / "model.yaml")
        text = self.path / "problem.txt"
        return replace(model, text=text.read_text(encoding="utf-8")) if text.exists() else model

    def held(self, name: str, otherwise: Any) -> Any:
        """A JSON file of the folder, or ``otherwise`` where there is none."""
        file = self.path / name
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else otherwise

    @cached_property
    def instances(self) -> dict[str, Instance]:
        """Stem of a data file -> instance; `tables` of CSV files; `model` where the document needs no data."""
        tables = sorted(self.path.glob("*.csv"))
        if tables:
            return {"tables": bind(self.model, read_data(tables, self.model).values)}
        data = self.data | {name: self.bound(given) for name, given in self.given.items()}
        return {name: bind(self.model, values) for name, values in data.items()} or {"model": bind(self.model)}

    @property
    def data(self) -> dict[str, Any]:
        """Stem -> data by the names of the document."""
        return {f.stem: json.loads(f.read_text(encoding="utf-8")) for f in sorted(self.path.glob("data_*.json"))}

    @property
    def given(self) -> dict[str, Any]:
        """Stem -> data by the names of the benchmark's row."""
        return {f.stem: json.loads(f.read_text(encoding="utf-8")) for f in sorted(self.path.glob("given_*.json"))}

    def bound(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Data by the names of the row -> data by the names of the document; `values` mend the row alone."""
        changes = {k: v for k, v in self.held("row.json", {}).items() if k != "values"}
        return data_of_row({"data": given}, self.model, changes)


@dataclass(frozen=True, slots=True)
class Solve:
    """What one route said of one instance. ``refused``: why it did not take it, else None; seconds of wall time."""

    route: str
    status: str
    optimum: float | None
    seconds: float
    refused: str | None = None

    @property
    def finished(self) -> bool:
        return self.status in {t.value for t in FINISHED}


@dataclass
class Report:
    """What came of one document; without ``problems`` it is verified."""

    name: str
    solves: dict[str, list[Solve]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def routes(self) -> int:
        """Routes that finished every instance."""
        finished = Counter(s.route for solves in self.solves.values() for s in solves if s.finished)
        return sum(n == len(self.solves) for n in finished.values())


def verify(
    folder: Folder,
    row: Mapping[str, Any] | None = None,
    time_limit: float = 30.0,
    routes: Sequence[str] = VERIFIED_BY,
) -> Report:
    """Folder, and the benchmark's row if there is one -> Report."""
    report = Report(folder.name)
    options = SolveOptions(time_limit=time_limit)
    try:
        report.problems += _static(folder)
        expected = folder.held("expected.json", {})
        for name, instance in folder.instances.items():
            if name not in expected:
                report.problems.append(f"{name}: nothing is expected of it")
            _solve(report, name, instance, expected.get(name, {}), options, routes)
        report.problems += _perturbed(folder)
        if row is not None:
            _row(report, folder, row, options, routes)
    except Nl2optError as e:
        report.problems.append(str(e))
    return report


def _static(folder: Folder) -> Iterator[str]:
    """Errors and warnings of the document itself, less those the folder accepts with a reason."""
    accepted = folder.held("expected.json", {}).get("warnings", {})
    for d in check_model(folder.model):
        if d.severity != "note" and d.code not in accepted:
            yield f"{d.code} {d.message} ({d.where})"


def _solve(
    report: Report,
    name: str,
    instance: Instance,
    expected: Mapping[str, Any],
    options: SolveOptions,
    routes: Sequence[str],
) -> Point | None:
    """Solve one instance by every route into ``report``; return the first point the referee accepts."""
    solves = report.solves[name] = []
    accepted: Point | None = None
    for route in (*routes, *(OTHERWISE if routes else ())):
        if route in OTHERWISE and sum(s.finished for s in solves) >= 2:
            break
        try:
            result = ROUTES[route](instance, options)
        except Nl2optError as e:
            solves.append(Solve(route, "refused", None, 0.0, str(e).splitlines()[0]))
            report.notes.append(f"{name}: {route} does not take it: {solves[-1].refused}")
            continue
        except Exception as e:  # a crash is told of this document; it must not end the measurement
            report.problems.append(f"{name}: {route} crashed: {type(e).__name__} {str(e)[:200]}")
            continue
        solves.append(Solve(route, result.termination.value, result.objective, round(result.seconds, 2)))
        if not solves[-1].finished:
            report.notes.append(f"{name}: {route} stopped: {result.termination.value} after {result.seconds:.0f} s")
        if result.point is not None:
            judged = referee(instance, result.point, result.objective)
            if judged.ok:
                accepted = accepted or judged.point
                told = expected.get("outputs")
                if told is not None and solves[-1].finished and outputs_of(instance, judged.point) != told:
                    report.problems.append(f"{name}: {route} has other outputs than the only ones")
            else:
                why = "; ".join(map(str, judged.violations[:2])) or judged.verdict
                report.problems.append(f"{name}: the referee rejects the point of {route}: {why}")
    if "point" in expected:
        judged = referee(instance, point_of(instance, expected["point"]), expected["optimum"])
        if not judged.ok:
            report.problems.append(f"{name}: the referee rejects the expected point: {judged.verdict}")
    report.problems += _disagreements(name, [s for s in solves if s.finished], expected)
    if routes:
        report.problems += _told_otherwise(name, instance, expected, options)
    return accepted


def _told_otherwise(name: str, instance: Instance, expected: Mapping[str, Any], options: SolveOptions) -> Iterator[str]:
    """Where the conflict of an instance, or the number of its answers, is another than expected."""
    if "conflict" in expected:
        route = "highs" if has_continuous(instance) else "cpsat"
        found = find_conflict(instance, lambda i: ROUTES[route](i, options))
        names = sorted({m.name for m in found.members})
        if names != sorted(expected["conflict"]):
            yield f"{name}: the conflict is {', '.join(names)}"
    if "answers" in expected:
        answers = solutions(instance, options, limit=expected["answers"] + 1)
        if answers.count != expected["answers"] or not answers.complete:
            yield f"{name}: {answers.count} answers were found, {expected['answers']} are expected"


def _disagreements(name: str, finished: Sequence[Solve], expected: Mapping[str, Any]) -> Iterator[str]:
    told = expected.get("routes")
    if len(finished) < 2 if told is None else len(finished) != told:
        yield f"{name}: solved by {len(finished)} of the routes" + ("" if told is None else f", {told} are told")
    if len({s.status for s in finished}) > 1 or not _near({s.optimum for s in finished}):
        answers = ", ".join(f"{s.route} {s.status} {s.optimum}" for s in finished)
        yield f"{name}: the routes disagree: {answers}"
    for s in finished[:1]:
        if "status" in expected and s.status != expected["status"]:
            yield f"{name}: {s.status}, {expected['status']} is expected"
        if "optimum" in expected and not _near({s.optimum, expected["optimum"]}):
            yield f"{name}: the optimum is {s.optimum}, {expected['optimum']} is expected"


def _near(values: set[float | None]) -> bool:
    numbers = [v for v in values if v is not None]
    if len(numbers) < len(values):
        return not numbers
    return not numbers or max(numbers) - min(numbers) <= AGREEMENT * (1 + abs(min(numbers)))


def _perturbed(folder: Folder) -> Iterator[str]:
    """Points that must be rejected and are not, or for another reason than the one given."""
    points = folder.held("perturbed.json", [])
    if len(points) < 3:
        yield f"{len(points)} perturbed points, three are the least"
    expected = folder.held("expected.json", {})
    for i, wrong in enumerate(points):
        name = wrong["instance"]
        instance = folder.instances[name]
        point = point_of(instance, wrong["point"])
        if wrong.get("suboptimal"):
            judged = referee(instance, point, expected[name]["optimum"])
            if judged.verdict != "objective_differs":
                yield f"perturbed point {i} is {judged.verdict}, not suboptimal"
            elif not _worse(judged.objectives[0], expected[name]):
                yield f"perturbed point {i} is better than the optimum"
            continue
        broken = {v.name for v in referee(instance, point).violations}
        if wrong["violates"] not in broken:
            yield f"perturbed point {i} does not violate {wrong['violates']}"


def _worse(objective: Any, expected: Mapping[str, Any]) -> bool:
    excess = objective.value - expected["optimum"]
    return bool(excess > 0 if objective.sense == "minimize" else excess < 0)


def point_of(instance: Instance, values: Mapping[str, Any]) -> Point:
    """Variable -> value, or its values in the order of its keys -> a point of the instance."""
    point = {}
    for name, family in instance.variables.items():
        given = values[name] if family.domain.arity else [values[name]]
        elements = [tuple(v) if isinstance(v, list) else v for v in given]
        point[name] = dict(zip(family.domain.keys, elements, strict=True))
    return point


def _row(report: Report, folder: Folder, row: Mapping[str, Any], options: SolveOptions, routes: Sequence[str]) -> None:
    """The row's own data: its optimum, and outputs in its shape."""
    changes = folder.held("row.json", {})
    if "faulty" in changes:
        report.notes.append(f"faulty row: {changes['faulty']}")
    published = row.get("optimum")
    instance = bind(folder.model, data_of_row(row, folder.model, changes))
    expected = {"status": "optimal"} if published is None else {"status": "optimal", "optimum": float(published)}
    point = _solve(report, "row", instance, expected, options, routes)
    if point is None:
        report.problems.append("row: no accepted point, so no outputs")
        return
    faults = shape_faults(outputs_of(instance, point), row["output"])
    report.problems += [f"row: {fault}" for fault in faults]


def folders(path: Path) -> list[Folder]:
    """Every folder with a document, by name."""
    return [Folder(p.parent) for p in sorted(path.glob("*/model.yaml"))]


def line_of(report: Report) -> str:
    """Report -> one line of the table, then one for each problem and note."""
    took: dict[str, float] = {}
    for s in (s for solves in report.solves.values() for s in solves if s.finished):
        took[s.route] = max(took.get(s.route, 0.0), s.seconds)
    how = " ".join(f"{route} {seconds:.1f}s" for route, seconds in took.items())
    verdict = "ok  " if not report.problems else "FAIL"
    lines = [f"{verdict} {report.name:40} {len(report.solves)} instances, {report.routes} routes: {how}"]
    lines += [f"       problem: {p}" for p in report.problems] + [f"       note: {n}" for n in report.notes]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; 0 where every document is verified."""
    parser = argparse.ArgumentParser(prog="python -m nl2opt.bench.documents", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=Path, help="the benchmark, one row a line")
    parser.add_argument("--only", nargs="+", help="names of documents")
    parser.add_argument("--time-limit", type=float, default=30.0, help="seconds for each solve")
    parser.add_argument("--json", type=Path, help="write all reports to a file")
    options = parser.parse_args(arguments)
    rows = rows_by_name(options.rows) if options.rows else {}
    reports = []
    for folder in folders(options.folder):
        if not options.only or folder.name in options.only:
            reports.append(verify(folder, rows.get(folder.name), options.time_limit))
            print(line_of(reports[-1]), flush=True)
    count = Counter(r.routes for r in reports)
    by = ", ".join(f"by {n} routes {count[n]}" for n in sorted(count))
    print(f"{len(reports)} stated, {sum(not r.problems for r in reports)} verified; solved {by}")
    if options.json:
        options.json.write_text(json.dumps([asdict(r) for r in reports], indent=1), encoding="utf-8")
    return int(any(r.problems for r in reports))


if __name__ == "__main__":
    raise SystemExit(main())
