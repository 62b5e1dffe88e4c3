"""Rng -> Example: written questions with their pieces known, in wordings and trades beyond the public corpus.

A problem is drawn first (names, rows of coefficients, limits, relations), then said: who decides, what the things are, the
rows in one of several linking patterns, the limits, reasons and idle sentences between, the question.
"""

# ruff: noqa: E501    wordings and lists stay on a line each
from __future__ import annotations

import random
import re
from collections.abc import Sequence

from nl2opt.train.embedded.asker import Asker
from nl2opt.train.embedded.corpus import Example, tidy
from nl2opt.train.embedded.limiter import Limiter
from nl2opt.train.embedded.names import draw, pick, plural
from nl2opt.train.embedded.resources import Resource
from nl2opt.train.embedded.wording import article, draw_number, joined, par, parse, sentence, var


class Teller(Limiter, Asker):
    """One problem being told."""

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


def write(rng: random.Random) -> Example:
    """A question of our own; a share of them in lower case or with a doubled blank, as typed in haste."""
    text = Teller(rng).tell()
    if rng.random() < 0.03:
        text = re.sub(r"(?<![|\w])[A-Z](?=[a-z])", lambda m: m[0].lower(), text)
    return tidy(parse(text))
