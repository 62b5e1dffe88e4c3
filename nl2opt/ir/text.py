"""Expression text <-> nodes: `parse_expression`, `parse_set`, `parse_over`, `print_expression`, `print_over`.

The text is the expression subset of Python, read with `ast` against a whitelist and never evaluated as Python. Length,
brackets and runs of unary operators are checked before `ast` sees the text, which dies on 100,000 minus signs; then
`notation` spells it as the language does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.ir import limits
from nl2opt.ir.model import Over
from nl2opt.ir.nodes import (
    AGGREGATES,
    FUNCTIONS,
    LIST_FORMS,
    Aggregate,
    AggregateFunction,
    Binary,
    BinaryOp,
    Boolean,
    Call,
    Compare,
    CompareOp,
    Comprehension,
    Constant,
    Expr,
    Generator,
    IfElse,
    Iff,
    Implies,
    In,
    Label,
    ListLiteral,
    Name,
    Not,
    Number,
    SetLiteral,
    SetOperation,
    SetOperator,
    Tuple,
    add,
    conjunction,
    disjunction,
    mul,
    negative,
    subscript,
)
from nl2opt.ir.notation import Names, Note, normalise
from nl2opt.ir.notation.logic import as_implication
from nl2opt.ir.notation.names import Position, Refused
from nl2opt.ir.notation.references import INSTEAD
from nl2opt.ir.printing import print_expression, print_number, print_over
from nl2opt.ir.spelling import nearest

_COMPARE: dict[type[ast.cmpop], CompareOp] = {
    ast.LtE: "<=", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.Gt: ">",
}  # fmt: skip
_BINARY: dict[type[ast.operator], BinaryOp] = {
    ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
}  # fmt: skip
_SET_OPS: dict[type[ast.operator], SetOperator] = {ast.BitOr: "|", ast.BitAnd: "&", ast.Sub: "-"}
_UNARY_RUN = re.compile(r"(?:[-+~]\s*){40}|(?:not\s+){40}")


@dataclass(frozen=True, slots=True)
class Spelling:
    """How near misses are read at a place: the declarations around it, what stands there, who takes the notes."""

    names: Names | None = None
    position: Position = "value"
    note: Callable[[Note], None] = lambda _: None


_PLAIN = Spelling()


def parse_expression(text: str, where: str = "", spelling: Spelling = _PLAIN) -> Expr:
    """Expression text -> canonical nodes. Raises DocumentError with codes E1xx (syntax) naming ``where``."""
    return _Reader(text, where, spelling).read(set_mode=False)


def parse_set(text: str, where: str = "", spelling: Spelling = _PLAIN) -> Expr:
    """Set expression text -> canonical nodes; `|`, `&`, `-` are set operations here."""
    return _Reader(text, where, replace(spelling, position="set")).read(set_mode=True)


def parse_over(text: str, where: str = "", spelling: Spelling = _PLAIN) -> Over:
    """`Plants, Months` or `i in I, (a, b) in Arcs if i != a` -> generators."""
    generators: list[Generator] = []
    for segment in _split_commas(_spelled(_checked(text, where), where, replace(spelling, position="over"))):
        body = segment.strip()
        if not body:
            raise _error("E103", where, text, "an index binding between the commas", "remove the extra comma")
        if not _BINDING.match(body):
            generators.append(Generator((), parse_set(body, where)))
            continue
        node = _Reader(f"[0 for {body}]", where, _PLAIN).read(set_mode=False)
        assert isinstance(node, Comprehension)
        generators.extend(node.generators)
    if len(generators) > limits.GENERATORS:
        raise _error("E110", where, text, f"at most {limits.GENERATORS} index bindings", "split the constraint")
    return tuple(generators)


def _error(code: str, where: str, found: str, expected: str, fix: str = "") -> DocumentError:
    shown = found if len(found) <= 120 else found[:117] + "..."
    messages = {
        "E101": "not an expression of the language",
        "E102": "a construct the language does not have",
        "E103": "index bindings cannot be read",
        "E104": "wrong number of arguments",
        "E105": "unknown function",
        "E106": "a number out of range",
        "E107": "a thousands separator, or a list?",
        "E110": "beyond a limit of the language",
        "E201": "unknown name",
    }
    return DocumentError(Diagnostic(code, messages[code], where, shown, expected, fix))


def _checked(text: str, where: str) -> str:
    """Text -> the same text, after the checks that protect `ast`."""
    if len(text) > limits.EXPRESSION_CHARACTERS:
        raise _error("E110", where, f"{len(text)} characters", f"at most {limits.EXPRESSION_CHARACTERS}",
                     "move numbers to parameters and use sum(... for ...)")  # fmt: skip
    depth = deepest = 0
    for c in text:
        if c in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif c in ")]}":
            depth -= 1
    if deepest > limits.EXPRESSION_DEPTH or _UNARY_RUN.search(text):
        raise _error(
            "E110", where, text, f"nesting of at most {limits.EXPRESSION_DEPTH}", "name parts in `expressions`"
        )
    return text


def _spelled(text: str, where: str, spelling: Spelling) -> str:
    """Text -> canonical text; what was taken as what is noted, what could mean two things is an error."""
    try:
        taken, notes = normalise(text, spelling.position, spelling.names)
    except Refused as e:
        raise _error(e.code, where, e.found, e.expected, e.fix) from None
    for note in notes:
        spelling.note(note)
    return taken


def _is_huge(e: Binary) -> bool:
    """True for a power of literals beyond 2^53; it is not computed where it is far beyond."""
    base, exponent = _literal(e.left), _literal(e.right)
    if base is None or exponent is None or exponent.denominator != 1 or (base == 0 and exponent < 0):
        return False
    whole = int(exponent)
    return not limits.is_power_small(base, whole) or abs(base**whole) > limits.EXACT_INTEGER


def _literal(e: Expr) -> Fraction | None:
    match e:
        case Number(value):
            return value
        case Binary("**", left, right):
            base, exponent = _literal(left), _literal(right)
            known = base is not None and exponent is not None and exponent.denominator == 1
            return Fraction(base) ** int(exponent) if known and (base or exponent >= 0) else None  # type: ignore[arg-type,operator]
        case _:
            return None


def _split_commas(text: str) -> list[str]:
    parts, depth, quote, start = [], 0, "", 0
    for i, c in enumerate(text):
        if quote:
            quote = "" if c == quote else quote
        elif c in "'\"":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]


_BINDING = re.compile(r"\s*(?:[^\W\d]\w*|\(\s*[^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*\s*\))\s+in\b")


class _Reader:
    """One expression text on its way to nodes."""

    def __init__(self, text: str, where: str, spelling: Spelling) -> None:
        self.text = text
        self.where = where
        self.source = _spelled(_checked(text, where), where, spelling).strip()
        self.bytes = self.source.encode("utf-8", "surrogatepass")

    def fail(self, code: str, node: ast.AST | None, expected: str, fix: str = "") -> DocumentError:
        found = self.segment(node) if node is not None else self.text
        return _error(code, self.where, found or self.text, expected, fix)

    def segment(self, node: ast.AST) -> str:
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", None)
        return self.bytes[start:end].decode("utf-8", "replace")

    def read(self, set_mode: bool) -> Expr:
        if not self.source:
            raise self.fail("E101", None, "an expression", "write one, or leave the field out")
        try:
            tree = ast.parse(self.source, mode="eval")
        except SyntaxError as e:
            at = f" near column {e.offset}" if e.offset else ""
            raise self.fail(
                "E101", None, f"Python expression syntax ({e.msg}{at})", as_implication(self.source)
            ) from None
        except (ValueError, RecursionError, MemoryError) as e:
            raise self.fail("E101", None, f"a readable expression ({type(e).__name__})") from None
        self._check_size(tree)
        return self.set_expr(tree.body) if set_mode else self.expr(tree.body)

    def _check_size(self, tree: ast.AST) -> None:
        count, stack = 0, [(tree, 0)]
        while stack:
            node, depth = stack.pop()
            if not isinstance(node, ast.expr_context | ast.operator | ast.cmpop | ast.boolop | ast.unaryop):
                count += 1
            # a sum of n terms is a left-leaning tree n deep in `ast` but one flat node here
            children = list(ast.iter_child_nodes(node))
            flat = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult)
            stack.extend((c, depth if flat else depth + 1) for c in children)
            if depth > limits.EXPRESSION_DEPTH or count > limits.EXPRESSION_NODES:
                raise self.fail("E110", None,
                                f"at most {limits.EXPRESSION_NODES} nodes, {limits.EXPRESSION_DEPTH} deep",
                                "move numbers to parameters and use sum(... for ...)")  # fmt: skip

    # numbers, conditions, elements ---------------------------------------------------------------------------------

    def expr(self, node: ast.expr) -> Expr:
        match node:
            case ast.Constant():
                return self.constant(node)
            case ast.Name(id="inf" | "pi" as name):
                return Constant("inf" if name == "inf" else "pi")
            case ast.Name(id=name):
                return Name(name)
            case ast.Subscript(value=ast.Name(id=name), slice=index):
                items = index.elts if isinstance(index, ast.Tuple) else [index]
                if any(isinstance(i, ast.Slice | ast.Starred) for i in items):
                    raise self.fail("E102", node, "an index at each position", "write sum(x[i, j] for i in I)")
                result = subscript(name, *(self.expr(i) for i in items))
                if not 1 <= len(result.index) <= limits.SUBSCRIPT_ARITY:
                    raise self.fail("E110", node, f"1 to {limits.SUBSCRIPT_ARITY} indices")
                return result
            case ast.Tuple(elts=items) if len(items) >= 2:
                return Tuple(tuple(self.expr(i) for i in items))
            case ast.List(elts=items):
                return ListLiteral(tuple(self.expr(i) for i in items))
            case ast.Set() | ast.SetComp() | ast.Dict(keys=[]):
                return self.set_expr(node)
            case ast.ListComp(elt=body, generators=generators):
                return Comprehension("list", self.expr(body), self.generators(generators))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return negative(self.expr(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.expr(operand)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.expr(operand))
            case ast.BinOp():
                return self.binary(node)
            case ast.BoolOp(op=ast.And(), values=values):
                return conjunction(*(self.expr(v) for v in values))
            case ast.BoolOp(op=ast.Or(), values=values):
                return disjunction(*(self.expr(v) for v in values))
            case ast.Compare():
                return self.compare(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return IfElse(self.expr(test), self.expr(body), self.expr(orelse))
            case ast.Call():
                return self.call(node)
            case _:
                raise self.refused(node)

    def refused(self, node: ast.expr) -> DocumentError:
        fixes: dict[type[ast.expr], str] = {
            ast.Attribute: "there are no attributes or methods; use the functions of the language",
            ast.Lambda: "there are no functions of your own; name it in `expressions`",
            ast.JoinedStr: "labels are plain quoted text",
            ast.Dict: "data belong in parameters",
            ast.NamedExpr: "name it in `expressions`",
            ast.Starred: "write the elements, or a generator",
            ast.GeneratorExp: "a generator stands inside sum, min, max, all, any, ...",
            ast.Tuple: "a tuple has two or more items",
            ast.Subscript: "only a name is subscripted: x[i, j]",
        }
        kind = type(node).__name__
        return self.fail("E102", node, f"no {kind} in expressions", fixes.get(type(node), ""))

    def constant(self, node: ast.Constant) -> Expr:
        match node.value:
            case bool(value):
                return Boolean(value)
            case int() | float():
                if isinstance(node.value, float) and not abs(node.value) <= limits.EXACT_INTEGER:
                    raise self.fail("E106", node, "a finite number within 2^53", "scale the unit")
                if isinstance(node.value, int) and abs(node.value) > limits.EXACT_INTEGER:
                    raise self.fail("E106", node, "an integer within 2^53", "scale the unit, or use carry digits")
                digits = self.segment(node).replace("_", "")
                if isinstance(node.value, float) and (len(digits) > 60 or 0 < abs(node.value) < 1e-100):
                    raise self.fail("E106", node, "at most 60 digits, not below 1e-100", "scale the unit")
                return Number(Fraction(node.value) if isinstance(node.value, int) else Fraction(digits))
            case str(value):
                return Label(value)
            case _:
                raise self.fail("E102", node, "a number or a 'label'")

    def binary(self, node: ast.BinOp) -> Expr:
        chain: list[tuple[ast.operator, ast.expr]] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add | ast.Sub):
            chain.append((left.op, left.right))
            left = left.left
        if chain:
            terms = [self.expr(left)]
            for op, right in reversed(chain):
                value = self.expr(right)
                terms.append(negative(value) if isinstance(op, ast.Sub) else value)
            return add(*terms)
        if isinstance(node.op, ast.Mult):
            factors: list[ast.expr] = []
            while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult):
                factors.append(left.right)
                left = left.left
            return mul(self.expr(left), *(self.expr(f) for f in reversed(factors)))
        if type(node.op) in _BINARY:
            found = Binary(_BINARY[type(node.op)], self.expr(node.left), self.expr(node.right))
            if isinstance(node.op, ast.Pow) and _is_huge(found):
                raise self.fail("E106", node, "a power within 2^53", "scale the unit")
            return found
        fix = "use `and`, `or`" if isinstance(node.op, ast.BitAnd | ast.BitOr) else "`**` is the power"
        raise self.fail("E102", node, "one of + - * / // % **", fix)

    def compare(self, node: ast.Compare) -> Expr:
        parts: list[Expr] = []
        left_node = node.left
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.In | ast.NotIn):
                parts.append(In(self.expr(left_node), self.set_expr(right_node), isinstance(op, ast.NotIn)))
            elif type(op) in _COMPARE:
                for side in (left_node, right_node):
                    if isinstance(side, ast.Tuple) and not self.segment(side).startswith("("):
                        raise self.fail("E107", node, "one number a side", "parenthesize a tuple")
                parts.append(Compare(_COMPARE[type(op)], self.expr(left_node), self.expr(right_node)))
            else:
                raise self.fail("E102", node, "a comparison with ==, !=, <=, >=, <, >", "`is` is not in the language")
            left_node = right_node
        return conjunction(*parts)

    def call(self, node: ast.Call) -> Expr:
        if not isinstance(node.func, ast.Name):
            raise self.fail("E102", node, "a function of the language", "there are no methods")
        name = node.func.id
        if name not in FUNCTIONS:
            fix = INSTEAD.get(name) or INSTEAD.get(name.lower()) or nearest(name, FUNCTIONS)
            raise self.fail("E105", node, f"one of {', '.join(sorted(FUNCTIONS))}", fix)
        wrap = self.wrap(name, node)
        if len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
            inner = node.args[0]
            body, generators = self.expr(inner.elt), self.generators(inner.generators)
            if name in AGGREGATES:
                return Aggregate(cast("AggregateFunction", name), body, generators)
            if name in ("no_overlap", "no_overlap_2d", "circuit", "subcircuit"):
                return Call(name, (Comprehension("list", body, generators),))
            raise self.fail("E104", node, f"{name} of plain arguments")
        low, high = FUNCTIONS[name]
        if not low <= len(node.args) <= (len(node.args) if high is None else high):
            expected = f"{low}" if low == high else f"{low} to {high}" if high else f"{low} or more"
            form = LIST_FORMS.get(name, "")
            raise self.fail("E104", node, f"{expected} arguments of {name}, found {len(node.args)}", form)
        set_argument = name in ("first", "last", "len")
        args = tuple(self.set_expr(a) if set_argument else self.expr(a) for a in node.args)
        if name == "implies":
            return Implies(*args)
        if name == "iff":
            return Iff(*args)
        return Call(name, args, wrap)

    def wrap(self, name: str, node: ast.Call) -> bool:
        if not node.keywords:
            return False
        keyword = node.keywords[0]
        value = keyword.value
        if len(node.keywords) > 1 or keyword.arg != "wrap" or name not in ("prev", "next"):
            raise self.fail("E104", node, "positional arguments (only prev and next take wrap=True)")
        if not (isinstance(value, ast.Constant) and isinstance(value.value, bool)):
            raise self.fail("E104", node, "wrap=True or wrap=False")
        return value.value

    def generators(self, nodes: list[ast.comprehension]) -> tuple[Generator, ...]:
        if len(nodes) > limits.GENERATORS:
            raise self.fail("E110", None, f"at most {limits.GENERATORS} generators")
        out = []
        for g in nodes:
            match g.target:
                case ast.Name(id=name):
                    targets: tuple[str, ...] = (name,)
                case ast.Tuple(elts=items) if all(isinstance(i, ast.Name) for i in items) and len(items) >= 2:
                    targets = tuple(cast(ast.Name, i).id for i in items)
                case _:
                    raise self.fail("E102", g.target, "a name or a tuple of names after `for`")
            if g.is_async:
                raise self.fail("E102", None, "a plain generator")
            out.append(Generator(targets, self.set_expr(g.iter), tuple(self.expr(c) for c in g.ifs)))
        return tuple(out)

    # sets ----------------------------------------------------------------------------------------------------------

    def set_expr(self, node: ast.expr) -> Expr:
        match node:
            case ast.Name(id=name):
                return Name(name)
            case ast.Subscript() | ast.Call():
                return self.expr(node)
            case ast.Set(elts=items) | ast.List(elts=items) | ast.Tuple(elts=items):
                return SetLiteral(tuple(self.expr(i) for i in items))
            case ast.SetComp(elt=body, generators=generators) | ast.ListComp(elt=body, generators=generators):
                return Comprehension("set", self.expr(body), self.generators(generators))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _SET_OPS:
                return SetOperation(_SET_OPS[type(op)], self.set_expr(left), self.set_expr(right))
            case ast.Dict(keys=[]):
                return SetLiteral(())
            case _:
                raise self.fail("E102", node, "a set: a name, range(...), {...}, A | B, A & B, A - B")


__all__ = [
    "Spelling", "parse_expression", "parse_over", "parse_set", "print_expression", "print_number", "print_over",
]  # fmt: skip
