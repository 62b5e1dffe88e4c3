"""Speaker -> the objective: its coefficients, and the question or order that names it."""

# ruff: noqa: E501    wordings and lists stay on a line each
from __future__ import annotations

from nl2opt.train.embedded.names import pick
from nl2opt.train.embedded.speaker import Speaker
from nl2opt.train.embedded.wording import UNJUDGED, draw_number, joined, marked, par


class Asker(Speaker):
    """Says what is sought."""

    def objective(self) -> list[str]:
        """The objective's coefficients, unless a row serves, and the question."""
        maximise = self.chance(0.6)
        goal, unit = pick(_MAXIMISED if maximise else _MINIMISED, self.rng)
        n = range(len(self.names))
        money = unit == "$"
        values = [("$" if money else "") + par(draw_number(self.rng)) + ("" if money else f" {unit}") for _ in n]
        if unit == "%":
            values = [par(f"{self.rng.randint(1, 20)}.{self.rng.randint(0, 9)}%") for _ in n]
        noun = marked(UNJUDGED, goal)
        ask = self.pick(
            "how many of each",
            f"how many of each {self.kind}",
            f"how many of each type of {self.kind}",
            f"how much of each {self.kind}",
            f"how many {self.all_names()}",
            f"how many {self.kinds} of each type",
        )
        do = self.pick(
            "should be made",
            "should it make",
            "should they buy",
            f"should {self.again()} {self.make}",
            "must be used",
            "should be sold",
        )
        way = marked(
            "OBJ_DIR",
            self.pick("maximize", "maximize", "maximise", "increase")
            if maximise
            else self.pick("minimize", "minimize", "minimise", "reduce", "decrease"),
        )
        end = (
            self.pick("in order to ", "to ", "so as to ", "to ")
            + way
            + " "
            + self.pick("", "its ", "the ", "their ", "the total ", "total ")
            + marked("OBJ_NAME", goal)
        )
        extreme = f"{self.pick('at', 'with the')} {marked('OBJ_DIR', ('maximum' if maximise else 'minimum') if self.chance(0.7) else ('highest' if maximise else 'lowest'))} {marked('OBJ_NAME', goal)}"
        end = end if self.chance(0.85) else extreme
        if not money and unit != "%":
            verb = self.pick("gives", "brings", "produces", "yields", "attracts", "takes", "can carry")
            clauses = [f"{self.each(k)} {verb} {values[k]}" for k in n]
        else:
            shape = self.rng.random()
            if shape < 0.45:
                clauses = [
                    f"the {noun} {self.pick('per', 'per', 'on each', 'of a', 'from one', 'for each')} {self.one(k)} is {values[k]}"
                    for k in n
                ]
            elif shape < 0.75:
                verb = (
                    self.pick("yields", "earns", "brings in", "generates", "nets", "makes")
                    if maximise
                    else self.pick("costs", "has", "incurs")
                )
                tail = "" if verb == "costs" else f" {self.pick('in', 'of')} {noun}"
                clauses = [f"{self.each(k)} {verb} {values[k]}{tail}" for k in n]
            elif shape < 0.88:
                each = joined(list(values))
                clauses = [
                    f"the {noun} {self.pick('per', 'of each')} {joined([self.one(k) for k in n])} {self.pick('is', 'are')} {each}{self.pick(',', '')} respectively"
                ]
            else:
                clauses = [f"{self.again()} makes a {noun} of {values[k]} on {self.each(k)}" for k in n]
        question = f"{ask} {do} {end}?"
        form = self.rng.random()
        if form < 0.3:
            return [f"if {joined(clauses, self.pick('and', 'while'))}, {question}"]
        if form < 0.75:
            coefficients = (
                [joined(clauses, self.pick("and", "while", "whereas")) + "."]
                if self.chance(0.6)
                else [f"{c}." for c in clauses]
            )
        else:
            coefficients = [f"{c}." for c in clauses]
        if self.chance(0.3):
            question = self.pick(
                f"formulate {self.pick('an LP', 'a linear program', 'this problem')} {end.removeprefix('in order ').removeprefix('so as ')}.",
                f"{self.again()} wants {end.removeprefix('in order ').removeprefix('so as ')}.",
                f"{self.pick('find', 'determine')} {ask} {do} {end}.",
                f"help {self.again()} {end.removeprefix('in order to ').removeprefix('so as to ').removeprefix('to ')}.",
            )
        return [*coefficients, "\0" + question]


_MAXIMISED = [
    ("profit", "$"),
    ("profit", "$"),
    ("profit", "$"),
    ("revenue", "$"),
    ("earnings", "$"),
    ("return", "%"),
    ("income", "$"),
    ("number of people transported", "people"),
    ("number of viewers", "viewers"),
    ("output", "units"),
    ("reach", "customers"),
    ("number of patients treated", "patients"),
    ("energy produced", "kWh"),
    ("amount of paste", "grams"),
    ("sales", "$"),
]
_MINIMISED = [
    ("cost", "$"),
    ("costs", "$"),
    ("total cost", "$"),
    ("expenses", "$"),
    ("time", "minutes"),
    ("pollution", "units of pollution"),
    ("number of workers", "workers"),
    ("fat intake", "grams of fat"),
    ("fuel used", "liters of fuel"),
    ("wages", "$"),
    ("waste", "kg of waste"),
    ("number of trips", "trips"),
    ("total time", "hours"),
    ("emissions", "kg of CO2"),
    ("sugar intake", "grams of sugar"),
]
