"""The referee's evaluator: the value of any expression of an instance at a point, exact where the point is."""

from nl2opt.ir.evaluate.evaluator import Evaluator, bindings, evaluate, evaluate_set

__all__ = ["Evaluator", "bindings", "evaluate", "evaluate_set"]
