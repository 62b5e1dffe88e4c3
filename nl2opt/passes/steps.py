"""Model, names of passes -> the steps of a pipeline, so that a person can see what each of them does."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import ndiff

from nl2opt.errors import Diagnostic, Unsupported
from nl2opt.ir.model import Model
from nl2opt.ir.spelling import nearest
from nl2opt.passes.pipeline import MILP
from nl2opt.passes.rewrite import Rewrite
from nl2opt.passes.shown import shown

PASSES: dict[str, Rewrite] = {rewrite.__name__: rewrite for rewrite in MILP}  # type: ignore[attr-defined]
"""Name -> pass, in the order in which a linear model is made."""


@dataclass(frozen=True)
class Step:
    """One pass that was run: the models before and after it."""

    name: str
    before: Model
    after: Model

    @property
    def changes(self) -> list[str]:
        """Lines of the model that went (`- `) and came (`+ `), in the order of the model."""
        before, after = shown(self.before).splitlines(), shown(self.after).splitlines()
        return [line for line in ndiff(before, after) if line[:2] in ("- ", "+ ")]


def theorem(name: str) -> tuple[str, str]:
    """Name of a pass -> what it does in a line, and its theorem with its exactness. KeyError for an unknown name."""
    text = inspect.getdoc(sys.modules[PASSES[name].__module__]) or ""
    title, _, rest = text.partition("\n\n")
    return " ".join(title.split()), " ".join(rest.partition("\n\n>>>")[0].split())


def steps(model: Model, names: Sequence[str] = ()) -> Iterator[Step]:
    """Model -> its rewriting, a step a pass; no names: all of them. Raises Unsupported, also for an unknown name."""
    for name in names:
        if name not in PASSES:
            known = f"one of {', '.join(PASSES)}"
            raise Unsupported(Diagnostic("E607", f"no pass {name!r}", expected=known, fix=nearest(name, PASSES)))
    model = replace(model, outputs=())
    for name in names or PASSES:
        after, _ = PASSES[name](model)
        yield Step(name, model, after)
        model = after
