"""Rules on quantifiers: every way to write "for all i in I" and "the sum over i" -> the generator form.

`forall(i in I)(c)`, `forall i in I: c`, `c for all i in I`, `sum_{i in I} x[i]`, `sum(i in I) x[i]`,
`sum(x[i], i in I)`, `sum(x[i] for i in I, j in J)`, `for i, j in N`, `where`.
"""

from __future__ import annotations

from nl2opt.ir.nodes import AGGREGATES
from nl2opt.ir.notation.level import (
    Clause,
    binding,
    clauses,
    compares,
    is_condition,
    is_operand,
    joined,
    names_in,
    operand_end,
    split,
    targets,
)
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

_ALL, _ANY = ("forall", "ForAll", "Forall", "for_all"), ("exists", "Exists", "exist")
_QUANTIFIERS = {**dict.fromkeys(_ALL, "all"), **dict.fromkeys(_ANY, "any")}
_FUNCTIONS = {**{a: a for a in AGGREGATES}, **_QUANTIFIERS, "product": "prod"}


def where_filters(items: Items, place: Place) -> Items:
    """`for i in I where c` -> `for i in I if c`."""
    parts = clauses(items)
    out: list[Clause] = []
    for k, c in enumerate(parts):
        if c.word == "where" and k and any(is_word(i, "in") for i in parts[k - 1].items) and c.items:
            place.note("where_filters", "where", "if")
            c = Clause((word("if", c.lead[0].space),), c.items)
        out.append(c)
    return joined(out)


def for_all(items: Items, place: Place) -> Items:
    """`c for all i in I`, `c, forall i in I`, `forall i in I: c` -> `c for i in I` (`all(...)` of it at the top)."""
    plain = _plain_for(items)
    written = plain != items
    parts = clauses(plain)
    if any(c.word == ":" for c in parts) and parts[0].items == () and len(parts) > 1 and parts[1].word == "for":
        colon = next(k for k, c in enumerate(parts) if c.word == ":")
        rest = joined([Clause((), parts[colon].items), *parts[colon + 1 :]])
        head = Clause((word("for"),), parts[1].items)
        parts = [Clause((), rest), head, *parts[2:colon]]
        written = True
    if not any(c.word == "for" for c in parts) or not parts[0].items:
        return items
    body, bindings = parts[0].items, _comma_bindings(parts[1:], place)
    if bindings is None:
        return items
    if place.opened and not written:
        return items
    if place.opened and not (place.opened == "(" and not place.function and is_condition(body)):
        taken = joined([Clause((), body), *bindings])
        place.note("for_all", shown(items), shown(taken))
        return taken
    return _at_the_top(items, body, bindings, place)


def _at_the_top(items: Items, body: Items, bindings: list[Clause], place: Place) -> Items:
    if place.position in ("set", "over"):
        return items
    named = [n for c in bindings if c.word == "for" and binding(c.items) is None for n in names_in(c.items)]
    if named:
        if place.names is not None and set(named) <= set(place.names.bound) and len(bindings) == 1:
            place.note("for_all", shown(items), shown(body))
            return spaced(body, "")
        raise Refused(
            "E103", shown(items), f"a set for {', '.join(named)}", f"`for {named[0]} in I`, or the field `for`"
        )
    bound = {n: c for c in bindings if c.word == "for" for n in names_in((binding(c.items) or ((), ()))[0])}
    if place.names is not None and bound and set(bound) <= set(place.names.bound) and len(bindings) == len(bound):
        texts = {n: shown((binding(c.items) or ((), ()))[1]) for n, c in bound.items()}
        if all(place.names.bound[n] == texts[n] for n in bound):
            place.note("for_all", shown(items), shown(body))
            return spaced(body, "")
    if place.position != "condition" and not is_condition(body):
        raise Refused("E102", shown(items), "one value", "sum(... for ...), or the field `over`")
    taken = (word("all", ""), Group("(", (*spaced(body, ""), *joined(bindings))))
    place.note("for_all", shown(items), shown(taken))
    return taken


