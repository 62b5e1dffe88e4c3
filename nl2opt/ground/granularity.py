"""Expression over whole variables -> the step of its values: the largest number all of them are whole multiples of.

`2 * x + 0.5 * y < 3` over whole x and y is `2 * x + 0.5 * y + 0.5 <= 3`: sums of whole multiples of the coefficients
and the constant are multiples of their greatest common divisor, so two different ones differ by that much at least.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from nl2opt.ground.axes import Array, Frame
from nl2opt.ground.binding import bind, keep
from nl2opt.ground.constants import Constants
from nl2opt.ground.reduction import common_divisor, reduce, scatter
from nl2opt.ir.nodes import Add, Aggregate, Binary, Call, Expr, IfElse, Mul, Neg
from nl2opt.passes.declared import InferredStep
from nl2opt.passes.facts import is_known


def step_values(p: InferredStep, k: Constants) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The parameter at each of its keys: the step, or, where only whole steps count, 1 or 0."""
    _, frame = k.domain(p)
    steps = np.broadcast_to(frame.expand(granularity(p.of, frame, k), frame.axes), frame.shape).reshape(-1)
    if p.whole:
        return np.array([float(s != 0 and s.denominator == 1) for s in map(Fraction, steps)])
    return np.array([float(s) for s in steps])


def granularity(e: Expr, frame: Frame, k: Constants) -> Array:
    """Node over whole variables -> its step at each binding, as exact fractions; 0 where it is always 0."""
    if is_known(e, k.model):
        a = k.exactly.number(e, frame)
        return Array(_exact(np.asarray(abs(a.data))), a.dims)
    match e:
        case Neg(arg):
            return granularity(arg, frame, k)
        case Add(parts) | Call("min" | "max" | "sum", parts, _):
            total = granularity(parts[0], frame, k)
            for p in parts[1:]:
                dims, (x, y) = frame.aligned(total, granularity(p, frame, k))
                total = Array(_common(x, y), dims)
            return total
        case Mul(factors):
            total = granularity(factors[0], frame, k)
            for f in factors[1:]:
                dims, (x, y) = frame.aligned(total, granularity(f, frame, k))
                total = Array(np.asarray(x * y), dims)
            return total
        case Binary("/", left, right):
            a, b = granularity(left, frame, k), granularity(right, frame, k)
            dims, (x, y) = frame.aligned(a, b)
            return Array(np.asarray(x / y), dims)
        case Aggregate("sum" | "min" | "max", body, generators):
            inner = bind(k, frame, generators)
            return reduce("gcd", granularity(body, inner, k), inner, frame)
        case IfElse(condition, then, otherwise) if is_known(condition, k.model):
            test = k.condition(condition, frame)
            if not test.dims:
                return granularity(then if bool(test.data) else otherwise, frame, k)
            yes, no = keep(frame, test), keep(frame, Array(~test.data, test.dims))
            parts_ = [(granularity(x, f, k), f) for x, f in ((then, yes), (otherwise, no)) if f.size]
            return scatter(parts_, frame)
        case _:
            return Array(np.array(Fraction(1), dtype=object))


def _exact(data: Any) -> Any:
    return np.asarray(np.frompyfunc(Fraction, 1, 1)(data), dtype=object) if data.dtype != object else data


def _common(x: Any, y: Any) -> Any:
    return np.asarray(common_divisor(x, y), dtype=object)
