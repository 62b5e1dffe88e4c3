"""Expression over whole variables -> the step of its values: the largest number all of them are whole multiples of.

`2 * x + 0.5 * y < 3` over whole x and y is `2 * x + 0.5 * y + 0.5 <= 3`: sums of whole multiples of the coefficients
and the constant are multiples of their greatest common divisor, so two different ones differ by that much at least.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from nl2opt.ground.linear.axes import Array, Frame
from nl2opt.ground.linear.binding import bind, keep
from nl2opt.ground.linear.constants import Constants
from nl2opt.ground.linear.reduction import common_divisor, reduce, scatter
from nl2opt.ir.model import Parameter, Set
from nl2opt.ir.nodes import Add, Aggregate, Binary, Call, Expr, IfElse, Mul, Neg, Subscript
from nl2opt.ir.walk import free_names
from nl2opt.passes.declared import InferredStep


def step_values(p: InferredStep, k: Constants) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The parameter at each of its keys: the step; 1 where the expression is always 0, so that `<` fails there."""
    _, frame = k.domain(p)
    steps = np.broadcast_to(frame.expand(granularity(p.of, frame, k), frame.axes), frame.shape).reshape(-1)
    return np.array([float(s) or 1.0 for s in steps])


def granularity(e: Expr, frame: Frame, k: Constants) -> Array:
    """Node over whole variables -> its step at each binding, as exact fractions; 0 where it is always 0, and under no
    binding, where nothing is looked at."""
    if frame.empty:
        return Array(np.array(Fraction(0), dtype=object))
    if _is_known(e, frame, k):
        a = k.exactly.number(e, frame)
        return Array(_exact(np.asarray(abs(a.data))), a.dims)
    match e:
        case Neg(arg):
            return granularity(arg, frame, k)
        case Call("abs", (arg,), _):
            return granularity(arg, frame, k)
        case Add(parts) | Call("min" | "max" | "sum", parts, _):
            return _all(parts, frame, k)
        case IfElse(condition, then, otherwise) if not _is_known(condition, frame, k):
            return _all((then, otherwise), frame, k)
        case Mul(factors):
            total = granularity(factors[0], frame, k)
            for f in factors[1:]:
                dims, (x, y) = frame.aligned(total, granularity(f, frame, k))
                total = Array(np.asarray(x * y), dims)
            return total
        case Binary("/", left, right):
            a, b = granularity(left, frame, k), granularity(right, frame, k)
            dims, (x, y) = frame.aligned(a, b)
            if (zero := np.asarray(b.data == 0)).any():
                raise k.failure("V103", "division by zero", e, frame, Array(zero, b.dims))
            return Array(np.asarray(x / y), dims)
        case Aggregate("sum" | "min" | "max", body, generators):
            inner = bind(k, frame, generators)
            return reduce("gcd", granularity(body, inner, k), inner, frame)
        case IfElse(condition, then, otherwise):
            test = k.condition(condition, frame)
            if not test.dims:
                return granularity(then if bool(test.data) else otherwise, frame, k)
            yes, no = keep(frame, test), keep(frame, Array(~test.data, test.dims))
            parts_ = [(granularity(x, f, k), f) for x, f in ((then, yes), (otherwise, no)) if f.size]
            return scatter(parts_, frame)
        case Subscript(name, _) if isinstance(k.model.symbols.get(name), Parameter):  # chosen by a variable
            values = k.exactly.parameter(name)[1].data
            return Array(np.asarray(common_divisor.reduce(_exact(abs(values))), dtype=object))
        case _:
            return Array(np.array(Fraction(1), dtype=object))


def _all(parts: tuple[Expr, ...], frame: Frame, k: Constants) -> Array:
    """The step of a sum, or of a value chosen among several."""
    total = granularity(parts[0], frame, k)
    for p in parts[1:]:
        dims, (x, y) = frame.aligned(total, granularity(p, frame, k))
        total = Array(_common(x, y), dims)
    return total


def _is_known(e: Expr, frame: Frame, k: Constants) -> bool:
    """True where only indices, sets and parameters decide ``e``; rewrites may have replaced variables it mentions."""
    return all(n in frame.names or isinstance(k.model.symbols.get(n), Parameter | Set) for n in free_names(e))


def _exact(data: Any) -> Any:
    return np.asarray(np.frompyfunc(_fraction, 1, 1)(data), dtype=object)


def _fraction(value: Any) -> Fraction:
    """A number -> the fraction it stands for; a float is its shortest decimal, as data are."""
    return value if isinstance(value, Fraction) else Fraction(repr(value.item() if hasattr(value, "item") else value))


def _common(x: Any, y: Any) -> Any:
    return np.asarray(common_divisor(x, y), dtype=object)
