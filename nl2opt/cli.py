"""The command line: thin verbs over `import nl2opt`. What is printed for people is drawn by `console`.

Exit codes: 0 done · 1 checks found errors in a valid call · 2 wrong usage · 3 the document is not a valid model ·
4 the data do not fit · 5 the text is beyond the translator · 6 infeasible · 7 unbounded · 8 stopped by a limit
without a proof · 9 no solver or program could do it, or the answer failed its checks · 130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar

import typer

app = typer.Typer(
    help="Decision problems in plain language to checked, readable optimization models.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
bench = typer.Typer(help="Measure a translator on questions with answers.", no_args_is_help=True)
app.add_typer(bench, name="bench")
synth = typer.Typer(help="Make problems told in words with their models and optima.", no_args_is_help=True)
app.add_typer(synth, name="synth")
P = ParamSpec("P")
R = TypeVar("R")

OK, FOUND, USAGE, DOCUMENT, DATA, BEYOND, INFEASIBLE, UNBOUNDED, LIMIT, FAILED, INTERRUPTED = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    130,
)
EXIT_OF_STATUS = {
    "optimal": OK, "solution_limit": OK, "infeasible": INFEASIBLE, "unbounded": UNBOUNDED,
    "infeasible_or_unbounded": UNBOUNDED, "time_limit": LIMIT, "interrupted": INTERRUPTED,
    "numerically_unreliable": FAILED,
}  # fmt: skip

Source = Annotated[str, typer.Argument(help="A text file, a model (.yaml, .json, .lp, .mps), or - for standard input.")]
Text = Annotated[str, typer.Option("--text", help="The problem itself, instead of a file.")]
DataFiles = Annotated[list[Path], typer.Option("--data", help="JSON, CSV or XLSX file; may be repeated.")]
Solver = Annotated[
    str, typer.Option(help="auto, highs, cpsat, scip, scip_nlp, pyomo, cpmpy or ortools; pyomo:gurobi and the like.")
]
TimeLimit = Annotated[float, typer.Option(help="Seconds for each solve; 0 = no limit.", min=0)]
Translator = Annotated[str, typer.Option(help="embedded (offline), or llm: a language model.")]
ModelName = Annotated[str, typer.Option("--model", help="llm: name of the model.")]
BaseUrl = Annotated[
    str, typer.Option("--base-url", help="llm: an OpenAI-compatible server, such as http://localhost:8000/v1.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Output = Annotated[str, typer.Option("-o", "--output", help="File to write; - for standard output.")]
ModelFile = Annotated[str, typer.Argument(help="A model (.yaml, .json, .lp, .mps), or - for standard input.")]


def _errors_as_messages(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose expected errors are printed, not raised, and become exit codes."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        from nl2opt import errors

        codes: list[tuple[type[errors.Nl2optError], int]] = [
            (errors.DataError, DATA), (errors.EvaluationError, DATA), (errors.DocumentError, DOCUMENT),
            (errors.LimitExceeded, DATA), (errors.TextRefused, BEYOND), (errors.Nl2optError, FAILED),
        ]  # fmt: skip
        try:
            return command(*args, **kwargs)
        except errors.Nl2optError as e:
            if kwargs.get("as_json"):
                status = "refused" if isinstance(e, errors.TextRefused) else "error"
                _print_json(_object(status, diagnostics=e.as_json()))
            else:
                from nl2opt import console

                console.diagnostics(e.diagnostics)
            raise typer.Exit(next(code for kind, code in codes if isinstance(e, kind))) from None
        except KeyboardInterrupt:
            if kwargs.get("as_json"):
                _print_json(_object("interrupted"))
            typer.echo("interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None
        finally:
            _so_far.clear()

    return run


_so_far: dict[str, Any] = {}
"""What `--json` says of a command that ends before its answer: the model that was read, what was found in it."""


def _remember(model: Any, formulation: Any, findings: Any) -> None:
    from nl2opt.explain.document import plain
    from nl2opt.ir.document.printer import to_document

    doubts = formulation.doubts if formulation else ()
    told = [d.as_json() for d in (*doubts, *findings) if d.severity != "error"]
    _so_far.update(model=plain(to_document(model)), assumptions=list(model.assumptions), diagnostics=told)


def _object(status: str, **fields: Any) -> dict[str, Any]:
    """The fields of `explain.document.answer_object`, empty but for what is known."""
    empty: dict[str, Any] = {
        "status": status, "objective": None, "bound": None, "gap": None, "solution": None, "outputs": None,
        "model": None, "evidence": [], "assumptions": [], "diagnostics": [], "conflict": [], "answers": None,
        "count": None, "solver": None, "raw_status": None, "vector": "none", "seconds": None, "notes": [],
    }  # fmt: skip
    told = [*_so_far.get("diagnostics", ()), *fields.get("diagnostics", ())]
    return {**empty, **_so_far, **fields, "diagnostics": told}


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True, indent=2) + "\n")


def _fail(message: str, code: int = USAGE) -> NoReturn:
    typer.echo(f"nl2opt: {message}", err=True)
    raise typer.Exit(code)


def _content(source: str, text: str) -> tuple[str, str]:
    """Arguments -> (content, its file name, '' where it came from the command line)."""
    if bool(source) == bool(text):
        _fail("give a file, - for standard input, or --text")
    if text:
        return text, ""
    try:
        raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        return raw.decode("utf-8-sig"), "" if source == "-" else Path(source).name
    except OSError as e:
        _fail(f"{source}: {e.strerror}")
    except UnicodeDecodeError as e:
        _fail(f"{source}: not a text file in UTF-8 (byte {e.start})")


def _formulate(content: str, translator: str, model: str, base_url: str) -> Any:
    """Text -> Formulation by the translator asked for."""
    import nl2opt
    from nl2opt.formulate.translators import TRANSLATORS

    if translator not in TRANSLATORS:
        _fail(f"no translator {translator!r}: one of {', '.join(TRANSLATORS)}")
    if translator == "llm" and not model:
        _fail("--translator llm needs --model")
    return nl2opt.formulate(content, translator, model, base_url)


def _is_document(content: str, name: str) -> bool:
    if name.lower().endswith((".yaml", ".yml", ".json")):
        return True
    head = content.lstrip()[:400]
    return head.startswith("{") or any(line.startswith("nl2opt:") for line in head.splitlines())


def _model(source: str) -> Any:
    """A model document, or an LP or MPS file -> Model."""
    import nl2opt
    from nl2opt.importers import is_importable

    if is_importable(source) and Path(source).exists():
        return nl2opt.read(Path(source))
    content, _ = _content(source, "")
    return nl2opt.read(content)


def _bound(model: Any, data: list[Path]) -> tuple[Any, tuple[Any, ...]]:
    """Model and data files -> instance, and what was noted while reading the files."""
    import nl2opt

    if not data:
        return nl2opt.bind(model), ()
    from nl2opt.ir.datafiles import read_data

    found = read_data(data, model)
    return nl2opt.bind(model, found.values), tuple(found.notes)


@app.command()
@_errors_as_messages
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
    from nl2opt.explain.answer import route_names, route_of
    from nl2opt.explain.numbers import in_numbers
    from nl2opt.importers import is_importable

    if solver != "auto" and route_of(solver) is None:
        _fail(f"no solver {solver!r}: one of auto, {', '.join(route_names())}")
    formulation = None
    if is_importable(source) and not text:
        model = _model(source)
    else:
        content, name = _content(source, text)
        formulation = None if _is_document(content, name) else _formulate(content, translator, model_name, base_url)
        model = formulation.require_model() if formulation else nl2opt.read(content)
    findings = nl2opt.check(model)
    if as_json:
        _remember(model, formulation, findings)
    errors = [d for d in findings if d.severity == "error"]
    if errors:
        raise nl2opt.DocumentError(errors)
    instance, notes = _bound(model, data)
    findings = (*findings, *notes)
    answer = nl2opt.solve(instance, solver=solver, time_limit=time_limit or None)
    if as_json:
        from nl2opt.explain.document import answer_object

        _print_json(answer_object(answer, formulation, findings))
    else:
        if formulation:
            console.formulation(formulation)
        console.model(model, in_numbers(instance))
        console.diagnostics(findings)
        console.explanation(nl2opt.explain(answer))
    raise typer.Exit(EXIT_OF_STATUS[answer.result.termination.value] if answer.trusted else FAILED)


@app.command()
@_errors_as_messages
def formulate(
    source: Source = "",
    text: Text = "",
    output: Output = "-",
    translator: Translator = "embedded",
    model_name: ModelName = "",
    base_url: BaseUrl = "",
    as_json: AsJson = False,
) -> None:
    """Turn a problem told in words into a model document."""
    from nl2opt import console
    from nl2opt.ir.document.printer import print_json, print_yaml

    content, _ = _content(source, text)
    formulation = _formulate(content, translator, model_name, base_url)
    model = formulation.require_model()
    as_text = print_json(model) + "\n" if as_json or output.endswith(".json") else print_yaml(model)
    if output == "-":
        sys.stdout.write(as_text)
    else:
        _write(output, as_text)
        console.formulation(formulation)
        console.model(model)


def _write(output: str, text: str) -> None:
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as e:
        _fail(f"{output}: {e.strerror}")


@app.command()
@_errors_as_messages
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

    found = run(_model(model_file), request)
    if as_json:
        _print_json({"edits": [str(e) for e in found.edits], "difference": found.difference,
                     "model": json.loads(print_json(found.after)),
                     "refused": [d.as_json() for d in found.refused]})  # fmt: skip
    else:
        console.refinement([str(e) for e in found.edits], found.difference, found.refused)
    if output and found.edits:
        _write(output, print_json(found.after) + "\n" if output.endswith(".json") else print_yaml(found.after))
    raise typer.Exit(BEYOND if found.refused else OK)


@app.command()
@_errors_as_messages
def check(model_file: ModelFile, data: DataFiles = [], as_json: AsJson = False) -> None:  # noqa: B006
    """Check a model document: names, types, units, templates, sources of numbers; with --data also the data."""
    import nl2opt
    from nl2opt import console

    model = _model(model_file)
    findings = nl2opt.check(model)
    errors = [d for d in findings if d.severity == "error"]
    if not errors and data:
        from nl2opt.solvers.highs import numerics

        instance, notes = _bound(model, data)
        findings = (*findings, *notes, *numerics(instance))
    if as_json:
        status = "error" if errors else "ok"
        _print_json(_object(status, diagnostics=[d.as_json() for d in findings]))
    else:
        console.model(model)
        console.diagnostics(findings)
        console.line("no errors" if not errors else f"{len(errors)} error{'s' * (len(errors) > 1)}")
    raise typer.Exit(FOUND if errors else OK)


@app.command("import")
@_errors_as_messages
def import_file(
    file: Annotated[Path, typer.Argument(help="An LP or MPS file (.lp, .mps, also .gz).")],
    output: Output = "-",
) -> None:
    """Turn an LP or MPS file into a model document."""
    from nl2opt.importers import import_model
    from nl2opt.ir.document.printer import print_json, print_yaml

    if not file.exists():
        _fail(f"{file}: no such file")
    model = import_model(file)
    as_text = print_json(model) + "\n" if output.endswith(".json") else print_yaml(model)
    if output == "-":
        sys.stdout.write(as_text)
    else:
        _write(output, as_text)


@app.command()
@_errors_as_messages
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
        _fail(f"no target {to!r}: one of {', '.join(targets())}")
    model = _model(model_file)
    errors = [d for d in nl2opt.check(model) if d.severity == "error"]
    if errors:
        raise nl2opt.DocumentError(errors)
    instance, notes = _bound(model, data)
    console.diagnostics(notes)
    program = nl2opt.emit(instance, to)
    if output == "-":
        sys.stdout.write(program.whole)
        return
    runner = targets()[to].RUNNER
    if runner and Path(output).stem in runner.packages:
        _fail(f"a program called {Path(output).name} would import itself instead of {to}: give it another name")
    _write(output, program.source)
    for name, text in program.files.items():
        _write(str(Path(output).with_suffix(Path(name).suffix)), text)


@app.command()
@_errors_as_messages
def passes(
    model_file: Annotated[str, typer.Argument(help="A model; none: list the passes.")] = "",
    run: Annotated[str, typer.Option(help="Names of passes, with commas between; none: all, in their order.")] = "",
    show_between: Annotated[bool, typer.Option("--show-between", help="Show what each pass changes.")] = False,
) -> None:
    """Show how a model is rewritten into a linear one, pass by pass, or list the passes and their theorems."""
    from nl2opt import console
    from nl2opt.passes.shown import shown
    from nl2opt.passes.steps import PASSES, steps, theorem

    if not model_file:
        console.passes({name: theorem(name) for name in PASSES})
        return
    model = _model(model_file)
    last = model
    for step in steps(model, [name.strip() for name in run.split(",") if name.strip()]):
        if show_between:
            console.step(step.name, step.changes)
        last = step.after
    if not show_between:
        typer.echo(shown(last))


@app.command()
@_errors_as_messages
def targets(
    target: Annotated[
        str, typer.Argument(help="A target or solver: each construct with the reason it is refused.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Print what each target and solver can say: construct by context, computed by trying it."""
    from nl2opt import console
    from nl2opt.support import CONTEXTS, routes, support

    if target and target not in routes():
        _fail(f"no target {target!r}: one of {', '.join(routes())}")
    shown = [target] if target else list(routes())
    tables = {name: support(name) for name in shown}
    if as_json:
        rows = [
            {"target": name, "node": node, "context": context, "reason": reason}
            for name, table in tables.items()
            for (node, context), reason in table.items()
        ]
        sys.stdout.write(json.dumps(rows, ensure_ascii=True, indent=1) + "\n")
    elif target:
        console.support_of(target, tables[target], CONTEXTS)
    else:
        console.support(tables)


