"""What the parts of the CP lowering ask of one another: the values of expressions under the bound indices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from nl2opt.errors import Diagnostic, EvaluationError
from nl2opt.ground.cp.arithmetic import Numeric
from nl2opt.ground.cp.builder import Builder
from nl2opt.ground.cp.values import Formula, Scalar
from nl2opt.ir.instance import Instance, Key, SetValue
from nl2opt.ir.model import Element, NamedExpression, Over
from nl2opt.ir.nodes import Expr

T = TypeVar("T")


class Scope(Protocol):
    """An instance being ground: indices bound so far, and the value of any expression under them."""

    b: Builder
    instance: Instance
    env: dict[str, Element]
    origins: dict[str, SetValue]

    def value(self, e: Expr) -> Scalar:
        """Expression -> its value; what it needs to be defined goes to the enclosing condition."""

    def number(self, e: Expr) -> Numeric:
        """Expression -> its number."""

    def condition(self, e: Expr) -> Formula:
        """Condition -> a formula that is false where the condition is undefined."""

    def listing(self, args: tuple[Expr, ...]) -> list[Scalar]:
        """Arguments -> values; a bare array or a list stands for all its elements."""

    def each(self, over: Over) -> Iterator[Formula]:
        """Bind the indices to each combination that is not known to be filtered out; yield what its filter needs."""

    def set_of(self, e: Expr) -> SetValue:
        """Set expression -> the set."""

    def apart(self, compute: Callable[[], T]) -> tuple[T, Formula]:
        """Run ``compute`` and keep what it needs to be defined away from the enclosing condition."""

    def need(self, f: Formula) -> None:
        """The part being ground is undefined unless ``f`` holds."""

    def entry(self, name: str, key: Key) -> Scalar:
        """A declared name at a key inside its domain -> its value."""

    def keys(self, name: str) -> tuple[Key, ...]:
        """The keys of an indexed name, in order."""

    def bindings_of(self, item: NamedExpression) -> dict[Key, tuple[dict[str, Element], dict[str, SetValue]]]:
        """A named expression -> its keys, each with the indices bound to it."""


def failure(s: Scope, code: str, message: str, found: str = "", expected: str = "", fix: str = "") -> EvaluationError:
    """An expression without a value, with the binding under which it has none."""
    binding = ", ".join(f"{k} = {v}" for k, v in s.env.items())
    where = f"{s.b.where} ({binding})" if binding else s.b.where
    return EvaluationError(Diagnostic(code, message, where, found, expected, fix))
