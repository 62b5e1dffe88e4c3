"""Rng -> Example: written questions with their pieces known, in wordings and trades beyond the public corpus.

A problem is drawn first (names, rows of coefficients, limits, relations), then said: who decides, what the things are, the
rows in one of several linking patterns, the limits, reasons and idle sentences between, the question.
"""

# ruff: noqa: E501    wordings and lists stay on a line each
from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from nl2opt.train.embedded.corpus import Example, tidy
from nl2opt.train.embedded.names import draw, draw_names, listed, pick, plural
from nl2opt.train.embedded.resources import Resource, draw_resource, produced
from nl2opt.train.embedded.wording import (
    UNJUDGED,
    article,
    bound,
    dirn,
    draw_limit,
    draw_number,
    joined,
    lim,
    marked,
    multiple,
    par,
    parse,
    sentence,
    share_marked,
    var,
)


class Teller:
    """One problem being told: draws its parts, then says them."""

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

    def opening(self) -> list[str]:
        """Who decides about what."""
        count = {2: "two", 3: "three", 4: "four", 5: "five"}[len(self.names)]
        count = self.pick(count, count, str(len(self.names)))
        kinds = self.pick(
            self.kinds, self.kinds, f"types of {self.kinds}", f"kinds of {self.kinds}", f"different {self.kinds}"
        )
        names = self.all_names(self.pick("and", "and", "or"))
        verb = self.make if self.who in ("they",) else _third(self.make)
        stranger = self.goods
        options = [
            f"{self.who} {verb} {names}.",
            f"{self.who} {verb} {count} {kinds}: {names}.",
            f"{self.who} {verb} {count} {kinds}, {names}.",
            f"{self.who} can {self.make} {names}.",
            f"{self.who} wants to {self.make} {names}.",
            f"{self.who} has to decide how many {names} to {self.make}.",
            f"{self.who} needs to {self.make} {count} {kinds}: {names}, for its {stranger}.",
            f"{count} {kinds} are available to {self.who}: {names}.",
            f"{self.who} {verb} {stranger} using {names}.",
            f"{self.who} has to {self.pick('transport', 'ship', 'deliver', 'move', 'carry')} {stranger} {self.pick('using', 'by', 'with')} {self.pick('', 'either ')}{names}.",
            f"{self.who} {verb} {names} with {self.pick('pictures', 'images', 'pieces', 'a taste')} of {stranger}.",
            f"{self.who} {_third(self.pick('sell', 'pack', 'store', 'ship'))} {stranger} in {names}.",
            f"{stranger} can be {self.pick('sent', 'made', 'harvested', 'treated', 'processed')} {self.pick('by', 'through', 'with', 'using')} {names}.",
            f"{self.who} wants to {self.pick('advertise', 'study', 'protect', 'catch', 'feed')} {stranger} and needs {names}.",
            f"{self.who}, known for its {stranger}, {verb} {names}.",
            f"to move its {stranger}, {self.who} can use {names}.",
            f"{self.who} {verb} {names} for {draw('modifier', self.rng)} customers.",
            f"there are {count} {kinds} that {self.who} can {self.make}, namely {names}.",
            f"{self.who} is planning its {stranger} and considers {self.pick('either ', '')}{names}.",
        ]
        if self.outputs:
            goods = joined([self.pick("", "", "an ", "a ") + g if len(g.split()) > 1 else g for g in self.outputs])
            options = [
                f"{self.who} {self.pick('makes', 'produces', 'extracts', 'gets')} {goods} using {names}.",
                f"{self.who} wants to {self.pick('reach', 'make', 'attract', 'collect')} {goods} with {names}.",
                f"{self.who} needs {goods}. {sentence(self.pick('it', 'they'))} can {self.make} {names}.",
                f"{self.who} {verb} {names}. {sentence(self.pick('both', 'they', 'these'))} produce {goods}.",
                f"{goods} can be obtained by {self.pick('', 'running ', 'using ')}{names}.",
            ]
        return [pick(options, self.rng)]

    def values(self) -> list[str]:
        """A coefficient for each thing."""
        return [draw_number(self.rng) for _ in self.names]

    def row(self, resource: Resource) -> list[str]:
        """The coefficients of one resource, in one of the linking patterns."""
        per = ""
        if self.chance(0.15):
            bystander = self.pick(
                draw("noun", self.rng), "shift", "hectare of land", "patient", "trip", "glass", "hour", "pair"
            )
            per = self.pick(" per ", " each ", " every ", " for each ", " in one ", " to each ") + bystander
        values = [resource.of(par(v)) + per for v in self.values()]
        verb = pick(resource.verbs, self.rng)
        bare = _bare(verb)
        n = range(len(self.names))
        kind = self.rng.random()
        link = self.pick("and", "while", "whereas", "but", "and")
        if kind < 0.34:
            first = f"{self.each(0)} {verb} {values[0]}"
            rest = [
                f"{self.each(k)} {self.pick(verb, verb, pick(resource.verbs, self.rng))} {values[k]}" for k in n[1:]
            ]
            if self.chance(0.5):
                return [joined([first, *rest], link).replace(f", {link}", f" {link}") + "."]
            return [f"{part}." for part in [first, *rest]]
        if kind < 0.46:
            intro = self.pick(f"{_bare_list(self, n)} {bare}", f"{self.pick('the ', '')}{_bare_list(self, n)} {bare}")
            numbers = joined([par(v) for v in self.values()])
            unit = f" {resource.after}" if resource.after else ""
            numbers = numbers if resource.after else re.sub(r"⟦PARAM\|", resource.before + r"⟦PARAM|", numbers)
            return [f"{intro} {numbers}{unit}{self.pick(' each', '', '')}{self.pick(',', '')} respectively."]
        if kind < 0.58 and not resource.before and not resource.produced:
            act = self.pick("make", "produce", "prepare", "build", self.make)
            parts = [f"{values[k]} to {act} {article(self.one(k))}" for k in n]
            return [f"it takes {joined(parts)}."]
        if kind < 0.66:
            act = self.pick(
                "making",
                "producing",
                "using",
                "buying",
                "preparing",
                "running",
                "serving",
            )
            if self.chance(0.25):
                act = self.pick(
                    "transporting by", "shipping with", "sending by", "moving goods by", "a trip by", "travel by"
                )
                return [f"{act} {var(self.names[k].one)} {verb} {values[k]}." for k in n]
            return [f"{act} {self.each(k)} {verb} {values[k]}." for k in n]
        if kind < 0.72:
            quantity = self.pick("both", "all", "all of them") if len(n) > 1 else "it"
            if quantity == "both" and len(n) > 2:
                quantity = "all"
            return [f"{quantity} {self.pick(self.kinds + ' ', '')}{bare} {values[0]}{self.pick(' each', '')}."]
        if kind < 0.8 and resource.before:
            what = self.pick("cost", "price", "expense", "rental cost", "salary", "daily wage")
            per = self.pick("per", "of a", "for each", "of one", "for a")
            parts = [f"the {what} {per} {self.one(k)} is {values[k]}" for k in n]
            return [joined(parts, link) + "."]
        if kind < 0.87:
            parts = [f"{values[k]} {self.pick('per', 'for each', 'for every', 'in each')} {self.one(k)}" for k in n]
            return [f"{self.again()} {self.pick('needs', 'uses', 'counts', 'gets', 'spends')} {joined(parts)}."]
        if kind < 0.94:
            parts = [f"{self.pick('a', 'one', 'each')} {self.one(k)}, {values[k]}" for k in n[1:]]
            return [f"{self.each(0)} {verb} {values[0]}, and {joined(parts)}."]
        parts = [f"{var(self.names[k].many)}, which {bare} {values[k]} each" for k in n]
        return [f"{self.again()} has {joined(parts)}."]

    def joint_rows(self, resources: Sequence[Resource]) -> list[str]:
        """The coefficients of several resources, thing by thing."""
        said = []
        lead = self.pick("each", "plain", "to make", "which")
        for k in range(len(self.names)):
            parts = []
            verb = ""
            for resource in resources:
                again = pick(resource.verbs, self.rng)
                value = resource.of(par(draw_number(self.rng)))
                parts.append(
                    value
                    if again == verb or (not resource.before and verb and self.chance(0.5))
                    else f"{again} {value}"
                )
                verb = again
            rest = joined(parts, comma=self.chance(0.5))
            if lead == "to make":
                said.append(f"{self.pick('to make', 'making', 'to produce', 'preparing')} {self.each(k)} {rest}.")
            elif lead == "which" and k == 0:
                said.append(f"{self.each(k)}, which {rest}, is popular with customers.")
            else:
                said.append(f"{self.each(k)} {rest}.")
        if self.chance(0.25):
            said = [joined([s.rstrip(".") for s in said], self.pick("while", "and", "whereas")) + "."]
        return said

    def limit(self, resource: Resource) -> str:
        """The limit of a resource."""
        number = draw_limit(self.rng)
        amount = resource.of(lim(number))
        who = self.again()
        has = "have" if who == "they" else "has"
        when = self.pick("", "", " per day", " each week", " a month", " for this season")
        if resource.produced:
            unit = resource.after
            options = [
                f"{who} must {self.pick('get', 'reach', 'provide', 'have', 'supply')} {bound(True, number, self.rng)} {unit}{when}.",
                f"{bound(True, number, self.rng)} {unit} {self.pick('are needed', 'must be reached', 'are required')}{when}.",
                f"{who} {dirn('must ' + self.pick('provide', 'transport', 'deliver', 'collect', 'serve', 'move'))} {amount}{when}.",
                f"{who} {dirn('needs to ' + self.pick('transport', 'deliver', 'produce', 'treat', 'process'))} {amount}{when}.",
                f"the {dirn(self.pick('minimum requirement', 'minimum', 'daily requirement'))} is {amount}.",
                f"{who} {self.pick('wants', 'would like')} {bound(True, number, self.rng)} {unit}{when}.",
                f"there must be {bound(True, number, self.rng)} {unit}, but {bound(False, draw_limit(self.rng), self.rng)}.",
                f"it must not contain {dirn('more than')} {amount}.",
                f"no {dirn('more than')} {amount} {self.pick('are allowed', 'may be used')}{when}.".replace(
                    "no ⟦CONST_DIR|", "⟦CONST_DIR|no "
                ),
            ]
            return pick(options, self.rng)
        pool = re.sub(r".*? (of|for) ", "", resource.after) or "money"
        options = [
            f"{who} {has} {amount} {dirn('available')}{when}.",
            f"there are {amount} {dirn('available')}{when}.",
            f"there is {self.pick('', 'only ')}{amount} {dirn('available')}{when}.",
            f"{who} {dirn(has)} {amount}{when}.",
            f"{who} {has} {bound(False, number, self.rng)} {resource.after}{when}."
            if resource.after
            else f"{who} {has} a {dirn('budget')} of {amount}{when}.",
            f"{bound(False, number, self.rng)} {resource.after} can be used{when}."
            if resource.after
            else f"{who} can spend {dirn('at most')} {amount}{when}.",
            f"{who} {dirn('can not')} use {dirn('more than')} {amount}{when}."
            if self.chance(0.2)
            else f"the total {pool} {dirn(self.pick('can not exceed', 'must not exceed', 'cannot exceed', 'may not exceed'))} {amount}{when}.",
            f"the {dirn(self.pick('supply', 'capacity', 'stock', 'limit'))} of {pool} is {amount}{when}.",
            f"{who} {dirn(self.pick('receives', 'gets', 'stocks', 'owns'))} {amount}{when}.",
            f"{who} {has} {dirn('available')} {amount}{when}.",
            f"{who} wants to {self.pick('use', 'stay', 'keep')} {dirn(self.pick('below', 'within', 'under'))} {amount}{when}.",
            f"the {pool} is {dirn('available')} for {amount}{when}.",
            f"{who} has access to {dirn('up to')} {amount}{when}.",
            f"{who} has a {dirn(self.pick('total', 'maximum'))} of {amount}{when}.",
        ]
        if resource.before:
            options += [
                f"the {self.pick('', 'weekly ', 'total ', 'marketing ')}{dirn('budget')} is {amount}.",
                f"{who} has a {dirn('budget')} of {amount}{when}.",
                f"{who} has set aside a {dirn('budget')} of {amount}, which is {draw_number(self.rng)}% more than last year.",
            ]
        return pick(options, self.rng)

    def relation(self) -> str:
        """A bound, a total, a share or a comparison of two things."""
        n = len(self.names)
        i, j = self.rng.sample(range(n), 2)
        number = draw_limit(self.rng)
        made = self.pick(
            "made", "produced", "used", "sold", "bought", "chosen", "delivered", "planted", "rented", _part(self.make)
        )
        must = self.pick("must be", "should be", "have to be", "need to be", "can be", "are")
        who = self.again()
        lower = self.chance(0.55)
        kinds, many_i, many_j = self.kinds, self.many(i), self.many(j)
        exceed = self.pick(
            "can not exceed", "must not exceed", "cannot exceed", "should not exceed", "may not exceed", "must exceed"
        )
        more = self.pick(
            "must be more than",
            "must be greater than",
            "must be less than",
            "must be larger than",
            "should be less than",
        )
        count = self.pick("the number of", "the amount of", "the total number of")
        options: list[Callable[[], str]] = [
            lambda: f"{bound(lower, number, self.rng)} {many_i} {must} {made}.",
            lambda: (
                f"{who} must {self.make} {bound(lower, number, self.rng)} {many_i} and {bound(lower, draw_limit(self.rng), self.rng)} {many_j}."
            ),
            lambda: (
                f"{who} must {self.make} {bound(True, number, self.rng)} but {bound(False, draw_limit(self.rng), self.rng)} {many_i}."
            ),
            lambda: (
                f"there must be {bound(True, number, self.rng)} of each{self.pick('', f' {self.kind}', f' type of {self.kind}')}."
            ),
            lambda: f"{bound(False, number, self.rng)} of each {self.kind} can be {made}.",
            lambda: (
                f"{count} {many_i} is {dirn(self.pick('limited to', 'restricted to', 'at most', 'at least', 'capped at'))} {lim(number)}."
            ),
            lambda: f"{count} {many_i} {dirn(exceed)} {lim(number)}.",
            lambda: (
                f"{who} {self.pick('can', 'must', 'wants to')} {self.make} {bound(lower, number, self.rng)} {kinds}{self.pick(' in total', ' of either type', ' altogether', '')}."
            ),
            lambda: f"the total number of {kinds} {self.pick('should', 'must')} be {bound(lower, number, self.rng)}.",
            lambda: f"{count} {many_i} {dirn(exceed)} {count} {many_j}.",
            lambda: f"{count} {many_i} {dirn(more)} {count} {many_j}.",
            lambda: f"there {dirn('must be more')} {many_i} than {many_j}.",
            lambda: (
                f"{who} must {self.make} {dirn(self.pick('at least', 'at most'))} {par(multiple(self.rng))} as {self.pick('many', 'much')} {many_i} as {many_j}."
            ),
            lambda: (
                f"{who} must {self.make} {dirn(self.pick('at least', 'at most', 'no more than'))} {par(multiple(self.rng))} more {many_i} than {many_j}."
            ),
            lambda: (
                f"{count} {many_i} must be {dirn(self.pick('at least', 'at most'))} {par(multiple(self.rng))} {self.pick('of ', '')}{count} {many_j}."
            ),
            lambda: (
                f"{dirn(self.pick('at least', 'at least', 'at most', 'no more than', 'no less than'))} {share_marked(self.rng)} of {self.pick('the ', 'all ', 'the total ')}{kinds} {must} {many_i}."
            ),
            lambda: (
                f"{dirn(self.pick('at least', 'at most', 'a minimum of'))} {share_marked(self.rng)} of the total must come from {many_i}."
            ),
            lambda: (
                f"{many_i} must make up {dirn(self.pick('at least', 'at most', 'no more than'))} {share_marked(self.rng)} of {self.pick('the total', f'all {kinds}', f'the {kinds}')}."
            ),
            lambda: (
                f"{bound(True, number, self.rng)} {many_i} must be {made} to meet the contract, and demand for {many_j} is {dirn('at most')} {lim(draw_limit(self.rng))}."
            ),
            lambda: (
                f"{who} {dirn(self.pick('has only', 'only has'))} {lim(number)} {many_i}.".replace(
                    "has only⟧", "has⟧ only"
                )
                if self.chance(0.3)
                else f"{who} has {dirn('at most')} {lim(number)} {many_i} {self.pick('left', 'in stock')}."
            ),
            lambda: (
                f"{who} {dirn(self.pick('has', 'owns'))} {lim(number)} {many_i} and {lim(draw_limit(self.rng))} {many_j}."
            ),
            lambda: f"{who} does not want {dirn('more than')} {lim(number)} {many_i}.",
            lambda: f"there can be {bound(lower, number, self.rng)} total {kinds}.",
            lambda: f"demand for {many_i} is {dirn(self.pick('at least', 'at most'))} {lim(number)}.",
        ]
        said = pick(options, self.rng)()
        if self.chance(0.3):
            reason = f"{self.pick('due to', 'because of', 'owing to')} {self.pick('regulations', 'high demand', 'limited parking', 'a contract with the city', 'noise limits', 'popularity', 'an agreement')}"
            reason = self.pick(
                reason,
                f"since {many_j} {self.pick('are popular', 'sell better', 'pollute', 'are slower', 'are new')}",
                "in addition",
                "finally",
                "however",
                "to please customers",
                f"because the {draw('noun', self.rng)} is small",
            )
            return f"{reason}, {said}"
        return said

    def idle(self) -> str:
        """A sentence that constrains nothing, often with a number."""
        number = self.rng.randint(2, 2000)
        noun, other = draw("noun", self.rng), draw("noun", self.rng)
        return self.pick(
            f"{self.again()} was founded in {self.rng.randint(1900, 2024)} and has {number} employees.",
            f"it is open {self.rng.randint(5, 7)} days a week.",
            f"last year {self.again()} had {number} {plural(noun)}.",
            f"the {noun} is located {number} miles from the {other}.",
            f"its customers are mostly {plural(noun)} and {plural(other)}.",
            f"{self.pick('both', 'all')} {self.kinds} are important to {self.again()}.",
            f"the {self.pick('manager', 'owner', 'director')} has {self.rng.randint(3, 40)} years of experience with {plural(noun)}.",
            f"all {self.kinds} are checked by the same {noun}.",
            f"due to the popularity of {self.goods}, {self.again()} is very busy.",
            f"{self.again()} only works with {self.goods} and {plural(other)}.",
            f"{self.goods} are {self.pick('sold', 'needed', 'delivered', 'stored')} in the {noun}.",
            f"customers {self.pick('love', 'prefer', 'dislike', 'ask for')} {draw('modifier', self.rng)} {self.goods}.",
            f"assume that {self.pick('x1, x2', 'x, y', 'x', 'all variables')} >= 0.",
            f"{plural(noun)} are becoming more popular than {plural(other)}.",
            f"{self.again()} is known for its {draw('modifier', self.rng)} {plural(noun)}.",
            f"demand has grown by {self.rng.randint(2, 60)}% in the past {self.rng.randint(2, 9)} years.",
        )

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

    def tell(self) -> str:
        """The whole text."""
        said: list[list[str]] = []
        rows = self.resources
        if len(rows) > 1 and self.chance(0.55):
            said.append(self.joint_rows(rows))
        else:
            said += [self.row(r) for r in rows]
        said += [[self.limit(r)] for r in rows]
        said += [[self.relation()] for _ in range(self.rng.choices([0, 1, 2, 3], weights=[25, 40, 25, 10])[0])]
        said += [[self.idle()] for _ in range(self.rng.choices([0, 1, 2], weights=[60, 30, 10])[0])]
        objective = self.objective()
        question = [objective.pop().removeprefix("\0")]
        if objective:
            said.append(objective)
        if self.chance(0.35):
            self.rng.shuffle(said)
        sentences = [*self.opening(), *(s for group in said for s in group)]
        sentences += question if self.chance(0.9) else []
        if self.chance(0.06):
            sentences = [*question, *sentences[: -len(question)]]
        return " ".join(sentence(s) for s in sentences)


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


