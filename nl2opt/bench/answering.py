"""Item, sample -> a row of the log: asked, solved in every reading, run on every data instance, compared; never graded.

Whatever goes wrong is a row too: `refused` (nothing was produced), `error` (what was produced cannot be read, or nobody
could be asked), `limit`, `crashed` (a program, a translator or a worker ended by a fault).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final

from nl2opt.bench.declarations import NOTHING, RULES, Declared, count, declared_by
from nl2opt.bench.differences import differences
from nl2opt.bench.items import READINGS, Item, Reading
from nl2opt.bench.programs import run_program
from nl2opt.bench.readings import read
from nl2opt.bench.respondents import Ask, Asking, Response, prepare
from nl2opt.bench.verdicts import compared
from nl2opt.check.printed import judge_printed, outputs_of
from nl2opt.errors import Nl2optError
from nl2opt.explain.document import plain
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.document.printer import to_document
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model
from nl2opt.records import Row

LENGTH: Final = 2_000_000
"""Characters of a solution or of printed values that are kept; more is a fault of the answer, and is told."""


@dataclass(frozen=True, slots=True)
class Task:
    """What one worker does at a time."""

    item: Item
    sample: int

    @property
    def key(self) -> str:
        return f"{self.item.id}#{self.sample}"


@lru_cache(maxsize=4)
def _ask(settings: Asking) -> Ask:
    """One respondent a process: it may hold a connection or a file."""
    return prepare(settings)


def answered(settings: Asking, task: Task) -> Row:
    """One task -> its row with its times."""
    start = time.monotonic()
    try:
        response = _ask(settings)(task.item, task.sample)
    except Nl2optError as e:
        return failed(settings, task, "error", f"{e.diagnostics[0].code}: {e.diagnostics[0].message}", _since(start))
    except Exception as e:  # what answers ended by a fault of its own
        return failed(settings, task, "crashed", f"{type(e).__name__}: {e}", _since(start))
    asked = time.monotonic()
    try:
        found = _outcome(settings, task.item, response)
    except Exception as e:  # a fault of ours: it must not end the measurement, and it is no hit
        found = {"outcome": "crashed", "detail": f"{type(e).__name__}: {e}"[:300]}
    end = time.monotonic()
    times = {
        "seconds": round(end - start, 4), "asking": round(asked - start, 4), "solving": round(end - asked, 4),
        "cached": sum(c.cached for c in response.calls),
    }  # fmt: skip
    return {**_row(settings, task, response), **found, "times": times}


def failed(settings: Asking, task: Task, outcome: str, detail: str, seconds: float = 0.0) -> Row:
    """The row of a task that came to no response in ``seconds``: `error`, `limit` or `crashed`."""
    times = {"seconds": seconds, "asking": seconds, "solving": 0.0, "cached": 0}
    return {**_row(settings, task, Response()), "outcome": outcome, "detail": detail[:300], "times": times}


def _since(start: float) -> float:
    return round(time.monotonic() - start, 4)


def _row(settings: Asking, task: Task, response: Response) -> Row:
    tokens_in = sum(c.input_tokens for c in response.calls)
    tokens_out = sum(c.output_tokens for c in response.calls)
    calls = [
        {"prompt": c.prompt, "reply": c.reply, "input_tokens": c.input_tokens, "output_tokens": c.output_tokens}
        for c in response.calls
    ]
    return {
        "key": task.key, "id": task.item.id, "sample": task.sample, "outcome": "refused", "detail": response.refusal,
        "doubts": list(response.doubts), "confidence": float(response.confidence), "readings": [], "printed": [],
        "model": "" if response.model is None else _text(_document(response.model)), "program": response.program,
        "solution": "", "outputs": "", "differences": [], "verdict": "", "counterexample": "",
        "declarations": _declarations(task.item, response.model), "spans": json.dumps(response.spans), "calls": calls,
        "input_tokens": tokens_in, "output_tokens": tokens_out,
        "cost": round((tokens_in * settings.price_in + tokens_out * settings.price_out) / 1e6, 8),
    }  # fmt: skip


def _document(model: Model) -> dict[str, Any]:
    """The document without the problem's own text, which the item holds."""
    return {k: v for k, v in plain(to_document(model)).items() if k != "text"}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _outcome(settings: Asking, item: Item, response: Response) -> Row:
    """What came of a response: outcome, readings, printed values, differences."""
    if response.model is not None:
        return _of_model(settings, item, response.model)
    if response.program:
        return _of_program(settings, item, response.program)
    if response.value is not None:
        value = asdict(response.value)
        named = [{**value, "reading": name} for name in _wanted(item)]
        printed = [_printed(item, 0, value, response.printed or {}, settings.time_limit)] if item.outputs else []
        return {"outcome": "answered", "readings": named, "printed": printed}
    return {}


def _wanted(item: Item) -> tuple[Reading, ...]:
    """The readings that some label of an item asks for."""
    asked = {r for label in item.labels.values() for r in label.readings}
    return tuple(r for r in READINGS if r in asked) or ("declared",)


def _of_model(settings: Asking, item: Item, model: Model) -> Row:
    first = item.instances[0] if item.instances else None
    data = None
    if first is not None and _asks(model):
        data = _taken(model, first.bound if _is_reference(item, model) else first.given)
    found = read(model, data, settings.time_limit, _wanted(item))
    row: Row = {"outcome": "answered", "detail": "", "readings": [asdict(o) for o in found.outcomes]}
    if found.instance is not None and found.point is not None:
        solution = {n: [[list(k), plain(v)] for k, v in values.items()] for n, values in found.point.items()}
        row |= {"solution": _kept(solution), "outputs": _kept(outputs_of(found.instance, found.point))}
    if item.outputs:
        row["printed"] = [_printed_by_model(settings, item, model, k) for k in range(len(item.instances))]
    if item.reference and found.instance is not None:
        row |= _beside_reference(item, model, found.instance)
    return row


