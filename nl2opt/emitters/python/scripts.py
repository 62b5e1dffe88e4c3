"""Parts of a program -> its text: docstring, imports, `build`, `solve`, DATA, and what runs when it is called."""

from __future__ import annotations

import json
import re
import textwrap
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from nl2opt.emitters.python.data import Entry
from nl2opt.emitters.python.identifiers import ascii_identifier, comment_text, docstring_text, string_literal
from nl2opt.emitters.python.layout import WIDTH, wrapped
from nl2opt.emitters.python.literals import data_block
from nl2opt.ir.model import Model

ONE_OF_ALL: Final = "The model asks for all solutions or their number; this program finds one"
"""What a docstring says where a program cannot do what is asked."""

COMMON_FUNCTIONS: Final = {
    "step": '''
def step(order, element, places, wrap=False):
    """The element so many places after another in an order; a KeyError beyond its ends."""
    place = order.index(element) + places
    if wrap:
        place %= len(order)
    if not 0 <= place < len(order):
        raise KeyError(f"no element {places} places from {element!r}")
    return order[place]
''',
}
"""What a program of any target may define for itself: name -> source."""


@dataclass(frozen=True)
class Script:
    """The parts of a program. ``body`` are the blocks of `build`, ``solve`` the text of `solve`, ``run`` the lines that
    build, solve and print once the arguments are read; ``library`` has the functions the target may define,
    ``options`` are further arguments of the command line, ``whole`` the names of data that must be whole numbers,
    ``note`` a sentence of the docstring."""

    model: Model
    title: str
    needs: str
    imports: frozenset[str]
    package: str
    functions: frozenset[str]
    returns: str
    body: Sequence[Sequence[str]]
    solve: str
    run: str
    entries: Sequence[Entry]
    library: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()
    whole: Sequence[str] = ()
    note: str = ""


def program_filename(model: Model, target: str) -> str:
    """`bakery_loaves_pyomo.py`."""
    return f"{ascii_identifier(model.name) or 'model'}_{target}.py"


def block(title: str, lines: Sequence[str]) -> list[str]:
    """Lines under a one-line comment; nothing where there are none."""
    return [f"# {title}", *lines] if lines else []


def assemble(script: Script, filename: str) -> str:
    """Script -> the text of the program."""
    blocks = [b for b in script.body if b]
    indented = [[line for raw in b for line in wrapped(f"    {raw}")] for b in blocks]
    build = ["def build(data):", f'    """{script.returns}"""']
    for i, lines in enumerate(indented):
        build += ([""] if i else []) + _spaced(lines)
    library = {**COMMON_FUNCTIONS, **script.library}
    called = _called(script.functions, library)
    functions = [library[name].strip("\n") for name in library if name in called]
    parts = [
        f'"""{_docstring(script, filename)}"""\n\n' + "\n".join(_imports(script)),
        "\n".join(build),
        *functions,
        script.solve.strip("\n"),
        *_whole(script),
        *_stale(script),
        "\n".join(data_block(script.entries)),
        _main(script).replace("RUN", textwrap.indent(_run(script).strip("\n"), "    ").lstrip()),
    ]
    return "\n\n\n".join(parts) + "\n"


def _called(functions: Iterable[str], library: Mapping[str, str]) -> set[str]:
    """Functions of a library -> the same and all they call."""
    found: set[str] = set()
    waiting = list(functions)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in library if re.search(rf"\b{other}\(", library[name])]
    return found


_MAIN = """
if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", help="JSON file with other data, in the shape of DATA")
    parser.add_argument("--time-limit", type=float, help="seconds")
    OPTIONS
    arguments = parser.parse_args()
    if arguments.data:
        with open(arguments.data, encoding="utf-8") as file:
            DATA = json.load(file)
        REQUIRE
    RUN
"""


def _main(script: Script) -> str:
    """What runs when the program is called, with the options of the target."""
    return (
        _MAIN.strip("\n")
        .replace("    OPTIONS\n", "".join(f"    {option}\n" for option in script.options))
        .replace("        REQUIRE\n", "        require_whole(DATA)\n" if script.whole else "")
    )


