"""Prepared instance -> the text of the `.mzn` file, part by part in the order a modeller writes them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator

from nl2opt.emitters.mzn.arrays import Frame
from nl2opt.emitters.mzn.bases import is_computed
from nl2opt.emitters.mzn.bounds import Bounds
from nl2opt.emitters.mzn.datafile import DataFile, Item
from nl2opt.emitters.mzn.declared import CONJUNCTION, Scope
from nl2opt.emitters.mzn.layout import WIDTH, laid_out
from nl2opt.emitters.mzn.reasons import UNSUPPORTED
from nl2opt.emitters.mzn.scheduling import GlobalWriter
from nl2opt.emitters.mzn.words import annotation, comment, visible
from nl2opt.emitters.python.data import said
from nl2opt.ir.evaluate import evaluate_set
from nl2opt.ir.instance import Domain, Instance, Key
from nl2opt.ir.model import Anchor, Constraint, NamedExpression, Objective, Over, Parameter, Set, Variable
from nl2opt.ir.nodes import Comprehension, Expr, Name, Tuple
from nl2opt.passes.facts import is_known

_FUNCTIONS = {
    "product_of": """
% The product of a list, in any context.
function var int: product_of(array[int] of var int: x) =
  if length(x) = 0 then 1 else x[1] * product_of([x[i] | i in 2..length(x)]) endif;
""",
    "round_even": """
% The nearest integer, the even one of two; round goes away from zero.
function int: round_even(float: x) =
  if x - floor(x) != 0.5 then floor(x + 0.5) elseif floor(x) mod 2 = 0 then floor(x) else ceil(x) endif;
""",
    "floor_mod": """
% Remainder with the sign of the divisor; that of mod has the sign of the dividend.
function var int: floor_mod(var int: a, var int: b) = ((a mod b) + b) mod b;
function int: floor_mod(int: a, int: b) = ((a mod b) + b) mod b;
""",
    "floor_div": """
