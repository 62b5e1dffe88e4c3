"""Rng -> Resource: what the rows of a written question count, with unit and verbs."""

# ruff: noqa: E501    wordings and lists stay on a line each
from __future__ import annotations

import random
from dataclasses import dataclass

from nl2opt.train.embedded.names import draw, listed, pick


@dataclass(frozen=True, slots=True)
class Resource:
    """What a row counts: words after the number, or a currency before it, and a verb that links it to a thing."""

    after: str
    before: str
    verbs: tuple[str, ...]
    """Third person: "takes", "needs"."""
    produced: bool = False
    """Whether the things give it (a minimum is wanted) rather than use it up."""

    def of(self, number: str) -> str:
        """A number with its unit."""
        return self.before + number + (" " + self.after if self.after else "")


_TIMES = ["hours", "minutes", "hours", "days", "man-hours", "worker-hours", "machine hours", "seconds", "weeks"]
_STEPS = listed("""assembly|painting|cutting|sewing|baking|polishing|testing|packaging|drying|grinding|mixing|labor|designing|
welding|inspection|programming|machine time|oven time|preparation|cleaning|cooling|printing|sanding|quality control|setup|
sorting|brewing|milling|care|harvesting|watering|training|supervision|lab work|computer time|studio time|chopping|stitching|
heating|assembly line time|mechanic time|lathe time|finishing|loading|maintenance|studying|rehearsal""")
_STUFF = listed("""wood|steel|plastic|fabric|leather|flour|sugar|butter|milk|water|paint|glue|rubber|copper|wire|glass|gold|paper|
cotton|wool|cream|cocoa|tea leaves|coffee beans|fertilizer|pesticide|fuel|gas|electricity|sand|cement|iron ore|zinc|silver|oil|
chicken|beef|cheese|lettuce|bread|pasta|tomato sauce|vodka|lime juice|syrup|salt|powder|gel|acid|base|metal|iron|chromium|
metal alloy|aloe|citric acid|silk|thread|ink|feed|hay|meat|dough|batter|chocolate|cherries|nuts|raisins|vegetables|noodles
""")
_UNITS = [
    "units",
    "kg",
    "kilograms",
    "grams",
    "pounds",
    "liters",
    "ml",
    "gallons",
    "tons",
    "ounces",
    "oz",
    "cups",
    "sheets",
]
_UNITS += [
    "sq ft",
    "square feet",
    "cubic meters",
    "bags",
    "tablespoons",
    "mg",
    "milligrams",
    "boxes",
    "rolls",
    "kWh",
    "cc",
]
_GIFTS = listed("""calories|protein|fiber|iron|fat|vitamin C|calcium|carbs|sodium|pain killer|medicine|sleeping agent|nutrients|
flavor|spice|nitrogen|phosphorus|potash|potassium|energy|power|cholesterol|caffeine|zinc|magnesium|antioxidants|digestive aid
""")
_CARRIED = listed("""people|passengers|boxes|packages|kg of goods|tons of cargo|letters|bottles|patients|students|customers|tourists|
containers|tons of ore|pallets|crates of fruit|workers|mail bags|guests|soldiers|cows|gifts|viewers|families|visitors|users
""")
_PLACES = [
    "in the workshop",
    "on the machine",
    "on the shelf",
    "of the truck",
    "a day",
    "per week",
    "each month",
    "every day",
]


def draw_resource(rng: random.Random, goods: str) -> Resource:
    """Something a row may count; `goods` is what the problem carries, contains or sells."""
    kind = rng.random()
    if kind > 0.93:
        unit = pick(["", "", "kg of ", "boxes of ", "tons of ", "bags of ", "crates of ", "units of "], rng)
        verbs = (
            "carries",
            "can carry",
            "can transport",
            "holds",
            "can take",
            "produces",
            "yields",
            "catches",
            "can hold",
            "makes",
        )
        return Resource(unit + goods, "", verbs, produced=True)
    if kind > 0.88:
        unit, place = pick(["hours", "minutes", "units", "kg", "days"], rng), draw("noun", rng, 0.4)
        place = pick(
            [
                f"on the {place} machine",
                f"on machine {pick(list('ABCD12'), rng)}",
                f"at the {place} station",
                f"in the {place}",
            ],
            rng,
        )
        place = pick(
            [
                place,
                place,
                f"from {place.split()[-1].capitalize()}",
                f"of {pick(['Jill', 'Omar', 'Team 1', 'Anna'], rng)}'s time",
            ],
            rng,
        )
        return Resource(f"{unit} {place}", "", ("takes", "requires", "needs", "uses", "spends"))
    kind /= 0.88
    if kind < 0.28:
        time, step = pick(_TIMES, rng), pick(_STEPS, rng)
        after = pick(
            [f"{time} of {step}", f"{time} for {step}", f"{time} of {step} time", time, f"{time} to make"], rng
        )
        if after.endswith("to make"):
            after = f"{time} of work"
        return Resource(after, "", ("takes", "requires", "needs", "uses", "spends"))
    if kind < 0.55:
        unit, stuff = pick(_UNITS, rng), pick(_STUFF, rng)
        return Resource(f"{unit} of {stuff}", "", ("requires", "uses", "needs", "contains", "consumes", "takes"))
    if kind < 0.68:
        return Resource("", pick(["$", "$", "€", "£"], rng), ("costs", "costs the company", "ties up", "is bought for"))
    if kind < 0.74:
        after = pick(["workers", "operators", "employees", "nurses", "people", "drivers", "guards", "technicians"], rng)
        return Resource(after, "", ("requires", "needs", "is run by", "takes"))
    if kind < 0.8:
        after = pick(
            ["sq ft of space", "square meters", "units of shelf space", "acres of land", "slots", "GB of memory"], rng
        )
        return Resource(after, "", ("takes up", "takes", "occupies", "requires", "uses"))
    if kind < 0.9:
        after = pick(["units", "grams", "mg", "units", "oz"], rng) + " of " + pick(_GIFTS, rng)
        return Resource(after, "", ("contains", "has", "provides", "delivers", "gives", "supplies"), produced=True)
    verbs = (
        "carries",
        "can carry",
        "can transport",
        "can hold",
        "can take",
        "attracts",
        "reaches",
        "serves",
        "produces",
        "can process",
    )
    return Resource(pick(_CARRIED, rng), "", verbs, produced=True)


def produced(output: str, rng: random.Random) -> Resource:
    """A row that counts what the things make, reach or contain."""
    unit = pick(["units of ", "", "kg of ", "tons of ", "liters of ", "au of ", "grams of ", "thousand "], rng)
    if rng.random() < 0.5:
        unit = "units of the "
    verbs = ("produces", "makes", "yields", "gives", "can reach", "is seen by", "creates", "contains", "generates")
    return Resource((unit if not output.endswith("s") else "") + output, "", verbs, produced=True)
