"""Folders of hand-made formulations -> pairs: another reading of the same text, and near misses in the same manner.

Each folder of `alternatives` holds a reference (`reference.yaml`, or a case of the tests named in `cards.yaml`) and its
candidates, with a card each: the label, its scope, the kind of formulation, and the view, how what is decided reads in
both.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from planted.pairs.pair import Pair
from planted.pairs.references import HERE, ROOT, folder

FOLDER = HERE / "alternatives"


def alternatives() -> Iterator[Pair]:
    """Every hand-made pair, in a fixed order."""
    for cards in sorted(FOLDER.glob("*/cards.yaml")):
        yield from _pairs(cards.parent, yaml.safe_load(cards.read_text()))


def _pairs(path: Path, cards: dict) -> Iterator[Pair]:  # type: ignore[type-arg]
    home = cards.get("reference")
    known = folder(ROOT / home) if home else None
    reference = known.document if known else (path / "reference.yaml").read_text()
    for name, card in cards["candidates"].items():
        yield Pair(
            id=f"alternative-{path.name}-{name}",
            reference=reference,
            candidate=(path / f"{name}.yaml").read_text(),
            label=card["label"],
            kind=card["kind"],
            level="alternative" if card["label"] == "equivalent" else "near miss",
            data=known.data if known else None,
            scope=card["scope"],
            goal=card.get("goal", "equal"),
            note=card["note"],
            view=tuple((r, c) for r, c in card["view"]),
            of=known.name if known else path.name,
        )
