"""Names and texts of a model -> what may stand in MiniZinc: reserved words, strings, comments, annotations."""

from __future__ import annotations

import re

from nl2opt.emitters.python.identifiers import comment_text, is_plain

RESERVED = frozenset(
    (
        "ann", "annotation", "any", "array", "bool", "case", "constraint", "default", "diff", "div", "else", "elseif",
        "endif", "enum", "export", "false", "float", "function", "if", "import", "in", "include", "infinity", "int",
        "intersect", "lambda", "let", "list", "maximize", "minimize", "mod", "module", "not", "of", "op", "opt",
        "output", "par", "predicate", "record", "satisfy", "self", "set", "solve", "string", "subset", "superset",
        "symdiff", "test", "then", "true", "tuple", "type", "union", "var", "variant_record", "where", "xor",
        # functions the emitter calls
        "abs", "alldifferent", "array1d", "array2d", "array3d", "array_union", "bool2int", "card", "ceil", "circuit",
        "cos", "count", "cumulative", "diffn", "diffn_nonstrict", "disjunctive", "enum_next", "enum_prev",
        "exists", "exp", "fix", "floor", "floor_div", "floor_mod", "forall", "global_cardinality",
        "global_cardinality_low_up", "increasing", "decreasing", "index_set", "inverse", "length", "lex_less",
        "lex_lesseq", "ln", "max", "min", "piecewise_linear", "pow", "product", "product_of", "round",
        "round_even", "show", "showJSON", "sin",
        "sqrt", "strictly_decreasing", "strictly_increasing", "subcircuit", "sum", "table", "to_enum",
        # scaffold
        "stage", "best", "goal", "objective", "other",
        # annotations of the standard library
        "add_to_output", "annotated_expression", "anti_first_fail", "bool_search", "bounds", "bounds_propagation",
        "cache_result", "complete", "constraint_name", "ctx_mix", "ctx_neg", "ctx_pos", "ctx_root", "defines_var",
        "doc_comment", "dom_w_deg", "domain", "domain_change_constraint", "domain_propagation", "empty_annotation",
        "expression_name", "first_fail", "float_search", "goal_hierarchy", "impact", "indomain", "indomain_interval",
        "indomain_max", "indomain_median", "indomain_middle", "indomain_min", "indomain_random",
        "indomain_reverse_split", "indomain_split", "indomain_split_random", "input_order", "int_search",
        "is_defined_var", "is_reverse_map", "largest", "max_goal", "max_regret", "maybe_partial", "min_goal",
        "most_constrained", "no_cse", "no_output", "occurrence", "outdomain_max", "outdomain_median", "outdomain_min",
        "outdomain_random", "output_array", "output_only", "output_var", "promise_ctx_antitone", "promise_total",
        "promise_ctx_monotone", "relax_and_reconstruct", "restart_constant", "restart_geometric", "restart_linear",
        "restart_luby", "restart_none", "sat_goal", "seq_search", "set_search", "smallest", "value_propagation",
        "var_is_introduced", "warm_start", "warm_start_array",
    )
)  # fmt: skip
"""Identifiers no name of a model may take."""


def string(text: str) -> str:
    """Text -> a MiniZinc string; no character of it can end the string, begin an interpolation or deceive the eye."""
    return '"' + visible(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def visible(text: str) -> str:
    """Text -> the same with every character that is not printed as itself spelled out."""
    return "".join(c if is_plain(c) else f"<U+{ord(c):04X}>" for c in text)


def annotation(text: str) -> str:
    """A constraint's name -> the string of its annotation: FlatZinc parsers know no escapes in strings."""
    return re.sub(r"[^\w .,:;<>=()+*/-]", "_", comment_text(text), flags=re.ASCII) or "_"


def comment(text: str) -> str:
    """Text -> what may follow `%` on one line."""
    return comment_text(text)
