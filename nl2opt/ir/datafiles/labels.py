"""A name or an element as written -> the one it means: outer spaces, Unicode form, and case where unambiguous."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from nl2opt.ir.bind.elements import kinds
from nl2opt.ir.instance import Atom, SetValue
from nl2opt.ir.spelling import nearest

_INTEGER = re.compile(r"[+-]?\d{1,18}(?:\.0*)?", re.ASCII)
_CANONICAL = re.compile(r"-?(?:0|[1-9]\d{0,15})", re.ASCII)


def composed(text: str) -> str:
    """Text without outer spaces, Unicode composed."""
    return unicodedata.normalize("NFC", text).strip()


def folded(text: str) -> str:
    """Text as compared without regard to case."""
    return unicodedata.normalize("NFC", composed(text).casefold())


@dataclass(frozen=True, slots=True)
class Match:
    """What was meant (None: nothing), whether it was spelled otherwise, and what to say where nothing was."""

    name: Atom | None
    respelled: bool = False
    fix: str = ""


def match_name(text: str, names: Iterable[str]) -> Match:
    """A header or a JSON name -> the declared name it means; a unit in brackets and spaces for `_` do not count."""
    known = list(names)
    plain = composed(text)
    if plain in known:
        return Match(plain)
    bare = re.sub(r"\s*[\[(][^\])]*[\])]$", "", plain)
    wanted = re.sub(r"[\s\-]+", "_", folded(bare))
    found = [n for n in known if folded(n) == wanted]
    if len(found) == 1:
        return Match(found[0], True)
    return Match(None, fix=nearest(plain, known))


class Labels:
    """The elements of one known set (of single elements) as files spell them."""

    def __init__(self, elements: SetValue) -> None:
        self.elements = elements
        self.integer = bool(elements.elements) and kinds(elements) == (int,)
        self.composed = {composed(str(e)): e for e in elements}
        self.folded: dict[str, list[Atom]] = {}
        for e in elements:
            self.folded.setdefault(folded(str(e)), []).append(e)  # type: ignore[arg-type]
        self.known: dict[str, Match] = {}

    def match(self, text: str) -> Match:
        """A cell's text -> the element it means."""
        if text not in self.known:
            self.known[text] = self._match(text)
        return self.known[text]

    def _match(self, text: str) -> Match:
        if self.integer:
            number = int(text.split(".")[0]) if _INTEGER.fullmatch(text) else None
            if number in self.elements:
                return Match(number, str(number) != text)
        elif (plain := composed(text)) in self.composed:
            return Match(self.composed[plain], False)  # type: ignore[arg-type]
        elif len(alike := self.folded.get(folded(text), [])) == 1:
            return Match(alike[0], True)
        return Match(None, fix=nearest(text, map(str, self.elements.elements[:10_000])))


def typed(texts: Iterable[str]) -> list[Atom]:
    """The labels of a column whose set is not known yet -> integers where every one is an integer, else text."""
    listed = list(texts)
    if listed and all(_CANONICAL.fullmatch(t) for t in listed):
        return [int(t) for t in listed]
    return list(listed)


def closest(name: str, headers: Iterable[str], most: int = 3) -> list[str]:
    """Name -> the headers most like it, the nearest first, however far they are."""
    return get_close_matches(name, list(dict.fromkeys(headers)), most, 0.0)
