"""Seed -> every pair: alternatives and near misses, rewrites, mutants whose difference is shown.

What `truth` found is kept by the content of the pair, so that a second run does not look again: verdicts of the seed in
use lie in `verdicts.json`, those of any other seed where the caller says.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import chain
from pathlib import Path

from nl2opt.errors import Nl2optError
from nl2opt.ir.evaluate.outcomes import Undefined
from planted.pairs.alternatives import alternatives
from planted.pairs.mutants import mutants
from planted.pairs.pair import Pair
from planted.pairs.rewrites import rewrites
from planted.pairs.truth import Truth, exchanged, truth

SEED = 188708
VERDICTS = Path(__file__).parent / "verdicts.json"
REWRITES, MUTANTS = 400, 1000
RENAMED = frozenset(("relabel", "rename"))
"""Rewrites after which names no longer tell which decision is which."""


def digest(pair: Pair) -> str:
    """What a verdict is kept under: everything of the pair that it depends on."""
    parts = (pair.reference, pair.candidate, pair.data, pair.candidate_data, pair.view)
    return sha256(repr(parts).encode()).hexdigest()[:16]


class Verdicts:
    """Verdicts by digest, kept in a file from run to run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, list[str]] = json.loads(path.read_text()) if path.exists() else {}

    def of(self, pair: Pair, seconds: float = 0.5, look: bool = True, patience: float = 3.0) -> Truth:
        """The truth of a pair, looked for where it is not known (or "unknown", where one may not ``look``)."""
        key = digest(pair)
        if key not in self.known:
            if not look:
                return Truth("unknown", "not looked at")
            by_hand = pair.level in ("alternative", "near miss")
            try:
                found = truth(pair, 10 * seconds, 44) if by_hand else truth(pair, seconds, 12, patience)
            except (Nl2optError, Undefined, ArithmeticError, RuntimeError) as e:
                found = Truth("unknown", "no verdict", f"{type(e).__name__}: {e}"[:200])
            self.known[key] = [found.word, found.method, found.why[:160]]
        word, method, why = self.known[key]
        return Truth(word, method, why)  # type: ignore[arg-type]

    def exchanged(self, pair: Pair, look: bool = True) -> bool:
        """Is a pair with new names the same again where two decisions change places? False where it is not known."""
        if not RENAMED & set(pair.note.split("+")):
            return False
        key = f"exchanged {digest(pair)}"
        if key not in self.known:
            if not look:
                return False
            try:
                found = exchanged(pair)
            except (Nl2optError, Undefined, ArithmeticError, RuntimeError):
                found = False
            self.known[key] = ["yes" if found else "no", "", ""]
        return self.known[key][0] == "yes"

    def save(self) -> None:
        """Write what is known."""
        lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(self.known.items()))
        self.path.write_text("{\n" + lines + "\n}\n")


def pairs(seed: int = SEED, verdicts: Path = VERDICTS, look: bool = True) -> Iterator[Pair]:
    """Seed -> every pair with its label, in a fixed order.

    A mutant is in it where `truth` shows that it differs; it is looked for where ``verdicts`` do not know it, unless
    ``look`` is off: then such mutants are left out.
    """
    known = Verdicts(verdicts)
    yield from alternatives()
    yield from rewrites(seed, REWRITES)
    for mutant in mutants(seed, MUTANTS):
        found = known.of(mutant, look=look)
        if found.word == "different" and not known.exchanged(mutant, look):
            yield replace(mutant, note=f"{mutant.note}; {found.why}".strip("; "))


def everything(seed: int) -> Iterator[Pair]:
    """The same with the mutants nobody has looked at yet; those that need looking at first."""
    return chain(alternatives(), mutants(seed, MUTANTS), rewrites(seed, REWRITES))


def table(seed: int, verdicts: Verdicts) -> str:
    """Counts by level and kind: made, and what was found of them."""
    levels: Counter[tuple[str, str, str]] = Counter()
    kinds: Counter[tuple[str, str]] = Counter()
    words: Counter[tuple[str, str, str]] = Counter()
    for pair in everything(seed):
        word = verdicts.of(pair, look=False).word
        levels[pair.level, pair.label, word] += 1
        for kind in pair.kind.split("+") if pair.level == "rewrite" else [pair.kind]:
            if pair.level in ("alternative", "near miss"):
                continue
            level = "rewrite" if pair.level == "rewrite" else "mistake"
            kinds[level, kind] += 1
            words[level, kind, word] += 1
    lines = [f"seed {seed}", "", f"{'level':<20}{'label':<12}{'found':<11}{'pairs':>6}"]
    lines += [f"{level:<20}{label:<12}{word:<11}{n:>6}" for (level, label, word), n in sorted(levels.items())]
    lines += ["", f"{'':<9}{'kind':<28}{'made':>6}{'same':>6}{'affine':>8}{'different':>11}{'unknown':>9}"]
    for (level, kind), n in sorted(kinds.items()):
        counts = [words[level, kind, w] for w in ("same", "affine", "different", "unknown")]
        lines.append(f"{level:<9}{kind:<28}{n:>6}{counts[0]:>6}{counts[1]:>8}{counts[2]:>11}{counts[3]:>9}")
    return "\n".join(lines)
