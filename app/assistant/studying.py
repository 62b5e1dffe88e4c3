"""Text or document, data and changed numbers -> Study: everything the page shows of a model."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import nl2opt
from assistant.task import Edits, EditTask, File, Line, ModelTask, Study
from nl2opt.errors import DataError, Diagnostic, DocumentError
from nl2opt.explain.mathematics import constraint_line, expression_line, math, objective_line, variable_line
from nl2opt.explain.numbers import in_numbers
from nl2opt.explain.report import number_text
from nl2opt.formulate.embedded.spans import Span
from nl2opt.importers import is_importable
from nl2opt.ir.document.printer import print_yaml
from nl2opt.ir.instance import Instance, Key
from nl2opt.ir.model import Anchor, Constraint, Model, Parameter
from nl2opt.ir.nodes import Expr, Label, number


def study(task: ModelTask, data: list[Path]) -> Study:
    """A text or a document with its data files -> Study. Raises DocumentError where a document is no model."""
    if task.document is not None:
        model = _read(task.document)
        text = model.text or task.text
        return described(Study(text, anchored(model, text), model=model), data)
    t = task.translation
    found = nl2opt.formulate(task.text, t.translator, t.model, t.base_url)
    spans = found.spans or (anchored(found.model, found.text) if found.model is not None else ())
    start = Study(found.text, spans, found.refusal, found.doubts, found.model, assumptions=found.assumptions)
    return start if found.model is None else described(start, data)


def edited(task: EditTask, data: list[Path]) -> Study:
    """A study with changed numbers -> the study of the model that holds them; each change becomes an assumption."""
    model, instance = task.study.model, task.study.instance
    assert model is not None and instance is not None
    doubts = tuple(d for d in task.study.findings if d.code.startswith("doubt"))
    start = replace(task.study, model=_with_numbers(model, instance, task.edits), findings=doubts, instance=None)
    return described(start, data, frozenset(name for name, _ in task.edits))


def _read(document: File) -> Model:
    """An uploaded document -> Model; LP and MPS files are read from a file of their own."""
    if not is_importable(document.name):
        try:
            return nl2opt.read(document.content.decode("utf-8-sig") + "\n")
        except UnicodeDecodeError:
            raise DocumentError(Diagnostic("E001", "not a text file in UTF-8", document.name)) from None
    with tempfile.TemporaryDirectory(prefix="nl2opt-model-") as folder:
        path = Path(folder) / Path(document.name.replace("\\", "/")).name
        path.write_bytes(document.content)
        return nl2opt.read(path)


def described(start: Study, data: list[Path], given: frozenset[str] = frozenset()) -> Study:
    """A study with its model -> with findings, instance and statements; ``given``: parameters not taken from files."""
    model = start.model
    assert model is not None
    found = (*start.findings, *model.notes, *nl2opt.check(model))
    instance: Instance | None = None
    if not any(d.severity == "error" for d in found):
        try:
            instance, notes = _bound(model, data, given)
            found = (*found, *notes)
        except DataError as e:
            found = (*found, *e.diagnostics)
    return replace(
        _stated(start, model, instance),
        findings=tuple(dict.fromkeys(found)),
        instance=instance,
        document=print_yaml(model),
        assumptions=model.assumptions,
    )


def anchored(model: Model, text: str) -> tuple[Span, ...]:
    """The quotes of a model that occur in a text, as spans; where they overlap the later, narrower kind is seen."""
    kinds = (
        ("LIMIT", [a for c in model.constraints for a in c.anchors]),
        ("OBJ_DIR", [a for o in model.objectives for a in o.anchors]),
        ("PARAM", [a for p in model.parameters for a in p.anchors]),
        ("VAR", [*(a for s in model.sets for a in s.anchors), *(a for v in model.variables for a in v.anchors)]),
    )
    found = []
    for label, anchors in kinds:
        for anchor in (a for a in anchors if a.kind == "quote" and a.text.strip()):
            words = re.compile(r"\s+".join(map(re.escape, anchor.text.split())))
            for place in islice(words.finditer(text), anchor.nth - 1, anchor.nth):
                found.append(Span(label, place.start(), place.end(), place.group(), {}))
    return tuple(found)


def _bound(model: Model, data: list[Path], given: frozenset[str]) -> tuple[Instance, tuple[Diagnostic, ...]]:
    if not data:
        return nl2opt.bind(model), ()
    from nl2opt.ir.datafiles import read_data

    read = read_data(data, model)
    values = dict(read.values)
    return nl2opt.bind(model, {k: v for k, v in values.items() if k not in given} if given else read.values), read.notes


# changed numbers -----------------------------------------------------------------------------------------------------


def _with_numbers(model: Model, instance: Instance, edits: Edits) -> Model:
    """Model -> the same with other numbers, and an assumption that says so for each."""
    changes = {
        (name, key): f"{_cell(name, key)} is {number_text(value)} instead of {number_text(_old(instance, name, key))}."
        for (name, key), value in edits.items()
    }
    parameters = []
    for p in model.parameters:
        mine = {key: value for (name, key), value in edits.items() if name == p.name}
        told = tuple(Anchor("assumption", sentence) for (name, _), sentence in changes.items() if name == p.name)
        parameters.append(_filled(replace(p, anchors=(*p.anchors, *told)), instance, mine) if mine else p)
    return replace(
        model, parameters=tuple(parameters), assumptions=tuple(dict.fromkeys((*model.assumptions, *changes.values())))
    )


def _cell(name: str, key: Key) -> str:
    return name.replace("_", " ") + (f" ({', '.join(map(str, key))})" if key else "")


def _old(instance: Instance, name: str, key: Key) -> Fraction:
    value = instance.parameters[name].at(key)
    assert isinstance(value, Fraction)
    return value


def _filled(p: Parameter, instance: Instance, mine: Mapping[Key, Fraction]) -> Parameter:
    """A parameter with some of its values replaced; all of them are then given one by one."""
    if () in mine:
        return replace(p, value=number(mine[()]), rows=None)
    held = instance.parameters[p.name]
    rows = tuple(
        (*map(_atom, key), number(mine.get(key, value)))
        for key, value in zip(held.domain.keys, held.exact, strict=True)
    )
    return replace(p, value=None, rows=rows, default=None, symmetric=False)


def _atom(part: str | int) -> Expr:
    return Label(part) if isinstance(part, str) else number(part)


# statements ----------------------------------------------------------------------------------------------------------


def _stated(start: Study, model: Model, instance: Instance | None) -> Study:
    """A study -> with its statements; formulas need the instance, the plain ones do not."""
    objectives = sorted(model.objectives, key=lambda o: -o.priority)
    plain = {
        "objectives": [Line("", objective_line(o), words=_words(o.anchors)) for o in objectives],
        "constraints": [
            Line(_title(c.name), constraint_line(c), words=_words(c.anchors), remark=_cost(c))
            for c in model.constraints
        ],
        "variables": [Line(_title(v.name), variable_line(v), words=_words(v.anchors)) for v in model.variables],
        "definitions": [Line(_title(e.name), expression_line(e), words=_words(e.anchors)) for e in model.expressions],
        "sets": [Line(_title(s.name), "", words=_words(s.anchors)) for s in model.sets],
    }
    if instance is not None:
        from nl2opt.emitters.mathematics.writeup import write_up

        w = write_up(instance, False)
        numbers = in_numbers(instance)
        own = {id(o): numbers.get(f"objective {i}", ()) for i, o in enumerate(model.objectives)}
        for name, shown in (
            ("objectives", w.objectives),
            ("constraints", w.constraints),
            ("definitions", w.definitions),
        ):
            plain[name] = [replace(line, formula=s.lines) for line, s in zip(plain[name], shown, strict=True)]
        for name, entries in (("variables", w.variables), ("sets", w.sets)):
            plain[name] = [
                replace(line, formula=(e.holds,), remark=f"in {e.unit}" if e.unit else "")
                for line, e in zip(plain[name], entries, strict=True)
            ]
        plain["objectives"] = [
            replace(line, numbers=_filled_in(line.plain, own[id(o)]))
            for line, o in zip(plain["objectives"], objectives, strict=True)
        ]
        plain["constraints"] = [
            replace(line, numbers=_filled_in(line.plain, numbers.get(c.name, ())))
            for line, c in zip(plain["constraints"], model.constraints, strict=True)
        ]
    return replace(start, **{name: tuple(lines) for name, lines in plain.items()})  # type: ignore[arg-type]


def _filled_in(plain: str, numbers: Sequence[str]) -> tuple[str, ...]:
    return tuple(n for n in numbers if n != plain)


def _cost(c: Constraint) -> str:
    return "" if c.penalty is None else f"a wish: costs {math(c.penalty)} where it is not met"


def _title(name: str) -> str:
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]


def _words(anchors: Sequence[Anchor]) -> tuple[str, ...]:
    return tuple(" ".join(a.text.split()) for a in anchors if a.kind == "quote")
