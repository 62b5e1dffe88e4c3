"""Messages -> completion: language models behind one small interface. This room knows nothing of optimization.

One file a kind of client; each has `complete(request) -> Completion`. A reply is text and is never executed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. ``schema``: the JSON Schema a reply should have, where the server can hold a model to one.

    ``temperature`` 0 asks for the likeliest reply; ``sample`` tells apart requests that are asked several times.
    """

    model: str
    messages: tuple[Message, ...]
    temperature: float = 0.0
    max_tokens: int | None = None
    schema: Mapping[str, Any] | None = None
    sample: int = 0

    @property
    def key(self) -> str:
        """The same for the same request, on every machine."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, ensure_ascii=True).encode()).hexdigest()

    def then(self, reply: str, question: str) -> Request:
        """The request that goes on after a reply."""
        return replace(self, messages=(*self.messages, Message("assistant", reply), Message("user", question)))


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back. Tokens are the server's count, 0 where it gives none; ``seconds`` of wall time; ``cached``: no
    model was asked this time."""

    text: str
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    cached: bool = False


class Client(Protocol):
    """Asks a model. Raises ModelFailure where no reply can be had."""

    def complete(self, request: Request) -> Completion: ...
