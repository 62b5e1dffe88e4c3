"""Folder of our own problems -> its files of questions, `dev.jsonl` and `test.jsonl`; what fails of wrong models.

    python -m nl2opt.bench.own_set FOLDER        writes both files anew

Beside what `nl2opt.bench.documents` says, a problem's folder holds

    card.json       {kind, difficulty, form, domain, apart, wrong}: `kind` as `nl2opt check` tells it, `apart` where a
                    program of its own, without nl2opt, found the same optimum; `wrong`: file stem -> {mistake, gives},
                    what the wrong model gives on each instance
    wrong_*.yaml    the document with a mistake that people make; on one instance or more it gives something else

The instance that the text tells is `model`, or `data_1` where there are data files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from nl2opt.bench.documents import Folder, folders
from nl2opt.check.model import check_model
from nl2opt.explain.answer import AGREEMENT
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.solvers.auto import choose
from nl2opt.solvers.cpsat_solutions import solutions
from nl2opt.solvers.result import SolveOptions
from nl2opt.solvers.routes import ROUTES

SPLITS: Final = ("dev", "test")
DEV: Final = 2
"""Of five problems, by the hash of their names, are for development."""


def split_of(name: str) -> str:
    """Name of a problem -> `dev` or `test`, for good."""
    return SPLITS[int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 5 >= DEV]


def told_instance(folder: Folder) -> str:
    """The name of the instance that the text tells."""
    return "data_1" if (folder.path / "data_1.json").exists() else "model"


def question_of(folder: Folder) -> dict[str, Any]:
    """Folder -> its row: the question with its answer as `nl2opt bench` reads it, and what kind of question it is.

    ``answer`` is the optimum, `infeasible`, or null where any solution will do; ``answers`` how many there are."""
    card = folder.held("card.json", {})
    name = told_instance(folder)
    expected = folder.held("expected.json", {})[name]
    answer = expected["optimum"] if expected["status"] == "optimal" else expected["status"]
    row = {"id": folder.name, "question": folder.model.text, "answer": answer}
    row |= {key: card[key] for key in ("kind", "difficulty", "form", "domain")}
    if "answers" in expected:
        row["answers"] = expected["answers"]
    return row | {"instances": len(folder.instances), "wrong": len(card["wrong"])}


def rows_of(path: Path) -> dict[str, list[str]]:
    """Folder of problems -> the lines of each split's file."""
    lines: dict[str, list[str]] = {split: [] for split in SPLITS}
    for folder in folders(path):
        lines[split_of(folder.name)].append(json.dumps(question_of(folder), ensure_ascii=False))
    return lines


def wrong_problems(folder: Folder, time_limit: float = 20.0) -> Iterator[str]:
    """What fails of the wrong models: none there, one that is in error, gives another result than its card tells, or
    the same as the right one everywhere."""
    told = folder.held("card.json", {})["wrong"]
    files = sorted(folder.path.glob("wrong_*.yaml"))
    if not files or [f.stem for f in files] != sorted(told):
        yield f"wrong models are {[f.stem for f in files]}, the card tells {sorted(told)}"
        return
    expected = folder.held("expected.json", {})
    for file in files:
        model = replace(read_document(file), text=folder.model.text)
        yield from (f"{file.stem}: {d.code} {d.message}" for d in check_model(model) if d.severity == "error")
        gives = told[file.stem]["gives"]
        if all(_same(gives[name], expected[name]) for name in folder.instances):
            yield f"{file.stem} differs on no instance"
        for name in folder.instances:
            found = outcome(bind(model, folder.held(f"{name}.json", {})), time_limit)
            if not _same(found, gives[name]):
                yield f"{file.stem}: {name} gives {found}, {gives[name]} is told"


def outcome(instance: Instance, time_limit: float) -> dict[str, Any]:
    """Instance -> status, optimum, and the number of answers where the document asks for all of them."""
    options = SolveOptions(time_limit=time_limit)
    result = ROUTES[choose(instance)[0]](instance, options)
    found: dict[str, Any] = {"status": result.termination.value, "optimum": result.objective}
    if result.termination.value == "optimal" and instance.model.answer.find != "best":
        answers = solutions(instance, options, limit=instance.model.answer.limit)
        found["answers"] = answers.count if answers.complete else None  # None: not all of them in this time
    return found


def _same(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    if a["status"] != b["status"] or a.get("answers") != b.get("answers"):
        return False
    one, other = a["optimum"], b["optimum"]
    if one is None or other is None:
        return one is other
    return bool(abs(one - other) <= AGREEMENT * (1 + abs(other)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry: write both files."""
    parser = argparse.ArgumentParser(prog="python -m nl2opt.bench.own_set", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    path = parser.parse_args(arguments).folder
    for split, lines in rows_of(path).items():
        (path / f"{split}.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        print(f"{split}.jsonl: {len(lines)} questions")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
