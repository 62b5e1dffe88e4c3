"""Instance -> the parts of a program that decides over integers: variables, constraints, goals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Generic, TypeVar

from nl2opt.emitters.natives import Native, native
from nl2opt.emitters.python.counted import counted_parameters
from nl2opt.emitters.python.data import DataWriter, Entry, said
from nl2opt.emitters.python.identifiers import comment_text, string_literal
from nl2opt.emitters.python.kept import Kept
from nl2opt.emitters.python.known import IF, OR, KnownWriter, Scope
from nl2opt.emitters.python.positions import PositionWriter
from nl2opt.emitters.python.reasons import UNSUPPORTED
from nl2opt.emitters.python.scripts import ONE_OF_ALL
from nl2opt.emitters.python.shown import REASON, Shown
from nl2opt.errors import Unsupported
from nl2opt.ground.cp import infer_bounds
from nl2opt.ir.instance import Instance
from nl2opt.ir.model import Constraint, Objective, Over, Variable
from nl2opt.ir.nodes import ONE, ZERO, Call, Compare, Expr, Name
from nl2opt.passes.arithmetic import minus
from nl2opt.passes.facts import is_known

Writer = TypeVar("Writer", bound=PositionWriter)

_ALL = """if result["status"] FINISHED:
    result["solutions"], result["complete"] = solve_all(model, {}, shown, arguments.time_limit)
