"""Word problems of the tests' own, with hand-made spans: `{VAR:chairs}` marks a span in a text."""

from __future__ import annotations

import re

from nl2opt.formulate.embedded.spans import LABELS, OUTSIDE, Span

_MARK = re.compile(r"\{([A-Z_]+):([^}]*)\}")


def marked(text: str) -> tuple[str, list[Span]]:
    """`a {VAR:desk} costs ${PARAM:40}` -> the plain text and its spans, each with probability one."""
    plain = ""
    spans: list[Span] = []
    last = 0
    for match in _MARK.finditer(text):
        plain += text[last : match.start()]
        start = len(plain)
        plain += match[2]
        assert match[1] in LABELS, match[1]
        scores = {**dict.fromkeys((*LABELS, OUTSIDE), 0.0), match[1]: 1.0}
        spans.append(Span(match[1], start, len(plain), match[2], scores))
        last = match.end()
    return plain + text[last:], spans


KAYAKS = (
    "A boathouse rents {VAR:kayaks} and {VAR:canoes}. Cleaning a {VAR:kayak} takes {PARAM:10} minutes and "
    "it earns ${PARAM:25}, while cleaning a {VAR:canoe} takes {PARAM:15} minutes and it earns "
    "${PARAM:40}. There are {LIMIT:600} minutes {CONST_DIR:available} for cleaning. {CONST_DIR:At least} "
    "{LIMIT:8} {VAR:kayaks} must be rented. {CONST_DIR:At least} {PARAM:twice} as many {VAR:kayaks} as "
    "{VAR:canoes} must be rented. How many of each should be rented to {OBJ_DIR:maximize} "
    "{OBJ_NAME:earnings}?"
)
SYRUP = (
    "A sirup maker blends {VAR:cherry juice} and {VAR:apple juice}. A litre of {VAR:cherry juice} "
    "{OBJ_NAME:costs} ${PARAM:3} and holds {PARAM:120} g of sugar. A litre of {VAR:apple juice} "
    "{OBJ_NAME:costs} ${PARAM:1.5} and holds {PARAM:90} g of sugar. The blend must hold {CONST_DIR:at "
    "least} {LIMIT:5,000} g of sugar, and {CONST_DIR:at least} {LIMIT:30%} of the blend must be "
    "{VAR:cherry juice}. How many litres of each should be bought to {OBJ_DIR:minimize} the total "
    "{OBJ_NAME:cost}?"
)
STALLS = (
    "A fair hires {VAR:jugglers}, {VAR:singers} and {VAR:clowns}. A {VAR:juggler} costs ${PARAM:80} and "
    "draws {PARAM:30} visitors, a {VAR:singer} costs ${PARAM:120} and draws {PARAM:55} visitors, and a "
    "{VAR:clown} costs ${PARAM:60} and draws {PARAM:20} visitors. The {CONST_DIR:budget} is "
    "${LIMIT:1500}. {CONST_DIR:At most} {LIMIT:16} performers can be hired in total, and {CONST_DIR:at "
    "most} a {LIMIT:third} of all performers can be {VAR:clowns}. There must be {CONST_DIR:more} "
    "{VAR:jugglers} than {VAR:clowns}. How many of each should be hired to {OBJ_DIR:maximize} the "
    "{OBJ_NAME:number of visitors}?"
)
LORRIES = (
    "A quarry moves gravel with {VAR:small lorries} and {VAR:large lorries}. A {VAR:small lorry} carries "
    "{PARAM:4} tons and burns {PARAM:9} litres, a {VAR:large lorry} carries {PARAM:11} tons and burns "
    "{PARAM:20} litres. {CONST_DIR:At least} {LIMIT:150} tons must be moved with {CONST_DIR:no more than} "
    "{LIMIT:300} litres. How many lorries of each kind keep the total {OBJ_NAME:number of lorries} at a "
    "{OBJ_DIR:minimum}?"
)
MACHINES = (
    "A smithy makes {VAR:hinges} and {VAR:bolts} on a press and a lathe. A box of {VAR:hinges} takes "
    "{PARAM:12} minutes on the press and {PARAM:20} minutes on the lathe, a box of {VAR:bolts} takes "
    "{PARAM:7} minutes on the press and {PARAM:16} minutes on the lathe. Each machine is available for "
    "{CONST_DIR:at most} {LIMIT:8} hours. The {OBJ_NAME:profit} is ${PARAM:14} on a box of {VAR:hinges} "
    "and ${PARAM:9} on a box of {VAR:bolts}. How many boxes of each {OBJ_DIR:maximize} {OBJ_NAME:profit}?"
)
