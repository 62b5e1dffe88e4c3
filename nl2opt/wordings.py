"""templates/wordings/*.txt, templates/vocabulary.txt -> sentences: alternatives drawn, gaps filled with words.

A wording is a line: `[a|b|]` is one of its alternatives (they nest), `{word}` an entry of that class of the vocabulary.
Of a class with two forms (`site/sites`) equal trailing digits mean the same entry, different digits different ones.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from nl2opt.resources import data_folder

_GAP: Final = re.compile(r"\{([a-z]+?)(\d*)\}")
_ARTICLE: Final = re.compile(r"(\ba|^A) (?=[aeiou](?!ne\b|ni|ur|su|se))")
_FRAMED: Final = re.compile(r"(?:the|each|every|no|all|both|an?|at (?:least|most)|exactly)\b", re.I)
_NAMED: Final = re.compile(r"(?!An? (?!and\b|or\b|is\b|must\b)[a-z])[A-Z](?:[A-Z]|\b|[a-z]+ and [A-Z])")
"""A sentence that begins with a name, which keeps its capital: `A and B must`, not `A hotel must`."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, the template it words, and which of its wordings it was made from."""

    text: str
    template: str
    wording: int


@cache
def wordings() -> dict[str, tuple[str, ...]]:
    """Template -> its wordings. Raises ValueError for a line whose brackets do not match."""
    found = {}
    for path in sorted((data_folder("templates") / "wordings").glob("*.txt")):
        lines = tuple(line for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
        for line in lines:
            if line.count("[") != line.count("]") or line.count("{") != line.count("}"):
                raise ValueError(f"{path.name}: brackets do not match: {line}")
        found[path.stem] = lines
    return found


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Class -> (family, form); family -> entries, each with its forms."""

    classes: Mapping[str, tuple[str, int]]
    entries: Mapping[str, Sequence[tuple[str, ...]]]


@cache
def vocabulary() -> Vocabulary:
    """The classes of words that wordings name."""
    classes, entries = {}, {}
    for line in (data_folder("templates") / "vocabulary.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        names, words = line.split(":", 1)
        forms = names.split("/")
        for form, name in enumerate(forms):
            classes[name] = (forms[0], form)
        whole = re.split(r",(?!\d) *", words.strip())
        entries[forms[0]] = [tuple((w.split("/") * len(forms))[: len(forms)]) for w in whole]
    return Vocabulary(classes, entries)


def told(template: str, wording: int, times: int, seed: int = 0) -> list[Told]:
    """A wording of a template -> sentences that differ, at most `times`; the same for the same arguments."""
    key = hashlib.sha256(f"{seed}/{template}/{wording}".encode()).digest()
    rng = random.Random(int.from_bytes(key[:8], "big"))
    line = wordings()[template][wording]
    found: dict[str, None] = {}
    for _ in range(3 * times):
        if len(found) == times:
            break
        found.setdefault(_framed(_filled(_drawn(line, rng), rng), rng))
    return [Told(text, template, wording) for text in found]


def _drawn(line: str, rng: random.Random) -> str:
    """One alternative of each bracket, the innermost first."""
    while (start := line.rfind("[")) >= 0:
        stop = line.index("]", start)
        line = line[:start] + rng.choice(line[start + 1 : stop].split("|")) + line[stop + 1 :]
    return re.sub(r"\s+", " ", line).strip()


def _filled(line: str, rng: random.Random) -> str:
    """Each gap with an entry of its class; gaps of one family that are told apart get entries that differ."""
    known = vocabulary()
    chosen: dict[tuple[str, str], tuple[str, ...]] = {}

    def fill(gap: re.Match[str]) -> str:
        name, mark = gap[1], gap[2]
        family, form = known.classes[name]
        if (family, mark) not in chosen or not mark:
            taken = {entry for (f, _), entry in chosen.items() if f == family}
            free = [entry for entry in known.entries[family] if entry not in taken]
            chosen[family, mark] = rng.choice(free or known.entries[family])
        return chosen[family, mark][form]

    line = _GAP.sub(fill, line)
    line = re.sub(r"\s+([,.;:?!])", r"\1", re.sub(r"\s+", " ", line)).strip()
    line = _ARTICLE.sub(r"\1n ", line)
    return line[:1].upper() + line[1:]


def _framed(text: str, rng: random.Random) -> str:
    """Now and then with words before or after that change nothing."""
    known = vocabulary().entries
    at = rng.random()
    lower = text if _NAMED.match(text) else text[:1].lower() + text[1:]
    if at < 0.08:
        return f"{rng.choice(known['opening'])[0]}, {lower}"
    if at < 0.16 and _FRAMED.match(text):
        return f"{rng.choice(known['framing'])[0]} {lower}"
    if at < 0.22 and text.endswith("."):
        return f"{text[:-1]} {rng.choice(known['closing'])[0]}."
    if at < 0.26 and text.endswith("."):
        return text[:-1]
    return text
