"""(seed, index) -> a small random model document: integers, labels and conditions, every construct in every other."""

from __future__ import annotations

import hashlib
import random

SETS = """sets:
  I: range(3)
  L: [red, green, blue]
  S: {elements: [1, 3, 4]}
  T: {elements: [[0, 1], [1, 3], [2, 4], [3, 1]]}
  near: {over: I, elements: "{j for j in I if j != i}"}
""".replace("over: I,", "over: i in I,")
PARAMETERS = """parameters:
  c: {over: I, type: integer, value: [2, 1, 3]}
  d: {over: I, value: [0.5, 1.25, -2]}
  e: {over: "L, I", type: integer, value: [[1, 4, 2], [3, 0, 5], [2, 2, 1]]}
  home: {over: I, in: L, value: [green, red, green]}
"""


class Source:
    """Random expressions as text; ``indices`` are the index names in scope."""

    def __init__(self, rng: random.Random, variables: list[str]) -> None:
        self.rng = rng
        self.has = set(variables)
        self.depth = 0
        self.fresh = 0

    def pick(self, *options: str) -> str:
        return self.rng.choice([o for o in options if o])

    def index(self, indices: tuple[str, ...]) -> str:
        return self.rng.choice([*indices, *indices, "0", "1", "2"])

    def atom(self, indices: tuple[str, ...]) -> str:
        i = self.index(indices)
        own = [f"x[{i}]"] * ("x" in self.has) + ["y"] * ("y" in self.has) + [f"b[{i}]"] * ("b" in self.has)
        own += ["q"] * ("q" in self.has) + ["position(p)"] * ("p" in self.has) + [f"s[{i}]"] * ("s" in self.has)
        return self.rng.choice([*own, *own, *own, str(self.rng.randint(-3, 4)), f"c[{i}]", f"d[{i}]", "0.5"])

    def whole_index(self, indices: tuple[str, ...]) -> str:
        atom = self.atom(indices).replace("d[", "c[").replace("0.5", "1")
        return self.rng.choice(["y"] * ("y" in self.has) + ["q"] * ("q" in self.has) + [atom])

    def length(self) -> str:
        return self.rng.choice(["1", "2", "c[k]", "c[k] - 1"] + ["y"] * ("y" in self.has) + ["q"] * ("q" in self.has))

    def number(self, indices: tuple[str, ...], depth: int) -> str:
        r = self.rng
        if depth <= 0 or r.random() < 0.2:
            return self.atom(indices)
        n = lambda: self.number(indices, depth - 1)  # noqa: E731
        k = lambda: self.condition(indices, depth - 1)  # noqa: E731
        j = f"i{len(indices)}"
        inner = (*indices, j)
        options = [
            lambda: f"({n()} + {n()})",
            lambda: f"({n()} - {n()})",
            lambda: f"{r.choice(['2', '-1', '0.5', '3', 'c[1]'])} * {n()}",
            lambda: f"{n()} * {n()}",
            lambda: f"abs({n()})",
            lambda: f"max({n()}, {n()})",
            lambda: f"min({n()}, {n()})",
            lambda: f"({n()}) // {r.choice(['2', '3', '-2', '1.5'])}",
            lambda: f"({n()}) % {r.choice(['2', '3', '-2'])}",
            lambda: f"({n()}) // ({self.whole_index(indices)})",
            lambda: f"({n()}) % ({self.whole_index(indices)})",
            lambda: f"({self.atom(indices)}) ** 2",
            lambda: f"({n()} if {k()} else {n()})",
            lambda: f"({k()})",
            lambda: f"sum({self.number(inner, depth - 1)} for {j} in I)",
            lambda: f"sum({self.number(inner, depth - 1)} for {j} in I if {j} != 1)",
            lambda: f"sum({self.condition(inner, depth - 1)} for {j} in I)",
            lambda: f"sum({self.number(inner, depth - 1)} for {j} in I if {self.condition(inner, depth - 2)})",
            lambda: f"max({self.number(inner, depth - 1)} for {j} in I)",
            lambda: f"prod({self.atom(inner)} for {j} in I if {j} > 0)",
            lambda: f"c[{self.whole_index(indices)}]",
            lambda: f"d[{self.whole_index(indices)}]",
            lambda: f"piecewise({self.whole_index(indices)}, [(0, 1), (2, 2), (4, -1)])",
            lambda: f"({n()}) / {r.choice(['2', '-3', '0.5'])}",
        ]
        if "x" in self.has:
            options.append(lambda: f"x[{self.whole_index(indices)}]")
        if "p" in self.has:
            options.append(lambda: f"e[p, {self.whole_index(indices)}]")
            options.append(lambda: f"(2 if p == home[{self.index(indices)}] else c[{self.index(indices)}])")
        if "twice" in self.has:
            options.append(lambda: f"twice[{self.index(indices)}]")
            options.append(lambda: f"twice[{self.whole_index(indices)}]")
        return r.choice(options)()

    def condition(self, indices: tuple[str, ...], depth: int) -> str:
        r = self.rng
        n = lambda: self.number(indices, depth - 1)  # noqa: E731
        k = lambda: self.condition(indices, depth - 1)  # noqa: E731
        op = r.choice(["<=", ">=", "==", "!=", "<", ">", "<=", ">="])
        if depth <= 0 or r.random() < 0.4:
            return f"({n()} {op} {n()})"
        j = f"i{len(indices)}"
        inner = (*indices, j)
        options = [
            lambda: f"({k()} and {k()})",
            lambda: f"({k()} or {k()})",
            lambda: f"(not {k()})",
            lambda: f"implies({k()}, {k()})",
            lambda: f"iff({k()}, {k()})",
            lambda: f"all({self.condition(inner, depth - 1)} for {j} in I)",
            lambda: f"any({self.condition(inner, depth - 1)} for {j} in I if {j} < 2)",
            lambda: f"all({self.condition(inner, depth - 1)} for {j} in I if {self.condition(inner, depth - 2)})",
            lambda: f"({n()} in S)",
            lambda: f"({n()} not in {{1, 2}})",
            lambda: f"(({self.whole_index(indices)}, {self.atom(indices)}) in T)",
            lambda: f"({self.whole_index(indices)} in near[{self.whole_index(indices)}])",
            lambda: f"all_different({self.atom(indices)}, {self.atom(indices)}, {n()})",
            lambda: f"(1 <= {n()} <= 3)",
            lambda: f"({k()} if {k()} else {k()})",
        ]
        if "x" in self.has:
            options += [
                lambda: "all_different(x)",
                lambda: "no_overlap([(x[k], c[k]) for k in I])",
                lambda: f"no_overlap([(x[k], {self.length()}, x[k] != 1) for k in I])",
                lambda: f"cumulative([(x[k], c[k], {self.length()}) for k in I], {r.randint(1, 3)})",
                lambda: f"no_overlap_2d([(x[k], 1, {self.atom(('k',))}, {self.length()}) for k in I])",
            ]
        if "p" in self.has:
            options += [lambda: f"(p == '{r.choice(['red', 'green'])}')", lambda: "(p in {'red', 'blue'})",
                        lambda: f"(p != home[{self.whole_index(indices)}])"]  # fmt: skip
        if "p" in self.has and "p2" in self.has:
            options += [lambda: "(p == p2)", lambda: "all_different(p, p2)"]
        if "b" in self.has:
            options += [lambda: f"b[{self.index(indices)}]", lambda: f"(not b[{self.whole_index(indices)}])"]
        if "s" in self.has:
            options += [lambda: r.choice(["circuit(s)", "subcircuit(s)", "all_different(s)"])]
        return r.choice(options)()


