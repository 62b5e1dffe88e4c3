"""Rules on single tokens: characters of mathematics, powers, `=`, words in another case, `x[i][j]`, quotes."""

from __future__ import annotations

from nl2opt.ir.notation.level import Clause, clauses, compares, is_operand, joined
from nl2opt.ir.notation.names import Place, Refused
from nl2opt.ir.notation.tokens import (
    SUPERSCRIPTS,
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

_SYMBOLS = {
    "≤": "<=", "≥": ">=", "⩽": "<=", "⩾": ">=", "=<": "<=", "≠": "!=", "<>": "!=", "·": "*", "⋅": "*", "×": "*",
    "∗": "*", "÷": "/", "−": "-", "–": "-", "∪": "|", "∩": "&",
}  # fmt: skip
_WORDS = {
    "∈": ("in",), "∉": ("not", "in"), "∀": ("forall",), "∃": ("exists",), "∑": ("sum",), "∏": ("prod",), "∞": ("inf",),
}  # fmt: skip
_OTHER_CASE = {
    "true": "True", "TRUE": "True", "false": "False", "FALSE": "False", "AND": "and", "OR": "or", "NOT": "not",
    "infinity": "inf", "Infinity": "inf",
}  # fmt: skip


def characters(items: Items, place: Place) -> Items:
    """`≤ ≥ ≠ · × − ∑ ∈ ∀ x²` and their kin -> the words and symbols of the language."""
    out: list[Item] = []
    for k, i in enumerate(items):
        taken = _ascii(i, out) if isinstance(i, Token) and i.kind == "symbol" else ()
        if taken:
            place.note("characters", shown([i]), shown(taken))
            out += taken
        elif is_word(i, "_") and _last_name(out) and is_group(items[k + 1] if k + 1 < len(items) else None, "{"):
            out[-1] = word(f"{_last_name(out)}_", out[-1].space)
        else:
            out.append(_apart(i, out) if isinstance(i, Token) else i)
    return tuple(out)


def _ascii(i: Token, out: list[Item]) -> Items:
    """One character of mathematics -> what the language writes; nothing for any other symbol."""
    if i.text in _SYMBOLS:
        return (symbol(_SYMBOLS[i.text], i.space),)
    if i.text in _WORDS:
        blank = " " if out and not i.space else i.space
        return tuple(word(w, " " if k else blank) for k, w in enumerate(_WORDS[i.text]))
    if i.text[0] in SUPERSCRIPTS and out:
        return symbol("**", " "), Token("number", "".join(str(SUPERSCRIPTS.index(c)) for c in i.text), " ")
    return ()


def _last_name(out: list[Item]) -> str:
    last = out[-1] if out else None
    return last.text if isinstance(last, Token) and last.kind == "name" else ""


def _apart(i: Token, out: list[Item]) -> Token:
    """`∈I` becomes `in I`: a name keeps apart from the word before it."""
    touching = out and isinstance(out[-1], Token) and out[-1].kind == "name" and not i.space
    return Token(i.kind, i.text, " ") if touching and i.kind in ("name", "number") else i


def quotes(items: Items, place: Place) -> Items:
    """`“red”` -> `'red'`: the label between typographic quotes is not looked into."""
    out: list[Item] = []
    for i in items:
        if isinstance(i, Token) and i.kind == "string" and i.text[0] in "“‘":
            taken = repr(i.text[1:-1])
            place.note("quotes", i.text, taken)
            i = Token("string", taken, i.space)
        out.append(i)
    return tuple(out)


def words(items: Items, place: Place) -> Items:
    """`true`, `AND`, `infinity` -> `True`, `and`, `inf`, where nothing of that name is declared."""
    out: list[Item] = []
    for i in items:
        if isinstance(i, Token) and i.kind == "name" and i.text in _OTHER_CASE and place.free(i.text):
            if place.names and any(i.text in d.labels for d in place.names.declared.values()):
                raise Refused(
                    "E201", i.text, "a label in quotes, or a constant", f"{i.text!r} or {_OTHER_CASE[i.text]}"
                )
            place.note("words", i.text, _OTHER_CASE[i.text])
            i = word(_OTHER_CASE[i.text], i.space)
        out.append(i)
    return tuple(out)


def power(items: Items, place: Place) -> Items:
    """`x ^ 2` -> `x ** 2`; between conditions it could be an exclusive or: refused."""
    out: list[Item] = []
    for k, i in enumerate(items):
        if is_symbol(i, "^"):
            beside = [*items[k - 1 : k], *items[k + 1 : k + 2]]
            if any(isinstance(b, Group) and b.open == "(" and compares(b.items) for b in beside):
                raise Refused("E102", shown(items), "a power, or one of two conditions",
                              "`a != b` holds where exactly one of two conditions does; `**` is the power")  # fmt: skip
            place.note("power", "^", "**")
            i = symbol("**", i.space)
        out.append(i)
    return tuple(out)


def equals(items: Items, place: Place) -> Items:
    """`x = 3` -> `x == 3` where it can only compare; refused where it could as well give a name to a value."""
    keywords = place.opened == "(" and place.function in (
        "prev", "next", "no_overlap", "no_overlap_2d", "cumulative", "circuit", "subcircuit", "piecewise", "range",
    )  # fmt: skip
    parts: list[Clause] = []
    for c in clauses(items):
        own = list(c.items)
        for k, i in enumerate(own):
            if not is_symbol(i, "="):
                continue
            if keywords and k == 1 and is_word(own[0]):
                continue
            if place.position in ("value", "set") and not place.opened and c.word != "if":
                raise Refused("E102", shown(items), "a value without a name", "leave out what stands before `=`")
            place.note("equals", shown(own), shown([*own[:k], symbol("==", i.space), *own[k + 1 :]]))
            own[k] = symbol("==", i.space)
        parts.append(Clause(c.lead, tuple(own)))
    return joined(parts)


def double_subscripts(items: Items, place: Place) -> Items:
    """`x[i][j]` -> `x[i, j]`."""
    out: list[Item] = []
    for i in items:
        before = out[-1] if out else None
        follows = isinstance(before, Group) and before.open == "[" and len(out) > 1 and is_word(out[-2])
        if isinstance(i, Group) and i.open == "[" and isinstance(before, Group) and follows and is_operand(out[-2]):
            merged = Group("[", (*before.items, symbol(","), *spaced(i.items, " ")), before.space)
            place.note("double_subscripts", shown([out[-2], before, i]), shown([out[-2], merged]))
            out[-1] = merged
        else:
            out.append(i)
    return tuple(out)


def thousands(items: Items, place: Place) -> Items:
    """`5,000` between digits in threes: refused, it is a number or a list."""
    k = 0
    while k < len(items):
        end = k + 1
        while end + 1 < len(items) and _digits(items[end + 1], 3) and _touching(items[end : end + 2]):
            end += 2
        if end > k + 1 and _digits(items[k]) and len(shown([items[k]])) <= 3:
            written = shown(spaced(items[k:end], ""))
            listed = bool(place.opened) and (
                k == 0 or is_symbol(items[k - 1], ",") or is_symbol(items[end] if end < len(items) else None, ",")
            )
            if not listed or any(shown([i]).startswith("0") for i in items[k + 2 : end : 2]):
                raise Refused(
                    "E107", written, "digits without separators, or a list with blanks", written.replace(",", "")
                )
        k = end
    return items


def _digits(i: Item, count: int = 0) -> bool:
    return isinstance(i, Token) and i.kind == "number" and i.text.isdigit() and len(i.text) == (count or len(i.text))


def _touching(pair: Items) -> bool:
    return is_symbol(pair[0], ",") and not pair[0].space and not pair[1].space
