"""Rules on logic: arrows, `&&`, `||`, `!`, and `&`, `|` between conditions, each with the precedence people mean."""

from __future__ import annotations

import re

from nl2opt.ir.notation.level import (
    ARROWS,
    COMPARISONS,
    JUNCTIONS,
    NEGATIONS,
    Clause,
    clauses,
    is_condition,
    joined,
    operand_end,
    split,
)
from nl2opt.ir.notation.names import Place, Refused
from nl2opt.ir.notation.tokens import Group, Item, Items, Token, call, is_group, is_symbol, is_word, shown, spaced, word

_ARITHMETIC = ("+", "-", "*", "/", "//", "%", "**", "^")


def logic(items: Items, place: Place) -> Items:
    """A level -> the same with `and`, `or`, `not`, `implies`, `iff`, clause by clause; sets are left alone."""
    parts = clauses(items)
    whole = any(c.word == "else" for c in parts)
    out: list[Clause] = []
    for c in parts:
        if c.word == "for" or not c.items or (place.position in ("set", "over") and c.word not in ("if", "where")):
            out.append(c)
            continue
        if whole and any(is_symbol(i, *ARROWS) for i in c.items):
            raise Refused("E102", shown(items), "an arrow or a choice", "put brackets around one of them")
        out.append(Clause(c.lead, _arrow(c.items, place)))
    return joined(out)


def _arrow(items: Items, place: Place) -> Items:
    """`a -> b` -> `implies(a, b)`, `a <-> b` -> `iff(a, b)`; a second arrow needs brackets."""
    at = [k for k, i in enumerate(items) if is_symbol(i, *ARROWS)]
    if not at:
        return _words(items, place)
    sign = shown([items[at[0]]])
    if len(at) > 1:
        raise Refused(
            "E102", shown(items), "one arrow, or brackets", "implies(a, implies(b, c)), or implies(a, b) and ..."
        )
    left, right = items[: at[0]], items[at[0] + 1 :]
    if not left or not right:
        return items
    if sign == "=>" and not (_holds(left) and _holds(right) and (is_condition(left) or is_condition(right))):
        raise Refused("E102", shown(items), "`>=` or an implication", "`a >= b` compares; `implies(a, b)` is logic")
    taken = call(ARROWS[sign], _words(left, place), _words(right, place), space=_blank(items))
    place.note("arrows", shown(items), shown(taken))
    return taken


def _holds(items: Items) -> bool:
    """Whether a side of `=>` can be a condition: one, or a name that may be binary; not a number or a sum."""
    single = operand_end(items, 0) == len(items)
    return is_condition(items) or (single and not (isinstance(items[0], Token) and items[0].kind == "number"))


def _words(items: Items, place: Place) -> Items:
    """`&&`, `||`, `!` and, where conditions stand beside them, `&` and `|` -> `and`, `or`, `not`."""
    if not any(is_symbol(i, "&", "|", *JUNCTIONS, *NEGATIONS) for i in items):
        return items
    out = _bits(_negations(items, place), place)
    for k, i in enumerate(out):
        if is_symbol(i, *JUNCTIONS):
            taken = JUNCTIONS[shown([i])]
            place.note("junctions", shown([i]), taken)
            out = (*out[:k], word(taken), *_apart(out[k + 1 :]))
    return out


def _negations(items: Items, place: Place) -> Items:
    """`!a` -> `(not a)`; before a comparison or arithmetic it could deny either side: refused."""
    out = items
    for k in reversed(range(len(items))):
        if not is_symbol(out[k], *NEGATIONS):
            continue
        end = operand_end(out, k + 1)
        if end == k + 1 or (k and operand_end(out, k - 1) == k):
            continue
        following = out[end] if end < len(out) else None
        if is_symbol(following, *COMPARISONS, *_ARITHMETIC) or is_word(following, "in"):
            raise Refused("E102", shown(out[k:]), "what is denied, in brackets", "not (a == b), or (not a) == b")
        taken = Group("(", (word("not", ""), *spaced(out[k + 1 : end], " ")), _blank(out[k:]))
        place.note("negations", shown(out[k:end]), shown(taken.items))
        out = (*out[:k], taken, *out[end:])
    return out


