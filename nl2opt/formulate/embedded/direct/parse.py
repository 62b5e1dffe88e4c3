"""Passage -> Direct: the whole text read by grammar, sentence by sentence, with the other ways to read each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from nl2opt.formulate.embedded.aims import Aim, find_aim
from nl2opt.formulate.embedded.assembly import Parse
from nl2opt.formulate.embedded.declarations import Bound, Cell, Constraint, Decision, LinearRow, Objective, TotalBound
from nl2opt.formulate.embedded.direct.covers import Cover, covers
from nl2opt.formulate.embedded.direct.limits import cell_of, declared
from nl2opt.formulate.embedded.direct.linear import MINUS_ONE, Weight
from nl2opt.formulate.embedded.direct.roster import Roster
from nl2opt.formulate.embedded.direct.rows import Row, measure, mixed_units, rows_of
from nl2opt.formulate.embedded.direct.statements import Limit, Statement, Weights, WholeLimit
from nl2opt.formulate.embedded.direct.tokens import Token, tokens_of
from nl2opt.formulate.embedded.problems import Problem
from nl2opt.formulate.embedded.words import split_words
from nl2opt.formulate.text import Passage, Sentence

CLOSE: Final = 0.6
"""A second way to read a sentence that costs this little more is told."""
_REFERS: Final = re.compile(r"\W*(?:\w+,\s+)?(?:this|that|it|the\s+(?:result|resulting))\b", re.I)
BARE_SENTENCE: Final = 0.9
"""A sentence without numbers states a limit only if it reads this well."""


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence, its tokens, and the ways to read it, best first."""

    sentence: Sentence
    tokens: tuple[Token, ...]
    ways: tuple[Cover, ...]


@dataclass(frozen=True, slots=True)
class Direct:
    """A text read by grammar. `unplaced` are the sentences (ids) it could not place; none means it is complete."""

    parse: Parse
    roster: Roster
    unplaced: tuple[str, ...]
    cost: float
    sentences: tuple[ReadSentence, ...]
    choice: tuple[int, ...]

    @property
    def complete(self) -> bool:
        """Whether everything was placed."""
        return not self.unplaced and self.parse.objective is not None and not self.parse.problems


def read_directly(passage: Passage, rosters: Sequence[Roster]) -> Direct | None:
    """The best reading over the given rosters; None where there is none to try."""
    best: Direct | None = None
    for roster in rosters:
        found = _read(passage, roster)
        if best is None or _rank(found) < _rank(best):
            best = found
        if best.complete:
            break
    return best


def _rank(found: Direct) -> tuple[bool, float]:
    return (not found.complete, len(found.unplaced) + sum(p.weight for p in found.parse.problems) + 0.1 * found.cost)


def _read(passage: Passage, roster: Roster) -> Direct:
    count = len(roster.names)
    sentences = []
    for sentence, tokens in _connected(passage, roster):
        counted = any(t.mark == "number" for t in tokens)
        if not counted and not (_sided(tokens) and len({t.decision for t in tokens if t.mark == "name"}) > 1):
            continue
        ways = covers(tokens, count)
        if counted or ways[0].cost <= BARE_SENTENCE:
            sentences.append(ReadSentence(sentence, tokens, tuple(ways)))
    return assembled(passage, roster, tuple(sentences), (0,) * len(sentences))


def _connected(passage: Passage, roster: Roster) -> list[tuple[Sentence, tuple[Token, ...]]]:
    """Sentences and their tokens; one that speaks of the sum before it, `This total must ...`, continues it."""
    found: list[tuple[Sentence, tuple[Token, ...]]] = []
    for sentence in passage.sentences:
        tokens = tuple(tokens_of(passage, sentence, roster.called))
        refers = _REFERS.match(sentence.text) and any(t.mark == "number" for t in tokens)
        if refers and found and not any(t.mark == "name" for t in tokens) and _sums(found[-1][1]):
            first, before = found.pop()
            text = passage.text[first.start : sentence.end]
            joint = Token("comma", first.end, first.end)
            sentence, tokens = Sentence(first.id, first.start, sentence.end, text), (*before, joint, *tokens)
        found.append((sentence, tokens))
    return found


def _sums(tokens: Sequence[Token]) -> bool:
    """Whether a sentence ends in a weighted sum or a difference."""
    last = [t.mark for t in tokens[-3:]]
    return "name" in last and any(t.mark in ("plus", "minus", "difference", "times") for t in tokens)


def _sided(tokens: Sequence[Token]) -> bool:
    return any(t.mark in ("ge", "le", "over", "le0", "ge0", "than") for t in tokens)


