"""Request -> the next of some replies that were written beforehand, for tests and for replaying recorded runs."""

from __future__ import annotations

from collections.abc import Iterable

from nl2opt.errors import Diagnostic, ModelFailure
from nl2opt.llm import Completion, Request


class Scripted:
    """A client without a model. ``asked`` holds the requests it got."""

    def __init__(self, replies: Iterable[str]) -> None:
        self._replies = iter(replies)
        self.asked: list[Request] = []

    def complete(self, request: Request) -> Completion:
        """The next reply. Raises ModelFailure (E906) when there is none left."""
        self.asked.append(request)
        reply = next(self._replies, None)
        if reply is None:
            raise ModelFailure(Diagnostic("E906", "no reply is left in the script"))
        return Completion(reply)
