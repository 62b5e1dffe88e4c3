"""Rules on names: `2x`, `1..n`, `x[:, j]`, bare labels, functions by another library's name."""

from __future__ import annotations

import keyword

from nl2opt.ir.nodes import AGGREGATES, FUNCTIONS, LIST_FORMS
from nl2opt.ir.notation.level import clauses, is_operand, joined, names_in, operand_end
from nl2opt.ir.notation.names import Place, Refused
from nl2opt.ir.notation.tokens import (
    Group,
    Item,
    Items,
    Token,
    is_group,
    is_symbol,
    is_word,
    shown,
    spaced,
    symbol,
    word,
)

ALIASES = {
    "alldifferent": "all_different", "alldiff": "all_different", "allunique": "all_different",
    "addalldifferent": "all_different",
    "circuit": "circuit", "subcircuit": "subcircuit", "disjunctive": "no_overlap", "nooverlap": "no_overlap",
    "nooverlap2d": "no_overlap_2d", "diffn": "no_overlap_2d", "cumulative": "cumulative", "piecewise": "piecewise",
    "quicksum": "sum", "lpsum": "sum", "summation": "sum", "product": "prod", "forall": "all", "exists": "any",
    "ceiling": "ceil", "ln": "log", "fabs": "abs", "card": "len",
    **{name: name for name in FUNCTIONS if "_" not in name},
}  # fmt: skip
"""Folded spelling (small letters, no `_`) -> function of the language."""
INSTEAD = {
    "count": "a sum of comparisons: sum(x[i] == k for i in I)", "xor": "`a != b` between conditions",
    "element": "a[x]: index by the variable itself", "table": "(x, y) in Rows", "inverse": "inv[f[i]] == i",
    "And": "all(a, b), or `a and b`", "Or": "any(a, b), or `a or b`", "Not": "`not a`", "If": "`x if c else y`",
    "mod": "`a % b`", "div": "`a // b`", "pow": "`a ** b`",
}  # fmt: skip
"""What other libraries call by a name the language does not have -> how it is said here."""


def functions(items: Items, place: Place) -> Items:
    """`AllDifferent(...)`, `NoOverlap`, `quicksum` -> the function's own name, if its arguments have the form."""
    out = list(items)
    for k, head in enumerate(items[:-1]):
        group = items[k + 1]
        if not (isinstance(head, Token) and head.kind == "name" and isinstance(group, Group) and group.open == "("):
            continue
        if head.text in FUNCTIONS or keyword.iskeyword(head.text) or place.declared(head.text):
            continue
        taken = ALIASES.get(head.text.replace("_", "").lower())
        if taken is None:
            continue
        if taken in LIST_FORMS and taken != "piecewise" and not _is_list(group.items):
            raise Refused("E104", shown([head, group]), LIST_FORMS[taken], "one list of tuples")
        place.note("functions", head.text, taken)
        out[k] = word(taken, head.space)
    return tuple(out)


def _is_list(items: Items) -> bool:
    """Whether the first argument is a list, or a generator of tuples."""
    first = clauses(items)
    return is_group(first[0].items[0] if first[0].items else None, "[") or (len(first) > 1 and first[1].word == "for")


def ranges(items: Items, place: Place) -> Items:
    """`1..n` where a set stands -> `range(1, n + 1)`; braces around it alone go."""
    if not any(is_symbol(i, "..") for i in items):
        return items
    parts = []
    for c in clauses(items):
        at = next((k for k, i in enumerate(c.items) if is_symbol(i, "..")), None)
        if at is None:
            parts.append(c)
            continue
        start = max((k + 1 for k in range(at) if is_word(c.items[k], "in")), default=0)
        stops = (k for k, i in enumerate(c.items) if k > at and (is_symbol(i, "|", "&") or is_word(i, "and", "or")))
        end = next(stops, len(c.items))
        low, high = c.items[start:at], c.items[at + 1 : end]
        alone = len(items) == len(c.items) and place.opened in ("{", "[")
        if not (start or place.position in ("set", "over") or alone) or not low or not high:
            raise Refused(
                "E102", shown(c.items), "a set, whole on its own", "range(1, n + 1), or unions of sets: A | B"
            )
        if any(is_symbol(i, "..", "|", "&") for i in (*low, *high)):
            raise Refused("E102", shown(c.items), "one range a set", "range(1, 4) | {7}")
        end_of_range = spaced(_next(high), " ")
        taken = (word("range", low[0].space), Group("(", (*spaced(low, ""), symbol(","), *end_of_range)))
        place.note("ranges", shown(c.items[start:end]), shown(taken))
        parts.append(type(c)(c.lead, (*c.items[:start], *taken, *c.items[end:])))
    return joined(parts)


def _next(items: Items) -> Items:
    """`n` -> `n + 1`; a number -> the number after it."""
    match items:
        case (Token("number", text, _),) if text.isdigit():
            return (Token("number", str(int(text) + 1)),)
        case _:
            return (*items, symbol("+", " "), Token("number", "1", " "))


def braced_ranges(items: Items, place: Place) -> Items:
    """`{range(1, 5)}`, as `{1..4}` was read -> `range(1, 5)`."""
    out: list[Item] = []
    for k, i in enumerate(items):
        after_in = is_word(items[k - 1] if k else None, "in") or (not place.opened and len(items) == 1)
        if isinstance(i, Group) and i.open in "{[" and len(i.items) == 2 and is_word(i.items[0], "range") and after_in:
            place.note("braced_ranges", shown([i]), shown(i.items))
            out += spaced(i.items, i.space)
        else:
            out.append(i)
    return tuple(out)


