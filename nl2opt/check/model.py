"""Model -> every static finding: the language's rules, the templates claimed, the numbers' sources."""

from __future__ import annotations

from nl2opt.check.audit import check_audit
from nl2opt.check.claims import check_claims
from nl2opt.check.lints import check_lints
from nl2opt.check.provenance import check_provenance
from nl2opt.check.static import check_model as check_static
from nl2opt.errors import Diagnostic
from nl2opt.ir.model import Model


def check_model(model: Model) -> tuple[Diagnostic, ...]:
    """Model -> findings of all three checks, errors first; claims and sources only of a model that is valid."""
    found = check_static(model)
    if any(d.severity == "error" for d in found):
        return tuple(sorted(found, key=lambda d: d.severity != "error"))
    return (*found, *check_claims(model), *check_lints(model), *check_provenance(model), *check_audit(model))
