"""Verbs about one model: solve, formulate, refine, check, import, emit."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from nl2opt.cli.shared import (
    BEYOND,
    EXIT_OF_STATUS,
    FAILED,
    FOUND,
    LIMIT,
    OK,
    AsJson,
    BaseUrl,
    DataFiles,
    ModelFile,
    ModelName,
    Output,
    Solver,
    Source,
    Text,
    TimeLimit,
    Translator,
    app,
    bound,
    content_of,
    errors_as_messages,
    fail,
    formulated,
    is_document,
    json_object,
    json_of,
    model_of,
    remember,
    show_json,
    write_file,
)


@app.command()
@errors_as_messages
def solve(
    source: Source = "",
    text: Text = "",
    data: DataFiles = [],  # noqa: B006  (typer reads the default, nothing changes it)
    solver: Solver = "auto",
    time_limit: TimeLimit = 60.0,
    translator: Translator = "embedded",
    model_name: ModelName = "",
    base_url: BaseUrl = "",
    as_json: AsJson = False,
) -> None:
    """Solve a problem told in words, or a model document; check and explain the answer."""
    import nl2opt
    from nl2opt import console
    from nl2opt.explain.numbers import in_numbers
    from nl2opt.importers import is_importable
    from nl2opt.solvers.routes import route_names, route_of

    if solver != "auto" and route_of(solver) is None:
        fail(f"no solver {solver!r}: one of auto, {', '.join(route_names())}")
    formulation = None
    if is_importable(source) and not text:
        model = model_of(source)
    else:
        content, name = content_of(source, text)
        formulation = None if is_document(content, name) else formulated(content, translator, model_name, base_url)
        model = formulation.require_model() if formulation else nl2opt.read(content)
    findings = nl2opt.check(model)
    if as_json:
        remember(model, formulation, findings)
    errors = [d for d in findings if d.severity == "error"]
    if errors:
        raise nl2opt.DocumentError(errors)
    instance, notes = bound(model, data)
    findings = (*findings, *notes)
    answer = nl2opt.solve(instance, solver=solver, time_limit=time_limit or None)
    if as_json:
        from nl2opt.explain.document import answer_object

        show_json(answer_object(answer, formulation, findings))
    else:
        if formulation:
            console.formulation(formulation)
        console.model(model, in_numbers(instance))
        console.diagnostics(findings)
        console.explanation(nl2opt.explain(answer))
    raise typer.Exit(EXIT_OF_STATUS[answer.result.termination.value] if answer.trusted else FAILED)


@app.command()
@errors_as_messages
def formulate(
    source: Source = "",
    text: Text = "",
    output: Output = "-",
    translator: Translator = "embedded",
    model_name: ModelName = "",
    base_url: BaseUrl = "",
    readings: Annotated[int, typer.Option(help="Up to how many ways to read the text, likeliest first.", min=1)] = 1,
    as_json: AsJson = False,
) -> None:
    """Turn a problem told in words into a model document."""
    from nl2opt import console
    from nl2opt.ir.document.printer import print_json, print_yaml

    content, _ = content_of(source, text)
    formulation = formulated(content, translator, model_name, base_url)
    model = formulation.require_model()
    as_text = print_json(model) + "\n" if as_json or output.endswith(".json") else print_yaml(model)
    if output == "-":
        sys.stdout.write(as_text)
        for other in formulation.readings[: readings - 1]:
            if as_json:
                sys.stdout.write(print_json(other.model) + "\n")
            else:
                sys.stdout.write(f"---\n# {other.sentence} read as: {other.message}\n{print_yaml(other.model)}")
    else:
        write_file(output, as_text)
        console.formulation(formulation)
        console.model(model)
        for other in formulation.readings[: readings - 1]:
            console.line(f"  {other.sentence} can also be read as: {other.message}")


@app.command()
@errors_as_messages
def refine(
    model_file: ModelFile,
    request: Annotated[str, typer.Argument(help="What should change, in plain language.")],
    output: Annotated[str, typer.Option("-o", "--output", help="File for the refined model; none: only show it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Change a model by a request in words: a rule more, a rule less, another number. Shows the difference."""
    from nl2opt import console
    from nl2opt.formulate.refine import refine as run
    from nl2opt.ir.document.printer import print_json, print_yaml

    found = run(model_of(model_file), request)
    if as_json:
        show_json({"edits": [str(e) for e in found.edits], "difference": found.difference,
                     "model": json.loads(print_json(found.after)),
                     "refused": [d.as_json() for d in found.refused]})  # fmt: skip
    else:
        console.refinement([str(e) for e in found.edits], found.difference, found.refused)
    if output and found.edits:
        write_file(output, print_json(found.after) + "\n" if output.endswith(".json") else print_yaml(found.after))
    raise typer.Exit(BEYOND if found.refused else OK)


