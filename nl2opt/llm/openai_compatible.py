"""Request -> Completion: any server that speaks OpenAI's chat protocol, asked through OpenAI's own client.

Timeouts and retries (connection lost, 408, 409, 429, 5xx, with growing waits) are the client's. A server that cannot
hold a model to a JSON Schema is asked for JSON, and one that cannot do that either for plain text.
"""

from __future__ import annotations

import os
import time
from typing import Any, Final

from nl2opt.errors import Diagnostic, ModelFailure
from nl2opt.llm import Completion, Request

KEYS: Final = ("NL2OPT_API_KEY", "OPENAI_API_KEY")
"""Environment variables that may hold the key, the first found is used; a key is never taken from anywhere else."""

_UNABLE: Final = (400, 404, 415, 422, 501)
"""Statuses with which servers answer a response format they do not know."""


class OpenAICompatible:
    """A server at ``base_url`` ('' = OpenAI's own); ``timeout`` seconds for each try, ``retries`` beyond the first."""

    def __init__(self, base_url: str = "", timeout: float = 120.0, retries: int = 3) -> None:
        try:
            import openai
        except ImportError:
            fix = "pip install 'nl2opt[llm]'"
            raise ModelFailure(Diagnostic("E901", "the package openai is not installed", fix=fix)) from None
        key = next((os.environ[name] for name in KEYS if os.environ.get(name)), "")
        if not key and not base_url:
            found = f"neither {' nor '.join(KEYS)} is set"
            raise ModelFailure(Diagnostic("E902", "no key for the language model", found=found,
                                          fix=f"export {KEYS[0]}=..., or --base-url of a local server"))  # fmt: skip
        self.base_url = base_url or "https://api.openai.com/v1"
        self._openai = openai
        self._client: Any = openai.OpenAI(
            base_url=base_url or None, api_key=key or "no-key", timeout=timeout, max_retries=retries
        )
        self._format = 0
        """Index of the first response format that this server has not refused."""
        self._takes_temperature = True

    def complete(self, request: Request) -> Completion:
        """Ask once. Raises ModelFailure: E903 unreachable or slow, E904 refused, E905 too many, E906 no text."""
        start = time.monotonic()
        answer = self._ask(request)
        choice = answer.choices[0] if answer.choices else None
        text = (choice.message.content if choice and choice.message else None) or ""
        if not text.strip():
            reason = getattr(choice, "finish_reason", None) or "no reason given"
            raise self._failure("E906", "the language model gave no text", f"finish reason: {reason}")
        usage = answer.usage
        return Completion(
            text,
            usage.prompt_tokens if usage else 0,
            usage.completion_tokens if usage else 0,
            time.monotonic() - start,
        )

    def _ask(self, request: Request) -> Any:
        """The server's answer, asked for less structure each time it cannot do more."""
        formats = _formats(request)
        while True:
            chosen = formats[min(self._format, len(formats) - 1)]
            try:
                return self._create(request, chosen)
            except self._openai.APIStatusError as e:
                if self._can_ask_for_less(e, len(formats)):
                    continue
                raise self._refused(e) from None
            except self._openai.APITimeoutError:
                raise self._failure("E903", "the language model took too long", fix="raise --llm-timeout") from None
            except self._openai.APIConnectionError as e:
                found = str(e.__cause__ or e)
                raise self._failure("E903", "the language model cannot be reached", found) from None
            except (self._openai.OpenAIError, ValueError) as e:  # a ValueError: what came is no JSON
                raise self._failure("E904", "the language model's answer cannot be read", str(e)[:300]) from None

    def _can_ask_for_less(self, e: Any, formats: int) -> bool:
        """True where the server refused something that can be left out; it is left out from now on."""
        said = str(e).lower()
        if e.status_code in _UNABLE and "format" in said and self._format < formats - 1:
            self._format += 1
            return True
        if e.status_code in _UNABLE and "temperature" in said and self._takes_temperature:
            self._takes_temperature = False
            return True
        return False

    def _create(self, request: Request, chosen: dict[str, Any]) -> Any:
        messages = [{"role": m.role, "content": m.content} for m in request.messages]
        limit = {"max_tokens": request.max_tokens} if request.max_tokens else {}
        warmth = {"temperature": request.temperature} if self._takes_temperature else {}
        return self._client.chat.completions.create(model=request.model, messages=messages, **warmth, **limit, **chosen)

    def _refused(self, e: Any) -> ModelFailure:
        if e.status_code == 429:
            return self._failure("E905", "the language model takes no more requests for now", str(e)[:300])
        fix = {401: f"is {KEYS[0]} the right key?", 404: "is --model a model of this server?"}.get(e.status_code, "")
        return self._failure("E904", f"the language model refused with status {e.status_code}", str(e)[:300], fix)

    def _failure(self, code: str, message: str, found: str = "", fix: str = "") -> ModelFailure:
        return ModelFailure(Diagnostic(code, message, self.base_url, found, fix=fix))


def _formats(request: Request) -> list[dict[str, Any]]:
    """Response formats from the strictest to none."""
    if request.schema is None:
        return [{}]
    schema = {"name": "document", "schema": dict(request.schema), "strict": False}
    return [
        {"response_format": {"type": "json_schema", "json_schema": schema}},
        {"response_format": {"type": "json_object"}},
        {},
    ]
