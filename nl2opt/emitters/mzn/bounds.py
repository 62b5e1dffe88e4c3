"""Variable -> its domain: the sets and bounds that are declared, and bounds that follow, where a solver needs some."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from nl2opt.emitters.mzn.datafile import Item
from nl2opt.emitters.mzn.declared import Scope, decimal
from nl2opt.emitters.mzn.reasons import UNSUPPORTED
from nl2opt.emitters.mzn.scheduling import GlobalWriter
from nl2opt.emitters.python.indices import prepared
from nl2opt.ground.cp import infer_bounds
from nl2opt.ground.linear.bounds import inferred_values
from nl2opt.ir.instance import Instance, Key
from nl2opt.ir.kind import kind_of_instance
from nl2opt.ir.model import Model, Variable
from nl2opt.ir.nodes import Add, Aggregate, Binary, Compare, Constant, Expr, Mul, Name, Neg, Number, Subscript
from nl2opt.ir.walk import free_names
from nl2opt.passes.declared import InferredBound
from nl2opt.passes.expand_arrays import expand_arrays
from nl2opt.passes.facts import is_known
from nl2opt.passes.inline_expressions import inline_expressions

REMARK = "follows from these data: renew it with them"
"""What the data say of an inferred bound."""


class Bounds:
    """Knows the domain of each variable; bounds that follow from the constraints are data of the model."""

    def __init__(self, writer: GlobalWriter, original: Instance) -> None:
        self.writer = writer
        self.instance = writer.instance
        self.inferred = {k: v for k, v in _inferred(original).items() if k[0] in self.instance.variables}
        self.names = {
            (name, side): writer.identifiers.make(f"{writer.names[name]}_{side}") for name, side in self.inferred
        }  # fmt: skip

    def items(self) -> list[Item]:
        """The inferred bounds as data."""
        return [
            Item(self.names[key], (self._text(value),), (REMARK,), value) for key, value in self.inferred.items()
        ]  # fmt: skip

    def lines(self) -> list[str]:
        """Their declarations."""
        return [
            f"{'float' if self._is_real(name) else 'int'}: {self.names[name, side]};  % {REMARK}"
            for name, side in self.inferred
        ]

    def _is_real(self, name: str) -> bool:
        return self.instance.variables[name].type == "real"

    def _text(self, value: float) -> str:
        return str(int(value)) if value == int(value) else decimal(value)

    def base(self, v: Variable) -> str:
        """The type of the values: `int` (also for numbers and Booleans) or an enum."""
        family = self.instance.variables[v.name]
        elements = [e for s in family.within or () for e in s]
        if any(isinstance(e, tuple) for e in elements):
            raise self.writer.refuse(f"the variable `{v.name}`", UNSUPPORTED["an element that is a tuple"])
        return self.writer.bases.base(elements)  # type: ignore[arg-type]

    def domain(self, v: Variable) -> tuple[str, list[str]]:
        """Variable -> its type, and constraints for what depends on its indices."""
        w = self.writer
        if v.within is not None:
            base = self.base(v)
            if free_names(v.within) <= set(w.model.symbols):
                return w.collection(v.within, {}), []
            member = self._each(v, lambda cell, scope: f"{cell} in {w.collection(v.within, scope, 6)}")
            if base != "int":
                return base, [member]
            elements = [e for s in self.instance.variables[v.name].within or () for e in s if isinstance(e, int)]
            return f"{min(elements, default=0)}..{max(elements, default=0)}", [member]
        if v.type == "binary":
            sides = [(s, e) for s, e in ((">=", v.lower), ("<=", v.upper)) if e is not None]
            own = [self._each(v, lambda c, scope, s=s, e=e: f"{c} {s} {w.write(e, scope, 6)}") for s, e in sides]
            return "bool", own
        low, least = self._side(v, "lower")
        high, most = self._side(v, "upper")
        if (low, high) == ("-infinity", "infinity"):
            return "float" if v.type == "real" else "int", []
        if v.type == "real":
            low, high = self._as_float(low, v.lower), self._as_float(high, v.upper)
        return f"{low}..{high}", [*least, *most]

    def _as_float(self, text: str, declared: Expr | None) -> str:
        """A bound of a real variable, a float also where its parameters are integers."""
        if declared is None or isinstance(declared, Number) or text.endswith("infinity"):
            return text
        return f"int2float({text})" if self.writer.is_whole(declared) else text

    def _side(self, v: Variable, side: str) -> tuple[str, list[str]]:
        """One bound: the text for all keys, and a constraint where it is another for each."""
        w = self.writer
        declared: Expr | None = getattr(v, side)
        real = v.type == "real"
        if side == "lower" and declared is None:
            return "0.0" if real else "0", []
        if declared is None or isinstance(declared, Constant) or (isinstance(declared, Neg) and _is_infinite(declared)):
            found = self.names.get((v.name, side))
            return found or ("infinity" if side == "upper" else "-infinity"), []
        if isinstance(declared, Number):
            value = declared.value
            if not real:
                value = Fraction(math.floor(value) if side == "upper" else math.ceil(value))
            return (decimal(float(value)) if real else str(value)), []
        over = {t for g in v.over for t in g.targets}
        if not free_names(declared) & over:
            return self._rounded(declared, {}, side, real, 7), []
        clauses, scope = w.clauses(v.over, {})
        pick, op = ("max", "<=") if side == "upper" else ("min", ">=")
        own = self._each(v, lambda cell, inner: f"{cell} {op} {w.write(declared, inner, 6)}")
        if not len(self.instance.variables[v.name].domain):
            return "0.0" if real else "0", [own]
        whole = w.whole_array(declared, v.over, {})
        text = f"{pick}({whole})" if whole else f"{pick}({clauses})({w.write(declared, scope)})"
        if not real and not w.is_whole(declared):
            text = f"{'floor' if side == 'upper' else 'ceil'}({text})"
        return text, [own]

    def _rounded(self, e: Expr, scope: Scope, side: str, real: bool, level: int) -> str:
        if real or self.writer.is_whole(e):
            return self.writer.write(e, scope, level)
        return f"{'floor' if side == 'upper' else 'ceil'}({self.writer.write(e, scope)})"

    def _each(self, v: Variable, write: object) -> str:
        """A constraint on every member of a family."""
        w = self.writer
        clauses, scope = w.clauses(v.over, {})
        frame = w.frames[v.name]
        targets = [t for g in v.over for t in g.targets]
        if frame.rows is not None:
            cell = f"{w.names[v.name]}[{scope[targets[0]].counter}]"
        else:
            cell = f"{w.names[v.name]}[{', '.join(scope[t].text for t in targets)}]" if targets else w.names[v.name]
        text = write(cell, scope)  # type: ignore[operator]
        return f"constraint forall({clauses})({text});" if v.over else f"constraint {text};"

    def filler(self, v: Variable) -> str:
        """A value in the domain of all cells, for those that are no keys."""
        family = self.instance.variables[v.name]
        if v.within is not None:
            kind, _ = self.domain(v)
            return f"min({kind})"
        if v.type == "binary":
            return "false"
        ends = [x for x in family.lower if x is not None]
        return self._text(float(min(ends))) if ends and len(ends) == len(family.lower) else "0"


def _is_infinite(e: Neg) -> bool:
    return isinstance(e.arg, Constant) and e.arg.name == "inf"


def _inferred(instance: Instance) -> dict[tuple[str, str], float]:
    """Variables without a finite bound -> the widest one that follows from the constraints, where one does.

    Real variables need none where the model is plainly linear.
    """
    wanted = _wanted(instance)
    if not wanted:
        return {}
    whole = infer_bounds(instance) if not any(f.type == "real" for f in instance.variables.values()) else {}
    linear = {}
    if not whole:
        side_of = {f"{v.name} {side}": (v, side) for v, side in wanted}
        bounds = tuple(
            InferredBound(name, v.over, variable=v.name, side=side)  # type: ignore[arg-type]
            for name, (v, side) in side_of.items()
        )
        linear = _linear(instance, bounds)
    found = {}
    for v, side in wanted:
        family = instance.variables[v.name]
        declared = family.upper if side == "upper" else family.lower
        ends = []
        for key, own in zip(family.domain.keys, declared, strict=True):
            if own is not None:
                ends.append(float(own))
            elif whole:
                pair = whole.get((v.name, key), (-math.inf, math.inf))
                ends.append(float(pair[side == "upper"]))
            else:
                ends.append(linear.get((v.name, side), {}).get(key, math.inf))
        end = (max if side == "upper" else min)(ends, default=0.0)
        if math.isfinite(end):
            found[v.name, side] = _outwards(end, side, v.type == "real")
    return found


def _outwards(end: float, side: str, real: bool) -> float:
    """A computed bound -> one that surely cuts off nothing."""
    if not real:
        return float(math.floor(end + 1e-6) if side == "upper" else math.ceil(end - 1e-6))
    slack = 1e-6 * (1 + abs(end))
    return float(f"{end + (slack if side == 'upper' else -slack):.9g}") if end != int(end) else end


def _wanted(instance: Instance) -> list[tuple[Variable, str]]:
    """Variables, and the side on which some key has no declared bound."""
    linear = is_linear(instance)
    found = []
    for v in instance.model.variables:
        family = instance.variables[v.name]
        if family.within is not None or family.type == "binary" or (linear and family.type == "real"):
            continue
        found += [(v, side) for side in ("lower", "upper") if None in getattr(family, side)]
    return found


def is_linear(instance: Instance) -> bool:
    """True where the model is a linear program, whole variables allowed."""
    return all(f.name in ("continuous", "integer") for f in kind_of_instance(instance).features)


def _linear(instance: Instance, bounds: tuple[InferredBound, ...]) -> dict[tuple[str, str], dict[Key, float]]:
    """Bounds that follow from the constraints which are plainly linear."""
    model, _ = inline_expressions(expand_arrays(prepared(instance.model, instance))[0])
    constraints = tuple(c for c in model.constraints if c.penalty is None and _is_linear(c.expr, model))
    model = replace(model, constraints=constraints, objectives=(), parameters=(*model.parameters, *bounds))
    values = inferred_values(instance, model)
    return {(b.variable, b.side): values.get(b.name, {}) for b in bounds}


def _is_linear(e: Expr, model: Model) -> bool:
    """True for a comparison of sums of known multiples of variables."""
    if isinstance(e, Compare):
        return e.op != "!=" and _is_affine(e.left, model) and _is_affine(e.right, model)
    return False


def _is_affine(e: Expr, model: Model) -> bool:
    if is_known(e, model):
        return True
    match e:
        case Name(name):
            return _is_number(name, model)
        case Subscript(name, index):
            return _is_number(name, model) and all(is_known(i, model) for i in index)
        case Neg(arg):
            return _is_affine(arg, model)
        case Add(terms):
            return all(_is_affine(t, model) for t in terms)
        case Mul(factors):
            decided = [f for f in factors if not is_known(f, model)]
            return len(decided) == 1 and _is_affine(decided[0], model)
        case Binary("/", left, right):
            return is_known(right, model) and _is_affine(left, model)
        case Aggregate("sum", body, generators):
            known = all(is_known(x, model) for g in generators for x in (g.source, *g.conditions))
            return known and _is_affine(body, model)
        case _:
            return False


def _is_number(name: str, model: Model) -> bool:
    declared = model.symbols.get(name)
    return isinstance(declared, Variable) and declared.within is None
