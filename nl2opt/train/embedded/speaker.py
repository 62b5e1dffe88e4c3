"""Rng -> Speaker: a problem's parts as drawn (who decides, about what, counting what), and how it names them."""

from __future__ import annotations

import random
import re

from nl2opt.train.embedded.names import draw, draw_names, listed, pick, plural
from nl2opt.train.embedded.resources import draw_resource, produced
from nl2opt.train.embedded.wording import article, joined, var


class Speaker:
    """The parts of one problem and the ways to mention them."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.names = draw_names(rng.choices([2, 3, 4, 5], weights=[62, 26, 8, 4])[0], rng)
        self.outputs = self._outputs() if self.chance(0.2) else []
        heads = {name.head for name in self.names}
        self.kind = heads.pop() if len(heads) == 1 and "" not in heads else draw("class", rng, 0.05)
        self.kinds = plural(self.kind)
        self.who = self._who()
        self.make = pick(
            listed("""make|produce|sell|buy|rent|use|grow|offer|build|hire|prepare|order|stock|ship|purchase|schedule|mix|manufacture|
run|plant|bake|eat|deploy|operate|install|assign|serve|invest in|import|transport|process|open|create"""),
            rng,
        )
        self.goods = plural(draw("noun", rng, 0.4)) if self.chance(0.7) else draw(pick(["mass", "contents"], rng), rng)
        self.resources = [
            draw_resource(rng, self.goods) for _ in range(rng.choices([1, 2, 3], weights=[35, 50, 15])[0])
        ]
        if self.outputs:
            self.resources = [produced(output, rng) for output in self.outputs] + self.resources[1:2]

    def pick(self, *options: str) -> str:
        """One of some wordings."""
        return pick(options, self.rng)

    def chance(self, p: float) -> bool:
        """True with probability p."""
        return self.rng.random() < p

    def _outputs(self) -> list[str]:
        """What the things make or reach, named alike and as often as they are, but not decided about."""
        kind = self.rng.random()
        if kind < 0.4:
            head = draw(self.pick("mass", "noun"), self.rng)
            head = plural(head) if self.chance(0.3) else head
            return [f"{draw('modifier', self.rng)} {head}" for _ in range(2)]
        if kind < 0.7:
            return [draw(self.pick("mass", "contents"), self.rng) for _ in range(self.rng.choice([2, 2, 3]))]
        return [plural(draw("noun", self.rng)) for _ in range(self.rng.choice([2, 2, 3]))]

    def _who(self) -> str:
        trade = draw("noun", self.rng, 0.3)
        firm = self.pick(
            "company", "store", "shop", "factory", "firm", "business", "manufacturer", "farm", "plant", "startup"
        )
        firm = self.pick(
            firm,
            firm,
            "hospital",
            "school",
            "restaurant",
            "bakery",
            "clinic",
            "city",
            "museum",
            "lab",
            "bank",
            "dealer",
        )
        person = self.pick(
            "Maria", "John", "a farmer", "Mr. Lee", "Aisha", "an investor", "the chef", "a student", "Dr. Novak"
        )
        brand = draw("modifier", self.rng, 0.8).capitalize()
        return self.pick(
            f"a {firm}",
            f"a {trade} {firm}",
            f"{article(trade)} {firm}",
            person,
            f"{brand} {firm.capitalize()}",
            f"the {firm}",
        )

    def again(self) -> str:
        """The decider, later."""
        match = re.match(r"(?:an?|the) (.*)", self.who, re.IGNORECASE)
        return f"the {match[1].split()[-1]}" if match else self.pick(self.who, self.who, "the company", "they")

    # mentions

    def one(self, k: int) -> str:
        """One of thing k, without an article: "truck", "acre of wheat"."""
        name = self.names[k]
        if name.measure:
            return f"{name.measure} of {var(name.one)}"
        if name.head and name.short and self.chance(0.25 if name.short.endswith(name.head) else 0.04):
            return var(name.short)
        return var(name.one)

    def many(self, k: int) -> str:
        """Several of thing k."""
        name = self.names[k]
        if name.measure and self.chance(0.5):
            return f"{plural(name.measure)} of {var(name.one)}"
        return var(name.many)

    def each(self, k: int) -> str:
        """One of thing k with a determiner."""
        one = self.one(k)
        how = self.pick("each", "each", "a", "one", "every", "the", "per")
        if how == "per":
            return f"each {one}"
        if self.names[k].one == self.names[k].many and not self.names[k].measure:
            return one if self.chance(0.6) else f"{self.pick('each', 'one')} {one}"
        return article(one) if how == "a" else f"{how} {one}"

    def all_names(self, last: str = "and") -> str:
        """The list of things, the head said once where they share it."""
        if all(n.short and n.head and n.one.endswith(n.head) and n.one != n.head for n in self.names) and self.chance(
            0.6
        ):
            *front, end = self.names
            return joined([*(var(n.short) for n in front), var(end.many)], last, self.chance(0.7))
        if self.chance(0.2) and not self.names[0].measure:
            return joined([article(var(n.one)) for n in self.names], last, self.chance(0.7))
        return joined([var(n.many) for n in self.names], last, self.chance(0.7))

    # sentences
