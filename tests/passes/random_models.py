"""Random small models that use every construct the MILP pipeline takes, and their optimum by trying every point."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from nl2opt.check.feasible import referee
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance, Point

DECLARATIONS = """nl2opt: 1
name: random
sets: {I: [a, b], N: range(3), P: {elements: [[0, 1], [1, 2], [2, 2]]}, near: {over: I, elements: {a: [0, 2], b: [1]}}}
parameters:
  w: {over: I, type: integer, value: [2, -1]}
  r: {over: N, value: [0.5, 3, 1]}
  g: {over: "I, N", type: integer, value: [[1, 0, 2], [2, 1, 0]]}
"""
VARIABLES = {
    "b": "{over: I, type: binary}",
    "x": "{over: I, type: integer, upper: 2}",
    "y": "{type: integer, lower: -2, upper: 2}",
    "c": "{in: I}",
    "d": "{in: N}",
    "e": "{over: I, in: N}",
}


@dataclass
class Writer:
    """Writes expressions; ``used`` collects the variables they mention."""

    rng: random.Random
    used: set[str]
    soft: bool = False

    def pick(self, *options: Callable[[], str]) -> str:
        return self.rng.choice(options)()

    def index(self, scope: tuple[str, ...]) -> str:
        inside = [s for s in scope if s.startswith("i")]
        return self.rng.choice([*inside, *inside, "'a'", "'b'"])

    def whole(self, scope: tuple[str, ...]) -> str:
        inside = [s for s in scope if s.startswith("n")]
        return self.rng.choice([*inside, *inside, "0", "1", "2"])

    def variable(self, name: str, scope: tuple[str, ...]) -> str:
        self.used.add(name)
        return f"{name}[{self.index(scope)}]" if name in ("b", "x", "e") else name

    def number(self, depth: int, scope: tuple[str, ...]) -> str:
        """A whole-valued expression over variables."""
        v = self.variable
        leaf = [
            lambda: v("x", scope), lambda: v("y", scope), lambda: v("b", scope), lambda: v("d", scope),
            lambda: v("e", scope), lambda: str(self.rng.randint(-2, 3)), lambda: f"w[{self.index(scope)}]",
            lambda: f"w[{v('c', scope)}]", lambda: f"g[{self.index(scope)}, {v('d', scope)}]",
            lambda: f"x[{v('c', scope)}]" if self.used.add("x") is None else "",
            lambda: f"g[{v('c', scope)}, {v('e', scope)}]",
        ]  # fmt: skip
        if depth == 0:
            return self.pick(*leaf)
        n = self.number
        i, k = f"i{len(scope)}", f"n{len(scope)}"
        inner = [
            lambda: f"{n(depth - 1, scope)} + {n(depth - 1, scope)}",
            lambda: f"{n(depth - 1, scope)} - ({n(depth - 1, scope)})",
            lambda: f"{self.rng.choice([2, -1, 3])} * ({n(depth - 1, scope)})",
            lambda: f"w[{self.index(scope)}] * ({n(depth - 1, scope)})",
            lambda: f"{v('b', scope)} * ({n(depth - 1, scope)})",
            lambda: f"sum({n(depth - 1, (*scope, i))} for {i} in I)",
            lambda: f"sum({self.condition(depth - 1, (*scope, i))} for {i} in I)",
            lambda: f"sum({n(depth - 1, (*scope, k))} for {k} in N if {k} != 1)",
            lambda: f"sum({n(depth - 1, (*scope, i))} for {i} in I if {self.condition(depth - 1, (*scope, i))})",
            lambda: f"max({n(depth - 1, scope)}, {n(depth - 1, scope)})",
            lambda: f"min({n(depth - 1, (*scope, i))} for {i} in I)",
            lambda: f"max({n(depth - 1, (*scope, i))} for {i} in I)",
            lambda: f"abs({n(depth - 1, scope)})",
            lambda: f"(({n(depth - 1, scope)}) if {self.condition(depth - 1, scope)} else ({n(depth - 1, scope)}))",
            lambda: f"({self.condition(depth - 1, scope)})",
            lambda: f"({n(depth - 1, scope)}) % 3",
            lambda: f"({n(depth - 1, scope)}) // 2",
            lambda: f"position({v('c', scope)})",
        ]  # fmt: skip
        return self.pick(*leaf[:4], *inner)

    def condition(self, depth: int, scope: tuple[str, ...]) -> str:
        v, n = self.variable, self.number
        op = self.rng.choice(["<=", ">=", "==", "!=", "<", ">"])
        closed = (
            op if not self.soft or op not in "<>" else f"{op}="
        )  # amounts of strict comparisons are for whole sides
        leaf = [
            lambda: v("b", scope), lambda: f"(not {v('b', scope)})",
            lambda: f"({n(0, scope)} {op} {n(0, scope)})", lambda: f"({v('c', scope)} == {self.index(scope)})",
            lambda: f"({v('c', scope)} != {self.index(scope)})", lambda: f"({v('e', scope)} == {v('d', scope)})",
            lambda: f"({v('e', scope)} != {v('e', scope)})", lambda: f"({v('d', scope)} in {{0, 2}})",
            lambda: f"({v('e', scope)} in near[{self.index(scope)}])",
            lambda: f"(({v('d', scope)}, {v('e', scope)}) in P)", lambda: f"({v('d', scope)} not in near['b'])",
            lambda: f"({v('e', scope)} == {self.whole(scope)} + 1)",
            lambda: f"(r[{self.whole(scope)}] * {v('x', scope)} {closed} r[0] + {v('d', scope)})",
        ]  # fmt: skip
        if depth == 0:
            return self.pick(*leaf)
        c = self.condition
        i, k = f"i{len(scope)}", f"n{len(scope)}"
        inner = [
            lambda: f"(r[{self.whole(scope)}] * ({n(depth - 1, scope)}) {closed} {n(depth - 1, scope)})",
            lambda: f"({n(depth - 1, scope)} {op} {n(depth - 1, scope)})",
            lambda: f"({c(depth - 1, scope)} and {c(depth - 1, scope)})",
            lambda: f"({c(depth - 1, scope)} or {c(depth - 1, scope)})",
            lambda: f"(not {c(depth - 1, scope)})",
            lambda: f"implies({c(depth - 1, scope)}, {c(depth - 1, scope)})",
            lambda: f"iff({c(depth - 1, scope)}, {c(depth - 1, scope)})",
            lambda: f"all({c(depth - 1, (*scope, i))} for {i} in I)",
            lambda: f"any({c(depth - 1, (*scope, k))} for {k} in N if {k} > 0)",
            lambda: f"({c(depth - 1, scope)} if {c(depth - 1, scope)} else {c(depth - 1, scope)})",
            lambda: f"all_different({n(0, scope)}, {n(0, scope)}, {n(0, scope)})",
            lambda: "all_different(e)" if self.used.add("e") is None else "",
            lambda: f"all_different(e[{i}] + w[{i}] for {i} in I)" if self.used.add("e") is None else "",
            lambda: f"({c(depth - 1, scope)} == {c(depth - 1, scope)})",
            lambda: f"(w[{self.index(scope)}] > 0 and {c(depth - 1, scope)})",
            lambda: f"no_overlap([({n(0, (*scope, i))}, g[{i}, 1] + 1) for {i} in I])",
            lambda: f"cumulative([(x[{i}], 2, g[{i}, 0]) for {i} in I], 2)" if self.used.add("x") is None else "",
        ]  # fmt: skip
        return self.pick(*leaf, *inner, *inner)


def document(seed: int) -> str:
    """Seed -> the text of a model."""
    rng = random.Random(f"milp {seed}")
    w = Writer(rng, set())
    constraints = []
    for k in range(rng.randint(1, 2)):
        scope = rng.choice([(), (), ("i0",), ("n0",)])
        binding = {"i0": ", for: i0 in I", "n0": ", for: n0 in N if n0 > 0", "": ""}[scope[0] if scope else ""]
        w.soft = rng.random() < 0.2
        penalty = ", penalty: 3" if w.soft else ""
        constraints.append(f'  - {{name: k{k}{binding}{penalty}, expr: "{w.condition(2, scope)}"}}')
    sense = rng.choice(["minimize", "maximize"])
    goal = w.number(2, ())
    variables = "".join(f"  {name}: {VARIABLES[name]}\n" for name in VARIABLES if name in w.used or name == "y")
    return (
        f"{DECLARATIONS}variables:\n{variables}constraints:\n" + "\n".join(constraints)
        + f'\nobjectives: [{{{sense}: "{goal}"}}]\n'
    )  # fmt: skip


def points(instance: Instance) -> Iterator[Point]:
    """Every point of a small instance."""
    places = []
    for name, family in instance.variables.items():
        for n, key in enumerate(family.domain.keys):
            if family.within is not None:
                values = list(family.within[n])
            else:
                low, high = family.lower[n], family.upper[n]
                assert low is not None and high is not None
                values = list(range(int(low), int(high) + 1))
            places.append((name, key, values))
    for combination in itertools.product(*(v for _, _, v in places)):
        point: dict[str, dict] = {name: {} for name in instance.variables}
        for (name, key, _), value in zip(places, combination, strict=True):
            point[name][key] = value
        yield point


def size(instance: Instance) -> int:
    """Number of points."""
    n = 1
    for family in instance.variables.values():
        for k in range(len(family.domain)):
            n *= len(family.within[k]) if family.within is not None else int(family.upper[k] - family.lower[k]) + 1
    return n


def optimum(instance: Instance) -> Fraction | int | None:
    """The best objective over every point by the referee; None where no point is feasible."""
    sense = instance.model.objectives[0].sense
    best = None
    for point in points(instance):
        report = referee(instance, point)
        if report.verdict == "ok":
            value = report.objective
            if best is None or (value < best if sense == "minimize" else value > best):
                best = value
    return best


def instance_of(seed: int) -> Instance:
    """Seed -> a bound random model."""
    return bind(read_document(document(seed)))
