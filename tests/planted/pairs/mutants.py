"""Reference + seed -> candidates with one real mistake, half of them rewritten as well, so that nothing looks alike.

What comes out here is a candidate with a mistake in it, not yet a pair that is known to be different: some mistakes
change nothing at these data. `truth` decides, `pairs` leaves the others out and counts them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from planted.pairs import mistakes_data as data
from planted.pairs import mistakes_logic as logic
from planted.pairs import mistakes_rows as rows
from planted.pairs.mistakes_rows import Mistake
from planted.pairs.modelling import finish, rebound
from planted.pairs.pair import Pair
from planted.pairs.references import references
from planted.pairs.rewrites import AFFINE, prepared, rewritten, seeded, without_evidence
from planted.pairs.rewrites_spelling import safe

MISTAKES: dict[str, Mistake] = {
    f.__name__: f
    for f in (
        data.coefficient_swapped, data.tables_swapped, data.number_changed, data.literal_changed,
        data.integrality_missing, data.integrality_added, data.bound_dropped, data.bound_changed,
        data.binary_as_count, data.big_m_too_small, rows.direction_flipped, rows.equality_for_limit, rows.strictness,
        rows.constraint_missing, rows.linking_missing, rows.sum_over_wrong_index, rows.wrong_set,
        rows.per_period_for_total, rows.coefficient_missing, rows.term_missing, rows.balance_sign,
        rows.share_of_wrong_total, rows.share_side_swapped, logic.item_confused, logic.index_shifted,
        logic.off_by_one, logic.implication_reversed, logic.implication_doubled, logic.negation_lost,
        logic.and_for_or, logic.extremes_confused, logic.global_weakened, logic.sense_swapped,
        logic.priorities_swapped, logic.objective_counts_pieces, logic.unit_not_converted, logic.branch_swapped,
        logic.first_period_free,
    )
}  # fmt: skip


def mutants(seed: int, count: int = 900) -> Iterator[Pair]:
    """Seed -> candidates with a mistake, the rarest mistakes first at each reference; every other one rewritten too."""
    used: Counter[str] = Counter()
    rewrites_used: Counter[str] = Counter(dict.fromkeys(AFFINE, 10**6))
    available = references()
    made = turn = 0
    while made < count and turn < count * 3:
        reference = available[turn % len(available)]
        rng = seeded("mutant", seed, turn)
        turn += 1
        right, instance, texts = prepared(reference.name)
        model, kind = right, ""
        for name in sorted(MISTAKES, key=lambda n: (used[n], rng.random())):
            wrong = safe(MISTAKES[name], right, rng, instance)
            if wrong is not None and wrong != right and rebound(wrong) is not None:
                model, kind = wrong, name
                break
        if not kind:
            continue
        if rng.random() < 0.5:
            model = without_evidence(model)
        done: list[str] = []
        if made % 2:
            model, done = rewritten(model, rebound(model), rng, rng.choice((1, 2, 3)), rewrites_used)
            rewrites_used.update(d for d in done if d not in AFFINE)
        finished = finish(model)
        if finished is None or AFFINE & set(done):
            continue
        used[kind] += 1
        made += 1
        document, view = finished
        yield Pair(
            id=f"mutant-{seed}-{turn:04}",
            reference=reference.document,
            candidate=document,
            label="different",
            kind=kind,
            level="mutant and rewrite" if done else "mutant",
            data=reference.data,
            note="+".join(done),
            view=tuple(zip(texts, view, strict=True)),
            of=reference.name,
        )
