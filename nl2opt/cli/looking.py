"""Verbs that show what there is: passes, targets, templates."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from nl2opt.cli.shared import AsJson, app, errors_as_messages, fail, model_of


@app.command()
@errors_as_messages
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
    model = model_of(model_file)
    last = model
    for step in steps(model, [name.strip() for name in run.split(",") if name.strip()]):
        if show_between:
            console.step(step.name, step.changes)
        last = step.after
    if not show_between:
        typer.echo(shown(last))


@app.command()
@errors_as_messages
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
        fail(f"no target {target!r}: one of {', '.join(routes())}")
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
@errors_as_messages
def classify(
    sentence: Annotated[str, typer.Argument(help="One sentence: a rule or a goal.")],
    top: Annotated[int, typer.Option(help="How many templates to show.", min=1)] = 5,
    as_json: AsJson = False,
) -> None:
    """Say which templates a sentence seems to be an instance of, and the words that spoke for each."""
    from nl2opt import console
    from nl2opt.formulate.classify import classify as ranked

    found = ranked(sentence, top)
    if not found:
        fail("the sentence holds no words")
    if as_json:
        rows = [{"template": r.template, "score": round(r.score, 4), "why": r.why} for r in found]
        sys.stdout.write(json.dumps(rows, ensure_ascii=True, indent=1) + "\n")
    else:
        console.ranked(found)


@app.command()
def templates(as_json: AsJson = False) -> None:
    """List the templates of constraints and objectives: how each is written and how it is said."""
    from nl2opt import console
    from nl2opt.templates import load_objectives, load_templates

    found = {**load_templates(), **load_objectives()}
    if as_json:
        from dataclasses import asdict

        sys.stdout.write(json.dumps([asdict(t) for t in found.values()], ensure_ascii=True, indent=2) + "\n")
    else:
        console.templates(list(found.values()))
