"""The limits of the language, each a number said once. Beyond one comes a clear error, not a dead machine.

Source: docs/SEMANTICS.md, section Limits.
"""

EXPRESSION_CHARACTERS = 4_000
EXPRESSION_DEPTH = 60
EXPRESSION_NODES = 2_000
GENERATORS = 6
SUBSCRIPT_ARITY = 6
EXACT_INTEGER = 2**53
SET_ELEMENTS = 10**6
SET_STEPS = 10**7
DOCUMENT_BYTES = 1_000_000
SECTION_ITEMS = 200
GROUNDED_TERMS = 5_000_000
NAME_CHARACTERS = 64
