"""Command: seed -> a table of the pairs by level and kind; with --verify, what is true of them is found and kept."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from planted.pairs.collection import SEED, VERDICTS, Verdicts, everything, table


def main() -> None:
    """Read the arguments, look for what is not known yet where that is asked, print the table."""
    parser = argparse.ArgumentParser(prog="python -m planted.pairs", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--verdicts", type=Path, default=VERDICTS, help="the file verdicts are kept in")
    parser.add_argument("--verify", action="store_true", help="look for the verdicts that are missing (many minutes)")
    parser.add_argument("--mutants-only", action="store_true", help="verify only those, whose labels hang on it")
    parser.add_argument("--seconds", type=float, default=0.5, help="processor time for listing one side of a pair")
    parser.add_argument("--patience", type=float, default=3.0, help="time for directions where nothing is linear")
    options = parser.parse_args()
    verdicts = Verdicts(options.verdicts)
    if options.verify:
        for n, pair in enumerate(everything(options.seed), 1):
            if options.mutants_only and not pair.level.startswith("mutant"):
                continue
            found = verdicts.of(pair, options.seconds, patience=options.patience)
            if found.word == "different" and pair.level.startswith("mutant"):
                verdicts.exchanged(pair)
            allowed = {"same", "unknown", pair.goal} if pair.label == "equivalent" else {"different"}
            if found.word not in allowed and not pair.level.startswith("mutant"):
                print(f"{pair.id} ({pair.kind}): labelled {pair.label}, found {found}", file=sys.stderr)
            if n % 20 == 0:
                verdicts.save()
        verdicts.save()
    print(table(options.seed, verdicts))


if __name__ == "__main__":
    main()
