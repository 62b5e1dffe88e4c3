"""Verbs of measuring: bench tasks, fetch, run, report, compare, merge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nl2opt.cli.shared import AsJson, BaseUrl, ModelName, bench, errors_as_messages, fail, show_json

Labels = Annotated[
    list[str], typer.Option("--labels", help="NAME=FILE: another version of the answers; may be repeated.")
]
Out = Annotated[Path, typer.Option("--out", help="Folder of the run; the same command goes on where it stopped.")]
Folder = Annotated[Path, typer.Argument(help="The folder of a run.", exists=True, file_okay=False)]


@bench.command("tasks")
@errors_as_messages
def bench_tasks(
    name: Annotated[str, typer.Argument(help="A task; without, all of them.")] = "",
    as_json: AsJson = False,
) -> None:
    """The benchmarks there are; with a name, its whole card."""
    from nl2opt.bench.task import card, task_of, tasks
    from nl2opt.cli import benchmark_tables

    cards = [card(n, task_of(n)) for n in ([name] if name else tasks())]
    if as_json:
        show_json({"tasks": cards})
    elif name:
        benchmark_tables.card(cards[0])
    else:
        benchmark_tables.cards(cards)


@bench.command("fetch")
@errors_as_messages
def bench_fetch(
    name: Annotated[str, typer.Argument(help="A task of `nl2opt bench tasks`.")],
    again: Annotated[bool, typer.Option(help="Fetch what is here already, too.")] = False,
) -> None:
    """Fetch a benchmark from where its authors publish it, pinned and checked."""
    from nl2opt import console
    from nl2opt.bench.fetch import fetch
    from nl2opt.bench.task import task_of

    console.line(f"licence: {task_of(name).licence}")
    for file in fetch(name, again):
        told = "was here" if file.known else "fetched"
        console.line(f"{file.version}: {told}, {file.path}  sha256 {file.sha256}")


@bench.command("run")
@errors_as_messages
def bench_run(
    out: Out,
    task: Annotated[str, typer.Argument(help="A task of `nl2opt bench tasks`, or none with --file.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="JSONL or JSON, a question a row.", exists=True, dir_okay=False)
    ] = None,
    form: Annotated[str, typer.Option(help="qa, nl4opt, cpbench or folders; a task knows its own.")] = "",
    labels: Labels = [],  # noqa: B006  (typer reads the default, nobody changes it)
    translator: Annotated[
        str, typer.Option(help="embedded, llm, pyomo_code, cpmpy_code, published or reference.")
    ] = "embedded",
    model_name: ModelName = "",
    base_url: BaseUrl = "",
    samples: Annotated[int, typer.Option(help="Answers to each question.", min=1, max=1000)] = 1,
    temperature: Annotated[float, typer.Option(help="Of a language model.", min=0)] = 0.0,
    predictions: Annotated[
        Path | None, typer.Option(help="published: the file of answers.", exists=True, dir_okay=False)
    ] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds for each solve or program; 0 = no limit.", min=0)] = 60.0,
    jobs: Annotated[int, typer.Option(help="Questions at work at once.", min=1, max=256)] = 2,
    executor: Annotated[str, typer.Option(help="processes (where pebble is installed), threads or ray.")] = "",
    shard: Annotated[str, typer.Option(help="I/N: only the I-th of N parts; see `bench merge`.")] = "1/1",
    limit: Annotated[int, typer.Option(help="Only the first so many questions; 0 = all.", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.", min=0)] = 0,
    price_in: Annotated[float, typer.Option(help="Money a million tokens asked.", min=0)] = 0.0,
    price_out: Annotated[float, typer.Option(help="Money a million tokens answered.", min=0)] = 0.0,
    unconfined: Annotated[bool, typer.Option(help="Run written programs with your files and network.")] = False,
    fresh: Annotated[bool, typer.Option(help="Ask again what a language model was asked before.")] = False,
    as_json: AsJson = False,
) -> None:
    """Answer, solve and grade every question of a task or a file; concurrent, logged, resumable."""
    from nl2opt import console
    from nl2opt.bench import run as runs
    from nl2opt.bench.executors import usual
    from nl2opt.bench.items import Item
    from nl2opt.bench.manifest import Settings, digest, digest_of
    from nl2opt.bench.respondents import Asking
    from nl2opt.bench.task import load
    from nl2opt.cli import benchmark_tables

    if translator in ("llm", "pyomo_code", "cpmpy_code") and not model_name:
        fail(f"--translator {translator} needs --model")
    questions = load(task, file, form, [_named(text) for text in labels])
    for told in questions.unused:
        console.line(f"not used: {told}", style="yellow")
    asking = Asking(
        translator, model_name, base_url, temperature, time_limit, price_in, price_out, unconfined,
        str(predictions or ""), not fresh,
    )  # fmt: skip
    items: tuple[Item, ...] = questions.items
    settings = Settings(
        task or (file.name if file else ""), items[0].form, {v: digest(p) for v, p in questions.files.items()},
        digest_of([item.as_json() for item in items]), asking, samples, seed, _shard(shard), limit,
    )  # fmt: skip
    with console.progress(len(runs.chosen(items, settings)) * samples, "answering", "answered") as step:
        found = runs.run(
            items,
            settings,
            out,
            jobs,
            executor or usual(),
            lambda row: step({"answered": row["outcome"] == "answered"}),
        )
    show_json(found) if as_json else benchmark_tables.summary(found, out)


def _named(text: str) -> tuple[str, Path]:
    name, _, path = text.partition("=")
    if not name or not path:
        fail(f"--labels takes NAME=FILE, not {text!r}")
    if not Path(path).is_file():
        fail(f"{path}: no such file")
    return name, Path(path)


def _shard(text: str) -> tuple[int, int]:
    first, _, count = text.partition("/")
    if not (first.isdigit() and count.isdigit() and 1 <= int(first) <= int(count)):
        fail(f"--shard takes I/N with 1 <= I <= N, not {text!r}")
    return int(first), int(count)


@bench.command("merge")
@errors_as_messages
def bench_merge(
    shards: Annotated[list[Path], typer.Argument(help="The folders of all shards of one run.", exists=True)],
    out: Out,
) -> None:
    """Put the shards of one run together, as if it had been run at once."""
    from nl2opt.bench.run import merge
    from nl2opt.cli import benchmark_tables

    benchmark_tables.summary(merge(shards, out), out)


@bench.command("report")
@errors_as_messages
def bench_report(
    folder: Folder,
    labels: Annotated[str, typer.Option(help="The version of the labels that counts.")] = "published",
    as_json: AsJson = False,
) -> None:
    """Write report.md and report.html of a run, finished or not, beside its files."""
    from nl2opt import console
    from nl2opt.bench.report import write_report
    from nl2opt.bench.run import derive

    found = derive(folder)
    if as_json:
        show_json(found)
        return
    if labels not in found["labels"]:
        fail(f"no labels {labels!r} in this run: one of {', '.join(found['labels'])}")
    for path in write_report(folder, labels):
        console.line(str(path))


@bench.command("compare")
@errors_as_messages
def bench_compare(
    first: Folder,
    second: Folder,
    labels: Annotated[str, typer.Option(help="The version of the labels that counts.")] = "published",
    as_json: AsJson = False,
) -> None:
    """Two runs on the same items, paired: who is right where the other is not, and whether that is chance."""
    from nl2opt.bench.comparison import compare
    from nl2opt.cli import benchmark_tables

    found = compare(first, second, labels)
    if as_json:
        show_json(found)
    else:
        benchmark_tables.comparison(found, first.name, second.name)
