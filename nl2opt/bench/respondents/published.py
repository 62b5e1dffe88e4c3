"""Published predictions from a file: one object a line with `id` (or the text), and what was answered.

`answer`: the value, a word such as `infeasible`, or null for no answer; `sample`: which of several, 0 unless given;
`confidence`, `doubts`; `values`: printed values by name, where an item asks for them; or a `model`, a document.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from nl2opt.bench.forms import TEXTS, id_of, read_json_rows
from nl2opt.bench.forms.qa import expected_of
from nl2opt.bench.items import Item
from nl2opt.bench.readings import Outcome
from nl2opt.bench.respondents import Ask, Asking, Response
from nl2opt.errors import DataError, Diagnostic
from nl2opt.ir.document import read_document


def prepare(settings: Asking) -> Ask:
    """Settings -> item, sample -> what the file says."""
    rows = _rows(settings.predictions)

    def ask(item: Item, sample: int) -> Response:
        row = rows.get((item.id, sample)) or rows.get((id_of({}, item.text), sample))
        return Response(refusal="the file has no prediction for it") if row is None else _response(row)

    return ask


@lru_cache(maxsize=4)
def _rows(path: str) -> dict[tuple[str, int], dict[str, Any]]:
    if not path:
        raise DataError(Diagnostic("D306", "published predictions need a file", fix="--predictions FILE"))
    found = {}
    for row in read_json_rows(Path(path)):
        text = next((row[k] for k in TEXTS if isinstance(row.get(k), str)), "")
        found[id_of(row, text), int(row.get("sample", 0))] = row
    return found


def _response(row: dict[str, Any]) -> Response:
    return replace(_said(row), doubts=tuple(row.get("doubts", ())), confidence=float(row.get("confidence", 0.0)))


def _said(row: dict[str, Any]) -> Response:
    if "model" in row:
        return Response(model=read_document(json.dumps(row["model"])))
    try:
        expected = expected_of(row.get("answer"))
    except ValueError:
        return Response(refusal=f"the answer is no number: {str(row['answer'])[:80]}")
    if expected is None and "values" not in row:
        return Response(refusal="no answer")
    status = expected.status if expected else "optimal"
    value = Outcome("declared", status, expected.value if expected else None)
    return Response(value=value, printed=row.get("values"))