def _bits(items: Items, place: Place) -> Items:
    """`&`, `|` -> `and`, `or` between conditions; left as they are between sets; refused where it could be either."""
    signs = [k for k, i in enumerate(items) if is_symbol(i, "&", "|", *JUNCTIONS) or is_word(i, "and", "or")]
    operands = list(split(items, "&", "|", "and", "or", *JUNCTIONS))
    logical: list[int] = []
    left: Items = operands[0]
    for k, right in zip(signs, operands[1:], strict=True):
        if is_symbol(items[k], "&", "|"):
            if not left or not right:
                raise Refused(
                    "E102", shown(items), "a condition on each side of `&` and `|`", "`|x|` is written abs(x)"
                )
            if _of_sets(left, items[k], right, place):
                left = (*left, items[k], *right)
                continue
            logical.append(k)
        left = right
    if not logical:
        return items
    mixed = {shown([items[k]]) for k in logical}, {shown([items[k]]) for k in signs if k not in logical}
    if ("|" in mixed[0] and mixed[1] & {"and", "&&", "∧"}) or any(
        is_word(o[0] if o else None, "not") for o in operands
    ):
        raise Refused("E102", shown(items), "`and` and `or`, with brackets where both stand",
                      "`&` and `|` do not bind as `and` and `or` do")  # fmt: skip
    out = items
    for k in logical:
        taken = "and" if is_symbol(items[k], "&") else "or"
        out = (*out[:k], word(taken), *_apart(out[k + 1 :]))
    place.note("bits", shown(items), shown(out))
    return out


def _of_sets(left: Items, sign: Item, right: Items, place: Place) -> bool:
    """Whether `&` or `|` between these is an operation of sets."""
    if any(is_word(i, "in") for i in left):
        return not (is_condition(right) or _declared_otherwise(right, place))
    if is_condition(left):
        return False
    if any(isinstance(side[0], Token) and side[0].kind in ("number", "string") for side in (left, right)):
        raise Refused(
            "E102", shown((*left, sign, *right)), "conditions on both sides", "bits of numbers are not in the language"
        )
    return not is_condition(right) and any(_set_like(side, place) for side in (left, right))


def _set_like(items: Items, place: Place) -> bool:
    head = items[0]
    known = place.declared(head.text) if isinstance(head, Token) and head.kind == "name" else None
    return is_group(head, "{") or is_word(head, "range") or (known is not None and known.section == "sets")


def _declared_otherwise(items: Items, place: Place) -> bool:
    head = items[0]
    known = place.declared(head.text) if isinstance(head, Token) and head.kind == "name" else None
    return known is not None and known.section != "sets"


def _blank(items: Items) -> str:
    return items[0].space if items else ""


def _apart(items: Items) -> Items:
    """Items after a word: a blank between them."""
    return items if not items or items[0].space else spaced(items, " ")


_IF = re.compile(r"if\b(?P<test>.+?)(?::|\bthen\b)(?P<body>(?:(?!\belse\b).)+)|(?P<first>.+?)\bif\b(?P<last>.+)")


def as_implication(text: str) -> str:
    """`if a: b`, `if a then b`, `b if a` without `else` -> how a condition that must hold is written; '' for others."""
    found = _IF.fullmatch(text.strip())
    if found is None:
        return ""
    test, body = (found["test"] or found["last"]).strip(), (found["body"] or found["first"]).strip()
    whole = all(part.count(a) == part.count(b) for part in (test, body) for a, b in ("()", "[]", "{}"))
    return f"implies({test}, {body})" if whole and not re.search(r"\b(?:for|else|if)\b", f"{test} {body}") else ""
