"""Instance -> LinearProgram: arrays for HiGHS, all bindings of a constraint at once. Entry: `grounding.ground`."""
