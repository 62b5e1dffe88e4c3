"""Text -> Word -> vocabulary ids: words by their place in the text, each with the pieces the encoder reads.

Written here because the `tokenizers` package would pull a model hub's client into the core. Labels are given to words,
so pieces need no offsets and a span's borders are exact in any script.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MAX_PIECES: Final = 12
"""Pieces read of one word; the rest of a longer one is not looked at (it still belongs to the word)."""


def word_set(words: str) -> frozenset[str]:
    """The words of a string, apart by blanks."""
    return frozenset(words.split())


_WORD: Final = re.compile(
    r"\d+(?:[.,]\d+)*"  # 1,000.50 is one word; the comma of "65000," is not part of it
    r"|(?<![\w.])\.\d+"
    r"|[\u3400-\u4dbf\u4e00-\u9fff]"
    r"|[^\W\d]\w*"
    r"|[^\w\s]"
)
_NUMBER_WORDS: Final = word_set(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion half "
    "third quarter twice thrice double triple dozen"
)

SHAPES: Final = (
    "lower",
    "number",
    "number word",
    "capitalised",
    "capitals",
    "one capital",
    "mark",
    "sentence start",
)
RECURRENCES: Final = ("once", "first of several", "again")


@dataclass(frozen=True, slots=True)
class Word:
    """`source[start:end]`, with an index into SHAPES and one into RECURRENCES."""

    start: int
    end: int
    shape: int
    recurrence: int


def split_words(text: str) -> list[Word]:
    """The words, numbers and marks of `text`, in order; blanks belong to none of them."""
    places = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    stems = [stem_of(text[a:b]) for a, b in places]
    count = Counter(stems)
    seen: set[str] = set()
    words = []
    previous = "."
    for (start, end), stem in zip(places, stems, strict=True):
        recurrence = 0
        if count[stem] > 1 and stem:
            recurrence = 2 if stem in seen else 1
            seen.add(stem)
        words.append(Word(start, end, _shape(text[start:end], previous), recurrence))
        previous = text[start:end]
    return words


def stem_of(word: str) -> str:
    """The word without its plural; empty where recurrence says nothing (marks, numbers, one or two letters)."""
    if len(word) < 3 or not word[0].isalpha():
        return ""
    word = word.lower()
    for ending, keep in (("ies", 3), ("ses", 2), ("xes", 2), ("hes", 2), ("s", 1)):
        if word.endswith(ending) and not word.endswith("ss"):
            return word[:-keep]
    return word[:-1] if word.endswith("y") else word


def _shape(word: str, previous: str) -> int:
    first = word[0]
    if first.isdigit() or (first == "." and len(word) > 1):
        return 1
    if not first.isalnum():
        return 6
    if word.lower() in _NUMBER_WORDS:
        return 2
    if not first.isupper():
        return 0
    if len(word) == 1:
        return 5
    if word[1:].isupper():
        return 4
    return 7 if previous in ".?!" else 3


class WordPiece:
    """Greedy longest-match pieces of a lower-cased, accent-free word, as uncased BERT models read them.

    `pieces` lists the vocabulary in the order of the embedding's rows and holds `[UNK]`, `[CLS]` and `[SEP]`.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self._ids: Mapping[str, int] = {piece: i for i, piece in enumerate(pieces)}
        self.unknown = self._ids["[UNK]"]
        self.first = self._ids["[CLS]"]
        self.last = self._ids["[SEP]"]

    def encode(self, word: str) -> list[int]:
        """Ids of the word's pieces: at least one, at most MAX_PIECES."""
        if word[0].isdigit():
            word = word.replace(",", "")
        word = unicodedata.normalize("NFD", word[:100].lower())
        word = "".join(c for c in word if not unicodedata.combining(c))
        found: list[int] = []
        start = 0
        while start < len(word) and len(found) < MAX_PIECES:
            for end in range(len(word), start, -1):
                piece = word[start:end] if start == 0 else "##" + word[start:end]
                if (known := self._ids.get(piece)) is not None:
                    found.append(known)
                    start = end
                    break
            else:
                return [self.unknown]
        return found or [self.unknown]
