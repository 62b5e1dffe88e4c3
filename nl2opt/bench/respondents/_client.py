"""Client -> Client that remembers what was asked and said, and asks each sample as a sample of its own."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import lru_cache

from nl2opt.bench.respondents import Asking, Call
from nl2opt.llm import Client, Completion, Request


class Recording:
    """A client in front of another, for one sample of one item; ``calls`` holds what passed."""

    def __init__(self, client: Client, sample: int, temperature: float) -> None:
        self._client, self._sample, self._temperature = client, sample, temperature
        self.calls: list[Call] = []

    def complete(self, request: Request) -> Completion:
        """Ask, and keep request and reply."""
        asked = replace(request, sample=self._sample, temperature=self._temperature)
        reply = self._client.complete(asked)
        prompt = json.dumps([asdict(m) for m in request.messages], ensure_ascii=False)
        self.calls.append(
            Call(prompt, reply.text, reply.input_tokens, reply.output_tokens, reply.cached, reply.seconds)
        )
        return reply


@lru_cache(maxsize=4)
def client_of(settings: Asking) -> Client:
    """Settings -> the client all samples share."""
    from nl2opt.llm.cache import Cached
    from nl2opt.llm.openai_compatible import OpenAICompatible

    client = OpenAICompatible(settings.base_url)
    return Cached(client, client.base_url) if settings.cached else client
