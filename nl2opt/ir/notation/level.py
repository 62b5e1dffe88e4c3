"""One level of brackets -> its clauses, operands and conditions: what the rules ask about a run of tokens."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from dataclasses import dataclass

from nl2opt.ir.nodes import FUNCTIONS
from nl2opt.ir.notation.tokens import Group, Item, Items, Token, is_group, is_symbol, is_word

ARROWS = {"->": "implies", "=>": "implies", "==>": "implies", "→": "implies", "⇒": "implies", "⟹": "implies",
          "<->": "iff", "<=>": "iff", "<==>": "iff", "↔": "iff", "⇔": "iff", "⟺": "iff"}  # fmt: skip
JUNCTIONS = {"&&": "and", "∧": "and", "||": "or", "∨": "or"}
NEGATIONS = ("!", "~", "¬")
COMPARISONS = ("<=", ">=", "==", "!=", "<", ">", "=", "<>", "=<")
CONDITIONS = frozenset((
    "all", "any", "implies", "iff", "all_different", "circuit", "subcircuit", "no_overlap", "no_overlap_2d",
    "cumulative",
))  # fmt: skip
_LEADS = ("for", "if", "else", "where")


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a level: ``lead`` is the separator or word before it (none at the start)."""

    lead: Items
    items: Items

    @property
    def word(self) -> str:
        """The separator: '', `,`, `:`, `for`, `if`, `else`, `where`."""
        return self.lead[-1].text if self.lead and isinstance(self.lead[-1], Token) else ""


def clauses(items: Items) -> list[Clause]:
    """A level -> its clauses. A comma between `for` and its `in` separates names, not clauses."""
    found: list[Clause] = []
    lead: Items = ()
    own: list[Item] = []
    naming = False
    for i in items:
        if is_word(i, *_LEADS) or is_symbol(i, ":") or (is_symbol(i, ",") and not naming):
            found.append(Clause(lead, tuple(own)))
            lead, own, naming = (i,), [], is_word(i, "for")
            continue
        naming = naming and not is_word(i, "in")
        own.append(i)
    return [*found, Clause(lead, tuple(own))]


def joined(parts: list[Clause]) -> Items:
    """Clauses -> the level."""
    return tuple(i for c in parts for i in (*c.lead, *c.items))


def split(items: Items, *separators: str) -> Iterator[Items]:
    """Items between separators (words or symbols)."""
    own: list[Item] = []
    for i in items:
        if is_symbol(i, *separators) or is_word(i, *separators):
            yield tuple(own)
            own = []
        else:
            own.append(i)
    yield tuple(own)


def is_operand(item: Item | None) -> bool:
    """Whether an item begins a value: a name, a number, a label or a bracket."""
    match item:
        case Token("name", text, _):
            return not keyword.iskeyword(text) or text in ("True", "False")
        case Token("number" | "string", _, _) | Group():
            return True
        case _:
            return False


def operand_end(items: Items, start: int) -> int:
    """Index after the value that begins at ``start``: a name with its brackets, a number, a label, a bracket."""
    if start >= len(items) or not is_operand(items[start]):
        return start
    end = start + 1
    if is_word(items[start]) or is_group(items[start]):
        while end < len(items) and is_group(items[end], "[("):
            end += 1
    return end


def compares(items: Items) -> bool:
    """Whether a comparison stands at this level."""
    return any(is_symbol(i, *COMPARISONS) or is_word(i, "in", "not", "is") for i in items)


def is_condition(items: Items) -> bool:
    """Whether a run of tokens is surely a condition: a comparison, logic, a function that answers one."""
    if compares(items) or any(is_word(i, "and", "or", "not", "True", "False") for i in items):
        return True
    if any(is_symbol(i, *JUNCTIONS, *NEGATIONS, *ARROWS) for i in items):
        return True
    match items:
        case (Group("(", inner, _, _),):
            return is_condition(inner)
        case (Token("name", name, _), Group("(", _, _, _)):
            return name in CONDITIONS
        case _:
            return False


def targets(items: Items, over: bool = False) -> tuple[str, ...]:
    """Names a level binds by `for ... in`; where it is the text of an ``over``, by `i in I` alone too."""
    found: list[str] = []
    for c in clauses(items) if over or any(is_word(i, "for") for i in items) else ():
        if c.word == "for" or (over and c.word != "if" and binding(c.items)):
            head = next(split(c.items, "in"))
            found.extend(n for n in names_in(head) if n not in FUNCTIONS)
    return tuple(found)


def names_in(items: Items) -> Iterator[str]:
    """Every name below, words of the language left out."""
    for i in items:
        if isinstance(i, Group):
            yield from names_in(i.items)
        elif i.kind == "name" and not keyword.iskeyword(i.text):
            yield i.text


def binding(items: Items) -> tuple[Items, Items] | None:
    """`i in I`, `(i, j) in Arcs`, `all i in I` -> (target, source); None where the clause is no binding."""
    if is_word(items[0] if items else None, "all", "each", "every") and len(items) > 1:
        items = items[1:]
    if len(items) < 3 or not is_word(items[1], "in"):
        return None
    head = items[0]
    plain = is_word(head) and is_operand(head)
    several = isinstance(head, Group) and head.open == "(" and all(
        is_symbol(i, ",") or (is_word(i) and is_operand(i)) for i in head.items
    )  # fmt: skip
    return ((head,), items[2:]) if plain or several else None