def _plain_for(items: Items) -> Items:
    """`for all`, `for each`, `forall` before a binding -> `for`; a comma before it goes."""
    out: list[Item] = []
    for k, i in enumerate(items):
        following = items[k + 1] if k + 1 < len(items) else None
        if is_word(i, "all", "each", "every") and out and is_word(out[-1], "for") and is_operand(following):
            continue
        if is_word(i, *_ALL) and is_operand(following) and (is_word(following) or _in_after(items, k + 1)):
            i = word("for", " " if out else "")
        if is_word(i, "for") and out and is_symbol(out[-1], ",", ":") and len(out) > 1:
            out.pop()
            i = word("for", " ")
        out.append(i)
    return tuple(out)


def _in_after(items: Items, k: int) -> bool:
    """`(i, j) in Arcs` at ``k``."""
    return is_group(items[k], "(") and k + 1 < len(items) and is_word(items[k + 1], "in")


def comma_bindings(items: Items, place: Place) -> Items:
    """`sum(x[i] for i in I, j in J)` -> `... for i in I for j in J`; `for i, j in N` of single elements -> each."""
    if not place.opened:
        return items
    parts = clauses(items)
    first = next((k for k, c in enumerate(parts) if c.word == "for"), None)
    if not first or any(c.word == "," for c in parts[:first]):
        return items
    found = _comma_bindings(parts[first:], place)
    if found is None or found == parts[first:]:
        return items
    taken = joined([*parts[:first], *found])
    place.note("comma_bindings", shown(items), shown(taken))
    return taken


def _comma_bindings(parts: list[Clause], place: Place) -> list[Clause] | None:
    """Clauses from the first `for` on -> only `for` and `if` clauses; None where a comma does something else."""
    out: list[Clause] = []
    pending: list[Items] = []
    for c in parts:
        if c.word == ",":
            if binding(c.items):
                out += _each([*pending, c.items], place)
                pending = []
            elif compares(c.items) and out and not pending:
                out.append(Clause((word("if"),), spaced(c.items, " ")))
            elif len(c.items) == 1 and is_word(c.items[0]) and is_operand(c.items[0]):
                pending.append(c.items)
            else:
                return None
        elif c.word == "for" and binding(c.items) is None and (several := _several(c.items)):
            names, source = several
            if _arity(source, place) == 1:
                out += [_for((n,), source) for n in names]
            else:
                out.append(c)
        elif c.word in ("for", "if"):
            quantified = c.word == "for" and is_word(c.items[0] if c.items else None, "all", "each", "every")
            out.append(Clause(c.lead, c.items[1:] if quantified else c.items))
        else:
            return None
    return None if pending else out


def _several(items: Items) -> tuple[list[Item], Items] | None:
    """`i, j in N` -> (names, source)."""
    at = next((k for k, i in enumerate(items) if is_word(i, "in")), None)
    if at is None or at < 3 or not all(is_symbol(i, ",") if k % 2 else is_word(i) for k, i in enumerate(items[:at])):
        return None
    return [i for i in items[:at] if is_word(i)], items[at + 1 :]


def _for(target: Items, source: Items) -> Clause:
    return Clause((word("for"),), (*spaced(target, " "), word("in"), *spaced(source, " ")))


def _arity(source: Items, place: Place) -> int:
    """Coordinates of an element of a set, 0 where that is not known."""
    match source:
        case (Token("name", name, _),):
            known = place.declared(name)
            return known.arity if known and known.section == "sets" else 0
        case (Token("name", "range", _), Group("(", _, _, _)):
            return 1
        case _:
            return 1 if any(is_symbol(i, "..") for i in source) else 0


def _each(parts: list[Items], place: Place) -> list[Clause]:
    """Bare names before a binding, `i` and `j in N` -> each in N, or one pair, as the set has it."""
    found = binding(parts[-1])
    assert found is not None
    target, source = found
    if len(parts) == 1:
        return [_for(target, source)]
    names = [*(p[0] for p in parts[:-1]), *target]
    arity = _arity(source, place)
    if arity == 1:
        return [_for((n,), source) for n in names]
    if arity == len(names):
        inner = [
            x for k, n in enumerate(names) for x in ([symbol(",")] if k else []) + [*spaced((n,), " " if k else "")]
        ]
        return [_for((Group("(", tuple(inner)),), source)]
    text, apart = ", ".join(shown([n]) for n in names), ", ".join(f"{shown([n])} in S" for n in names)
    raise Refused("E103", f"{text} in {shown(source)}", "a set for each index",
                  f"`({text}) in S` for tuples, `{apart}` for single elements")  # fmt: skip


