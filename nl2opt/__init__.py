"""Plain language -> checked optimization models: the nouns and arrows of nl2opt.

    text --formulate--> Formulation.model --bind--> Instance --solve--> Answer --explain--> Explanation

Nothing heavy is imported until a name is used; no optional dependency ever is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nl2opt.check
import nl2opt.explain
import nl2opt.formulate  # noqa: F401  (the rooms are loaded first: the functions of the same names below stay)

if TYPE_CHECKING:
    from nl2opt.check.judge.verdict import Verdict
    from nl2opt.emitters import Program
    from nl2opt.errors import Diagnostic, DocumentError
    from nl2opt.explain.answer import Answer
    from nl2opt.explain.report import Explanation
    from nl2opt.formulate.formulation import Formulation
    from nl2opt.ir.instance import Instance
    from nl2opt.ir.model import Model
    from nl2opt.solvers.routes import SolverName

__version__ = "0.1.0"

_HOMES = {
    "Answer": "nl2opt.explain.answer",
    "Diagnostic": "nl2opt.errors",
    "DocumentError": "nl2opt.errors",
    "Explanation": "nl2opt.explain.report",
    "Formulation": "nl2opt.formulate.formulation",
    "Instance": "nl2opt.ir.instance",
    "Model": "nl2opt.ir.model",
    "Nl2optError": "nl2opt.errors",
    "Program": "nl2opt.emitters",
    "Result": "nl2opt.solvers.result",
    "Verdict": "nl2opt.check.judge.verdict",
}

__all__ = [
    "Answer", "Diagnostic", "DocumentError", "Explanation", "Formulation", "Instance", "Model", "Nl2optError",
    "Program", "Result", "Verdict", "bind", "check", "emit", "explain", "formulate", "judge", "read", "solve",
]  # fmt: skip

Data = Mapping[str, Any] | Sequence[str | Path] | None


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'nl2opt' has no attribute {name!r}")


def formulate(text: str, translator: str = "embedded", model: str = "", base_url: str = "") -> Formulation:
    """A problem in plain language -> Formulation: its model, or why there is none, with anchors and doubts.

    ``translator`` `llm` asks the language model ``model`` of the OpenAI-compatible server at ``base_url``; its key
    comes from the environment, replies are cached. Raises ModelFailure where it cannot be asked.
    """
    from nl2opt.formulate.translators import formulate as run

    if translator != "llm":
        return run(text, translator)
    from nl2opt.llm.cache import Cached
    from nl2opt.llm.openai_compatible import OpenAICompatible

    client = OpenAICompatible(base_url)
    return run(text, translator, Cached(client, client.base_url), model)


def read(document: str | Path) -> Model:
    """A document's text, or the path of its file -> Model; the path of an LP or MPS file too.

    A text of one line that ends as such a file does is taken as a path. Raises DocumentError where a part cannot be
    read, with everything that is wrong: that, and the static errors of all that can. A model that can be read may have
    such errors: `check` tells.
    """
    from nl2opt.check.reading import read_model
    from nl2opt.importers import import_model, is_importable

    if is_importable(document) and "\n" not in str(document):
        return import_model(document)
    return read_model(document)


def check(model: Model) -> tuple[Diagnostic, ...]:
    """Model -> all static errors and warnings, templates claimed and numbers without a source included."""
    from nl2opt.check.model import check_model

    return check_model(model)


def bind(model: Model, data: Data = None) -> Instance:
    """Model and data (a mapping by name, or JSON, CSV and XLSX files) -> Instance. Raises DataError."""
    from nl2opt.ir.bind import bind as run

    if data is None or isinstance(data, Mapping):
        return run(model, data)
    from nl2opt.ir.datafiles import read_data

    return run(model, read_data([Path(p) for p in data], model).values)


def solve(
    problem: Instance | Model | str,
    data: Data = None,
    solver: SolverName = "auto",
    time_limit: float | None = None,
) -> Answer:
    """An instance, a model with data, or a text -> Answer: result, referee, second route, conflict.

    ``time_limit`` in seconds for each solve. A text is formulated first; raises TextRefused where that is beyond the
    translator. Infeasible, unbounded and limits are results.
    """
    from nl2opt.explain.answer import answer
    from nl2opt.ir.instance import Instance as _Instance
    from nl2opt.solvers.result import SolveOptions

    model = formulate(problem).require_model() if isinstance(problem, str) else problem
    instance = model if isinstance(model, _Instance) else bind(model, data)
    return answer(instance, solver, SolveOptions(time_limit=time_limit))


def emit(problem: Instance | Model, to: str, data: Data = None) -> Program:
    """An instance, or a model with data -> Program: readable source for a target, its data apart."""
    from nl2opt.emitters import emit as run
    from nl2opt.ir.instance import Instance as _Instance

    return run(problem if isinstance(problem, _Instance) else bind(problem, data), to)


def explain(answer: Answer) -> Explanation:
    """Answer -> Explanation: values, what binds, what conflicts, what was checked, in the person's own sentences."""
    from nl2opt.explain.report import report

    return report(answer)


def judge(reference: Instance | Model, candidate: Instance | Model, data: Data = None, seconds: float = 5.0) -> Verdict:
    """Two models -> Verdict: equivalent, in which scope and by which method, or what tells them apart.

    ``data`` are the reference's; of what the candidate has no values for, the candidate's too. See docs/EQUIVALENCE.md.
    """
    from nl2opt.check.judge import judge as run
    from nl2opt.ir.instance import Instance as _Instance

    a = reference if isinstance(reference, _Instance) else bind(reference, data)
    if data is None or isinstance(data, Mapping) or isinstance(candidate, _Instance):
        return run(a, candidate, data if isinstance(data, Mapping) else None, seconds=seconds)
    from nl2opt.ir.datafiles import read_data

    values = read_data([Path(p) for p in data], a.model).values
    return run(a, candidate, values, seconds=seconds)
