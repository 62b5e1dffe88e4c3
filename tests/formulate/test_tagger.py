"""The embedded tagger: exact offsets, clean number borders, bounded memory, no torch."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from nl2opt.errors import LimitExceeded
from nl2opt.formulate.embedded import tagger
from nl2opt.formulate.embedded.borders import number_runs, to_spans
from nl2opt.formulate.embedded.lone import without_bystanders
from nl2opt.formulate.embedded.serial import _threads, one_thread
from nl2opt.formulate.embedded.spans import LABELS, OUTSIDE, Span
from nl2opt.formulate.embedded.tagger import tag, tag_many
from nl2opt.formulate.embedded.wordpiece import WordPiece, split_words

BAKERY = (
    "A bakery bakes rye loaves and spelt rolls. Each rye loaf needs 2 hours of oven time and each spelt roll needs "
    "0.5 hours. The oven runs at most 1,200 hours a season. At least thirty percent of the pieces must be spelt rolls. "
    "A rye loaf earns $3.50 and a spelt roll earns $1. How many of each should the bakery bake to maximize its profit?"
)
DEPOT = (
    "A depot rents forklifts and hand carts. A forklift lifts 900 kg an hour and costs $65,000, while a hand cart "
    "lifts 80 kg an hour and costs $700. The budget is $1.5 million. The number of hand carts may not exceed three "
    "times the number of forklifts. How many of each should it rent to maximize the weight lifted?"
)


def _texts(spans: list[Span], label: str) -> list[str]:
    return [s.text for s in spans if s.label == label]


@pytest.mark.parametrize(
    "text",
    [
        BAKERY,
        DEPOT,
        "  \n\tTwo  crates\u00a0of “Äpfel” — 1 000 kg at 3 € each; naïve café’s 20 % 🍏 limit is 5.\n",
        "Кофе и чай: не более 10 пачек. 我们有三种产品，最多 50 件。 عدد ٣",
        "x" * 5000 + " 12 " + "e\u0301" * 300,
        "\u202e\ud7ff\x00 at most 7 \u200b widgets",
        "%$,.;:()[]<>=",
    ],
)
def test_offsets_are_exact(text: str) -> None:
    """Each span is the text between its offsets, without blanks around, in order and disjoint."""
    spans = tag(text)
    for span in spans:
        assert text[span.start : span.end] == span.text == span.text.strip()
        assert span.text
        assert span.label in LABELS
        assert set(span.scores) == {*LABELS, OUTSIDE}
        assert sum(span.scores.values()) == pytest.approx(1, abs=1e-4)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


@pytest.mark.parametrize("text", ["", " ", "\n\n\t"])
def test_no_words_no_spans(text: str) -> None:
    """Nothing to read is not an error."""
    assert tag(text) == []


def test_question_is_understood() -> None:
    """A plain question of two products: every number with its role, every mention of the variables."""
    spans = tag(BAKERY)
    assert _texts(spans, "PARAM") == ["2", "0.5", "3.50", "1"]
    assert _texts(spans, "LIMIT") == ["1,200", "thirty percent"]
    assert _texts(spans, "VAR")[:3] == ["rye loaves", "spelt rolls", "rye loaf"]
    assert _texts(spans, "OBJ_DIR") == ["maximize"]
    assert [t.lower() for t in _texts(spans, "CONST_DIR")] == ["at most", "at least"]


def test_numbers_have_clean_borders() -> None:
    """No currency, no comma after the number, scaling words inside."""
    spans = tag(DEPOT)
    numbers = {*_texts(spans, "PARAM"), *_texts(spans, "LIMIT")}
    assert {"900", "65,000", "80", "700", "1.5 million", "three times"} <= numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("65000,", "65000"),
        ("$1.5 million.", "1.5 million"),
        ("30 %", "30 %"),
        ("30%,", "30%"),
        ("1,000 units", "1,000"),
        ("one hundred thousand", "one hundred thousand"),
        ("one hundred and twenty-five kg", "one hundred and twenty-five"),
        ("twenty-five percent", "twenty-five percent"),
        ("two thirds of it", "two thirds"),
        ("1/3 of it", "1/3"),
        ("3 times as many", "3 times"),
        ("€40", "40"),
        ("5kg", "5"),
        ("twice the", "twice"),
        (".75 litres", ".75"),
    ],
)
def test_number_run(text: str, number: str) -> None:
    """A tag on any word of the number brings out the whole number and nothing else."""
    words = split_words(text)
    run = next(
        i for i, w in enumerate(words) if text[w.start].isalnum() or (text[w.start] == "." and w.end - w.start > 1)
    )
    tags = ["O"] * len(words)
    tags[run] = "B-LIMIT"
    shares = np.zeros((len(words), len(LABELS) + 1), np.float32)
    shares[:, -1] = 1
    assert [s.text for s in to_spans(text, words, tags, shares)] == [number]


def test_sign_restriction_is_no_limit() -> None:
    """The zero of an aside such as "x1, x2 >= 0" never becomes a limit."""
    text = "Assume x1, x2 >= 0 and y ≥ 0."
    words = split_words(text)
    tags = ["B-LIMIT" if text[w.start] == "0" else "O" for w in words]
    shares = np.full((len(words), len(LABELS) + 1), 1 / 7, np.float32)
    assert to_spans(text, words, tags, shares) == []


def test_numbers_in_a_row_stay_apart() -> None:
    """Two numbers are not one: "3 and 4", "2, 5", "10 two-seaters"."""
    for text in ("3 and 4", "2, 5", "10 two-seaters", "five 3-seaters"):
        words = split_words(text)
        runs = number_runs([text[w.start : w.end] for w in words])
        assert len(set(runs.values())) == 2, text


def test_names_lose_articles_and_possessives() -> None:
    """A name's span is the name."""
    text = "each of the pumps’ costs; the XYZ's price"
    words = split_words(text)
    tags = ["O", "O", "B-VAR", "I-VAR", "I-VAR", "O", "O", "B-VAR", "I-VAR", "I-VAR", "I-VAR", "O"]
    shares = np.full((len(words), len(LABELS) + 1), 1 / 7, np.float32)
    assert [s.text for s in to_spans(text, words, tags, shares)] == ["pumps", "XYZ"]


