"""Text -> Formulation by a language model: one prompt, one reply that fills the document, its mistakes sent back."""

from nl2opt.formulate.language_model.translate import formulate_with

__all__ = ["formulate_with"]
