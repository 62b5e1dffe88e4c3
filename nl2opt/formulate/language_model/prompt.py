"""Passage -> the messages that ask a language model for a document; diagnostics -> the message that asks again.

The guide to the language is the language's own reference (`nl2opt.ir.reference`), so a prompt never teaches what the
reader refuses.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from nl2opt.errors import Diagnostic
from nl2opt.formulate.classify import likeliest
from nl2opt.ir.passage import Passage, Quantity
from nl2opt.ir.reference import sections
from nl2opt.ir.text import print_number
from nl2opt.llm import Message
from nl2opt.templates import load_templates

GUIDE: Final = ("document", "sets", "data", "variables", "expressions", "functions", "examples")
"""Sections of the language reference that a model is told."""

TEMPLATES: Final = 15
"""How many constraint templates are named for a text."""

_TASK = """\
You turn decision problems told in words into optimization models. You write no code: you fill one JSON document in the
modelling language described below, and a program reads, checks and solves it.

How to work
1. Ask what is decided, what is known, what must hold, what is best.
2. Every number of the text that matters becomes a parameter (or, once used and obvious, a number in an expression).
   Invent no number. What the text leaves open and the model supposes is a sentence under `assumptions`.
3. Index over sets wherever the text speaks of several things of a kind; never one variable a thing.
4. Give every variable a `type`: `integer` for what is counted, `binary` for yes or no, `real` for what is measured; or
   `in` a set for a choice among things. A lower bound of 0 is understood.
5. Say rules as they are said: `implies`, `all_different`, `no_overlap`, `circuit`, counting of comparisons. No big-M.
6. Every parameter, variable, constraint and objective has `quotes`: ids of the sentences (S3) or numbers (N7) of the
   text it comes from, or verbatim pieces of it.
7. Mind units (hours and minutes), totals against amounts a piece, price minus cost, and what "at least" belongs to.
8. A constraint may name its `template`, where one of those listed under the text is what it says.

Reply with the JSON document only. Its sections are lists of objects; in each object evidence comes before algebra.

# The language (examples are shown in YAML; you write the same fields in JSON)

{guide}

# One problem as you will see it, and the reply

{text}
Templates: upper_bound_weighted_sum, lower_bound_variable

{document}
"""

_EXAMPLE_TEXT = """\
S1: A workshop makes stools and benches from 40 planks; a stool takes 2 of them and a bench 5.
S2: Benches earn 30 euros each and stools 14, and at least 4 stools are ordered.
S3: How many of each earn the most?
N1 = 40, N2 = 2, N3 = 5, N4 = 30, N5 = 14, N6 = 4"""

_EXAMPLE: dict[str, Any] = {
    "nl2opt": 1,
    "name": "workshop",
    "sets": [{"name": "Goods", "elements": ["stool", "bench"], "quotes": ["stools and benches"]}],
    "parameters": [
        {"name": "planks", "over": "Goods", "rows": [["stool", 2], ["bench", 5]], "unit": "plank/piece",
         "quotes": ["N2", "N3"]},
        {"name": "stock", "value": 40, "unit": "plank", "quotes": ["N1"]},
        {"name": "profit", "over": "Goods", "rows": [["stool", 14], ["bench", 30]], "unit": "EUR/piece",
         "quotes": ["N5", "N4"]},
        {"name": "ordered", "value": 4, "unit": "piece", "quotes": ["N6"]},
    ],
    "variables": [{"name": "make", "over": "Goods", "type": "integer", "unit": "piece", "quotes": ["S3"]}],
    "constraints": [
        {"quotes": ["S1"], "template": "upper_bound_weighted_sum", "name": "wood",
         "expr": "sum(planks[g] * make[g] for g in Goods) <= stock"},
        {"quotes": ["at least 4 stools are ordered"], "template": "lower_bound_variable", "name": "orders",
         "expr": "make['stool'] >= ordered"},
    ],
    "objectives": [{"quotes": ["S3"], "sense": "maximize", "expr": "sum(profit[g] * make[g] for g in Goods)"}],
    "assumptions": ["Stools and benches are whole pieces."],
}  # fmt: skip


@cache
def guide() -> str:
    """-> what a model is told before it sees a text."""
    chosen = {s.key: s for s in sections()}
    told = "\n\n".join(f"## {chosen[key].title}\n\n{chosen[key].body.strip()}" for key in GUIDE)
    return _TASK.format(
        guide=told, text=_EXAMPLE_TEXT,
        document=json.dumps(_EXAMPLE, ensure_ascii=False),
    )  # fmt: skip


def messages(passage: Passage) -> tuple[Message, ...]:
    """Passage -> the conversation up to the first reply."""
    return Message("system", guide()), Message("user", f"{told(passage)}\nTemplates: {', '.join(_fitting(passage))}")


def _fitting(passage: Passage) -> list[str]:
    """The constraint templates that the sentences of a passage seem to be, the likeliest first."""
    known = load_templates()
    return [name for name in likeliest(s.text for s in passage.sentences) if name in known][:TEMPLATES]


def told(passage: Passage) -> str:
    """A passage with the ids of its sentences and numbers."""
    sentences = "\n".join(f"{s.id}: {' '.join(s.text.split())}" for s in passage.sentences)
    numbers = ", ".join(f"{q.id} = {_value(q)}" for q in passage.quantities)
    return f"{sentences}\n{numbers}" if numbers else sentences


def _value(q: Quantity) -> str:
    """A number with the words it was found in, where these are not its digits."""
    value = print_number(q.value)
    return value if q.text.strip() == value else f'{value} ("{" ".join(q.text.split())}")'


def question_about(found: Sequence[Diagnostic], must: bool) -> str:
    """Diagnostics -> the message that sends a document back."""
    shown = "\n".join(str(d) for d in found[:20])
    if must:
        return f"The document has errors. Reply with the whole document, corrected.\n\n{shown}"
    return (
        "The document is valid. A checker asks about the following; mend what is wrong, leave what is right as it is, "
        f"and reply with the whole document.\n\n{shown}"
    )
