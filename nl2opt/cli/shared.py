"""What the verbs share: their options, exit codes, reading and writing, errors as messages."""

from __future__ import annotations

import json
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


def errors_as_messages(command: Callable[P, R]) -> Callable[P, R]:
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
                show_json(json_object(status, diagnostics=e.as_json()))
            else:
                from nl2opt import console

                console.diagnostics(e.diagnostics)
            raise typer.Exit(next(code for kind, code in codes if isinstance(e, kind))) from None
        except KeyboardInterrupt:
            if kwargs.get("as_json"):
                show_json(json_object("interrupted"))
            typer.echo("interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None
        finally:
            _so_far.clear()

    return run


_so_far: dict[str, Any] = {}
"""What `--json` says of a command that ends before its answer: the model that was read, what was found in it."""


def remember(model: Any, formulation: Any, findings: Any) -> None:
    from nl2opt.explain.document import plain
    from nl2opt.ir.document.printer import to_document

    doubts = formulation.doubts if formulation else ()
    told = [d.as_json() for d in (*doubts, *findings) if d.severity != "error"]
    _so_far.update(model=plain(to_document(model)), assumptions=list(model.assumptions), diagnostics=told)


def json_object(status: str, **fields: Any) -> dict[str, Any]:
    """The fields of `explain.document.answer_object`, empty but for what is known."""
    empty: dict[str, Any] = {
        "status": status, "objective": None, "bound": None, "gap": None, "solution": None, "outputs": None,
        "model": None, "evidence": [], "assumptions": [], "diagnostics": [], "conflict": [], "answers": None,
        "count": None, "solver": None, "raw_status": None, "vector": "none", "seconds": None, "notes": [],
    }  # fmt: skip
    told = [*_so_far.get("diagnostics", ()), *fields.get("diagnostics", ())]
    return {**empty, **_so_far, **fields, "diagnostics": told}


def show_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True, indent=2) + "\n")


def fail(message: str, code: int = USAGE) -> NoReturn:
    typer.echo(f"nl2opt: {message}", err=True)
    raise typer.Exit(code)


def content_of(source: str, text: str) -> tuple[str, str]:
    """Arguments -> (content, its file name, '' where it came from the command line)."""
    if bool(source) == bool(text):
        fail("give a file, - for standard input, or --text")
    if text:
        return text, ""
    try:
        raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        return raw.decode("utf-8-sig"), "" if source == "-" else Path(source).name
    except OSError as e:
        fail(f"{source}: {e.strerror}")
    except UnicodeDecodeError as e:
        fail(f"{source}: not a text file in UTF-8 (byte {e.start})")


def formulated(content: str, translator: str, model: str, base_url: str) -> Any:
    """Text -> Formulation by the translator asked for."""
    import nl2opt
    from nl2opt.formulate.translators import TRANSLATORS

    if translator not in TRANSLATORS:
        fail(f"no translator {translator!r}: one of {', '.join(TRANSLATORS)}")
    if translator == "llm" and not model:
        fail("--translator llm needs --model")
    return nl2opt.formulate(content, translator, model, base_url)


def is_document(content: str, name: str) -> bool:
    if name.lower().endswith((".yaml", ".yml", ".json")):
        return True
    head = content.lstrip()[:400]
    return head.startswith("{") or any(line.startswith("nl2opt:") for line in head.splitlines())


def model_of(source: str) -> Any:
    """A model document, or an LP or MPS file -> Model."""
    import nl2opt
    from nl2opt.importers import is_importable

    if is_importable(source) and Path(source).exists():
        return nl2opt.read(Path(source))
    content, _ = content_of(source, "")
    return nl2opt.read(content)


def bound(model: Any, data: list[Path]) -> tuple[Any, tuple[Any, ...]]:
    """Model and data files -> instance, and what was noted while reading the files."""
    import nl2opt

    if not data:
        return nl2opt.bind(model), ()
    from nl2opt.ir.datafiles import read_data

    found = read_data(data, model)
    return nl2opt.bind(model, found.values), tuple(found.notes)


def json_of(source: str) -> Any:
    """A JSON file, or - for standard input -> its value. Ends with a message where it is none."""
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        fail(f"{source}: {e.strerror if isinstance(e, OSError) else 'not a text file'}")
    try:
        return json.loads(text)
    except ValueError as e:
        fail(f"{source}: not JSON: {e}")


def write_file(output: str, text: str) -> None:
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as e:
        fail(f"{output}: {e.strerror}")
