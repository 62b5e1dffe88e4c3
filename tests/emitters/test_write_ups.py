"""Models written up in LaTeX and Markdown: the notation form by form, everything said, nothing of a label is markup."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from conftest import require_tool
from emitters.test_emitted_cases import CASES, read_case

from nl2opt.emitters import emit
from nl2opt.emitters.mathematics.notation import Notation, escaped, symbol
from nl2opt.emitters.mathematics.writeup import LONG, width, write_up
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.ir.instance import Instance
from nl2opt.ir.text import parse_expression, parse_over, parse_set

MODEL = read_document("""
nl2opt: 1
name: forms
sets: {I: [a, b, c], T: range(4)}
parameters: {p: {over: I, value: [1, 2, 3]}, d: {over: "I, I", value: [[0, 1, 2], [1, 0, 3], [2, 3, 0]]}}
variables: {x: {over: I, type: integer, upper: 9}, y: {type: real},
  s: {over: T, type: real}, z: {over: I, type: binary}}
""")

FORMS = {
    "sum(p[i] * x[i] for i in I if i != 'a') <= 12000": r"\sum_{i \in I:\ i \ne \text{a}} p_{i}\, x_{i} \le 12\,000",
    "sum(x)": r"\sum_{i} x_{i}",
    "2 * x['a'] - 3 * (y + 1)": r"2\, x_{\text{a}} - 3\, \left(y + 1\right)",
    "0.5 * 3 * y": r"0.5 \cdot 3\, y",
    "x['a'] / (y + 1)": r"\frac{x_{\text{a}}}{y + 1}",
    "x['a'] // 2 + x['b'] % 3": r"\left\lfloor\frac{x_{\text{a}}}{2}\right\rfloor + x_{\text{b}} \bmod 3",
    "(y + 1) ** 2": r"{\left(y + 1\right)}^{2}",
    "abs(y - 3)": r"\left|y - 3\right|",
    "1 <= y <= 5": r"1 \le y \le 5",
    "implies(z['a'], y <= 3)": r"z_{\text{a}} \;\Rightarrow\; y \le 3",
    "not (y <= 3)": r"\neg \left(y \le 3\right)",
    "y >= 1 and y <= 3 or z['a']": r"\left(y \ge 1 \wedge y \le 3\right) \vee z_{\text{a}}",
    "sum(x[i] == 2 for i in I) <= 1": r"\sum_{i \in I} \left[\,x_{i} = 2\,\right] \le 1",
    "all(x[i] <= 1 for i in I)": r"\bigwedge_{i \in I} x_{i} \le 1",
    "max(x[i] for i in I)": r"\max_{i \in I} x_{i}",
    "min(y, 3)": r"\min\left(y, 3\right)",
    "all_different(x)": r"\operatorname{alldifferent}\left(x_{i}\right)",
    "s[prev(t)] + s[next(t, 2)]": r"s_{t-1} + s_{t+2}",
    "s[prev(t, wrap=True)]": r"s_{t\ominus 1}",
    "x['a'] in {1, 4}": r"x_{\text{a}} \in \left\{1, 4\right\}",
    "x['a'] not in {1, 4}": r"x_{\text{a}} \notin \left\{1, 4\right\}",
    "y if p['a'] > 1 else 2": r"\begin{cases} y & \text{if } p_{\text{a}} > 1 \\ 2 & \text{otherwise} \end{cases}",
    "sqrt(2) * exp(1) + log(2)": r"\sqrt{2}\, e^{1} + \ln\left(2\right)",
    "-y": "-y",
    "(y + 1) * -1": r"\left(y + 1\right)\, \left(-1\right)",
    "len(I)": r"\left|I\right|",
}


@pytest.mark.parametrize("text", FORMS)
def test_notation(text: str) -> None:
    """One form, as a textbook prints it."""
    assert (
        Notation(MODEL).number(parse_expression(text)) == FORMS[text]
        or Notation(MODEL).condition(parse_expression(text)) == FORMS[text]
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("range(5)", r"\{0,\dots,4\}"),
        ("range(1, n + 1)", r"\{1,\dots,n\}"),
        ("range(k, n)", r"\{k,\dots,n-1\}"),
        ("{(i, j) for i in I for j in I if i < j}", r"\{\left(i, j\right) : i \in I,\ j \in I:\ i < j\}"),
        ("I - {'a'}", r"I \setminus \left\{\text{a}\right\}"),
    ],
)
def test_sets(text: str, expected: str) -> None:
    assert Notation(MODEL).set(parse_set(text)) == expected


def test_an_over_by_position_names_its_indices_apart() -> None:
    """`I, I` has two indices, not one twice."""
    assert Notation(MODEL).over(parse_over("I, I")) == r"i \in I,\ j \in I"


def test_symbols() -> None:
    """A letter, a letter with a number, a Greek letter, a word."""
    assert [symbol(s) for s in ("x", "x1", "lambda", "rye_ordered")] == [
        "x",
        "x_{1}",
        r"\lambda",
        r"\mathit{rye\,ordered}",
    ]


def unescaped(text: str, character: str) -> int:
    """How often a character stands unescaped."""
    return len(re.findall(rf"(?<!\\)(?:\\\\)*{re.escape(character)}", text))


def assert_balanced(text: str) -> None:
    """Braces, \\left and \\right, \\begin and \\end come in pairs."""
    assert unescaped(text, "{") == unescaped(text, "}")
    assert len(re.findall(r"\\left\b", text)) == len(re.findall(r"\\right\b", text))
    assert sorted(re.findall(r"\\begin\{(\w+\*?)\}", text)) == sorted(re.findall(r"\\end\{(\w+\*?)\}", text))


@pytest.mark.parametrize("folder", CASES, ids=lambda c: c.name)
def test_everything_is_said(folder: Path) -> None:
    """Every constraint with its name and its quotes, every symbol; what opens closes; no line is too long."""
    instance = read_case(folder)
    for target in ("latex", "markdown"):
        text = emit(instance, target).source
        assert_balanced(text)
        for item in (*instance.model.sets, *instance.model.parameters, *instance.model.variables):
            assert symbol(item.name) in text
        for c in instance.model.constraints:
            assert c.name.replace("_", " ").capitalize()[1:] in text.replace("\\", "")
    for s in write_up(instance, relax=False).constraints:
        assert all(width(line) <= LONG + 40 for line in s.lines[:-1])


HOSTILE = r"""
nl2opt: 1
name: hostile
description: "100 % of $5 & #1_a {b} ~ ^ \\input{x}"
sets: {Odd: ["\\input{/etc/passwd}", "a|b", "$x$", "<b>", "x_y"]}
variables: {x: {over: Odd, type: integer, unit: "a|b*c"}}
constraints:
  - {name: c, expr: "x['a|b'] + x['$x$'] <= x['\\\\input{/etc/passwd}']"}
