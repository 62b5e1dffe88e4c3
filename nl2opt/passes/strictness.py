"""A comparison -> the closed comparison a solver can hold, as docs/SEMANTICS.md says (Strict comparisons)."""

from __future__ import annotations

from nl2opt.ir.model import Model, Variable
from nl2opt.ir.nodes import ONE, Add, Call, Compare, CompareOp, Expr, Name, Number, Subscript, add
from nl2opt.ir.walk import subexpressions
from nl2opt.passes.arithmetic import minus, negated, plus
from nl2opt.passes.declared import InferredStep
from nl2opt.passes.facts import is_integral, is_known
from nl2opt.passes.rewrite import Context, Draft, member


def closed(e: Compare, at: Context, draft: Draft) -> Compare:
    """`a < b` -> `a + 1 <= b` of whole numbers, `a <= ceil(b) - 1` of a whole a and a known b.

    Over whole variables with other coefficients it is `a + step <= b`, the step told by the data; over continuous
    variables `a <= b`.
    """
    if e.op not in ("<", ">"):
        return e
    model = draft.model
    op: CompareOp = "<=" if e.op == "<" else ">="
    small, large = (e.left, e.right) if e.op == "<" else (e.right, e.left)
    if is_integral(small, model, at.over) and is_integral(large, model, at.over):
        if isinstance(large, Number):
            large = Number(large.value - 1)
        else:
            small = plus(small, ONE)
    else:
        varying, known = _split(small, large, model)
        if is_integral(varying, model, at.over):
            small, large = varying, minus(Call("ceil", (known,)), ONE)
        elif is_testable(e, model):
            small = plus(small, step(minus(small, large), at, draft))
    return Compare(op, *((small, large) if e.op == "<" else (large, small)))


def step(e: Expr, at: Context, draft: Draft) -> Expr:
    """The step of an expression over whole variables, as a parameter the instance gives a value."""
    over = at.family(e)
    name = draft.fresh(f"{at.item}_step")
    text = "the least amount by which the two sides can differ"
    draft.declare(InferredStep(name, over, description=text, of=e))
    return member(name, over)


def _split(small: Expr, large: Expr, model: Model) -> tuple[Expr, Expr]:
    """a, b -> (the part of a - b with variables, the known part of b - a)."""
    terms = [*_terms(small), *(negated(t) for t in _terms(large))]
    varying = [t for t in terms if not is_known(t, model)]
    known = [negated(t) for t in terms if is_known(t, model)]
    return add(*varying), plus(*known)


def _terms(e: Expr) -> tuple[Expr, ...]:
    return e.terms if isinstance(e, Add) else (e,)


def is_testable(e: Compare, model: Model) -> bool:
    """May `==` over these sides fail? Only where every variable in them is whole."""
    for side in (e.left, e.right):
        for node in subexpressions(side):
            if isinstance(node, Name | Subscript):
                symbol = model.symbols.get(node.name)
                if isinstance(symbol, Variable) and symbol.within is None and symbol.type == "real":
                    return False
    return True
