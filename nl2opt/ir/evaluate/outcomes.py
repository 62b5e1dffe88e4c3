"""What an evaluation yields: numbers, elements, lists and sets; undefined; how values and bindings are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Protocol, TypeGuard

from nl2opt.errors import Diagnostic, EvaluationError
from nl2opt.ir.evaluate.arithmetic import Number, canonical
from nl2opt.ir.instance import Instance, Key, SetValue
from nl2opt.ir.model import Element, NamedExpression, Over, Parameter, Set, Variable
from nl2opt.ir.nodes import CompareOp, Expr

Bound = tuple[Element, SetValue | None]
"""The element an index stands for, and the set it was drawn from (None: unknown, so it has no `next`)."""

Env = dict[str, Bound]
Outcome = Any
"""Number, Boolean, element, list of outcomes, or SetValue; what `outputs` may hold."""


class Values(Protocol):
    """What the functions of the language ask of the evaluator that calls them."""

    instance: Instance
    reads: int

    @property
    def symbols(self) -> Mapping[str, Set | Parameter | Variable | NamedExpression]: ...

    def value(self, e: Expr, env: Env) -> Outcome: ...
    def number(self, e: Expr, env: Env) -> Number: ...
    def whole(self, e: Expr, env: Env) -> int: ...
    def condition(self, e: Expr, env: Env) -> bool: ...
    def truth(self, value: Outcome, e: Expr, env: Env) -> bool: ...
    def set_of(self, e: Expr, env: Env) -> SetValue: ...
    def generate(self, generators: Over, env: Env) -> Iterator[bool]: ...
    def keyed_bindings(self, over: Over, env: Env) -> Iterator[tuple[Env, Key]]: ...
    def bind(self, over: Over, key: Key) -> Env | None: ...
    def keys(self, name: str) -> tuple[Key, ...]: ...
    def lookup(self, name: str, key: Key, env: Env, dependent: bool) -> Outcome: ...
    def length(self, name: str, index: tuple[Expr, ...], env: Env) -> int | None: ...
    def failure(
        self, code: str, message: str, env: Env, dependent: bool = False, found: str = "", expected: str = "",
        fix: str = "",
    ) -> Undefined | EvaluationError: ...  # fmt: skip


def plain(value: Outcome) -> Outcome:
    """An outcome with whole fractions as integers and sets as lists."""
    if isinstance(value, Fraction):
        return canonical(value)
    if isinstance(value, list | SetValue):
        return [plain(v) for v in value]
    return value


_NUMBERS = frozenset((int, float, Fraction, bool))


class Undefined(Exception):
    """A part that depends on variables has no value at this point; the nearest enclosing condition is false."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


def is_number(value: object) -> TypeGuard[Number]:
    """True for integers, Booleans, fractions and floats."""
    return type(value) in _NUMBERS or isinstance(value, int | float | Fraction)


def compare_values(op: CompareOp, a: Any, b: Any) -> bool:
    """a op b of comparable values."""
    match op:
        case "<=":
            return bool(a <= b)
        case ">=":
            return bool(a >= b)
        case "==":
            return bool(a == b)
        case "!=":
            return bool(a != b)
        case "<":
            return bool(a < b)
        case ">":
            return bool(a > b)


def shown(value: Outcome) -> str:
    """A value, short enough for one line."""
    text = str(value) if isinstance(value, Fraction | str | int) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def shown_key(key: Key) -> str:
    """A key as a subscript; '' of a scalar."""
    return f"[{', '.join(map(shown, key))}]" if key else ""


def shown_binding(env: Mapping[str, Bound]) -> str:
    """Bound indices -> `t = jan, p = north`."""
    return ", ".join(f"{name} = {shown(value)}" for name, (value, _) in env.items())
