"""`python -m nl2opt.ir.reference [file]`: the reference to a file, or to standard output."""

import sys
from pathlib import Path

from nl2opt.ir.reference.sections import document

if len(sys.argv) > 1:
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
else:
    sys.stdout.write(document())
