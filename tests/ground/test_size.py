"""A model beyond the limit of terms is refused by every native route before its memory is used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from nl2opt.errors import LimitExceeded
from nl2opt.ground.linear.grounding import ground
from nl2opt.ground.size import check_size
from nl2opt.ir import limits
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.passes import apply

HEAD = "nl2opt: 1\nsets: {I: range(1000), J: range(1000), K: range(1000), L: range(1000), N: range(2450)}\n"
PRODUCT = (
    HEAD
    + """
variables: {x: {over: "I, J", type: integer, upper: 1}}
constraints:
  - {name: small, for: i in I, expr: "sum(x[i, j] for j in J) <= 1"}
  - {name: large, for: "k in K, l in L", expr: "sum(x[i, j] for i in I for j in J) <= k + l"}
objectives: [{maximize: sum(x)}]
"""
)
AIM = (
    HEAD
    + """
variables: {x: {over: I, type: integer, upper: 1}}
objectives: [{maximize: "sum((j + k + l) * x[i] for i in I for j in J for k in K for l in L)"}]
"""
)
SIX = (
    HEAD
    + """
variables: {x: {over: N, type: integer, upper: 1}}
constraints: [{name: pairs, for: m in N, expr: "sum(x[n] for n in N) <= m"}]
objectives: [{maximize: sum(x)}]
"""
)

CHILD = """
import json, resource, sys, time
from nl2opt.errors import LimitExceeded
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.solvers import cpsat, highs, scip
instance = bind(read_document(sys.argv[1]))
held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + (200 << 20),) * 2)
found = {}
for route in (highs, cpsat, scip):
    started = time.perf_counter()
    try:
        route.solve(instance)
    except LimitExceeded as e:
        d = e.diagnostics[0]
        found[route.__name__] = [d.code, d.where, d.found, d.expected, d.fix, time.perf_counter() - started]
print(json.dumps([found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of a process's memory is set as Linux does")
@pytest.mark.parametrize(
    ("document", "where", "size"),
    [
        (PRODUCT, "constraint `large`", "1,000,000 rows with 1,000,000,000,000 terms"),
        (AIM, "objectives[0]", "1,000,000,000,000 terms"),
        (SIX, "constraint `pairs`", "2,450 rows with 6,002,500 terms"),
    ],
    ids=["1e12", "1e12 in the aim", "6e6"],
)
def test_refused_before_memory_is_used(document: str, where: str, size: str) -> None:
    """Each route names the constraint, its size, the limit and the fix, within 200 MB of further address space."""
    ran = subprocess.run([sys.executable, "-c", CHILD, document], capture_output=True, text=True, check=True)
    found, kilobytes = json.loads(ran.stdout)
    assert sorted(found) == ["nl2opt.solvers.cpsat", "nl2opt.solvers.highs", "nl2opt.solvers.scip"]
    for code, told, terms, most, fix, seconds in found.values():
        assert (code, told) == ("V114", where)
        assert terms.startswith(size)
        assert most == "at most 5,000,000 terms"
        assert fix
        assert seconds < 5
    assert kilobytes < 64_000


@pytest.mark.parametrize(
    ("constraint", "terms"),
    [
        ("for: 'i in A, j in A', expr: 'x[i] + x[j] <= 1'", 32),
        ("for: 'i in A, j in A if i < j', expr: 'x[i] + x[j] <= 1'", 12),
        ("for: 'i in A, j in A', expr: 'x[i] <= 1 if i < j else x[j] + x[i] >= 0'", 32),
        ("for: 'i in A, j in A', expr: 'implies(i < j, x[i] + x[j] <= 1)'", 12),
        ("for: 'i in A', expr: 'sum(x[j] for j in range(i)) <= 1'", 6),
        ("for: 'i in A', expr: 'total + y[i] >= i'", 20),
        ("expr: 'sum(x) + sum(i * i for i in A for j in A) >= 3'", 4),
        ("for: 'i in A', expr: 'sum(x[j] for j in near[i]) <= 1'", 3),
    ],
)
def test_the_terms_of_a_constraint(constraint: str, terms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One variable at one binding is one term; known filters and conditions are counted as they keep."""
    text = f"""
nl2opt: 1
sets: {{A: range(4), near: {{over: A, elements: [[1], [0, 2], [], []]}}}}
variables: {{x: {{over: A, type: binary}}, y: {{over: A, type: integer, upper: 3}}}}
expressions: {{total: sum(x)}}
constraints: [{{name: c, {constraint}}}]
"""
    instance = bind(read_document(text))
    monkeypatch.setattr(limits, "GROUNDED_TERMS", terms)
    check_size(instance)
    monkeypatch.setattr(limits, "GROUNDED_TERMS", terms - 1)
    with pytest.raises(LimitExceeded, match=f"rows with {terms} terms"):
        check_size(instance)


def test_a_filter_over_too_many_names_its_constraint() -> None:
    """A count that would itself be too long is refused with the constraint it is about."""
    text = """
nl2opt: 1
sets: {I: range(1000000)}
variables: {x: {over: I, type: binary}}
constraints: [{name: order, for: "i in I, j in I if i < j", expr: "x[i] <= x[j]"}]
"""
    with pytest.raises(LimitExceeded, match=r"(?s)constraint `order`.*1000000000000 combinations"):
        check_size(bind(read_document(text)))


def test_columns_a_rewrite_adds_are_counted() -> None:
    """A binary for every element a variable may take: beyond the limit the variable is named."""
    text = """
nl2opt: 1
sets: {I: range(3000)}
variables: {x: {over: I, in: I}}
constraints: [{name: apart, expr: all_different(x)}]
"""
    instance = bind(read_document(text))
    with pytest.raises(LimitExceeded, match=r"(?s)variable `x`.*9,000,000 columns"):
        ground(instance, apply(instance.model)[0])
