"""Sentence -> ranked templates; a text's sentences -> the templates worth naming for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from nl2opt.check.wording import phrases
from nl2opt.formulate.classify.network import Network, network
from nl2opt.templates import Template, load_objectives, load_templates


@dataclass(frozen=True, slots=True)
class Ranked:
    """A template a sentence may be an instance of; `score` is its share of one, `why` the words that spoke for it."""

    template: str
    score: float
    why: str


def classify(sentence: str, top: int = 5) -> tuple[Ranked, ...]:
    """Sentence -> its `top` likeliest templates, of constraints and of objectives; none for one without words."""
    return classify_many([sentence], top)[0]


def classify_many(sentences: Sequence[str], top: int = 5) -> list[tuple[Ranked, ...]]:
    """Each sentence -> its `top` likeliest templates, as `classify` gives one by one."""
    spoken = [i for i, s in enumerate(sentences) if _has_words(s)]
    found: list[tuple[Ranked, ...]] = [()] * len(sentences)
    if not spoken:
        return found
    known = network()
    for i, row in zip(spoken, known.scores([sentences[i] for i in spoken]), strict=True):
        best = np.argsort(-row, kind="stable")[:top]
        found[i] = tuple(
            Ranked(known.templates[k], float(np.exp(row[k])), _why(sentences[i], int(k), known)) for k in best
        )
    return found


def likeliest(sentences: Iterable[str]) -> tuple[str, ...]:
    """Sentences of one text -> the names of all templates, those most at home in the text first.

    A template is as much at home as its share of the sentence that suits it best.
    """
    spoken = [s for s in sentences if _has_words(s)]
    if not spoken:
        return ()
    known = network()
    best = known.scores(spoken).max(axis=0)
    return tuple(known.templates[k] for k in np.argsort(-best, kind="stable"))


def reads_like(sentence: str) -> str:
    """A sentence -> the template it seems to be, with its title and algebra; "" for one without words."""
    found = classify(sentence, 1)
    if not found:
        return ""
    template = _template(found[0].template)
    sense = f"{template.sense} " if template.sense else ""
    return f"`{template.name}` ({template.title}): {sense}{template.algebra['cp']}"


def _why(sentence: str, template: int, known: Network) -> str:
    """The longest cue of the template that stands in the sentence, else the words that spoke loudest for it."""
    name = known.templates[template]
    if cues := [m[0] for m in _cues(name).finditer(sentence)]:
        return max(cues, key=len)
    at, strength = known.heard(sentence)
    if not len(at):
        return ""
    gain = strength * (known.gram_weights[at, template] - known.gram_weights[at].mean(axis=1))
    return known.gram_names[int(at[gain.argmax()])].strip("^$ ").replace(" .. ", " … ")


def _has_words(sentence: str) -> bool:
    return re.search(r"[^\W\d_]", sentence) is not None


@cache
def _cues(name: str) -> re.Pattern[str]:
    return phrases(_template(name).cues)


def _template(name: str) -> Template:
    return load_templates().get(name) or load_objectives()[name]