def multiplication(items: Items, place: Place) -> Items:
    """`2x`, `2(x + 1)` -> `2 * x`, `2 * (x + 1)` where `x` is a name of the model; refused after `/` or a power."""
    out: list[Item] = []
    for k, i in enumerate(items):
        before = items[k - 1] if k else None
        follows = is_group(i, "(") or (is_word(i) and is_operand(i) and not is_word(i, "where", "True", "False"))
        if not (isinstance(before, Token) and before.kind == "number" and follows):
            out.append(i)
            continue
        if is_word(i, "then") and not place.knows("then"):
            out.append(i)
            continue
        if is_word(i) and not place.knows(shown([i])):
            written = shown([*items[k - 1 : k + 1]])
            raise Refused("E101", written, "an operator between number and name", f"{shown([before])} * {shown([i])}")
        if k > 1 and is_symbol(items[k - 2], "/", "//", "%", "**"):
            raise Refused("E101", shown(items[: k + 1]), "brackets", "`1 / 2 * x` and `1 / (2 * x)` are different")
        place.note("multiplication", shown([before, i]), f"{shown([before])} * {shown([i])}")
        out += (symbol("*", " "), *spaced((i,), " "))
    return tuple(out)


def products(items: Items, place: Place) -> Items:
    """`a(b + c)`, `(a + b)(c + d)`, `c[i] x[i]`: refused, with the `*` that is missing."""
    for k in range(1, len(items)):
        if not _adjacent(items, k, place):
            continue
        start = next(s for s in range(k) if operand_end(items[:k], s) == k)
        left, right = shown(items[start:k]), shown(items[k : operand_end(items, k)])
        known = place.declared(left)
        if known is not None and known.positions != () and is_group(items[k], "("):
            raise Refused("E101", f"{left}{right}", "indices in square brackets", f"{left}[{right[1:-1]}]")
        raise Refused("E101", f"{left} {right}", "an operator between the factors", f"{left} * {right}")
    return items


def _adjacent(items: Items, k: int, place: Place) -> bool:
    """Whether two values touch at ``k`` where neither calls the other."""
    a, b = items[k - 1], items[k]
    known = isinstance(a, Token) and a.kind == "name" and place.declared(a.text) is not None
    if is_group(b, "("):
        return known or (is_group(a, "[(") and any(operand_end(items[:k], s) == k for s in range(k)))
    named = isinstance(b, Token) and b.kind == "name" and is_operand(b) and place.knows(b.text)
    return named and (known or is_group(a, "[(")) and any(operand_end(items[:k], s) == k for s in range(k))


def slices(items: Items, place: Place) -> Items:
    """`sum(x[:, j])`, `all_different(x[i, *])` -> the generator over that position; `f(x[:])` -> `f(x)`."""
    if len(items) != 2 or not is_word(items[0]) or not is_group(items[1], "["):
        return items
    head, group = items[0], items[1]
    assert isinstance(head, Token) and isinstance(group, Group)
    index = _index(group.items)
    free = [k for k, part in enumerate(index) if _is_slice(part)]
    if not free:
        return items
    if place.function not in AGGREGATES | {"circuit", "subcircuit"} or place.opened != "(":
        raise Refused(
            "E102", shown(items), "an index at each position", "a generator: sum(x[i, j] for i in I), or `for`"
        )
    if len(free) == len(index):
        place.note("slices", shown(items), head.text)
        return (head,)
    known = place.declared(head.text)
    if place.names is None or known is None or known.positions is None or len(known.positions) != len(index):
        raise Refused("E102", shown(items), "an index at each position", f"{head.text}[i, j] for i in ...")
    taken_names = {*names_in(items), *place.bound, *place.names.declared, *place.names.bound, *FUNCTIONS}
    generators: list[Item] = []
    for k in free:
        target, source = known.positions[k]
        name = next(n for n in (target, *"ijklmnop", *(f"i{x}" for x in range(99))) if n and n not in taken_names)
        taken_names.add(name)
        index[k] = (word(name, ""),)
        generators += (word("for"), word(name), word("in"), word(source))
    inner = [
        x for k, part in enumerate(index) for x in ([symbol(",")] if k else []) + [*spaced(part, " " if k else "")]
    ]
    taken = (head, Group("[", tuple(inner)), *generators)
    place.note("slices", shown(items), shown(taken))
    return taken


def _index(items: Items) -> list[Items]:
    """`:, j` -> its parts (`:` is a part here, no separator)."""
    found: list[list[Item]] = [[]]
    for i in items:
        if is_symbol(i, ","):
            found.append([])
        else:
            found[-1].append(i)
    return [tuple(part) for part in found]


def _is_slice(items: Items) -> bool:
    return len(items) == 1 and is_symbol(items[0], ":", "*", "..")


def labels(items: Items, place: Place) -> Items:
    """`Red` -> `'Red'` where nothing has that name and exactly one set lists that label."""
    if place.names is None:
        return items
    out: list[Item] = []
    for k, i in enumerate(items):
        following = items[k + 1] if k + 1 < len(items) else None
        if is_word(i) and is_operand(i) and not is_group(following, "([") and not is_symbol(following, "="):
            name = shown([i])
            owners = [s for s, d in place.names.declared.items() if name in d.labels]
            if owners and place.free(name) and name not in (*FUNCTIONS, "True", "False", "inf", "pi"):
                if len(owners) > 1:
                    raise Refused("E201", name, f"a label of {' or of '.join(owners)}, in quotes", repr(name))
                place.note("labels", name, repr(name))
                i = Token("string", repr(name), i.space if isinstance(i, Token) else "")
        out.append(i)
    return tuple(out)
