"""The solvers an emitted Pyomo program can be told to use: how Pyomo calls them, what they need, how they prove."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class PyomoSolver:
    """``factory`` is Pyomo's name, ``needs`` what a person installs, ``options`` close the gap where it is open by
    default."""

    factory: str
    needs: str
    options: tuple[tuple[str, float], ...] = ()


SOLVERS: Final = {
    "highs": PyomoSolver("appsi_highs", "highspy", (("mip_rel_gap", 1e-9),)),
    "gurobi": PyomoSolver("gurobi_direct", "gurobipy and a licence", (("MIPGap", 1e-9),)),
    "cplex": PyomoSolver("cplex_direct", "cplex and a licence", (("mip_tolerances_mipgap", 1e-9),)),
    "xpress": PyomoSolver("xpress_direct", "xpress and a licence", (("miprelstop", 1e-9),)),
    "mosek": PyomoSolver("mosek_direct", "mosek and a licence", (("dparam.mio_tol_rel_gap", 1e-9),)),
    "scip": PyomoSolver("scip", "the program `scip` (scipopt.org)"),
    "cbc": PyomoSolver("cbc", "the program `cbc` (package coinor-cbc)"),
    "glpk": PyomoSolver("glpk", "the program `glpsol` (package glpk-utils)"),
}
"""Name -> solver; the first is used unless another is asked for. Source: Pyomo's solver plugins, and the parameter
references of the solvers for the relative gap, which is 1e-4 by default in the first five and 0 in the others."""


def solver_table() -> list[str]:
    """The lines of a program that hold the table."""
    rows = []
    for name, s in SOLVERS.items():
        options = ", ".join(f'"{option}": {value!r}' for option, value in s.options)
        rows.append(f'    "{name}": ("{s.factory}", "{s.needs}", {{{options}}}),')
    return ["SOLVERS = {", *rows, "}"]