@app.command()
def templates(as_json: AsJson = False) -> None:
    """List the constraint templates: how each is written and how it is said."""
    from nl2opt import console
    from nl2opt.templates import load_templates

    found = load_templates()
    if as_json:
        from dataclasses import asdict

        sys.stdout.write(json.dumps([asdict(t) for t in found.values()], ensure_ascii=True, indent=2) + "\n")
    else:
        console.templates(list(found.values()))


@bench.command("run")
@_errors_as_messages
def bench_run(
    file: Annotated[Path, typer.Option(help="JSONL, a question and its answer a line.", exists=True, dir_okay=False)],
    out: Annotated[Path, typer.Option(help="Folder of the run; the same command goes on where it stopped.")],
    translator: Translator = "embedded",
    model_name: ModelName = "",
    base_url: BaseUrl = "",
    time_limit: TimeLimit = 60.0,
    jobs: Annotated[int, typer.Option(help="Questions at work at once.", min=1, max=64)] = 1,
    as_json: AsJson = False,
) -> None:
    """Translate, solve and grade every question of a file; resumable."""
    from nl2opt import console
    from nl2opt.bench.questions import read_questions
    from nl2opt.bench.run import run, settings_of, summary

    questions = read_questions(file)
    settings = settings_of(file, translator, model_name, time_limit)
    with console.progress(len(questions)) as step:
        rows = run(
            questions, lambda text: _formulate(text, translator, model_name, base_url), settings, out, jobs, step
        )
    wanted = {q.id for q in questions}
    found = summary(r for r in rows if r["id"] in wanted)
    if as_json:
        _print_json(found.as_json())
    else:
        console.accuracy(found, out)


