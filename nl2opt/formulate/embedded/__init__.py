"""Text -> Formulation, offline: the translator shipped with the package."""

from nl2opt.formulate.embedded.doubts import Doubt
from nl2opt.formulate.embedded.refusals import Refusal
from nl2opt.formulate.embedded.translate import Formulation, formulate_embedded

__all__ = ["Doubt", "Formulation", "Refusal", "formulate_embedded"]
