"""Cards, summaries and comparisons of benchmarks -> tables on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from nl2opt.console import heading, line, out


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for k, title in enumerate(titles):
        table.add_column(title, justify="left" if k == 0 else "right", overflow="fold")
    return table


def _add(table: Table, *cells: object) -> None:
    table.add_row(*(Text(str(c)) for c in cells))


def percent(value: float | None) -> str:
    """A share -> per cent, or a dash.

    >>> percent(0.12345), percent(None)
    ('12.3 %', '-')
    """
    return "-" if value is None else f"{100 * value:.1f} %"


def cards(found: Sequence[Mapping[str, Any]]) -> None:
    """All tasks: name, size, form, licence, what is here."""
    table = Table(box=None, padding=(0, 2), header_style="bold")
    for title in ("task", "items", "form", "here", "measures"):
        table.add_column(title, justify="right" if title == "items" else "left", overflow="fold")
    for c in found:
        here = [v for v, f in c["files"].items() if f["here"]]
        told = "ships" if c["ships"] else ", ".join(here) or ("fetch" if c["files"] else "by hand")
        _add(table, c["name"], c["size"], c["form"], told, c["measures"])
    out.print(table)
    line("nl2opt bench tasks NAME shows a card: licence, where it is published, how it is graded", style="dim")


def card(c: Mapping[str, Any]) -> None:
    """One task, whole."""
    heading(f"{c['title']} ({c['name']})")
    for key in ("measures", "size", "form", "licence", "graded", "by_hand"):
        if c[key]:
            line(f"  {key.replace('_', ' '):9} {c[key]}")
    for version, f in c["files"].items():
        line(f"  labels {version!r}", style="bold")
        for key in ("url", "version", "confirmed", "sha256", "here"):
            line(f"    {key:9} {f[key]}")


def summary(found: Mapping[str, Any], folder: Path) -> None:
    """What came of a run, under every version of its labels."""
    table = _table("labels", "right", "accuracy", "95 % interval", "sure", "precision")
    for version, held in found["labels"].items():
        a, sure = held["accuracy"], held["sure"]
        interval = f"{percent(a['low'])} to {percent(a['high'])}"
        right = f"{a['sum']:g} of {held['graded']}"
        _add(table, version, right, percent(a["mean"]), interval, sure["answered"], percent(sure["precision"]))
    out.print(table)
    for version, held in found["labels"].items():
        told = [f"{name} {r['hits']} of {r['graded']}" for name, r in held["readings"].items()]
        if len(told) > 1:
            line(f"{version}, by reading: {'; '.join(told)}", style="dim")
        if found["samples"] > 1:
            rates = [f"pass@{k} {percent(v)}" for k, v in held["pass"].items()]
            rates += [f"vote@{k} {percent(v)}" for k, v in held["vote"].items()]
            line(f"{version}: {', '.join(rates)}")
        for rule, d in held["declarations"].items():
            wrong = f"matching none {d['false_positives']}, too few {d['false_negatives']}"
            right = f"{percent(d['accuracy'])} of {d['declared']} in {d['answers']} answers"
            line(f"{version}, declarations {rule}: {right} ({wrong})", style="dim")
        if held["failures"]:
            line(f"{version}, failures: {', '.join(f'{k} {n}' for k, n in held['failures'].items())}", style="dim")
    line("outcomes: " + ", ".join(f"{k} {n}" for k, n in found["outcomes"].items()))
    if found["calls"]:
        line(f"calls {found['calls']}, tokens {found['input_tokens']} in, {found['output_tokens']} out, "
             f"cost {found['cost']:g}")  # fmt: skip
    line(f"every item: {folder / 'answers.jsonl'}; nl2opt bench report {folder} writes a page", style="dim")


def comparison(found: Mapping[str, Any], first: str, second: str) -> None:
    """Two runs, paired."""
    p = found["paired"]
    line(f"{found['items']} items of both, labels {found['labels']!r}: {first} {percent(found['first'])}, "
         f"{second} {percent(found['second'])}, difference {100 * found['difference']:+.1f} points "
         f"(95 % interval {100 * found['low']:+.1f} to {100 * found['high']:+.1f})")  # fmt: skip
    line(f"right in both {p['both']}, only {first} {p['only_first']}, only {second} {p['only_second']}, "
         f"neither {p['neither']}; McNemar p = {p['p']:.4g}")  # fmt: skip
    for title, ids in ((f"only {first}", found["only_first"]), (f"only {second}", found["only_second"])):
        if ids:
            line(f"{title}: {', '.join(ids[:40])}{' ...' if len(ids) > 40 else ''}", style="dim")