def applied(items: Items, place: Place) -> Items:
    """`forall(i in I)(c)`, `sum_{i in I} x[i]`, `sum(i in I) x[i]` -> `all(c for i in I)`, `sum(x[i] for i in I)`."""
    out = items
    for k in reversed(range(len(items) - 1)):
        head, group = out[k], out[k + 1] if k + 1 < len(out) else None
        function = _function(head, group)
        if not function or not isinstance(group, Group) or (group.open == "(" and _is_whole(out, k + 2, group)):
            continue
        generators = _generators(group.items, place)
        if generators is None:
            if group.open == "{":
                raise Refused("E103", shown(out[k : k + 2]), "index bindings", f"{function}(x[i] for i in I)")
            continue
        end = _body_end(out, k + 2, function)
        if end == k + 2:
            continue
        body = out[k + 2 : end]
        bound = {n for c in generators if c.word == "for" for n in names_in((binding(c.items) or ((), ()))[0])}
        factors = list(split(body, "*", "/"))
        loose = function in ("min", "max", "prod") and len(factors) > 1 and not bound & _free(factors[-1])
        if loose or (bound & _free(clauses(out[end:])[0].items) and not place.bound & bound):
            raise _unclear(out, k, function)
        if len(body) == 1 and isinstance(body[0], Group) and body[0].open == "(" and not _is_tuple(body[0].items):
            body = body[0].items
        taken = (word(function, head.space), Group("(", (*spaced(body, ""), *joined(generators))))
        place.note("applied", shown(out[k:end]), shown(taken))
        out = (*out[:k], *taken, *out[end:])
    return out


def _is_whole(items: Items, k: int, group: Group) -> bool:
    """Whether a call ends before ``k``: `max(y, p in S) - z` takes z away, `sum(i in I) -x[i]` has a body."""
    minus = k < len(items) and is_symbol(items[k], "-")
    return not _begins(items, k) or (minus and binding(clauses(group.items)[0].items) is None)


def _is_tuple(items: Items) -> bool:
    return any(c.word == "," for c in clauses(items))


def _free(items: Items) -> set[str]:
    """Names a run of tokens mentions that no generator inside it binds."""
    found: set[str] = set()
    for i in items:
        found |= _free(i.items) - set(targets(i.items)) if isinstance(i, Group) else set(names_in((i,)))
    return found


def _function(head: Item, group: Item | None) -> str:
    if not isinstance(head, Token) or head.kind != "name":
        return ""
    if head.text in _FUNCTIONS and is_group(group, "("):
        return _FUNCTIONS[head.text]
    return _FUNCTIONS.get(head.text[:-1], "") if head.text.endswith("_") and is_group(group, "{") else ""


def _generators(items: Items, place: Place) -> list[Clause] | None:
    """`i in I, j in J if c` and nothing else -> its generator clauses."""
    parts = clauses(items)
    if parts and parts[0].word == "" and not parts[0].items:
        parts = parts[1:]
    elif parts:
        parts = [Clause((symbol(","),), parts[0].items), *parts[1:]]
    if not parts:
        return None
    found = _comma_bindings(parts, place)
    return (
        found if found and found[0].word == "for" and all(binding(c.items) for c in found if c.word == "for") else None
    )


def _body_end(items: Items, start: int, function: str) -> int:
    """Where the body ends: of `all` and `any` with its clause, of the others before the next `+`, `-`, comparison."""
    if not _begins(items, start):
        return start
    first = items[start]
    if isinstance(first, Group) and first.open == "(" and operand_end(items, start) == start + 1:
        following = items[start + 1] if start + 1 < len(items) else None
        called = is_group(items[start - 1], "(")
        if called and is_symbol(following, "**"):
            raise _unclear(items, start, function)
        if is_condition(first.items) if function in ("all", "any") else called:
            return start + 1
    ends = (k for k in range(start, len(items)) if _stops(items, k, start, function))
    return next(ends, len(items))


