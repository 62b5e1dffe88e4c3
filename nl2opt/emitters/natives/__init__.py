"""Constraint, or sum -> the global constraint it spells out, where its form shows one.

The language has no `count`, `inverse` or `lex_less`, because sums, comparisons and `for` say them; a solver's own
propagator for them is stronger than what they are spelled with. Recognition reads the form only, never the data, so a
program stays right for other data. It asks for named indices (`nl2opt.emitters.python.indices.name_indices`).
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