@synth.command("run")
@_errors_as_messages
def synth_run(
    family: Annotated[str, typer.Option(help="A problem family: a file of templates/problems.")],
    out: Annotated[Path, typer.Option("-o", "--output", help="JSONL to write; the same command goes on.")],
    count: Annotated[int, typer.Option(help="How many to make.", min=1)] = 100,
    seed: Annotated[int, typer.Option(help="The first seed; the same seeds give the same records.", min=0)] = 0,
) -> None:
    """Sample instances of a family, tell them in words, translate these back, and say which agree."""
    from nl2opt import console
    from nl2opt.synth.family import load_families
    from nl2opt.synth.run import run

    known = load_families()
    if family not in known:
        _fail(f"no family {family!r}: one of {', '.join(known)}")
    with console.progress(count, "making", "kept") as step:
        total, kept = run(known[family], count, seed, out, step)
    console.line(f"{total} records in {out}, {kept} of them kept: the text, translated back, has the same optimum")


@app.command()
@_errors_as_messages
def demo() -> None:
    """Run the whole flow offline on the problems that come with the package."""
    from nl2opt.demo import run

    raise typer.Exit(run())


def main() -> None:
    """The console script."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small arrays: more threads only wait for each other
    try:
        app()
    except BrokenPipeError:  # the reader of a pipe left: nothing to report, and nobody to report it to
        sys.stderr.close()


if __name__ == "__main__":
    main()
