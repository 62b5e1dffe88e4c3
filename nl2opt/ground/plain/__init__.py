"""Instance -> PlainProgram: rows and indicator rows for SCIP and GLOP, written down one binding at a time."""

from nl2opt.ground.plain.grounding import PlainGoal, PlainProgram, ground_plain

__all__ = ["PlainGoal", "PlainProgram", "ground_plain"]
