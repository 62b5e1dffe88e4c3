"""Expression text <-> nodes: `parse_expression`, `parse_set`, `parse_over`, `print_expression`, `print_over`.

The text is the expression subset of Python, read with `ast` against a whitelist and never evaluated as Python. Length,
brackets and runs of unary operators are checked before `ast` sees the text, which dies on 100,000 minus signs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from fractions import Fraction
from typing import cast

from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.ir import limits
from nl2opt.ir.model import Over
from nl2opt.ir.nodes import (
    AGGREGATES,
    FUNCTIONS,
    Add,
    Aggregate,
    AggregateFunction,
    And,
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
    Mul,
    Name,
    Neg,
    Not,
    Number,
    Or,
    SetLiteral,
    SetOperation,
    SetOperator,
    Subscript,
    Tuple,
    add,
    conjunction,
    disjunction,
    mul,
    negative,
    subscript,
)

_COMPARE: dict[type[ast.cmpop], CompareOp] = {
    ast.LtE: "<=", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.Gt: ">",
}  # fmt: skip
_BINARY: dict[type[ast.operator], BinaryOp] = {
    ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
}  # fmt: skip
_SET_OPS: dict[type[ast.operator], SetOperator] = {ast.BitOr: "|", ast.BitAnd: "&", ast.Sub: "-"}
_SYMBOLS = str.maketrans(
    {"≤": "<=", "≥": ">=", "≠": "!=", "·": "*", "×": "*", "−": "-", "∈": " in ", "\n": " ", "\r": " ", "\t": " "}
)
_UNARY_RUN = re.compile(r"(?:[-+~]\s*){40}|(?:not\s+){40}")
_THOUSANDS = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?![\w,.]|\s*,)")


def parse_expression(text: str, where: str = "") -> Expr:
    """Expression text -> canonical nodes. Raises DocumentError with codes E1xx (syntax) naming ``where``."""
    return _Reader(text, where).read(set_mode=False)


def parse_set(text: str, where: str = "") -> Expr:
    """Set expression text -> canonical nodes; `|`, `&`, `-` are set operations here."""
    return _Reader(text, where).read(set_mode=True)


def parse_over(text: str, where: str = "") -> Over:
    """`Plants, Months` or `i in I, (a, b) in Arcs if i != a` -> generators."""
    generators: list[Generator] = []
    for segment in _split_commas(_checked(text, where)):
        body = segment.strip().removeprefix("for ").strip()
        if not body:
            raise _error("E103", where, text, "an index binding between the commas", "remove the extra comma")
        reader = _Reader(f"[0 for {body}]", where) if _has_in(body) else None
        if reader is None:
            generators.append(Generator((), parse_set(body, where)))
            continue
        node = reader.read(set_mode=False)
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
    }
    return DocumentError(Diagnostic(code, messages[code], where, shown, expected, fix))


def _checked(text: str, where: str) -> str:
    """Text -> text with mathematical symbols spelled in ASCII, after the checks that protect `ast`."""
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
    out, quote = [], ""
    for c in text:  # symbols are translated outside quotes only: a label is the person's own text
        if quote:
            quote = "" if c == quote else quote
            out.append(c)
        else:
            quote = c if c in "'\"" else ""
            out.append(c.translate(_SYMBOLS))
    return "".join(out)


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


def _has_in(segment: str) -> bool:
    return bool(_BINDING.match(segment))


class _Reader:
    """One expression text on its way to nodes."""

    def __init__(self, text: str, where: str) -> None:
        self.text = text
        self.where = where
        self.source = _checked(text, where).strip()
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
        if thousands := _THOUSANDS.search(re.sub(r"'[^']*'|\"[^\"]*\"", "''", self.source)):
            value = thousands.group()
            if not re.search(r"[\[({,]\s*$", self.source[: self.source.find(value)]):
                raise _error("E107", self.where, value, "digits without separators", value.replace(",", ""))
        try:
            tree = ast.parse(self.source, mode="eval")
        except SyntaxError as e:
            at = f" near column {e.offset}" if e.offset else ""
            fix = "`==` compares" if re.search(r"(?<![<>=!])=(?!=)", self.source) and "wrap" not in self.source else ""
            raise self.fail("E101", None, f"Python expression syntax ({e.msg}{at})", fix) from None
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
            return Binary(_BINARY[type(node.op)], self.expr(node.left), self.expr(node.right))
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
            raise self.fail("E105", node, f"one of {', '.join(sorted(FUNCTIONS))}")
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
            raise self.fail("E104", node, f"{expected} arguments of {name}, found {len(node.args)}")
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


# printing ------------------------------------------------------------------------------------------------------------

_IF, _OR, _AND, _NOT, _COMPARISON, _UNION, _INTERSECTION, _SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(1, 13)


def print_expression(e: Expr, shown: Callable[[Name | Subscript], str | None] | None = None) -> str:
    """Nodes -> canonical text; `parse_expression` reads it back to equal nodes.

    ``shown`` may return another spelling of a name or subscript (emitters, explanations), None to keep it.
    """
    return _print(e, 0, shown or (lambda _: None))


def print_over(over: Over) -> str:
    """Generators -> the text of `for` and `over`."""
    parts = []
    for g in over:
        source = print_expression(g.source)
        text = source if not g.targets else f"{_target(g.targets)} in {source}"
        parts.append(text + "".join(f" if {_print(c, _OR, lambda _: None)}" for c in g.conditions))
    return ", ".join(parts)


def _target(targets: tuple[str, ...]) -> str:
    return targets[0] if len(targets) == 1 else f"({', '.join(targets)})"


def print_number(value: Fraction) -> str:
    """Exact number -> decimal text where it has one, else `p / q`."""
    if value.denominator == 1:
        return str(value.numerator)
    twos = fives = 0
    rest = value.denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{value.numerator} / {value.denominator}"
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _print(e: Expr, level: int, shown: Callable[[Name | Subscript], str | None]) -> str:
    text, own = _spell(e, shown)
    return f"({text})" if own < level else text


def _spell(e: Expr, shown: Callable[[Name | Subscript], str | None]) -> tuple[str, int]:
    """Node -> (text, binding strength of its outermost operator)."""

    def p(x: Expr, level: int) -> str:
        return _print(x, level, shown)

    def listed(items: tuple[Expr, ...]) -> str:
        return ", ".join(p(i, _IF) for i in items)

    def clauses(generators: tuple[Generator, ...]) -> str:
        return " ".join(
            f"for {_target(g.targets)} in {p(g.source, _OR)}" + "".join(f" if {p(c, _OR)}" for c in g.conditions)
            for g in generators
        )

    match e:
        case Number(value):
            text = print_number(value)
            return text, _PRODUCT if "/" in text else _UNARY if value < 0 else _ATOM
        case Constant(name):
            return name, _ATOM
        case Boolean(value):
            return str(value), _ATOM
        case Label(value):
            return repr(value), _ATOM
        case Name(name):
            return shown(e) or name, _ATOM
        case Subscript(name, index):
            return shown(e) or f"{name}[{listed(index)}]", _ATOM
        case Tuple(items):
            return f"({listed(items)})", _ATOM
        case SetLiteral(items):
            return "{" + listed(items) + "}", _ATOM
        case ListLiteral(items):
            return f"[{listed(items)}]", _ATOM
        case SetOperation(op, left, right):
            own = {"|": _UNION, "&": _INTERSECTION, "-": _SUM}[op]
            return f"{p(left, own)} {op} {p(right, own + 1)}", own
        case Neg(arg):
            return f"-{p(arg, _UNARY)}", _UNARY
        case Add(terms):
            parts = [p(terms[0], _SUM)]
            for t in terms[1:]:
                if isinstance(t, Neg):
                    parts.append(f" - {p(t.arg, _PRODUCT)}")
                elif isinstance(t, Number) and t.value < 0:
                    parts.append(f" - {p(Number(-t.value), _PRODUCT)}")
                else:
                    parts.append(f" + {p(t, _PRODUCT)}")
            return "".join(parts), _SUM
        case Mul(factors):
            return " * ".join([p(factors[0], _PRODUCT), *(p(f, _UNARY) for f in factors[1:])]), _PRODUCT
        case Binary("**", left, right):
            return f"{p(left, _ATOM)} ** {p(right, _UNARY)}", _POWER
        case Binary(op, left, right):
            return f"{p(left, _PRODUCT)} {op} {p(right, _UNARY)}", _PRODUCT
        case Compare(op, left, right):
            return f"{p(left, _UNION)} {op} {p(right, _UNION)}", _COMPARISON
        case In(item, collection, negated):
            return f"{p(item, _UNION)} {'not in' if negated else 'in'} {p(collection, _UNION)}", _COMPARISON
        case And(args):
            return " and ".join(p(a, _NOT) for a in args), _AND
        case Or(args):
            return " or ".join(p(a, _AND) for a in args), _OR
        case Not(arg):
            return f"not {p(arg, _NOT)}", _NOT
        case Implies(condition, consequence):
            return f"implies({listed((condition, consequence))})", _ATOM
        case Iff(left, right):
            return f"iff({listed((left, right))})", _ATOM
        case IfElse(condition, then, otherwise):
            return f"{p(then, _OR)} if {p(condition, _OR)} else {p(otherwise, _IF)}", _IF
        case Aggregate(function, body, generators):
            return f"{function}({p(body, _IF)} {clauses(generators)})", _ATOM
        case Comprehension(kind, body, generators):
            text = f"{p(body, _IF)} {clauses(generators)}"
            return (f"[{text}]" if kind == "list" else "{" + text + "}"), _ATOM
        case Call(function, args, wrap):
            return f"{function}({listed(args)}{', wrap=True' if wrap else ''})", _ATOM


__all__ = ["parse_expression", "parse_over", "parse_set", "print_expression", "print_number", "print_over"]