def document(seed: int, index: int) -> str:
    """(seed, index) -> the text of a document with at most some 600 points."""
    digest = hashlib.sha256(f"{seed}:{index}".encode()).digest()
    rng = random.Random(int.from_bytes(digest[:8], "big"))
    declared: list[str] = []
    names: list[str] = []

    def declare(name: str, text: str) -> None:
        names.append(name)
        declared.append(f"  {name}: {{{text}}}")

    budget = 600
    menu = ["x", "y", "b", "q", "p", "p2", "s"]
    rng.shuffle(menu)
    for name in menu:
        low = rng.choice([0, 0, 0, -1, -2])
        high = low + rng.randint(1, 3)
        y_high = low + rng.randint(1, 5)
        size = {"x": (high - low + 1) ** 3, "y": y_high - low + 1, "b": 8, "q": 3, "p": 3, "p2": 2, "s": 27}[name]
        if size > budget or len(names) >= 4:
            continue
        budget //= size
        text = {
            "x": f"over: I, type: integer, lower: {low}, upper: {high}",
            "y": f"type: integer, lower: {low}, upper: {y_high}",
            "b": "over: I, type: binary",
            "q": "in: S",
            "p": "in: L",
            "p2": "in: \"{'blue', 'red'}\"",
            "s": "over: I, in: I",
        }[name]
        declare(name, text)
    source = Source(rng, names)
    named = f'expressions:\n  twice: {{over: i in I, expr: "{source.number(("i",), 1)}"}}\n'
    source.has.add("twice")
    constraints = []
    for n in range(rng.randint(1, 3)):
        soft = ", penalty: 2" if rng.random() < 0.15 else ""
        if rng.random() < 0.25:
            constraints.append(f'  - {{name: k{n}{soft}, for: i in I, expr: "{source.condition(("i",), 2)}"}}')
        else:
            constraints.append(f'  - {{name: k{n}{soft}, expr: "{source.condition((), 3)}"}}')
    objective = ""
    if rng.random() < 0.85:
        sense = rng.choice(["minimize", "maximize"])
        objective = f'objectives:\n  - {{{sense}: "{source.number((), 2)}"}}\n'
    return (
        f"nl2opt: 1\nname: random_{index}\n{SETS}{PARAMETERS}variables:\n"
        + "\n".join(declared)
        + f"\n{named}constraints:\n"
        + "\n".join(constraints)
        + f"\n{objective}"
    )
