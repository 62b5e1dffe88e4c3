"""Verbs that work through many problems: synth, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nl2opt.cli.shared import app, errors_as_messages, fail, synth


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