def _begins(items: Items, k: int) -> bool:
    return k < len(items) and (is_operand(items[k]) or is_word(items[k], "not") or is_symbol(items[k], "-"))


def _stops(items: Items, k: int, start: int, function: str) -> bool:
    """Whether the body that began at ``start`` ends before ``k``."""
    i = items[k]
    if is_symbol(i, ",", ":") or is_word(i, "for", "if", "else"):
        return True
    if function in ("all", "any"):
        return False
    if is_symbol(i, "//", "%"):
        raise _unclear(items, start, function)
    minus = is_symbol(i, "-") and k > start and is_operand(items[k - 1])
    return compares((i,)) or is_word(i, "and", "or") or is_symbol(i, "+", "&", "|") or minus


def _unclear(items: Items, start: int, function: str) -> Refused:
    return Refused("E102", shown(items[start:]), f"brackets around the body of {function}", f"{function}(... for ...)")


def arguments(items: Items, place: Place) -> Items:
    """`sum(x[i], i in I)`, `all(i in I, x[i] <= 3)` -> the generator form, where `i` is no name of the model."""
    if place.opened != "(" or place.function not in _FUNCTIONS:
        return items
    parts = clauses(items)
    if len(parts) < 2 or parts[0].word or any(c.word not in ("", ",", "if", ":") for c in parts):
        return items
    first = Clause((symbol(","),), parts[0].items)
    sure = place.function in _QUANTIFIERS or parts[-1].word == ":"
    if _binds(parts[0], place, sure) and parts[-1].word in (",", ":") and not _binds(parts[-1], place, sure):
        body, bindings = parts[-1].items, [first, *parts[1:-1]]
    elif any(_binds(c, place, sure) for c in parts[1:]) and not _binds(parts[0], place, sure):
        body, bindings = parts[0].items, parts[1:]
    else:
        return items
    found = _comma_bindings(bindings, place)
    if found is None or not found or found[0].word != "for":
        return items
    taken = (*spaced(body, ""), *joined(found))
    place.note("arguments", shown(items), shown(taken))
    return taken


def _binds(c: Clause, place: Place, sure: bool) -> bool:
    """Whether a clause binds an index: `i in I` is a condition where i is a name; ``sure``: it can be nothing else."""
    found = binding(c.items)
    return found is not None and all(place.free(n) or (sure and not place.knows(n)) for n in names_in(found[0]))


def bindings_of_over(items: Items, place: Place) -> Items:
    """The text of `for` and `over`: `for all i in I`, `i, j in N`, `i in I, j in I, i != j` -> plain bindings."""
    if place.position != "over" or place.opened:
        return items
    plain = _plain_for(items)
    parts = [Clause(() if k == 0 else (symbol(","),) if c.word == "for" else c.lead, c.items)
             for k, c in enumerate(clauses(plain)) if k or c.items]  # fmt: skip
    if parts and parts[0].lead:
        parts[0] = Clause((), parts[0].items)
    out: list[Clause] = []
    pending: list[Clause] = []
    for c in parts:
        if c.word == "if":
            out.append(c)
        elif binding(c.items):
            names = [p.items for p in pending]
            out += [Clause((symbol(","),), g.items) for g in _each([*names, c.items], place)]
            pending = []
        elif compares(c.items) and out and not pending:
            out.append(Clause((word("if"),), spaced(c.items, " ")))
        elif len(c.items) == 1 and is_word(c.items[0]) and place.free(shown(c.items)):
            pending.append(c)
        else:
            out += [*pending, c]
            pending = []
    out += pending
    taken = joined([Clause((), spaced(out[0].items, "")), *(_comma_apart(c) for c in out[1:])]) if out else items
    if shown(taken) != shown(items):
        place.note("bindings_of_over", shown(items), shown(taken))
        return taken
    return items


def _comma_apart(c: Clause) -> Clause:
    return Clause(c.lead, spaced(c.items, " ")) if c.word == "," else c
