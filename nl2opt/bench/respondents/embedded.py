"""The embedded translator: offline, the same answer for each sample."""

from __future__ import annotations

from nl2opt.bench.items import Item
from nl2opt.bench.respondents import Ask, Asking, Response, question_of
from nl2opt.formulate.formulation import Formulation
from nl2opt.formulate.translators import formulate


def prepare(settings: Asking) -> Ask:
    """Settings -> item -> Response."""

    def ask(item: Item, sample: int) -> Response:
        return response_of(formulate(question_of(item)))

    return ask


def response_of(found: Formulation) -> Response:
    """A formulation -> Response, without its calls."""
    return Response(
        model=found.model,
        refusal=found.refusal.message if found.refusal else "",
        doubts=tuple(d.code for d in found.doubts),
        confidence=found.confidence,
        spans=tuple((s.start, s.end, s.label) for s in found.spans),
    )
