"""Constraint, or sum -> the global constraint it spells out, where its form shows one.

The language has no `count`, `inverse` or `lex_less`, because sums, comparisons and `for` say them; a solver's own
propagator for them is stronger than what they are spelled with. Recognition reads the form only, never the data, so a
program stays right for other data. It asks for named indices (`nl2opt.emitters.python.indices.name_indices`).

`regular` is not among them. Its chain is written over states, `state[next(t)] == step[state[t], x[t]]`, or as the table
`(state[t], x[t], state[next(t)]) in Steps`, and the states may be read elsewhere, so they stay. Then it adds nothing:
the tables share one state with the next, so keeping each consistent keeps the whole chain so. Source: C.-G. Quimper and
T. Walsh, Global Grammar Constraints, CP 2006. Measured with CP-SAT 9.15 on random automata of 6 to 14 states and 40 to
80 steps: an automaton over states and inputs in turn takes as long as the tables (about half the time of the elements),
one beside the elements as long as these alone; only an automaton without state variables is faster than the tables, 1.6
to 8 times.
"""

from nl2opt.emitters.natives.counting import Count, GlobalCardinality, count, global_cardinality
from nl2opt.emitters.natives.pairing import AllDifferent, Inverse, all_different, inverse
from nl2opt.emitters.natives.recognition import Native, native
from nl2opt.emitters.natives.sequences import Increasing, LexLess, increasing, lex_less

__all__ = [
    "AllDifferent",
    "Count",
    "GlobalCardinality",
    "Increasing",
    "Inverse",
    "LexLess",
    "Native",
    "all_different",
    "count",
    "global_cardinality",
    "increasing",
    "inverse",
    "lex_less",
    "native",
]