@app.command()
@errors_as_messages
def check(
    model_file: ModelFile,
    data: DataFiles = [],  # noqa: B006
    solution: Annotated[
        str, typer.Option("--solution", help="A JSON file with a solution of your own: values by variable, or outputs.")
    ] = "",
    time_limit: TimeLimit = 60.0,
    as_json: AsJson = False,
) -> None:
    """Check a model document: names, types, units, templates, sources of numbers; with --data also the data.

    With --solution: what that solution violates, by how much and in which sentence, and what it is worth.
    """
    import nl2opt
    from nl2opt import console

    model = model_of(model_file)
    findings = nl2opt.check(model)
    errors = [d for d in findings if d.severity == "error"]
    if not errors and solution:
        _check_solution(model, data, solution, time_limit, as_json)
    if not errors and data:
        from nl2opt.solvers.highs import numerics

        instance, notes = bound(model, data)
        findings = (*findings, *notes, *numerics(instance))
    if as_json:
        status = "error" if errors else "ok"
        show_json(json_object(status, diagnostics=[d.as_json() for d in findings]))
    else:
        console.model(model)
        console.diagnostics(findings)
        console.line("no errors" if not errors else f"{len(errors)} error{'s' * (len(errors) > 1)}")
    raise typer.Exit(FOUND if errors else OK)


def _check_solution(model: Any, data: list[Path], solution: str, time_limit: float, as_json: bool) -> None:
    """The end of `check --solution`: the solution judged, and the exit code."""
    from nl2opt import console
    from nl2opt.check.solution import check_solution, with_best

    instance, _ = bound(model, data)
    report = with_best(check_solution(instance, json_of(solution), time_limit), instance, time_limit)
    if as_json:
        status = {True: "ok", False: "violated", None: "undecided"}[report.holds]
        show_json(json_object(status, objective=report.objective, best=report.best, reason=report.reason,
                              faults=[f.as_json() for f in report.faults], chosen=list(report.chosen)))  # fmt: skip
    else:
        console.solution(report)
    raise typer.Exit({True: OK, False: FOUND, None: LIMIT}[report.holds])


@app.command()
@errors_as_messages
def compare(
    reference: Annotated[str, typer.Argument(help="A model (.yaml, .json, .lp, .mps) that is known to be right.")],
    candidate: Annotated[str, typer.Argument(help="The model to be judged.")],
    data: DataFiles = [],  # noqa: B006
    candidate_data: Annotated[
        list[Path], typer.Option("--candidate-data", help="The candidate's own data; else it shares the reference's.")
    ] = [],  # noqa: B006
    prove: Annotated[bool, typer.Option(help="Prove by solving where forms and new data do not decide.")] = True,
    affine: Annotated[bool, typer.Option(help="Objectives may differ by a positive factor and a constant.")] = False,
    seconds: Annotated[float, typer.Option(help="Budget of the judgement.", min=0.1)] = 10.0,
    seed: Annotated[int, typer.Option(help="Seed of the new data.", min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """Are two models equivalent? Says in which scope, shown by which method; else what tells them apart.

    Exit code 0: equivalent; 1: different; 8: they agree, or undecided, without a proof.
    """
    from nl2opt import console
    from nl2opt.check.judge import judge
    from nl2opt.check.static import check_model as check_static
    from nl2opt.errors import DocumentError
    from nl2opt.ir.datafiles import read_data

    a, b = model_of(reference), model_of(candidate)
    if errors := [d for m in (a, b) for d in check_static(m) if d.severity == "error"]:
        raise DocumentError(errors)
    values = read_data(data, a).values if data else None
    own = read_data(candidate_data, b).values if candidate_data else None
    verdict = judge(a, b, values, candidate_data=own, prove=prove, affine=affine, seconds=seconds, seed=seed)
    if as_json:
        show_json(verdict.as_json())
    else:
        console.verdict(verdict)
    raise typer.Exit({"equivalent": OK, "different": FOUND}.get(verdict.outcome, LIMIT))


@app.command("import")
@errors_as_messages
def import_file(
    file: Annotated[Path, typer.Argument(help="An LP or MPS file (.lp, .mps, also .gz).")],
    output: Output = "-",
) -> None:
    """Turn an LP or MPS file into a model document."""
    from nl2opt.importers import import_model
    from nl2opt.ir.document.printer import print_json, print_yaml

    if not file.exists():
        fail(f"{file}: no such file")
    model = import_model(file)
    as_text = print_json(model) + "\n" if output.endswith(".json") else print_yaml(model)
    if output == "-":
        sys.stdout.write(as_text)
    else:
        write_file(output, as_text)


@app.command()
@errors_as_messages
def emit(
    model_file: ModelFile,
    to: Annotated[str, typer.Option("--to", help="A target: `nl2opt targets` lists them.")],
    data: DataFiles = [],  # noqa: B006
    output: Output = "-",
) -> None:
    """Write the model as a readable program of another system, its data apart."""
    import nl2opt
    from nl2opt import console
    from nl2opt.emitters import targets

    if to not in targets():
        fail(f"no target {to!r}: one of {', '.join(targets())}")
    model = model_of(model_file)
    errors = [d for d in nl2opt.check(model) if d.severity == "error"]
    if errors:
        raise nl2opt.DocumentError(errors)
    instance, notes = bound(model, data)
    console.diagnostics(notes)
    program = nl2opt.emit(instance, to)
    if output == "-":
        sys.stdout.write(program.whole)
        return
    runner = targets()[to].RUNNER
    if runner and Path(output).stem in runner.packages:
        fail(f"a program called {Path(output).name} would import itself instead of {to}: give it another name")
    write_file(output, program.source)
    for name, text in program.files.items():
        write_file(str(Path(output).with_suffix(Path(name).suffix)), text)
