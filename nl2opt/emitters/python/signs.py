"""Expression and instance -> is its value at least 0, with these data? True only where the form shows it."""

from __future__ import annotations

from nl2opt.ir.instance import Instance
from nl2opt.ir.nodes import Add, Aggregate, Binary, Call, Compare, Expr, Mul, Name, Number, Subscript


def is_nonnegative(e: Expr, instance: Instance) -> bool:
    """True where the data of the instance keep `e` at 0 or above."""
    match e:
        case Number(value):
            return value >= 0
        case Name(name) | Subscript(name, _):
            if name in instance.variables:
                family = instance.variables[name]
                if family.within is not None:
                    return all(x >= 0 for s in family.within for x in s if isinstance(x, int))
                return all(low is not None and low >= 0 for low in family.lower)
            held = instance.parameters.get(name)
            return held is not None and held.elements is None and all(v >= 0 for v in held.exact)
        case Add(parts) | Mul(parts):
            return all(is_nonnegative(p, instance) for p in parts)
        case Aggregate("sum" | "prod" | "min" | "max", body, _):
            return is_nonnegative(body, instance)
        case Compare() | Call("abs" | "position" | "len", _, _):
            return True
        case Binary("//" | "%", left, right):
            return is_nonnegative(left, instance) and is_nonnegative(right, instance)
        case _:
            return False
