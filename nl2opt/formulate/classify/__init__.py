"""Sentence -> the templates it seems to be an instance of, the likeliest first, and the words that spoke for each."""

from nl2opt.formulate.classify.ranking import Ranked, classify, classify_many, likeliest, reads_like

__all__ = ["Ranked", "classify", "classify_many", "likeliest", "reads_like"]
