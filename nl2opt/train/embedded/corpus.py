"""CoNLL file -> Example: texts as a person writes them, a tag for each word of the run-time tokenizer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nl2opt.formulate.embedded.wordpiece import split_words, word_set

_GLUED_BEFORE = frozenset(",.;:?!%)]'’")
_GLUED_AFTER = frozenset("$€£([#")
_GLUED_BOTH = frozenset("-/")
_MAGNITUDES = word_set("thousand million billion")
_SCALES = word_set("times percent %")


@dataclass(frozen=True, slots=True)
class Piece:
    """A labelled place in a text: `text[start:end]`."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """A text and its labelled pieces, in order and disjoint."""

    text: str
    pieces: tuple[Piece, ...]

    def tags(self) -> list[str]:
        """BIO tags, one for each of `split_words(text)`."""
        tags = []
        k = 0
        begun = -1
        for word in split_words(self.text):
            while k < len(self.pieces) and self.pieces[k].end <= word.start:
                k += 1
            if k < len(self.pieces) and self.pieces[k].start < word.end:
                tags.append(("I-" if begun == k else "B-") + self.pieces[k].label)
                begun = k
            else:
                tags.append("O")
        return tags


def read_conll(path: Path) -> list[Example]:
    """Examples of a CoNLL file: token first and tag last on a line, texts apart by empty lines."""
    examples = []
    tokens: list[tuple[str, str]] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("-DOCSTART-"):
            continue
        fields = line.split()
        if fields:
            tokens.append((fields[0], fields[-1]))
        elif tokens:
            examples.append(tidy(from_tokens(tokens)))
            tokens = []
    return examples


def from_tokens(tokens: Iterable[tuple[str, str]]) -> Example:
    """Join (token, BIO tag) pairs into running text; marks close up as in print."""
    text = ""
    found: list[list[int | str]] = []
    glue = True
    quotes = 0
    for token, tag in tokens:
        closing = token == '"' and quotes % 2 == 1
        if not glue and token[0] not in _GLUED_BEFORE and token not in _GLUED_BOTH and not closing:
            text += " "
        start = len(text)
        text += token
        quotes += token == '"'
        glue = token in _GLUED_AFTER or token in _GLUED_BOTH or (token == '"' and not closing)
        if tag.startswith("B-"):
            found.append([tag[2:], start, len(text)])
        elif tag.startswith("I-") and found and found[-1][0] == tag[2:]:
            found[-1][2] = len(text)
    return Example(text, tuple(Piece(str(a), int(b), int(c)) for a, b, c in found))


def tidy(example: Example) -> Example:
    """Number pieces with the words that scale them inside: "5 %", "3 times", "2 million", where the labels waver."""
    text = example.text
    pieces = list(example.pieces)
    for i, piece in enumerate(pieces):
        if piece.label not in ("PARAM", "LIMIT"):
            continue
        end = piece.end
        limit = pieces[i + 1].start if i + 1 < len(pieces) else len(text)
        while match := re.compile(r"\s*(%|\w+)").match(text, end, limit):
            if match[1].lower() not in _MAGNITUDES | _SCALES:
                break
            end = match.end()
        pieces[i] = Piece(piece.label, piece.start, end)
    return Example(text, tuple(pieces))


def folds(examples: Sequence[Example], count: int) -> Iterator[tuple[list[Example], list[Example]]]:
    """(train, held out) for each of `count` folds, every count-th example held out."""
    for k in range(count):
        yield (
            [e for i, e in enumerate(examples) if i % count != k],
            [e for i, e in enumerate(examples) if i % count == k],
        )
