"""What is asked and what is to come out: Item, the labels it carries side by side, and their JSON.

An item is whole in itself: a run folder that holds its items needs neither the benchmark's file nor our datasets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from typing import Any, Final, Literal

Reading = Literal["declared", "continuous", "whole"]
READINGS: Final[tuple[Reading, ...]] = ("declared", "continuous", "whole")
"""How the numbers of a model are read: as it declares them, every integer as a real, every real as an integer."""

NO_OPTIMUM: Final = ("infeasible", "unbounded")


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to come out: ``status`` (optimal, infeasible, unbounded), and where it is optimal the ``value``, None
    where the item only asks for some solution. ``decimals``: the question wants the value rounded to so many places;
    here it is not rounded."""

    status: str
    value: float | None = None
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """One version of the answer: by reading (the first is the one that counts), or by data instance.

    Neither: nothing to grade against. ``reason`` says why this version differs from the published one. ``document``:
    where the version states a model, not only what comes out of it, this model.
    """

    readings: Mapping[str, Expected] = field(default_factory=dict)
    instances: Mapping[str, Expected] = field(default_factory=dict)
    reason: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class DataInstance:
    """One set of data: as the answerer is ``given`` it, and as the reference document binds it, ``bound``."""

    name: str
    given: Mapping[str, Any]
    bound: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``labels``: version -> label; ``reference``: a document that states it rightly, or ''.

    ``outputs`` (name -> shape) and ``instances`` where printed values are graded, the first instance is the item's
    own, the others stay hidden. ``traits``: what reports are broken down by.
    """

    id: str
    text: str
    form: str
    labels: Mapping[str, Label]
    reference: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    instances: tuple[DataInstance, ...] = ()
    traits: Mapping[str, str] = field(default_factory=dict)

    def with_label(self, version: str, label: Label) -> Item:
        """The item with one more version of its answer."""
        return replace(self, labels={**self.labels, version: label})

    def label(self, version: str) -> Label:
        """The label of a version; the published one where the version says nothing of this item."""
        return self.labels.get(version) or self.labels.get("published") or Label()

    def as_json(self) -> dict[str, Any]:
        """Item -> plain data; `item_of` inverts."""
        return asdict(self)


def item_of(raw: Mapping[str, Any]) -> Item:
    """Plain data -> Item."""
    return Item(
        raw["id"], raw["text"], raw["form"],
        {version: _label(label) for version, label in raw["labels"].items()},
        raw["reference"], raw["outputs"], tuple(raw["notes"]),
        tuple(DataInstance(**i) for i in raw["instances"]), raw["traits"],
    )  # fmt: skip


def _label(raw: Mapping[str, Any]) -> Label:
    return Label(
        {name: Expected(**e) for name, e in raw["readings"].items()},
        {name: Expected(**e) for name, e in raw["instances"].items()},
        raw["reason"],
        raw.get("document", ""),  # folders of runs before labels stated models
    )


def versions_of(items: tuple[Item, ...] | list[Item]) -> tuple[str, ...]:
    """Every version of labels that occurs, the published one first."""
    found = dict.fromkeys(version for item in items for version in item.labels)
    return tuple(sorted(found, key=lambda v: (v != "published", v)))


def length_trait(text: str) -> str:
    """Words of a text, in bands.

    >>> length_trait("word " * 80), length_trait("word " * 700)
    ('50-99 words', '400 words and more')
    """
    words, bands = len(text.split()), (50, 100, 200, 400)
    if words < bands[0]:
        return "below 50 words"
    for low, high in pairwise(bands):
        if words < high:
            return f"{low}-{high - 1} words"
    return f"{bands[-1]} words and more"
