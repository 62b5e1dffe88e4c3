"""Speaker -> sentences that bound: limits of resources, bounds, totals, shares, comparisons of two things."""

# ruff: noqa: E501    wordings and lists stay on a line each
from __future__ import annotations

import re
from collections.abc import Callable

from nl2opt.train.embedded.names import draw, pick
from nl2opt.train.embedded.resources import Resource
from nl2opt.train.embedded.speaker import Speaker
from nl2opt.train.embedded.wording import bound, dirn, draw_limit, draw_number, lim, multiple, par, share_marked


class Limiter(Speaker):
    """Says what may not be exceeded and what must be reached."""

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