def _bare_list(teller: Teller, n: range) -> str:
    return joined([teller.many(k) for k in n])


def _third(verb: str) -> str:
    head, _, rest = verb.partition(" ")
    if head.endswith(("s", "x", "sh", "ch")):
        head += "es"
    elif head.endswith("y") and head[-2] not in "aeiou":
        head = head[:-1] + "ies"
    else:
        head += "s"
    return f"{head} {rest}".strip()


def _bare(verb: str) -> str:
    head, _, rest = verb.partition(" ")
    irregular = {"is": "are", "has": "have", "can": "can", "carries": "carry", "reaches": "reach", "supplies": "supply"}
    if head in irregular:
        head = irregular[head]
    elif head.endswith("s"):
        head = head[:-1]
    return f"{head} {rest}".strip()


def _part(verb: str) -> str:
    irregular = {
        "make": "made",
        "sell": "sold",
        "buy": "bought",
        "grow": "grown",
        "build": "built",
        "run": "run",
        "eat": "eaten",
    }
    irregular |= {"invest in": "invested in", "ship": "shipped", "plant": "planted", "stock": "stocked"}
    return irregular.get(verb, verb + "d" if verb.endswith("e") else verb + "ed")


def write(rng: random.Random) -> Example:
    """A question of our own; a share of them in lower case or with a doubled blank, as typed in haste."""
    text = Teller(rng).tell()
    if rng.random() < 0.03:
        text = re.sub(r"(?<![|\w])[A-Z](?=[a-z])", lambda m: m[0].lower(), text)
    return tidy(parse(text))