% Quotient rounded down; that of div is rounded towards zero.
function var int: floor_div(var int: a, var int: b) = (a - (((a mod b) + b) mod b)) div b;
function int: floor_div(int: a, int: b) = (a - (((a mod b) + b) mod b)) div b;
""",
}


class ModelText:
    """One model: its parts, and how its printed solution is read."""

    def __init__(self, instance: Instance, original: Instance) -> None:
        self.writer = GlobalWriter(instance)
        self.model = instance.model
        self.instance = instance
        self.datafile = DataFile(self.writer)
        for n in self.model.expressions:
            domain = Domain(tuple(evaluate_set(g.source, instance) for g in n.over))
            frame = self.writer.maker.frame(n.name, n.over, domain)
            if frame is None or not frame.full:
                raise self.writer.refuse(f"`{n.name}`", UNSUPPORTED["a hull too large"])
            self.writer.frames[n.name] = frame
        self.goals = sorted(
            (o for o in self.model.objectives if not is_known(o.expr, self.model)), key=lambda o: -o.priority
        )
        self.bounds = Bounds(self.writer, original)
        self._data: list[Item] = []

    def data_items(self) -> list[Item]:
        """The data of the model; ask for the text first, which knows the sizes it needs."""
        items = [*self.datafile.items(), *self.bounds.items()]
        if len(self.goals) > 1:
            said_once = ("Which goal is improved, and the best values of those before it",)
            items += [Item("stage", ("1",), said_once, 1), Item("best", ("[]",), (), [])]
        return items

    def source(self, filename: str, dataname: str) -> str:
        """The whole text."""
        variables = [line for v in self.model.variables for line in self.variable(v)]
        fillers = [line for v in self.model.variables for line in self.fillers(v)]
        expressions = [line for n in self.model.expressions for line in self.expression(n)]
        constraints = [self.constraint(c) for c in self.model.constraints]
        goals = self.objective()
        output = self.output()
        given = [line for item in self.ordered() for line in self.given(item)]
        blocks = [
            self.header(filename, dataname),
            _titled("Sets and parameters", [*self.datafile.size_lines(), *given]),
            _titled("Variables", [*self.bounds.lines(), *variables]),
            _titled("Cells that stand for no key", fillers),
            _titled("Expressions", expressions),
            *constraints,
            goals,
            output,
        ]
        made = [e.identifier for e in self.writer.bases.enums if e.declared is None]
        blocks[1][1:1] = [line for name in made for line in self.made_enum(name)]
        blocks.insert(1, [f'include "{name}.mzn";' for name in sorted(self.writer.includes)])
        blocks[-2:-2] = [text.strip("\n").split("\n") for n, text in _FUNCTIONS.items() if n in self.writer.functions]
        return "\n\n".join("\n".join(b) for b in blocks if b) + "\n"

    def header(self, filename: str, dataname: str) -> list[str]:
        """What the model is, how it is run, what is assumed."""
        title = comment(self.model.description or self.model.name.replace("_", " ")) or "A model"
        lines = [*textwrap.wrap(title, WIDTH - 2), "", f"Run it with: minizinc {filename} {dataname}"]
        if self.model.assumptions:
            lines += ["", "Assumptions:"]
            for a in self.model.assumptions:
                lines += textwrap.wrap(comment(a), WIDTH - 4, initial_indent="- ", subsequent_indent="  ")
        return [f"% {line}".rstrip() for line in lines]

    # sets and parameters --------------------------------------------------------------------------------------------

    def ordered(self) -> list[Set | Parameter]:
        """Sets, then parameters; MiniZinc needs no order among them, a reader likes enums first."""
        enums = [s for s in self.model.sets if self.writer.bases.is_enum(s)]
        return [*enums, *(s for s in self.model.sets if s not in enums), *self.model.parameters]

    def given(self, item: Set | Parameter) -> list[str]:
        """The declaration of a set or a parameter; its words stand with the data where it has some."""
        comments = [] if self.datafile.is_data(item) and isinstance(item, Set) else _words(item.anchors)
        lines = self.set_lines(item) if isinstance(item, Set) else self.parameter(item)
        if isinstance(item, Set):
            comments = _words(item.anchors)
            remark = comment(item.description)
        else:
            remark = _remark(item.unit, item.description)
        if remark and lines and len(lines[0]) + len(remark) + 4 <= WIDTH:
            lines[0] += f"  % {remark}"
        return [*comments, *lines]

    def made_enum(self, name: str) -> list[str]:
        """An enum that is no set of the model: labels that several sets share."""
        texts = self.datafile.label_array(name) if self.datafile.is_renamed(name) else ""
        return [
            f"enum {name};  % labels that several sets share",
            *([f"array[{name}] of string: {texts};"] if texts else []),
        ]

    def set_lines(self, s: Set) -> list[str]:
        """A set -> its declaration."""
        w = self.writer
        name = w.names[s.name]
        if w.bases.is_enum(s):
            texts = self.datafile.label_array(name) if self.datafile.is_renamed(name) else ""
            return [f"enum {name};", *([f"array[{name}] of string: {texts};"] if texts else [])]
        table = w.bases.rows.get(s.name)
        if table is not None:
            made: list[str] = []
            if not self.datafile.is_data(s) and isinstance(s.elements, Comprehension):
                body = s.elements.body.items if isinstance(s.elements.body, Tuple) else (s.elements.body,)
                clauses, scope = w.clauses(s.elements.generators, {})
                made = [f" = [{w.write(b, scope)} | {clauses}]" for b in body]
            lines = []
            for k, (column, base) in enumerate(zip(table.columns, table.bases, strict=True)):
                lines += laid_out(f"array[int] of {base}: {column}{made[k] if made else ''};")
            lines.append(f"set of int: {name} = index_set({table.columns[0]});  % its rows")
            if s.name in w.tables:
                n = len(table.columns)
                cells = ", ".join(f"{c}[row]" for c in table.columns)
                text = f"[[{cells}][column] | row in {name}, column in 1..{n}]"
                lines.append(f"array[{name}, 1..{n}] of int: {w.tables[s.name]} = array2d({name}, 1..{n}, {text});")
            return lines
        if s.over:
            frame = self.datafile.set_frame(s)
            elements = [e for value in self.instance.indexed_sets[s.name].values() for e in value]
            base = w.bases.base(elements)  # type: ignore[arg-type]
            head = f"{self.indexed(frame)}set of {base}: {name}"
            if is_computed(s):
                return laid_out(
                    f"{head} = {self.filled(frame, s.over, lambda scope: w.collection(_expr(s.elements), scope))};"
                )
            return [f"{head};"]
        base = w.bases.base(self.instance.sets[s.name])  # type: ignore[arg-type]
        if is_computed(s):
            return laid_out(f"set of {base}: {name} = {w.collection(_expr(s.elements), {})};")
        return [f"set of {base}: {name};"]

    def parameter(self, p: Parameter) -> list[str]:
        """A parameter -> its declaration, with its formula where the model has one."""
        w = self.writer
        frame = w.frames[p.name]
        head = f"{self.indexed(frame)}{self.parameter_type(p)}: {w.names[p.name]}"
        if self.datafile.is_data(p):
            return [f"{head};"]
        value = _expr(p.value)
        write = w.condition if p.type == "binary" else w.write
        if frame.scalar:
            return laid_out(f"{head} = {write(value, {})};")
        return laid_out(f"{head} = {self.filled(frame, p.over, lambda scope: write(value, scope))};")

    def parameter_type(self, p: Parameter) -> str:
        """Bool, int, float, or the type of its elements."""
        held = self.instance.parameters.get(p.name)
        if held is not None and held.elements is not None:
            return self.writer.bases.base(held.elements)  # type: ignore[arg-type]
        return "bool" if p.type == "binary" else "int" if self.writer.is_whole_array(p.name) else "float"

    def indexed(self, frame: Frame) -> str:
        """`array[I, J] of `, nothing for a scalar."""
        if frame.scalar:
            return ""
        if frame.rows is not None:
            return f"array[{self.writer.names[frame.rows]}] of "
        return f"array[{', '.join(self.datafile.axis(a) for a in frame.axes)}] of "

    def filled(self, frame: Frame, over: Over, write: Callable[[Scope], str]) -> str:
        """An array computed cell by cell."""
        clauses, scope = self.writer.clauses(over, {})
        listed = f"[{write(scope)} | {clauses}]"
        if frame.rows is not None:
            return listed
        axes = [self.datafile.axis(a) for a in frame.axes]
        if len(axes) == 1 and frame.axes[0].elements and self.datafile.is_first(frame.axes[0].elements[0]):
            return listed
        return f"array{len(axes)}d({', '.join(axes)}, {listed})"

    # variables ------------------------------------------------------------------------------------------------------

    def variable(self, v: Variable) -> list[str]:
        """A family of variables, then the constraints that keep each in its own bounds."""
        w = self.writer
        kind, own = self.bounds.domain(v)
        line = f"{self.indexed(w.frames[v.name])}var {kind}: {w.names[v.name]};"
        remark = _remark(v.unit, v.description)
        if remark and len(line) + len(remark) + 4 <= WIDTH:
            line += f"  % {remark}"
        elif remark:
            line = f"% {remark}\n{line}"
        return [*_words(v.anchors), *line.split("\n"), *(x for text in own for x in laid_out(text))]

    def fillers(self, v: Variable) -> list[str]:
        """A constraint that fixes the cells of a hull that are no keys."""
        w = self.writer
        frame = w.frames[v.name]
        if frame.full:
            return []
        names = [w.names[t] for g in v.over for t in g.targets]
        axes = [self.datafile.axis(a) for a in frame.axes]
        loops = ", ".join(f"{n} in {a}" for n, a in zip(names, axes, strict=True))
        tests = CONJUNCTION.join(w.key_tests(v.over, frame, names))
        cell = f"{w.names[v.name]}[{', '.join(names)}]"
        text = f"constraint forall({loops} where not ({tests}))({cell} = {self.bounds.filler(v)});"
        return laid_out(text)

    def expression(self, n: NamedExpression) -> list[str]:
        """A named expression -> an array (or a number) defined by it."""
        w = self.writer
        frame = w.frames[n.name]
        boolean = w.is_boolean(n.expr)
        kind = "bool" if boolean else "int" if w.is_whole(n.expr) else "float"
        write = w.condition if boolean else w.write
        head = f"{self.indexed(frame)}var {kind}: {w.names[n.name]}"
        body = write(n.expr, {}) if frame.scalar else self.filled(frame, n.over, lambda scope: write(n.expr, scope))
        lines = laid_out(f"{head} = {body};")
        remark = _remark(n.unit, n.description)
        if remark and len(lines[-1]) + len(remark) + 4 <= WIDTH:
            lines[-1] += f"  % {remark}"
        return [*_words(n.anchors), *lines]

    # constraints and objective --------------------------------------------------------------------------------------

    def constraint(self, c: Constraint) -> list[str]:
        """One named constraint with all its bindings."""
        body = self.writer.required(c)
        head = f'constraint :: "{annotation(c.name)}"'
        one = f"{head} {body};"
        lines = [one] if len(one) <= WIDTH else [head, *laid_out(f"{body};", 2)]
        return [*_words(c.anchors), *lines]

    def objective(self) -> list[str]:
        """`solve`; several goals are improved one after another, each run told which and how good the others are."""
        w = self.writer
        if not self.goals:
            return ["solve satisfy;"]
        if len(self.goals) == 1:
            (goal,) = self.goals
            if isinstance(goal.expr, Name):
                return [*_words(goal.anchors), f"solve {goal.sense} {w.names[goal.expr.name]};"]
            kind = "int" if w.is_whole(goal.expr) else "float"
            with w.standing():
                lines = laid_out(f"var {kind}: objective = {w.write(goal.expr, {})};")
            return [*_words(goal.anchors), *lines, f"solve {goal.sense} objective;"]
        kind = "int" if all(w.is_whole(o.expr) for o in self.goals) else "float"
        number = "int" if kind == "int" else "float"
        lines = ["% The goals, the most important first, each to be minimized"]
        lines += [x for o in self.goals for x in _words(o.anchors)]
        listed = ", ".join(self._minimized(o) for o in self.goals)
        lines += laid_out(f"array[1..{len(self.goals)}] of var {kind}: goal = [{listed}];")
        slack = "" if kind == "int" else " + 1e-6 * (1 + abs(best[k]))"
        return [
            *lines,
            "int: stage;  % the goal of this run",
            f"array[int] of {number}: best;  % the values of the goals before it",
            f"constraint forall(k in 1..stage - 1)(goal[k] <= best[k]{slack});",
            "solve minimize goal[stage];",
        ]

    def _minimized(self, o: Objective) -> str:
        with self.writer.standing():
            text = self.writer.write(o.expr, {}, 11 if o.sense == "maximize" else 0)
        return f"-{text}" if o.sense == "maximize" else text

    # output ---------------------------------------------------------------------------------------------------------

    def output(self) -> list[str]:
        """The solution as one JSON object; labels as texts."""
        w = self.writer
        shown = []
        if len(self.goals) == 1:
            goal = self.goals[0].expr
            name = w.names[goal.name] if isinstance(goal, Name) else "objective"
            shown.append(f'"\\"objective\\": ", showJSON({name})')
        elif self.goals:
            shown.append('"\\"goal\\": ", showJSON(goal)')
        for v in self.model.variables:
            shown.append(f'"\\"{w.names[v.name]}\\": ", {self.shown(v)}')
        lines = ["output ["]
        for i, text in enumerate(shown):
            start = '"{", ' if i == 0 else '",\\n ", '
            lines.append(f"  {start}{text},")
        return [*lines, '  "}\\n"', "];"] if shown else ['output ["{}\\n"];']

    def shown(self, v: Variable) -> str:
        """A family of variables -> JSON text."""
        w = self.writer
        name = w.names[v.name]
        base = self.bounds.base(v)
        if base == "int":
            return f"showJSON({name})"
        frame = w.frames[v.name]
        texts = self.datafile.label_array(base) if self.datafile.is_renamed(base) else ""

        def text(cell: str) -> str:
            return f"{texts}[fix({cell})]" if texts else f"show({cell})"

        if frame.scalar:
            return f"showJSON({text(name)})"
        index = [f"i{k + 1}" for k in range(len(frame.axes) or 1)]
        axes = [w.names[frame.rows]] if frame.rows is not None else [self.datafile.axis(a) for a in frame.axes]
        loops = ", ".join(f"{i} in {a}" for i, a in zip(index, axes, strict=True))
        cell = f"{name}[{', '.join(index)}]"
        return f"showJSON([{text(cell)} | {loops}])"

    def layouts(self) -> Iterator[tuple[str, tuple[tuple[Key | None, ...], dict[str, str]]]]:
        """Variable -> its cells in the order they are printed, and the texts of its labels."""
        bases = self.writer.bases
        for v in self.model.variables:
            base = self.bounds.base(v)
            enum = bases.enum(base)
            renamed = self.datafile.is_renamed(base)
            labels = {visible(x) if renamed else bases.label(x): x for x in enum.labels} if enum else {}
            yield v.name, (self.writer.frames[v.name].cells, labels)


def _titled(title: str, lines: list[str]) -> list[str]:
    return [f"% {title}", *lines] if lines else []


def _words(anchors: Iterable[Anchor]) -> list[str]:
    """The person's sentences as comments."""
    return [f"% {s}" for s in said(anchors)]


def _remark(unit: str, description: str) -> str:
    unit, description = comment(unit), comment(description)
    return f"{description} [{unit}]" if unit and description else unit or description


def _expr(e: object) -> Expr:
    """A value that is an expression -> it, as one."""
    assert isinstance(e, Expr)
    return e
