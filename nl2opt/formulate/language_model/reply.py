"""Reply of a language model -> document: the JSON object in it, ids of sentences and numbers turned into quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from nl2opt.errors import Diagnostic, DocumentError
from nl2opt.ir.document.schema import SECTIONS
from nl2opt.ir.passage import Passage

Json = Any
_ID = re.compile(r"[SN]\d{1,4}")


def document_of(reply: str) -> dict[str, Json]:
    """Text with a JSON object somewhere in it -> the object. Raises DocumentError (E030) where there is none.

    Of several objects the last that looks like a document: a model that thinks aloud ends with its answer.
    """
    found = [o for o in _objects(reply) if isinstance(o, dict) and set(o) & set(SECTIONS)]
    if not found:
        shown = " ".join(reply.split())[:160]
        raise DocumentError(Diagnostic("E030", "no document in the reply", found=shown, expected="one JSON object",
                                       fix="reply with the JSON object only"))  # fmt: skip
    return found[-1]


def _objects(text: str) -> Iterator[Json]:
    """Every JSON object in a text that is not inside another."""
    decoder = json.JSONDecoder()
    at = 0
    while (start := text.find("{", at)) >= 0:
        try:
            value, at = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            at = start + 1
            continue
        yield value


def with_quotes(document: dict[str, Json], passage: Passage) -> dict[str, Json]:
    """Document -> the same with every `S3` and `N7` among its quotes replaced by what they stand for.

    A quote that differs from the text in case or white space only is written as it stands there.
    """
    out = dict(document)
    for section, items in document.items():
        if isinstance(items, list):
            out[section] = [_item(i, passage) if isinstance(i, dict) else i for i in items]
    return out


def _item(item: dict[str, Json], passage: Passage) -> dict[str, Json]:
    if not isinstance(item.get("quotes"), list):
        return item
    kept: list[Json] = []
    for q in item["quotes"]:
        found = _quote(q, passage)
        if found is not None and found not in kept:
            kept.append(found)
    return {**item, "quotes": kept}


def _quote(q: Json, passage: Passage) -> Json:
    """One quote as the document wants it; None for an empty one."""
    if not isinstance(q, str):
        return q
    name = q.strip().strip("[]")
    if _ID.fullmatch(name):
        places = {x.id: (x.start, x.end) for x in passage.sentences}
        places |= {x.id: (x.start, x.end) for x in passage.quantities}
        return _placed(passage.text, *places[name]) if name in places else q
    if not name:
        return None
    if q in passage.text:
        return q
    loose = r"\s+".join(map(re.escape, q.split()))
    match = re.search(loose, passage.text, re.IGNORECASE)
    return q if match is None else _placed(passage.text, match.start(), match.end())


def _placed(text: str, start: int, end: int) -> Json:
    """A piece of the text, with its number where it occurs more than once."""
    body = text[start:end]
    places = [m.start() for m in re.finditer(re.escape(body), text)]
    return body if len(places) < 2 else {"text": body, "nth": places.index(start) + 1 if start in places else 1}