"""

REMARK = "CP-SAT needs a bound; this one follows from these data, renew it with them"
"""What a program says of a bound that is not in the model."""


class WholeScript(ABC, Generic[Writer]):
    """One program over integers; ``original`` is the instance of the source model, from which bounds follow;
    ``shown`` what tells two answers apart, where more than the best one is asked for."""

    def __init__(self, writer: Writer, original: Instance, shown: tuple[Shown, ...] | None) -> None:
        self.writer = writer
        self.instance = writer.instance
        self.model = writer.model
        self.shown = shown if shown is not None and self._is_writable(shown) else None
        self.datawriter = DataWriter(writer, writer.decimals.fractional)
        self.bounds = missing_bounds(original, writer)
        inferred = [Entry(name, value, (), REMARK, inferred=True) for name, value in self.bounds.items()]
        self.entries = [*self.datawriter.entries(), *inferred]
        self.data: Mapping[str, object] = {e.name: e.value for e in self.entries}

    @abstractmethod
    def source(self, filename: str) -> str:
        """The whole text."""

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

    @abstractmethod
    def spelled(self, found: Native) -> tuple[Over, Callable[[Scope], list[str]]] | None:
        """A constraint that is one global constraint -> its bindings, and its lines under them; None where the target
        has no better word for it."""

    @property
    def decisions(self) -> tuple[Variable, ...]:
        """The variables of the person: not the expressions that are kept by name."""
        return tuple(v for v in self.model.variables if not isinstance(v, Kept))

    @property
    def requirements(self) -> tuple[Constraint, ...]:
        """The constraints of the model: not the definitions of kept expressions."""
        names = {v.name for v in self.model.variables if isinstance(v, Kept)}
        return tuple(c for c in self.model.constraints if c.name not in names)

    def expressions(self) -> list[str]:
        """The kept expressions, each with its words."""
        w = self.writer
        lines = []
        kept = {v.name: v for v in self.model.variables if isinstance(v, Kept)}
        for c in self.model.constraints:
            if c.name not in kept or not isinstance(c.expr, Compare):
                continue
            clauses, scope = w.clauses(c.over, {})
            w.scaled = False
            text = w.write(w.whole(c.expr.right), scope, IF)
            scale = [f"scale = {w.scale(c.expr.right, {}, c.over)}"] if w.scaled else []
            key = w.key(tuple(t for g in c.over for t in g.targets)) if c.over else ""
            remark = self.datawriter.remark(kept[c.name])
            code = f"{w.names[c.name]} = " + (f"{{{key}: {text} {clauses}}}" if c.over else text)
            lines += [*(f"# {s}" for s in said(c.anchors)), *scale, code + (f"  # {remark}" if remark else "")]
        return lines

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
        found = native(c, self.model)
        over, spelled = (self.spelled(found) if found else None) or (c.over, lambda at: self.statements(c.expr, at))
        scope: dict[str, Expr] = {}
        indent = ""
        for g in over:
            lines.append(f"{indent}for {w.target(g.targets)} in {w.source(g.source, scope)}:")
            indent += "    "
            scope |= dict.fromkeys(g.targets, g.source)
            for condition in g.conditions:
                lines.append(f"{indent}if {w.write(condition, scope)}:")
                indent += "    "
        w.scaled = False
        added = spelled(scope)
        scale = [f"scale = {w.scale(c.expr, scope)}"] if w.scaled else []
        return [*lines, *(indent + line for line in (*scale, *added))]

    # goals ----------------------------------------------------------------------------------------------------------

    def decided(self) -> list[Objective]:
        """The objectives that depend on a variable, the most urgent first."""
        return sorted((o for o in self.model.objectives if not is_known(o.expr, self.model)), key=lambda o: -o.priority)

    def has_goals(self) -> bool:
        """True where objectives are a list of goals: there are several, or one has decimals."""
        decided = self.decided()
        asked = self.shown is not None and decided
        return bool(asked) or len(decided) > 1 or any(self.writer.decimals.is_fractional(o.expr) for o in decided)

    def objectives(self) -> list[str]:
        """The objective on the model, or the list of goals."""
        w = self.writer
        lines = ["goals = []"] if self.has_goals() else []
        for o in self.decided():
            w.scaled = False
            plain = self.goal(o) if self.has_goals() else f"model.{o.sense}({self.aim(o.expr, w.write(o.expr, {}))})"
            fractional = w.decimals.is_fractional(o.expr)
            aimed = w.decimals.spread(o.expr) if fractional else o.expr
            scale = [f"scale = {w.scale(aimed, {})}"] if fractional or w.scaled else []
            lines += [*(f"# {s}" for s in said(o.anchors)), *scale, plain]
        return lines

    def aim(self, e: Expr, text: str) -> str:
        """An objective and its source -> what the target takes as its objective."""
        return text

    def goal(self, o: Objective) -> str:
        """One goal, times the scale that makes it whole."""
        w = self.writer
        fractional = w.decimals.is_fractional(o.expr)
        text = w.decimals.write(w.decimals.spread(o.expr), {}, OR) if fractional else w.write(o.expr, {})
        scale = "scale" if fractional else "1"
        return f"goals.append(({string_literal(o.sense)}, {self.aim(o.expr, text)}, {scale}))"

    def whole(self) -> list[str]:
        """Given parameters that are whole now and counted with, so that new data must be whole, too."""
        counted = counted_parameters(self.model) - self.writer.decimals.fractional
        numbers = {n for n, held in self.instance.parameters.items() if held.elements is None}
        return [e.name for e in self.entries if e.name in counted & numbers]

    # all answers ----------------------------------------------------------------------------------------------------

    def _is_writable(self, shown: tuple[Shown, ...]) -> bool:
        """True where the target can say what tells two answers apart."""
        try:
            for s in shown:
                _, scope = self.writer.clauses(s.over, {})
                self.shown_value(self.writer.whole(s.expr), scope)
        except Unsupported:
            return False
        return True

    def note(self) -> str:
        """What the docstring says of the answers that are asked for."""
        answer = self.model.answer
        if self.shown is not None:
            what = "the outputs of the model" if self.model.outputs else "any variable"
            return f"Reports the solutions that differ in {what}, at most {answer.limit}."
        return "" if answer.find == "best" else f"{ONE_OF_ALL}: {REASON}."

    def shown_list(self) -> list[str]:
        """What tells two answers apart -> the lines that make a list of expressions."""
        w = self.writer
        parts = []
        w.scaled = False
        for s in self.shown or ():
            declared = self.model.symbols.get(s.expr.name) if isinstance(s.expr, Name) else None
            if isinstance(declared, Variable) and declared.over:
                parts.append(f"*{w.names[declared.name]}.values()")
                continue
            clauses, scope = w.clauses(s.over, {})
            text = self.shown_value(w.whole(s.expr), scope)
            parts.append(f"*({text} {clauses})" if s.over else text)
        scale = w.common_scale([(s.over, s.expr) for s in self.shown or ()], {}) if w.scaled else ""
        return [*([f"scale = {scale}"] if scale else []), f"shown = [{', '.join(parts)}]"]

    def shown_value(self, e: Expr, scope: Scope) -> str:
        """A number or label -> source of an expression of the target."""
        root = self.writer.root_of(e)
        return self.writer.position(e, root, scope, IF) if root else self.writer.write(e, scope, IF)

    def reported(self) -> str:
        """What `solution` is called with."""
        return "variables, labels" if self.writer.roots else "variables"

    def texts(self, solve: str, solution: str, solve_all: str) -> str:
        """The functions behind `build`."""
        limit = self.model.answer.limit
        every = solve_all.replace("REPORTED", self.reported()).replace("LIMIT", str(limit))
        parts = (solve, solution, *([every] if self.shown is not None else []))
        return "\n\n\n".join(t.strip("\n") for t in parts)

    def run(self, text: str) -> str:
        """What runs when the program is called."""
        goals = "model, goals" if self.has_goals() else "model"
        text = text.replace("MADE", ", ".join(self.returned())).replace("SOLVED", goals)
        text = text.replace("REPORTED", self.reported())
        if self.shown is None:
            return text
        finished = '== "OPTIMAL"' if self.has_goals() else 'in ("OPTIMAL", "FEASIBLE")'
        every = _ALL.format(self.reported()).replace("FINISHED", finished)
        return text.replace("print(", f"{every}print(")

    # the whole ------------------------------------------------------------------------------------------------------

    def returned(self) -> list[str]:
        """What `build` returns."""
        goals = ["goals"] if self.has_goals() else []
        labels = ["labels"] if self.writer.roots else []
        return ["model", *goals, "variables", *labels, *(["shown"] if self.shown is not None else [])]

    def last(self) -> list[str]:
        """The lines that return it."""
        w = self.writer
        names = ", ".join(f"{string_literal(w.names[v.name])}: {w.names[v.name]}" for v in self.decisions)
        roots = ", ".join(f"{string_literal(w.names[v])}: {w.names[r]}" for v, r in w.roots.items())
        labels = [f"labels = {{{roots}}}"] if roots else []
        shown = ["# What tells two answers apart", *self.shown_list()] if self.shown is not None else []
        return [f"variables = {{{names}}}", *labels, *shown, f"return {', '.join(self.returned())}"]


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
