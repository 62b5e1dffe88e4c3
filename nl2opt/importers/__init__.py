"""File of another system -> Model, so that an old model can be explained, checked, solved and emitted elsewhere.

LP and MPS files hold rows and columns and no structure. A small one becomes a document a person reads, a constraint a
row; names with brackets, `ship(lyon,paris)`, become members of one family. A large one becomes the sparse matrix it is.
"""

from __future__ import annotations

from pathlib import Path

from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.ir.model import Model

SUFFIXES = (".lp", ".mps", ".lp.gz", ".mps.gz")
"""Endings of the files that can be imported."""


def is_importable(path: str | Path) -> bool:
    """True where the ending is that of a file which `import_model` reads."""
    return str(path).lower().endswith(SUFFIXES)


def import_model(path: str | Path) -> Model:
    """LP or MPS file -> Model.

    Raises DocumentError: E002 no such file, E020 no such format, E021 not readable, E022 not sayable.
    """
    from nl2opt.importers import document, matrix, rows

    if not is_importable(path):
        raise DocumentError(
            Diagnostic("E020", "no format that is imported", str(path), Path(path).suffix, ", ".join(SUFFIXES))
        )
    read = rows.read(Path(path))
    return document.as_document(read) if document.fits(read) else matrix.as_matrix(read)
