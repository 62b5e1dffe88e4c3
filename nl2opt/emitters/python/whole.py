"""Instance -> the parts of a program that decides over integers: variables, constraints, goals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from fractions import Fraction
from typing import Generic, TypeVar

from nl2opt.emitters.python.counted import counted_parameters
from nl2opt.emitters.python.data import DataWriter, Entry, said
from nl2opt.emitters.python.identifiers import comment_text, string_literal
from nl2opt.emitters.python.known import IF, OR, KnownWriter, Scope
from nl2opt.emitters.python.positions import PositionWriter
from nl2opt.emitters.python.reasons import UNSUPPORTED
from nl2opt.ground.cp import infer_bounds
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Constraint, Objective, Variable
from nl2opt.ir.nodes import ONE, ZERO, Call, Expr, Name
from nl2opt.passes.arithmetic import minus
from nl2opt.passes.facts import is_known

Writer = TypeVar("Writer", bound=PositionWriter)

REMARK = "CP-SAT needs a bound; this one follows from these data, renew it with them"
"""What a program says of a bound that is not in the model."""


class WholeScript(ABC, Generic[Writer]):
    """One program over integers; ``original`` is the instance of the source model, from which bounds follow."""

    def __init__(self, writer: Writer, original: Instance) -> None:
        self.writer = writer
        self.instance = writer.instance
        self.model = writer.model
        self.datawriter = DataWriter(writer, writer.decimals.fractional)
        self.bounds = missing_bounds(original, writer)
        inferred = [Entry(name, value, (), REMARK, inferred=True) for name, value in self.bounds.items()]
        self.entries = [*self.datawriter.entries(), *inferred]
        self.data: Mapping[str, object] = {e.name: e.value for e in self.entries}

    @abstractmethod
    def ranged(self, low: str, high: str, name: str) -> str:
        """Bounds -> source of an integer variable."""

    @abstractmethod
    def switched(self, name: str) -> str:
        """Source of a Boolean variable."""

    @abstractmethod
    def among(self, v: Variable, scope: Scope, name: str) -> str:
        """Source of a variable in a set that is neither a range nor all of its root."""

    @abstractmethod
    def statements(self, e: Expr, scope: Scope) -> list[str]:
        """A condition that must hold -> the lines that add it."""

    # variables ------------------------------------------------------------------------------------------------------

    def variable(self, v: Variable) -> list[str]:
        """One family of variables, after the person's words about it."""
        w = self.writer
        name, remark = w.names[v.name], self.datawriter.remark(v)
        clauses, scope = w.clauses(v.over, {})
        targets = targets_of(v)
        shown = ", ".join(f"{{{w.names[t]}}}" for t in targets)
        made = self.made(v, scope, f'f"{name}[{shown}]"' if targets else string_literal(name))
        code = f"{{{w.key(targets)}: {made} {clauses}}}" if v.over else made
        return [*(f"# {s}" for s in said(v.anchors)), f"{name} = {code}" + (f"  # {remark}" if remark else "")]

    def made(self, v: Variable, scope: Scope, name: str) -> str:
        """The variable of one key."""
        w = self.writer
        if v.within is not None:
            root = w.roots.get(v.name)
            if root is not None and v.within == Name(root):
                return self.ranged("0", f"len({w.names[root]}) - 1", name)
            if root is None and w.is_consecutive(v.within):
                return self.ranged(*self.ends(v.within, scope), name)
            return self.among(v, scope, name)
        if v.type == "binary" and v.lower is None and v.upper is None:
            return self.switched(name)
        top = "1" if v.type == "binary" else ""
        return self.ranged(self.bound(v, "lower", "0", scope), self.bound(v, "upper", top, scope), name)

    def ends(self, within: Expr, scope: Scope) -> tuple[str, str]:
        """A range -> its first and its last element."""
        w = self.writer
        if isinstance(within, Call):
            start, stop = within.args if len(within.args) == 2 else (ZERO, within.args[0])
            return w.write(start, scope, IF), w.write(minus(stop, ONE), scope, IF)
        order = w.collection(within, scope)
        return f"{order}[0]", f"{order}[-1]"

    def allowed(self, v: Variable, scope: Scope) -> str:
        """The set of a variable -> source of the numbers or positions of its elements."""
        w = self.writer
        assert v.within is not None
        root, listed = w.roots.get(v.name), w.source(v.within, scope)
        return listed if root is None else f"[{w.names[root]}.index(value) for value in {listed}]"

    def bound(self, v: Variable, side: str, usual: str, scope: Scope) -> str:
        """A declared bound rounded inwards, else the one that follows from the constraints."""
        w = self.writer
        declared: Expr | None = getattr(v, side)
        inferred = f"{v.name}.{side}"
        if inferred in self.bounds:
            return f"data[{string_literal(inferred)}]"
        if declared is None:
            return usual
        text = w.write(declared, scope, IF)
        if not w.decimals.is_fractional(declared):
            return text
        w.imports.add("math")
        return f"math.{'floor' if side == 'upper' else 'ceil'}({text})"

    # constraints ----------------------------------------------------------------------------------------------------

    def constraint(self, c: Constraint) -> list[str]:
        """One named constraint, in loops over its bindings where it is a family."""
        w = self.writer
        quotes, name = said(c.anchors), comment_text(c.name)
        lines = [f"# {name}: {quotes[0]}" if quotes else f"# {name}", *(f"# {q}" for q in quotes[1:])]
        scope: dict[str, Expr] = {}
        indent = ""
        for g in c.over:
            lines.append(f"{indent}for {w.target(g.targets)} in {w.source(g.source, scope)}:")
            indent += "    "
            scope |= dict.fromkeys(g.targets, g.source)
            for condition in g.conditions:
                lines.append(f"{indent}if {w.write(condition, scope)}:")
                indent += "    "
        w.scaled = False
        added = self.statements(c.expr, scope)
        scale = [f"scale = {w.scale(c.expr, scope)}"] if w.scaled else []
        return [*lines, *(indent + line for line in (*scale, *added))]

    # goals ----------------------------------------------------------------------------------------------------------

    def decided(self) -> list[Objective]:
        """The objectives that depend on a variable, the most urgent first."""
        return sorted((o for o in self.model.objectives if not is_known(o.expr, self.model)), key=lambda o: -o.priority)

    def has_goals(self) -> bool:
        """True where objectives are a list of goals: there are several, or one has decimals."""
        decided = self.decided()
        return len(decided) > 1 or any(self.writer.decimals.is_fractional(o.expr) for o in decided)

    def objectives(self) -> list[str]:
        """The objective on the model, or the list of goals."""
        w = self.writer
        lines = ["goals = []"] if self.has_goals() else []
        for o in self.decided():
            plain = [f"model.{o.sense}({w.write(o.expr, {})})"] if not self.has_goals() else self.goal(o)
            lines += [*(f"# {s}" for s in said(o.anchors)), *plain]
        return lines

    def goal(self, o: Objective) -> list[str]:
        """One goal and the scale that makes it whole."""
        w = self.writer
        if not w.decimals.is_fractional(o.expr):
            return [f"goals.append(({string_literal(o.sense)}, {w.write(o.expr, {})}, 1))"]
        expr = w.decimals.spread(o.expr)
        scale = w.decimals.scale(list(w.decimals.coefficients(expr)), {})
        return [
            f"scale = {scale}",
            f"goals.append(({string_literal(o.sense)}, {w.decimals.write(expr, {}, OR)}, scale))",
        ]

    def whole(self) -> list[str]:
        """Given parameters that are whole now and counted with, so that new data must be whole, too."""
        counted = counted_parameters(self.model) - self.writer.decimals.fractional
        numbers = {n for n, held in self.instance.parameters.items() if held.elements is None}
        return [e.name for e in self.entries if e.name in counted & numbers]

    # the whole ------------------------------------------------------------------------------------------------------

    def returned(self) -> list[str]:
        """What `build` returns."""
        goals = ["goals"] if self.has_goals() else []
        return ["model", *goals, "variables", *(["labels"] if self.writer.roots else [])]

    def last(self) -> list[str]:
        """The lines that return it."""
        w = self.writer
        names = ", ".join(f"{string_literal(w.names[v.name])}: {w.names[v.name]}" for v in self.model.variables)
        roots = ", ".join(f"{string_literal(w.names[v])}: {w.names[r]}" for v, r in w.roots.items())
        labels = [f"labels = {{{roots}}}"] if roots else []
        return [f"variables = {{{names}}}", *labels, f"return {', '.join(self.returned())}"]


