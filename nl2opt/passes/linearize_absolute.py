"""`abs(e)` over variables -> the greater of e and -e.

Theorem: |e| = max(e, -e). Always exact.

>>> from nl2opt.passes.shown import rewritten
>>> print(rewritten(linearize_absolute, '''
... variables: {x: {type: real}, y: {type: real}}
... objectives: [{minimize: "abs(x - 2 * y)"}]
... '''))
x real
y real
minimize max(x - 2 * y, -x + 2 * y)
"""

from __future__ import annotations

from nl2opt.ir.model import Model
from nl2opt.ir.nodes import Call, Expr
from nl2opt.ir.walk import map_children
from nl2opt.passes.arithmetic import negated
from nl2opt.passes.facts import is_known
from nl2opt.passes.rewrite import Context, Draft, Undo, unchanged


def linearize_absolute(model: Model) -> tuple[Model, Undo]:
    """Model -> the model whose absolute values are of constants."""

    def visit(e: Expr, at: Context) -> Expr:
        e = map_children(e, lambda x: visit(x, at))
        if isinstance(e, Call) and e.function == "abs" and not is_known(e.args[0], model):
            return Call("max", (e.args[0], negated(e.args[0])))
        return e

    return Draft(model).rewrite(visit), unchanged
