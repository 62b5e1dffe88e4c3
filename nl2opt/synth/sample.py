"""Family, seed -> Sample: an instance with data drawn around a point, so that it has a solution worth looking for."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from nl2opt.ir.bind import bind
from nl2opt.ir.evaluate import bindings, evaluate
from nl2opt.ir.instance import Instance, Key
from nl2opt.ir.model import Model, Over
from nl2opt.ir.text import parse_expression, parse_over
from nl2opt.synth.family import Family

Values = dict[str, dict[Key, Any]]


@dataclass(frozen=True)
class Sample:
    """One drawn instance: ``data`` by name, as a data file holds them, and the words of its scenario."""

    family: str
    seed: int
    scenario: int
    instance: Instance
    data: Mapping[str, Any]
    words: Mapping[str, Any]


def sample(family: Family, seed: int) -> Sample:
    """The same for the same family and seed, on every machine."""
    rng = random.Random(f"{family.name} {seed}")
    chosen = rng.randrange(len(family.scenarios))
    drawing = _Drawing(family.model, family.scenarios[chosen], rng)
    for step in family.draw:
        drawing.take(step)
    instance = bind(family.model, drawing.data)
    return Sample(family.name, seed, chosen, instance, drawing.data, family.scenarios[chosen])


class _Drawing:
    """Data while they are drawn."""

    def __init__(self, model: Model, words: Mapping[str, Any], rng: random.Random) -> None:
        self.model = model
        self.words = words
        self.rng = rng
        self.data: dict[str, Any] = {}
        self.point: Values = {}

    def take(self, step: Mapping[str, Any]) -> None:
        """One step of the family's `draw`."""
        if "set" in step:
            pool = self.data[step["within"]] if "within" in step else _labels(self.words[step["from"]])
            low, high = step["size"]
            self.data[step["set"]] = self.rng.sample(pool, self.rng.randint(low, min(high, len(pool))))
        elif "point" in step:
            self.point[step["point"]] = {k: self.rng.randint(*step["range"]) for k in self._keys(step["point"])}
        elif "range" in step:
            low, high = step["range"]
            values = [low + step["step"] * self.rng.randint(0, int((high - low) / step["step"]))
                      for _ in self._keys(step["parameter"])]  # fmt: skip
            self._give(step["parameter"], values)
        else:
            self._give(step["parameter"], self._at_point(step))

    def _at_point(self, step: Mapping[str, Any]) -> list[Any]:
        """Values of an expression at the point, times a drawn factor, rounded to the step."""
        over: Over = parse_over(step["for"]) if "for" in step else ()
        instance = self._so_far()
        values = []
        for _, at in bindings(over, instance):
            exact = evaluate(parse_expression(step["at_point"]), instance, self.point, at)
            assert isinstance(exact, int | Fraction)
            drawn = float(exact) * self.rng.uniform(*step["times"])
            values.append(max(step["step"], round(drawn / step["step"]) * step["step"]))
        return values

    def _so_far(self) -> Instance:
        """An instance of what has been drawn."""
        known = replace(
            self.model, constraints=(), objectives=(),
            sets=tuple(s for s in self.model.sets if s.name in self.data),
            parameters=tuple(p for p in self.model.parameters if p.name in self.data),
        )  # fmt: skip
        return bind(known, self.data)

    def _keys(self, name: str) -> list[Key]:
        """The keys of a declaration over the sets drawn so far."""
        sets = tuple(s for s in self.model.sets if s.name in self.data)
        instance = bind(Model(sets=sets), {s.name: self.data[s.name] for s in sets})
        return [key for key, _ in bindings(self.model.symbols[name].over, instance)]

    def _give(self, name: str, values: list[Any]) -> None:
        """A parameter's values, in the shape a data file gives them: rows of keys and value."""
        keys = self._keys(name)
        self.data[name] = (
            [[*key, value] for key, value in zip(keys, values, strict=True)] if keys != [()] else values[0]
        )


def _labels(words: Any) -> list[str]:
    return [w["name"] if isinstance(w, dict) else str(w) for w in words]