def require_whole(instance: Instance, relax: bool) -> None:
    """Raises Unsupported for a relaxation and for real variables."""
    if relax:
        raise KnownWriter(instance).refuse("a relaxation", UNSUPPORTED["real variable"])
    for v in instance.variables.values():
        if v.type == "real" and v.within is None:
            raise KnownWriter(instance).refuse(f"the real variable `{v.name}`", UNSUPPORTED["real variable"])


def targets_of(v: Variable) -> tuple[str, ...]:
    """A variable -> the names of its indices."""
    return tuple(t for g in v.over for t in g.targets)


def missing_bounds(instance: Instance, writer: KnownWriter) -> dict[str, int]:
    """Integer variables without a finite bound -> the widest bound that follows from the constraints."""
    needed = [
        (v.name, side)
        for v in instance.variables.values()
        if v.within is None and v.type == "integer"
        for side in ("lower", "upper")
        if None in getattr(v, side)
    ]
    if not needed:
        return {}
    inferred = infer_bounds(instance)
    found: dict[str, int] = {}
    for name, side in needed:
        family = instance.variables[name]
        declared: tuple[Fraction | None, ...] = getattr(family, side)
        ends: list[float] = []
        for key, own in zip(family.domain.keys, declared, strict=True):
            if own is not None:
                ends.append(float(own))
            elif inferred is not None:
                ends.append(float(inferred.get((name, key), (-_INF, _INF))[side == "upper"]))
        end = (max if side == "upper" else min)(ends, default=0.0)
        if abs(end) == _INF:
            raise writer.refuse(f"the integer variable `{name}`", UNSUPPORTED["unbounded integer"])
        found[f"{name}.{side}"] = int(end)
    return found


_INF = float("inf")