def _kept(value: Any) -> str:
    text = _text(value)
    return text if len(text) <= LENGTH else _text(f"longer than {LENGTH} characters")


def _asks(model: Model) -> bool:
    """Whether a model asks for data."""
    parameters = any(p.value is None and p.rows is None and p.default is None for p in model.parameters)
    return parameters or any(s.elements is None for s in model.sets)


def _taken(model: Model, data: Mapping[str, Any]) -> dict[str, Any]:
    """Of the data of an item what the model declares."""
    declared = {s.name for s in model.sets} | {p.name for p in model.parameters}
    return {name: value for name, value in data.items() if name in declared}


def _printed_by_model(settings: Asking, item: Item, model: Model, k: int) -> Row:
    """A model's outputs on one data instance, judged as printed values are; without data of its own, on the first."""
    instance = item.instances[k]
    if k and not _asks(model):
        return _unprinted(instance.name, "the model holds the data of the first instance")
    data = _taken(model, instance.bound if _is_reference(item, model) else instance.given)
    found = read(model, data or None, settings.time_limit, ("declared",))
    outcome = asdict(found.outcomes[0])
    if found.instance is None or found.point is None:
        return {**_unprinted(instance.name, outcome["detail"]), "status": outcome["status"]}
    values = json.loads(_text(outputs_of(found.instance, found.point)))
    return _printed(item, k, outcome, values, settings.time_limit)


@lru_cache(maxsize=8)
def _reference(document: str) -> Model:
    return read_document(document)


def _is_reference(item: Item, model: Model) -> bool:
    """True for gold: it binds data as our documents do, not as the benchmark's rows do."""
    return bool(item.reference) and model == _reference(item.reference)


def _unprinted(instance: str, why: str) -> Row:
    return {"instance": instance, "status": "none", "objective": None, "values": "", "satisfies": None,
            "reached": None, "detail": why}  # fmt: skip


def _of_program(settings: Asking, item: Item, program: str) -> Row:
    """A program run on every data instance, the first of which is what it was written for."""
    instances = item.instances or (None,)
    printed: list[Row] = []
    first: Row = {}
    for k, instance in enumerate(instances):
        ran = run_program(program, instance.given if instance else {}, settings.time_limit, not settings.unconfined)
        outcome = {"status": ran.status, "objective": ran.objective}
        if k == 0:
            first = {"outcome": ran.outcome, "detail": ran.detail}
            first["readings"] = [{"reading": r, **outcome, "detail": ran.detail} for r in _wanted(item)]
            if ran.outcome != "answered":
                return first
        if item.outputs and instance is not None:
            told = _printed(item, k, outcome, ran.values, settings.time_limit)
            printed.append(told if ran.outcome == "answered" else {**_unprinted(instance.name, ran.detail)})
    return {**first, "printed": printed}


def _printed(item: Item, k: int, outcome: Mapping[str, Any], values: Any, time_limit: float) -> Row:
    """Printed values of one data instance and what the reference document says of them."""
    instance = item.instances[k] if k < len(item.instances) else None
    told = {"status": outcome["status"], "objective": outcome["objective"], "values": _kept(values)}
    if instance is None or not item.reference:
        return {**_unprinted("row", "there is no reference document to judge it by"), **told}
    if outcome["status"] != "optimal":
        return {**_unprinted(instance.name, "no solution was printed"), **told}
    finding = judge_printed(_bound(item, k), values, time_limit)
    return {"instance": instance.name, **told, "satisfies": finding.satisfies, "reached": finding.objective,
            "detail": finding.reason}  # fmt: skip


def _bound(item: Item, k: int) -> Instance:
    return bind(_reference(item.reference), item.instances[k].bound)


def _declarations(item: Item, model: Model | None) -> list[Row]:
    """What a model declares, counted against each version of the label that states a model."""
    stated = {version: label.document for version, label in item.labels.items() if label.document}
    if not stated:
        return []
    mine = NOTHING if model is None else _declared(model)
    counted: list[Row] = []
    for version, document in stated.items():
        flat = _declared(_reference(document)).flat
        if flat is not None:
            rows = [{"labels": version, "rule": rule, **asdict(count(flat, mine, rule))} for rule in RULES]
            counted += rows
    return counted


def _declared(model: Model) -> Declared:
    try:
        return declared_by(bind(model))
    except Nl2optError:
        return NOTHING


def _beside_reference(item: Item, model: Model, instance: Instance) -> Row:
    """How a model differs from the reference: kinds, and what the judge says of the two.

    Labels of the NL4Opt form say nothing of whole numbers, so their models are compared row by row, without these.
    """
    try:
        reference = bind(_reference(item.reference), item.instances[0].bound if item.instances else None)
    except Nl2optError:
        return {}
    if item.form == "nl4opt":
        return {"differences": differences(instance, reference, typed=False)}
    if _is_reference(item, model):
        return {}
    try:
        found = compared(reference, instance)
    except (Nl2optError, RecursionError) as e:  # what cannot be judged is an answer all the same, and is graded
        return {"verdict": f"undecided: {type(e).__name__}"}
    return {"differences": list(found.kinds), "verdict": found.verdict, "counterexample": found.counterexample}
