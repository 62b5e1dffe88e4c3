"""Code -> what it means: every diagnostic about a document (docs/DIAGNOSTICS.md repeats it, with examples)."""

from __future__ import annotations

from dataclasses import dataclass

from nl2opt.errors import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """What one code says: ``title`` is the message's first line, ``meaning`` why it matters and what to do."""

    severity: Severity
    title: str
    meaning: str


CODES: dict[str, Code] = {
    # names
    "E201": Code("error", "unknown name",
        "Nothing of that name is declared or bound here. The nearest names are offered."),
    "E202": Code("error", "name declared twice",
        "Sets, parameters, variables and expressions share one namespace."),
    "E203": Code("error", "reserved name",
        "Names are identifiers of at most 64 characters, no Python keyword and no function of the language."),
    "E204": Code("error", "index shadows a name",
        "An index may not carry a declared name or the name of an index around it; a filter joins (`if i == "
        "n`)."),
    "E205": Code("error", "defined by itself",
        "Sets, parameters, bounds and expressions may not depend on themselves."),
    # types and shapes
    "E301": Code("error", "wrong number of indices",
        "A subscript gives one index a coordinate; a tuple counts as its coordinates."),
    "E302": Code("error", "types do not fit",
        "Numbers, labels, tuples, sets and lists are kept apart."),
    "E303": Code("error", "labels of different sets",
        "The two sets have no label in common, so the comparison or index can never hold."),
    "E304": Code("error", "no element of the set",
        "The label or number is not among the elements the document lists."),
    "E305": Code("error", "number as a condition",
        "A variable that is not binary is no condition: write `x > 0`."),
    "E306": Code("error", "arithmetic on labels",
        "Labels have no order and no arithmetic; `position(x)` is a number."),
    "E307": Code("error", "filter over variables",
        "A filter may look at variables only in sum, all and any, where it is the same as a factor or an "
        "implication."),
    "E308": Code("error", "not a set",
        "A set is a name, `range(...)`, `{...}`, `A | B`, `A & B` or `A - B`."),
    "E309": Code("error", "variable where a constant is needed",
        "Sets, data, bounds, filters and penalties are known before solving."),
    "E310": Code("error", "equality of reals is tested",
        "Between reals `==` and `in` may be demanded, not tested; `!=`, `not in` neither. Use a band, or an integer."),
    "E311": Code("error", "not a condition",
        "A constraint is a condition: a comparison, logic, a membership or a global constraint."),
    # declarations
    "E401": Code("error", "variable without a type",
        "Integer or real changes the answer, so it is asked."),
    "E402": Code("error", "both type and in",
        "A variable `in` a set takes its type from the set."),
    "E403": Code("error", "both value and rows",
        "Data are given once: nested values, or rows with keys."),
    "E404": Code("error", "bounds of a binary",
        "A binary lies in 0..1; other bounds need `type: integer`."),
    "E405": Code("error", "equal priorities",
        "Objectives are solved one after the other; write a weighted sum, so that weights have units."),
    "E406": Code("error", "can never hold",
        "The condition is false, or has no value, whatever the variables are."),
    "E407": Code("error", "quote is not in the text",
        "A quote is a verbatim piece of the problem text."),
    "E408": Code("error", "unknown assumption",
        "An anchor may cite only a sentence listed under `assumptions`."),
    "E409": Code("error", "elements of a set",
        "The elements a document lists are of one kind and one arity, and none is listed twice."),
    # claims and units
    "T01": Code("error", "no instance of the template it claims",
        "`template` is a claim about the expression, which is the truth."),
    "T02": Code("error", "unknown template",
        "The name is no file of templates/constraints, or of templates/objectives."),
    "U03": Code("error", "units differ",
        "Both sides declare their units, and they are not the same."),
    # warnings
    "W-unit": Code("warning", "units may differ",
        "The declared units differ by a time: an amount in a period and an amount a period are the same only "
        "where the period is one."),
    "W-index": Code("warning", "index of another set",
        "The index was drawn from another named set than the one this position ranges over; swapped indices "
        "look like this."),
    "W-strict": Code("warning", "strict comparison of reals",
        "A solver holds closed conditions: `<` is taken as `<=`."),
    "W-boundary": Code("warning", "boundary belongs to both sides",
        "The false side of a comparison of reals is taken closed; on the boundary either side is accepted."),
    "W-unused": Code("warning", "never used",
        "A set or parameter that no expression mentions."),
    "W-free": Code("warning", "variable in no constraint or objective",
        "Nothing decides its value."),
    "W-element": Code("warning", "element that is never used",
        "The set is read only by its labels, and no row reads this one."),
    "W-constant": Code("warning", "no variable takes part",
        "A constraint over data alone, or a sum of data in an objective although a choice is made over the same "
        "set."),
    "W-lower": Code("warning", "only the lower bound of 0 holds it up",
        "The objective wants the variable smaller and every constraint allows it: it may be negative, or what it "
        "must cover is missing."),
    "W-objective": Code("warning", "objective without variables",
        "There is nothing to optimize."),
    "W-literal": Code("warning", "number without a source",
        "A number other than 0, 1, -1 that the item's quotes do not contain (`40 %` contains 0.4)."),
    "W-chain": Code("warning", "not all different",
        "`x != y != z` does not compare x with z; use all_different."),
    "W-big": Code("warning", "big number next to a binary",
        "A hand-made big-M loses precision; `implies` finds a tight one."),
    "W-true": Code("warning", "always holds",
        "The condition is true whatever the variables are."),
    # spelling
    "N01": Code("note", "another spelling",
        "Read as the language says it; the printed document has the language's own spelling."),
    # provenance
    "P01": Code("warning", "quantity of the text is not used",
        "No item of the model cites it."),
    "P02": Code("warning", "value without a source",
        "The parameter's value is not among the numbers of its quotes."),
    "P04": Code("note", "table without a source",
        "Values that neither a quote nor the text accounts for: attached data, most likely."),
    "P03": Code("note", "sentence of the text is not used",
        "No item of the model cites it."),
    "P05": Code("warning", "words and model point in opposite directions",
        "The quotes say at least and the expression at most, or minimize and maximize; or no word asks for a limit "
        "that the objective does not need either."),
    "P06": Code("warning", "values are told for other labels",
        "The text tells the values of a table for its labels in another way, or all but one as they stand."),
    "P08": Code("note", "words that may state a rule are not used",
        "No item cites them."),
    "P09": Code("warning", "words that set a limit are not used",
        "No item cites them, or only a number does that no constraint reads."),
    "P07": Code("warning", "value of a quoted quantity is not in the model",
        "Items cite the words, but none of them holds the number told, nor a conversion of it."),
    # pitfalls of templates
    "L01": Code("warning", "a fixed charge without its link",
        "The choice costs and no constraint ties it to the amount it should allow: it is not paid for that amount."),
    "L02": Code("warning", "a total beside a limit for one period",
        "The sum runs over periods, and the number beside it is told for each of them."),
    "L03": Code("warning", "share of the wrong total",
        "The words say a part of the whole, and the sum leaves out the part itself."),
    "L04": Code("warning", "order along a whole tour",
        "Positions that grow along every leg of a tour cannot close it: one place must be left out."),
    "L05": Code("warning", "revenue without its costs",
        "The goal counts money, and a cost is only computed beside it."),
}  # fmt: skip
