"""Model -> short text, one item a line: variables, parameters, expressions, objectives, constraints."""

from __future__ import annotations

from nl2opt.ir.document import read_document
from nl2opt.ir.model import Model, Variable
from nl2opt.ir.nodes import Expr
from nl2opt.ir.text import print_expression, print_over
from nl2opt.passes.rewrite import Rewrite


def shown(model: Model, known: Model | None = None) -> str:
    """Model -> its lines; with ``known``, parameters that model already has are left out."""
    old = {p.name for p in known.parameters} if known is not None else set()
    lines = [_variable(v) for v in model.variables]
    for p in model.parameters:
        if p.name not in old:
            value = print_expression(p.value) if isinstance(p.value, Expr) else "from the instance"
            lines.append(f"{p.name}{_index(print_over(p.over))} = {value}")
    for n in model.expressions:
        lines.append(f"{n.name}{_index(print_over(n.over))} := {print_expression(n.expr)}")
    lines += [f"{o.sense} {print_expression(o.expr)}" for o in model.objectives]
    for c in model.constraints:
        text = print_expression(c.expr)
        soft = f" or pay {print_expression(c.penalty)}" if c.penalty is not None else ""
        lines.append(f"{c.name}: {text}" + (f" for {print_over(c.over)}" if c.over else "") + soft)
    return "\n".join(lines)


def rewritten(rewrite: Rewrite, text: str) -> str:
    """A document's text -> the lines of the rewritten model."""
    model = read_document("nl2opt: 1\nname: example\n" + text)
    return shown(rewrite(model)[0], model)


def _variable(v: Variable) -> str:
    kind = v.type or (f"in {print_expression(v.within)}" if v.within is not None else "")
    bounds = [f">= {print_expression(v.lower)}"] if v.lower is not None else []
    bounds += [f"<= {print_expression(v.upper)}"] if v.upper is not None else []
    return " ".join([f"{v.name}{_index(print_over(v.over))} {kind}", *bounds])


def _index(text: str) -> str:
    return f"[{text}]" if text else ""
