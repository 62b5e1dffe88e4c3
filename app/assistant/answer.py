"""The answer: what to do, what holds it back, what was checked; or what cannot hold together."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant import findings, markup, statements
from assistant.session import SECONDS, SOLVE_SECONDS, Session, watch
from assistant.task import Amount, Solved
from nl2opt.explain.report import Limit, key_text, number_text

_SHOWN = 40
_LISTED = 20_000
_LIMITS = 12
_BEST = {
    "minimize": "The lowest possible value",
    "maximize": "The highest possible value",
    "wishes": "The lowest possible cost of wishes not met",
}
_FOUND = {
    "minimize": "The lowest value found",
    "maximize": "The highest value found",
    "wishes": "The lowest cost found of wishes not met",
}
_TOLD = {
    "optimal": ("A plan that keeps every rule", "good"),
    "solution_limit": ("Enough plans were found", "good"),
    "infeasible": ("No plan can keep all the rules at once", "bad"),
    "unbounded": ("The aim can be improved without end: a limit is missing", "bad"),
    "infeasible_or_unbounded": ("Either the rules contradict each other, or a limit is missing", "bad"),
    "time_limit": ("The time ran out", "unsure"),
    "interrupted": ("The solve was stopped", "unsure"),
    "numerically_unreliable": ("The answer fails its own check: do not use it", "bad"),
}
_CHECKS = {
    "referee": "Every rule was worked out at this answer",
    "second route": "A second solver was asked, along a way of its own",
    "conflict": "The contradiction was narrowed down",
}


def show(session: Session) -> None:
    """The panel."""
    if "answer" in session.jobs:
        watch(session, "answer", "Solving and checking")
        return
    if "model" in session.jobs:
        st.caption("The model is being made anew.")
        return
    findings.show_failure(session, "answer")
    if session.solved is not None:
        _solved(session.solved)
    elif session.study is not None and session.study.instance is None:
        st.caption("This can be solved once the model and its data are complete: see what is missing beside the text.")
    elif "answer" not in session.failures:
        st.caption("Not solved yet.")
    st.number_input(
        "Seconds that a solve may take", 1, 600, SOLVE_SECONDS, key=SECONDS, persist_state="session", width=220
    )


def _solved(found: Solved) -> None:
    text, mood = _TOLD.get(found.status, (found.headline, "unsure"))
    if found.objective:
        text = (_BEST if found.status == "optimal" else _FOUND)[found.sense] if found.sense else text
    if not found.trusted:
        text, mood = "The checks disagree: do not use this answer", "bad"
    remark = "Proved: no plan does better" if found.status == "optimal" and found.objective else found.headline
    remark = f"{remark[:1].upper()}{remark[1:]} · {found.seconds:.2g} s"
    markup.show(markup.headline(text, found.objective, remark, mood))
    if found.conflict:
        markup.show(markup.heading("These cannot all hold"))
        statements.show(found.conflict)
        st.caption("Take back any one of them, and there is a plan.")
    if found.amounts:
        markup.show(markup.heading("What to do"))
        _table(found.amounts)
    if found.named:
        markup.show(markup.heading("What comes of it"))
        _table(found.named)
    if found.limits:
        markup.show(markup.heading("What holds it back"))
        _limits(found.limits)
    markup.show(markup.heading("What was checked"))
    markup.show("".join(markup.check(e.holds, _CHECKS.get(e.check, e.check), e.statement) for e in found.evidence))
    if found.findings:
        markup.show("".join(map(markup.finding, found.findings)))
    if found.notes:
        with st.expander("How it was solved"):
            markup.show(markup.listed(found.notes))


def _table(amounts: Sequence[Amount]) -> None:
    """Values as a table; of a long list those that are not 0, and the whole behind a click."""
    shown = amounts if len(amounts) <= _SHOWN else [a for a in amounts if not a.is_zero][:_SHOWN]
    columns = [("", False), ("", False), ("value", True), ("unit", False)]
    rows = [(a.name, a.of, a.value, a.unit) for a in shown]
    named = len({a.name for a in amounts}) > 1 or not all(a.of for a in shown)
    kept = [j for j in range(4) if j == 2 or (any(row[j] for row in rows) and (j != 0 or named))]
    markup.show(markup.table([columns[j] for j in kept], [[row[j] for j in kept] for row in rows]))
    if len(shown) < len(amounts):
        listed = amounts[:_LISTED]
        first = "All" if len(listed) == len(amounts) else "The first"
        with st.expander(f"{first} {len(listed)} values"):
            st.dataframe(
                {"name": [a.name for a in listed], "of": [a.of for a in listed],
                 "value": [a.value for a in listed], "unit": [a.unit for a in listed]},
                hide_index=True,
            )  # fmt: skip


def _limits(limits: Sequence[Limit]) -> None:
    """The limits, those that bind first."""
    ordered = sorted(limits, key=lambda limit: (not limit.missed, not limit.binding))
    markup.show("".join(map(_limit, ordered[:_LIMITS])))
    if len(ordered) > _LIMITS:
        with st.expander(f"{len(ordered) - _LIMITS} more"):
            markup.show("".join(map(_limit, ordered[_LIMITS : 20 * _LIMITS])))


def _limit(limit: Limit) -> str:
    words = limit.words + (f" ({key_text(limit.key)})" if limit.key else "")
    left, right = number_text(limit.left), number_text(limit.right)
    share = limit.left / limit.right if limit.op == "<=" and limit.right > 0 and limit.left >= 0 else None
    if limit.missed:
        amount = f"missed by {number_text(limit.missed)}, " if limit.op else "not met, "
        return markup.usage(words, f"{amount}which costs {number_text(limit.costs)}", None, True)
    match limit.op:
        case "<=":
            state = f"{left} of {right}, " + ("nothing left" if limit.binding else f"{number_text(limit.slack)} left")
        case ">=":
            state = f"{left}, at least {right} asked" + (
                ": just met" if limit.binding else f": {number_text(limit.slack)} more"
            )
        case _:
            state = f"{left} {'=' if limit.op == '==' else limit.op} {right}"
    return markup.usage(words, state, share, limit.binding)
