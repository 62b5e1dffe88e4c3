"""A language model that fills the document of nl2opt."""

from __future__ import annotations

from dataclasses import replace

from nl2opt.bench.items import Item
from nl2opt.bench.respondents import Ask, Asking, Response, question_of
from nl2opt.bench.respondents._client import Recording, client_of
from nl2opt.bench.respondents.embedded import response_of
from nl2opt.formulate.language_model import formulate_with


def prepare(settings: Asking) -> Ask:
    """Settings -> item, sample -> Response."""
    client = client_of(settings)

    def ask(item: Item, sample: int) -> Response:
        recording = Recording(client, sample, settings.temperature)
        found = formulate_with(question_of(item), recording, settings.model)
        return replace(response_of(found), calls=tuple(recording.calls))

    return ask
