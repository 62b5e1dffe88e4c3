"""Model, request in words -> Refinement: typed edits of the model, and what could not be understood."""

from nl2opt.formulate.refine.request import Refinement, refine

__all__ = ["Refinement", "refine"]
