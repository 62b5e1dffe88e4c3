"""Model, request -> Refinement: each sentence of a request becomes one typed edit, or is refused with the reason.

Understood are the forms the templates know: a bound on an amount, for one label or for each; comparisons of two
amounts; choices among yes-or-no decisions; another value for a number of the model; a rule that is to go.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import unified_diff

from nl2opt.check.static import check_model
from nl2opt.errors import Diagnostic
from nl2opt.formulate.refine.changes import change, drop
from nl2opt.formulate.refine.edits import AddConstraint, Edit, applied
from nl2opt.formulate.refine.rules import rule
from nl2opt.formulate.refine.understanding import Misunderstood
from nl2opt.ir.document.printer import print_yaml
from nl2opt.ir.model import Model
from nl2opt.ir.passage import segment


@dataclass(frozen=True, slots=True)
class Refinement:
    """A model after a request. ``refused`` says of each sentence that became no edit why; the others are applied."""

    before: Model
    after: Model
    edits: tuple[Edit, ...]
    refused: tuple[Diagnostic, ...]

    @property
    def difference(self) -> str:
        """What changed in the document, as a unified diff; '' where nothing did."""
        old, new = (print_yaml(replace(m, text="")).splitlines() for m in (self.before, self.after))
        return "\n".join(unified_diff(old, new, "before", "after", lineterm="", n=1))


def refine(model: Model, request: str) -> Refinement:
    """A valid model and a request in plain language -> the model refined; nothing is guessed."""
    after = model
    edits: list[Edit] = []
    refused: list[Diagnostic] = []
    for sentence in segment(request).sentences:
        told = f"{after.text}\n\n{sentence.text}".strip()
        try:
            edit = _edit(sentence.text, after)
            new = replace(applied(after, edit), text=told if after.text or not _is_quoted(after) else "")
            wrong = [d for d in check_model(new) if d.severity == "error"]
            if wrong:
                raise Misunderstood(wrong[0].message, wrong[0].found)
        except Misunderstood as e:
            refused.append(Diagnostic("R01", "this request is not understood", sentence.text, e.found, e.why, e.fix))
            continue
        edits.append(edit)
        after = new
    return Refinement(model, after, tuple(edits), tuple(refused))


def _is_quoted(model: Model) -> bool:
    """True where the model quotes a text it does not hold: then there is nothing to add the request to."""
    return any(a.kind == "quote" for c in model.constraints for a in c.anchors)


def _edit(sentence: str, model: Model) -> Edit:
    """One sentence -> its edit. Raises Misunderstood."""
    for reading in (drop, change):
        if found := reading(sentence, model):
            return found
    return AddConstraint(rule(sentence, model))
