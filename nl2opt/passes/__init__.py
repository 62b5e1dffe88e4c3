"""Model -> Model: structural rewrites, one theorem a file, each with its way back for solutions."""

from nl2opt.passes.declared import Indicator, Inferred, InferredBound, InferredStep
from nl2opt.passes.pipeline import MILP, apply
from nl2opt.passes.rewrite import Rewrite, Undo

__all__ = ["MILP", "Indicator", "Inferred", "InferredBound", "InferredStep", "Rewrite", "Undo", "apply"]
