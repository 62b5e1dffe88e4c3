"""The parts of the judge that solve: what an optimum of one says in the other."""

from __future__ import annotations

from dataclasses import replace

import nl2opt
from nl2opt.check.judge.matching import guesses
from nl2opt.check.judge.optima import crossed
from nl2opt.check.judge.side import Clock, Side
from nl2opt.solvers.result import Termination


def test_a_point_that_a_limit_left_tells_nothing_apart() -> None:
    """A solution that is worth less in the other model tells only where it is known to be the best of its own."""
    document = "nl2opt: 1\nvariables: {x: {type: integer, upper: 5}}\nobjectives: [{maximize: x}]\n"
    other = document.replace("maximize: x", "maximize: x + 0")
    clock = Clock(5.0)
    a = Side(nl2opt.bind(nl2opt.read(document)), "reference", clock)
    b = Side(nl2opt.bind(nl2opt.read(other)), "candidate", clock)
    assert b.result is not None
    poorer = replace(b.result, point={"x": {(): 3}}, objective=3.0)
    matchings = guesses(a, b)
    b.__dict__["result"] = poorer
    assert crossed(a, b, matchings) is not None
    b.__dict__["result"] = replace(poorer, termination=Termination.TIME_LIMIT)
    assert crossed(a, b, matchings) is None
