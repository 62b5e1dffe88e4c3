"""Marked text -> Example, and the numbers and directions of written questions as people word them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from nl2opt.train.embedded.corpus import Example, Piece
from nl2opt.train.embedded.names import pick

_MARK = re.compile(r"⟦(\w+)\|([^⟦⟧]*)⟧")
UNJUDGED = "UNJUDGED"
"""Label of words on which the corpus wavers; training passes over them."""


def marked(label: str, text: str) -> str:
    """`text` as a labelled piece of a sentence."""
    return f"⟦{label}|{text}⟧"


def var(text: str) -> str:
    """A mention of a variable."""
    return marked("VAR", text)


def par(text: str) -> str:
    """A coefficient."""
    return marked("PARAM", text)


def lim(text: str) -> str:
    """A limit."""
    return marked("LIMIT", text)


def dirn(text: str) -> str:
    """Words that state a constraint's direction."""
    return marked("CONST_DIR", text)


def parse(source: str) -> Example:
    """Marked text -> Example."""
    text, pieces, at = "", [], 0
    for match in _MARK.finditer(source):
        text += source[at : match.start()]
        pieces.append(Piece(match[1], len(text), len(text) + len(match[2])))
        text += match[2]
        at = match.end()
    return Example(text + source[at:], tuple(pieces))


def sentence(source: str) -> str:
    """The first letter in capitals, also inside a mark."""
    match = re.match(r"(?:⟦\w+\|)?", source)
    at = match.end() if match else 0
    return source[:at] + source[at : at + 1].upper() + source[at + 1 :]


def joined(parts: Sequence[str], last: str = "and", comma: bool = True) -> str:
    """A, B, and C."""
    if len(parts) < 3:
        return f" {last} ".join(parts)
    return ", ".join(parts[:-1]) + ("," if comma else "") + f" {last} {parts[-1]}"


def article(word: str) -> str:
    """The word with "a" or "an"; the mark around it stays."""
    plain = re.sub(r"⟦\w+\|", "", word)
    return ("an " if plain[:1].lower() in "aeiou" else "a ") + word


def draw_number(rng: random.Random, top: int = 300) -> str:
    """A number as people write them."""
    kind = rng.random()
    if kind < 0.62:
        return str(rng.randint(1, top))
    if kind < 0.74:
        return f"{rng.uniform(0.1, top / 5):.{rng.choice([1, 2])}f}"
    if kind < 0.82:
        return f"{rng.randint(1, 40) * 500:,}"
    if kind < 0.92:
        return pick(
            ["one", "two", "three", "four", "five", "six", "eight", "ten", "twelve", "twenty", "half", "fifteen"], rng
        )
    return pick(["1.5 million", "2 million", "ten thousand", "30 thousand", "1/2", "3/4", "0.5", "40", "75"], rng)


def draw_limit(rng: random.Random) -> str:
    """A number of a limit's size."""
    kind = rng.random()
    if kind < 0.5:
        return str(rng.choice([rng.randint(5, 200), rng.randint(2, 90) * 10, rng.randint(2, 90) * 100]))
    if kind < 0.75:
        return f"{rng.randint(2, 900) * rng.choice([50, 100, 1000]):,}"
    if kind < 0.82:
        return str(rng.randint(2, 900) * 500)
    if kind < 0.92:
        words = ["one hundred", "fifty", "two hundred and fifty", "ten thousand", "one hundred thousand", "twenty-five"]
        return pick([*words, "thirty", "a hundred", "five hundred", "sixty", "ninety", "twelve", "fifteen"], rng)
    return pick(["1.5 million", "2 million", "3.2 million", "half a million", "80 thousand", "250.5", "12.75"], rng)


def share(rng: random.Random) -> str:
    """A share of a total."""
    if rng.random() < 0.6:
        return f"{rng.randint(5, 80)}" + pick(["%", "%", "%", " %", " percent"], rng)
    return pick(
        ["half", "a third", "one third", "a quarter", "two thirds", "thirty percent", "one-fifth", "forty percent"], rng
    )


def share_marked(rng: random.Random) -> str:
    """A share as a limit; the article of "a third" stays outside, as in the corpus."""
    said = share(rng)
    return "a " + lim(said[2:]) if said.startswith("a ") else lim(said)


def multiple(rng: random.Random) -> str:
    """How many times as much."""
    times = pick(["2", "3", "4", "5", "two", "three", "four", "ten", "1.5", "five", "six"], rng) + " times"
    return pick(["twice", "twice", "double", "thrice", "half", times, times, times, times, times], rng)


AT_LEAST = [
    "at least",
    "at least",
    "at least",
    "no less than",
    "no fewer than",
    "not less than",
    "a minimum of",
    "minimum",
]
AT_MOST = [
    "at most",
    "at most",
    "at most",
    "no more than",
    "up to",
    "not more than",
    "a maximum of",
    "a total of",
    "only",
]


def bound(lower: bool, number: str, rng: random.Random) -> str:
    """A direction and its limit."""
    words = pick(AT_LEAST if lower else AT_MOST, rng)
    match = re.fullmatch(r"a (\w+) of", words)
    if match:
        return f"a {dirn(match[1])} of {lim(number)}"
    if words == "minimum":
        words = "at least"
    return f"{dirn(words)} {lim(number)}"
