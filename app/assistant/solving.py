"""Instance -> Solved: the whole flow of a solve, in the words and figures the page shows."""

from __future__ import annotations

from collections.abc import Sequence

import nl2opt
from assistant.task import Amount, Line, Solved
from nl2opt.explain.answer import Answer
from nl2opt.explain.mathematics import constraint_line
from nl2opt.explain.numbers import in_numbers
from nl2opt.explain.report import key_text, number_text, one_line, value_text
from nl2opt.ir.instance import Instance, Key, Value


def solved(instance: Instance, seconds: float) -> Solved:
    """Instance -> Solved; ``seconds`` for each solve."""
    answer = nl2opt.solve(instance, time_limit=seconds)
    told = nl2opt.explain(answer)
    result = answer.result
    objectives = instance.model.objectives
    wishes = any(c.penalty is not None for c in instance.model.constraints)
    sense = max(objectives, key=lambda o: o.priority).sense if objectives else "wishes" if wishes else ""
    value = result.objective
    if value is None and wishes and result.point is not None:
        value = sum(limit.costs for limit in told.limits)
    return Solved(
        told.status,
        told.headline,
        sense,
        number_text(value) if sense and value is not None else "",
        answer.trusted,
        _amounts(told.values, frozenset(v.name for v in instance.model.variables if v.type == "binary")),
        _amounts(told.expressions, frozenset()),
        told.limits,
        _conflict(answer),
        told.evidence,
        told.notes,
        told.diagnostics,
        result.seconds,
    )


def _conflict(answer: Answer) -> tuple[Line, ...]:
    """The members of a conflict, in figures where the model is small."""
    if answer.conflict is None:
        return ()
    numbers = in_numbers(answer.instance)
    lines = []
    for m in answer.conflict.members:
        bounds = "the bounds of " if m.kind == "bounds" else ""
        name = f"{bounds}{m.name.replace('_', ' ')}" + (f" ({m.binding.strip('[]')})" if m.binding else "")
        own = [constraint_line(c) for c in answer.instance.model.constraints if c.name == m.name and not bounds]
        figures = () if m.kind == "bounds" or m.binding else numbers.get(m.name, ())
        lines.append(Line(name[:1].upper() + name[1:], own[0] if own else m.text, numbers=figures, words=m.quotes))
    return tuple(lines)


def _amounts(entries: Sequence[tuple[str, Key, Value, str]], binary: frozenset[str]) -> tuple[Amount, ...]:
    return tuple(
        Amount(
            name.replace("_", " "),
            key_text(key),
            ("yes" if round(float(value)) else "no") if name in binary else value_text(value),  # type: ignore[arg-type]
            one_line(unit),
            value == 0,
        )
        for name, key, value, unit in entries
    )