def _tagged(text: str, tags: str) -> list[str]:
    """Texts of the spans of words tagged by B, I or O of one label."""
    label, _, marks = tags.partition(":")
    words = split_words(text)
    shares = np.full((len(words), len(LABELS) + 1), 1 / 7, np.float32)
    bio = [mark if mark == "O" else f"{mark}-{label}" for mark in marks]
    return [s.text for s in to_spans(text, words, bio, shares)]


def test_borders_are_mended() -> None:
    """Half of "at least" becomes whole, words without a direction go, quotes stay in pairs, numbers are whole."""
    assert _tagged("it has at least five", "CONST_DIR:OOBOO") == ["at least"]
    assert _tagged("sold at a rate", "CONST_DIR:OBIB") == []
    assert _tagged("shipping by van", "VAR:BII") == _tagged("with a van", "VAR:BII") == ["van"]
    assert _tagged("the stand-by unit", "VAR:OBIII") == ["stand-by unit"]
    assert _tagged("the “new” kit runs", "VAR:OBIIIO") == ["“new” kit"]
    assert _tagged("the “new kit” runs", "VAR:OOBIIO") == ["new kit"]
    assert _tagged("at most one hundred thousand kg", "LIMIT:OOBOBO") == ["one hundred thousand"]


def test_bystanders_go() -> None:
    """A doubtful name said once beside two that recur is dropped; a certain or akin one stays, and so does all else."""

    def span(text: str, var: float, label: str = "VAR") -> Span:
        return Span(label, 0, len(text), text, {name: var if name == "VAR" else 0.0 for name in (*LABELS, OUTSIDE)})

    vans, trams = span("vans", 0.99), span("trams", 0.6)
    recurring = [vans, trams, span("van", 0.9), span("tram", 0.99)]
    assert without_bystanders([*recurring, span("coconuts", 0.8)]) == recurring
    for kept in (span("coconuts", 0.99), span("small vans", 0.4), span("12", 0.1, "PARAM")):
        assert without_bystanders([*recurring, kept]) == [*recurring, kept]
    assert without_bystanders([vans, span("coconuts", 0.5)]) == [vans, span("coconuts", 0.5)]


def test_same_again_and_in_a_batch() -> None:
    """Deterministic; a batch gives what single calls give, scores to rounding."""
    texts = [BAKERY, "", DEPOT, BAKERY + " " + DEPOT]
    assert tag(BAKERY) == tag(BAKERY)
    for single, batched in zip([tag(t) for t in texts], tag_many(texts), strict=True):
        assert [(s.label, s.start, s.end) for s in single] == [(s.label, s.start, s.end) for s in batched]
        for a, b in zip(single, batched, strict=True):
            assert a.scores == pytest.approx(b.scores, abs=1e-4)
    assert tag_many([]) == []


def test_long_text_is_read_to_its_end() -> None:
    """Windows overlap: a question after hundreds of idle words is still understood."""
    idle = "The site was described in the annual report of the town. " * 60
    spans = tag(idle + BAKERY)
    assert _texts(spans, "LIMIT")[-2:] == ["1,200", "thirty percent"]
    assert all(s.start >= len(idle) for s in spans if s.label in ("PARAM", "LIMIT"))


def test_too_long_text_is_refused() -> None:
    """Five megabytes are refused before anything is allocated for them."""
    text = "at most 5 crates. " * 300_000
    tag("warm")
    tracemalloc.start()
    with pytest.raises(LimitExceeded, match="too long"):
        tag(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_runs_without_torch() -> None:
    """A fresh interpreter tags a text and has imported neither torch nor transformers nor tokenizers."""
    code = (
        "import sys; from nl2opt.formulate.embedded.tagger import tag; assert tag('It makes at most 5 chairs.');"
        "print([m for m in ('torch', 'transformers', 'tokenizers', 'scipy', 'huggingface_hub') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_weights_hold_no_pickle() -> None:
    """Every array of the weights file loads with pickles forbidden; the file stays within its size."""
    path = Path(tagger.WEIGHTS)
    with np.load(path, allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file.files)
    assert path.stat().st_size <= 25_000_000


def test_unknown_words_still_have_pieces() -> None:
    """Greedy pieces: longest match first, [UNK] where nothing matches, commas of numbers skipped, accents dropped."""
    wordpiece = WordPiece(["[UNK]", "[CLS]", "[SEP]", "1000", "cafe", "##s", "ca"])
    assert wordpiece.encode("1,000") == [3]
    assert wordpiece.encode("Cafés") == [4, 5]
    assert wordpiece.encode("cat") == [0]


def test_one_thread_sets_back_what_it_found() -> None:
    """Nested and concurrent uses leave the library as it was."""
    read, write = _threads()
    before = read()
    with ThreadPoolExecutor(4) as pool:
        inside = list(pool.map(lambda _: _nested(read), range(20)))
    assert set(inside) == {1}
    assert read() == before
    write(before)


def _nested(read: Callable[[], int]) -> int:
    with one_thread(), one_thread():
        return read()
