"""Instance, rewritten Model -> the values of the parameters a rewrite left to the instance: bounds and steps."""

from __future__ import annotations

from nl2opt.ground.linear.constants import Constants
from nl2opt.ground.linear.grounding import infer
from nl2opt.ir.instance import Instance, Key
from nl2opt.ir.model import Model


def inferred_values(instance: Instance, model: Model) -> dict[str, dict[Key, float]]:
    """An instance and its rewritten model -> name -> key -> value of every `InferredBound` and `InferredStep`.

    A bound is infinite where none follows.
    """
    k = Constants(instance, model)
    infer(k)
    out: dict[str, dict[Key, float]] = {}
    for p in model.parameters:
        if p.name not in k.inferred:
            continue
        keys = k.domain(p)[0].keys()
        out[p.name] = dict(zip(keys, k.inferred[p.name].tolist(), strict=True))
    return out
