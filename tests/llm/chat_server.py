"""A real HTTP server on this machine that speaks the chat protocol, replies from a script, and has faults on demand."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Step:
    """One answer: a reply in the protocol's envelope, or a fault.

    ``status`` other than 200 sends ``text`` as the error's message; ``raw`` is sent as it is; ``wait`` seconds pass
    first; ``drop`` closes the connection without an answer.
    """

    text: str | None = ""
    status: int = 200
    raw: bytes | None = None
    wait: float = 0.0
    drop: bool = False


@dataclass
class ChatServer:
    """A running server. ``asked`` holds the bodies of its requests, ``keys`` the keys it was given."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@contextmanager
def chat_server(script: Iterable[Step | str]) -> Iterator[ChatServer]:
    """A script -> a server that follows it; the last step is repeated."""
    steps = [s if isinstance(s, Step) else Step(s) for s in script]
    found = ChatServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.keys.append(self.headers.get("Authorization", ""))
            found.asked.append(json.loads(body))
            step = steps[min(len(found.asked), len(steps)) - 1]
            time.sleep(step.wait)
            if step.drop:
                self.connection.close()
                return
            self.send_response(step.status)
            content = step.raw if step.raw is not None else json.dumps(_envelope(step)).encode()
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(OSError):  # the client may have left
                self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _envelope(step: Step) -> dict[str, Any]:
    if step.status != 200:
        return {"error": {"message": step.text, "type": "invalid_request_error", "code": None}}
    message = {"role": "assistant", "content": step.text}
    return {
        "id": "chat-1", "object": "chat.completion", "created": 0, "model": "local",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    }  # fmt: skip
