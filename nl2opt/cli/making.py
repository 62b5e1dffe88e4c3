"""Verbs that work through many problems: bench, synth, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nl2opt.cli.shared import (
    AsJson,
    BaseUrl,
    ModelName,
    TimeLimit,
    Translator,
    app,
    bench,
    errors_as_messages,
    fail,
    formulated,
    show_json,
    synth,
)


@bench.command("run")
@errors_as_messages
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
            questions, lambda text: formulated(text, translator, model_name, base_url), settings, out, jobs, step
        )
    wanted = {q.id for q in questions}
    found = summary(r for r in rows if r["id"] in wanted)
    if as_json:
        show_json(found.as_json())
    else:
        console.accuracy(found, out)


@synth.command("run")
@errors_as_messages
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
        fail(f"no family {family!r}: one of {', '.join(known)}")
    with console.progress(count, "making", "kept") as step:
        total, kept = run(known[family], count, seed, out, step)
    console.line(f"{total} records in {out}, {kept} of them kept: the text, translated back, has the same optimum")


@app.command()
@errors_as_messages
def demo() -> None:
    """Run the whole flow offline on the problems that come with the package."""
    from nl2opt.demo import run

    raise typer.Exit(run())
