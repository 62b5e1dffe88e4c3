"""Yes-or-no decisions: the logical templates."""

from __future__ import annotations

import pytest

from nl2opt.formulate.embedded import formulate_embedded
from nl2opt.formulate.embedded.declarations import Choice
from tests.formulate.word_problems import marked

PARKS = (
    "A town can spend {CONST_DIR:at most} ${LIMIT:90} on four plans: the {VAR:fountain}, the "
    "{VAR:bridge}, the {VAR:stage} and the {VAR:garden}. The {VAR:fountain} costs ${PARAM:40} and pleases "
    "{PARAM:70} people, the {VAR:bridge} costs ${PARAM:35} and pleases {PARAM:60} people, the {VAR:stage} "
    "costs ${PARAM:30} and pleases {PARAM:45} people, and the {VAR:garden} costs ${PARAM:15} and pleases "
    "{PARAM:20} people. RULE Which plans should be carried out to {OBJ_DIR:maximize} the {OBJ_NAME:number "
    "of people pleased}?"
)


@pytest.mark.parametrize(
    ("rule", "kind", "members", "op", "number"),
    [
        ("If the {VAR:stage} is built, the {VAR:garden} must be laid out too.", "implication", (2, 3), "<=", 0),
        ("The {VAR:stage} requires the {VAR:garden}.", "implication", (2, 3), "<=", 0),
        ("The {VAR:stage} can be built only if the {VAR:garden} is.", "implication", (2, 3), "<=", 0),
        ("If the {VAR:stage} is built, the {VAR:garden} cannot be.", "count", (2, 3), "<=", 1),
        ("At most one of the {VAR:fountain} and the {VAR:bridge} can be built.", "count", (0, 1), "<=", 1),
        ("At least one of the {VAR:fountain} and the {VAR:bridge} must be built.", "count", (0, 1), ">=", 1),
        ("Exactly one of the {VAR:fountain} and the {VAR:bridge} is built.", "count", (0, 1), "==", 1),
        ("The {VAR:fountain} and the {VAR:bridge} cannot both be built.", "count", (0, 1), "<=", 1),
        ("Exactly two of the plans must be chosen.", "count", (0, 1, 2, 3), "==", 2),
    ],
)
def test_rules(rule: str, kind: str, members: tuple[int, ...], op: str, number: int) -> None:
    """Each logical template, in several wordings, over binary decisions."""
    text, spans = marked(PARKS.replace("RULE", rule))
    found = formulate_embedded(text, spans)
    (choice,) = [c for c in found.constraints if isinstance(c, Choice)]
    assert (choice.kind, choice.members, choice.op, choice.number) == (kind, members, op, number)
    assert found.document is not None and found.document["variables"][0]["type"] == "binary"
