"""Model with its text -> findings where the words and the algebra disagree: a direction, a pairing, a number, a rule.

Little is concluded from silence: a rule speaks where the quoted words say one thing and the model another, or where
words that ask for something are used nowhere.
"""

from __future__ import annotations

from nl2opt.check.accounts import check_values
from nl2opt.check.directions import check_aims, check_directions
from nl2opt.check.pairs import check_pairs
from nl2opt.check.places import Findings
from nl2opt.check.uncited import check_rules
from nl2opt.errors import Diagnostic
from nl2opt.ir.model import Model


def check_audit(model: Model) -> tuple[Diagnostic, ...]:
    """Model (statically valid) -> findings; none for a model without a text."""
    found = Findings()
    if model.text:
        for check in (check_directions, check_aims, check_pairs, check_values, check_rules):
            check(model, found)
    return tuple(found.found.values())
