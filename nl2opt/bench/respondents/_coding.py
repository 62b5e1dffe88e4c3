"""Item -> a program by a language model, in one step: what the field calls the standard baseline.

The program is given the data as `data.json` beside it and prints one JSON object on its last line; it is run in the
sandbox, never here, and nothing of it is changed: no import added, no status guessed, no number picked from its prints.
"""

from __future__ import annotations

import re
from typing import Final

from nl2opt.bench.items import Item
from nl2opt.bench.programs import check_confined
from nl2opt.bench.respondents import Ask, Asking, Response, question_of
from nl2opt.bench.respondents._client import Recording, client_of
from nl2opt.llm import Message, Request

SYSTEM: Final = """\
You write one Python program that solves an optimization problem with {library}. {hint}
Where data are given as JSON, read them from the file data.json in the working folder, do not copy them: the program \
will be run on other data of the same form. On its last line the program prints one JSON object with the keys "status" \
("optimal", "infeasible" or "unbounded"), "objective" (a number, or null where nothing is optimized) and "values" (an \
object with the values to report, by name, in the shapes asked for; empty where none are asked for). Print nothing \
else on that line. Answer with the program alone, in one Python code block."""


def prepare(settings: Asking, library: str, hint: str) -> Ask:
    """Settings, a modelling library -> item, sample -> Response with a program.

    Raises SolverFailure (E803) at once where its programs could not be confined and must be.
    """
    check_confined(settings.unconfined)
    client = client_of(settings)
    system = Message("system", SYSTEM.format(library=library, hint=hint))

    def ask(item: Item, sample: int) -> Response:
        recording = Recording(client, sample, settings.temperature)
        reply = recording.complete(Request(settings.model, (system, Message("user", question_of(item)))))
        program = program_of(reply.text)
        refusal = "" if program else "the reply holds no program"
        return Response(program=program, refusal=refusal, calls=tuple(recording.calls))

    return ask


def program_of(reply: str) -> str:
    """A reply -> the program in its last code block, or the reply where it has none and reads as a program.

    >>> program_of("Here:\\n```python\\nprint(1)\\n```")
    'print(1)\\n'
    >>> program_of("I cannot do that.")
    ''
    """
    blocks: list[str] = re.findall(r"```(?:python|py)?[ \t]*\n(.*?)```", reply, re.DOTALL | re.IGNORECASE)
    if blocks:
        return blocks[-1]
    return reply if re.search(r"^(?:import|from) \w+", reply, re.MULTILINE) else ""
