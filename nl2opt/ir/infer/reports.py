"""How inference tells what it finds: (code, node, found, expected, fix)."""

from __future__ import annotations

from typing import Protocol

from nl2opt.ir.nodes import Expr


class Report(Protocol):
    """Takes one finding about a node; ``found``, ``expected`` and ``fix`` are one line each and may be empty."""

    def __call__(self, code: str, node: Expr, found: str, expected: str, fix: str) -> None: ...


def silent(code: str, node: Expr, found: str, expected: str, fix: str) -> None:
    """The report of those who only want the answer."""
