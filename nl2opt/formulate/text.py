"""Where translators find `segment` and the passage types; they live in `ir.passage`, so that `check` can use them."""

from nl2opt.ir.passage import Passage, Quantity, QuantityKind, Sentence, segment

__all__ = ["Passage", "Quantity", "QuantityKind", "Sentence", "segment"]
