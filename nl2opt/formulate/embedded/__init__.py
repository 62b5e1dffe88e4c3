"""Text -> Formulation, offline: the translator shipped with the package."""

from nl2opt.formulate.embedded.translate import Doubt, Formulation, Refusal, formulate_embedded

__all__ = ["Doubt", "Formulation", "Refusal", "formulate_embedded"]