def assembled(passage: Passage, roster: Roster, sentences: tuple[ReadSentence, ...], choice: tuple[int, ...]) -> Direct:
    """The parse of one choice of ways, one for each sentence."""
    count = len(roster.names)
    told: list[tuple[Sentence, Statement]] = []
    unplaced = []
    cost = 0.0
    for read, k in zip(sentences, choice, strict=True):
        way = read.ways[k]
        cost += way.cost
        if not way.complete:
            unplaced.append(read.sentence.id)
        told += [(read.sentence, s) for s in way.statements]
    problems: list[Problem] = []
    rows = rows_of(passage, [s for _, s in told if isinstance(s, Weights)], roster)
    aim = find_aim(passage, ())
    goal = _goal(passage, rows, aim, count)
    constraints: list[Constraint] = []
    used = set() if goal is None else {id(goal)}
    for sentence, statement in told:
        place = (sentence.start, sentence.end)
        match statement:
            case Limit():
                one = declared(statement, (place,), count)
                if isinstance(one, TotalBound) and len(one.members) == count:
                    whole = WholeLimit(_bound(statement), one.op, statement.start, statement.end)
                    row = _measured(
                        passage, whole, sentence, [r for r in rows if r is not goal and id(r) not in used], count
                    )
                    if row is not None:
                        used.add(id(row))
                        one = _whole(whole, row, goal, passage, sentence, count)
                if one is not None:
                    constraints.append(one)
                    if isinstance(one, Bound) and one.op == ">=" and one.bound.value < 0:
                        told_so = f"'{passage.text[slice(*one.bound.place)]}' lets an amount fall below zero"
                        problems.append(Problem("negative-amount", one.bound.place, told_so, 1.0))
            case WholeLimit():
                row = _measured(passage, statement, sentence, [r for r in rows if r is not goal], count)
                said = passage.text[sentence.start : sentence.end]
                if statement.op == "==" and row is None and re.search(r"\bbudget|\bup to\b|\bavailable\b", said, re.I):
                    statement = replace(statement, op="<=")
                exact = re.search(r"\b(?:exact|equal|precise|divid|distribut|split)", said, re.I)
                if statement.op == "==" and row is not None and not exact:
                    statement = replace(statement, op="<=")
                if row is not None:
                    used.add(id(row))
                if row is None and statement.owned:
                    unplaced.append(sentence.id)
                else:
                    constraints.append(_whole(statement, row, goal, passage, sentence, count))
    for row in rows:
        if mixed_units(row):
            problems.append(Problem("mixed-units", row.places[0], "numbers in different units stand together", 1.0))
        if id(row) not in used:
            problems.append(Problem("unused-row", row.places[0], _unused(passage, row), 1.0))
    objective = _objective(aim, goal, rows, count)
    if objective is None:
        problems.append(Problem("no-objective", (0, 0), "the text does not say what to minimise or maximise", 2.0))
    if not constraints:
        problems.append(Problem("no-limits", (0, 0), "no limits were found", 2.0))
    decisions = tuple(
        Decision(name, tuple((c.start, c.end) for c in roster.called if c.decision == d))
        for d, name in enumerate(roster.names)
    )
    score = -sum(p.weight for p in problems) - 0.05 * cost
    parse = Parse(decisions, objective, tuple(dict.fromkeys(constraints)), tuple(problems), score, 1.0, (), (), {})
    return Direct(parse, roster, tuple(dict.fromkeys(unplaced)), cost, sentences, choice)


def _bound(limit: Limit) -> Weight:
    return limit.left.constant.scaled(MINUS_ONE)


def _unused(passage: Passage, row: Row) -> str:
    a, b = row.places[0]
    return f"the numbers of '{' '.join(passage.text[a:b].split())[:60]}' are not used"


def _goal(passage: Passage, rows: Sequence[Row], aim: Aim | None, count: int) -> Row | None:
    """The row the aim speaks of: the only one that has a number for every amount, or the one most like the aim."""
    full = [r for r in rows if len(r.of) == count]
    if aim is None or not full:
        return None
    if aim.counted and not any(r.measures & set(aim.counted) or r.words & set(aim.counted) for r in full):
        return None
    wanted = set(aim.bag) - {"total"}

    def likeness(row: Row) -> tuple[int, int]:
        return len(row.words & wanted), int("$" in row.measures)

    return max(full, key=likeness)


def _measured(passage: Passage, limit: WholeLimit, sentence: Sentence, rows: Sequence[Row], count: int) -> Row | None:
    """The row that a limit on a whole speaks of by its measure; None for a limit on the number of everything."""
    own = {measure(passage, q) for q in limit.bound.sources} - {""}
    subject = {w.root for w in split_words(passage.text[sentence.start : limit.end]) if w.root}
    for row in rows:
        if len(row.of) == count and (row.measures & (own | subject) or row.sentences == {sentence.id}):
            return row
    for row in rows:
        if 1 < len(row.of) < count and (row.measures & own - {"$"} or row.sentences == {sentence.id}):
            return row
    return None


def _whole(
    limit: WholeLimit, row: Row | None, goal: Row | None, passage: Passage, sentence: Sentence, count: int
) -> Constraint:
    places = ((sentence.start, sentence.end),)
    place = (limit.start, limit.end)
    bound = cell_of(limit.bound, place)
    if (
        row is None
        and goal is not None
        and re.search(
            r"\btotal\s+(?:\w+\s+)?(?:costs?|expens\w+|profits?|revenue)\b",
            passage.text[sentence.start : limit.end],
            re.I,
        )
    ):
        row = goal
    if row is not None:
        cells = tuple(cell_of(row.of[d], row.places[0]) if d in row.of else None for d in range(count))
        return LinearRow(cells, limit.op, bound, "measured", places)
    return TotalBound(tuple(range(count)), limit.op, bound, places)


def _objective(aim: Aim | None, goal: Row | None, rows: Sequence[Row], count: int) -> Objective | None:
    if aim is None:
        return None
    if goal is not None:
        cells: tuple[Cell | None, ...] = tuple(cell_of(goal.of[d], goal.places[0]) for d in range(count))
        return Objective(aim.sense, cells, aim.phrase, (aim.place,))
    if aim.counted:
        return Objective(aim.sense, (), aim.phrase, (aim.place,))
    return None


__all__ = ["CLOSE", "Direct", "ReadSentence", "assembled", "read_directly"]
