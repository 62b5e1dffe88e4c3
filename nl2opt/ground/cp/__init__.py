"""Instance -> CP-SAT proto, binding by binding, in exact integers: reification instead of big-M."""

from nl2opt.ground.cp.grounding import CpProgram, Goal, ground_cp, infer_bounds, unbounded

__all__ = ["CpProgram", "Goal", "ground_cp", "infer_bounds", "unbounded"]
