"""The command line: thin verbs over `import nl2opt`. What is printed for people is drawn by `console`.

Exit codes: 0 done · 1 checks found errors in a valid call · 2 wrong usage · 3 the document is not a valid model ·
4 the data do not fit · 5 the text is beyond the translator · 6 infeasible · 7 unbounded · 8 stopped by a limit
without a proof · 9 no solver or program could do it, or the answer failed its checks · 130 interrupted.
"""

# ruff: noqa: I001
from __future__ import annotations

import os
import sys

from nl2opt.cli import modelling, looking, benchmarks, making  # the help lists the verbs in this order
from nl2opt.cli.shared import app

__all__ = ["app", "benchmarks", "looking", "main", "making", "modelling"]


def main() -> None:
    """The console script."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small arrays: more threads only wait for each other
    try:
        app()
    except BrokenPipeError:  # the reader of a pipe left: nothing to report, and nobody to report it to
        sys.stderr.close()
