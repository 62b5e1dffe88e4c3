"""The reference itself: gold must pass its own grader, and a run of it shows which labels disagree with it.

``model`` of the settings is a version of the labels: where this version states a model of its own, it is the answer.
"""

from __future__ import annotations

from nl2opt.bench.items import Item
from nl2opt.bench.respondents import Ask, Asking, Response
from nl2opt.ir.document import read_document


def prepare(settings: Asking) -> Ask:
    """Settings -> item -> its reference."""

    def ask(item: Item, sample: int) -> Response:
        document = item.label(settings.model).document or item.reference
        if not document:
            return Response(refusal="the item has no reference document")
        return Response(model=read_document(document), confidence=1.0)

    return ask