objectives: [{maximize: "sum(x)"}]
"""


def hostile() -> Instance:
    """Labels and texts full of markup."""
    return bind(read_document(HOSTILE))


def test_markup_in_labels_is_text() -> None:
    """No command of a label reaches LaTeX; no bar of a label ends a cell of Markdown."""
    assert r"\input" not in emit(hostile(), "latex").source
    markdown = emit(hostile(), "markdown").source
    (head,) = {line.count("|") - line.count(r"\|") for line in markdown.splitlines() if line.startswith("| $x_")}
    assert head == 4
    assert escaped("a\nb\x00\u202ec") == "a bc"


@pytest.mark.parametrize("folder", CASES, ids=lambda c: c.name)
def test_latex_compiles(folder: Path, tmp_path: Path) -> None:
    """pdflatex makes pages of every case, no formula runs off them."""
    compiled(read_case(folder), tmp_path)


def test_hostile_latex_compiles(tmp_path: Path) -> None:
    compiled(hostile(), tmp_path)


def compiled(instance: Instance, folder: Path) -> None:
    """The write-up of an instance through pdflatex."""
    tool = require_tool("pdflatex")
    (folder / "m.tex").write_text(emit(instance, "latex").source, encoding="utf-8")
    command = [tool, "-interaction=nonstopmode", "-halt-on-error", "m.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    log = run.stdout.decode("utf-8", "replace")
    assert run.returncode == 0, re.findall(r"^!.*\n.*\n.*", log, re.M)
    assert all(float(points) < 40 for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log))
