"""What a judge says: an outcome with its scope and its method, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nl2opt.ir.evaluate.outcomes import shown, shown_key
from nl2opt.ir.instance import Key, Point

Outcome = Literal["equivalent", "agrees", "different", "undecided"]
"""`equivalent` is proved by the method within the scope; `agrees` is evidence without a proof."""

Method = Literal["isomorphic", "implied", "resampled", "optima", "status", "none"]
"""How it was found, in rising cost of proof: `status` and `optima` (both solved, and each one's optimal solution put to
the other), `resampled` data sets, `isomorphic` canonical forms, `implied` (each row of one holds in all solutions of
the other)."""

Scope = Literal["all data", "this data", "these data sets"]


@dataclass(frozen=True, slots=True)
class Breach:
    """A constraint of one model that a solution of the other violates, with the words it was taken from."""

    side: Literal["reference", "candidate"]
    constraint: str
    text: str
    amount: float
    quotes: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = f' ("{self.quotes[0]}")' if self.quotes else ""
        return f"the {self.side}'s {self.constraint}{said}: {self.text}, off by {self.amount:.6g}"


@dataclass(frozen=True, slots=True)
class Counterexample:
    """What tells two models apart: on which data (empty: the given ones) they have which optima, or a point of one.

    ``point`` is a solution of the model ``side`` names; ``breaches`` are the rows of the other model it violates under
    the matching of the verdict, none where both take it and value it differently (``values``: reference, candidate).
    ``statuses`` are those of reference and candidate (feasible, infeasible, unbounded) where these differ.
    """

    statement: str
    values: tuple[float | None, float | None] = (None, None)
    side: Literal["reference", "candidate", ""] = ""
    point: Point | None = None
    breaches: tuple[Breach, ...] = ()
    data: str = ""
    statuses: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Pairing:
    """One column of the reference and what it is in the candidate."""

    reference: tuple[str, Key]
    candidate: tuple[str, Key]

    def __str__(self) -> str:
        (a, i), (b, j) = self.reference, self.candidate
        return f"{a}{shown_key(i)} = {b}{shown_key(j)}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of a pair of models.

    ``tolerance`` is `exact` or `within 1e-6`; ``data_sets`` counts the data sets on which both were solved;
    ``unexercised`` names the reference's constraints that no data set made tight; ``ambiguous`` the numbers that could
    not be tied to the reference's; ``reason`` says why nothing more could be said.
    """

    outcome: Outcome
    method: Method
    scope: Scope
    tolerance: Literal["exact", "within 1e-6"] = "within 1e-6"
    counterexample: Counterexample | None = None
    matching: tuple[Pairing, ...] = ()
    matched_by: str = ""
    data_sets: int = 0
    unexercised: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    reason: str = ""
    seconds: float = 0.0

    @property
    def statement(self) -> str:
        """The verdict in one line; `proved` stands only where a proof does, with its scope and method."""
        how = {
            "isomorphic": "their canonical forms are the same but for names",
            "implied": f"every row of each holds in all solutions of the other ({self.tolerance})",
            "resampled": f"solved on {self.data_sets} data sets",
            "optima": "each one's optimal solution is optimal in the other",
            "status": "both were solved",
            "none": "",
        }[self.method]
        scope = {"all data": "for all data", "this data": "on this data", "these data sets": "on these data sets"}
        match self.outcome:
            case "equivalent":
                return f"equivalent {scope[self.scope]}, proved: {how}"
            case "agrees":
                return f"they agree {scope[self.scope]}, not proved: {how}"
            case "different":
                assert self.counterexample is not None
                return f"different: {self.counterexample.statement}"
            case "undecided":
                return f"undecided: {self.reason}"

    def as_json(self) -> dict[str, object]:
        """Verdict -> a JSON object."""
        c = self.counterexample
        return {
            "outcome": self.outcome, "method": self.method, "scope": self.scope, "tolerance": self.tolerance,
            "statement": self.statement, "reason": self.reason, "data_sets": self.data_sets,
            "unexercised": list(self.unexercised), "ambiguous": list(self.ambiguous),
            "matched_by": self.matched_by, "matching": [str(p) for p in self.matching],
            "seconds": round(self.seconds, 4),
            "counterexample": None if c is None else {
                "statement": c.statement, "values": list(c.values), "side": c.side, "data": c.data,
                "point": None if c.point is None else
                {f"{n}{shown_key(k)}": _plain(v) for n, values in c.point.items() for k, v in values.items()},
                "breaches": [str(b) for b in c.breaches],
            },
        }  # fmt: skip


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str) else shown(value)