_STALE = """
def stale(data):
    \"\"\"Data -> a warning for each bound that was kept while the data it follows from changed.\"\"\"
    given = {name: value for name, value in data.items() if name not in INFERRED}
    if fingerprint(given) == WRITTEN_FOR:
        return []
    kept = [name for name, printed in INFERRED.items() if fingerprint(data[name]) == printed]
    return [f"`{name}` follows from other data: renew it, it may cut off solutions" for name in kept]


def fingerprint(value):
    \"\"\"Value of JSON -> a short text that changes with it.\"\"\"
    return f"{zlib.crc32(json.dumps(value, sort_keys=True).encode()):08x}"


# Fingerprints: of what is inferred from DATA, and of the rest of DATA it was inferred from
"""


_WHOLE = """
def require_whole(data):
    \"\"\"Data -> the end of the program where numbers it counts with are not whole.\"\"\"
    names = [name for name in WHOLE if not is_whole(data[name])]
    if names:
        listed = ", ".join(names)
        sys.exit(f"the data of {listed} must be whole: for decimals, write this program anew")


def is_whole(value):
    \"\"\"Number, or lists and maps of numbers -> True where none is written with decimals.\"\"\"
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return all(is_whole(v) for v in value)
    return not isinstance(value, float)


# What was whole when this was written, and is counted with
"""


def _whole(script: Script) -> Iterable[str]:
    """What refuses new data with decimals where the program counts in whole numbers."""
    if script.whole:
        listed = wrapped(f"WHOLE = [{', '.join(map(string_literal, script.whole))}]")
        yield "\n".join([_WHOLE.strip(), *listed])


def _stale(script: Script) -> Iterable[str]:
    """What tells that inferred data are those of other data; nothing where none are inferred."""
    inferred = [e for e in script.entries if e.inferred]
    if not inferred:
        return
    rest = {e.name: e.value for e in script.entries if not e.inferred}
    prints = [f"    {string_literal(e.name)}: {string_literal(_fingerprint(e.value))}," for e in inferred]
    written = f"WRITTEN_FOR = {string_literal(_fingerprint(rest))}"
    yield "\n".join([_STALE.strip("\n"), "INFERRED = {", *prints, "}", written])


def _fingerprint(value: object) -> str:
    return f"{zlib.crc32(json.dumps(value, sort_keys=True).encode()):08x}"


def _run(script: Script) -> str:
    if not any(e.inferred for e in script.entries):
        return script.run
    warned = """result["warnings"] = stale(DATA)
for warning in result["warnings"]:
    print(warning, file=sys.stderr)
print("""
    return script.run.replace("print(", warned)


def _docstring(script: Script, filename: str) -> str:
    title = docstring_text(script.model.description or script.model.name.replace("_", " "))
    title = title or "A model"
    lines = [title if title.endswith((".", "!", "?")) else f"{title}.", ""]
    lines += [f"{script.title} Run it with", "", f"    python {filename}"]
    lines += [f"    python {filename} other.json --time-limit 60", ""]
    lines += [f"The second uses other data, in the shape of DATA below. Needs: {script.needs}"]
    if script.note:
        lines += ["", *textwrap.wrap(docstring_text(script.note), WIDTH)]
    if script.model.assumptions:
        lines += ["", "Assumptions:"]
        for a in script.model.assumptions:
            lines += textwrap.wrap(docstring_text(a), WIDTH - 2, initial_indent="- ", subsequent_indent="  ",
                                   break_long_words=False)  # fmt: skip
    return "\n".join(lines) + "\n"


def _imports(script: Script) -> Iterable[str]:
    standard = ["import argparse", "import json"]
    if "math" in script.imports:
        standard.append("import math")
    if "sys" in script.imports or script.whole or any(e.inferred for e in script.entries):
        standard.append("import sys")
    if any(e.inferred for e in script.entries):
        standard.append("import zlib")
    if "Fraction" in script.imports:
        standard.append("from fractions import Fraction")
    return [*standard, "", script.package]


def _spaced(lines: list[str]) -> list[str]:
    """An empty line after the body of a rule, before what follows it in the same block."""
    out: list[str] = []
    for line in lines:
        if out and line.startswith("    ") and not line.startswith("     ") and out[-1].startswith("        return "):
            out.append("")
        out.append(line)
    return out


def remark(text: str) -> str:
    """Text -> a comment behind a line, or nothing."""
    return f"  # {comment_text(text)}" if text else ""
