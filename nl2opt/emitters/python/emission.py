"""Instance -> Emission of a target that decides over integers: the way from the model to its script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nl2opt.emitters import Emission, Program
from nl2opt.emitters.python.given import without_replaced
from nl2opt.emitters.python.indices import name_indices, prepared
from nl2opt.emitters.python.inferred import with_inferred
from nl2opt.emitters.python.kept import keep_expressions
from nl2opt.emitters.python.scripts import program_filename
from nl2opt.emitters.python.shown import Shown, shown_values
from nl2opt.emitters.python.whole import WholeScript
from nl2opt.errors import Unsupported
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Model
from nl2opt.passes.rewrite import Rewrite

MakeScript = Callable[[Instance, Instance, tuple[Shown, ...] | None], WholeScript[Any]]
"""The instance to write, the one asked for, and what tells two answers apart -> the script of a target."""


def emission(
    instance: Instance,
    target: str,
    pipeline: tuple[Rewrite, ...],
    settle: Callable[[Model, Instance], Model],
    script: MakeScript,
) -> Emission:
    """Instance -> the program of ``target``; solutions need no way back. Named expressions stay named where they can.

    ``settle`` makes the last change to the model, after the passes of the ``pipeline``; its indices are named.
    """
    instance = without_replaced(instance)
    plain = replace(instance, model=prepared(instance.model, instance))

    def written(source: Instance) -> Emission:
        model = source.model
        for rewrite in pipeline:
            model, _ = rewrite(model)
        model = settle(name_indices(model, source), source)
        named = with_inferred(replace(source, model=name_indices(model, source)), instance)
        shown = shown_values(instance, pipeline) if instance.model.answer.find != "best" else None
        made = script(named, instance, shown)
        filename = program_filename(model, target)
        program = Program(target, "python", filename, made.source(filename), made.data)
        return Emission(program, {made.writer.names[v.name]: v.name for v in made.decisions})

    try:
        return written(keep_expressions(plain))
    except Unsupported:
        return written(plain)
